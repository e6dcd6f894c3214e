# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Who may do what in CodeArtifact: the rules of the guide one by one, what statements are about, and a brute force that must agree.

The table and the brute force are written from the documents, not from the code: the CodeArtifact User Guide, "Repository policies", its
section on the interaction of repository and domain policies, and the IAM User Guide on the elements of policies.
"""

from __future__ import annotations

import itertools
from fnmatch import fnmatchcase

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.evaluation import (
    ALLOWED,
    DENIED,
    DEPENDS,
    Match,
    Policies,
    evaluate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import DOMAIN, REPOSITORY
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.statements import (
    IDENTITY,
    Reference,
    Request,
    applies,
    read_statements,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

OWNER, ADMINISTRATOR, OTHER = "111111111111", "222222222222", "333333333333"
ARN = f"arn:aws:codeartifact:eu-west-1:{OWNER}"
THE_DOMAIN, THE_REPOSITORY = f"{ARN}:domain/dom", f"{ARN}:repository/dom/repo"
REACT, UI = f"{ARN}:package/dom/repo/npm//react", f"{ARN}:package/dom/repo/npm/parity/ui"


def allow(action="codeartifact:*", effect="Allow", **more):
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def deny(action="codeartifact:*", **more):
    return allow(action, "Deny", **more)


def document(*statements, **more):
    return {"Version": "2012-10-17", "Statement": list(statements), **more}


def resource_document(*statements, principal="*"):
    return document(*({"Principal": principal, **statement} for statement in statements))


def decide(
    action="ReadFromRepository",
    caller=f"arn:aws:iam::{OTHER}:user/ada",
    identity=(),
    domain=None,
    repository=None,
    resource=THE_REPOSITORY,
    administrator=ADMINISTRATOR,
    role=None,
    **context,
):
    """The decision, from documents. C(identity) None: not known. Keys of the context are written with one underscore."""
    known = None if identity is None else read_statements(IDENTITY, *identity)
    request = Request(
        Caller.of(caller, role=role),
        action if ":" in action else f"codeartifact:{action}",
        resource,
        {key.replace("_", ":"): value for key, value in context.items()},
    )
    policies = Policies(
        OWNER, administrator, known, read_statements(DOMAIN, domain), read_statements(REPOSITORY, repository)
    )
    return evaluate(request, policies)


# The rules -------------------------------------------------------------------------------------------------------------------------

YES, NO = resource_document(allow()), resource_document(deny())
SILENT = resource_document(allow("codeartifact:TagResource"))
MAY, MAY_NOT, SAYS_NOTHING, UNKNOWN = (document(allow()),), (document(deny()),), (), None

# Incomplete ARNs, of which no document says what they are in policies of identities.
SHORT = [
    ("arn:aws:codeartifact", DEPENDS),
    ("arn:aws:codeartifact:eu-west-1", DEPENDS),
    ("arn:*:codeartifact:eu-west-?", DEPENDS),
    (f"arn:aws:codeartifact:eu-west-1:{OWNER}", DEPENDS),
    ("arn:aws:codeartifact:::repository/dom/repo", DEPENDS),
    (f"arn:aws:codeartifact::{OWNER}:repository/dom/*", DEPENDS),
    ("arn", DEPENDS),
    # Nothing that is missing makes it another service, region or repository.
    ("arn:aws:s3", DENIED),
    ("arn:aws:codeartifact:us-east-1", DENIED),
    ("arn:aws:codeartifact:::repository/dom/other", DENIED),
    ("codeartifact", DENIED),
    # A star takes what is missing.
    ("arn:aws:codeartifact:*", ALLOWED),
    ("arn:*", ALLOWED),
]


@pytest.mark.parametrize(("resource", "outcome"), SHORT, ids=[resource for resource, _outcome in SHORT])
def test_incomplete_arns(resource, outcome):
    decision = decide(identity=[document(allow(Resource=resource))], repository=resource_document(allow()))
    assert decision.outcome == outcome
    assert ("incomplete ARN" in decision.reason) == (outcome == DEPENDS)
    but = decide(identity=[document(allow(), {**deny(), "Resource": resource})], repository=resource_document(allow()))
    assert but.outcome == {ALLOWED: DENIED, DENIED: ALLOWED}.get(outcome, DEPENDS)
    of_resource = decide(identity=MAY, repository=resource_document(allow(Resource=resource)))
    assert of_resource.outcome == outcome
    not_on = {"Effect": "Allow", "Action": "*", "NotResource": resource}
    assert decide(identity=[document(not_on)], repository=resource_document(allow())).outcome == but.outcome


def test_what_an_incomplete_arn_decides_is_told():
    decision = decide(
        identity=[document(allow(Resource="arn:aws:codeartifact"))], repository=resource_document(allow())
    )
    assert decision.reason == (
        "on whether AWS takes the incomplete ARN arn:aws:codeartifact for arn:aws:codeartifact:*:*:*: whether statement 1 of identity "
        "policy 1 allows it"
    )


#: Account, action, identity policies, domain policy, repository policy, outcome.
RULES = {
    # "No resource policies are evaluated when performing account-level operations."
    "account-level, identity allows": (OTHER, "ListDomains", MAY, None, None, ALLOWED),
    "account-level, resource policies allow": (OWNER, "ListRepositories", SAYS_NOTHING, YES, YES, DENIED),
    "account-level, resource policies deny": (OWNER, "ListRepositories", MAY, NO, NO, ALLOWED),
    "account-level, identity denies": (OWNER, "ListDomains", (*MAY, *MAY_NOT), None, None, DENIED),
    "account-level, identity unknown": (OWNER, "ListDomains", UNKNOWN, YES, YES, DEPENDS),
    # "No repository policies are evaluated when performing domain-level operations."
    "domain-level, repository policy allows": (OWNER, "DescribeDomain", SAYS_NOTHING, None, YES, DENIED),
    "domain-level, repository policy denies": (OWNER, "ListRepositoriesInDomain", MAY, None, NO, ALLOWED),
    "domain-level, domain policy allows": (OWNER, "DescribeDomain", SAYS_NOTHING, YES, None, ALLOWED),
    "domain-level, domain policy denies": (OWNER, "GetAuthorizationToken", MAY, NO, None, DENIED),
    "domain-level, another account, both": (OTHER, "GetAuthorizationToken", MAY, YES, None, ALLOWED),
    "domain-level, another account, repository's": (OTHER, "GetAuthorizationToken", MAY, None, YES, DENIED),
    "domain-level, create a repository": (OTHER, "CreateRepository", MAY, YES, NO, ALLOWED),
    "domain-level, administrator of a repository": (ADMINISTRATOR, "DescribeDomain", MAY, None, YES, DENIED),
    # "The domain policy is not evaluated when performing PutDomainPermissionsPolicy."
    "put domain policy, it denies": (OWNER, "PutDomainPermissionsPolicy", MAY, NO, None, ALLOWED),
    "put domain policy, it allows": (OWNER, "PutDomainPermissionsPolicy", SAYS_NOTHING, YES, None, DENIED),
    "put domain policy, another account": (OTHER, "PutDomainPermissionsPolicy", MAY, YES, YES, DENIED),
    "delete domain policy, it denies": (OWNER, "DeleteDomainPermissionsPolicy", MAY, NO, None, DENIED),
    "create domain": (OWNER, "CreateDomain", MAY, None, None, ALLOWED),
    "create domain in another account": (OTHER, "CreateDomain", MAY, YES, None, DENIED),
    # "The domain policy is evaluated when performing PutRepositoryPermissionsPolicy, but the repository policy is not evaluated."
    "put repository policy, it denies": (OWNER, "PutRepositoryPermissionsPolicy", MAY, None, NO, ALLOWED),
    "put repository policy, it allows": (OWNER, "PutRepositoryPermissionsPolicy", SAYS_NOTHING, None, YES, DENIED),
    "put repository policy, domain's denies": (OWNER, "PutRepositoryPermissionsPolicy", MAY, NO, YES, DENIED),
    "put repository policy, domain's allows": (OWNER, "PutRepositoryPermissionsPolicy", SAYS_NOTHING, YES, NO, ALLOWED),
    "put repository policy, another account": (OTHER, "PutRepositoryPermissionsPolicy", MAY, None, YES, DENIED),
    "put repository policy, another by domain's": (OTHER, "PutRepositoryPermissionsPolicy", MAY, YES, None, ALLOWED),
    "put repository policy, administrator": (ADMINISTRATOR, "PutRepositoryPermissionsPolicy", MAY, None, NO, ALLOWED),
    "delete repository policy, it denies": (OWNER, "DeleteRepositoryPermissionsPolicy", MAY, None, NO, DENIED),
    # "An explicit deny in any policy overrides an allow in another policy."
    "identity denies": (OWNER, "ReadFromRepository", (*MAY, *MAY_NOT), YES, YES, DENIED),
    "domain policy denies": (OWNER, "ReadFromRepository", MAY, NO, YES, DENIED),
    "repository policy denies": (OWNER, "ReadFromRepository", MAY, YES, NO, DENIED),
    "a denial is enough when identity is unknown": (OWNER, "ReadFromRepository", UNKNOWN, YES, NO, DENIED),
    # "An explicit allow is only required in one resource policy."
    "repository policy leaves it out": (OTHER, "ReadFromRepository", MAY, YES, SILENT, ALLOWED),
    "domain policy leaves it out": (OTHER, "ReadFromRepository", MAY, SILENT, YES, ALLOWED),
    "all leave it out": (OWNER, "ReadFromRepository", SAYS_NOTHING, SILENT, SILENT, DENIED),
    # The domain owner's account.
    "owner, by identity": (OWNER, "ReadFromRepository", MAY, None, None, ALLOWED),
    "owner, by domain policy": (OWNER, "ReadFromRepository", SAYS_NOTHING, YES, None, ALLOWED),
    "owner, by repository policy": (OWNER, "ReadFromRepository", SAYS_NOTHING, None, YES, ALLOWED),
    "owner, by nothing": (OWNER, "ReadFromRepository", SAYS_NOTHING, None, None, DENIED),
    "owner, identity unknown": (OWNER, "ReadFromRepository", UNKNOWN, None, None, DEPENDS),
    # It may deny.
    "owner, by repository policy, identity unknown": (OWNER, "ReadFromRepository", UNKNOWN, None, YES, DEPENDS),
    # The repository administrator's account. The guide gives it the identity policy and says nothing of a resource policy alone.
    "administrator, by identity": (ADMINISTRATOR, "ReadFromRepository", MAY, None, None, ALLOWED),
    "administrator, by repository policy": (ADMINISTRATOR, "ReadFromRepository", SAYS_NOTHING, None, YES, DEPENDS),
    "administrator, by domain policy": (ADMINISTRATOR, "ReadFromRepository", SAYS_NOTHING, YES, None, DEPENDS),
    "administrator, by both kinds": (ADMINISTRATOR, "ReadFromRepository", MAY, None, YES, ALLOWED),
    "administrator, domain policy denies": (ADMINISTRATOR, "ReadFromRepository", MAY, NO, None, DENIED),
    "administrator, by nothing": (ADMINISTRATOR, "ReadFromRepository", SAYS_NOTHING, None, None, DENIED),
    # "At least one resource policy and at least one identity-based policy, with no policy explicitly denying the action."
    "other, by identity": (OTHER, "ReadFromRepository", MAY, None, None, DENIED),
    "other, by resource policies": (OTHER, "ReadFromRepository", SAYS_NOTHING, YES, YES, DENIED),
    "other, by identity and repository policy": (OTHER, "ReadFromRepository", MAY, None, YES, ALLOWED),
    "other, by identity and domain policy": (OTHER, "ReadFromRepository", MAY, YES, None, ALLOWED),
    "other, repository policy allows, domain's denies": (OTHER, "ReadFromRepository", MAY, NO, YES, DENIED),
    "other, identity unknown": (OTHER, "ReadFromRepository", UNKNOWN, None, YES, DEPENDS),
    "other, identity unknown, no resource policy": (OTHER, "ReadFromRepository", UNKNOWN, SILENT, None, DENIED),
    # STS gives the token, so CodeArtifact's policies have no say.
    "bearer token, by identity": (OTHER, "sts:GetServiceBearerToken", (document(allow("sts:*")),), NO, None, ALLOWED),
    "bearer token, by domain policy": (OWNER, "sts:GetServiceBearerToken", MAY, resource_document(allow("sts:*")), None, DENIED),
}  # fmt: skip


@pytest.mark.parametrize(
    ("account", "action", "identity", "domain", "repository", "outcome"), RULES.values(), ids=RULES
)
def test_rules(account, action, identity, domain, repository, outcome):
    decision = decide(action, f"arn:aws:iam::{account}:user/ada", identity, domain, repository)

    assert decision.outcome == outcome
    assert decision.reason


# The documents' examples -----------------------------------------------------------------------------------------------------------

EVERYTHING = (document(allow("*")),)
READERS = f"arn:aws:iam::{OTHER}:user/ada"
READ_GRANT = resource_document(
    allow(
        [
            f"codeartifact:{action}"
            for action in (
                "DescribePackageVersion", "DescribeRepository", "GetPackageVersionReadme", "GetRepositoryEndpoint", "ListPackages",
                "ListPackageVersions", "ListPackageVersionAssets", "ListPackageVersionDependencies", "ReadFromRepository",
            )
        ]
    ),
    principal={"AWS": f"arn:aws:iam::{OTHER}:root"},
)  # fmt: skip
PUBLISH_UI = resource_document(
    allow("codeartifact:PublishPackageVersion", Resource=UI), principal={"AWS": f"arn:aws:iam::{OTHER}:root"}
)
PUBLISH_ALL = resource_document(
    allow("codeartifact:PublishPackageVersion", Resource=f"{ARN}:package/dom/repo/*"), principal={"AWS": [READERS]}
)

#: Action, resource, repository policy, who, outcome.
EXAMPLES = {
    "read": ("ReadFromRepository", THE_REPOSITORY, READ_GRANT, READERS, ALLOWED),
    "read, its sessions too": ("ListPackages", THE_REPOSITORY, READ_GRANT, f"arn:aws:sts::{OTHER}:assumed-role/ci/1", ALLOWED),
    "read, a third account": ("ReadFromRepository", THE_REPOSITORY, READ_GRANT, "arn:aws:iam::444444444444:user/bob", DENIED),
    "read, not more": ("DeleteRepository", THE_REPOSITORY, READ_GRANT, READERS, DENIED),
    "publish a scope's package": ("PublishPackageVersion", UI, PUBLISH_UI, READERS, ALLOWED),
    "publish another package": ("PublishPackageVersion", REACT, PUBLISH_UI, READERS, DENIED),
    "publish a package of that name": ("PublishPackageVersion", f"{ARN}:package/dom/repo/npm//ui", PUBLISH_UI, READERS, DENIED),
    "publish, not metadata, which Maven needs": ("PutPackageMetadata", UI, PUBLISH_UI, READERS, DENIED),
    "publish anything": ("PublishPackageVersion", REACT, PUBLISH_ALL, READERS, ALLOWED),
    "publish anything, elsewhere": ("PublishPackageVersion", f"{ARN}:package/dom/more/npm//react", PUBLISH_ALL, READERS, DENIED),
    "publish anything, somebody else": ("PublishPackageVersion", REACT, PUBLISH_ALL, f"arn:aws:iam::{OTHER}:user/bob", DENIED),
    "publish is not read": ("ReadFromRepository", THE_REPOSITORY, PUBLISH_ALL, READERS, DENIED),
}  # fmt: skip


@pytest.mark.parametrize(("action", "resource", "repository", "caller", "outcome"), EXAMPLES.values(), ids=EXAMPLES)
def test_examples(action, resource, repository, caller, outcome):
    assert decide(action, caller, EVERYTHING, None, repository, resource).outcome == outcome


# Why -------------------------------------------------------------------------------------------------------------------------------


def test_the_statements_that_decide_are_named():
    first = resource_document(allow("codeartifact:List*"), allow("codeartifact:Read*", Sid="Readers"))
    second = resource_document(deny(Sid="Closed"), deny("codeartifact:*Package*"), deny("codeartifact:Read*"))

    allowed = decide(identity=(document(), *EVERYTHING), repository=first)
    assert allowed.statements == (
        Reference(IDENTITY, "Allow", 0, None, 1),
        Reference(REPOSITORY, "Allow", 1, "Readers"),
    )
    assert (
        allowed.reason == "by statement 1 of identity policy 2 and statement 2 (Sid 'Readers') of the repository policy"
    )
    assert (allowed.lacking, allowed.depends_on) == ((), ())

    denied = decide(identity=EVERYTHING, domain=second, repository=first)
    assert denied.statements == (Reference(DOMAIN, "Deny", 0, "Closed"), Reference(DOMAIN, "Deny", 2))
    assert denied.reason == "by statement 1 (Sid 'Closed') of the domain policy and statement 3 of the domain policy"


@pytest.mark.parametrize(
    ("account", "action", "identity", "lacking", "reason"),
    [
        (OTHER, "ListDomains", (), [(IDENTITY,)], "no identity policy allows codeartifact:ListDomains"),
        (OTHER, "ListPackages", EVERYTHING, [(DOMAIN, REPOSITORY)], "no domain or repository policy allows codeartifact:ListPackages"),
        (OTHER, "DescribeDomain", EVERYTHING, [(DOMAIN,)], "no domain policy allows codeartifact:DescribeDomain"),
        (
            OTHER,
            "DescribeDomain",
            (),
            [(IDENTITY,), (DOMAIN,)],
            "no identity policy allows codeartifact:DescribeDomain and no domain policy allows codeartifact:DescribeDomain",
        ),
        (
            OWNER,
            "ListPackages",
            (),
            [(IDENTITY, DOMAIN, REPOSITORY)],
            "no identity, domain or repository policy allows codeartifact:ListPackages",
        ),
        (
            OTHER,
            "PutDomainPermissionsPolicy",
            EVERYTHING,
            [()],
            "codeartifact:PutDomainPermissionsPolicy is left to the account that owns the domain",
        ),
    ],
)  # fmt: skip
def test_the_policies_that_lack_an_allow_are_named(account, action, identity, lacking, reason):
    decision = decide(action, f"arn:aws:iam::{account}:user/ada", identity)

    assert (decision.outcome, list(decision.lacking), decision.reason) == (DENIED, lacking, reason)


def of_vpc(statement):
    return {**statement, "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}


def test_what_it_depends_on_is_named():
    decision = decide(identity=EVERYTHING, repository=resource_document(of_vpc(allow(Sid="Inside"))))
    assert decision.outcome == DEPENDS
    assert decision.statements == (Reference(IDENTITY, "Allow", 0),)
    assert decision.depends_on == (
        Match(Reference(REPOSITORY, "Allow", 0, "Inside"), ("the value of aws:SourceVpc (StringEquals)",)),
    )
    assert decision.reason == (
        "on the value of aws:SourceVpc (StringEquals): whether statement 1 (Sid 'Inside') of the repository policy allows it"
    )

    unknown = decide(identity=None, repository=YES)
    assert [finding.statement for finding in unknown.depends_on] == [
        Reference(IDENTITY, "Allow"),
        Reference(IDENTITY, "Deny"),
    ]
    assert unknown.reason == (
        "on the caller's identity policies, which are not known: whether any identity policy allows it; "
        "on the caller's identity policies, which are not known: whether any identity policy denies it"
    )


CONDITIONAL_ALLOW, CONDITIONAL_DENY = resource_document(of_vpc(allow())), resource_document(of_vpc(deny()))


@pytest.mark.parametrize(
    ("identity", "domain", "repository", "outcome"),
    [
        (EVERYTHING, CONDITIONAL_ALLOW, None, DEPENDS),
        # Another allow is enough.
        (EVERYTHING, CONDITIONAL_ALLOW, YES, ALLOWED),
        # It lacks another, or is denied, whatever the condition says.
        ((), CONDITIONAL_ALLOW, None, DENIED),
        (EVERYTHING, CONDITIONAL_ALLOW, NO, DENIED),
        (EVERYTHING, YES, CONDITIONAL_DENY, DEPENDS),
        (EVERYTHING, CONDITIONAL_DENY, CONDITIONAL_DENY, DENIED),
        (EVERYTHING, NO, CONDITIONAL_DENY, DENIED),
        ((document(allow(), of_vpc(deny())),), YES, None, DEPENDS),
    ],
)
def test_conditions_that_cannot_be_told(identity, domain, repository, outcome):
    assert decide(identity=identity, domain=domain, repository=repository).outcome == outcome


def test_what_does_not_decide_is_not_named():
    decision = decide(identity=None, domain=CONDITIONAL_ALLOW, repository=YES)
    assert {finding.statement.policy for finding in decision.depends_on} == {IDENTITY}


def test_actions_without_rules_are_refused():
    for action in (
        "codeartifact:Read*",
        "codeartifact:ReadAll",
        "s3:GetObject",
        "ReadFromRepository",
        "sts:AssumeRole",
    ):
        with pytest.raises(InvalidInput, match="not an action of CodeArtifact"):
            evaluate(Request(Caller.of(OTHER), action, "*"), Policies(OWNER))
    assert decide("CODEARTIFACT:readfromrepository", identity=EVERYTHING, repository=YES).outcome == ALLOWED
    assert decide("CODEARTIFACT:putrepositorypermissionspolicy", identity=EVERYTHING, repository=YES).outcome == DENIED


# What a statement is about ---------------------------------------------------------------------------------------------------------

USER = f"arn:aws:iam::{OTHER}:user/team/ada"
SESSION = f"arn:aws:sts::{OTHER}:assumed-role/ci/run-1"
ROLE = f"arn:aws:iam::{OTHER}:role/path/ci"
ROOT = f"arn:aws:iam::{OTHER}:root"
FEDERATED = f"arn:aws:sts::{OTHER}:federated-user/eve"
ONE, MAYBE, NONE = "applies", "may apply", "does not apply"


def said(
    statement,
    caller,
    action="codeartifact:PublishPackageVersion",
    resource=REACT,
    role=None,
    version="2012-10-17",
    **context,
):
    """Whether a statement of a repository policy applies."""
    policy = {"Version": version, "Statement": statement}
    if not version:
        del policy["Version"]
    (found,) = read_statements(REPOSITORY, policy)
    known = {key.replace("_", ":"): value for key, value in context.items()}
    answer = applies(found, Request(Caller.of(caller, role=role), action, resource, known))
    return NONE if answer is None else MAYBE if answer else ONE


PRINCIPALS = [
    ("*", USER, ONE),
    ({"AWS": "*"}, USER, ONE),
    ({"AWS": OTHER}, USER, ONE),
    ({"AWS": [OWNER, OTHER]}, SESSION, ONE),
    ({"AWS": ROOT}, SESSION, ONE),
    ({"AWS": f"arn:aws-cn:iam::{OTHER}:root"}, SESSION, ONE),
    ({"AWS": f"arn:aws-us-gov:iam::{OTHER}:root"}, f"arn:aws-us-gov:iam::{OTHER}:user/ada", ONE),
    ({"AWS": f"arn:aws:iam::{OWNER}:root"}, SESSION, NONE),
    ({"AWS": USER}, USER, ONE),
    ({"AWS": USER.upper()}, USER, NONE),
    ({"AWS": USER.replace("aws", "aws-cn", 1)}, USER, NONE),
    ({"AWS": f"arn:aws:iam::{OTHER}:user/ada"}, USER, NONE),
    ({"AWS": USER}, ROOT, NONE),
    ({"AWS": SESSION}, SESSION, ONE),
    ({"AWS": SESSION.replace("run-1", "run-2")}, SESSION, NONE),
    ({"AWS": f"arn:aws:iam::{OTHER}:role/ci"}, SESSION, ONE),
    # Names of roles are unique in an account, whatever their path.
    ({"AWS": ROLE}, SESSION, ONE),
    ({"AWS": f"arn:aws-cn:iam::{OTHER}:role/ci"}, SESSION, NONE),
    ({"AWS": f"arn:aws:iam::{OTHER}:role/cd"}, SESSION, NONE),
    ({"AWS": f"arn:aws:iam::{OWNER}:role/ci"}, SESSION, NONE),
    ({"AWS": f"arn:aws:iam::{OTHER}:user/ci"}, SESSION, NONE),
    ({"AWS": FEDERATED}, FEDERATED, ONE),
    ({"AWS": FEDERATED}, USER, NONE),
    # What is left of a deleted role is nobody.
    ({"AWS": "AROAEXAMPLEEXAMPLE12"}, SESSION, NONE),
    ({"Service": "codeartifact.amazonaws.com"}, USER, NONE),
    ({"Service": "codeartifact.amazonaws.com", "AWS": OTHER}, USER, ONE),
    ({"Federated": "accounts.google.com"}, USER, NONE),
    ({"Federated": "accounts.google.com"}, SESSION, MAYBE),
    ({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"}, USER, MAYBE),
    # One of many: a role by its ARN, an account by its id.
    ({"AWS": ROLE}, ROLE, ONE),
    ({"AWS": OTHER}, ROLE, ONE),
    ({"AWS": SESSION}, ROLE, MAYBE),
    ({"AWS": SESSION.replace("/ci/", "/cd/")}, ROLE, NONE),
    ({"AWS": USER}, ROLE, NONE),
    ({"AWS": ROOT}, OTHER, ONE),
    ({"AWS": USER}, OTHER, MAYBE),
    ({"AWS": SESSION}, OTHER, MAYBE),
    ({"AWS": f"arn:aws:iam::{OWNER}:user/ada"}, OTHER, NONE),
    ({"Federated": "accounts.google.com"}, OTHER, MAYBE),
    (None, USER, NONE),
]


@pytest.mark.parametrize(("principal", "caller", "expected"), PRINCIPALS)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_principals(principal, caller, expected, effect):
    assert said({**allow(effect=effect), "Principal": principal}, caller) == expected


#: NotPrincipal, caller, and what that means for an Allow and for a Deny.
NOT_PRINCIPALS = [
    ([OWNER], USER, ONE, ONE),
    (["*"], USER, NONE, NONE),
    ([USER, OTHER], USER, NONE, NONE),
    # "The effect of the policy might be to explicitly deny access to the account that contains the user."
    ([USER], USER, NONE, MAYBE),
    # In the guide's example all but the user who is named with the account are denied, the account's other users too.
    ([f"arn:aws:iam::{OTHER}:user/bob", ROOT], USER, MAYBE, ONE),
    ([OTHER], SESSION, MAYBE, ONE),
    ([OTHER], ROOT, NONE, NONE),
    ([SESSION, ROLE, OTHER], SESSION, NONE, NONE),
    ([SESSION, ROLE], SESSION, NONE, MAYBE),
    ([SESSION, OTHER], SESSION, NONE, MAYBE),
    ([ROLE, OTHER], SESSION, NONE, MAYBE),
    ([SESSION.replace("run-1", "run-2"), OTHER], SESSION, MAYBE, ONE),
    ([FEDERATED, OTHER], FEDERATED, NONE, NONE),
    ([ROLE, OTHER], ROLE, NONE, MAYBE),
    ([SESSION], ROLE, MAYBE, MAYBE),
    ([USER], ROLE, ONE, ONE),
    ([USER, OTHER], OTHER, MAYBE, MAYBE),
    ([OTHER], OTHER, MAYBE, MAYBE),
    ([OWNER], OTHER, ONE, ONE),
]


@pytest.mark.parametrize(("names", "caller", "allowing", "denying"), NOT_PRINCIPALS)
def test_not_principals(names, caller, allowing, denying):
    assert said({**allow(), "NotPrincipal": {"AWS": names}}, caller) == allowing
    assert said({**deny(), "NotPrincipal": {"AWS": names}}, caller) == denying


def test_not_principals_of_other_kinds():
    assert said({**deny(), "NotPrincipal": {"Service": "codeartifact.amazonaws.com"}}, USER) == ONE
    assert said({**deny(), "NotPrincipal": {"Federated": "accounts.google.com"}}, SESSION) == MAYBE
    assert said({**deny(), "NotPrincipal": "*"}, USER) == NONE


ELEMENTS = [
    ({}, ONE),
    ({"Action": "*"}, ONE),
    ({"Action": "CodeArtifact:publishpackageversion"}, ONE),
    ({"Action": ["codeartifact:DescribePackageVersion", "codeartifact:publish*"]}, ONE),
    ({"Action": "codeartifact:PublishPackageVersio?"}, ONE),
    ({"Action": "codeartifact:PublishPackageVersion?"}, NONE),
    ({"Action": "codeartifact:ReadFromRepository"}, NONE),
    ({"Action": None, "NotAction": "codeartifact:ReadFromRepository"}, ONE),
    ({"Action": None, "NotAction": ["s3:*", "codeartifact:PUBLISH*"]}, NONE),
    ({"Resource": REACT}, ONE),
    ({"Resource": REACT.upper()}, NONE),
    ({"Resource": [UI, f"{ARN}:package/dom/repo/*"]}, ONE),
    ({"Resource": f"arn:aws:codeartifact:*:{OWNER}:package/dom/repo/npm//re?ct"}, ONE),
    ({"Resource": f"{ARN}:package/dom/repo/npm/react"}, NONE),
    ({"Resource": f"{ARN}:package/dom/repo/npm/*/react"}, ONE),
    ({"Resource": f"{ARN}/package/dom/repo/*"}, NONE),
    # A star that ends a part reaches over colons.
    ({"Resource": "arn:aws:codeartifact:*"}, ONE),
    ({"Resource": "arn:aws:codeartifact:*:package/dom/*"}, ONE),
    ({"Resource": THE_REPOSITORY}, NONE),
    ({"Resource": None, "NotResource": THE_REPOSITORY}, ONE),
    ({"Resource": None, "NotResource": [THE_REPOSITORY, f"{ARN}:package/*"]}, NONE),
    ({"Resource": None, "NotResource": "*"}, NONE),
    # "Because the resource is implied."
    ({"Resource": None}, ONE),
    ({"Resource": f"{ARN}:package/${{aws:PrincipalTag/team}}/*"}, MAYBE),
    ({"Resource": [f"{ARN}:package/${{aws:PrincipalTag/team}}/*", REACT]}, ONE),
    ({"Resource": f"{ARN}:package/${{aws:PrincipalTag/team}}/x"}, NONE),
    ({"Resource": None, "NotResource": f"{ARN}:package/${{aws:PrincipalTag/team}}/*"}, MAYBE),
    ({"Resource": None, "NotResource": f"{ARN}:domain/${{aws:PrincipalTag/team}}"}, ONE),
    ({"Condition": {}}, ONE),
    ({"Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}}, ONE),
    ({"Condition": {"StringEquals": {"aws:PrincipalAccount": OWNER}}}, NONE),
    ({"Condition": {"ArnLike": {"AWS:principalarn": f"arn:aws:iam::{OTHER}:user/team/*"}}}, ONE),
    ({"Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}}, NONE),
    ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, ONE),
    ({"Condition": {"StringEquals": {"codeartifact:Namespace": "parity"}}}, NONE),
    ({"Condition": {"StringEquals": {"aws:PrincipalTag/team": "parity"}}}, MAYBE),
]


@pytest.mark.parametrize(("changed", "expected"), ELEMENTS)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_elements(changed, expected, effect):
    statement = {**allow("codeartifact:PublishPackageVersion", effect), "Principal": "*", **changed}
    statement = {name: value for name, value in statement.items() if value is not None}

    context = {"aws_PrincipalOrgID": "o-1", "codeartifact_namespace": None}
    assert said(statement, USER, **context) == expected


def test_older_documents_have_no_variables():
    """ "Variables such as ${aws:username} aren't recognized as variables and are instead treated as literal strings"."""
    statement = {**allow(Resource=f"{ARN}:package/${{aws:username}}/*"), "Principal": "*"}
    assert said(statement, USER, resource=f"{ARN}:package/dom/repo/npm//react") == MAYBE
    for version in ("2008-10-17", None):
        assert said(statement, USER, version=version) == NONE
    statement = {
        **allow(Condition={"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}),
        "Principal": "*",
    }
    assert said(statement, USER) == MAYBE
    assert said(statement, USER, version="2008-10-17") == NONE


def test_the_arn_of_a_principal():
    """It is that of the role for a session, with its path, which the session does not tell."""
    by_role = {**allow(Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}), "Principal": "*"}
    assert said(by_role, SESSION, role=ROLE) == ONE
    assert said(by_role, SESSION, role=f"arn:aws:iam::{OTHER}:role/ci") == NONE
    assert said(by_role, SESSION) == MAYBE
    assert said(by_role, ROLE) == ONE
    assert said(by_role, USER) == NONE
    assert said(by_role, OTHER) == MAYBE
    # What is said of a request goes before what follows from its caller.
    assert said(by_role, SESSION, aws_principalarn=ROLE) == ONE


@pytest.mark.parametrize(
    ("arn", "role", "match"),
    [
        ("*", None, "name one account, user, role or session"),
        ("ada", None, "is not a principal"),
        ("AROAEXAMPLEEXAMPLE12", None, "a deleted one"),
        (f"arn:aws:iam::{OTHER}:group/ops", None, "a group"),
        (f"arn:aws:iam::{OTHER}:user/*", None, "a wildcard"),
        (SESSION, f"arn:aws:iam::{OTHER}:role/cd", "not a session of"),
        (SESSION, f"arn:aws:iam::{OWNER}:role/ci", "not a session of"),
        (USER, ROLE, "not a session of"),
    ],
)
def test_callers_that_are_none(arn, role, match):
    with pytest.raises(InvalidInput, match=match):
        Caller.of(arn, role=role)


# Brute force -----------------------------------------------------------------------------------------------------------------------
#
# What is not known can be one way or the other. Each such way is a world, in which everything is known and the guide's sentences can be
# followed one after the other; the evaluator must say what all worlds say, and DEPENDS where they differ.

CALLERS = (
    f"arn:aws:iam::{OWNER}:user/ada",
    f"arn:aws:iam::{ADMINISTRATOR}:user/ada",
    f"arn:aws:iam::{OTHER}:user/ada",
    f"arn:aws:sts::{OTHER}:assumed-role/ci/run-1",
    f"arn:aws:sts::{OWNER}:assumed-role/ci/run-1",
)
PRINCIPAL_NAMES = (
    "*",
    OWNER,
    f"arn:aws-cn:iam::{OWNER}:root",
    f"arn:aws:iam::{ADMINISTRATOR}:root",
    f"arn:aws:iam::{OTHER}:root",
    *CALLERS,
    f"arn:aws:iam::{OWNER}:role/ci",
    f"arn:aws:iam::{OTHER}:role/ci",
    f"arn:aws:iam::{OTHER}:role/cd",
)
REQUESTS = {
    "sts:GetServiceBearerToken": ("account", "*"),
    "codeartifact:ListDomains": ("account", "*"),
    "codeartifact:DescribeDomain": ("domain", THE_DOMAIN),
    "codeartifact:PutDomainPermissionsPolicy": ("domain", THE_DOMAIN),
    "codeartifact:ReadFromRepository": ("repository", THE_REPOSITORY),
    "codeartifact:PutRepositoryPermissionsPolicy": ("repository", THE_REPOSITORY),
    "codeartifact:PublishPackageVersion": ("repository", REACT),
}
ACTION_PATTERNS = (
    "*",
    "codeartifact:*",
    "codeartifact:Put*",
    "codeartifact:*Domain*",
    "CodeArtifact:*Repo*",
    *REQUESTS,
)
RESOURCE_PATTERNS = (
    "*",
    THE_DOMAIN,
    THE_REPOSITORY,
    f"{ARN}:package/*",
    f"{ARN}:*/dom*",
    UI,
    "arn:aws:codeartifact:*:1*:r*",
)
#: The organization is known, the address is known to be missing, of the network nothing is known.
CONDITIONS = (
    {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}, "StringEquals": {"aws:PrincipalOrgID": "o-2"}},
)
CONTEXT = {"aws:PrincipalOrgID": "o-1", "aws:SourceIp": None}
#: What the tests above come to in that context. None is what a world has to say.
TRUTHS = (True, False, False, True, None, False)


@st.composite
def statements(draw, of_a_resource):
    def some(values):
        return draw(st.lists(st.sampled_from(values), min_size=1, max_size=3))

    statement = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    statement[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = some(ACTION_PATTERNS)
    statement[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = some(RESOURCE_PATTERNS)
    if of_a_resource:
        statement[draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))] = {"AWS": some(PRINCIPAL_NAMES)}
    if draw(st.booleans()):
        statement["Condition"] = draw(st.sampled_from(CONDITIONS))
    return statement


def documents(of_a_resource):
    return st.lists(statements(of_a_resource), max_size=3).map(lambda found: document(*found))


def in_worlds(statement, action, resource, caller, of_a_resource):
    """Whether a statement applies: true, false, or None where worlds differ."""
    verbs = {
        verb
        for verb in REQUESTS
        for pattern in statement.get("Action", statement.get("NotAction"))
        if fnmatchcase(verb.lower(), pattern.lower())
    }
    places = {
        place
        for _level, place in REQUESTS.values()
        for pattern in statement.get("Resource", statement.get("NotResource"))
        if fnmatchcase(place, pattern)
    }
    if (action in verbs) == ("NotAction" in statement) or (resource in places) == ("NotResource" in statement):
        return False
    truths = [TRUTHS[CONDITIONS.index(statement["Condition"])] if "Condition" in statement else True]
    if of_a_resource:
        truths.append(names_in_worlds(statement, caller))
    return False if False in truths else None if None in truths else True


def forms_of(account):
    return {account, f"arn:aws:iam::{account}:root", f"arn:aws-cn:iam::{account}:root"}


def names_in_worlds(statement, caller):
    account = caller.split(":")[4]
    the_account = forms_of(account)
    chain = [the_account, {caller}]
    if "assumed-role" in caller:
        chain.append({f"arn:aws:iam::{account}:role/ci"})
    if "Principal" in statement:
        return any(name == "*" or any(name in link for link in chain) for name in statement["Principal"]["AWS"])
    listed = set(statement["NotPrincipal"]["AWS"])
    if "*" in listed:
        return False
    closer = [link for link in chain if link is not the_account and link & listed]
    if statement["Effect"] == "Allow":
        return False if closer else None if listed & the_account else True
    return True if not closer else False if all(link & listed for link in chain) else None


def delegates(statement, caller):
    """Whether an Allow names a caller only as one of the account, which leaves it to identity policies: IAM guide, "AWS account principals"."""
    account = caller.split(":")[4]
    without = [name for name in statement.get("Principal", {"AWS": []})["AWS"] if name not in forms_of(account)]
    return "Principal" in statement and not names_in_worlds({**statement, "Principal": {"AWS": without}}, caller)


def by_the_guide(action, level, caller, allows, denies, resource_alone_is_enough):
    """The guide's section, sentence by sentence. C(allows) and C(denies) are sets of policies."""
    account = caller.split(":")[4]
    # "No resource policies are evaluated ... account-level"; "no repository policies ... domain-level"
    evaluated = {"account": set(), "domain": {"domain"}, "repository": {"domain", "repository"}}[level]
    # "The domain policy is not evaluated when performing PutDomainPermissionsPolicy"
    if action == "codeartifact:PutDomainPermissionsPolicy":
        evaluated = set()
    # "The domain policy is evaluated ..., but the repository policy is not"
    if action == "codeartifact:PutRepositoryPermissionsPolicy":
        evaluated = {"domain"}
    # "An explicit deny in any policy overrides an allow in another policy"
    if denies & (evaluated | {"identity"}):
        return False
    by_identity, by_resource = "identity" in allows, bool(allows & evaluated)
    if level == "account":
        return by_identity
    # "A principal in the domain owner account ... through an identity-based policy", "... through a domain or repository policy"
    if account == OWNER:
        return by_identity or by_resource
    # "A principal in the repository administrator account ... through an identity-based policy"
    if account == ADMINISTRATOR and level == "repository":
        return by_identity or (by_resource and resource_alone_is_enough)
    # "A principal in another account ... at least one resource policy and at least one identity-based policy"
    return by_identity and by_resource


