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
from ..http.failures import Asked, connection_failure, failures, passing_failure, quoted, retry_after, throttled
from .logins import login_failure

Read = t.TypeVar("Read")

#: Operations by which botocore gets credentials: who answers, and what begins the names of its permissions.
_GIVING = {
    "AssumeRole": ("AWS STS", "sts"),
    "AssumeRoleWithWebIdentity": ("AWS STS", "sts"),
    "GetRoleCredentials": ("AWS IAM Identity Center", "sso"),
    "CreateToken": ("AWS IAM Identity Center", "sso-oauth"),
}
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
        {"OptInRequired", "SubscriptionRequired"},
        PermissionDenied,
        "The AWS account of the credentials in use is not signed up for {service}: {outcome}.{said}",
    ),
    (
        {"AccessDenied", "UnauthorizedOperation", 403},
        PermissionDenied,
        "{refusal}.{said}",
    ),
    (
        {"Conflict"},
        LostRace,
        "{resource} was changed by other writers again and again while it was being updated.",
    ),
    ({"ServiceQuotaExceeded"}, Refused, "{resource} is at a quota of {service}: {outcome}.{said}"),
)


#: How AWS says what was refused, and by what. Source: IAM User Guide, "Troubleshoot access denied error messages".
_REFUSAL = re.compile(
    r"not authorized to perform: (?P<action>[a-z0-9-]+:[A-Za-z0-9]+)(?: on resource: (?P<resource>\S+))?"
    r"(?: (?P<why>with an explicit deny in [^.:]+|because no [^.:]+ allows))?"
)
#: Those without a statement that allows it are what anybody has who asks for what does not exist.
_USUAL = ("identity-based", "resource-based")

#: What the name of an error has no part of.
_CODE = re.compile("[^A-Za-z0-9._-]")


class ResourceMissing(NotFound):
    """The service has no such resource. C(resource_type), C(resource_name): which kind it misses and which one, as far as it says."""

    def __init__(self, message: str, resource_type: str | None, resource_name: str = "") -> None:
        super().__init__(message)
        self.resource_type = resource_type
        self.resource_name = resource_name


@dataclass(frozen=True)
class Failure:
    """What an answer with an error says."""

    http_status: int
    code: str
    message: str
    resource_type: str | None = None
    retry_after: float = 0
    #: The last part of the id or ARN of what it is about.
    resource_name: str = ""


class Call(Asked):
    """A call. C(permission) is an IAM action."""

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
                raise self._answering(error.operation_name).error(read_failure(error.response)) from None
            except (exceptions.BotoCoreError, OSError, EOFError) as error:
                failure = connection_failure(error, self._asked(method, error), self.resource)
                failure = failure or login_failure(error, self.service)
                # What goes wrong with a call that was sent, and botocore knows no better, is of the first kind.
                of_answer = isinstance(error, exceptions.HTTPClientError) or not isinstance(
                    error, exceptions.BotoCoreError
                )
                if failure is None and of_answer:
                    raise
                raise failure or Refused(
                    f"botocore does not make the call about {self.resource} ({type(error).__name__})."
                ) from None

    def _answering(self, operation: str) -> Call:
        """The call that an answer is to. Before ours, botocore may make one for credentials to make ours with."""
        if operation == self.permission.partition(":")[2]:
            return self
        service, prefix = _GIVING.get(operation, ("AWS", "aws"))
        return _LoginCall(service, f"{prefix}:{operation}", "the role of the AWS profile")

    def _asked(self, method: t.Any, error: Exception) -> str:
        """Who could not be reached: botocore may have been on its way to credentials."""
        known: t.Mapping[str, t.Any] = getattr(error, "kwargs", {})
        home = getattr(getattr(getattr(method, "__self__", None), "meta", None), "endpoint_url", "")
        asked = known.get("endpoint_url") or home
        return self.service if asked.startswith(home) else f"What gives the AWS credentials for {self.service}"

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
            return ResourceMissing(f"{self.resource} does not exist.", failure.resource_type, failure.resource_name)
        fitting = (one for one in _MEANINGS if not one[0].isdisjoint((code, failure.http_status)))
        _names, kind, sentence = next(fitting, (set(), Refused, "{service} refuses {resource}: {outcome}.{said}"))
        said = quoted(failure.message)
        return kind(sentence.format(**vars(self), outcome=outcome, said=said, refusal=self._refusal(failure.message)))

    def _refusal(self, message: str) -> str:
        """What is refused, and by what, as far as AWS names it: a call may need permissions besides its own."""
        action, what, why = self._named(message)
        if action == self.permission:
            what = self.resource
        about = f"The permission {action} on {what or self.resource}"
        if why.startswith("with"):
            return f"{about} is denied to the AWS credentials in use, {why}"
        if why and not any(usual in why for usual in _USUAL):
            return f"{about} is missing for the AWS credentials in use, {why} it"
        return f"{about} is missing for the AWS credentials in use, or there is no such resource"

    def _named(self, message: str) -> tuple[str, str, str]:
        """The action that AWS says it refused, and the resource and reason if it says that too."""
        named = _REFUSAL.search(message)
        if named is None:
            return self.permission, "", ""
        return named["action"], named["resource"] or "", named["why"] or ""


