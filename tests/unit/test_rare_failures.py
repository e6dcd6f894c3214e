# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures that no server of the other tests makes: of libraries, of proxies, of logins, and of lists that come in pages.

The exceptions are those that the libraries raise, by their own documentation and sources.
"""

from __future__ import annotations

import io
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    MissingLibrary,
    Refused,
    RegistryAuthError,
    Stranger,
    Unauthenticated,
    Unavailable,
    Unreachable,
    importing,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import Call as AwsCall
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import (
    Listed,
    login_failure,
    read_pages,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http import bounds
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http.failures import (
    connection_failure,
    failures,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http.sessions import Exposed
from google.auth import exceptions
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import MaxRetryError, ProxyError

PLACE = "https://packages.example.com"


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (requests.TooManyRedirects("30"), Refused, "redirects without end"),
        (Exposed(), Refused, "would be asked over plain http, and credentials are never sent that way"),
        (requests.exceptions.InvalidHeader("h"), Stranger, "cannot be read (InvalidHeader)"),
        # What a proxy answers has no number. Source: http.client's HTTPConnection._tunnel.
        (
            requests.exceptions.ProxyError(
                MaxRetryError(
                    HTTPConnectionPool("packages.example.com"),
                    "/",
                    ProxyError(
                        "Unable to connect", OSError("Tunnel connection failed: 407 Proxy Authentication Required")
                    ),
                )
            ),
            Unreachable,
            "Tunnel connection failed: 407",
        ),
    ],
)
def test_failures_of_libraries(error: Exception, kind: type[RegistryAuthError], says: str) -> None:
    failure = connection_failure(error, PLACE)
    assert isinstance(failure, kind)
    assert says in str(failure)
    # The words of a proxy may hold anything.
    assert "Required" not in str(failure)


def test_what_is_about_no_connection_is_told_by_its_class() -> None:
    assert connection_failure(ValueError("secret"), PLACE) is None
    with pytest.raises(Stranger, match=r"Not a registry \(ValueError\)[.]"), failures(PLACE, "Not a registry."):
        raise ValueError("secret")


def test_our_own_errors_pass() -> None:
    with pytest.raises(Unavailable, match="later"), failures(PLACE, "Not a registry."):
        raise Unavailable("later")


class TestLines:
    """Lines around a body."""

    def lines(self, text: bytes) -> Any:
        return bounds._Lines(io.BytesIO(text))

    def test_a_line_without_end_is_not_read_to_its_end(self) -> None:
        longest = bounds._LONGEST_LINE
        assert self.lines(b"x" * (longest - 1) + b"\n").readline() == b"x" * (longest - 1) + b"\n"
        with pytest.raises(bounds.TooLarge):
            self.lines(b"x" * (longest + 1)).readline()

    def test_a_head_that_is_cut_is_no_head(self) -> None:
        assert self.lines(b"ab\n").readline(10) == b"ab\n"
        assert self.lines(b"abcdef").readline(3) == b"abc"
        with pytest.raises(ConnectionResetError):
            self.lines(b"ab").readline(10)


def test_pools_are_bounded_once() -> None:
    once = bounds.bounded_pools({"http": HTTPConnectionPool}, bounds.CALL)
    assert bounds.bounded_pools(once, bounds.CALL) == once
    assert bounds.bounded_pools(once, bounds.Bounds(size=1)) != once


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (
            exceptions.RefreshError("invalid_grant: Bad Request", {"error": "secret"}),
            Unauthenticated,
            "It says: invalid_grant.",
        ),
        (exceptions.RefreshError("Something else"), Unauthenticated, ""),
        (exceptions.RefreshError("soon", retryable=True), Unavailable, "cannot serve now"),
    ],
)
def test_failures_to_log_in_to_google(error: Exception, kind: type[RegistryAuthError], says: str) -> None:
    failure = login_failure(error, "ops@example.com")
    assert isinstance(failure, kind)
    assert says in str(failure)
    assert "secret" not in str(failure)


def test_pages_are_read_to_the_last_or_as_many_as_wanted() -> None:
    pages = {"": (["a"], "2"), "2": (["b"], "3"), "3": (["c"], "")}
    asked: list[str] = []

    def ask(request: dict[str, Any], read: Any) -> Any:
        asked.append(request["page_token"])
        items, token = pages[request["page_token"]]
        return read(SimpleNamespace(things=items, next_page_token=token))

    assert read_pages(ask, "p", "things", str.upper) == Listed(["A", "B", "C"], complete=True)
    assert asked == ["", "2", "3"]
    assert read_pages(ask, "p", "things", str.upper, most=2) == Listed(["A", "B"], complete=False)
    assert read_pages(ask, "p", "things", str.upper, most=3) == Listed(["A", "B", "C"], complete=True)


def test_what_boto3_raises_and_nobody_knows_is_told_by_its_class() -> None:
    def fails() -> dict[str, Any]:
        raise EOFError

    def odd() -> dict[str, Any]:
        raise OSError("secret")

    call = AwsCall("CodeArtifact", "codeartifact:DescribeDomain", "domain demo")
    with pytest.raises(Unauthenticated, match="multi-factor"):
        call.run(fails, dict)
    with pytest.raises(RegistryAuthError) as error:
        call.run(odd, dict)
    assert "secret" not in str(error.value)


def test_a_library_that_is_missing_is_named() -> None:
    with (
        pytest.raises(MissingLibrary, match="The Python library nowhere-at-all is missing"),
        importing("nowhere-at-all"),
    ):
        import_module("nowhere_at_all")
