#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_domain_policy
short_description: Manage the resource policy of an AWS CodeArtifact domain
version_added: 1.0.0
description:
  - Makes sure that a domain has a resource policy that says what it should, or none. The policy is given as a document, which is then
    all of it, or as grants, which can share it with the statements of others.
  - The policy counts for the domain and for all repositories and packages in it.
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
      - When the domain does not exist yet, check mode supposes that an earlier task would have created it, and warns.
      - The revision of a policy that would be written is null.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions needed are C(codeartifact:GetDomainPermissionsPolicy), and to change the policy C(codeartifact:PutDomainPermissionsPolicy) or
    C(codeartifact:DeleteDomainPermissionsPolicy). When there is no policy, C(codeartifact:DescribeDomain) tells whether there is a domain.
  - CodeArtifact has no precondition for "only if there is no policy yet". So a first policy is read again after it was written. If another
    writer has replaced it, the change is planned again on what is there, under its revision, and the O(grants) of both are kept. A
    writer who looked before this policy was written, and writes after it was read again, still replaces it.
  - A document that is not a policy, or that AWS is known not to store, is refused before any call is made. What AWS stores is written. Each
    statement that opens more than is usually meant, or that never has an effect, gets a one-line warning. The rules are those of the
    C(findings) of M(pkgops.registry_auth.codeartifact_access_info).
  - A user or role that is deleted leaves its id, C(AIDA...) or C(AROA...), in the policies that named it. Such an id never equals an
    ARN, so a policy with one is replaced by the wanted one, and in O(policy) it is refused. With O(grants) it is warned about, and
    removed with O(drop_dead_principals).
seealso:
  - module: pkgops.registry_auth.codeartifact_domain_policy_info
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
              - What it grants on the domain. Needed unless O(grants[].state=absent).
              - V(login) is to get authorization tokens, without which no other account gets packages out of a repository or into one.
              - V(create_repositories) is to create repositories in the domain.
              - V(contribute) is both, and to describe the domain, list its repositories and read its policy.
            type: list
            elements: str
            choices: [login, create_repositories, contribute]
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
          - The revision that was seen last, as this module or C(pkgops.registry_auth.codeartifact_domain_policy_info) returned it.
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
- name: Let another account log in and create repositories
  pkgops.registry_auth.codeartifact_domain_policy:
    region: eu-west-1
    domain: demo
    policy:
      Version: "2012-10-17"
      Statement:
        - Sid: Contribute
          Effect: Allow
          Principal:
            AWS: arn:aws:iam::111122223333:root
          Action:
            - codeartifact:CreateRepository
            - codeartifact:DescribeDomain
            - codeartifact:GetAuthorizationToken
            - codeartifact:GetDomainPermissionsPolicy
            - codeartifact:ListRepositoriesInDomain
          Resource: "*"

- name: Let two accounts log in, whatever else the policy says, and drop what is left in it of deleted users and roles
  pkgops.registry_auth.codeartifact_domain_policy:
    region: eu-west-1
    domain: demo
    grants:
      - name: teams
        principals: ["111122223333", "444455556666"]
        access: [login]
    drop_dead_principals: true

- name: Let an organization make full use of the domain, and nobody else do anything
  pkgops.registry_auth.codeartifact_domain_policy:
    region: eu-west-1
    domain: demo
    grants:
      - name: organization
        principals: ["*"]
        organization: o-example1234
        access: [contribute]
    mode: replace

- name: Let the whole organization log in
  pkgops.registry_auth.codeartifact_domain_policy:
    region: eu-west-1
    domain: demo
    policy:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: "*"
          Action: codeartifact:GetAuthorizationToken
          Resource: "*"
          Condition:
            StringEquals:
              aws:PrincipalOrgID: o-example1234

- name: Remove the policy
  pkgops.registry_auth.codeartifact_domain_policy:
    region: eu-west-1
    domain: demo
    state: absent
"""

RETURN = r"""
domain_policy:
  description: The domain's policy. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    resource_arn:
      description: ARN of the domain. Null in check mode when it does not exist.
      type: str
      sample: arn:aws:codeartifact:eu-west-1:123456789012:domain/demo
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
        "Action":"codeartifact:GetAuthorizationToken","Resource":"*"}]}
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
    domain_policy:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._domain.codeartifact.names import domain_name
from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._options.codeartifact import policy_argument_spec
from ..module_utils._resources.parts.codeartifact_policy import CodeArtifactPolicies, DesiredPolicy

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    **policy_argument_spec("domain"),
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module,
        ENTRY,
        partial(DesiredPolicy.of, domain_name),
        partial(CodeArtifactPolicies.connect, client_of(module)),
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
