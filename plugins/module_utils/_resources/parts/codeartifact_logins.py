# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether those that a repository's policy names in other accounts can log in to the domain, whose policy is read once for a task."""

from __future__ import annotations

import typing as t
from concurrent.futures import Future
from threading import Lock

from ..._base.errors import NotFound, RegistryAuthError, as_ours
from ..._clients.aws.codeartifact import CodeArtifact
from ..._domain.codeartifact.grants import Grant
from ..._domain.codeartifact.logins import missing_logins, outsiders
from ..._domain.codeartifact.names import DomainName, Name, RepositoryName
from ..._domain.iam.documents import Document


class LoginCheck:
    """Several threads ask; the first to ask about a domain reads its policy, and the others wait for it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._policies: dict[DomainName, Future[Document | RegistryAuthError | None]] = {}

    def know(self, name: DomainName, policy: Document | RegistryAuthError | None) -> None:
        """Remember the policy of a domain, or why it could not be read, in place of what was known of it."""
        known: Future[Document | RegistryAuthError | None] = Future()
        known.set_result(policy)
        with self._lock:
            self._policies[name] = known

    def sentences(self, api: CodeArtifact, name: Name, arn: str | None, grants: t.Sequence[Grant]) -> tuple[str, ...]:
        """What to warn about. Nothing for a domain, and for a repository that is not there yet, whose owner is not known."""
        if not isinstance(name, RepositoryName) or arn is None:
            return ()
        strangers = outsiders(grants, _owner(arn))
        if not strangers:
            return ()
        policy = self._policy(api, name.domain)
        if isinstance(policy, RegistryAuthError):
            return (f"whether {', '.join(strangers)} can log in to the {name.domain} could not be checked: {policy}",)
        domain_arn = f"{arn.rpartition(':')[0]}:domain/{name.domain.domain}"
        return tuple(missing_logins(strangers, _owner(arn), domain_arn, policy))

    def _policy(self, api: CodeArtifact, name: DomainName) -> Document | RegistryAuthError | None:
        with self._lock:
            known = self._policies.get(name)
            mine = self._policies.setdefault(name, Future())
        if known is None:
            mine.set_result(_read(api, name))
        return mine.result()


def _read(api: CodeArtifact, name: DomainName) -> Document | RegistryAuthError | None:
    """None when there is no policy. An error is an answer: the policy of the repository is as wanted by now."""
    try:
        return api.get_policy(name).document
    except NotFound:
        return None
    except Exception as error:
        # Whatever it is: others wait for this answer.
        return as_ours(error)


def _owner(arn: str) -> str:
    return arn.split(":")[4]
