# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rulesets of a repository."""

from __future__ import annotations

from typing import Any

from local_cloud.services.github import access, bodies
from local_cloud.services.github.access import role_of
from local_cloud.services.github.accounts import timestamp
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.errors import GitHubError, not_found, not_of_type
from local_cloud.services.github.links import node_id
from local_cloud.services.github.store import Repository, Ruleset

_KEYS = {"name": str, "target": str, "enforcement": str, "bypass_actors": list, "conditions": dict, "rules": list}
_ENFORCEMENTS = ("disabled", "active", "evaluate")
_TARGETS = ("branch", "tag", "push")


def list_rulesets(call: Call) -> Reply:
    repository = call.repository()
    target = call.query.get("targets")
    found = [each for each in repository.rulesets.values() if target is None or each.target in target.split(",")]
    return call.page_of(found, lambda ruleset: _show(call, repository, ruleset))


def get(call: Call) -> Reply:
    repository = call.repository()
    return Reply(_show_whole(call, repository, _ruleset(call, repository)))


def create(call: Call) -> Reply:
    repository = call.repository(access.ADMINISTER)
    bodies.check(call.body, _KEYS, required=("name", "enforcement"))
    ruleset = Ruleset(call.state.new_id(), "", "branch", "disabled", call.now, call.now)
    _set(call, repository, ruleset)
    repository.rulesets[ruleset.id] = ruleset
    return Reply(_show_whole(call, repository, ruleset), 201)


def update(call: Call) -> Reply:
    repository = call.repository(access.ADMINISTER)
    ruleset = _ruleset(call, repository)
    bodies.check(call.body, _KEYS)
    _set(call, repository, ruleset)
    return Reply(_show_whole(call, repository, ruleset))


def delete(call: Call) -> Reply:
    repository = call.repository(access.ADMINISTER)
    del repository.rulesets[_ruleset(call, repository).id]
    return Reply(status=204)


def _set(call: Call, repository: Repository, ruleset: Ruleset) -> None:
    """Take what the body has, and nothing of it if any of it is wrong. Raises GitHubError 422."""
    body = call.body
    if (
        body.get("enforcement", _ENFORCEMENTS[0]) not in _ENFORCEMENTS
        or body.get("target", _TARGETS[0]) not in _TARGETS
    ):
        raise _refused("Enforcement or target is not one of those that there are.")
    if any(other.name == body.get("name") and other is not ruleset for other in repository.rulesets.values()):
        raise _refused("Name must be unique")
    for rule in body.get("rules") or []:
        if not isinstance(rule, dict) or not isinstance(rule.get("type"), str):
            raise not_of_type("rules", rule, "a rule with its type")
    conditions = body.get("conditions") or {}
    names = conditions.get("ref_name", {})
    if not isinstance(names, dict) or not all(isinstance(names.get(key, []), list) for key in ("include", "exclude")):
        raise not_of_type("conditions/ref_name", names, "an object with include and exclude")
    for key in _KEYS:
        if body.get(key) is not None:
            setattr(ruleset, key, body[key])
    ruleset.updated = call.now


def _refused(problem: str) -> GitHubError:
    return GitHubError(422, f"Validation Failed\n\n{problem}")


def _ruleset(call: Call, repository: Repository) -> Ruleset:
    number = call.path["ruleset_id"]
    if not number.isdecimal() or int(number) not in repository.rulesets:
        raise not_found()
    return repository.rulesets[int(number)]


def _show(call: Call, repository: Repository, ruleset: Ruleset) -> dict[str, Any]:
    url = f"{call.links.repository(repository.full_name)}/rulesets/{ruleset.id}"
    return {
        "id": ruleset.id,
        "name": ruleset.name,
        "target": ruleset.target,
        "source_type": "Repository",
        "source": repository.full_name,
        "enforcement": ruleset.enforcement,
        "node_id": node_id("RepositoryRuleset", ruleset.id),
        "_links": {
            "self": {"href": url},
            "html": {"href": call.links.page(repository.full_name, "rules", str(ruleset.id))},
        },
        "created_at": timestamp(ruleset.created),
        "updated_at": timestamp(ruleset.updated),
    }


def _show_whole(call: Call, repository: Repository, ruleset: Ruleset) -> dict[str, Any]:
    shown = _show(call, repository, ruleset)
    shown |= {"conditions": ruleset.conditions or None, "rules": ruleset.rules}
    if role_of(call.state, call.caller, repository) == "admin":
        # Who may bypass it is for who may change it.
        shown |= {"bypass_actors": ruleset.bypass_actors, "current_user_can_bypass": "never"}
    return shown
