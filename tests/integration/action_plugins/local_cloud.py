# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asks the local cloud. In Ansible's own process, since ansible.builtin.uri would take a second for each of many requests."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The options are C(url), C(method), which is POST if it is not given, C(body) and C(headers); the answer is C(json)."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        given = self._task.args
        body = json.dumps(given["body"]).encode() if "body" in given else None
        headers = {"Content-Type": "application/json", **given.get("headers", {})}
        request = Request(given["url"], body, headers, method=given.get("method", "POST"))
        with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            said = answer.read()
        return {**result, "json": json.loads(said) if said else None}
