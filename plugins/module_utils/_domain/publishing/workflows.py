# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A workflow of GitHub Actions as values, and where in its file each stands. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .matrix import MOST_CHARACTERS, size, variants

Path = tuple[t.Any, ...]
Mapping = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class Workflow:
    """What a workflow file holds. Its C(jobs) are a mapping; nothing else is certain."""

    name: str
    content: Mapping
    lines: t.Mapping[Path, int] = field(repr=False, compare=False, default_factory=dict)
    #: Places of merge keys, which GitHub does not know.
    merges: tuple[Path, ...] = ()

    def where(self, *path: t.Any) -> str:
        """File and line of a place, or of the nearest place above it that has one."""
        return f"{self.name}:{self.line(*path)}"

    def line(self, *path: t.Any) -> int:
        """The line of it, from 1."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    @property
    def events(self) -> dict[str, Path]:
        """What the workflow runs on, and where that is said."""
        on = self.content.get("on")
        if isinstance(on, str):
            return {on: ("on",)}
        if isinstance(on, list):
            return {str(event): ("on", index) for index, event in enumerate(on)}
        return {str(event): ("on", event) for event in mapping(on)}

    def jobs(self) -> t.Iterator[Job]:
        """The jobs that are readable, one for each combination of values that a matrix says in the file."""
        left = MOST_CHARACTERS
        for name, content in self.content["jobs"].items():
            if isinstance(content, t.Mapping):
                made = list(variants(content, left))
                left -= size(content) * len(made) if len(made) > 1 else 0
                for variant in made:
                    yield Job(self, str(name), variant, ("jobs", name))


@dataclass(frozen=True)
class Job:
    """A job, and the path to it."""

    workflow: Workflow
    name: str
    content: Mapping
    path: Path

    def where(self, *path: t.Any) -> str:
        """File and line of a place in the job."""
        return self.workflow.where(*self.path, *path)

    def steps(self) -> t.Iterator[Step]:
        """The steps that are readable."""
        steps = self.content.get("steps")
        for index, content in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(content, t.Mapping):
                yield Step(self, content, ("steps", index))
                for inner, step in enumerate(content.get("parallel") or ()):
                    if isinstance(step, t.Mapping):
                        yield Step(self, step, ("steps", index, "parallel", inner))

    @property
    def environment(self) -> str:
        """Name of the deployment environment that the job runs in; empty for none."""
        given = self.content.get("environment")
        name = given.get("name") if isinstance(given, t.Mapping) else given
        return "" if name is None else str(name)

    @property
    def permissions(self) -> tuple[t.Any, bool]:
        """The permissions that count for the job, and whether they are those of the whole workflow."""
        whole = "permissions" not in self.content
        return (self.workflow.content if whole else self.content).get("permissions"), whole

    @property
    def may_ask_for_tokens(self) -> bool:
        """Whether the job gets ID tokens. A reusable workflow that says nothing has the permissions of its caller."""
        given, _whole = self.permissions
        if given is None:
            return "workflow_call" in self.workflow.events
        return given == "write-all" or mapping(given).get("id-token") == "write"

    @property
    def has_condition(self) -> bool:
        """Whether an expression decides if the job runs, its own or one of a job that it needs."""
        needs = self.content.get("needs")
        before = mapping(self.workflow.content["jobs"])
        needed = [before.get(name) for name in (needs if isinstance(needs, list) else [needs]) if isinstance(name, str)]
        return any("if" in mapping(job) for job in (self.content, *needed))

    @property
    def never_runs(self) -> bool:
        """Whether the job is switched off."""
        return str(self.content.get("if")).strip("${} ").lower() == "false"


@dataclass(frozen=True)
class Step:
    """A step, and the path to it in its job."""

    job: Job
    content: Mapping
    path: Path

    def where(self, *path: t.Any) -> str:
        """File and line of a place in the step."""
        return self.job.where(*self.path, *path)

    @property
    def action(self) -> str:
        """C(owner/name) of the action that the step uses, in small letters as its case does not count; empty for none."""
        return str(self.content.get("uses") or "").partition("@")[0].lower()

    @property
    def inputs(self) -> Mapping:
        """What the action is given, by names in small letters."""
        return {str(name).lower(): value for name, value in mapping(self.content.get("with")).items()}

    def variables(self) -> dict[str, tuple[t.Any, str]]:
        """The environment variables of the step, each with the file and line where it is set."""
        found: dict[str, tuple[t.Any, str]] = {}
        for content, where in (
            (self.job.workflow.content, self.job.workflow.where),
            (self.job.content, self.job.where),
            (self.content, self.where),
        ):
            for name, value in mapping(content.get("env")).items():
                found[str(name)] = (value, where("env", name))
        return found


_PIN = re.compile(
    r"""^[\s-]*["']?uses["']?\s*:\s*["']?([\w.-]+/[\w./-]+)@([^\s"'#]+)["']?(?:\s+#\s*(\S+))?""", re.MULTILINE
)


def pins(text: str) -> t.Iterator[dict[str, str]]:
    """The actions that a workflow file names, each with its commit, or branch or tag, and the version in the comment behind it."""
    for found in dict.fromkeys(_PIN.findall(text)):
        yield dict(zip(("action", "commit", "version"), found, strict=True))


def mapping(value: t.Any) -> Mapping:
    """The value if it is a mapping, or else an empty one."""
    return value if isinstance(value, t.Mapping) else {}
