# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every service stands on: the port, faults, quotas, the call log, errors, pages and Google's JSON. It knows no service."""

from __future__ import annotations
