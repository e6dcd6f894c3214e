# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A loopback server that speaks the wire protocols of Google, AWS, GitHub and a package index, for real clients, unchanged.

Everything is held in memory and served under path prefixes of one port. ``platform`` is what all services stand on, ``services``
has a package for each of them, and ``cloud`` puts them together. Nothing of the collection around it is imported: it decides by
rules of its own.
"""

from __future__ import annotations

# What the one line on standard output starts with; the URL follows.
READY = "local cloud ready at "
