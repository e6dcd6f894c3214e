# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arrows of the design hold in plugins/, and the checker sees it when they do not."""

from __future__ import annotations

import pytest
from architecture import PACKAGE, read_plugins, violations
from checkout import CHECKOUT

pytestmark = pytest.mark.checkout

UTILS = f"{PACKAGE}.module_utils"

#: A small collection in which everything is as it should be.
GOOD = {
    "modules/gcp_secret.py": f"""
from ansible.module_utils.basic import AnsibleModule
from {UTILS}._options.common import SECRET
from {UTILS}._resources.gcp_secret import SecretResource
from {UTILS}._engine.task import run_task

def main():
    module = AnsibleModule(SECRET)
    module.exit_json(**run_task(SecretResource, module.params))
""",
    "modules/policy.py": f"""
from {UTILS}._options.aws import codeartifact_module

def main():
    codeartifact_module({{}}).exit_json()
""",
    "module_utils/_options/aws.py": """
try:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
except ImportError:
    AnsibleAWSModule = None
""",
    "module_utils/_options/common.py": f"""
from ansible.module_utils.basic import env_fallback
from {UTILS}._clients.gcp.auth import AUTH_KINDS
SECRET = {{}}
""",
    "module_utils/_resources/gcp_secret.py": f"""
from {UTILS}._clients.gcp import auth
from {UTILS}._engine.reconcile import Change
""",
    "module_utils/_engine/task.py": f"from {UTILS}._engine.reconcile import reconcile",
    "module_utils/_engine/reconcile.py": f"from {UTILS}._base.errors import Conflict\nfrom {UTILS}._base.retry import Backoff",
    "module_utils/_base/retry.py": f"import random\nfrom {UTILS}._base.errors import Conflict",
    "module_utils/_clients/gcp/auth.py": """
import typing as t
from ..._domain.gcp.names import SecretName
if t.TYPE_CHECKING:
    import requests
def connect():
    import google.auth
""",
    "module_utils/_domain/gcp/names.py": f"import re\nfrom {UTILS}._base.errors import InvalidInput",
    "module_utils/_domain/gcp/bindings.py": "from ..._base.errors import InvalidInput",
    "module_utils/_base/errors.py": "import sys",
    "doc_fragments/gcp.py": "class ModuleDocFragment: DOCUMENTATION = ''",
}


def test_plugins_keep_to_their_rooms():
    sources = read_plugins(CHECKOUT / "plugins")

    assert any(path.startswith("modules/") for path in sources)
    assert violations(sources) == []


def test_checker_accepts_a_collection_as_it_should_be():
    assert violations(GOOD) == []


