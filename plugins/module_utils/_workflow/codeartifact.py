# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact domains and their repositories get their policies, for many domains at once.

First everything is looked at, so that what must be there and is not ends a scope before anything of it is written. A domain's policy
comes before those of its repositories, because who may set these can depend on it.
"""

from __future__ import annotations

import typing as t
from collections import defaultdict
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter

from .._base.errors import InvalidInput, RegistryAuthError
from .._clients.aws.codeartifact import Domain, Repository
from .._domain.codeartifact.names import DomainName, Name, RepositoryName, domain_name, no_such, repository_name
from .._engine.resource import NamedState, Options
from .._options.codeartifact import REPOSITORY as OF_REPOSITORY
from .._options.codeartifact import policy_argument_spec
from .._options.common import ArgumentSpec
from .._options.entries import read_entry
from .._resources.codeartifact_domain import CodeArtifactDomains, DesiredDomain
from .._resources.codeartifact_repository import CodeArtifactRepositories, DesiredRepository, no_upstream
from .._resources.parts.codeartifact_logins import LoginCheck
from .._resources.parts.codeartifact_policy import (
    CodeArtifactPolicies,
    DesiredPolicy,
    PolicyReadings,
    PolicyState,
    agree,
)
from .chain import Chain, Connect, Item, Look, Scope, States
from .codeartifact_client import Client
from .codeartifact_preflight import CodeArtifactPreflight
from .mistakes import Mistakes, OfScope
from .naming import Naming

LOOK = "look at what is there"
DOMAINS = "create the domain"
REPOSITORIES = "create and describe repositories"
DOMAIN_POLICIES = "set the policy of the domain"
POLICIES = "set policies of repositories"

_OF_POLICY = policy_argument_spec("repository")
#: Of an entry of C(repositories).
REPOSITORY: ArgumentSpec = {"repository": {"type": "str", "required": True}, **OF_REPOSITORY, **_OF_POLICY}
SCOPE: ArgumentSpec = {
    "domain": {"type": "str", "required": True},
    "domain_owner": {"type": "str"},
    "encryption_key": {"type": "str", "no_log": False},
    "domain_policy": {"type": "raw"},
    "domain_grants": {
        "type": "list",
        "elements": "dict",
        "options": policy_argument_spec("domain")["grants"]["options"],
    },
    "repositories": {"type": "list", "elements": "raw"},
    "create_missing": {"type": "bool", "default": False},
    "preflight": {"type": "bool", "default": True},
    "mode": {"type": "str", "choices": ["merge", "replace"]},
    "drop_dead_principals": {"type": "bool"},
}


@dataclass(eq=False)
class CodeArtifactScope(Scope):
    """A domain, its repositories and the policies that they are to have."""

    of_domain: DomainName | None = None
    domain: DesiredDomain | None = None
    repositories: list[DesiredRepository] = field(default_factory=list)
    domain_policy: DesiredPolicy | None = None
    policies: list[DesiredPolicy] = field(default_factory=list)
    create_missing: bool = False
    #: Whether it is to be looked at first whether it certainly may not do what it wants.
    preflight: bool = True


def read_scope(region: str | None, name: str, given: Options, naming: Naming | None = None) -> CodeArtifactScope:
    """A scope as its options say. Raises InvalidInput with one sentence for each mistake.

    :param naming: what its options are called; by default, as they are
    """
    mistakes, naming = Mistakes(), naming or Naming()
    options = naming.read(given, SCOPE)
    scope = CodeArtifactScope(name=name, create_missing=options["create_missing"], preflight=options["preflight"])
    common = {"domain": options["domain"], "domain_owner": options.get("domain_owner"), "region": region}
    with mistakes.noted(), naming.of_scope("domain", "domain_owner"):
        scope.of_domain = domain_name(common)
    mistakes.raise_any()
    with mistakes.noted(), naming.of_scope("encryption_key"):
        if scope.create_missing and not options.get("domain_owner"):
            # A domain of another account is that account's to create.
            scope.domain = DesiredDomain.from_options({**common, "encryption_key": options.get("encryption_key")})
    how = {"mode": options.get("mode"), "drop_dead_principals": options.get("drop_dead_principals")}
    with mistakes.noted(), naming.of_scope(policy="domain_policy", grants="domain_grants"):
        policy, grants = options.get("domain_policy"), options.get("domain_grants")
        if policy is not None and grants is not None:
            both = f"{naming.of('domain_policy')} and {naming.of('domain_grants')}"
            raise OfScope(f"{both} are both given: give one of the two.")
        if policy is not None or grants is not None:
            scope.domain_policy = DesiredPolicy.of(domain_name, {**common, **how, "policy": policy, "grants": grants})
    names: set[Name] = set()
    for position, entry in enumerate(options.get("repositories", ())):
        where = naming.of(f"repositories[{position}]")
        if isinstance(entry, t.Mapping) and isinstance(entry.get("repository"), str):
            where += f" ({entry['repository']})"
        with mistakes.noted():
            one = read_entry(entry, REPOSITORY, what=where)
            with mistakes.at(where):
                _add(scope, {**common, **how, **one}, names)
    mistakes.raise_any()
    return scope


def _add(scope: CodeArtifactScope, one: Options, names: set[Name]) -> None:
    """Add an entry. C(names): of those that were added before. Raises InvalidInput."""
    name = repository_name(one)
    if name in names:
        raise InvalidInput(f"{name} is there already: name each repository only once.")
    of_policy = any(one.get(key) is not None for key in ("policy", "grants", "policy_revision", "state"))
    if scope.create_missing:
        scope.repositories.append(
            DesiredRepository.from_options({key: value for key, value in one.items() if key not in _OF_POLICY})
        )
    # Of an entry that only says what the repository is, the policy is left alone.
    if of_policy or not scope.create_missing:
        scope.policies.append(DesiredPolicy.of(repository_name, one))
    names.add(name)


@dataclass
class CodeArtifactRun:
    """The steps over all scopes."""

    chain: Chain
    client: Client
    scopes: t.Sequence[CodeArtifactScope]
    logins: LoginCheck = field(default_factory=LoginCheck)

    def run(self) -> None:
        """Take all steps. That a policy could be read is proof enough that there is what it is the policy of."""
        # Those of repositories are not left for a second look: nearly always their domain is there, and a look takes as long as all of its answers.
        self._refuse_circles()
        self._refuse_two_policies()
        policies = self._look_at_policies(self._wanted())
        domains = self._look_at_domains(policies)
        missing = {name for name, state in domains.items() if state is None}
        repositories = self._look_at_repositories(missing, policies)
        self._refuse_missing(policies, {**domains, **repositories})
        policies |= self._look_at_logins(missing)
        self._look_at_permissions(missing, policies, repositories)
        # The last, because an upstream of a scope that goes no further will not be there.
        self._refuse_missing_upstreams(missing, policies, repositories)
        made = self._step_domains(domains) | self._step_repositories(repositories)
        self._set_policies({name: state for name, state in policies.items() if state is not None}, made)

    def _alive(self) -> list[CodeArtifactScope]:
        return [scope for scope in self.scopes if scope.alive]

    def _domains(self) -> CodeArtifactDomains:
        return CodeArtifactDomains(self.client.api)

    def _repositories(self) -> CodeArtifactRepositories:
        return CodeArtifactRepositories(self.client.api)

    def _wanted(self) -> list[tuple[CodeArtifactScope, DesiredPolicy]]:
        of_domains = [(scope, scope.domain_policy) for scope in self._alive() if scope.domain_policy is not None]
        return [*of_domains, *((scope, one) for scope in self._alive() for one in scope.policies)]

    def _refuse_circles(self) -> None:
        """End scopes whose repositories are to be upstreams of each other in a circle, and no others."""
        while True:
            items = [(scope, one) for scope in self._alive() for one in scope.repositories]
            order: TopologicalSorter[str] = TopologicalSorter()
            for _scope, one in items:
                order.add(one.unit, *one.after)
            try:
                order.prepare()
            except CycleError as found:
                error = InvalidInput(
                    f"Repositories cannot be each other's upstreams in a circle: {', '.join(found.args[1])}."
                )
                for scope, one in items:
                    if one.unit in found.args[1]:
                        scope.fail(LOOK, one.target, error)
            else:
                return

    def _refuse_two_policies(self) -> None:
        """End scopes that want different policies for one thing: each would replace the other's in every run."""
        by_name: dict[str, list[tuple[CodeArtifactScope, DesiredPolicy]]] = defaultdict(list)
        for scope, wanted in self._wanted():
            by_name[wanted.target].append((scope, wanted))
        for name, items in by_name.items():
            if len(items) > 1 and not agree([wanted for _scope, wanted in items]):
                who = ", ".join(dict.fromkeys(scope.name for scope, _wanted in items))
                error = InvalidInput(f"The {name} would have two policies: {who} want different ones for it.")
                for scope, _wanted in items:
                    scope.fail(LOOK, name, error)

    def _look_at_policies(
        self, items: t.Sequence[tuple[CodeArtifactScope, DesiredPolicy]]
    ) -> dict[str, PolicyState | None]:
        """The policies, by name, None where there is nothing that could have one."""
        looked_at = [(scope, NamedState(wanted.name)) for scope, wanted in items]
        return self.chain.look(LOOK, lambda: PolicyReadings(self.client.api), looked_at)

    def _look_at_domains(self, policies: States) -> dict[str, Domain | None]:
        """The domains that are in question, by name: that have settings, or are not known to be there."""
        items = [
            (scope, one)
            for scope in self._alive()
            if (one := scope.domain) is not None and (_says_more(one) or policies.get(one.unit) is None)
        ]
        return self.chain.look(LOOK, self._domains, items)

    def _look_at_repositories(self, missing: t.Collection[str], policies: States) -> dict[str, Repository | None]:
        """The same for repositories. In a domain that is not there, there are none."""
        items = [
            (scope, one)
            for scope in self._alive()
            for one in scope.repositories
            if _says_more(one) or policies.get(one.unit) is None
        ]
        there = [item for item in items if _domain_of(item[1]) not in missing]
        # A domain that is not there and that no scope creates, as one of another account, is an error of its repositories.
        found = self.chain.look(LOOK, self._repositories, there, missing_is_error=True)
        return found | {one.unit: None for _scope, one in items if _domain_of(one) in missing}

    def _refuse_missing(self, policies: States, created: t.Collection[str]) -> None:
        """End scopes in which something is not there, and will not be created, before anything of them is written."""
        for scope, wanted in self._wanted():
            if wanted.unit in policies and policies[wanted.unit] is None and wanted.unit not in created:
                error = _missing(wanted.name, self.client.api.region, create_missing=scope.create_missing)
                scope.fail(LOOK, wanted.target, error)

    def _refuse_missing_upstreams(
        self, missing: t.Collection[str], policies: States, repositories: t.Mapping[str, Repository | None]
    ) -> None:
        """End scopes in which a repository is to get an upstream that is not there, and will not be created, before anything is written."""
        # That an upstream has a policy, or had its turn above, says that it is there.
        known = {name for name, state in {**policies, **repositories}.items() if state is not None}
        wanted = [
            (scope, one, upstream)
            for scope in self._alive()
            for one in scope.repositories
            for upstream in _new_upstreams(one, repositories)
            if upstream.unit not in known
        ]
        created = self._created()
        asked = [
            (scope, upstream)
            for scope, _one, upstream in wanted
            if _domain_of(upstream) not in missing and upstream.unit not in created
        ]
        outcomes = self.chain.attempt(lambda: Look(self._repositories()), asked)
        # Who may not look at one may still use it.
        there = {outcome.target for outcome in outcomes if outcome.error is not None or outcome.state is not None}
        while lost := [item for item in wanted if item[0].alive and item[2].unit not in {*there, *self._created()}]:
            for scope, one, upstream in lost:
                error = no_upstream(one.name, one.upstreams or (), upstream.name.repository)
                scope.fail(LOOK, one.target, error)

    def _created(self) -> set[str]:
        """The names of the repositories that will be there, unless their scopes fail."""
        return {one.unit for scope in self._alive() for one in scope.repositories}

    def _look_at_permissions(
        self, missing: t.Collection[str], policies: t.Mapping[str, PolicyState | None], repositories: States
    ) -> None:
        """End scopes that certainly may not do what they want, before anything of them is written."""
        asking = [scope for scope in self._alive() if scope.preflight]
        created = [
            (scope, one.name)
            for scope in asking
            for one in scope.repositories
            if _domain_of(one) not in missing and one.unit in repositories and repositories[one.unit] is None
        ]
        wanted = [(scope, one) for scope, one in self._wanted() if scope in asking]
        CodeArtifactPreflight(self.chain, self.client).check(wanted, created, policies)

    def _look_at_logins(self, missing: t.Collection[str]) -> dict[str, PolicyState | None]:
        """Learn who may log in to domains whose policies are not set here, but whose repositories grant something.

        Returns the states of those that could be read, by name.
        """
        items = [
            (scope, NamedState(scope.of_domain))
            for scope in self._alive()
            if scope.of_domain
            and str(scope.of_domain) not in missing
            and scope.domain_policy is None
            and any(policy.grants for policy in scope.policies)
        ]
        outcomes = self.chain.attempt(lambda: PolicyReadings(self.client.api), items)
        for (_scope, wanted), outcome in zip(items, outcomes, strict=True):
            # That it could not be read is a warning, and only when somebody of another account is named.
            found = outcome.state.document if outcome.error is None and outcome.state else None
            self.logins.know(wanted.name, outcome.error or found)
        return {
            wanted.unit: outcome.state
            for (_scope, wanted), outcome in zip(items, outcomes, strict=True)
            if outcome.error is None
        }

    def _step_domains(self, seen: States) -> dict[str, str | None]:
        """Create domains; the ARNs of those that this run has made, by name. In check mode they have none."""
        items = [(scope, one) for scope in self._alive() if (one := scope.domain) is not None and one.unit in seen]
        return self._made(DOMAINS, self._domains, items, seen)

    def _step_repositories(self, seen: States) -> dict[str, str | None]:
        """Have repositories as scopes say; the ARNs of those that this run has made, by name. In check mode they have none."""
        items = [(scope, one) for scope in self._alive() for one in scope.repositories if one.unit in seen]
        return self._made(REPOSITORIES, self._repositories, items, seen)

    def _made(
        self, title: str, connecting: Connect, items: t.Sequence[Item[t.Any]], seen: States
    ) -> dict[str, str | None]:
        # To create what somebody else has created meanwhile is a lost race, and so needs no second look.
        absent = {name: None for name, state in seen.items() if state is None}
        outcomes = self.chain.step(title, connecting, items, fresh=absent, seen=seen)
        # What somebody else has made meanwhile may have a policy already.
        return {
            wanted.unit: outcome.state.arn
            for (_scope, wanted), outcome in zip(items, outcomes, strict=True)
            if outcome.error is None and outcome.changed and outcome.found is None and outcome.state is not None
        }

    def _set_policies(self, seen: t.Mapping[str, PolicyState], made: t.Mapping[str, str | None]) -> None:
        fresh = {name: PolicyState(arn) for name, arn in made.items()}

        def connect_policies() -> CodeArtifactPolicies:
            return CodeArtifactPolicies(self.client.api, self.logins)

        of_domains = [(scope, scope.domain_policy) for scope in self._alive() if scope.domain_policy is not None]
        outcomes = self.chain.step(DOMAIN_POLICIES, connect_policies, of_domains, fresh=fresh, seen=seen)
        for (_scope, wanted), outcome in zip(of_domains, outcomes, strict=True):
            if outcome.error is None and isinstance(wanted.name, DomainName):
                self.logins.know(wanted.name, outcome.state.document)
        items = [(scope, one) for scope in self._alive() for one in scope.policies]
        self.chain.step(
            POLICIES,
            connect_policies,
            items,
            fresh=self._with_logins(items, fresh),
            seen=self._with_logins(items, seen),
        )

    def _with_logins(
        self, items: t.Sequence[Item[DesiredPolicy]], states: t.Mapping[str, PolicyState]
    ) -> dict[str, PolicyState]:
        """The states with what the policies of domains say by now of those to whom something is granted."""
        found = dict(states)
        for _scope, wanted in items:
            state = states.get(wanted.unit)
            if state is not None and wanted.grants is not None:
                missing = self.logins.sentences(self.client.api, wanted.name, state.resource_arn, wanted.grants.grants)
                found[wanted.unit] = replace(state, missing_logins=missing)
        return found


