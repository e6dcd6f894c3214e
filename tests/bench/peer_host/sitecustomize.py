# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends what google.cloud's modules ask of Secret Manager to the local cloud: their URL is fixed.

Python loads this file at its start when the folder is on PYTHONPATH, which only the benchmark puts there. It costs no import:
requests is changed when, and if, something else imports it.
"""

from __future__ import annotations

import os
import sys

GOOGLE = "https://secretmanager.googleapis.com"
LOCAL = os.environ["BENCH_SECRETMANAGER"]


class Redirect:
    """Finds requests.adapters as everybody else does, and lets it send to LOCAL what is meant for GOOGLE."""

    def find_spec(self, name, path=None, target=None):
        if name != "requests.adapters":
            return None
        sys.meta_path.remove(self)
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in sys.meta_path)))
        load = spec.loader.exec_module

        def load_and_change(module):
            load(module)
            send = module.HTTPAdapter.send

            def send_there(adapter, request, **options):
                request.url = request.url.replace(GOOGLE, LOCAL, 1)
                return send(adapter, request, **options)

            module.HTTPAdapter.send = send_there

        spec.loader.exec_module = load_and_change
        return spec


sys.meta_path.insert(0, Redirect())
