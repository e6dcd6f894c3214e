# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options, plans and writes of gcp_repository: what standard and virtual repositories have besides what remote ones have."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    ImmutableDifference,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Refused,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.repositories import (
    MODES,
    REMOTE,
    STANDARD,
    VIRTUAL,
    Repository,
    Upstream,
    UpstreamPolicy,
    creation_message,
    read_repository,
    update_message,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import RepositoryName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import Outcome, reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_repository import (
    DesiredRepository,
    Repositories,
)
from google.cloud import artifactregistry_v1 as ar
from hypothesis import given
from hypothesis import strategies as st

PLACE = {"project": "demo-project", "location": "us-central1"}
PARENT = "projects/demo-project/locations/us-central1/repositories"
NAME = RepositoryName("demo-project", "us-central1", "all")
OURS = UpstreamPolicy("ours", f"{PARENT}/ours", 100)
PYPI = UpstreamPolicy("pypi", f"{PARENT}/pypi", 10)
KEY = "projects/demo-project/locations/us-central1/keyRings/r/cryptoKeys/k"


def policies(*several: UpstreamPolicy) -> dict[str, UpstreamPolicy]:
    return {policy.id: policy for policy in several}


def asked(*several: UpstreamPolicy, purge: bool = False) -> dict[str, Any]:
    return {"upstream_policies": [dict(vars(policy)) for policy in several], "purge_upstream_policies": purge}


def desired(**options: Any) -> DesiredRepository:
    return DesiredRepository.from_options({**PLACE, "repository": "all", **options})


def virtual(*several: UpstreamPolicy, **values: Any) -> Repository:
    return Repository(str(NAME), "PYTHON", VIRTUAL, upstream_policies=policies(*several), **values)


def wanted(current: Repository | None, **options: Any) -> Repository | None:
    return Repositories(api=None, projects=None).wanted(current, desired(**options))


BAD = {
    "an id twice": (asked(OURS, replace(PYPI, id="ours")), "upstream_policies has an id twice"),
    "an empty id": (asked(replace(OURS, id="")), "upstream_policies has an empty id"),
    "itself": (asked(replace(OURS, repository="all")), f"upstream_policies 'ours' is {NAME} itself"),
    "no repository's name": (
        asked(replace(OURS, repository="Ours!")),
        "upstream_policies 'ours': repository 'Ours!' is not",
    ),
    "half a name": (
        asked(replace(OURS, repository="repositories/x")),
        "is not a repository's name: it must be an id or",
    ),
    "a priority out of range": (asked(replace(OURS, priority=2**31)), "priority 2147483648 is not a number of 32 bits"),
    "too many": (
        asked(*(UpstreamPolicy(f"p{number}", f"r{number}", number) for number in range(31))),
        "There would be 31 upstream_policies: up to 30",
    ),
    "policies of a standard one": (
        {"mode": STANDARD, **asked(OURS)},
        "upstream_policies is for virtual repositories, and",
    ),
    "an upstream of a virtual one": (
        {"mode": VIRTUAL, "upstream": {"preset": "PYPI"}},
        f"upstream is for remote repositories, and {NAME} is a virtual one",
    ),
    "tags of another format": (
        {"format": "NPM", "docker_immutable_tags": False},
        f"docker_immutable_tags is for the format DOCKER, and {NAME} has the format NPM",
    ),
    "versions of another format": ({"format": "NPM", "maven_version_policy": "NONE"}, "is for the format MAVEN"),
}


@pytest.mark.parametrize(("options", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(options: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput) as error:
        desired(**options)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "give mode and format to have it created"),
        ({"format": "PYTHON"}, "give mode and format to have it created"),
        ({"format": "PYTHON", "mode": REMOTE}, "give mode, format and upstream to have it created"),
    ],
)
def test_a_new_repository_needs_what_it_is_created_from(options: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput, match=sentence):
        wanted(None, **options)


def test_what_is_for_another_mode_or_format_is_refused_when_only_the_repository_says_which_it_is():
    standard = Repository(str(NAME), "PYTHON", STANDARD)

    with pytest.raises(InvalidInput, match=r"upstream_policies is for virtual repositories, and .* is a standard one"):
        wanted(standard, **asked(OURS))
    with pytest.raises(InvalidInput, match=r"maven_version_policy is for the format MAVEN"):
        wanted(standard, maven_version_policy="NONE")


