# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a workflow file can publish as a trusted publisher, and does it safely. Pure.

Source: PyPI's documentation of trusted publishing, and which claims a token of a job has.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from ..._base.findings import MEDIUM, Finding
from .indexes import PYPI, Index
from .publishing_steps import PUBLISH_ACTION, WITHOUT_TRUSTED_PUBLISHING, Publishing, only_publishes, publishing_steps
from .trusted_publishers import Publisher
from .workflows import Job, Step, Workflow, mapping

_PINNED = re.compile(r"@(?:[0-9a-f]{40}|sha256:[0-9a-f]{64})$")

#: Actions that a publish job may use beside the one that publishes: they build nothing and run nothing of the project's.
_HELPERS = frozenset(
    {"actions/download-artifact", "actions/setup-python", "astral-sh/setup-uv", "step-security/harden-runner"}
)

Problems = t.Iterator[Finding]


def workflow_problems(workflow: Workflow, publisher: Publisher, index: Index) -> tuple[Finding, ...]:
    """All that is wrong with a workflow as the one that a publisher names."""
    found = [*_event_problems(workflow), *_pin_problems(workflow), *_publishing_problems(workflow, publisher, index)]
    # Two steps of one job share what is wrong with the job.
    return tuple(dict.fromkeys(found))


def _event_problems(workflow: Workflow) -> Problems:
    events = workflow.events
    if "workflow_call" in events:
        yield Finding(
            "reusable-workflow",
            workflow.where(*events["workflow_call"]),
            "The workflow is reusable (workflow_call), and tokens of reusable workflows are not accepted.",
            "Publish from a workflow that runs on its own, and keep the reusable part to building.",
        )
    if "pull_request_target" in events:
        yield Finding(
            "pull-request-target",
            workflow.where(*events["pull_request_target"]),
            "The workflow runs on pull_request_target, for which the index refuses tokens, and which lets strangers run code "
            "with the repository's rights.",
            "Run the workflow on a release or on the push of a tag.",
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


def _publishing_problems(workflow: Workflow, publisher: Publisher, index: Index) -> Problems:
    everything = publishing_steps(workflow)
    here = [found for found in everything if goes_to(found.destination, index)]
    if not here:
        yield _nothing_published(workflow, everything, index)
    for found in here:
        yield from _client_problems(found)
        yield from _permission_problems(found.step.job)
        yield from _environment_problems(found.step.job, publisher)
        yield from _separation_problems(found.step.job, everything)


def goes_to(destination: str | None, index: Index) -> bool:
    """Whether a destination is an index, or may be it."""
    if destination is None or destination == index.name:
        return True
    try:
        return urlsplit(destination).netloc in index.hosts
    except ValueError:
        return False


def _nothing_published(workflow: Workflow, everything: tuple[Publishing, ...], index: Index) -> Finding:
    if everything:
        others = ", ".join(dict.fromkeys(str(found.destination) for found in everything))
        return Finding(
            "other-index",
            everything[0].step.where(),
            f"The workflow publishes to {others}, and not to {index.name}.",
            f"Name the index's upload address to the client (repository-url of {PUBLISH_ACTION})."
            if index.name != PYPI
            else f"Leave out the address of another index (repository-url of {PUBLISH_ACTION}).",
        )
    calls = [job for job in workflow.jobs() if job.content.get("uses")]
    if calls:
        return Finding(
            "publishes-in-called-workflow",
            calls[0].where("uses"),
            f"No step of this file publishes; the job {calls[0].name} calls another workflow, and tokens of called workflows "
            "are not accepted.",
            "Publish in a job of this file.",
        )
    return Finding(
        "no-publish-job",
        workflow.where("jobs"),
        "No step of this file publishes a Python package.",
        f"Add a job that uses {PUBLISH_ACTION}, or register the file that has one.",
    )


def _client_problems(found: Publishing) -> Problems:
    if found.client in WITHOUT_TRUSTED_PUBLISHING:
        yield Finding(
            "client-without-trusted-publishing",
            found.step.where("run"),
            f"{found.client} cannot exchange an ID token, and needs a stored one.",
            f"Publish with {PUBLISH_ACTION}, uv or twine.",
        )
    for name, where in found.logins:
        yield Finding(
            "login-given",
            where,
            f"{name} gives {found.client} a login, which it uses in place of the trusted publisher.",
            "Remove it, and afterwards the secret that it came from.",
        )


def _permission_problems(job: Job) -> Problems:
    level = job.content if "permissions" in job.content else job.workflow.content
    whole = level is not job.content
    given = level.get("permissions")
    where = (job.workflow.where if whole else job.where)("permissions")
    if given == "write-all":
        yield Finding(
            "write-all",
            where,
            f"The job {job.name} may write all that the repository has.",
            "Give the job 'id-token: write' and nothing else.",
            MEDIUM,
        )
    elif mapping(given).get("id-token") != "write":
        yield Finding(
            "id-token-missing",
            where if given is not None else job.where(),
            f"The job {job.name} may not ask for an ID token.",
            "Add 'permissions: {id-token: write}' to the job.",
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
    if ran is not None and "${{" in ran:
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


def _separation_problems(job: Job, everything: tuple[Publishing, ...]) -> Problems:
    for step in job.steps():
        if not _belongs_to_publishing(step, everything):
            yield Finding(
                "build-in-publish-job",
                step.where(),
                f"The job {job.name} does more than download and publish: what runs here can ask for the token too.",
                "Build in a job of its own, and hand the files over as an artifact.",
                MEDIUM,
            )
            return


def _belongs_to_publishing(step: Step, everything: tuple[Publishing, ...]) -> bool:
    if step.action:
        return step.action in _HELPERS or any(found.step is step or found.step == step for found in everything)
    return only_publishes(step)
