# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether one package of an index can be read with given credentials."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult

from .._base.errors import InvalidInput, NotFound
from .._base.values import is_loopback, parse_url
from .._clients.gcp.auth import Connection
from .._clients.pypi.index import Login, PackageIndex, Reading
from .._engine.reconcile import Change

Options = t.Mapping[str, t.Any]

# Source: the specification of names and normalization of packages.
_PACKAGE = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)

#: User name by which Artifact Registry takes an access token as the password. Source: its documentation.
GOOGLE_USERNAME = "oauth2accesstoken"
#: Hosts of Artifact Registry's repositories.
GOOGLE_HOSTS = ".pkg.dev"


@dataclass(frozen=True)
class DesiredReading:
    """What to read, and as whom. C(login) is None for nobody, and for whom the Google credentials stand for."""

    index_url: str
    package: str
    login: Login | None = None
    google: bool = False
    download: bool = False
    warnings: tuple[str, ...] = ()

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
            _check_host(parts, google)
        return cls(url, package, login, google, bool(options.get("download")))

    @property
    def target(self) -> str:
        """The package, the index and who asks: two users may get two answers."""
        username = GOOGLE_USERNAME if self.google else self.login and self.login.username
        return f"{self.package} at {self.index_url}" + (f" as {username}" if username else "")

    unit = target


def _login(options: Options) -> Login | None:
    username, password = options.get("username"), options.get("password")
    if username is None and password is None:
        return None
    if not username or not password:
        raise InvalidInput("username and password go together, and neither can be empty.")
    if ":" in username:
        raise InvalidInput("username has a colon, which no user name of HTTP can have.")
    return Login(username, password)


def _check_host(parts: SplitResult, google: bool) -> None:
    """Raises InvalidInput when credentials would go where they do not belong."""
    host = str(parts.hostname)
    if is_loopback(host):
        return
    if parts.scheme == "http":
        raise InvalidInput(
            "index_url would send credentials in clear: http is accepted for this machine's loopback only."
        )
    if google and not host.endswith(GOOGLE_HOSTS):
        raise InvalidInput(
            f"use_google_credentials sends an access token for all of Google Cloud, and {host} is not a host of Artifact "
            f"Registry (*{GOOGLE_HOSTS}): give username and password for it."
        )


@dataclass(frozen=True)
class PackageReadings:
    """The resource of package_index_info. It is read, and never changed."""

    index: PackageIndex
    #: An access token. Google credentials are looked for when the first entry needs them.
    token: t.Callable[[], str]

    @classmethod
    def connect(cls, options: Options) -> PackageReadings:
        """Raises MissingLibrary."""

        @cache
        def connection() -> Connection:
            return Connection.from_options(options)

        return cls(PackageIndex(), lambda: connection().token())

    def read(self, desired: DesiredReading) -> Reading:
        """Raises the errors of PackageIndex.read, and those of Google's credentials."""
        login = Login(GOOGLE_USERNAME, self.token()) if desired.google else desired.login
        return self.index.read(desired.index_url, desired.package, login, download=desired.download)

    def assume(self, desired: DesiredReading) -> Reading:
        """Raises NotFound: a missing package is an answer of read(), and nothing is made up."""
        raise NotFound(f"{desired.target} does not exist.")

    def plan(self, current: Reading, desired: DesiredReading) -> Change[Reading] | None:
        """Nothing, ever."""
        return None

    def apply(self, change: Change[Reading], desired: DesiredReading) -> Reading:
        """Nothing to do: there is never a plan."""
        return change.after

    def result(self, state: Reading, desired: DesiredReading) -> dict[str, t.Any]:
        """C(package_index): what was found. Holds no addresses: some indexes sign them."""
        verified = {"verified_by": list(state.verified_by)} if state.downloaded else {}
        return {
            "package_index": {
                **verified,
                "status": state.status,
                "package": desired.package,
                "versions": list(state.versions),
                "files": [
                    {
                        "filename": file.filename,
                        "version": file.version,
                        "sha256": file.sha256,
                        "yanked": file.yanked,
                    }
                    for file in state.files
                ],
                "downloaded": state.downloaded,
            }
        }

    def diff(self, state: Reading, desired: DesiredReading) -> dict[str, t.Any]:
        """Nothing: there is never a change to show."""
        return {}
