# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call to an AWS API, and its failure as one of our errors."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..._base.errors import (
    LostRace,
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
from ..http import ANSWER_TIMEOUT, retry_after

#: Only another call could tell whose they are.
IDENTITY = "the AWS credentials in use"

# What AWS's front ends answer before a service is asked, with "Exception" at the end or without. Source: AWS General
# Reference, "Common errors".
_EXPIRED = frozenset({"ExpiredToken", "RequestExpired"})
_WRONG_SIGNATURE = frozenset({"RequestTimeTooSkewed", "InvalidSignature", "SignatureDoesNotMatch"})
_NOT_ACCEPTED = frozenset(
    {
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "UnrecognizedClient",
    }
)
_DENIED = frozenset({"AccessDenied", "OptInRequired", "UnauthorizedOperation"})
_THROTTLED = frozenset({"Throttling", "ThrottledRequest", "TooManyRequests", "RequestLimitExceeded"})


class ResourceMissing(NotFound):
    """The service has no such resource. C(resource_type): which kind it misses, as far as it says."""

    def __init__(self, message: str, resource_type: str | None) -> None:
        super().__init__(message)
        self.resource_type = resource_type


@dataclass(frozen=True)
class Failure:
    """What an answer with an error says."""

    http_status: int
    code: str
    message: str
    resource_type: str | None = None
    retry_after: float = 0

    @property
    def said(self) -> str:
        """The service's own words, to end a sentence with."""
        return f" It says: {self.message[:300].rstrip('.')}." if self.message else ""


@dataclass(frozen=True)
class Call:
    """What a call needs and touches, for the sentence when it fails.

    :param service: name of the API for people
    :param permission: the IAM action that the method needs
    :param resource: name of what it is asked of
    """

    service: str
    permission: str
    resource: str

    def run(self, method: t.Callable[..., dict[str, t.Any]], **arguments: t.Any) -> dict[str, t.Any]:
        """Call C(method); raises one of our errors in place of botocore's."""
        import botocore.exceptions
        import botocore.parsers

        try:
            return method(**arguments)
        except botocore.exceptions.ClientError as error:
            raise self.error(read_failure(error.response)) from None
        except botocore.parsers.ResponseParserError:
            raise self.stranger() from None
        except (
            botocore.exceptions.NoCredentialsError,
            botocore.exceptions.PartialCredentialsError,
            botocore.exceptions.CredentialRetrievalError,
            botocore.exceptions.TokenRetrievalError,
            botocore.exceptions.SSOError,
        ) as error:
            raise Unauthenticated(
                f"There are no AWS credentials to call {self.service} with ({type(error).__name__}): give access_key and "
                "secret_key, a profile, or what else boto3 finds on the host that runs the module."
            ) from None
        except botocore.exceptions.ConnectionError as error:
            raise Unreachable(f"{self.service} cannot be reached{_where(error)} ({_cause(error)}).") from None
        except botocore.exceptions.ReadTimeoutError:
            raise Silent(
                f"{self.service} did not answer about {self.resource} within {ANSWER_TIMEOUT} seconds; what was asked for may "
                "have been done all the same."
            ) from None
        except botocore.exceptions.HTTPClientError as error:
            raise Unavailable(
                f"{self.service} broke off its answer about {self.resource} ({type(error).__name__})."
            ) from None
        except botocore.exceptions.BotoCoreError as error:
            raise Refused(f"botocore does not make the call about {self.resource} ({type(error).__name__}).") from None

    def stranger(self) -> RegistryAuthError:
        """The error for an answer that the service would not give."""
        return Stranger(f"What answers at {self.service}'s endpoint about {self.resource} is not {self.service}.")

    def error(self, failure: Failure) -> RegistryAuthError:
        """The error that a failure means."""
        code, outcome = failure.code.removesuffix("Exception"), f"{failure.http_status} {failure.code}".strip()
        if code in _THROTTLED or failure.http_status == 429:
            text = f"{self.service} is over its quota of calls for {self.resource}: {outcome}."
            return Throttled(text, retry_after=failure.retry_after)
        if failure.http_status >= 500:
            text = f"{self.service} cannot serve {self.resource} now: {outcome}."
            return Unavailable(text, retry_after=failure.retry_after)
        if not code or code.isdigit():
            # botocore found no name of an error in the answer, and what it calls its message may be a whole page.
            return self.stranger()
        return self._no_access(failure, code, outcome) or self._refused(failure, code, outcome)

    def _no_access(self, failure: Failure, code: str, outcome: str) -> RegistryAuthError | None:
        if code in _EXPIRED:
            return Unauthenticated(f"{IDENTITY[0].upper()}{IDENTITY[1:]} have expired: {outcome}.")
        if code in _WRONG_SIGNATURE:
            return Unauthenticated(
                f"{self.service} does not accept the signature of {IDENTITY}: {outcome}. The secret key or this machine's clock "
                "is wrong."
            )
        if code in _NOT_ACCEPTED or failure.http_status == 401:
            return Unauthenticated(f"{self.service} does not accept {IDENTITY}: {outcome}.")
        if code in _DENIED or failure.http_status == 403:
            return PermissionDenied(
                f"The permission {self.permission} on {self.resource} is missing for {IDENTITY}, or there is no such "
                f"resource.{failure.said}"
            )
        return None

    def _refused(self, failure: Failure, code: str, outcome: str) -> RegistryAuthError:
        if code == "ResourceNotFound":
            return ResourceMissing(f"{self.resource} does not exist.", failure.resource_type)
        if code == "Conflict":
            return LostRace(f"{self.resource} was changed by other writers again and again while it was being updated.")
        if code == "ServiceQuotaExceeded":
            return Refused(f"{self.resource} is at a quota of {self.service}: {outcome}.{failure.said}")
        return Refused(f"{self.service} refuses {self.resource}: {outcome}.{failure.said}")


def read_failure(response: t.Mapping[str, t.Any]) -> Failure:
    """The parts of botocore's error response that are of use."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    return Failure(
        http_status=int(metadata.get("HTTPStatusCode", 0)),
        code=str(error.get("Code", "")),
        message=str(error.get("Message", "")),
        resource_type=response.get("resourceType"),
        retry_after=retry_after(metadata.get("HTTPHeaders", {})),
    )


def _where(error: BaseException) -> str:
    url = urlsplit(str(getattr(error, "kwargs", {}).get("endpoint_url") or ""))
    return f" at {url.scheme}://{url.netloc.rpartition('@')[2]}" if url.netloc else ""


def _cause(error: BaseException) -> str:
    """The cause of a connection's failure in a few words, for example "Connection refused"."""
    said = str(getattr(error, "kwargs", {}).get("error") or "").rpartition(": ")[2].strip("'\")>")
    return said.partition("] ")[2] or said or type(error).__name__
