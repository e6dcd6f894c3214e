# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a caller certainly may not do in CodeArtifact.

Expected values are from the CodeArtifact User Guide, "Repository policies", on the interaction of repository and domain policies.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.refusals import (
    Known,
    certain_refusal,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller

OWNER, OTHER = "123456789012", "111122223333"
REPOSITORY = f"arn:aws:codeartifact:eu-west-1:{OWNER}:repository/demo/python"
DOMAIN = f"arn:aws:codeartifact:eu-west-1:{OWNER}:domain/demo"
PUT, CREATE = "codeartifact:PutRepositoryPermissionsPolicy", "codeartifact:CreateRepository"
PUT_DOMAIN = "codeartifact:PutDomainPermissionsPolicy"
ADA, STRANGER = f"arn:aws:iam::{OWNER}:user/ada", f"arn:aws:iam::{OTHER}:user/eve"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/release/job"


def document(effect: str, action: str, principal: Any = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


DENY_ALL = document("Deny", "codeartifact:*")
ALLOW_ALL = document("Allow", "codeartifact:*")


@pytest.mark.parametrize(
    ("caller", "action", "resource", "known"),
    [
        # An explicit deny wins, whoever asks.
        (ADA, PUT, REPOSITORY, Known(OWNER, (DENY_ALL,))),
        (
            SESSION,
            PUT,
            REPOSITORY,
            Known(OWNER, (document("Deny", PUT, {"AWS": f"arn:aws:iam::{OWNER}:role/release"}),)),
        ),
        (ADA, "codeartifact:DeleteRepositoryPermissionsPolicy", REPOSITORY, Known(OWNER, (None,), DENY_ALL)),
        (STRANGER, PUT, REPOSITORY, Known(OWNER, (DENY_ALL,))),
        # Another account needs a resource policy that allows it.
        (STRANGER, CREATE, REPOSITORY, Known(OWNER)),
        (STRANGER, CREATE, REPOSITORY, Known(OWNER, (document("Allow", CREATE, {"AWS": OWNER}),))),
        # Nobody can be granted the right to set a domain's policy across accounts.
        (STRANGER, PUT_DOMAIN, DOMAIN, Known(OWNER, (ALLOW_ALL,))),
    ],
)
def test_what_is_certain_is_said(caller: str, action: str, resource: str, known: Known) -> None:
    assert certain_refusal(Caller.of(caller), action, resource, known)


@pytest.mark.parametrize(
    ("caller", "action", "resource", "known"),
    [
        # What the caller's own policies allow is not known.
        (ADA, PUT, REPOSITORY, Known(OWNER)),
        (ADA, PUT, REPOSITORY, Known(OWNER, (ALLOW_ALL,))),
        (STRANGER, CREATE, REPOSITORY, Known(OWNER, (ALLOW_ALL,))),
        # The repository may be one that the other account administers.
        (STRANGER, PUT, REPOSITORY, Known(OWNER)),
        # The domain's policy is not evaluated for setting it, nor the repository's.
        (ADA, PUT_DOMAIN, DOMAIN, Known(OWNER, (DENY_ALL,))),
        (ADA, PUT, REPOSITORY, Known(OWNER, (None,), DENY_ALL)),
        # Whether a condition holds is not known.
        (
            ADA,
            PUT,
            REPOSITORY,
            Known(OWNER, (document("Deny", PUT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),)),
        ),
        # This run sets another policy before.
        (ADA, PUT, REPOSITORY, Known(OWNER, (DENY_ALL, ALLOW_ALL))),
        (ADA, PUT, REPOSITORY, Known(OWNER, (None, DENY_ALL))),
    ],
)
def test_what_is_not_certain_is_not_said(caller: str, action: str, resource: str, known: Known) -> None:
    assert certain_refusal(Caller.of(caller), action, resource, known) is None


def test_a_denial_is_a_reason_to_ask_who_calls() -> None:
    assert Known(OWNER, (None, DENY_ALL)).denies_anything
    assert Known(OWNER, (None,), DENY_ALL).denies_anything
    assert not Known(OWNER, (ALLOW_ALL,), ALLOW_ALL).denies_anything
