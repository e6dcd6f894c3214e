# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of which secrets old versions are retired, and of which somebody may still need them."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.retention import retirable_secrets

AGENT = "serviceAccount:service-{}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
PROOF = {"package": "requests"}


@pytest.mark.parametrize(
    ("more", "bindings", "everywhere", "shared", "left"),
    [
        ([], [], [], [], ["token", "other"]),
        # One use that is not proved is enough.
        ([{"secret": "token"}], [], [], [], ["other"]),
        ([], [], [[{"secret": "projects/elsewhere/secrets/token"}, {}]], [], ["other"]),
        ([], [], [[{"secret": "token"}]], [], ["token", "other"]),
        # Scopes that say nothing, and ids of digits, are as good as others.
        ([], [], [None, [], [{"secret": None}]], [], ["token", "other"]),
        ([{"secret": 2024, "proof": PROOF}], [], [[{"secret": 2024}]], [], ["token", "other", "2024"]),
        ([{"secret": 2024, "proof": PROOF}], [], [], [2024], ["token", "other"]),
        ([{"secret": "2024", "proof": PROOF}, {"secret": 2024}], [], [], [], ["token", "other"]),
        ([], [], [], ["other"], ["token"]),
        ([], [], [], ["projects/1/secrets/other"], ["token"]),
        ([{"secret": "projects/elsewhere/secrets/third", "proof": PROOF}], [], [], [], ["token", "other"]),
        ([], [{"secret": "projects/1/secrets/token", "members": [AGENT.format(1)]}], [], [], ["token", "other"]),
        # Somebody else than agents.
        ([], [{"secret": "projects/1/secrets/token", "members": ["user:ada@example.com"]}], [], [], ["token", "other"]),
        (
            [],
            [{"secret": "projects/1/secrets/token", "members": [AGENT.format(1), AGENT.format(2)]}],
            [],
            [],
            ["other"],
        ),
        # One agent by two roles, and everybody.
        (
            [],
            [{"secret": "projects/1/secrets/token", "members": [AGENT.format(1), AGENT.format(1).upper()]}],
            [],
            [],
            ["token", "other"],
        ),
        ([], [{"secret": "projects/1/secrets/token", "members": ["allAuthenticatedUsers"]}], [], [], ["other"]),
        *(
            ([], [{"secret": "projects/1/secrets/token", "members": [member]}], [], [], ["other"])
            for member in (
                "principalSet://cloudresourcemanager.googleapis.com/organizations/1/type/ServiceAgent",
                "principalSet://cloudresourcemanager.googleapis.com/projects/1/type/ServiceAgent",
            )
        ),
    ],
)
def test_secrets_that_somebody_may_still_need_are_not_retired(more, bindings, everywhere, shared, left):
    own = [
        {"secret": "token", "proof": PROOF},
        {"secret": "token", "proof": PROOF},
        {"secret": "other", "proof": PROOF},
    ]

    assert retirable_secrets([*own, *more], bindings, everywhere, shared) == left
