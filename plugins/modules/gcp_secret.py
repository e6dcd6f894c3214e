#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_secret
short_description: Manage a Google Cloud secret, the container of versions
version_added: 1.0.0
description:
  - Creates, updates and deletes a secret, global or regional. Payloads are the business of
    M(pkgops.registry_auth.gcp_secret_version).
  - An option that is not set leaves the current value unchanged.
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
  idempotent:
    support: full
    details:
      - O(ttl) takes part only when the secret is created, because the service turns it into a time of expiry.
notes:
  - Permissions needed are C(secretmanager.secrets.get), and C(secretmanager.secrets.create), C(secretmanager.secrets.update) or
    C(secretmanager.secrets.delete) for what has to be done. The role C(roles/secretmanager.admin) holds them all.
  - Where a secret is kept is fixed when it is created. A difference there is refused before anything is written. A secret is never
    deleted and created again.
  - Updates carry the etag that was read and only the fields that differ.
seealso:
  - module: pkgops.registry_auth.gcp_secret_version
  - module: pkgops.registry_auth.gcp_secret_iam_binding
  - module: pkgops.registry_auth.gcp_secret_info
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
      state:
        description:
          - V(present) makes sure that the secret exists as described. This is the default.
          - V(absent) deletes the secret with all of its versions.
        type: str
        choices: [present, absent]
      replication:
        description: Where a global secret is kept. A new secret is replicated automatically when not set.
        type: dict
        suboptions:
          automatic:
            description: Google chooses. Give an empty mapping when there is no key to name.
            type: dict
            suboptions:
              kms_key_name:
                description: Key that encrypts new versions, in the location C(global). What is there stays when not set.
                type: str
          user_managed:
            description: The locations to keep it in.
            type: list
            elements: dict
            suboptions:
              location:
                description: The location.
                type: str
                required: true
              kms_key_name:
                description: Key of that location that encrypts new versions. What is there stays when not set.
                type: str
      customer_managed_encryption:
        description: How new versions of a regional secret are encrypted.
        type: dict
        suboptions:
          kms_key_name:
            description: Key in the location of the secret.
            type: str
            required: true
      labels:
        description: Labels to set. Others stay unless O(purge_labels).
        type: dict
      purge_labels:
        description: Remove labels that are not in O(labels). The default is V(false).
        type: bool
      annotations:
        description:
          - Annotations to set. Others stay unless O(purge_annotations).
          - Fingerprints of M(pkgops.registry_auth.gcp_secret_version) always stay, and are not shown.
        type: dict
      purge_annotations:
        description: Remove annotations that are not in O(annotations). The default is V(false).
        type: bool
      topics:
        description: All Pub/Sub topics to notify of changes, as C(projects/PROJECT/topics/TOPIC), up to 10.
        type: list
        elements: str
      rotation:
        description: When to notify the topics that it is time to rotate.
        type: dict
        suboptions:
          next_rotation_time:
            description: The next time, for example V(2030-01-31T12:00:00Z). A time that has passed changes nothing any more.
            type: str
          rotation_period:
            description: The time between two rotations, for example V(30d). It needs a next time and O(topics).
            type: str
      expire_time:
        description: When the secret is deleted by itself, for example V(2030-01-31T12:00:00Z).
        type: str
      ttl:
        description: How long a new secret lives, for example V(90d), in place of O(expire_time).
        type: str
      version_destroy_ttl:
        description: How long a version stays disabled before it is really destroyed, for example V(7d).
        type: str
      version_aliases:
        description: Names of versions, each with the version's number. Others stay unless O(purge_version_aliases).
        type: dict
      purge_version_aliases:
        description: Remove aliases that are not in O(version_aliases). The default is V(false).
        type: bool
  <<: *entry
"""

EXAMPLES = r"""
- name: A secret for the token of the package index
  pkgops.registry_auth.gcp_secret:
    project: demo-project
    secret: index-token
    labels:
      team: packaging
    version_destroy_ttl: 7d

- name: One that stays in two locations
  pkgops.registry_auth.gcp_secret:
    project: demo-project
    secret: index-token-europe
    replication:
      user_managed:
        - location: europe-west1
        - location: europe-west4

- name: Several at once, the second one regional
  pkgops.registry_auth.gcp_secret:
    project: demo-project
    labels:
      team: packaging
    batch:
      - secret: index-token
      - secret: index-password
        location: europe-west1

- name: One that is not needed any more
  pkgops.registry_auth.gcp_secret:
    project: demo-project
    secret: old-token
    state: absent
"""

RETURN = r"""
secret:
  description: The secret, or null when it is absent. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
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
      description: Where it is kept, in the shape of the option. Null for a regional secret.
      type: dict
      sample: {automatic: {kms_key_name: null}}
    customer_managed_encryption:
      description: Key of a regional secret, in the shape of the option.
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
      sample: 604800
    version_aliases:
      description: Names of versions with their numbers.
      type: dict
      sample: {}
    create_time:
      description: When it was created.
      type: str
      sample: "2026-11-21T12:00:00Z"
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
    secret:
      description: As above.
      type: dict
      contains: *contents
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import REPLICATION, SECRET, secret_manager_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_secret import DesiredSecret, Secrets

ENTRY = {
    **SECRET,
    "state": {"type": "str", "choices": ["present", "absent"]},
    "replication": REPLICATION,
    "customer_managed_encryption": {"type": "dict", "options": {"kms_key_name": {"type": "str", "required": True}}},
    "labels": {"type": "dict"},
    "purge_labels": {"type": "bool"},
    "annotations": {"type": "dict"},
    "purge_annotations": {"type": "bool"},
    "topics": {"type": "list", "elements": "str"},
    "rotation": {
        "type": "dict",
        "options": {"next_rotation_time": {"type": "str"}, "rotation_period": {"type": "str"}},
    },
    "expire_time": {"type": "str"},
    "ttl": {"type": "str"},
    "version_destroy_ttl": {"type": "str"},
    "version_aliases": {"type": "dict"},
    "purge_version_aliases": {"type": "bool"},
}


def main() -> None:
    module = checked_module(secret_manager_argument_spec(ENTRY), **MODULE)
    task = run_task(module, ENTRY, DesiredSecret.from_options, Secrets.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
