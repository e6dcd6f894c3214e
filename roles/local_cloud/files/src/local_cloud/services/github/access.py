# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what with a repository: the holder's role there, and what the token lets the holder do.

Sources: GitHub's documentation of each method ("Permissions required"), and the statuses that its users report: what one
may not see does not exist, and a classic token without a scope is told 404 where a fine-grained one is told 403.
"""

from __future__ import annotations

from dataclasses import dataclass

from local_cloud.services.github.errors import GitHubError, not_found
from local_cloud.services.github.store import GitHub, Repository
from local_cloud.services.github.tokens import ROLES, Caller

_SCHEMES = ("bearer", "token")


@dataclass(frozen=True)
class Need:
    """A permission of fine-grained tokens, and the role that its holder needs."""

    permission: str
    level: str
    role: str


SEE = Need("metadata", "read", "read")
READ_CONTENTS = Need("contents", "read", "read")
WRITE_CONTENTS = Need("contents", "write", "write")
WRITE_WORKFLOWS = Need("workflows", "write", "write")
READ_ACTIONS = Need("actions", "read", "read")
LIST_APPS = Need("administration", "read", "admin")
ADMINISTER = Need("administration", "write", "admin")
READ_PULLS = Need("pull_requests", "read", "read")
WRITE_PULLS = Need("pull_requests", "write", "read")
READ_SECRETS = Need("secrets", "read", "write")
WRITE_SECRETS = Need("secrets", "write", "write")
READ_ENVIRONMENT_SECRETS = Need("environments", "read", "write")
WRITE_ENVIRONMENT_SECRETS = Need("environments", "write", "write")


def caller_of(state: GitHub, authorization: str | None) -> Caller:
    """Raises GitHubError for a token of nobody."""
    if not authorization:
        return Caller()
    scheme, _space, credential = authorization.partition(" ")
    credential = credential.strip()
    token = state.tokens.get(credential)
    if scheme.lower() not in _SCHEMES or token is None:
        raise GitHubError(401, "Bad credentials")
    return Caller(token)


def role_of(state: GitHub, caller: Caller, repository: Repository) -> str:
    """The highest role that anything gives the caller."""
    roles = ["none" if repository.private else "read"]
    if caller.token is not None:
        login, owner = caller.token.login, repository.owner
        if login == owner.login or login in owner.owners:
            roles.append("admin")
        if login in owner.members:
            roles.append("read")
        roles.append(repository.collaborators.get(login, "none"))
        roles += [role for slug, role in repository.teams.items() if login in owner.teams[slug].members]
    return max(roles, key=ROLES.index)


def check(state: GitHub, caller: Caller, repository: Repository, need: Need) -> None:
    """Raises GitHubError unless the caller may do what has this need."""
    role = role_of(state, caller, repository)
    public_read = not repository.private and need.level == need.role == "read"
    if public_read:
        return
    if caller.token is None:
        raise not_found() if repository.private else GitHubError(401, "Requires authentication")
    if role == "none" or (repository.private and not caller.token.permits("metadata", "read")):
        raise not_found()
    if ROLES.index(role) < ROLES.index(need.role):
        raise GitHubError(403, "Must have admin rights to Repository.") if need.role == "admin" else not_found()
    if not caller.token.permits(need.permission, need.level):
        raise _refused(caller, need)
    if repository.archived and need.level == "write":
        raise GitHubError(403, "Repository was archived so is read-only.")


def _refused(caller: Caller, need: Need) -> GitHubError:
    if caller.token is not None and caller.token.fine_grained:
        accepted = {"X-Accepted-GitHub-Permissions": f"{need.permission}={need.level}"}
        return GitHubError(403, "Resource not accessible by personal access token", headers=accepted)
    return not_found()
