# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call to a Google API, and its failure as one of our errors."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass, field

from ..._base.errors import (
    LostRace,
    MissingLibrary,
    NotFound,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Silent,
    Stranger,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from ..http import ANSWER_TIMEOUT, connection_cause, retry_after

Answer = t.TypeVar("Answer")

Item = t.TypeVar("Item")

REJECTED = "The credentials in use, {}, were not accepted or have expired."


class FailedPrecondition(Refused):
    """The resource is not in the state that the request supposes: a stale etag, a disabled version."""


class AlreadyExists(LostRace):
    """What is to be created exists: somebody was faster."""


@dataclass(frozen=True)
class Failure:
    """What an answer with an error says: Google's error model (google.rpc.Status)."""

    http_status: int
    status: str
    message: str
    reason: str = ""
    metadata: t.Mapping[str, str] = field(default_factory=dict)
    retry_after: float = 0


@dataclass(frozen=True)
class Call:
    """What a call needs and touches, for the sentence when it fails.

    :param service: name of the API for people
    :param permission: the IAM permission that the method needs
    :param resource: name of what it is asked of
    :param identity: whom the credentials stand for
    :param quiet: do not repeat the service's own words, because the request holds a secret
    :param classify: tells failures apart that only this method has; None leaves them to the common rules
    """

    service: str
    permission: str
    resource: str
    identity: str
    quiet: bool = False
    classify: t.Callable[[Failure], RegistryAuthError | None] | None = None

    def run(self, method: t.Callable[..., Answer], *args: t.Any, **kwargs: t.Any) -> Answer:
        """Call C(method); raises one of our errors in place of the libraries'."""
        try:
            import google.api_core.exceptions
            import google.auth.exceptions
            import google.protobuf.json_format
            import requests.exceptions
        except ImportError as error:
            # The others came with the credentials, and this one has protobuf with it.
            raise MissingLibrary("google-api-core", error) from error
        try:
            return method(*args, **kwargs)
        except google.api_core.exceptions.GoogleAPICallError as error:
            response = getattr(error, "response", None)
            if response is None:
                raise Unavailable(f"{self.service} did not answer as expected about {self.resource}.") from None
            raise self.error(read_failure(response.status_code, response.text, response.headers)) from None
        except google.protobuf.json_format.ParseError:
            raise Stranger(
                f"What answers at {self.service}'s endpoint about {self.resource} is not {self.service}."
            ) from None
        except google.auth.exceptions.RefreshError:
            raise Unauthenticated(REJECTED.format(self.identity)) from None
        except google.auth.exceptions.GoogleAuthError as error:
            raise Unavailable(f"No access token could be got for {self.identity} ({type(error).__name__}).") from None
        except (requests.exceptions.ConnectTimeout, requests.exceptions.ConnectionError) as error:
            host = getattr(getattr(error, "request", None), "url", "") or ""
            where = "/".join(host.split("/", 3)[:3]) or "its endpoint"
            raise Unreachable(f"{self.service} cannot be reached at {where} ({connection_cause(error)}).") from None
        except requests.exceptions.Timeout:
            raise Silent(
                f"{self.service} did not answer about {self.resource} within {ANSWER_TIMEOUT} seconds; what was asked for may "
                "have been done all the same."
            ) from None
        except requests.exceptions.RequestException as error:
            raise Unavailable(
                f"{self.service} broke off its answer about {self.resource} ({type(error).__name__})."
            ) from None

    def error(self, failure: Failure) -> RegistryAuthError:
        """The error that a failure means."""
        special = self.classify(failure) if self.classify else None
        if special:
            return special
        outcome = f"{failure.http_status} {failure.status}".strip()
        if failure.http_status in (401, 403, 404):
            return self._no_access(failure, outcome)
        if failure.http_status == 409:
            if failure.status == "ALREADY_EXISTS":
                return AlreadyExists(f"{self.resource} exists already.")
            return LostRace(f"{self.resource} was changed by other writers again and again while it was being updated.")
        if failure.http_status == 429:
            text = f"{self.service} is over its quota for {self.resource}: {outcome}."
            return Throttled(text, retry_after=failure.retry_after)
        if failure.http_status >= 500:
            text = f"{self.service} cannot serve {self.resource} now: {outcome}."
            return Unavailable(text, retry_after=failure.retry_after)
        said = "" if self.quiet or not failure.message else f" It says: {failure.message[:300]}"
        kind = FailedPrecondition if failure.status == "FAILED_PRECONDITION" else Refused
        return kind(f"{self.service} refuses {self.resource}: {outcome}.{said}")

    def _no_access(self, failure: Failure, outcome: str) -> RegistryAuthError:
        if failure.reason == "SERVICE_DISABLED":
            api = failure.metadata.get("service", self.service)
            return Refused(
                f"The API {api} is disabled for {self.resource}: enable it for the project and wait a minute."
            )
        if failure.http_status == 401:
            return Unauthenticated(REJECTED.format(self.identity))
        if failure.http_status == 403:
            permission = failure.metadata.get("permission", self.permission)
            return PermissionDenied(
                f"The permission {permission} on {self.resource} is missing for {self.identity}, or there is no such resource."
            )
        return NotFound(f"{self.resource} does not exist.")


def read_failure(http_status: int, body: str, headers: t.Mapping[str, str]) -> Failure:
    """The parts of an error answer that are of use. A body that is not Google's error model gives empty parts."""
    seconds = retry_after(headers)
    try:
        error = json.loads(body)["error"]
        status, message, details = error.get("status", ""), error.get("message", ""), error.get("details", [])
    except (ValueError, KeyError, TypeError, AttributeError):
        return Failure(http_status, "", "", retry_after=seconds)
    for detail in details:
        if str(detail.get("@type", "")).endswith("google.rpc.ErrorInfo"):
            return Failure(http_status, status, message, detail.get("reason", ""), detail.get("metadata", {}), seconds)
    return Failure(http_status, status, message, retry_after=seconds)


@dataclass(frozen=True)
class Listed(t.Generic[Item]):
    """Items of a list, and whether that is all of it."""

    items: list[Item]
    complete: bool


def read_pages(
    page: t.Callable[[str], t.Any], items: str, read: t.Callable[[t.Any], Item], most: int | None = None
) -> Listed[Item]:
    """The items of a list's pages.

    :param page: asks for the page of a token, the first one being empty
    :param items: name of the answer's field that has the items
    :param read: makes an item of the answer's
    :param most: pages to read; all, if it is not given
    """
    found: list[Item] = []
    token, pages = "", 0
    while True:
        answer = page(token)
        found += [read(item) for item in getattr(answer, items)]
        token, pages = answer.next_page_token, pages + 1
        if not token or pages == most:
            return Listed(found, complete=not token)
