# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what in CodeArtifact domains, by their policies as they are or as they are given."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .._base.errors import Incomplete, NotFound, RegistryAuthError
from .._base.quota import Deadline
from .._clients.aws.codeartifact import CodeArtifact, Repository, ResourcePolicy
from .._domain.codeartifact.names import DomainName, Name, RepositoryName, no_such
from .._domain.codeartifact.scope import Governed, Scope
from .._engine.reconcile import CONCURRENCY, Outcome, reconcile
from .._engine.resource import Options, Resource
from .parts.codeartifact import CodeArtifactResource, connect
from .parts.codeartifact_access_shown import shown
from .parts.codeartifact_access_wanted import WantedAccess
from .parts.codeartifact_policy_info import DesiredReading


@dataclass(frozen=True)
class AccessState:
    """The policies of a domain, as far as they could be read."""

    #: None for a domain that check mode supposes.
    scope: Scope | None = None
    #: Why those of other repositories could not.
    failures: t.Mapping[str, RegistryAuthError] = field(default_factory=dict)


class _Policies(CodeArtifactResource[DesiredReading, ResourcePolicy | None]):
    """The policies of what a list has shown to be there. None for no policy."""

    def read(self, desired: DesiredReading) -> ResourcePolicy | None:
        """One call."""
        try:
            return self.api.get_policy(desired.name)
        except NotFound:
            return None

    def result(self, state: ResourcePolicy | None, desired: DesiredReading) -> dict[str, t.Any]:
        """The policy, for AccessReadings."""
        return {"policy": state}


class AccessReadings(Resource[WantedAccess, AccessState]):
    """The resource of codeartifact_access_info."""

    def __init__(self, make_api: t.Callable[[], CodeArtifact], deadline: Deadline) -> None:
        """C(make_api): called when there is something to read, as documents need no credentials."""
        self._make_api = make_api
        self._made: CodeArtifact | None = None
        self._lock = threading.Lock()
        self._deadline = deadline
        # Shared by all entries, so that they together read no more at once than the engine would.
        self._pool = ThreadPoolExecutor(max_workers=CONCURRENCY)

    @classmethod
    def connect(cls, client: t.Callable[..., t.Any], options: Options) -> AccessReadings:
        """C(client): as connect() takes it."""
        return cls(lambda: connect(client, options), Deadline.from_options(options))

    def read(self, desired: WantedAccess) -> AccessState:
        """The pages of the list of repositories, one call for the domain's policy and one for each repository's, side by side."""
        if desired.documents:
            return AccessState(desired.documents)
        api = self._api()
        listed = _listed(api, desired.domain)
        wanted = desired.repositories
        if wanted is None:
            wanted = tuple(RepositoryName(desired.domain, name) for name in sorted(listed))
        found = [name for name in wanted if name.repository in listed]
        failures: dict[str, RegistryAuthError] = {
            name.repository: no_such(name) for name in wanted if name.repository not in listed
        }
        of_domain, *others = self._read(api, [desired.domain, *found])
        if of_domain.error:
            raise of_domain.error
        repositories = []
        for name, outcome in zip(found, others, strict=True):
            if outcome.error:
                failures[name.repository] = outcome.error
            else:
                repositories.append(_governed(name, outcome, listed[name.repository].administrator_account))
        arn = _arn(api, desired.domain, of_domain, listed)
        return AccessState(Scope.at(arn, _governed(desired.domain, of_domain), tuple(repositories)), failures)

    def _api(self) -> CodeArtifact:
        with self._lock:
            if self._made is None:
                self._made = self._make_api()
            return self._made

    def _read(self, api: CodeArtifact, names: t.Sequence[Name]) -> list[Outcome]:
        entries = [DesiredReading(name) for name in names]
        return reconcile(
            lambda: _Policies(api),
            entries,
            check_mode=True,
            diff_mode=False,
            deadline=self._deadline,
            pool=self._pool,
        )

    def shortfall(self, state: AccessState, desired: WantedAccess) -> RegistryAuthError | None:
        """What could not be read."""
        if not state.failures:
            return None
        reasons = " ".join(f"{name}: {error}" for name, error in sorted(state.failures.items()))
        count = len(state.failures)
        return Incomplete(
            f"The policies of {count} {'repository' if count == 1 else 'repositories'} of {desired.domain} could not be read. {reasons}"
        )

    def assume(self, desired: WantedAccess) -> AccessState:
        """A new domain has neither policies nor repositories."""
        return AccessState()

    def result(self, state: AccessState, desired: WantedAccess) -> dict[str, t.Any]:
        """C(access)."""
        return {"access": shown(state.scope, state.failures, desired)}


def _listed(api: CodeArtifact, domain: DomainName) -> dict[str, Repository]:
    try:
        return {one.name: one for one in api.list_repositories(domain)}
    except NotFound:
        raise no_such(domain) from None


def _governed(name: Name, outcome: Outcome, administrator: str | None = None) -> Governed:
    policy: ResourcePolicy | None = outcome.result["policy"]
    repository = name.repository if isinstance(name, RepositoryName) else None
    domain = name.domain.domain if isinstance(name, RepositoryName) else name.domain
    if policy is None:
        return Governed(domain, repository, administrator)
    return Governed(domain, repository, administrator, policy.document, policy.revision)


def _arn(api: CodeArtifact, name: DomainName, of_domain: Outcome, listed: t.Mapping[str, Repository]) -> str:
    """An ARN of the domain or of something in it, for its account and region. A domain with nothing takes a call."""
    policy: ResourcePolicy | None = of_domain.result["policy"]
    known = next((one.arn for one in listed.values() if one.arn), None) or (policy.resource_arn if policy else None)
    return known or api.describe_arn(name)
