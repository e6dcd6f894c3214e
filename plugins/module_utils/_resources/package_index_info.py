# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether one package of an index can be read with given credentials."""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from .._base.errors import InvalidInput
from .._base.values import is_host, parse_endpoint, parse_url
from .._clients.gcp.auth import Connection
from .._clients.pypi.index import Login, PackageIndex, Reading
from .._engine.resource import DesiredState, Options, Resource

# Source: the specification of names and normalization of packages.
_PACKAGE = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)

#: User name by which Artifact Registry takes an access token as the password. Source: its documentation.
GOOGLE_USERNAME = "oauth2accesstoken"
#: Hosts of Artifact Registry's repositories.
GOOGLE_HOSTS = ".pkg.dev"
#: Environment variable with the URL below which these hosts are served instead, each by its name. The local cloud sets it.
PACKAGES_URL = "ARTIFACT_REGISTRY_PACKAGES_URL"
#: What is shown of a file.
SHOWN = ("filename", "version", "sha256", "yanked")


@dataclass(frozen=True)
class DesiredReading(DesiredState):
    """What to read, and as whom. C(login) is None for nobody, and for whom the Google credentials stand for."""

    index_url: str
    package: str
    login: Login | None = None
    google: bool = False
    download: bool = False

    @classmethod
    def from_options(cls, options: Options) -> DesiredReading:
        """Raises InvalidInput, which never quotes a password, nor an index_url that may hold one."""
        url, package = options.get("index_url"), options.get("package")
        if not url:
            raise InvalidInput("index_url is missing: give the root of the index's simple API.")
        parts = parse_url(url, option="index_url")
        if parts.query or parts.fragment:
            raise InvalidInput("index_url has a query or fragment: give the root of the index's simple API.")
        if not package:
            raise InvalidInput("package is missing: name the package to read.")
        if not _PACKAGE.fullmatch(package):
            raise InvalidInput(f"package {package!r} is not a package's name.")
        login, google = _login(options), bool(options.get("use_google_credentials"))
        if google and login:
            raise InvalidInput("Give either username and password, or use_google_credentials.")
        if login or google:
            parse_endpoint(url, option="index_url", sends="credentials")
        host = str(parts.hostname)
        if google and not is_host(host, GOOGLE_HOSTS):
            raise InvalidInput(
                f"use_google_credentials sends an access token for all of Google Cloud, and {host} is not a host of Artifact "
                f"Registry (*{GOOGLE_HOSTS}): give username and password for it."
            )
        return cls(url, package, login, google, bool(options.get("download")))

    @property
    def target(self) -> str:
        """The package, the index and who asks: two users may get two answers."""
        username = GOOGLE_USERNAME if self.google else self.login and self.login.username
        return f"{self.package} at {self.index_url}" + (f" as {username}" if username else "")

    @property
    def endpoint(self) -> str:
        """The index's host and port."""
        return parse_url(self.index_url, option="index_url").netloc


def _login(options: Options) -> Login | None:
    username, password = options.get("username"), options.get("password")
    if username is None and password is None:
        return None
    if not username or not password:
        raise InvalidInput("username and password go together, and neither can be empty.")
    if ":" in username:
        raise InvalidInput("username has a colon, which no user name of HTTP can have.")
    return Login(username, password)


def _address(index_url: str) -> str:
    """Where the index is read. Raises InvalidInput when the environment names no place that may get a token."""
    elsewhere = os.environ.get(PACKAGES_URL)
    parts = urlsplit(index_url)
    if not elsewhere or not str(parts.hostname).endswith(GOOGLE_HOSTS):
        return index_url
    return f"{parse_endpoint(elsewhere, option=PACKAGES_URL, sends='an access token')}/{parts.hostname}{parts.path}"


@dataclass(frozen=True)
class PackageReadings(Resource[DesiredReading, Reading]):
    """The resource of package_index_info. It is read, and never changed."""

    index: PackageIndex
    #: An access token. Google credentials are looked for when the first entry needs them.
    token: t.Callable[[], str]

    @classmethod
    def connect(cls, options: Options) -> PackageReadings:
        """Raises MissingLibrary."""
        connection = cache(lambda: Connection.from_options(options))
        return cls(PackageIndex(), lambda: connection().token())

    def read(self, desired: DesiredReading) -> Reading:
        login = Login(GOOGLE_USERNAME, self.token()) if desired.google else desired.login
        return self.index.read(_address(desired.index_url), desired.package, login, download=desired.download)

    def result(self, state: Reading, desired: DesiredReading) -> dict[str, t.Any]:
        """C(package_index): what was found. Holds no addresses: some indexes sign them."""
        verified = {"verified_by": list(state.verified_by)} if state.downloaded else {}
        return {
            "package_index": {
                **verified,
                "status": state.status,
                "package": desired.package,
                "versions": list(state.versions),
                "files": [{name: getattr(file, name) for name in SHOWN} for file in state.files],
                "downloaded": state.downloaded,
            }
        }
