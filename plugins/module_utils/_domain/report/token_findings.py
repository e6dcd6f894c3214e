# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong or risky about how remote repositories log in, each with a remedy as tasks to paste. Pure."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ..._base.findings import HIGH, LOW, MEDIUM, Finding
from ..._base.values import read_time
from ..._base.yaml_text import Template, as_yaml
from ..gcp.names import VersionName
from ..gcp.secret_readers import AGENT, DELETED, DEPENDS, EVERYONE, GRANTED, OTHER, Reader
from .tokens import ENABLED, Read, Shown, Token

_COLLECTION = "pkgops.registry_auth"
_ACCESSOR = "roles/secretmanager.secretAccessor"
_BINDING = f"{_COLLECTION}.gcp_secret_iam_binding"
#: Who reads a secret and should not; of service agents those of other projects.
_READERS = (
    (EVERYONE, "public_secret", HIGH, "can be read by everybody", ""),
    (OTHER, "other_readers", MEDIUM, "can be read by others than Artifact Registry", "Leave out who needs it."),
    (DELETED, "dead_member", LOW, "still has grants for accounts that were deleted", ""),
    (
        AGENT,
        "other_agents",
        LOW,
        "can be read by service agents of other projects",
        "Leave out those whose repositories use the secret.",
    ),
)


def token_findings(tokens: t.Sequence[Token], now: datetime, max_age: timedelta) -> list[Finding]:
    """The findings of all repositories; what is about a secret that several use is told once."""
    found = [one for token in tokens for one in _of_repository(token, now, max_age)]
    of_secrets: dict[str, Token] = {}
    for token in tokens:
        if token.name:
            of_secrets.setdefault(str(token.name.secret), token)
    return found + [one for token in of_secrets.values() for one in _of_secret(token)]


def _of_repository(token: Token, now: datetime, max_age: timedelta) -> t.Iterator[Finding]:
    where = f"Remote repository {token.place}"
    if token.name is None:
        yield _finding(
            token,
            "no_credentials",
            LOW,
            f"{where} has no credentials: it reads its upstream as anybody could.",
            _point(token, "1"),
            "If the upstream wants a login, put the secret and the version that hold its token.",
        )
        return
    if token.secret is not None and token.version is None:
        says = f"{where} is pointed at {token.name}, which does not exist."
        yield _finding(token, "missing_version", HIGH, says, *_repoint(token))
    if token.version is not None:
        yield from _of_version(token, token.name, token.version, now, max_age)
    if token.agent and token.policy_known:
        yield from _of_agent(token, token.agent)


def _of_agent(token: Token, agent: str) -> t.Iterator[Finding]:
    ways = [one for one in token.readers if one.kind == EVERYONE or one.member.lower() == agent.lower()]
    task = {
        "name": "Let Artifact Registry read the token",
        _BINDING: {"secret": token.secret_name, "role": _ACCESSOR, "members": [agent]},
    }
    if not ways:
        says = (
            f"Nothing on secret {token.secret_name} lets {agent} read it, so remote repository {token.place} cannot log in, unless the "
            "project grants it."
        )
        yield _finding(token, "unreadable", HIGH, says, task)
    elif all(one.answer == DEPENDS for one in ways):
        reasons = "; and ".join(dict.fromkeys(one.reason for one in ways))
        says = (
            f"Whether {agent} may read secret {token.secret_name} depends {reasons}. If it may not, remote repository {token.place} cannot "
            "log in, unless the project grants it."
        )
        yield _finding(token, "perhaps_unreadable", MEDIUM, says, task)


