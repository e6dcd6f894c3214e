# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine takes for granted of entries and resources that say no more than they must."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.progress import Counts
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import Outcome
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import (
    Change,
    DesiredState,
    NamedState,
    Resource,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.task import TaskResult


@dataclass(frozen=True)
class Bare(DesiredState):
    @property
    def target(self):
        return "thing"


def test_an_entry_is_a_unit_of_its_own_that_waits_for_nothing():
    entry = Bare()
    assert entry.unit == "thing"
    assert entry.after == ()
    assert entry.warnings == ()
    assert entry.propagation_timeout == 0


def test_entries_share_an_endpoint_unless_they_say_otherwise():
    assert Bare().endpoint == ""


def test_a_named_entry_is_called_by_its_name():
    entry = NamedState.of(lambda options: options["name"], {"name": 5})
    assert (entry.name, entry.target, entry.unit) == (5, "5", "5")


@pytest.mark.parametrize(
    "value",
    [Change(1, 2), Counts(1), NamedState("a"), Outcome("a"), TaskResult(False, {})],
    ids=lambda value: type(value).__name__,
)
def test_what_threads_share_does_not_change(value):
    with pytest.raises(FrozenInstanceError):
        setattr(value, next(iter(value.__dataclass_fields__)), "other")


@pytest.mark.parametrize(("kind", "missing"), [(DesiredState, ["target"]), (Resource, ["read", "result"])])
def test_what_each_kind_must_say_cannot_be_left_out(kind, missing):
    with pytest.raises(TypeError, match=".*".join(missing)):
        type("Incomplete", (kind,), {})()
