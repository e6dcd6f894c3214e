# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worlds of Google's services."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any

import requests
from cloud_fixtures import NUMBER, PROJECT
from harness import Given

from campaign import snapshots
from campaign.invariants import Seen
from campaign.snapshots import Snapshot
from campaign.worlds import Case, Entry, World, always, one_or_batch

PLACE = {"location": "us-central1"}
ACCESSOR = "roles/secretmanager.secretAccessor"
READER = "roles/artifactregistry.reader"
PEOPLE = [f"user:{name}@example.com" for name in ("ada", "bob", "cleo")]


def payload(random: Random) -> str:
    """A secret of one of many shapes, with characters that each way of quoting changes."""
    number = f"{random.getrandbits(80):020x}"
    shapes = ('canary {} "q\\ +/é% end', "{}", "canary\n{}\nend", "{}%41'&<x>", "pypi-{}==", "{{{{ {} }}}}", " {}\t")
    return random.choice(shapes).format(number) * random.choice((1, 1, 1, 40))


def _bystander(given: Given) -> None:
    """What nobody names."""
    given.secret("bystander", "payload of others")
    given.policy("bystander", {"role": ACCESSOR, "members": ["user:others@example.com"]})


def _newest(name: str, wanted: str, snapshot: Snapshot) -> bool:
    versions = {
        int(key.rpartition("/")[2]): value
        for key, value in snapshot.items()
        if key.startswith(f"secret/{name}/version/")
    }
    enabled = [number for number, (state, _data) in versions.items() if state == "ENABLED"]
    return bool(enabled) and versions[max(enabled)][1] == wanted


def secret_version(given: Given, random: Random) -> Case:
    """Payloads that are new, that are there, and that were there before a newer one."""
    _bystander(given)
    compare = random.choice(("payload", "payload", "both", "fingerprint"))
    names = [f"secret-{number}" for number in range(random.choice((1, 1, 2, 5)))]
    asked = []
    for name in names:
        wanted = payload(random)
        earlier = random.choice(([], ["old"], [wanted], [wanted, "newer"])) if compare != "fingerprint" else []
        given.secret(name, *earlier)
        asked.append((name, wanted))
    options, batch = one_or_batch(random, [{"secret": name, "payload": wanted} for name, wanted in asked])
    return Case(
        "gcp_secret_version",
        {**options, "compare": compare},
        [Entry(name, partial(_newest, name, wanted)) for name, wanted in asked],
        snapshots.google,
        # Fingerprints are kept with the secret.
        ours=tuple(f"secret/{name}/version/" for name in names)
        + (() if compare == "payload" else tuple(f"secret/{name}" for name in names)),
        secrets=tuple(wanted for _name, wanted in asked),
        batch=batch,
        extra={"given_up": ()},
    )


def version_state(given: Given, random: Random) -> Case:
    """A version that is to be disabled or enabled."""
    _bystander(given)
    given.secret("token", "one", "two", "three")
    state = random.choice(("disabled", "enabled", "destroyed"))
    number = random.choice((1, 2))
    if random.random() < 0.3 and state != "destroyed":
        given.call(f"{snapshots.SECRETS}/token/versions/{number}:disable", {})

    def met(snapshot: Snapshot) -> bool:
        return bool(snapshot[f"secret/token/version/{number}"][0] == state.upper())

    return Case(
        "gcp_secret_version", {"secret": "token", "version": number, "state": state}, [Entry("token", met)], snapshots.google,
        ours=(f"secret/token/version/{number}",),
    )  # fmt: skip


