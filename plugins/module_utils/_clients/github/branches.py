# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's API of branches, of the files in them, and of pull requests between them."""

from __future__ import annotations

import base64
import hashlib
import typing as t
from dataclasses import dataclass
from urllib.parse import quote

from ..._base.errors import LostRace, NotFound, Refused
from .calls import GitHub, NotAccepted, listed, text
from .repositories import Repository, contents, file_content


@dataclass(frozen=True)
class File:
    """A file at a branch: what is in it, and git's hash of that, None for one that is not there yet."""

    content: bytes
    sha: str | None = None


@dataclass(frozen=True)
class PullRequest:
    """An open pull request; the number is None for one that is not there yet."""

    number: int | None = None
    html_url: str | None = None


def read_tip(github: GitHub, repository: Repository, branch: str) -> str | None:
    """The commit at the head of a branch, if there is one. Needs Contents: read."""
    path = f"{repository.path}/git/ref/heads/{quote(branch)}"
    answer = github.find(path, f"the branch {branch} of {repository.full_name}")
    if answer is None:
        return None
    with github.reading():
        return text(answer["object"]["sha"])


def create_branch(github: GitHub, repository: Repository, branch: str, commit: str) -> None:
    """Raises LostRace when there is one by now, and Refused when GitHub takes none. Needs Contents: write."""
    what = f"the branch {branch} of {repository.full_name}"
    body = {"ref": f"refs/heads/{branch}", "sha": commit}
    try:
        answer = github.write("POST", f"{repository.path}/git/refs", what, body)
    except NotAccepted as error:
        # GitHub answers the same to what passes and to what does not.
        if read_tip(github, repository, branch) is not None:
            raise LostRace(f"Somebody else created {what} meanwhile (422).") from None
        raise Refused(
            f"GitHub does not accept {what} (422): a ruleset of the repository may forbid it, or another branch has its name as a folder."
            f"{error.said}"
        ) from None
    _check_tip(github, what, answer, commit)


def follow(github: GitHub, repository: Repository, branch: str, commit: str) -> bool:
    """Move a branch on to a commit that comes after it; returns False when it has commits of its own. Needs Contents: write."""
    what = f"the branch {branch} of {repository.full_name}"
    try:
        answer = github.write(
            "PATCH", f"{repository.path}/git/refs/heads/{quote(branch)}", what, {"sha": commit, "force": False}
        )
    except NotAccepted:
        return False
    _check_tip(github, what, answer, commit)
    return True


def _check_tip(github: GitHub, what: str, answer: t.Any, commit: str) -> None:
    """Raises Stranger when a branch that was written is not answered with the commit that it was to get."""
    with github.reading(what):
        if answer["object"]["sha"] != commit:
            raise ValueError("Another commit than the one that was written.")


def read_branch_file(github: GitHub, repository: Repository, path: str, branch: str) -> File | None:
    """A file at the head of a branch, if there is one. Needs Contents: read."""
    answer = github.find(*contents(repository, path), ref=branch)
    if answer is None:
        return None
    with github.reading():
        return File(file_content(github, repository, path, answer), text(answer["sha"]))


def write_branch_file(github: GitHub, repository: Repository, path: str, branch: str, message: str, file: File) -> File:
    """Write a file by a commit of its own. Needs Contents: write, and Workflows: write for workflow files.

    :param file: with the hash of what it replaces, None for a new one
    :raises LostRace: there is something else by now
    :raises Refused: GitHub does not take it
    """
    body = {"message": message, "branch": branch, "content": base64.b64encode(file.content).decode()}
    if file.sha:
        body["sha"] = file.sha
    where, what = contents(repository, path)
    try:
        answer = github.write("PUT", where, what, body)
    except NotAccepted as error:
        there = read_branch_file(github, repository, path, branch)
        if (there.sha if there else None) != file.sha:
            raise LostRace(f"Somebody else wrote {what} meanwhile (422).") from None
        raise Refused(
            f"GitHub does not accept {what} at {branch} (422): a ruleset of the repository may forbid it.{error.said}"
        ) from None
    except NotFound:
        raise NotFound(
            f"GitHub does not let github_token write {what} (404): it needs the permission Contents, and for workflow files "
            "Workflows, or the scope workflow."
        ) from None
    with github.reading(what):
        sha = text(answer["content"]["sha"])
        if sha != _blob_hash(file.content):
            raise ValueError("Another content than the one that was sent.")
        return File(file.content, sha)


def find_pull_request(github: GitHub, repository: Repository, head: str, base: str) -> PullRequest | None:
    """The open pull request from one branch to another. Needs Pull requests: read."""
    query = {"state": "open", "head": f"{repository.owner}:{head}", "base": base}
    answer = github.get(f"{repository.path}/pulls", f"pull requests of {repository.full_name}", **query)
    with github.reading():
        found = listed(answer)
        return _pull_request(found[0]) if found else None


def open_pull_request(
    github: GitHub, repository: Repository, head: str, base: str, title: str, description: str
) -> PullRequest:
    """Raises LostRace when there is one by now, and Refused when GitHub takes none. Needs Pull requests: write."""
    what = f"the pull request from {head} to {base} of {repository.full_name}"
    body = {"head": head, "base": base, "title": title, "body": description}
    try:
        answer = github.write("POST", f"{repository.path}/pulls", what, body)
    except NotAccepted as error:
        if find_pull_request(github, repository, head, base) is not None:
            raise LostRace(f"Somebody else opened {what} meanwhile (422).") from None
        raise Refused(
            f"GitHub does not accept {what} (422): the repository may allow none, or {head} has nothing that {base} has not."
            f"{error.said}"
        ) from None
    with github.reading(what):
        return _pull_request(answer)


def _pull_request(answer: t.Any) -> PullRequest:
    return PullRequest(int(answer["number"]), text(answer["html_url"]))


def _blob_hash(content: bytes) -> str:
    """Git's hash of a file, which is no matter of security."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
