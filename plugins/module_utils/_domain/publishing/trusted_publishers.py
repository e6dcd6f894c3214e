# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which trusted publisher an ID token of GitHub Actions belongs to, decided as PyPI's own software decides it. Pure.

Signatures are not looked at: claims are judged as if they were signed. Source: the observed answers of that software in
tests/unit/data/trusted_publishing_vectors.json, its code, and PyJWT's rules for times and audiences, which it relies on.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ..._base.findings import MEDIUM, Finding

Claims = t.Mapping[str, t.Any]

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
WORKFLOWS = ".github/workflows"

#: Seconds that clocks may differ by.
LEEWAY = 30

REQUIRED_CLAIMS = (
    "repository",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "jti",
    "event_name",
    "ref",
    "sha",
)

# What follows the file's name may hold the like of it, and so may the name itself: v1/a.yml@x, publish@v2.yml@refs/heads/main.
# Tried from the beginning of a name alone: from each letter, it takes minutes for a long one.
_WORKFLOW_FILE = re.compile(r"(?<![^/])[^/]+\.(?:yml|yaml)(?=@)")


@dataclass(frozen=True)
class Publisher:
    """A trusted publisher as registered: the workflow file that may publish a project."""

    project: str
    owner: str
    repository: str
    workflow: str
    #: Empty: a job may run in any environment, or in none.
    environment: str = ""
    #: None: not known, and not compared.
    owner_id: str | None = None
    #: Registered for a project that the first token is to create.
    pending: bool = False

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What one publisher of an index is known by. Projects that register the same share it, and its tokens."""
        return (self.owner, self.repository, self.workflow, self.environment.lower())

    @property
    def workflow_ref(self) -> str:
        """Path of the workflow file, as claims begin with it."""
        return f"{self.owner}/{self.repository}/{WORKFLOWS}/{self.workflow}"


@dataclass(frozen=True)
class Match:
    """A token would be given, good for C(projects)."""

    publisher: Publisher
    projects: tuple[str, ...]
    #: The project that giving it would create, from a pending publisher that would then be an ordinary one.
    created: str | None = None


@dataclass(frozen=True)
class Refusal:
    """What the index answers in place of a token. C(reason) is for people, and no part of the answer."""

    status: int
    code: str
    description: str
    reason: str = ""


class _Refused(Exception):
    """Carries the refusal out of the checks."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.description)
        self.refusal = refusal


class _NoPublisher(_Refused):
    """The token is good, and for none of the publishers."""

    def __init__(self, cause: str, reason: str = "") -> None:
        description = f"valid token, but no corresponding publisher ({cause})"
        super().__init__(Refusal(422, "invalid-publisher", description, reason or cause))


def match(
    claims: t.Any,
    publishers: t.Iterable[Publisher],
    *,
    header: t.Any = None,
    issuer: str = GITHUB_ISSUER,
    audience: str | None = None,
    now: float | None = None,
    used: t.Container[str] = (),
    projects: t.Iterable[str] = (),
) -> Match | Refusal:
    """Which publisher gives a token for these claims, or the answer of an index that has none.

    :param claims: what the token says
    :param publishers: those of the index, in any order
    :param header: the token's header, when there is one
    :param issuer: who signs tokens
    :param audience: the index's own name; None to accept any single one
    :param now: seconds since 1970; None to leave times alone
    :param used: C(jti) of tokens that were exchanged before
    :param projects: names that exist on the index, for pending publishers
    """
    known = tuple(publishers)
    try:
        _check_issuer(claims, issuer)
        _check_token(claims, header, audience, now)
        return _match(claims, known, used, {normalize_name(name) for name in projects})
    except _Refused as refused:
        return refused.refusal


