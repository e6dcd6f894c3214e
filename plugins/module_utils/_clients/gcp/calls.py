# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call to a Google API, and its failure as one of our errors."""

from __future__ import annotations

import json
import re
import typing as t
from dataclasses import dataclass, field

from ..._base.errors import (
    LostRace,
    NotFound,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Stranger,
    Unauthenticated,
    Unavailable,
)
from ..http.failures import Asked, connection_failure, failures, passing_failure, quoted, retry_after, told_by, words
from .locations import location_of, refused_location

Item = t.TypeVar("Item")

_ERROR_INFO = "google.rpc.ErrorInfo"

#: What the names of statuses and reasons, and the values of metadata, have no part of.
_NAME, _VALUE = re.compile("[^A-Z0-9_]"), re.compile("[^A-Za-z0-9._:/@-]")

#: How Google says in words which permission it refused, and on what. Source: Google Cloud's page "Troubleshoot permission error messages".
_DENIED = re.compile(
    r"[Pp]ermission ['\"]?(?P<permission>[a-z]\w*(?:\.[A-Za-z]\w*)+)['\"]? (?:was )?denied"
    r"(?: (?:on|for)(?: resource| service account)?:? ['\"]?(?://[a-z.]+/)?(?P<resource>[A-Za-z0-9._:/@-]+))?"
)

#: Items of a page. Artifact Registry gives no more; of Secret Manager's 25000, what it answers well within the time for an answer.
PAGE_SIZE = 1000

#: Who is asked for access tokens, in messages.
TOKENS = "The endpoint of access tokens for {}"

#: The message of an answer that does not say what is not there.
_UNNAMED = ("", "Requested entity was not found")

#: The reason of a refusal that names no cause but that.
PERMISSION_MISSING = "IAM_PERMISSION_DENIED"

REJECTED = "The credentials in use, {}, were not accepted or have expired."


class Answered(Exception):
    """An answer with an error, before a library makes something of it. C(args): what read_failure() reads."""


def raise_errors(session: t.Any) -> None:
    """Have a session of Google's raise Answered. Its libraries read answers with errors as if only Google could give them."""
    ask = session.request

    def request(method: str, *args: t.Any, **kwargs: t.Any) -> t.Any:
        response = ask(method, *args, **kwargs)
        if response.status_code >= 400:
            raise Answered(response.status_code, response.content, response.headers)
        _check_success(method, response.content)
        return response

    session.request = request


def _check_success(method: str, body: bytes) -> None:
    """Raises ValueError for what says that a call was made, is not Google's, and would get past its libraries.

    They read a list or a text as an object without fields, do not read what answers a deletion, which is an empty object or an operation, and take
    an error for an object without fields. Source: AIP-135 and google.longrunning.Operation, where alone an error comes with success.
    """
    if not body.lstrip().startswith(b"{"):
        raise ValueError("Not an object.")
    deletes = method.upper() == "DELETE"
    if not deletes and b'"error"' not in body:
        return
    said = json.loads(body)
    named = isinstance(said.get("name"), str)
    if not named and ("error" in said or (deletes and said)):
        raise ValueError("Neither an empty object nor an operation.")


class FailedPrecondition(Refused):
    """The resource is not in the state that the request supposes: a stale etag, a disabled version."""


