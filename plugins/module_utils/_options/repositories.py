# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs of the modules that manage Artifact Registry repositories."""

from __future__ import annotations

from .._clients.gcp.repositories import MODES
from .common import ArgumentSpec

FORMATS = ["APT", "DOCKER", "GENERIC", "GO", "MAVEN", "NPM", "PYTHON", "RUBY", "YUM"]

_PREFIXES = {"type": "list", "elements": "str"}

_CLEANUP_POLICY: ArgumentSpec = {
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

#: What repositories of any mode have.
SETTINGS: ArgumentSpec = {
    "format": {"type": "str", "choices": FORMATS},
    "description": {"type": "str"},
    "labels": {"type": "dict"},
    "purge_labels": {"type": "bool"},
    "cleanup_policies": {"type": "list", "elements": "dict", "options": _CLEANUP_POLICY},
    "cleanup_policy_dry_run": {"type": "bool"},
    "vulnerability_scanning": {"type": "str", "choices": ["DISABLED", "INHERITED"]},
    "kms_key_name": {"type": "str"},
    "force": {"type": "bool"},
    "state": {"type": "str", "choices": ["present", "absent"]},
}

REMOTE_SETTINGS: ArgumentSpec = {
    "upstream": {
        "type": "dict",
        "options": {"preset": {"type": "str"}, "path": {"type": "str"}, "uri": {"type": "str"}},
    },
    "disable_upstream_validation": {"type": "bool"},
}

#: What repositories of some modes or formats have besides.
OTHER_SETTINGS: ArgumentSpec = {
    "mode": {"type": "str", "choices": list(MODES)},
    "upstream_policies": {
        "type": "list",
        "elements": "dict",
        "options": {
            "id": {"type": "str", "required": True},
            "repository": {"type": "str", "required": True},
            "priority": {"type": "int", "required": True},
        },
    },
    "purge_upstream_policies": {"type": "bool"},
    "docker_immutable_tags": {"type": "bool"},
    "maven_version_policy": {"type": "str", "choices": ["NONE", "RELEASE", "SNAPSHOT"]},
    "maven_allow_snapshot_overwrites": {"type": "bool"},
}
