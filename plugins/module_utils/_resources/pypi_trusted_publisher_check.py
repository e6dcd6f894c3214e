# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a trusted publisher, the workflow file it names and the tokens of its jobs fit together."""

from __future__ import annotations

import itertools
import time
import typing as t
from dataclasses import dataclass, field, replace
from pathlib import Path

from .._base.errors import InvalidInput
from .._base.findings import HIGH, MEDIUM, Finding
from .._base.values import parse_endpoint, parse_url
from .._clients.github.calls import GITHUB_COM, GitHub, on_github_com
from .._clients.github.environments import Place, list_apps, list_patterns, read_environment
from .._clients.github.repositories import Repository, list_folder, read_file, read_repository
from .._clients.github.zizmor import find_zizmor, zizmor_problems
from .._clients.pypi.endpoints import pypi_endpoint
from .._domain.github.protection import ALL, BRANCH, PROTECTED, SELECTED, TAG, Environment, Pattern
from .._domain.github.token_rights import WORKFLOW as WORKFLOW_FILE
from .._domain.github.token_rights import Rights, lacking
from .._domain.publishing.id_tokens import read_parts
from .._domain.publishing.indexes import PYPI, TESTPYPI, Index, find_index
from .._domain.publishing.registration import registration_fields, registration_url
from .._domain.publishing.trusted_publishers import (
    GITHUB_ISSUER,
    WORKFLOWS,
    Match,
    Publisher,
    Refusal,
    differences,
    form_problems,
    match,
    pending_problems,
)
from .._domain.publishing.workflow_checks import Surroundings, workflow_problems
from .._domain.publishing.workflow_events import Gate
from .._domain.publishing.workflow_files import read_workflow
from .._domain.publishing.workflow_validity import INVALID
from .._domain.publishing.workflows import Workflow, pins
from .._engine.resource import DesiredState, Options, Resource

FORM, WORKFLOW, ZIZMOR, GITHUB, TOKEN = "form", "workflow", "zizmor", "github", "token"


@dataclass(frozen=True)
class DesiredCheck(DesiredState):
    """A publisher, and what to hold against it. Either C(claims) or C(id_token), or neither, is given."""

    publisher: Publisher
    index: str = PYPI
    workflow_path: str | None = None
    workflow_content: str | None = None
    ref: str | None = None
    #: What the environment is going to be; None when GitHub is to be asked.
    environment_rules: Environment | None = None
    #: What a run is about to write, and the branch that it proposes the workflow from.
    writes: tuple[str, ...] = ()
    branch: str | None = None
    claims: t.Mapping[str, t.Any] | None = None
    id_token: str | None = field(default=None, repr=False)
    audience: str | None = None
    issuer: str = GITHUB_ISSUER

    @classmethod
    def from_options(cls, options: Options) -> DesiredCheck:
        """Raises InvalidInput. What the registration form would refuse is a finding and not raised."""
        missing = [name for name in ("project", "owner", "repository", "workflow") if not options.get(name)]
        if missing:
            raise InvalidInput(
                f"{missing[0]} is missing: give project, owner, repository and workflow of the publisher."
            )
        for one, other in (("workflow_path", "workflow_content"), ("claims", "id_token")):
            if options.get(one) is not None and options.get(other) is not None:
                raise InvalidInput(f"Give one of {one} and {other}.")
        index = options.get("index") or PYPI
        if index not in (PYPI, TESTPYPI):
            _check_index_url(index)
        if options.get("api_url"):
            parse_endpoint(options["api_url"], option="api_url", sends="the token")
        given = {name: options[name] for name in _PASSED_ON if options.get(name) is not None}
        return cls(
            _publisher(options),
            index,
            environment_rules=_environment_rules(options),
            writes=tuple(options.get("writes") or ()),
            **given,
        )

    @property
    def target(self) -> str:
        """The publisher as the form has it, and its index."""
        own = self.publisher
        environment = f" in {own.environment}" if own.environment else ""
        return f"{own.project} at {self.index} from {own.owner}/{own.repository}/{own.workflow}{environment}"


