# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must hold whatever happens on the way. Each function returns sentences, one for each thing that is wrong."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, quote_plus, urlsplit

from campaign.modules import Ran
from campaign.proxy import Met
from campaign.snapshots import Snapshot

#: POST requests that read. Source: the CodeArtifact API Reference, and the REST references of Secret Manager and Artifact Registry.
_READING_POSTS = (
    "/v1/domains", "/v1/repositories", "/v1/domain/repositories", "/v1/tags", "/v1/packages", "/v1/package-groups", "/v1/sub-package-groups",
    "/v1/package/versions", "/v1/authorization-token", ":testIamPermissions",
)  # fmt: skip


class Wanted(Protocol):
    """What one entry of a task asks for. C(name) is what a failure has to name; C(met) looks at a snapshot."""

    name: str

    def met(self, snapshot: Snapshot) -> bool:
        """Whether it is as asked for."""


@dataclass(frozen=True)
class Seen:
    """One run of a task, with what was there before and after it."""

    ran: Ran
    entries: Sequence[Wanted]
    before: Snapshot
    after: Snapshot
    met: Sequence[Met] = ()
    #: How the names of what the task may touch begin.
    ours: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    #: Names of versions that repositories log in with, or that the task was told of.
    in_use: tuple[str, ...] = ()
    batch: bool = False
    reads_only: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    #: An earlier run was lied to. What it then took from others nobody can give back.
    misled: bool = False

    @property
    def result(self) -> dict[str, Any]:
        return self.ran.result or {}

    @property
    def lied_to(self) -> bool:
        return any(one.lies for one in self.met)


def broken(seen: Seen) -> list[str]:
    """All that is wrong with a run, whatever faults it met."""
    judges = [ended, no_traceback, no_secret, names_entry, newest_and_used_kept, told_change]
    if not seen.lied_to:
        judges += [nothing_unnamed, no_version_doubled, *seen.extra.get("also", ())]
        judges += [] if seen.misled else [state_as_told]
    return [problem for judge in judges for problem in judge(seen)]


def broken_without_faults(seen: Seen, *, repeated: bool) -> list[str]:
    """All that is wrong with a run that met no fault; C(repeated) when one without faults came before."""
    found = broken(seen)
    if seen.result.get("failed"):
        found.append(f"without faults it fails: {seen.result.get('msg')}")
    elif repeated and seen.result.get("changed") and not seen.extra.get("anew"):
        found.append("the next run without faults changes something")
    return found


def ended(seen: Seen) -> Iterator[str]:
    """It ends in time, with a result, and says nothing apart from that."""
    if seen.ran.problem:
        yield seen.ran.problem


def no_traceback(seen: Seen) -> Iterator[str]:
    """No traceback, and no exception that the collection did not expect."""
    text = seen.ran.output
    for sign in ("Traceback (most recent", "did not expect this", "MODULE FAILURE", '"code": "internal"'):
        if sign in text:
            start = text.index(sign)
            yield f"an exception gets out: {text[max(0, start - 200) : start + 300]}"
            return


def forms(secret: str) -> set[str]:
    """How a secret may look in an output."""
    raw = secret.encode()
    found = {
        secret,
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        raw.hex(),
    }
    for offset in range(3):
        encoded = b64encode(bytes(offset) + raw)[4 if offset else 0 :].decode()
        middle = encoded[: len(encoded) - 4]
        found |= {middle, middle.replace("+", "-").replace("/", "_")}
    return found


def no_secret(seen: Seen) -> Iterator[str]:
    """No secret in any form in what is told."""
    for secret in seen.secrets:
        for form in forms(secret):
            if form in seen.ran.output:
                yield f"a secret is in the output, {len(form)} characters of {len(secret)}"
                return


def _results(seen: Seen) -> list[dict[str, Any]]:
    """The results of the entries, in their order; empty when the task failed as a whole."""
    if "scopes" in seen.result:
        return [seen.result["scopes"].get(entry.name, {"failed": False}) for entry in seen.entries]
    if seen.batch:
        return list(seen.result.get("results", []))
    return [seen.result] if seen.result else []


