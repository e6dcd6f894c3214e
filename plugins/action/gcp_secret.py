# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs modules for Google Cloud. Ansible looks for it under the module's name: the others are links to this file."""

from __future__ import annotations

import typing as t

from ..plugin_utils._progress import BatchAction


class ActionModule(BatchAction):
    """Nothing differs from module to module but the libraries."""

    libraries: t.ClassVar = {
        "gcp_*": ("google.auth.transport.requests",),
        "gcp_secret*": ("google.cloud.secretmanager_v1",),
        "gcp_remote_repository*": ("google.cloud.artifactregistry_v1",),
    }
