#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_client_login
short_description: Give a user's package clients the login to an index
version_added: 1.0.0
description:
  - Writes a login where pip, uv, twine, npm and poetry find it, for the user of the task and nobody else. It never touches which indexes
    they use, so that a login that is wrong or missing ends in a refusal and not in another index.
  - pip, uv, poetry and whatever else reads a C(.netrc) find it there, twine in the section of C(.pypirc) that
    M(pkgops.registry_auth.package_client_config) wrote for the name, npm in C(.npmrc).
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
      - Of each file, only which logins are this module's and until when they are good is shown.
  idempotent:
    support: full
    details:
      - With the same password. One that is new in each run is written in each run.
requirements:
  - python >= 3.9 on the managed host
  - Linux on the managed host
notes:
  - Runs on the managed host as the user who is to have the login, so set C(become_user).
  - Files are C(~/.netrc), C(~/.pypirc) and C(~/.npmrc). They get the mode 0600 before anything is in them, and keep their owner. Nothing is
    written for the machine as a whole, because everybody could read it.
  - Permissions needed are to write these files and their folder.
  - A netrc file has one login for a host, whatever the port and path. So all Artifact Registry repositories of one format and location
    share one, as do all CodeArtifact repositories of a domain.
  - One line that is not netrc syntax makes pip and uv silently ignore the whole file. So a file with one is refused, with the number of the line.
  - npm sends what is in O(logins[].password) as a bearer token. O(logins[].username) is not used for it.
  - poetry installs and publishes with a login from the netrc file, and so does C(uv publish) with C(--publish-url). Measured with poetry 2.5
    and uv 0.13.
  - uv ignores the netrc file where the URL of an index or the environment has another login.
seealso:
  - module: pkgops.registry_auth.package_client_config
  - module: pkgops.registry_auth.package_client_renewal
  - module: pkgops.registry_auth.codeartifact_token
options:
  state:
    description:
      - V(absent) removes the logins that this module wrote for O(logins), and restores what O(replace) had commented out.
    type: str
    choices: [present, absent]
    default: present
  clients:
    description:
      - The clients to log in. V(netrc) is whatever else reads a netrc file, for any format.
    type: list
    elements: str
    choices: [pip, uv, twine, npm, poetry, netrc]
    required: true
  replace:
    description:
      - What to do where somebody else has a login for the same. V(false) refuses it, with file and line. V(true) comments it out, and
        V(absent) brings it back.
    type: bool
    default: false
  logins:
    description: The logins.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the index, as M(pkgops.registry_auth.package_client_config) has it.
        type: str
        required: true
      url:
        description: URL of the index. It must be C(https), or on the machine's loopback.
        type: str
        required: true
      format:
        description: Format of its packages.
        type: str
        choices: [python, npm]
        default: python
      username:
        description: User name. V(oauth2accesstoken) for Artifact Registry, V(aws) for CodeArtifact. Needed for format V(python).
        type: str
      password:
        description: The token or password. Needed with O(state=present).
        type: str
      expires:
        description: Until when it is good, for example V(2030-01-31T12:00:00Z). M(pkgops.registry_auth.package_clients_info) reports it.
        type: str
      keep:
        description: Write a password that does not end. Without O(logins[].expires), this must be set.
        type: bool
        default: false
      publish:
        description: Give the login to twine too, for the repository of this name.
        type: bool
        default: false
"""

EXAMPLES = r"""
- name: Configure twine, and npm
  pkgops.registry_auth.package_client_config:
    level: user
    clients: [pip, twine, npm]
    indexes:
      - &python
        name: ours
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/python/simple/
        publish: true
      - &npm
        name: ours-npm
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/npm/
        format: npm
        scope: "@acme"

- name: Get a token on the controller
  pkgops.registry_auth.codeartifact_token:
    region: eu-west-1
    domain: demo
  delegate_to: localhost
  register: token

- name: Log the user's clients in
  pkgops.registry_auth.package_client_login:
    clients: [pip, uv, twine, npm]
    logins:
      - name: ours
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/python/simple/
        publish: true
        username: "{{ token.username }}"
        password: "{{ token.authorization_token }}"
        expires: "{{ token.expiration }}"
      - name: ours-npm
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/npm/
        format: npm
        password: "{{ token.authorization_token }}"
        expires: "{{ token.expiration }}"

- name: Log them out
  pkgops.registry_auth.package_client_login:
    state: absent
    clients: [pip, uv, twine, npm]
    logins:
      - name: ours
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/python/simple/
      - name: ours-npm
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/npm/
        format: npm
"""

RETURN = r"""
files:
  description: The files, each once.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path of the file.
      type: str
      sample: /home/ada/.netrc
    clients:
      description: The clients of O(clients) that read it.
      type: list
      elements: str
      sample: [pip, uv]
    changed:
      description: Whether it was changed, or would be.
      type: bool
    state:
      description: V(present), or V(absent) when the file is not there.
      type: str
      sample: present
failure:
  description: What kind of failure it was, as C(code), for example V(foreign_setting), V(file), V(permission_denied) or V(invalid_input).
  returned: failure
  type: dict
"""

from functools import partial

from ..module_utils._machines.login import log_in
from ..module_utils._machines.task import ended
from ..module_utils._options.common import MODULE
from ..module_utils._options.text import checked_module

LOGIN = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "format": {"type": "str", "choices": ["python", "npm"], "default": "python"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "expires": {"type": "str"},
    "keep": {"type": "bool", "default": False},
    "publish": {"type": "bool", "default": False},
}
SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "clients": {
        "type": "list",
        "elements": "str",
        "choices": ["pip", "uv", "twine", "npm", "poetry", "netrc"],
        "required": True,
    },
    "replace": {"type": "bool", "default": False},
    "logins": {"type": "list", "elements": "dict", "options": LOGIN, "required": True},
}


def main() -> None:
    module = checked_module(SPEC, **MODULE)
    task = ended(partial(log_in, module.params, check_mode=module.check_mode, diff_mode=module._diff), module.params)
    for warning in task.warnings:
        module.warn(warning)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
