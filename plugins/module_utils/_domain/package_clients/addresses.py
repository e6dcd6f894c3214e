# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where package clients find the repositories of Artifact Registry and CodeArtifact, and by which name they log in there. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput
from ..codeartifact import names as codeartifact_names
from ..gcp import names as gcp_names

#: Formats of packages that clients are set up for.
PYTHON, NPM = "python", "npm"
FORMATS = (PYTHON, NPM)
#: Keyring backends by the vendor whose repositories they know.
GOOGLE, AWS = "google", "aws"

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")


@dataclass(frozen=True)
class Address:
    """A repository as clients see it."""

    #: What pip, uv and poetry install from, or npm's registry.
    url: str
    #: What twine and poetry upload to.
    publish_url: str
    #: What a keyring backend knows the repository by.
    keyring_url: str
    #: User name that goes with any token.
    username: str
    vendor: str


def artifact_registry(options: t.Mapping[str, t.Any], package_format: str) -> Address:
    """A repository by C(project), C(location) and C(repository).

    Source: Artifact Registry's documentation, "Configure authentication to Artifact Registry for Python" and "... for npm".

    :raises InvalidInput: these name none
    """
    name = gcp_names.repository_name(options)
    base = f"https://{name.location}-{package_format}.pkg.dev/{name.project}/{name.repository}/"
    url = gcp_names.python_index(name) if package_format == PYTHON else base
    return Address(url, base, url, "oauth2accesstoken", GOOGLE)


def codeartifact(options: t.Mapping[str, t.Any], package_format: str) -> Address:
    """A repository by C(domain), C(domain_owner), C(region) and C(repository).

    Source: the CodeArtifact User Guide, "Configure and use pip with CodeArtifact" and "Configure and use npm with CodeArtifact".

    :raises InvalidInput: these name none
    """
    name = codeartifact_names.repository_name(options)
    region = str(options.get("region") or "")
    if not name.domain.owner:
        raise InvalidInput("domain_owner is missing: give the id of the account that owns the domain, in quotes.")
    if not _REGION.fullmatch(region):
        raise InvalidInput(f"region {region!r} is not a region: give for example eu-west-1.")
    host = f"https://{name.domain.domain}-{name.domain.owner}.d.codeartifact.{region}.amazonaws.com"
    python = f"{host}/pypi/{name.repository}/"
    # The backend knows addresses of Python repositories only, and a token is for the whole domain.
    keyring = f"{python}simple/"
    if package_format == PYTHON:
        return Address(keyring, python, keyring, "aws", AWS)
    registry = f"{host}/npm/{name.repository}/"
    return Address(registry, registry, keyring, "aws", AWS)
