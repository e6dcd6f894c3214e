#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_access_info
short_description: Report who may do what with AWS CodeArtifact repositories, and why
version_added: 1.0.0
description:
  - Evaluates the policy of a domain together with those of its repositories, by AWS's rules for how they interact. For everybody they name,
    it reports what they may do with the domain and with each repository, and which statement allows it or which is missing.
  - Reports what is risky or has no effect in these policies, each with a remedy as a task to paste.
  - Reads the policies from AWS, or evaluates O(documents), for which it makes no call and needs no credentials.
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
  - Permissions needed are C(codeartifact:ListRepositoriesInDomain) and C(codeartifact:GetDomainPermissionsPolicy) on the domain, and
    C(codeartifact:GetRepositoryPermissionsPolicy) on each repository. For a domain that has neither repositories nor a policy,
    C(codeartifact:DescribeDomain) tells who owns it.
  - Makes one call for each thousand repositories of the domain, one for the domain's policy and one for each repository's, in parallel.
  - A repository whose policy cannot be read is named in RV(ignore:msg), and the task fails. The result still contains the others.
  - Only the identity policies given in O(callers) are known, and none of other principals. Permissions boundaries and policies of
    organizations, sessions and VPC endpoints are not considered. They could deny what is answered with V(allowed).
  - What cannot be determined is V(depends), and never guessed. The reason says on what it depends.
  - A statement that names an account leaves the decision to the identity policies in that account, as IAM documents. CodeArtifact's guide
    can be read as if the statement were enough for callers in the owner's own account. For those without an identity policy that allows the
    action, the answer is therefore V(depends).
