# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role package_clients does with its variables: which login each client of each user gets, and by whom it is kept alive. Pure.

Each step of the role knows more than the one before it, and asks for what follows from that.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..._base.values import read_time
from .addresses import AWS, GOOGLE, NPM, Address
from .setup_input import (
    AUTO,
    CONTROLLER,
    KEYRING,
    NO_LOGIN,
    NPM_CLIENT,
    PIP,
    POETRY,
    PREFIX,
    RENEWED,
    TWINE,
    UV,
    Entry,
    Index,
    Setup,
    read_setup,
)

#: The login that an entry brings with it.
GIVEN = "given"
#: Without these no keyring is asked. Source: pip's news of 23.1, uv's documentation.
_OLDEST_PIP = (23, 1)
#: Clients whose work can be proved without publishing.
_PROVED = (PIP, UV, NPM_CLIENT)
#: Seconds between two renewals. A metadata server of Google's may give out a token that has five minutes left; CodeArtifact's backend asks
#: for tokens of an hour. Source: Compute Engine's documentation, "Authenticate workloads to Google Cloud APIs using service accounts".
_INTERVALS = {GOOGLE: 240, AWS: 1200}
#: How long tokens of a backend are good at most. Source: the documentation of keyrings.codeartifact, token_duration; Google's of "Token types",
#: by which an access token is good for an hour unless an account is impersonated for longer. A metadata server's may have less left.
_LIFETIMES = {AWS: "1h", GOOGLE: "1h"}
_INSTALL, _PUBLISH = (PIP, UV, NPM_CLIENT), (TWINE, POETRY)


@dataclass(frozen=True)
class Machine:
    """What is known of a machine by now."""

    #: By user and index: why the keyring gave no login, empty where it did.
    keyring: Mapping[tuple[str, str], str]
    #: The version of each user's pip.
    pips: Mapping[str, tuple[int, ...]]
    #: Whether something can run the renewal program there.
    renews: bool

    @classmethod
    def of(cls, probes: Sequence[Entry], pips: Sequence[Entry], renewal: str) -> Machine:
        """From what the role's tasks registered."""
        return cls(
            {(one["user"], one["index"]): str(one["refused"]) for one in probes},
            {one["user"]: _version(str(one["version"])) for one in pips},
            renewal in ("systemd", "cron"),
        )


