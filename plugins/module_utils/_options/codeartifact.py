# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs of CodeArtifact's repositories and policies. They are documented in the modules of the same names."""

from __future__ import annotations

from .._domain.codeartifact.grants import ACCESS
from .._domain.codeartifact.packages import FORMATS
from .common import ArgumentSpec

_PACKAGES = {
    "type": "list",
    "elements": "dict",
    "options": {
        "format": {"type": "str", "required": True, "choices": list(FORMATS)},
        "namespace": {"type": "str"},
        "name": {"type": "str"},
    },
}


def policy_argument_spec(kind: str) -> ArgumentSpec:
    """What the policy of a C(domain) or C(repository) is to be."""
    grant = {
        "name": {"type": "str", "required": True},
        "principals": {"type": "list", "elements": "str"},
        "everyone": {"type": "bool"},
        "organization": {"type": "str"},
        "access": {"type": "list", "elements": "str", "choices": list(ACCESS[kind])},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    if kind == "repository":
        grant["packages"] = _PACKAGES
    return {
        "policy": {"type": "raw"},
        "grants": {"type": "list", "elements": "dict", "options": grant},
        "mode": {"type": "str", "choices": ["merge", "replace"]},
        "drop_dead_principals": {"type": "bool"},
        "policy_revision": {"type": "str"},
        "state": {"type": "str", "choices": ["present", "absent"]},
    }


#: What a repository is, besides its name. What is not given stays as it is.
REPOSITORY: ArgumentSpec = {
    "description": {"type": "str"},
    "upstreams": {"type": "list", "elements": "str"},
    "external_connection": {"type": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool"},
}
