# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans a fault of the local cloud. In Ansible's own process, since a module would take a second for each of many."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The options are those of the control API's faults, and C(cloud), the local cloud's URL."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        rule = dict(self._task.args)
        request = Request(
            f"{rule.pop('cloud')}/_local/faults",
            data=json.dumps(rule).encode(),
            headers={"Content-Type": "application/json"},
        )
        with build_opener(ProxyHandler({})).open(request, timeout=10):
            return result
