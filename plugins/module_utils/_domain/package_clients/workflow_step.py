# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a composite step of GitHub Actions does to let a job's clients use indexes, logged in by workload identity. Pure."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from .addresses import AWS, GOOGLE, NPM, Address
from .setup_input import NPM_CLIENT, PIP, PREFIX, UV, Entry, Index, read_setup

#: The variable that says whom a job becomes at a vendor's.
_IDENTITIES = {GOOGLE: "workload_identity_provider", AWS: "role_to_assume"}
_CLIENTS = (PIP, UV, NPM_CLIENT)


def step(
    variables: Mapping[str, t.Any],
    host: str,
    *,
    requirements: Sequence[str],
    backends: Mapping[str, str],
    identities: Mapping[str, t.Any],
) -> dict[str, t.Any]:
    """The parts of the step, or the C(mistakes) of the variables.

    :param requirements: what the keyring itself is installed from
    :param backends: the backend of each vendor
    :param identities: values of the variables that say whom a job becomes, by their names
    """
    setup = read_setup({**variables, "level": "user", "venv": None}, host)
    if setup.mistakes:
        return {"mistakes": list(setup.mistakes)}
    vendors = sorted({index.address.vendor for index in setup.indexes if index.address})
    regions = sorted({index.domain["region"] for index in setup.indexes if index.domain})
    mistakes = [
        f"{host}: {sentence}" for sentence in _mistakes(setup.indexes, setup.clients, vendors, regions, identities)
    ]
    python = [index for index in setup.indexes if index.format != NPM and index.install]
    return {
        "mistakes": mistakes,
        "vendors": vendors,
        "region": regions[0] if regions else None,
        "requirements": [*requirements, *(backends[vendor] for vendor in vendors)],
        "environment": _environment(python, setup.clients) if not mistakes else {},
        "npm": [_registry(index) for index in setup.indexes if index.format == NPM and index.address],
    }


def _mistakes(
    indexes: Sequence[Index],
    clients: Sequence[str],
    vendors: Sequence[str],
    regions: Sequence[str],
    identities: Mapping[str, t.Any],
) -> Iterator[str]:
    others = [client for client in clients if client not in _CLIENTS]
    if others:
        yield f"{PREFIX}clients has {', '.join(others)}, which the step for GitHub Actions does not set up: it does {', '.join(_CLIENTS)}."
    for index in indexes:
        if index.address is None or index.url not in (index.address.url,):
            yield (
                f"{index.name} in {PREFIX}indexes is not at the address of Artifact Registry or CodeArtifact, where a job logs in by workload "
                "identity."
            )
    if len(regions) > 1:
        yield f"{PREFIX}indexes has CodeArtifact domains in {' and '.join(regions)}, and a job logs in to one region: make a step for each."
    for vendor in vendors:
        if not identities.get(_IDENTITIES[vendor]):
            yield f"{PREFIX}{_IDENTITIES[vendor]} is missing, which says whom a job becomes."


def _environment(python: Sequence[Index], clients: Sequence[str]) -> dict[str, str]:
    """Variables, which end with the job, where files would stay on machines of one's own."""
    found: dict[str, str] = {}
    main, extra = [index for index in python if not index.extra], [index for index in python if index.extra]
    if PIP in clients and python:
        found |= {"PIP_KEYRING_PROVIDER": "subprocess", "PIP_NO_INPUT": "1"}
        found |= {"PIP_INDEX_URL": _login_url(main[0])} if main else {}
        found |= {"PIP_EXTRA_INDEX_URL": " ".join(map(_login_url, extra))} if extra else {}
    if UV in clients and python:
        found |= {"UV_KEYRING_PROVIDER": "subprocess"}
        found |= {"UV_DEFAULT_INDEX": _login_url(main[0])} if main else {}
        found |= {"UV_INDEX": " ".join(map(_login_url, extra))} if extra else {}
    return found


def _login_url(index: Index) -> str:
    """The address with the name that a keyring is asked for."""
    return index.url.replace("https://", f"https://{index.username}@", 1)


def _registry(index: Index) -> Entry:
    address = t.cast(Address, index.address)
    parts = urlsplit(index.url)
    setting = f"{index.scope}:registry" if index.scope else "registry"
    return {
        "keyring_url": address.keyring_url,
        "username": address.username,
        "setting": f"{setting}={index.url}",
        "key": f"//{parts.netloc}{parts.path}:_authToken=",
    }
