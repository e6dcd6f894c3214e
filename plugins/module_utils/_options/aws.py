# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules on AWS stand on: amazon.aws's options, environment variables and clients, or one sentence when it is not there."""

from __future__ import annotations

import json
import sys
import typing as t
from importlib import import_module

from .._base.errors import MissingCollection, MissingLibrary, RegistryAuthError
from .common import CODEARTIFACT_QUOTA, MODULE, ArgumentSpec, batch_argument_spec

try:
    # Not at the top: Ansible would refuse to pack a module without it, before any of it can run.
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
except ImportError:
    AnsibleAWSModule = None


def codeartifact_module(entry: ArgumentSpec) -> t.Any:
    """The AnsibleAWSModule of a module with C(entry) options and C(batch). Without what it stands on, the module ends here.

    run_task() takes its C(_module), the AnsibleModule within: ansible-core deprecates the way in which the outer one returns warnings.
    """
    if AnsibleAWSModule is None:
        _end(MissingCollection("amazon.aws"))
    missing = missing_library()
    # amazon.aws checks releases. It is made in any case, because ansible-test wants a module without its libraries to come that far.
    module = AnsibleAWSModule(
        argument_spec=batch_argument_spec(entry, CODEARTIFACT_QUOTA), check_boto3=missing is None, **MODULE
    )
    if missing is not None:
        _end(missing)
    return module


def missing_library() -> MissingLibrary | None:
    """The error to end with when boto3 cannot be imported here."""
    try:
        for library in ("botocore", "boto3"):
            import_module(library)
    except ImportError as error:
        return MissingLibrary("boto3", error)
    return None


def _end(error: RegistryAuthError) -> t.NoReturn:
    """End as any program does that Ansible runs: which options AnsibleModule is to know is what amazon.aws would have said."""
    sys.stdout.write(json.dumps({"failed": True, "msg": str(error), "failure": {"code": error.code}}))
    raise SystemExit(1)
