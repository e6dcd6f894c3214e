# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Edits of IAM policies: who asked gets or loses the role, and nobody else notices."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.bindings import (
    Binding,
    Policy,
    check_size,
    members_of,
    with_members,
    with_only_members,
    without_members,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.conditions import (
    Condition,
    projects_named,
    same,
)
from hypothesis import given
from hypothesis import strategies as st

ROLES = st.sampled_from(["roles/a", "roles/b"])
CONDITIONS = st.sampled_from(
    [None, Condition("request.time < t", "soon"), Condition("request.time < t", "soon", "other words")]
)
MEMBERS = st.sampled_from(
    ["user:a@x.org", "user:A@x.org", "user:b@x.org", "deleted:user:b@x.org?uid=1", "group:g@x.org", "allUsers"]
)
WANTED = st.lists(MEMBERS, min_size=1, max_size=4).map(tuple)
POLICIES = st.lists(
    st.builds(Binding, ROLES, st.lists(MEMBERS, min_size=1, max_size=4, unique=True).map(tuple), CONDITIONS), max_size=5
).map(lambda bindings: Policy(tuple(bindings), b"etag"))


def keys(members):
    return {member if member.startswith("deleted:") else member.lower() for member in members}


def others(policy, role, condition):
    return [binding for binding in policy.bindings if not binding.grants(role, condition)]


@given(POLICIES, ROLES, CONDITIONS, WANTED)
def test_adding(policy, role, condition, wanted):
    after = with_members(policy, role, condition, wanted)
    before = members_of(policy, role, condition)
    assert keys(members_of(after, role, condition)) == keys(before) | keys(wanted)
    assert set(before) <= set(members_of(after, role, condition)), "the spelling of who was there stays"
    assert others(after, role, condition) == others(policy, role, condition)
    assert with_members(after, role, condition, wanted) == after
    assert after.etag == policy.etag


@given(POLICIES, ROLES, CONDITIONS, WANTED)
def test_removing(policy, role, condition, unwanted):
    after = without_members(policy, role, condition, unwanted)
    assert keys(members_of(after, role, condition)) == keys(members_of(policy, role, condition)) - keys(unwanted)
    assert others(after, role, condition) == others(policy, role, condition)
    assert all(binding.members for binding in after.bindings)
    assert without_members(after, role, condition, unwanted) == after


@given(POLICIES, ROLES, CONDITIONS, WANTED)
def test_making_exclusive(policy, role, condition, wanted):
    after = with_only_members(policy, role, condition, wanted)
    assert keys(members_of(after, role, condition)) == keys(wanted)
    assert others(after, role, condition) == others(policy, role, condition)
    assert with_only_members(after, role, condition, wanted) == after


@given(POLICIES, ROLES, CONDITIONS, WANTED)
def test_adding_and_removing_what_was_not_there_is_nothing(policy, role, condition, wanted):
    strangers = [member for member in wanted if keys([member]) - keys(members_of(policy, role, condition))]
    if strangers:
        restored = without_members(with_members(policy, role, condition, strangers), role, condition, strangers)
        assert restored == policy


def test_nothing_to_do_gives_the_very_same_policy():
    policy = Policy((Binding("roles/a", ("user:Ada@Example.com",)),), b"e")
    assert with_members(policy, "roles/a", None, ["user:ada@example.com"]) is policy


def test_conditions_are_told_apart_by_all_their_parts():
    condition = Condition("request.time < t", "soon", "why")
    policy = Policy((Binding("roles/a", ("user:a@x.org",), condition),))
    for other in (
        None,
        replace(condition, title="later"),
        replace(condition, description=""),
        Condition("false", "soon"),
    ):
        after = with_members(policy, "roles/a", other, ["user:a@x.org"])
        assert len(after.bindings) == 2


def test_two_policies_with_different_etags_are_equal():
    assert Policy((), b"1") == Policy((), b"2")


def test_principals_of_workload_pools_are_case_sensitive():
    policy = Policy((Binding("roles/a", ("principal://iam/pools/P",)),))
    assert with_members(policy, "roles/a", None, ["principal://iam/pools/p"]) != policy


@pytest.mark.parametrize(
    ("one", "other", "same_meaning"),
    [
        ("a < b", "a < b\n", True),
        ("a < b", "  a\n  <\tb", True),
        ("a < b", "a < b // soon", True),
        ("a == 'x y'", "a  ==  'x y'", True),
        ("a == 'x y'", "a == 'x  y'", False),
        ('a == "//x"', 'a == "//y"', False),
        ("a == r'\\' && b", "a == r'\\' &&  b", True),
        ("ab", "a b", False),
        ('a == """x\n y"""', 'a == """x y"""', False),
    ],
)
def test_white_space_outside_of_literals_is_no_other_condition(one, other, same_meaning):
    """Source: the Common Expression Language's definition, "Syntax"."""
    conditions = Condition(one, "t"), Condition(other, "t\n", "\n")
    assert same(*conditions) is same_meaning
    policy = Policy((Binding("roles/a", ("user:a@x.org",), conditions[0]),))
    after = with_members(policy, "roles/a", conditions[1], ["user:a@x.org"])
    assert (after is policy) is same_meaning


@pytest.mark.parametrize(
    ("expression", "projects"),
    [
        ("resource.name.startsWith('projects/demo-project/secrets/s')", ["demo-project"]),
        ('resource.name == "projects/1/secrets/s" || resource.name.startsWith(r"projects/p")', ["1", "p"]),
        ("resource.name.startsWith('''projects/p/''')", ["p"]),
        ("resource.type == 'projects/p/'", []),
        ("resource.name.endsWith('/projects/p/')", []),
        ("true // resource.name == 'projects/p/'", []),
        ("request.time < timestamp('2030-01-01T00:00:00Z')", []),
    ],
)
def test_projects_of_the_names_that_a_condition_looks_for(expression, projects):
    assert projects_named(expression) == projects


def test_a_policy_that_is_too_large_may_shrink_and_stay():
    large = Policy((Binding("roles/a", tuple(f"group:g{number}@x.org" for number in range(260))),))
    smaller = without_members(large, "roles/a", None, ["group:g0@x.org"])
    check_size(large, large, "s")
    check_size(smaller, large, "s")
    with pytest.raises(InvalidInput, match="would name 260 groups, and now names 259: up to 250"):
        check_size(large, smaller, "s")
