# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a workflow file can publish as a trusted publisher, and does it safely. Pure.

Source: PyPI's documentation of trusted publishing, and which claims a token of a job has.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, replace

from ..._base.findings import HIGH, MEDIUM, Finding
from .clients import PUBLISH_ACTION
from .indexes import PYPI, Index
from .publishing_steps import COMPUTED, MINTED, Publishing, publishing_steps
from .steps import harmless, only_publishes
from .trusted_publishers import Publisher
from .workflow_events import Gate, is_taken, starts
from .workflow_validity import file_problems
from .workflows import Job, Workflow

_PINNED = re.compile(r"@(?:[0-9a-f]{40}|sha256:[0-9a-f]{64})$")

#: The code of a finding that a login is stored. Whoever retires stored logins looks for it.
LOGIN_GIVEN = "login-given"

Problems = t.Iterator[Finding]
#: What was found of a job for a publisher.
Memo = dict[tuple[int, Publisher, int, bool], tuple[Finding, ...]]


@dataclass(frozen=True)
class Surroundings:
    """What else is known where a workflow runs. All of it may be missing."""

    #: Other publishers of the same index.
    siblings: tuple[Publisher, ...] = ()
    #: What the environment takes that the publisher is restricted to.
    gate: Gate | None = None
    default_branch: str | None = None


_NOWHERE = Surroundings()


def workflow_problems(
    workflow: Workflow, publisher: Publisher, index: Index, surroundings: Surroundings | None = None
) -> tuple[Finding, ...]:
    """All that is wrong with a workflow as the one that a publisher names."""
    found = [*file_problems(workflow), *_event_problems(workflow), *_pin_problems(workflow)]
    found += _publishing_problems(workflow, publisher, index, surroundings or Surroundings())
    # Two steps of one job share what is wrong with the job.
    return tuple(dict.fromkeys(found))


def _event_problems(workflow: Workflow) -> Problems:
    events = workflow.events
    if "workflow_call" in events:
        yield Finding(
            "reusable-workflow",
            workflow.where(*events["workflow_call"]),
            "The workflow is reusable (workflow_call). Tokens of its jobs are not accepted when a workflow of another repository "
            "calls it, and from one of this repository that is not supported.",
            "Publish from a workflow that runs on its own, and keep the reusable part to building.",
            MEDIUM,
        )
    if "pull_request_target" in events:
        yield Finding(
            "pull-request-target",
            workflow.where(*events["pull_request_target"]),
            "The workflow runs on pull_request_target, for which the index refuses tokens, and which lets strangers run code "
            "with the repository's rights.",
            "Run the workflow on a release or on the push of a tag.",
            HIGH if len(events) == 1 else MEDIUM,
        )
    if "workflow_run" in events:
        yield Finding(
            "workflow-run",
            workflow.where(*events["workflow_run"]),
            "The workflow runs after another (workflow_run), which a stranger's pull request may have started.",
            "Run the workflow on a release or on the push of a tag.",
            MEDIUM,
        )