def _of_version(
    token: Token, name: VersionName, version: Read, now: datetime, max_age: timedelta
) -> t.Iterator[Finding]:
    where, newest, made = f"Remote repository {token.place}", token.newest, version["create_time"]
    if not name.pinned:
        says = f"{where} is pointed at {name}: whoever adds a version changes how it logs in, unproved."
        yield _finding(token, "not_pinned", MEDIUM, says, *_repoint(token))
    if version["state"] != ENABLED:
        says = f"{where} is pointed at {name}, which is {version['state'].lower()}: it cannot log in."
        yield _finding(token, "version_not_enabled", HIGH, says, *_repoint(token))
        return
    if newest and newest["version"] > version["version"]:
        says = f"{where} uses version {version['version']} of {name.secret}, and version {newest['version']} is there."
        yield _finding(token, "not_newest", LOW, says, *_repoint(token))
    if made and now - read_time(made) > max_age:
        yield _finding(
            token,
            "old_token",
            MEDIUM,
            f"The token that remote repository {token.place} logs in with is of {made[:10]}: it is older than "
            f"{max_age.days} days.",
            _rotation(token),
            "Make a new token at the upstream first, and revoke the old one when packages come through.",
        )


def _of_secret(token: Token) -> t.Iterator[Finding]:
    for kind, code, severity, says, note in _READERS:
        found = [one for one in token.readers if one.kind == kind]
        if kind == AGENT:
            own = (token.agent or "").lower()
            found = [one for one in found if own and one.member.lower() != own]
        if found:
            where = f"Secret {token.secret_name}, which remote repository {token.place} logs in with,"
            yield _finding(token, code, severity, f"{where} {_whom(says, found)}.", _removal(token, found), note)


def _whom(says: str, found: t.Sequence[Reader]) -> str:
    """Who reads, and no more than the answers on them say."""
    certain = dict.fromkeys(one.member for one in found if one.answer == GRANTED or one.kind == DELETED)
    doubtful = {one.member: one for one in found if one.member not in certain}
    if not certain:
        reasons = "; and ".join(dict.fromkeys(one.reason for one in doubtful.values()))
        return f"{says.replace('can be', 'may be')}: {', '.join(doubtful)}. That depends {reasons}"
    perhaps = f", and perhaps {', '.join(doubtful)}" if doubtful else ""
    return f"{says}: {', '.join(certain)}{perhaps}"


# Remedies


def _finding(token: Token, code: str, severity: str, message: str, task: Shown, *notes: str) -> Finding:
    named = {"project": token.project, **{key: token.repository[key] for key in ("location", "repository")}}
    return Finding(
        code,
        f"remote repository {token.place}",
        message,
        "".join(f"# {note}\n" for note in notes if note) + as_yaml([task]),
        severity,
        {"scope": token.scope, **named},
    )


def _repoint(token: Token) -> tuple[Shown, str]:
    """The task that uses the newest version, with a note when there is none."""
    if token.newest:
        return _point(token, str(token.newest["version"])), ""
    note = "No version is enabled: make a new token at the upstream, and then run the workflow with it."
    return _rotation(token), note


def _point(token: Token, version: str) -> Shown:
    options = {"project": token.project, **_login(token), "version": version}
    return {
        "name": "Point the repository at a pinned version",
        f"{_COLLECTION}.gcp_remote_repository_credentials": options,
    }


def _login(token: Token) -> Shown:
    return {
        "location": token.repository["location"],
        "repository": token.repository["repository"],
        "username": token.repository["username"] or "__token__",
        "secret": token.secret_name,
    }


def _rotation(token: Token) -> Shown:
    """A rotation without an outage, by the roles that do it."""
    return {
        "name": "Store the new token and point the repository at it",
        "ansible.builtin.include_role": {"name": Template("{{ item }}")},
        "loop": [f"{_COLLECTION}.secret_version", f"{_COLLECTION}.remote_repository_credentials"],
        "vars": {
            "secret_version_secrets": [
                {"secret": token.secret_name, "payload": Template("{{ lookup('ansible.builtin.env', 'INDEX_TOKEN') }}")}
            ],
            "remote_repository_credentials_project": token.project,
            "remote_repository_credentials_repositories": [_login(token)],
        },
    }


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
    options = {"secret": token.secret_name, "state": "absent", "batch": entries}
    return {"name": "Take the secret away from who does not need it", _BINDING: options}
