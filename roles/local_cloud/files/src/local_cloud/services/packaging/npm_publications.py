# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What npm sends to publish a version: the package's document with that version, and its tarball.

Source: npm's documentation of its registry's API.
"""

from __future__ import annotations

import binascii
import io
import json
import re
import tarfile
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

MANIFEST = "package/package.json"
#: A package's name with its scope, and a tarball's path: the scope, the name, the version.
PACKAGE = re.compile(r"(?:@([^/@]+)/)?([^/@]+)")
TARBALL = re.compile(r"((?:@[^/@]+/)?([^/@]+))/-/\2-([^/]+)\.tgz")


class PublicationError(ValueError):
    """What is wrong with a publication, in a sentence that quotes nothing of it."""


@dataclass(frozen=True)
class Publication:
    """One version of a package, with the tags that it gets."""

    version: str
    content: bytes
    tags: tuple[str, ...]

    @classmethod
    def parse(cls, name: str, body: bytes) -> Publication:
        """Read it.

        Raises:
            PublicationError: it is none, or says what is not so.
        """
        try:
            document = json.loads(body)
            (version,) = document["versions"]
            (attachment,) = document["_attachments"].values()
            content = b64decode(attachment["data"], validate=True)
            manifest = manifest_of(content)
            tags = tuple(tag for tag, tagged in document.get("dist-tags", {}).items() if tagged == version)
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, tarfile.TarError):
            raise PublicationError("A package with one version and its tarball is expected.") from None
        if (manifest.get("name"), manifest.get("version")) != (name, version):
            raise PublicationError("The tarball is not of this version of this package.")
        return cls(version, content, tags)


def manifest_of(content: bytes) -> dict[str, Any]:
    """The package's own description of itself. Raises an error of tarfile's, KeyError or ValueError when it has none."""
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        file = archive.extractfile(MANIFEST)
        found = json.loads(file.read()) if file else None
    if not isinstance(found, dict):
        raise ValueError
    return found
