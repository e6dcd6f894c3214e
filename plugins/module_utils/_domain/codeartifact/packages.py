# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages as people name them, and the part of an ARN that stands for them. Pure.

Sources: CodeArtifact User Guide, "Packages overview" on namespaces, "Repository policies" on the form of ARNs, and for each format the
page on the normalization of names: "You must use normalized names in ARNs".
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput

#: Formats whose packages have a namespace, and what people call it.
NAMESPACES = {"generic": "namespace", "maven": "groupId", "npm": "scope", "swift": "scope"}
FORMATS = ("cargo", "generic", "maven", "npm", "nuget", "pypi", "ruby", "swift")

_ANY = "*"
# Source: PackageName and PackageNamespace in CodeArtifact's service model. What begins a policy variable is left out.
_NAME = re.compile(r"(?:(?!\$\{)[^#/\s]){1,255}")
_SEPARATORS = re.compile(r"[-_.]+")
_SCOPED = re.compile(r"(@[^/]+)/([^/]+)")

Options = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class PackageName:
    """A package, as CodeArtifact stores its name. C(namespace) is empty where it has none."""

    format: str
    namespace: str
    name: str

    @classmethod
    def of(cls, options: Options, where: str = "") -> PackageName:
        """The package that C(format), C(namespace) and C(package) name.

        :param where: how the names of these options begin in messages
        :raises InvalidInput: they name none
        """
        kind, namespace, name = options.get("format"), options.get("namespace") or None, options.get("package")
        if kind not in FORMATS:
            raise InvalidInput(f"{where}format is {kind!r}: {', '.join(FORMATS)} are accepted.")
        if kind == "npm":
            namespace, name = scope_and_name(namespace, name, where, "package")
        if not name or "*" in f"{namespace}{name}":
            raise InvalidInput(f"{where}package is {name!r}: give the name of one package, without wildcards.")
        _check(kind, namespace, name, where, "package")
        return cls(kind, normalized(kind, namespace or ""), normalized(kind, name))

    @classmethod
    def from_path(cls, path: str) -> PackageName:
        """The package of C(/FORMAT/NAMESPACE/NAME)."""
        _root, *parts = path.split("/")
        return cls(*parts)

    @property
    def path(self) -> str:
        """As the patterns of package groups have it."""
        return f"/{self.format}/{self.namespace}/{self.name}"

    @property
    def arguments(self) -> dict[str, str]:
        """The parameters by which the API's methods name it."""
        return {
            "format": self.format,
            **({"namespace": self.namespace} if self.namespace else {}),
            "package": self.name,
        }

    @property
    def in_words(self) -> str:
        """As its package manager names it: C(acme-tool), C(@acme/ui), C(com.acme:core)."""
        if not self.namespace:
            return self.name
        return f"@{self.namespace}/{self.name}" if self.format == "npm" else f"{self.namespace}:{self.name}"

    def __str__(self) -> str:
        return f"{self.format} package {self.in_words}"


@dataclass(frozen=True)
class PackagePattern:
    """Packages of one format. C(path) ends their ARN: FORMAT/NAMESPACE/NAME, with two slashes where there is no namespace."""

    format: str
    path: str

    @classmethod
    def of(cls, options: Options, where: str) -> PackagePattern:
        """The packages that C(format), C(namespace) and C(name) stand for; each of the latter two may have wildcards.

        What is left out stands for all, except that a name of npm without a scope is one that has none.

        :raises InvalidInput: names C(where)
        """
        kind, namespace, name = options["format"], options.get("namespace"), options.get("name")
        if kind not in FORMATS:
            raise InvalidInput(f"{where}.format is {kind!r}: {', '.join(FORMATS)} are accepted.")
        if kind == "npm":
            namespace, name = scope_and_name(namespace, name, f"{where}.")
        if namespace is None and name is None:
            return cls(kind, f"{kind}/{_ANY}")
        _check(kind, namespace, name, f"{where}.")
        return cls(kind, f"{kind}/{normalized(kind, namespace or '')}/{normalized(kind, name or _ANY)}")


def scope_and_name(
    namespace: str | None, name: str | None, where: str, option: str = "name"
) -> tuple[str | None, str | None]:
    """People write scopes with an @, which is not part of the namespace, and in front of the name. Raises InvalidInput."""
    scoped = _SCOPED.fullmatch(name or "")
    if scoped and namespace is not None:
        raise InvalidInput(
            f"{where}{option} is {name!r}, which has a scope, and there is a namespace: give the scope once."
        )
    if scoped:
        namespace, name = scoped.groups()
    if namespace == "@":
        raise InvalidInput(
            f"{where}namespace is '@', which is not a scope: leave it empty for packages that have none."
        )
    return namespace and namespace.removeprefix("@"), name


def _check(kind: str, namespace: str | None, name: str | None, where: str, option: str = "name") -> None:
    if namespace and kind not in NAMESPACES:
        raise InvalidInput(
            f"{where}namespace is {namespace!r}, but packages of the format {kind} have none: leave it out."
        )
    if not namespace and kind in NAMESPACES and kind != "npm":
        or_any = "" if option == "package" else ", or '*' for any"
        raise InvalidInput(
            f"{where}namespace is missing: each package of the format {kind} has a {NAMESPACES[kind]}; give it{or_any}."
        )
    for given, value in (("namespace", namespace), (option, name)):
        if value is not None and not _NAME.fullmatch(value) and (given, value) != ("namespace", ""):
            raise InvalidInput(
                f"{where}{given} is {value!r}: up to 255 characters are accepted, without '#', '/', '${{' and white space."
            )


def normalized(kind: str, text: str) -> str:
    """A part of a name as CodeArtifact stores it. Wildcards stay as they are."""
    if kind == "pypi":
        return _SEPARATORS.sub("-", text).lower()
    return text.lower() if kind in ("nuget", "swift") else text