def _pin_problems(workflow: Workflow) -> Problems:
    for job in workflow.jobs():
        for content, where in ((job.content, job.where), *((step.content, step.where) for step in job.steps())):
            used = str(content.get("uses") or "")
            if used and not used.startswith("./") and not _PINNED.search(used):
                yield Finding(
                    "unpinned-action",
                    where("uses"),
                    f"{used} is not pinned: who can move what it names can run code in this workflow.",
                    "Name the action by the whole hash of a commit, with its version in a comment.",
                    MEDIUM,
                )


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A job that publishes to the index, as far as is known."""

    job: Job
    #: None: something in it may publish, and is not recognized.
    publishing: Publishing | None = None

    @property
    def certain(self) -> bool:
        """Whether it publishes, and to this index."""
        return self.publishing is not None and self.publishing.destination is not None


def _publishing_problems(workflow: Workflow, publisher: Publisher, index: Index, around: Surroundings) -> Problems:
    everything = publishing_steps(workflow)
    here = [_Candidate(found.step.job, found) for found in everything if index.takes(found.destination)]
    here = [one for one in here if not one.job.never_runs]
    certain = any(one.certain for one in here)
    # Next to a job that publishes for certain, one that may publish counts only in the environment that is registered.
    unknown = [] if certain and not publisher.environment else _unknown(workflow, everything)
    memo: Memo = {}
    judged = {one: tuple(_job_problems(one, publisher, index, around, memo)) for one in (*here, *unknown)}
    fine = [one for one, problems in judged.items() if _is_fine(problems)]
    if not judged or (everything and not (fine or here)):
        yield _nothing_published(workflow, everything, index)
        return
    shown = fine or _most_likely(judged, publisher, index, around, memo)
    for one in [one for one in shown if one.publishing] or shown:
        yield from judged[one]
        if one.publishing is None:
            yield _unrecognized(one.job)
    if fine:
        for one in here:
            if one not in fine and not _is_for_a_sibling(one, publisher, index, around, memo):
                # It fails, and publishing does not. Of a job that may publish elsewhere only the login counts: its secret is in use.
                told = (finding for finding in judged[one] if one.certain or finding.code == LOGIN_GIVEN)
                yield from (replace(finding, severity=MEDIUM) for finding in told)


def _is_fine(problems: t.Iterable[Finding]) -> bool:
    return not any(finding.severity == HIGH for finding in problems)


def _unknown(workflow: Workflow, everything: tuple[Publishing, ...]) -> list[_Candidate]:
    """The jobs that get tokens and run something that may publish, where nothing is recognized."""
    publishing = {found.step.job.name for found in everything}
    return [
        _Candidate(job)
        for job in workflow.jobs()
        if job.name not in publishing and job.may_ask_for_tokens and not job.never_runs
        if any(not harmless(step) for step in job.steps())
    ]


def _most_likely(
    judged: t.Mapping[_Candidate, tuple[Finding, ...]],
    publisher: Publisher,
    index: Index,
    around: Surroundings,
    memo: Memo,
) -> list[_Candidate]:
    """Of jobs that all fail, those of which it is to be said: not those of other publishers, nor what is less sure than others."""
    own = [one for one in judged if not _is_for_a_sibling(one, publisher, index, around, memo)] or list(judged)
    sure = [one for one in own if one.certain] or [one for one in own if one.publishing]
    return sure or own


def _is_for_a_sibling(one: _Candidate, publisher: Publisher, index: Index, around: Surroundings, memo: Memo) -> bool:
    """Whether another publisher of the same file is the one that the job is for."""
    return any(
        _is_fine(_job_problems(one, sibling, index, _NOWHERE, memo))
        for sibling in around.siblings
        if sibling.workflow_ref == publisher.workflow_ref
        and sibling.environment.lower() != publisher.environment.lower()
    )


def _job_problems(one: _Candidate, publisher: Publisher, index: Index, around: Surroundings, memo: Memo) -> Problems:
    if one.publishing:
        yield from _client_problems(one.publishing, index)
    # A job may have thousands of steps that publish, and is one for all of them.
    key = (id(one.job), publisher, id(around), one.publishing is not None)
    if key not in memo:
        memo[key] = tuple(_problems_of_job(one.job, publisher, around, publishes=one.publishing is not None))
    yield from memo[key]


def _problems_of_job(job: Job, publisher: Publisher, around: Surroundings, *, publishes: bool) -> Problems:
    yield from _permission_problems(job)
    yield from _environment_problems(job, publisher)
    if around.gate and job.environment.lower() == publisher.environment.lower():
        yield from _start_problems(job, around.gate, around.default_branch)
    if publishes:
        yield from _separation_problems(job)


def _nothing_published(workflow: Workflow, everything: tuple[Publishing, ...], index: Index) -> Finding:
    others = [found for found in everything if not index.takes(found.destination)]
    if others:
        places = ", ".join(dict.fromkeys(str(found.destination) for found in others))
        return Finding(
            "other-index",
            others[0].step.where(),
            f"The workflow publishes to {places}, and not to {index.name}.",
            f"Name the index's upload address to the client (repository-url of {PUBLISH_ACTION})."
            if index.name != PYPI
            else f"Leave out the address of another index (repository-url of {PUBLISH_ACTION}).",
        )
    calls = [job for job in workflow.jobs() if job.content.get("uses")]
    calls = [job for job in calls if job.may_ask_for_tokens] or calls
    if calls:
        return Finding(
            "publishes-in-called-workflow",
            calls[0].where("uses"),
            f"No step of this file publishes; the job {calls[0].name} calls another workflow, and tokens of called workflows "
            "name that one.",
            "Publish in a job of this file.",
        )
    return Finding(
        "no-publish-job",
        workflow.where("jobs"),
        "No step of this file publishes a Python package.",
        f"Add a job that uses {PUBLISH_ACTION}, or register the file that has one.",
    )


def _unrecognized(job: Job) -> Finding:
    return Finding(
        "publish-step-unknown",
        job.where(),
        f"The job {job.name} may ask for an ID token, and which of its steps publishes is not recognized.",
        f"Make sure that one does, or publish with {PUBLISH_ACTION}, uv or twine.",
        MEDIUM,
    )


def _client_problems(found: Publishing, index: Index) -> Problems:
    if not index.takes_uploads_at(found.destination):
        yield Finding(
            "upload-address-differs",
            found.step.where("with" if found.client == PUBLISH_ACTION else "run"),
            f"{found.destination} is not where {index.name} takes uploads.",
            f"Leave the address out, or write https://{index.upload_host}{index.upload_path}."
            if index.upload_host
            else "Begin the address as that of the index begins.",
        )
    where = found.step.where("uses" if found.client == PUBLISH_ACTION else "run")
    if not found.runs:
        yield Finding(
            "client-does-not-run",
            found.step.job.where("runs-on"),
            f"{found.client} runs on Linux alone, and the job {found.step.job.name} does not.",
            "Run the job on ubuntu-latest, or publish with uv or twine.",
        )
    if found.unable and not found.brings_its_token:
        yield Finding(
            "client-cannot-exchange",
            where,
            f"{found.unable}.",
            f"Publish with a newer {PUBLISH_ACTION}, uv or twine, without options that keep it from that.",
        )
    if not found.exchanges and not found.brings_its_token:
        yield Finding(
            "client-without-trusted-publishing",
            where,
            f"{found.client} cannot exchange an ID token, and needs a stored one.",
            f"Publish with {PUBLISH_ACTION}, uv or twine.",
        )
    for login in found.logins:
        if login.kind != MINTED:
            yield _login_problem(found, login.name, login.where, idle=login.idle, computed=login.kind == COMPUTED)


def _login_problem(found: Publishing, name: str, where: str, *, idle: bool, computed: bool) -> Finding:
    what, remedy = f"{name} gives {found.client} a login, which it uses in place of the trusted publisher.", _REMOVE
    if idle:
        what, remedy = f"{name} gives {found.client} a user's name, which has no use without a password.", "Remove it."
    elif computed:
        what = f"{name} gives {found.client} a login that is computed: whether it is one of a trusted publisher shows when it runs."
        remedy = "Make sure that no stored token is what it comes from."
    return Finding(LOGIN_GIVEN, where, what, remedy, MEDIUM if idle or computed else HIGH)


_REMOVE = "Remove it, and afterwards the secret that it came from."


def _permission_problems(job: Job) -> Problems:
    given, whole = job.permissions
    where = (job.workflow.where if whole else job.where)("permissions")
    if given == "write-all":
        yield Finding(
            "write-all",
            where,
            f"The job {job.name} may write all that the repository has.",
            "Give the job 'id-token: write' and nothing else.",
            MEDIUM,
        )
    elif given is None or not job.may_ask_for_tokens:
        yield Finding(
            "id-token-missing",
            where if given is not None else job.where(),
            f"The job {job.name} may not ask for an ID token."
            if not job.may_ask_for_tokens
            else f"The job {job.name} may ask for an ID token only if the workflow that calls this one may.",
            "Add 'permissions: {id-token: write}' to the job.",
            MEDIUM if job.may_ask_for_tokens else HIGH,
        )
        return
    if whole:
        yield Finding(
            "id-token-for-all-jobs",
            where,
            "All jobs of the workflow may ask for an ID token, those that build too.",
            f"Move 'id-token: write' into the permissions of the job {job.name}.",
            MEDIUM,
        )


def _environment_problems(job: Job, publisher: Publisher) -> Problems:
    ran, registered = job.environment, publisher.environment
    if "${{" in ran:
        yield Finding(
            "environment-unknown",
            job.where("environment"),
            f"The environment of the job {job.name} is computed when it runs, and cannot be compared.",
            "Name the environment as it is.",
            MEDIUM,
        )
    elif registered and not ran:
        yield Finding(
            "environment-missing",
            job.where(),
            f"The job {job.name} runs in no environment, and the publisher is registered with {registered!r}.",
            f"Add 'environment: {registered}' to the job.",
        )
    elif registered and ran and ran.lower() != registered.lower():
        yield Finding(
            "environment-differs",
            job.where("environment"),
            f"The job {job.name} runs in the environment {ran!r}, and the publisher is registered with {registered!r}.",
            f"Write 'environment: {registered}', or register {ran!r}.",
        )
    elif not registered:
        yield Finding(
            "environment-not-registered",
            job.where("environment") if ran else job.where(),
            "The publisher is registered without an environment, so that any job of the workflow, on any branch, may publish.",
            f"Register the environment {ran!r} too." if ran else "Run the job in an environment, and register that.",
            MEDIUM,
        )


def _start_problems(job: Job, gate: Gate, default_branch: str | None) -> Problems:
    """Whether the environment takes what the workflow is started for."""
    everything = starts(job.workflow, default_branch)
    refused = [start for start in everything if not is_taken(start, gate)]
    taken = {start.event for start in everything if is_taken(start, gate)}
    if taken:
        # Who starts it by hand chooses from where; and a condition may leave the others out.
        refused = [] if job.has_condition else [start for start in refused if start.event not in taken or start.chosen]
    if refused:
        what = ", ".join(dict.fromkeys(start.in_words for start in refused))
        yield Finding(
            "start-not-taken",
            job.workflow.where("on"),
            f"The workflow is started by {what}, and the environment {gate.environment!r} does not take that: GitHub refuses the "
            f"job {job.name}.",
            "Name the branches and tags that release, both in 'on' and in the rules of the environment.",
            MEDIUM if taken else HIGH,
        )


def _separation_problems(job: Job) -> Problems:
    for step in job.steps():
        if not only_publishes(step):
            yield Finding(
                "build-in-publish-job",
                step.where(),
                f"The job {job.name} does more than download and publish: what runs here can ask for the token too.",
                "Build in a job of its own, and hand the files over as an artifact.",
                MEDIUM,
            )
            return
