# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worlds of CodeArtifact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

import requests
from aws_clients import ACCOUNT, OWNER_KEY
from harness import Given

from campaign import snapshots
from campaign.invariants import Seen
from campaign.snapshots import Snapshot
from campaign.worlds import Case, Entry, World, always, one_or_batch

REGION = {"region": "eu-west-1"}
OTHERS = "111122223333"


def _statement(sid: str, account: str, action: str) -> dict[str, Any]:
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": f"codeartifact:{action}", "Resource": "*"}


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _bystander(given: Given) -> None:
    given.domain("bystander", "python")
    given.domain_policy("bystander", _document(_statement("Others", OTHERS, "GetAuthorizationToken")))


def domain(given: Given, random: Random) -> Case:
    """Domains that are new, or have tags of others."""
    _bystander(given)
    asked, entries = [], []
    for number in range(random.choice((1, 1, 2))):
        name = f"domain-{number}"
        tags = [("team", "build")]
        if random.random() < 0.5:
            given.domain(name)
            arn = f"arn:aws:codeartifact:eu-west-1:123456789012:domain/{name}"
            given.call(
                f"codeartifact/v1/tag?resourceArn={arn}",
                {"tags": [{"key": "others", "value": "stay"}]},
                "POST",
                OWNER_KEY,
            )
            tags = [("others", "stay"), ("team", "build")]
        asked.append({"domain": name, "tags": {"team": "build"}, "purge_tags": False})

        def met(snapshot: Snapshot, name: str = name, tags: tuple[tuple[str, str], ...] = tuple(tags)) -> bool:
            return bool(snapshot.get(f"domain/{name}") == list(tags))

        entries.append(Entry(name, met))
    options, batch = one_or_batch(random, asked)
    return Case(
        "codeartifact_domain", {**options, **REGION}, entries, snapshots.aws, ours=tuple(f"domain/{one.name}" for one in entries), batch=batch
    )  # fmt: skip


def repository(given: Given, random: Random) -> Case:
    """Repositories that are new, or have another description."""
    _bystander(given)
    given.domain("demo", "upstream", "there")
    asked, entries = [], []
    for name in random.sample(["there", "new-1", "new-2"], random.choice((1, 2, 3))):
        asked.append({"repository": name, "description": "Ours", "upstreams": ["upstream"], "tags": {"team": "build"}})

        def met(snapshot: Snapshot, name: str = name) -> bool:
            found, tags = snapshot.get(f"domain/demo/repository/{name}", ({}, []))
            upstreams = [one["repositoryName"] for one in found.get("upstreams", [])]
            return (found.get("description"), upstreams, tags) == ("Ours", ["upstream"], [("team", "build")])

        entries.append(Entry(name, met))
    options, batch = one_or_batch(random, asked)
    return Case(
        "codeartifact_repository", {**options, "domain": "demo", **REGION}, entries, snapshots.aws,
        ours=tuple(f"domain/demo/repository/{one.name}" for one in entries), batch=batch,
    )  # fmt: skip


_GRANT = {"name": "ours", "principals": ["444455556666"]}


def domain_policy(given: Given, random: Random) -> Case:
    """A grant of ours next to a statement of others', or without any."""
    _bystander(given)
    given.domain("demo")
    if random.random() < 0.6:
        given.domain_policy("demo", _document(_statement("Others", OTHERS, "GetAuthorizationToken")))
    return Case(
        "codeartifact_domain_policy",
        {"domain": "demo", "grants": [{**_GRANT, "access": ["login"]}], **REGION},
        [Entry("demo", partial(_granted, "domain/demo", "GetAuthorizationToken"))],
        snapshots.aws,
        ours=("domain/demo/statement/Ours",),
    )


def _granted(place: str, action: str, snapshot: Snapshot) -> bool:
    found = [value for key, value in snapshot.items() if key.startswith(f"{place}/statement/Ours")]
    return any("444455556666" in json.dumps(one["Principal"]) and action in json.dumps(one["Action"]) for one in found)


def repository_policy(given: Given, random: Random) -> Case:
    """As for domains, for several repositories; or a whole policy in place of another."""
    _bystander(given)
    names = [f"python-{number}" for number in range(random.choice((1, 1, 3)))]
    given.domain("demo", *names)
    for name in names:
        if random.random() < 0.6:
            given.repository_policy("demo", name, _document(_statement("Others", OTHERS, "ReadFromRepository")))
    options, batch = one_or_batch(random, [{"repository": name} for name in names])
    whole = random.random() < 0.3
    asked: dict[str, Any] = {"grants": [{**_GRANT, "access": ["read"]}]}
    if whole:
        asked = {"policy": _document(_statement("Ours", "444455556666", "ReadFromRepository"))}
    return Case(
        "codeartifact_repository_policy",
        {**options, "domain": "demo", **asked, **REGION},
        [Entry(name, partial(_granted, f"domain/demo/repository/{name}", "ReadFromRepository")) for name in names],
        snapshots.aws,
        ours=tuple(f"domain/demo/repository/{name}/statement/{'' if whole else 'Ours'}" for name in names),
        batch=batch,
    )


def package_group(given: Given, random: Random) -> Case:
    """Groups of packages, of which no new versions are published."""
    _bystander(given)
    given.domain("demo", "python")
    patterns = random.sample(["/npm/*", "/pypi//acme~", "/npm/acme/*"], random.choice((1, 2)))
    options, batch = one_or_batch(random, [{"pattern": pattern} for pattern in patterns])

    def met(pattern: str, snapshot: Snapshot) -> bool:
        found = snapshot.get(f"domain/demo/group/{pattern}")
        restrictions = (found[0].get("originConfiguration") or {}).get("restrictions", {}) if found else {}
        return bool(restrictions.get("PUBLISH", {}).get("mode") == "BLOCK")

    return Case(
        "codeartifact_package_group",
        {**options, "domain": "demo", "publish": "BLOCK", **REGION},
        [Entry(pattern, partial(met, pattern)) for pattern in patterns],
        snapshots.aws,
        # Those below one inherit from it, as far as they have nothing of their own.
        ours=tuple(f"domain/demo/group/{pattern}" for pattern in ("/npm/", *patterns)),
        batch=batch,
    )


