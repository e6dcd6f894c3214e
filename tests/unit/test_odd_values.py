# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that Python's own functions end in an exception for, in places that campaigns found."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi import index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.clients import action_too_old
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.proof.proving import Proof


@pytest.mark.parametrize("url", ["http://[::1", "http://index.example.com:x/", "http://index.example.com:99999/", "x"])
def test_a_proof_of_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"^proofs\[1\]\.index_url is not a URL"):
        Proof.from_options({"client": "pip", "package": "p", "index_url": url}, 1)


@pytest.mark.parametrize("number", ["9" * 5000, f"1.{'9' * 5000}"])
def test_a_version_of_an_action_may_have_any_length(number: str) -> None:
    """Python reads no whole number of more than 4300 digits."""
    assert not action_too_old(f"v{number}")


def test_versions_of_an_index_may_have_any_length() -> None:
    """The packaging library reads their parts as whole numbers."""
    long = "9" * 5000
    assert index._newest_first(["1.0", long, "2.0", "x"])[:2] == ("2.0", "1.0")
    assert index.is_version(long, long)
    assert not index.is_version("1.0", long)
