# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token becomes a working remote repository, and a new token rotates in without an outage, for many projects at once.

First everything is looked at, so that what must be there and is not ends a scope before anything of it is written, and so does a permission that
is missing for what is to be written. Then: repositories,
secrets, versions, grants, logins, proofs, and only then retirement. What one step has read, the next does not read again.
"""

from __future__ import annotations

import time
import typing as t
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from .._base.errors import InvalidInput, NotFound, NotPropagated, Refused, RegistryAuthError, as_ours
from .._clients.gcp.repositories import Credentials, Repository
from .._clients.gcp.secretmanager import Version
from .._domain.gcp.bindings import Policy
from .._domain.gcp.names import RepositoryName, SecretName
from .._domain.gcp.projects import REPOSITORY, Clash, Holding, Projects, Uses, clashes
from .._domain.gcp.secret_readers import readers
from .._engine.reconcile import Outcome
from .._engine.resource import Options
from .._resources.gcp_remote_repository import (
    DesiredRepository,
    RemoteRepositories,
    RemoteRepositoryReadings,
    require_remote,
)
from .._resources.gcp_remote_repository_credentials import (
    CredentialsState,
    RemoteRepositoryCredentials,
    doubt,
)
from .._resources.gcp_secret import DesiredSecret, Secrets
from .._resources.gcp_secret_iam_binding import SecretIamBindings
from .._resources.gcp_secret_retention import DesiredRetention, SecretRetention
from .._resources.gcp_secret_version import SecretVersions
from .._resources.gcp_service_agent import DesiredAgent, ServiceAgent
from .._resources.package_index_info import DesiredReading
from .._resources.parts.gcp_iam_binding import IamBindings
from .._resources.parts.repository_readings import WantedRepositories
from .._resources.parts.secret_versions import DesiredVersion, VersionState
from .chain import Chain, Item, States
from .google_preflight import Preflight
from .google_scope import Entry, GoogleScope
from .google_services import Services

Scopes = t.Sequence[GoogleScope]

LOOK = "look at what is there"
REPOSITORIES = "create and describe repositories"
SECRETS = "create secrets"
VERSIONS = "store tokens"
AGENTS = "identify the service agent"
GRANTS = "grant the service agent access to secrets"
LOGINS = "set upstream logins"
ACCESS = "set who may use repositories"
PROOFS = "prove that packages can be fetched"
RETIREMENT = "retire old versions"


@dataclass
class GoogleRun:
    """The steps over all scopes. States are kept by the names of what they are of."""

    chain: Chain
    services: Services
    scopes: Scopes
    #: The numbers of projects, as far as they were given or read.
    _projects: Projects = field(default_factory=Projects)

    def __post_init__(self) -> None:
        for scope in self.scopes:
            if scope.number is not None:
                self._projects.learn(scope.project, scope.number)

    def run(self) -> None:
        """Take all steps."""
        self._refuse_clashes()
        there = self._look_at_repositories()
        versions = self._look_at_versions()
        self._learn_numbers({name: state for name, state in versions.items() if state is not None})
        secrets = self._look_at_secrets(versions)
        self._settle_doubts()
        # By now it is known which names are of one project.
        self._refuse_clashes()
        self._check_permissions(there, versions)
        made = self._keep_repositories(there)
        stored = self._store(versions, secrets)
        self._learn_numbers(stored.states)
        policies = self._grant(stored.created)
        logins = self._log_in({**there, **made}, made, stored.names)
        self._say_who_may_use(there)
        self._prove()
        self._retire(stored, policies, logins)

    def _check_permissions(
        self, there: t.Mapping[str, Repository | None], versions: t.Mapping[str, VersionState | None]
    ) -> None:
        Preflight(self.chain, self.services, self._projects).check(self._alive(), there, versions)

    def _alive(self) -> list[GoogleScope]:
        return [scope for scope in self.scopes if scope.alive]

    def _entries(self) -> list[tuple[GoogleScope, Entry]]:
        return [(scope, entry) for scope in self._alive() for entry in scope.entries]

    def _refuse_clashes(self) -> None:
        for clash in self._clashes(self.scopes):
            scopes = self._holders(clash)
            # Those of which it is said already need not hear it again.
            if clash.certain and any(scope.alive for scope in scopes):
                for scope in scopes:
                    scope.fail(LOOK, clash.holdings[0].name, InvalidInput(str(clash)))

    def _settle_doubts(self) -> None:
        """Learn the numbers that decide whether different tokens are for one secret, or different logins for one repository.

        Mostly they are those that the service agents are named by, and so are asked for only once. Without an answer, a scope would write
        over another's in every run, so it goes no further.
        """
        doubts = [clash for clash in self._clashes(self._alive()) if not clash.certain]
        asking = {
            project: self._holders(clash, project)[0]
            for clash in doubts
            for project in clash.ids
            if self._projects.is_open(project)
        }
        items = [(scope, DesiredAgent(project, create=False)) for project, scope in asking.items()]
        outcomes = self.chain.attempt(lambda: self.services.agents, items)
        for (_scope, wanted), outcome in zip(items, outcomes, strict=True):
            if outcome.error is None:
                self._projects.learn(wanted.project, outcome.state.project_number)
                continue
            for clash in doubts:
                for scope in self._holders(clash, wanted.project):
                    if scope.alive:
                        scope.fail(LOOK, wanted.target, outcome.error, f"{clash} {outcome.message}")

    def _clashes(self, scopes: Scopes) -> list[Clash]:
        """Where scopes give one secret different tokens, or one repository different logins, or may."""
        tokens = [
            Holding(scope.name, name.project, _within_project(name), wanted.payload)
            for scope in scopes
            for name, wanted in scope.payloads.items()
        ]
        # Whether secrets of one id are of one project, need not be known yet.
        logins = [
            Holding(
                scope.name,
                entry.name.project,
                _within_project(entry.name),
                (_within_project(entry.secret), entry.credentials["username"]),
                REPOSITORY,
            )
            for scope in scopes
            for entry in scope.entries
        ]
        return list(clashes([*tokens, *logins], self._projects))

    def _holders(self, clash: Clash, project: str | None = None) -> list[GoogleScope]:
        """The scopes that clash, or those of them that name the secret by this project."""
        names = {one.holder for one in clash.holdings if project in (None, one.project)}
        return [scope for scope in self.scopes if scope.name in names]

    # Repositories

    def _look_at_repositories(self) -> dict[str, Repository | None]:
        items = [(scope, entry.repository) for scope, entry in self._entries()]
        looked_at = [(scope, DesiredRepository(wanted.name)) for scope, wanted in items]
        found = self.chain.look(LOOK, self._repositories, looked_at)
        for scope, wanted in items:
            if wanted.target in found:
                self._check_repository(scope, wanted, found[wanted.target])
        return found

    def _repositories(self) -> RemoteRepositories:
        return RemoteRepositories(self.services.repositories)

    def _keep_repositories(self, there: t.Mapping[str, Repository | None]) -> dict[str, Repository]:
        """Have repositories as scopes say, if those say that they may be created; the ones that were written, by name."""
        items = [(scope, entry.repository) for scope, entry in self._entries() if scope.create_missing]
        # To create what somebody else has created meanwhile is a lost race, and so needs no second look.
        fresh = {name: None for name, state in there.items() if state is None}
        outcomes = self.chain.step(REPOSITORIES, self._repositories, items, fresh=fresh, seen=there)
        return {outcome.target: outcome.state for outcome in outcomes if outcome.changed and outcome.error is None}

    def _check_repository(self, scope: GoogleScope, wanted: DesiredRepository, found: Repository | None) -> None:
        """Fail the scope when the repository must be there and is not, or cannot become what is wanted."""
        try:
            if found is not None:
                require_remote(found)
            elif not scope.create_missing:
                raise NotFound(
                    f"{wanted.name} does not exist. With create_missing, repositories that do not exist are created."
                )
            elif wanted.format is None or wanted.upstream is None:
                raise InvalidInput(f"{wanted.name} does not exist: give format and upstream to have it created.")
            if scope.create_missing:
                # What cannot become so is found before another repository of the scope is created.
                self._repositories().plan(found, wanted)
        except RegistryAuthError as error:
            scope.fail(LOOK, wanted.target, error)

    # Secrets and versions

    def _payloads(self) -> list[Item[DesiredVersion]]:
        return [(scope, payload) for scope in self._alive() for payload in scope.payloads.values()]

    def _look_at_versions(self) -> dict[str, VersionState | None]:
        return self.chain.look(LOOK, lambda: SecretVersions(self.services.secrets), self._payloads())

    def _secrets_in_question(self, seen: t.Mapping[str, VersionState | None]) -> list[Item[DesiredSecret]]:
        """The secrets that are not there, or of which something is asked. C(seen): what is known of their versions."""
        return [
            (scope, wanted)
            for scope in self._alive()
            for name, wanted in scope.secrets.items()
            if seen.get(str(name)) is None or wanted.labels is not None or wanted.replication is not None
        ]

    def _look_at_secrets(self, seen: t.Mapping[str, VersionState | None]) -> dict[str, t.Any]:
        """The secrets that are there and of which something is asked, by name. What cannot become so ends a scope."""
        items = [(scope, wanted) for scope, wanted in self._secrets_in_question(seen) if seen.get(wanted.unit)]
        found = self.chain.look(LOOK, self._secrets, items)
        for scope, wanted in items:
            if wanted.unit in found:
                try:
                    self._secrets().plan(found[wanted.unit], wanted)
                except RegistryAuthError as error:
                    scope.fail(LOOK, wanted.target, error)
        return found

    def _secrets(self) -> Secrets:
        return Secrets(self.services.secrets)

    def _store(self, seen: t.Mapping[str, VersionState | None], secrets: States) -> Stored:
        """Have each secret, and its token as the newest enabled version. C(seen), C(secrets): the looks at versions and at secrets."""
        items = self._secrets_in_question(seen)
        outcomes = self.chain.step(
            SECRETS,
            self._secrets,
            items,
            fresh={wanted.unit: None for _scope, wanted in items if seen.get(wanted.unit, wanted) is None},
            seen={name: state for name, state in secrets.items() if state is not None},
        )
        created = {
            outcome.target: outcome.state
            for outcome in outcomes
            if outcome.error is None and outcome.changed and outcome.found is None
        }
        payloads = self._payloads()
        stored = self.chain.step(
            VERSIONS,
            lambda: SecretVersions(self.services.secrets),
            payloads,
            fresh={name: VersionState(secret.name, None, None, secret=secret) for name, secret in created.items()},
            seen={name: state for name, state in seen.items() if state is not None},
        )
        return Stored(created, dict(_by_unit(payloads, stored)))

    def _learn_numbers(self, states: t.Mapping[str, VersionState]) -> None:
        """Take the numbers of projects from the names of versions, which have them, so that nobody needs to be asked."""
        for scope in self._alive():
            for secret in scope.secrets:
                if (state := states.get(str(secret))) is None:
                    continue
                project = state.name.split("/")[1]
                self._projects.learn(secret.project, project)
                if scope.number is None and secret.project == scope.project and project.isdigit():
                    scope.number = project

    # Grants

    def _grant(self, created: t.Collection[str]) -> dict[str, Policy]:
        """Let service agents read secrets; the policies of the secrets, by name."""
        members = self._members()
        items = [
            (scope, scope.binding(secret, members[scope]))
            for scope in self._alive()
            if scope in members
            for secret in scope.secrets
        ]

        def connect() -> SecretIamBindings:
            return SecretIamBindings(self.services.secrets)

        # In check mode, a secret that would have been made has no policy that could be read.
        fresh = dict.fromkeys(created, Policy()) if self.chain.check_mode else {}
        # Whether there is such an agent, nobody is asked before a grant is refused for want of it.
        at_once = [(scope, replace(wanted, propagation_timeout=0)) for scope, wanted in items]
        outcomes = self.chain.attempt(connect, at_once, fresh=fresh)
        unknown = [index for index, outcome in enumerate(outcomes) if isinstance(outcome.error, NotPropagated)]
        if unknown:
            self._make_agents([items[index][0] for index in unknown])
            unknown = [index for index in unknown if items[index][0].alive]
            again = self.chain.attempt(connect, [items[index] for index in unknown])
            for index, outcome in zip(unknown, again, strict=True):
                outcomes[index] = outcome
        alive = [index for index, (scope, _wanted) in enumerate(items) if scope.alive]
        self.chain.record(GRANTS, [items[index] for index in alive], [outcomes[index] for index in alive])
        return dict(_by_unit(items, outcomes))

    def _members(self) -> dict[GoogleScope, str]:
        """The member that the service agent of each scope's project is."""
        return {
            scope: f"serviceAccount:{agent.email}"
            for scope, agent in self._identified([(scope, scope.agent(create=False)) for scope in self._alive()])
        }

    def _make_agents(self, scopes: Scopes) -> None:
        """Have agents made that do not exist. A scope whose agent cannot be made goes no further."""
        items = [(scope, scope.agent(create=True)) for scope in dict.fromkeys(scopes)]
        for _made in self._identified(items):
            pass

    def _identified(
        self, items: t.Sequence[tuple[GoogleScope, DesiredAgent]]
    ) -> t.Iterator[tuple[GoogleScope, ServiceAgent]]:
        for (scope, wanted), outcome in zip(
            items, self.chain.attempt(lambda: self.services.agents, items), strict=True
        ):
            if outcome.error is None:
                self._projects.learn(scope.project, outcome.state.project_number)
                yield scope, outcome.state
            else:
                scope.fail(AGENTS, wanted.target, outcome.error, outcome.message)

    # Logins and proofs

    def _log_in(
        self,
        there: t.Mapping[str, Repository | None],
        made: t.Collection[str],
        versions: t.Mapping[str, str],
    ) -> dict[str, Credentials]:
        """Point repositories at versions; their logins by then, by name. C(made): the repositories that this run has written."""
        items = [
            (scope, scope.login(entry, versions[str(entry.secret)]))
            for scope, entry in self._entries()
            if str(entry.secret) in versions
        ]

        def connect() -> RemoteRepositoryCredentials:
            services = self.services
            return RemoteRepositoryCredentials(services.repositories, services.projects, lambda: services.secrets)

        # Which projects have which numbers is mostly known by then, so a name with the one equals a name with the other.
        numbers = self._projects.numbers
        states = {name: CredentialsState(repository, numbers) for name, repository in there.items() if repository}
        # Where it is not, the step asks when it reads the repository.
        fresh = {
            wanted.unit: states[wanted.unit]
            for _scope, wanted in items
            if wanted.unit in made and not doubt(states[wanted.unit].repository, wanted, self._projects)
        }
        outcomes = self.chain.step(LOGINS, connect, items, fresh=fresh, seen=states)
        for (scope, _wanted), outcome in zip(items, outcomes, strict=True):
            if outcome.error is None and (login := outcome.state.repository.credentials):
                scope.versions[outcome.target] = login.password_secret_version
        repositories = [outcome.state.repository for outcome in outcomes if outcome.error is None]
        return {repository.name: repository.credentials for repository in repositories if repository.credentials}

    def _say_who_may_use(self, there: t.Mapping[str, Repository | None]) -> None:
        """Grant access to repositories, and take it back. C(there): which of them existed before this run."""
        items = [(scope, binding) for scope, entry in self._entries() for binding in entry.access]
        # In check mode, a repository that would have been made has no policy that could be read.
        fresh = {name: Policy() for name, one in there.items() if one is None} if self.chain.check_mode else {}
        self.chain.step(ACCESS, lambda: IamBindings(self.services.repositories), items, fresh=fresh)

    def _prove(self) -> None:
        """Fetch a package through each repository. A refusal may be a grant that is not in effect yet, and is tried again."""
        items = [(scope, entry.proof) for scope, entry in self._entries() if entry.proof]
        if not items or self.chain.check_mode:
            return
        outcomes = self._fetched(items)
        proved = [
            outcome
            if outcome.error or _status(outcome) == "readable"
            else replace(outcome, error=_unproved(one, outcome))
            for (_scope, one), outcome in zip(items, outcomes, strict=True)
        ]
        self.chain.record(PROOFS, items, proved)
        for (scope, _one), outcome in zip(items, proved, strict=True):
            if outcome.error is None:
                scope.proofs.append(outcome.target)

    def _fetched(self, items: t.Sequence[tuple[GoogleScope, DesiredReading]]) -> list[Outcome]:
        """How each fetch ended at last. Each scope waits as long as it says, and for no other."""
        outcomes: dict[int, Outcome] = {}
        tries: Counter[int] = Counter()
        due: dict[int, float] = dict.fromkeys(range(len(items)), time.monotonic())
        while due:
            pause = max(0.0, min(due.values()) - time.monotonic())
            # What was not fetched at all says itself that there is no time left.
            if outcomes and not self.chain.deadline.allows(pause):
                break
            time.sleep(pause)
            until = max(min(due.values()), time.monotonic())
            ready = [index for index, when in due.items() if when <= until]
            again = self.chain.attempt(lambda: self.services.index, [items[index] for index in ready])
            now = time.monotonic()
            for index, outcome in zip(ready, again, strict=True):
                outcomes[index] = outcome
                del due[index]
                tries[index] += 1
                scope = items[index][0]
                if _status(outcome) == "refused" and tries[index] <= scope.proof_retries:
                    due[index] = now + scope.proof_delay
        return [outcomes[index] for index in range(len(items))]

    # Retirement

    def _retire(self, versions: Stored, policies: t.Mapping[str, Policy], logins: t.Mapping[str, Credentials]) -> None:
        """Retire versions of secrets of which every use is known and proved."""
        items = list(self._retirable(versions, policies))
        if not items:
            return
        retention = SecretRetention(self.services.secrets)
        found = self.chain.look(RETIREMENT, lambda: retention, items)
        listed = {name: state for name, state in found.items() if state is not None}
        if self.chain.check_mode:
            listed = {name: versions.foreseen(name, state) for name, state in listed.items()}
        due = []
        for scope, wanted in items:
            with _own_failure(scope, wanted):
                if wanted.unit in listed and retention.plan(listed[wanted.unit], wanted) is not None:
                    due.append((scope, wanted))
        in_use = self._in_use([scope for scope, _wanted in due], logins)
        retired = []
        for scope, wanted in due:
            with _own_failure(scope, wanted):
                if scope in in_use:
                    retired.append((scope, scope.retire(wanted.name, in_use[scope])))
        # What was listed has the etags under which it is retired.
        self.chain.step(RETIREMENT, lambda: retention, retired, fresh=listed)

    def _retirable(
        self, versions: Stored, policies: t.Mapping[str, Policy]
    ) -> t.Iterator[tuple[GoogleScope, DesiredRetention]]:
        named = [secret for scope in self.scopes for secret in scope.secrets_in_full]
        # Another scope may be of the same project and use the same secret.
        unproved = Uses(
            self._projects,
            (
                (entry.secret.project, entry.secret.secret)
                for scope in self.scopes
                for entry in scope.entries
                if not (scope.alive and entry.proof)
            ),
        )
        for scope in self._alive():
            members = {secret: _may_read(policies[str(secret)]) for secret in scope.secrets}
            for secret in scope.retirable(members, named):
                wanted = scope.retire(secret, ())
                # Versions are numbered from 1, so there are no more than the newest one says.
                used = unproved.may_have(secret.project, secret.secret)
                if not used and versions.states[str(secret)].newest > wanted.keep:
                    yield scope, wanted

    def _in_use(self, scopes: Scopes, logins: t.Mapping[str, Credentials]) -> dict[GoogleScope, list[str]]:
        """The versions that repositories use, in all locations of each scope's project: any of them may hold a use.

        Any repository of the project may use the same secret, so for a version that is about to be retired nothing less will do. What the
        scopes have set counts in place of what is read only where check mode has foreseen it: in a real run somebody may have pointed a
        repository elsewhere since.
        """
        items = [(scope, WantedRepositories(scope.project)) for scope in dict.fromkeys(scopes)]
        if not items:
            return {}
        outcomes = self.chain.attempt(lambda: RemoteRepositoryReadings(self.services.repositories), items)
        found = {}
        for (scope, wanted), outcome in zip(items, outcomes, strict=True):
            if outcome.error is not None:
                scope.fail(RETIREMENT, wanted.target, outcome.error, outcome.message)
                continue
            foreseen = logins if self.chain.check_mode else {}
            used = [*logins.values(), *(foreseen.get(one.name, one.credentials) for one in outcome.state)]
            versions = [login.password_secret_version for login in used if login and login.password_secret_version]
            found[scope] = [name for name in versions if self._may_be_of(scope, name)]
        return found

    def _may_be_of(self, scope: GoogleScope, version: str) -> bool:
        """Whether a version can be one of the scope's project: projects may have secrets of one id."""
        return self._projects.same(version.removeprefix("projects/").partition("/")[0], scope.project) is not False


