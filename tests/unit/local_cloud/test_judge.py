# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local cloud's judge against an independent simulator, and against what AWS's guides say.

data/iam_decisions.json holds the decisions of @cloud-copilot/iam-simulate 0.1.173, which knows IAM and not CodeArtifact: the
policies that count for the action were joined into one. A row's doubt (C(depends_accepted)) is none here: the judge decides.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local_cloud.services.codeartifact.conditions import holds, problem
from local_cloud.services.codeartifact.judge import Caller, Policies, Request, refusal

ROWS = json.loads(Path(__file__).parents[1].joinpath("data", "iam_decisions.json").read_text("utf-8"))


class Whole(dict[str, Any]):
    """A context of which everything is known: what is not there, the request does not have."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> None:
        return None


def whole(context: dict[str, Any]) -> Whole:
    return Whole({
        key.lower(): [str(item) for item in (value if isinstance(value, list) else [value])]
        for key, value in context.items()
    })  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["row"]))
def test_decisions_of_an_independent_simulator(row: dict[str, Any]) -> None:
    request = Request(Caller(**row["caller"]), row["action"], row["resource"], whole(row["context"]))
    policies = Policies(
        row["owner"], row["administrator"], row["identity_policies"], row["domain_policy"], row["repository_policy"]
    )
    why = refusal(request, policies)
    assert ("denied" if why else "allowed") == row["decision"], why
    assert why.startswith("with an explicit deny") == row["explicit"]


OWNER, OTHER = "111122223333", "444455556666"
REPOSITORY = f"arn:aws:codeartifact:eu-west-1:{OWNER}:repository/dom/repo"
READ = "codeartifact:ReadFromRepository"
DEV = Caller(f"arn:aws:iam::{OWNER}:user/dev")
SESSION = Caller(f"arn:aws:sts::{OWNER}:assumed-role/dev/s1", f"arn:aws:iam::{OWNER}:role/dev")
ROOT = Caller(f"arn:aws:iam::{OWNER}:root")
STRANGER = Caller(f"arn:aws:iam::{OTHER}:user/dev")
MAY_READ = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": READ, "Resource": "*"}}


def of_resource(principal: Any, effect: str = "Allow", action: str = READ) -> dict[str, Any]:
    named = principal if principal == "*" else {"AWS": principal}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Principal": named, "Action": action, "Resource": "*"}],
    }


def allowed(caller: Caller, action: str = READ, **policies: Any) -> bool:
    return not refusal(Request(caller, action, REPOSITORY, whole({})), Policies(OWNER, **policies))


@pytest.mark.parametrize("account", [OWNER, f"arn:aws:iam::{OWNER}:root"])
def test_an_account_delegates_to_its_identity_policies(account: str) -> None:
    """IAM User Guide, "AWS account principals"."""
    grant, deny = of_resource(account), of_resource(account, "Deny")
    for caller in (DEV, SESSION):
        assert not allowed(caller, repository=grant)
        assert not allowed(caller, domain=grant)
        assert allowed(caller, repository=grant, identity=[MAY_READ])
        assert not allowed(caller, repository=deny, identity=[MAY_READ])
    assert not allowed(ROOT, repository=deny)


@pytest.mark.parametrize(
    ("caller", "name"), [(DEV, DEV.arn), (DEV, "*"), (SESSION, SESSION.role), (SESSION, SESSION.arn)]
)
def test_who_is_named_needs_no_identity_policy_in_the_owners_account(caller: Caller, name: str) -> None:
    assert allowed(caller, repository=of_resource([name]))
    assert allowed(caller, domain=of_resource([OWNER, name]))


def test_the_root_user_of_the_owners_account_may_do_all() -> None:
    assert allowed(ROOT)
    assert allowed(ROOT, "codeartifact:PutDomainPermissionsPolicy")
    assert not allowed(Caller(f"arn:aws:iam::{OTHER}:root"))
    assert allowed(Caller(f"arn:aws:iam::{OTHER}:root"), repository=of_resource(OTHER))


def test_strangers_need_both() -> None:
    assert not allowed(STRANGER, repository=of_resource("*"))
    assert not allowed(STRANGER, identity=[MAY_READ])
    assert allowed(STRANGER, identity=[MAY_READ], domain=of_resource(OTHER))
    assert allowed(STRANGER, identity=[MAY_READ], administrator=OTHER)


def test_which_policies_count() -> None:
    """Document 004: not the repository's for what is asked of the domain, and neither of both for its own policy."""
    for action, domain, repository in (
        ("DescribeDomain", True, False),
        ("CreateRepository", True, False),
        ("PutRepositoryPermissionsPolicy", True, False),
        ("DeleteRepositoryPermissionsPolicy", True, True),
        ("PutDomainPermissionsPolicy", False, False),
        ("ListDomains", False, False),
        ("ReadFromRepository", True, True),
        ("CopyPackageVersions", True, True),
    ):
        given = of_resource(DEV.arn, action="*")
        assert allowed(DEV, f"codeartifact:{action}", domain=given) == domain, action
        assert allowed(DEV, f"codeartifact:{action}", repository=given) == repository, action
    assert not allowed(DEV, "sts:GetServiceBearerToken", domain=of_resource(DEV.arn, action="*"))


#: Operator, the policy's value, the request's, and whether it holds. Source: IAM User Guide, "Condition operators".
TESTS = [
    ("DateLessThan", "2026-07-01T12:00:00Z", "2026-07-01T11:59:59Z", True),
    ("DateGreaterThanEquals", "1782907200", "2026-07-01T12:00:00Z", True),
    ("DateNotEquals", "2026-07-01T14:00:00+02:00", "2026-07-01T12:00:00Z", False),
    ("DateEquals", "2026-07-01", "2026-07-01T00:00:00Z", True),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", True),
    ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", True),
    ("IpAddress", "203.0.113.0/24", "2001:db8::1", False),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", True),
    ("StringLike", "a*c?e", "abbcde", True),
    ("StringLike", "a[bc]", "ab", False),
    ("StringEquals", "${x:y}", "v", True),
    ("StringEquals", "${*}", "*", True),
    ("StringLike", "${*}", "anything", False),
    ("StringEquals", "${x:none, 'v'}", "v", True),
    ("StringEquals", "${x:none}", "v", False),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
    ("ForAllValues:StringEquals", ["a"], ["a", "b"], False),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
]


@pytest.mark.parametrize(("operator", "wanted", "given", "expected"), TESTS)
def test_conditions(operator: str, wanted: Any, given: Any, expected: bool) -> None:
    assert holds({operator: {"x:Key": wanted}}, whole({"x:key": given, "x:y": "v"}), variables=True) == expected
    assert problem({operator: {"x:Key": wanted}}) == ""
