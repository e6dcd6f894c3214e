#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_repository_iam_info
short_description: Read who holds which role on Artifact Registry repositories
version_added: 1.0.0
description:
  - Reads the IAM policy of a repository, of any mode and format, with its conditions.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-cloud-artifact-registry >= 1.16
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.gcp
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
  - The permission needed is C(artifactregistry.repositories.getIamPolicy). The roles C(roles/artifactregistry.viewer),
    C(roles/viewer) and C(roles/iam.securityReviewer) hold it, and C(roles/artifactregistry.repoAdmin) does not.
  - Grants that members inherit from the project, a folder or the organization are not seen here.
    M(pkgops.registry_auth.gcp_repository_access_info) evaluates those of the project, too.
seealso:
  - module: pkgops.registry_auth.gcp_repository_iam_binding
  - module: pkgops.registry_auth.gcp_repository_access_info
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      repository:
        description: The repository, as its id or as its name C(projects/PROJECT/locations/LOCATION/repositories/ID).
        type: str
      project:
        description:
          - Id or number of the project, when O(repository) is an id.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      location:
        description:
          - Location of the repository, when O(repository) is an id.
          - Falls back to C(gcloud)'s own environment variable E(CLOUDSDK_ARTIFACTS_LOCATION).
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Read who may do what with a repository
  pkgops.registry_auth.gcp_repository_iam_info:
    project: demo-project
    location: us-central1
    repository: python-private
  register: reviewed

- name: Stop if anybody may read it
  ansible.builtin.assert:
    that: "'allUsers' not in reviewed.repository_iam.bindings | map(attribute='members') | flatten"

- name: Read several at once
  pkgops.registry_auth.gcp_repository_iam_info:
    project: demo-project
    location: us-central1
    batch:
      - repository: python-private
      - repository: python-mirror
"""

RETURN = r"""
repository_iam:
  description: Who holds which role on the repository.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    repository:
      description: Name of the repository, as it was given.
      type: str
      sample: projects/demo-project/locations/us-central1/repositories/python-private
    exists:
      description: Whether there is such a repository.
      type: bool
      sample: true
    bindings:
      description: The bindings in the policy's order, none when there is no such repository.
      type: list
      elements: dict
      contains:
        role:
          description: The role.
          type: str
          sample: roles/artifactregistry.reader
        members:
          description: Who holds it, each with its kind.
          type: list
          elements: str
          sample: ["serviceAccount:build@demo-project.iam.gserviceaccount.com"]
        condition:
          description: Under which condition, as C(title), C(expression) and C(description). Null for none.
          type: dict
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
    repository_iam:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._domain.gcp.names import repository_name
from ..module_utils._engine.resource import NamedState
from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import REPOSITORY, artifact_registry_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.parts import gcp_iam_binding as parts


def main() -> None:
    module = checked_module(artifact_registry_argument_spec(REPOSITORY), **MODULE)
    task = run_task(
        module,
        REPOSITORY,
        partial(NamedState.of, repository_name),
        partial(parts.PolicyReadings.connect, parts.REPOSITORY),
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
