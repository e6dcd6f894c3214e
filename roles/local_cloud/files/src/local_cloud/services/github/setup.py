# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the control API puts into GitHub: accounts, repositories and tokens, which people and other tools make there.

One document has any of it; what is named replaces what had the name::

    {"users": [{"login": "ada"}],
     "organizations": [{"login": "octo-org", "id": 1234, "plan": "team", "owners": ["ada"],
                        "members": [], "teams": [{"name": "Release managers", "members": ["ada"]}]}],
     "repositories": [{"full_name": "octo-org/sampleproject", "private": true, "files": {"README.md": "text"},
                       "tags": ["v1"], "collaborators": {"ada": "write"}, "teams": {"release-managers": "write"},
                       "apps": [{"slug": "release-gate", "id": 71}],
                       "former_names": ["octo-org/sample"]}],
     "tokens": {"TOKEN": {"login": "ada", "permissions": {"actions": "read"}}},
     "rate_limit": 100, "version": "3.10.0"}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local_cloud.platform.errors import invalid_argument
from local_cloud.services.github.accounts import ENTERPRISE, PLANS, Account, Team
from local_cloud.services.github.bodies import is_a
from local_cloud.services.github.git import HEADS, Author
from local_cloud.services.github.store import App, GitHub, Repository
from local_cloud.services.github.tokens import ALL_SCOPES, LEVELS, ROLES, Token

#: The user whom a new cloud knows; a login is its own token.
USER = "octocat"
#: What a new cloud has: that user, an organization of theirs, and a repository of its.
SEED: dict[str, Any] = {
    "users": [{"login": USER, "id": 583}],
    "organizations": [
        {
            "login": "octo-org",
            "id": 1234,
            "owners": [USER],
            "teams": [{"name": "Release managers", "members": [USER]}],
        }
    ],
    "repositories": [{"full_name": "octo-org/sampleproject", "teams": {"release-managers": "write"}}],
}
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")


def apply(state: GitHub, document: Mapping[str, Any], now: datetime) -> None:
    """Put in what a document has.

    Raises:
        ApiError: INVALID_ARGUMENT; what came before the wrong part is in.
    """
    parts = {
        "users": list,
        "organizations": list,
        "repositories": list,
        "tokens": dict,
        "rate_limit": int,
        "version": str,
    }
    _check(document, parts, "The document")
    for user in document.get("users", []):
        _add_user(state, user, now)
    for organization in document.get("organizations", []):
        _add_organization(state, organization, now)
    for repository in document.get("repositories", []):
        _add_repository(state, repository, now)
    for text, token in document.get("tokens", {}).items():
        _add_token(state, text, token)
    if "rate_limit" in document:
        state.rates.limit = document["rate_limit"]
    if "version" in document:
        if not _VERSION.fullmatch(document["version"]):
            raise invalid_argument("version is that of an enterprise server, such as 3.19.0.")
        state.version = document["version"]


def _add_user(state: GitHub, user: Any, now: datetime) -> None:
    _check(user, {"login": str, "id": int, "plan": str}, "A user", "login")
    account = _account(state, user, now)
    state.tokens[account.login] = Token(account.login)


def _add_organization(state: GitHub, organization: Any, now: datetime) -> None:
    kinds = {"login": str, "id": int, "plan": str, "owners": list, "members": list, "teams": list}
    _check(organization, kinds, "An organization", "login")
    account = _account(state, organization, now)
    account.organization = True
    account.owners = _logins(state, organization.get("owners", []))
    account.members = account.owners | _logins(state, organization.get("members", []))
    for team in organization.get("teams", []):
        _check(team, {"name": str, "id": int, "members": list}, "A team", "name")
        slug = re.sub(r"[^a-z0-9]+", "-", team["name"].lower()).strip("-")
        members = _logins(state, team.get("members", []))
        account.teams[slug] = Team(team.get("id") or state.new_id(), team["name"], slug, members)


