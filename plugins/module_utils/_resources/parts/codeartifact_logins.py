# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether those that a repository's policy names in other accounts can log in to the domain, whose policy is read once for a task."""

from __future__ import annotations

import typing as t
from concurrent.futures import Future
from threading import Lock

from ..._base.errors import NotFound, RegistryAuthError
from ..._clients.aws.codeartifact import CodeArtifact
from ..._domain.codeartifact.grants import Grant
from ..._domain.codeartifact.logins import missing_logins, outsiders
from ..._domain.codeartifact.names import DomainName, Name, RepositoryName
from ..._domain.iam.documents import Document


class LoginCheck:
    """Several threads ask; the first to ask about a domain reads its policy, and the others wait for it."""

    def __init__(self, api: CodeArtifact) -> None:
        self._api = api
        self._lock = Lock()
        self._policies: dict[DomainName, Future[Document | RegistryAuthError | None]] = {}

    def prepare(self, name: Name, arn: str | None, grants: t.Sequence[Grant]) -> None:
        """Read what sentences() will need: nothing for a domain, and for a repository whose owner is not known or alone is named."""
        if isinstance(name, RepositoryName) and arn is not None and outsiders(grants, _owner(arn)):
            self._policy(name.domain)

    def sentences(self, name: Name, arn: str | None, grants: t.Sequence[Grant]) -> t.Iterator[str]:
        """What to warn about. Makes no call after prepare()."""
        if not isinstance(name, RepositoryName) or arn is None:
            return
        strangers = outsiders(grants, _owner(arn))
        if not strangers:
            return
        policy = self._policy(name.domain)
        if isinstance(policy, RegistryAuthError):
            yield f"whether {', '.join(strangers)} can log in to the {name.domain} could not be checked: {policy}"
            return
        domain_arn = f"{arn.rpartition(':')[0]}:domain/{name.domain.domain}"
        yield from missing_logins(strangers, _owner(arn), domain_arn, policy)

    def _policy(self, name: DomainName) -> Document | RegistryAuthError | None:
        with self._lock:
            known = self._policies.get(name)
            mine = self._policies.setdefault(name, Future())
        if known is None:
            mine.set_result(self._read(name))
        return mine.result()

    def _read(self, name: DomainName) -> Document | RegistryAuthError | None:
        """None when there is no policy. An error is an answer: the policy of the repository is as wanted by now."""
        try:
            return self._api.get_policy(name).document
        except NotFound:
            return None
        except RegistryAuthError as error:
            return error


def _owner(arn: str) -> str:
    return arn.split(":")[4]