PLANS = {
    # current, options, upstream policies as they are to be
    "one is added": (virtual(PYPI), asked(OURS), (OURS, PYPI)),
    "one is changed": (virtual(OURS, PYPI), asked(replace(PYPI, priority=5)), (OURS, replace(PYPI, priority=5))),
    "another order": (virtual(OURS, PYPI), asked(PYPI, OURS), (OURS, PYPI)),
    "the list is complete": (virtual(OURS, PYPI), asked(OURS, purge=True), (OURS,)),
    "all are removed": (virtual(OURS), asked(purge=True), ()),
    "no list": (virtual(OURS), {"purge_upstream_policies": True}, (OURS,)),
    "an empty list": (virtual(OURS), asked(), (OURS,)),
    "an id in place of a name": (virtual(OURS), asked(replace(OURS, repository="ours")), (OURS,)),
}


@pytest.mark.parametrize(("current", "options", "expected"), PLANS.values(), ids=PLANS.keys())
def test_upstreams_that_are_not_named_stay_unless_the_list_is_complete(
    current: Repository, options: dict[str, Any], expected: tuple[UpstreamPolicy, ...]
):
    assert wanted(current, **options) == replace(current, upstream_policies=policies(*expected))


def test_more_upstreams_than_the_service_takes_are_refused_before_anything_is_written():
    full = virtual(*(UpstreamPolicy(f"p{number}", f"{PARENT}/r{number}", number) for number in range(30)))

    with pytest.raises(InvalidInput, match="There would be 31 upstream_policies"):
        wanted(full, **asked(OURS))


FIXED = {
    "mode": ({"mode": REMOTE}, "mode VIRTUAL_REPOSITORY to REMOTE_REPOSITORY"),
    "format": ({"format": "NPM"}, "format PYTHON to NPM"),
    "versions": (
        {"format": "MAVEN", "maven_version_policy": "RELEASE", "maven_allow_snapshot_overwrites": True},
        "maven_version_policy SNAPSHOT to RELEASE, nor from maven_allow_snapshot_overwrites false to true",
    ),
}


@pytest.mark.parametrize(("options", "sentence"), FIXED.values(), ids=FIXED.keys())
def test_what_is_fixed_is_refused_and_named(options: dict[str, Any], sentence: str):
    current = virtual()
    if "maven_version_policy" in options:
        current = Repository(str(NAME), "MAVEN", STANDARD, maven_version_policy="SNAPSHOT")
    with pytest.raises(ImmutableDifference, match=sentence):
        wanted(current, **options)


def test_a_repository_that_does_not_say_its_mode_is_a_standard_one():
    """Source: the Artifact Registry v1 API's reference. gcloud creates such repositories."""
    unsaid = Repository(str(NAME), "PYTHON", "MODE_UNSPECIFIED")

    assert wanted(unsaid, mode=STANDARD) == unsaid


@pytest.mark.parametrize("said", [None, {}, {"version_policy": "VERSION_POLICY_UNSPECIFIED"}])
def test_the_default_of_maven_is_the_same_however_it_is_said(said: dict[str, Any] | None):
    config = {} if said is None else {"maven_config": said}
    read = read_repository(ar.Repository(name=str(NAME), format_="MAVEN", mode=STANDARD, **config))

    assert wanted(read, maven_version_policy="NONE", maven_allow_snapshot_overwrites=False) == read


states = st.builds(
    Repository,
    st.just(str(NAME)),
    st.sampled_from(["PYTHON", "DOCKER", "MAVEN"]),
    st.sampled_from(MODES),
    description=st.sampled_from(["", "d"]),
)


