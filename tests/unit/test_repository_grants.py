# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Words, and the roles that Artifact Registry's documentation names for them ("Configure roles and permissions")."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.pkgops.registry_auth.plugins.filter.repository_grants import repository_bindings

READER, WRITER = "roles/artifactregistry.reader", "roles/artifactregistry.writer"
KEEPER, ADMIN = "roles/artifactregistry.repoAdmin", "roles/artifactregistry.admin"
ADA, OPS = "user:ada@example.com", "group:ops@example.com"
NIGHT = {"title": "night", "expression": "request.time.getHours() < 6"}


def bound(*grants, **repository):
    return repository_bindings([{"repository": "r", "grants": list(grants), **repository}])


def grant(*access, to=(ADA,), **more):
    return {"principals": list(to), "access": list(access), **more}


def entry(role, *members, **more):
    return {"repository": "r", "role": role, "members": list(members), **more}


CASES = {
    "read": ([grant("read")], [entry(READER, ADA)]),
    "publish": ([grant("publish")], [entry(WRITER, ADA)]),
    "maintain": ([grant("maintain")], [entry(KEEPER, ADA)]),
    "administer": ([grant("administer")], [entry(ADMIN, ADA)]),
    "the writer's role reads too": ([grant("read", "publish")], [entry(WRITER, ADA)]),
    "in whatever order": ([grant("maintain", "read")], [entry(KEEPER, ADA)]),
    "grants of one role are one entry": ([grant("read"), grant("read", to=[OPS, ADA])], [entry(READER, ADA, OPS)]),
    "who spells a member otherwise": ([grant("read"), grant("read", to=["user:Ada@Example.com"])], [entry(READER, ADA)]),
    "two roles": ([grant("read", to=[OPS]), grant("publish")], [entry(READER, OPS), entry(WRITER, ADA)]),
    "a condition is another grant": (
        [grant("read"), grant("read", to=[OPS], condition=NIGHT)],
        [entry(READER, ADA), entry(READER, OPS, condition=NIGHT)],
    ),
    "a condition with the end of a line is no other one": (
        [grant("read", condition=NIGHT), grant("read", to=[OPS], condition={**NIGHT, "expression": "request.time.getHours()  < 6\n"})],
        [entry(READER, ADA, OPS, condition=NIGHT)],
    ),
    "public": ([grant("read", to=["allUsers"], everyone=True)], [entry(READER, "allUsers", everyone=True)]),
    "public no more": ([grant("read", to=["allUsers"], state="absent")], [entry(READER, "allUsers", state="absent")]),
    "taken back": ([grant("read", "publish", state="absent")], [entry(READER, ADA, state="absent"), entry(WRITER, ADA, state="absent")]),
    "all taken back": (
        [{"principals": [ADA], "state": "absent"}],
        [entry(role, ADA, state="absent") for role in (READER, WRITER, KEEPER, ADMIN)],
    ),
    "given and taken": ([grant("read"), grant("read", to=[OPS], state="absent")], [entry(READER, ADA), entry(READER, OPS, state="absent")]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_words(name):
    grants, wanted = CASES[name]
    assert bound(*grants) == wanted


def test_replacing_leaves_nobody_else():
    found = bound(grant("read"), grant("publish", to=[OPS], condition=NIGHT), mode="replace")
    assert found == [
        entry(READER, ADA, exclusive=True),
        *(entry(role, exclusive=True) for role in (WRITER, KEEPER, ADMIN)),
        entry(WRITER, OPS, condition=NIGHT),
    ]


def test_names_go_with_each_entry_and_a_repository_without_grants_is_left_alone():
    place = {"location": "us-central1", "project": "demo-project"}
    assert bound(grant("read"), **place) == [entry(READER, ADA, **place)]
    assert bound() == []
    assert repository_bindings([{"repository": "r"}], "replace") == []


WRONG = {
    "grants[0] of repository 0 (r) has no access": {"principals": [ADA]},
    "has 'write': read, publish, maintain, administer are accepted": grant("write"),
    "grants[0] of repository 0 (r) has no principals": {"access": ["read"]},
    "pincipals": {"access": ["read"], "pincipals": [ADA]},
    "not a valid boolean": grant("read", to=["allUsers"], everyone="perhaps"),
    "has allUsers, which is everybody on the internet": grant("read", to=["allUsers"]),
    "everyone is set, and grants[0].principals of repository 0 (r) names somebody": grant("read", everyone=True),
    "needs a title and an expression": grant("read", condition={"title": "x"}),
    "is 'gone': present and absent are accepted": grant("read", state="gone"),
}


@pytest.mark.parametrize("says", WRONG)
def test_wrong_grants(says):
    with pytest.raises(AnsibleFilterError) as refused:
        bound(WRONG[says])
    assert says in str(refused.value)


def test_contradictions_and_empty_replacements():
    with pytest.raises(AnsibleFilterError, match="says the contrary on roles"):
        bound(grant("read"), grant("read", to=["user:ADA@example.com"], state="absent"))
    with pytest.raises(AnsibleFilterError, match="leave nobody who may use it"):
        bound(grant("read", state="absent"), mode="replace")
    with pytest.raises(AnsibleFilterError, match="'merged': merge and replace are accepted"):
        bound(mode="merged")
    for given in "r", ["r"], {"repository": "r"}:
        with pytest.raises(AnsibleFilterError, match="repository_bindings"):
            repository_bindings(given)


def test_values_as_text():
    """As from an inventory in INI format: the public is not let in by a text that says no."""
    assert bound({"principals": f"{ADA},{OPS}", "access": "read"}) == [entry(READER, ADA, OPS)]
    assert bound(grant("read", to=["allUsers"], everyone="true")) == bound(
        grant("read", to=["allUsers"], everyone=True)
    )
    with pytest.raises(AnsibleFilterError, match="add everyone"):
        bound(grant("read", to=["allUsers"], everyone="false"))
