# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets this process import the collection that the local cloud is part of, by the collection's own name and without Ansible.

What a policy means is written once, in the collection's pure files, for modules and for the local cloud. Those lie above this
role, in a checkout of whatever name as in an installed collection.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

# <collection>/roles/local_cloud/files/src/local_cloud/collection.py
ROOT = Path(__file__).resolve().parents[5]
# Packages by name, and where what is in them lies.
_PACKAGES = {
    "ansible_collections": [],
    "ansible_collections.pkgops": [],
    "ansible_collections.pkgops.registry_auth": [str(ROOT)],
}


def make_importable() -> None:
    """Afterwards ``ansible_collections.pkgops.registry_auth`` is ``ROOT``, even where another version is installed.

    Nothing to do where Ansible itself runs, as in tests: it finds collections by its own rules.
    """
    if any(type(finder).__module__.startswith("ansible.") for finder in sys.meta_path):
        return
    for name, path in _PACKAGES.items():
        package = ModuleType(name)
        package.__path__ = path
        sys.modules[name] = package
