# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modules for package indexes. Ansible looks for it under the module's name: the others are links to this file."""

from __future__ import annotations

import typing as t

from ..plugin_utils._progress import BatchAction


class ActionModule(BatchAction):
    """Marks results with an upload token as Ansible marks those of tasks with C(no_log)."""

    libraries: t.ClassVar = {
        "*": ("requests",),
        "package_index_info": ("pypi_simple", "google.auth.transport.requests"),
    }

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task. Raises what the normal action raises, and nothing of its own."""
        result = super().run(tmp, task_vars)
        # Failures hold no token, and stay readable.
        with_token = [shown for shown in (result, *result.get("results", ())) if "upload_token" in shown]
        for shown in (result, *with_token) if with_token else ():
            # Of a batch, Ansible shows the result as a whole or by its items: neither may show a token.
            shown["_ansible_no_log"] = True
        return result
