# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact's package groups: what they are for, and from where new versions of their packages may come."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

from .._base.errors import InvalidInput, LostRace, NotFound, PermissionDenied, or_none
from .._clients.aws.calls import ResourceMissing
from .._clients.aws.package_groups import MOST_REPOSITORIES, PackageGroups, PackageIn
from .._domain.codeartifact.names import DomainName, RepositoryName, domain_name, no_such, repository_name
from .._domain.codeartifact.package_groups import (
    ALLOW,
    INHERIT,
    MODES,
    ROOT,
    SETTINGS,
    SPECIFIC,
    GroupName,
    PackageGroup,
    Setting,
    without,
)
from .._domain.codeartifact.packages import PackageName
from .._engine.reconcile import CONCURRENCY
from .._engine.resource import Change, DesiredState, NamedState, Options, Resource
from .parts.codeartifact import DesiredTags, connect_to, listed, read_line, tagging, unconfirmed
from .parts.steps import Step, in_turn


@dataclass(frozen=True)
class DesiredSetting:
    """None is: leave it as it is."""

    mode: str | None = None
    repositories: tuple[str, ...] | None = None

    @classmethod
    def from_options(cls, name: GroupName, options: Options, setting: str) -> DesiredSetting:
        mode, lists = options.get(setting), options.get(f"{setting}_repositories")
        if mode not in (None, *MODES):
            raise InvalidInput(f"{setting} is {mode!r}: {', '.join(MODES)} are accepted.")
        if mode == INHERIT and name.pattern == ROOT:
            raise InvalidInput(f"{setting} is {INHERIT}, but the root group {ROOT} has no group to inherit from.")
        if lists and mode not in (None, SPECIFIC):
            raise InvalidInput(
                f"{setting}_repositories counts with {setting}={SPECIFIC} only, and {setting} is {mode}."
            )
        return cls(mode, None if lists is None else _repositories(name.domain, lists, f"{setting}_repositories"))

    def merged(self, current: Setting) -> Setting:
        """The setting as it is to be. What holds for one that begins to inherit, only CodeArtifact knows."""
        found = current
        if self.mode not in (None, current.mode):
            found = Setting(str(self.mode), None if self.mode == INHERIT else self.mode, None, current.repositories)
        return found if self.repositories is None else replace(found, repositories=self.repositories)

    def differs(self, found: Setting) -> bool:
        """Whether the setting is not what is wanted of it."""
        return self.mode not in (None, found.mode) or self.repositories not in (None, found.repositories)


def _repositories(domain: DomainName, given: t.Iterable[str], where: str) -> tuple[str, ...]:
    try:
        options = {"domain": domain.domain, "domain_owner": domain.owner}
        return tuple(sorted({repository_name({**options, "repository": name}).repository for name in given}))
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from None


@dataclass(frozen=True)
class DesiredGroup(NamedState[GroupName]):
    """A package group as it is to be. None is: leave it as it is; what is empty is to be removed."""

    absent: bool = False
    description: str | None = None
    contact: str | None = None
    settings: t.Mapping[str, DesiredSetting] = field(default_factory=dict)
    tags: DesiredTags | None = None

    @classmethod
    def from_options(cls, options: Options) -> DesiredGroup:
        name = GroupName.of(options)
        if options.get("state") == "absent":
            if name.pattern == ROOT:
                raise InvalidInput(
                    f"pattern is {ROOT}, the root group, which each domain has and CodeArtifact does not delete."
                )
            return cls(name=name, absent=True)
        return cls(
            name,
            description=read_line(options.get("description"), "description"),
            contact=read_line(options.get("contact"), "contact"),
            settings={setting: DesiredSetting.from_options(name, options, setting) for setting in SETTINGS},
            tags=DesiredTags.from_options(options),
        )


@dataclass(frozen=True)
class GroupState:
    """A package group, or None."""

    group: PackageGroup | None = None
    #: What deleting it changes for its packages and for other groups.
    consequences: tuple[str, ...] = ()