def _version(text: str) -> tuple[int, ...]:
    """Of the answer of C(pip --version); empty where there is none."""
    found = re.search(r"\bpip ([0-9]{1,9}(?:\.[0-9]{1,9})*)", text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def plan(
    variables: Mapping[str, t.Any],
    host: str,
    *,
    probes: Sequence[Entry] = (),
    pips: Sequence[Entry] = (),
    renewal: str = "none",
    now: datetime | None = None,
) -> dict[str, t.Any]:
    """What follows from the variables, and from what is known of the machine.

    :param host: who is meant, for sentences
    :param probes: which C(user) asked the keyring for which C(index), and why it was C(refused), if it was
    :param pips: the C(version) that each C(user)'s pip says that it has
    :param renewal: what runs the renewal program there
    """
    setup = read_setup(variables, host)
    mistakes = setup.mistakes or tuple(f"{host}: {one}" for one in _over_too_soon(setup, now or datetime.now(UTC)))
    if mistakes:
        return {"mistakes": list(mistakes)}
    machine = Machine.of(probes, pips, renewal)
    asked = [index for index in setup.indexes if _asks_keyring(index)]
    users = [_of_user(setup, machine, user) for user in setup.users]
    refused = [f"{host}: {sentence}" for user in setup.users for sentence in _impossible(setup, machine, user)]
    vendors = sorted({index.address.vendor for index in asked if index.address})
    return {
        "mistakes": refused if probes or pips else [],
        "warnings": list(setup.warnings),
        # What the role is given, as it was understood.
        "state": "present" if setup.present else "absent",
        "level": setup.level,
        "clients": list(setup.clients),
        "replace": setup.replace,
        "environment": dict(setup.environment),
        "vendors": vendors,
        "renewal": setup.renewal,
        "minutes": (setup.interval or min((_INTERVALS[vendor] for vendor in vendors), default=0)) // 60,
        "probes": [
            {"user": user, "index": index.name, "url": index.address.keyring_url, "username": index.username}
            for user in setup.users
            for index in asked
            if index.address
        ],
        "users": users,
        "minimum_life": setup.minimum_life,
        "names": list(setup.users),
        "config": _configured(setup, users),
        "places": [_place(index) for index in setup.indexes],
        "logins": [login for user in users for login in user["logins"]],
    }


def _over_too_soon(setup: Setup, now: datetime) -> Iterator[str]:
    """Passwords that end before the next run of the role. Those of the controller's tokens are known later."""
    for index in setup.indexes if setup.present else ():
        if index.expires and not index.keep and (read_time(index.expires) - now).total_seconds() < setup.minimum_life:
            yield (
                f"the password for {index.name} ends at {index.expires}, and {PREFIX}minimum_life wants {setup.minimum_life} seconds from "
                "now: give one that is good for longer, or lower it."
            )


def _asks_keyring(index: Index) -> bool:
    """Whether a login of the machine's own identity is tried first."""
    return index.address is not None and index.password is None and index.login not in (CONTROLLER, NO_LOGIN)


def _way(machine: Machine, user: str, index: Index, client: str) -> str:
    """How a client of a user gets its login for an index."""
    if index.password is not None:
        return GIVEN
    if index.login == NO_LOGIN:
        return NO_LOGIN
    wanted = index.login
    if wanted in (AUTO, KEYRING) and _has_keyring(machine, user, index, client):
        return KEYRING
    if wanted in (KEYRING, RENEWED) or (wanted == AUTO and machine.renews and _answered(machine, user, index)):
        return RENEWED
    return CONTROLLER


def _answered(machine: Machine, user: str, index: Index) -> bool:
    """Whether the keyring has a login. What was not asked, as in check mode before there is a keyring, is taken to have one."""
    return not machine.keyring.get((user, index.name))


def _has_keyring(machine: Machine, user: str, index: Index, client: str) -> bool:
    if client not in (PIP, UV) or index.address is None or index.url != index.address.keyring_url:
        return False
    if client == PIP and () < machine.pips.get(user, ()) < _OLDEST_PIP:
        return False
    return _answered(machine, user, index)


def _impossible(setup: Setup, machine: Machine, user: str) -> Iterator[str]:
    """What the variables want of a login, and the machine has not."""
    whose = f"The user {user}" if user else "The user whom Ansible works as"
    for index in setup.indexes:
        if index.login not in (KEYRING, RENEWED) or index.password is not None or not _asks_keyring(index):
            continue
        why = machine.keyring.get((user, index.name))
        if why:
            yield (
                f"{whose} gets no login for {index.name} from the machine's own identity, which {PREFIX}login wants: {why} Give the "
                "machine an identity that may read it, or set the login to auto or controller."
            )
            continue
        ways = {client: _way(machine, user, index, client) for client in index.clients(setup.clients)}
        left = [client for client, way in ways.items() if way == RENEWED]
        if left and not machine.renews:
            yield (
                f"{', '.join(left)} of {index.name} cannot ask a keyring, and nothing renews a token on the machine: set "
                f"{PREFIX}renewal to systemd or cron, or the login to controller."
            )


def _of_user(setup: Setup, machine: Machine, user: str) -> dict[str, t.Any]:
    """What a user gets: settings, logins that are renewed, and logins that this run writes."""
    ways = {
        index.name: {client: _way(machine, user, index, client) for client in index.clients(setup.clients)}
        for index in setup.indexes
    }
    renewed = [(index, found) for index in setup.indexes if (found := _clients(ways, index, RENEWED))]
    return {
        "user": user,
        "keyring": [name for name, found in ways.items() if KEYRING in found.values()],
        # One program renews them all, so a client whose login for one of them is renewed gets those for all.
        "renewed": [_renewed(index, found) for index, found in renewed],
        "renewed_clients": [client for client in setup.clients if any(client in found for _index, found in renewed)],
        "controller": _grouped(setup, ways, CONTROLLER, _fetched),
        "given": _grouped(setup, ways, GIVEN, _with_password),
        "logins": [
            {"user": user, "index": index.name, "client": client, "login": way, "expires": index.expires}
            for index in setup.indexes
            for client, way in ways[index.name].items()
        ],
        "proofs": [
            {"client": client, "package": index.package, "index_url": index.url}
            for index in setup.indexes
            for client in index.clients(setup.clients)
            if index.package and index.install and client in _PROVED
        ],
    }


def _clients(ways: Mapping[str, Mapping[str, str]], index: Index, way: str) -> list[str]:
    return [client for client, found in ways[index.name].items() if found == way]


def _grouped(
    setup: Setup, ways: Mapping[str, Mapping[str, str]], way: str, shown: t.Callable[[Index], Entry]
) -> list[dict[str, t.Any]]:
    """Logins by the clients that get them: a token that nobody renews must not stand in the way of a keyring."""
    found: dict[tuple[str, ...], list[Entry]] = {}
    for index in setup.indexes:
        clients = tuple(_clients(ways, index, way))
        if clients:
            publish = index.publish and TWINE in clients
            found.setdefault(clients, []).append({**shown(index), "publish": publish})
    return [{"clients": list(clients), "logins": logins} for clients, logins in found.items()]


def _place(index: Index) -> Entry:
    """Where a login belongs, as the modules take it."""
    return {"name": index.name, "url": index.url, "format": index.format, "publish": index.publish}


def _renewed(index: Index, clients: list[str]) -> Entry:
    address = t.cast(Address, index.address)
    return {
        **_place(index),
        "publish": index.publish and TWINE in clients,
        "username": index.username,
        "keyring_url": address.keyring_url,
        "lifetime": _LIFETIMES[address.vendor],
    }


def _fetched(index: Index) -> Entry:
    vendor = index.address.vendor if index.address else None
    return {**_place(index), "username": index.username, "vendor": vendor, "domain": dict(index.domain or {})}


def _with_password(index: Index) -> Entry:
    return {
        **_place(index),
        "username": index.username,
        "password": index.password,
        "keep": index.keep,
        **({"expires": index.expires} if index.expires else {}),
    }


def _configured(setup: Setup, users: list[dict[str, t.Any]]) -> list[Entry]:
    """What the module package_client_config is called with: clients that install, and clients that publish, each with their indexes."""
    # What is machine-wide has a keyring if one of the users needs it.
    keyring = {name for user in users for name in user["keyring"]}
    calls = []
    for clients, wanted in (
        ([one for one in setup.clients if one in _INSTALL], [index for index in setup.indexes if index.install]),
        ([one for one in setup.clients if one in _PUBLISH], [index for index in setup.indexes if index.publish]),
    ):
        indexes = [_index(index, index.name in keyring) for index in wanted if index.clients(clients)]
        if indexes:
            calls.append({"clients": clients, "indexes": indexes})
    return calls


def _index(index: Index, keyring: bool) -> Entry:
    return {
        **_place(index),
        "publish_url": index.publish_url,
        "extra": index.extra,
        "keyring": keyring,
        **({"scope": index.scope} if index.scope else {}),
        **({"username": index.username} if index.username and index.format != NPM else {}),
    }
