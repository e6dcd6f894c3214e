#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_repository_policy_info
short_description: Read the resource policies of AWS CodeArtifact repositories
version_added: 1.0.0
description:
  - Reads the resource policy of a repository, with the revision by which it can be overwritten.
  - Tells a repository without a policy from one that does not exist, which CodeArtifact answers alike.
author:
  - The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.aws
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
  - The permission needed is C(codeartifact:GetRepositoryPermissionsPolicy), and C(codeartifact:DescribeRepository) when there is no policy.
  - With O(batch), entries are read in parallel. An entry that fails does not stop the others. The task then fails, and
    RV(ignore:msg) and RV(results) say which entries failed and why.
seealso:
  - module: pkgops.registry_auth.codeartifact_repository_policy
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      domain:
        description: Name of the domain.
        type: str
      domain_owner:
        description: Id of the account that owns the domain, 12 digits in quotes. The caller's own account when not set.
        type: str
      repository:
        description: Name of the repository.
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Read the policy
  pkgops.registry_auth.codeartifact_repository_policy_info:
    region: eu-west-1
    domain: demo
    repository: python
  register: reviewed

- name: Stop unless there is one
  ansible.builtin.assert:
    that:
      - reviewed.repository_policy.exists
      - reviewed.repository_policy.policy is not none

- name: Show its statements
  ansible.builtin.debug:
    var: (reviewed.repository_policy.policy | from_json).Statement

- name: Read several at once
  pkgops.registry_auth.codeartifact_repository_policy_info:
    region: eu-west-1
    domain: demo
    batch:
      - repository: python
      - repository: npm
"""

RETURN = r"""
repository_policy:
  description: The repository's policy.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    exists:
      description: Whether there is such a repository. All else is null when there is not.
      type: bool
      sample: true
    resource_arn:
      description: ARN of the repository.
      type: str
      sample: arn:aws:codeartifact:eu-west-1:123456789012:repository/demo/python
    revision:
      description: Revision of the policy. Null when there is none.
      type: str
      sample: MQqlyA5S6hXUL2gKsXUvYMg/rMm5pL0gnL3fPbxUzYk=
    dead_principals:
      description: The ids of deleted users and roles that the policy names, C(AIDA...) and C(AROA...).
      type: list
      elements: str
      sample: []
    policy:
      description: The policy as JSON text, null when there is none. C(from_json) makes a mapping of it.
      type: str
      sample: >-
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
        "Action":"codeartifact:ReadFromRepository","Resource":"*"}]}
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
    repository_policy:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._domain.codeartifact.names import repository_name
from ..module_utils._engine.resource import NamedState
from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.parts.codeartifact_policy import PolicyReadings

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "repository": {"type": "str"},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module,
        ENTRY,
        partial(NamedState.of, repository_name),
        partial(PolicyReadings.connect, client_of(module)),
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