def package_origin(given: Given, _random: Random) -> Case:
    """A package that is published, and is not to be taken from elsewhere."""
    _bystander(given)
    given.domain("demo", "python")
    given.package("demo", "python", "acme-tool")
    wanted = {"publish": "BLOCK", "upstream": "BLOCK"}

    def met(snapshot: Snapshot) -> bool:
        found = snapshot.get("domain/demo/repository/python/package/pypi/acme-tool") or {}
        return bool(found.get("restrictions") == wanted)

    return Case(
        "codeartifact_package_origin",
        {"domain": "demo", "repository": "python", "format": "pypi", "package": "acme-tool", **wanted, **REGION},
        [Entry("acme-tool", met)],
        snapshots.aws,
        ours=("domain/demo/repository/python/package/",),
    )


def auth_workflow(given: Given, random: Random) -> Case:
    """Domains that are to let another account in, some of them new."""
    _bystander(given)
    asked, entries = [], []
    for number in range(random.choice((1, 1, 2))):
        name, there = f"scope-{number}", random.random() < 0.7
        if there:
            given.domain(name, "python")
            given.domain_policy(name, _document(_statement("Others", OTHERS, "GetAuthorizationToken")))
        place = f"domain/{name}"
        asked.append(
            {
                "name": name,
                "domain": name,
                "create_missing": not there,
                "domain_grants": [{**_GRANT, "access": ["login"]}],
                "repositories": [{"repository": "python", "grants": [{**_GRANT, "access": ["read"]}]}],
            }
        )

        def met(snapshot: Snapshot, place: str = place) -> bool:
            return _granted(place, "GetAuthorizationToken", snapshot) and _granted(
                f"{place}/repository/python", "ReadFromRepository", snapshot
            )

        entries.append(Entry(name, met))
    return Case(
        "codeartifact_auth_workflow",
        {"scopes": asked, **REGION},
        entries,
        snapshots.aws,
        # Of a domain that is there, nothing but statements; others are ours as a whole.
        ours=tuple(
            f"domain/{one['name']}" if one["create_missing"] else f"domain/{one['name']}{place}/statement/Ours"
            for one in asked
            for place in ("", "/repository/python")
        ),
    )


def token(given: Given, random: Random) -> Case:
    """Tokens that are new, that are still good, and that end soon."""
    names = [f"domain-{number}" for number in range(random.choice((1, 1, 2)))]
    for name in names:
        given.domain(name, "python")
        given.package(name, "python", "acme-tool")
    kept = {"authorization_token": f"canary-{random.getrandbits(80):020x}"}
    kept["expiration"] = random.choice(("2100-01-01T00:00:00Z", "2020-01-01T00:00:00Z"))
    before: dict[str, str] = random.choice(({}, kept))
    anew = before.get("expiration", "") < "2100"
    options, batch = one_or_batch(random, [{"domain": name} for name in names])

    def logs_in(seen: Seen) -> Iterator[str]:
        for name, one in zip(names, seen.result.get("results", [seen.result]), strict=False):
            if one.get("failed"):
                continue
            if not anew:
                if one["authorization_token"] != kept["authorization_token"]:
                    yield f"the token of {name} is good, and it returns another one"
                continue
            place = f"{given._cloud.url}/codeartifact.d/{name}-{ACCOUNT}/eu-west-1/pypi/python/simple/acme-tool/"
            answer = requests.get(place, auth=(one["username"], one["authorization_token"]), timeout=10)
            if answer.status_code != 200:
                yield f"with the token that it returns for {name}, a package is answered with {answer.status_code}"

    return Case(
        "codeartifact_token",
        {**options, **before, "duration": random.choice(("1h", "12h")), **REGION},
        [Entry(name, always) for name in names],
        snapshots.aws,
        batch=batch,
        reads_only=not anew,
        calls=anew,
        extra={"anew": anew, "also": (logs_in,)},
    )


def readers(given: Given, random: Random) -> Case:
    """Modules that only read."""
    given.domain("demo", "python")
    given.domain_policy("demo", _document(_statement("Others", OTHERS, "GetAuthorizationToken")))
    module, options = random.choice(
        [
            ("codeartifact_domain_info", {"domain": "demo"}),
            ("codeartifact_repository_info", {"domain": "demo"}),
            ("codeartifact_domain_policy_info", {"domain": "demo"}),
            ("codeartifact_repository_policy_info", {"domain": "demo", "repository": "python"}),
            ("codeartifact_package_group_info", {"domain": "demo", "pattern": "/*", "retained": True}),
            (
                "codeartifact_access_info",
                {"domain": "demo", "callers": [{"arn": f"arn:aws:iam::{OTHERS}:role/release"}]},
            ),
        ]
    )
    return Case(module, {**options, **REGION}, [Entry("demo", always)], snapshots.aws, reads_only=True)


WORLDS: dict[str, World] = {
    "domain": domain,
    "aws_repository": repository,
    "domain_policy": domain_policy,
    "repository_policy": repository_policy,
    "package_group": package_group,
    "package_origin": package_origin,
    "codeartifact_token": token,
    "codeartifact_workflow": auth_workflow,
    "aws_readers": readers,
}
