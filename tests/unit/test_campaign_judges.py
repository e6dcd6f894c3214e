# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The judges of the campaign can fail: each finds what is planted, and says nothing of a run that is as it should be."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest

from campaign import invariants
from campaign.invariants import Seen
from campaign.modules import Ran
from campaign.proxy import Met
from campaign.worlds import Entry

pytestmark = pytest.mark.checkout

SECRET = 'canary "q\\ +/é% end'
BEFORE = {
    "secret/token/version/1": ("ENABLED", "old"),
    "secret/token/version/2": ("ENABLED", "newer"),
    "secret/other/version/1": ("ENABLED", "of others"),
}
AFTER = {**BEFORE, "secret/token/version/3": ("ENABLED", SECRET)}
WRITE = Met("POST", "/secretmanager/v1/projects/p/secrets/token:addVersion", None, True)


def ran(**result: Any) -> Ran:
    return Ran(result, json.dumps(result))


WELL = Seen(
    ran(changed=True),
    [Entry("token", lambda snapshot: "secret/token/version/3" in snapshot)],
    BEFORE,
    AFTER,
    [WRITE],
    ours=("secret/token/",),
    secrets=(SECRET,),
    in_use=("secret/token/version/1",),
)


def said(**other: Any) -> str:
    return " | ".join(invariants.broken(replace(WELL, **other)))


def test_a_run_that_is_as_it_should_be_is_not_complained_about():
    assert invariants.broken(WELL) == []


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"ran": Ran(None, "", "it runs for more than 60 seconds")}, "more than 60 seconds"),
        ({"ran": ran(changed=True, exception="Traceback (most recent call last): x")}, "an exception gets out"),
        ({"ran": ran(changed=True, failed=True, msg="The collection did not expect this: x")}, "an exception gets out"),
        ({"ran": ran(changed=True, failed=True, msg="")}, "fails without a sentence"),
        ({"ran": ran(changed=True, failed=True, msg="It is broken for good.")}, "a failure has no code"),
        ({"after": {**AFTER, "secret/other/version/1": ("DISABLED", None)}}, "secret/other/version/1 was changed"),
        ({"after": {**BEFORE, "secret/token/version/4": ("ENABLED", "x")}}, "token is not as asked for"),
        ({"after": {**AFTER, "secret/token/version/4": ("ENABLED", SECRET)}}, "a payload in 2 versions, 0 before"),
        ({"after": {**AFTER, "secret/token/version/1": ("DESTROYED", None)}}, "version 1 of secret/token is in use"),
        ({"after": {**AFTER, "secret/token/version/2": ("DISABLED", None)}}, "version 2 of secret/token is in use"),
        ({"ran": ran(changed=False)}, "changed is false, and this is another"),
        ({"before": AFTER}, "changed is true, and nothing is another"),
        ({"reads_only": True}, "something that only reads says changed"),
        (
            {"batch": True, "ran": ran(changed=True, failed=True, msg="1 of 1 failed: no.", results=[{"failed": True}])},
            "the failure of token says too little",
        ),
        ({"batch": True, "ran": ran(changed=True, failed=True, msg="1 of 2 failed.", results=[])}, "0 results for 1 entries"),
    ],
)  # fmt: skip
def test_what_is_planted_is_found(other: dict[str, Any], sentence: str):
    assert sentence in said(**other)


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        json.dumps(SECRET),
        repr(SECRET),
        quote(SECRET),
        SECRET.encode().hex(),
        b64encode(SECRET.encode()).decode(),
        b64encode(b"a" + SECRET.encode() + b"b").decode(),
    ],
)
def test_a_secret_is_found_in_every_form(form: str):
    assert "a secret is in the output" in said(ran=Ran({"changed": True}, f'{{"msg": "{form}"}}'))


def test_after_a_lie_nothing_is_demanded_of_the_state():
    lied = Met("GET", "/x", "mutated", forwarded=True, lies=True)

    assert "nobody named it" not in said(
        met=[WRITE, lied], after={**AFTER, "secret/other/version/1": ("DISABLED", None)}
    )


def test_a_write_that_met_a_fault_may_have_changed_something():
    assert said(met=[replace(WRITE, fault="reset_after")], before=AFTER) == ""


def test_without_faults_a_run_converges_and_the_next_changes_nothing():
    failed = replace(WELL, ran=ran(changed=True, failed=True, msg="Some reason.", failure={"code": "refused"}))

    assert "without faults it fails" in " ".join(invariants.broken_without_faults(failed, repeated=False))
    assert "changes something" in " ".join(invariants.broken_without_faults(WELL, repeated=True))
    assert invariants.broken_without_faults(WELL, repeated=False) == []
