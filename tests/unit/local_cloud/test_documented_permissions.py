# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The notes of modules name the permissions that test_least_privilege.py proves, and no others.

The page of permissions is made from these notes, which test_documentation_pages.py checks.
"""

from __future__ import annotations

import re

import pytest
from checkout import CHECKOUT
from least_privilege import AWS_CASES, GITHUB_CASES, GOOGLE_CASES, MENTIONED, ROLES_SAID, Case
from pages import module_notes

from local_cloud.services.iam.roles import ROLES

MODULES = CHECKOUT / "plugins" / "modules"
#: What a note marks as code and what is a permission of Google's or AWS's.
_PERMISSION = re.compile(
    r"C\(((?:secretmanager|iam|artifactregistry|resourcemanager|serviceusage)\.[A-Za-z]+\.[A-Za-z]+|(?:codeartifact|sts|kms):[A-Za-z]+)\)"
)
#: GitHub's pages write these names with a capital letter, and so do the notes that say what a token needs.
_GITHUB = (
    "Metadata",
    "Actions",
    "Administration",
    "Contents",
    "Pull requests",
    "Workflows",
    "Secrets",
    "Environments",
    "Members",
)


def proved(cases: tuple[Case, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for case in cases:
        found.setdefault(case.module, set()).update(case.needs, case.better_with)
    return found


CLOUDS = proved((*GOOGLE_CASES, *AWS_CASES))
GITHUB = proved(GITHUB_CASES)


def notes(module: str) -> str:
    return " ".join(module_notes(MODULES / f"{module}.py"))


@pytest.mark.parametrize("module", sorted(CLOUDS))
def test_notes_name_what_is_proved(module: str) -> None:
    mentioned = MENTIONED[module].permissions if module in MENTIONED else frozenset()
    assert set(_PERMISSION.findall(notes(module))) == CLOUDS[module] | mentioned


@pytest.mark.parametrize("module", sorted(GITHUB))
def test_notes_name_githubs_permissions(module: str) -> None:
    text = " ".join(note for note in module_notes(MODULES / f"{module}.py") if "token needs" in note)
    named = {name for name in _GITHUB if re.search(rf"\b{name}\b", text)}
    assert {name.lower().replace(" ", "_") for name in named} == {one.partition("=")[0] for one in GITHUB[module]}


@pytest.mark.parametrize("module", sorted(ROLES_SAID))
def test_roles_hold_what_notes_say(module: str) -> None:
    """By Google's role reference, as the local cloud has it."""
    text = notes(module)
    assert all(f"C({role})" in text for role in ROLES_SAID[module])
    held = frozenset[str]().union(*(ROLES[role] for role in ROLES_SAID[module]))
    mentioned = MENTIONED[module].permissions if module in MENTIONED else frozenset()
    beside = {"gcp_repository": {"resourcemanager.projects.get"}}.get(module, set())
    better = {
        one
        for case in GOOGLE_CASES
        if case.module == module and module == "gcp_secret_iam_binding"
        for one in case.better_with
    }
    assert CLOUDS[module] - mentioned - beside - better <= held


def test_every_module_that_says_what_it_needs_is_proved() -> None:
    """Modules that run others, and those that read without a cloud's permissions, say no more than that."""
    saying = {path.stem for path in MODULES.glob("*.py") if _PERMISSION.search(notes(path.stem))}
    workflows = {"gcp_auth_workflow", "codeartifact_auth_workflow"}
    assert saying - set(CLOUDS) - workflows <= {"package_index_info"}
