# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in for AWX refuses, in AWX's own words. Source: answers of AWX 24.6.1, in tests/unit/data/awx_pairs.jsonl."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import jinja2.sandbox
import yaml
from awx_store import ENCRYPTED, Fields, Store

_QUESTION_TYPES = ("text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float")
_VARIABLES_OF_AWX = (
    "VIRTUAL_ENV",
    "PATH",
    "PYTHONPATH",
    "JOB_ID",
    "INVENTORY_ID",
    "CACHE",
    "AWX_HOST",
    "PROJECT_REVISION",
)
_NAME = "^[a-zA-Z_]+[a-zA-Z0-9_]*$"
_CHOICES: dict[str, dict[str, tuple[Any, ...]]] = {
    "execution_environment": {"pull": ("", "always", "missing", "never")},
    "project": {"scm_type": ("", "git", "svn", "insights", "archive")},
    "job_template": {"job_type": ("run", "check"), "verbosity": (0, 1, 2, 3, 4, 5)},
}
_TWICE = {
    "organization": (("name",), "Organization with this Name already exists."),
    "credential_type": (("name", "kind"), "Credential type with this Name and Kind already exists."),
    "credential": (
        ("organization", "name", "credential_type"),
        "Credential with this Organization, Name and Credential type already exists.",
    ),
    "job_template": (
        ("name", "organization"),
        "JobTemplate with this (name, organization) combination already exists.",
    ),
    "host": (("name", "inventory"), "Host with this Name and Inventory already exists."),
    "group": (("name", "inventory"), "Group with this Name and Inventory already exists."),
}


class RefusedError(Exception):
    """A request is answered with this status and body."""

    def __init__(self, answer: Any, status: int = 400) -> None:
        super().__init__(str(answer))
        self.answer, self.status = answer, status


def check(
    store: Store, kind: str, wanted: Fields, given: Mapping[str, Any], playbooks: Mapping[str, list[str]]
) -> None:
    """Refuse an object with a mistake. C(given) is what the request has, C(wanted) the whole object.

    C(playbooks) has those of each project, by its path or URL.
    """
    for field, accepted in _CHOICES.get(kind, {}).items():
        if field in given and given[field] not in accepted:
            raise RefusedError({field: [f'"{given[field]}" is not a valid choice.']})
    rules = {
        "organization": _organization,
        "credential_type": _credential_type,
        "credential": _credential,
        "execution_environment": _execution_environment,
        "project": _project,
        "job_template": _job_template,
    }
    if kind in rules:
        rules[kind](store, wanted, playbooks)
    for field in ("variables",):
        if field in given:
            mapping(field, given[field])
    fields, text = _TWICE.get(kind, ((), ""))
    same = store.where(kind, **{field: wanted.get(field) for field in fields}) if fields else iter(())
    if any(found["id"] != wanted.get("id") for found in same):
        raise RefusedError({"name" if kind == "organization" else "__all__": [text]})


def mapping(field: str, text: str) -> Fields:
    """The mapping that a text says, in JSON or YAML."""
    in_json: ValueError | None = None
    try:
        found = json.loads(text or "{}")
        if isinstance(found, dict):
            return found
        raise ValueError("not a mapping")
    except ValueError as error:
        in_json = error
    try:
        found = yaml.safe_load(text)
        if found is None or isinstance(found, dict):
            return found or {}
        in_yaml = f"Input type `{type(found).__name__}` is not a dictionary"
    except yaml.YAMLError as error:
        in_yaml = str(error)
    raise RefusedError({field: [f"Cannot parse as JSON (error: {in_json}) or YAML (error: {in_yaml})."]})


def _organization(_store: Store, wanted: Fields, _playbooks: Mapping[str, list[str]]) -> None:
    if not wanted.get("name"):
        raise RefusedError({"name": ["This field is required."]})


def _execution_environment(_store: Store, wanted: Fields, _playbooks: Mapping[str, list[str]]) -> None:
    if not re.fullmatch(r"[\w./-]+(:\d+/[\w./-]+)?(:[\w.-]+)?(@sha256:[0-9a-f]{64})?", wanted["image"]):
        raise RefusedError({"image": [f"The container image name {wanted['image']} is not valid"]})