class _LoginCall(Call):
    """A call of botocore's own, for credentials."""

    def _refusal(self, message: str) -> str:
        action, what, why = self._named(message)
        because = f", {why}" if why.startswith("with") else ""
        return f"{action} was refused for {what or self.resource}{because}, so there are no AWS credentials to continue with"


def make_strict(client: t.Any, *, in_json: bool) -> None:
    """Bound what a client of boto3's reads, and keep from its parsers what they fail on.

    botocore has no public way to what it connects with. Should a release have it elsewhere, calls continue without these bounds, and
    the timeouts of client_settings() remain.

    :param in_json: whether the service answers in JSON, as CodeArtifact does and STS, which has the AWS Query protocol, does not
    """
    client.meta.events.register("before-parse", _check_length)
    if in_json:
        client.meta.events.register("before-parse", _check_json)
    http = getattr(client, "_endpoint", None)
    pools = getattr(getattr(http, "http_session", None), "_pool_classes_by_scheme", {})
    # The one that its managers of connections, those for proxies too, have: so it is changed in place.
    pools.update(bounded_pools(pools, CALL))


def _check_length(response_dict: dict[str, t.Any], **_event: t.Any) -> None:
    """Raises ConnectionError for a body that was cut, which botocore does not look at."""
    body, length = response_dict["body"], response_dict["headers"].get("Content-Length", "")
    if length.isdecimal() and int(length) != len(body):
        raise ConnectionError("The body was cut.")


def _check_json(response_dict: dict[str, t.Any], **_event: t.Any) -> None:
    """Makes an odd error a plain one.

    Raises ValueError for success that is not in JSON: where nothing is to be read of an answer, botocore would take a page for one.
    """
    body = response_dict["body"]
    if response_dict["status_code"] >= 300:
        try:
            said = {key: value for key, value in json.loads(body).items() if isinstance(value, str)}
        except (ValueError, AttributeError, RecursionError):
            said = {}
        response_dict["body"] = json.dumps(said).encode()
    elif body and not isinstance(json.loads(body), dict):
        raise ValueError("Not an object.")


def read_failure(response: t.Mapping[str, t.Any]) -> Failure:
    """The parts of botocore's error response that are of use."""
    error, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    return Failure(
        http_status=int(metadata.get("HTTPStatusCode", 0)),
        code=_CODE.sub("", str(error.get("Code", "")))[:100],
        message=str(error.get("Message", "")),
        resource_type=response.get("resourceType"),
        retry_after=retry_after(metadata.get("HTTPHeaders", {})),
        resource_name=str(response.get("resourceId") or "").rpartition("/")[2],
    )
