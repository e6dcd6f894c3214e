# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation fragment of the attributes of this collection's modules."""

from __future__ import annotations


class ModuleDocFragment:
    """What check mode, diff mode and idempotence mean here. Each module states its support."""

    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and return what a real run would, without changing anything.
  diff_mode:
    description: Returns the state before and after in the shape of the options, with a mark in place of secrets.
  idempotent:
    description: Run again with the same options and nothing else changed, it changes nothing.
"""
