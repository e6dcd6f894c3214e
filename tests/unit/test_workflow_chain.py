# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps over many scopes: who fails stops alone, and what two scopes name is worked on once, or one after the other."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import MissingLibrary, NotFound, Refused
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import Deadline
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.progress import Progress
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import (
    DesiredState,
    Resource,
    change_between,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.chain import Chain, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.task import run_workflow


@dataclass(frozen=True)
class Wish(DesiredState):
    """Wants a text to be on a page."""

    page: str
    text: str

    @property
    def target(self):
        return self.page


@dataclass
class Pages(Resource):
    """Pages that hold a text each."""

    content: dict[str, str | None]
    calls: list[str] = field(default_factory=list)

    def read(self, desired):
        self.calls.append(f"read {desired.page}")
        if desired.page not in self.content:
            raise NotFound(f"{desired.page} does not exist.")
        if self.content[desired.page] is None:
            raise Refused(f"{desired.page} is refused.")
        return self.content[desired.page]

    def plan(self, current, desired):
        return change_between(current, desired.text)

    def apply(self, change, desired):
        self.calls.append(f"write {desired.page} {change.after}")
        self.content[desired.page] = change.after
        return change.after

    def result(self, state, desired):
        return {"text": state}


@pytest.fixture
def chain():
    return Chain(check_mode=False, diff_mode=False, deadline=Deadline(), progress=Progress())


def test_a_scope_that_fails_takes_no_further_step_and_others_do(chain):
    pages = Pages({"a": "old", "b": None, "c": "old"})
    first, second = Scope("first"), Scope("second")
    items = [(first, Wish("a", "new")), (second, Wish("b", "new")), (second, Wish("c", "new"))]
    chain.step("write", lambda: pages, items)
    assert (first.alive, second.alive) == (True, False)
    assert second.failures == [("write", "b", "b is refused.", "refused")]
    # What was begun with it is told, too.
    assert [(step, one.target, one.changed) for step, one in second.done] == [
        ("write", "b", False),
        ("write", "c", True),
    ]


def test_what_two_scopes_want_alike_is_worked_on_once(chain):
    pages = Pages({"a": "old"})
    scopes = Scope("first"), Scope("second")
    outcomes = chain.step("write", lambda: pages, [(scope, Wish("a", "new")) for scope in scopes])
    assert pages.calls == ["read a", "write a new"]
    assert [outcome.changed for outcome in outcomes] == [True, False]
    assert [outcome.result for outcome in outcomes] == [{"text": "new"}] * 2


def test_what_two_scopes_want_differently_is_worked_on_in_turn(chain):
    """As if it were two tasks: the second sees what the first has made of it, also where it was known before."""
    pages = Pages({"a": "old"})
    items = [(Scope("first"), Wish("a", "new")), (Scope("second"), Wish("a", "newer"))]
    chain.step("write", lambda: pages, items, fresh={"a": "old"})
    assert pages.calls == ["write a new", "read a", "write a newer"]


def test_two_scopes_fail_by_what_both_name(chain):
    scopes = Scope("first"), Scope("second")
    chain.step("write", lambda: Pages({"a": None}), [(scope, Wish("a", "new")) for scope in scopes])
    assert [scope.alive for scope in scopes] == [False, False]


def test_a_look_changes_nothing_and_says_what_is_missing(chain):
    pages = Pages({"a": "old", "b": None})
    good, bad, missing = Scope("good"), Scope("bad"), Scope("missing")
    items = [(good, Wish("a", "new")), (bad, Wish("b", "new")), (missing, Wish("c", "new"))]
    assert chain.look("look", lambda: pages, items) == {"a": "old", "c": None}
    assert pages.content["a"] == "old"
    assert (good.alive, bad.alive, missing.alive) == (True, False, True)


def test_without_a_client_every_scope_fails_and_says_why(chain):
    def connect():
        raise MissingLibrary("a-library", ImportError("no module"))

    scopes = Scope("first"), Scope("second")
    chain.step("write", connect, [(scope, Wish(scope.name, "new")) for scope in scopes])
    assert [scope.failures[0][3] for scope in scopes] == ["missing_library"] * 2
    assert all("a-library" in scope.failures[0][2] for scope in scopes)


def test_a_step_takes_as_long_as_it_has_entries(chain):
    """Python's functions that are called, for so many entries and for twice as many."""

    def calls(number):
        names = [str(index) for index in range(number)]
        items = [(Scope(name), Wish(name, "old")) for name in names]
        states, count = dict.fromkeys(names, "old"), 0

        def profile(_frame, event, _argument):
            nonlocal count
            count += event == "call"

        before = sys.getprofile()
        sys.setprofile(profile)
        try:
            chain.step("write", lambda: Pages(states), items, fresh=states, seen=states)
        finally:
            sys.setprofile(before)
        return count

    assert calls(400) < 2.5 * calls(200)


def test_a_timeout_that_is_none_is_each_scopes_failure():
    module = SimpleNamespace(
        params={"scopes": [{"name": "one"}, {"name": "two"}], "variables": None, "timeout": 0},
        check_mode=False,
        no_log_values=set(),
        _diff=False,
    )
    done = run_workflow(module, lambda name, _options, _naming: Scope(name), lambda _chain, _scopes: None)
    assert done.failed
    assert {one["msg"] for one in done.values["scopes"].values()} == {"timeout is 0: at least 1 is accepted."}