def _says_more(wanted: DesiredDomain | DesiredRepository) -> bool:
    """Whether more is wanted than that it is there."""
    bare = DesiredDomain(wanted.name) if isinstance(wanted, DesiredDomain) else DesiredRepository(wanted.name)
    return wanted != bare


def _new_upstreams(
    wanted: DesiredRepository, repositories: t.Mapping[str, Repository | None]
) -> t.Iterator[DesiredRepository]:
    """The upstreams that a repository is to get and does not have."""
    if wanted.unit in repositories:
        found = repositories[wanted.unit]
        has = found.upstreams if found else ()
        yield from (
            DesiredRepository(replace(wanted.name, repository=one)) for one in wanted.upstreams or () if one not in has
        )


def _of_domain(wanted: DesiredPolicy) -> bool:
    return isinstance(wanted.name, DomainName)


def _domain_of(wanted: NamedState[t.Any]) -> str:
    """The name of the domain of a repository, or of what is its own."""
    return str(wanted.name.domain)


def _missing(name: Name, region: str, *, create_missing: bool) -> RegistryAuthError:
    error = no_such(name, region)
    if not create_missing and isinstance(name, (DomainName, RepositoryName)):
        error.args = (f"{error} With create_missing, what does not exist is created.",)
    return error


def work(client: t.Callable[..., t.Any], options: Options, chain: Chain, scopes: t.Sequence[CodeArtifactScope]) -> None:
    """Take scopes through all steps.

    :param client: makes boto3's client of a service with given settings
    :param options: those of the task
    """
    naming = Naming.from_options(options)

    def connected(*args: t.Any, **settings: t.Any) -> t.Any:
        with naming.of_scope("region"):
            return client(*args, **settings)

    CodeArtifactRun(chain, Client(connected, options), scopes).run()
