# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That what is remembered of one repository, party or action is never told of another: over random worlds, with caches and without."""

from __future__ import annotations

from unittest.mock import patch

from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.actions import ACTIONS
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.matrix import Matrix, Party
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.rules import find
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.scope import Governed, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.statement_view import (
    StatementView,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.statements import (
    IDENTITY,
    read_statements,
)
from hypothesis import given, settings
from hypothesis import strategies as st

OWNER, ADMINISTRATOR, OTHER = "111111111111", "222222222222", "333333333333"
ARN = f"arn:aws:codeartifact:eu-west-1:{OWNER}"
NAMES = ("one", "two", "three")
ROLES = [f"arn:aws:iam::{account}:role/dev" for account in (OWNER, ADMINISTRATOR, OTHER)]

_principals = st.sampled_from(
    [OWNER, f"arn:aws:iam::{OWNER}:root", ADMINISTRATOR, OTHER, "*", "AIDAEXAMPLE0123456789", *ROLES]
)
_actions = st.sampled_from(
    [
        f"codeartifact:{name}"
        for name in ("ReadFromRepository", "Publish*", "*", "Delete*", "GetAuthorizationToken", "Put*Policy")
    ]
    + ["*"]
)
_resources = st.sampled_from(
    [
        "*",
        f"{ARN}:domain/dom",
        f"{ARN}:repository/dom/*",
        f"{ARN}:package/dom/*/npm/acme/*",
        f"{ARN}:package/dom/${{aws:username}}/*",
    ]
    + [
        f"{ARN}:{kind}/dom/{name}{rest}"
        for name in NAMES
        for kind, rest in (("repository", ""), ("package", "/*"), ("package", "/pypi//x"))
    ]
)
_conditions = st.sampled_from(
    [
        None,
        None,
        {"StringEquals": {"aws:PrincipalAccount": OTHER}},
        {"StringNotEquals": {"aws:PrincipalAccount": OWNER}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/dev"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    ]
)  # fmt: skip


def _one_or_more(values):
    return st.lists(values, min_size=1, max_size=2)


@st.composite
def _statements(draw, *, identity=False):
    found = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action"] * 4 + ["NotAction"])): draw(_one_or_more(_actions)),
        draw(st.sampled_from(["Resource"] * 4 + ["NotResource"])): draw(_one_or_more(_resources)),
    }
    if not identity:
        found[draw(st.sampled_from(["Principal"] * 6 + ["NotPrincipal"]))] = {"AWS": draw(_one_or_more(_principals))}
    condition = draw(_conditions)
    return found | ({"Condition": condition} if condition else {})


def _policies(**options):
    return st.one_of(
        st.none(),
        st.lists(_statements(**options), min_size=1, max_size=3).map(
            lambda statements: {"Version": "2012-10-17", "Statement": statements}
        ),
    )


@st.composite
def _repositories(draw):
    """Repositories whose policies differ in one element, if at all: what has one shape is remembered."""
    base = draw(st.lists(_statements(), min_size=1, max_size=2))
    found = []
    for name in NAMES:
        kinds, changed = ("Principal", "Action", "Resource", "Condition"), draw(_statements())
        kind = draw(st.sampled_from([None, *kinds]))
        first = {key: value for key, value in base[0].items() if kind is None or not key.endswith(kind)}
        first |= {key: value for key, value in changed.items() if kind is not None and key.endswith(kind)}
        administrator = draw(st.sampled_from([OWNER, OWNER, ADMINISTRATOR]))
        policy = {"Version": "2012-10-17", "Statement": [first, *base[1:]]}
        found.append(Governed("dom", name, administrator, draw(st.sampled_from([policy, policy, policy, None]))))
    return tuple(found)


_scopes = st.builds(
    lambda policy, repositories: Scope(OWNER, "eu-west-1", Governed("dom", policy=policy), repositories),
    _policies(),
    _repositories(),
)
_callers = st.lists(
    st.builds(
        lambda arn, policy: Party(arn, Caller.of(arn), None if policy is None else read_statements(IDENTITY, policy)),
        st.sampled_from([*ROLES, f"arn:aws:iam::{OWNER}:root", f"arn:aws:iam::{OTHER}:root", OTHER]),
        _policies(identity=True),
    ),
    max_size=2,
    unique_by=lambda party: party.name,
)


class Forgetful(dict):
    """Has nothing that was put into it before, only what was put last."""

    def __contains__(self, key):
        return False

    def setdefault(self, key, default=None):
        return default


def told(matrix):
    """What each row tells."""
    places = [(None, matrix.domain), *((one.repository, matrix.repository(one)) for one in matrix.scope.repositories)]
    return {(place, row.party.name): row.verdicts.content for place, rows in places for row in rows}


@settings(max_examples=80)
@given(_scopes, _callers)
def test_cached_answers_equal_uncached_ones(scope, callers):
    cached = told(Matrix(scope, tuple(callers), details=True))
    forgetful = Matrix(
        scope,
        tuple(callers),
        details=True,
        _answers=Forgetful(),
        _distinct=Forgetful(),
        _known=Forgetful(),
    )
    assert cached == told(forgetful)


@settings(max_examples=80)
@given(_scopes)
def test_findings_by_a_shortcut_equal_those_by_the_evaluator(scope):
    found = find(Matrix(scope))
    with patch.object(StatementView, "_deniable", frozenset(ACTIONS)):
        assert find(Matrix(scope)) == found
