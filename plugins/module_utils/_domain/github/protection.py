# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment environments and their protection rules: what is there, what is wanted, and what to send. Pure.

Source: GitHub's documentation of "Create or update an environment", and what users of its API report: a private repository's
plan may refuse wait timer, reviewers and self-review even with the values of absence, and old servers do not know the last one.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ..._base.errors import InvalidInput

USER, TEAM = "User", "Team"
BRANCH, TAG = "branch", "tag"
#: From where deployments may come.
ALL, PROTECTED, SELECTED = "all", "protected", "selected"
#: Settings that plans refuse on private repositories.
OF_THE_PLAN = ("wait_timer", "reviewers", "prevent_self_review")


@dataclass(frozen=True, order=True)
class Reviewer:
    """A user by the login, or a team by its slug, and the number by which GitHub takes them."""

    kind: str
    name: str
    id: int = field(compare=False)

    @property
    def key(self) -> tuple[str, str]:
        """What one is known by; case does not count."""
        return self.kind, self.name.lower()


@dataclass(frozen=True, order=True)
class Pattern:
    """Which branches or tags may deploy; the number is None for one that is not there yet."""

    kind: str
    name: str
    id: int | None = field(default=None, compare=False)


@dataclass(frozen=True, order=True)
class App:
    """An app whose rule has to let each job pass, by its slug; the number is that of the rule, None for one that is not there yet."""

    slug: str
    rule: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Environment:
    """A deployment environment with its protection rules."""

    name: str
    #: Kinds of the rules, those of apps too.
    protections: tuple[str, ...] = field(default=(), compare=False)
    #: Minutes.
    wait_timer: int = 0
    reviewers: frozenset[Reviewer] = frozenset()
    prevent_self_review: bool = False
    deployment_policy: str = ALL
    #: Of V(selected) alone.
    patterns: frozenset[Pattern] = frozenset()
    #: None: not asked for.
    apps: frozenset[App] | None = None
    html_url: str | None = field(default=None, compare=False)
    #: Whether administrators need not wait for the rules. No option says it; it is kept.
    admins_bypass: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class Rules:
    """What is wanted of an environment. None is: leave it as it is; what is empty is to be removed."""

    wait_timer: int | None = None
    #: Kind and name of each.
    reviewers: frozenset[tuple[str, str]] | None = None
    prevent_self_review: bool | None = None
    deployment_policy: str | None = None
    branches: frozenset[str] | None = None
    tags: frozenset[str] | None = None
    #: Slugs.
    apps: frozenset[str] | None = None


def merged(current: Environment, rules: Rules, known: t.Mapping[tuple[str, str], Reviewer]) -> Environment:
    """The environment as it should be.

    :param known: the reviewers that are wanted, and those that are there, by their keys
    :raises InvalidInput: what is wanted does not go with what is there
    """
    reviewers = current.reviewers
    if rules.reviewers is not None:
        reviewers = frozenset(known[key] for key in rules.reviewers)
    if rules.prevent_self_review and not reviewers:
        raise InvalidInput(f"prevent_self_review needs reviewers, and the environment {current.name} has none.")
    self_review = current.prevent_self_review if rules.prevent_self_review is None else rules.prevent_self_review
    policy = rules.deployment_policy or current.deployment_policy
    return replace(
        current,
        wait_timer=current.wait_timer if rules.wait_timer is None else rules.wait_timer,
        reviewers=reviewers,
        # The rule that says so goes with its last reviewer.
        prevent_self_review=self_review and bool(reviewers),
        deployment_policy=policy,
        patterns=_patterns(current, rules) if policy == SELECTED else frozenset(),
        apps=current.apps if rules.apps is None else _apps(current, rules.apps),
    )


def _apps(current: Environment, wanted: frozenset[str]) -> frozenset[App]:
    there = {app.slug: app for app in current.apps or ()}
    return frozenset(there.get(slug, App(slug)) for slug in wanted)


def _patterns(current: Environment, rules: Rules) -> frozenset[Pattern]:
    there = {pattern: pattern for pattern in current.patterns}
    found: set[Pattern] = set()
    for kind, names in ((BRANCH, rules.branches), (TAG, rules.tags)):
        if names is None:
            found |= {pattern for pattern in there if pattern.kind == kind}
        else:
            wanted = (Pattern(kind, name) for name in names)
            found |= {there.get(pattern, pattern) for pattern in wanted}
    return frozenset(found)


def settings(before: Environment | None, after: Environment) -> dict[str, t.Any] | None:
    """The body that makes one environment out of another, or None when it would not differ.

    It has all that is wanted or set, because what is left out is reset, and nothing else, because plans refuse it.
    """
    if before is not None and replace(before, patterns=after.patterns, apps=after.apps) == after:
        return None
    old = before or Environment(after.name)
    body: dict[str, t.Any] = {}
    if after.wait_timer or old.wait_timer:
        body["wait_timer"] = after.wait_timer
    if after.reviewers or old.reviewers:
        body["reviewers"] = [{"type": one.kind, "id": one.id} for one in sorted(after.reviewers)]
    if after.reviewers and (after.prevent_self_review or old.prevent_self_review):
        body["prevent_self_review"] = after.prevent_self_review
    if after.deployment_policy != ALL or old.deployment_policy != ALL:
        body["deployment_branch_policy"] = _POLICIES[after.deployment_policy]
    if not old.admins_bypass:
        # Whether a request that leaves it out resets it is documented nowhere, and it loosens all other rules.
        body["can_admins_bypass"] = False
    return body


def unlike(answered: Environment, wanted: Environment, body: t.Mapping[str, t.Any]) -> list[str]:
    """The settings of a body that an environment is answered without."""
    differs = {
        "wait_timer": answered.wait_timer != wanted.wait_timer,
        # A login may be renamed; the number stays.
        "reviewers": _numbers(answered) != _numbers(wanted),
        "prevent_self_review": answered.prevent_self_review != wanted.prevent_self_review,
        "deployment_branch_policy": answered.deployment_policy != wanted.deployment_policy,
        "can_admins_bypass": answered.admins_bypass != wanted.admins_bypass,
    }
    return [_OPTIONS.get(name, name) for name in body if differs[name]]


def _numbers(environment: Environment) -> set[tuple[str, int]]:
    return {(one.kind, one.id) for one in environment.reviewers}


#: Options whose names are not those of the API.
_OPTIONS = {"deployment_branch_policy": "deployment_policy"}
_POLICIES = {
    ALL: None,
    PROTECTED: {"protected_branches": True, "custom_branch_policies": False},
    SELECTED: {"protected_branches": False, "custom_branch_policies": True},
}
