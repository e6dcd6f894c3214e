#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_client_proof
short_description: Prove that a package client on a machine gets a package from the right index
version_added: 1.0.0
description:
  - Has the real pip, uv or npm fetch a package as the user that the task runs as, with nothing but the settings and logins that are in the
    machine's and the user's files, and says which index the package came from.
  - Fails when the client got no package, or got it from another index. The message names the cause, such as a refused login, and holds no secret.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.9 on the managed host
  - pip, uv or npm there
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
attributes:
  check_mode:
    support: full
    details:
      - It changes nothing, and fetches in check mode, too.
  diff_mode:
    support: N/A
    details:
      - There is no state to compare.
  idempotent:
    support: full
    details:
      - It never changes anything that lasts. What it fetches is in a temporary folder, which it removes.
notes:
  - No permissions are needed but those of the user's own login, to read the package.
  - Take a package that only your index has. If a public index has one of the same name, the proof is good all the same, because it says where
    the package came from, but a client that prefers the public one makes it fail.
  - The client gets C(PATH), C(HOME), C(XDG_CONFIG_HOME), the user's name and the language of the task's environment, and O(environment).
    Everything else is left out, so that what the play's C(environment) says on the controller's behalf proves nothing.
  - It looks for settings where M(pkgops.registry_auth.package_client_config) writes them, in C(HOME) of the task's environment, or the home
    that the system knows where that is not set. A C(HOME) of another user is refused, which C(sudo) leaves there without C(-H).
  - Of Python packages, only wheels are accepted, since looking at anything else would run the package's own code. Nothing of an npm package is
    run.
  - twine and poetry have no proof without publishing, or without a project. Use pip or uv with the same repository and login.
  - The task runs on Linux. Use C(become_user) to prove it for another user.
seealso:
  - module: pkgops.registry_auth.package_client_config
  - module: pkgops.registry_auth.package_clients_info
options:
  proofs:
    description: What is to be proved, in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      client:
        description: The client.
        type: str
        required: true
        choices: [pip, uv, npm]
      package:
        description: Name of a package, or V(NAME==VERSION), for npm V(NAME@VERSION).
        type: str
        required: true
      index_url:
        description:
          - The index, or npm's registry, that the package is to come from, without user name and password.
          - Any address below it counts.
        type: str
        required: true
      executable:
        description:
          - Path of the client's program.
          - When not set, V(pip), V(pip3), V(uv) or V(npm) on the user's C(PATH), and V(python3 -m pip) where there is no pip.
        type: path
  venv:
    description: Path of a virtual environment, which counts as activated.
    type: path
  environment:
    description:
      - Environment variables that the user's sessions have on the machine, such as proxies and certificates.
      - Settings of the clients, such as E(PIP_INDEX_URL), are refused.
    type: dict
    default: {}
  time_limit:
    description: Seconds after which a client is ended, 1 to 86400. A keyring that hangs makes its client hang.
    type: int
    default: 120
"""

EXAMPLES = r"""
- name: Set an index
  pkgops.registry_auth.package_client_config:
    level: user
    clients: [pip]
    indexes:
      - name: ours
        url: http://127.0.0.1:3141/acme/ours/+simple/

- name: Ask whether the user gets a package from there
  pkgops.registry_auth.package_client_proof:
    proofs:
      - client: pip
        package: our-package
        index_url: http://127.0.0.1:3141/acme/ours/+simple/
  register: proof
  ignore_errors: true

- name: Say why not
  ansible.builtin.debug:
    msg: "{{ proof.proofs | rejectattr('proved') | map(attribute='msg') }}"
"""

RETURN = r"""
proofs:
  description: One result for each entry, in its order. When one of them is not proved, the task fails, and returns them all the same.
  returned: when clients were run
  type: list
  elements: dict
  contains:
    client:
      description: The client.
      type: str
      sample: pip
    package:
      description: The package.
      type: str
      sample: our-package
    index_url:
      description: The index that it is to come from.
      type: str
    proved:
      description: Whether it came from there.
      type: bool
    cause:
      description:
        - Why not, for playbooks - V(login_refused), V(forbidden), V(keyring_refused), V(unreachable), V(unavailable), V(not_trusted), V(not_found),
          V(settings), V(timeout), V(missing), V(other_index), V(unclear) or V(unknown). None when it is proved.
      type: str
      sample: login_refused
    msg:
      description: Why not, in a sentence. Empty when it is proved.
      type: str
    came_from:
      description: The index that the package came from, without a login. None when there is no package.
      type: str
      sample: https://us-central1-python.pkg.dev/demo-project/python-all/simple/
    file:
      description: Name of the file that was fetched. With uv, it is the folder with its metadata.
      type: str
      sample: our_package-1.0.0-py3-none-any.whl
"""

from functools import partial

from ..module_utils._machines.proof.proving import run_proofs
from ..module_utils._machines.task import ended
from ..module_utils._options.text import checked_module

ARGUMENTS = {
    "proofs": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "client": {"type": "str", "required": True, "choices": ["pip", "uv", "npm"]},
            "package": {"type": "str", "required": True},
            "index_url": {"type": "str", "required": True},
            "executable": {"type": "path"},
        },
    },
    "venv": {"type": "path"},
    "environment": {"type": "dict", "default": {}},
    "time_limit": {"type": "int", "default": 120},
}


def main() -> None:
    module = checked_module(ARGUMENTS, supports_check_mode=True)
    task = ended(partial(run_proofs, module.params, module.tmpdir), module.params)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
