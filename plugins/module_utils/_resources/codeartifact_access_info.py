# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may do what in CodeArtifact domains, by their policies as they are or as they are given."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .._base.errors import Incomplete, NotFound, PermissionDenied, RegistryAuthError, or_none
from .._base.quota import Deadline
from .._clients.aws.codeartifact import CodeArtifact, Repository, ResourcePolicy
from .._clients.aws.package_groups import PackageGroups
from .._domain.codeartifact.names import DomainName, Name, RepositoryName, no_such
from .._domain.codeartifact.scope import Governed, Scope
from .._domain.protection.in_codeartifact import Domain
from .._engine.reconcile import CONCURRENCY, Outcome, reconcile
from .._engine.resource import NamedState, Options, Resource
from .parts.codeartifact import CodeArtifactResource, connect_to, listed
from .parts.codeartifact_access_shown import shown
from .parts.codeartifact_access_wanted import WantedAccess
from .parts.codeartifact_protection import read_protection


@dataclass(frozen=True)
class AccessState:
    """The policies of a domain, as far as they could be read."""

    #: None for a domain that check mode supposes.
    scope: Scope | None = None
    #: Why those of other repositories could not.
    failures: t.Mapping[str, RegistryAuthError] = field(default_factory=dict)
    #: What tells whether public packages can come in place of ours, or why that could not be read; None when nobody asked.
    protection: Domain | RegistryAuthError | None = None


class _Policies(CodeArtifactResource[NamedState[Name], "ResourcePolicy | None"]):
    """The policies of what a list has shown to be there. None for no policy."""

    def read(self, desired: NamedState[Name]) -> ResourcePolicy | None:
        return or_none(self.api.get_policy, desired.name)

    def result(self, state: ResourcePolicy | None, desired: NamedState[Name]) -> dict[str, t.Any]:
        return {"policy": state}


class AccessReadings(Resource[WantedAccess, AccessState]):
    """The resource of codeartifact_access_info."""

    def __init__(self, make_api: t.Callable[[], PackageGroups], deadline: Deadline) -> None:
        """C(make_api): called when there is something to read, as documents need no credentials."""
        self._make_api = make_api
        self._made: PackageGroups | None = None
        self._lock = threading.Lock()
        self._deadline = deadline
        # Shared by all entries, so that they together read no more at once than the engine would.
        self._pool = ThreadPoolExecutor(max_workers=CONCURRENCY)

    @classmethod
    def connect(cls, client: t.Callable[..., t.Any], options: Options) -> AccessReadings:
        return cls(lambda: connect_to(PackageGroups, client, options), Deadline.from_options(options))

    def read(self, desired: WantedAccess) -> AccessState:
        """The pages of the list of repositories, one call for the domain's policy and one for each repository's, side by side."""
        if desired.documents:
            return AccessState(desired.documents)
        api = self._api()
        there = listed(api, desired.domain)
        wanted = desired.repositories
        if wanted is None:
            wanted = tuple(RepositoryName(desired.domain, name) for name in sorted(there))
        found = [name for name in wanted if name.repository in there]
        failures: dict[str, RegistryAuthError] = {
            name.repository: no_such(name, api.region) for name in wanted if name.repository not in there
        }
        names: list[Name] = [desired.domain, *found]
        of_domain, *others = reconcile(
            lambda: _Policies(api),
            [NamedState(name) for name in names],
            check_mode=True,
            diff_mode=False,
            deadline=self._deadline,
            pool=self._pool,
        )
        if of_domain.error:
            raise of_domain.error
        repositories = []
        for name, outcome in zip(found, others, strict=True):
            if outcome.error:
                failures[name.repository] = outcome.error
            else:
                repositories.append(_governed(name, outcome, there[name.repository].administrator_account))
        arn = _arn(api, desired.domain, of_domain, there)
        scope = Scope.at(arn, _governed(desired.domain, of_domain), tuple(repositories))
        return AccessState(scope, failures, self._protection(api, desired, there))

    def _protection(
        self, api: PackageGroups, desired: WantedAccess, there: t.Iterable[str]
    ) -> Domain | RegistryAuthError | None:
        """Who may read policies need not be allowed to read package groups; the rest is worth showing all the same."""
        if not desired.names:
            return None
        try:
            return read_protection(api, desired.domain, sorted(there), desired.names, self._pool)
        except (NotFound, PermissionDenied) as error:
            return error

    def _api(self) -> PackageGroups:
        with self._lock:
            if self._made is None:
                self._made = self._make_api()
            return self._made

    def shortfall(self, state: AccessState, desired: WantedAccess) -> RegistryAuthError | None:
        if isinstance(state.protection, RegistryAuthError):
            return Incomplete(
                f"Whether public packages can come in place of those of names in {desired.domain} could not be read. {state.protection}"
            )
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
        protection = state.protection if isinstance(state.protection, Domain) else None
        return {"access": shown(state.scope, state.failures, desired, protection)}


def _governed(name: Name, outcome: Outcome, administrator: str | None = None) -> Governed:
    policy: ResourcePolicy | None = outcome.result["policy"]
    document, revision = (policy.document, policy.revision) if policy else (None, None)
    return Governed(name.arguments["domain"], name.arguments.get("repository"), administrator, document, revision)


def _arn(api: CodeArtifact, name: DomainName, of_domain: Outcome, listed: t.Mapping[str, Repository]) -> str:
    """An ARN of the domain or of something in it, for its account and region. A domain with nothing takes a call."""
    policy: ResourcePolicy | None = of_domain.result["policy"]
    known = next((one.arn for one in listed.values() if one.arn), None) or (policy.resource_arn if policy else None)
    return known or api.describe_arn(name)
