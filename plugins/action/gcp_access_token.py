# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin of C(gcp_access_token)."""

from __future__ import annotations

from ..plugin_utils._families import GoogleTokens


class ActionModule(GoogleTokens):
    """Named as Ansible looks for it."""