@dataclass(frozen=True)
class PackageGroupResources(Resource[DesiredGroup, GroupState]):
    """The resource of codeartifact_package_group."""

    api: PackageGroups

    @classmethod
    def connect(cls, client: t.Callable[..., t.Any], options: Options) -> PackageGroupResources:
        return cls(connect_to(PackageGroups, client, options))

    def read(self, desired: DesiredGroup) -> GroupState:
        """One call, one for tags, and one for each list of repositories. For deletion, those of the groups around it.

        :raises NotFound: there is no domain to have it in
        """
        group = read_group(self.api, desired.name, with_tags=desired.tags is not None)
        if desired.absent:
            return GroupState(group, self._consequences(desired.name, group) if group else ())
        if group is None and not _domain_exists(self.api, desired.name):
            raise no_such(desired.name.domain, self.api.region)
        return GroupState(group)

    def _consequences(self, name: GroupName, group: PackageGroup) -> tuple[str, ...]:
        parent = or_none(self.api.describe_group, replace(name, pattern=group.parent)) if group.parent else None
        return without(group, parent, self.api.list_sub_groups(name)) if parent else ()

    def assume(self, desired: DesiredGroup) -> GroupState:
        """A new domain has its root group, which allows all."""
        name = desired.name
        return GroupState(_new(name, ALLOW, desired) if name.pattern == ROOT else None)

    def wanted(self, current: GroupState, desired: DesiredGroup) -> GroupState:
        if desired.absent:
            return replace(current, group=None)
        group = current.group or _new(desired.name, INHERIT, desired)
        given: dict[str, t.Any] = {
            name: text or None
            for name, text in (("description", desired.description), ("contact", desired.contact))
            if text is not None
        }
        if desired.tags is not None:
            given["tags"] = desired.tags.merged(group.tags or {})
        settings = {name: desired.settings[name].merged(found) for name, found in group.settings.items()}
        return GroupState(replace(group, settings=settings, **given))

    def apply(self, change: Change[GroupState], desired: DesiredGroup) -> GroupState:
        """There is no lock: the group is read at the end, and planned anew where it is not as written. Raises Unconfirmed."""
        name, before, after = desired.name, change.before.group, change.after.group
        if after is None:
            # Somebody else may be faster, and it is gone all the same.
            with suppress(NotFound):
                self.api.delete_group(name)
            return change.after
        return GroupState(in_turn(self._steps(name, before, after, desired), after))

    def _steps(
        self, name: GroupName, before: PackageGroup | None, after: PackageGroup, desired: DesiredGroup
    ) -> t.Iterator[Step[PackageGroup]]:
        if before is None:
            yield lambda: _confirmed(
                name, self.api.create_group(name, after.description, after.contact, after.tags or {}), _texts(after)
            )
        elif _texts(before) != _texts(after):
            differs = {key: value or "" for key, value in _texts(after).items() if _texts(before)[key] != value}
            yield lambda: _confirmed(name, self.api.update_group(name, **differs), differs)
        yield from self._origin(name, before or _new(name, INHERIT, desired), after)
        if before is not None:
            yield from tagging(self.api, name, str(before.arn), before.tags, after.tags)
        yield lambda: self._read_back(name, after, desired)

    def _origin(self, name: GroupName, before: PackageGroup, after: PackageGroup) -> t.Iterator[Step[PackageGroup]]:
        """Modes go with the first repositories, so that a list counts as soon as its mode does."""
        modes = {one: new.mode for one, new in after.settings.items() if new.mode != before.settings[one].mode}
        changes: list[tuple[bool, tuple[str, str]]] = []
        for setting, new in after.settings.items():
            old, wanted = set(before.settings[setting].repositories or ()), set(new.repositories or ())
            changes += [(True, (setting, one)) for one in sorted(wanted - old)]
            changes += [(False, (setting, one)) for one in sorted(old - wanted)]
        while modes or changes:
            now, changes = changes[:MOST_REPOSITORIES], changes[MOST_REPOSITORIES:]
            yield self._update(name, modes, now)
            modes = {}

    def _update(
        self, name: GroupName, modes: t.Mapping[str, str], changes: t.Sequence[tuple[bool, tuple[str, str]]]
    ) -> Step[PackageGroup]:
        added, removed = ([one for is_new, one in changes if is_new == kind] for kind in (True, False))

        def update() -> PackageGroup:
            try:
                answer = self.api.update_origin(name, modes, added, removed)
            except NotFound as missing:
                if not added:
                    raise
                there = sorted({one for _setting, one in added})
                named = missing.resource_name if isinstance(missing, ResourceMissing) else ""
                why = (
                    f"the repository {named} does not exist in the domain"
                    if named in there
                    else "at least one of these repositories does not exist in the domain, or the group is gone"
                )
                raise NotFound(f"{name} cannot allow {', '.join(there)}: {why}.") from None
            return _confirmed(name, answer, modes=modes)

        return update

    def _read_back(self, name: GroupName, after: PackageGroup, desired: DesiredGroup) -> PackageGroup:
        found = read_group(self.api, name, with_tags=after.tags is not None)
        if found is None:
            raise LostRace(
                f"{name} was written and cannot be read: it may take a while to show, or somebody deleted it."
            )
        unlike = [setting for setting, wanted in desired.settings.items() if wanted.differs(found.settings[setting])]
        if after.tags is not None and found.tags != after.tags:
            unlike.append("tags")
        texts = {"description": desired.description, "contact": desired.contact}
        unlike += _unlike(found, {key: value for key, value in texts.items() if value is not None})
        if unlike:
            raise LostRace(
                f"{name} does not keep what is written to it: {', '.join(unlike)}. Another writer may be setting this too."
            )
        return found

    def result(self, state: GroupState, desired: DesiredGroup) -> dict[str, t.Any]:
        return {"package_group": shown(state.group) if state.group else None}

    def diff(self, state: GroupState, desired: DesiredGroup) -> dict[str, t.Any]:
        group = state.group
        if group is None:
            return {}
        values: dict[str, t.Any] = {"state": "present", **_texts(group)}
        for name, setting in group.settings.items():
            values[name] = setting.mode
            values[f"{name}_repositories"] = list(setting.repositories or ())
        return values if group.tags is None else {**values, "tags": dict(group.tags)}

    def notices(self, state: GroupState, desired: DesiredGroup) -> t.Iterable[str]:
        if state.group is None:
            return state.consequences
        return [
            f"{desired.name}: {name}_repositories counts with {name}={SPECIFIC} only, and {name} is {setting.mode}."
            for name, setting in state.group.settings.items()
            if desired.settings[name].repositories and setting.mode != SPECIFIC
        ]


