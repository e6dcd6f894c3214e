#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_secret_retention
short_description: Disable or destroy old versions of a Google Cloud secret
version_added: 1.0.0
description:
  - Keeps the newest enabled versions of a secret and every version in use, and disables or destroys the rest.
  - The newest enabled version and the version created last are always kept.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-cloud-secret-manager >= 2.24
  - google-crc32c >= 1.6
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.batch.writes
  - pkgops.registry_auth.gcp
  - pkgops.registry_auth.secret_manager
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows the state of each version.
  idempotent:
    support: full
notes:
  - Permissions needed are C(secretmanager.versions.list), and C(secretmanager.versions.disable) or
    C(secretmanager.versions.destroy). The role C(roles/secretmanager.secretVersionManager) holds them all.
  - Disabled versions are charged like enabled ones. Only destroying a version ends its cost, and cannot be undone.
  - A secret with C(version_destroy_ttl) delays it. Such a version is disabled and counts as done.
  - When some versions cannot be retired, the others are, and the task fails and names each one. Running it again continues from there.
seealso:
  - module: pkgops.registry_auth.gcp_secret_version
  - module: pkgops.registry_auth.gcp_remote_repository_info
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      secret:
        description: The secret, as its id or as its name C(projects/PROJECT/secrets/SECRET).
        type: str
      project:
        description:
          - Id or number of the project, when O(secret) is an id.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      location:
        description: Location of a regional secret. When not set, the secret is global.
        type: str
      keep:
        description: How many of the newest enabled versions to keep. The default is V(2), the current one and the one before.
        type: int
      in_use:
        description:
          - Versions that somebody uses, each as its name C(projects/PROJECT/secrets/SECRET/versions/VERSION) or its number.
            They are kept whatever their age.
          - Names of other secrets are skipped, so one list can serve many secrets. The project is not compared, because its id and
            its number mean the same.
        type: list
        elements: str
      action:
        description:
          - What to do with the rest. The default is V(disable), which can be undone.
          - V(destroy) also destroys older versions that are disabled already.
        type: str
        choices: [disable, destroy]
      min_age:
        description:
          - Leave versions alone that are younger than this, for example V(30d) or V(12h). Without a unit it is in seconds.
          - The default is V(0).
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Keep two versions and whatever the repositories use, destroy what is older than a month
  pkgops.registry_auth.gcp_secret_retention:
    project: demo-project
    secret: index-token
    keep: 2
    in_use: "{{ remotes.remote_repositories | map(attribute='password_secret_version') | select | list }}"
    min_age: 30d
    action: destroy
  vars:
    remotes:
      remote_repositories:
        - password_secret_version: projects/123456789012/secrets/index-token/versions/1
"""

RETURN = r"""
secret_retention:
  description: The versions of the secret by their state. In check mode, as they would be.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    secret:
      description: Name of the secret.
      type: str
      sample: projects/demo-project/secrets/index-token
    kept:
      description: Names of the enabled versions.
      type: list
      elements: str
      sample: ["projects/123456789012/secrets/index-token/versions/3"]
    disabled:
      description: Names of the disabled versions.
      type: list
      elements: str
      sample: ["projects/123456789012/secrets/index-token/versions/2"]
    destroyed:
      description: Names of the destroyed versions.
      type: list
      elements: str
      sample: ["projects/123456789012/secrets/index-token/versions/1"]
results:
  description: One result for each entry of O(batch), in its order and in the shape that a loop registers.
  returned: with O(batch)
  type: list
  elements: dict
  contains:
    item:
      description: The entry as given, without secrets.
      type: dict
    changed:
      description: Whether this entry changed something.
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    secret_retention:
      description: As above.
      type: dict
      contains: *contents
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import SECRET, secret_manager_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_secret_retention import DesiredRetention, SecretRetention

ENTRY = {
    **SECRET,
    "keep": {"type": "int"},
    "in_use": {"type": "list", "elements": "str"},
    "action": {"type": "str", "choices": ["disable", "destroy"]},
    "min_age": {"type": "str"},
}


def main() -> None:
    module = checked_module(secret_manager_argument_spec(ENTRY), **MODULE)
    task = run_task(module, ENTRY, DesiredRetention.from_options, SecretRetention.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
