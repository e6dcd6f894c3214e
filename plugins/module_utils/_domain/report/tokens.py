# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which secret versions remote repositories log in with, in the shape of the access report. Pure.

What was read goes in as the modules return it: C(gcp_remote_repository_info), C(gcp_service_agent), and C(gcp_secret_info) and
C(gcp_secret_iam_info) of all secrets that the repositories name.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ..gcp.names import VersionName, parse_version_name
from ..gcp.secret_readers import Reader, readers

Shown = dict[str, t.Any]
Read = t.Mapping[str, t.Any]

ENABLED = "ENABLED"


@dataclass(frozen=True)
class Token:
    """A remote repository and the secret version that it logs in with."""

    scope: str
    project: str
    repository: Read
    #: The service agent that reads the secret for it, None when that could not be told.
    agent: str | None
    #: None when it has no credentials.
    name: VersionName | None = None
    #: As C(gcp_secret_info) returns it, None when there is none, or when it could not be read.
    secret: Read | None = None
    readers: tuple[Reader, ...] = ()
    #: Why something about the secret could not be read.
    problems: tuple[str, ...] = ()
    #: Whether who can read it is known.
    policy_known: bool = False

    @property
    def place(self) -> str:
        """The repository, as people name it."""
        return f"{self.project}/{self.repository['location']}/{self.repository['repository']}"

    @property
    def secret_name(self) -> str:
        """The secret, or a word to put its name in place of."""
        return str(self.name.secret) if self.name else "SECRET"

    @property
    def versions(self) -> list[Read]:
        """Of the secret, the newest first."""
        return list(self.secret["versions"]) if self.secret else []

    @property
    def version(self) -> Read | None:
        """The version in use, whether it is named by its number, an alias or C(latest)."""
        if self.name is None or self.secret is None:
            return None
        number = self.secret["version_aliases"].get(self.name.version)
        if self.name.pinned:
            number = int(self.name.version)
        elif self.name.version == "latest":
            number = max((one["version"] for one in self.versions), default=None)
        return next((one for one in self.versions if one["version"] == number), None)

    @property
    def newest(self) -> Read | None:
        """The newest version that is enabled."""
        enabled = (one for one in self.versions if one["state"] == ENABLED)
        return max(enabled, key=lambda one: one["version"], default=None)


def tokens_of(scope: str, found: Read) -> list[Token]:
    """The remote repositories of a scope.

    :param found: C(project), and what was read as C(repositories), C(agent), C(secrets) and C(policies)
    """
    agent = found["agent"].get("service_agent", {}).get("member")
    secrets = {_named(one): one for one in found["secrets"].get("results") or ()}
    policies = {_named(one): one for one in found["policies"].get("results") or ()}
    return [
        _token(Token(scope, found["project"], repository, agent), secrets, policies)
        for repository in found["repositories"].get("remote_repositories") or ()
    ]


def _named(result: Read) -> str:
    return str(result["item"]["secret"])


def _token(bare: Token, secrets: t.Mapping[str, Read], policies: t.Mapping[str, Read]) -> Token:
    given = bare.repository["password_secret_version"]
    if not given:
        return bare
    name = parse_version_name(given)
    secret, policy = secrets.get(str(name.secret), {}), policies.get(str(name.secret), {})
    found = secret.get("secrets") or (None,)
    bindings = policy.get("secret_iam", {}).get("bindings")
    return replace(
        bare,
        name=name,
        secret=found[0],
        readers=tuple(readers(bindings or ())),
        problems=tuple(one["msg"] for one in (secret, policy) if one.get("failed")),
        policy_known=bindings is not None,
    )


def shown_token(token: Token) -> Shown:
    """A remote repository, the version that it uses, and who can read that."""
    repository, version, newest = token.repository, token.version, token.newest
    return {
        "scope": token.scope,
        "project": token.project,
        "location": repository["location"],
        "repository": repository["repository"],
        "format": repository["format"],
        "upstream": upstream_text(repository["upstream"] or {}),
        "username": repository["username"],
        "secret_version": str(token.name) if token.name else None,
        "secret": str(token.name.secret) if token.name else None,
        "version": version["version"] if version else None,
        "pinned": token.name.pinned if token.name else None,
        "state": version["state"] if version else None,
        "newest": (newest is not None and newest["version"] <= version["version"]) if version else None,
        "create_time": version["create_time"] if version else None,
        "readers": [
            {name: getattr(one, name) for name in ("member", "kind", "answer", "reason")} for one in token.readers
        ],
        "readers_known": token.policy_known,
        "problems": list(token.problems),
    }


def upstream_text(upstream: Read) -> str | None:
    """Where a remote repository fetches from, in words; None when that is not told."""
    preset = " ".join(filter(None, (upstream.get("preset"), upstream.get("path"))))
    return upstream.get("uri") or preset or None
