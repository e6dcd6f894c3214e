# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""What the patterns of policies match, and when the Condition of a statement holds, does not, or cannot be told."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.answers import NO, YES, every, yes_or_no
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.conditions import holds
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.wildcards import (
    matches,
    matches_arn,
    overlap,
)
from hypothesis import given
from hypothesis import strategies as st

ROLE = "arn:aws:iam::333333333333:role/ci"
CONTEXT = {
    "aws:currenttime": "2026-07-01T12:00:00+00:00",
    "aws:principalaccount": "333333333333",
    "aws:principalarn": ROLE,
    "aws:securetransport": "true",
    "aws:sourceip": "127.0.0.1",
    "aws:tokenage": "90",
    # Several values of a key.
    "aws:tagkeys": ("team", "stage"),
    # A key that the request does not have.
    "aws:principalorgid": None,
}
#: What a test says when it cannot tell.
DEPENDS = "depends"

TESTS = [
    ("StringEquals", "aws:PrincipalAccount", ["1", "333333333333"], True),
    ("StringEquals", "AWS:PRINCIPALACCOUNT", "333333333333", True),
    ("StringEquals", "aws:PrincipalAccount", 333333333333, True),
    ("StringEquals", "aws:PrincipalArn", ROLE.upper(), False),
    ("StringEquals", "aws:PrincipalArn", "arn:aws:iam::333333333333:role/*", False),
    ("StringEqualsIgnoreCase", "aws:PrincipalArn", ROLE.upper(), True),
    ("StringNotEquals", "aws:PrincipalAccount", ["1", "333333333333"], False),
    ("StringNotEquals", "aws:PrincipalAccount", ["1", "2"], True),
    ("StringNotEqualsIgnoreCase", "aws:PrincipalArn", ROLE.upper(), False),
    ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/c?", True),
    ("StringLike", "aws:PrincipalArn", "ARN:*", False),
    ("StringNotLike", "aws:PrincipalArn", "*role*", False),
    ("ArnEquals", "aws:PrincipalArn", ROLE, True),
    ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/c?", True),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*", True),
    ("ArnLike", "aws:PrincipalArn", "arn:*:*:*:*:user/*", False),
    ("ArnNotEquals", "aws:PrincipalArn", ROLE, False),
    ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*", True),
    ("Bool", "aws:SecureTransport", True, True),
    ("Bool", "aws:SecureTransport", "FALSE", False),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "127.0.0.0/8"], True),
    ("IpAddress", "aws:SourceIp", "127.0.0.1", True),
    ("IpAddress", "aws:SourceIp", "2001:db8::/32", False),
    ("NotIpAddress", "aws:SourceIp", "127.0.0.0/8", False),
    ("NumericEquals", "aws:TokenAge", "90.0", True),
    ("NumericNotEquals", "aws:TokenAge", 90, False),
    ("NumericLessThan", "aws:TokenAge", 100, True),
    ("NumericLessThanEquals", "aws:TokenAge", "90", True),
    ("NumericGreaterThan", "aws:TokenAge", "9", True),
    ("NumericGreaterThanEquals", "aws:TokenAge", 91, False),
    ("DateEquals", "aws:CurrentTime", "2026-07-01T14:00:00+02:00", True),
    ("DateNotEquals", "aws:CurrentTime", "2026-07-01", True),
    ("DateLessThan", "aws:CurrentTime", "2026-07-01T12:00:01Z", True),
    ("DateGreaterThan", "aws:CurrentTime", "2026-07-01T12:00:00Z", False),
    ("DateGreaterThanEquals", "aws:CurrentTime", "2026-07-01T12:00:00Z", True),
    ("DateLessThanEquals", "aws:CurrentTime", "2026-06-30", False),
    ("DateGreaterThan", "aws:CurrentTime", 1700000000, True),
    # A key that the request does not have matches nothing, so what is negated holds.
    ("StringEquals", "aws:PrincipalOrgID", "o-1", False),
    ("StringLike", "aws:PrincipalOrgID", "*", False),
    ("Bool", "aws:PrincipalOrgID", "false", False),
    ("StringNotEquals", "aws:PrincipalOrgID", "o-1", True),
    ("ArnNotLike", "aws:PrincipalOrgID", "arn:aws:iam::*:user/*", True),
    ("NotIpAddress", "aws:PrincipalOrgID", "10.0.0.0/8", True),
    ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1", True),
    ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-1", True),
    ("StringEqualsIfExists", "aws:PrincipalAccount", "1", False),
    ("Null", "aws:PrincipalOrgID", "true", True),
    ("Null", "aws:PrincipalOrgID", False, False),
    ("Null", "aws:PrincipalArn", "false", True),
    ("Null", "aws:PrincipalArn", ["true", "false"], True),
    # Sets.
    ("ForAnyValue:StringEquals", "aws:TagKeys", ["team", "other"], True),
    ("ForAnyValue:StringEquals", "aws:TagKeys", "other", False),
    ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "stage", "other"], True),
    ("ForAllValues:StringLike", "aws:TagKeys", "t*", False),
    ("ForAnyValue:StringEquals", "aws:PrincipalAccount", "333333333333", True),
    ("ForAllValues:StringEquals", "aws:PrincipalAccount", "1", False),
    ("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1", True),
    ("ForAnyValue:StringEquals", "aws:PrincipalOrgID", "o-1", False),
    ("ForAnyValue:StringEqualsIfExists", "aws:PrincipalOrgID", "o-1", True),
    # What cannot be told: keys of which nothing is known, whatever the operator says of missing ones,
    ("StringEquals", "aws:SourceVpc", "vpc-1", DEPENDS),
    ("StringEqualsIfExists", "aws:SourceVpc", "vpc-1", DEPENDS),
    ("StringNotEquals", "aws:SourceVpc", "vpc-1", DEPENDS),
    ("Null", "aws:SourceVpc", "true", DEPENDS),
    # operators,
    ("BinaryEquals", "aws:PrincipalAccount", "QQ==", DEPENDS),
    ("StringSimilar", "aws:PrincipalAccount", "333333333333", DEPENDS),
    ("DateNotLessThan", "aws:CurrentTime", "2026-06-30", DEPENDS),
    ("stringequals", "aws:PrincipalAccount", "333333333333", DEPENDS),
    ("NullIfExists", "aws:PrincipalAccount", "true", DEPENDS),
    ("ForAnyValue:Null", "aws:TagKeys", "true", DEPENDS),
    ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team", "stage"], DEPENDS),
    ("ForAllValues:StringNotEquals", "aws:PrincipalOrgID", "o-1", DEPENDS),
    ("StringEquals", "aws:TagKeys", "team", DEPENDS),
    # and values.
    ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}", DEPENDS),
    ("Null", "aws:PrincipalAccount", "perhaps", DEPENDS),
    ("IpAddress", "aws:SourceIp", "somewhere", DEPENDS),
    ("NotIpAddress", "aws:SourceIp", ["somewhere", "10.0.0.0/8"], DEPENDS),
    ("IpAddress", "aws:SourceIp", ["somewhere", "127.0.0.1"], True),
    ("NotIpAddress", "aws:SourceIp", ["somewhere", "127.0.0.1"], False),
    ("ArnLike", "aws:PrincipalArn", "*", DEPENDS),
    ("ArnLike", "aws:PrincipalAccount", "arn:aws:iam::*:user/*", DEPENDS),
    ("NumericLessThan", "aws:PrincipalArn", 1, DEPENDS),
    ("NumericLessThan", "aws:TokenAge", "NaN", DEPENDS),
    ("DateLessThan", "aws:CurrentTime", "soon", DEPENDS),
    ("DateLessThan", "aws:CurrentTime", "9" * 30, DEPENDS),
]


