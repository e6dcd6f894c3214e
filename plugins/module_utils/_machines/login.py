# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of package_client_login: with which logins a user's clients reach their indexes."""

from __future__ import annotations

import typing as t
from functools import partial

from .._base.errors import InvalidInput
from .desired.indexes import NPM, PYTHON
from .desired.logins import Login, one_for_each_host, one_for_each_registry, read_logins
from .formats import netrc, npmrc, pypirc
from .formats.marks import Edit
from .places import Surroundings, login_place
from .task import Ended, Step, run

#: Clients that read a netrc file, and what else does.
BY_NETRC = ("pip", "uv", "poetry", "netrc")
CLIENTS = ("pip", "uv", "twine", "npm", "poetry", "netrc")


def log_in(
    params: t.Mapping[str, t.Any], around: Surroundings | None = None, *, check_mode: bool, diff_mode: bool
) -> Ended:
    """Write or remove logins, as the module's options say. Raises RegistryAuthError."""
    clients = tuple(dict.fromkeys(params["clients"]))
    absent = params["state"] == "absent"
    logins = read_logins(params["logins"] or [], absent=absent)
    if not logins:
        raise InvalidInput("logins is missing or empty: name at least one.")
    around = around or Surroundings.of_process()
    steps = steps_of(clients, logins, around, absent=absent, replace=bool(params["replace"]), check_mode=check_mode)
    return run(steps, check_mode=check_mode, diff_mode=diff_mode)


def steps_of(
    clients: t.Sequence[str],
    logins: t.Sequence[Login],
    around: Surroundings,
    *,
    absent: bool = False,
    replace: bool = False,
    check_mode: bool = False,
) -> list[Step]:
    """The changes that give clients their logins, or take them away. Raises InvalidInput."""
    steps = []
    by_netrc = tuple(client for client in clients if client in BY_NETRC)
    # What is no client's alone takes logins of any format.
    in_netrc = [login for login in logins if login.format == PYTHON or "netrc" in by_netrc]
    if by_netrc and in_netrc:
        one_for_each_host(in_netrc)
        edit = (
            partial(_without_netrc, hosts=frozenset(login.host for login in in_netrc))
            if absent
            else partial(netrc.with_logins, logins=in_netrc, replace=replace)
        )
        steps.append(Step(by_netrc, login_place("netrc", around), edit))
    own: dict[str, t.Any] = {
        "twine": [login for login in logins if login.publish and login.format == PYTHON],
        "npm": [login for login in logins if login.format == NPM],
    }
    if "npm" in clients:
        one_for_each_registry(own["npm"])
    for client, used in (("twine", pypirc), ("npm", npmrc)):
        if client in clients and own[client]:
            names = frozenset(login.name for login in own[client])
            edit = (
                partial(_without, used, names)
                if absent
                else partial(used.with_logins, logins=own[client], replace=replace)
            )
            if client == "twine" and not absent:
                # A first run in check mode has not written the section.
                edit = partial(edit, assumed=check_mode)
            steps.append(Step((client,), login_place(client, around), edit))
    return steps


def _without_netrc(text: str | None, hosts: t.Collection[str]) -> Edit:
    return Edit(netrc.without_logins(text, hosts), leaving=True)


def _without(used: t.Any, names: t.Collection[str], text: str | None) -> Edit:
    return Edit(used.without_logins(text, names), leaving=True)