_PASSED_ON = ("workflow_path", "workflow_content", "ref", "branch", "claims", "id_token", "audience", "issuer")


def _check_index_url(index: str) -> None:
    if "://" not in index:
        raise InvalidInput(f"index {index!r} is neither pypi nor testpypi nor the URL of an index.")
    parts = parse_url(index, option="index")
    if parts.query or parts.fragment:
        raise InvalidInput("index has a query or fragment: give the root of the index's web pages.")


def _publisher(options: Options) -> Publisher:
    return Publisher(
        project=options["project"],
        owner=options["owner"],
        repository=options["repository"],
        # The form strips this one, and no other.
        workflow=options["workflow"].strip(),
        environment=options.get("environment") or "",
        owner_id=options.get("owner_id"),
        pending=bool(options.get("pending")),
    )


def _environment_rules(options: Options) -> Environment | None:
    """An environment as it is going to be, in the shape that github_environment returns."""
    given = options.get("environment_rules")
    if given is None:
        return None
    branches, tags = given.get("branches") or (), given.get("tags") or ()
    policy = given.get("deployment_policy") or (SELECTED if branches or tags else ALL)
    rules = [given.get("wait_timer"), given.get("apps"), *(given.get("reviewers") or {}).values(), policy != ALL]
    return Environment(
        options.get("environment") or "",
        # Only whether there are any is looked at.
        protections=("rules",) if any(rules) else (),
        deployment_policy=policy,
        patterns=frozenset([Pattern(BRANCH, name) for name in branches] + [Pattern(TAG, name) for name in tags]),
    )


def _gate(environment: Environment | None) -> Gate | None:
    if environment is None or environment.deployment_policy == ALL:
        return None
    if environment.deployment_policy == PROTECTED:
        # Which branches are protected is not asked for; tags are none.
        return Gate(environment.name, None, frozenset())
    names = {kind: frozenset(one.name for one in environment.patterns if one.kind == kind) for kind in (BRANCH, TAG)}
    return Gate(environment.name, names[BRANCH], names[TAG])


@dataclass(frozen=True)
class CheckedPublisher:
    """What came out for one publisher."""

    #: With what GitHub says of its names.
    publisher: Publisher
    index: Index
    checked: tuple[str, ...]
    findings: tuple[Finding, ...]
    answer: Match | Refusal | None = None
    actions: tuple[dict[str, str], ...] = ()

    @property
    def valid(self) -> bool:
        """Whether nothing stands against publishing."""
        return not any(finding.severity == HIGH for finding in self.findings)


