# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ARNs of CodeArtifact's resources: the only place where they are built and taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote
from uuid import NAMESPACE_URL, UUID, uuid5

PARTITION = "aws"
_RESOURCE = re.compile(
    rf"arn:{PARTITION}:codeartifact:([a-z0-9-]+):(\d{{12}}):(domain|repository)/([^/]+)(?:/([^/]+))?"
)
_GROUP = re.compile(rf"arn:{PARTITION}:codeartifact:([a-z0-9-]+):(\d{{12}}):package-group/([^/]+)/(.+)")
_ENCODED = re.compile("%[0-9A-F]{2}")


@dataclass(frozen=True)
class ResourceArn:
    """A domain (``repository`` is "") or a repository."""

    region: str
    owner: str
    domain: str
    repository: str = ""

    @classmethod
    def parse(cls, text: str) -> ResourceArn | None:
        """None when the text names neither a domain nor a repository."""
        found = _RESOURCE.fullmatch(text)
        if found is None or (found[3] == "repository") != (found[5] is not None):
            return None
        return cls(found[1], found[2], found[4], found[5] or "")

    def __str__(self) -> str:
        if self.repository:
            return self._arn(f"repository/{self.domain}/{self.repository}")
        return self._arn(f"domain/{self.domain}")

    def package(self, package_format: str, namespace: str, name: str) -> str:
        """A package of this repository; without a namespace there are two slashes."""
        return self._arn(f"package/{self.domain}/{self.repository}/{package_format}/{namespace}/{name}")

    def package_group(self, pattern: str) -> str:
        """A package group of this domain: of the pattern's characters, slashes and tildes stay as they are."""
        return self._arn(f"package-group/{self.domain}/{_ENCODED.sub(_lower, quote(pattern[1:], safe='/~'))}")

    def inside(self) -> list[str]:
        """How the ARNs of what lies inside the resource, and whose policy this one's is, too, begin."""
        if self.repository:
            return [self._arn(f"package/{self.domain}/{self.repository}/")]
        return [self._arn(f"{kind}/{self.domain}/") for kind in ("repository", "package", "package-group")]

    def _arn(self, resource: str) -> str:
        return f"arn:{PARTITION}:codeartifact:{self.region}:{self.owner}:{resource}"


def parse_package_group(text: str) -> tuple[ResourceArn, str] | None:
    """The domain and the pattern of a package group's ARN; None when the text is none."""
    found = _GROUP.fullmatch(text)
    if found is None:
        return None
    region, owner, domain, encoded = found.groups()
    return ResourceArn(region, owner, domain), f"/{unquote(encoded)}"


def _lower(found: re.Match[str]) -> str:
    return found[0].lower()


def key(given: str | None, region: str, account: str) -> str:
    """The ARN of the key that a name stands for; without one, that of CodeArtifact's own.

    An alias stands for a key of its own: there is no KMS here that would know another.
    """
    if given is None:
        identifier = str(UUID(int=0))
    elif "alias/" in given:
        identifier = str(uuid5(NAMESPACE_URL, given.rpartition(":")[2]))
    elif given.startswith("arn:"):
        return given
    else:
        identifier = given
    return f"arn:{PARTITION}:kms:{region}:{account}:key/{identifier}"


def role(account: str, name: str) -> str:
    return f"arn:{PARTITION}:iam::{account}:role/{name}"
