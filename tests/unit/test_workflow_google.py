# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps of the workflow for Google Cloud, with services that live in memory: who waits for whom, and what is never retired."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import NotFound, PermissionDenied
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import Deadline
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.repositories import (
    Credentials,
    Repository,
    Upstream,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import Version
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.bindings import Binding, Policy
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.conditions import Condition
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.progress import Progress
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import Resource
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_service_agent import ServiceAgents
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.secret_versions import VersionState
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow import google
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.chain import Chain
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.google_scope import read_scope

PROOF = {"package": "demo"}


def entry(name, secret="token", **more):
    return {"repository": name, "location": "us-central1", "secret": secret, "token": "s3cret", "proof": PROOF, **more}


def scope(name, *entries, project="demo-project", **options):
    given = {"retention": {"keep": 1, "min_age": 0}, **options}
    return read_scope(name, {"project": project, "repositories": list(entries), **given})


class Secrets:
    """Secrets with three versions each."""

    def __init__(self):
        self.disabled = []

    def list_versions(self, secret):
        return [Version(f"{secret}/versions/{number}", number, "ENABLED") for number in (3, 2, 1)]

    def disable_version(self, version, _secret):
        self.disabled.append(version.name)
        return Version(version.name, version.number, "DISABLED")


class Repositories:
    """Remote repositories, by the name of the version that each uses."""

    def __init__(self, project="demo-project", **versions):
        self.project, self.versions = project, versions

    def list_locations(self, _project):
        return ["us-central1"]

    def list_repositories(self, project, location):
        parent = f"projects/{project}/locations/{location}/repositories"
        items = [
            Repository(f"{parent}/{name}", "PYTHON", "REMOTE_REPOSITORY", credentials=Credentials("u", version))
            for name, version in self.versions.items()
        ]
        return SimpleNamespace(items=items if project == self.project else [])


def run_of(*scopes, check_mode=False, **services):
    chain = Chain(check_mode=check_mode, diff_mode=False, deadline=Deadline(1000), progress=Progress())
    return google.GoogleRun(chain, SimpleNamespace(**services), scopes)


class Numbers:
    """Resource Manager, for a caller who may see these projects."""

    def __init__(self, **numbers):
        self.numbers = {project.replace("_", "-"): number for project, number in numbers.items()}
        self.asked = []

    def project_number(self, project):
        self.asked.append(project)
        if project not in self.numbers:
            raise PermissionDenied(f"{project} cannot be seen.")
        return self.numbers[project]

    @property
    def agents(self):
        return ServiceAgents(lambda: self, lambda: None)


def retire(*scopes, repositories, check_mode=False, logins=(), policy=None, numbers=None):
    """The last step, after each scope has stored the third version of its secrets, which have this policy.

    :param numbers: what the step before has known the service agents by
    """
    secrets = Secrets()
    states = {
        str(secret): VersionState(str(secret), 3, "ENABLED", b"s3cret", 3) for one in scopes for secret in one.secrets
    }
    agents = numbers and numbers.agents
    run = run_of(*scopes, check_mode=check_mode, secrets=secrets, repositories=repositories, agents=agents)
    if numbers:
        run._members()
    run._retire(google.Stored((), states), dict.fromkeys(states, policy or Policy()), dict(logins))
    return secrets.disabled


def test_what_is_not_in_use_is_retired():
    found = retire(
        scope("one", entry("mirror")), repositories=Repositories(other="projects/1/secrets/token/versions/2")
    )
    assert found == ["projects/demo-project/secrets/token/versions/1"]


@pytest.mark.parametrize(
    ("others", "use", "retired"),
    [
        # The id of the project is not known, so any id may be its.
        ([], "projects/demo-project/secrets/token/versions/2", [1]),
        ([], "projects/other-project/secrets/token/versions/2", [1]),
        ([], "projects/123/secrets/token/versions/2", [1]),
        ([], "projects/456/secrets/token/versions/2", [1, 2]),
        # Another scope names it by its id, or that id's own number is known.
        (["demo-project"], "projects/demo-project/secrets/token/versions/2", [1]),
        (["demo-project"], "projects/other-project/secrets/token/versions/2", [1, 2]),
        (["other-project"], "projects/other-project/secrets/token/versions/2", [1, 2]),
        (["other-project"], "projects/demo-project/secrets/token/versions/2", [1]),
    ],
)
def test_a_use_by_the_id_of_a_project_that_is_named_by_its_number_counts(others, use, retired):
    """Nothing is retired that a repository of the project uses (docs, rotation), whichever name of the project it uses it by."""
    found = retire(
        scope("one", entry("mirror"), project="123"),
        *(scope(name, entry("mirror", secret="another"), project=name) for name in others),
        repositories=Repositories("123", stranger=use),
        numbers=Numbers(demo_project="123", other_project="456"),
    )
    names = [f"projects/123/secrets/token/versions/{number}" for number in retired]
    assert [name for name in found if "/secrets/token/" in name] == names


@pytest.mark.parametrize("numbers", [Numbers(demo_project="123"), Numbers()])
@pytest.mark.parametrize("projects", [("demo-project", "123"), ("123", "demo-project")])
def test_a_use_of_a_scope_that_names_the_project_otherwise_keeps_the_secret(projects, numbers):
    """Where no number is known, the two may be one project."""
    proved, unproved = (scope(project, entry("mirror"), project=project) for project in projects)
    unproved.fail(google.PROOFS, "mirror", google.Refused("refused"))
    assert retire(proved, unproved, repositories=Repositories(), numbers=numbers) == []


def test_a_use_of_a_scope_of_another_project_keeps_nothing():
    proved, unproved = scope("one", entry("mirror"), project="123"), scope("two", entry("mirror", proof=None))
    numbers = Numbers(demo_project="456")
    assert len(retire(proved, unproved, repositories=Repositories("456"), numbers=numbers)) == 2


def two_tokens(*scopes, numbers=None, states=()):
    """Why scopes go no further, after their versions were looked at."""
    numbers = numbers or Numbers()
    run = run_of(*scopes, agents=numbers.agents)
    run._refuse_clashes()
    run._learn_numbers({name: VersionState(real, 1, "ENABLED", b"old", 1) for name, real in states})
    run._settle_doubts()
    run._refuse_clashes()
    return [[message for _step, _target, message, _code in one.failures] for one in scopes], numbers.asked


BY_ID, BY_NUMBER = "projects/demo-project/secrets/token", "projects/123/secrets/token"
TWO = f"{BY_ID} would hold two tokens: one, two name it with different ones."


@pytest.mark.parametrize(
    ("options", "states", "asked"),
    [
        # Given, read with the versions that are there, or asked for, as it would be later for the service agent.
        ({"project_number": 123}, [], []),
        ({}, [(BY_ID, BY_NUMBER), (BY_NUMBER, BY_NUMBER)], []),
        ({}, [], ["demo-project"]),
    ],
)
def test_two_tokens_for_one_secret_are_refused_however_the_project_is_named(options, states, asked):
    one = scope("one", entry("mirror"), **options)
    two = scope("two", entry("other", token="an0ther"), project="123")
    assert two_tokens(one, two, numbers=Numbers(demo_project="123"), states=states) == ([[TWO], [TWO]], asked)


def test_two_tokens_within_a_scope_are_refused_however_the_project_is_named():
    one = scope("one", entry("mirror"), entry("other", secret=BY_NUMBER, token="an0ther"), project_number=123)
    assert two_tokens(one) == ([[f"{BY_ID} would hold two tokens: one names it with different ones."]], [])


@pytest.mark.parametrize(("project", "asked"), [("demo-project", []), ("123", ["demo-project"])])
@pytest.mark.parametrize("change", [{"secret": "own"}, {"username": "bot"}])
def test_two_logins_for_one_repository_are_refused_however_the_project_is_named(change, project, asked):
    one = scope("one", entry("mirror"))
    two = scope("two", entry("mirror", **change), entry("other"), project=project)
    name = "projects/demo-project/locations/us-central1/repositories/mirror"
    sentence = f"{name} would have two logins: one, two name it with different ones."
    assert two_tokens(one, two, numbers=Numbers(demo_project="123")) == ([[sentence], [sentence]], asked)


def test_one_login_for_one_repository_in_two_scopes_is_good():
    one, two = scope("one", entry("mirror")), scope("two", entry("mirror", secret=BY_ID), entry("other"))
    assert two_tokens(one, two) == ([[], []], [])


def test_what_decides_over_several_secrets_is_asked_once():
    """And a scope that goes no further for another reason takes nobody along."""
    names = ["a", "b", "c"]
    one = scope("one", *(entry(name, name) for name in names))
    two = scope("two", *(entry(f"{name}2", name, token="an0ther") for name in names), project="123")
    numbers = Numbers()
    ((message,), others), asked = two_tokens(one, two, numbers=numbers)
    assert (asked, others) == (["demo-project"], [])
    assert "demo-project cannot be seen." in message
    two.fail(google.LOOK, "mirror", google.Refused("refused"))
    one = scope("one", *(entry(name, name) for name in names))
    assert two_tokens(one, two)[0][0] == []


def test_two_projects_may_have_secrets_of_one_id():
    one, two = scope("one", entry("mirror")), scope("two", entry("other", token="an0ther"), project="456")
    assert two_tokens(one, two, numbers=Numbers(demo_project="123")) == ([[], []], ["demo-project"])
    # With the same token nobody is asked, and of secrets with different ids neither.
    one, two = scope("one", entry("mirror")), scope("two", entry("other"), project="123")
    assert two_tokens(one, two) == ([[], []], [])
    one, two = scope("one", entry("mirror")), scope("two", entry("other", "own", token="an0ther"), project="123")
    assert two_tokens(one, two) == ([[], []], [])


def test_a_token_is_not_stored_where_it_may_replace_another():
    """The scope would fail later for want of the same number, but then its token would be stored."""
    one, two = scope("one", entry("mirror")), scope("two", entry("other", token="an0ther"), project="123")
    ((message,), others), _asked = two_tokens(one, two)
    assert message.startswith(
        f"{BY_ID}, {BY_NUMBER} may be one secret, and one, two name it with different tokens. demo-project cannot be seen."
    )
    assert others == []


@pytest.mark.parametrize(
    ("project", "stored", "writes"),
    [
        ("123", "projects/demo-project/secrets/token/versions/1", False),
        ("123", "projects/demo-project/secrets/token/versions/2", True),
        ("123", "projects/456/secrets/token/versions/1", True),
        ("demo-project", "projects/other-project/secrets/token/versions/1", True),
        ("demo-project", "projects/123/secrets/token/versions/1", False),
    ],
)
def test_only_what_is_certain_to_be_written_needs_a_permission(project, stored, writes):
    """As docs say of preflight: only what is certain to be written is asked about."""
    one = scope("one", entry("mirror", location="us-central1"), project=project)
    name = one.entries[0].name
    found = Repository(str(name), "PYTHON", "REMOTE_REPOSITORY", credentials=Credentials("__token__", stored))
    state = VersionState(BY_NUMBER, 1, "ENABLED", b"s3cret", 1)
    asked = []

    def held_permissions(_name, wanted):
        asked.extend(wanted)
        return frozenset(wanted)

    held = SimpleNamespace(held_permissions=held_permissions)
    run = run_of(one, repositories=held, secrets=held, projects=held, identity="somebody")
    versions = {str(secret): state for secret in one.secrets}
    run._learn_numbers(versions)
    run._check_permissions({str(name): found}, versions)
    assert asked == (["artifactregistry.repositories.update"] if writes else [])


def test_a_use_that_cannot_be_told_ends_one_scope_alone():
    """An alias can move, so it does not say which version is in use."""
    one, two = scope("one", entry("mirror")), scope("two", entry("mirror"), project="other-project")
    found = retire(one, two, repositories=Repositories(stranger="projects/1/secrets/token/versions/prod"))
    assert (one.alive, two.alive) == (False, True)
    assert one.failures[0][0] == google.RETIREMENT
    assert "in_use has 'projects/1/secrets/token/versions/prod'" in one.failures[0][2]
    assert [name for name in found if "demo-project" in name] == []
    assert len(found) == 2


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_repository_that_somebody_has_pointed_back_keeps_its_version(check_mode):
    """In a real run what is read last counts, and in check mode what would be set."""
    one = scope("one", entry("mirror"))
    secret = "projects/demo-project/secrets/token"
    name = "projects/demo-project/locations/us-central1/repositories/mirror"
    retire(
        one,
        repositories=Repositories(mirror=f"{secret}/versions/1"),
        logins={name: Credentials("u", f"{secret}/versions/3")},
        check_mode=check_mode,
    )
    (step,) = one.done
    kept = {version.number for version in step[1].state if version.state == "ENABLED"}
    assert kept == ({3} if check_mode else {1, 3})


def test_a_use_of_another_scope_that_is_not_proved_keeps_the_secret():
    one, two = scope("one", entry("mirror")), scope("two", entry("others", proof=None))
    assert retire(one, two, repositories=Repositories()) == []
    failed = scope("three", entry("others"))
    failed.fail(google.PROOFS, "others", google.Refused("refused"))
    assert retire(scope("one", entry("mirror")), failed, repositories=Repositories()) == []


ACCESSOR = "roles/secretmanager.secretAccessor"
OWN, FOREIGN = (f"serviceAccount:service-{number}@gcp-sa-artifactregistry.iam.gserviceaccount.com" for number in (1, 2))
UNTIL = Condition("request.time < timestamp('2030-01-01T00:00:00Z')", "until 2030")


@pytest.mark.parametrize(
    ("role", "member", "condition", "kept"),
    [
        (ACCESSOR, FOREIGN, None, True),
        (ACCESSOR, FOREIGN, UNTIL, True),
        ("roles/secretmanager.admin", FOREIGN, None, True),
        ("projects/p/roles/custom", FOREIGN, None, True),
        (ACCESSOR, "allUsers", None, True),
        (ACCESSOR, "allAuthenticatedUsers", UNTIL, True),
        # Its own once more, and those that cannot read, or are no service agents.
        ("roles/secretmanager.admin", OWN, UNTIL, False),
        ("roles/secretmanager.viewer", FOREIGN, None, False),
        (ACCESSOR, "user:ada@example.com", None, False),
    ],
)
@pytest.mark.parametrize("own_role", [ACCESSOR, "projects/p/roles/reader"])
def test_a_secret_that_another_projects_agent_may_read_is_kept(role, member, condition, kept, own_role):
    policy = Policy((Binding(own_role, (OWN,)), Binding(role, (member,), condition)))
    found = retire(
        scope("one", entry("mirror"), role=own_role),
        repositories=Repositories(mirror="projects/1/secrets/token/versions/3"),
        policy=policy,
    )
    assert bool(found) != kept


@pytest.mark.parametrize("create_missing", [True, False])
def test_a_repository_that_cannot_become_what_is_wanted_is_missed_before_another_is_created(create_missing):
    class There:
        def get_repository(self, name):
            if name.repository == "new":
                raise NotFound(f"{name} does not exist.")
            return Repository(str(name), "NPM", "REMOTE_REPOSITORY", Upstream(preset="NPMJS"))

    wanted = {"format": "PYTHON", "upstream": {"preset": "PYPI"}} if create_missing else {}
    one = scope("one", entry("new", **wanted), entry("other", **wanted), create_missing=create_missing)
    run_of(one, repositories=There())._look_at_repositories()
    (failure,) = one.failures
    assert ("repositories/other" if create_missing else "repositories/new") in failure[1]
    assert ("format" if create_missing else "does not exist") in failure[2]


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Index(Resource):
    """An index that serves after a time."""

    def __init__(self, clock, opens):
        self.clock, self.opens, self.fetched = clock, opens, {}

    def read(self, desired):
        self.fetched.setdefault(desired.package, []).append(self.clock.now)
        return self.clock.now >= self.opens

    def result(self, state, desired):
        return {"package_index": {"status": "readable" if state else "refused"}}


def test_each_scope_waits_as_long_as_it_says(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(google, "time", clock)
    index = Index(clock, opens=10)
    quick = scope("quick", entry("mirror", proof={"package": "quick"}), proof_delay=6)
    slow = scope("slow", entry("other", proof={"package": "slow"}), proof_delay=60)
    # No time is left for this one, which is no reason for the others not to try again.
    late = scope("late", entry("third", proof={"package": "late"}), proof_delay=7200)
    run_of(quick, slow, late, index=index)._prove()
    assert index.fetched == {"quick": [0, 6, 12], "slow": [0, 60], "late": [0]}
    assert [one.alive for one in (quick, slow, late)] == [True, True, False]


def test_who_is_refused_is_tried_again_so_often(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(google, "time", clock)
    index = Index(clock, opens=1000)
    none = scope("none", entry("mirror", proof={"package": "none"}), proof_retries=0)
    two = scope("two", entry("other", proof={"package": "two"}), proof_retries=2, proof_delay=0)
    run_of(none, two, index=index)._prove()
    assert index.fetched == {"none": [0], "two": [0, 0, 0]}
    assert [one.alive for one in (none, two)] == [False, False]