@dataclass(frozen=True)
class TrustedPublisherChecks(Resource[DesiredCheck, CheckedPublisher]):
    """The resource of pypi_trusted_publisher_check. It is read, and never changed."""

    pypi: str
    github: GitHub | None = None
    zizmor: str | None = None
    clock: t.Callable[[], float] = time.time
    #: Those of the task: a token, a job or a pending publisher may be for another than the one that is looked at.
    entries: list[DesiredCheck] = field(default_factory=list)

    @classmethod
    def connect(cls, options: Options) -> TrustedPublisherChecks:
        """Raises MissingLibrary."""
        token = options.get("github_token")
        github = GitHub(options.get("api_url") or GITHUB_COM, token) if token else None
        return cls(pypi_endpoint(), github, find_zizmor())

    def begin(self, entries: t.Sequence[DesiredCheck]) -> None:
        """Keep them: what is to be said of one publisher depends on the others."""
        self.entries.extend(entries)

    def read(self, desired: DesiredCheck) -> CheckedPublisher:
        """Raises the errors of GitHub's API. A thing that does not exist is a finding."""
        index = find_index(desired.index, self.pypi)
        inquiry = _Inquiry(desired.publisher, [FORM], [*form_problems(desired.publisher)])
        before = itertools.takewhile(lambda entry: entry != desired, self.entries)
        inquiry.findings += pending_problems(desired.publisher, self._of(index, before))
        inquiry.environment = desired.environment_rules
        self._ask_github(inquiry, desired, index)
        text = self._workflow_text(inquiry, desired)
        if text is not None:
            self._check_workflow(inquiry, text, desired, index)
        answer = self._judge(inquiry, desired, index)
        worst_first = sorted(inquiry.findings, key=lambda finding: finding.severity != HIGH)
        return CheckedPublisher(
            inquiry.publisher, index, tuple(inquiry.checked), tuple(worst_first), answer, inquiry.actions
        )

    def _of(self, index: Index, entries: t.Iterable[DesiredCheck]) -> list[Publisher]:
        """The publishers at an index, which each entry may call by its name or by an address of it."""
        return [entry.publisher for entry in entries if find_index(entry.index, self.pypi).name == index.name]

    def _ask_github(self, inquiry: _Inquiry, desired: DesiredCheck, index: Index) -> None:
        if self.github is None or inquiry.findings:
            # Names that the form refuses are no names of GitHub's.
            return
        inquiry.checked.append(GITHUB)
        wanted = desired.publisher
        if index.audience and not on_github_com(self.github.api_url):
            inquiry.findings.append(_other_github(self.github.api_url, index))
        found = inquiry.repository = read_repository(self.github, wanted.owner, wanted.repository)
        if found is None:
            inquiry.findings.append(_no_repository(wanted))
            return
        inquiry.findings += _name_problems(wanted, found)
        inquiry.publisher = replace(
            wanted, owner=found.owner, repository=found.name, owner_id=wanted.owner_id or found.owner_id
        )
        inquiry.findings += self._rights_problems(self.github, found, desired)
        if wanted.environment:
            self._ask_for_environment(self.github, inquiry, found)

    def _rights_problems(self, github: GitHub, found: Repository, desired: DesiredCheck) -> t.Iterator[Finding]:
        """What the token certainly lacks. Only then it is looked whether the workflow is there already."""
        rights = Rights(found.private, github.scopes, found.admin, found.push)
        writes = set(desired.writes)
        if lacking(writes, rights) != lacking(writes - {WORKFLOW_FILE}, rights) and _is_there(github, found, desired):
            writes.discard(WORKFLOW_FILE)
        missing = lacking(writes, rights)
        if missing:
            yield Finding(
                "token-lacks",
                "github_token",
                f"github_token lacks what it takes to write to {found.full_name}: {', '.join(missing)}. Nothing was written.",
                "Give it that, or use another token.",
            )

    def _ask_for_environment(self, github: GitHub, inquiry: _Inquiry, repository: Repository) -> None:
        wanted = inquiry.publisher
        place = Place(repository.owner, repository.name, wanted.environment)
        if inquiry.environment is None:
            inquiry.environment = read_environment(github, repository, wanted.environment)
            if inquiry.environment and inquiry.environment.deployment_policy == SELECTED:
                inquiry.environment = replace(inquiry.environment, patterns=list_patterns(github, place))
        if inquiry.environment is None:
            inquiry.findings.append(_no_environment(wanted, repository))
        elif not inquiry.environment.protections and not list_apps(github, place):
            inquiry.findings.append(_unprotected(wanted, repository))

    def _workflow_text(self, inquiry: _Inquiry, desired: DesiredCheck) -> str | None:
        """The workflow file, from where it was given or from GitHub, if it can be had."""
        if desired.workflow_content is not None:
            return desired.workflow_content
        if desired.workflow_path is not None:
            return _local_file(inquiry, Path(desired.workflow_path))
        if self.github is None or inquiry.repository is None:
            return None
        path = f"{WORKFLOWS}/{inquiry.publisher.workflow}"
        text = read_file(self.github, inquiry.repository, path, desired.ref)
        if text is None:
            names = list_folder(self.github, inquiry.repository, WORKFLOWS, desired.ref)
            inquiry.findings.append(_no_workflow(path, desired.ref or "the default branch", names))
        return text

    def _check_workflow(self, inquiry: _Inquiry, text: str, desired: DesiredCheck, index: Index) -> None:
        own = inquiry.publisher
        inquiry.checked.append(WORKFLOW)
        read = read_workflow(text, own.workflow)
        if not isinstance(read, Workflow):
            inquiry.findings.append(read)
            return
        inquiry.actions = tuple(pins(text))
        siblings = [
            replace(one, owner=own.owner, repository=own.repository)
            for one in self._of(index, (entry for entry in self.entries if entry != desired))
            if _names(one) == _names(desired.publisher)
        ]
        default_branch = inquiry.repository.default_branch if inquiry.repository else None
        around = Surroundings(tuple(siblings), _gate(inquiry.environment), default_branch)
        inquiry.findings += workflow_problems(read, own, index, around)
        if self.zizmor:
            inquiry.checked.append(ZIZMOR)
            # zizmor does not strip a byte order mark.
            found = zizmor_problems(self.zizmor, text.removeprefix("\ufeff"), own.workflow)
            said = any(finding.code == INVALID for finding in inquiry.findings)
            inquiry.findings += [one for one in found if not (said and one.code == INVALID)]

    def _judge(self, inquiry: _Inquiry, desired: DesiredCheck, index: Index) -> Match | Refusal | None:
        """What the index would answer to the token."""
        if desired.claims is None and desired.id_token is None:
            return None
        header, claims = (None, desired.claims) if desired.id_token is None else read_parts(desired.id_token)
        others = self._of(index, (entry for entry in self.entries if entry != desired))
        answer = match(
            claims,
            [inquiry.publisher, *others],
            header=header,
            issuer=desired.issuer,
            audience=desired.audience or index.audience,
            now=self.clock(),
        )
        inquiry.checked.append(TOKEN)
        if isinstance(answer, Refusal):
            inquiry.findings.append(_refused(answer, claims, inquiry.publisher))
        return answer

    def result(self, state: CheckedPublisher, desired: DesiredCheck) -> dict[str, t.Any]:
        """The findings. No text of a token is among them."""
        shown: dict[str, t.Any] = {
            "valid": state.valid,
            "findings": [finding.as_dict() for finding in state.findings],
            "checked": list(state.checked),
            "index": state.index.name,
            "publisher": _shown_publisher(state.publisher),
            "actions": list(state.actions),
            "registration_url": registration_url(state.publisher, state.index.origin),
            "registration_fields": registration_fields(state.publisher),
        }
        if state.answer is not None:
            shown["answer"] = _shown_answer(state.answer)
        return shown


