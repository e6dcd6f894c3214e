# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes text to a file. In Ansible's own process, since ansible.builtin.copy runs two modules, for a second or two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The options are C(content) and C(dest)."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        Path(self._task.args["dest"]).write_text(self._task.args["content"])
        return result
