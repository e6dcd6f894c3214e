# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact domains and their repositories get their policies, for many domains at once.

First everything is looked at, so that what must be there and is not ends a scope before anything of it is written. A domain's policy
comes before those of its repositories, because who may set these can depend on it.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace
from functools import cached_property

from .._base.errors import InvalidInput, RegistryAuthError
from .._clients.aws.codeartifact import CodeArtifact
from .._domain.codeartifact.names import DomainName, Name, RepositoryName, domain_name, no_such, repository_name
from .._engine.reconcile import Outcome
from .._engine.resource import NamedState, Options
from .._options.codeartifact import REPOSITORY as OF_REPOSITORY
from .._options.codeartifact import policy_argument_spec
from .._options.common import ArgumentSpec
from .._options.entries import read_entry
from .._resources.codeartifact_domain import CodeArtifactDomains, DesiredDomain
from .._resources.codeartifact_repository import CodeArtifactRepositories, DesiredRepository
from .._resources.parts.codeartifact import connect
from .._resources.parts.codeartifact_logins import LoginCheck
from .._resources.parts.codeartifact_policy import CodeArtifactPolicies, DesiredPolicy, PolicyReadings, PolicyState
from .chain import Chain, Item, Scope, States
from .mistakes import Mistakes

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


def read_scope(region: str | None, name: str, given: Options) -> CodeArtifactScope:
    """A scope as its options say. Raises InvalidInput with one sentence for each mistake."""
    mistakes = Mistakes()
    options = read_entry(given, SCOPE, what="The scope")
    scope = CodeArtifactScope(name, create_missing=options["create_missing"])
    common = {"domain": options["domain"], "domain_owner": options.get("domain_owner"), "region": region}
    with mistakes.noted():
        scope.of_domain = domain_name(common)
    mistakes.raise_any()
    with mistakes.noted():
        if scope.create_missing and not options.get("domain_owner"):
            # A domain of another account is that account's to create.
            scope.domain = DesiredDomain.from_options({**common, "encryption_key": options.get("encryption_key")})
    how = {"mode": options.get("mode"), "drop_dead_principals": options.get("drop_dead_principals")}
    with mistakes.noted(), mistakes.at("The policy of the domain"):
        policy, grants = options.get("domain_policy"), options.get("domain_grants")
        if policy is not None or grants is not None:
            scope.domain_policy = DesiredPolicy.of(domain_name, {**common, **how, "policy": policy, "grants": grants})
    for position, entry in enumerate(options.get("repositories", ())):
        where = f"repositories[{position}]"
        if isinstance(entry, t.Mapping) and isinstance(entry.get("repository"), str):
            where += f" ({entry['repository']})"
        with mistakes.noted():
            one = read_entry(entry, REPOSITORY, what=where)
            with mistakes.at(where):
                _add(scope, {**common, **how, **one})
    mistakes.raise_any()
    return scope


def _add(scope: CodeArtifactScope, one: Options) -> None:
    """Add an entry. Raises InvalidInput."""
    name = repository_name(one)
    if any(policy.name == name for policy in scope.policies) or any(
        repository.name == name for repository in scope.repositories
    ):
        raise InvalidInput(f"{name} is there already: name each repository only once.")
    of_policy = any(one.get(key) is not None for key in ("policy", "grants", "policy_revision", "state"))
    if scope.create_missing:
        scope.repositories.append(
            DesiredRepository.from_options({key: value for key, value in one.items() if key not in _OF_POLICY})
        )
    # Of an entry that only says what the repository is, the policy is left alone.
    if of_policy or not scope.create_missing:
        scope.policies.append(DesiredPolicy.of(repository_name, one))


class Client:
    """CodeArtifact as a run asks it. It is made when it is first needed."""

    def __init__(self, client: t.Callable[..., t.Any], options: Options) -> None:
        self._make = client
        self._options = options

    @cached_property
    def api(self) -> CodeArtifact:
        """The client, with the quotas that all steps share."""
        return connect(self._make, self._options)


