# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Races: other writers change other parts of the same things while a module works, and nobody's change is lost.

The others are gcloud, the AWS CLI, and raw requests that read, modify and write under the service's own lock.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from aws_clients import OWNER_KEY
from cloud_fixtures import OWNER, gcloud_environment
from harness import Given

from campaign import invariants, modules, snapshots
from campaign.aws_worlds import OTHERS, _document, _statement
from campaign.google_worlds import ACCESSOR, READER
from campaign.in_process import environment
from campaign.snapshots import Snapshot
from campaign.trials import Bench, Told

#: Writes of a raw writer.
WRITES = 6
#: How long each call takes, so that there is something between a read and a write.
LATENCY = 0.01


@dataclass(frozen=True)
class Race:
    """A task, and a writer of something else in the same thing.

    :param other: makes its change number so many; says whether it was made
    :param kept: what a snapshot must have of that change
    """

    module: str
    options: dict[str, Any]
    snapshot: Callable[[Given], Snapshot]
    ours: Callable[[Snapshot], bool]
    other: Callable[[int], bool]
    kept: Callable[[int, Snapshot], bool]


def trial(bench: Bench, seed: str, part: str) -> Told:
    """One race. C(part) names one."""
    random = Random(f"races|{seed}")
    bench.cloud.reset()
    bench.proxy.set_plan(None)
    given = Given(bench.cloud)
    name = part or random.choice(sorted(RACES))
    real = random.random() < 0.4
    race = RACES[name](bench, given, real)
    told = Told(name=f"{name}, {'a real client' if real else 'raw requests'}")
    bench.cloud.fault("*", count=None, latency=LATENCY)
    made: list[int] = []

    def write() -> None:
        time.sleep(random.uniform(0, 0.1))
        made.extend(number for number in range(1 if real else WRITES) if race.other(number))

    writer = threading.Thread(target=write)
    writer.start()
    if real:
        # A real client takes a second to start.
        time.sleep(random.uniform(0.3, 1.2))
    ran = modules.run(race.module, race.options, environment(bench.proxy.url, bench.cloud), faults=False)
    writer.join()
    bench.cloud.clear_faults()
    after = race.snapshot(given)
    told.problems += invariants.no_traceback(invariants.Seen(ran, [], {}, after))
    if not (ran.result or {}).get("failed") and not race.ours(after):
        told.problems.append("the module's change was lost, and it says that it was made")
    told.problems += [f"the other writer's change {number} was lost" for number in made if not race.kept(number, after)]
    if not made:
        told.notes.append("the other writer made no change")
    told.notes.append(json.dumps(ran.result)[:2000])
    return told


def _locked(write: Callable[[], None]) -> bool:
    """Write under a lock, and again where it was lost; whether it was written."""
    for _try in range(50):
        try:
            write()
        except urllib.error.HTTPError as error:
            with error:
                if error.code not in (400, 409, 412):
                    raise
            time.sleep(0.005)
            continue
        return True
    return False


def _program(name: str, arguments: list[str], env: dict[str, str]) -> bool:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not on PATH, and races need it")
    return subprocess.run([found, *arguments], env=env, capture_output=True, check=False, timeout=120).returncode == 0


def _gcloud(bench: Bench, *arguments: str) -> bool:
    settings = bench.folder / "gcloud"
    settings.mkdir(exist_ok=True)
    probed, token = settings / "gce", settings / "token"
    probed.write_text("False")
    # It asks for a metadata server when this is old.
    os.utime(probed, (4_000_000_000, 4_000_000_000))
    token.write_text(OWNER)
    return _program("gcloud", [*arguments, "--quiet"], gcloud_environment(bench.cloud, settings, token))


def _binding(kind: str, module: str, role: str) -> Callable[[Bench, Given, bool], Race]:
    def make(bench: Bench, given: Given, real: bool) -> Race:
        if kind == "secret":
            given.secret("thing")
            path, place, command = f"{snapshots.SECRETS}/thing", {}, ["secrets"]
        else:
            given.repository("thing", mode="STANDARD_REPOSITORY")
            path, place = f"{snapshots.REPOSITORIES}/thing", {"location": "us-central1"}
            command = ["artifacts", "repositories"]

        def modify(number: int) -> None:
            policy = given.call(f"{path}:getIamPolicy")
            policy.setdefault("bindings", []).append({"role": role, "members": [f"user:other-{number}@example.com"]})
            given.call(f"{path}:setIamPolicy", {"policy": {**policy, "version": 3}})

        def other(number: int) -> bool:
            if not real:
                return _locked(lambda: modify(number))
            more = [f"--{name}={value}" for name, value in place.items()]
            return _gcloud(
                bench, *command, "add-iam-policy-binding", "thing", f"--member=user:other-{number}@example.com", f"--role={role}", *more
            )  # fmt: skip

        def has(member: str, snapshot: Snapshot) -> bool:
            return f"{kind}/thing/binding/{role}//{member}" in snapshot

        return Race(
            module,
            {kind: "thing", "role": role, "members": ["user:ada@example.com"], **place},
            snapshots.google,
            lambda snapshot: has("user:ada@example.com", snapshot),
            other,
            lambda number, snapshot: has(f"user:other-{number}@example.com", snapshot),
        )

    return make