def names_entry(seen: Seen) -> Iterator[str]:
    """A failure has a sentence, and says which entries failed."""
    result = seen.result
    if not result.get("failed"):
        return
    message = result.get("msg", "")
    if not isinstance(message, str) or len(message) < 10:
        yield f"it fails without a sentence: {message!r}"
    if not {"scopes", "results", "failure"} & set(result):
        yield f"a failure has no code: {message}"
    if seen.batch and "results" in result and len(result["results"]) != len(seen.entries):
        yield f"{len(result['results'])} results for {len(seen.entries)} entries"
    if {"scopes", "results"} & set(result):
        for entry, one in zip(seen.entries, _results(seen), strict=False):
            if one.get("failed") and (entry.name not in message or "failure" not in one or len(one["msg"]) < 10):
                yield f"the failure of {entry.name} says too little: {message} {one.get('msg')}"


def state_as_told(seen: Seen) -> Iterator[str]:
    """What succeeded is as asked for."""
    if seen.batch and seen.result.get("failed") and "results" not in seen.result:
        return
    for entry, one in zip(seen.entries, _results(seen), strict=False):
        if not one.get("failed") and not one.get("skipped") and not entry.met(seen.after):
            yield f"{entry.name} is not as asked for, and the task says that it is"


def nothing_unnamed(seen: Seen) -> Iterator[str]:
    """Only what the task names is another than before."""
    for key in sorted(differing(seen)):
        if not key.startswith(seen.ours):
            yield f"{key} was changed, and nobody named it"


def differing(seen: Seen) -> set[str]:
    """What is another than before."""
    return {key for key in {*seen.before, *seen.after} if seen.before.get(key) != seen.after.get(key)}


def writes(met: Sequence[Met]) -> list[Met]:
    """The calls that may write."""
    return [
        one
        for one in met
        if one.verb not in ("GET", "HEAD")
        and not (one.verb == "POST" and urlsplit(one.path).path.endswith(_READING_POSTS))
    ]


def told_change(seen: Seen) -> Iterator[str]:
    """C(changed) is true if and only if something is another than before, or may be."""
    if not seen.ran.result:
        return
    changed = bool(seen.result.get("changed"))
    if differing(seen) and not changed:
        yield f"changed is false, and this is another than before: {', '.join(sorted(differing(seen)))}"
    if seen.extra.get("anew"):
        # What it asks for shows in its result alone.
        if not changed and not seen.result.get("failed"):
            yield "changed is false, and it asks for something new each time"
        return
    # What is written at some places shows nowhere until something else points at it.
    perhaps = [one for one in writes(seen.met) if one.fault or seen.extra.get("unseen")]
    if changed and not differing(seen) and not perhaps:
        yield "changed is true, and nothing is another than before"
    if changed and seen.reads_only:
        yield "something that only reads says changed"


def no_version_doubled(seen: Seen) -> Iterator[str]:
    """A payload that was stored is stored once more at most, whatever was tried again."""
    counts = [_payloads(snapshot) for snapshot in (seen.before, seen.after)]
    for (secret, payload), count in counts[1].items():
        earlier = counts[0][secret, payload]
        if count > max(1, earlier) and count > earlier + (0 if _newest_is(seen.before, secret, payload) else 1):
            yield f"{secret} has a payload in {count} versions, {earlier} before"


def _payloads(snapshot: Snapshot) -> Counter[tuple[str, str]]:
    return Counter(
        (key.split("/version/")[0], value[1])
        for key, value in snapshot.items()
        if "/version/" in key and value[1] is not None
    )


def _newest_is(snapshot: Snapshot, secret: str, payload: str) -> bool:
    versions = _versions(snapshot, secret)
    enabled = [number for number, (state, _data) in versions.items() if state == "ENABLED"]
    return bool(enabled) and versions[max(enabled)][1] == payload


def _versions(snapshot: Snapshot, secret: str) -> dict[int, tuple[str, str | None]]:
    prefix = f"{secret}/version/"
    return {int(key.removeprefix(prefix)): value for key, value in snapshot.items() if key.startswith(prefix)}


def newest_and_used_kept(seen: Seen) -> Iterator[str]:
    """No version that is in use, and not the newest enabled one, was destroyed or disabled."""
    for secret in {key.split("/version/")[0] for key in seen.before if "/version/" in key}:
        before, after = _versions(seen.before, secret), _versions(seen.after, secret)
        enabled = [number for number, (state, _data) in before.items() if state == "ENABLED"]
        kept = {number for number in enabled if f"{secret}/version/{number}" in seen.in_use} | {
            max(enabled, default=0)
        } - {0}
        for number in sorted(kept):
            if after.get(number, ("GONE", None))[0] != "ENABLED" and f"{secret}/version/{number}" not in seen.extra.get(
                "given_up", ()
            ):
                yield f"version {number} of {secret} is in use, and is {after.get(number, ('gone', None))[0]} now"
