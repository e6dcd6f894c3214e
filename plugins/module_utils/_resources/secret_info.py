# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets and their versions, read only."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.pkgops.registry_auth.plugins.module_utils._errors import NotFound
from ansible_collections.pkgops.registry_auth.plugins.module_utils._gcp.names import (
    optional_location,
    parse_secret_name,
    project_of,
    secret_name,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._gcp.secretmanager import (
    Secret,
    SecretManager,
    Version,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._reconcile import CONCURRENCY
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.secret import shown

Options = t.Mapping[str, t.Any]


def query_secrets(options: Options) -> dict[str, t.Any]:
    """C(secrets): the secret that is named, or all of a project or location, each with its versions.

    One call lists the secrets and one for each secret lists its versions; no payload is read.

    :raises InvalidInput: before any call
    """
    name = secret_name(options) if options.get("secret") else None
    project = name.project if name else project_of(options)
    location = optional_location(options)
    api = SecretManager.from_options(options)
    if name is None:
        secrets = api.list_secrets(project, location).items
    else:
        try:
            secrets = [api.get_secret(name)]
        except NotFound:
            secrets = []
    with ThreadPoolExecutor(max_workers=CONCURRENCY) as pool:
        return {"secrets": list(pool.map(lambda secret: _with_versions(api, secret), secrets))}


def _with_versions(api: SecretManager, secret: Secret) -> dict[str, t.Any]:
    versions = api.list_versions(parse_secret_name(secret.name))
    return {**shown(secret), "versions": [_shown_version(version) for version in versions]}


def _shown_version(version: Version) -> dict[str, t.Any]:
    return {
        "name": version.name,
        "version": version.number,
        "state": version.state,
        "create_time": version.create_time,
        "destroy_time": version.destroy_time,
        "scheduled_destroy_time": version.scheduled_destroy_time,
    }