def _labels(bench: Bench, given: Given, real: bool) -> Race:
    given.secret("thing")
    path = f"{snapshots.SECRETS}/thing"

    def modify(number: int) -> None:
        secret = given.call(path)
        labels = {**secret.get("labels", {}), f"other-{number}": "x"}
        given.call(f"{path}?updateMask=labels", {"labels": labels, "etag": secret["etag"]}, "PATCH")

    def other(number: int) -> bool:
        # gcloud reads, and writes without a lock: what it would undo of ours is its own doing, so it only adds an annotation.
        return (
            _gcloud(bench, "secrets", "update", "thing", f"--update-annotations=other-{number}=x")
            if real
            else _locked(lambda: modify(number))
        )

    def kept(number: int, snapshot: Snapshot) -> bool:
        found = snapshot["secret/thing"].get("annotations" if real else "labels", {})
        return f"other-{number}" in found

    return Race(
        "gcp_secret", {"secret": "thing", "labels": {"team": "build"}}, snapshots.google,
        lambda snapshot: snapshot["secret/thing"].get("labels", {}).get("team") == "build", other, kept,
    )  # fmt: skip


def _policy(bench: Bench, given: Given, real: bool) -> Race:
    given.domain("demo")
    # With a policy there is a revision, and with that a lock.
    given.domain_policy("demo", _document(_statement("First", OTHERS, "GetAuthorizationToken")))

    def body(number: int) -> dict[str, Any]:
        policy = given.call("codeartifact/v1/domain/permissions/policy?domain=demo", caller=OWNER_KEY)["policy"]
        document = json.loads(policy["document"])
        document["Statement"].append(_statement(f"Other{number}", OTHERS, "GetAuthorizationToken"))
        return {"domain": "demo", "policyRevision": policy["revision"], "policyDocument": json.dumps(document)}

    def other(number: int) -> bool:
        if not real:
            return _locked(
                lambda: given.call("codeartifact/v1/domain/permissions/policy", body(number), "PUT", OWNER_KEY) and None
            )
        made = body(number)
        arguments = [
            "--domain=demo",
            f"--policy-revision={made['policyRevision']}",
            f"--policy-document={made['policyDocument']}",
        ]
        env = {
            **os.environ,
            **bench.cloud.aws_environment(OWNER_KEY),
            "HOME": str(bench.folder),
            "AWS_PAGER": "",
            "AWS_MAX_ATTEMPTS": "1",
        }
        return _program("aws", ["codeartifact", "put-domain-permissions-policy", *arguments], env)

    return Race(
        "codeartifact_domain_policy",
        {
            "domain": "demo",
            "grants": [{"name": "ours", "principals": ["444455556666"], "access": ["login"]}],
            "region": "eu-west-1",
        },
        snapshots.aws,
        lambda snapshot: any(key.startswith("domain/demo/statement/Ours") for key in snapshot),
        other,
        lambda number, snapshot: f"domain/demo/statement/Other{number}" in snapshot,
    )


def _versions(bench: Bench, given: Given, real: bool) -> Race:
    given.secret("thing", "earlier")
    path = f"{snapshots.SECRETS}/thing"
    payload = bench.folder / "payload"

    def other(number: int) -> bool:
        if real:
            Path(payload).write_text(f"other {number}")
            return _gcloud(bench, "secrets", "versions", "add", "thing", f"--data-file={payload}")
        given.call(f"{path}:addVersion", {"payload": {"data": "b3RoZXI="}})
        return True

    def payloads(snapshot: Snapshot) -> list[str]:
        return [value[1] for key, value in snapshot.items() if key.startswith("secret/thing/version/")]

    return Race(
        "gcp_secret_version", {"secret": "thing", "payload": "ours"}, snapshots.google, lambda snapshot: payloads(snapshot).count("ours") == 1,
        other, lambda number, snapshot: (f"other {number}" if real else "other") in payloads(snapshot),
    )  # fmt: skip


RACES: dict[str, Callable[[Bench, Given, bool], Race]] = {
    "secret_binding": _binding("secret", "gcp_secret_iam_binding", ACCESSOR),
    "repository_binding": _binding("repository", "gcp_repository_iam_binding", READER),
    "labels": _labels,
    "policy": _policy,
    "versions": _versions,
}
