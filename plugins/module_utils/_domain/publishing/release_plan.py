# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role trusted_publishing makes of its variables: environments, publishers and workflows of a repository. Pure.

Each step of the role knows more than the one before it, and asks for what follows from that.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base import role_input as kinds
from .indexes import PYPI
from .trusted_publishers import WORKFLOWS

Entry = dict[str, t.Any]
Entries = t.Sequence[t.Mapping[str, t.Any]]

_PREFIX = "trusted_publishing_"
_RULES: dict[str, kinds.Kind] = {
    "wait_timer": kinds.count,
    "reviewers": kinds.mapping({"users": kinds.texts, "teams": kinds.texts}),
    "prevent_self_review": kinds.flag,
    "deployment_policy": kinds.choice("all", "protected", "selected"),
    "branches": kinds.texts,
    "tags": kinds.texts,
    "apps": kinds.texts,
}
_INDEX = {"index": kinds.text, "environment": kinds.text, "pending": kinds.flag, "upload_url": kinds.text, **_RULES}
_OF_A_PROJECT: dict[str, kinds.Kind] = {
    "workflow": kinds.text,
    "indexes": kinds.entries(_INDEX, "environment"),
    "events": kinds.any_mapping,
    "python_version": kinds.text,
    "build_commands": kinds.commands,
    "attestations": kinds.flag,
}
#: Actions that the workflow uses, by the variables that pin them.
_ACTIONS = {
    "checkout_action": "actions/checkout",
    "setup_python_action": "actions/setup-python",
    "upload_artifact_action": "actions/upload-artifact",
    "download_artifact_action": "actions/download-artifact",
    "publish_action": "pypa/gh-action-pypi-publish",
}
_PIN = kinds.mapping({"commit": kinds.text, "version": kinds.text}, "commit", "version")
_VARIABLES: dict[str, kinds.Kind] = {
    "owner": kinds.text,
    "repository": kinds.text,
    "project": kinds.text,
    "projects": kinds.entries({"project": kinds.text, **_OF_A_PROJECT}, "project"),
    **_OF_A_PROJECT,
    "protection": kinds.mapping(_RULES),
    "checkout": kinds.text,
    "base": kinds.text,
    "branch": kinds.text,
    "api_url": kinds.text,
    "retire_secrets": kinds.texts,
    **dict.fromkeys(_ACTIONS, _PIN),
}
_REQUIRED = ("owner", "repository")
_COMMIT, _RELEASE = re.compile("[0-9a-f]{40}"), re.compile(r"v?([0-9]+(?:\.[0-9]+)*)")
#: Rules that the check of a publisher looks at.
_CHECKED = ("deployment_policy", "branches", "tags", "wait_timer", "reviewers", "apps")


@dataclass(frozen=True)
class Release:
    """The role's variables, read: what is published where from one repository."""

    mistakes: tuple[str, ...]
    given: t.Mapping[str, t.Any]
    #: Each with all that is said of it.
    projects: tuple[Entry, ...]
    #: What each environment is to be, for all projects that publish in it.
    wanted: tuple[Entry, ...]

    @property
    def listed(self) -> bool:
        """Whether the run knows all projects of the repository."""
        return bool(self.given.get("projects"))

    @property
    def actions(self) -> dict[str, Entry]:
        """The pins of the actions by their names."""
        return {action: self.given[variable] for variable, action in _ACTIONS.items()}

    @property
    def branch(self) -> str:
        """Where workflows are proposed. A project that is not listed has a pull request of its own, so that those of others stay."""
        workflow = self.projects[0]["workflow"]
        own = "" if self.listed or workflow == "release.yml" else f"-{re.sub('[^A-Za-z0-9_-]+', '-', _stem(workflow))}"
        return str(self.given.get("branch") or f"trusted-publishing{own}")


def read_release(variables: t.Mapping[str, t.Any], host: str) -> Release:
    """The variables, which have their names without the role's.

    :param host: who is meant as long as no repository is named
    """
    reader = kinds.Reader()
    given: Entry = {}
    for name, kind in _VARIABLES.items():
        value = variables.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if name in _REQUIRED:
                reader.wrong(f"{_PREFIX}{name} is missing.")
        elif (found := kind(reader, value, f"{_PREFIX}{name}")) is not None:
            given[name] = found
    projects: tuple[Entry, ...] = ()
    wanted: tuple[Entry, ...] = ()
    if not reader.mistakes:
        projects = _projects(given)
        wanted, unlike = _wanted(projects, given.get("protection", {}))
        for sentence in (*_contradictions(given, projects), *unlike):
            reader.wrong(sentence)
    scope = "/".join(str(variables.get(name) or "") for name in _REQUIRED)
    if not all(isinstance(variables.get(name), str) and variables[name].strip() for name in _REQUIRED):
        scope = host
    return Release(tuple(f"{scope}: {sentence}" for sentence in reader.mistakes), given, projects, wanted)


