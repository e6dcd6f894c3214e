# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call to an AWS API, and its failure as one of our errors."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import (
    LostRace,
    NotFound,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Stranger,
    Unauthenticated,
)
from ..http.bounds import CALL, bounded_pools
from ..http.failures import connection_failure, failures, passing_failure, quoted, retry_after, throttled

Read = t.TypeVar("Read")

_THROTTLED = frozenset({"Throttling", "ThrottledRequest", "TooManyRequests", "RequestLimitExceeded"})
#: What other errors mean, by their names, with "Exception" at the end or without, or by their HTTP status: the first that fits.
#: Whose credentials they are, only another call could tell. Source: AWS General Reference, "Common errors", for what AWS's front ends
#: answer before a service is asked, and the CodeArtifact API Reference.
_MEANINGS: tuple[tuple[set[str | int], type[RegistryAuthError], str], ...] = (
    ({"ExpiredToken", "RequestExpired"}, Unauthenticated, "The AWS credentials in use have expired: {outcome}."),
    (
        {"RequestTimeTooSkewed", "InvalidSignature", "SignatureDoesNotMatch"},
        Unauthenticated,
        "{service} does not accept the signature of the AWS credentials in use: {outcome}. The secret key or this machine's clock is "
        "wrong.",
    ),
    (
        {
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidToken",
            "MissingAuthenticationToken",
            "NotAuthorized",
            "UnrecognizedClient",
            401,
        },
        Unauthenticated,
        "{service} does not accept the AWS credentials in use: {outcome}.",
    ),
    (
        {"AccessDenied", "OptInRequired", "UnauthorizedOperation", 403},
        PermissionDenied,
        "The permission {permission} on {resource} is missing for the AWS credentials in use, or there is no such resource.{said}",
    ),
    (
        {"Conflict"},
        LostRace,
        "{resource} was changed by other writers again and again while it was being updated.",
    ),
    ({"ServiceQuotaExceeded"}, Refused, "{resource} is at a quota of {service}: {outcome}.{said}"),
)


#: What the name of an error has no part of.
_CODE = re.compile("[^A-Za-z0-9._-]")


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

    def run(
        self, method: t.Callable[..., dict[str, t.Any]], read: t.Callable[[dict[str, t.Any]], Read], **arguments: t.Any
    ) -> Read:
        """Call C(method); raises one of our errors in place of botocore's.

        :param read: makes plain values of the answer, and may raise whatever it meets in one that is not as documented
        """
        from botocore import exceptions

        with failures(self.service, self.stranger, self.resource):
            try:
                return read(method(**arguments))
            except exceptions.ClientError as error:
                raise self.error(read_failure(error.response)) from None
            except (
                exceptions.NoCredentialsError,
                exceptions.PartialCredentialsError,
                exceptions.CredentialRetrievalError,
                exceptions.TokenRetrievalError,
                exceptions.SSOError,
            ) as error:
                raise Unauthenticated(
                    f"There are no AWS credentials to call {self.service} with ({type(error).__name__}): give access_key and "
                    "secret_key, a profile, or what else boto3 finds on the host that runs the module."
                ) from None
            except exceptions.BotoCoreError as error:
                raise connection_failure(error, self.service, self.resource) or Refused(
                    f"botocore does not make the call about {self.resource} ({type(error).__name__})."
                ) from None

    @property
    def stranger(self) -> str:
        """The sentence for an answer that the service would not give."""
        return f"What answers at {self.service}'s endpoint about {self.resource} is not {self.service}."

    def error(self, failure: Failure) -> RegistryAuthError:
        """The error that a failure means."""
        code, outcome = failure.code.removesuffix("Exception"), f"{failure.http_status} {failure.code}".strip()
        if code in _THROTTLED:
            return throttled(self.service, failure.retry_after, resource=self.resource, outcome=outcome)
        passing = passing_failure(
            self.service, failure.http_status, failure.retry_after, resource=self.resource, outcome=outcome
        )
        if passing:
            return passing
        if not code or code.isdigit():
            # botocore found no name of an error in the answer, and what it calls its message may be a whole page.
            return Stranger(self.stranger)
        if code == "ResourceNotFound":
            return ResourceMissing(f"{self.resource} does not exist.", failure.resource_type)
        fitting = (one for one in _MEANINGS if not one[0].isdisjoint((code, failure.http_status)))
        _names, kind, sentence = next(fitting, (set(), Refused, "{service} refuses {resource}: {outcome}.{said}"))
        return kind(sentence.format(**vars(self), outcome=outcome, said=quoted(failure.message)))


def make_strict(client: t.Any) -> None:
    """Bound what a client of boto3's reads, and keep from its parsers what they fail on.

    botocore has no public way to what it connects with. Should a release have it elsewhere, calls go on without these bounds, and
    the timeouts of client_settings() remain.
    """
    client.meta.events.register("before-parse", _check_answer)
    http = getattr(client, "_endpoint", None)
    pools = getattr(getattr(http, "http_session", None), "_pool_classes_by_scheme", {})
    # The one that its managers of connections, those for proxies too, have: so it is changed in place.
    pools.update(bounded_pools(pools, CALL))


def _check_answer(response_dict: dict[str, t.Any], **_event: t.Any) -> None:
    """Raises ConnectionError for a body that was cut, which botocore does not look at, and makes an odd error a plain one."""
    body, length = response_dict["body"], response_dict["headers"].get("Content-Length", "")
    if length.isdecimal() and int(length) != len(body):
        raise ConnectionError("The body was cut.")
    if response_dict["status_code"] >= 300:
        try:
            said = {key: value for key, value in json.loads(body).items() if isinstance(value, str)}
        except (ValueError, AttributeError, RecursionError):
            said = {}
        response_dict["body"] = json.dumps(said).encode()


def read_failure(response: t.Mapping[str, t.Any]) -> Failure:
    """The parts of botocore's error response that are of use."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    return Failure(
        http_status=int(metadata.get("HTTPStatusCode", 0)),
        code=_CODE.sub("", str(error.get("Code", "")))[:100],
        message=str(error.get("Message", "")),
        resource_type=response.get("resourceType"),
        retry_after=retry_after(metadata.get("HTTPHeaders", {})),
    )
