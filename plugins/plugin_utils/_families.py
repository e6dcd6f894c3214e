# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugins, one for each family of modules. A file below C(action) gives each its modules' names.

Ansible looks for an action plugin under the module's name. To lead it from there to another name would give a module the
C(module_defaults) of that name; and Ansible's documentation takes both a redirect and a link for another name of the module itself.
"""

from __future__ import annotations

import typing as t

from ._progress import BatchAction


class CodeArtifact(BatchAction):
    """Their libraries are imported by the modules themselves."""


class GitHub(BatchAction):
    """Modules for GitHub."""

    libraries: t.ClassVar = {"github_*": ("requests",)}


class Google(BatchAction):
    """Nothing differs from module to module but the libraries."""

    libraries: t.ClassVar = {
        "gcp_*": ("google.auth.transport.requests",),
        "gcp_secret*": ("google.cloud.secretmanager_v1",),
        "gcp_remote_repository*": ("google.cloud.artifactregistry_v1",),
        "gcp_repository*": ("google.cloud.artifactregistry_v1",),
    }


class Index(BatchAction):
    """Marks results with an upload token as Ansible marks those of tasks with C(no_log)."""

    libraries: t.ClassVar = {
        "p*": ("requests",),
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
