# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows how far a batch of C(codeartifact_repository) is. Ansible looks for it under the module's name."""

from __future__ import annotations

from ..plugin_utils._progress import BatchAction


class ActionModule(BatchAction):
    """Nothing differs from module to module but the name."""
