# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine calls on resources and desired states is what they have: a misspelt hook would never be called."""

from __future__ import annotations

import dataclasses
from importlib import import_module

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import DesiredState, Resource
from architecture import PACKAGE
from checkout import CHECKOUT

FOLDER = CHECKOUT / "plugins/module_utils/_resources"


def below(base: type) -> list[type]:
    """Every class of _resources that is one of the base."""
    for file in sorted(FOLDER.rglob("*.py")):
        import_module(".".join([PACKAGE, "module_utils._resources", *file.relative_to(FOLDER).with_suffix("").parts]))
    found, waiting = [], [base]
    while waiting:
        waiting += (subclasses := waiting.pop().__subclasses__())
        found += [one for one in subclasses if one.__module__.startswith(f"{PACKAGE}.module_utils._resources.")]
    return sorted(set(found), key=lambda one: (one.__module__, one.__name__))


def unknown_names(one: type, base: type) -> list[str]:
    """The methods and properties of a class that nothing of the engine calls. Constructors are for modules."""
    fields = {field.name for field in dataclasses.fields(one)} if dataclasses.is_dataclass(one) else set()
    return [
        name
        for name, value in vars(one).items()
        if not name.startswith("_")
        and name not in fields
        and not isinstance(value, classmethod)
        and not hasattr(base, name)
    ]


@pytest.mark.parametrize("base", [DesiredState, Resource])
def test_every_hook_is_one_that_the_engine_calls(base: type):
    found = below(base)

    assert len(found) > 20
    assert {one.__qualname__: names for one in found if (names := unknown_names(one, base))} == {}


def test_a_misspelt_hook_is_seen():
    class Misspelt(Resource):
        def notice(self, state: object, desired: object) -> list[str]:
            return []

    assert unknown_names(Misspelt, Resource) == ["notice"]


def test_every_module_can_be_made_a_resource_of():
    """No method that a resource must have is missing."""
    assert [
        one
        for one in below(Resource) + below(DesiredState)
        if getattr(one, "__abstractmethods__", None) and one.__name__ not in ABSTRACT
    ] == []


#: What resources have in common.
ABSTRACT = {
    "ArtifactRegistryResource",
    "CodeArtifactResource",
    "GitHubResource",
    "Repositories",
    "RepositoryReadings",
    "SecretManagerResource",
}