def secret(given: Given, random: Random) -> Case:
    """Secrets that are new, that have labels of others, and that are to go."""
    _bystander(given)
    entries, asked = [], []
    for number in range(random.choice((1, 1, 3))):
        name, absent = f"secret-{number}", random.random() < 0.25
        if random.random() < 0.5:
            given.secret(name)
            given.call(f"{snapshots.SECRETS}/{name}?updateMask=labels", {"labels": {"others": "stay"}}, "PATCH")
            labels = {"others": "stay", "team": "build"}
        else:
            labels = {"team": "build"}
        asked.append({"secret": name, "state": "absent"} if absent else {"secret": name, "labels": {"team": "build"}})

        def met(
            snapshot: Snapshot,
            name: str = name,
            labels: tuple[tuple[str, str], ...] = tuple(labels.items()),
            absent: bool = absent,
        ) -> bool:
            found = snapshot.get(f"secret/{name}")
            return found is None if absent else found is not None and found.get("labels") == dict(labels)

        entries.append(Entry(name, met))
    options, batch = one_or_batch(random, asked)
    return Case(
        "gcp_secret",
        options,
        entries,
        snapshots.google,
        ours=tuple(f"secret/{one.name}" for one in entries),
        batch=batch,
    )


def _members(prefix: str, role: str, snapshot: Snapshot) -> set[str]:
    start = f"{prefix}/binding/{role}//"
    return {key.removeprefix(start) for key in snapshot if key.startswith(start)}


def _granted(prefix: str, role: str, members: set[str], state: str, snapshot: Snapshot) -> bool:
    found = _members(prefix, role, snapshot)
    return not members & found if state == "absent" else found == members if state == "exclusive" else members <= found


def _bindings(module: str, kind: str, role: str, given: Given, random: Random) -> Case:
    _bystander(given)
    asked, entries, ours = [], [], []
    for number in range(random.choice((1, 1, 3))):
        name = f"thing-{number}"
        if kind == "secret":
            given.secret(name)
            path = f"{snapshots.SECRETS}/{name}"
        else:
            given.repository(name, mode="STANDARD_REPOSITORY")
            path = f"{snapshots.REPOSITORIES}/{name}"
        others = {"role": "roles/viewer", "members": ["user:others@example.com"]}
        there = {"role": role, "members": random.sample(PEOPLE, random.choice((1, 2)))}
        given.call(f"{path}:setIamPolicy", {"policy": {"version": 3, "bindings": [others, there]}})
        members = set(random.sample(PEOPLE, random.choice((1, 2))))
        state = random.choice(("present", "absent", "exclusive"))
        one: dict[str, Any] = {kind: name, "role": role, "members": sorted(members)}
        one |= {"state": "absent"} if state == "absent" else {"exclusive": True} if state == "exclusive" else {}
        asked.append(one | ({} if kind == "secret" else PLACE))
        entries.append(Entry(name, partial(_granted, f"{kind}/{name}", role, members, state)))
        ours.append(f"{kind}/{name}/binding/{role}//")
    options, batch = one_or_batch(random, asked)
    return Case(module, options, entries, snapshots.google, ours=tuple(ours), batch=batch)


def secret_binding(given: Given, random: Random) -> Case:
    """Members of a role on secrets, with others there."""
    return _bindings("gcp_secret_iam_binding", "secret", ACCESSOR, given, random)


def repository_binding(given: Given, random: Random) -> Case:
    """Members of a role on repositories, with others there."""
    return _bindings("gcp_repository_iam_binding", "repository", READER, given, random)


def retention(given: Given, random: Random) -> Case:
    """Old versions, of which one is in use."""
    _bystander(given)
    payloads = [f"payload {number}" for number in range(1, 7)]
    given._cloud.set_upstream_tokens(*payloads)
    given.readable_secret("token", *payloads)
    pinned = random.choice((1, 2, 3))
    given.repository("mirror", secret="token")
    in_use = [f"projects/{NUMBER}/secrets/token/versions/{pinned}", f"projects/{NUMBER}/secrets/token/versions/1"]
    keep, action = random.choice((1, 2, 3)), random.choice(("disable", "destroy"))
    left = {*range(7 - keep, 7), pinned, 1}
    wanted = {"disable": "DISABLED", "destroy": "DESTROYED"}[action]

    def met(snapshot: Snapshot) -> bool:
        states = {number: snapshot[f"secret/token/version/{number}"][0] for number in range(1, 7)}
        return states == {number: "ENABLED" if number in left else wanted for number in range(1, 7)}

    return Case(
        "gcp_secret_retention",
        {"secret": "token", "keep": keep, "action": action, "in_use": in_use},
        [Entry("token", met)],
        snapshots.google,
        ours=tuple(f"secret/token/version/{number}" for number in range(1, 7) if number not in left),
        in_use=tuple(f"secret/token/version/{number}" for number in sorted({pinned, 1})),
    )


