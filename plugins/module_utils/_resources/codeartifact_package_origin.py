# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""From where new versions of single packages may come to their CodeArtifact repositories."""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass

from .._base.errors import InvalidInput, LostRace, NotFound, Refused
from .._clients.aws.calls import ResourceMissing
from .._clients.aws.package_groups import PackageGroups, PackageIn, PackageOrigin
from .._domain.codeartifact.names import no_such, repository_name
from .._domain.codeartifact.package_groups import ALLOW, BLOCK
from .._domain.codeartifact.packages import PackageName
from .._engine.resource import Change, NamedState, Options, Resource
from .parts.codeartifact import connect_to, unconfirmed
from .parts.steps import Step, in_turn


@dataclass(frozen=True)
class DesiredOrigin(NamedState[PackageIn]):
    """What new versions may come from. None is: leave it as it is."""

    publish: str | None = None
    upstream: str | None = None

    @classmethod
    def from_options(cls, options: Options) -> DesiredOrigin:
        name = PackageIn(repository_name(options), PackageName.of(options))
        given = {option: options.get(option) for option in ("publish", "upstream")}
        for option, mode in given.items():
            if mode not in (None, ALLOW, BLOCK):
                raise InvalidInput(f"{option} is {mode!r}: {ALLOW} and {BLOCK} are accepted.")
        if not any(given.values()):
            raise InvalidInput("publish and upstream are missing: give at least one of them.")
        return cls(name, **given)


class PackageOrigins(Resource[DesiredOrigin, "PackageOrigin | None"]):
    """The resource of codeartifact_package_origin. Its state is None for a package that is not there."""

    def __init__(self, api: PackageGroups) -> None:
        self.api = api

    @classmethod
    def connect(cls, client: t.Callable[..., t.Any], options: Options) -> PackageOrigins:
        return cls(connect_to(PackageGroups, client, options))

    def read(self, desired: DesiredOrigin) -> PackageOrigin | None:
        """One call. Raises NotFound when there is no such repository."""
        try:
            return self.api.describe_package(desired.name)
        except ResourceMissing as missing:
            repository = desired.name.repository
            if missing.resource_type in (repository.kind, repository.domain.kind):
                raise no_such(
                    repository.domain if missing.resource_type == repository.domain.kind else repository,
                    self.api.region,
                ) from None
            return None

    def assume(self, desired: DesiredOrigin) -> PackageOrigin | None:
        """A new repository has no packages."""
        return None

    def wanted(self, current: PackageOrigin | None, desired: DesiredOrigin) -> PackageOrigin | None:
        """Raises Refused when one of both would have to be written and nobody says as what."""
        known = current or PackageOrigin()
        found = PackageOrigin(desired.publish or known.publish, desired.upstream or known.upstream)
        unknown = [option for option, mode in asdict(found).items() if mode is None]
        if unknown:
            why = "does not tell what it is set to" if current else "does not exist yet"
            raise Refused(
                f"{desired.name} {why}, and CodeArtifact takes publish and upstream together: give {unknown[0]}, too."
            )
        return found

    def apply(self, change: Change[PackageOrigin | None], desired: DesiredOrigin) -> PackageOrigin | None:
        """There is no lock: the package is read at the end, and planned anew where it is not as written. Raises Unconfirmed."""
        return in_turn(self._steps(desired, t.cast("PackageOrigin", change.after)), change.after)

    def _steps(self, desired: DesiredOrigin, wanted: PackageOrigin) -> t.Iterator[Step[PackageOrigin | None]]:
        name = desired.name

        def put() -> PackageOrigin:
            try:
                answer = self.api.put_origin(name, wanted)
            except NotFound:
                raise no_such(name.repository, self.api.region) from None
            if answer != wanted:
                raise unconfirmed(name, "origin configuration")
            return answer

        def read_back() -> PackageOrigin:
            if self.read(desired) != wanted:
                raise LostRace(f"{name} does not keep what is written to it. Another writer may be setting it too.")
            return wanted

        yield put
        yield read_back

    def result(self, state: PackageOrigin | None, desired: DesiredOrigin) -> dict[str, t.Any]:
        package = desired.name.package
        named = {"format": package.format, "namespace": package.namespace or None, "package": package.name}
        repository = desired.name.repository
        return {
            "package_origin": {
                "domain": repository.domain.domain,
                "repository": repository.repository,
                **named,
                **asdict(state or PackageOrigin()),
            }
        }

    def diff(self, state: PackageOrigin | None, desired: DesiredOrigin) -> dict[str, t.Any]:
        return asdict(state) if state else {}

    def notices(self, state: PackageOrigin | None, desired: DesiredOrigin) -> t.Iterable[str]:
        if state != PackageOrigin(ALLOW, ALLOW):
            return ()
        return (
            f"{desired.name}: publish and upstream are both {ALLOW}, so a public version may come in place of a published one wherever "
            "the package's group does not block it.",
        )
