# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options, plans and writes of gcp_remote_repository_credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    NotFound,
    NotPropagated,
    PermissionDenied,
    Refused,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.repositories import (
    Credentials,
    Repository,
    Upstream,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import Version
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import RepositoryName, VersionName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_remote_repository_credentials import (
    CredentialsState,
    DesiredCredentials,
    RemoteRepositoryCredentials,
)
from hypothesis import given
from hypothesis import strategies as st

NAME = RepositoryName("demo-project", "us-central1", "python-remote")
NUMBERS = {"demo-project": "123456789012"}
BY_ID = "projects/demo-project/secrets/token/versions/1"
BY_NUMBER = "projects/123456789012/secrets/token/versions/1"
OTHER = "projects/demo-project/secrets/token/versions/2"


def options(**given: Any) -> dict[str, Any]:
    return {"repository": str(NAME), "project": "demo-project", **given}


def desired(**given: Any) -> DesiredCredentials:
    return DesiredCredentials.from_options(options(**given))


def state(username: str = "", password: str = "", mode: str = "REMOTE_REPOSITORY", **numbers: str) -> CredentialsState:
    credentials = Credentials(username, password) if username or password else None
    repository = Repository(str(NAME), "PYTHON", mode, Upstream(preset="PYPI"), credentials)
    return CredentialsState(repository, {name.replace("_", "-"): number for name, number in numbers.items()})


class FakeRegistry:
    """A repository that keeps what it is told, and says what it was told."""

    def __init__(self, state: CredentialsState, refusals: list[Exception] | None = None, clears: bool = True) -> None:
        self.repository = state.repository
        self.writes: list[Any] = []
        self.refusals = refusals or []
        self.clears = clears

    def get_repository(self, name: RepositoryName) -> Repository:
        return self.repository

    def set_credentials(
        self, name: RepositoryName, changed: Mapping[str, str], password: str, *, validate: bool
    ) -> Repository:
        if self.refusals:
            raise self.refusals.pop(0)
        self.writes.append((dict(changed), validate))
        had = self.repository.credentials or Credentials()
        self.repository = replace(self.repository, credentials=replace(had, **changed))
        return self.repository

    def clear_credentials(self, name: RepositoryName, *, validate: bool) -> Repository:
        self.writes.append(("cleared", validate))
        answer = replace(self.repository, credentials=None)
        if self.clears:
            self.repository = answer
        return answer


class FakeProjects:
    """Knows one project, and counts who asks."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[str] = []

    def project_number(self, project: str) -> str:
        self.asked.append(project)
        if self.error:
            raise self.error
        return NUMBERS.get(project, "1")


def resource(api: Any = None, projects: Any = None) -> RemoteRepositoryCredentials:
    return RemoteRepositoryCredentials(api, projects or FakeProjects())


BAD = {
    "no repository": ({"repository": None}, "repository is missing"),
    "malformed repository": ({"repository": "projects/x/repositories/y"}, "not a repository's name"),
    "malformed id": ({"repository": "Python", "location": "us-central1"}, "not a repository's id"),
    "no location": ({"repository": "python-remote", "username": "u"}, "location is missing"),
    "nothing to set": ({}, "Give the username, the password's secret version, or both."),
    "empty user name": ({"username": ""}, "username is empty"),
    "malformed version": ({"password_secret_version": "projects/x/versions/1"}, "password_secret_version 'projects/x/"),
    "version zero": ({"password_secret_version": "projects/demo-project/secrets/token/versions/0"}, "not a secret version"),
    "empty version name": ({"password_secret_version": ""}, "password_secret_version ''"),
    "regional version": (
        {"password_secret_version": "projects/demo-project/locations/us-central1/secrets/token/versions/1"},
        "regional secret",
    ),
    "regional secret": (
        {"secret": "projects/demo-project/locations/us-central1/secrets/token", "version": "1"},
        "regional secret",
    ),
    "both forms": ({"password_secret_version": BY_ID, "version": "1"}, "either as password_secret_version or as secret"),
    "secret without version": ({"secret": "token"}, "secret and version go together"),
    "version without secret": ({"version": "1"}, "secret and version go together"),
    "malformed secret": ({"secret": "to ken", "version": "1"}, "not a secret's id"),
    "malformed number": ({"secret": "token", "version": "1 2"}, "version 'projects/demo-project/secrets/token/versions/1 2'"),
    "absent with user name": ({"state": "absent", "username": "u"}, "takes no username"),
    "absent with version": ({"state": "absent", "password_secret_version": BY_ID}, "takes no password_secret_version"),
    "negative time": ({"username": "u", "propagation_timeout": -1}, "propagation_timeout -1"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(given: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput) as error:
        desired(**given)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


FORMS = {
    "full name": {"password_secret_version": BY_ID},
    "id and version": {"secret": "token", "version": "1"},
    "name and version": {"secret": "projects/demo-project/secrets/token", "version": "1"},
    "with the repository's location": {"secret": "token", "version": "1", "location": "us-central1"},
}


@pytest.mark.parametrize("given", FORMS.values(), ids=FORMS.keys())
def test_every_form_names_the_version(given: dict[str, Any]):
    assert str(desired(**given).password) == BY_ID


def test_defaults():
    wanted = desired(username="u")

    assert (wanted.propagation_timeout, wanted.disable_upstream_validation, wanted.warnings) == (300, False, ())
    assert desired(username="u", propagation_timeout=0).propagation_timeout == 0


@pytest.mark.parametrize("version", ["latest", "current"])
def test_a_moving_version_is_accepted_with_a_warning(version: str):
    (warning,) = desired(secret="token", version=version).warnings

    assert version in warning
    assert "Prefer a version's number" in warning


PLANS = {
    # current, options, what the credentials become; None when nothing is to be done
    "first credentials": (state(), {"username": "u", "password_secret_version": BY_ID}, Credentials("u", BY_ID)),
    "nothing differs": (state("u", BY_ID), {"username": "u", "password_secret_version": BY_ID}, None),
    "user name alone": (state("u", BY_ID), {"username": "v"}, Credentials("v", BY_ID)),
    "same user name alone": (state("u", BY_ID), {"username": "u"}, None),
    "new version": (state("u", BY_ID), {"password_secret_version": OTHER}, Credentials("u", OTHER)),
    "validation off is no difference": (state("u", BY_ID), {"username": "u", "disable_upstream_validation": True}, None),
    "id against number, known": (state("u", BY_ID, demo_project="123456789012"), {"password_secret_version": BY_NUMBER}, None),
    "number against id, known": (state("u", BY_NUMBER, demo_project="123456789012"), {"password_secret_version": BY_ID}, None),
    "id against the number of another": (
        state("u", BY_ID, demo_project="7"),
        {"password_secret_version": BY_NUMBER},
        Credentials("u", BY_NUMBER),
    ),
    "an unknown form is replaced": (state("u", "token:1"), {"password_secret_version": BY_ID}, Credentials("u", BY_ID)),
    "half is completed": (state("u"), {"password_secret_version": BY_ID}, Credentials("u", BY_ID)),
    "nothing to clear": (state(), {"state": "absent"}, None),
}  # fmt: skip


@pytest.mark.parametrize(("current", "given", "expected"), PLANS.values(), ids=PLANS.keys())
def test_plan(current: CredentialsState, given: dict[str, Any], expected: Credentials | None):
    change = resource().plan(current, desired(**given))

    assert (change and change.after.repository.credentials) == expected


def test_plan_clears():
    change = resource().plan(state("u", BY_ID), desired(state="absent"))

    assert change is not None
    assert change.after.repository.credentials is None


REFUSED = {
    "standard": (state(mode="STANDARD_REPOSITORY"), {"username": "u"}, "is a standard repository"),
    "virtual": (state(mode="VIRTUAL_REPOSITORY"), {"state": "absent"}, "is a virtual repository"),
    "old standard": (state(mode="MODE_UNSPECIFIED"), {"username": "u"}, "is a standard repository"),
    "user name on a bare one": (state(), {"username": "u"}, "no complete upstream credentials yet"),
    "version on a bare one": (state(), {"password_secret_version": BY_ID}, "no complete upstream credentials yet"),
}


@pytest.mark.parametrize(("current", "given", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_plan_refuses(current: CredentialsState, given: dict[str, Any], sentence: str):
    with pytest.raises(Refused, match=sentence):
        resource().plan(current, desired(**given))


projects = st.sampled_from(["demo-project", "123456789012", "other-project", "42"])
versions = st.builds(
    "projects/{}/secrets/{}/versions/{}".format,
    projects,
    st.sampled_from(["token", "key"]),
    st.sampled_from(["1", "2", "latest"]),
)
usernames = st.sampled_from(["u", "v"])
states = st.builds(state, usernames, versions)
wanted = st.one_of(
    st.builds(lambda username, password: desired(username=username, password_secret_version=password), usernames, versions),
    st.builds(lambda username: desired(username=username), usernames),
    st.builds(lambda password: desired(password_secret_version=password), versions),
    st.just(desired(state="absent")),
)  # fmt: skip


@given(states, wanted)
def test_a_plan_carried_out_leaves_nothing_to_do(current: CredentialsState, wanted: DesiredCredentials):
    """C(after(plan(a, b))) satisfies C(b), through the whole of read, plan and apply."""
    api = FakeRegistry(current)
    (first,) = reconcile(lambda: resource(api), [wanted], check_mode=False)
    (second,) = reconcile(lambda: resource(api), [wanted], check_mode=False)

    assert first.error is None
    assert not second.changed
    credentials = api.repository.credentials
    if wanted.absent:
        assert credentials is None
    else:
        assert wanted.username in (None, credentials.username)
        assert len(api.writes) == first.changed


@given(states)
def test_what_is_there_is_satisfied_with_itself(current: CredentialsState):
    credentials = current.repository.credentials
    same = desired(username=credentials.username, password_secret_version=credentials.password_secret_version)

    assert resource().plan(current, same) is None


@given(states, wanted)
def test_check_mode_predicts(current: CredentialsState, wanted: DesiredCredentials):
    api = FakeRegistry(current)
    (predicted,) = reconcile(lambda: resource(api), [wanted], check_mode=True)
    assert api.writes == []
    (real,) = reconcile(lambda: resource(api), [wanted], check_mode=False)

    assert (predicted.changed, predicted.result, predicted.after) == (real.changed, real.result, real.after)


WRITES = {
    "both": (state(), {"username": "u", "password_secret_version": BY_ID}, {"username": "u", "password_secret_version": BY_ID}),
    "version alone": (state("u", BY_ID), {"username": "u", "password_secret_version": OTHER}, {"password_secret_version": OTHER}),
    "user name alone": (state("u", BY_ID), {"username": "v", "password_secret_version": BY_ID}, {"username": "v"}),
    "user name alone, spelled otherwise": (
        state("u", BY_ID),
        {"username": "v", "password_secret_version": BY_NUMBER},
        {"username": "v"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize(("current", "given", "changed"), WRITES.values(), ids=WRITES.keys())
def test_only_what_differs_is_written(
    current: CredentialsState, given: dict[str, Any], changed: dict[str, str], validate: bool
):
    api = FakeRegistry(current)
    reconcile(lambda: resource(api), [desired(**given, disable_upstream_validation=not validate)], check_mode=False)

    assert api.writes == [(changed, validate)]


LOOK_UPS = {
    "equal": (BY_ID, BY_ID, []),
    "two ids": (BY_ID, "projects/other-project/secrets/token/versions/1", []),
    "two numbers": (BY_NUMBER, "projects/42/secrets/token/versions/1", []),
    "another version": (BY_ID, "projects/123456789012/secrets/token/versions/2", []),
    "another secret": (BY_ID, "projects/123456789012/secrets/key/versions/1", []),
    "id and number": (BY_ID, BY_NUMBER, ["demo-project"]),
    "number and id": (BY_NUMBER, BY_ID, ["demo-project"]),
}


@pytest.mark.parametrize(("stored", "given", "asked"), LOOK_UPS.values(), ids=LOOK_UPS.keys())
def test_a_project_is_looked_up_only_when_that_decides(stored: str, given: str, asked: list[str]):
    known = FakeProjects()
    reconcile(
        lambda: resource(FakeRegistry(state("u", stored)), known),
        [desired(password_secret_version=given)],
        check_mode=True,
    )

    assert known.asked == asked


def test_a_denied_look_up_says_what_to_write():
    known = FakeProjects(
        PermissionDenied("A lacks the permission resourcemanager.projects.get on projects/demo-project.")
    )
    (outcome,) = reconcile(
        lambda: resource(FakeRegistry(state("u", BY_NUMBER)), known),
        [desired(password_secret_version=BY_ID)],
        check_mode=False,
    )

    assert isinstance(outcome.error, PermissionDenied)
    assert "Give the secret version with the project's number" in str(outcome.error)


def test_a_grant_that_takes_time_is_waited_for():
    api = FakeRegistry(state(), refusals=[NotPropagated("not yet"), NotPropagated("not yet")])
    waited: list[float] = []
    (outcome,) = reconcile(
        lambda: resource(api),
        [desired(username="u", password_secret_version=BY_ID)],
        check_mode=False,
        backoff=lambda **options: Backoff(**options, clock=lambda: sum(waited), sleep=waited.append),
    )

    assert outcome.error is None
    assert outcome.changed
    assert len(waited) == 2


def test_a_refused_login_is_not_tried_again():
    api = FakeRegistry(state(), refusals=[Refused("bad login")])
    (outcome,) = reconcile(
        lambda: resource(api), [desired(username="u", password_secret_version=BY_ID)], check_mode=False
    )

    assert str(outcome.error) == "bad login"
    assert api.writes == []


def test_a_clearing_that_cannot_be_looked_at_is_a_change():
    api = FakeRegistry(state("u", BY_ID))
    read, answers = api.get_repository, [None, PermissionDenied("no more")]

    def get_repository(name: RepositoryName) -> Repository:
        error = answers.pop(0)
        if error:
            raise error
        return read(name)

    api.get_repository = get_repository
    (outcome,) = reconcile(lambda: resource(api), [desired(state="absent")], check_mode=False)

    assert outcome.changed
    assert outcome.message == "no more A part of the change was made."


def test_clearing_that_the_service_ignores_is_a_failure():
    (outcome,) = reconcile(
        lambda: resource(FakeRegistry(state("u", BY_ID), clears=False)), [desired(state="absent")], check_mode=False
    )

    assert "still has its upstream credentials" in str(outcome.error)


class FakeSecrets:
    """Secret Manager as it answers about one version, time after time; the last answer stays. Its payload is nobody's business."""

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    def get_version(self, name: VersionName) -> Version:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Version(str(name), 1, answer)


@pytest.mark.parametrize(
    ("answer", "says", "looks"),
    [
        (NotFound("missing"), f"{BY_ID} does not exist", 3),
        ("DISABLED", f"{BY_ID} is disabled", 1),
        ("DESTROYED", f"{BY_ID} is destroyed", 1),
    ],
)
def test_a_password_that_cannot_be_read_is_not_waited_for(answer: str | Exception, says: str, looks: int) -> None:
    registry, secrets = FakeRegistry(state(), refusals=[NotPropagated("no access")] * 9), FakeSecrets(answer)
    made = RemoteRepositoryCredentials(cast(Any, registry), cast(Any, FakeProjects()), lambda: cast(Any, secrets))

    [outcome] = reconcile(
        lambda: made, [desired(username="u", password_secret_version=BY_ID)], check_mode=False, backoff=_patient
    )

    assert says in outcome.message
    assert outcome.error is not None
    assert outcome.error.code == "refused"
    assert len(registry.refusals) == 9 - looks
    assert secrets.asked == looks


def test_without_patience_nothing_is_looked_up() -> None:
    registry, secrets = FakeRegistry(state(), refusals=[NotPropagated("no access")]), FakeSecrets(NotFound("missing"))
    made = RemoteRepositoryCredentials(cast(Any, registry), cast(Any, FakeProjects()), lambda: cast(Any, secrets))
    wanted = desired(username="u", password_secret_version=BY_ID, propagation_timeout=0)

    [outcome] = reconcile(lambda: made, [wanted], check_mode=False, backoff=_patient)

    assert outcome.message == "no access"
    assert secrets.asked == 0


@pytest.mark.parametrize(
    ("answers", "looks"),
    [
        (["ENABLED"], 1),
        ([NotFound("lags"), NotFound("lags"), "ENABLED"], 3),
        ([PermissionDenied("may not look")], 1),
    ],
)
def test_a_password_that_is_there_is_waited_for(answers: list[str | Exception], looks: int) -> None:
    registry, secrets = FakeRegistry(state(), refusals=[NotPropagated("on its way")] * 5), FakeSecrets(*answers)
    made = RemoteRepositoryCredentials(cast(Any, registry), cast(Any, FakeProjects()), lambda: cast(Any, secrets))

    [outcome] = reconcile(
        lambda: made, [desired(username="u", password_secret_version=BY_ID)], check_mode=False, backoff=_patient
    )

    assert outcome.error is None
    assert secrets.asked == looks


def _patient(**given: Any) -> Backoff:
    return Backoff(**given, sleep=lambda _seconds: None)


class Forgetful(FakeRegistry):
    """Answers an update with other credentials than it was sent."""

    def __init__(self, state: CredentialsState, answers: Credentials | None) -> None:
        super().__init__(state)
        self.answers = answers

    def set_credentials(
        self, name: RepositoryName, changed: Mapping[str, str], password: str, *, validate: bool
    ) -> Repository:
        self.writes.append(dict(changed))
        return replace(self.repository, credentials=self.answers)


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        (Credentials("u", BY_ID), "password_secret_version"),
        (Credentials("u", BY_NUMBER), "password_secret_version"),
        (Credentials("u", OTHER.replace("demo-project", "other-project")), "password_secret_version"),
        (Credentials("u", "secret of a kind that nobody knows"), "password_secret_version"),
        (Credentials("old", OTHER), "username"),
        (None, "username and password_secret_version"),
    ],
)
def test_an_answer_with_other_credentials_is_no_success(answers: Credentials | None, named: str):
    api = Forgetful(state("old", BY_ID), answers)
    (outcome,) = reconcile(
        lambda: resource(api), [desired(username="u", password_secret_version=OTHER)], check_mode=False
    )

    assert outcome.error is not None
    assert (outcome.error.code, outcome.changed) == ("unconfirmed", True)
    assert (
        f"Artifact Registry accepted a write to {NAME}, but its answer differs from what was asked for: {named}."
        in outcome.message
    )
    assert len(api.writes) == 1


@pytest.mark.parametrize("number", ["123456789012", "demo-project"])
def test_an_answer_with_the_number_of_a_project_is_a_success(number: str):
    """That they are one project is not looked up: what was just written is what else could be answered."""
    api = Forgetful(state("u", BY_ID), Credentials("u", OTHER.replace("demo-project", number)))
    (outcome,) = reconcile(lambda: resource(api), [desired(password_secret_version=OTHER)], check_mode=False)
    assert (outcome.error, outcome.changed) == (None, True)


def test_what_was_not_written_is_not_compared():
    api = Forgetful(state("u", BY_ID), Credentials("theirs", OTHER))
    (outcome,) = reconcile(lambda: resource(api), [desired(password_secret_version=OTHER)], check_mode=False)
    assert (outcome.error, outcome.changed) == (None, True)
