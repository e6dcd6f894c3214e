#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_secret_info
short_description: Read Google Cloud secrets and the states of their versions
version_added: 1.0.0
description:
  - Reads one secret, or all secrets of a project or of one of its locations, with the states of their versions.
  - Never reads a payload.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-cloud-secret-manager >= 2.24
  - google-crc32c >= 1.6
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.gcp
  - pkgops.registry_auth.secret_manager
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
notes:
  - Permissions needed are C(secretmanager.secrets.get) for one secret or C(secretmanager.secrets.list) for all, and
    C(secretmanager.versions.list). The role C(roles/secretmanager.viewer) holds them all.
  - A secret that is named costs two reads of the quota of 600 a minute, each of all secrets one.
seealso:
  - module: pkgops.registry_auth.gcp_secret
  - module: pkgops.registry_auth.gcp_secret_retention
  - module: pkgops.registry_auth.gcp_secret_iam_info
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      secret:
        description: The secret, as its id or as its name C(projects/PROJECT/secrets/SECRET). All secrets when not set.
        type: str
      project:
        description:
          - Id or number of the project.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      location:
        description: Location of regional secrets. When not set, global ones are read.
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Read one secret
  pkgops.registry_auth.gcp_secret_info:
    project: demo-project
    secret: index-token
  register: token

- name: Stop unless it has an enabled version
  ansible.builtin.assert:
    that: token.secrets[0].versions | selectattr('state', 'eq', 'ENABLED') | length > 0

- name: Read all secrets of the project
  pkgops.registry_auth.gcp_secret_info:
    project: demo-project

- name: Read two of them, one in another project
  pkgops.registry_auth.gcp_secret_info:
    batch:
      - secret: index-token
        project: demo-project
      - secret: projects/123456789012/secrets/old-token
"""

RETURN = r"""
secrets:
  description: The secrets, none when the one that was asked for does not exist.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &contents
    name:
      description: Name, with the project's number as the service answers it.
      type: str
      sample: projects/123456789012/secrets/index-token
    secret:
      description: Id.
      type: str
      sample: index-token
    replication:
      description: Where it is kept. Null for a regional secret.
      type: dict
      sample: {automatic: {kms_key_name: null}}
    customer_managed_encryption:
      description: Key of a regional secret.
      type: dict
      sample: null
    labels:
      description: All labels.
      type: dict
      sample: {team: packaging}
    annotations:
      description: All annotations but the fingerprints that M(pkgops.registry_auth.gcp_secret_version) keeps.
      type: dict
      sample: {}
    topics:
      description: Names of all topics.
      type: list
      elements: str
      sample: []
    rotation:
      description: Next rotation, and the time between two in seconds.
      type: dict
      sample: {next_rotation_time: null, rotation_period: null}
    expire_time:
      description: When it expires.
      type: str
      sample: null
    version_destroy_ttl:
      description: Seconds that a version stays disabled before it is destroyed.
      type: int
      sample: null
    version_aliases:
      description: Names of versions with their numbers.
      type: dict
      sample: {}
    create_time:
      description: When it was created.
      type: str
      sample: "2026-11-21T12:00:00Z"
    versions:
      description: All versions, the newest first.
      type: list
      elements: dict
      contains:
        name:
          description: Pinned name.
          type: str
          sample: projects/123456789012/secrets/index-token/versions/3
        version:
          description: Number.
          type: int
          sample: 3
        state:
          description: State.
          type: str
          sample: ENABLED
        create_time:
          description: When it was created.
          type: str
          sample: "2026-11-21T12:00:00Z"
        destroy_time:
          description: When it was destroyed.
          type: str
          sample: null
        scheduled_destroy_time:
          description: When it will be destroyed, if that is under way.
          type: str
          sample: null
results:
  description: One result for each entry of O(batch), in its order and in the shape that a loop registers.
  returned: with O(batch)
  type: list
  elements: dict
  contains:
    item:
      description: The entry as given.
      type: dict
    changed:
      description: Always V(false).
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    secrets:
      description: As above.
      type: list
      elements: dict
      contains: *contents
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import SECRET, secret_manager_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_secret import SecretReadings, WantedSecrets


def main() -> None:
    module = checked_module(secret_manager_argument_spec(SECRET), **MODULE)
    task = run_task(module, SECRET, WantedSecrets.from_options, SecretReadings.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
