# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's table of CodeArtifact's actions against AWS's own model."""

from __future__ import annotations

from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.actions import (
    ACCOUNT_LEVEL,
    ACTIONS,
    DOMAIN_LEVEL,
    REPOSITORY_LEVEL,
    level_of,
)
from botocore.session import Session

MODEL = Session().get_service_model("codeartifact")
# Actions that are no operations of the API.
PERMISSIONS_ONLY = {"ReadFromRepository", "AssociateWithDownstreamRepository", "PutPackageMetadata"}


def test_the_levels_of_actions_are_those_of_awss_model() -> None:
    """The model's operations on a repository name one, those on a domain that alone, those on an account neither."""
    for name in MODEL.operation_names:
        members = set(MODEL.operation_model(name).input_shape.members)
        if not members & {"domain", "resourceArn"}:
            expected = ACCOUNT_LEVEL
        elif "domain" in members and not members & {"repository", "sourceRepository"}:
            expected = DOMAIN_LEVEL
        else:
            expected = REPOSITORY_LEVEL
        # It names the repository that is to be, which has no policy yet.
        assert level_of(f"codeartifact:{name}") == (DOMAIN_LEVEL if name == "CreateRepository" else expected)
    assert set(ACTIONS) == set(MODEL.operation_names) | PERMISSIONS_ONLY
    assert {level_of(f"codeartifact:{name}") for name in PERMISSIONS_ONLY} == {REPOSITORY_LEVEL}
