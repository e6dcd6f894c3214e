#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_client_config
short_description: Set which package indexes pip, uv, twine, npm and poetry use on a machine
version_added: 1.0.0
description:
  - Writes to the configuration files of package clients which indexes they use, for the machine, for a user or for a virtual environment.
    It never writes a login. M(pkgops.registry_auth.package_client_login) does that, or a keyring gives it.
  - What others wrote in these files stays as it is, byte for byte, and V(absent) removes exactly what this module wrote.
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
      - Of each file, only what is this module's is shown. What others wrote may hold secrets.
  idempotent:
    support: full
requirements:
  - python >= 3.9 on the managed host
  - Linux on the managed host
  - npm on the managed host, with O(level=machine) and V(npm) in O(clients)
notes:
  - Runs on the managed host as the user of the task. With O(level=user) that is the user who is configured, so set C(become_user).
  - Files for the machine are C(/etc/pip.conf), C(/etc/uv/uv.toml) (C(/etc/xdg/uv/uv.toml) where that is there, because uv reads one of
    the two only), and what C(npm config get globalconfig) names. They are made readable for everybody, because pip and npm silently ignore one
    that they may not read, and ask the public index. One that is private and has a login in it is refused.
  - Files of a user are C(~/.config/pip/pip.conf), C(~/.config/uv/uv.toml), C(~/.pypirc), C(~/.npmrc) and
    C(~/.config/pypoetry/config.toml). Symbolic links are followed. Of a virtual environment, C(pip.conf) in it is the only one.
  - Permissions needed are to write these files and their folders. A file that is read-only, has several names (hard links), is not UTF-8
    or that its client could not read is refused, and then no file is changed.
  - uv asks indexes in another order than pip. One that is not O(indexes[].extra) becomes uv's default, or is asked before the extra ones,
    the last of which is the default then.
  - poetry reads the indexes to install from in a project's C(pyproject.toml) only, so this module gives it only those to publish to.
seealso:
  - module: pkgops.registry_auth.package_client_login
  - module: pkgops.registry_auth.package_client_renewal
  - module: pkgops.registry_auth.package_clients_info
options:
  state:
    description:
      - V(present) makes O(indexes) all that this module has in the files of O(clients).
      - V(absent) removes what this module wrote, and restores what O(replace) had commented out. O(indexes) is not needed then.
    type: str
    choices: [present, absent]
    default: present
  level:
    description: Whether the clients are configured for the whole machine, for a user or for a virtual environment.
    type: str
    choices: [machine, user, venv]
    required: true
  venv:
    description: Path of the virtual environment, with O(level=venv). It must belong to the user of the task.
    type: path
  clients:
    description:
      - The clients to configure. One that has no file for O(level) is refused.
    type: list
    elements: str
    choices: [pip, uv, twine, npm, poetry]
    required: true
  replace:
    description:
      - What to do where somebody else set the same, for example C(index-url). V(false) refuses it, with file and line. V(true) comments it
        out, as well as indexes other than the only one, and V(absent) brings it back.
      - Applies to the files that are written only, and not to those of other levels.
    type: bool
    default: false
  indexes:
    description: The indexes.
    type: list
    elements: dict
    suboptions:
      name:
        description: A name for it, which uv, twine and poetry show and use.
        type: str
        required: true
      url:
        description:
          - Its URL, without a login. For Python that is the root of the simple API, for npm of the registry.
          - C(http) is accepted for the machine's loopback, and without O(indexes[].username).
        type: str
        required: true
      format:
        description: Format of its packages.
        type: str
        choices: [python, npm]
        default: python
      scope:
        description: The scope that npm asks it for, for example V(@acme). Without one, npm asks it for all that has no scope of its own.
        type: str
      extra:
        description:
          - Use it in addition to another one, which is the client's public index if O(indexes) names no other.
          - pip then takes the newest version from anywhere (dependency confusion), so the task warns. An upstream or a virtual repository
            is the way out.
        type: bool
        default: false
      publish:
        description: Let twine and poetry publish to it under its name.
        type: bool
        default: false
      username:
        description: The user name to log in with. V(oauth2accesstoken) for Artifact Registry, V(aws) for CodeArtifact.
        type: str
      keyring:
        description:
          - Let pip and uv ask the program C(keyring) for the password. It must be on the PATH of whoever runs them, and have the backend.
          - The user name is then written into the URL, because pip before 26.2 and uv ask for it only then.
        type: bool
        default: false
      publish_url:
        description: Where to publish to. O(indexes[].url) without C(simple/) when not set.
        type: str
"""

EXAMPLES = r"""
- name: Install Python packages from one repository, and log in by a keyring
  pkgops.registry_auth.package_client_config:
    # With level machine and become, for everybody.
    level: user
    clients: [pip, uv]
    indexes:
      - name: ours
        url: https://us-central1-python.pkg.dev/demo-project/python/simple/
        username: oauth2accesstoken
        keyring: true

- name: Configure all clients of a user, and let twine publish
  pkgops.registry_auth.package_client_config:
    level: user
    clients: [pip, uv, twine, npm, poetry]
    indexes:
      - name: ours
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/python/simple/
        publish: true
        username: aws
      - name: ours-npm
        url: https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/npm/
        format: npm
        scope: "@acme"

- name: Take it away again
  pkgops.registry_auth.package_client_config:
    level: user
    clients: [pip, uv, twine, npm, poetry]
    state: absent
"""

RETURN = r"""
files:
  description: The files, in the order of O(clients).
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Path of the file.
      type: str
      sample: /etc/pip.conf
    clients:
      description: The clients that read it.
      type: list
      elements: str
      sample: [pip]
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

from ..module_utils._machines.config import configure
from ..module_utils._machines.task import ended
from ..module_utils._options.common import MODULE
from ..module_utils._options.text import checked_module

INDEX = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "format": {"type": "str", "choices": ["python", "npm"], "default": "python"},
    "scope": {"type": "str"},
    "extra": {"type": "bool", "default": False},
    "publish": {"type": "bool", "default": False},
    "username": {"type": "str"},
    "keyring": {"type": "bool", "default": False},
    "publish_url": {"type": "str"},
}
SPEC = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "level": {"type": "str", "choices": ["machine", "user", "venv"], "required": True},
    "venv": {"type": "path"},
    "clients": {
        "type": "list",
        "elements": "str",
        "choices": ["pip", "uv", "twine", "npm", "poetry"],
        "required": True,
    },
    "replace": {"type": "bool", "default": False},
    "indexes": {"type": "list", "elements": "dict", "options": INDEX},
}


def main() -> None:
    module = checked_module(SPEC, **MODULE)
    task = ended(partial(configure, module.params, check_mode=module.check_mode, diff_mode=module._diff), module.params)
    for warning in task.warnings:
        module.warn(warning)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
