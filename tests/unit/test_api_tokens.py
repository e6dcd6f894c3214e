# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API tokens that are made here, as indexes make them."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import Any

import pymacaroons
import pypitoken
import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.pkgops.registry_auth.plugins.filter import pypi_tokens as filters
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.api_tokens import (
    check_token,
    read_token,
    restrict_token,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.endpoints import pypi_endpoint
from hypothesis import given
from hypothesis import strategies as st

ENDPOINT = "https://index.example.com/simple/"
NOW = 1_800_000_000
LATER = NOW + 900
KEY = "the-index's-own-key"
UUID = "3f9e5b6a-8f0c-4f1e-9d3b-0123456789ab"


def token(*caveats: Any, domain: str = "index.example.com") -> str:
    macaroon = pymacaroons.Macaroon(location=domain, identifier=UUID, key=KEY, version=pymacaroons.MACAROON_V2)
    for caveat in caveats:
        macaroon.add_first_party_caveat(caveat if isinstance(caveat, str) else json.dumps(caveat))
    return f"pypi-{macaroon.serialize()}"


USER, PROJECT, IDS, MINTED = [3, UUID], [1, ["demo"]], [2, [UUID]], [4, UUID, None]

READ = {
    "a user's": (token(USER), {"scope": "user"}),
    "a project's": (token(PROJECT, IDS), {"scope": "projects", "projects": {"demo"}}),
    "a publisher's": (token(MINTED, IDS, [0, LATER, NOW]), {"scope": "projects", "minted": True, "expires_at": LATER}),
    "one without caveats": (token(), {"scope": "unknown", "expires_at": None}),
    "narrowed twice": (
        token(USER, [1, ["a", "b"]], [0, LATER, NOW - 9], [1, ["b", "c"]], [0, LATER + 9, NOW]),
        {"projects": {"b"}, "expires_at": LATER, "not_before": NOW, "flaw": ""},
    ),
    "narrowed to nothing": (token([1, ["a"]], [1, ["b"]]), {"flaw": "its restrictions leave no project"}),
    "never valid": (token([0, NOW, NOW]), {"flaw": "it expires before it begins"}),
    "another spelling": (
        token([1, ["My_Demo"]]),
        {"flaw": "it is restricted to a project's name that is not normalized, which no project has"},
    ),
    "old: a user's": (token({"version": 1, "permissions": "user"}), {"scope": "user", "flaw": ""}),
    "old: a project's": (token({"version": 1, "permissions": {"projects": ["demo"]}}), {"projects": {"demo"}}),
    "old: with dates": (token({"nbf": NOW, "exp": LATER}), {"not_before": NOW, "expires_at": LATER}),
}
STRANGE = [
    "",
    "sesame",
    "[]",
    "[9]",
    "[0]",
    "[0, null, 1]",
    "[0, true, false]",
    '[1, "demo"]',
    "[1, [1]]",
    '[2, "6f7a1cd0-0e4b-4b39-8a1c-2b9dd4a0c1d2"]',
    "[3, 1]",
    "[4, null, null]",
    "[[0], 1]",
    "[-1, 1]",
    "{}",
    "7",
    "[1, 5]",
    "[1, [1]]",
    "[" * 9000,
]


@pytest.mark.parametrize(("text", "parts"), READ.values(), ids=READ.keys())
def test_what_a_token_says(text: str, parts: dict[str, Any]):
    found = read_token(text)

    assert {name: getattr(found, name) for name in parts} == parts


@pytest.mark.parametrize("caveat", STRANGE, ids=range(len(STRANGE)))
def test_what_an_index_does_not_know_it_refuses(caveat: str):
    assert read_token(token(USER, caveat)).flaw == "it has a restriction that indexes do not know"


NONE = {
    "nothing": ("", "missing or not a text"),
    "a line's end": (token(USER) + "\n", "ends with white space"),
    "a space": (" " + token(USER), "begins with white space"),
    "a space inside": (token(USER).replace("A", " ", 1), "not one of a package index"),
    "quotes": (f'"{token(USER)}"', "not one of a package index"),
    "another kind": ("ghp_0123456789abcdef0123456789abcdef0123", "not one of a package index"),
    "short": (token(USER)[:50], "not one of a package index"),
    "cut off": (token(USER)[:-5], "cannot be read"),
    "cut in the middle": (token(USER)[:120], "cannot be read"),
    "noise": ("pypi-" + "A" * 100, "cannot be read"),
}


@pytest.mark.parametrize(("text", "sentence"), NONE.values(), ids=NONE.keys())
def test_what_is_no_token_is_told_without_it(text: str, sentence: str):
    with pytest.raises(InvalidInput) as error:
        read_token(text)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")
    assert error.value.__cause__ is None
    assert not any(text[start : start + 8] in str(error.value) for start in range(len(text) - 8))


BAD = {
    "TestPyPI's": ((token(USER, domain="test.index.example.com"), "pypi"), "is one of testpypi, and not of pypi"),
    "PyPI's": ((token(USER), "testpypi"), "is one of pypi, and not of testpypi"),
    "another's": ((token(USER, domain="x.example.com"), "pypi"), "is one of another index"),
    "expired": ((token([0, NOW, NOW - 9]), "pypi"), "expired at 2027-01-15T08:00:00Z"),
    "early": ((token([0, LATER, NOW + 1]), "pypi"), "not valid before 2027-01-15T08:00:01Z"),
    "flawed": ((token([1, ["A"]]), "pypi"), "cannot be used: it is restricted"),
}


@pytest.mark.parametrize(("given", "sentence"), BAD.values(), ids=BAD.keys())
def test_what_an_index_would_not_take_is_refused(given: tuple[str, str], sentence: str):
    with pytest.raises(InvalidInput) as error:
        check_token(*given, ENDPOINT, now=NOW)

    assert sentence in str(error.value)


def test_what_an_index_may_take():
    assert check_token(token(USER), "pypi", ENDPOINT, now=NOW)
    assert check_token(token(USER, domain="test.index.example.com"), "testpypi", ENDPOINT, now=NOW)
    assert check_token(token(USER, domain="x.example.com"), "https://x.example.com:8443/root/", ENDPOINT, now=NOW)


def accepts(text: str, project: str, now: int) -> bool:
    """Whether an index takes a token, judged with its own key."""
    try:
        pypitoken.Token.load(text).check(key=KEY, project_name=project, user_id=UUID, now=now)
    except pypitoken.ValidationError:
        return False
    return True


def test_a_restricted_token_is_good_for_less():
    text = token(USER)

    narrow = restrict_token(text, ["My_Demo", "other"], LATER)

    assert accepts(text, "third", LATER)
    assert accepts(narrow, "my-demo", NOW)
    assert not accepts(narrow, "third", NOW)
    assert not accepts(narrow, "my-demo", LATER)
    assert read_token(narrow).projects == {"my-demo", "other"}
    assert read_token(narrow).expires_at == LATER


def test_a_restriction_is_made_once():
    narrow = restrict_token(token(USER), ["b", "a"], LATER)

    assert restrict_token(token(USER), ["a", "b"], LATER) == narrow
    assert restrict_token(narrow, ["A", "b"], LATER) == narrow
    assert restrict_token(narrow, None, LATER + 9) == narrow
    assert read_token(restrict_token(narrow, ["a"], None)).projects == {"a"}
    assert read_token(restrict_token(narrow, None, LATER - 9)).expires_at == LATER - 9


def test_a_token_is_not_restricted_to_nothing():
    with pytest.raises(InvalidInput, match="is not good for other, and no restriction can change that"):
        restrict_token(token(PROJECT), ["demo", "other"], None)


def test_a_minted_token_can_be_restricted():
    assert read_token(restrict_token(token(MINTED, IDS, [0, LATER, NOW]), ["demo"], None)).projects == {"demo"}


@given(st.binary(min_size=70, max_size=200))
def test_any_noise_is_read_or_refused(noise: bytes):
    text = "pypi-" + base64.urlsafe_b64encode(b"\x02" + noise).decode().rstrip("=")
    with suppress(InvalidInput):
        read_token(text)


def real(*caveats: Any, test: bool = False) -> str:
    host = pypi_endpoint().split("/")[2]
    return token(*caveats, domain=f"test.{host}" if test else host)


def test_the_filter_hands_on_good_tokens():
    assert filters.pypi_token(real(USER)) == real(USER)
    assert filters.pypi_token(real(USER, test=True), "testpypi") == real(USER, test=True)


def test_the_filter_describes_tokens():
    assert filters.pypi_token_info(real(PROJECT, IDS, [0, 1_000_000_000, 900_000_000])) == {
        "index": "pypi",
        "domain": pypi_endpoint().split("/")[2],
        "scope": "projects",
        "projects": ["demo"],
        "minted": False,
        "not_before": "1998-07-09T16:00:00Z",
        "expires_at": "2001-09-09T01:46:40Z",
        "expired": True,
        "flaw": "",
    }
    assert filters.pypi_token_info(token(USER))["index"] is None
    assert filters.pypi_token_info(token([0, 10**30, 0]))["expires_at"] == str(10**30)


def test_the_filter_restricts_tokens():
    narrow = filters.pypi_token_restricted(token(USER), ["demo"], "2090-01-31T12:00:00+01:00")

    assert filters.pypi_token_info(narrow)["expires_at"] == "2090-01-31T11:00:00Z"
    assert filters.pypi_token_info(narrow)["projects"] == ["demo"]


WRONG = {
    "another index": (lambda: filters.pypi_token(real(USER), "testpypi"), "not of testpypi"),
    "no index": (lambda: filters.pypi_token(real(USER), "index.example.com"), "neither pypi nor testpypi"),
    "no token": (lambda: filters.pypi_token_info(7), "missing or not a text"),
    "nothing to restrict": (lambda: filters.pypi_token_restricted(real(USER)), "nothing to restrict"),
    "a text": (lambda: filters.pypi_token_restricted(real(USER), "demo"), "must be a list"),
    "no project": (lambda: filters.pypi_token_restricted(real(USER), []), "must be a list"),
    "no time": (lambda: filters.pypi_token_restricted(real(USER), None, "30d"), "not a time"),
    "past": (lambda: filters.pypi_token_restricted(real(USER), None, "2020-01-31T12:00:00Z"), "is past"),
}


@pytest.mark.parametrize(("call", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_the_filters_refuse_in_ansibles_way(call: Any, sentence: str):
    with pytest.raises(AnsibleFilterError, match=sentence):
        call()
