# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation fragment of what all modules with batch return."""

from __future__ import annotations


class ModuleDocFragment:
    """Notes on batch, failures and secrets that hold for each module on the engine."""

    DOCUMENTATION = r"""
options:
  timeout:
    description:
      - Seconds after which the task starts no more entries. Those not started by then fail with the code V(not_reached) in
        RV(ignore:results[].failure), and running the task again continues from there.
    type: int
    default: 3600
notes:
  - With O(batch), all entries are checked before the first call is made, then processed in parallel in one process. An entry
    that fails does not stop the others. The task then fails, and RV(ignore:msg) and RV(ignore:results) say which entries
    failed and why.
  - An option that takes text refuses booleans and numbers with a fraction, and a secret refuses all numbers, because YAML may have changed
    what was written. C(1.10) is the number 1.1, and C(0123) is 83. Put them in quotes. Whole numbers are accepted as names and versions.
  - A batch that takes more than five seconds shows from time to time how many entries are done, changed, failed and left.
    It can do so only on the controller, that is with connection C(local), without C(become) and C(async).
  - RV(ignore:changed) is true for a failure, too, when something was written before it, or may have been written because an answer was
    lost. RV(ignore:msg) then says so.
  - When the service is unavailable, or a quota is used up, the module waits, then reads and plans again, for a bounded time and not
    beyond O(timeout).
"""

    WRITES = r"""
options: {}
notes:
  - Writes are locked by the etag or revision that was read, where the service has one. When another writer was faster, the
    module reads and plans again.
"""
