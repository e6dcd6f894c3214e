# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options, plans and writes of gcp_remote_repository, what the API gets and answers, and how repositories are shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    ImmutableDifference,
    InvalidInput,
    NotFound,
    Refused,
    Stranger,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import AlreadyExists, Listed
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.repositories import (
    PRESETS,
    UPDATABLE,
    CleanupPolicy,
    Condition,
    Credentials,
    MostRecentVersions,
    Repository,
    Upstream,
    creation_message,
    read_repository,
    update_message,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import RepositoryName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import Outcome, reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_remote_repository import (
    REMOTE,
    DesiredRepository,
    RemoteRepositories,
    shown,
)
from google.cloud import artifactregistry_v1 as ar
from hypothesis import given
from hypothesis import strategies as st

wanted = RemoteRepositories(api=None).wanted

NAME = RepositoryName("demo-project", "us-central1", "python-remote")
KEY = "projects/demo-project/locations/us-central1/keyRings/ours/cryptoKeys/packages"
PYPI = Upstream(preset="PYPI")
OLD = CleanupPolicy("old", "DELETE", Condition(older_than=90 * 86400))
NEWEST = CleanupPolicy("newest", "KEEP", most_recent_versions=MostRecentVersions(5, ("a", "b")))


def desired(**given: Any) -> DesiredRepository:
    return DesiredRepository.from_options({"repository": str(NAME), **given})


def repository(**given: Any) -> Repository:
    return Repository(str(NAME), **{"format": "PYTHON", "mode": REMOTE, "upstream": PYPI, **given})


def policy(**given: Any) -> dict[str, Any]:
    return {"cleanup_policies": [{"id": "old", "action": "DELETE", **given}]}


BAD = {
    "no repository": ({"repository": None}, "repository is missing"),
    "malformed id": ({"repository": "Python", "location": "us-central1"}, "not a repository's id"),
    "no upstream": ({"upstream": {}}, "upstream takes one of preset and uri"),
    "two upstreams": ({"upstream": {"preset": "PYPI", "uri": "https://index.example.com"}}, "one of preset and uri"),
    "unknown preset": ({"upstream": {"preset": "pypi"}}, "upstream.preset 'pypi' is none of DEBIAN"),
    "preset of another format": ({"format": "NPM", "upstream": {"preset": "PYPI"}}, "is for the format PYTHON, and not for NPM"),
    "format without presets": ({"format": "GO", "upstream": {"preset": "PYPI"}}, "is for the format PYTHON, and not for GO"),
    "preset without its path": ({"upstream": {"preset": "UBUNTU"}}, "upstream.preset UBUNTU needs a path"),
    "preset with a path": ({"upstream": {"preset": "NPMJS", "path": "x"}}, "upstream.preset NPMJS takes no path"),
    "address with a path": ({"upstream": {"uri": "https://a.example", "path": "x"}}, "upstream.path goes with upstream.preset"),
    "no address": ({"upstream": {"uri": "index.example.com"}}, "upstream.uri is not a URL"),
    "address with a login": ({"upstream": {"uri": "https://u:p@a.example"}}, "upstream.uri holds a user name or password"),
    "malformed key": ({"kms_key_name": "packages"}, "kms_key_name 'packages' is not a key's name"),
    "label": ({"labels": {"Team": "x"}}, "labels has the key 'Team'"),
    "label's value": ({"labels": {"team": None}}, "labels.team is not text"),
    "too many labels": ({"labels": {f"l{n}": "x" for n in range(65)}}, "labels has 65 entries"),
    "policy twice": (
        {"cleanup_policies": policy(condition={"older_than": "1d"})["cleanup_policies"] * 2},
        "cleanup_policies has an id twice",
    ),
    "policy about nothing": (policy(), "cleanup_policies 'old' takes one of condition and most_recent_versions"),
    "policy about two things": (
        policy(condition={"older_than": "1d"}, most_recent_versions={"keep_count": 1}),
        "takes one of condition and most_recent_versions",
    ),
    "policy about everything, unsaid": (policy(condition={"older_than": None, "tag_prefixes": []}), "empty condition"),
    "policy that deletes the newest": (policy(most_recent_versions={"keep_count": 1}), "with the action KEEP only"),
    "policy that keeps none": (policy(action="KEEP", most_recent_versions={"keep_count": 0}), "keep_count must be 1 or more"),
    "policy's age": (policy(condition={"older_than": "a year"}), "cleanup_policies 'old': older_than 'a year'"),
    "policy without a name": ({"cleanup_policies": [{"id": "", "action": "DELETE"}]}, "an id has 1 to 127 characters"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(given: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput) as error:
        desired(**given)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")
    assert "u:p" not in str(error.value)


@pytest.mark.parametrize("given", [{}, {"format": "PYTHON"}, {"upstream": {"preset": "PYPI"}}])
def test_a_new_repository_needs_a_format_and_an_upstream(given: dict[str, Any]):
    with pytest.raises(InvalidInput, match="does not exist: give format and upstream"):
        wanted(None, desired(**given))


PLANS = {
    # current, options, what becomes of the current one; None when nothing is to be done
    "nothing said": (repository(description="d", labels={"a": "b"}), {}, {}),
    "all the same": (
        repository(description="d", labels={"a": "b"}, cleanup_policies={"old": OLD}, kms_key_name=KEY),
        {
            "format": "PYTHON",
            "upstream": {"preset": "PYPI"},
            "description": "d",
            "labels": {"a": "b"},
            "kms_key_name": KEY,
            **policy(condition={"older_than": "90d"}),
        },
        {},
    ),
    "description": (repository(), {"description": "d"}, {"description": "d"}),
    "description removed": (repository(description="d"), {"description": ""}, {"description": ""}),
    "label added": (repository(labels={"a": "b"}), {"labels": {"c": 1}}, {"labels": {"a": "b", "c": "1"}}),
    "labels purged": (repository(labels={"a": "b"}), {"labels": {}, "purge_labels": True}, {"labels": {}}),
    "purge without labels": (repository(labels={"a": "b"}), {"purge_labels": True}, {}),
    "policies replaced": (
        repository(cleanup_policies={"newest": NEWEST}),
        policy(condition={"older_than": "90d", "tag_state": "ANY"}),
        {"cleanup_policies": {"old": OLD}},
    ),
    "policies removed": (repository(cleanup_policies={"old": OLD}), {"cleanup_policies": []}, {"cleanup_policies": {}}),
    "prefixes in another order": (
        repository(cleanup_policies={"newest": NEWEST}),
        {
            "cleanup_policies": [
                {
                    "id": "newest",
                    "action": "KEEP",
                    "most_recent_versions": {"keep_count": 5, "package_name_prefixes": ["b", "a"]},
                }
            ]
        },
        {},
    ),
    "dry run": (repository(), {"cleanup_policy_dry_run": True}, {"cleanup_policy_dry_run": True}),
    "dry run as it is": (repository(), {"cleanup_policy_dry_run": False}, {}),
    "scanning of Python, unsaid": (repository(), {"vulnerability_scanning": "DISABLED"}, {}),
    "scanning of Docker, unsaid": (repository(format="DOCKER"), {"vulnerability_scanning": "INHERITED"}, {}),
    "scanning on": (
        repository(vulnerability_scanning="DISABLED"),
        {"vulnerability_scanning": "INHERITED"},
        {"vulnerability_scanning": "INHERITED"},
    ),
    "slashes": (
        repository(upstream=Upstream(uri="https://index.example.com/simple")),
        {"upstream": {"uri": "https://index.example.com/simple/"}},
        {},
    ),
    "validation off is no difference": (repository(), {"disable_upstream_validation": True}, {}),
}


@pytest.mark.parametrize(("current", "given", "expected"), PLANS.values(), ids=PLANS.keys())
def test_plan(current: Repository, given: dict[str, Any], expected: dict[str, Any]):
    assert wanted(current, desired(**given)) == replace(current, **expected)


FIXED = {
    "mode": (repository(mode="STANDARD_REPOSITORY", upstream=None), {}, "mode STANDARD_REPOSITORY to REMOTE_REPOSITORY"),
    "format": (repository(), {"format": "NPM"}, "format PYTHON to NPM"),
    "preset": (repository(format="YUM", upstream=Upstream("EPEL", "9/a")), {"upstream": {"preset": "EPEL", "path": "9/b"}}, "EPEL 9/a to EPEL 9/b"),
    "address": (repository(), {"upstream": {"uri": "https://a.example"}}, "upstream PYPI to https://a.example"),
    "key": (repository(), {"kms_key_name": KEY}, f"kms_key_name none to {KEY}"),
    "several": (
        repository(),
        {"format": "NPM", "upstream": {"preset": "NPMJS"}},
        "cannot change from format PYTHON to NPM, nor from upstream PYPI to NPMJS: ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("current", "given", "sentence"), FIXED.values(), ids=FIXED.keys())
def test_what_is_fixed_is_refused_and_named(current: Repository, given: dict[str, Any], sentence: str):
    with pytest.raises(ImmutableDifference) as error:
        wanted(current, desired(**given))

    assert sentence in str(error.value)


class FakeRegistry:
    """A repository, or none, that keeps what it is told; C(failures) are raised by the next writes, before or after them."""

    def __init__(self, current: Repository | None, *failures: tuple[Exception, bool], packages: bool = False) -> None:
        self.current = current
        self.failures = list(failures)
        self.packages = packages
        self.writes: list[Any] = []

    def get_repository(self, name: RepositoryName) -> Repository:
        if self.current is None:
            raise NotFound(f"{name} does not exist.")
        return self.current

    def has_packages(self, name: RepositoryName) -> bool:
        return self.packages

    def _write(self, what: Any, after: Repository | None) -> Any:
        if self.failures:
            failure, done = self.failures.pop(0)
            self.current = after if done else self.current
            raise failure
        self.current = after
        self.writes.append(what)
        return after

    def create_repository(self, name: RepositoryName, wanted: Repository, *, validate: bool) -> Repository:
        return self._write(("create", validate), wanted)

    def update_repository(self, name: RepositoryName, wanted: Repository, fields: Collection[str]) -> Repository:
        return self._write(sorted(fields), wanted)

    def delete_repository(self, name: RepositoryName) -> None:
        self._write("delete", None)


def run(api: Any, wanted: DesiredRepository, **options: Any) -> Outcome:
    waited: list[float] = []
    (outcome,) = reconcile(
        lambda: RemoteRepositories(api),
        [wanted],
        check_mode=options.pop("check_mode", False),
        backoff=lambda **given: Backoff(**given, clock=lambda: sum(waited), sleep=waited.append),
        **options,
    )
    return outcome


NEW = {"format": "PYTHON", "upstream": {"preset": "PYPI"}, "description": "d"}


def test_a_second_look_that_fails_has_written_nothing():
    """Whatever answers that read, it has no part in a write."""

    class Deceived(FakeRegistry):
        reads = 0

        def get_repository(self, name: RepositoryName) -> Repository:
            self.reads += 1
            if self.reads > 1:
                raise Stranger("What answers is not Artifact Registry.")
            return super().get_repository(name)

    api = Deceived(repository())
    outcome = run(api, desired(description="d"))

    assert (api.reads, api.writes) == (2, [])
    assert outcome.error is not None
    assert (outcome.changed, outcome.message) == (False, "What answers is not Artifact Registry.")


def test_only_what_differs_is_written():
    api = FakeRegistry(repository(labels={"a": "b"}, credentials=Credentials("u", "v")))
    outcome = run(api, desired(description="d", labels={"a": "b"}, cleanup_policy_dry_run=True))

    assert outcome.changed
    assert api.writes == [["cleanup_policy_dry_run", "description"]]


@pytest.mark.parametrize("disable", [True, False])
def test_creation(disable: bool):
    api = FakeRegistry(None)
    outcome = run(api, desired(**NEW, kms_key_name=KEY, disable_upstream_validation=disable))

    assert outcome.before == {}
    assert api.writes == [("create", not disable)]
    assert api.current == repository(description="d", kms_key_name=KEY)


@pytest.mark.parametrize(
    ("failure", "done", "current", "changed"),
    [
        pytest.param(AlreadyExists("exists"), True, None, False, id="somebody was faster"),
        pytest.param(Unavailable("lost"), True, None, True, id="creation whose answer is lost"),
        pytest.param(Unavailable("down"), False, None, True, id="creation that is tried again"),
        pytest.param(Unavailable("lost"), True, repository(), True, id="update whose answer is lost"),
    ],
)
def test_what_was_made_is_found(failure: Exception, done: bool, current: Repository | None, changed: bool):
    api = FakeRegistry(current, (failure, done))
    outcome = run(api, desired(**NEW))

    assert outcome.error is None
    assert outcome.changed == changed
    assert api.current == repository(description="d")


class Faster(FakeRegistry):
    """Somebody else creates another repository of the name."""

    def create_repository(self, name: RepositoryName, wanted: Repository, *, validate: bool) -> Repository:
        self.current = repository(format="NPM", upstream=Upstream(preset="NPMJS"))
        raise AlreadyExists(f"{name} exists already.")


def test_who_was_faster_with_another_one_is_not_overwritten():
    api = Faster(None)
    outcome = run(api, desired(**NEW))

    assert isinstance(outcome.error, ImmutableDifference)
    assert not outcome.changed
    assert api.writes == []


@pytest.mark.parametrize(
    ("current", "packages", "force", "sentence"),
    [
        pytest.param(repository(), True, False, "has packages", id="packages"),
        pytest.param(repository(mode="STANDARD_REPOSITORY"), False, True, "standard repository", id="standard"),
        pytest.param(repository(mode="VIRTUAL_REPOSITORY"), False, False, "virtual repository", id="virtual"),
    ],
)
def test_deletion_is_refused(current: Repository, packages: bool, force: bool, sentence: str):
    api = FakeRegistry(current, packages=packages)
    outcome = run(api, desired(state="absent", force=force))

    assert isinstance(outcome.error, Refused)
    assert sentence in str(outcome.error)
    assert api.writes == []


@pytest.mark.parametrize(
    ("current", "packages", "force", "writes"),
    [
        (repository(), False, False, ["delete"]),
        (repository(), True, True, ["delete"]),
        (None, False, False, []),
    ],
)
def test_deletion(current: Repository | None, packages: bool, force: bool, writes: list[str]):
    api = FakeRegistry(current, packages=packages)
    outcome = run(api, desired(state="absent", force=force))

    assert (outcome.error, outcome.changed, outcome.after) == (None, bool(writes), {})
    assert outcome.result == {"remote_repository": None}
    assert api.writes == writes


def test_a_deletion_that_somebody_else_made_is_done():
    api = FakeRegistry(repository(), (NotFound("gone"), True))

    assert run(api, desired(state="absent")).error is None


class Listing(FakeRegistry):
    """Lists one repository of many, completely or not."""

    complete = True

    def list_repositories(self, project: str, location: str, *, pages: int) -> Listed[Repository]:
        return Listed([repository()], self.complete)


@pytest.mark.parametrize("complete", [True, False])
def test_many_are_read_from_one_list(complete: bool):
    api = Listing(None)
    api.complete = complete
    place = {"project": "p-one", "location": "us-central1"}
    many = [desired(repository=f"r{number}", **place) for number in range(20)]
    there, absent = desired(repository="python-remote", **place), desired(repository="gone", **place, state="absent")
    states = RemoteRepositories(api).read_listed([there, *many, absent])

    assert states.pop(there.unit) == repository()
    assert states == ({one.unit: None for one in many} if complete else {})


policies = st.sampled_from([{}, {"old": OLD}, {"newest": NEWEST}, {"old": OLD, "newest": NEWEST}])
states = st.builds(
    repository,
    description=st.sampled_from(["", "d"]),
    labels=st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy")),
    cleanup_policies=policies,
    cleanup_policy_dry_run=st.booleans(),
    vulnerability_scanning=st.sampled_from([None, "INHERITED", "DISABLED"]),
)
options = st.fixed_dictionaries(
    {"format": st.just("PYTHON"), "upstream": st.just({"preset": "PYPI"})},
    optional={
        "description": st.sampled_from(["", "d"]),
        "labels": st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy")),
        "purge_labels": st.booleans(),
        "cleanup_policies": st.sampled_from([[], policy(condition={"older_than": "90d"})["cleanup_policies"]]),
        "cleanup_policy_dry_run": st.booleans(),
        "vulnerability_scanning": st.sampled_from(["INHERITED", "DISABLED"]),
    },
)


@given(st.none() | states, options)
def test_a_plan_carried_out_leaves_nothing_to_do_and_check_mode_predicts_it(
    current: Repository | None, given: dict[str, Any]
):
    api = FakeRegistry(current)
    predicted = run(api, desired(**given), check_mode=True)
    assert api.writes == []
    first = run(api, desired(**given))
    second = run(api, desired(**given))

    assert (predicted.changed, predicted.result, predicted.after) == (first.changed, first.result, first.after)
    assert len(api.writes) == first.changed
    assert not second.changed


@given(states)
def test_messages_keep_what_they_are_told(current: Repository):
    message = ar.Repository(name=str(NAME), **creation_message(current, validate=True))

    assert read_repository(message) == current


@pytest.mark.parametrize(
    ("package_format", "upstream"),
    [
        *(
            (one, Upstream(preset, "a/path" if one in ("APT", "YUM") else None))
            for one, presets in PRESETS.items()
            for preset in presets
        ),
        ("GO", Upstream(uri="https://go.example.com")),
        ("PYTHON", Upstream(uri="projects/p/locations/l/repositories/r")),
    ],
)
def test_upstreams_are_written_as_they_are_read(package_format: str, upstream: Upstream):
    """And the library knows each preset, in its format."""
    wanted = repository(format=package_format, upstream=upstream)

    assert read_repository(ar.Repository(name=str(NAME), **creation_message(wanted, validate=False))) == wanted


def test_every_preset_of_the_library_is_known():
    config = ar.RemoteRepositoryConfig
    enums = {
        "APT": config.AptRepository.PublicRepository.RepositoryBase,
        "DOCKER": config.DockerRepository.PublicRepository,
        "MAVEN": config.MavenRepository.PublicRepository,
        "NPM": config.NpmRepository.PublicRepository,
        "PYTHON": config.PythonRepository.PublicRepository,
        "YUM": config.YumRepository.PublicRepository.RepositoryBase,
    }

    assert {one: sorted(value.name for value in enum if value) for one, enum in enums.items()} == {
        one: sorted(presets) for one, presets in PRESETS.items()
    }


def test_an_update_has_nothing_but_its_fields():
    full = repository(description="d", labels={"a": "b"}, vulnerability_scanning="DISABLED", kms_key_name=KEY)

    assert update_message(full, ["description"]) == {"description": "d"}
    assert update_message(full, ["vulnerability_scanning"]) == {
        "vulnerability_scanning_config": {"enablement_config": "DISABLED"}
    }
    assert set(UPDATABLE) == {
        "description",
        "labels",
        "cleanup_policies",
        "cleanup_policy_dry_run",
        "vulnerability_scanning",
        "upstream_policies",
        "docker_immutable_tags",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"credentials": Credentials("u", "v"), "cleanup_policies": {"old": OLD, "newest": NEWEST}},
            {
                "username": "u",
                "password_secret_version": "v",
                "upstream": {"preset": "PYPI", "path": None, "uri": None},
                "cleanup_policies": [
                    {
                        "id": "newest",
                        "action": "KEEP",
                        "condition": None,
                        "most_recent_versions": {"keep_count": 5, "package_name_prefixes": ["a", "b"]},
                    },
                    {
                        "id": "old",
                        "action": "DELETE",
                        "condition": {
                            "tag_state": "ANY",
                            "tag_prefixes": [],
                            "version_name_prefixes": [],
                            "package_name_prefixes": [],
                            "older_than": 7776000,
                            "newer_than": None,
                        },
                        "most_recent_versions": None,
                    },
                ],
            },
        ),
        (
            {"upstream": None},
            {"username": None, "password_secret_version": None, "upstream": None, "cleanup_policies": []},
        ),
    ],
)
def test_shown(given: dict[str, Any], expected: dict[str, Any]):
    assert shown(repository(**given)) == {
        "name": str(NAME),
        "repository": "python-remote",
        "location": "us-central1",
        "format": "PYTHON",
        "mode": "REMOTE_REPOSITORY",
        "description": None,
        "labels": {},
        "cleanup_policy_dry_run": False,
        "vulnerability_scanning": None,
        "kms_key_name": None,
        "registry_uri": None,
        "create_time": None,
        **expected,
    }
