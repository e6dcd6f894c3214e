# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module is tried by the campaign."""

from __future__ import annotations

from random import Random
from unittest.mock import MagicMock, patch

import pytest
from checkout import CHECKOUT

from campaign import index_worlds, machine_worlds
from campaign.arguments import WITHOUT, all_options
from campaign.in_process import WORLDS
from campaign.worlds import HERE, Case, Entry, World, always

pytestmark = pytest.mark.checkout

MODULES = {path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py")}
#: Modules without a world, and why.
UNTRIED = {"auth_workflow_result": "its action plugin does it all on the controller, and calls nothing"}
#: A world draws one of a few modules.
DRAWS = 60


@pytest.fixture
def nothing_is_published():
    with (
        patch.multiple(index_worlds, upload=MagicMock(), build=MagicMock()),
        patch.multiple(machine_worlds, upload=MagicMock(), build=MagicMock()),
    ):
        yield


def modules_of(world: World) -> set[str]:
    return {world(MagicMock(), Random(number)).module for number in range(DRAWS)}


@pytest.mark.usefixtures("nothing_is_published")
def test_every_module_has_a_world_or_a_reason():
    tried = {module for world in WORLDS.values() for module in modules_of(world)}

    assert tried | set(UNTRIED) == MODULES
    assert not tried & set(UNTRIED)


def test_the_options_of_every_module_are_drawn():
    assert set(all_options()) | WITHOUT == MODULES


def test_a_case_is_led_to_where_the_service_is():
    case = Case("x", {"a": [{"url": f"{HERE}/index"}], "n": 1}, [Entry("x", always)], lambda _given: {})

    assert case.at("http://127.0.0.1:9").options == {"a": [{"url": "http://127.0.0.1:9/index"}], "n": 1}
