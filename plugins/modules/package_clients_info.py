#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_clients_info
short_description: Tell which package indexes a user's clients use, and with which logins
version_added: 1.0.0
description:
  - Reads the configuration files of pip, uv, twine, npm and poetry that count for the user of the task, and tells which indexes they name,
    how their logins are found and until when these are good, and what is wrong with the files.
  - It returns no password, and of a URL no login.
author:
  - The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
attributes:
  check_mode:
    support: full
    details:
      - Changes nothing in any mode.
  diff_mode:
    support: N/A
    details:
      - Changes nothing in any mode.
  idempotent:
    support: full
requirements:
  - python >= 3.9 on the managed host
  - Linux on the managed host
notes:
  - Runs on the managed host as the user whose clients are meant, so set C(become_user). What that user may not read, their clients cannot
    read either, and it is a finding.
  - It reads files, and not the environment of the user's shells, in which C(PIP_*), C(UV_*), C(TWINE_*), C(npm_config_*), C(POETRY_*) and
    C(NETRC) can say otherwise, nor files of projects.
  - Permissions needed are to read the files.
  - When a login ends is known only for those that this collection wrote. For one that a machine renews for Artifact Registry, it is the latest
    possible time, because the metadata server of a machine may have given a token with less time left.
seealso:
  - module: pkgops.registry_auth.package_client_config
  - module: pkgops.registry_auth.package_client_login
options:
  clients:
    description: The clients to report on. All when not set.
    type: list
    elements: str
    choices: [pip, uv, twine, npm, poetry]
  venv:
    description: Path of a virtual environment, whose C(pip.conf) counts too.
    type: path
  soon:
    description: A login that ends within this time is a finding, too. In seconds or for example V(1h).
    type: str
    default: 0s
"""

EXAMPLES = r"""
- name: Read which indexes a user's clients use
  pkgops.registry_auth.package_clients_info:
  register: clients

- name: Show what is wrong, the gravest first
  ansible.builtin.debug:
    msg: "{{ clients.package_clients.findings | map(attribute='message') }}"

- name: Look at a virtual environment, and for logins that end soon
  pkgops.registry_auth.package_clients_info:
    clients: [pip, uv]
    soon: 1h
"""

RETURN = r"""
package_clients:
  description: What was found.
  returned: success
  type: dict
  contains:
    user:
      description: The user that was looked at.
      type: str
      sample: ada
    home:
      description: The user's home.
      type: str
      sample: /home/ada
    files:
      description: The files of each client that are there, in the order in which they count. A later one beats an earlier one.
      type: list
      elements: dict
      contains:
        path:
          description: Path of the file.
          type: str
          sample: /etc/pip.conf
        client:
          description: The client that reads it. V(netrc) for the netrc file, which pip, uv and poetry read.
          type: str
          sample: pip
        level:
          description: For whom it is, V(machine), V(user) or V(venv).
          type: str
          sample: machine
        owner:
          description: Name of its owner. Null when that cannot be seen.
          type: str
          sample: root
        mode:
          description: Its mode. Null when that cannot be seen.
          type: str
          sample: "0644"
        readable:
          description: Whether the user may read it.
          type: bool
        ours:
          description: Whether something in it is this collection's.
          type: bool
    indexes:
      description: The indexes that the files name.
      type: list
      elements: dict
      contains:
        client:
          description: The client that uses it.
          type: str
          sample: pip
        name:
          description: Its name, where the client knows names. Null elsewhere.
          type: str
          sample: ours
        url:
          description: Its URL, without a login.
          type: str
          sample: https://us-central1-python.pkg.dev/demo-project/python/simple/
        kind:
          description: V(default), V(extra), V(scope) or V(publish).
          type: str
          sample: default
        scope:
          description: The scope that npm asks it for. Null when there is none.
          type: str
          sample: "@acme"
        path:
          description: The file that names it.
          type: str
          sample: /etc/pip.conf
        line:
          description: Number of the line there.
          type: int
          sample: 3
        login:
          description:
            - How the client finds its login. V(url), V(netrc), V(keyring), V(token) for npm, V(file) for twine, V(none).
            - Whether a keyring has one is not asked.
          type: str
          sample: keyring
        expires:
          description: Until when that login is good. Null when it is not known.
          type: str
          sample: "2030-01-31T12:00:00Z"
    logins:
      description: The logins in files.
      type: list
      elements: dict
      contains:
        path:
          description: The file.
          type: str
          sample: /home/ada/.netrc
        line:
          description: Number of the line.
          type: int
          sample: 2
        kind:
          description: V(url), V(netrc), V(token) or V(file).
          type: str
          sample: netrc
        target:
          description: The host, address or section that it is for, or the setting that it is in.
          type: str
          sample: us-central1-python.pkg.dev
        ours:
          description: Whether this collection wrote it.
          type: bool
        expires:
          description: Until when it is good. Null when it is not known.
          type: str
          sample: "2030-01-31T12:00:00Z"
    findings:
      description: What is wrong, the gravest first.
      type: list
      elements: dict
      contains:
        code:
          description:
            - Names the kind of finding. V(secret_readable), V(file_unreadable), V(file_broken), V(netrc_ignored), V(login_expired), V(login_ends),
              V(login_in_url), V(login_of_machine), V(extra_public_index), V(index_asked_first) or V(file_writable).
          type: str
          sample: secret_readable
        severity:
          description: V(high), V(medium) or V(low).
          type: str
          sample: high
        where:
          description: The file, and the line.
          type: str
          sample: /home/ada/.netrc line 2
        about:
          description: The same in parts, C(path), C(line) and C(client).
          type: dict
        message:
          description: What is wrong.
          type: str
        remedy:
          description: What to do.
          type: str
failure:
  description: What kind of failure it was, as C(code).
  returned: failure
  type: dict
"""

from functools import partial

from ..module_utils._machines.info import tell
from ..module_utils._machines.task import ended
from ..module_utils._options.common import MODULE
from ..module_utils._options.text import checked_module

SPEC = {
    "clients": {"type": "list", "elements": "str", "choices": ["pip", "uv", "twine", "npm", "poetry"]},
    "venv": {"type": "path"},
    "soon": {"type": "str", "default": "0s"},
}


def main() -> None:
    module = checked_module(SPEC, **MODULE)
    task = ended(partial(tell, module.params))
    for warning in task.warnings:
        module.warn(warning)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