@dataclass(frozen=True)
class Stored:
    """The secrets that this run has created, and the newest enabled version of each secret, by the names of secrets."""

    created: t.Collection[str]
    states: t.Mapping[str, VersionState]

    @property
    def names(self) -> dict[str, str]:
        """The name of each version, with its number."""
        return {secret: f"{state.name}/versions/{state.version}" for secret, state in self.states.items()}

    def foreseen(self, secret: str, versions: tuple[Version, ...]) -> tuple[Version, ...]:
        """The versions of a secret, with the one that check mode only foresees."""
        state = self.states[secret]
        if state.version is None or any(version.number == state.version for version in versions):
            return versions
        return (Version(f"{state.name}/versions/{state.version}", state.version, "ENABLED"), *versions)


def _within_project(name: SecretName | RepositoryName) -> str:
    """The rest of a name after that of its project."""
    return str(name).split("/", 2)[2]


def _may_read(policy: Policy) -> list[str]:
    """Everybody whom a secret's policy lets read it, or may let, by whatever role and condition."""
    bindings = ({"role": binding.role, "members": binding.members} for binding in policy.bindings)
    return [reader.member for reader in readers(bindings)]


def _by_unit(items: t.Sequence[Item[t.Any]], outcomes: t.Sequence[Outcome]) -> t.Iterator[tuple[str, t.Any]]:
    for (_scope, wanted), outcome in zip(items, outcomes, strict=True):
        if outcome.error is None:
            yield wanted.unit, outcome.state


@contextmanager
def _own_failure(scope: GoogleScope, wanted: DesiredRetention) -> t.Iterator[None]:
    """Have what goes wrong in here end this scope, and no other."""
    try:
        yield
    except Exception as error:
        scope.fail(RETIREMENT, wanted.target, as_ours(error))


def _status(outcome: Outcome) -> str:
    return str(outcome.result.get("package_index", {}).get("status", ""))


def _unproved(proof: DesiredReading, outcome: Outcome) -> RegistryAuthError:
    return Refused(
        f"{proof.package} is {_status(outcome)} at {proof.index_url}. A package is refused when the token is wrong or revoked, or when "
        "the service agent or the operator may not read it."
    )


def work(options: Options, chain: Chain, scopes: Scopes) -> None:
    """Take scopes through all steps. C(options): those of the task, to log in with."""
    GoogleRun(chain, Services(options), scopes).run()
