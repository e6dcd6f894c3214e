# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module is where users and Ansible look for modules."""

from __future__ import annotations

import re

import pytest
import yaml
from checkout import CHECKOUT

pytestmark = pytest.mark.checkout

MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))
TARGETS = CHECKOUT / "tests" / "integration" / "targets"
#: By how the names of modules begin: the group whose defaults apply to them.
GROUPS = {"codeartifact_": "aws", "gcp_": "gcp", "github_": "github", "pypi_": "pypi"}


@pytest.mark.parametrize("module", MODULES)
def test_each_module_is_in_the_readme(module: str) -> None:
    rows = re.findall(r"^\|.*$", (CHECKOUT / "README.md").read_text(), re.MULTILINE)
    assert any(f"`{module}`" in row for row in rows)


@pytest.mark.parametrize("module", [one for one in MODULES if one.startswith(tuple(GROUPS))])
def test_each_module_of_a_vendor_is_in_its_group(module: str) -> None:
    groups = yaml.safe_load((CHECKOUT / "meta" / "runtime.yml").read_text())["action_groups"]
    (group,) = (group for prefix, group in GROUPS.items() if module.startswith(prefix))
    assert module in groups[group]


@pytest.mark.parametrize("module", MODULES)
def test_ansible_test_passes_over_each_target_that_needs_the_local_cloud(module: str) -> None:
    """By itself it would run them against nothing. modules_on_local_cloud runs them."""
    assert "unsupported" in (TARGETS / module / "aliases").read_text().splitlines()