class NoLocation(Refused):
    """There is no such location. Not NotFound: who asks for a resource must not take it for one that can be created."""

    code = NotFound.code


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
class Call(Asked):
    """A call.

    :param identity: whom the credentials stand for
    :param quiet: do not repeat the service's own words, because the request, or what answers it, holds a secret
    :param creates: the resource is to be created, so that it is not what is missing
    :param classify: tells failures apart that only this method has; None leaves them to the common rules
    """

    identity: str
    quiet: bool = False
    creates: bool = False
    classify: t.Callable[[Failure], RegistryAuthError | None] | None = None

    def run(
        self, method: t.Callable[..., t.Any], *args: t.Any, read: t.Callable[[t.Any], Item], **kwargs: t.Any
    ) -> Item:
        """Call C(method); raises one of our errors in place of the libraries'.

        :param read: makes plain values of the answer, and may raise whatever it meets in one that is not as documented
        """
        from google.auth.exceptions import GoogleAuthError

        with failures(self.service, self.stranger, self.resource):
            try:
                return read(method(*args, **kwargs))
            except Answered as answered:
                failure = read_failure(*answered.args)
                raise told_by(self.error(failure), service=bool(failure.status)) from None
            except GoogleAuthError as error:
                raise login_failure(error, self.identity) from None

    def checked(self, answer: t.Any, name: str | None = None) -> t.Any:
        """An answer that is the resource that was asked for, or C(name). Raises Refused for another one, and for none."""
        if not same_resource(answer.name, name or self.resource):
            raise Stranger(self.stranger)
        return answer

    def error(self, failure: Failure) -> RegistryAuthError:
        """The error that a failure means."""
        outcome = f"{failure.http_status} {failure.status}".strip()
        special = self._no_location(failure, outcome) or (self.classify(failure) if self.classify else None)
        if special:
            return special
        if failure.http_status in (401, 403, 404):
            return self._no_access(failure, outcome)
        if failure.http_status == 409:
            if failure.status == "ALREADY_EXISTS":
                return AlreadyExists(f"{self.resource} exists already.")
            return LostRace(f"{self.resource} was changed by other writers again and again while it was being updated.")
        passing = passing_failure(
            self.service, failure.http_status, failure.retry_after, resource=self.resource, outcome=outcome
        )
        if passing:
            return passing
        said = "" if self.quiet else quoted(failure.message)
        kind = FailedPrecondition if failure.status == "FAILED_PRECONDITION" else Refused
        return kind(f"{self.service} refuses {self.resource}: {outcome}.{said}")

    def _no_location(self, failure: Failure, outcome: str) -> RegistryAuthError | None:
        if failure.http_status not in (400, 403, 404):
            return None
        location = refused_location(self.resource, failure.message, failure.reason, failure.metadata)
        if not location:
            return None
        kind = {403: PermissionDenied, 404: NoLocation}.get(failure.http_status, Refused)
        why = f"{outcome}, {failure.reason}" if failure.reason else outcome
        said = "" if self.quiet else quoted(failure.message)
        return kind(
            f"{self.service} refuses {self.resource}: the location {location} does not exist, or is not permitted ({why}).{said}"
        )

    def _no_access(self, failure: Failure, outcome: str) -> RegistryAuthError:
        said = "" if self.quiet else quoted(failure.message)
        named = _CAUSES.get(failure.reason)
        if named:
            kind, sentence = named
            known = {
                "service": self.service,
                "consumer": f"the project of {self.resource}",
                "permission": self.permission,
            }
            known |= failure.metadata
            project = known["consumer"].removeprefix("projects/") if "consumer" in failure.metadata else "PROJECT"
            return kind(
                sentence.format_map(_Words(known, project=project, resource=self.resource, identity=self.identity))
            )
        if failure.http_status == 401:
            return Unauthenticated(
                REJECTED.format(self.identity) + (f" It says: {failure.reason}." if failure.reason else "")
            )
        if failure.http_status == 404:
            return NotFound(self._missing(failure, said))
        if failure.reason and failure.reason != PERMISSION_MISSING:
            return PermissionDenied(
                f"{self.service} refuses {self.identity} access to {self.resource}: {outcome}, {failure.reason}.{said}"
            )
        permission, resource = self._refused(failure)
        ours = resource == self.resource
        otherwise = f"{self._parent} does not exist" if self.creates and ours else "there is no such resource"
        return PermissionDenied(
            f"The permission {permission} on {resource} is missing for {self.identity}, or {otherwise}.{said}"
        )

    def _refused(self, failure: Failure) -> tuple[str, str]:
        """The permission that is missing, and on what: a call may need others besides its own, as on a key or an account."""
        named = failure.metadata
        found = None if self.quiet else _DENIED.search(failure.message)
        if found and "permission" not in named:
            named = {name: value for name, value in found.groupdict().items() if value}
        permission = named.get("permission", self.permission)
        if permission == self.permission:
            return permission, self.resource
        return permission, named.get("resource", "").rstrip(".") or self.resource

    @property
    def _parent(self) -> str:
        """What a resource is created in."""
        return "its project or location" if location_of(self.resource) else "its project"

    def _missing(self, failure: Failure, said: str) -> str:
        """The sentence for an answer that something is not there."""
        if not self.creates:
            return f"{self.resource} does not exist."
        if words(failure.message) in _UNNAMED:
            return f"{self.resource} cannot be created: {self._parent} does not exist."
        return f"{self.resource} cannot be created: something that it needs does not exist.{said}"


class _Words(dict[str, str]):
    """What a sentence names. What Google does not say is left unnamed."""

    def __missing__(self, key: str) -> str:
        return "unknown"


