# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the upload token that C(pypi_oidc_token) returns out of what Ansible shows. Ansible looks for it under the module's name."""

from __future__ import annotations

import typing as t

from ..plugin_utils._progress import BatchAction


class ActionModule(BatchAction):
    """Runs the module, and marks its result as Ansible marks those of tasks with C(no_log)."""

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task. Raises what the normal action raises, and nothing of its own."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        # Failures hold no token, and stay readable.
        with_token = [one for one in (result, *result.get("results", ())) if "upload_token" in one]
        for one in (result, *with_token) if with_token else ():
            # Of a batch, Ansible shows the result as a whole or by its items: neither may show a token.
            one["_ansible_no_log"] = True
        return result