def _project(_store: Store, wanted: Fields, playbooks: Mapping[str, list[str]]) -> None:
    if wanted["scm_type"] and not wanted["scm_url"]:
        raise RefusedError({"scm_url": ["SCM URL is required."]})
    if not wanted["scm_type"] and wanted.get("local_path") not in playbooks:
        raise RefusedError({"local_path": ["This path is already being used by another manual project."]})


def _credential_type(_store: Store, wanted: Fields, _playbooks: Mapping[str, list[str]]) -> None:
    kinds = {found["kind"] for found in _store.objects["credential_type"].values() if found.get("managed")}
    if wanted["kind"] not in kinds:
        raise RefusedError({"kind": [f'"{wanted["kind"]}" is not a valid choice.']})
    if wanted["kind"] not in ("cloud", "net"):
        raise RefusedError({"kind": [f"Must be 'cloud' or 'net', not {wanted['kind']}"]})
    ids: list[str] = []
    for field in wanted["inputs"].get("fields", ()):
        if field.get("type", "string") not in ("string", "boolean"):
            raise RefusedError({"inputs": [f"'{field['type']}' is not one of ['string', 'boolean']"]})
        if field["id"] in ids:
            raise RefusedError({"inputs": [f"field IDs must be unique ({field['id']})"]})
        if not re.match(_NAME, field["id"]):
            raise RefusedError({"inputs": [f"{field['id']} is an invalid variable name"]})
        ids.append(field["id"])
    mistake = next(_injector_mistakes(wanted["injectors"], ids), None)
    if mistake:
        raise RefusedError({"injectors": [mistake]})


def _injector_mistakes(injectors: Fields, ids: list[str]) -> Iterator[str]:
    for name, value in injectors.get("env", {}).items():
        if not re.match(_NAME, name):
            yield f"Schema validation error in relative path ['env'] ({name!r} does not match any of the regexes: {_NAME!r})"
        if not isinstance(value, str):
            yield f"{type(value).__name__} provided in relative path ['env', {name!r}], expected string"
        if name.startswith("ANSIBLE_"):
            yield f"Environment variable {name} may affect Ansible configuration so its use is not allowed in credentials."
        if name in _VARIABLES_OF_AWX:
            yield f"Environment variable {name} is not allowed to be used in credentials."
    values: Fields = dict.fromkeys(ids, "x") | {"tower": _Files(injectors.get("file", {}))}
    for part in ("file", "env", "extra_vars"):
        for name, template in _texts(injectors.get(part, {})):
            try:
                render(template, values)
            except jinja2.UndefinedError as error:
                yield f"{name} uses an undefined field ({error})"
            except jinja2.TemplateError as error:
                yield f"Syntax error rendering template for {name} inside of {part} ({error})"


class _Files:
    """C(tower) in a template: the paths of the files that a credential type makes."""

    def __init__(self, files: Mapping[str, Any]) -> None:
        self._names = {name.removeprefix("template").lstrip(".") for name in files}

    @property
    def filename(self) -> Any:
        """The only file's path, or one for each."""
        if not self._names:
            raise jinja2.UndefinedError("Must define unnamed file injector in order to reference `tower.filename`.")
        return "path" if self._names == {""} else dict.fromkeys(self._names, "path")


def render(template: str, values: Mapping[str, Any]) -> str:
    """A text of an injector with the values of a credential: plain Jinja, without Ansible's filters."""
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
    return environment.from_string(template).render(values)


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, name or key)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)


def _credential(store: Store, wanted: Fields, _playbooks: Mapping[str, list[str]]) -> None:
    if not wanted.get("credential_type"):
        raise RefusedError({"credential_type": ["This field is required."]})
    if not any(wanted.get(owner) for owner in ("user", "team", "organization")):
        raise RefusedError({"detail": ["Missing 'user', 'team', or 'organization'."]})
    fields = {
        field["id"]: field for field in store.objects["credential_type"][wanted["credential_type"]]["inputs"]["fields"]
    }
    for name, value in wanted["inputs"].items():
        if name not in fields:
            raise RefusedError({"inputs": [f"Additional properties are not allowed ({name!r} was unexpected)"]})
        if (
            fields[name].get("format") == "ssh_private_key"
            and value not in ("", ENCRYPTED)
            and "-----BEGIN " not in value
        ):
            raise RefusedError({"inputs": {name: [f"Invalid certificate or key: {value[:100]}..."]}})


