# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets that a task also gives where none belongs: what says so quotes the value, with its line's end as two characters."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible.release import __version__
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.censor import Censor
from ansible_collections.pkgops.registry_auth.plugins.modules import (
    gcp_auth_workflow,
    gcp_secret_version,
    package_client_login,
    package_client_renewal,
    package_index_info,
)
from packaging.version import Version

#: A key in several lines, and what else is written in another way between quotes.
SECRETS = ["open\nsesame", "open\\sesame", 'it\'s "sesame"', "it's\tsesame", "\u00f6ffne\r\nsesame"]
#: As with -vvv: from 2.21 on, ansible-core asks modules to show what was given only then.
VERBOSE = {"_ansible_inject_invocation": True} if Version(__version__) >= Version("2.21") else {}
LOGIN = {"name": "ours", "url": "https://index.example.com/simple/", "username": "aws"}


def result_of(module: ModuleType, options: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    with patch_module_args({**options, **VERBOSE}), pytest.raises(SystemExit):
        module.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    # From 2.22 on, ansible-core lets a module tell its controller in this way what to hide, and takes it out of the result.
    result.pop("_ansible_new_secrets", None)
    assert result["failed"]
    return result


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    ("module", "options"),
    [
        # Ansible's own messages.
        (gcp_secret_version, {"payload": ..., "timeout": ...}),
        (gcp_secret_version, {"batch": [{"payload": ...}], "timeout": ...}),
        (package_index_info, {"batch": [{"password": ..., "index_url": "x"}], "timeout": ...}),
        (package_client_login, {"clients": ["pip"], "logins": [{**LOGIN, "password": ...}], "state": ...}),
        (package_client_login, {"clients": ["pip"], "logins": [{**LOGIN, "password": ..., "keep": ...}]}),
        # Those of this collection.
        (package_client_login, {"clients": ["pip"], "logins": [{**LOGIN, "password": ..., "expires": ...}]}),
        (package_client_login, {"clients": ["pip"], "logins": [{**LOGIN, "password": ..., "name": ...}]}),
        (package_client_login, {"clients": ["pip"], "logins": [{**LOGIN, "password": ..., "expires": "x ... y"}]}),
        (gcp_auth_workflow, {"scopes": [{"name": "s", "project": ..., "repositories": [{"token": ...}]}]}),
    ],
)
def test_no_result_shows_it(module, options, secret, capsys):
    result = json.dumps(result_of(module, filled(options, secret), capsys))
    assert "sesame" not in result


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (gcp_secret_version, {"secret": "s", "paylod": ...}),
        (package_client_login, {"clients": ["pip"], "logins": [{**LOGIN, "passphrase": ...}]}),
        (package_client_renewal, {"clients": ["pip"], "logins": [{**LOGIN, "keyring": "/k", "password": ...}]}),
    ],
)
def test_an_option_that_does_not_exist_is_named_and_not_shown(module, options, capsys):
    result = result_of(module, filled(options, "open sesame"), capsys)
    assert "Unsupported parameters" in result["msg"]
    assert "sesame" not in json.dumps(result)
    shown = result["invocation"]["module_args"]
    assert shown.get("clients", ["pip"]) == ["pip"], "what exists is shown"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "quoted", [repr, json.dumps, lambda text: repr(f"\"{text}'")], ids=["Python", "JSON", "longer"]
)
def test_a_batch_hides_it(secret, quoted):
    assert "sesame" not in Censor([secret]).hide(f"{quoted(secret)} is not a time")


@pytest.mark.parametrize("login", ["ada:open-sesame", "ada:open/sesame", "open-sesame", "a:p@open?sesame"])
@pytest.mark.parametrize(
    ("module", "options"),
    [
        (package_index_info, {"index_url": "https://...@h.example.com/simple/", "package": "p"}),
        (gcp_secret_version, {"secret": "s", "payload": "zzzz", "api_endpoint": "https://...@h.example.com/"}),
        (
            package_client_login,
            {"clients": ["pip"], "logins": [{**LOGIN, "password": "zzzz", "url": "https://...@h.example.com/"}]},
        ),
    ],
)
def test_a_login_in_an_address_is_in_no_result(module, options, login, capsys):
    """Such addresses are refused, and -vvv shows what was given."""
    result = result_of(module, filled(options, login), capsys)
    assert "sesame" not in json.dumps(result)
    assert "h.example.com" in json.dumps(result["invocation"])


def filled(value: Any, secret: str) -> Any:
    """The options with the secret in place of dots."""
    if isinstance(value, dict):
        return {name: filled(one, secret) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, secret) for one in value]
    if isinstance(value, str):
        return value.replace("...", secret)
    return secret if value is ... else value
