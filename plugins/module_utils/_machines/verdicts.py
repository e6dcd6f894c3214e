# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the files of package clients: from what was seen to findings.

Source of the rules: what was measured with pip 26, uv 0.13, twine 7, npm 11 and poetry 2, and their documentation.
"""

from __future__ import annotations

import os
import typing as t

from .._base.findings import HIGH, LOW, MEDIUM, Finding
from .._base.values import read_time
from . import contents as says
from .contents import FoundLogin, NamedIndex, Seen
from .places import MACHINE

#: A file, an index that it names, how the login to that is found, and that login if it is in a file.
Used = tuple[Seen, NamedIndex, str, t.Optional[FoundLogin]]

#: How grave each kind of finding is where nothing else is said, and what to do.
RULES: t.Mapping[str, tuple[str, str]] = {
    "file_unreadable": (
        HIGH,
        "Let its user read it: with mode 0644 if it is for the machine, or give it to the user.",
    ),
    "file_broken": (HIGH, "Mend or remove what is named."),
    "netrc_ignored": (HIGH, "Mend or remove that line."),
    "file_writable": (
        HIGH,
        "Let nobody write it but its user, or root where it is for the machine.",
    ),
    "login_of_machine": (HIGH, "Give each user a login of their own, with package_client_login."),
    "secret_readable": (HIGH, "Give it the mode 0600, and replace the token or password."),
    "login_in_url": (MEDIUM, "Remove it from the URL, and write it with package_client_login."),
    "login_expired": (HIGH, "Renew it, and see why the timer or the play did not."),
    "login_ends": (MEDIUM, "Renew it."),
    "extra_public_index": (
        HIGH,
        "Use one index alone, with the other one behind it as an upstream or in a virtual repository.",
    ),
    "index_asked_first": (
        HIGH,
        "Put the index with a login first, and the other one last with default = true, or behind it as an upstream.",
    ),
}
#: What a client does with a file that its user may not read.
_UNREADABLE = {
    "pip": "pip silently ignores it, and asks the public index",
    "npm": "npm silently ignores it, and asks the public registry",
    "netrc": "Programs silently ignore it, and have no login",
}


def findings(seen: t.Sequence[Seen], used: t.Sequence[Used], *, now: float, soon: float) -> t.Iterator[Finding]:
    """What is wrong, in the order of files.

    :param now: seconds since the epoch
    :param soon: seconds in which a login that ends is told of
    """
    for one in seen:
        yield from _of_reading(one)
        yield from _of_permissions(one)
        for login in one.contents.logins:
            yield from _of_login(one, login, now, soon)
    yield from _more_of_pip([each for each in used if each[0].client == "pip"])
    yield from _before_uv([each for each in used if each[0].client == "uv"])


def _of_reading(one: Seen) -> t.Iterator[Finding]:
    if not one.readable:
        does = _UNREADABLE.get(one.client, f"{one.client} ends with an error")
        yield _finding("file_unreadable", one, 0, f"{one.broken} {does}.")
    elif one.broken:
        code = "netrc_ignored" if one.client == "netrc" else "file_broken"
        yield _finding(code, one, one.line, one.broken)


def _of_permissions(one: Seen) -> t.Iterator[Finding]:
    if one.status is None:
        return
    mode, owner = one.status.st_mode, one.status.st_uid
    if mode & 0o002:
        said = "can be changed by everybody, who could have packages installed from anywhere"
        yield _finding("file_writable", one, 0, f"{one.path} {said}.")
    elif owner not in (0, os.geteuid()):
        said = "belongs to another user, who could have packages installed from anywhere"
        yield _finding("file_writable", one, 0, f"{one.path} {said}.")
    line = next((login.line for login in one.contents.logins if login.secret), 0)
    if not line:
        return
    if one.level == MACHINE:
        said = "is for everybody on the machine, and has a login in it"
        yield _finding("login_of_machine", one, line, f"{one.path} {said}.")
    elif mode & 0o044:
        said = f"has a login in it, and its mode {mode & 0o7777:04o} lets others read it"
        severity = HIGH if _reachable(one.path) else MEDIUM
        yield _finding("secret_readable", one, line, f"{one.path} {said}.", severity)


def _reachable(path: str) -> bool:
    """Whether everybody gets as far as the file."""
    folder = os.path.dirname(os.path.realpath(path))
    while folder != os.path.dirname(folder):
        if not os.stat(folder).st_mode & 0o001:
            return False
        folder = os.path.dirname(folder)
    return True


def _of_login(one: Seen, login: FoundLogin, now: float, soon: float) -> t.Iterator[Finding]:
    where = f"{one.path} line {login.line}"
    if login.kind == says.URL:
        said = f"has a password in a URL, which is final for {one.client}: once it has ended, no keyring is asked"
        yield _finding("login_in_url", one, login.line, f"{where} {said}.")
    if login.until:
        left = read_time(login.until).timestamp() - now
        if left <= 0:
            said = f"{where} has the login for {login.target}, which ended at {login.until}."
            yield _finding("login_expired", one, login.line, said)
        elif left <= soon:
            said = f"{where} has the login for {login.target}, which ends at {login.until}."
            yield _finding("login_ends", one, login.line, said)


def _more_of_pip(used: t.Sequence[Used]) -> t.Iterator[Finding]:
    """pip takes the newest version of all indexes. Of a setting in several files, the last one counts of those for the command, if any."""
    last = {
        index.kind: (index.of_command, one.path)
        for one, index, _kind, _login in sorted(used, key=lambda each: each[1].of_command)
    }
    counts = [each for each in used if (each[1].of_command, each[0].path) == last[each[1].kind]]
    extra = [each for each in counts if each[1].kind == says.EXTRA]
    if not extra:
        return
    alone = says.DEFAULT not in last
    logged_in = {kind != says.NONE for _one, _index, kind, _login in counts}
    one, index = extra[0][:2]
    other = "the public one" if alone else "another one"
    said = (
        f"{one.path} line {index.line} has pip ask an index in addition to {other}. pip takes the newest version of all, so a package of yours can be "
        "replaced by another one of the same name, also when the login to yours fails."
    )
    yield _finding("extra_public_index", one, index.line, said, HIGH if alone or len(logged_in) > 1 else MEDIUM)


def _before_uv(used: t.Sequence[Used]) -> t.Iterator[Finding]:
    """uv asks the default last, and nearer files before others; the first index that has a name decides."""
    paths = list(dict.fromkeys(each[0].path for each in used))
    # One of the same name in a nearer file stands in for it, and whether it is the default, too.
    nearest = {index.name: one.path for one, index, _kind, _login in used}
    used = [each for each in used if each[1].name is None or nearest[each[1].name] == each[0].path]
    order = sorted(used, key=lambda each: (each[1].kind == says.DEFAULT, -paths.index(each[0].path)))
    for position, (one, index, kind, _login) in enumerate(order):
        behind = next((each[1] for each in order[position + 1 :] if each[2] != says.NONE), None)
        if kind == says.NONE and behind is not None:
            said = (
                f"{one.path} line {index.line} has uv ask {index.name or index.url}, for which there is no login, before "
                f"{behind.name or behind.url}. uv takes a package from the first one that has its name."
            )
            yield _finding("index_asked_first", one, index.line, said)
    extra = [each for each in order if each[1].kind == says.EXTRA]
    if extra and not any(each[1].kind == says.DEFAULT for each in order):
        one, index = extra[0][:2]
        said = f"{one.path} line {index.line} has uv ask an index before the public one, which has whatever the first one does not have."
        yield _finding("extra_public_index", one, index.line, said, LOW)


def _finding(code: str, one: Seen, line: int, message: str, severity: str = "") -> Finding:
    usual, remedy = RULES[code]
    where = f"{one.path} line {line}" if line else one.path
    about = {"path": one.path, "line": line or None, "client": one.client}
    return Finding(code, where, message, remedy, severity or usual, about)