def _account(state: GitHub, given: Mapping[str, Any], now: datetime) -> Account:
    login, plan = given["login"], given.get("plan", ENTERPRISE)
    if not _LOGIN.fullmatch(login) or plan not in PLANS:
        raise invalid_argument(f"A login has letters, digits and hyphens, and a plan is one of {', '.join(PLANS)}.")
    account = Account(given.get("id") or state.new_id(), login, now, plan=plan)
    state.accounts[login.lower()] = account
    for repository in state.repositories.values():
        if repository.owner.login.lower() == login.lower():
            repository.owner = account
    return account


def _add_repository(state: GitHub, given: Any, now: datetime) -> None:
    kinds = {"full_name": str, "id": int, "private": bool, "archived": bool, "default_branch": str, "files": dict,
             "tags": list, "collaborators": dict, "teams": dict, "apps": list,
             "former_names": list}  # fmt: skip
    _check(given, kinds, "A repository", "full_name")
    login, _slash, name = given["full_name"].partition("/")
    owner = state.account(login)
    if owner is None or not name:
        raise invalid_argument("A repository's full name is that of an account, a slash and its own.")
    repository = Repository(
        id=given.get("id") or state.new_id(),
        owner=owner,
        name=name,
        created=now,
        private=given.get("private", False),
        archived=given.get("archived", False),
        default_branch=given.get("default_branch", "main"),
        collaborators=_roles(given.get("collaborators", {})),
        teams=_roles(given.get("teams", {})),
        apps=_apps(state, given.get("apps", [])),
    )
    if not set(repository.teams) <= set(owner.teams):
        raise invalid_argument("A repository's teams are those of its owner, by their slugs.")
    files = {"README.md": f"# {name}\n", **given.get("files", {})}
    content = {path: str(text).encode() for path, text in files.items()}
    sha = repository.git.write(None, content, "Initial commit", Author(owner.login, "noreply@example.com"), now)
    repository.git.set(HEADS + repository.default_branch, sha)
    for tag in given.get("tags", []):
        repository.git.set(f"refs/tags/{tag}", sha)
    state.repositories[repository.full_name.lower()] = repository
    state.former |= {str(former).lower(): repository for former in given.get("former_names", [])}


def _add_token(state: GitHub, text: str, given: Any) -> None:
    _check(given, {"login": str, "scopes": list, "permissions": dict}, "A token", "login")
    account = state.account(given["login"])
    if account is None:
        raise invalid_argument("A token is an account's.")
    permissions = given.get("permissions")
    if permissions is not None and not set(permissions.values()) <= set(LEVELS):
        raise invalid_argument(f"A permission is one of {', '.join(LEVELS)}.")
    state.tokens[text] = Token(account.login, tuple(given.get("scopes", ALL_SCOPES)), permissions)


def _logins(state: GitHub, given: list[Any]) -> frozenset[str]:
    accounts = [state.account(str(login)) for login in given]
    if None in accounts:
        raise invalid_argument("Owners and members are users.")
    return frozenset(account.login for account in accounts if account)


def _roles(given: Mapping[str, Any]) -> dict[str, str]:
    if not set(given.values()) <= set(ROLES):
        raise invalid_argument(f"A role is one of {', '.join(ROLES)}.")
    return dict(given)


def _apps(state: GitHub, given: list[Any]) -> dict[int, App]:
    """The apps that are installed on a repository and have a rule for deployments."""
    apps = []
    for app in given:
        _check(app, {"slug": str, "id": int}, "An app", "slug")
        apps.append(App(app.get("id") or state.new_id(), app["slug"]))
    return {app.id: app for app in apps}


def _check(given: Any, kinds: Mapping[str, type], what: str, required: str = "") -> None:
    if not isinstance(given, dict) or (required and required not in given) or not set(given) <= set(kinds):
        raise invalid_argument(f"{what} may have {', '.join(kinds)}{f', and has {required}' if required else ''}.")
    for name, value in given.items():
        if not is_a(value, kinds[name]):
            raise invalid_argument(f"{name} is of the wrong type.")
