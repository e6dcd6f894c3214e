# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets tests see the checkout as C(ansible_collections.pkgops.registry_auth), in this process and in those it starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

#: What tests import without a package. Not in pyproject.toml, which ansible-test does not read.
sys.path[:0] = [str(Path(__file__).parent / name) for name in ("tools", "plugins", "integration", "bench", "")]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: takes long, or many like it do; make test leaves it to make thorough")
    config.addinivalue_line(
        "markers", "checkout: judges files or tools of the checkout, whatever is installed; make matrix leaves it out"
    )


def _see_collection() -> None:
    from checkout import ansible_environment, link_collection

    link_collection()
    # Ansible reads its settings once, when it is imported.
    os.environ.update(ansible_environment())
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()


# Not in a hook: the conftest files below this one import the collection as they are loaded. ansible-test has seen to it already.
if not any(type(finder).__name__ == "_AnsibleCollectionFinder" for finder in sys.meta_path):
    _see_collection()