BAD = {
    "domain file imports ansible": ("module_utils/_domain/gcp/bindings.py", "import ansible.errors", "imports Ansible"),
    "domain file imports a library": (
        "module_utils/_domain/gcp/names.py",
        "def f():\n    import google.auth",
        "imports the library google",
    ),
    "domain file imports a client": (
        "module_utils/_domain/gcp/bindings.py",
        f"from {UTILS}._clients.gcp import auth",
        "imports module_utils/_clients/gcp/auth.py, of room gcp",
    ),
    "domain file imports a client relatively": (
        "module_utils/_domain/gcp/bindings.py",
        "from ..._clients.gcp.auth import connect",
        "imports module_utils/_clients/gcp/auth.py, of room gcp",
    ),
    "domain file for type checkers only": (
        "module_utils/_base/errors.py",
        "import typing as t\nif t.TYPE_CHECKING:\n    import requests",
        "imports the library requests",
    ),
    "client imports ansible": (
        "module_utils/_clients/gcp/auth.py",
        "def f():\n    from ansible.module_utils.basic import AnsibleModule",
        "imports Ansible",
    ),
    "client takes a module": ("module_utils/_clients/gcp/auth.py", "def f(module): ...", "mentions `module`"),
    "client uses a module": (
        "module_utils/_clients/gcp/auth.py",
        "def f(x):\n    return module.params",
        "mentions `module`",
    ),
    "client imports the engine": (
        "module_utils/_clients/gcp/auth.py",
        f"from {UTILS}._engine.reconcile import Change",
        "of room engine",
    ),
    "client imports a library at once": (
        "module_utils/_clients/gcp/auth.py",
        "from google.cloud import secretmanager_v1",
        "imports the library google outside a function",
    ),
    "client imports a library at once in a try": (
        "module_utils/_clients/gcp/auth.py",
        "try:\n    import requests\nexcept ImportError:\n    requests = None",
        "imports the library requests outside a function",
    ),
    "client imports a library at once in a class": (
        "module_utils/_clients/gcp/auth.py",
        "class A:\n    import boto3",
        "imports the library boto3 outside a function",
    ),
    "client imports a library when not type checking": (
        "module_utils/_clients/gcp/auth.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import boto3",
        "imports the library boto3 outside a function",
    ),
    "resource imports a library": (
        "module_utils/_resources/gcp_secret.py",
        "def f():\n    import requests",
        "imports the library requests",
    ),
    "resource ends the task": (
        "module_utils/_resources/gcp_secret.py",
        "def f(module):\n    module.fail_json(msg='')",
        "uses fail_json",
    ),
    "engine hands the ending on": (
        "module_utils/_engine/task.py",
        "def f(module):\n    return module.exit_json",
        "uses exit_json",
    ),
    "engine imports a client": (
        "module_utils/_engine/reconcile.py",
        f"from {UTILS}._clients.gcp.auth import connect",
        "of room gcp",
    ),
    "module imports a client": ("modules/gcp_secret.py", f"from {UTILS}._clients.gcp import auth", "of room gcp"),
    "module imports a library": (
        "modules/gcp_secret.py",
        "def main():\n    import requests",
        "imports the library requests",
    ),
    "module has a helper": ("modules/gcp_secret.py", "def main(): ...\ndef helper(): ...", "defines helper()"),
    "module has a class": ("modules/gcp_secret.py", "class Helper: ...", "defines class Helper"),
    "module has a lambda": ("modules/gcp_secret.py", "helper = lambda: None", "defines a lambda"),
    "a service's room is known to what holds for all": (
        "module_utils/_domain/iam/wildcards.py",
        "from ..gcp.names import SecretName",
        "of room domain gcp",
    ),
    "one client knows another": (
        "module_utils/_clients/pypi/index.py",
        "from ..gcp.auth import connect",
        "of room gcp",
    ),
    "base imports the domain": (
        "module_utils/_base/retry.py",
        "from .._domain.gcp.bindings import Policy",
        "of room domain gcp",
    ),
    "a circle within a room": (
        "module_utils/_base/errors.py",
        "def f():\n    from .retry import Backoff",
        "imports itself by way of",
    ),
    "a resource that is no module's": ("module_utils/_resources/labels.py", "", "belongs to _resources/parts"),
    "a session of its own": (
        "module_utils/_clients/gcp/auth.py",
        "def f():\n    import requests\n    return requests.Session()",
        "makes an HTTP session",
    ),
    "a session of Google's": (
        "module_utils/_clients/gcp/auth.py",
        "def f():\n    from google.auth.transport.requests import AuthorizedSession\n    return AuthorizedSession(None)",
        "makes an HTTP session",
    ),
    "a request without a session": (
        "module_utils/_clients/gcp/auth.py",
        "def f():\n    import requests\n    return requests.get('https://example.com/')",
        "makes an HTTP session",
    ),
    "a resource that knows plain http": (
        "module_utils/_resources/gcp_secret.py",
        "def f(parts):\n    return parts.scheme == 'http'",
        "decides about plain http",
    ),
    "a resource that knows plain http by its host": (
        "module_utils/_resources/gcp_secret.py",
        "def f(host):\n    return is_loopback(host)",
        "decides about plain http",
    ),
    "unknown file": ("module_utils/helpers.py", "", "belongs to no room"),
    "unknown import": ("modules/gcp_secret.py", f"from {UTILS}._nowhere import x", "no file of this collection"),
    "another part of amazon.aws": (
        "module_utils/_options/aws.py",
        "from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies",
        "no file of this collection",
    ),
    "module imports amazon.aws": (
        "modules/policy.py",
        "from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule",
        "no file of this collection",
    ),
    "resource imports amazon.aws": (
        "module_utils/_resources/gcp_secret.py",
        "from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule",
        "no file of this collection",
    ),
    "another collection": (
        "modules/gcp_secret.py",
        "from ansible_collections.other.collection.plugins.module_utils.x import y",
        "no file of this collection",
    ),
}


@pytest.mark.parametrize(("path", "source", "sentence"), BAD.values(), ids=BAD.keys())
def test_checker_sees(path: str, source: str, sentence: str):
    (found,) = violations(GOOD | {path: source})

    assert sentence in found
    # A circle may be named by any of its files.
    assert found.startswith(f"{path}:") or "itself" in found
