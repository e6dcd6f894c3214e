# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible writes of an invocation to the machine's system log, with the arguments that an action plugin adds."""

from __future__ import annotations

import json
import syslog
from contextlib import suppress
from importlib import import_module

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.pkgops.registry_auth.plugins.module_utils._options.common import MODULE
from ansible_collections.pkgops.registry_auth.plugins.module_utils._options.quiet import QuietModule
from ansible_collections.pkgops.registry_auth.plugins.modules import (
    codeartifact_token,
    gcp_auth_workflow,
    gcp_secret_version,
    package_client_login,
    package_index_info,
)

# A line's end is what Ansible's own masking of nested options stumbles over.
SECRET = "open\nsesame"
#: Source: ActionBase._update_module_args() in ansible-core.
OF_TASK = {"_ansible_no_log": False, "_ansible_check_mode": False, "_ansible_syslog_facility": "LOG_USER"}


@pytest.fixture
def logged(monkeypatch):
    """All that modules send to the system log. From ansible-core 2.22 on, another file of it knows of the journal."""
    lines = []
    monkeypatch.setattr(syslog, "openlog", lambda *_args: None)
    monkeypatch.setattr(syslog, "syslog", lambda _priority, message: lines.append(str(message)))
    for knows in ("ansible.module_utils.basic", "ansible.module_utils._internal._logging"):
        with suppress(ImportError):
            monkeypatch.setattr(import_module(knows), "has_journal", False, raising=False)
    return lines


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (gcp_secret_version, {"batch": [{"payload": SECRET}]}),
        (gcp_secret_version, {"payload": SECRET}),
        (package_index_info, {"batch": [{"password": SECRET}]}),
        (gcp_auth_workflow, {"scopes": [{"name": "s", "repositories": [{"token": SECRET}]}]}),
        (codeartifact_token, {"region": "eu-west-1", "batch": [{"authorization_token": SECRET}]}),
        (package_client_login, {"clients": ["pip"], "logins": [{"name": "", "url": "x", "password": SECRET}]}),
    ],
)
def test_no_invocation_is_logged(logged, module, options, capsys):
    with patch_module_args({**options, **OF_TASK}), pytest.raises(SystemExit):
        module.main()
    assert logged == []
    result = json.loads(capsys.readouterr().out)
    # From 2.22 on, ansible-core lets a module tell its controller in this way what to hide, and takes it out of the result.
    result.pop("_ansible_new_secrets", None)
    assert "sesame" not in json.dumps(result)


def test_ansible_itself_logs_it(logged):
    options = {"batch": {"type": "list", "elements": "dict", "options": {"payload": {"type": "str", "no_log": True}}}}
    for kind, logs in ((AnsibleModule, True), (QuietModule, False)):
        logged.clear()
        with patch_module_args({"batch": [{"payload": SECRET}], **OF_TASK}):
            kind(options, **MODULE)
        assert bool(logged) == logs


def test_modules_of_amazon_aws_stay_as_they_are(capsys):
    """Only those of this collection are quiet, also where both are loaded by one process."""
    modules = pytest.importorskip("ansible_collections.amazon.aws.plugins.module_utils.modules")
    with patch_module_args({"region": "eu-west-1", **OF_TASK}), pytest.raises(SystemExit):
        codeartifact_token.main()
    assert modules.AnsibleAWSModule.default_settings["module_class"] is AnsibleModule
    assert '"failed": true' in capsys.readouterr().out
