# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong or risky about how remote repositories log in, each with a remedy as tasks to paste. Pure."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ..._base.findings import HIGH, LOW, MEDIUM, Finding
from ..._base.values import read_time
from ..._base.yaml_text import Template, as_yaml
from ..gcp.secret_readers import AGENT, DELETED, EVERYONE, OTHER, Reader
from .tokens import ENABLED, Token

Shown = dict[str, t.Any]

_COLLECTION = "pkgops.registry_auth"
_ACCESSOR = "roles/secretmanager.secretAccessor"


def token_findings(tokens: t.Sequence[Token], now: datetime, max_age: timedelta) -> list[Finding]:
    """The findings of all repositories; what is about a secret that several use is told once."""
    found = [one for token in tokens for one in _of_repository(token, now, max_age)]
    of_secrets: dict[str, Token] = {}
    for token in tokens:
        if token.name:
            of_secrets.setdefault(str(token.name.secret), token)
    return found + [one for token in of_secrets.values() for one in _of_secret(token)]


def _of_repository(token: Token, now: datetime, max_age: timedelta) -> t.Iterator[Finding]:
    if token.name is None:
        yield _finding(
            token,
            "no_credentials",
            LOW,
            f"Remote repository {token.place} has no credentials: it reads its upstream as anybody could.",
            _point(token, "SECRET", "1"),
            "If the upstream wants a login, put the secret and the version that hold its token.",
        )
        return
    if token.secret is not None and token.version is None:
        yield _finding(
            token,
            "missing_version",
            HIGH,
            f"Remote repository {token.place} is pointed at {token.name}, which does not exist.",
            *_repoint(token),
        )
    yield from _of_version(token, now, max_age)
    if token.agent and token.policy_known and not _readable(token):
        yield _finding(
            token,
            "unreadable",
            HIGH,
            f"Nothing on secret {token.name.secret} lets {token.agent} read it, so remote repository {token.place} "
            "cannot log in, unless the project grants it.",
            _binding(token, "Let Artifact Registry read the token", _ACCESSOR, [token.agent]),
        )


def _readable(token: Token) -> bool:
    agent = (token.agent or "").lower()
    return any(one.kind == EVERYONE or one.member.lower() == agent for one in token.readers)


def _of_version(token: Token, now: datetime, max_age: timedelta) -> t.Iterator[Finding]:
    name, version, newest = token.name, token.version, token.newest
    if name is None or version is None:
        return
    if not name.pinned:
        yield _finding(
            token,
            "not_pinned",
            MEDIUM,
            f"Remote repository {token.place} is pointed at {name}: whoever adds a version changes how it logs in, unproved.",
            *_repoint(token),
        )
    if version["state"] != ENABLED:
        yield _finding(
            token,
            "version_not_enabled",
            HIGH,
            f"Remote repository {token.place} is pointed at {name}, which is {version['state'].lower()}: it cannot log in.",
            *_repoint(token),
        )
    elif newest and newest["version"] > version["version"]:
        yield _finding(
            token,
            "not_newest",
            LOW,
            f"Remote repository {token.place} uses version {version['version']} of {name.secret}, and version "
            f"{newest['version']} is there.",
            *_repoint(token),
        )
    if version["create_time"] and version["state"] == ENABLED and now - read_time(version["create_time"]) > max_age:
        yield _finding(
            token,
            "old_token",
            MEDIUM,
            f"The token that remote repository {token.place} logs in with is of {version['create_time'][:10]}: it is older than "
            f"{max_age.days} days.",
            _rotation(token),
            "Make a new token at the upstream first, and revoke the old one when packages come through.",
        )


