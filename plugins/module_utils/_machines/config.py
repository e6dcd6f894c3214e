# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The work of package_client_config: which indexes clients use."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from functools import partial

from .._base.errors import InvalidInput
from .contents import READERS
from .desired.indexes import Index, of_format, read_indexes
from .formats import npmrc, pip_conf, poetry, pypirc, uv_toml
from .formats.marks import Edit
from .places import Surroundings, check_levels, config_place
from .task import Ended, Step, run

#: How the file of each client is edited.
FORMATS: t.Mapping[str, t.Any] = {"pip": pip_conf, "uv": uv_toml, "twine": pypirc, "npm": npmrc, "poetry": poetry}


def configure(
    params: t.Mapping[str, t.Any], around: Surroundings | None = None, *, check_mode: bool, diff_mode: bool
) -> Ended:
    """Set or remove the indexes of clients, as the module's options say. Raises RegistryAuthError."""
    clients, level, venv = tuple(dict.fromkeys(params["clients"])), params["level"], params["venv"]
    check_levels(clients, level, venv)
    indexes = read_indexes(params["indexes"] or [])
    absent = params["state"] == "absent"
    if not absent and not indexes:
        raise InvalidInput("indexes is missing or empty: name at least one, or give state: absent.")
    unused = [index.name for index in indexes if not any(index in of_format(indexes, client) for client in clients)]
    if unused and not absent:
        raise InvalidInput(
            f"No client of {', '.join(clients)} can use {', '.join(unused)}: see the format of the index."
        )
    around = around or Surroundings.of_process()
    steps = []
    for client in clients:
        edit = (
            partial(_without, FORMATS[client])
            if absent
            else partial(
                FORMATS[client].with_indexes, indexes=of_format(indexes, client), replace=bool(params["replace"])
            )
        )
        place = replace(config_place(client, level, venv, around), logins=partial(_logins, client))
        steps.append(Step((client,), place, edit))
    return run(
        steps, check_mode=check_mode, diff_mode=diff_mode, warnings=[] if absent else list(_warnings(clients, indexes))
    )


def _logins(client: str, text: str) -> list[int]:
    """The lines with logins of others."""
    return [login.line for login in READERS[client](text).logins if login.secret and not login.ours]


def _without(used: t.Any, text: str | None) -> Edit:
    return Edit(used.without(text), leaving=True)


def _warnings(clients: t.Sequence[str], indexes: t.Sequence[Index]) -> t.Iterator[str]:
    """What the options themselves let happen."""
    extra = [index.name for index in indexes if index.extra]
    if extra and "pip" in clients:
        yield (
            f"{', '.join(extra)} {'is an extra index' if len(extra) == 1 else 'are extra indexes'}: pip takes the newest version that any index "
            "has, so a package of yours can be replaced by a public one of the same name (dependency confusion), also when the login to yours "
            "fails. Use one index alone, with the other one behind it as an upstream or in a virtual repository."
        )
