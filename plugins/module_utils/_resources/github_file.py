# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of a repository on GitHub, written to a branch, by a pull request where that is another one."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from .._base.errors import InvalidInput, NotFound
from .._clients.github.branches import (
    File,
    PullRequest,
    create_branch,
    find_pull_request,
    follow,
    open_pull_request,
    read_branch_file,
    read_tip,
    write_branch_file,
)
from .._clients.github.repositories import Repository
from .._domain.github.names import repository_of
from .._engine.resource import Change, DesiredState, Options
from .parts.github import GitHubResource, existing_repository
from .parts.steps import Step, in_turn

# What git allows in names of branches, less what nobody has in them. Source: git-check-ref-format.
_BRANCH = re.compile(r"(?!.*(\.\.|//|@\{|/\.|\.lock(/|$)))[^\s~^:?*\[\\/.-][^\s~^:?*\[\\]*(?<![/.])")


@dataclass(frozen=True)
class DesiredFile(DesiredState):
    """A file as it is to be in the base branch."""

    owner: str
    repository: str
    path: str
    content: str
    title: str
    description: str = ""
    #: None: the default branch.
    base: str | None = None
    #: Where it is written for a pull request; None: to the base itself.
    branch: str | None = None

    @classmethod
    def from_options(cls, options: Options) -> DesiredFile:
        owner, repository = repository_of(options)
        path, content = options.get("path"), options.get("content")
        if not path or path != str(PurePosixPath(path)) or {"..", "/", ".git"} & set(PurePosixPath(path).parts):
            raise InvalidInput(f"path {path!r} is not that of a file below the root of the repository.")
        if content is None:
            raise InvalidInput("content is missing: give the text of the file.")
        for option in ("base", "branch"):
            if options.get(option) and not _BRANCH.fullmatch(options[option]):
                raise InvalidInput(f"{option} {options[option]!r} is not the name of a branch.")
        return cls(
            owner=owner,
            repository=repository,
            path=path,
            content=content,
            title=options.get("title") or f"Update {path}",
            description=options.get("description") or "",
            base=options.get("base") or None,
            branch=options.get("branch") or None,
        )

    @property
    def target(self) -> str:
        of_base = f" at {self.base}" if self.base else ""
        return f"{self.path} in {self.owner.lower()}/{self.repository.lower()}{of_base}"


@dataclass(frozen=True)
class FileState:
    """What the base branch has, and, unless that is what is wanted, what the branch has that is written to."""

    #: Both are names; they are the same where there is no pull request.
    base: str
    branch: str
    in_base: bytes | None = None
    file: File | None = None
    branch_exists: bool = True
    pull_request: PullRequest | None = None
    #: Whether the branch, which was there without a pull request, has commits of its own, so that it was not moved to the base.
    left_behind: bool = field(default=False, compare=False)


class GitHubFiles(GitHubResource[DesiredFile, FileState]):
    """The resource of github_file."""

    def read(self, desired: DesiredFile) -> FileState:
        """Two calls; up to four more when the base branch has something else. Raises NotFound without repository or base."""
        repository = existing_repository(self.github, desired.owner, desired.repository)
        base = desired.base or repository.default_branch
        branch = desired.branch or base
        found = read_branch_file(self.github, repository, desired.path, base)
        if found is None:
            self._tip(repository, base)
        state = FileState(base, branch, found.content if found else None, found)
        if branch == base or state.in_base == desired.content.encode():
            return state
        if read_tip(self.github, repository, branch) is None:
            # It begins as the base is.
            return replace(state, branch_exists=False)
        return replace(
            state,
            file=read_branch_file(self.github, repository, desired.path, branch),
            pull_request=find_pull_request(self.github, repository, branch, base),
        )

    def wanted(self, current: FileState, desired: DesiredFile) -> FileState:
        """The content, and a pull request where there is none."""
        content = desired.content.encode()
        if current.in_base == content:
            return current
        same = current.file is not None and current.file.content == content
        after = replace(current, file=current.file if same else File(content), branch_exists=True)
        if current.branch == current.base:
            return replace(after, in_base=content)
        return replace(after, pull_request=current.pull_request or PullRequest())

    def apply(self, change: Change[FileState], desired: DesiredFile) -> FileState:
        return in_turn(self._steps(change, desired), change.after)

    def _steps(self, change: Change[FileState], desired: DesiredFile) -> t.Iterator[Step[FileState]]:
        before, made = change.before, change.after
        repository = existing_repository(self.github, desired.owner, desired.repository)
        base, branch, there = before.base, before.branch, before.file

        def move() -> None:
            nonlocal made
            made = replace(made, left_behind=not follow(self.github, repository, branch, tip))

        def write() -> FileState:
            nonlocal made
            new = File(desired.content.encode(), there.sha if there else None)
            written = write_branch_file(self.github, repository, desired.path, branch, desired.title, new)
            made = replace(made, file=written)
            return made

        def ask() -> FileState:
            opened = open_pull_request(self.github, repository, branch, base, desired.title, desired.description)
            return replace(made, pull_request=opened)

        if branch != base and before.pull_request is None:
            # What is read is read between the calls that write, so that one that fails is not taken for a write.
            tip = self._tip(repository, base)
            if not before.branch_exists:
                yield lambda: create_branch(self.github, repository, branch, tip)
            else:
                yield move
                if not made.left_behind:
                    # It was merged and left there: from where it was, there would be nothing to ask for.
                    there = read_branch_file(self.github, repository, desired.path, branch)
        if there is None or there.content != desired.content.encode():
            yield write
        if before.pull_request != made.pull_request:
            yield ask

    def _tip(self, repository: Repository, branch: str) -> str:
        found = read_tip(self.github, repository, branch)
        if found is None:
            raise NotFound(f"{repository.full_name} has no branch {branch}.")
        return found

    def result(self, state: FileState, desired: DesiredFile) -> dict[str, t.Any]:
        in_base = state.in_base == desired.content.encode()
        pull = state.pull_request
        return {
            "file": {
                "owner": desired.owner,
                "repository": desired.repository,
                "path": desired.path,
                "branch": state.base if in_base else state.branch,
                "sha": state.file.sha if state.file else None,
                "in_base": in_base,
            },
            "pull_request": None if in_base or pull is None else {"number": pull.number, "html_url": pull.html_url},
        }

    def notices(self, state: FileState, desired: DesiredFile) -> t.Iterable[str]:
        """That a branch was not begun again, and the way out."""
        if state.left_behind:
            yield (
                f"The branch {state.branch} of {desired.owner}/{desired.repository} has commits that {state.base} does not have, as after a "
                "squash merge, and was not moved there: the pull request shows them, too. If they are not wanted, delete the branch, which "
                "closes the pull request, and run this again."
            )

    def diff(self, state: FileState, desired: DesiredFile) -> dict[str, t.Any]:
        lines = None if state.file is None else state.file.content.decode(errors="replace").splitlines()
        shown: dict[str, t.Any] = {"branch": state.branch, "content": lines}
        if state.branch != state.base:
            shown["pull_request"] = state.pull_request is not None
        return shown
