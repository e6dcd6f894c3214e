#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_package_group_info
short_description: Read AWS CodeArtifact package groups, and what came from outside
version_added: 1.0.0
description:
  - Reads a package group, or all of a domain, each with what it says of new versions and what holds after inheritance.
  - For one group it can also list the versions of its packages that came from a public repository and are in a repository of the domain. A
    package group does not take these away.
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
  - Permissions needed are C(codeartifact:DescribePackageGroup) and C(codeartifact:ListTagsForResource), C(codeartifact:ListPackageGroups) to read
    all of a domain, and C(codeartifact:ListAllowedRepositoriesForGroup) where repositories are listed.
  - O(retained) needs C(codeartifact:ListAssociatedPackages), C(codeartifact:ListRepositoriesInDomain), C(codeartifact:ListPackages) and
    C(codeartifact:ListPackageVersions). It makes a call for each repository of the domain and format, and one for each package of the group
    in each repository that has it.
  - With O(batch), entries are read in parallel. An entry that fails does not stop the others. The task then fails, and
    RV(ignore:msg) and RV(results) say which entries failed and why.
seealso:
  - module: pkgops.registry_auth.codeartifact_package_group
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
      pattern:
        description: Pattern of the package group. All of the domain when not set.
        type: str
      retained:
        description:
          - Also list the versions of the group's packages that came from outside, V(false) when not set. Needs O(pattern).
          - When there is no such group yet, it is about the packages that it would take.
        type: bool
  <<: *entry
"""

EXAMPLES = r"""
- name: Read all package groups of a domain
  pkgops.registry_auth.codeartifact_package_group_info:
    region: eu-west-1
    domain: demo
  register: all

- name: Say which of them let public versions in
  ansible.builtin.debug:
    msg: "{{ all.package_groups | rejectattr('external_upstream.effective_mode', 'eq', 'BLOCK') | map(attribute='pattern') }}"

- name: Look for public versions that came before the group blocked them
  pkgops.registry_auth.codeartifact_package_group_info:
    region: eu-west-1
    domain: demo
    pattern: /pypi//acme~
    retained: true
"""

RETURN = r"""
package_groups:
  description: The groups by pattern. Empty when O(pattern) does not exist. A domain that does not exist is an error.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &contents
    pattern:
      description: Its pattern.
      type: str
      sample: /pypi//acme~
    domain:
      description: Name of the domain.
      type: str
      sample: demo
    domain_owner:
      description: Id of the account that owns the domain.
      type: str
      sample: "123456789012"
    arn:
      description: ARN of the group.
      type: str
      sample: arn:aws:codeartifact:eu-west-1:123456789012:package-group/demo/pypi//acme~
    description:
      description: What it is for, null when nothing is said.
      type: str
      sample: What we make ourselves
    contact:
      description: Whom to ask about it, null when nothing is said.
      type: str
      sample: platform@example.com
    created_time:
      description: When it was created.
      type: str
      sample: "2026-01-31T12:00:00Z"
    parent:
      description: Pattern of the next group above, null for the root.
      type: str
      sample: /*
    publish:
      description: Whether new versions may be published.
      type: dict
      contains: &setting
        mode:
          description: The mode that the group has.
          type: str
          sample: INHERIT
        effective_mode:
          description: The mode that holds.
          type: str
          sample: ALLOW
        inherited_from:
          description: Pattern of the group that it is inherited from, null when it is the group's own.
          type: str
          sample: /*
        repositories:
          description: Names of the repositories that the group lists for it.
          type: list
          elements: str
          sample: []
    external_upstream:
      description: Whether new versions may come through external connections.
      type: dict
      contains: *setting
    internal_upstream:
      description: Whether new versions may come from upstream repositories.
      type: dict
      contains: *setting
    tags:
      description: Its tags.
      type: dict
      sample: {team: packages}
retained:
  description: Versions that came from outside and can be installed, package by package and repository by repository.
  returned: success, with O(retained), without O(batch)
  type: list
  elements: dict
  contains: &retained
    repository:
      description: Name of the repository.
      type: str
      sample: python
    format:
      description: Format of the package.
      type: str
      sample: pypi
    namespace:
      description: Its namespace, null when it has none.
      type: str
      sample: null
    package:
      description: Its name.
      type: str
      sample: acme-tool
    association:
      description: V(STRONG) when it belongs to the group by its name, V(WEAK) by a variation of it.
      type: str
      sample: STRONG
    versions:
      description: The versions, the newest first.
      type: list
      elements: str
      sample: ["99.0.0"]
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
    package_groups:
      description: As above.
      type: list
      elements: dict
      contains: *contents
    retained:
      description: As above.
      type: list
      elements: dict
      contains: *retained
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.codeartifact_package_group import PackageGroupReadings, WantedGroups

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "pattern": {"type": "str"},
    "retained": {"type": "bool"},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module, ENTRY, WantedGroups.from_options, partial(PackageGroupReadings.connect, client_of(module))
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
