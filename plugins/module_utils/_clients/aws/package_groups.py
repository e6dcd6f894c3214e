# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact's package groups and packages: one method per call, plain values out."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._base.values import format_time
from ..._domain.codeartifact.names import DomainName, RepositoryName
from ..._domain.codeartifact.package_groups import MODES, SETTINGS, GroupName, PackageGroup, Setting
from ..._domain.codeartifact.packages import PackageName
from .codeartifact import Answer, CodeArtifact, Tags, arn_text, deleted, given, pairs, text

#: Repositories that one call may add to the lists of a group and remove from them.
MOST_REPOSITORIES = 100
#: Of a version that can be installed.
_READABLE = ("Published", "Unlisted")


@dataclass(frozen=True)
class PackageIn:
    """A package of a repository."""

    repository: RepositoryName
    package: PackageName

    @property
    def arguments(self) -> dict[str, str]:
        """The parameters by which the API's methods name it."""
        return {**self.repository.arguments, **self.package.arguments}

    def __str__(self) -> str:
        return f"{self.package} in {self.repository}"


@dataclass(frozen=True)
class PackageOrigin:
    """From where new versions of a package may come to its repository, ALLOW or BLOCK; None for what the API does not tell."""

    publish: str | None = None
    upstream: str | None = None


class PackageGroups(CodeArtifact):
    """The calls, with those of domains and repositories. All raise our errors."""

    def describe_group(self, name: GroupName) -> PackageGroup:
        """Raises NotFound, for a missing domain as for a missing group."""
        return self._call("DescribePackageGroup", name, _group)

    def list_groups(self, domain: DomainName) -> list[PackageGroup]:
        """All groups of a domain. Raises NotFound."""
        return self._pages("ListPackageGroups", domain, "packageGroups", _read_group)

    def list_sub_groups(self, name: GroupName) -> list[PackageGroup]:
        """The groups whose parent it is. Raises NotFound."""
        return self._pages("ListSubPackageGroups", name, "packageGroups", _read_group)

    def create_group(self, name: GroupName, description: str | None, contact: str | None, tags: Tags) -> PackageGroup:
        """A group that inherits all settings. Raises LostRace when there is one, and NotFound when the domain does not exist."""
        more = given(description=description, contactInfo=contact, tags=pairs(tags))
        return self._call("CreatePackageGroup", name, _group, **more)

    def update_group(
        self, name: GroupName, *, description: str | None = None, contact: str | None = None
    ) -> PackageGroup:
        """None leaves as it is, and what is empty removes."""
        both = {"description": description, "contactInfo": contact}
        more = {key: value for key, value in both.items() if value is not None}
        return self._call("UpdatePackageGroup", name, _group, **more)

    def delete_group(self, name: GroupName) -> None:
        """Its packages and groups go to its parent. Raises NotFound."""
        self._call("DeletePackageGroup", name, lambda answer: deleted(answer["packageGroup"]["pattern"], name.pattern))

    def update_origin(
        self,
        name: GroupName,
        modes: t.Mapping[str, str],
        added: t.Iterable[tuple[str, str]] = (),
        removed: t.Iterable[tuple[str, str]] = (),
    ) -> PackageGroup:
        """Change settings, and which repositories they list.

        :param modes: by the names of SETTINGS; others stay
        :param added: settings with names of repositories, together with C(removed) no more than MOST_REPOSITORIES
        :raises NotFound: one of the repositories does not exist
        """
        more = given(
            restrictions={SETTINGS[setting]: mode for setting, mode in modes.items()},
            addAllowedRepositories=_allowed(added),
            removeAllowedRepositories=_allowed(removed),
        )
        return self._call("UpdatePackageGroupOriginConfiguration", name, _group, **more)

    def allowed_repositories(self, name: GroupName, setting: str) -> tuple[str, ...]:
        """The names that a group lists for one of SETTINGS, in order."""
        found = self._pages(
            "ListAllowedRepositoriesForGroup",
            name,
            "allowedRepositories",
            text,
            originRestrictionType=SETTINGS[setting],
        )
        return tuple(sorted(found))

    def associated_packages(self, name: GroupName, *, preview: bool) -> dict[PackageName, str]:
        """The packages of the domain that belong to a group and how; C(preview): that would belong to one of this pattern."""

        def read(one: Answer) -> tuple[PackageName, str]:
            return _package(one), text(one["associationType"])

        more = {"preview": True} if preview else {}
        return dict(self._pages("ListAssociatedPackages", name, "packages", read, **more))

    def list_packages(self, repository: RepositoryName, format: str) -> dict[PackageName, PackageOrigin]:
        """The packages of a format that are in a repository itself, with their settings. Raises NotFound."""

        def read(one: Answer) -> tuple[PackageName, PackageOrigin]:
            return _package(one), _origin(one)

        return dict(self._pages("ListPackages", repository, "packages", read, format=format))

    def versions(self, name: PackageIn) -> tuple[tuple[str, bool], ...]:
        """The versions in a repository that can be installed, and whether each came from outside. Raises NotFound."""

        def read(one: Answer) -> tuple[str, bool] | None:
            if one["status"] not in _READABLE:
                return None
            return text(one["version"]), (one.get("origin") or {}).get("originType") == "EXTERNAL"

        found = self._pages("ListPackageVersions", name, "versions", read, sortBy="PUBLISHED_TIME")
        return tuple(version for version in found if version is not None)

    def describe_package(self, name: PackageIn) -> PackageOrigin:
        """Raises NotFound, whose type tells whether it is the domain, the repository or the package that is missing."""
        return self._call("DescribePackage", name, lambda answer: _origin(answer["package"]))

    def put_origin(self, name: PackageIn, origin: PackageOrigin) -> PackageOrigin:
        """Set both, for a package that need not be there. Raises NotFound when there is no such repository."""
        restrictions = {"publish": origin.publish, "upstream": origin.upstream}
        return self._call("PutPackageOriginConfiguration", name, _origin, restrictions=restrictions)


def _allowed(wanted: t.Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"repositoryName": name, "originRestrictionType": SETTINGS[setting]} for setting, name in wanted]


def _package(one: Answer) -> PackageName:
    return PackageName(text(one["format"]), str(one.get("namespace") or ""), text(one["package"]))


def _origin(said: Answer) -> PackageOrigin:
    """Packages that are older than these settings may be told without them."""
    restrictions = (said.get("originConfiguration") or {}).get("restrictions") or {}
    return PackageOrigin(restrictions.get("publish"), restrictions.get("upstream"))


def _group(answer: Answer) -> PackageGroup:
    return _read_group(answer["packageGroup"])


def _read_group(found: Answer) -> PackageGroup:
    restrictions = found["originConfiguration"]["restrictions"]
    created = found.get("createdTime")
    return PackageGroup(
        pattern=text(found["pattern"]),
        domain=text(found["domainName"]),
        domain_owner=text(found["domainOwner"]),
        arn=arn_text(found["arn"]),
        description=found.get("description") or None,
        contact=found.get("contactInfo") or None,
        created_time=format_time(created) if created else None,
        parent=(found.get("parent") or {}).get("pattern"),
        settings={setting: _setting(restrictions[name]) for setting, name in SETTINGS.items()},
    )


def _setting(said: Answer) -> Setting:
    mode, effective = said["mode"], said.get("effectiveMode")
    if mode not in MODES or effective not in (*MODES, None):
        raise ValueError("Not a mode.")
    above = (said.get("inheritedFrom") or {}).get("pattern")
    return Setting(mode, effective, above, count=said.get("repositoriesCount"))
