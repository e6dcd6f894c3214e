# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible writes of an invocation to the machine's system log."""

from __future__ import annotations

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.pkgops.registry_auth.plugins.module_utils._options.common import MODULE
from ansible_collections.pkgops.registry_auth.plugins.modules import gcp_secret_version, package_index_info

# A line's end is what Ansible's own masking of nested options stumbles over.
SECRET = "open\nsesame"


@pytest.fixture
def logged(monkeypatch):
    """All that modules send to the system log."""
    lines = []
    monkeypatch.setattr(AnsibleModule, "log", lambda _module, msg, **_options: lines.append(str(msg)))
    return lines


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (gcp_secret_version, {"batch": [{"payload": SECRET}]}),
        (gcp_secret_version, {"payload": SECRET}),
        (package_index_info, {"batch": [{"password": SECRET}]}),
    ],
)
def test_no_invocation_is_logged(logged, module, options, capsys):
    with patch_module_args(options), pytest.raises(SystemExit):
        module.main()
    assert "sesame" not in "".join(logged) + capsys.readouterr().out


def test_without_that_setting_it_would_be(logged):
    options = {"batch": {"type": "list", "elements": "dict", "options": {"payload": {"type": "str", "no_log": True}}}}
    assert MODULE["no_log"]
    with patch_module_args({"batch": [{"payload": SECRET}]}):
        AnsibleModule(options, **{**MODULE, "no_log": False})
    assert "sesame" in "".join(logged)
