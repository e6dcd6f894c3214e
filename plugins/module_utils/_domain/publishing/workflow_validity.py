# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What makes a workflow file one that GitHub does not run. Pure.

Source: the schema of GitHub's own parser of workflow files, and its documentation of anchors, which knows no merge keys.
"""

from __future__ import annotations

import re
import typing as t
from graphlib import CycleError, TopologicalSorter

from ..._base.findings import Finding
from .shell import word_set
from .workflows import Job, Path, Workflow, mapping

INVALID = "invalid-workflow-file"

_WORKFLOW = word_set("concurrency defaults description env jobs name on permissions run-name")
_JOB = word_set(
    "cancel-timeout-minutes concurrency container continue-on-error defaults env environment if name needs outputs permissions "
    "runs-on secrets services snapshot steps strategy timeout-minutes uses with"
)
_STEP = word_set(
    "background continue-on-error env id if name run shell timeout-minutes uses wait wait-all with working-directory cancel parallel"
)
_ENVIRONMENT = frozenset({"deployment", "name", "url"})
_EVENTS = word_set(
    "branch_protection_rule check_run check_suite create delete deployment deployment_status discussion discussion_comment fork "
    "gollum image_version issue_comment issues label merge_group milestone page_build project project_card project_column public "
    "pull_request pull_request_comment pull_request_review pull_request_review_comment pull_request_target push registry_package "
    "release repository_dispatch schedule status watch workflow_call workflow_dispatch workflow_run"
)
#: What the events that release may say, and what of that are types.
_OPTIONS = {
    "push": word_set("branches branches-ignore paths paths-ignore tags tags-ignore"),
    "release": frozenset({"types"}),
}
_RELEASES = word_set("created deleted edited prereleased published released unpublished")
#: What a step can do. GitHub refuses one that does nothing.
_DEEDS = word_set("cancel parallel run uses wait wait-all")
#: Filters of which an event has the one or the other.
_FILTERS = ("branches", "paths", "tags")
_JOB_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,98}")
_LEVELS = frozenset({"none", "read", "write"})
_SHORT = frozenset({"read-all", "write-all"})

Problems = t.Iterator[Finding]


def file_problems(workflow: Workflow) -> Problems:
    """Each place for which GitHub would refuse the file."""
    for path in workflow.merges:
        yield _problem(
            workflow.where(*path), "it has a merge key (<<)", "Repeat what it stands for; anchors and aliases may stay."
        )
    yield from _unknown("key", workflow.content, _WORKFLOW, workflow.where)
    if not workflow.events:
        yield _problem(workflow.where("on"), "nothing starts it", "Name an event in 'on'.")
    for event, path in workflow.events.items():
        if event not in _EVENTS:
            yield _problem(workflow.where(*path), f"there is no event {event}", "Correct the name.")
        given = mapping(mapping(workflow.content.get("on")).get(event))
        yield from _unknown("key", given, _OPTIONS.get(event, frozenset(given)), workflow.where, *path)
        yield from _contrary_filters(workflow, event, path, given)
    types = mapping(mapping(workflow.content.get("on")).get("release")).get("types")
    for name in types if isinstance(types, list) else [types] if types else ():
        if not _is_one_of(name, _RELEASES):
            yield _problem(workflow.where("on", "release", "types"), f"a release is never {name}", "Write published.")
    yield from _permission_problems(workflow.content, workflow.where)
    yield from _names_and_needs(workflow)
    for job in workflow.jobs():
        yield from _job_problems(job)


def _contrary_filters(workflow: Workflow, event: str, path: Path, given: t.Mapping[str, t.Any]) -> Problems:
    for name in _FILTERS:
        if name in given and f"{name}-ignore" in given:
            yield _problem(
                workflow.where(*path, f"{name}-ignore"),
                f"{event} has both {name} and {name}-ignore",
                f"Keep one of them. In {name}, a pattern that begins with ! excludes.",
            )


def _names_and_needs(workflow: Workflow) -> Problems:
    for name in workflow.content["jobs"]:
        if not _JOB_NAME.fullmatch(str(name)):
            yield _problem(
                workflow.where("jobs", name),
                f"{str(name)!r} cannot be the name of a job",
                "Begin with a letter or _, and use only letters, digits, - and _.",
            )
    before = {name: _needed(mapping(job)) for name, job in workflow.content["jobs"].items()}
    try:
        TopologicalSorter(before).prepare()
    except CycleError as circle:
        first, *_others = names = circle.args[1]
        yield _problem(
            workflow.where("jobs", first, "needs"),
            f"jobs need each other in a circle: {', '.join(map(str, names))}",
            "Remove one of these needs.",
        )


def _needed(job: t.Mapping[str, t.Any]) -> list[str]:
    needs = job.get("needs")
    return [name for name in (needs if isinstance(needs, list) else [needs]) if isinstance(name, str)]


def _job_problems(job: Job) -> Problems:
    yield from _unknown("key", job.content, _JOB, job.where)
    if not {"runs-on", "uses"} & job.content.keys():
        yield _problem(job.where(), f"the job {job.name} has no runs-on", "Add runs-on, for example ubuntu-latest.")
    yield from _unknown("key", mapping(job.content.get("environment")), _ENVIRONMENT, job.where, "environment")
    yield from _permission_problems(job.content, job.where)
    for name in _needed(job.content):
        if name not in mapping(job.workflow.content["jobs"]):
            yield _problem(
                job.where("needs"), f"the job {job.name} needs {name}, which is not there", "Correct the name."
            )
    for step in job.steps():
        yield from _unknown("key", step.content, _STEP, step.where)
        if "uses" in step.content and "run" in step.content:
            yield _problem(step.where(), "a step has both 'uses' and 'run'", "Make two steps of it.")
        if not _DEEDS & step.content.keys():
            yield _problem(step.where(), "a step has neither 'uses' nor 'run'", "Say what it does, or remove it.")


def _permission_problems(content: t.Mapping[str, t.Any], where: t.Callable[..., str]) -> Problems:
    given = content.get("permissions")
    if isinstance(given, str) and given not in _SHORT:
        yield _problem(where("permissions"), f"its permissions are {given!r}", "Write read-all, write-all or {}.")
    for name, level in mapping(given).items():
        # Permissions come with GitHub's features, so that a new name may be right.
        if not _is_one_of(level, _LEVELS):
            yield _problem(where("permissions", name), f"{name} cannot be {level!r}", "Write read, write or none.")


def _is_one_of(value: t.Any, words: frozenset[str]) -> bool:
    """In a file there may be anything in place of a word, also what no set can be asked for."""
    return isinstance(value, str) and value in words


def _unknown(
    what: str, given: t.Mapping[str, t.Any], known: frozenset[str], where: t.Callable[..., str], *path: str
) -> Problems:
    for name in given:
        if name not in known:
            yield _problem(where(*path, name), f"there is no {what} {str(name)!r} here", "Correct or remove it.")


def _problem(where: str, why: str, remedy: str) -> Finding:
    return Finding(INVALID, where, f"GitHub would not run the workflow: {why}.", remedy)
