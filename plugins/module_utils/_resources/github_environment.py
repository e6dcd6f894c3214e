# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment environment of a repository on GitHub, with its protection rules."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain

from .._base.errors import InvalidInput, LostRace, NotFound, Unconfirmed
from .._clients.github.calls import NotAccepted
from .._clients.github.environments import (
    Place,
    add_pattern,
    available_apps,
    delete_environment,
    delete_pattern,
    disable_app,
    enable_app,
    find_environment,
    find_reviewer,
    is_listed,
    list_apps,
    list_patterns,
    put_environment,
)
from .._clients.github.repositories import read_repository
from .._domain.github.names import repository_of, team_slug
from .._domain.github.protection import (
    BRANCH,
    OF_THE_PLAN,
    SELECTED,
    TAG,
    TEAM,
    USER,
    App,
    Environment,
    Pattern,
    Reviewer,
    Rules,
    merged,
    settings,
    unlike,
)
from .._engine.resource import Change, DesiredState, Options
from .parts.github import GitHubResource, existing_repository
from .parts.steps import Step, in_turn, only_reading

# Source: GitHub's documentation of "Create or update an environment".
_LONGEST_NAME, _LONGEST_WAIT, _MOST_REVIEWERS = 255, 43200, 6


@dataclass(frozen=True)
class DesiredEnvironment(DesiredState):
    """An environment as it is to be."""

    place: Place
    rules: Rules = field(default_factory=Rules)
    absent: bool = False

    @classmethod
    def from_options(cls, options: Options) -> DesiredEnvironment:
        owner, repository = repository_of(options)
        name = options.get("environment")
        if not name or len(name) > _LONGEST_NAME or name != name.strip():
            raise InvalidInput(
                f"environment {name!r} is not the name of one: give up to {_LONGEST_NAME} characters, without white space "
                "around them."
            )
        place = Place(owner, repository, name)
        if options.get("state") == "absent":
            return cls(place, absent=True)
        return cls(place, _rules(options))

    @property
    def target(self) -> str:
        """The environment. GitHub does not tell upper and lower case apart."""
        return str(self.place).lower()


def _rules(options: Options) -> Rules:
    wait_timer = options.get("wait_timer")
    if wait_timer is not None and not 0 <= wait_timer <= _LONGEST_WAIT:
        raise InvalidInput(f"wait_timer {wait_timer} is not between 0 and {_LONGEST_WAIT} minutes.")
    reviewers = _reviewers(options.get("reviewers"))
    if options.get("prevent_self_review") and reviewers == frozenset():
        raise InvalidInput("prevent_self_review needs reviewers, and reviewers has none.")
    branches, tags = (_names(name, options.get(name)) for name in ("branches", "tags"))
    policy = options.get("deployment_policy")
    if branches or tags:
        if policy not in (None, SELECTED):
            raise InvalidInput(f"deployment_policy is {policy}: branches and tags are for {SELECTED}.")
        policy = SELECTED
    apps = options.get("apps")
    if apps is not None and not all(apps):
        raise InvalidInput("apps has an empty name.")
    slugs = None if apps is None else frozenset(name.lower() for name in apps)
    return Rules(wait_timer, reviewers, options.get("prevent_self_review"), policy, branches, tags, slugs)


def _reviewers(given: Options | None) -> frozenset[tuple[str, str]] | None:
    if given is None:
        return None
    users = [name.removeprefix("@").lower() for name in given.get("users") or ()]
    teams = [team_slug(name) for name in given.get("teams") or ()]
    if not all(users) or not all(teams):
        raise InvalidInput("reviewers has an empty name.")
    found = frozenset([(USER, name) for name in users] + [(TEAM, name) for name in teams])
    if len(found) > _MOST_REVIEWERS:
        raise InvalidInput(f"reviewers names {len(found)} users and teams: up to {_MOST_REVIEWERS} are accepted.")
    return found


def _names(option: str, given: t.Sequence[str] | None) -> frozenset[str] | None:
    if given is None:
        return None
    if not all(given) or any(name.startswith("refs/") for name in given):
        raise InvalidInput(f"{option} has names and patterns as they stand behind refs/heads/ and refs/tags/.")
    return frozenset(given)


@dataclass(frozen=True)
class EnvironmentState:
    """An environment, and the users and teams that its reviewers are, and are to be."""

    environment: Environment
    known: t.Mapping[tuple[str, str], Reviewer] = field(default_factory=dict, compare=False)
    #: Whether GitHub has it.
    present: bool = True


