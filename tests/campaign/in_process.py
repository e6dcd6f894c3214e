# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One schedule in process: a world is made, its task runs under faults, then without, then once more."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random

from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT
from harness import SERVICES, Given

from campaign import (
    aws_worlds,
    github_worlds,
    google_worlds,
    index_worlds,
    invariants,
    machine_worlds,
    modules,
    schedules,
)
from campaign.invariants import Seen
from campaign.proxy import Met
from campaign.snapshots import Snapshot
from campaign.trials import Bench, Told
from campaign.worlds import Case, World

WORLDS: dict[str, World] = {
    **google_worlds.WORLDS,
    **aws_worlds.WORLDS,
    **github_worlds.WORLDS,
    **index_worlds.WORLDS,
    **machine_worlds.WORLDS,
}

STEPS = ("with faults", "without faults", "repeated")


def environment(url: str, cloud: LocalCloud) -> dict[str, str]:
    """What leads modules to a proxy in front of the local cloud, as its owner."""
    endpoints = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name.upper()}": f"{url}/{name}/" for name in SERVICES}
    aws = cloud.aws_environment("AKIALOCALOWNER000000") | {"AWS_ENDPOINT_URL_CODEARTIFACT": f"{url}/codeartifact"}
    github = {"GITHUB_TOKEN": "octocat", "GITHUB_API_URL": f"{url}/github"}
    google = {"GCP_PROJECT": PROJECT, "GCP_ACCESS_TOKEN": OWNER, "NO_GCE_CHECK": "true"}
    google["ARTIFACT_REGISTRY_PACKAGES_URL"] = url
    return {**endpoints, **aws, **github, **google, "HOME": str(machine_worlds.home())}


def _wrong_name(bench: Bench) -> tuple[str, dict[str, str]]:
    """A certificate of an authority that is trusted, for another name."""
    health = bench.cloud.control("GET", "health")
    trusted = dict.fromkeys(("REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"), health["authority_file"])
    # The same address in another spelling, which the certificate does not have.
    return health["secure_url"].replace("127.0.0.1", "127.1"), trusted


#: Where the service is not, and what else the environment has then.
PLACES: dict[str, Callable[[Bench], tuple[str, dict[str, str]]]] = {
    "a port that refuses": lambda _bench: ("http://127.0.0.1:9", {}),
    "a name that nobody knows": lambda _bench: ("https://service.invalid", {}),
    "TLS that nobody trusts": lambda bench: (bench.cloud.control("GET", "health")["secure_url"], {}),
    "TLS for another name": _wrong_name,
}
#: The part of runs that are led there.
ASTRAY = 0.06


def trial(bench: Bench, seed: str, part: str) -> Told:
    """Try the schedule of a seed. C(part) names a world, and kinds of faults after it, instead of those that are drawn: WORLD+KIND+KIND."""
    world, *kinds = part.split("+")
    random = Random(f"world|{seed}")
    drawn = random.choice(sorted(WORLDS))
    name = world or drawn
    bench.cloud.reset()
    bench.proxy.forget()
    given = Given(bench.cloud)
    told = Told(name=name)
    try:
        case = WORLDS[name](given, random)
    except OSError as error:
        told.problems.append(f"the world {name} cannot be made: {error}")
        return told
    told.name = f"{name} ({case.module})"
    snapshot = case.snapshot(given)
    astray = random.choice(sorted(PLACES)) if not kinds and case.calls and random.random() < ASTRAY else ""
    misled = False
    for step in STEPS:
        faults = step == STEPS[0]
        bench.proxy.set_plan(schedules.draw(seed, kinds=kinds) if faults else None)
        where, more = PLACES[astray](bench) if faults and astray else (bench.proxy.url, {})
        way = environment(where, bench.cloud) | more
        if faults and astray:
            told.notes.append(f"{step}: {astray}")
        ran = modules.run(case.module, case.at(where).options, way, faults=faults)
        met, after = bench.proxy.met(), case.snapshot(given)
        seen = seen_in(case, ran, snapshot, after, met, misled=misled)
        misled = misled or seen.lied_to
        found = invariants.broken(seen) if faults else invariants.broken_without_faults(seen, repeated=step == STEPS[2])
        if faults and astray and not seen.result.get("failed"):
            found.append(f"it does not fail where there is nobody: {astray}")
        told.problems += [f"{step}: {problem}" for problem in found]
        told.notes += [
            f"{step}: {one.verb} {one.path} {one.fault or ''} {'' if one.forwarded else '(not passed on)'}"
            for one in met
        ]
        told.notes.append(f"{step}: {json.dumps(ran.result, default=str)[:3000]}")
        snapshot = after
    bench.proxy.set_plan(None)
    if left := modules.children() - bench.processes:
        told.problems.append(f"{len(left)} processes are left")
    return told


def seen_in(
    case: Case, ran: modules.Ran, before: Snapshot, after: Snapshot, met: Sequence[Met], *, misled: bool = False
) -> Seen:
    """A run, for the judges."""
    return Seen(
        ran, case.entries, before, after, met, case.ours, case.secrets, case.in_use, case.batch, case.reads_only, case.extra, misled
    )  # fmt: skip
