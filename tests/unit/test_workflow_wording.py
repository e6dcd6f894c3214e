# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the workflow says what it did. The sentences are written here as a person would say them."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow import codeartifact, google
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.wording import did, would

SAID = {
    google.REPOSITORIES: "Created and described repositories",
    google.SECRETS: "Created secrets",
    google.VERSIONS: "Stored tokens",
    google.AGENTS: "Identified the service agent",
    google.GRANTS: "Granted the service agent access to secrets",
    google.LOGINS: "Set upstream logins",
    google.ACCESS: "Set who may use repositories",
    google.PROOFS: "Proved that packages can be fetched",
    google.RETIREMENT: "Retired old versions",
    codeartifact.DOMAINS: "Created the domain",
    codeartifact.REPOSITORIES: "Created and described repositories",
    codeartifact.DOMAIN_POLICIES: "Set the policy of the domain",
    codeartifact.POLICIES: "Set policies of repositories",
}


@pytest.mark.parametrize("step", SAID)
def test_a_step_that_was_done_is_said_in_the_past(step: str) -> None:
    assert did(step) == SAID[step]


def test_check_mode_says_what_would_be_done() -> None:
    assert would(google.VERSIONS) == "Would store tokens"


def test_every_step_that_can_change_something_is_here() -> None:
    steps = {
        value
        for module in (google, codeartifact)
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and " " in value
    }
    assert steps - {google.LOOK} == set(SAID)
