# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's API of deployment environments, and of the branches and tags that may deploy to one."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from urllib.parse import quote

from ..._base.errors import NotFound
from ..._domain.github.protection import (
    ALL,
    BRANCH,
    PROTECTED,
    SELECTED,
    TEAM,
    USER,
    App,
    Environment,
    Pattern,
    Reviewer,
)
from .calls import GitHub, text
from .repositories import Repository, repository_path


@dataclass(frozen=True)
class Place:
    """An environment's address."""

    owner: str
    repository: str
    environment: str

    def __str__(self) -> str:
        return f"the environment {self.environment} of {self.owner}/{self.repository}"

    @property
    def list_path(self) -> str:
        """Where the list that it is in is, below the API's root."""
        return f"{repository_path(self.owner, self.repository)}/environments"

    @property
    def path(self) -> str:
        """Where it is below the API's root. Names of environments may have slashes in them."""
        return f"{self.list_path}/{quote(self.environment, safe='')}"

    @property
    def patterns_path(self) -> str:
        """Where its patterns are."""
        return f"{self.path}/deployment-branch-policies"

    @property
    def apps_path(self) -> str:
        """Where the rules of its apps are."""
        return f"{self.path}/deployment_protection_rules"


def read_environment(github: GitHub, repository: Repository, name: str) -> Environment | None:
    """The environment of a name in any case, if there is one. Needs Actions: read."""
    return find_environment(github, Place(repository.owner, repository.name, name))


def find_environment(github: GitHub, place: Place) -> Environment | None:
    """As read_environment(); None also when there is no such repository."""
    try:
        answer = github.get(place.path, str(place))
    except NotFound:
        return None
    return _environment(github, answer)


def is_listed(github: GitHub, place: Place) -> bool:
    """Whether its repository's list has it. Needs Actions: read. Raises NotFound when the token may not see the list."""
    found = github.get_all(place.list_path, f"environments of {place.owner}/{place.repository}", "environments")
    with github.reading():
        return any(text(answer["name"]).lower() == place.environment.lower() for answer in found)


def put_environment(github: GitHub, place: Place, settings: t.Mapping[str, t.Any]) -> Environment:
    """Create an environment, or replace the rules of one. What the settings do not name may be reset. Needs Administration: write."""
    written = _environment(github, github.write("PUT", place.path, str(place), settings))
    with github.reading(str(place)):
        if written.name.lower() != place.environment.lower():
            raise ValueError("Another environment than the one that was written.")
        return written


def delete_environment(github: GitHub, place: Place) -> None:
    """Raises NotFound when it is gone already. Needs Administration: write."""
    github.write("DELETE", place.path, str(place))


def list_patterns(github: GitHub, place: Place) -> frozenset[Pattern]:
    """The branches and tags that may deploy. Needs Actions: read."""
    found = github.get_all(place.patterns_path, f"branches and tags of {place}", "branch_policies")
    return frozenset(_pattern(github, answer) for answer in found)


def add_pattern(github: GitHub, place: Place, pattern: Pattern) -> Pattern:
    """Needs Administration: write. GitHub answers one that is there already with where it is, which is followed."""
    what = f"the {pattern.kind} {pattern.name} of {place}"
    body = {"name": pattern.name, "type": pattern.kind}
    added = _pattern(github, github.write("POST", place.patterns_path, what, body))
    with github.reading(what):
        if added.name != pattern.name:
            raise ValueError("Another pattern than the one that was written.")
        return added


def delete_pattern(github: GitHub, place: Place, pattern: Pattern) -> None:
    """Raises NotFound when it is gone already. Needs Administration: write."""
    what = f"the {pattern.kind} {pattern.name} of {place}"
    github.write("DELETE", f"{place.patterns_path}/{pattern.id}", what)


def list_apps(github: GitHub, place: Place) -> frozenset[App]:
    """The apps whose rules are enabled; none on a server that knows no such rules. Needs Actions: read."""
    try:
        found = github.get_all(place.apps_path, f"apps of {place}", "custom_deployment_protection_rules")
    except NotFound:
        return frozenset()
    with github.reading():
        return frozenset(App(text(one["app"]["slug"]), int(one["id"])) for one in found if one["enabled"])


def available_apps(github: GitHub, place: Place) -> dict[str, int]:
    """The numbers of the apps that have a rule to enable, by their slugs. Needs Actions: read, of who administers the repository."""
    key = "available_custom_deployment_protection_rule_integrations"
    try:
        found = github.get_all(f"{place.apps_path}/apps", f"available apps of {place}", key)
    except NotFound:
        raise NotFound(
            f"GitHub does not list apps with deployment protection rules for {place} (404): github_token must be of somebody who "
            "administers the repository, and the server must have such rules."
        ) from None
    with github.reading():
        return {text(one["slug"]): int(one["id"]) for one in found}


def enable_app(github: GitHub, place: Place, slug: str, number: int) -> App:
    """Raises NotAccepted, also for one that is enabled by now. Needs Administration: write."""
    what = f"the rule of {slug} of {place}"
    answer = github.write("POST", place.apps_path, what, {"integration_id": number})
    with github.reading(what):
        if answer["app"]["slug"] != slug or not answer["enabled"]:
            raise ValueError("Another rule than the one that was enabled.")
        return App(slug, int(answer["id"]))


def disable_app(github: GitHub, place: Place, app: App) -> None:
    """Raises NotFound when it is gone already. Needs Administration: write."""
    github.write("DELETE", f"{place.apps_path}/{app.rule}", f"the rule of {app.slug} of {place}")


def find_reviewer(github: GitHub, kind: str, name: str, organization: str) -> Reviewer | None:
    """A user, or a team of an organization by its slug, if there is one. Teams need the organization's Members: read."""
    path = f"users/{quote(name, safe='')}"
    if kind == TEAM:
        path = f"orgs/{quote(organization, safe='')}/teams/{quote(name, safe='')}"
    try:
        answer = github.get(path, f"the {kind.lower()} {name}")
    except NotFound:
        return None
    with github.reading():
        # What is found by a login may be an organization, which cannot review.
        if kind == USER and answer["type"] != USER:
            return None
        return _reviewer(kind, answer)


def _reviewer(kind: str, answer: t.Mapping[str, t.Any]) -> Reviewer:
    return Reviewer(kind, text(answer["slug" if kind == TEAM else "login"]), int(answer["id"]))


def _pattern(github: GitHub, answer: t.Any) -> Pattern:
    with github.reading():
        # Servers that know no tags have no type.
        return Pattern(answer.get("type") or BRANCH, text(answer["name"]), int(answer["id"]))


def _environment(github: GitHub, answer: t.Any) -> Environment:
    with github.reading():
        rules = {text(rule["type"]): rule for rule in answer.get("protection_rules") or ()}
        review = rules.get("required_reviewers", {})
        return Environment(
            name=text(answer["name"]),
            protections=tuple(rules),
            wait_timer=int(rules.get("wait_timer", {}).get("wait_timer") or 0),
            # Of a reviewer who was deleted, only the kind is left.
            reviewers=frozenset(
                _reviewer(one["type"], one["reviewer"]) for one in review.get("reviewers") or () if one.get("reviewer")
            ),
            prevent_self_review=bool(review.get("prevent_self_review")),
            deployment_policy=_deployment_policy(answer.get("deployment_branch_policy")),
            html_url=answer.get("html_url"),
            admins_bypass=answer.get("can_admins_bypass") is not False,
        )


def _deployment_policy(answer: t.Mapping[str, bool] | None) -> str:
    if answer is None:
        return ALL
    return PROTECTED if answer["protected_branches"] else SELECTED