@given(states, st.sets(st.sampled_from([OURS, PYPI])), st.booleans(), st.sampled_from(["NONE", "RELEASE"]))
def test_messages_keep_what_they_are_told(plain: Repository, upstreams: set[UpstreamPolicy], flag: bool, policy: str):
    """Against the library's own messages."""
    current = {
        STANDARD: plain,
        VIRTUAL: replace(plain, upstream_policies=policies(*upstreams)),
        REMOTE: replace(plain, upstream=Upstream(uri="https://index.example.com")),
    }[plain.mode]
    of_format = {
        "PYTHON": {},
        "DOCKER": {"docker_immutable_tags": flag},
        "MAVEN": {"maven_version_policy": policy, "maven_allow_snapshot_overwrites": flag},
    }
    current = replace(current, **of_format[current.format])
    message = ar.Repository(name=str(NAME), **creation_message(current, validate=True))

    assert read_repository(message) == current
    # Without it the service answers "Virtual repository config is not specified".
    assert ("virtual_repository_config" in message) == (current.mode == VIRTUAL)


def test_an_update_has_nothing_but_its_fields():
    full = virtual(OURS, description="d", labels={"a": "b"})

    assert update_message(full, ["upstream_policies"]) == {
        "virtual_repository_config": {"upstream_policies": [dict(vars(OURS))]}
    }
    assert update_message(full, ["docker_immutable_tags"]) == {"docker_config": {"immutable_tags": False}}


class Registry:
    """Holds repositories by name, and does to them what an update is told."""

    def __init__(self, *repositories: Repository, packages: bool = False) -> None:
        self.held = {repository.name: repository for repository in repositories}
        self.packages = packages
        self.writes: list[Any] = []

    def get_repository(self, name: RepositoryName) -> Repository:
        if str(name) not in self.held:
            raise NotFound(f"{name} does not exist.")
        return self.held[str(name)]

    def has_packages(self, name: RepositoryName) -> bool:
        return self.packages

    def create_repository(self, name: RepositoryName, repository: Repository, *, validate: bool) -> Repository:
        self.writes.append(("create", name.repository))
        self.held[str(name)] = repository
        return repository

    def update_repository(self, name: RepositoryName, repository: Repository, fields: Collection[str]) -> Repository:
        self.writes.append(("update", sorted(fields)))
        given = {field: getattr(repository, field) for field in fields}
        self.held[str(name)] = replace(self.held[str(name)], **given)
        return self.held[str(name)]

    def delete_repository(self, name: RepositoryName) -> None:
        self.writes.append(("delete", name.repository))
        del self.held[str(name)]


class Projects:
    """Knows the numbers of projects."""

    numbers: ClassVar = {"demo-project": "111", "partner": "222"}

    def project_number(self, project: str) -> str:
        if project.isdigit():
            return project
        if project not in self.numbers:
            raise PermissionDenied(f"Resource Manager does not show projects/{project}.")
        return self.numbers[project]


def run(api: Any, *entries: DesiredRepository, check_mode: bool = False) -> list[Outcome]:
    waited: list[float] = []
    return reconcile(
        lambda: Repositories(api=api, projects=Projects()),
        entries,
        check_mode=check_mode,
        backoff=lambda **given: Backoff(**given, clock=lambda: sum(waited), sleep=waited.append),
    )


def test_a_virtual_repository_is_created_after_its_upstreams_wherever_it_is_in_the_batch():
    entries = [
        desired(mode=VIRTUAL, format="PYTHON", **asked(OURS, PYPI)),
        desired(repository="ours", mode=STANDARD, format="PYTHON"),
        desired(repository="pypi", mode=REMOTE, format="PYTHON", upstream={"preset": "PYPI"}),
    ]
    predicted, api = run(Registry(), *entries, check_mode=True), Registry()
    made = run(api, *entries)
    again = run(api, *entries)

    assert api.writes[-1] == ("create", "all")
    assert len(api.writes) == 3
    assert [one.after for one in predicted] == [one.after for one in made]
    assert [one.changed for one in made] == [True] * 3
    assert not any(one.changed for one in again)


class Busy(Registry):
    """Another writer adds an upstream between our first read and our write."""

    def get_repository(self, name: RepositoryName) -> Repository:
        seen = super().get_repository(name)
        if "theirs" not in seen.upstream_policies:
            theirs = UpstreamPolicy("theirs", f"{PARENT}/theirs", 1)
            self.held[str(name)] = replace(seen, upstream_policies={**seen.upstream_policies, "theirs": theirs})
        return seen


