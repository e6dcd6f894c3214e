# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What scopes must know of others before they are worked on, and what of them does not go together."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._families import GoogleWorkflow


@pytest.mark.parametrize(
    ("given", "shared"),
    [
        (None, ["theirs"]),
        (["a"], ["a", "theirs"]),
        # As extra variables are, and as Ansible reads a list.
        ("token", ["token", "theirs"]),
        ("a, b", ["a", "b", "theirs"]),
        (2024, ["2024", "theirs"]),
        # The module says what is wrong with it.
        ({"a": 1}, {"a": 1}),
    ],
)
def test_shared_secrets_are_a_list_however_they_are_given(given, shared):
    entries = [{"secret": "own"}, {"secret": "projects/elsewhere/secrets/theirs"}]
    options = {"project": "demo", "repositories": entries} | ({} if given is None else {"shared_secrets": given})
    GoogleWorkflow._complete(None, {"one": (options, {})}, {"hostvars": {}})
    assert options["shared_secrets"] == shared


def test_hosts_that_name_a_secret_with_different_tokens_are_not_worked_on():
    """They may log in differently, and so be worked on by processes that know nothing of each other."""

    def host(secret, token, project="demo"):
        return {"project": project, "repositories": [{"secret": secret, "token": token}]}, {}

    scopes = {
        "one": ({"project": "demo", "project_number": 123, "repositories": [{"secret": "same", "token": "first"}]}, {}),
        "numbered": host("same", "first", project="123"),
        "two": host("projects/demo/secrets/same", "second"),
        "alike": host("own", "first"),
        "agrees": host("projects/demo/secrets/own", "first"),
        "apart": host("same", "third", project="another"),
        "odd": ({"project": "demo", "repositories": "none"}, {}),
    }
    refused = GoogleWorkflow._complete(None, scopes, {"hostvars": {}})
    sentence = "projects/demo/secrets/same would hold two tokens: one, numbered, two name it with different ones."
    assert refused == {"one": sentence, "numbered": sentence, "two": sentence}