@dataclass
class _Inquiry:
    """What is known of one publisher so far."""

    publisher: Publisher
    checked: list[str]
    findings: list[Finding]
    repository: Repository | None = None
    environment: Environment | None = None
    actions: tuple[dict[str, str], ...] = ()


def _names(publisher: Publisher) -> tuple[str, str]:
    return publisher.owner.lower(), publisher.repository.lower()


def _shown_publisher(publisher: Publisher) -> dict[str, t.Any]:
    names = ("project", "owner", "repository", "workflow", "environment", "owner_id", "pending")
    return {name: getattr(publisher, name) for name in names}


def _shown_answer(answer: Match | Refusal) -> dict[str, t.Any]:
    """An index's answer, in one shape whatever it is."""
    accepted = answer if isinstance(answer, Match) else None
    refused = answer if isinstance(answer, Refusal) else None
    return {
        "accepted": accepted is not None,
        "status": refused.status if refused else 200,
        "code": refused and refused.code,
        "description": refused and refused.description,
        "publisher": _shown_publisher(accepted.publisher) if accepted else None,
        "projects": list(accepted.projects) if accepted else [],
        "created_project": accepted and accepted.created,
        "signature_verified": False,
    }


def _local_file(inquiry: _Inquiry, path: Path) -> str | None:
    """A workflow file on this machine. That it has another name or place than the publisher says is found here."""
    wanted = inquiry.publisher.workflow
    if path.name != wanted:
        inquiry.findings.append(
            Finding(
                "workflow-name-differs",
                str(path),
                f"The file is {path.name}, and the publisher is registered with {wanted}.",
                f"Register {path.name}, or rename the file; upper and lower case count.",
            )
        )
    elif path.absolute().parent.parts[-2:] != tuple(WORKFLOWS.split("/")):
        inquiry.findings.append(
            Finding(
                "workflow-elsewhere",
                str(path),
                f"The file does not lie in {WORKFLOWS}, where GitHub looks for workflows.",
                f"Move it to {WORKFLOWS} at the root of the repository.",
            )
        )
    try:
        return path.expanduser().read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        names = sorted(file.name for file in path.parent.glob("*.y*ml"))
        inquiry.findings.append(_no_workflow(str(path), "this machine", names))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"workflow_path {str(path)!r} cannot be read ({type(error).__name__}).") from None
    return None