def normalize_name(name: str) -> str:
    """A project's name in the one spelling that all others mean. Source: the specification of names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _check_issuer(claims: t.Any, issuer: str) -> None:
    if not isinstance(claims, t.Mapping) or "iss" not in claims:
        raise _Refused(Refusal(422, "invalid-payload", "malformed JWT", "the claim iss is missing"))
    if claims["iss"] != issuer:
        reason = f"iss is {claims['iss']!r}, and tokens of GitHub Actions are issued by {issuer}"
        raise _Refused(Refusal(422, "invalid-payload", "unknown trusted publishing issuer", reason))


def _check_token(claims: Claims, header: t.Any, audience: str | None, now: float | None) -> None:
    reason = (
        _header_reason(header)
        or _audience_reason(claims, audience)
        or _type_reason(claims)
        or _time_reason(claims, now)
    )
    if reason:
        raise _Refused(Refusal(422, "invalid-token", "malformed or invalid token", reason))


def _header_reason(header: t.Any) -> str:
    if header is None:
        return ""
    if not isinstance(header, t.Mapping) or header.get("alg") != "RS256":
        return "its header does not say alg RS256"
    return "" if isinstance(header.get("kid"), str) else "its header names no key (kid)"


def _audience_reason(claims: Claims, audience: str | None) -> str:
    claimed = claims.get("aud")
    if not isinstance(claimed, str):
        return "aud is missing" if claimed is None else f"aud is {claimed!r} and not one text"
    if audience is not None and claimed != audience:
        return f"aud is {claimed!r}, and the index is {audience!r}"
    return ""


def _type_reason(claims: Claims) -> str:
    wrong = [name for name in ("sub", "jti") if not isinstance(claims.get(name, ""), str)]
    return f"{wrong[0]} is not a text" if wrong else ""


def _time_reason(claims: Claims, now: float | None) -> str:
    times: dict[str, int] = {}
    for name in ("iat", "nbf", "exp"):
        try:
            times[name] = int(claims[name])
        except KeyError:
            if name != "nbf":
                return f"{name} is missing"
        except (TypeError, ValueError, OverflowError):
            return f"{name} is not a time"
    if now is None:
        return ""
    if times["exp"] <= now - LEEWAY:
        return "exp is past: the token has expired"
    early = [name for name in ("iat", "nbf") if times.get(name, 0) > now + LEEWAY]
    return f"{early[0]} is in the future: a clock is wrong" if early else ""


def _match(claims: Claims, known: tuple[Publisher, ...], used: t.Container[str], existing: set[str]) -> Match:
    regular = tuple(publisher for publisher in known if not publisher.pending)
    created = None
    try:
        pending = _find(claims, tuple(publisher for publisher in known if publisher.pending), used)
    except _NoPublisher:
        pass
    else:
        if normalize_name(pending.project) in existing:
            reason = f"{pending.project} exists, and its pending publisher was registered before it did"
            raise _Refused(Refusal(422, "invalid-pending-publisher", "valid token, but project already exists", reason))
        created = pending.project
        regular += (replace(pending, pending=False),)
    found = _find(claims, regular, used)
    names = dict.fromkeys(publisher.project for publisher in regular if publisher.identity == found.identity)
    return Match(found, tuple(names), created)


def _find(claims: Claims, publishers: tuple[Publisher, ...], used: t.Container[str]) -> Publisher:
    """The publisher that the claims name, after all of them were checked. Raises _Refused."""
    for name in REQUIRED_CLAIMS:
        if claims.get(name) is None:
            raise _NoPublisher(f"Missing claim {name!r}")
    found = _look_up(claims, publishers)
    if claims["repository_owner"] != found.owner:
        raise _NoPublisher("Check failed for required claim 'repository_owner'")
    _check_workflow_ref(claims, found)
    if claims["jti"] in used:
        reason = "a token with this jti was exchanged before"
        raise _Refused(Refusal(422, "invalid-reuse-token", "invalid token: already used", reason))
    if claims["event_name"] == "pull_request_target":
        raise _NoPublisher("Publishing from a workflow invoked via 'pull_request_target' is not supported.")
    return found


def _look_up(claims: Claims, publishers: tuple[Publisher, ...]) -> Publisher:
    """By names in their exact case; the environment's case alone does not count, and its own publisher comes first."""
    owner, slash, repository = _text(claims, "repository").partition("/")
    if not slash:
        raise _failure("repository is not OWNER/NAME")
    file = _WORKFLOW_FILE.search(_text(claims, "job_workflow_ref"))
    if not file:
        raise _NoPublisher("Could not job extract workflow filename from OIDC claims", "job_workflow_ref names no file")
    owner_id = _text(claims, "repository_owner_id")
    environment = _text(claims, "environment").lower()
    candidates = [
        publisher
        for publisher in publishers
        if (publisher.owner, publisher.repository, publisher.workflow) == (owner, repository, file[0])
        and publisher.owner_id in (None, owner_id)
    ]
    for wanted in dict.fromkeys((environment, "")):
        for publisher in candidates:
            if publisher.environment.lower() == wanted:
                return publisher
    raise _NoPublisher("Publisher with matching claims was not found")


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise _failure(f"{name} is not a text")
    return value or ""


def _failure(reason: str) -> _Refused:
    """Claims that GitHub never writes, and the index's software breaks on."""
    return _Refused(Refusal(500, "server-error", "Internal Server Error", f"the index fails on these claims: {reason}"))


def _check_workflow_ref(claims: Claims, publisher: Publisher) -> None:
    revisions = [claims[name] for name in ("ref", "sha") if claims[name]]
    if not revisions:
        raise _NoPublisher("The ref and sha claims are empty")
    expected = sorted({f"{publisher.workflow_ref}@{revision}" for revision in revisions})
    claimed = claims["job_workflow_ref"]
    if claimed not in expected:
        raise _NoPublisher(
            f"The job_workflow_ref claim does not match, expecting one of {expected!r}, got {claimed!r}",
            "the job is defined in another repository, or at another revision, than the workflow that runs: "
            "reusable workflows cannot publish",
        )


def named_publisher(claims: t.Any) -> Publisher:
    """The publisher that claims are of, for people. Parts that they do not say are empty."""
    known = claims if isinstance(claims, t.Mapping) else {}
    owner, _slash, repository = str(known.get("repository", "")).partition("/")
    file = _WORKFLOW_FILE.search(str(known.get("job_workflow_ref", "")))
    return Publisher(
        project="",
        owner=owner,
        repository=repository,
        workflow=file[0] if file else "",
        environment=str(known.get("environment") or ""),
        owner_id=str(known.get("repository_owner_id", "")),
    )