def _of_secret(token: Token) -> t.Iterator[Finding]:
    name = token.name
    by_kind: dict[str, list[Reader]] = {}
    for one in token.readers:
        by_kind.setdefault(one.kind, []).append(one)
    for kind, code, severity, says, note in (
        (EVERYONE, "public_secret", HIGH, "can be read by everybody", ""),
        (OTHER, "other_readers", MEDIUM, "can be read by others than Artifact Registry", "Leave out who needs it."),
        (DELETED, "dead_member", LOW, "still has grants for accounts that were deleted", ""),
    ):
        found = by_kind.get(kind, [])
        if found and name:
            members = ", ".join(dict.fromkeys(one.member for one in found))
            yield _finding(
                token,
                code,
                severity,
                f"Secret {name.secret}, which remote repository {token.place} logs in with, {says}: {members}.",
                _removal(token, found),
                note,
            )
    foreign = [one for one in by_kind.get(AGENT, []) if token.agent and one.member.lower() != token.agent.lower()]
    if foreign and name:
        members = ", ".join(dict.fromkeys(one.member for one in foreign))
        yield _finding(
            token,
            "other_agents",
            LOW,
            f"Secret {name.secret}, which remote repository {token.place} logs in with, can be read by service agents of other "
            f"projects: {members}.",
            _removal(token, foreign),
            "Leave out those whose repositories use the secret.",
        )


# Remedies


def _finding(token: Token, code: str, severity: str, message: str, task: Shown, *notes: str) -> Finding:
    return Finding(
        code,
        f"remote repository {token.place}",
        message,
        "".join(f"# {note}\n" for note in notes if note) + as_yaml([task]),
        severity,
        {
            "scope": token.scope,
            "project": token.project,
            "location": token.repository["location"],
            "repository": token.repository["repository"],
        },
    )


def _repoint(token: Token) -> tuple[Shown, str]:
    """The task that uses the newest version, with a note when there is none."""
    secret = str(token.name.secret) if token.name else "SECRET"
    if token.newest:
        return _point(token, secret, str(token.newest["version"])), ""
    note = "No version is enabled: make a new token at the upstream, and then run the workflow with it."
    return _rotation(token), note


def _point(token: Token, secret: str, version: str) -> Shown:
    options = {
        "project": token.project,
        "location": token.repository["location"],
        "repository": token.repository["repository"],
        "username": token.repository["username"] or "__token__",
        "secret": secret,
        "version": version,
    }
    return {
        "name": "Point the repository at a pinned version",
        f"{_COLLECTION}.gcp_remote_repository_credentials": options,
    }


def _rotation(token: Token) -> Shown:
    """A rotation without an outage, by the roles that do it."""
    entry = {
        "repository": token.repository["repository"],
        "location": token.repository["location"],
        "username": token.repository["username"] or "__token__",
        "secret": str(token.name.secret) if token.name else "SECRET",
    }
    return {
        "name": "Store the new token and point the repository at it",
        "ansible.builtin.include_role": {"name": Template("{{ item }}")},
        "loop": [f"{_COLLECTION}.secret_version", f"{_COLLECTION}.remote_repository_credentials"],
        "vars": {
            "secret_version_secrets": [
                {"secret": entry["secret"], "payload": Template("{{ lookup('ansible.builtin.env', 'INDEX_TOKEN') }}")}
            ],
            "remote_repository_credentials_project": token.project,
            "remote_repository_credentials_repositories": [entry],
        },
    }


def _binding(token: Token, name: str, role: str, members: list[str]) -> Shown:
    secret = str(token.name.secret) if token.name else "SECRET"
    return {"name": name, f"{_COLLECTION}.gcp_secret_iam_binding": {"secret": secret, "role": role, "members": members}}


def _removal(token: Token, found: t.Sequence[Reader]) -> Shown:
    """The task that takes all roles by which they read away from members."""
    entries: list[Shown] = []
    for one in found:
        entry: Shown = {"role": one.role}
        if one.condition:
            entry["condition"] = {name: text for name, text in one.condition.items() if text}
        same = next((each for each in entries if {**each, "members": None} == {**entry, "members": None}), None)
        if same is None:
            entries.append({**entry, "members": [one.member]})
        else:
            same["members"].append(one.member)
    secret = str(token.name.secret) if token.name else "SECRET"
    options = {"secret": secret, "state": "absent", "batch": entries}
    return {"name": "Take the secret away from who does not need it", f"{_COLLECTION}.gcp_secret_iam_binding": options}