def remote_repository(given: Given, random: Random) -> Case:
    """Remote repositories that are new, or have another description."""
    _bystander(given)
    given.repository("bystander")
    return _repositories("gcp_remote_repository", given, random, remote=True)


def repository(given: Given, random: Random) -> Case:
    """Standard repositories, with labels of others."""
    given.repository("bystander")
    return _repositories("gcp_repository", given, random, remote=False)


def _repositories(module: str, given: Given, random: Random, *, remote: bool) -> Case:
    asked, entries = [], []
    for number in range(random.choice((1, 1, 3))):
        name = f"packages-{number}"
        if random.random() < 0.5:
            given.repository(name, mode="REMOTE_REPOSITORY" if remote else "STANDARD_REPOSITORY")
            given.call(f"{snapshots.REPOSITORIES}/{name}?updateMask=labels", {"labels": {"others": "stay"}}, "PATCH")
            others = {"others": "stay"}
        else:
            others = {}
        more: dict[str, Any] = (
            {"upstream": {"uri": "https://index.example.com/"}} if remote else {"mode": "STANDARD_REPOSITORY"}
        )
        asked.append(
            {
                "repository": name,
                "description": "Ours",
                "format": "PYTHON",
                "labels": {"team": "build"},
                **more,
                **PLACE,
            }
        )

        def met(
            snapshot: Snapshot, name: str = name, others: tuple[tuple[str, str], ...] = tuple(others.items())
        ) -> bool:
            found = snapshot.get(f"repository/{name}", {})
            return found.get("description") == "Ours" and found.get("labels") == {**dict(others), "team": "build"}

        entries.append(Entry(name, met))
    options, batch = one_or_batch(random, asked)
    return Case(
        module, options, entries, snapshots.google, ours=tuple(f"repository/{one.name}" for one in entries), batch=batch
    )


def credentials(given: Given, random: Random) -> Case:
    """Repositories that are to log in with a version of a secret."""
    _bystander(given)
    given._cloud.set_upstream_tokens("one", "two")
    given.readable_secret("token", "one", "two")
    version = f"projects/{NUMBER}/secrets/token/versions/2"
    names = [f"mirror-{number}" for number in range(random.choice((1, 1, 3)))]
    for name in names:
        given.repository(name, secret=random.choice((None, "token")))
    options, batch = one_or_batch(random, [{"repository": name, "username": "__token__", **PLACE} for name in names])

    def met(name: str, snapshot: Snapshot) -> bool:
        login = snapshot[f"repository/{name}"]["remoteRepositoryConfig"].get("upstreamCredentials", {})
        return bool(login.get("usernamePasswordCredentials", {}).get("passwordSecretVersion") == version)

    return Case(
        "gcp_remote_repository_credentials",
        {**options, "password_secret_version": version},
        [Entry(name, partial(met, name)) for name in names],
        snapshots.google,
        ours=tuple(f"repository/{name}" for name in names),
        batch=batch,
    )


def service_agent(given: Given, _random: Random) -> Case:
    """The service agent of Artifact Registry."""
    _bystander(given)
    return Case("gcp_service_agent", {}, [Entry(PROJECT, always)], snapshots.google, extra={"unseen": True})


def readers(given: Given, random: Random) -> Case:
    """Modules that only read."""
    _bystander(given)
    given._cloud.set_upstream_tokens("one")
    given.readable_secret("token", "one")
    given.repository("mirror", secret="token")
    module, options = random.choice(
        [
            ("gcp_secret_info", {}),
            ("gcp_secret_info", {"secret": "token"}),
            ("gcp_secret_iam_info", {"secret": "token"}),
            ("gcp_remote_repository_info", {**PLACE}),
            ("gcp_remote_repository_info", {"repository": "mirror", **PLACE}),
            ("gcp_repository_info", {**PLACE}),
            ("gcp_repository_iam_info", {"repository": "mirror", **PLACE}),
            ("gcp_repository_access_info", {**PLACE}),
        ]
    )
    return Case(module, options, [Entry(PROJECT, always)], snapshots.google, reads_only=True)


