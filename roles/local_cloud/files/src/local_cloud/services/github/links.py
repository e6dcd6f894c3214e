# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of what GitHub has, as its answers name them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import quote


def node_id(kind: str, number: int) -> str:
    """The identifier that GitHub's other API has for the same thing."""
    return base64.b64encode(f"{len(kind):03}:{kind}{number}".encode()).decode()


@dataclass(frozen=True)
class Links:
    """``api`` is the root that the caller used, ``site`` that of the pages for people; neither ends with a slash."""

    api: str
    site: str

    def user(self, login: str) -> str:
        return f"{self.api}/users/{login}"

    def organization(self, login: str) -> str:
        return f"{self.api}/orgs/{login}"

    def app(self, slug: str) -> str:
        return f"{self.api}/apps/{slug}"

    def repository(self, full_name: str) -> str:
        return f"{self.api}/repos/{full_name}"

    def page(self, full_name: str, *parts: str) -> str:
        return "/".join([self.site, full_name, *map(quote, parts)])
