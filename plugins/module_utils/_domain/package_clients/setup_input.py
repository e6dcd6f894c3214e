# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role package_clients is given: its variables, read, or one sentence on each that is wrong. Pure.

Source of what clients can do: measured with pip 23.0.1 to 26.3, uv 0.13.9, twine 7.0.0, npm 11.19.1 and poetry 2.5.1.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ..._base import role_input as kinds
from ..._base.errors import InvalidInput
from ..._base.secrets import forms_of
from ..._base.values import normal_url, parse_duration, parse_endpoint, parse_time, parse_url
from .addresses import FORMATS, NPM, PYTHON, Address, artifact_registry, codeartifact

Entry = dict[str, t.Any]

PREFIX = "package_clients_"
PIP, UV, TWINE, NPM_CLIENT, POETRY, NETRC = "pip", "uv", "twine", "npm", "poetry", "netrc"
CLIENTS = (PIP, UV, TWINE, NPM_CLIENT, POETRY, NETRC)
MACHINE, USER, VENV = "machine", "user", "venv"
#: The clients that have a file on each level.
_OF_LEVEL = {
    MACHINE: (PIP, UV, NPM_CLIENT, NETRC),
    USER: CLIENTS,
    VENV: (PIP, NETRC),
}
#: How a login gets to a client, best first, and that it is chosen by what the machine has.
AUTO, KEYRING, RENEWED, CONTROLLER, NO_LOGIN = "auto", "keyring", "renewed", "controller", "none"
LOGINS = (AUTO, KEYRING, RENEWED, CONTROLLER, NO_LOGIN)

#: What stands in place of a password, and characters of the shortest one that is looked for.
HIDDEN, _SHORTEST = "********", 4

