# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""That the pages of the documentation say what the code says, and that each can be found."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pages
import pictures
import pytest
import yaml
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow import codeartifact as domains
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow import google_scope as projects
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._families import CodeArtifactWorkflow, GoogleWorkflow
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._scopes import ENVIRONMENT
from checkout import CHECKOUT

pytestmark = pytest.mark.checkout

#: Modules that ask no service for anything that a permission guards, or need what their page says in other words.
WITHOUT_PERMISSIONS = {"pypi_provenance_info"}


@pytest.mark.parametrize("page", pages.PARTS)
def test_a_page_is_as_it_is_written(page: str) -> None:
    assert pages.written(page) == (pages.PAGES / page).read_text(), "run: python tests/tools/pages.py"


@pytest.mark.parametrize("path", pictures.PICTURES, ids=lambda path: path.name)
def test_a_picture_is_as_it_is_drawn(path: Path) -> None:
    assert pictures.PICTURES[path] == path.read_text(), "run: python tests/tools/pictures.py"


def test_each_picture_says_what_is_on_it() -> None:
    images = [found for page in pages.PAGES.glob("*.rst") for found in re.findall(r"<img [^>]*>", page.read_text())]
    assert images
    assert all(re.search(r' alt="[^"]{30,}"', image) for image in images)
    shown = {name for image in images for name in re.findall(r"_static/([\w.]+)", image)}
    assert {path.name for path in pictures.PICTURES} <= shown


def test_each_page_is_in_the_side_bar() -> None:
    sections = yaml.safe_load((pages.PAGES.parent / "extra-docs.yml").read_text())["sections"]
    listed = [page for section in sections for page in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in pages.PAGES.glob("*.rst"))


def _codes() -> set[str]:
    """The codes that a failure can have: those of the classes of errors, and those in results."""
    found: set[str] = set()
    for path in (CHECKOUT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found |= {
                    str(ast.literal_eval(one.value))
                    for one in node.body
                    if isinstance(one, ast.Assign)
                    and ast.unparse(one.targets[0]) == "code"
                    and isinstance(one.value, ast.Constant)
                }
    # A result that is no error of ours has its code in place.
    for path in (CHECKOUT / "plugins" / "module_utils").rglob("*.py"):
        found |= set(re.findall(r'"failure": \{"code": "(\w+)"', path.read_text()))
    return found


def test_each_code_of_a_failure_is_explained_once() -> None:
    page = (pages.PAGES / "troubleshooting.rst").read_text()
    explained = re.findall(r"^``(\w+)``\n  \S", page, re.MULTILINE)
    assert sorted(explained) == sorted(_codes())


def _said(playbook: str) -> list[pages.Definition]:
    lists = [part for part in pages.head(CHECKOUT / "playbooks" / playbook) if isinstance(part, list)]
    return [one for part in lists for one in part]


def _names(definitions: list[pages.Definition]) -> set[str]:
    return {name for one in definitions for name in one.name.split(", ")}


def test_the_workflow_says_all_of_its_variables() -> None:
    read = {*GoogleWorkflow.variables.values(), *CodeArtifactWorkflow.variables.values(), ENVIRONMENT}
    assert _names(_said("auth_workflow.yml")) == read


def test_the_workflow_says_all_keys_of_its_entries() -> None:
    (repositories,) = (one for one in _said("auth_workflow.yml") if one.name == "registry_auth_repositories")
    own = set(projects.REPOSITORY) - set(projects.REMOTE_REPOSITORY)
    assert own <= _names(repositories.keys) <= set(projects.REPOSITORY)
    (repositories,) = (one for one in _said("auth_workflow.yml") if one.name == "codeartifact_repositories")
    assert _names(repositories.keys) <= set(domains.REPOSITORY)


def test_each_module_says_what_it_needs() -> None:
    table = pages.permissions()
    modules = {path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py")}
    assert {module for module in modules if f"registry_auth.{module}#module`" not in table} == WITHOUT_PERMISSIONS


def test_what_is_neither_a_variable_nor_more_of_one_is_not_passed_over(tmp_path: Path) -> None:
    # REUSE-IgnoreStart
    (tmp_path / "a.yml").write_text(
        "# SPDX-License-Identifier: X\n\n# Text.\n#\n#   name   what it is\n#       odd\n- hosts: all\n"
    )
    # REUSE-IgnoreEnd
    with pytest.raises(ValueError, match="odd"):
        pages.head(tmp_path / "a.yml")
