# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The upload endpoint: what a token may add to a project.

Statuses and sentences are those of PyPI's own software: 403 for a token that is none or not good for the project, 400 for
the rest. Clients show what follows the status in the answer's first line.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from aiohttp import web

from local_cloud.services.index import upload_tokens
from local_cloud.services.index.attestations import AttestationError, provenance
from local_cloud.services.index.store import File, Index, Project
from local_cloud.services.index.upload_tokens import Holder
from local_cloud.services.packaging.names import normalised
from local_cloud.services.packaging.upload_form import FormError, UploadForm

_ANONYMOUS = "Invalid or non-existent authentication information."
_NOBODY = (
    "Non-user identities cannot create new projects. This was probably caused by successfully using a pending publisher "
    "but specifying the project name incorrectly (either in the publisher or in your project's metadata). Please ensure "
    "that both match."
)


async def upload(index: Index, holder: Holder | None, request: web.Request, now: datetime) -> web.Response:
    """Take a distribution."""
    if holder is None:
        return _answer(403, _ANONYMOUS)
    try:
        form = await UploadForm.parse(request)
    except FormError as error:
        return _answer(400, str(error))
    project = index.project(form.project)
    if project is None:
        if holder.key.publisher is not None:
            return _answer(400, _NOBODY)
        project = Project(form.project, frozenset({holder.key.user}))
    problem = upload_tokens.refusal(index, holder, project, now)
    if problem:
        return _answer(403, f"Invalid API Token: {problem}")
    if holder.key.user and holder.key.user not in project.owners:
        return _answer(403, f"The user '{holder.key.user}' isn't allowed to upload to project '{project.name}'.")
    return _store(index, project, form, holder, now)


def _store(index: Index, project: Project, form: UploadForm, holder: Holder, now: datetime) -> web.Response:
    present = project.files.get(form.filename)
    if present is not None:
        if present.content == form.content:
            return _answer(200, "OK")
        digest = hashlib.blake2b(form.content, digest_size=32).hexdigest()
        return _answer(400, f"File already exists ({form.filename!r}, with blake2_256 hash {digest!r}).")
    publisher = holder.key.publisher
    stated = None
    if form.attestations is not None:
        try:
            stated = provenance(form.attestations, publisher, form.filename, hashlib.sha256(form.content).hexdigest())
        except AttestationError as error:
            return _answer(400, f"Invalid attestations supplied during upload: {error}")
    project.files[form.filename] = File(
        form.filename, form.version, form.content, now, str(holder), form.requires_python, form.summary, stated
    )
    index.projects.setdefault(normalised(project.name), project)
    return _answer(200, "OK")


def _answer(status: int, sentence: str) -> web.Response:
    return web.Response(text=f"{status} {sentence}\n", status=status, reason=sentence)
