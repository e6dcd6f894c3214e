# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters that shape entries, and hand on from one role of the workflow to the next what was found."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.pkgops.registry_auth.plugins.filter.entries import (
    only_keys,
    with_added,
    with_defaults,
    without_keys,
)
from ansible_collections.pkgops.registry_auth.plugins.filter.workflow import (
    package_proofs,
    upstream_logins,
)

AGENT = "serviceAccount:service-{}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
VERSION = "projects/1/secrets/token/versions/7"
PROOF = {"package": "requests"}


@pytest.mark.parametrize(
    "shape", [only_keys, without_keys, with_defaults, lambda given, _keys: with_added(given, "a", [])]
)
def test_what_is_no_list_of_mappings_is_refused_without_its_values(shape):
    for given in ("s3cret", {"a": "s3cret"}, ["s3cret"], 1):
        with pytest.raises(AnsibleFilterError, match="takes a list of mappings") as refused:
            shape(given, {})
        assert "s3cret" not in str(refused.value)


def test_defaults_stand_back():
    given = [{"a": 1}, {"b": 2}, {"b": None}]

    assert with_defaults(given, {"b": 3}) == [{"a": 1, "b": 3}, {"b": 2}, {"b": 3}]
    assert given == [{"a": 1}, {"b": 2}, {"b": None}]


def test_defaults_leave_out_what_is_exempt():
    given = [{"state": "absent"}, {"state": "present"}, {}]

    assert with_defaults(given, {"a": 1}, unless="state") == [*given[:2], {"a": 1}]
    assert with_defaults([{"state": None}], {"a": 1}, unless="state") == [{"state": None, "a": 1}]
    assert with_defaults(given, {"a": 1}, unless="state", equals="absent") == [
        {"state": "absent"},
        {"state": "present", "a": 1},
        {"a": 1},
    ]


def test_items_are_added_once_and_to_lists_only():
    given = [{"members": ["a"]}, {"members": []}, {}, {"members": ["a", "b"]}]

    assert with_added(given, "members", ["b"]) == [{"members": ["a", "b"]}, {"members": ["b"]}, {}, given[3]]
    assert given[0] == {"members": ["a"]}
    assert with_added([{"members": ["a"], "state": "absent"}], "members", ["b"], "state", "absent") == [
        {"members": ["a"], "state": "absent"}
    ]


@pytest.mark.parametrize(
    ("there", "items"),
    [(None, []), ("", [""]), ("a", ["a"]), ("a,b", ["a", "b"]), (5, ["5"])],
)
def test_a_list_may_be_given_as_modules_take_one(there, items):
    assert with_added([{"in_use": there}], "in_use", ["c"]) == [{"in_use": [*items, "c"]}]


def test_what_is_no_list_is_named_without_its_values():
    with pytest.raises(AnsibleFilterError, match="with a list of in_use, not a dict") as refused:
        with_added([{"in_use": {"s3cret": 1}}], "in_use", ["c"])
    assert "s3cret" not in str(refused.value)


def test_only_a_secret_without_a_version_takes_the_known_one():
    given = [
        {"repository": "a", "secret": "token", "proof": PROOF},
        {"repository": "b", "secret": "token", "version": "3", "username": "ann"},
        {"repository": "c", "password_secret_version": VERSION},
        {"repository": "d", "state": "absent"},
        {"repository": "e", "state": "present", "secret": "token"},
        {"repository": "f", "secret": "token", "version": None, "username": None, "proof": None},
        {"repository": "g", "secret": None, "password_secret_version": VERSION},
    ]

    assert upstream_logins(given, {"token": VERSION}, "__token__") == [
        {"repository": "a", "password_secret_version": VERSION, "username": "__token__"},
        given[1],
        {**given[2], "username": "__token__"},
        given[3],
        {"repository": "e", "state": "present", "password_secret_version": VERSION, "username": "__token__"},
        {"repository": "f", "version": None, "password_secret_version": VERSION, "username": "__token__"},
        {**given[6], "username": "__token__"},
    ]


def test_secrets_of_which_no_version_is_known_are_named_once():
    given = [{"secret": "one"}, {"secret": "two"}, {"secret": "one"}, {"secret": "three", "version": "1"}]

    with pytest.raises(AnsibleFilterError, match="No version is known of one, two: store it"):
        upstream_logins(given, {"three": VERSION}, "__token__")


def test_a_proof_reads_the_repository_unless_it_says_another_index():
    repositories = [{"name": f"projects/demo/locations/europe-west1/repositories/{name}"} for name in "abcde"]
    given = [{"proof": PROOF}, {}, {"proof": {**PROOF, "index_url": "https://example.com/simple/"}}]
    # An option that a template leaves without a value.
    given += [{"proof": None}, {"proof": {**PROOF, "index_url": None}}]

    assert package_proofs(given, iter(repositories)) == [
        {"index_url": "https://europe-west1-python.pkg.dev/demo/a/simple/", "package": "requests"},
        {"index_url": "https://example.com/simple/", "package": "requests"},
        {"index_url": "https://europe-west1-python.pkg.dev/demo/e/simple/", "package": "requests"},
    ]


def test_a_proof_of_what_is_not_known_is_an_error():
    with pytest.raises(ValueError, match="shorter"):
        package_proofs(
            [{"proof": PROOF}, {"proof": PROOF}], [{"name": "projects/demo/locations/europe-west1/repositories/a"}]
        )