def _projects(given: Entry) -> tuple[Entry, ...]:
    common = {name: given[name] for name in _OF_A_PROJECT if name in given}
    listed = given.get("projects") or [{"project": given.get("project", "")}]
    said = ({key: value for key, value in one.items() if value is not None} for one in listed)
    entries = [{**common, **one} for one in said]
    # The form strips the name of the file, and no other.
    return tuple({**entry, "workflow": entry.get("workflow", "").strip()} for entry in entries)


def _contradictions(given: Entry, projects: tuple[Entry, ...]) -> t.Iterator[str]:
    if bool(given.get("projects")) == bool(given.get("project")):
        yield "Give trusted_publishing_project, or the projects of the repository in trusted_publishing_projects, and not both."
    workflows = [entry["workflow"] for entry in projects]
    if len(set(workflows)) < len(workflows):
        yield f"trusted_publishing_projects must give each project a workflow of its own: {', '.join(workflows)}."
    for entry in projects:
        names = [index["environment"] for index in entry.get("indexes", ())]
        if not names or len({_job_part(name).lower() for name in names}) < len(names):
            yield (
                "trusted_publishing_indexes must have an index, and the names of their environments must differ in letters or digits: "
                f"{', '.join(names)}."
            )
    for variable, action in _ACTIONS.items():
        commit = given.get(variable, {}).get("commit", "")
        if not _COMMIT.fullmatch(commit):
            yield (
                f"{_PREFIX}{variable} of {action}: commit must be the whole hash of one, and not {commit}, because branches and tags can "
                "be moved."
            )


def _wanted(projects: tuple[Entry, ...], protection: Entry) -> tuple[tuple[Entry, ...], list[str]]:
    """What each environment is to be, and a sentence on each rule that two say differently."""
    found: dict[str, Entry] = {}
    unlike = []
    for index in (index for entry in projects for index in entry.get("indexes", ())):
        environment = found.setdefault(index["environment"].lower(), {"environment": index["environment"]})
        given = {**protection, **index}
        for rule in (rule for rule in _RULES if given.get(rule) is not None):
            if rule in ("branches", "tags"):
                environment[rule] = list(dict.fromkeys([*environment.get(rule, ()), *given[rule]]))
            elif environment.setdefault(rule, given[rule]) != given[rule]:
                unlike.append(
                    f"Two projects or indexes say different rules of one environment: {rule} of {index['environment']}."
                )
    return tuple(found.values()), unlike


def publishers(release: Release) -> list[Entry]:
    """All that is to be registered, project by project."""
    return [
        {
            **{key: index[key] for key in ("index", "environment", "pending") if index.get(key) is not None},
            "project": entry["project"],
            "workflow": entry["workflow"],
        }
        for entry in release.projects
        for index in entry["indexes"]
    ]


def in_checkout(release: Release) -> list[Entry]:
    """The publishers with the files in the checkout, if there is one."""
    checkout = release.given.get("checkout")
    own = publishers(release)
    return [{**one, "workflow_path": f"{checkout}/{WORKFLOWS}/{one['workflow']}"} for one in own] if checkout else own


def kept(release: Release, present: Entries) -> list[Entry]:
    """The branches and tags of environments that this run does not take away, since it does not know the repository's other projects.

    :param present: the wanted environments as they are, in their order
    """
    if release.listed:
        return []
    return [
        {"environment": wanted["environment"], "kind": kind, "name": name}
        for wanted, there in zip(release.wanted, present, strict=True)
        for kind in ("branches", "tags")
        if kind in wanted
        for name in there[kind]
        if name not in wanted[kind]
    ]


def environments(release: Release, present: Entries) -> list[Entry]:
    """The wanted environments with what is kept in them."""
    found = {wanted["environment"]: dict(wanted) for wanted in release.wanted}
    for one in kept(release, present):
        environment = found[one["environment"]]
        environment[one["kind"]] = [*environment[one["kind"]], one["name"]]
    return list(found.values())


