# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets tests see the checkout as C(ansible_collections.pkgops.registry_auth), in this process and in those it starts."""

from __future__ import annotations

import os

from checkout import ansible_environment, link_collection


def _see_collection() -> None:
    link_collection()
    # Ansible reads its settings once, when it is imported.
    os.environ.update(ansible_environment())
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()


# Not in a hook: the conftest files below this one import the collection as they are loaded.
_see_collection()
