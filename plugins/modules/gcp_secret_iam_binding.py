#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_secret_iam_binding
short_description: Grant a role on a Google Cloud secret to members
version_added: 1.0.0
description:
  - Makes sure that members hold a role on one secret, and leaves everybody else's grants alone.
  - With O(exclusive=true) the members are the only ones who hold that role under that condition.
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
    details:
      - When the secret does not exist yet, check mode supposes that an earlier task would have created it, and warns.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions needed are C(secretmanager.secrets.getIamPolicy) and C(secretmanager.secrets.setIamPolicy). The role
    C(roles/secretmanager.admin) holds both.
  - The policy is read and written with version 3 and under its etag. Other roles, other conditions and members of deleted
    accounts (C(deleted:...)) come back exactly as they were.
  - Bindings of one role with different conditions are different grants. To change a condition, remove the one and add the other.
    White space at the ends of a condition's texts, as YAML's C(|) leaves it, and between the words of its expression makes no difference.
  - In conditions, names of secrets have the number of the project. One that looks for names with the id of the secret's own project gets
    a warning that says the number, if C(secretmanager.secrets.get) allows reading it.
  - A policy names up to 1500 members, of which 250 are groups, and each time that one is named counts. What would exceed that is refused
    before it is written, in check mode too.
  - When another member of the policy was deleted in the meantime, Google refuses the policy. It is then read, planned and written again.
  - Google says that a grant takes effect after about two minutes, and sometimes seven or more.
  - Grants that members inherit from the project are not seen here.
seealso:
  - module: pkgops.registry_auth.gcp_service_agent
  - module: pkgops.registry_auth.gcp_secret
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
      role:
        description: The role, for example V(roles/secretmanager.secretAccessor), or a custom one as C(projects/PROJECT/roles/ROLE).
        type: str
      members:
        description:
          - The members, each with its kind, for example V(serviceAccount:ci@demo-project.iam.gserviceaccount.com),
            V(user:ada@example.com) or V(group:ops@example.com).
          - V(allUsers) is everybody on the internet, and V(allAuthenticatedUsers) everybody who has a Google account. Both need O(everyone),
            and are warned about.
          - May be empty with O(exclusive), so that nobody holds the role.
        type: list
        elements: str
      everyone:
        description: That V(allUsers) or V(allAuthenticatedUsers) in O(members) is meant, so that the secret is public.
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
- name: Let Artifact Registry read the token
  pkgops.registry_auth.gcp_secret_iam_binding:
    project: demo-project
    secret: index-token
    role: roles/secretmanager.secretAccessor
    members:
      - serviceAccount:service-123456789012@gcp-sa-artifactregistry.iam.gserviceaccount.com

- name: Let a person read it until the end of the year
  pkgops.registry_auth.gcp_secret_iam_binding:
    project: demo-project
    secret: index-token
    role: roles/secretmanager.secretAccessor
    members: [user:ada@example.com]
    condition:
      title: until the end of the year
      expression: request.time < timestamp("2027-01-01T00:00:00Z")

- name: Make sure that nobody else manages its versions
  pkgops.registry_auth.gcp_secret_iam_binding:
    project: demo-project
    secret: index-token
    role: roles/secretmanager.secretVersionManager
    members: [group:ops@example.com]
    exclusive: true
"""

RETURN = r"""
iam_binding:
  description: Who holds the role under the condition. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    secret:
      description: Name of the secret.
      type: str
      sample: projects/demo-project/secrets/index-token
    role:
      description: The role.
      type: str
      sample: roles/secretmanager.secretAccessor
    condition:
      description: The condition, if there is one.
      type: dict
      sample: null
    members:
      description: All members that hold the role under the condition.
      type: list
      elements: str
      sample: ["serviceAccount:service-123456789012@gcp-sa-artifactregistry.iam.gserviceaccount.com"]
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
from ..module_utils._options.gcp import IAM_BINDING, SECRET, secret_manager_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_secret_iam_binding import SecretIamBindings
from ..module_utils._resources.parts import gcp_iam_binding as parts

ENTRY = {**SECRET, **IAM_BINDING}


def main() -> None:
    module = checked_module(secret_manager_argument_spec(ENTRY), **MODULE)
    task = run_task(
        module,
        ENTRY,
        partial(parts.DesiredBinding.from_options, parts.SECRET),
        partial(SecretIamBindings.connect, parts.SECRET),
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
