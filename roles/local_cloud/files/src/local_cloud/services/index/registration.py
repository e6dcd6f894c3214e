# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registering trusted publishers: by a person on the project's page, which a link can fill in, or by the control API."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from local_cloud.platform.errors import invalid_argument
from local_cloud.services.index.publishers import Publisher
from local_cloud.services.index.store import Index
from local_cloud.services.packaging.names import normalised

#: The control API's names, which are those of the index's own database.
_KEYS = ("project", "repository_owner", "repository_owner_id", "repository_name", "workflow_filename", "environment")
_FORM = ("owner", "repository", "workflow_filename", "environment")


def replace_all(index: Index, given: list[Any]) -> None:
    """Set the publishers (control API). A ``pending`` one's project need not exist; that of any other does from now on.

    Raises:
        ApiError: INVALID_ARGUMENT; nothing is changed then.
    """
    publishers = [_parse(entry) for entry in given]
    if problems := _conflicts(publishers):
        raise invalid_argument(problems[0])
    index.publishers = publishers
    for publisher in publishers:
        if not publisher.pending:
            index.add_project(publisher.project)


def show_all(index: Index) -> list[dict[str, Any]]:
    """The publishers, as the control API takes them."""
    return [
        {
            "project": publisher.project,
            "repository_owner": publisher.owner,
            "repository_owner_id": publisher.owner_id,
            "repository_name": publisher.repository,
            "workflow_filename": publisher.workflow,
            "environment": publisher.environment,
            "pending": publisher.pending,
        }
        for publisher in index.publishers
    ]


def fulfil(index: Index, publisher: Publisher) -> Publisher:
    """A pending publisher becomes one of the project that it was waiting for, and the others for that project go."""
    name, fulfilled = normalised(publisher.project), replace(publisher, pending=False)
    index.publishers = [
        other for other in index.publishers if not (other.pending and normalised(other.project) == name)
    ]
    index.publishers.append(fulfilled)
    index.add_project(publisher.project)
    return fulfilled


def register(index: Index, project: str | None, fields: Mapping[str, str], owner_id: str) -> tuple[str, ...]:
    """Add a publisher as the form has it: of a project, or a pending one of the project that the form names.

    What is wrong with it otherwise. The case of the environment does not count.
    """
    publisher = Publisher(
        project=project or fields.get("project_name", ""),
        owner=fields.get("owner", ""),
        repository=fields.get("repository", ""),
        workflow=fields.get("workflow_filename", "").strip(),
        environment=fields.get("environment", "").lower(),
        owner_id=owner_id,
        pending=project is None,
    )
    if (index.project(publisher.project) is None) != publisher.pending:
        return ("This project already exists." if publisher.pending else "There is no such project.",)
    problems = publisher.problems() or _conflicts([*index.publishers, publisher])
    if not problems and publisher not in index.publishers:
        index.publishers.append(publisher)
    return problems


def _conflicts(publishers: list[Publisher]) -> tuple[str, ...]:
    """Projects that are to come cannot share a publisher, which would not say which of them to make."""
    pending = {(publisher.identity, normalised(publisher.project)) for publisher in publishers if publisher.pending}
    if len({identity for identity, _project in pending}) == len(pending):
        return ()
    return ("This trusted publisher has already been registered for another pending project.",)


def page(project: str | None, fields: Mapping[str, str], problems: tuple[str, ...] = ()) -> str:
    """The form, filled in."""
    names = _FORM if project else ("project_name", *_FORM)
    inputs = "".join(
        f'<label>{name} <input name="{name}" value="{html.escape(fields.get(name, ""))}"></label><br>\n'
        for name in names
    )
    notes = "".join(f"<p>{html.escape(problem)}</p>\n" for problem in problems)
    return (
        f"<!DOCTYPE html>\n<title>Publishing {html.escape(project or '')}</title>\n<h1>Add a trusted publisher</h1>\n{notes}"
        f'<form method="post">\n{inputs}<button>Add</button>\n</form>\n'
    )


def form_fields(encoded: str) -> dict[str, str]:
    """The fields of a query or of a form's body, each once."""
    return {name: values[0] for name, values in parse_qs(encoded, keep_blank_values=True).items()}


def _parse(entry: Any) -> Publisher:
    if not isinstance(entry, dict) or not {*_KEYS} - {"environment"} <= set(entry) <= {*_KEYS, "pending"}:
        raise invalid_argument(f"A publisher has {', '.join(_KEYS)}, and may be pending.")
    if not all(isinstance(entry.get(key, ""), str) for key in _KEYS):
        raise invalid_argument("What a publisher has are texts.")
    return Publisher(
        project=entry["project"],
        owner=entry["repository_owner"],
        repository=entry["repository_name"],
        workflow=entry["workflow_filename"],
        environment=entry.get("environment", "").lower(),
        owner_id=entry["repository_owner_id"],
        pending=bool(entry.get("pending", False)),
    )
