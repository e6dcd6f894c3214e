# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the local cloud holds, read over the services' own REST APIs and by nothing of the collection's.

A snapshot is flat: the name of each thing that can be changed by itself, and its value.
"""

from __future__ import annotations

import base64
import json
import urllib.error
from collections.abc import Callable, Iterator
from typing import Any

from aws_clients import OWNER_KEY
from cloud_fixtures import PROJECT
from harness import Given

Snapshot = dict[str, Any]
#: What changes by itself, or with everything else.
_VOLATILE = {
    "etag",
    "createTime",
    "updateTime",
    "createdTime",
    "lastUpdated",
    "assetSizeBytes",
    "created_at",
    "updated_at",
    "sizeBytes",
}
REPOSITORIES = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories"
SECRETS = f"secretmanager/v1/projects/{PROJECT}/secrets"


def _steady(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _steady(inner) for key, inner in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        return [_steady(inner) for inner in value]
    return value


def _found(ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return ask()
    except urllib.error.HTTPError as error:
        with error:
            if error.code not in (400, 404, 409):
                raise
        return {}


def _bindings(prefix: str, policy: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    for binding in policy.get("bindings", []):
        title = binding.get("condition", {}).get("title", "")
        for member in binding["members"]:
            yield f"{prefix}/binding/{binding['role']}/{title}/{member}", True


def google(given: Given) -> Snapshot:
    """Secrets with their versions and policies, and the repositories of one location with theirs."""
    return dict(_google(given))


def _google(given: Given) -> Iterator[tuple[str, Any]]:
    for secret in given.call(SECRETS).get("secrets", []):
        name = secret["name"].rpartition("/")[2]
        key, path = f"secret/{name}", f"{SECRETS}/{name}"
        yield key, _steady(secret)
        yield from _bindings(key, given.call(f"{path}:getIamPolicy"))
        for version in given.call(f"{path}/versions").get("versions", []):
            number = version["name"].rpartition("/")[2]
            data = None
            if version["state"] == "ENABLED":
                data = base64.b64decode(given.call(f"{path}/versions/{number}:access")["payload"]["data"]).decode()
            yield f"{key}/version/{number}", (version["state"], data)
    for repository in given.call(REPOSITORIES).get("repositories", []):
        name = repository["name"].rpartition("/")[2]
        yield f"repository/{name}", _steady(repository)
        yield from _bindings(f"repository/{name}", given.call(f"{REPOSITORIES}/{name}:getIamPolicy"))


def aws(given: Given) -> Snapshot:
    """Domains, repositories, their policies and tags, and groups of packages."""
    return dict(_aws(given))


def _aws(given: Given) -> Iterator[tuple[str, Any]]:
    def ask(path: str, verb: str = "GET", body: object = None) -> dict[str, Any]:
        return _found(lambda: given.call(f"codeartifact/v1/{path}", body, verb, OWNER_KEY))

    def tags(arn: str) -> Any:
        return sorted((one["key"], one["value"]) for one in ask(f"tags?resourceArn={arn}", "POST", {}).get("tags", []))

    for domain in ask("domains", "POST", {}).get("domains", []):
        name = domain["name"]
        key, query = f"domain/{name}", f"domain={name}"
        yield key, tags(domain["arn"])
        yield from _statements(key, ask(f"domain/permissions/policy?{query}"))
        for group in ask(f"package-groups?{query}", "POST", {}).get("packageGroups", []):
            yield f"{key}/group/{group['pattern']}", (_steady(group), tags(group["arn"]))
        for repository in ask(f"domain/repositories?{query}", "POST", {}).get("repositories", []):
            place = f"{key}/repository/{repository['name']}"
            query_of = f"{query}&repository={repository['name']}"
            yield place, (_steady(ask(f"repository?{query_of}").get("repository")), tags(repository["arn"]))
            yield from _statements(place, ask(f"repository/permissions/policy?{query_of}"))
            for package in ask(f"packages?{query_of}", "POST", {}).get("packages", []):
                yield f"{place}/package/{package['format']}/{package['package']}", package.get("originConfiguration")


def _statements(key: str, answer: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if answer:
        for statement in json.loads(answer["policy"]["document"])["Statement"]:
            yield f"{key}/statement/{statement.get('Sid', json.dumps(statement, sort_keys=True))}", statement


def github(given: Given) -> Snapshot:
    """The environments, branches, files, pull requests and secrets of the one repository."""
    return dict(_github(given))


def _github(given: Given) -> Iterator[tuple[str, Any]]:
    def ask(path: str) -> Any:
        return _found(lambda: given.call(f"github/repos/octo-org/sampleproject/{path}", caller="octocat"))

    for environment in ask("environments").get("environments", []):
        name = environment["name"]
        yield f"environment/{name}", _rules(environment)
        for policy in ask(f"environments/{name}/deployment-branch-policies").get("branch_policies", []):
            yield f"environment/{name}/{policy.get('type', 'branch')}/{policy['name']}", True
        for secret in ask(f"environments/{name}/secrets").get("secrets", []):
            yield f"environment/{name}/secret/{secret['name']}", True
    for branch in ask("branches") or []:
        for file in ask(f"contents/?ref={branch['name']}") or []:
            yield f"branch/{branch['name']}/file/{file['name']}", file["sha"]
    for pull in ask("pulls?state=all") or []:
        yield f"pull/{pull['number']}", (pull["head"]["ref"], pull["title"], pull["state"])
    for secret in ask("actions/secrets").get("secrets", []):
        yield f"secret/{secret['name']}", True


def index(given: Given) -> Snapshot:
    """Who may publish to the index. Which files it has does not count: those who judge a token publish with it."""
    return {f"publisher/{json.dumps(one, sort_keys=True)}": True for one in given._cloud.publishers()}


def _rules(environment: dict[str, Any]) -> Any:
    rules = [
        {key: value for key, value in rule.items() if key not in ("id", "node_id")}
        for rule in environment["protection_rules"]
    ]
    return json.dumps([rules, environment.get("deployment_branch_policy")], sort_keys=True)
