# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation fragment of the quotas that modules on Secret Manager keep within."""

from __future__ import annotations


class ModuleDocFragment:
    """Quotas of Secret Manager."""

    DOCUMENTATION = r"""
options:
  access_quota:
    description:
      - Payloads that the task may read in any 60 seconds from secrets of one project. Further ones wait for their turn.
      - What is set here should be what Google allows the project, less what others use of it at the same time. The default is what
        Google allows when nothing else was agreed.
      - Falls back to the environment variable E(GCP_SECRETMANAGER_ACCESS_QUOTA).
    type: int
    default: 90000
  read_quota:
    description:
      - Other read requests that the task may make in any 60 seconds to one project, as in O(access_quota).
      - Falls back to the environment variable E(GCP_SECRETMANAGER_READ_QUOTA).
    type: int
    default: 600
  write_quota:
    description:
      - Write requests that the task may make in any 60 seconds to one project, as in O(access_quota).
      - Falls back to the environment variable E(GCP_SECRETMANAGER_WRITE_QUOTA).
    type: int
    default: 600
"""
