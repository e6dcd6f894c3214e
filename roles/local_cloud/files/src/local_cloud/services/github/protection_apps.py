# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom deployment protection rules: which of the apps that are installed on a repository must let a deployment pass.

Source: GitHub's documentation of "REST API endpoints for protection rules". Which apps there are, only who administers the repository is told.
Not documented, and so a guess: that an app which is not installed, or is enabled already, is refused with 422.
"""

from __future__ import annotations

from typing import Any

from local_cloud.services.github import access, bodies
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.environments import find
from local_cloud.services.github.errors import not_found, validation_failed
from local_cloud.services.github.links import node_id
from local_cloud.services.github.store import App, Environment

_RESOURCE = "DeploymentProtectionRule"


def list_rules(call: Call) -> Reply:
    """All of them: this list has no pages."""
    environment = find(call, call.repository(access.READ_ACTIONS))
    shown = [_show(call, number, app) for number, app in environment.apps.items()]
    return Reply({"total_count": len(shown), "custom_deployment_protection_rules": shown})


def list_apps(call: Call) -> Reply:
    """The apps that could be enabled, whether they are or not."""
    repository = call.repository(access.LIST_APPS)
    find(call, repository)
    name = "available_custom_deployment_protection_rule_integrations"
    return call.page_of(list(repository.apps.values()), lambda app: _show_app(call, app), name)


def get(call: Call) -> Reply:
    environment = find(call, call.repository(access.READ_ACTIONS))
    number = _number(call, environment)
    return Reply(_show(call, number, environment.apps[number]))


def enable(call: Call) -> Reply:
    repository = call.repository(access.ADMINISTER)
    environment = find(call, repository)
    bodies.check(call.body, {"integration_id": int}, required=("integration_id",))
    app = repository.apps.get(call.body["integration_id"])
    if app is None:
        raise validation_failed(_RESOURCE, "integration_id", "invalid")
    if app in environment.apps.values():
        raise validation_failed(_RESOURCE, "integration_id", "already_exists")
    number = call.state.new_id()
    environment.apps[number] = app
    return Reply(_show(call, number, app), status=201)


def disable(call: Call) -> Reply:
    environment = find(call, call.repository(access.ADMINISTER))
    del environment.apps[_number(call, environment)]
    return Reply(status=204)


def _number(call: Call, environment: Environment) -> int:
    text = call.path["protection_rule_id"]
    if not text.isdecimal() or int(text) not in environment.apps:
        raise not_found()
    return int(text)


def _show(call: Call, number: int, app: App) -> dict[str, Any]:
    return {"id": number, "node_id": node_id("Gate", number), "enabled": True, "app": _show_app(call, app)}


def _show_app(call: Call, app: App) -> dict[str, Any]:
    return {
        "id": app.id,
        "slug": app.slug,
        "integration_url": call.links.app(app.slug),
        "node_id": node_id("Integration", app.id),
    }