def test_the_upstream_that_another_writer_adds_meanwhile_stays():
    api = Busy(virtual(PYPI))
    (outcome,) = run(api, desired(**asked(OURS)))

    assert outcome.error is None
    assert set(api.held[str(NAME)].upstream_policies) == {"ours", "pypi", "theirs"}
    assert api.writes == [("update", ["upstream_policies"])]


@pytest.mark.parametrize("own", ["demo-project", "111"])
def test_the_id_and_the_number_of_a_project_are_the_same_project(own: str):
    of_ours = replace(OURS, repository=OURS.repository.replace("demo-project", "111"))
    of_partner = UpstreamPolicy("partner", "projects/222/locations/us-central1/repositories/shared", 50)
    api = Registry(replace(virtual(of_ours, of_partner), name=f"projects/{own}/locations/us-central1/repositories/all"))
    api.held[str(NAME)] = next(iter(api.held.values()))
    (outcome,) = run(
        api, desired(**asked(OURS, replace(of_partner, repository=of_partner.repository.replace("222", "partner"))))
    )

    assert (outcome.error, outcome.changed, api.writes) == (None, False, [])


def test_a_project_that_cannot_be_told_from_another_is_an_error_and_nothing_is_written():
    of_partner = UpstreamPolicy("partner", "projects/333/locations/us-central1/repositories/shared", 50)
    api = Registry(virtual(of_partner))
    (outcome,) = run(
        api, desired(**asked(replace(of_partner, repository=of_partner.repository.replace("333", "hidden"))))
    )

    assert isinstance(outcome.error, PermissionDenied)
    assert "Give the upstream with its project as the repository has it." in str(outcome.error)
    assert api.writes == []


NOTICES = {
    "all is well": ((OURS, PYPI), []),
    "one priority": ((OURS, replace(PYPI, priority=100)), ["ours and pypi of .* have the same priority 100"]),
    "one repository": ((OURS, replace(OURS, id="again", priority=1)), ["by several ids, again and ours"]),
}


@pytest.mark.parametrize(("upstreams", "expected"), NOTICES.values(), ids=NOTICES.keys())
@pytest.mark.parametrize("check_mode", [True, False])
def test_warnings(upstreams: tuple[UpstreamPolicy, ...], expected: list[str], check_mode: bool):
    """Also of an upstream that is there and not in the task."""
    (outcome,) = run(Registry(virtual(upstreams[0])), desired(**asked(upstreams[1])), check_mode=check_mode)

    assert len(outcome.warnings) == len(expected)
    for warning, pattern in zip(outcome.warnings, expected, strict=True):
        assert re.search(pattern, warning)


def test_only_a_repository_of_the_mode_that_is_named_is_deleted():
    api = Registry(virtual(OURS), packages=True)
    (refused,) = run(api, desired(state="absent", mode=STANDARD, force=True))
    assert isinstance(refused.error, Refused)
    assert "is a virtual repository, not a standard one" in str(refused.error)

    # The packages that it shows are its upstreams'.
    (deleted,) = run(api, desired(state="absent"))
    assert (deleted.error, deleted.changed, api.writes) == (None, True, [("delete", "all")])


def test_a_standard_repository_with_packages_is_deleted_by_force_only():
    api = Registry(Repository(str(NAME), "PYTHON", STANDARD), packages=True)
    (refused,) = run(api, desired(state="absent"))
    assert "has packages" in str(refused.error)
    (deleted,) = run(api, desired(state="absent", force=True))
    assert deleted.changed


def test_the_diff_has_what_belongs_to_the_mode_and_the_format():
    docker = desired(mode=STANDARD, format="DOCKER", docker_immutable_tags=True)
    (image,) = run(Registry(), docker)
    (python,) = run(Registry(), desired(mode=VIRTUAL, format="PYTHON", **asked(PYPI, OURS)))

    assert image.after["docker_immutable_tags"] is True
    assert not {"upstream", "upstream_policies", "maven_version_policy"} & set(image.after)
    assert [policy["id"] for policy in python.after["upstream_policies"]] == ["ours", "pypi"]
    assert not {"upstream", "docker_immutable_tags", "maven_version_policy"} & set(python.after)
    assert python.result["repository"]["docker_immutable_tags"] is None


