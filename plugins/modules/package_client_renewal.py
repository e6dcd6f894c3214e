#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_client_renewal
short_description: Install a program that renews the logins of package clients
version_added: 1.0.0
description:
  - Installs one file, which any Python from 3.9 on can run, and its settings, in which there is no secret. Run as a user by a timer, it gets
    each login from a program C(keyring) by the machine's own identity, and writes it as M(pkgops.registry_auth.package_client_login) does.
  - This is for clients that ask no keyring themselves, such as npm, and those that look for one in their own environment only, such as twine and poetry.
author:
  - The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Of both files, checksums are shown.
  idempotent:
    support: full
requirements:
  - python >= 3.9 on the managed host
  - Linux on the managed host
notes:
  - It starts no timer. RV(command) is what one runs, as the user whose logins are renewed, well before they end.
  - The command ends with 0 when all went well. With 1, a login could not be had or written. The old one is then as it was, and a sentence
    on standard error says why. With 2, the settings cannot be read.
  - A keyring that does not answer within O(timeout) is ended, with whatever it started.
  - The password goes from the keyring to the file. It is never in an argument or in the environment.
  - The backend for CodeArtifact answers for addresses of its PyPI endpoint only. A token is for all repositories of a domain, so for
    npm name such an address of the domain in O(logins[].keyring_url).
  - Permissions needed are to write O(program) and O(settings) and their folders. Folders stay with V(absent).
seealso:
  - module: pkgops.registry_auth.package_client_login
  - module: pkgops.registry_auth.package_clients_info
options:
  state:
    description: Whether the two files are to be there.
    type: str
    choices: [present, absent]
    default: present
  program:
    description: Path of the program. A file that is there is replaced.
    type: path
    default: /opt/pkgops-registry-auth/renew.pyz
  settings:
    description:
      - Path of its settings. A file that is there is replaced. Users with other logins need settings of their own.
    type: path
    default: /opt/pkgops-registry-auth/renew.json
  clients:
    description: The clients that are logged in, as in M(pkgops.registry_auth.package_client_login). Needed with O(state=present).
    type: list
    elements: str
    choices: [pip, uv, twine, npm, poetry, netrc]
  timeout:
    description: Seconds that a keyring may take for one login.
    type: int
    default: 60
  logins:
    description: The logins to renew. Needed with O(state=present).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the index.
        type: str
        required: true
      url:
        description: URL of the index.
        type: str
        required: true
      format:
        description: Format of its packages.
        type: str
        choices: [python, npm]
        default: python
      username:
        description: User name. V(oauth2accesstoken) for Artifact Registry, V(aws) for CodeArtifact.
        type: str
        required: true
      keyring:
        description: Path of the program C(keyring) that has the backend.
        type: path
        required: true
      keyring_url:
        description: The address that it is asked for. O(logins[].url) when not set.
        type: str
      lifetime:
        description:
          - How long what it gives is good, in seconds or for example V(12h). The program notes with the login when that is over.
          - Artifact Registry's backend gives tokens for an hour or less, CodeArtifact's for what C(token_duration) of its settings says.
        type: str
      publish:
        description: Give the login to twine too, for the repository of this name.
        type: bool
        default: false
"""

EXAMPLES = r"""
- name: Install the renewal of a user's logins
  pkgops.registry_auth.package_client_renewal:
    program: "{{ playbook_dir }}/renew.pyz"
    settings: "{{ playbook_dir }}/renew.json"
    clients: [npm, twine]
    logins:
      - name: ours
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/python/simple/
        username: aws
        keyring: /opt/pkgops-registry-auth/keyring/bin/keyring
        lifetime: 1h
        publish: true
      - name: ours-npm
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/npm/
        format: npm
        username: aws
        keyring: /opt/pkgops-registry-auth/keyring/bin/keyring
        keyring_url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/python/simple/
        lifetime: 1h
  register: renewal

- name: Show what a timer runs
  ansible.builtin.debug:
    var: renewal.command

- name: Remove it
  pkgops.registry_auth.package_client_renewal:
    state: absent
    program: "{{ playbook_dir }}/renew.pyz"
    settings: "{{ playbook_dir }}/renew.json"
"""

RETURN = r"""
command:
  description: What a timer runs, the program and its argument.
  returned: success
  type: list
  elements: str
  sample: [/opt/pkgops-registry-auth/renew.pyz, /opt/pkgops-registry-auth/renew.json]
files:
  description: The program and its settings.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path of the file.
      type: str
      sample: /opt/pkgops-registry-auth/renew.pyz
    clients:
      description: Empty.
      type: list
      elements: str
    changed:
      description: Whether it was changed, or would be.
      type: bool
    state:
      description: V(present), or V(absent) when the file is not there.
      type: str
      sample: present
failure:
  description: What kind of failure it was, as C(code), for example V(file), V(permission_denied) or V(invalid_input).
  returned: failure
  type: dict
"""

from functools import partial

from ..module_utils._machines.renewal import install
from ..module_utils._machines.task import ended
from ..module_utils._options.common import MODULE
from ..module_utils._options.text import checked_module

LOGIN = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "format": {"type": "str", "choices": ["python", "npm"], "default": "python"},
    "username": {"type": "str", "required": True},
    # The path of a program, and what that is asked for: neither is a secret.
    "keyring": {"type": "path", "required": True},
    "keyring_url": {"type": "str", "no_log": False},
    "lifetime": {"type": "str"},
    "publish": {"type": "bool", "default": False},
}
SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "program": {"type": "path", "default": "/opt/pkgops-registry-auth/renew.pyz"},
    "settings": {"type": "path", "default": "/opt/pkgops-registry-auth/renew.json"},
    "clients": {"type": "list", "elements": "str", "choices": ["pip", "uv", "twine", "npm", "poetry", "netrc"]},
    "timeout": {"type": "int", "default": 60},
    "logins": {"type": "list", "elements": "dict", "options": LOGIN},
}


def main() -> None:
    needed = [("state", "present", ["clients", "logins"])]
    module = checked_module(SPEC, required_if=needed, **MODULE)
    task = ended(partial(install, module.params, check_mode=module.check_mode, diff_mode=module._diff), module.params)
    for warning in task.warnings:
        module.warn(warning)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
