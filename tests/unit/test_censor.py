# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in results: what Ansible would hide is hidden, and no more."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.parameters import remove_values
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.censor import PART, WHOLE, Censor
from hypothesis import given
from hypothesis import strategies as st

# Few letters, so that secrets are found in texts, in each other, and overlap.
TEXT = st.text("abc*1", max_size=12)
SECRET = st.text("abc1", min_size=1, max_size=4)
# A few, and as many as are looked for all at once.
SECRETS = st.sets(SECRET, max_size=6) | st.sets(SECRET, min_size=12, max_size=20)
VALUES = st.recursive(
    TEXT | st.integers(-20, 20) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def texts(value):
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [str(value)] if not isinstance(value, bool) and value is not None else []


@given(VALUES, SECRETS)
def test_nothing_hidden_is_left(value, secrets):
    assert not any(secret in text for text in texts(Censor(secrets).hide(value)) for secret in secrets)


def overlaps_itself(secret):
    return any(secret.endswith(secret[:length]) for length in range(1, len(secret)))


# Of one that overlaps itself, Ansible may leave an end.
@given(VALUES, st.text("abc1", min_size=1, max_size=4).filter(lambda secret: not overlaps_itself(secret)))
def test_one_secret_is_hidden_as_ansible_does(value, secret):
    assert Censor([secret]).hide(value) == remove_values(value, {secret})


# As many more, all longer than what the texts hold, as make the censor look for all of them at once.
@pytest.mark.parametrize("others", [(), [f"another secret, {number}" for number in range(20)]], ids=["few", "many"])
@pytest.mark.parametrize(
    ("secrets", "text", "shown"),
    [
        (["hush"], "hush", WHOLE),
        (["hush"], "a hush, a hush", f"a {PART}, a {PART}"),
        (["hush", "hushhush"], "x hushhush", f"x {PART}"),
        # Neither end of two that overlap is shown.
        (["ab", "bcde"], "xabcdey", f"x{PART}y"),
        (["cd", "abc"], "abcd.", f"{PART}."),
        (["ab", "bc", "cd"], "abcd, ab.", f"{PART}, {PART}."),
        (["ab", "bc"], "ab, abc.", f"{PART}, {PART}."),
        (["hush"], "in the end hush", f"in the end {PART}"),
        (["hush"], "husk, hus", "husk, hus"),
        (["11"], "111", PART),
        ([], "hush", "hush"),
        ([""], "hush", "hush"),
        (["longer than the text"], "text", "text"),
    ],
)
def test_texts(secrets, text, shown, others):
    assert Censor([*secrets, *others]).hide(text) == shown


def test_names_of_mappings_are_left_and_tuples_become_lists():
    assert Censor(["hush"]).hide({"hush": ("hush", 1, None)}) == {"hush": [WHOLE, 1, None]}


def test_numbers():
    assert Censor(["12"]).hide([12, 3.125, 3, True]) == [WHOLE, WHOLE, 3, True]
