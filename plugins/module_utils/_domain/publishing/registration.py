# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person enters to register a trusted publisher, and where. No index has an API for it. Pure.

Source: the index's own pages and forms.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from .trusted_publishers import Publisher, normalize_name


def registration_fields(publisher: Publisher) -> dict[str, str]:
    """The form's fields by the names that it knows them by. Only that of a project that does not exist asks for its name."""
    fields = {
        "owner": publisher.owner,
        "repository": publisher.repository,
        "workflow_filename": publisher.workflow,
        "environment": publisher.environment,
    }
    return {"project_name": publisher.project, **fields} if publisher.pending else fields


def registration_url(publisher: Publisher, origin: str) -> str:
    """The form's address. That of a project that exists comes filled in; a person reads it and presses Add.

    :param origin: root of the index's pages
    """
    if publisher.pending:
        return f"{origin}/manage/account/publishing/"
    fields = {"provider": "github", **registration_fields(publisher)}
    query = urlencode({name: value for name, value in fields.items() if value})
    project = quote(normalize_name(publisher.project), safe="")
    return f"{origin}/manage/project/{project}/settings/publishing/?{query}"