class Forgetful(Registry):
    """Answers a write with something else than it was sent."""

    def __init__(self, *repositories: Repository, **answers: Any) -> None:
        super().__init__(*repositories)
        self.answers = answers

    def create_repository(self, name: RepositoryName, repository: Repository, *, validate: bool) -> Repository:
        return replace(super().create_repository(name, repository, validate=validate), **self.answers)

    def update_repository(self, name: RepositoryName, repository: Repository, fields: Collection[str]) -> Repository:
        return replace(super().update_repository(name, repository, fields), **self.answers)


CLEANUP = {"id": "old", "action": "DELETE", "condition": {"older_than": "30d"}}
CONTRADICTED: dict[str, tuple[Repository, dict[str, Any], dict[str, Any]]] = {
    "description": (virtual(), {"description": "new"}, {"description": "old"}),
    "labels": (virtual(), {"labels": {"a": "b"}}, {"labels": {}}),
    "cleanup_policies": (virtual(), {"cleanup_policies": [CLEANUP]}, {"cleanup_policies": {}}),
    "cleanup_policy_dry_run": (virtual(), {"cleanup_policy_dry_run": True}, {"cleanup_policy_dry_run": False}),
    "vulnerability_scanning": (virtual(), {"vulnerability_scanning": "INHERITED"}, {"vulnerability_scanning": None}),
    "upstream_policies": (virtual(), asked(OURS), {"upstream_policies": {"ours": replace(OURS, priority=1)}}),
}


@pytest.mark.parametrize(("current", "given", "answers"), CONTRADICTED.values(), ids=CONTRADICTED.keys())
@pytest.mark.parametrize("new", [False, True])
def test_an_answer_that_contradicts_what_was_written_is_no_success(
    current: Repository, given: dict[str, Any], answers: dict[str, Any], new: bool
):
    api = Forgetful(*(() if new else (current,)), **answers)
    (outcome,) = run(api, desired(mode=VIRTUAL, format="PYTHON", **given))

    assert outcome.error is not None
    assert (outcome.error.code, outcome.changed) == ("unconfirmed", True)
    (named,) = answers
    assert (
        f"Artifact Registry accepted a write to {NAME}, but its answer differs from what was asked for: {named}."
        in outcome.message
    )
    assert len(api.writes) == 1


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        # What means the same: a project's number for its id, and what a field is by default.
        (asked(OURS), {"upstream_policies": {"ours": replace(OURS, repository=OURS.repository.replace("demo-project", "111"))}}),
        ({"vulnerability_scanning": "DISABLED"}, {"vulnerability_scanning": None}),
        # What nobody asked for.
        ({"description": "new"}, {"labels": {"theirs": "x"}, "vulnerability_scanning": "INHERITED"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("new", [False, True])
def test_an_answer_that_means_what_was_written_is_a_success(given: dict[str, Any], answers: dict[str, Any], new: bool):
    before = replace(virtual(), vulnerability_scanning="INHERITED")
    (outcome,) = run(Forgetful(*(() if new else (before,)), **answers), desired(mode=VIRTUAL, format="PYTHON", **given))
    assert (outcome.error, outcome.changed) == (None, True)


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        ({"kms_key_name": KEY}, {"kms_key_name": None}),
        ({"mode": STANDARD}, {"mode": VIRTUAL}),
        ({"format": "PYTHON"}, {"format": "NPM"}),
        ({"mode": REMOTE, "upstream": {"preset": "PYPI"}}, {"upstream": None}),
    ],
)
def test_what_is_fixed_is_as_it_was_asked_for_in_a_new_repository(given: dict[str, Any], answers: dict[str, Any]):
    (outcome,) = run(Forgetful(**answers), desired(**{"mode": STANDARD, "format": "PYTHON", **given}))
    assert outcome.error is not None
    assert (outcome.error.code, outcome.changed) == ("unconfirmed", True)
    (named,) = answers
    assert f"its answer differs from what was asked for: {named}." in outcome.message