def differences(claims: Claims, publisher: Publisher) -> tuple[str, ...]:
    """In what the claims differ from a publisher, for people: one phrase for each."""
    named = named_publisher(claims)
    pairs = [
        ("owner", named.owner, publisher.owner),
        ("repository", named.repository, publisher.repository),
        ("workflow", named.workflow, publisher.workflow),
    ]
    if publisher.owner_id is not None:
        pairs.append(("owner id", str(named.owner_id), publisher.owner_id))
    if publisher.environment:
        pairs.append(("environment", named.environment.lower(), publisher.environment.lower()))
    return tuple(
        f"{what} is {claimed!r} in the token and {registered!r} in the publisher"
        + (" (the case differs)" if claimed.lower() == registered.lower() else "")
        for what, claimed, registered in pairs
        if claimed != registered
    )


# The registration form's own rules. Source: its code.
_PROJECT = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]*[A-Z0-9])?", re.IGNORECASE | re.ASCII)
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+")
_NOT_IN_ENVIRONMENTS = re.compile(r"[\x00-\x1f\x7f'\"`,;\\]")
MAX_ENVIRONMENT = 255


def form_problems(publisher: Publisher) -> tuple[Finding, ...]:
    """What the index's registration form would refuse, for each field."""
    checks = (
        ("project", _project_problem(publisher.project)),
        ("owner", _owner_problem(publisher.owner)),
        ("repository", _repository_problem(publisher.repository)),
        ("workflow", _workflow_problem(publisher.workflow)),
        ("environment", _environment_problem(publisher.environment)),
    )
    return tuple(Finding(f"invalid-{where}", where, *found) for where, found in checks if found)


#: How many projects that do not exist an account may have publishers for. Source: the index's code.
MOST_PENDING = 3


def pending_problems(publisher: Publisher, earlier: t.Sequence[Publisher]) -> t.Iterator[Finding]:
    """What the index would refuse of a publisher because of others of it that are registered before.

    While its project does not exist, no other may have the same claims; and one account has few of these.
    """
    pending = [other for other in earlier if other.pending]
    same = [other.project for other in pending if _corrected(other) == _corrected(publisher)]
    if publisher.pending and same:
        yield Finding(
            "pending-publisher-taken",
            "environment",
            f"{same[0]} waits for its first upload with the same owner, repository, workflow and environment as {publisher.project}, "
            "and the index takes only one such publisher.",
            "Give each project an environment or a workflow of its own, or publish one before registering the next.",
        )
    if publisher.pending and len({normalize_name(other.project) for other in pending}) >= MOST_PENDING:
        yield Finding(
            "pending-publishers-full",
            "pending",
            f"An account may have {MOST_PENDING} publishers of projects that do not exist, and there are as many before "
            f"{publisher.project}.",
            "Publish the others first, or register it with another account.",
            MEDIUM,
        )


def _corrected(publisher: Publisher) -> tuple[str, ...]:
    """The identity of a publisher as the form stores it: with the owner's name as GitHub writes it, whatever case was entered."""
    owner, *others = publisher.identity
    return (owner.lower(), *others)


def _project_problem(project: str) -> tuple[str, str] | None:
    if _PROJECT.fullmatch(project):
        return None
    return (
        f"{project!r} is not a project's name.",
        "Give letters, digits, periods, underscores and hyphens, with a letter or digit at both ends.",
    )


def _owner_problem(owner: str) -> tuple[str, str] | None:
    if _OWNER.fullmatch(owner):
        return None
    return (
        f"{owner!r} is not the name of a GitHub user or organization.",
        "Give the part before the slash of OWNER/REPOSITORY: letters, digits and hyphens.",
    )


def _repository_problem(repository: str) -> tuple[str, str] | None:
    if _REPOSITORY.fullmatch(repository):
        return None
    return (
        f"{repository!r} is not the name of a repository.",
        "Give the part after the slash of OWNER/REPOSITORY, without the owner and without an address.",
    )


def _workflow_problem(workflow: str) -> tuple[str, str] | None:
    if "/" in workflow:
        return (f"{workflow!r} is a path.", f"Give the file's name alone, without {WORKFLOWS}/.")
    if not workflow.strip().endswith((".yml", ".yaml")):
        return (
            f"{workflow!r} is not the name of a workflow file.",
            "Give the name of the file, which ends with .yml or .yaml, and not the name: inside it.",
        )
    return None


def _environment_problem(environment: str) -> tuple[str, str] | None:
    if len(environment) > MAX_ENVIRONMENT:
        return ("The environment's name is too long.", f"Give at most {MAX_ENVIRONMENT} characters.")
    if environment.startswith(" ") or environment.endswith(" "):
        return (
            f"The environment {environment!r} has a space at an end.",
            "Leave out spaces before and after the name.",
        )
    if _NOT_IN_ENVIRONMENTS.search(environment):
        return (
            f"The environment {environment!r} has characters that are not accepted.",
            "Leave out control characters, quotes, commas, semicolons and backslashes.",
        )
    return None
