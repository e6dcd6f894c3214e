#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_repository_info
short_description: Read AWS CodeArtifact repositories
version_added: 1.0.0
description:
  - Reads a repository, or all of a domain, each with upstreams, external connection and tags.
author:
  - The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.aws
  - pkgops.registry_auth.batch
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
  - Permissions needed are C(codeartifact:DescribeRepository) and C(codeartifact:ListTagsForResource), and
    C(codeartifact:ListRepositoriesInDomain) to read all of a domain. They are read in parallel.
  - With O(batch), entries are read in parallel. An entry that fails does not stop the others. The task then fails, and
    RV(ignore:msg) and RV(results) say which entries failed and why.
seealso:
  - module: pkgops.registry_auth.codeartifact_repository
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
        description: Name of the repository. All of the domain when not set.
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Read all repositories of a domain
  pkgops.registry_auth.codeartifact_repository_info:
    region: eu-west-1
    domain: demo
  register: all

- name: Say which of them fetch from outside AWS
  ansible.builtin.debug:
    msg: "{{ all.repositories | selectattr('external_connection') | map(attribute='name') }}"

- name: Read two of them
  pkgops.registry_auth.codeartifact_repository_info:
    region: eu-west-1
    domain: demo
    batch:
      - repository: python
      - repository: npm
"""

RETURN = r"""
repositories:
  description: The repositories by name. Empty when O(repository) does not exist. A domain that does not exist is an error.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &contents
    name:
      description: Name of the repository.
      type: str
      sample: python
    domain:
      description: Name of the domain.
      type: str
      sample: demo
    domain_owner:
      description: Id of the account that owns the domain.
      type: str
      sample: "123456789012"
    administrator_account:
      description: Id of the account that manages the repository.
      type: str
      sample: "123456789012"
    arn:
      description: ARN of the repository.
      type: str
      sample: arn:aws:codeartifact:eu-west-1:123456789012:repository/demo/python
    description:
      description: What it is for, null when nothing is said.
      type: str
      sample: What our services are built from
    upstreams:
      description: Names of the repositories that are asked for what is not here, the first one first.
      type: list
      elements: str
      sample: [python-shared, python-public]
    external_connection:
      description: Name of its external connection, null when it has none.
      type: str
      sample: public:pypi
    created_time:
      description: When it was created.
      type: str
      sample: "2026-01-31T12:00:00Z"
    tags:
      description: Its tags.
      type: dict
      sample: {team: packages}
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
    repositories:
      description: As above.
      type: list
      elements: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.codeartifact_repository import RepositoryReadings, WantedRepositories

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "repository": {"type": "str"},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module, ENTRY, WantedRepositories.from_options, partial(RepositoryReadings.connect, client_of(module))
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
