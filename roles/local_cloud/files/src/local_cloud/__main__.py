# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m local_cloud``."""

from __future__ import annotations

import sys

from local_cloud.cli import main

sys.exit(main())
