# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wheels to publish, where clients look for them."""

from __future__ import annotations

from pathlib import Path

import aws_packages


def build(directory: Path, version: str = "1.0.0", name: str = "our-package") -> Path:
    """A wheel in dist/, with attestations beside it if there are any."""
    (directory / "dist").mkdir(exist_ok=True)
    return aws_packages.build(directory, version, name).rename(
        directory / "dist" / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    )
