# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which repositories exist, where a task asks about many of one domain: its list, read once, tells what a call for each would."""

from __future__ import annotations

import typing as t
from collections import Counter
from concurrent.futures import Future
from threading import Lock

from ..._clients.aws.codeartifact import CodeArtifact
from ..._domain.codeartifact.names import DomainName, Name, RepositoryName
from ..._engine.resource import LIST_FROM


class ExistingRepositories:
    """Several threads ask; the first to ask about a domain reads its list, and the others wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: Counter[DomainName] = Counter()
        self._lists: dict[DomainName, Future[dict[str, str]]] = {}

    def expect(self, names: t.Iterable[Name]) -> None:
        """Be ready for questions about these."""
        self._asked.update(name.domain for name in names if isinstance(name, RepositoryName))

    def arn(self, api: CodeArtifact, name: Name) -> str | None:
        """The ARN of a repository; None when a list is not worth while, does not have it or may not be read."""
        if not isinstance(name, RepositoryName) or self._asked[name.domain] < LIST_FROM:
            return None
        with self._lock:
            known = self._lists.get(name.domain)
            mine = self._lists.setdefault(name.domain, Future())
        if known is None:
            mine.set_result(_read(api, name.domain))
        return mine.result().get(name.repository)


def _read(api: CodeArtifact, name: DomainName) -> dict[str, str]:
    """Nothing when the list cannot be read: who may not list may still ask for one, and that says better what is wrong."""
    try:
        return {one.name: one.arn for one in api.list_repositories(name) if one.arn}
    except Exception:
        # Others wait for this answer, whatever it is, and their own calls will say what is wrong.
        return {}
