# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grants, which say who may do what, and the statements of a policy that mean the same. Pure.

Sources: CodeArtifact User Guide, "Repository policies", "Domain policies", and "Packages overview" on what publishing takes.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput
from ..iam.documents import RawStatement
from ..iam.principals import ANYBODY, check_principal
from .access import CREATE_REPOSITORIES, LOGIN, PUBLISH, READ
from .actions import PREFIX
from .packages import PackagePattern

Options = t.Mapping[str, t.Any]

# Besides kinds of access of which can be asked, those that are only granted.
DOWNLOAD, CONTRIBUTE = "download", "contribute"

#: What each access but C(publish) allows on the resource as a whole.
ALLOWED_BY: dict[str, tuple[str, ...]] = {
    DOWNLOAD: ("ReadFromRepository",),
    READ: (
        "DescribePackageVersion",
        "DescribeRepository",
        "GetPackageVersionReadme",
        "GetRepositoryEndpoint",
        "ListPackages",
        "ListPackageVersions",
        "ListPackageVersionAssets",
        "ListPackageVersionDependencies",
        "ReadFromRepository",
    ),
    LOGIN: ("GetAuthorizationToken",),
    CREATE_REPOSITORIES: ("CreateRepository",),
    CONTRIBUTE: (
        "CreateRepository",
        "DescribeDomain",
        "GetAuthorizationToken",
        "GetDomainPermissionsPolicy",
        "ListRepositoriesInDomain",
    ),
}
#: By kind of resource.
ACCESS = {"repository": (DOWNLOAD, READ, PUBLISH), "domain": (LOGIN, CREATE_REPOSITORIES, CONTRIBUTE)}

# How the Sids of a grant's statements end. None is the end of another, so a Sid says whose it is: with "Publish" and "MavenPublish", one
# of the grant "TeamMaven" could be taken for one of "Team".
_PUBLISH, _PUBLISH_MAVEN = "Publish", "PublishMaven"
_ENDS = {
    DOWNLOAD: "Download",
    READ: "Read",
    LOGIN: "Login",
    CREATE_REPOSITORIES: "CreateRepositories",
    CONTRIBUTE: "Contribute",
}
ENDS = (*_ENDS.values(), _PUBLISH, _PUBLISH_MAVEN)

_NAME = re.compile(r"[A-Za-z0-9]+(?:[ ._-]+[A-Za-z0-9]+)*")
_WORD = re.compile(r"[A-Za-z0-9]+")
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")


@dataclass(frozen=True)
class Grant:
    """Who may do what. Without C(present) it is to be taken back, whatever it allowed."""

    name: str
    present: bool = True
    principals: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    #: What may be published; nothing stands for all.
    packages: tuple[PackagePattern, ...] = ()
    #: The AWS organization that the principals have to be in.
    organization: str | None = None

    @property
    def label(self) -> str:
        """What the Sids of its statements begin with; a Sid has letters and digits only. Source: IAM User Guide, "Sid"."""
        return "".join(word[0].upper() + word[1:] for word in _WORD.findall(self.name))

    @property
    def sids(self) -> frozenset[str]:
        """The Sids of all statements that it may have."""
        return frozenset(self.label + end for end in ENDS)

    def statements(self, arn: str) -> list[RawStatement]:
        """The statements that mean the same, in the policy of the repository or domain of that ARN."""
        return list(_statements(self, arn)) if self.present else []


def parse_grants(given: t.Iterable[Options], kind: str) -> tuple[Grant, ...]:
    """The grants of a module's option.

    :param kind: C(repository) or C(domain), which says what access there is
    :raises InvalidInput: names the grant that is wrong
    """
    found: dict[str, Grant] = {}
    for index, options in enumerate(given):
        grant = _grant(options, kind, f"grants[{index}]")
        if grant.label in found:
            raise InvalidInput(
                f"grants has {found[grant.label].name!r} and {grant.name!r}, whose statements would both be called {grant.label}...: "
                "give each grant a name of its own."
            )
        found[grant.label] = grant
    return tuple(found.values())


