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
from datetime import datetime

from ..._base.values import read_time
from .addresses import AWS, GOOGLE, NPM
from .setup_input import (
    AUTO,
    CONTROLLER,
    KEYRING,
    NO_LOGIN,
    NPM_CLIENT,
    PIP,
    PREFIX,
    RENEWED,
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
    found = re.search(r"\bpip ([0-9]+(?:\.[0-9]+)*)", text)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def plan(
    variables: Mapping[str, t.Any],
    host: str,
    *,
    probes: Sequence[Entry] = (),
    pips: Sequence[Entry] = (),
    renewal: str = "none",
) -> dict[str, t.Any]:
    """What follows from the variables, and from what is known of the machine.

    :param host: who is meant, for sentences
    :param probes: which C(user) asked the keyring for which C(index), and why it was C(refused), if it was
    :param pips: the C(version) that each C(user)'s pip says that it has
    :param renewal: what runs the renewal program there
    """
    setup = read_setup(variables, host)
    if setup.mistakes:
        return {"mistakes": list(setup.mistakes)}
    machine = Machine.of(probes, pips, renewal)
    asked = [index for index in setup.indexes if _asks_keyring(index)]
    users = [_of_user(setup, machine, user) for user in setup.users]
    refused = [f"{host}: {sentence}" for user in setup.users for sentence in _impossible(setup, machine, user)]
    vendors = sorted({index.address.vendor for index in asked if index.address})
    return {
        "mistakes": refused if probes or pips else [],
        "warnings": list(setup.warnings),
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
        "names": list(setup.users),
        # What is machine-wide has a keyring if one of the users needs it.
        "config": _configured(setup, users),
        "logins": [login for user in users for login in user["logins"]],
    }


def _asks_keyring(index: Index) -> bool:
    """Whether a login of the machine's own identity is tried first."""
    return index.address is not None and index.password is None and index.login not in (CONTROLLER, NO_LOGIN)


def _way(setup: Setup, machine: Machine, user: str, index: Index, client: str) -> str:
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
        ways = {client: _way(setup, machine, user, index, client) for client in index.clients(setup.clients)}
        left = [client for client, way in ways.items() if way == RENEWED]
        if left and not machine.renews:
            yield (
                f"{', '.join(left)} of {index.name} cannot ask a keyring, and nothing renews a token on the machine: set "
                f"{PREFIX}renewal to systemd or cron, or the login to controller."
            )


def _of_user(setup: Setup, machine: Machine, user: str) -> dict[str, t.Any]:
    """What a user gets: settings, logins that are renewed, and logins that this run writes."""
    ways = {
        index.name: {client: _way(setup, machine, user, index, client) for client in index.clients(setup.clients)}
        for index in setup.indexes
    }
    by_way = {
        way: [
            (index, clients)
            for index in setup.indexes
            if (clients := [client for client, found in ways[index.name].items() if found == way])
        ]
        for way in (RENEWED, CONTROLLER, GIVEN)
    }
    return {
        "user": user,
        "keyring": [name for name, found in ways.items() if KEYRING in found.values()],
        "renewed": [_renewed(index, clients) for index, clients in by_way[RENEWED]],
        "controller": [_fetched(index, clients) for index, clients in by_way[CONTROLLER]],
        "given": [_with_password(index, clients) for index, clients in by_way[GIVEN]],
        "logins": [
            {"user": user, "index": index.name, "client": client, "login": way}
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


def _place(index: Index, clients: list[str]) -> Entry:
    """Where a login belongs, as the modules take it."""
    return {
        "name": index.name,
        "url": index.url,
        "publish_url": index.publish_url,
        "format": index.format,
        "username": index.username,
        "clients": clients,
    }


def _renewed(index: Index, clients: list[str]) -> Entry:
    return {**_place(index, clients), "keyring_url": index.address.keyring_url if index.address else index.url}


def _fetched(index: Index, clients: list[str]) -> Entry:
    vendor = index.address.vendor if index.address else None
    return {**_place(index, clients), "vendor": vendor, **({"domain": dict(index.domain)} if index.domain else {})}


def _with_password(index: Index, clients: list[str]) -> Entry:
    return {**_place(index, clients), "password": index.password, "expires": index.expires, "keep": index.keep}


def _configured(setup: Setup, users: list[dict[str, t.Any]]) -> list[Entry]:
    """The indexes as the module package_client_config takes them."""
    keyring = {name for user in users for name in user["keyring"]}
    return [
        {
            "name": index.name,
            "url": index.url,
            "publish_url": index.publish_url,
            "format": index.format,
            "extra": index.extra,
            "install": index.install,
            "publish": index.publish,
            "keyring": index.name in keyring,
            **({"scope": index.scope} if index.scope else {}),
            **({"username": index.username} if index.username and index.format != NPM else {}),
        }
        for index in setup.indexes
    ]


def soon_over(logins: Sequence[Entry], variables: Mapping[str, t.Any], host: str, now: datetime) -> list[str]:
    """A sentence on each login that ends before the next run is due.

    :param logins: with C(name), C(user) and C(expires), a time in UTC or None
    """
    life = read_setup(variables, host).minimum_life
    return [
        f"{host}: the login of {one['user'] or 'the user whom Ansible works as'} for {one['name']} ends at {one['expires']}, and "
        f"{PREFIX}minimum_life wants it to be good for {life} seconds: run the role more often, or ask for a longer token."
        for one in logins
        if one.get("expires") and (read_time(one["expires"]) - now).total_seconds() < life
    ]