@pytest.mark.parametrize(("operator", "key", "values", "expected"), TESTS)
def test_tests(operator, key, values, expected):
    answer = holds({operator: {key: values}}, CONTEXT)

    if expected == DEPENDS:
        assert answer
        assert key in answer[0]
        assert operator in answer[0]
    else:
        assert answer == yes_or_no(expected)


def test_all_tests_must_hold():
    yes, no = {"aws:PrincipalAccount": "333333333333"}, {"aws:PrincipalAccount": "1"}
    unknown, other = {"aws:SourceVpc": "vpc-1"}, {"aws:SourceVpce": "vpce-1"}
    assert holds({}, CONTEXT) == YES
    assert holds({"StringEquals": yes, "StringNotEquals": no}, CONTEXT) == YES
    assert holds({"StringEquals": yes, "StringLike": no}, CONTEXT) == NO
    assert holds({"StringEquals": yes | unknown, "StringLike": other}, CONTEXT) == (
        "the value of aws:SourceVpc (StringEquals)",
        "the value of aws:SourceVpce (StringLike)",
    )
    # What is false stays so, whatever else is unknown.
    assert holds({"StringEquals": no | unknown}, CONTEXT) == NO
    assert holds({"StringEquals": unknown | no}, CONTEXT) == NO


def test_older_documents_have_no_variables():
    condition = {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}
    assert holds(condition, CONTEXT)
    assert holds(condition, CONTEXT, variables=False) == NO
    assert holds(condition, {"aws:principalaccount": "${aws:PrincipalAccount}"}, variables=False) == YES


def test_answers():
    assert every([]) == every([YES, YES]) == YES
    assert every([YES, ("a",), ("b", "c")]) == ("a", "b", "c")
    assert every([("a",), NO, YES]) == NO


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("", "a", False),
        ("a", "a", True),
        ("a", "A", False),
        ("*", "", True),
        ("*", "a\nb", True),
        ("a*c?", "abbcd", True),
        ("*a*b*", "xxaxxbxx", True),
        ("*ab*ab", "ab", False),
        ("a*a", "a", False),
        ("a.c", "a.c", True),
        ("a.c", "abc", False),
        ("[ab]", "a", False),
        ("a\\*", "a\\b", True),
        # Patterns are other people's text: none takes long.
        ("*a" * 3000 + "b", "a" * 7000, False),
        ("*" * 7000 + "b", "a" * 7000, False),
    ],
)
def test_matches(pattern, text, expected):
    assert matches(pattern, text) is expected


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_to_match_a_text_is_to_overlap_with_it(pattern, text):
    assert matches(pattern, text) is overlap(pattern, text)


def test_parts_of_arns_match_by_themselves():
    assert matches_arn("arn:aws:*:*:*:x/*", "arn:aws:s3:r:1:x/y:z")
    assert not matches_arn("arn:aws:s3:*:1:x", "arn:aws:s3:r:2:1:x")
    for pattern, arn in (("arn:*", "arn:aws:s3:r:1:x"), ("arn:*:*:*:*:*", "x"), ("*", "*")):
        with pytest.raises(ValueError, match=r"\*"):
            matches_arn(pattern, arn)
