# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: roles, members, policies with their etags and conditions, and the decision itself."""

from __future__ import annotations
