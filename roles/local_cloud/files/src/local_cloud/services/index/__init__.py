# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A package index that can be published to with upload tokens, and whose tokens trusted publishers get for ID tokens.

``/index/`` stands for the index's own origin; only the endpoints below ``/_/oidc/`` are at the root of the port, too, since
clients look for them at the root of the host that they upload to.
"""
