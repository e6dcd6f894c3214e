# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worlds of package indexes, and of trusted publishing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from cloud_fixtures import PROJECT
from harness import Given
from wheels import build, upload

from campaign import snapshots
from campaign.documents import HASH
from campaign.invariants import Seen
from campaign.worlds import HERE, Case, Entry, World, always, one_or_batch

INDEX = f"{HERE}/index"
PACKAGE = "our-package"
#: Faults that are an answer of their own: what an index answers is what there is, as far as anyone can tell.
_ANSWERS = {"page", "latin1", "empty", "shape", "bomb", "unauthorized", "forbidden", "odd_error", "echo"}
PUBLISHER = {"owner": "octo-org", "repository": "sampleproject", "workflow": "release.yml", "environment": "pypi"}
WORKFLOW = f"""\
on:
  push:
    tags: [v*]
permissions: {{}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {{id-token: write}}
    steps:
      - uses: pypa/gh-action-pypi-publish@{HASH}
"""


def _several(seen: Seen) -> list[dict[str, Any]]:
    """What a task returns of each entry that did not fail."""
    return [one for one in seen.result.get("results", [seen.result]) if not one.get("failed")]


def _misled(seen: Seen) -> bool:
    return any(one.fault and one.fault.split()[0] in _ANSWERS for one in seen.met)


def upload_token(given: Given, random: Random) -> Case:
    """An upload token for the job that runs, or such a token that is to be taken back."""
    given.trusted_publisher(PACKAGE, "pypi")
    job = given._cloud.start_job(environment="pypi").environment
    url, token = (job[f"ACTIONS_ID_TOKEN_REQUEST_{name}"] for name in ("URL", "TOKEN"))
    if random.random() < 0.3:
        minted = given._cloud.mint_upload_token(url, token)
        options = {"index": INDEX, "token": minted, "state": "absent"}
        return Case(
            "pypi_oidc_token",
            options,
            [Entry("/index", always)],
            snapshots.index,
            secrets=(minted,),
            extra={"anew": True},
        )
    asked = [{"index": INDEX + slash} for slash in ("", "/")[: random.choice((1, 1, 2))]]
    options, batch = one_or_batch(random, asked)
    given_too = {
        "id_token_request_url": url.replace(given._cloud.url, HERE),
        "id_token_request_token": token,
    }

    def uploads(seen: Seen) -> Iterator[str]:
        """Whoever has the token may publish with it."""
        for number, one in enumerate(_several(seen)):
            with TemporaryDirectory() as folder:
                login = ("__token__", str(one["upload_token"]["token"]))
                version = f"{random.getrandbits(60)}.{number}"
                try:
                    upload(f"{given._cloud.url}/index/legacy/", login, build(Path(folder), version, PACKAGE))
                except AssertionError as refused:
                    yield f"the index does not take the token that it returns: {refused}"

    return Case(
        "pypi_oidc_token", {**options, **given_too}, [Entry(one["index"].removeprefix(HERE), always) for one in asked], snapshots.index,
        secrets=(token,), batch=batch, extra={"anew": True, "also": (uploads,)},
    )  # fmt: skip


def provenance(given: Given, random: Random) -> Case:
    """A release with attestations, one without, and one that is not there."""
    given.release(PACKAGE, "pypi")
    given._cloud.set_up_index(projects=[{"name": "plain", "owners": ["ada"]}])
    with TemporaryDirectory() as folder:
        login = ("__token__", given._cloud.upload_token("ada"))
        upload(f"{given._cloud.url}/index/legacy/", login, build(Path(folder), name="plain"))
    of = {
        PACKAGE: {"project": PACKAGE, "version": "1.0.0"},
        "plain": {"project": "plain", "filename": "plain-1.0.0-py3-none-any.whl"},
        "nowhere": {"project": "nowhere", "version": "1.0.0"},
    }
    names = random.sample(sorted(of), random.choice((1, 1, 3)))
    verify = random.choice(({"verify": False}, {"verify": False}, {"download": True}, {}))
    options, batch = one_or_batch(random, [of[name] for name in names])
    expected = {"plain": "no-provenance", "nowhere": "not-found", PACKAGE: "" if verify == {"verify": False} else "not-verified"}  # fmt: skip

    def finds(seen: Seen) -> Iterator[str]:
        if _misled(seen):
            return
        for name, one in zip(names, seen.result.get("results", [seen.result]), strict=False):
            codes = {finding["code"] for finding in one.get("findings", ())}
            if not one.get("failed") and codes != {expected[name]} - {""}:
                yield f"of {name} it finds {sorted(codes)} and not {expected[name] or 'nothing'}"

    return Case(
        "pypi_provenance_info",
        {**options, "index": INDEX, **PUBLISHER, **verify},
        [Entry(name, always) for name in names],
        snapshots.index,
        batch=batch,
        reads_only=True,
        extra={"also": (finds,)},
    )