seealso:
  - module: pkgops.registry_auth.codeartifact_domain_policy
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
        description:
          - Id of the account that owns the domain, 12 digits in quotes. The caller's own account when not set.
          - Needed with O(documents), and so is O(region).
        type: str
      repositories:
        description: Names of the repositories to judge. All of the domain when not set.
        type: list
        elements: str
      documents:
        description:
          - Evaluate these policies instead of those in AWS, for example before you write them.
        type: dict
        suboptions:
          domain_policy:
            description: The domain's policy, as a mapping or as JSON text. None when not set.
            type: raw
          repositories:
            description: The repositories of the domain.
            type: list
            elements: dict
            suboptions:
              repository:
                description: Name of the repository.
                type: str
                required: true
              policy:
                description: Its policy, as a mapping or as JSON text. None when not set.
                type: raw
              administrator_account:
                description: Id of the account that administers it. That of the domain when not set.
                type: str
      callers:
        description:
          - Principals to evaluate on the domain and on each repository, whether a policy names them or not.
        type: list
        elements: dict
        suboptions:
          arn:
            description:
              - ARN of a user, a role or a session, or an account's id, which means anybody in that account.
              - The ARN of an account's root means its root user, who may do everything in the account, whatever
                O(callers[].identity_policies) says.
            type: str
            required: true
          identity_policies:
            description:
              - All policies of that user or role, each as a mapping or as JSON text. An empty list says that there are none.
              - When not set they are not known, and the answers depend on them.
            type: list
            elements: raw
      names:
        description:
          - Names of packages that are yours, such as C(acme-*), C(acme-tool), C(@acme/*) of npm and C(com.acme:*) of Maven. For each,
            RV(access.findings) say whether a client of a repository could be offered a public package in place of yours.
          - It is judged for a client that asks one repository and takes the highest version that it lists. A C(*) is at the end, behind a hyphen,
            a dot or an underscore.
          - Cannot be given with O(documents). Takes C(codeartifact:ListPackageGroups), C(codeartifact:ListAllowedRepositoriesForGroup),
            C(codeartifact:DescribeRepository), C(codeartifact:ListPackages) and C(codeartifact:ListPackageVersions), and a call for each repository of
            the domain, one for each repository and format, and one for each package of such a name in each repository. Without these permissions the
            task fails, and the result still contains the rest.
        type: list
        elements: str
      formats:
        description: The formats of O(names) that have neither a scope nor a groupId. V(pypi) and V(npm) when not set.
        type: list
        elements: str
        choices: [cargo, npm, nuget, pypi, ruby]
      details:
        description:
          - Return also the answer for each action of CodeArtifact, in RV(access.principals[].details) and
            RV(access.repository_access[].details).
          - The default is V(false).
        type: bool
  <<: *entry
"""

EXAMPLES = r"""
- name: Read who may do what in a domain
  pkgops.registry_auth.codeartifact_access_info:
    region: eu-west-1
    domain: demo
  register: audit

- name: Say who may publish where, and why
  ansible.builtin.debug:
    msg: "{{ item.1.repositories | join(', ') }}: {{ item.0.access.publish }} {{ item.0.reasons.publish }}"
  loop: "{{ audit.access.repository_access | rejectattr('access.publish', 'eq', 'denied') | subelements('principals') }}"
  loop_control:
    label: "{{ item.1.principal }}"

- name: Make sure that policies let nobody but the release role publish to a repository
  ansible.builtin.assert:
    that: item.1.principal == 'arn:aws:iam::111122223333:role/release'
  loop: "{{ audit.access.repository_access | selectattr('access.publish', 'in', ['allowed', 'granted']) | subelements('principals') }}"
  loop_control:
    label: "{{ item.1.principal }}"
  when: "'python' in item.1.repositories"

- name: Make sure that nobody can read from outside of AWS accounts that are named
  ansible.builtin.assert:
    that: audit.access.findings | selectattr('code', 'eq', 'public_access') | length == 0

- name: Ask whether a role may publish, by its own policies and by those of the repositories
  pkgops.registry_auth.codeartifact_access_info:
    region: eu-west-1
    domain: demo
    repositories: [python, npm]
    callers:
      - arn: arn:aws:iam::111122223333:role/release
        identity_policies:
          - Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: codeartifact:*
                Resource: "*"

- name: Judge a policy before it is written
  pkgops.registry_auth.codeartifact_access_info:
    region: eu-west-1
    domain: demo
    domain_owner: "123456789012"
    documents:
      repositories:
        - repository: python
          policy: "{{ readers_policy }}"

- name: Read several domains at once
  pkgops.registry_auth.codeartifact_access_info:
    region: eu-west-1
    batch:
      - domain: demo
      - domain: shared
        domain_owner: "111122223333"
"""

RETURN = r"""
access:
  description: Who may do what in the domain, and what was found.
  returned: success, and when some repositories could not be read, without O(batch)
  type: dict
  contains: &access
    domain:
      description: Name of the domain.
      type: str
      sample: demo
    domain_owner:
      description: Id of the account that owns it.
      type: str
      sample: "123456789012"
    region:
      description: The region that it is in.
      type: str
      sample: eu-west-1
    arn:
      description: Its ARN.
      type: str
      sample: arn:aws:codeartifact:eu-west-1:123456789012:domain/demo
    policy:
      description: Its policy as JSON text, null when there is none. C(from_json) makes a mapping of it.
      type: str
    policy_revision:
      description: Revision of its policy, null when there is none and with O(documents).
      type: str
    principals:
      description:
        - What each principal may do with the domain. These are the domain's own account, all that its policy names and O(callers), and
          V(*) for people in accounts that no policy names, where a policy speaks of such.
        - A user or role that is not here may do what its account may, else what V(*) may, else nothing.
      type: list
      elements: dict
      contains:
        principal: &principal
          description: An account's id, the ARN of a user, role or session, or V(*).
          type: str
          sample: arn:aws:iam::111122223333:role/release
        account: &account
          description: Id of its account, null for V(*).
          type: str
          sample: "111122223333"
        access:
          description:
            - The answer for each kind of access. These are C(login), to get the token that package managers need, C(create_repositories),
              and C(administer), to change the domain's policy and package groups or delete it.
            - V(allowed) is certain. V(granted) is allowed by policies of the domain or repository, and the principal's own policies,
              which are not known, have the last word. V(depends) is decided by what is not known. V(denied) is the rest.
            - Whoever may do one of an access's actions has the access.
          type: dict
          sample: {login: granted, create_repositories: denied, administer: denied}
        <<: &why
          reasons:
            description: Why, for each kind of access, in words that go after the answer.
            type: dict
            sample:
              read: by statement 1 (Sid 'Read') of the repository policy, if an identity policy of the caller allows it too
              maintain: no domain or repository policy allows it
          packages:
            description:
              - For each kind of access that is not about all packages, patterns of those that it is about, as C(only), and of those among
                them that it is not about, as C(except).
              - A pattern is FORMAT/NAMESPACE/NAME, with nothing between the slashes where there is no namespace.
            returned: where something is about some packages only
            type: dict
            sample: {publish: {only: [npm/parity/*], except: []}}
          only_actions:
            description: For each kind of access that is about some of its actions only, which these are.
            returned: where something is about some actions only
            type: dict
            sample: {administer: [UpdateRepository]}
          details:
            description: The answer for each action of CodeArtifact that there is to ask of the domain or repository.
            returned: with O(details)
            type: list
            elements: dict
            contains:
              outcome:
                description: The answer, as in C(access).
                type: str
                sample: granted
              reason:
                description: Why.
                type: str
              actions:
                description: The actions that have this answer for this reason.
                type: list
                elements: str
                sample: ["codeartifact:ReadFromRepository"]
              statements:
                description: The statements that decide it, or on which it depends, by C(policy), C(statement), counted from 1, C(sid) and
                  C(effect).
                type: list
                elements: dict
              packages:
                description: As above, for these actions.
                type: dict
    repositories:
      description: The repositories, by name.
      type: list
      elements: dict
      contains:
        repository:
          description: Name of the repository.
          type: str
          sample: python
        arn:
          description: Its ARN.
          type: str
          sample: arn:aws:codeartifact:eu-west-1:123456789012:repository/demo/python
        administrator_account:
          description: Id of the account that administers it, whose identity policies are enough there. Null when it could not be read.
          type: str
          sample: "123456789012"
        failed:
          description: Whether its policy could not be read.
          type: bool
        msg:
          description: Why it could not be read.
          returned: when it could not be read
          type: str
        failure:
          description: The same as a C(code) for playbooks.
          returned: when it could not be read
          type: dict
          sample: {code: permission_denied}
        policy:
          description: Its policy, as above.
          type: str
        policy_revision:
          description: Revision of its policy, null when there is none and with O(documents).
          type: str
    repository_access:
      description:
        - What may be done with the repositories, each answer once, and whom and which repositories it is about.
        - For a repository, these are the accounts that own the domain and administer the repository, all that its own policy names,
          O(callers), and those named only in the domain's policy for whom that policy makes a difference in the repository.
      type: list
      elements: dict
      contains:
        access:
          description:
            - The answer for each kind of access, as above. These are C(read), C(publish), C(maintain), to copy, hide or delete packages and
              to say where they come from, and C(administer), to change or delete the repository or its policy.
          type: dict
          sample: {read: granted, publish: granted, maintain: denied, administer: denied}
        <<: *why
        principals:
          description: Whom it is about.
          type: list
          elements: dict
          contains:
            principal: *principal
            account: *account
            login:
              description: The answer for C(login) to the domain, as above. Without it no package manager reads or publishes.
              type: str
              sample: granted
            repositories:
              description: Names of the repositories with which they may do that.
              type: list
              elements: str
              sample: [python]
    findings:
      description:
        - What needs attention, by severity, then by repository. Findings follow from the answers, so what is denied anyway is not reported.
        - V(public_access) is a statement for anybody in any account, also under a condition that does not keep strangers out, such as a tag
          of the principal. V(every_action) allows all actions. V(domain_wide_read) opens all repositories through the domain's policy.
          V(unbounded_publish) allows publishing all packages. V(others_change_policies) and V(others_administer) give other accounts rights
          that the domain's own account should keep. V(whole_account) names an account where a role would be enough. V(dead_principal)
          names users or roles that were deleted.
        - These have no effect. V(no_login), grants to principals who cannot get a token. V(own_account), a statement for the owner's own
          account, which leaves the decision to identity policies there. V(never_matches), a resource that does not exist. V(incomplete_arn), a
          resource whose ARN lacks parts. Whether AWS completes it is not verified, so answers depend on it. V(no_effect) and
          V(unknown_action), actions that the policy cannot decide. V(overridden), what another statement denies. V(incomplete_publish), a
          grant without a right that Maven or NuGet need.
        - V(public_package_in_place_of_ours) is a name of O(names) under which clients of some repositories can be offered what anybody publishes.
          V(row) and V(outcome) in RV(access.findings[].about) tell why, and whether it is certain (V(yes)) or V(depends) on what AWS does not
          document.
        - V(unjudged_principal) names principals that this module cannot evaluate.
        - When M(pkgops.registry_auth.codeartifact_domain_policy) or M(pkgops.registry_auth.codeartifact_repository_policy) write a policy,
          they warn about the same, except V(whole_account), V(incomplete_publish), V(unjudged_principal), and V(unbounded_publish) for
          roles and users that are named.
      type: list
      elements: dict
      contains:
        code:
          description: What kind of finding it is.
          type: str
          sample: unbounded_publish
        severity:
          description: V(high), V(medium) or V(low).
          type: str
          sample: high
        where:
          description: The domain or repository, and the statement of its policy if the finding is about one.
          type: str
          sample: repository demo/python, statement 2 (Sid 'Publish')
        about:
          description: The same, in parts for use in playbooks.
          type: dict
          contains:
            domain:
              description: The domain.
              type: str
              sample: demo
            repository:
              description: The repository that has the policy, null for the domain.
              type: str
              sample: python
            statement:
              description: Which statement of the policy it is, counted from 1. Null when the finding is not about one.
              type: int
              sample: 2
            sid:
              description: The statement's Sid, null when it has none.
              type: str
              sample: Publish
        message:
          description: What was found, in a sentence.
          type: str
          sample: "Statement 2 (Sid 'Publish') of the policy of repository demo/python allows codeartifact:PublishPackageVersion on all
            packages, names that others use included."
        remedy:
          description:
            - A task as YAML that makes the finding go away. Comments say what to fill in or consider first.
            - It is made for the policy as it was read, and locked by its revision. After one of several remedies for a policy, run the
              module again for the others.
          type: str
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
    access:
      description: As above.
      type: dict
      contains: *access
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.codeartifact_access_info import AccessReadings, WantedAccess

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "repositories": {"type": "list", "elements": "str"},
    "documents": {
        "type": "dict",
        "options": {
            "domain_policy": {"type": "raw"},
            "repositories": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "repository": {"type": "str", "required": True},
                    "policy": {"type": "raw"},
                    "administrator_account": {"type": "str"},
                },
            },
        },
    },
    "callers": {
        "type": "list",
        "elements": "dict",
        "options": {
            "arn": {"type": "str", "required": True},
            "identity_policies": {"type": "list", "elements": "raw"},
        },
    },
    "names": {"type": "list", "elements": "str"},
    "formats": {"type": "list", "elements": "str", "choices": ["cargo", "npm", "nuget", "pypi", "ruby"]},
    "details": {"type": "bool"},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module, ENTRY, WantedAccess.from_options, partial(AccessReadings.connect, client_of(module))
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
