# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may use repositories of Artifact Registry: what Google's pages say of cases, and all worlds that there can be.

The table's answers are from Google's documentation: the role reference and "Configure roles and permissions" of Artifact Registry, and IAM's
"Principal identifiers" and "Policy inheritance". The property's are made by going through all worlds: each group with and without each of
its possible members, each condition true and false, each custom role with each permission and without it.
"""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.bindings import (
    Binding,
    Condition,
    Policy,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.members import kind_of
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import RepositoryName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.repository_access import (
    Governed,
    Matrix,
    Scope,
)
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = RepositoryName("demo-project", "us-central1", "python")
NUMBER = "123456789012"
ADA = "user:ada@example.com"
BUILD = "serviceAccount:build@demo-project.iam.gserviceaccount.com"
POOL = "iam.googleapis.com/projects/1/locations/global/workloadIdentityPools"
CI = f"principal://{POOL}/ci/subject/repo:octo-org/app"
ACCESS = ("read", "publish", "maintain", "administer")
NIGHT = Condition("request.time.getHours() < 6", "night")


def ar(name):
    return f"roles/artifactregistry.{name}"


def policy(*bindings):
    return Policy(
        tuple(
            Binding(role, tuple([members] if isinstance(members, str) else members), *rest)
            for role, members, *rest in bindings
        )
    )


def judged(party, own=(), project=(), *, roles=None, **more):
    repository = Governed(HERE, policy(*own), **more)
    scope = Scope("demo-project", None if project is None else policy(*project), (repository,), NUMBER, roles or {})
    return Matrix(scope, (party,)).verdicts(party, repository)


def outcomes(*arguments, **more):
    return tuple(verdict.outcome for verdict in judged(*arguments, **more).values())


YES, NO, MAYBE = "allowed", "denied", "depends"
#: What a role lets its holder do: the rows of the documentation's table.
ROLES = {
    ar("reader"): (YES, NO, NO, NO),
    ar("viewer"): (YES, NO, NO, NO),
    ar("writer"): (YES, YES, NO, NO),
    ar("createOnPushWriter"): (YES, YES, NO, NO),
    ar("repoAdmin"): (YES, YES, YES, NO),
    ar("createOnPushRepoAdmin"): (YES, YES, YES, NO),
    ar("admin"): (YES, YES, YES, YES),
    ar("containerRegistryMigrationAdmin"): (YES, YES, NO, YES),
    ar("attachmentReader"): (NO, NO, NO, NO),
    ar("somethingNew"): (MAYBE, MAYBE, MAYBE, MAYBE),
    "roles/viewer": (YES, NO, NO, NO),
    "roles/editor": (YES, YES, YES, YES),
    "roles/owner": (YES, YES, YES, YES),
    "roles/browser": (NO, NO, NO, NO),
    "roles/storage.admin": (NO, NO, NO, NO),
    "roles/iam.securityAdmin": (NO, NO, NO, YES),
    "roles/run.serviceAgent": (YES, YES, NO, NO),
    "projects/demo-project/roles/ours": (MAYBE, MAYBE, MAYBE, MAYBE),
}


@pytest.mark.parametrize("role", ROLES)
def test_roles(role):
    assert outcomes(ADA, [(role, ADA)]) == ROLES[role]
    assert outcomes(ADA, [], [(role, ADA)]) == ROLES[role], "what is inherited from the project counts as much"


@pytest.mark.parametrize(
    ("role", "access", "actions"),
    [
        ("roles/editor", "administer", ("repositories.update", "repositories.delete")),
        ("roles/iam.securityAdmin", "administer", ("repositories.setIamPolicy",)),
        (ar("serviceAgent"), "maintain", ("versions.delete",)),
        (ar("admin"), "administer", ()),
    ],
)
def test_parts_of_an_access_are_named(role, access, actions):
    assert judged(ADA, [(role, ADA)])[access].actions == actions


READER = ar("reader")
MEMBERS = [
    # (the member of a reader's binding, who asks, may they read?)
    ("allUsers", ADA, YES),
    ("allUsers", "allUsers", YES),
    ("allUsers", CI, YES),
    ("allAuthenticatedUsers", ADA, YES),
    ("allAuthenticatedUsers", BUILD, YES),
    ("allAuthenticatedUsers", "allUsers", NO),
    ("allAuthenticatedUsers", CI, NO),
    ("user:ADA@example.com", ADA, YES),
    ("user:bob@example.com", ADA, NO),
    ("group:ops@example.com", ADA, MAYBE),
    ("group:ops@example.com", BUILD, MAYBE),
    ("group:ops@example.com", "group:ops@example.com", YES),
    ("group:ops@example.com", "allAuthenticatedUsers", NO),
    ("domain:example.com", ADA, MAYBE),
    ("domain:example.org", ADA, NO),
    ("domain:example.com", BUILD, NO),
    ("domain:example.com", "domain:example.com", YES),
    (f"principalSet://{POOL}/ci/*", CI, YES),
    (f"principalSet://{POOL}/other/*", CI, NO),
    (f"principalSet://{POOL}/ci/attribute.ref/main", CI, MAYBE),
    (f"principalSet://{POOL}/ci/*", ADA, NO),
    ("deleted:user:ada@example.com?uid=1", ADA, NO),
    ("projectEditor:demo-project", ADA, NO),
    ("projectEditor:other-project", ADA, MAYBE),
]


@pytest.mark.parametrize(("member", "party", "may"), MEMBERS)
def test_members(member, party, may):
    assert judged(party, [(READER, member)])["read"].outcome == may


def test_holders_of_a_basic_role_on_the_project():
    for project in "demo-project", NUMBER:
        own = [(ar("writer"), f"projectViewer:{project}")]
        assert judged(ADA, own, [("roles/viewer", ADA)])["publish"].outcome == YES
        assert judged(ADA, own, [("roles/viewer", "user:bob@example.com")])["publish"].outcome == NO
        assert judged(ADA, own, [("roles/viewer", "group:ops@example.com")])["publish"].outcome == MAYBE
        assert judged(ADA, own, [("roles/viewer", ADA, NIGHT)])["publish"].outcome == MAYBE
        assert judged(ADA, own, None)["publish"].outcome == MAYBE


TYPE = 'resource.type == "artifactregistry.googleapis.com/Repository"'
CONDITIONS = [
    (TYPE, YES),
    ('resource.type == "storage.googleapis.com/Bucket"', NO),
    ('resource.service == "artifactregistry.googleapis.com"', YES),
    (f'resource.name.startsWith("{HERE}")', YES),
    (f'{TYPE} && resource.name.startsWith("projects/demo-project/locations/us-central1/")', YES),
    (f'resource.name.startsWith("projects/{NUMBER}/locations/us-central1/repositories/py")', YES),
    (f'{TYPE} && resource.name.startsWith("projects/demo-project/locations/europe-west1/")', NO),
    ('resource.name.startsWith("projects/other-project/")', NO),
    ('resource.name.extract("/repositories/{name}") == "python"', YES),
    ('resource.name.extract("/repositories/{name}") == "npm"', NO),
    (f'resource.name == "{HERE}"', YES),
    (f'{TYPE} && request.time < timestamp("2030-01-01T00:00:00Z")', MAYBE),
    ('resource.type == "storage.googleapis.com/Bucket" && request.time.getHours() < 6', NO),
    (f"!({TYPE})", MAYBE),
    (f'{TYPE} || resource.name.startsWith("x")', MAYBE),
]


@pytest.mark.parametrize(("expression", "may"), CONDITIONS)
def test_conditions_of_the_project_s_policy(expression, may):
    condition = Condition(expression, "ours")
    assert judged(ADA, [], [(READER, ADA, condition)])["read"].outcome == may
    assert judged(ADA, [(READER, ADA, condition)])["read"].outcome == MAYBE, "not documented for a repository's own"


def test_what_is_not_known_is_said():
    assert "group:ops@example.com" in judged(ADA, [(READER, "group:ops@example.com")])["read"].reason
    assert "'night'" in judged(ADA, [], [(READER, ADA, NIGHT)])["read"].reason
    assert "could not be read" in judged(ADA, [], None)["read"].reason
    custom = "projects/demo-project/roles/ours"
    assert custom in judged(ADA, [(custom, ADA)])["read"].reason
    known = {custom: ["artifactregistry.repositories.downloadArtifacts"]}
    assert outcomes(ADA, [(custom, ADA)], roles=known) == (YES, NO, NO, NO)
    assert outcomes(ADA, [(READER, ADA)], None) == (YES, MAYBE, MAYBE, MAYBE)


@pytest.mark.parametrize("project", ["demo-project", NUMBER])
def test_a_virtual_repository_may_open_its_upstreams(project):
    upstream = f"projects/{project}/locations/us-central1/repositories/python"
    private = Governed(HERE)
    virtual = Governed(
        RepositoryName("demo-project", "us-central1", "all"), policy((READER, ADA)), "VIRTUAL_REPOSITORY", (upstream,)
    )
    matrix = Matrix(Scope("demo-project", policy(), (private, virtual), NUMBER), (ADA, BUILD))
    verdict = matrix.verdicts(ADA, private)["read"]
    assert verdict.outcome == MAYBE
    assert "virtual repository all" in verdict.reason
    assert f"service-{NUMBER}@gcp-sa-artifactregistry.iam.gserviceaccount.com" in verdict.reason
    assert matrix.verdicts(BUILD, private)["read"].outcome == NO
    assert matrix.verdicts(ADA, private)["publish"].outcome == NO


@pytest.mark.parametrize(
    ("member", "kind"),
    [
        ("serviceAccount:service-1@gcp-sa-artifactregistry.iam.gserviceaccount.com", "service agent"),
        ("serviceAccount:service-1@serverless-robot-prod.iam.gserviceaccount.com", "service agent"),
        ("serviceAccount:1@cloudservices.gserviceaccount.com", "service agent"),
        ("serviceAccount:service-1@my-project.iam.gserviceaccount.com", "service account"),
        ("serviceAccount:1-compute@developer.gserviceaccount.com", "default service account"),
        ("serviceAccount:my-project@appspot.gserviceaccount.com", "default service account"),
        ("serviceAccount:1@cloudbuild.gserviceaccount.com", "default service account"),
        (BUILD, "service account"),
        ("allUsers", "everyone"),
        ("allAuthenticatedUsers", "everyone with a Google account"),
        (CI, "federated identity"),
        ("deleted:group:x@example.com?uid=1", "deleted"),
    ],
)
def test_kinds(member, kind):
    assert kind_of(member) == kind


# The property. What follows shares nothing with what it judges.

USERS = ("user:ada@example.com", "user:bob@example.org", BUILD)
PERMISSIONS = {
    READER: {"read"},
    ar("writer"): {"read", "publish"},
    ar("repoAdmin"): {"read", "publish", "maintain"},
    "roles/storage.admin": set(),
}
CUSTOM = "organizations/1/roles/custom"
UNCLEAR = Condition("request.time.getHours() < 6", "night")
ELSEWHERE = Condition('resource.type == "storage.googleapis.com/Bucket"', "buckets")
ALWAYS = Condition(TYPE, "repositories")
MEMBER = st.sampled_from(
    [*USERS, "group:g@example.com", "domain:example.com", "allUsers", "allAuthenticatedUsers", "user:ADA@example.com"]
)
BINDINGS = st.lists(
    st.tuples(
        st.sampled_from([*PERMISSIONS, CUSTOM]),
        st.lists(MEMBER, min_size=1, max_size=2, unique=True),
        st.sampled_from([None, UNCLEAR, ELSEWHERE, ALWAYS]),
    ),
    max_size=3,
)


def possible(access, party, own, project):
    """The answers of all worlds."""
    answers = set()
    for grouped, employed, night, takes, custom, hidden in itertools.product((False, True), repeat=6):
        if project is not None and hidden:
            continue

        def stands(member, grouped=grouped, employed=employed):
            if member.startswith("group:"):
                return grouped
            if member.startswith("domain:"):
                return employed and party == "user:ada@example.com"
            return member.startswith("all") or member.lower() == party.lower()

        def true(condition, level, night=night, takes=takes):
            if condition is None:
                return True
            return takes if level == "own" else {UNCLEAR: night, ELSEWHERE: False, ALWAYS: True}[condition]

        given = [("own", one) for one in own] + [("project", one) for one in project or ()]
        allowed = hidden and project is None
        for level, (role, members, condition) in given:
            held = ({access} if custom else set()) if role == CUSTOM else PERMISSIONS[role]
            allowed = allowed or (access in held and any(map(stands, members)) and true(condition, level))
        answers.add(bool(allowed))
    return answers


@settings(max_examples=300)
@given(st.sampled_from(USERS), BINDINGS, st.one_of(st.none(), BINDINGS))
def test_all_worlds(party, own, project):
    found = judged(party, own, project)
    for access in ("read", "publish", "maintain"):
        worlds = possible(access, party, own, project)
        wanted = MAYBE if len(worlds) == 2 else YES if worlds == {True} else NO
        assert found[access].outcome == wanted, (access, found[access])
