# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In check mode, what lists things finds none in a place that an earlier task would have made."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import NotFound
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources import (
    codeartifact_package_group,
    codeartifact_repository,
    gcp_remote_repository,
    gcp_repository,
    gcp_secret,
)


def missing(*_names):
    raise NotFound("There is no such place.")


#: Each by the name of its result, which may have a word before it.
READERS = {
    "secrets": (
        gcp_secret.SecretReadings(SimpleNamespace(list_secrets=missing)),
        gcp_secret.WantedSecrets.from_options({"project": "new-project"}),
    ),
    "repositories": (
        codeartifact_repository.RepositoryReadings(SimpleNamespace(list_repositories=missing, region="eu-west-1")),
        codeartifact_repository.WantedRepositories.from_options({"domain": "new-domain"}),
    ),
    "google repositories": (
        gcp_repository.Readings(SimpleNamespace(list_locations=missing, list_repositories=missing)),
        gcp_repository.WantedRepositories.from_options({"project": "new-project"}),
    ),
    "package_groups": (
        codeartifact_package_group.PackageGroupReadings(SimpleNamespace(list_groups=missing, region="eu-west-1")),
        codeartifact_package_group.WantedGroups.from_options({"domain": "new-domain"}),
    ),
    "remote_repositories": (
        gcp_remote_repository.RemoteRepositoryReadings(
            SimpleNamespace(list_locations=missing, list_repositories=missing)
        ),
        gcp_remote_repository.WantedRepositories.from_options({"project": "new-project"}),
    ),
}


@pytest.mark.parametrize("name", READERS)
def test_there_are_none_yet(name):
    resource, wanted = READERS[name]
    (outcome,) = reconcile(lambda: resource, [wanted], check_mode=True)
    assert outcome.error is None
    assert outcome.result == {name.split()[-1]: []}
    assert len(outcome.warnings) == 1


@pytest.mark.parametrize("name", READERS)
def test_a_real_run_says_what_is_missing(name):
    resource, wanted = READERS[name]
    (outcome,) = reconcile(lambda: resource, [replace(wanted)], check_mode=False)
    assert outcome.error.code == "not_found"
