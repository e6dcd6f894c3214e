# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What becomes of an environment by which options, and what is sent for it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput, LostRace, NotFound
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.calls import GitHub, NotAccepted
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.github.names import repository_of, team_slug
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.github.protection import (
    Environment,
    Pattern,
    Reviewer,
    Rules,
    merged,
    settings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import Outcome, reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.github_environment import (
    DesiredEnvironment,
    GitHubEnvironments,
)
from hypothesis import given
from hypothesis import strategies as st

OPTIONS = {"github_token": "sesame", "owner": "octo-org", "repository": "demo", "environment": "pypi"}
ADA, BOB = Reviewer("User", "Ada", 1), Reviewer("User", "bob", 2)
TEAM = Reviewer("Team", "release", 3)
KNOWN = {one.key: one for one in (ADA, BOB, TEAM)}
MAIN, TAGS = Pattern("branch", "main", 11), Pattern("tag", "v*", 12)
NEW = Environment("pypi")
PROTECTED = {"protected_branches": True, "custom_branch_policies": False}
SELECTED = {"protected_branches": False, "custom_branch_policies": True}
WHOLE = Environment(
    "pypi",
    wait_timer=5,
    reviewers=frozenset({ADA, TEAM}),
    prevent_self_review=True,
    deployment_policy="selected",
    patterns=frozenset({MAIN, TAGS}),
)
#: All that WHOLE has, as it is sent.
SENT = {
    "wait_timer": 5,
    "reviewers": [{"type": "Team", "id": 3}, {"type": "User", "id": 1}],
    "prevent_self_review": True,
    "deployment_branch_policy": SELECTED,
}

BAD = {
    "no owner": ({"owner": ""}, "owner is missing"),
    "no repository": ({"repository": None}, "repository is missing"),
    "a full name": ({"repository": "octo-org/demo"}, "without its owner"),
    "a path": ({"repository": ".."}, "not the name of a repository"),
    "an address as owner": ({"owner": "octo-org/"}, "not the name of a user or organization"),
    "no environment": ({"environment": None}, "environment None"),
    "white space": ({"environment": "pypi "}, "white space"),
    "a long wait": ({"wait_timer": 43201}, "between 0 and 43200 minutes"),
    "a negative wait": ({"wait_timer": -1}, "between 0 and 43200 minutes"),
    "an empty reviewer": ({"reviewers": {"users": [""]}}, "an empty name"),
    "a team of signs": ({"reviewers": {"teams": ["!!"]}}, "an empty name"),
    "many reviewers": ({"reviewers": {"users": list("abcdefg")}}, "names 7 users and teams: up to 6"),
    "self-review of nobody": ({"reviewers": {}, "prevent_self_review": True}, "needs reviewers"),
    "tags of protected": ({"deployment_policy": "protected", "tags": ["v*"]}, "deployment_policy is protected"),
    "a whole ref": ({"tags": ["refs/tags/v*"]}, "behind refs/heads/ and refs/tags/"),
    "an empty branch": ({"branches": [""]}, "branches has names"),
}


@pytest.mark.parametrize(("wrong", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as error:
        DesiredEnvironment.from_options({**OPTIONS, **wrong})
    assert sentence in str(error.value)
    assert str(error.value).endswith(".")
    assert "sesame" not in str(error.value)


def rules(**options: Any) -> Rules:
    return DesiredEnvironment.from_options({**OPTIONS, **options}).rules


def after(current: Environment, **options: Any) -> Environment:
    return merged(current, rules(**options), KNOWN)


@pytest.mark.parametrize(
    ("current", "options", "body"),
    [
        (NEW, {}, None),
        (NEW, {"wait_timer": 0, "reviewers": {}, "prevent_self_review": False, "deployment_policy": "all"}, None),
        (NEW, {"wait_timer": 1}, {"wait_timer": 1}),
        (NEW, {"tags": ["v*"]}, {"deployment_branch_policy": SELECTED}),
        (NEW, {"tags": []}, None),
        (NEW, {"deployment_policy": "protected"}, {"deployment_branch_policy": PROTECTED}),
        (NEW, {"reviewers": {"users": ["ADA"]}}, {"reviewers": [{"type": "User", "id": 1}]}),
        (
            NEW,
            {"reviewers": {"teams": ["Release"]}, "prevent_self_review": True},
            {"reviewers": [{"type": "Team", "id": 3}], "prevent_self_review": True},
        ),
        (WHOLE, {}, None),
        (WHOLE, {"reviewers": {"users": ["@ada"], "teams": ["release"]}, "wait_timer": 5}, None),
        (WHOLE, {"branches": ["dev"], "tags": []}, None),
        (WHOLE, {"wait_timer": 0}, {**SENT, "wait_timer": 0}),
        (WHOLE, {"prevent_self_review": False}, {**SENT, "prevent_self_review": False}),
        (WHOLE, {"reviewers": {"users": ["bob"]}}, {**SENT, "reviewers": [{"type": "User", "id": 2}]}),
        (
            WHOLE,
            {"reviewers": {}},
            {"wait_timer": 5, "reviewers": [], "deployment_branch_policy": SELECTED},
        ),
        (WHOLE, {"deployment_policy": "all"}, {**SENT, "deployment_branch_policy": None}),
        (WHOLE, {"deployment_policy": "protected"}, {**SENT, "deployment_branch_policy": PROTECTED}),
        # Of what the interface of GitHub's web pages sets, and the documentation of its API does not have.
        (replace(NEW, admins_bypass=False), {}, None),
        (replace(NEW, admins_bypass=False), {"wait_timer": 1}, {"wait_timer": 1, "can_admins_bypass": False}),
    ],
)
def test_what_is_wanted_or_set_is_sent_and_nothing_else(
    current: Environment, options: dict[str, Any], body: dict[str, Any] | None
) -> None:
    assert settings(current, after(current, **options)) == body


def test_a_new_environment_is_sent_even_without_rules() -> None:
    assert settings(None, after(NEW)) == {}
    assert settings(None, after(NEW, wait_timer=1)) == {"wait_timer": 1}


@pytest.mark.parametrize(
    ("current", "options", "patterns"),
    [
        (WHOLE, {}, {MAIN, TAGS}),
        (WHOLE, {"branches": []}, {TAGS}),
        (WHOLE, {"tags": ["v*", "r*"]}, {MAIN, TAGS, Pattern("tag", "r*")}),
        (WHOLE, {"branches": ["v*"], "tags": ["main"]}, {Pattern("branch", "v*"), Pattern("tag", "main")}),
        (WHOLE, {"deployment_policy": "all"}, set()),
        (NEW, {"tags": ["v*"], "branches": []}, {Pattern("tag", "v*")}),
        (NEW, {"tags": []}, set()),
    ],
)
def test_branches_and_tags(current: Environment, options: dict[str, Any], patterns: set[Pattern]) -> None:
    found = after(current, **options).patterns
    assert found == patterns
    # Those that are there keep the number by which they can be deleted.
    assert {pattern.id for pattern in found if pattern in current.patterns} <= {11, 12}


def test_self_review_goes_with_its_last_reviewer() -> None:
    assert not after(WHOLE, reviewers={}).prevent_self_review
    assert after(WHOLE, reviewers={"users": ["bob"]}).prevent_self_review
    with pytest.raises(InvalidInput, match="the environment pypi has none"):
        after(NEW, prevent_self_review=True)
    assert after(WHOLE, prevent_self_review=True) == WHOLE


def test_case_of_names_does_not_count() -> None:
    one, two = (
        DesiredEnvironment.from_options({**OPTIONS, "owner": owner, "environment": name})
        for owner, name in (("octo-org", "pypi"), ("Octo-Org", "PyPI"))
    )
    assert one.target == two.target


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Release managers", "release-managers"),
        ("release-managers", "release-managers"),
        ("My TEam Näme", "my-team-name"),
    ],
)
def test_slugs(name: str, slug: str) -> None:
    assert team_slug(name) == slug


@given(st.text(max_size=20))
def test_a_slug_is_its_own_slug(name: str) -> None:
    assert team_slug(team_slug(name)) == team_slug(name)


ENVIRONMENTS = st.builds(
    lambda wait, reviewers, self_review, policy, patterns: Environment(
        "pypi",
        wait_timer=wait,
        reviewers=reviewers,
        prevent_self_review=self_review and bool(reviewers),
        deployment_policy=policy,
        patterns=patterns if policy == "selected" else frozenset(),
    ),
    st.integers(0, 2),
    st.frozensets(st.sampled_from([ADA, BOB, TEAM])),
    st.booleans(),
    st.sampled_from(["all", "protected", "selected"]),
    st.frozensets(st.sampled_from([MAIN, TAGS])),
)
RULES = st.builds(
    Rules,
    st.none() | st.integers(0, 2),
    st.none() | st.frozensets(st.sampled_from(sorted(KNOWN))),
    st.none() | st.just(False),
    st.none() | st.sampled_from(["all", "protected", "selected"]),
    st.none() | st.frozensets(st.sampled_from(["main", "dev"])),
    st.none() | st.frozensets(st.sampled_from(["v*", "r*"])),
)


@given(ENVIRONMENTS, RULES)
def test_what_was_made_is_not_made_again(current: Environment, wanted: Rules) -> None:
    once = merged(current, wanted, KNOWN)
    assert merged(once, wanted, KNOWN) == once
    assert settings(once, merged(once, wanted, KNOWN)) is None


@given(ENVIRONMENTS, ENVIRONMENTS)
def test_what_is_sent_makes_the_one_of_the_other(before: Environment, wanted: Environment) -> None:
    """On a server that resets what it is not sent, and on one that keeps it."""
    body = settings(before, wanted)
    for kept in ({}, settings(None, before) or {}):
        made = {**kept, **(body or settings(None, before) or {})}
        assert made.get("wait_timer", 0) == wanted.wait_timer
        assert {one["id"] for one in made.get("reviewers", ())} == {one.id for one in wanted.reviewers}
        if wanted.reviewers:
            assert made.get("prevent_self_review", False) == wanted.prevent_self_review
        policy = {"all": None, "protected": PROTECTED, "selected": SELECTED}[wanted.deployment_policy]
        assert made.get("deployment_branch_policy") == policy


def test_names_of_repositories() -> None:
    assert repository_of({"owner": "octo-org_acme", "repository": ".github"}) == ("octo-org_acme", ".github")


class Stub(GitHub):
    """A GitHub with one environment and the rules of its apps, in the shape of GitHub's documentation of them."""

    def __init__(self, *enabled: str) -> None:
        super().__init__("https://api.example.com", OPTIONS["github_token"])
        self.numbers = {"release-gate": 71, "audit": 72}
        self.enabled = {slug: 100 + self.numbers[slug] for slug in enabled}
        self.written: list[tuple[str, str, Any]] = []

    def get(self, path: str, what: str, **query: str) -> Any:
        return {"name": "pypi", "protection_rules": [], "deployment_branch_policy": None}

    def get_all(self, path: str, what: str, key: str) -> list[Any]:
        if key == "available_custom_deployment_protection_rule_integrations":
            assert path == "repos/octo-org/demo/environments/pypi/deployment_protection_rules/apps"
            return [{"id": number, "slug": slug} for slug, number in self.numbers.items()]
        assert key == "custom_deployment_protection_rules"
        return [{"id": rule, "enabled": True, "app": {"slug": slug}} for slug, rule in self.enabled.items()]

    def write(self, method: str, path: str, what: str, body: Any = None) -> Any:
        place = path.removeprefix("repos/octo-org/demo/environments/pypi/deployment_protection_rules")
        self.written.append((method, place, body))
        if not body:
            self.enabled = {slug: rule for slug, rule in self.enabled.items() if not place.endswith(f"/{rule}")}
            return None
        slug = next(slug for slug, number in self.numbers.items() if number == body["integration_id"])
        self.enabled[slug] = 100 + self.numbers[slug]
        return {"id": self.enabled[slug], "enabled": True, "app": {"slug": slug}}


@pytest.mark.parametrize(
    ("enabled", "wanted", "written"),
    [
        ((), ["Release-Gate"], [("POST", "", {"integration_id": 71})]),
        (("release-gate",), ["release-gate"], []),
        (("release-gate",), ["audit"], [("POST", "", {"integration_id": 72}), ("DELETE", "/171", None)]),
        (("release-gate",), [], [("DELETE", "/171", None)]),
        (("release-gate",), None, []),
    ],
)
def test_rules_of_apps(enabled: tuple[str, ...], wanted: list[str] | None, written: list[Any]) -> None:
    stub = Stub(*enabled)
    desired = DesiredEnvironment.from_options({**OPTIONS, **({} if wanted is None else {"apps": wanted})})
    for check_mode, expected in (True, []), (False, written):
        (outcome,) = reconcile(lambda: GitHubEnvironments(stub), [desired], check_mode=check_mode, diff_mode=True)
        assert outcome.error is None
        assert outcome.changed is bool(written)
        assert stub.written == expected
        assert outcome.result["environment"].get("apps") == (
            None if wanted is None else sorted(one.lower() for one in wanted)
        )


def test_an_app_that_is_not_installed_is_named() -> None:
    desired = DesiredEnvironment.from_options({**OPTIONS, "apps": ["gate"]})
    (outcome,) = reconcile(lambda: GitHubEnvironments(Stub()), [desired], check_mode=True, diff_mode=False)

    assert (
        "no app gate with a deployment protection rule is installed on octo-org/demo: there are audit, release-gate."
        in str(outcome.error)
    )


class Late(Stub):
    """Somebody else was there between the read and the write: what is to be written is refused, and done."""

    def __init__(self, *enabled: str, error: Exception, now: tuple[str, ...]) -> None:
        super().__init__(*enabled)
        self.error, self.now = error, now

    def write(self, method: str, path: str, what: str, body: Any = None) -> Any:
        super().write(method, path, what, body)
        self.enabled = {slug: 100 + self.numbers[slug] for slug in self.now}
        raise self.error


@pytest.mark.parametrize(
    ("before", "wanted", "error", "now", "fails"),
    [
        (("audit",), [], NotFound("It is gone (404)."), (), False),
        (("audit",), [], NotFound("It is not to be seen (404)."), ("audit",), True),
        ((), ["audit"], NotAccepted("It is there (422)."), ("audit",), False),
        ((), ["audit"], NotAccepted("It cannot be (422)."), (), True),
    ],
)
def test_what_somebody_else_did_meanwhile_is_no_failure(
    before: tuple[str, ...], wanted: list[str], error: Exception, now: tuple[str, ...], fails: bool
) -> None:
    late = Late(*before, error=error, now=now)
    desired = DesiredEnvironment.from_options({**OPTIONS, "apps": wanted})
    (outcome,) = reconcile(lambda: GitHubEnvironments(late), [desired], check_mode=False, diff_mode=False)

    assert (outcome.error is not None) is fails
    assert len(late.written) == 1


class Overlooked(Stub):
    """An environment with rules, which GitHub says it does not find, so many times; its list has it all the same."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times, self.sent, self.policy = times, [], None

    def get(self, path: str, what: str, **query: str) -> Any:
        if path == "repos/octo-org/demo":
            owner = {"login": "octo-org", "id": 1}
            return {"name": "demo", "owner": owner, "private": False, "default_branch": "main"}
        if self.times:
            self.times -= 1
            raise NotFound("GitHub has no such environment (404).")
        rules = [{"type": "wait_timer", "wait_timer": 30}]
        return {"name": "PyPI", "protection_rules": rules, "deployment_branch_policy": self.policy}

    def get_all(self, path: str, what: str, key: str) -> list[Any]:
        assert (path, key) == ("repos/octo-org/demo/environments", "environments")
        return [{"name": "staging"}, {"name": "PyPI"}]

    def write(self, method: str, path: str, what: str, body: Any = None) -> Any:
        self.sent.append((method, body))
        self.policy = body["deployment_branch_policy"]
        return self.get("repos/octo-org/demo/environments/pypi", what)


def test_an_environment_that_one_answer_denies_keeps_its_rules() -> None:
    overlooked = Overlooked(times=1)
    desired = DesiredEnvironment.from_options({**OPTIONS, "deployment_policy": "protected"})
    (outcome,) = reconcile(lambda: GitHubEnvironments(overlooked), [desired], check_mode=False, diff_mode=False)

    assert outcome.error is None
    assert overlooked.sent == [("PUT", {"wait_timer": 30, "deployment_branch_policy": PROTECTED})]


class Shared(Stub):
    """An environment that keeps what it is sent as GitHub documents it, and others who write at the same time."""

    def __init__(self, *others: dict[str, Any] | None, keeps: bool = True) -> None:
        """C(others): what somebody else sends right after each write; None for nothing."""
        super().__init__()
        self.others, self.keeps = list(others), keeps
        self.settings: dict[str, Any] = {"wait_timer": 5}
        self.reads = 0
        self.patterns: list[dict[str, Any]] = []

    def get(self, path: str, what: str, **query: str) -> Any:
        self.reads += 1
        return self.answer()

    def answer(self) -> dict[str, Any]:
        rules: list[dict[str, Any]] = []
        if minutes := self.settings.get("wait_timer"):
            rules.append({"type": "wait_timer", "wait_timer": minutes})
        if reviewers := self.settings.get("reviewers"):
            found = [{"type": "User", "reviewer": {"login": "Ada", "id": one["id"]}} for one in reviewers]
            rules.append({"type": "required_reviewers", "reviewers": found})
        policy = self.settings.get("deployment_branch_policy")
        return {"name": "pypi", "protection_rules": rules, "deployment_branch_policy": policy}

    def get_all(self, path: str, what: str, key: str) -> list[Any]:
        assert key == "branch_policies"
        return list(self.patterns) if self.settings.get("deployment_branch_policy") == SELECTED else []

    def write(self, method: str, path: str, what: str, body: Any = None) -> Any:
        self.written.append((method, "", body))
        if method == "POST":
            self.patterns.append({"id": len(self.patterns) + 1, **body})
            answer: Any = self.patterns[-1]
        elif method == "DELETE":
            self.patterns = [one for one in self.patterns if not path.endswith(f"/{one['id']}")]
            answer = None
        else:
            assert method == "PUT"
            self.settings = body if self.keeps else self.settings
            answer = self.answer()
        other = self.others.pop(0) if self.others else None
        if other is not None:
            self.settings = other
        return answer


def shared(stub: Shared, clock: Callable[[], float] = time.monotonic, **options: Any) -> Outcome:
    def backoff(**_options: Any) -> Backoff:
        return Backoff(clock=clock, sleep=lambda _seconds: None)

    desired = DesiredEnvironment.from_options({**OPTIONS, **options})
    (outcome,) = reconcile(lambda: GitHubEnvironments(stub), [desired], check_mode=False, backoff=backoff)
    return outcome


def test_of_two_writers_of_different_rules_both_are_kept() -> None:
    """Environments have no revisions: the other one read the rules before ours were written, and sends what it read."""
    stub = Shared({"wait_timer": 5, "reviewers": [{"type": "User", "id": 1}]})
    outcome = shared(stub, wait_timer=30)
    assert (outcome.error, outcome.changed) == (None, True)
    assert stub.settings == {"wait_timer": 30, "reviewers": [{"type": "User", "id": 1}]}
    assert outcome.result["environment"]["reviewers"] == {"users": ["Ada"], "teams": []}
    assert len(stub.written) == 2


def test_what_somebody_else_adds_to_what_was_written_is_no_race() -> None:
    stub = Shared({"wait_timer": 30, "reviewers": [{"type": "User", "id": 1}]})
    outcome = shared(stub, wait_timer=30)
    assert (outcome.error, outcome.changed) == (None, True)
    assert (len(stub.written), stub.reads) == (1, 2)


def test_rules_that_go_while_branches_are_added_are_written_again() -> None:
    """That an environment is protected is not said while it is not."""
    stub = Shared(None, {"wait_timer": 5})
    outcome = shared(stub, branches=["main"])
    assert (outcome.error, outcome.changed) == (None, True)
    assert stub.settings["deployment_branch_policy"] == SELECTED


def test_branches_of_before_go_in_the_same_try() -> None:
    """They show only when selected ones may deploy again, which is after the rules were written."""
    stub = Shared()
    stub.patterns = [{"id": 7, "name": "old", "type": "branch"}]
    outcome = shared(stub, branches=["main"])
    assert outcome.error is None
    assert [method for method, _place, _body in stub.written] == ["PUT", "POST", "DELETE"]
    assert [one["name"] for one in stub.patterns] == ["main"]


def test_an_environment_that_never_keeps_its_rules_is_a_failure() -> None:
    stub = Shared(*[{"wait_timer": 5}] * 100)
    clock = itertools.count(0, 10)
    outcome = shared(stub, lambda: next(clock), wait_timer=30)
    assert isinstance(outcome.error, LostRace)
    assert outcome.changed
    assert "the environment pypi of octo-org/demo does not keep what is written to it" in outcome.message
    assert len(stub.written) < 10


def test_an_answer_that_contradicts_the_rules_is_no_success() -> None:
    """As of a server that does not know a setting. To write it again and again would not help."""
    stub = Shared(keeps=False)
    outcome = shared(stub, wait_timer=30)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.changed) == ("unconfirmed", True)
    assert "GitHub accepted a write to the environment pypi of octo-org/demo" in outcome.message
    assert "wait_timer" in outcome.message
    assert len(stub.written) == 1


def test_another_rule_than_the_one_that_was_asked_for_is_no_success() -> None:
    class Other(Stub):
        def write(self, method: str, path: str, what: str, body: Any = None) -> Any:
            return {"id": 1, "enabled": True, "app": {"slug": "release-gate"}}

    desired = DesiredEnvironment.from_options({**OPTIONS, "apps": ["audit"]})
    (outcome,) = reconcile(lambda: GitHubEnvironments(Other()), [desired], check_mode=False, diff_mode=False)

    assert "is not GitHub's API" in str(outcome.error)
