# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of the local cloud: no import in a circle, a platform that knows no service, and nothing of what it judges."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest
from checkout import CHECKOUT

from local_cloud.services import ORDER

pytestmark = pytest.mark.checkout

SOURCE = CHECKOUT / "roles" / "local_cloud" / "files" / "src"
#: What a file that judges the collection must not so much as name.
FOREIGN = re.compile(r"\b(?:ansible|ansible_collections|plugins|module_utils)\b")


def read() -> dict[str, ast.Module]:
    """Every file of the package, by its name as a module."""
    files = {
        file: file.relative_to(SOURCE).with_suffix("").parts for file in SOURCE.joinpath("local_cloud").rglob("*.py")
    }
    return {
        ".".join(parts).removesuffix(".__init__"): ast.parse(file.read_text("utf-8"))
        for file, parts in files.items()
        if "demo-package" not in parts
    }


def imported(tree: ast.Module, modules: Mapping[str, object]) -> set[str]:
    """The modules that a file imports, at once, later or for type checkers, as far as they are among these."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are by full names"
            found = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= found & set(modules) or {str(node.module)}
    return names & set(modules)


def circle(trees: Mapping[str, ast.Module]) -> list[str]:
    graph = {name: imported(tree, trees) for name, tree in trees.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def climbs(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """Imports that go up: from the platform to anything else, from a service to a later one, or to what wires them."""
    for name, tree in trees.items():
        for other in imported(tree, trees):
            if floor(name) < floor(other):
                yield f"{name} imports {other}"


def floor(module: str) -> int:
    """The platform is the lowest, then come the services in their order, then what wires them."""
    match module.split(".")[1:]:
        case ["platform", *_] | ["services"]:
            return -1
        case ["services", service, *_]:
            return ORDER.index(service)
        case _:
            return len(ORDER)


def foreign(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    for name, tree in trees.items():
        for node in ast.walk(tree):
            texts = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            texts += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            texts += [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
            if any(map(FOREIGN.search, texts)):
                yield f"{name}:{node.lineno}"


TREES = read()


def test_the_plan_holds() -> None:
    assert {name.split(".")[2] for name in TREES if name.startswith("local_cloud.services.")} == set(ORDER)
    assert circle(TREES) == []
    assert list(climbs(TREES)) == []
    assert list(foreign(TREES)) == []


@pytest.mark.parametrize(
    ("module", "line", "check"),
    [
        ("platform.errors", "from local_cloud.platform import faults", circle),
        ("platform.errors", "def f():\n    import local_cloud.cloud", climbs),
        ("platform.errors", "from local_cloud.services.iam.roles import ROLES", climbs),
        ("services.iam.roles", "from local_cloud.services.github import store", climbs),
        ("services.iam.roles", "from local_cloud.cloud import Cloud", climbs),
        ("services.iam.roles", "import ansible_collections.pkgops.registry_auth", foreign),
        ("services.iam.roles", "import_module('x.plugins.y')", foreign),
        ("services.iam.roles", "PATH = '../../../plugins/module_utils'", foreign),
    ],
)
def test_what_breaks_it_is_seen(module: str, line: str, check: object) -> None:
    broken = {**TREES, f"local_cloud.{module}": ast.parse(line)}
    assert callable(check)
    assert list(check(broken))
