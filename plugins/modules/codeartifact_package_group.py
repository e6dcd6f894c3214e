#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_package_group
short_description: Manage an AWS CodeArtifact package group
version_added: 1.0.0
description:
  - Creates, updates and deletes a package group of a domain, and says from where new versions of its packages may come to all repositories
    of the domain - by publishing, from public repositories behind external connections, and from other repositories of the domain.
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
      - Whether repositories exist is not checked. Values that only CodeArtifact knows are null, such as the effective mode of a setting that
        would begin to inherit.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions needed are C(codeartifact:DescribePackageGroup), and for what has to be done C(codeartifact:CreatePackageGroup),
    C(codeartifact:UpdatePackageGroup), C(codeartifact:UpdatePackageGroupOriginConfiguration) or C(codeartifact:DeletePackageGroup), the last
    with C(codeartifact:ListSubPackageGroups). Of a group for which repositories are listed, C(codeartifact:ListAllowedRepositoriesForGroup)
    reads them. For O(tags), C(codeartifact:ListTagsForResource), C(codeartifact:TagResource) and C(codeartifact:UntagResource) are needed. The
    resource is the package group's ARN, in which the pattern is percent-encoded, except for C(CreatePackageGroup), which is asked of V(*).
  - Only what differs is written, and a group is never deleted and created again. A group is created in one call and gets its settings in a
    second one; between them it inherits. When a later call fails, the entry fails but is still V(changed), and running the task again
    continues from there.
  - Package groups have no revisions to lock by. Each answer is compared with what was asked for, and the entry fails where it differs. The group is
    read at the end, and when it is not as written, because of another writer or because a new group does not show yet, the module reads and plans
    again for up to a minute.
  - A package belongs to the group with the most specific pattern that matches it, and to that one alone. A variation of a name in case, or in the
    choice of C(-), C(.) and C(_), belongs to the group too, and is blocked whatever the group allows.
  - Settings are about new versions. A version that is in a repository already can still be installed;
    M(pkgops.registry_auth.codeartifact_package_group_info) lists what came from outside.
  - Not verified are whether CodeArtifact keeps a list of repositories when the mode changes to one without a list, and whether it takes a list
    before that. Where it does not, the entry fails with CodeArtifact's reason.
