# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters on API tokens of package indexes. They ask nobody."""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._base.errors import InvalidInput, RegistryAuthError
from ..module_utils._base.values import parse_time, parse_url, read_time
from ..module_utils._clients.pypi.api_tokens import check_token, index_name, read_token, restrict_token, show_time
from ..module_utils._clients.pypi.endpoints import pypi_endpoint

_P = t.ParamSpec("_P")
_R = t.TypeVar("_R")


def _told(function: t.Callable[_P, _R]) -> t.Callable[_P, _R]:
    """The filter with our errors as Ansible's, and nothing of where they came from, which could hold the token."""

    def told(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except RegistryAuthError as error:
            raise AnsibleFilterError(str(error)) from None

    return told


@_told
def pypi_token(token: str, index: str = "pypi") -> str:
    """The token as it is, if an index may take it."""
    if "://" in index:
        parse_url(index, option="index")
    elif index not in ("pypi", "testpypi"):
        raise InvalidInput(f"index {index!r} is neither pypi nor testpypi nor the URL of an index.")
    check_token(token, index, pypi_endpoint())
    return token


@_told
def pypi_token_info(token: str) -> dict[str, t.Any]:
    """What the token says of itself, without any of it."""
    found = read_token(token)
    return {
        "index": index_name(found.domain, pypi_endpoint()),
        "domain": found.domain,
        "scope": found.scope,
        "projects": sorted(found.projects or ()),
        "minted": found.minted,
        "not_before": None if found.not_before is None else show_time(found.not_before),
        "expires_at": None if found.expires_at is None else show_time(found.expires_at),
        "expired": found.expires_at is not None and found.expires_at <= time.time(),
        "flaw": found.flaw,
    }


@_told
def pypi_token_restricted(token: str, projects: t.Collection[str] | None = None, expires_at: str | None = None) -> str:
    """A token that is good for these projects alone, or until then, or both."""
    if projects is None and expires_at is None:
        raise InvalidInput("Give projects, expires_at or both: without them there is nothing to restrict.")
    if projects is not None and (isinstance(projects, str) or not projects):
        raise InvalidInput("projects must be a list with at least one name.")
    seconds = None
    if expires_at is not None:
        seconds = int(read_time(parse_time(expires_at, option="expires_at")).timestamp())
        if seconds <= time.time():
            raise InvalidInput(f"expires_at {expires_at!r} is past.")
    return restrict_token(token, projects, seconds)


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {
            "pypi_token": pypi_token,
            "pypi_token_info": pypi_token_info,
            "pypi_token_restricted": pypi_token_restricted,
        }
