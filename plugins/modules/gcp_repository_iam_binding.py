#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_repository_iam_binding
short_description: Grant a role on an Artifact Registry repository to members
version_added: 1.0.0
description:
  - Makes sure that members hold a role on one repository of Artifact Registry, of any mode and format, and leaves everybody else's grants
    alone.
  - With O(exclusive=true) the members are the only ones who hold that role under that condition.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-cloud-artifact-registry >= 1.16
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.batch.writes
  - pkgops.registry_auth.gcp
attributes:
  check_mode:
    support: full
    details:
      - When the repository does not exist yet, check mode supposes that an earlier task would have created it, and warns.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions needed are C(artifactregistry.repositories.getIamPolicy) and C(artifactregistry.repositories.setIamPolicy). Of Artifact
    Registry's roles, only C(roles/artifactregistry.admin) holds both; C(roles/artifactregistry.repoAdmin) holds neither.
    C(roles/iam.securityAdmin) and C(roles/owner) hold both as well.
  - C(roles/artifactregistry.reader) downloads, C(roles/artifactregistry.writer) uploads too, C(roles/artifactregistry.repoAdmin) deletes too,
    and C(roles/artifactregistry.admin) manages repositories and their policies too. C(roles/artifactregistry.createOnPushWriter) is the
    writer's role with the right to create a repository of the C(gcr.io) domain by a first push.
  - The policy is read and written with version 3 and under its etag. Other roles, other conditions and members of deleted
    accounts (C(deleted:...)) come back exactly as they were.
  - Bindings of one role with different conditions are different grants. To change a condition, remove the one and add the other.
  - White space at the ends of a condition's texts, and between the words of its expression, makes no difference.
  - A policy names up to 1500 members, of which 250 are groups, and each time that one is named counts. What would exceed that is refused
    before it is written, in check mode too.
  - When another member of the policy was deleted in the meantime, Google refuses the policy. It is then read, planned and written again.
  - That a repository's own policy takes conditions is not documented by Google, and C(gcloud) reads such a policy without them. The
    module sends them as given, and the service decides.
  - Grants that members inherit from the project, a folder or the organization are not seen here.
    M(pkgops.registry_auth.gcp_repository_access_info) evaluates those of the project, too.
  - A warning says what M(pkgops.registry_auth.gcp_repository_access_info) would find of high or medium severity in a binding that is granted.
  - A virtual repository reads its upstreams as the service agent of its project. As Google's pages can be read, a grant on the virtual
    repository therefore opens all of its upstreams. This is not verified.
seealso:
  - module: pkgops.registry_auth.gcp_repository_iam_info
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
      role:
        description:
          - The role, for example V(roles/artifactregistry.reader), or a custom one as C(projects/PROJECT/roles/ROLE) or
            C(organizations/ORGANIZATION/roles/ROLE).
        type: str
      members:
        description:
          - The members, each with its kind, for example V(serviceAccount:ci@demo-project.iam.gserviceaccount.com),
            V(user:ada@example.com) or V(group:ops@example.com).
          - V(allUsers) is everybody on the internet, and V(allAuthenticatedUsers) everybody who has a Google account. Both need O(everyone).
          - May be empty with O(exclusive), so that nobody holds the role.
        type: list
        elements: str
      everyone:
        description: That the repository is to be public by V(allUsers) or V(allAuthenticatedUsers) in O(members).
        type: bool
      condition:
        description: Under which condition the role is held. Without it, the binding without a condition is meant.
        type: dict
        suboptions:
          title:
            description: What people call the condition.
            type: str
            required: true
          expression:
            description: The condition in the Common Expression Language.
            type: str
            required: true
          description:
            description: A longer text about it.
            type: str
      exclusive:
        description:
          - Take the role under that condition away from everybody who is not in O(members).
          - The default is V(false).
        type: bool
      state:
        description:
          - V(present) makes sure that the members hold the role. This is the default.
          - V(absent) makes sure that the members do not hold it, and leaves other members alone.
        type: str
        choices: [present, absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Let the build machines install packages
  pkgops.registry_auth.gcp_repository_iam_binding:
    project: demo-project
    location: us-central1
    repository: python-private
    role: roles/artifactregistry.reader
    members:
      - serviceAccount:build@demo-project.iam.gserviceaccount.com
      - group:developers@example.com

- name: Make sure that the release account alone publishes
  pkgops.registry_auth.gcp_repository_iam_binding:
    project: demo-project
    location: us-central1
    repository: python-private
    role: roles/artifactregistry.writer
    members:
      - serviceAccount:release@demo-project.iam.gserviceaccount.com
    exclusive: true

- name: Let everybody on the internet install from a mirror, and take the right away from somebody
  pkgops.registry_auth.gcp_repository_iam_binding:
    project: demo-project
    location: us-central1
    role: roles/artifactregistry.reader
    batch:
      - repository: python-mirror
        members: [allUsers]
        everyone: true
      - repository: python-private
        members: [user:grace@example.com]
        state: absent
"""

RETURN = r"""
iam_binding:
  description: Who holds the role under the condition. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    repository:
      description: Name of the repository.
      type: str
      sample: projects/demo-project/locations/us-central1/repositories/python-private
    role:
      description: The role.
      type: str
      sample: roles/artifactregistry.reader
    condition:
      description: The condition, if there is one.
      type: dict
      sample: null
    members:
      description: All members that hold the role under the condition.
      type: list
      elements: str
      sample: ["serviceAccount:build@demo-project.iam.gserviceaccount.com"]
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
    iam_binding:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import IAM_BINDING, REPOSITORY, artifact_registry_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.parts import gcp_iam_binding as parts

ENTRY = {**REPOSITORY, **IAM_BINDING}


def main() -> None:
    module = checked_module(artifact_registry_argument_spec(ENTRY), **MODULE)
    task = run_task(
        module,
        ENTRY,
        partial(parts.DesiredBinding.from_options, parts.REPOSITORY),
        partial(parts.IamBindings.connect, parts.REPOSITORY),
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