def _job_template(store: Store, wanted: Fields, playbooks: Mapping[str, list[str]]) -> None:
    project = store.objects["project"].get(wanted["project"])
    if project is None:
        raise RefusedError({"project": ["Job Templates must have a project assigned."]})
    if not wanted["inventory"] and not wanted["ask_inventory_on_launch"]:
        raise RefusedError({"inventory": ["You must either set a default value or ask to prompt on launch."]})
    if not isinstance(wanted["extra_vars"], str):
        raise RefusedError({"extra_vars": ["Not a valid string."]})
    if wanted["playbook"] not in playbooks.get(project["scm_url"] or project["local_path"], ()):
        raise RefusedError({"playbook": ["Playbook not found for project."]})
    mapping("extra_vars", wanted["extra_vars"])


def check_survey(survey: Fields) -> None:
    """Refuse a survey with a mistake."""
    for field in ("description", "name", "spec"):
        if field not in survey:
            raise RefusedError({"error": f"Field '{field}' is missing from survey spec."})
    if not survey["spec"]:
        raise RefusedError({"error": "'spec' doesn't contain any items."})
    seen: set[str] = set()
    for place, question in enumerate(survey["spec"]):
        mistake = _question_mistake(place, question, seen)
        if mistake:
            raise RefusedError({"error": mistake})
        seen.add(question["variable"])


def _question_mistake(place: int, question: Fields, seen: set[str]) -> str | None:
    missing = [field for field in ("type", "question_name", "variable", "required") if field not in question]
    if missing:
        return f"'{missing[0]}' missing from survey question {place}"
    if question["type"] not in _QUESTION_TYPES:
        accepted = ", ".join(_QUESTION_TYPES)
        return f"'{question['type']}' in survey question {place} is not one of '{accepted}' allowed question types."
    if question["variable"] in seen:
        return f"'variable' '{question['variable']}' duplicated in survey question {place}."
    default = question.get("default")
    if question["type"] == "multiplechoice" and default and default not in choices(question):
        return "Default choice must be answered from the choices listed."
    if default == ENCRYPTED:
        return f"{ENCRYPTED} is a reserved keyword, may not be used for new default in position {place}."
    return None


def choices(question: Fields) -> list[str]:
    """The choices of a question, which may be a text of lines."""
    found = question.get("choices") or []
    return found.splitlines() if isinstance(found, str) else list(found)


def answer_mistakes(survey: Fields, answers: Fields) -> list[str]:
    """What is wrong with the answers of a launch. A default does not stand in for a required one."""
    mistakes = []
    for question in survey.get("spec", ()):
        name, value = question["variable"], answers.get(question["variable"])
        if value is None or value == "":
            if question["required"]:
                mistakes.append(f"'{name}' value missing")
        elif question["type"] == "multiplechoice" and value not in choices(question):
            mistakes.append(f"Value {value} for '{name}' expected to be one of {choices(question)}.")
        elif question["type"] == "integer" and not isinstance(value, int):
            mistakes.append(f"Value {value} for '{name}' expected to be an integer.")
        elif question["type"] == "integer" and question.get("max") not in (None, "") and value > int(question["max"]):
            mistakes.append(f"'{name}' value {value} is too large (must be no more than {question['max']}).")
        elif question["type"] == "integer" and question.get("min") not in (None, "") and value < int(question["min"]):
            mistakes.append(f"'{name}' value {value} is too small (must be at least {question['min']}).")
    return mistakes


def schedule_times(rule: str) -> Fields:
    """When a schedule begins, and in which time zone."""
    mistakes = []
    start = re.search(r"DTSTART(?:;TZID=([\w/+-]+))?:(\d{8}T\d{6})(Z?)", rule)
    if start is None:
        mistakes.append("Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
    elif not start[1] and not start[3]:
        mistakes.append("DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ.")
    if "INTERVAL" not in rule:
        mistakes.append(
            f"INTERVAL required in rrule: {rule.rpartition('RRULE:')[2] and rule[rule.find('RRULE:') + 1 :]}"
        )
    if start is None or not (start[1] or start[3]):
        mistakes.append("rrule parsing failed validation: A valid TZID must be provided (e.g., America/New_York)")
    if mistakes or start is None:
        raise RefusedError({"rrule": mistakes})
    zone = start[1] or "UTC"
    begins = datetime.strptime(start[2], "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    shown = begins.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"dtstart": shown, "next_run": shown, "timezone": zone}
