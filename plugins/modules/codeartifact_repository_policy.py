#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_repository_policy
short_description: Manage the resource policy of an AWS CodeArtifact repository
version_added: 1.0.0
description:
  - Makes sure that a repository has a resource policy that says what it should, or none. The policy is given as a document, which is then
    all of it, or as grants, which can share it with the statements of others.
  - The policy says who may read from the repository, publish to it or manage it, in addition to what identity policies grant.
  - Policies are compared by meaning. The order of statements and of values, one value or a list of one, duplicates, V(*) and
    C({"AWS":"*"}), an account's id and the ARN of its root, and the case of actions and of condition keys make no difference.
  - A policy that differs is written as a whole. The revision that was read is sent with each write and deletion, so that no other writer's
    change is overwritten unseen.
author:
  - The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.aws
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.batch.writes
attributes:
  check_mode:
    support: full
    details:
      - When the repository does not exist yet, check mode supposes that an earlier task would have created it, and warns.
      - The revision of a policy that would be written is null. Of a repository that does not exist yet, O(grants) are shown with C(*)
        for the region or account in ARNs when O(region) or O(domain_owner) does not say it.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions needed are C(codeartifact:GetRepositoryPermissionsPolicy), and to change the policy C(codeartifact:PutRepositoryPermissionsPolicy) or
    C(codeartifact:DeleteRepositoryPermissionsPolicy). When there is no policy, C(codeartifact:DescribeRepository) tells whether there is a repository.
  - CodeArtifact has no precondition for "only if there is no policy yet". So a first policy is read again after it was written. If another
    writer has replaced it, the change is planned again on what is there, under its revision, and the O(grants) of both are kept. A
    writer who looked before this policy was written, and writes after it was read again, still replaces it.
  - A document that is not a policy, or that AWS is known not to store, is refused before any call is made. What AWS stores is written. Each
    statement that opens more than is usually meant, or that never has an effect, gets a one-line warning. The rules are those of the
    C(findings) of M(pkgops.registry_auth.codeartifact_access_info).
  - To read or publish across accounts, the domain's policy must also grant C(codeartifact:GetAuthorizationToken), and an identity policy of
    the other account must allow that, what the repository's policy grants, and C(sts:GetServiceBearerToken). With O(grants) to other
    accounts the domain's policy is read once for a task, with C(codeartifact:GetDomainPermissionsPolicy), to warn about those whom it
    does not let log in. That it could not be read is a warning as well.
  - A user or role that is deleted leaves its id, C(AIDA...) or C(AROA...), in the policies that named it. Such an id never equals an
    ARN, so a policy with one is replaced by the wanted one, and in O(policy) it is refused. With O(grants) it is warned about, and
    removed with O(drop_dead_principals).