def _new(name: GroupName, mode: str, desired: DesiredGroup) -> PackageGroup:
    """A group as CodeArtifact makes it."""
    setting = Setting(mode, None if mode == INHERIT else mode, None, ())
    return PackageGroup(
        name.pattern,
        name.domain.domain,
        name.domain.owner,
        settings=dict.fromkeys(SETTINGS, setting),
        tags={} if desired.tags else None,
    )


def _texts(group: PackageGroup) -> dict[str, str | None]:
    return {"description": group.description, "contact": group.contact}


def _confirmed(
    name: GroupName,
    answer: PackageGroup,
    texts: t.Mapping[str, str | None] | None = None,
    modes: t.Mapping[str, str] | None = None,
) -> PackageGroup:
    """The answer to a write, if it has what was asked for. Raises Unconfirmed."""
    unlike = _unlike(answer, texts or {})
    unlike += [setting for setting, mode in (modes or {}).items() if answer.settings[setting].mode != mode]
    if unlike:
        raise unconfirmed(name, " and ".join(unlike))
    return answer


def _unlike(found: PackageGroup, texts: t.Mapping[str, str | None]) -> list[str]:
    return [key for key, value in texts.items() if getattr(found, key) != (value or None)]


def read_group(api: PackageGroups, name: GroupName, *, with_tags: bool) -> PackageGroup | None:
    """A group with its lists of repositories; None when there is no such group, or no such domain."""
    try:
        found = api.describe_group(name)
        settings = {
            setting: replace(one, repositories=() if one.count == 0 else api.allowed_repositories(name, setting))
            for setting, one in found.settings.items()
        }
        tags = api.list_tags(name, str(found.arn)) if with_tags else None
    except NotFound:
        return None
    return replace(found, settings=settings, tags=tags)


def _domain_exists(api: PackageGroups, name: GroupName) -> bool:
    """CodeArtifact answers the same for a missing domain and for a missing group, but each domain has its root group."""
    try:
        return name.pattern != ROOT and or_none(api.describe_group, replace(name, pattern=ROOT)) is not None
    except PermissionDenied:
        # Who may not look there is told by the call that creates the group.
        return True


def shown(group: PackageGroup) -> dict[str, t.Any]:
    """A group in the shape of results."""
    values = {key: value for key, value in vars(group).items() if key not in ("settings", "tags")}
    return {
        **values,
        **{setting: _shown_setting(one) for setting, one in group.settings.items()},
        "tags": None if group.tags is None else dict(group.tags),
    }


def _shown_setting(setting: Setting) -> dict[str, t.Any]:
    return {
        "mode": setting.mode,
        "effective_mode": setting.effective_mode,
        "inherited_from": setting.inherited_from,
        "repositories": list(setting.repositories or ()),
    }


