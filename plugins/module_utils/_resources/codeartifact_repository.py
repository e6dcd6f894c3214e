# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact repositories: their descriptions, upstreams, external connections and tags."""

from __future__ import annotations

import re
import typing as t
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace

from .._base.errors import InvalidInput, NotFound, Refused
from .._clients.aws.calls import ResourceMissing
from .._clients.aws.codeartifact import CodeArtifact, Repository
from .._domain.codeartifact.names import DomainName, RepositoryName, domain_name, no_such, repository_name
from .._engine.reconcile import CONCURRENCY
from .._engine.resource import Change, DesiredState, NamedState, Options
from .parts.codeartifact import CodeArtifactResource, DesiredTags, confirm, listed, read_line, tagging_and_look
from .parts.steps import Step, in_turn

# Source: ExternalConnectionName in CodeArtifact's service model.
_CONNECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{1,99}")
# Source: CodeArtifact User Guide, "Quotas".
_MOST_UPSTREAMS = 10


@dataclass(frozen=True)
class DesiredRepository(NamedState[RepositoryName]):
    """A repository as it is to be. None is: leave it as it is; what is empty is to be removed."""

    absent: bool = False
    #: Delete it with its packages.
    force: bool = False
    description: str | None = None
    upstreams: tuple[str, ...] | None = None
    external_connection: str | None = None
    tags: DesiredTags | None = None

    @classmethod
    def from_options(cls, options: Options) -> DesiredRepository:
        name = repository_name(options)
        if options.get("state") == "absent":
            return cls(name=name, absent=True, force=bool(options.get("force")))
        return cls(
            name,
            description=read_line(options.get("description"), "description"),
            upstreams=_upstreams(name, options),
            external_connection=_connection(options.get("external_connection")),
            tags=DesiredTags.from_options(options),
        )

    @property
    def after(self) -> tuple[str, ...]:
        """Its upstreams, which must be there before it can have them."""
        return tuple(str(replace(self.name, repository=upstream)) for upstream in self.upstreams or ())


def _upstreams(name: RepositoryName, options: Options) -> tuple[str, ...] | None:
    given = options.get("upstreams")
    if given is None:
        return None
    try:
        names = tuple(repository_name({**options, "repository": upstream}).repository for upstream in given)
    except InvalidInput as error:
        raise InvalidInput(f"upstreams: {error}") from None
    if len(names) > _MOST_UPSTREAMS:
        raise InvalidInput(f"upstreams has {len(names)} entries: up to {_MOST_UPSTREAMS} are accepted.")
    if len(set(names)) < len(names):
        raise InvalidInput("upstreams names a repository twice.")
    if name.repository in names:
        raise InvalidInput(f"upstreams has {name.repository} itself: a repository cannot be its own upstream.")
    return names


def _connection(given: str | None) -> str | None:
    if given and not _CONNECTION.fullmatch(given):
        raise InvalidInput(
            f"external_connection {given!r} is not the name of one: CodeArtifact takes one for a repository, for example public:pypi. For "
            "several, give each a repository of its own, and make these the upstreams of a further one. An empty text removes it."
        )
    return given


class CodeArtifactRepositories(CodeArtifactResource[DesiredRepository, "Repository | None"]):
    """The resource of codeartifact_repository. Its state is the repository, or None."""

    def read(self, desired: DesiredRepository) -> Repository | None:
        """One call, and one more for tags or for packages.

        :raises NotFound: there is no domain to have it in
        :raises Refused: it would be deleted with packages
        """
        try:
            found = read_repository(self.api, desired.name, with_tags=desired.tags is not None)
            has_packages = found and desired.absent and not desired.force and self.api.has_packages(desired.name)
        except NotFound:
            if desired.absent:
                return None
            raise
        if has_packages:
            raise Refused(
                f"{desired.name} is not deleted because it has packages, and nothing would bring them back. With force it is "
                "deleted, packages and all."
            )
        return found

    def assume(self, desired: DesiredRepository) -> Repository | None:
        return None

    def wanted(self, current: Repository | None, desired: DesiredRepository) -> Repository | None:
        if desired.absent:
            return None
        if current is None:
            name = desired.name
            current = Repository(
                name.repository, name.domain.domain, name.domain.owner, tags={} if desired.tags else None
            )
        given: dict[str, t.Any] = {}
        if desired.description is not None:
            given["description"] = desired.description or None
        if desired.upstreams is not None:
            given["upstreams"] = desired.upstreams
        if desired.external_connection is not None:
            given["external_connection"] = desired.external_connection or None
        if desired.tags is not None:
            given["tags"] = desired.tags.merged(current.tags or {})
        return replace(current, **given)

    def doubts(self, change: Change[Repository | None], desired: DesiredRepository) -> t.Iterator[str]:
        """What AWS's documents do not agree on. A repository that has both shows what CodeArtifact does, and needs no warning."""
        if _has_both(change.after) and not _has_both(change.before):
            yield (
                f"{desired.name} gets both upstreams and an external connection. CodeArtifact's API reference says that a repository can "
                "have the one or the other, so CodeArtifact may refuse this."
            )

    def apply(self, change: Change[Repository | None], desired: DesiredRepository) -> Repository | None:
        name, before, after = desired.name, change.before, change.after
        if after is None:
            # Somebody else may be faster, and it is gone all the same.
            with suppress(NotFound):
                self.api.delete_repository(name)
            return None
        steps = self._creation(name, after) if before is None else self._update(name, before, after)
        # Tags are in none of the answers.
        return replace(in_turn(steps, after), tags=after.tags)

    def _creation(self, name: RepositoryName, after: Repository) -> t.Iterator[Step[Repository]]:
        @_naming_upstreams(name, after.upstreams, self.api.region)
        def create() -> Repository:
            created = self.api.create_repository(name, after.description, after.upstreams, after.tags or {})
            asked = {"name": name.repository, "description": after.description, "upstreams": after.upstreams}
            confirm(name, asked, created)
            return created

        yield create
        yield from self._connecting(name, after)

    def _update(self, name: RepositoryName, before: Repository, after: Repository) -> t.Iterator[Step[Repository]]:
        """A connection goes before upstreams come, and comes after they are gone: both at once may not be allowed."""
        reconnects = before.external_connection != after.external_connection
        old = before.external_connection
        if reconnects and old:
            yield lambda: self._disconnected(name, old)
        differs: dict[str, t.Any] = {}
        if before.description != after.description:
            differs["description"] = after.description or ""
        if before.upstreams != after.upstreams:
            differs["upstreams"] = after.upstreams
        if differs:

            @_naming_upstreams(name, after.upstreams, self.api.region)
            def update() -> Repository:
                updated = self.api.update_repository(name, **differs)
                confirm(name, {field: getattr(after, field) for field in differs}, updated)
                return updated

            yield update
        if reconnects:
            yield from self._connecting(name, after)
        yield from tagging_and_look(self.api, name, str(after.arn), before.tags, after.tags)

    def _disconnected(self, name: RepositoryName, connection: str) -> Repository:
        left = self.api.disconnect(name, connection)
        confirm(name, {"external_connection": None}, left)
        return left

    def _connecting(self, name: RepositoryName, after: Repository) -> t.Iterator[Step[Repository]]:
        connection = after.external_connection
        if not connection:
            return

        def connect_it() -> Repository:
            try:
                connected = self.api.connect(name, connection)
            except NotFound:
                raise NotFound(
                    f"{name} cannot have the external connection {connection}: there is none of that name."
                ) from None
            confirm(name, {"external_connection": connection}, connected)
            return connected

        yield connect_it

    def result(self, state: Repository | None, desired: DesiredRepository) -> dict[str, t.Any]:
        return {"repository": None if state is None else shown(state)}

    def diff(self, state: Repository | None, desired: DesiredRepository) -> dict[str, t.Any]:
        if state is None:
            return {}
        names = ["description", "upstreams", "external_connection"]
        if state.tags is not None:
            names.append("tags")
        values = shown(state)
        return {"state": "present", **{name: values[name] for name in names}}