seealso:
  - module: pkgops.registry_auth.codeartifact_repository_policy_info
  - module: pkgops.registry_auth.codeartifact_domain_policy
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
      policy:
        description:
          - The whole policy, as a mapping or as JSON text. Ignored when O(state=absent).
          - As compact JSON, which is how it is sent, it can have up to 7168 characters.
          - One of this and O(grants).
        type: raw
      grants:
        description:
          - Who may do what, as a list, in place of O(policy). The module makes the statements that mean the same.
          - Without O(mode=replace), only the statements of the grants that are named here are touched; all others stay as they are, where they are.
        type: list
        elements: dict
        suboptions:
          name:
            description:
              - Name of the grant. The C(Sid) of each of its statements is made from it, for example C(TeamARead) from V(team-a), and shows that
                the statement belongs to the grant. So no other statement may have such a C(Sid).
              - Letters and digits, and between them hyphens, underscores, dots and spaces, which do not tell grants apart.
            type: str
            required: true
          principals:
            description:
              - Who it is for - ids of accounts, in quotes, which stand for all users and roles in them, and ARNs of users and roles.
              - V(*) is everybody, and needs O(grants[].everyone) or O(grants[].organization).
              - Needed unless O(grants[].state=absent).
            type: list
            elements: str
          everyone:
            description: That everybody in every AWS account is meant by V(*) in O(grants[].principals).
            type: bool
          organization:
            description: Id of an AWS organization. Principals that are not in it get nothing.
            type: str
          access:
            description:
              - What it grants. Needed unless O(grants[].state=absent).
              - V(download) lets package managers fetch packages, which is asked of the repository, so all can be fetched or none.
              - V(read) is V(download), and to list and describe packages and the repository.
              - V(publish) is to publish versions of O(grants[].packages).
            type: list
            elements: str
            choices: [download, read, publish]
          packages:
            description:
              - The packages that V(publish) in O(grants[].access) is about. When not set, all packages, of formats that need nothing else.
              - For packages of the format V(maven), C(codeartifact:PutPackageMetadata) is granted too, and for V(nuget)
                C(codeartifact:ReadFromRepository) on the repository, without which they cannot be published.
            type: list
            elements: dict
            suboptions:
              format:
                description: Format of the packages.
                type: str
                required: true
                choices: [cargo, generic, maven, npm, nuget, pypi, ruby, swift]
              namespace:
                description:
                  - Their scope in npm, with or without C(@), and in Swift, their groupId in Maven, and their namespace among generic packages.
                    Other formats have none. C(*) and C(?) are wildcards.
                  - Empty for npm packages without a scope. When neither this nor O(grants[].packages[].name) is set, all packages of the format.
                type: str
              name:
                description:
                  - Their name, for npm also with the scope in front. C(*) and C(?) are wildcards. All names when not set.
                  - An npm package without a scope when O(grants[].packages[].namespace) is not set.
                  - Names of V(pypi), V(nuget) and V(swift) are normalized as CodeArtifact stores them.
                type: str
          state:
            description:
              - V(present) makes sure that the grant's statements are there as they should be, and no other statements of it.
              - V(absent) makes sure that it has no statements. Only its O(grants[].name) is used.
            type: str
            choices: [present, absent]
            default: present
      mode:
        description:
          - V(merge) changes only statements of O(grants). To take a grant back, name it with O(grants[].state=absent). This is the default.
          - V(replace) makes a policy that has the statements of O(grants) and no others.
        type: str
        choices: [merge, replace]
      drop_dead_principals:
        description:
          - Remove from all statements what is left of users and roles that were deleted, C(AIDA...) and C(AROA...), and statements that name
            nobody else. For O(grants) alone, since O(policy) has none.
          - AWS stores no policy with such an id. As long as a statement of another writer has one, no grant can be changed.
        type: bool
      policy_revision:
        description:
          - The revision that was seen last, as this module or C(pkgops.registry_auth.codeartifact_repository_policy_info) returned it.
          - When something is to be written and the policy has another revision by then, the entry fails and writes nothing.
        type: str
      state:
        description:
          - V(present) makes sure that the policy means what O(policy) says, or has the O(grants). This is the default.
          - V(absent) makes sure that there is no policy, whoever wrote what is in it. To take back a grant, use O(grants[].state).
        type: str
        choices: [present, absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Let another account read all packages
  pkgops.registry_auth.codeartifact_repository_policy:
    region: eu-west-1
    domain: demo
    repository: python
    policy:
      Version: "2012-10-17"
      Statement:
        - Sid: Read
          Effect: Allow
          Principal:
            AWS: arn:aws:iam::111122223333:root
          Action:
            - codeartifact:DescribePackageVersion
            - codeartifact:DescribeRepository
            - codeartifact:GetPackageVersionReadme
            - codeartifact:GetRepositoryEndpoint
            - codeartifact:ListPackages
            - codeartifact:ListPackageVersions
            - codeartifact:ListPackageVersionAssets
            - codeartifact:ListPackageVersionDependencies
            - codeartifact:ReadFromRepository
          Resource: "*"

- name: Let a team read, and its release role publish its own packages, whatever else the policy says
  pkgops.registry_auth.codeartifact_repository_policy:
    region: eu-west-1
    domain: demo
    repository: npm
    grants:
      - name: team-a
        principals: ["111122223333"]
        access: [read]
      - name: team-a-release
        principals: ["arn:aws:iam::111122223333:role/release"]
        access: [publish]
        packages:
          - {format: npm, namespace: "@acme"}
          - {format: maven, namespace: com.acme, name: "app-*"}

- name: Take a grant back
  pkgops.registry_auth.codeartifact_repository_policy:
    region: eu-west-1
    domain: demo
    repository: npm
    grants:
      - name: team-a-release
        state: absent

- name: Let a role publish one npm scope, from a file
  pkgops.registry_auth.codeartifact_repository_policy:
    region: eu-west-1
    domain: demo
    domain_owner: "123456789012"
    repository: npm
    policy: "{{ lookup('ansible.builtin.file', 'npm_policy.json') }}"

- name: Manage the policies of several repositories at once
  pkgops.registry_auth.codeartifact_repository_policy:
    region: eu-west-1
    domain: demo
    policy: "{{ readers_policy }}"
    batch:
      - repository: python
      - repository: npm
      - repository: scratch
        state: absent

- name: Overwrite the policy only if it is still the one that was reviewed
  pkgops.registry_auth.codeartifact_repository_policy:
    region: eu-west-1
    domain: demo
    repository: python
    policy: "{{ readers_policy }}"
    policy_revision: "{{ reviewed.repository_policy.revision }}"
"""

RETURN = r"""
repository_policy:
  description: The repository's policy. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    resource_arn:
      description: ARN of the repository. Null in check mode when it does not exist.
      type: str
      sample: arn:aws:codeartifact:eu-west-1:123456789012:repository/demo/python
    revision:
      description: Revision of the policy. Null when there is none, and in check mode when it would be written.
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
      description: Whether this entry changed something.
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
from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._options.codeartifact import policy_argument_spec
from ..module_utils._resources.parts.codeartifact_policy import CodeArtifactPolicies, DesiredPolicy

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "repository": {"type": "str"},
    **policy_argument_spec("repository"),
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module,
        ENTRY,
        partial(DesiredPolicy.of, repository_name),
        partial(CodeArtifactPolicies.connect, client_of(module)),
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
