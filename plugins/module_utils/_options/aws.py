# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules on AWS stand on: amazon.aws's options, environment variables and clients, or one sentence when it is not there."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager
from importlib import import_module

from .._base.errors import InvalidInput, MissingCollection, MissingLibrary
from .._clients.aws.codeartifact import SERVICE
from .._clients.aws.logins import making_client, refuse_codes
from .common import CODEARTIFACT_QUOTA, MODULE, ArgumentSpec, batch_argument_spec, end
from .quiet import QuietModule
from .text import end_where_misshapen, with_texts_as_given

try:
    # Not at the top: Ansible would refuse to pack a module without it, before any of it can run.
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
except ImportError:
    AnsibleAWSModule = None


def codeartifact_module(entry: ArgumentSpec) -> t.Any:
    """The module with C(entry) options and C(batch), as aws_module() makes it."""
    return aws_module(batch_argument_spec(entry, CODEARTIFACT_QUOTA))


def aws_module(argument_spec: ArgumentSpec) -> t.Any:
    """The AnsibleAWSModule of a module with these options. Without what it stands on, the module ends here.

    run_task() takes its C(_module), the AnsibleModule within: ansible-core deprecates the way in which the outer one returns warnings.
    """
    if AnsibleAWSModule is None:
        end(MissingCollection("amazon.aws"))
    end_where_misshapen(argument_spec)
    missing = missing_library()
    # amazon.aws checks releases. It is made in any case, because ansible-test wants a module without its libraries to come that far.
    with _made_of(QuietModule):
        module = AnsibleAWSModule(argument_spec=argument_spec, check_boto3=missing is None, **MODULE)
    if missing is not None:
        end(missing)
    with_texts_as_given(module._module)
    return module


@contextmanager
def _made_of(kind: t.Any) -> t.Iterator[None]:
    """Have AnsibleAWSModule be made of another AnsibleModule in here. It takes none for one module alone, and others are not ours."""
    settings = t.cast("t.Any", AnsibleAWSModule).default_settings
    usual = settings["module_class"]
    settings["module_class"] = kind
    try:
        yield
    finally:
        settings["module_class"] = usual


class _Connecting:
    """What amazon.aws takes for a module when it makes a client. A failure is an exception here, and so the entry's or the task's."""

    def __init__(self, module: t.Any) -> None:
        self.params: dict[str, t.Any] = module.params
        self._name = module._name

    def fail_json(self, msg: str, **_more: t.Any) -> t.NoReturn:
        """Raises InvalidInput: amazon.aws says in words of its own that options do not go together."""
        raise InvalidInput(f"{msg.rstrip('.')}.")

    def fail_json_aws(self, exception: Exception, **_more: t.Any) -> t.NoReturn:
        """Raises what boto3 raised."""
        raise exception


def client_of(module: t.Any) -> t.Callable[..., t.Any]:
    """What makes a client of a service, with settings, by the options of a module. It raises our errors, and ends nothing."""
    connecting = _Connecting(module)

    def make(service: str, **settings: t.Any) -> t.Any:
        given = connecting.params
        with making_client(SERVICE):
            if not given.get("access_key"):
                refuse_codes(given.get("profile") or None)
            # It takes what looks enough like the module that its type asks for.
            return t.cast("t.Any", AnsibleAWSModule).client(connecting, service, **settings)

    return make


def missing_library() -> MissingLibrary | None:
    """The error to end with when boto3 cannot be imported here."""
    try:
        for library in ("botocore", "boto3"):
            import_module(library)
    except ImportError as error:
        return MissingLibrary("boto3", error)
    return None