def _has_both(repository: Repository | None) -> bool:
    return repository is not None and bool(repository.upstreams and repository.external_connection)


@contextmanager
def _naming_upstreams(name: RepositoryName, upstreams: t.Sequence[str], region: str) -> t.Iterator[None]:
    """Have a call say what is missing, which CodeArtifact need not tell."""
    try:
        yield
    except ResourceMissing as missing:
        named, is_domain = missing.resource_name, missing.resource_type == "domain"
        if not is_domain and named == name.repository:
            raise no_such(name, region) from None
        if is_domain or not upstreams:
            raise no_such(name.domain, region) from None
        which = named if named in upstreams else "at least one of them"
        raise no_upstream(name, upstreams, which) from None


def no_upstream(name: RepositoryName, upstreams: t.Sequence[str], which: str) -> NotFound:
    """The error for an upstream that is not there. C(which): its name, or words for one that is not known."""
    return NotFound(f"{name} cannot have the upstreams {', '.join(upstreams)}: {which} does not exist in the domain.")


def read_repository(api: CodeArtifact, name: RepositoryName, *, with_tags: bool) -> Repository | None:
    """None when there is no such repository. Raises NotFound when there is no such domain."""
    try:
        found = api.describe_repository(name)
        return replace(found, tags=api.list_tags(name, str(found.arn))) if with_tags else found
    except ResourceMissing as missing:
        if missing.resource_type == "domain":
            raise no_such(name.domain, api.region) from None
        return None


def shown(repository: Repository) -> dict[str, t.Any]:
    """A repository in the shape of results."""
    return {**asdict(repository), "upstreams": list(repository.upstreams)}


@dataclass(frozen=True)
class WantedRepositories(DesiredState):
    """A repository, or all of a domain, that are to be read."""

    domain: DomainName
    repository: RepositoryName | None = None

    @classmethod
    def from_options(cls, options: Options) -> WantedRepositories:
        one = repository_name(options) if options.get("repository") is not None else None
        return cls(domain_name(options), one)

    @property
    def target(self) -> str:
        return str(self.repository or f"all repositories of {self.domain}")


@dataclass(frozen=True)
class RepositoryReadings(CodeArtifactResource[WantedRepositories, tuple[Repository, ...]]):
    """The resource of codeartifact_repository_info."""

    #: Shared by all entries, so that they together read no more at once than the engine would.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=CONCURRENCY))

    def read(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """A list's pages and two calls for each repository, side by side. Raises NotFound when there is no domain."""
        if desired.repository:
            found: t.Iterable[Repository | None] = [self._read(desired.repository)]
        else:
            names = [RepositoryName(desired.domain, name) for name in sorted(listed(self.api, desired.domain))]
            found = self.pool.map(self._read, names)
        return tuple(one for one in found if one)

    def _read(self, name: RepositoryName) -> Repository | None:
        return read_repository(self.api, name, with_tags=True)

    def assume(self, desired: WantedRepositories) -> tuple[Repository, ...]:
        """A new domain has none."""
        return ()

    def result(self, state: tuple[Repository, ...], desired: WantedRepositories) -> dict[str, t.Any]:
        return {"repositories": [shown(one) for one in state]}