#: What Google names as the cause, by the reason of ErrorInfo. Source: google.api.ErrorReason.
_CAUSES: dict[str, tuple[type[RegistryAuthError], str]] = {
    "SERVICE_DISABLED": (
        Refused,
        "The API {service} is disabled for {resource}, in {consumer}: enable it with 'gcloud services enable {service} --project "
        "{project}' and wait a minute.",
    ),
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": (
        PermissionDenied,
        "The access token of {identity} lacks the scope cloud-platform, which {resource} takes: log in with it, or, on a virtual "
        "machine, set its access scopes.",
    ),
    "SECURITY_POLICY_VIOLATED": (
        PermissionDenied,
        "VPC Service Controls keep {identity} from {resource}: their log has the reason under the identifier "
        "{vpcServiceControlsUniqueIdentifier}.",
    ),
    "CONSUMER_INVALID": (
        PermissionDenied,
        "There is no project {project}, or {identity} may not use it: {permission} on {resource} is refused.",
    ),
    "USER_PROJECT_DENIED": (
        PermissionDenied,
        "{identity} may not use {consumer} for quota and billing: that needs the permission serviceusage.services.use on it, or "
        "another quota project in the credentials.",
    ),
}


def read_failure(http_status: int, body: bytes | str, headers: t.Mapping[str, str]) -> Failure:
    """The parts of an error answer that are of use. A body that is not Google's error model gives empty parts."""
    seconds = retry_after(headers)
    try:
        error = json.loads(body)["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        error = None
    return failure_of(http_status, error, seconds)


def failure_of(http_status: int, error: t.Any, seconds: float = 0) -> Failure:
    """The parts of an error that are of use, empty where it is not Google's error model.

    :param error: as JSON has it
    :param seconds: how long to wait before asking again
    """
    try:
        info: t.Any = next(
            (one for one in error.get("details") or () if one.get("@type", "").endswith(_ERROR_INFO)), {}
        )
        metadata = {str(key): _VALUE.sub("", str(value))[:200] for key, value in (info.get("metadata") or {}).items()}
        status, message, reason = (
            str(part or "") for part in (error.get("status"), error.get("message"), info.get("reason"))
        )
    except (LookupError, TypeError, AttributeError):
        return Failure(http_status, "", "", retry_after=seconds)
    return Failure(http_status, _NAME.sub("", status)[:100], message, _NAME.sub("", reason)[:100], metadata, seconds)


def same_resource(answered: str, asked: str) -> bool:
    """Whether two names are of one resource.

    Google answers a project's number for its id, and the number of a version for its alias, or for one that is new.
    """
    one, other = answered.split("/"), asked.split("/")
    if "versions" in other and not other[-1].isdigit() and one[-1].isdigit():
        other[-1] = one[-1]
    if other[0] == "projects" and len(one) > 1 and one[1].isdigit() != other[1].isdigit():
        other[1] = one[1]
    return one == other


def login_failure(error: Exception, identity: str) -> RegistryAuthError:
    """The error for an exception of google-auth, which is to get an access token. Its texts may have the answer's body."""
    place = TOKENS.format(identity)
    failure = connection_failure(error, place)
    if failure:
        return failure
    if getattr(error, "retryable", False):
        return Unavailable(f"{place} cannot serve now.")
    code = oauth_error(error)
    return Unauthenticated(REJECTED.format(identity) + (f" It says: {code}." if code else ""))


def oauth_error(error: Exception) -> str:
    """What an endpoint of access tokens calls its refusal, as google-auth has it; nothing when it does not."""
    # "invalid_grant: Bad Request", or "Error code invalid_grant: ...". Source: RFC 6749, section 5.2.
    code = re.match(r"(?:\(')?(?:Error code )?([a-z]+(?:_[a-z]+)+)\b", str(error))
    return code[1] if code else ""


@dataclass(frozen=True)
class Listed(t.Generic[Item]):
    """Items of a list, and whether that is all of it."""

    items: list[Item]
    complete: bool


def read_pages(
    ask: t.Callable[..., tuple[list[Item], str]],
    parent: str,
    key: str,
    read: t.Callable[[t.Any], Item],
    most: int | None = None,
) -> Listed[Item]:
    """The items of a list's pages.

    :param ask: makes the call, given its request and what reads the answer
    :param key: what the answer calls the items, each of which C(read) reads
    :param most: pages to read; all, if it is not given
    """
    found: list[Item] = []
    token, pages = "", 0

    def page(answer: t.Any) -> tuple[list[Item], str]:
        return [read(one) for one in getattr(answer, key)], answer.next_page_token

    while True:
        items, token = ask({"parent": parent, "page_size": PAGE_SIZE, "page_token": token}, page)
        found, pages = found + items, pages + 1
        if not token or pages == most:
            return Listed(found, complete=not token)
