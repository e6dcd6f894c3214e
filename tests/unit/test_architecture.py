# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arrows of the design hold in plugins/, and the checker sees it when they do not."""

from __future__ import annotations

import pytest
from architecture import PACKAGE, read_plugins, violations
from checkout import CHECKOUT

UTILS = f"{PACKAGE}.module_utils"

#: A small collection in which everything is as it should be.
GOOD = {
    "modules/secret.py": f"""
from ansible.module_utils.basic import AnsibleModule
from {UTILS}._options import SECRET
from {UTILS}._resources.secret import SecretResource
from {UTILS}._task import run_task

def main():
    module = AnsibleModule(SECRET)
    module.exit_json(**run_task(SecretResource, module.params))
""",
    "modules/policy.py": """
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

def main():
    AnsibleAWSModule(argument_spec={}).exit_json()
""",
    "module_utils/_options.py": f"""
from ansible.module_utils.basic import env_fallback
from {UTILS}._gcp.auth import AUTH_KINDS
SECRET = {{}}
""",
    "module_utils/_resources/secret.py": f"""
from {UTILS}._gcp import auth, names
from {UTILS}._reconcile import Change
""",
    "module_utils/_task.py": f"from {UTILS}._reconcile import reconcile",
    "module_utils/_reconcile.py": f"from {UTILS}._errors import Conflict\nfrom {UTILS}._retry import Backoff",
    "module_utils/_retry.py": f"import random\nfrom {UTILS}._errors import Conflict",
    "module_utils/_gcp/auth.py": """
import typing as t
from .names import SecretName
if t.TYPE_CHECKING:
    import requests
def connect():
    import google.auth
""",
    "module_utils/_gcp/names.py": f"import re\nfrom {UTILS}._errors import InvalidInput",
    "module_utils/_policy/bindings.py": "from .._errors import InvalidInput",
    "module_utils/_errors.py": "import sys",
    "doc_fragments/gcp.py": "class ModuleDocFragment: DOCUMENTATION = ''",
}


def test_plugins_keep_to_their_layers():
    sources = read_plugins(CHECKOUT / "plugins")

    assert any(path.startswith("modules/") for path in sources)
    assert violations(sources) == []


def test_checker_accepts_a_collection_as_it_should_be():
    assert violations(GOOD) == []


BAD = {
    "pure file imports ansible": ("module_utils/_policy/bindings.py", "import ansible.errors", "imports Ansible"),
    "pure file imports a library": (
        "module_utils/_gcp/names.py",
        "def f():\n    import google.auth",
        "imports the library google",
    ),
    "pure file imports an API file": (
        "module_utils/_policy/bindings.py",
        f"from {UTILS}._gcp import auth",
        "imports module_utils/_gcp/auth.py, of layer API",
    ),
    "pure file imports an API file relatively": (
        "module_utils/_policy/bindings.py",
        "from .._gcp.auth import connect",
        "imports module_utils/_gcp/auth.py, of layer API",
    ),
    "pure file for type checkers only": (
        "module_utils/_errors.py",
        "import typing as t\nif t.TYPE_CHECKING:\n    import requests",
        "imports the library requests",
    ),
    "API file imports ansible": (
        "module_utils/_gcp/auth.py",
        "def f():\n    from ansible.module_utils.basic import AnsibleModule",
        "imports Ansible",
    ),
    "API file takes a module": ("module_utils/_gcp/auth.py", "def f(module): ...", "mentions `module`"),
    "API file uses a module": ("module_utils/_gcp/auth.py", "def f(x):\n    return module.params", "mentions `module`"),
    "API file imports the engine": (
        "module_utils/_gcp/auth.py",
        f"from {UTILS}._reconcile import Change",
        "of layer engine",
    ),
    "API file imports a library at once": (
        "module_utils/_gcp/auth.py",
        "from google.cloud import secretmanager_v1",
        "imports the library google outside a function",
    ),
    "API file imports a library at once in a try": (
        "module_utils/_gcp/auth.py",
        "try:\n    import requests\nexcept ImportError:\n    requests = None",
        "imports the library requests outside a function",
    ),
    "API file imports a library at once in a class": (
        "module_utils/_gcp/auth.py",
        "class A:\n    import boto3",
        "imports the library boto3 outside a function",
    ),
    "API file imports a library when not type checking": (
        "module_utils/_gcp/auth.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import boto3",
        "imports the library boto3 outside a function",
    ),
    "resource imports a library": (
        "module_utils/_resources/secret.py",
        "def f():\n    import requests",
        "imports the library requests",
    ),
    "resource ends the task": (
        "module_utils/_resources/secret.py",
        "def f(module):\n    module.fail_json(msg='')",
        "uses fail_json",
    ),
    "engine hands the ending on": (
        "module_utils/_task.py",
        "def f(module):\n    return module.exit_json",
        "uses exit_json",
    ),
    "engine imports a resource": (
        "module_utils/_reconcile.py",
        f"from {UTILS}._resources.secret import SecretResource",
        "of layer resource",
    ),
    "module imports an API file": ("modules/secret.py", f"from {UTILS}._gcp import auth", "of layer API"),
    "module imports a library": (
        "modules/secret.py",
        "def main():\n    import requests",
        "imports the library requests",
    ),
    "module has a helper": ("modules/secret.py", "def main(): ...\ndef helper(): ...", "defines helper()"),
    "module has a class": ("modules/secret.py", "class Helper: ...", "defines class Helper"),
    "module has a lambda": ("modules/secret.py", "helper = lambda: None", "defines a lambda"),
    "unknown file": ("module_utils/helpers.py", "", "belongs to no layer"),
    "unknown import": ("modules/secret.py", f"from {UTILS}._nowhere import x", "no file of this collection"),
    "another part of amazon.aws": (
        "modules/policy.py",
        "from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies",
        "no file of this collection",
    ),
    "resource imports amazon.aws": (
        "module_utils/_resources/secret.py",
        "from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule",
        "no file of this collection",
    ),
    "another collection": (
        "modules/secret.py",
        "from ansible_collections.other.collection.plugins.module_utils.x import y",
        "no file of this collection",
    ),
}


@pytest.mark.parametrize(("path", "source", "sentence"), BAD.values(), ids=BAD.keys())
def test_checker_sees(path: str, source: str, sentence: str):
    (found,) = violations(GOOD | {path: source})

    assert found.startswith(f"{path}:")
    assert sentence in found