@dataclass(frozen=True)
class WantedGroups(DesiredState):
    """A package group, or all of a domain, that are to be read."""

    domain: DomainName
    group: GroupName | None = None
    #: Also which versions of its packages came from outside.
    retained: bool = False

    @classmethod
    def from_options(cls, options: Options) -> WantedGroups:
        retained = bool(options.get("retained"))
        if options.get("pattern") is None:
            if retained:
                raise InvalidInput("retained needs pattern: versions are looked for of one group's packages.")
            return cls(domain_name(options))
        name = GroupName.of(options)
        return cls(name.domain, name, retained)

    @property
    def target(self) -> str:
        return str(self.group or f"all package groups of {self.domain}")


@dataclass(frozen=True)
class Retained:
    """Versions of a package that came from outside to a repository, and stay installable whatever is blocked now."""

    package: PackageIn
    #: How the package belongs to the group.
    association: str
    versions: tuple[str, ...]


@dataclass(frozen=True)
class GroupsRead:
    """What was read of a domain."""

    groups: tuple[PackageGroup, ...] = ()
    #: None when it was not asked for.
    retained: tuple[Retained, ...] | None = None


class PackageGroupReadings(Resource[WantedGroups, GroupsRead]):
    """The resource of codeartifact_package_group_info."""

    def __init__(self, api: PackageGroups) -> None:
        self.api = api
        # Shared by all entries, so that they together read no more at once than the engine would.
        self._pool = ThreadPoolExecutor(max_workers=CONCURRENCY)
        self._lock = threading.Lock()
        self._contents: dict[tuple[DomainName, str], dict[RepositoryName, frozenset[PackageName]]] = {}

    @classmethod
    def connect(cls, client: t.Callable[..., t.Any], options: Options) -> PackageGroupReadings:
        return cls(connect_to(PackageGroups, client, options))

    def read(self, desired: WantedGroups) -> GroupsRead:
        """A list's pages, and for each group its lists and its tags, side by side. Raises NotFound when there is no domain."""
        if desired.group:
            found = self._read(desired.group)
            if found is None and not _domain_exists(self.api, desired.group):
                raise no_such(desired.domain, self.api.region)
            groups = (found,) if found else ()
            return GroupsRead(groups, self._retained(desired.group, exists=bool(found)) if desired.retained else None)
        try:
            patterns = sorted(one.pattern for one in self.api.list_groups(desired.domain))
        except NotFound:
            raise no_such(desired.domain, self.api.region) from None
        read = self._pool.map(self._read, [GroupName(desired.domain, pattern) for pattern in patterns])
        return GroupsRead(tuple(one for one in read if one))

    def _read(self, name: GroupName) -> PackageGroup | None:
        return read_group(self.api, name, with_tags=True)

    def _retained(self, name: GroupName, *, exists: bool) -> tuple[Retained, ...]:
        """For each package of the group, and each repository that has it, one call."""
        packages = self.api.associated_packages(name, preview=not exists)
        found = [
            (PackageIn(repository, package), packages[package])
            for kind in sorted({package.format for package in packages})
            for repository, there in self._packages(name.domain, kind).items()
            for package in sorted(there & packages.keys(), key=lambda one: one.path)
        ]
        read = self._pool.map(lambda one: or_none(self.api.versions, one[0]) or (), found)
        versions = (tuple(version for version, external in one if external) for one in read)
        return tuple(Retained(*one, those) for one, those in zip(found, versions, strict=True) if those)

    def _packages(self, domain: DomainName, kind: str) -> dict[RepositoryName, frozenset[PackageName]]:
        """The packages of a format in each repository of the domain, read once for all entries."""
        with self._lock:
            if (domain, kind) not in self._contents:
                names = [RepositoryName(domain, name) for name in sorted(listed(self.api, domain))]
                there = self._pool.map(lambda name: or_none(self.api.list_packages, name, kind) or {}, names)
                self._contents[domain, kind] = dict(zip(names, map(frozenset, there), strict=True))
            return self._contents[domain, kind]

    def assume(self, desired: WantedGroups) -> GroupsRead:
        """A new domain has nothing to tell."""
        return GroupsRead(retained=() if desired.retained else None)

    def result(self, state: GroupsRead, desired: WantedGroups) -> dict[str, t.Any]:
        groups = {"package_groups": [shown(one) for one in state.groups]}
        if state.retained is None:
            return groups
        return {**groups, "retained": [_shown_retained(one) for one in state.retained]}


def _shown_retained(one: Retained) -> dict[str, t.Any]:
    package = one.package.package
    return {
        "repository": one.package.repository.repository,
        "format": package.format,
        "namespace": package.namespace or None,
        "package": package.name,
        "association": one.association,
        "versions": list(one.versions),
    }
