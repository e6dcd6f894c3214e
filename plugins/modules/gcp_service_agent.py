#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_service_agent
short_description: Name the Artifact Registry service agent of a Google Cloud project, and have it created
version_added: 1.0.0
description:
  - Returns the service agent with which Artifact Registry reads the passwords of a project's remote repositories, in the form
    that M(pkgops.registry_auth.gcp_secret_iam_binding) takes.
  - Has the service create the agent when it is missing. A policy cannot name an agent that does not exist.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-auth >= 2.38
  - google-cloud-resource-manager >= 1.14, when a project's id is given
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.batch.writes
  - pkgops.registry_auth.gcp
attributes:
  check_mode:
    support: full
    details:
      - The project's number is looked up, and the agent is not created.
  diff_mode:
    support: N/A
    details:
      - There is never a change to show.
  idempotent:
    support: full
    details:
      - The service does not say whether it created the agent or found it, and it has no method that only looks. Therefore the
        task never reports a change, not even when the agent was created.
notes:
  - The agent that counts is that of the project in which the repository is, not of the project in which the secret is.
  - Permissions needed are C(resourcemanager.projects.get) to look a project's id up, and C(serviceusage.services.enable) with
    O(create). The roles C(roles/browser) and C(roles/serviceusage.serviceUsageAdmin) hold them.
  - O(api_endpoint) replaces the endpoint of Service Usage. That of Resource Manager, which knows the number of a project, is
    replaced by the environment variable E(CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER), as for C(gcloud).
  - With a project's number and O(create=false) no call is made, and neither credentials nor libraries are needed.
  - For projects of a domain, whose ids look like C(example.com:name), the agent's name is supposed to have the same form as
    for others. This is not verified against the service. With O(create) the name that the service answers is returned.
seealso:
  - module: pkgops.registry_auth.gcp_secret_iam_binding
  - module: pkgops.registry_auth.gcp_remote_repository_credentials
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      project:
        description:
          - Id or number of the project. A number is not looked up.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      project_number:
        description: Number of the project. When given, O(project) is ignored.
        type: str
      create:
        description:
          - Whether to have the agent created when it is missing.
          - The default is V(true).
        type: bool
  <<: *entry
"""

EXAMPLES = r"""
- name: Make sure that Artifact Registry has its service agent
  pkgops.registry_auth.gcp_service_agent:
    project: demo-project
  register: agent

- name: Show who must be able to read the password
  ansible.builtin.debug:
    msg: "Grant roles/secretmanager.secretAccessor to {{ agent.service_agent.member }}"

- name: Name the agent without any call
  pkgops.registry_auth.gcp_service_agent:
    project_number: "123456789012"
    create: false
"""

RETURN = r"""
service_agent:
  description: The service agent.
  returned: success, without O(batch)
  type: dict
  contains: &agent
    project_number:
      description: Number of the project.
      type: str
      sample: "123456789012"
    email:
      description: E-mail address of the agent.
      type: str
      sample: service-123456789012@gcp-sa-artifactregistry.iam.gserviceaccount.com
    member:
      description: The agent as policies name it.
      type: str
      sample: serviceAccount:service-123456789012@gcp-sa-artifactregistry.iam.gserviceaccount.com
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
    service_agent:
      description: The service agent.
      type: dict
      contains: *agent
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import PROJECT, gcp_batch_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_service_agent import DesiredAgent, ServiceAgents

ENTRY = {**PROJECT, "project_number": {"type": "str"}, "create": {"type": "bool"}}


def main() -> None:
    module = checked_module(gcp_batch_argument_spec(ENTRY, "SERVICEUSAGE"), **MODULE)
    desired = partial(DesiredAgent.from_options, check_mode=module.check_mode)
    task = run_task(module, ENTRY, desired, ServiceAgents.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
