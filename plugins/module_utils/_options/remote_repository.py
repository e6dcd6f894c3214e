# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument spec of what a remote repository is, besides its name. It is documented in the module gcp_remote_repository."""

from __future__ import annotations

from .common import ArgumentSpec

_PREFIXES = {"type": "list", "elements": "str"}

_CLEANUP_POLICY = {
    "id": {"type": "str", "required": True},
    "action": {"type": "str", "choices": ["DELETE", "KEEP"], "required": True},
    "condition": {
        "type": "dict",
        "options": {
            "tag_state": {"type": "str", "choices": ["ANY", "TAGGED", "UNTAGGED"]},
            "tag_prefixes": _PREFIXES,
            "version_name_prefixes": _PREFIXES,
            "package_name_prefixes": _PREFIXES,
            "older_than": {"type": "str"},
            "newer_than": {"type": "str"},
        },
    },
    "most_recent_versions": {
        "type": "dict",
        "options": {"keep_count": {"type": "int", "required": True}, "package_name_prefixes": _PREFIXES},
    },
}

#: None of these options has a default: what is not given stays as it is.
REMOTE_REPOSITORY: ArgumentSpec = {
    "format": {
        "type": "str",
        "choices": ["APT", "DOCKER", "GENERIC", "GO", "MAVEN", "NPM", "PYTHON", "RUBY", "YUM"],
    },
    "upstream": {
        "type": "dict",
        "options": {"preset": {"type": "str"}, "path": {"type": "str"}, "uri": {"type": "str"}},
    },
    "description": {"type": "str"},
    "labels": {"type": "dict"},
    "purge_labels": {"type": "bool"},
    "cleanup_policies": {"type": "list", "elements": "dict", "options": _CLEANUP_POLICY},
    "cleanup_policy_dry_run": {"type": "bool"},
    "vulnerability_scanning": {"type": "str", "choices": ["DISABLED", "INHERITED"]},
    "kms_key_name": {"type": "str"},
    "disable_upstream_validation": {"type": "bool"},
}
