# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployment environments with their protection rules.

Sources: GitHub's documentation of each method, and for refusals what its users report: a private repository's plan may
have no environments, or none with a wait timer or reviewers, which are refused there even with the values of absence; old
enterprise servers do not know ``prevent_self_review``; and it needs reviewers.
Whether a PUT keeps what it does not name is documented nowhere. Here it does not, so that a client which counts on it shows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from local_cloud.services.github import access, bodies
from local_cloud.services.github.accounts import ENTERPRISE, FREE, show_simple, show_team, timestamp
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.errors import GitHubError, invalid_request, not_found, not_of_type
from local_cloud.services.github.links import node_id
from local_cloud.services.github.store import Environment, GitHub, Repository

_KEYS = {"wait_timer": int, "prevent_self_review": bool, "reviewers": list, "deployment_branch_policy": dict}
_OF_THE_PLAN = ("wait_timer", "prevent_self_review", "reviewers")
_LONGEST_WAIT, _MOST_REVIEWERS = 43200, 6
_LONGEST_NAME = 255
# The first enterprise server that knows prevent_self_review.
_SELF_REVIEW_SINCE = (3, 11)


def list_environments(call: Call) -> Reply:
    repository = _repository(call, access.READ_ACTIONS)
    found = [repository.environments[key] for key in sorted(repository.environments)]
    return call.page_of(found, lambda environment: _show(call, repository, environment), "environments")


def get(call: Call) -> Reply:
    repository = _repository(call, access.READ_ACTIONS)
    return Reply(_show(call, repository, find(call, repository)))


def put(call: Call) -> Reply:
    """Create or replace: the answer does not tell which."""
    repository = _repository(call, access.ADMINISTER)
    name = call.path["environment_name"]
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise GitHubError(422, "Validation Failed")
    settings = _settings(call, repository)
    environment = ensure(call.state, repository, name, call.now)
    environment.wait_timer = settings.get("wait_timer") or 0
    environment.prevent_self_review = bool(settings.get("prevent_self_review"))
    environment.reviewers = [(reviewer["type"], reviewer["id"]) for reviewer in settings.get("reviewers") or []]
    environment.deployment = settings.get("deployment_branch_policy")
    if not environment.takes_patterns:
        environment.policies.clear()
    environment.updated = call.now
    return Reply(_show(call, repository, environment))


def delete(call: Call) -> Reply:
    repository = _repository(call, access.ADMINISTER)
    find(call, repository)
    del repository.environments[call.path["environment_name"].lower()]
    return Reply(status=204)


def find(call: Call, repository: Repository) -> Environment:
    """The environment that the path names. Raises GitHubError 404."""
    found = repository.environments.get(call.path["environment_name"].lower())
    if found is None:
        raise not_found()
    return found


def ensure(state: GitHub, repository: Repository, name: str, now: datetime) -> Environment:
    """The environment of a name in whatever case; a new one without rules when there is none."""
    present = repository.environments.get(name.lower())
    if present is None:
        present = Environment(state.new_id(), name, now, now)
        repository.environments[name.lower()] = present
    return present


def _repository(call: Call, need: access.Need) -> Repository:
    repository = call.repository(need)
    if repository.private and repository.owner.plan == FREE:
        raise not_found()
    return repository


def _settings(call: Call, repository: Repository) -> dict[str, Any]:
    """The body, checked. Raises GitHubError 422."""
    known = {key: kind for key, kind in _KEYS.items() if key != "prevent_self_review" or _knows_self_review(call.state)}
    bodies.check(call.body, known, closed=True)
    if repository.private and repository.owner.plan != ENTERPRISE and any(key in call.body for key in _OF_THE_PLAN):
        raise GitHubError(
            422, "Failed to create the environment protection rule. Please ensure the billing plan supports it."
        )
    wait_timer = call.body.get("wait_timer") or 0
    if not 0 <= wait_timer <= _LONGEST_WAIT:
        raise invalid_request(f"For 'properties/wait_timer', it is not between 0 and {_LONGEST_WAIT}.")
    _check_deployment(call.body.get("deployment_branch_policy"))
    _check_reviewers(call, repository, call.body.get("reviewers") or [])
    if call.body.get("prevent_self_review") and not call.body.get("reviewers"):
        raise GitHubError(
            422,
            "Failed to create or update the environment protection rule. Required reviewers must have at least one "
            "reviewer to set prevent_self_review.",
        )
    return call.body


def _knows_self_review(state: GitHub) -> bool:
    return tuple(int(part) for part in state.version.split(".")[:2]) >= _SELF_REVIEW_SINCE


def _check_deployment(policy: dict[str, Any] | None) -> None:
    if policy is None:
        return
    names = ("protected_branches", "custom_branch_policies")
    for name in names:
        if not isinstance(policy.get(name), bool):
            raise not_of_type(f"deployment_branch_policy/{name}", policy.get(name), "a boolean")
    if policy[names[0]] == policy[names[1]]:
        raise GitHubError(422, "protected_branches and custom_branch_policies cannot have the same value.")


def _check_reviewers(call: Call, repository: Repository, reviewers: list[Any]) -> None:
    if len(reviewers) > _MOST_REVIEWERS:
        raise GitHubError(422, f"Reviewers cannot be more than {_MOST_REVIEWERS}.")
    for reviewer in reviewers:
        if not isinstance(reviewer, dict) or not bodies.is_a(reviewer.get("id"), int):
            raise not_of_type("reviewers", reviewer, "a list of reviewers with type and id")
        if _reviewer(call, repository, reviewer.get("type"), reviewer["id"]) is None:
            raise GitHubError(422, "Reviewers must have at least read access to the repository.")


def _reviewer(call: Call, repository: Repository, kind: Any, number: int) -> dict[str, Any] | None:
    """How a reviewer is shown, if there is such a one."""
    if kind == "Team":
        team = next((team for team in repository.owner.teams.values() if team.id == number), None)
        return show_team(team, repository.owner, call.links) if team else None
    account = call.state.account_by_id(number)
    if kind != "User" or account is None or account.organization:
        return None
    return show_simple(account, call.links)


def _show(call: Call, repository: Repository, environment: Environment) -> dict[str, Any]:
    url = f"{call.links.repository(repository.full_name)}/environments/{environment.name}"
    page = call.links.page(repository.full_name, "deployments", "activity_log")
    return {
        "id": environment.id,
        "node_id": node_id("Environment", environment.id),
        "name": environment.name,
        "url": url,
        "html_url": f"{page}?environments_filter={environment.name}",
        "created_at": timestamp(environment.created),
        "updated_at": timestamp(environment.updated),
        "can_admins_bypass": True,
        "protection_rules": _protection_rules(call, repository, environment),
        "deployment_branch_policy": environment.deployment,
    }


def _protection_rules(call: Call, repository: Repository, environment: Environment) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []

    def add(kind: str, **values: Any) -> None:
        number = environment.id * 10 + len(rules)
        rules.append({"id": number, "node_id": node_id("Gate", number), "type": kind, **values})

    if environment.wait_timer:
        add("wait_timer", wait_timer=environment.wait_timer)
    if environment.reviewers:
        shown = [
            {"type": kind, "reviewer": _reviewer(call, repository, kind, number)}
            for kind, number in environment.reviewers
        ]
        self_review = {"prevent_self_review": environment.prevent_self_review} if _knows_self_review(call.state) else {}
        add("required_reviewers", reviewers=shown, **self_review)
    if environment.deployment:
        add("branch_policy")
    return rules
