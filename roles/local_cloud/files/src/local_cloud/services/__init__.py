# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services, each with a store of its own. A service may import those above it in ``ORDER``, and nothing else of the cloud."""

from __future__ import annotations

#: From the lowest to the highest.
ORDER = (
    "locations",
    "packaging",
    "upstream",
    "iam",
    "resourcemanager",
    "iamcredentials",
    "serviceaccounts",
    "machine",
    "serviceusage",
    "secretmanager",
    "artifactregistry",
    "codeartifact",
    "sts",
    "github",
    "index",
)
