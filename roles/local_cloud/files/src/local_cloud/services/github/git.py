# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository's git: real objects with their real hashes, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from dulwich.errors import NotTreeError
from dulwich.graph import can_fast_forward, find_merge_base
from dulwich.merge import three_way_merge
from dulwich.object_store import commit_tree_changes, iter_tree_contents, tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID, Tree
from dulwich.refs import Ref
from dulwich.repo import MemoryRepo

HEADS, TAGS = "refs/heads/", "refs/tags/"
_FILE_MODE = 0o100644


class MergeConflictError(Exception):
    """Two branches change the same lines."""


@dataclass(frozen=True)
class Author:
    name: str
    email: str


@dataclass(frozen=True)
class File:
    path: str
    sha: str
    content: bytes


@dataclass(frozen=True)
class Directory:
    """``entries``: name, hash and whether it is a directory itself."""

    path: str
    sha: str
    entries: tuple[tuple[str, str, bool], ...]


class Git:
    """References and the commits behind them. A commit is named by its hash."""

    def __init__(self) -> None:
        self._repo = MemoryRepo()
        self._store = self._repo.object_store

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """References by full name, in order."""
        known = {name.decode(): sha.decode() for name, sha in self._repo.refs.as_dict().items()}
        return {name: known[name] for name in sorted(known) if name.startswith(prefix)}

    def get(self, ref: str) -> str | None:
        return self.refs().get(ref)

    def set(self, ref: str, sha: str) -> None:
        self._repo.refs[Ref(ref.encode())] = ObjectID(sha.encode())

    def delete(self, ref: str) -> None:
        del self._repo.refs[Ref(ref.encode())]

    def resolve(self, name: str) -> str | None:
        """The commit of a branch, a tag, a full reference or a hash."""
        for ref in (HEADS + name, TAGS + name, name):
            sha = self.get(ref)
            if sha is not None:
                return sha
        return name if self.commit(name) is not None else None

    def commit(self, sha: str) -> Commit | None:
        found = self._object(sha)
        return found if isinstance(found, Commit) else None

    def look_up(self, commit: str, path: str) -> File | Directory | None:
        """What is at a path; the empty one is the root."""
        tree = self._commit(commit).tree
        sha = tree
        if path:
            try:
                _mode, sha = tree_lookup_path(self._store.__getitem__, tree, path.encode())
            except (KeyError, NotTreeError):
                return None
        found = self._store[sha]
        if isinstance(found, Blob):
            return File(path, sha.decode(), found.data)
        return Directory(path, sha.decode(), tuple(_entries(found)))

    def write(
        self, parent: str | None, files: Mapping[str, bytes | None], message: str, author: Author, now: datetime
    ) -> str:
        """A new commit upon another one, or the first: with files written or, for None, removed. No branch moves."""
        tree = self._store[self._commit(parent).tree] if parent else Tree()
        self._store.add_object(tree)
        changes: list[tuple[bytes, int | None, ObjectID | None]] = []
        for path, content in files.items():
            if content is None:
                changes.append((path.encode(), None, None))
                continue
            blob = Blob.from_string(content)
            self._store.add_object(blob)
            changes.append((path.encode(), _FILE_MODE, blob.id))
        written = commit_tree_changes(self._store, tree, changes)
        return self._add_commit(written, [parent] if parent else [], message, author, now)

    def descends(self, sha: str, ancestor: str) -> bool:
        """Whether a commit is another one, or has it in its history."""
        return bool(can_fast_forward(self._repo, ObjectID(ancestor.encode()), ObjectID(sha.encode())))

    def merge(self, base: str, head: str, message: str, author: Author, now: datetime) -> str:
        """A commit that joins two.

        Raises:
            MergeConflictError: they change the same lines.
        """
        tips = [ObjectID(base.encode()), ObjectID(head.encode())]
        common = find_merge_base(self._repo, tips)
        start = self._commit(common[0].decode()) if common else None
        tree, conflicts = three_way_merge(self._store, start, self._commit(base), self._commit(head))
        if conflicts:
            raise MergeConflictError
        self._store.add_object(tree)
        return self._add_commit(tree.id, [base, head], message, author, now)

    def changed_files(self, base: str, head: str) -> int:
        """How many files differ between two commits."""
        before, after = (set(iter_tree_contents(self._store, self._commit(sha).tree)) for sha in (base, head))
        return len({entry.path for entry in before ^ after})

    def commits_between(self, base: str, head: str) -> list[str]:
        """The commits that are in the history of ``head`` alone, newest first."""
        walker = self._repo.get_walker(include=[ObjectID(head.encode())], exclude=[ObjectID(base.encode())])
        return [entry.commit.id.decode() for entry in walker]

    def _add_commit(self, tree: ObjectID, parents: list[str], message: str, author: Author, now: datetime) -> str:
        commit = Commit()
        commit.tree = tree
        commit.parents = [ObjectID(parent.encode()) for parent in parents]
        commit.author = commit.committer = f"{author.name} <{author.email}>".encode()
        commit.author_time = commit.commit_time = int(now.timestamp())
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = message.encode()
        self._store.add_object(commit)
        sha: str = commit.id.decode()
        return sha

    def _commit(self, sha: str) -> Commit:
        found = self.commit(sha)
        if found is None:
            raise KeyError(sha)
        return found

    def _object(self, sha: str) -> object | None:
        name = ObjectID(sha.encode())
        return self._store[name] if len(sha) == 40 and name in self._store else None


def _entries(tree: Tree) -> Iterator[tuple[str, str, bool]]:
    for entry in tree.iteritems(name_order=True):
        yield entry.path.decode(), entry.sha.decode(), entry.mode & 0o170000 == 0o040000