def _no_workflow(path: str, place: str, names: t.Sequence[str]) -> Finding:
    there = f"There are {', '.join(names)}: register one of these" if names else "Add the file there"
    return Finding(
        "workflow-not-found", path, f"There is no {path} on {place}.", f"{there}; upper and lower case count."
    )


def _is_there(github: GitHub, repository: Repository, desired: DesiredCheck) -> bool:
    """Whether the base or the branch that is proposed has the workflow as it is to be."""
    path = f"{WORKFLOWS}/{desired.publisher.workflow}"
    at = [desired.ref, *([desired.branch] if desired.branch else [])]
    return any(read_file(github, repository, path, ref) == desired.workflow_content for ref in at)


def _other_github(api_url: str, index: Index) -> Finding:
    return Finding(
        "not-github-com",
        "api_url",
        f"{index.name} takes tokens of github.com, and not of the server at {api_url}.",
        "Publish from a repository on github.com, or with an API token.",
    )


def _no_repository(wanted: Publisher) -> Finding:
    return Finding(
        "repository-not-found",
        "repository",
        f"GitHub has no {wanted.owner}/{wanted.repository} that github_token may see.",
        "Correct owner and repository, or give a token that may read the repository's metadata.",
    )


def _name_problems(wanted: Publisher, found: Repository) -> t.Iterator[Finding]:
    """Where names are not what GitHub has: tokens carry those that it has, and indexes compare them letter by letter."""
    for where, given, real in (("owner", wanted.owner, found.owner), ("repository", wanted.repository, found.name)):
        if given == real:
            continue
        by_case = given.lower() == real.lower()
        yield Finding(
            f"{where}-differs",
            where,
            f"The {where} {given} {'is written' if by_case else 'is now called'} {real} on GitHub, and tokens say so.",
            f"Register {real}. The link and the fields that are returned have it already.",
            # The form asks GitHub how the owner is written, and corrects that; it asks for nothing else.
            MEDIUM if by_case and where == "owner" else HIGH,
        )
    if wanted.owner_id not in (None, found.owner_id):
        yield Finding(
            "owner-id-differs",
            "owner_id",
            f"The owner's number is {found.owner_id} and not {wanted.owner_id}: it is another account of the same name, or the "
            "repository was moved.",
            "Register the publisher again.",
        )


def _no_environment(wanted: Publisher, found: Repository) -> Finding:
    return Finding(
        "environment-not-found",
        "environment",
        f"{found.full_name} has no environment {wanted.environment!r}; GitHub would create it without protection when the "
        "workflow first names it.",
        "Create and protect the environment before the workflow runs.",
        MEDIUM,
    )


def _unprotected(wanted: Publisher, found: Repository) -> Finding:
    return Finding(
        "environment-unprotected",
        "environment",
        f"The environment {wanted.environment!r} of {found.full_name} has no protection rules: whoever may push can publish.",
        "Restrict it to tags or protected branches, or require reviewers.",
        MEDIUM,
    )


def _refused(answer: Refusal, claims: t.Any, publisher: Publisher) -> Finding:
    unlike = differences(claims, publisher) if answer.code == "invalid-publisher" else ()
    why = "; ".join(unlike) or answer.reason
    return Finding(
        answer.code,
        "token",
        f"The index would answer {answer.status}: {answer.description}."
        + (f" Here {why}." if why not in answer.description else ""),
        _REMEDIES.get(answer.code, _NEW_TOKEN),
    )


_NEW_TOKEN = "Take a fresh token of the job that publishes, made for this index."
_REMEDIES = {
    "invalid-publisher": "Correct the publisher, or the workflow, so that both say the same.",
    "invalid-pending-publisher": "Register an ordinary publisher in the project's own settings.",
}
