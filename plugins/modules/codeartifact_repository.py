#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_repository
short_description: Manage an AWS CodeArtifact repository
version_added: 1.0.0
description:
  - Creates, updates and deletes a repository of a domain, its description, its upstreams in their order, its external connection and its
    tags.
  - An option that is not set leaves the current value unchanged. An option that is set and empty removes it.
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
      - When the domain does not exist yet, check mode supposes that an earlier task would have created it, and warns.
      - Whether upstreams exist is not checked. For a repository that would be created, values that only CodeArtifact knows are null.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions needed are C(codeartifact:DescribeRepository), and C(codeartifact:CreateRepository), C(codeartifact:UpdateRepository) or
    C(codeartifact:DeleteRepository) for what has to be done. For each new one of O(upstreams)
    C(codeartifact:AssociateWithDownstreamRepository) on it is needed, for O(external_connection)
    C(codeartifact:AssociateExternalConnection) and C(codeartifact:DisassociateExternalConnection), for O(tags)
    C(codeartifact:ListTagsForResource), C(codeartifact:TagResource) and C(codeartifact:UntagResource), and C(codeartifact:ListPackages)
    to delete a repository without O(force).
  - Only what differs is written, and a repository is never deleted and created again. Description and upstreams are written in one call,
    an external connection and tags in separate calls. When a later one of them fails, the entry fails but is still V(changed),
    and running the task again continues from there.
  - With O(batch), a repository comes after those entries that it names in O(upstreams), whatever their order. Entries that name each other
    in a circle are refused before any call is made.
  - AWS's documents do not agree on whether a repository can have O(upstreams) and O(external_connection) at once. A warning says so
    when a repository is to get both, and CodeArtifact decides. When one takes the other's place, the old one is removed first.
  - Repositories have no revisions. Of two writers of one option at the same moment, the last one wins, and a package that is published
    between the look for packages and the deletion is deleted, too.
seealso:
  - module: pkgops.registry_auth.codeartifact_repository_info
  - module: pkgops.registry_auth.codeartifact_repository_policy
  - module: pkgops.registry_auth.codeartifact_domain
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
      description:
        description: What it is for, in one line of up to 1000 characters. An empty text removes it.
        type: str
      upstreams:
        description:
          - Names of up to 10 repositories of the same domain that are asked for what is not here, the first one first. An empty list
            removes all.
          - A repository cannot be upstream of itself, nor through others.
        type: list
        elements: str
      external_connection:
        description:
          - Name of the public repository to connect it to, for example V(public:pypi) or V(public:npmjs). A repository can have one. An
            empty text removes it.
          - When it has another one, that is removed first.
        type: str
      tags:
        description:
          - Tags, as a mapping of keys to values. They are neither read nor changed when this is not set.
          - Tags whose keys begin with C(aws:) belong to AWS and are left alone.
        type: dict
        aliases: [resource_tags]
      purge_tags:
        description: Whether tags that O(tags) does not have are removed, V(true) when not set. Without O(tags) it has no effect.
        type: bool
      force:
        description: With O(state=absent), whether a repository with packages is deleted, packages and all. V(false) when not set.
        type: bool
      state:
        description:
          - V(present) makes sure that there is such a repository. This is the default.
          - V(absent) deletes it. A repository with packages is refused unless O(force=true).
          - Repositories that had a deleted one as an upstream continue without it.
        type: str
        choices: [present, absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Create a repository
  pkgops.registry_auth.codeartifact_repository:
    region: eu-west-1
    domain: demo
    repository: services
    description: What our services are built from
    tags:
      team: build

- name: Let teams read public packages through one repository
  pkgops.registry_auth.codeartifact_repository:
    region: eu-west-1
    domain: demo
    batch:
      - repository: team-a
        upstreams: [services, python-public]
      - repository: team-b
        upstreams: [python-public]
      - repository: python-public
        external_connection: public:pypi

- name: Cut a repository off from others
  pkgops.registry_auth.codeartifact_repository:
    region: eu-west-1
    domain: demo
    domain_owner: "123456789012"
    repository: team-b
    upstreams: []
    external_connection: ""

- name: Delete a repository, if there are no packages in it
  pkgops.registry_auth.codeartifact_repository:
    region: eu-west-1
    domain: demo
    repository: team-b
    state: absent

- name: Delete a repository with all of its packages
  pkgops.registry_auth.codeartifact_repository:
    region: eu-west-1
    domain: demo
    repository: scratch
    state: absent
    force: true
"""

RETURN = r"""
repository:
  description: The repository, null when it is absent. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
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
      description: Its tags. Null when O(tags) is not set, because reading them takes a separate call.
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
      description: Whether this entry changed something.
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    repository:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._options.codeartifact import REPOSITORY
from ..module_utils._resources.codeartifact_repository import CodeArtifactRepositories, DesiredRepository

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "repository": {"type": "str"},
    **REPOSITORY,
    "force": {"type": "bool"},
    "state": {"type": "str", "choices": ["present", "absent"]},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module,
        ENTRY,
        DesiredRepository.from_options,
        partial(CodeArtifactRepositories.connect, client_of(module)),
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