@dataclass
class CodeArtifactRun:
    """The steps over all scopes."""

    chain: Chain
    client: Client
    scopes: t.Sequence[CodeArtifactScope]
    logins: LoginCheck = field(default_factory=LoginCheck)

    def run(self) -> None:
        """Take all steps."""
        domains = self.chain.look(
            LOOK, self._domains, [(scope, scope.domain) for scope in self._alive() if scope.domain is not None]
        )
        missing = {name for name, state in domains.items() if state is None}
        repositories = self._look_at_repositories(missing)
        policies = self._look_at_policies(missing, repositories)
        self._look_at_logins(missing)
        made = self._step_domains(domains) | self._step_repositories(missing, repositories)
        self._set_policies(policies, made)

    def _alive(self) -> list[CodeArtifactScope]:
        return [scope for scope in self.scopes if scope.alive]

    def _domains(self) -> CodeArtifactDomains:
        return CodeArtifactDomains(self.client.api)

    def _repositories(self) -> CodeArtifactRepositories:
        return CodeArtifactRepositories(self.client.api)

    def _look_at_repositories(self, missing: t.Collection[str]) -> dict[str, t.Any]:
        """The repositories that may be created. In a domain that is not there, there are none."""
        items = [(scope, one) for scope in self._alive() for one in scope.repositories]
        # A domain that is not there and that no scope creates, as one of another account, is an error of its repositories.
        there = [item for item in items if str(item[1].name.domain) not in missing]
        found = self.chain.look(LOOK, self._repositories, there, missing_is_error=True)
        return found | {one.unit: None for _scope, one in items if str(one.name.domain) in missing}

    def _wanted(self) -> list[tuple[CodeArtifactScope, DesiredPolicy]]:
        of_domains = [(scope, scope.domain_policy) for scope in self._alive() if scope.domain_policy is not None]
        return [*of_domains, *((scope, one) for scope in self._alive() for one in scope.policies)]

    def _look_at_policies(
        self, missing: t.Collection[str], repositories: t.Mapping[str, t.Any]
    ) -> dict[str, PolicyState]:
        """The policies of what is there. What is not, and will not be created, ends its scope."""
        new = {*missing, *(name for name, state in repositories.items() if state is None)}
        items = [(scope, wanted) for scope, wanted in self._wanted() if wanted.unit not in new]
        found = self.chain.look(
            LOOK,
            lambda: PolicyReadings(self.client.api),
            [(scope, NamedState(wanted.name)) for scope, wanted in items],
        )
        for scope, wanted in items:
            if wanted.unit in found and found[wanted.unit] is None:
                scope.fail(LOOK, wanted.target, _missing(wanted.name, create_missing=scope.create_missing))
        return {name: state for name, state in found.items() if state is not None}

    def _look_at_logins(self, missing: t.Collection[str]) -> None:
        """Learn who may log in to domains whose policies are not set here, but whose repositories grant something."""
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

    def _step_domains(self, seen: States) -> dict[str, str | None]:
        """Create domains; the ARNs of those that are new, by name. In check mode they have none."""
        items = [(scope, scope.domain) for scope in self._alive() if scope.domain is not None]
        return _made(items, self.chain.step(DOMAINS, self._domains, items, fresh=_absent(seen), seen=seen))

    def _step_repositories(self, missing: t.Collection[str], seen: States) -> dict[str, str | None]:
        """Have repositories as scopes say; the ARNs of those that are new, by name. In check mode they have none."""
        items = [(scope, one) for scope in self._alive() for one in scope.repositories]
        # In a domain that was just made, or that check mode only foresees, there is nothing to read.
        fresh = _absent(seen) | {one.unit: None for _scope, one in items if str(one.name.domain) in missing}
        return _made(items, self.chain.step(REPOSITORIES, self._repositories, items, fresh=fresh, seen=seen))

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


def _absent(seen: States) -> dict[str, None]:
    """What was not there. To create what somebody else has created meanwhile is a lost race, and so needs no second look."""
    return {name: None for name, state in seen.items() if state is None}


def _made(items: t.Sequence[Item[t.Any]], outcomes: t.Sequence[Outcome]) -> dict[str, str | None]:
    """The ARNs of what this run has made, by name. What somebody else has made meanwhile may have a policy already."""
    return {
        wanted.unit: outcome.state.arn
        for (_scope, wanted), outcome in zip(items, outcomes, strict=True)
        if outcome.error is None and outcome.changed and outcome.found is None and outcome.state is not None
    }


def _missing(name: Name, *, create_missing: bool) -> RegistryAuthError:
    error = no_such(name)
    if not create_missing and isinstance(name, (DomainName, RepositoryName)):
        error.args = (
            f"{error} With create_missing (registry_auth_create_missing in an inventory), what does not exist is created.",
        )
    return error


def work(client: t.Callable[..., t.Any], options: Options, chain: Chain, scopes: t.Sequence[CodeArtifactScope]) -> None:
    """Take scopes through all steps.

    :param client: makes boto3's client of a service with given settings
    :param options: those of the task
    """
    CodeArtifactRun(chain, Client(client, options), scopes).run()
