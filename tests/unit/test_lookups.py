# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lookups say of options that the environment gives, which nothing has checked before them."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleLookupError
from ansible.plugins.loader import lookup_loader


def test_a_wrong_value_in_the_environment_is_named_with_what_is_accepted(monkeypatch):
    monkeypatch.setenv("GCP_AUTH_KIND", "sesame")
    with pytest.raises(
        AnsibleLookupError, match=r"auth_kind must be one of: application, serviceaccount, .* got: sesame"
    ):
        lookup_loader.get("pkgops.registry_auth.gcp_secret_version").run(["s"], {}, project="p")
