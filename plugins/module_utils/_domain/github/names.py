# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names on GitHub: of accounts, repositories and teams. Pure."""

from __future__ import annotations

import re
import typing as t
import unicodedata

from ..._base.errors import InvalidInput

# Logins of managed users have the short code of their enterprise behind an underscore.
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_REPOSITORY = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]+")
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9_]+")


def repository_of(options: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """Owner and name of the repository that the options are about. Raises InvalidInput."""
    owner, name = options.get("owner"), options.get("repository")
    if not owner or not name:
        raise InvalidInput(f"{'repository' if owner else 'owner'} is missing: give owner and repository.")
    if not _OWNER.fullmatch(owner):
        raise InvalidInput(f"owner {owner!r} is not the name of a user or organization on GitHub.")
    if not _REPOSITORY.fullmatch(name):
        raise InvalidInput(f"repository {name!r} is not the name of a repository: give it without its owner.")
    return owner, name


def team_slug(name: str) -> str:
    """The slug of a team's name: as GitHub makes it, and of a slug itself."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _NOT_IN_SLUGS.sub("-", plain.lower()).strip("-")