seealso:
  - module: pkgops.registry_auth.codeartifact_package_group_info
  - module: pkgops.registry_auth.codeartifact_package_origin
  - name: Package group definition syntax and matching behavior
    description: Which packages a pattern takes.
    link: https://docs.aws.amazon.com/codeartifact/latest/ug/package-group-definition-syntax-matching-behavior.html
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
        description:
          - Which packages the group takes. It is also the group's name. Accepted are V(/*), V(/npm/*), V(/npm/acme/*), V(/maven/com.acme~),
            V(/npm/acme/ui~) and V(/maven/com.acme/core$), and the like.
          - V(*) stands for everything after a slash, V(~) for names that begin with what is before it and end there or continue after a C(-),
            C(.) or the like, and V($) for exactly this name. So C(acme-*) is written V(/pypi//acme~), which takes C(acme) as well, and not C(acmetool).
          - The format is V(cargo), V(generic), V(maven), V(npm), V(nuget), V(pypi), V(ruby) or V(swift). Where a package has no namespace there is
            nothing between two slashes. A scope of npm is written without C(@). Names of Python, NuGet and Swift are written normalized.
          - V(/*) is the root group, which each domain has. It can be configured, and not be deleted.
        type: str
      description:
        description: What it is for, in one line of up to 1000 characters. An empty text removes it.
        type: str
      contact:
        description: Whom to ask about it, in one line of up to 1000 characters. An empty text removes it.
        type: str
      publish:
        description:
          - Whether new versions may be published directly.
          - V(INHERIT) takes it from the next group above that does not inherit. A new group inherits all that is not set.
          - V(ALLOW_SPECIFIC_REPOSITORIES) allows it for repositories that are listed, and V(BLOCK) for none.
        type: str
        choices: [ALLOW, BLOCK, ALLOW_SPECIFIC_REPOSITORIES, INHERIT]
      publish_repositories:
        description: With O(publish=ALLOW_SPECIFIC_REPOSITORIES), names of all repositories that take published versions.
        type: list
        elements: str
      external_upstream:
        description: Whether new versions may come from public repositories, through external connections, as in O(publish).
        type: str
        choices: [ALLOW, BLOCK, ALLOW_SPECIFIC_REPOSITORIES, INHERIT]
      external_upstream_repositories:
        description:
          - With O(external_upstream=ALLOW_SPECIFIC_REPOSITORIES), names of all repositories that take versions from their external connections.
        type: list
        elements: str
      internal_upstream:
        description:
          - Whether new versions may come from upstream repositories of the domain, as in O(publish).
          - With V(BLOCK), a repository no longer gets packages that are published to another one.
        type: str
        choices: [ALLOW, BLOCK, ALLOW_SPECIFIC_REPOSITORIES, INHERIT]
      internal_upstream_repositories:
        description: With O(internal_upstream=ALLOW_SPECIFIC_REPOSITORIES), names of all repositories that take versions from their upstreams.
        type: list
        elements: str
      tags:
        description:
          - Tags, as a mapping of keys to values. They are neither read nor changed when this is not set.
          - Tags whose keys begin with C(aws:) belong to AWS and are left alone.
        type: dict
        aliases: [resource_tags]
      purge_tags:
        description: Whether tags that O(tags) does not have are removed, V(true) when not set. Without O(tags) it has no effect.
        type: bool
      state:
        description:
          - V(present) makes sure that there is such a group. This is the default.
          - V(absent) deletes it. Its packages then belong to the next group above, and groups that inherited from it inherit from there. A
            warning says what that changes, in check mode too.
        type: str
        choices: [present, absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Let no public package come in place of ours, in any repository of the domain
  pkgops.registry_auth.codeartifact_package_group:
    region: eu-west-1
    domain: demo
    publish: ALLOW
    external_upstream: BLOCK
    internal_upstream: ALLOW
    batch:
      - pattern: /pypi//acme~
      - pattern: /npm/acme/*
      - pattern: /maven/com.acme~

- name: Let one repository alone take public packages, and say whom to ask
  pkgops.registry_auth.codeartifact_package_group:
    region: eu-west-1
    domain: demo
    pattern: /*
    external_upstream: ALLOW_SPECIFIC_REPOSITORIES
    external_upstream_repositories: [python]
    contact: platform@example.com

- name: Take back what was set for one scope
  pkgops.registry_auth.codeartifact_package_group:
    region: eu-west-1
    domain: demo
    domain_owner: "123456789012"
    pattern: /npm/acme/*
    state: absent
"""

RETURN = r"""
package_group:
  description: The package group, null when it is absent. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
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
          description: The mode that holds. In check mode null for a setting that would begin to inherit.
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
    package_group:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.codeartifact_package_group import DesiredGroup, PackageGroupResources

MODES = ["ALLOW", "BLOCK", "ALLOW_SPECIFIC_REPOSITORIES", "INHERIT"]
ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "pattern": {"type": "str"},
    "description": {"type": "str"},
    "contact": {"type": "str"},
    "publish": {"type": "str", "choices": MODES},
    "publish_repositories": {"type": "list", "elements": "str"},
    "external_upstream": {"type": "str", "choices": MODES},
    "external_upstream_repositories": {"type": "list", "elements": "str"},
    "internal_upstream": {"type": "str", "choices": MODES},
    "internal_upstream_repositories": {"type": "list", "elements": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool"},
    "state": {"type": "str", "choices": ["present", "absent"]},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module, ENTRY, DesiredGroup.from_options, partial(PackageGroupResources.connect, client_of(module))
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
