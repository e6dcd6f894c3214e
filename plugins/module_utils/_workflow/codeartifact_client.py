# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run over many domains calls CodeArtifact, and learns who calls."""

from __future__ import annotations

import typing as t
from functools import cached_property

from .._base.errors import RegistryAuthError
from .._clients.aws.callers import caller_arn, client_settings
from .._clients.aws.codeartifact import CodeArtifact
from .._engine.resource import Options
from .._resources.parts.codeartifact import connect


class Client:
    """CodeArtifact as a run asks it. It is made when it is first needed."""

    def __init__(self, client: t.Callable[..., t.Any], options: Options) -> None:
        self._make = client
        self._options = options

    @cached_property
    def api(self) -> CodeArtifact:
        """The client, with the quotas that all steps share."""
        return connect(self._make, self._options)

    def caller(self) -> str | None:
        """The ARN of the caller; None when STS does not say it, or is not to be asked."""
        if self._options.get("endpoint_url"):
            # What amazon.aws gives to all its clients is the address of CodeArtifact.
            return None
        try:
            return caller_arn(self._make("sts", config=client_settings()))
        except RegistryAuthError:
            return None