def _grant(options: Options, kind: str, where: str) -> Grant:
    name = options.get("name") or ""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{where}.name is {name!r}: letters and digits are accepted, and between them hyphens, underscores, dots and spaces."
        )
    if options.get("state") == "absent":
        return Grant(name, present=False)
    where = f"{where} ({name})"
    access: tuple[str, ...] = tuple(dict.fromkeys(options.get("access") or ()))
    accepted = ", ".join(ACCESS[kind])
    if not access:
        raise InvalidInput(f"{where}.access is missing: of {accepted}, say what is granted.")
    for one in access:
        if one not in ACCESS[kind]:
            raise InvalidInput(f"{where}.access has {one!r}: {accepted} are accepted for a {kind}.")
    packages = options.get("packages")
    if packages is not None and PUBLISH not in access:
        raise InvalidInput(
            f"{where}.packages bounds what may be published, and access has no {PUBLISH}: all can be read or none."
        )
    if packages == []:
        raise InvalidInput(f"{where}.packages is empty: name packages, or leave it out to let all be published.")
    return Grant(
        name,
        principals=_principals(options, where),
        access=access,
        packages=tuple(
            PackagePattern.of(package, f"{where}.packages[{number}]") for number, package in enumerate(packages or ())
        ),
        organization=_organization(options, where),
    )


def _principals(options: Options, where: str) -> tuple[str, ...]:
    principals: tuple[str, ...] = tuple(dict.fromkeys(options.get("principals") or ()))
    everyone = bool(options.get("everyone"))
    if not principals:
        raise InvalidInput(f"{where}.principals is missing: name accounts by their ids, users and roles by their ARNs.")
    for principal in principals:
        check_principal(principal, f"{where}.principals")
    if everyone and ANYBODY not in principals:
        raise InvalidInput(
            f"{where}.everyone is set, and principals names somebody: give '*' there, or leave everyone out."
        )
    if ANYBODY in principals and not everyone and not options.get("organization"):
        raise InvalidInput(
            f"{where}.principals has '*', which is everybody in every AWS account: if that is meant, add everyone: true; for "
            "everybody in an organization add organization."
        )
    return (ANYBODY,) if ANYBODY in principals else principals


def _organization(options: Options, where: str) -> str | None:
    organization = options.get("organization")
    if organization and not _ORGANIZATION.fullmatch(organization):
        raise InvalidInput(
            f"{where}.organization is {organization!r}, which is not the id of one, such as o-a1b2c3d4e5."
        )
    return organization or None


def _statements(grant: Grant, arn: str) -> t.Iterator[RawStatement]:
    wide = [access for access in grant.access if access in ALLOWED_BY]
    for access in wide:
        if not any(set(ALLOWED_BY[access]) < set(ALLOWED_BY[other]) for other in wide):
            yield _statement(grant, _ENDS[access], ALLOWED_BY[access], ["*"])
    if PUBLISH in grant.access:
        yield from _publishing(grant, arn, reads=bool(wide))


def _publishing(grant: Grant, arn: str, *, reads: bool) -> t.Iterator[RawStatement]:
    """Maven also sets metadata of packages. NuGet also reads, which is asked of the repository, where all can be read or none."""
    packages = arn.replace(":repository/", ":package/", 1)
    plain = [package.path for package in grant.packages if package.format != "maven"]
    maven = [package.path for package in grant.packages if package.format == "maven"]
    if plain or not maven:
        paths = plain or ["*"]
        yield _statement(grant, _PUBLISH, ["PublishPackageVersion"], [f"{packages}/{path}" for path in paths])
    if maven:
        actions = ["PublishPackageVersion", "PutPackageMetadata"]
        yield _statement(grant, _PUBLISH_MAVEN, actions, [f"{packages}/{path}" for path in maven])
    if not reads and any(package.format == "nuget" for package in grant.packages):
        yield _statement(grant, _ENDS[DOWNLOAD], ALLOWED_BY[DOWNLOAD], [arn])


def _statement(grant: Grant, end: str, actions: t.Iterable[str], resources: t.Iterable[str]) -> RawStatement:
    statement: RawStatement = {
        "Sid": grant.label + end,
        "Effect": "Allow",
        "Principal": ANYBODY if grant.principals == (ANYBODY,) else {"AWS": _one_or_all(grant.principals)},
        "Action": _one_or_all(f"{PREFIX}{action}" for action in actions),
        "Resource": _one_or_all(resources),
    }
    if grant.organization:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": grant.organization}}
    return statement


def _one_or_all(values: t.Iterable[str]) -> str | list[str]:
    """A list of one is its element, and shorter."""
    found = list(dict.fromkeys(values))
    return found[0] if len(found) == 1 else found
