# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixtures that the tests of real clients share."""

from __future__ import annotations

from aws_clients import aws, aws_environment, codeartifact
from cloud_fixtures import cloud, cloud_process, gcloud, gcloud_settings, granted
from google_clients import artifact_registry, resource_manager, secret_manager

__all__ = [
    "artifact_registry",
    "aws",
    "aws_environment",
    "cloud",
    "cloud_process",
    "codeartifact",
    "gcloud",
    "gcloud_settings",
    "granted",
    "resource_manager",
    "secret_manager",
]
