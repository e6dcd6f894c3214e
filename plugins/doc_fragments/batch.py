# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation fragment of what all modules with batch return."""

from __future__ import annotations


class ModuleDocFragment:
    """Notes on batch, failures and secrets that hold for each module on the engine."""

    DOCUMENTATION = r"""
options: {}
notes:
  - With O(batch), all entries are checked before the first call is made, then worked on side by side in one process. An entry
    that fails does not stop the others. The task then fails, and RV(ignore:msg) and RV(ignore:results) say which entries
    failed and why.
  - Writes are locked by the etag or revision that was read, where the service has one. When another writer was faster, the
    module reads and plans again. Answers that the service cannot serve, or that a quota is used up, are waited out for a
    bounded time in the same way.
"""
