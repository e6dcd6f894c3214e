# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's API of repositories and of their files."""

from __future__ import annotations

import base64
import typing as t
from dataclasses import dataclass
from urllib.parse import quote

from ..._base.errors import Refused
from .calls import GitHub, listed, text

#: Files of a folder that GitHub lists, and no more. Source: its documentation of "Get repository content".
MOST_IN_FOLDER = 1000


@dataclass(frozen=True)
class Repository:
    """A repository by its names in their own case, and the owner's number, which outlives names."""

    owner: str
    name: str
    owner_id: str
    private: bool = False
    default_branch: str = "main"
    #: Whether the token's holder administers it, or may push to it; None where GitHub does not say.
    admin: bool | None = None
    push: bool | None = None

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"

    @property
    def path(self) -> str:
        """Where it is below the API's root."""
        return repository_path(self.owner, self.name)


def read_repository(github: GitHub, owner: str, name: str) -> Repository | None:
    """The repository that a name in any case, or a former one, leads to. Needs Metadata: read."""
    answer = github.find(repository_path(owner, name), f"the repository {owner}/{name}")
    if answer is None:
        return None
    with github.reading():
        return Repository(
            text(answer["owner"]["login"]),
            text(answer["name"]),
            str(int(answer["owner"]["id"])),
            private=bool(answer["private"]),
            default_branch=text(answer["default_branch"]),
            admin=_role(github, answer, "admin"),
            push=_role(github, answer, "push"),
        )


def _role(github: GitHub, answer: t.Mapping[str, t.Any], role: str) -> bool | None:
    """What an answer says of the token's holder. Of an app's token, these say nothing of what it may do."""
    roles = answer.get("permissions")
    found = roles.get(role) if isinstance(roles, t.Mapping) and github.of_a_person else None
    return found if isinstance(found, bool) else None


def read_file(github: GitHub, repository: Repository, path: str, ref: str | None) -> str | None:
    """A text file at a branch, tag or commit, or at the head of the default branch. Needs Contents: read."""
    answer = github.find(*contents(repository, path), **_at(ref))
    try:
        return None if answer is None else file_content(github, repository, path, answer).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{path} in {repository.full_name} is not a text in UTF-8.") from None


def file_content(github: GitHub, repository: Repository, path: str, answer: t.Any) -> bytes:
    """What is in a file, from GitHub's answer to the question for it. Raises Refused when it is no file, or a large one."""
    _path, what = contents(repository, path)
    if isinstance(answer, list) or (isinstance(answer, t.Mapping) and answer.get("type", "file") != "file"):
        raise Refused(f"{what} is not a file.")
    with github.reading():
        if answer["encoding"] == "none":
            raise Refused(f"{what} is larger than the megabyte that GitHub shows of a file.")
        return base64.b64decode(answer["content"])


def list_folder(github: GitHub, repository: Repository, path: str, ref: str | None) -> tuple[str, ...]:
    """Names in a folder; none when it does not exist. Needs Contents: read."""
    answer = github.find(*contents(repository, path), **_at(ref))
    if answer is None:
        return ()
    with github.reading():
        return tuple(text(entry["name"]) for entry in listed(answer))


def repository_path(owner: str, name: str) -> str:
    """Where a repository is below the API's root."""
    return f"repos/{quote(owner, safe='')}/{quote(name, safe='')}"


def contents(repository: Repository, path: str) -> tuple[str, str]:
    """Where a file or folder is below the API's root, and what to call it in messages."""
    return f"{repository.path}/contents/{quote(path)}", f"{path} in {repository.full_name}"


def _at(ref: str | None) -> dict[str, str]:
    return {"ref": ref} if ref else {}