def brute_force(action, caller, identity, domain, repository):
    level, resource = REQUESTS[action]
    account = caller.split(":")[4]
    at_home = account == OWNER or (account == ADMINISTRATOR and level == "repository")
    facts = []
    for policy, policies in (("identity", identity or ()), ("domain", [domain]), ("repository", [repository])):
        for statement in itertools.chain.from_iterable(found["Statement"] for found in policies if found):
            applied = in_worlds(statement, action, resource, caller, policy != "identity")
            delegating = at_home and policy != "identity" and delegates(statement, caller)
            facts.append((policy, statement["Effect"], [True, False] if applied is None else [applied], delegating))
    if identity is None:
        facts += [("identity", effect, [True, False], False) for effect in ("Allow", "Deny")]
    answers = set()
    for world in itertools.product(*(either for _policy, _effect, either, _delegating in facts)):
        true = [fact for fact, holds in zip(facts, world, strict=True) if holds]
        denies = {policy for policy, effect, _either, _delegating in true if effect == "Deny"}
        for account_is_enough, resource_alone_is_enough in itertools.product([True, False], repeat=2):
            allows = {
                policy
                for policy, effect, _either, delegating in true
                if effect == "Allow" and (account_is_enough or not delegating)
            }
            answers.add(by_the_guide(action, level, caller, allows, denies, resource_alone_is_enough))
    return DEPENDS if len(answers) > 1 else ALLOWED if True in answers else DENIED


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(REQUESTS)),
    st.sampled_from(CALLERS),
    st.none() | st.lists(documents(False), max_size=2),
    st.none() | documents(True),
    st.none() | documents(True),
)
@example(
    "codeartifact:ReadFromRepository",
    CALLERS[3],
    [document(allow())],
    None,
    resource_document(allow(), principal={"AWS": [OTHER]}),
)
@example(
    "codeartifact:DescribeDomain",
    CALLERS[0],
    [],
    document({"Effect": "Allow", "Action": ["*"], "Resource": ["*"], "Principal": {"AWS": [OWNER]}}),
    None,
)
def test_the_brute_force_agrees(action, caller, identity, domain, repository):
    _level, resource = REQUESTS[action]
    decision = decide(
        action,
        caller,
        identity,
        domain,
        repository,
        resource,
        **{key.replace(":", "_"): value for key, value in CONTEXT.items()},
    )

    assert decision.outcome == brute_force(action, caller, identity, domain, repository)
    assert_reasons_hold(decision, identity, domain, repository)


