# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worlds of GitHub."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from random import Random

from harness import Given

from campaign import snapshots
from campaign.snapshots import Snapshot
from campaign.worlds import Case, Entry, World, one_or_batch

PLACE = {"owner": "octo-org", "repository": "sampleproject"}
_ROOT = "github/repos/octo-org/sampleproject"


def _bystander(given: Given) -> None:
    given.call(f"{_ROOT}/environments/bystander", {"wait_timer": 7}, "PUT", "octocat")


def environment(given: Given, random: Random) -> Case:
    """An environment that is new, or that has rules of others."""
    _bystander(given)
    there = random.random() < 0.6
    if there:
        given.call(f"{_ROOT}/environments/pypi", {"wait_timer": 30}, "PUT", "octocat")
    wanted = {"tags": ["v*", "release-*"], "deployment_policy": "selected"}

    def met(snapshot: Snapshot) -> bool:
        found = snapshot.get("environment/pypi")
        tags = {key.rpartition("/")[2] for key in snapshot if key.startswith("environment/pypi/tag/")}
        return (
            found is not None
            and tags == {"v*", "release-*"}
            and ('"wait_timer": 30' in json.dumps(json.loads(found))) is there
        )

    return Case(
        "github_environment", {**PLACE, "environment": "pypi", **wanted}, [Entry("pypi", met)], snapshots.github, ours=("environment/pypi",)
    )  # fmt: skip


def file(given: Given, random: Random) -> Case:
    """A file, in the branch that is there or in one with a pull request."""
    _bystander(given)
    given.github(
        repositories=[{"full_name": "octo-org/sampleproject", "files": {"README.md": "theirs", "other.md": "stays"}}]
    )
    path = random.choice(("README.md", "new.md"))
    content = f"ours {random.getrandbits(32)}\n"
    blob = hashlib.sha1(b"blob %d\0" % len(content.encode()) + content.encode()).hexdigest()
    proposed = random.random() < 0.5
    branch = "proposal" if proposed else "main"

    def met(snapshot: Snapshot) -> bool:
        pulls = [value for key, value in snapshot.items() if key.startswith("pull/") and value[0] == "proposal"]
        return snapshot.get(f"branch/{branch}/file/{path}") == blob and len(pulls) == int(proposed)

    more = {"branch": "proposal", "title": "Ours"} if proposed else {}
    return Case(
        "github_file", {**PLACE, "path": path, "content": content, **more}, [Entry("sampleproject", met)], snapshots.github,
        ours=("branch/proposal", "pull/") if proposed else (f"branch/main/file/{path}",), extra={"unseen": True},
    )  # fmt: skip


def _store(given: Given, holder: str, name: str) -> None:
    """A secret. Nobody decrypts what it holds."""
    key = given.call(f"{_ROOT}/{holder}/secrets/public-key", caller="octocat")["key_id"]
    given.call(f"{_ROOT}/{holder}/secrets/{name}", {"encrypted_value": "c2VzYW1l", "key_id": key}, "PUT", "octocat")


def _gone(key: str, snapshot: Snapshot) -> bool:
    return key not in snapshot


def secret(given: Given, random: Random) -> Case:
    """Secrets that are to go, of the repository and of an environment, and those of others."""
    _bystander(given)
    for holder in ("actions", "environments/bystander"):
        _store(given, holder, "OTHERS_TOKEN")
    asked: list[dict[str, str]] = []
    for name in random.sample(("INDEX_TOKEN", "index_user", "INDEX_URL"), random.choice((1, 1, 3))):
        place = random.choice(({}, {"environment": "bystander"}))
        if random.random() < 0.7:
            _store(given, f"environments/{place['environment']}" if place else "actions", name)
        asked.append({"secret": name, **place})
    options, batch = one_or_batch(random, asked)

    def key(one: dict[str, str]) -> str:
        return f"{'environment/bystander/' if 'environment' in one else ''}secret/{one['secret'].upper()}"

    return Case(
        "github_actions_secret",
        {**options, **PLACE, "state": "absent", "unless_used": random.random() < 0.3},
        # GitHub's names have no small letters, and the module tells names as GitHub has them.
        [Entry(one["secret"].upper(), partial(_gone, key(one))) for one in asked],
        snapshots.github,
        ours=tuple(key(one) for one in asked),
        batch=batch,
    )


WORLDS: dict[str, World] = {"environment": environment, "file": file, "github_secret": secret}
