# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.codeartifact.conditions import holds
from local_cloud.codeartifact.patterns import matches, matches_arn, overlap

ROLE = "arn:aws:iam::333333333333:role/ci"
CONTEXT = {
    "aws:currenttime": "2026-07-01T12:00:00+00:00",
    "aws:principalaccount": "333333333333",
    "aws:principalarn": ROLE,
    "aws:securetransport": "true",
    "aws:sourceip": "127.0.0.1",
}


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "aws:PrincipalAccount", ["1", "333333333333"], True),
        ("StringEquals", "AWS:PRINCIPALACCOUNT", "333333333333", True),
        ("StringEquals", "aws:PrincipalArn", ROLE.upper(), False),
        ("StringEqualsIgnoreCase", "aws:PrincipalArn", ROLE.upper(), True),
        ("StringNotEquals", "aws:PrincipalAccount", ["1", "333333333333"], False),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/c?", True),
        ("StringNotLike", "aws:PrincipalArn", "*role*", False),
        ("ArnEquals", "aws:PrincipalArn", ROLE, True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:*role/ci", False),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*", True),
        ("Bool", "aws:SecureTransport", True, True),
        ("Bool", "aws:SecureTransport", "FALSE", False),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "127.0.0.0/8"], True),
        ("IpAddress", "aws:SourceIp", "127.0.0.1", True),
        ("NotIpAddress", "aws:SourceIp", "127.0.0.0/8", False),
        ("DateLessThan", "aws:CurrentTime", "2026-07-01T12:00:01Z", True),
        ("DateGreaterThan", "aws:CurrentTime", "2026-07-01T12:00:00Z", False),
        ("DateGreaterThanEquals", "aws:CurrentTime", "2026-07-01T12:00:00Z", True),
        ("DateLessThanEquals", "aws:CurrentTime", "2026-06-30", False),
        ("DateGreaterThan", "aws:CurrentTime", 1700000000, True),
        # A key that the request does not have.
        ("StringEquals", "aws:PrincipalOrgID", "o-1", False),
        ("StringNotEquals", "aws:PrincipalOrgID", "o-1", True),
        ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1", True),
        ("StringEqualsIfExists", "aws:PrincipalAccount", "1", False),
        ("Null", "aws:PrincipalOrgID", "true", True),
        ("Null", "aws:PrincipalOrgID", False, False),
        ("Null", "aws:PrincipalArn", "false", True),
        # What cannot be told.
        ("StringEquals", "aws:SourceVpc", "vpc-1", None),
        ("StringEqualsIfExists", "aws:SourceVpc", "vpc-1", None),
        ("NumericEquals", "aws:PrincipalAccount", "333333333333", None),
        ("ForAnyValue:StringEquals", "aws:PrincipalAccount", "333333333333", None),
        ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}", None),
        ("IpAddress", "aws:SourceIp", "somewhere", None),
        ("DateLessThan", "aws:CurrentTime", "soon", None),
    ],
)
def test_tests(operator: str, key: str, values: Any, expected: bool | None) -> None:
    assert holds({operator: {key: values}}, CONTEXT) is expected


def test_all_tests_must_hold() -> None:
    yes, no = {"aws:PrincipalAccount": "333333333333"}, {"aws:PrincipalAccount": "1"}
    unknown = {"aws:SourceVpc": "vpc-1"}
    assert holds({}, CONTEXT) is True
    assert holds({"StringEquals": yes, "StringNotEquals": no}, CONTEXT) is True
    assert holds({"StringEquals": yes, "StringLike": no}, CONTEXT) is False
    assert holds({"StringEquals": yes | unknown}, CONTEXT) is None
    # What is false stays so, whatever else is unknown.
    assert holds({"StringEquals": no | unknown}, CONTEXT) is False


def test_patterns() -> None:
    assert matches("a*c?", "abbcd")
    assert matches("a.c", "a.c")
    assert not matches("a.c", "abc")
    assert matches_arn("arn:aws:*:*:*:x/*", "arn:aws:s3:r:1:x/y:z")
    assert not matches_arn("arn:*", "arn:aws:s3:r:1:x")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("abc", "abc", True),
        ("abc", "abd", False),
        ("a*", "abc", True),
        ("*c", "a*", True),
        ("a?c", "a*c", True),
        ("a*b", "c*b", False),
        ("", "*", True),
        ("a", "", False),
        ("*" * 3000 + "a", "*b", False),
    ],
)
def test_overlaps(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is expected