def assert_reasons_hold(decision, identity, domain, repository):
    """What is named is there, and is of the effect that explains the outcome."""
    given = {"identity": identity or [], "domain": [domain], "repository": [repository]}
    for reference in (*decision.statements, *(finding.statement for finding in decision.depends_on)):
        if reference.index is None:
            assert identity is None
            continue
        assert given[reference.policy][reference.document]["Statement"][reference.index]["Effect"] == reference.effect
    effects = {reference.effect for reference in decision.statements}
    if decision.outcome == ALLOWED:
        assert effects == {"Allow"}
    elif decision.outcome == DENIED:
        assert bool(decision.lacking) != ("Deny" in effects)
    else:
        assert decision.depends_on
        assert all(finding.doubts for finding in decision.depends_on)
    assert decision.reason


# Accounts and identities -----------------------------------------------------------------------------------------------------------

ROOT, DEV = f"arn:aws:iam::{OWNER}:root", f"arn:aws:iam::{OWNER}:role/dev"


def named(*principals, make=allow, **more):
    return resource_document(make("codeartifact:ReadFromRepository", **more), principal={"AWS": list(principals)})


@pytest.mark.parametrize("policy", ["domain", "repository"])
@pytest.mark.parametrize(
    ("principals", "identity", "outcome"),
    [
        # It delegates, as IAM has it; CodeArtifact's guide can be read otherwise.
        ([ROOT], (), DEPENDS),
        ([OWNER], (), DEPENDS),
        ([OWNER, f"arn:aws:iam::{OWNER}:role/other"], (), DEPENDS),
        ([OWNER], EVERYTHING, ALLOWED),
        ([OWNER], (document(deny()),), DENIED),
        ([OWNER], None, DEPENDS),
        # What names the caller is enough.
        ([DEV], (), ALLOWED),
        ([OWNER, DEV], (), ALLOWED),
        (["*"], (), ALLOWED),
    ],
)
def test_an_account_named_in_its_own_account_leaves_it_to_identity_policies(policy, principals, identity, outcome):
    decision = decide(caller=DEV, identity=identity, **{policy: named(*principals)})
    assert decision.outcome == outcome
    if outcome == DEPENDS and identity is not None:
        (match,) = decision.depends_on
        assert match.doubts == (
            "whether naming an account is enough within it, where IAM leaves it to identity policies",
        )


