# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a branch: read, written and removed, each write a commit."""

from __future__ import annotations

import base64
from typing import Any

from local_cloud.services.github import access, bodies, rules
from local_cloud.services.github.calls import Call, Reply
from local_cloud.services.github.errors import GitHubError, invalid_request, not_found
from local_cloud.services.github.git import HEADS, Author, Directory, File
from local_cloud.services.github.references import show_git_commit
from local_cloud.services.github.store import Repository
from local_cloud.services.github.workflows import WORKFLOWS

_KEYS = {"message": str, "content": str, "sha": str, "branch": str, "committer": dict, "author": dict}


def get(call: Call) -> Reply:
    repository = call.repository(access.READ_CONTENTS)
    name = call.query.get("ref") or repository.default_branch
    sha = repository.git.resolve(name)
    if sha is None:
        raise not_found(f"No commit found for the ref {name}")
    path = call.path.get("path", "").strip("/")
    found = repository.git.look_up(sha, path)
    if found is None:
        raise not_found()
    if isinstance(found, File):
        content = base64.encodebytes(found.content).decode()
        return Reply({**_show(call, repository, found, name), "content": content, "encoding": "base64"})
    return Reply([_show(call, repository, entry, name) for entry in _entries(repository, sha, found)])


def put(call: Call) -> Reply:
    bodies.check(call.body, _KEYS, required=("message", "content"))
    try:
        content = base64.b64decode("".join(call.body["content"].split()), validate=True)
    except ValueError:
        raise GitHubError(422, "content is not valid Base64") from None
    return _write(call, content)


def delete(call: Call) -> Reply:
    bodies.check(call.body, _KEYS, required=("message", "sha"))
    return _write(call, None)


def _write(call: Call, content: bytes | None) -> Reply:
    path = call.path["path"].strip("/")
    needs = [access.WRITE_CONTENTS, *([access.WRITE_WORKFLOWS] if path.startswith(WORKFLOWS) else [])]
    repository = call.repository(*needs)
    branch = call.body.get("branch") or repository.default_branch
    tip = repository.branch(branch)
    if tip is None:
        raise not_found(f"Branch {branch} not found")
    _check_path(repository, tip, path)
    _check_present(call, repository.git.look_up(tip, path), path)
    rules.refuse(call.state, call.caller, repository, HEADS + branch, rules.UPDATE, rules.PULL_REQUEST)
    created = repository.git.look_up(tip, path) is None
    sha = repository.git.write(tip, {path: content}, call.body["message"], _author(call), call.now)
    repository.git.set(HEADS + branch, sha)
    written = repository.git.look_up(sha, path)
    commit = repository.git.commit(sha)
    return Reply(
        {
            "content": _show(call, repository, written, branch) if written else None,
            "commit": show_git_commit(call, repository, commit) if commit else None,
        },
        201 if created else 200,
    )


def _check_path(repository: Repository, tip: str, path: str) -> None:
    """Raises GitHubError for a path that git does not take, or that goes through a file."""
    parts = path.split("/")
    if {"", ".", "..", ".git"} & set(parts):
        raise GitHubError(422, "path contains a malformed path component")
    for depth in range(1, len(parts)):
        if isinstance(repository.git.look_up(tip, "/".join(parts[:depth])), File):
            raise GitHubError(422, "path goes through a file")


def _check_present(call: Call, found: File | Directory | None, path: str) -> None:
    """Whoever overwrites or removes a file says which content of it they know."""
    given = call.body.get("sha")
    if found is None:
        if given is not None:
            raise not_found()
        return
    if isinstance(found, Directory):
        raise GitHubError(422, f"{path} is a directory.")
    if given is None:
        raise invalid_request('"sha" wasn\'t supplied.')
    if given != found.sha:
        raise GitHubError(409, f"{path} does not match {given}")


def _author(call: Call) -> Author:
    given = call.body.get("author") or call.body.get("committer")
    if given is None:
        return call.author()
    bodies.check(given, {"name": str, "email": str}, required=("name", "email"))
    return Author(given["name"], given["email"])


def _entries(repository: Repository, commit: str, directory: Directory) -> list[File | Directory]:
    found = []
    for name, _sha, _is_directory in directory.entries:
        entry = repository.git.look_up(commit, f"{directory.path}/{name}".lstrip("/"))
        if entry is not None:
            found.append(entry)
    return found


def _show(call: Call, repository: Repository, found: File | Directory, ref: str) -> dict[str, Any]:
    root, page = call.links.repository(repository.full_name), call.links.page
    is_file = isinstance(found, File)
    kind, part = ("file", "blob") if is_file else ("dir", "tree")
    url = f"{root}/contents/{found.path}?ref={ref}"
    git_url = f"{root}/git/{part}s/{found.sha}"
    html_url = page(repository.full_name, part, ref, found.path)
    return {
        "name": found.path.rpartition("/")[2],
        "path": found.path,
        "sha": found.sha,
        "size": len(found.content) if isinstance(found, File) else 0,
        "url": url,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": page(repository.full_name, "raw", ref, found.path) if is_file else None,
        "type": kind,
        "_links": {"self": url, "git": git_url, "html": html_url},
    }