ROBOTS = [f"{name}@{PROJECT}.iam.gserviceaccount.com" for name in ("robot", "other-robot")]


def access_token(given: Given, random: Random) -> Case:
    """Tokens of service accounts that may read packages: new, still good, or near their end."""
    given.repository("packages", mode="STANDARD_REPOSITORY")
    reader = {"role": READER, "members": [f"serviceAccount:{robot}" for robot in ROBOTS]}
    given.call(f"{snapshots.REPOSITORIES}/packages:setIamPolicy", {"policy": {"version": 3, "bindings": [reader]}})
    kept = {"token": f"ya29.canary-{random.getrandbits(80):020x}"}
    kept["expires_at"] = random.choice(("2100-01-01T00:00:00Z", "2020-01-01T00:00:00Z"))
    before: dict[str, str] = random.choice(({}, kept))
    anew = before.get("expires_at", "") < "2100"
    robots = ROBOTS[: random.choice((1, 1, 2))]
    options, batch = one_or_batch(random, [{"impersonate_service_account": [robot]} for robot in robots])

    def logs_in(seen: Seen) -> Iterator[str]:
        for one in seen.result.get("results", [seen.result]):
            if one.get("failed"):
                continue
            if not anew:
                if one["token"] != kept["token"]:
                    yield "the token is good, and it returns another one"
                continue
            place = f"{given._cloud.index_host()}/{PROJECT}/packages/simple/"
            status = requests.get(place, auth=(one["username"], one["token"]), timeout=10).status_code
            if status in (401, 403):
                yield f"with the token that it returns, a repository is answered with {status}"

    return Case(
        "gcp_access_token",
        {**options, **before, "lifetime": random.choice(("30m", "1h"))},
        [Entry(robot, always) for robot in robots],
        snapshots.google,
        batch=batch,
        reads_only=not anew,
        calls=anew,
        extra={"anew": anew, "also": (logs_in,)},
    )


def workflow(given: Given, random: Random) -> Case:
    """A token on its way to repositories, for the first time or to replace another one."""
    _bystander(given)
    given.agent()
    names = [f"mirror-{number}" for number in range(random.choice((1, 2)))]
    token = payload(random)
    given._cloud.set_upstream_tokens(token, "earlier")
    rotates = random.random() < 0.5
    for name in names:
        if rotates:
            given.readable_secret(f"token-{name}", "earlier")
        given.repository(name, secret=f"token-{name}" if rotates else None)
    asked = [{"repository": name, "secret": f"token-{name}", "token": token, **PLACE} for name in names]

    def met(snapshot: Snapshot) -> bool:
        return all(_newest(f"token-{name}", token, snapshot) and _logs_in(name, token, snapshot) for name in names)

    return Case(
        "gcp_auth_workflow",
        {"scopes": [{"name": "scope", "project": PROJECT, "repositories": asked}]},
        [Entry("scope", met)],
        snapshots.google,
        ours=tuple(f"repository/{name}" for name in names) + tuple(f"secret/token-{name}" for name in names),
        secrets=(token,),
        extra={"given_up": tuple(f"secret/token-{name}/version/1" for name in names)},
    )


def _logs_in(name: str, token: str, snapshot: Snapshot) -> bool:
    login = snapshot[f"repository/{name}"]["remoteRepositoryConfig"].get("upstreamCredentials", {})
    version = login.get("usernamePasswordCredentials", {}).get("passwordSecretVersion", "")
    parts = version.split("/")
    return len(parts) == 6 and snapshot.get(f"secret/{parts[3]}/version/{parts[5]}") == ("ENABLED", token)


WORLDS: dict[str, World] = {
    "secret_version": secret_version,
    "version_state": version_state,
    "secret": secret,
    "secret_binding": secret_binding,
    "repository_binding": repository_binding,
    "retention": retention,
    "remote_repository": remote_repository,
    "repository": repository,
    "credentials": credentials,
    "service_agent": service_agent,
    "access_token": access_token,
    "google_readers": readers,
    "google_workflow": workflow,
}
