# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loopback server that speaks the wire protocols of Google, AWS, GitHub and a package index, for real clients, unchanged.

Everything is held in memory and served under path prefixes of one port. One module per service holds its methods;
``http_server`` turns requests into calls of them, ``iam`` decides who may, ``dataplane`` serves packages.
"""

from __future__ import annotations

# What the one line on standard output starts with; the URL follows.
READY = "local cloud ready at "
