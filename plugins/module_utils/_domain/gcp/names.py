# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of Google Cloud resources: read from what users write, written as the APIs want them.

A project's id and its number name the same project; requests take either, answers use the number.
Source of the forms: the resource descriptions of the Secret Manager v1 and Artifact Registry v1 APIs.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput

# An id, an id of a domain-scoped project ("example.com:name"), or a number.
_PROJECT = r"(?:(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{2,28}[a-z0-9]|[0-9]+)"
_LOCATION = r"[a-z][a-z0-9-]*"
_SECRET = r"[A-Za-z0-9_-]{1,255}"
_VERSION = r"(?:[1-9][0-9]*|[A-Za-z][A-Za-z0-9_-]{0,62})"
_REPOSITORY = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"

_SECRET_NAME = (
    rf"projects/(?P<project>{_PROJECT})(?:/locations/(?P<location>{_LOCATION}))?/secrets/(?P<secret>{_SECRET})"
)
_VERSION_NAME = rf"(?P<secret>{_SECRET_NAME.replace('P<secret>', 'P<id>')})/versions/(?P<version>{_VERSION})"
_REPOSITORY_NAME = (
    rf"projects/(?P<project>{_PROJECT})/locations/(?P<location>{_LOCATION})/repositories/(?P<repository>{_REPOSITORY})"
)


@dataclass(frozen=True)
class SecretName:
    """A secret; C(location) only for a regional one."""

    project: str
    secret: str
    location: str | None = None

    def __str__(self) -> str:
        location = f"/locations/{self.location}" if self.location else ""
        return f"projects/{self.project}{location}/secrets/{self.secret}"

    @property
    def parent(self) -> str:
        """The project, with the location of a regional secret."""
        return str(self).rpartition("/secrets/")[0]


@dataclass(frozen=True)
class VersionName:
    """A version of a secret, by number or by alias."""

    secret: SecretName
    version: str

    def __str__(self) -> str:
        return f"{self.secret}/versions/{self.version}"

    @property
    def pinned(self) -> bool:
        """Whether the name is a number and so always means the same bytes."""
        return self.version.isdigit()


@dataclass(frozen=True)
class RepositoryName:
    """An Artifact Registry repository."""

    project: str
    location: str
    repository: str

    def __str__(self) -> str:
        return f"projects/{self.project}/locations/{self.location}/repositories/{self.repository}"

    @property
    def parent(self) -> str:
        """The project and location."""
        return f"projects/{self.project}/locations/{self.location}"


def project_of(options: t.Mapping[str, t.Any]) -> str:
    """The checked O(project). Raises InvalidInput."""
    project = options.get("project")
    if not project:
        raise InvalidInput("project is missing: give the project's id or number, or set GCP_PROJECT.")
    says = f"project {project!r} is not a project: give an id of 4 to 30 lower-case letters, digits and hyphens, or a number."
    return _match(_PROJECT, str(project), says)[0]


def _match(pattern: str, text: str, says: str) -> re.Match[str]:
    """The match of the whole text. Raises InvalidInput."""
    found = re.fullmatch(pattern, text)
    if not found:
        raise InvalidInput(says)
    return found


def secret_name(options: t.Mapping[str, t.Any]) -> SecretName:
    """The secret that O(secret), O(project) and O(location) name. Raises InvalidInput."""
    given = options.get("secret")
    if not given:
        raise InvalidInput("secret is missing: give its id, or its name as projects/PROJECT/secrets/SECRET.")
    if "/" in given:
        name = parse_secret_name(given)
        if options.get("location") and options["location"] != name.location:
            raise InvalidInput(f"secret {given!r} is not in location {options['location']!r}: leave one of them out.")
        return name
    says = f"secret {given!r} is not a secret's id: up to 255 letters, digits, hyphens and underscores are accepted."
    _match(_SECRET, given, says)
    return SecretName(project_of(options), given, optional_location(options))


def parse_secret_name(text: str) -> SecretName:
    """The secret of a full name. Raises InvalidInput."""
    says = (
        f"secret {text!r} is not a secret's name: it must be an id, projects/PROJECT/secrets/SECRET or "
        "projects/PROJECT/locations/LOCATION/secrets/SECRET."
    )
    match = _match(_SECRET_NAME, text, says)
    return SecretName(match["project"], match["secret"], match["location"])


def parse_version_name(text: str, *, option: str = "version") -> VersionName:
    """The secret version of a full name. Raises InvalidInput, naming C(option)."""
    says = f"{option} {text!r} is not a secret version's name: it must be projects/PROJECT/secrets/SECRET/versions/VERSION."
    match = _match(_VERSION_NAME, text, says)
    return VersionName(parse_secret_name(match["secret"]), match["version"])


def repository_name(options: t.Mapping[str, t.Any]) -> RepositoryName:
    """The repository that O(repository), O(project) and O(location) name. Raises InvalidInput."""
    given = options.get("repository")
    if not given:
        raise InvalidInput(
            "repository is missing: give its id, or projects/PROJECT/locations/LOCATION/repositories/ID."
        )
    if "/" in given:
        return parse_repository_name(given)
    says = (
        f"repository {given!r} is not a repository's id: it must start with a lower-case letter, and have up to 63 "
        "lower-case letters, digits and hyphens."
    )
    _match(_REPOSITORY, given, says)
    project, location = project_of(options), optional_location(options)
    if location is None:
        raise InvalidInput(
            "location is missing: give the location of the repository, for example europe-west1, or set CLOUDSDK_ARTIFACTS_LOCATION."
        )
    return RepositoryName(project, location, given)


def parse_repository_name(text: str) -> RepositoryName:
    """The repository of a full name. Raises InvalidInput."""
    says = (
        f"repository {text!r} is not a repository's name: it must be an id or "
        "projects/PROJECT/locations/LOCATION/repositories/ID."
    )
    return RepositoryName(**_match(_REPOSITORY_NAME, text, says).groupdict())


def optional_location(options: t.Mapping[str, t.Any]) -> str | None:
    """The checked O(location), or None. It becomes part of a host's name, so nothing else may pass. Raises InvalidInput."""
    location = options.get("location")
    if not location:
        return None
    return _match(_LOCATION, location, f"location {location!r} is not a location: give for example europe-west1.")[0]


def python_index(name: RepositoryName) -> str:
    """Address of the simple index of a Python repository.

    Source: Artifact Registry's documentation, "Configure authentication to Artifact Registry for Python".
    """
    return f"https://{name.location}-python.pkg.dev/{name.project}/{name.repository}/simple/"