@pytest.mark.parametrize("caller", [DEV, f"arn:aws:iam::{OWNER}:user/ada", f"arn:aws:sts::{OWNER}:assumed-role/dev/1"])
def test_a_deny_for_an_account_binds_all_of_it(caller):
    assert decide(caller=caller, identity=EVERYTHING, repository=named(OWNER, make=deny)).outcome == DENIED


def test_the_account_that_administers_is_such_an_account_too():
    decision = decide(caller=f"arn:aws:iam::{ADMINISTRATOR}:role/dev", repository=named(ADMINISTRATOR))
    assert decision.outcome == DEPENDS
    assert len(decision.depends_on[0].doubts) == 2


@pytest.mark.parametrize(
    ("account", "policies", "outcome"),
    [
        (OWNER, {}, ALLOWED),
        (ADMINISTRATOR, {}, ALLOWED),
        (OTHER, {}, DENIED),
        (OTHER, {"repository": named(OTHER)}, ALLOWED),
        (OWNER, {"repository": named(OWNER, make=deny)}, DENIED),
        (OWNER, {"domain": named("*", make=deny)}, DENIED),
        # Anybody of the account is not its root user.
        (None, {}, DENIED),
    ],
)
@pytest.mark.parametrize("identity", [(), None])
def test_root_users(account, policies, outcome, identity):
    caller = f"arn:aws:iam::{account}:root" if account else OWNER
    found = decide(caller=caller, identity=identity if account else (), **policies)
    assert found.outcome == outcome


def test_the_rights_of_a_root_user_are_named():
    assert decide(caller=ROOT).reason == "by the rights of an account's root user"
    assert decide("sts:GetServiceBearerToken", caller=ROOT).outcome == ALLOWED