def package_index(given: Given, random: Random) -> Case:
    """Packages of an index for all, and of a repository that takes a login."""
    given._cloud.set_up_index(projects=[{"name": PACKAGE, "owners": ["ada"]}])
    with TemporaryDirectory() as folder:
        wheel, login = build(Path(folder), name=PACKAGE), ("__token__", given._cloud.upload_token("ada"))
        upload(f"{given._cloud.url}/index/legacy/", login, wheel)
    given._cloud.set_upstream_tokens("upstream")
    given.readable_secret("token", "upstream")
    given.repository("mirror", secret="token")
    google = {"index_url": f"https://us-central1-python.pkg.dev/{PROJECT}/mirror/simple/", "use_google_credentials": True}  # fmt: skip
    password = f"canary-{random.getrandbits(80):020x}"
    of: dict[str, tuple[dict[str, Any], str]] = {
        PACKAGE: ({"index_url": f"{INDEX}/simple/"}, "readable"),
        "our_package": ({"index_url": f"{INDEX}/simple/", "username": "u", "password": password}, "readable"),
        "nowhere": ({"index_url": f"{INDEX}/simple/"}, "missing"),
        "absent": (google, "missing"),
        "refused": (
            {
                "index_url": f"{HERE}/us-central1-python.pkg.dev/{PROJECT}/mirror/simple/",
                "username": "oauth2accesstoken",
                "password": password,
            },
            "refused",
        ),
    }
    names = random.sample(sorted(of), random.choice((1, 1, 3)))
    options, batch = one_or_batch(random, [{"package": name, **of[name][0]} for name in names])

    def reads(seen: Seen) -> Iterator[str]:
        if _misled(seen):
            return
        for name, one in zip(names, seen.result.get("results", [seen.result]), strict=False):
            status = one.get("package_index", {}).get("status")
            if not one.get("failed") and status != of[name][1]:
                yield f"{name} is {of[name][1]}, and it says {status}"

    return Case(
        "package_index_info",
        {**options, "download": random.random() < 0.5},
        [Entry(name, always) for name in names],
        snapshots.index,
        secrets=(password,),
        batch=batch,
        reads_only=True,
        extra={"also": (reads,)},
    )


def publisher(given: Given, random: Random) -> Case:
    """A workflow that publishes, as it is in a repository, or as it is given."""
    given.github(
        repositories=[{"full_name": "octo-org/sampleproject", "files": {".github/workflows/release.yml": WORKFLOW}}]
    )
    given.call("github/repos/octo-org/sampleproject/environments/pypi", {"wait_timer": 30}, "PUT", "octocat")
    names = [f"project-{number}" for number in range(random.choice((1, 1, 2)))]
    options, batch = one_or_batch(random, [{"project": name} for name in names])
    more = random.choice(({}, {"workflow_content": WORKFLOW}, {"ref": "main"}))

    def fits(seen: Seen) -> Iterator[str]:
        for one in _several(seen):
            if not one["valid"]:
                yield f"it does not take a publisher that fits: {one['findings']}"

    return Case(
        "pypi_trusted_publisher_check",
        {**options, **PUBLISHER, **more},
        [Entry(name, always) for name in names],
        snapshots.github,
        batch=batch,
        reads_only=True,
        extra={"also": (fits,)},
    )


WORLDS: dict[str, World] = {
    "upload_token": upload_token,
    "provenance": provenance,
    "package_index": package_index,
    "publisher": publisher,
}