@dataclass(frozen=True)
class GitHubEnvironments(GitHubResource[DesiredEnvironment, EnvironmentState]):
    """The resource of github_environment."""

    #: Reviewers that were looked up: the entries of a task often have the same.
    looked_up: dict[tuple[str, str, str], Reviewer] = field(default_factory=dict)

    def read(self, desired: DesiredEnvironment) -> EnvironmentState:
        """One call, one for its branches and tags, one for each new reviewer. Raises NotFound without the repository."""
        place = desired.place
        found = find_environment(self.github, place)
        if found is None:
            if not desired.absent:
                existing_repository(self.github, place.owner, place.repository)
            known = self._known((), desired)
            return EnvironmentState(Environment(place.environment), known, present=False)
        if desired.rules.apps is not None:
            found = replace(found, apps=list_apps(self.github, place))
            # Check mode says what the real run would.
            self._numbers(place, desired.rules.apps - {app.slug for app in found.apps or ()})
        if found.deployment_policy == SELECTED and not desired.absent:
            found = replace(found, patterns=list_patterns(self.github, place))
        return EnvironmentState(found, self._known(found.reviewers, desired))

    def _numbers(self, place: Place, slugs: t.Collection[str]) -> dict[str, int]:
        """The numbers of apps that are to be enabled. Raises InvalidInput for one that is not installed."""
        available = available_apps(self.github, place) if slugs else {}
        missing = sorted(set(slugs) - set(available))
        if missing:
            there = f"there are {', '.join(sorted(available))}" if available else "there is none"
            raise InvalidInput(
                f"apps: no app {missing[0]} with a deployment protection rule is installed on {place.owner}/{place.repository}: "
                f"{there}."
            )
        return available

    def _known(self, present: t.Iterable[Reviewer], desired: DesiredEnvironment) -> dict[tuple[str, str], Reviewer]:
        known = {one.key: one for one in present}
        for kind, name in sorted(desired.rules.reviewers or ()):
            if (kind, name) not in known:
                known[kind, name] = self._reviewer(kind, name, desired.place.owner)
        return known

    def _reviewer(self, kind: str, name: str, organization: str) -> Reviewer:
        key = (kind, name, organization if kind == TEAM else "")
        found = self.looked_up.get(key) or find_reviewer(self.github, kind, name, organization)
        if found is None:
            raise InvalidInput(
                f"reviewers: GitHub has no user {name}."
                if kind == USER
                else f"reviewers: the organization {organization} has no team {name} that github_token may see. To see one, it needs read "
                "access to Members of the organization, or as a classic token the scope read:org."
            )
        self.looked_up[key] = found
        return found

    def wanted(self, current: EnvironmentState, desired: DesiredEnvironment) -> EnvironmentState:
        """Raises InvalidInput when what is wanted does not go with what is there."""
        if desired.absent:
            return replace(current, environment=Environment(current.environment.name), present=False)
        after = merged(current.environment, desired.rules, current.known)
        return replace(current, environment=after, present=True)

    def apply(self, change: Change[EnvironmentState], desired: DesiredEnvironment) -> EnvironmentState:
        """There is no lock: the environment is read at the end, and planned anew where it is not as wanted. Raises Unconfirmed."""
        if not change.after.present:
            self._delete(desired.place)
            return change.after
        return in_turn(chain(self._steps(change, desired.place), [partial(self._read_back, desired)]), change.after)

    def _delete(self, place: Place) -> None:
        try:
            delete_environment(self.github, place)
        except NotFound:
            with only_reading():
                left = find_environment(self.github, place)
            if left is not None:
                raise

    def _steps(self, change: Change[EnvironmentState], place: Place) -> t.Iterator[Step[EnvironmentState]]:
        """The rules first: a branch or tag can be added to an environment that takes selected ones alone."""
        before, after = change.before.environment, change.after.environment
        body = settings(before if change.before.present else None, after)
        there = before.patterns
        if body is not None:

            def put() -> EnvironmentState:
                made = self._put(place, body, new=not change.before.present)
                if others := unlike(made, after, body):
                    # To write it again, as after a lost race, would not help.
                    raise Unconfirmed.of("GitHub", place, " and ".join(others))
                return replace(change.after, environment=replace(made, patterns=after.patterns, apps=after.apps))

            yield put
        yield from self._app_steps(place, before.apps or frozenset(), after.apps)
        if after.deployment_policy != SELECTED:
            # What it took before went with that.
            return
        if before.deployment_policy != SELECTED:
            # What it had when it last took selected ones may be there again.
            there = list_patterns(self.github, place)
        for pattern in sorted(after.patterns - there):
            yield partial(self._add, place, pattern)
        for pattern in sorted(there - after.patterns):
            yield partial(self._drop, place, pattern)

    def _read_back(self, desired: DesiredEnvironment) -> EnvironmentState:
        """What another writer adds is no race; what takes away of what is wanted is."""
        found = self.read(desired)
        if self.plan(found, desired) is not None:
            raise LostRace(
                f"{desired.place} does not keep what is written to it. Another writer may be setting it too."
            )
        return found

    def _app_steps(
        self, place: Place, there: frozenset[App], wanted: frozenset[App] | None
    ) -> t.Iterator[Step[EnvironmentState]]:
        if wanted is None or wanted == there:
            return
        numbers = self._numbers(place, {app.slug for app in wanted - there})
        for app in sorted(wanted - there):
            yield partial(self._enable, place, app.slug, numbers[app.slug])
        for app in sorted(there - wanted):
            yield partial(self._disable, place, app)

    def _enable(self, place: Place, slug: str, number: int) -> None:
        try:
            enable_app(self.github, place, slug, number)
        except NotAccepted:
            # What GitHub answers for one that somebody else enabled meanwhile is not documented.
            if not self._is_enabled(place, slug):
                raise

    def _disable(self, place: Place, app: App) -> None:
        try:
            disable_app(self.github, place, app)
        except NotFound:
            if self._is_enabled(place, app.slug):
                raise

    def _is_enabled(self, place: Place, slug: str) -> bool:
        with only_reading():
            return any(app.slug == slug for app in list_apps(self.github, place))

    def _add(self, place: Place, pattern: Pattern) -> None:
        add_pattern(self.github, place, pattern)

    def _drop(self, place: Place, pattern: Pattern) -> None:
        try:
            delete_pattern(self.github, place, pattern)
        except NotFound:
            with only_reading():
                left = list_patterns(self.github, place)
            if pattern in left:
                raise

    def _put(self, place: Place, body: dict[str, t.Any], *, new: bool) -> Environment:
        try:
            if new and self._is_listed(place):
                # There is no lock: a new environment's rules would replace those of one that was overlooked.
                raise LostRace(f"GitHub does not find {place}, but lists it among those of its repository.")
            return put_environment(self.github, place, body)
        except NotAccepted as error:
            reasons = ["reviewers need read access to the repository"] if body.get("reviewers") else []
            of_the_plan = [name for name in OF_THE_PLAN if name in body]
            if of_the_plan and self._is_private(place):
                reasons.append(f"on private repositories the plan must have {' and '.join(of_the_plan)}")
            why = f": {', and '.join(reasons)}" if reasons else ""
            raise NotAccepted(f"GitHub does not accept these rules for {place} (422){why}.", error.said) from error
        except NotFound as error:
            plan = ", and a plan that has environments on private repositories" if self._is_private(place) else ""
            raise NotFound(
                f"GitHub does not let github_token write {place} (404): it needs the permission Administration{plan}."
            ) from error

    def _is_listed(self, place: Place) -> bool:
        with only_reading():
            return is_listed(self.github, place)

    def _is_private(self, place: Place) -> bool:
        with only_reading():
            found = read_repository(self.github, place.owner, place.repository)
        return found is not None and found.private

    def result(self, state: EnvironmentState, desired: DesiredEnvironment) -> dict[str, t.Any]:
        if not state.present:
            return {"environment": None}
        place, found = desired.place, state.environment
        names = {"owner": place.owner, "repository": place.repository, "name": found.name, "html_url": found.html_url}
        return {"environment": {**names, **_shown(found)}}

    def diff(self, state: EnvironmentState, desired: DesiredEnvironment) -> dict[str, t.Any]:
        return {"state": "present", **_shown(state.environment)} if state.present else {}


def _shown(environment: Environment) -> dict[str, t.Any]:
    def names(found: t.Iterable[Reviewer | Pattern], kind: str) -> list[str]:
        return sorted(one.name for one in found if one.kind == kind)

    reviewers, patterns = environment.reviewers, environment.patterns
    return {
        "wait_timer": environment.wait_timer,
        "reviewers": {"users": names(reviewers, USER), "teams": names(reviewers, TEAM)},
        "prevent_self_review": environment.prevent_self_review,
        "deployment_policy": environment.deployment_policy,
        "branches": names(patterns, BRANCH),
        "tags": names(patterns, TAG),
        **({} if environment.apps is None else {"apps": sorted(app.slug for app in environment.apps)}),
    }