def workflows(release: Release, form: Entries, in_force: Entries) -> list[Entry]:
    """What the workflow of each project is made of: a job for each index, each after the one before it.

    :param form: results of the check of what is to be registered, of each publisher
    :param in_force: the same, with the actions of the workflows that are there
    """
    uploads = {one["item"].get("index", PYPI): _upload_url(one) for one in form}
    return [
        {**entry, "jobs": _jobs(entry, uploads), "pins": _pins(release.actions, entry["workflow"], in_force)}
        for entry in release.projects
    ]


def _upload_url(found: t.Mapping[str, t.Any]) -> str:
    """Where an index takes uploads; nothing for PyPI, to which the action uploads anyway."""
    if found["index"] == PYPI:
        return ""
    return re.sub("/manage/(project|account)/.*", "", found["registration_url"]) + "/legacy/"


def _jobs(entry: Entry, uploads: t.Mapping[str, str]) -> list[Entry]:
    jobs: list[Entry] = []
    for one in entry["indexes"]:
        jobs.append(
            {
                "name": "publish" + (f"-{_job_part(one['environment'])}" if len(entry["indexes"]) > 1 else ""),
                "needs": ["build", *(job["name"] for job in jobs[-1:])],
                "environment": one["environment"],
                "upload_url": one.get("upload_url") or uploads[one.get("index") or PYPI],
            }
        )
    return jobs


def _pins(own: t.Mapping[str, Entry], workflow: str, in_force: Entries) -> dict[str, Entry]:
    """The actions of a workflow. A newer release that the file in force is pinned to stays: whoever keeps pins fresh came first."""
    pins = dict(own)
    for there in (there for one in in_force if one["publisher"]["workflow"] == workflow for there in one["actions"]):
        pin = pins.get(there["action"])
        if pin and _COMMIT.fullmatch(there["commit"]) and _number(there["version"]) > _number(pin["version"]):
            pins[there["action"]] = {"commit": there["commit"], "version": there["version"]}
    return pins


def _number(version: str) -> tuple[int, ...]:
    found = _RELEASE.match(version)
    return tuple(map(int, found[1].split("."))) if found else ()


def checks(release: Release, planned: Entries, files: Entries, changing: t.Sequence[bool] = ()) -> list[Entry]:
    """The publishers with what the environment of each is going to be, and with the text of its workflow.

    :param planned: the environments as they are going to be, in the order of C(wanted)
    :param changing: whether each of them is going to be written; none is when it is empty
    """
    names = [wanted["environment"].lower() for wanted in release.wanted]
    by_name = dict(zip(names, planned, strict=True))
    written = {name for name, changes in zip(names, changing, strict=False) if changes}
    proposed = [] if release.given.get("checkout") else ["workflow"]
    contents = {file["workflow"]: file["content"] for file in files}
    return [
        {
            **one,
            "environment_rules": {
                rule: value for rule, value in by_name[one["environment"].lower()].items() if rule in _CHECKED
            },
            "workflow_content": contents[one["workflow"]],
            "writes": [*(["environment"] if one["environment"].lower() in written else []), *proposed],
            "branch": release.branch,
        }
        for one in publishers(release)
    ]


def _job_part(environment: str) -> str:
    """An environment's name as a part of a job's."""
    return re.sub("[^A-Za-z0-9_-]", "-", environment)


def _stem(workflow: str) -> str:
    return workflow.rpartition(".")[0] or workflow


def plan(
    variables: t.Mapping[str, t.Any],
    host: str,
    *,
    present: Entries | None = None,
    form: Entries | None = None,
    in_force: Entries | None = None,
) -> Entry:
    """All that follows from the variables, and from what is known by now.

    :param present: the environments as they are
    :param form: results of the check of what is to be registered
    :param in_force: results of the check of the workflows that are there
    """
    release = read_release(variables, host)
    if release.mistakes:
        return {"mistakes": list(release.mistakes)}
    found: Entry = {
        "mistakes": [],
        "projects": list(release.projects),
        "names": [entry["project"] for entry in release.projects],
        "listed": release.listed,
        "branch": release.branch,
        "publishers": publishers(release),
        "in_checkout": in_checkout(release),
        "wanted": list(release.wanted),
        "retire_secrets": [{"secret": name} for name in dict.fromkeys(release.given.get("retire_secrets", ()))],
    }
    if present is not None:
        found |= {"kept": kept(release, present), "environments": environments(release, present)}
    if form is not None and in_force is not None:
        found["workflows"] = workflows(release, form, in_force)
    return found