_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_SCOPE = re.compile(r"@[a-z0-9~-][a-z0-9._~-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Hosts of both vendors' repositories, whose Python indexes are all at the same place below these.
_OF_VENDORS = re.compile(r"-python\.pkg\.dev$|\.d\.codeartifact\.")
_VENDORS = {"artifact_registry": artifact_registry, "codeartifact": codeartifact}


def _secret(reader: kinds.Reader, value: t.Any, where: str) -> str:
    """A text that no sentence quotes."""
    if isinstance(value, str):
        return value
    reader.wrong(f"{where} is not text. YAML may have changed what was written: put it in quotes.")
    # There is one, so nobody needs to be told that it is missing.
    return ""


def _variables(reader: kinds.Reader, value: t.Any, where: str) -> dict[str, str] | None:
    """Environment variables. One may have a password in it, as a proxy's address does, so no sentence quotes their values."""
    found = kinds.any_mapping(reader, value, where)
    for name, one in (found or {}).items():
        if not _VARIABLE.fullmatch(str(name)):
            reader.wrong(f"{where} has {name!r}, which is not the name of an environment variable.")
        elif kinds.text(reader, one, f"{where}.{name}") is not None and ("\n" in str(one) or '"' in str(one)):
            reader.wrong(f"{where}.{name} has a quotation mark or a line break in it, which timers cannot be given.")
    return None if found is None else {str(name): str(one) for name, one in found.items()}


_INDEX: dict[str, kinds.Kind] = {
    "name": kinds.text,
    "artifact_registry": kinds.mapping(dict.fromkeys(("project", "location", "repository"), kinds.text)),
    "codeartifact": kinds.mapping(dict.fromkeys(("domain", "domain_owner", "region", "repository"), kinds.text)),
    "url": kinds.text,
    "publish_url": kinds.text,
    "format": kinds.choice(*FORMATS),
    "scope": kinds.text,
    "extra": kinds.flag,
    "install": kinds.flag,
    "publish": kinds.flag,
    "login": kinds.choice(*LOGINS),
    "username": kinds.text,
    "password": _secret,
    "expires": kinds.text,
    "keep": kinds.flag,
    "package": kinds.text,
}
_VARIABLES: dict[str, kinds.Kind] = {
    "indexes": kinds.entries(_INDEX, "name"),
    "clients": kinds.texts,
    "level": kinds.choice(MACHINE, USER, VENV),
    "users": kinds.texts,
    "venv": kinds.text,
    "replace": kinds.flag,
    "state": kinds.choice("present", "absent"),
    "login": kinds.choice(*LOGINS),
    "minimum_life": kinds.text,
    "renewal": kinds.choice("auto", "systemd", "cron", "none"),
    "renewal_interval": kinds.text,
    "environment": _variables,
}


@dataclass(frozen=True)
class Index:
    """An index or registry, and how clients log in there."""

    name: str
    url: str
    publish_url: str
    format: str
    login: str
    address: Address | None
    scope: str | None = None
    extra: bool = False
    install: bool = True
    publish: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    expires: str | None = None
    keep: bool = False
    package: str | None = None
    #: What CodeArtifact is asked for a token with.
    domain: t.Mapping[str, str] | None = None

    @property
    def host(self) -> str:
        """What netrc knows it by."""
        return str(urlsplit(self.url).hostname)

    def clients(self, chosen: t.Iterable[str]) -> list[str]:
        """The clients of those that can use it."""
        return [one for one in chosen if one == NETRC or (one == NPM_CLIENT) == (self.format == NPM)]


@dataclass(frozen=True)
class Setup:
    """The role's variables, read."""

    mistakes: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    clients: tuple[str, ...] = ()
    level: str = MACHINE
    #: Names; an empty one is whoever Ansible works as.
    users: tuple[str, ...] = ("",)
    present: bool = True
    renewal: str = AUTO
    #: Seconds between two renewals; None to choose by the vendors.
    interval: int | None = None
    #: Seconds that a token of the controller must be good for.
    minimum_life: int = 0
    replace: bool = False
    environment: t.Mapping[str, str] = field(default_factory=dict)


def read_setup(variables: t.Mapping[str, t.Any], host: str) -> Setup:
    """The variables, which have their names without the role's.

    :param host: who is meant, for sentences
    """
    reader = kinds.Reader()
    given: Entry = {}
    for name, kind in _VARIABLES.items():
        value = variables.get(name)
        if value is not None and not (isinstance(value, str) and not value.strip()):
            found = kind(reader, value, f"{PREFIX}{name}")
            if found is not None:
                given[name] = found
    interval = _seconds(reader, given, "renewal_interval")
    life = _seconds(reader, given, "minimum_life")
    clients = tuple(dict.fromkeys(given.get("clients", ())))
    level = given.get("level", MACHINE)
    users = tuple(dict.fromkeys(given.get("users", ()))) or ("",)
    for sentence in (*_client_mistakes(clients, level), *_user_mistakes(users, level, given.get("venv"))):
        reader.wrong(sentence)
    indexes = tuple(
        index
        for number, entry in enumerate(given.get("indexes", ()))
        if (index := _index(reader, entry, f"{PREFIX}indexes[{number}]", given.get("login", AUTO))) is not None
    )
    if interval is not None and not 60 <= interval <= 1800:
        reader.wrong(
            f"{PREFIX}renewal_interval is {interval} seconds: give 1m to 30m, since tokens may end after an hour."
        )
    if not reader.mistakes:
        for sentence in _contradictions(indexes, clients):
            reader.wrong(sentence)
    if reader.mistakes:
        return Setup(tuple(f"{host}: {_without_passwords(sentence, variables)}" for sentence in reader.mistakes))
    return Setup(
        (),
        tuple(f"{host}: {sentence}" for sentence in _warnings(indexes, clients)),
        indexes,
        clients,
        level,
        users,
        given.get("state", "present") == "present",
        given.get("renewal", AUTO),
        interval,
        life or 0,
        given.get("replace", False),
        given.get("environment", {}),
    )


def _without_passwords(sentence: str, variables: t.Mapping[str, t.Any]) -> str:
    """A sentence that quotes no password which was given for something else, too."""
    indexes = variables.get("indexes")
    entries = [entry for entry in indexes if isinstance(entry, t.Mapping)] if isinstance(indexes, (list, tuple)) else []
    passwords = {entry["password"] for entry in entries if isinstance(entry.get("password"), str)}
    # What is shorter could be any word of the sentence.
    forms = {form for password in passwords if len(password) >= _SHORTEST for form in forms_of(password)}
    for form in sorted(forms, key=len, reverse=True):
        sentence = sentence.replace(form, HIDDEN)
    return sentence


def _seconds(reader: kinds.Reader, given: Entry, name: str) -> int | None:
    if name not in given:
        return None
    try:
        return parse_duration(given[name], option=f"{PREFIX}{name}")
    except InvalidInput as error:
        reader.wrong(str(error))
        return None


def _client_mistakes(clients: tuple[str, ...], level: str) -> t.Iterator[str]:
    for client in clients:
        if client not in CLIENTS:
            yield f"{PREFIX}clients has {client!r}, which is not known: accepted are {', '.join(CLIENTS)}."
        elif client not in _OF_LEVEL[level]:
            whose = "machine-wide file" if level == MACHINE else "file of a virtual environment"
            yield (
                f"{PREFIX}clients has {client}, which reads no {whose}: set {PREFIX}level to user for it, in a run of the role of "
                "its own if the others are to stay."
            )


def _user_mistakes(users: tuple[str, ...], level: str, venv: str | None) -> t.Iterator[str]:
    for user in users:
        if user and not _USER.fullmatch(user):
            yield f"{PREFIX}users has {user!r}, which is not the name of a user of Linux."
    if level == VENV and not (venv or "").startswith("/"):
        yield f"{PREFIX}level is venv: give the absolute path of the virtual environment in {PREFIX}venv."
    if level != VENV and venv:
        yield f"{PREFIX}venv is given, and {PREFIX}level is {level}: set {PREFIX}level to venv, or leave {PREFIX}venv out."
    if level == VENV and len(users) > 1:
        yield f"{PREFIX}users has {len(users)} users, and a virtual environment is one user's: name its owner alone."


def _index(reader: kinds.Reader, entry: Entry, where: str, login: str) -> Index | None:
    """One entry; None when something of it is wrong."""
    said = {key: value for key, value in entry.items() if value is not None}
    before = len(reader.mistakes)
    sources = [key for key in _VENDORS if key in said]
    if len(sources) > 1 or not (sources or "url" in said):
        reader.wrong(f"{where} must have one of artifact_registry, codeartifact and url, which say where the index is.")
        return None
    name = str(said.get("name", ""))
    if not _NAME.fullmatch(name):
        reader.wrong(
            f"{where}.name is {name!r}: give letters, digits, dots, hyphens and underscores, with a letter or digit at both ends."
        )
    package_format = said.get("format", PYTHON)
    address = _address(reader, said, sources[0], package_format, where) if sources else None
    for sentence in _entry_mistakes(said, package_format, bool(sources), where):
        reader.wrong(sentence)
    for key in ("url", "publish_url"):
        _check_url(reader, said, key, where)
    expires = _moment(reader, said, where)
    if len(reader.mistakes) > before:
        return None
    url = normal_url(said.get("url") or t.cast(Address, address).url)
    own = {
        key: said[key] for key in ("scope", "extra", "install", "publish", "password", "keep", "package") if key in said
    }
    return Index(
        name=name,
        url=url if url.endswith("/") else f"{url}/",
        publish_url=said.get("publish_url") or _published_to(url, address, package_format, moved="url" in said),
        format=package_format,
        login=said.get("login", login) if address else NO_LOGIN,
        address=address,
        username=said.get("username") or (address.username if address else None),
        expires=expires,
        domain=said.get("codeartifact"),
        **own,
    )


def _published_to(url: str, address: Address | None, package_format: str, *, moved: bool) -> str:
    """Where packages are uploaded: next to the simple index, as both vendors have it. Elsewhere, only publish_url can say."""
    if address and not moved:
        return address.publish_url
    return re.sub("simple/?$", "", url) if package_format == PYTHON else url


def _address(reader: kinds.Reader, said: Entry, source: str, package_format: str, where: str) -> Address | None:
    try:
        return _VENDORS[source](said[source], package_format)
    except InvalidInput as error:
        reader.wrong(f"{where}.{source}: {error}")
        return None


def _entry_mistakes(said: Entry, package_format: str, vendor: bool, where: str) -> t.Iterator[str]:
    scope, password = said.get("scope"), said.get("password")
    if scope and package_format != NPM:
        yield f"{where}.scope is npm's, and the format is {package_format}: set format to npm, or leave scope out."
    elif scope and not _SCOPE.fullmatch(scope):
        yield f"{where}.scope is {scope!r}: give an npm scope with its @, for example @acme."
    if said.get("extra") and package_format == NPM:
        yield f"{where}.extra is set, and npm has one registry for each scope and no further ones: give the index a scope."
    if said.get("extra") and said.get("install") is False:
        yield f"{where} has extra, which is for installing, and install: false: leave one of them out."
    if said.get("install") is False and package_format == NPM:
        yield f"{where}.install is false, and npm publishes to the registry that it installs from: leave the index out."
    elif said.get("install") is False and not said.get("publish"):
        yield f"{where} has install: false and is not for publishing either: set publish: true, or leave the index out."
    if said.get("login", AUTO) not in (AUTO, NO_LOGIN) and not vendor:
        yield (
            f"{where}.login is {said['login']}, which Artifact Registry and CodeArtifact have: with url alone, give username and "
            "password."
        )
    yield from _password_mistakes(said, password, vendor, where)


def _password_mistakes(said: Entry, password: str | None, vendor: bool, where: str) -> t.Iterator[str]:
    if password is None:
        if said.get("username") and not vendor:
            yield f"{where}.password is missing: a user name alone is no login."
        if said.get("expires") or said.get("keep"):
            yield f"{where} says how long a password is good, and has none: give password, or leave expires and keep out."
        return
    if not said.get("username") and not vendor:
        yield f"{where}.username is missing: give the name that the password is for."
    if said.get("login") == NO_LOGIN:
        yield f"{where} has a password and login: none. Leave one of them out."
    if not said.get("expires") and not said.get("keep"):
        yield (
            f"{where}.password would be written to disk for good. Say with expires until when it is good, or say keep: true if it "
            "is to stay."
        )


def _check_url(reader: kinds.Reader, said: Entry, key: str, where: str) -> None:
    if key not in said:
        return
    try:
        if _logs_in(said):
            parse_endpoint(said[key], option=f"{where}.{key}", sends="the login")
        else:
            parse_url(said[key], option=f"{where}.{key}")
    except InvalidInput as error:
        reader.wrong(str(error))
        return
    if key == "url" and said.get("format", PYTHON) == PYTHON and said.get("install") is not False:
        parts = urlsplit(said[key])
        if _OF_VENDORS.search(str(parts.hostname)) and not parts.path.rstrip("/").endswith("/simple"):
            reader.wrong(
                f"{where}.{key} is the address of a repository and not of its simple API, the only place where Python's clients find packages: "
                f"give {said[key].rstrip('/')}/simple/."
            )


def _logs_in(said: Entry) -> bool:
    """Whether clients send a login there."""
    return "password" in said or (said.get("login") != NO_LOGIN and any(key in said for key in _VENDORS))


def _moment(reader: kinds.Reader, said: Entry, where: str) -> str | None:
    if "expires" not in said:
        return None
    try:
        return parse_time(said["expires"], option=f"{where}.expires")
    except InvalidInput as error:
        reader.wrong(str(error))
        return None


def _contradictions(indexes: tuple[Index, ...], clients: tuple[str, ...]) -> t.Iterator[str]:
    """What each entry may say, and not both."""
    names = [index.name.lower() for index in indexes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{PREFIX}indexes has two entries of the name {name}: give each its own."
    for index in indexes:
        if not index.clients(clients):
            yield (
                f"{PREFIX}indexes has {index.name} of the format {index.format}, and {PREFIX}clients has no client for it: add "
                f"{'npm' if index.format == NPM else 'pip, uv, twine or poetry'}."
            )
    yield from _only_ones(indexes)
    yield from _shared_hosts(indexes)


def _only_ones(indexes: tuple[Index, ...]) -> t.Iterator[str]:
    """pip, uv and npm have one index that is the only one, and npm one for each scope."""
    for package_format in FORMATS:
        found: dict[str | None, list[str]] = {}
        for index in indexes:
            if index.format == package_format and index.install and not index.extra:
                found.setdefault(index.scope, []).append(index.name)
        for scope, names in found.items():
            if len(names) > 1:
                way = "a scope" if package_format == NPM else "extra: true"
                yield (
                    f"{' and '.join(names)} in {PREFIX}indexes would each be the only {package_format} index"
                    f"{f' of {scope}' if scope else ''}. Put one in front of the others, a virtual repository or a repository with "
                    f"upstreams, or give all but one {way}; what is for publishing alone has install: false."
                )


def _shared_hosts(indexes: tuple[Index, ...]) -> t.Iterator[str]:
    """netrc knows hosts, not paths and ports. Source: the manual of curl and measured with pip, uv and poetry."""
    logins: dict[str, dict[tuple[str | None, str | None], str]] = {}
    for index in indexes:
        if (index.format == PYTHON and index.login != NO_LOGIN) or index.password:
            logins.setdefault(index.host, {}).setdefault((index.username, index.password), index.name)
    for host, found in logins.items():
        if len(found) > 1:
            yield (
                f"{' and '.join(found.values())} in {PREFIX}indexes are on the host {host} with different logins, and netrc, which "
                "pip, uv and poetry read, has one for each host."
            )


def _warnings(indexes: tuple[Index, ...], clients: tuple[str, ...]) -> t.Iterator[str]:
    for index in indexes:
        if index.extra:
            uv = " uv asks extra indexes first and takes what the first one has." if UV in clients else ""
            yield (
                f"{index.name} is an extra index, so whoever publishes a package of one of your names in one of the indexes can have it "
                f"installed in place of yours (dependency confusion): pip takes the newest version of all indexes.{uv} The way out is one "
                "index that serves both: a virtual repository of Artifact Registry (role repository), or a CodeArtifact repository with "
                "an upstream (role codeartifact_repository), with the names protected by the role package_protection."
            )
