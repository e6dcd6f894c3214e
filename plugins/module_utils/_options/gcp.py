# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs of the modules on Google's services. Their documentation is in the doc fragments gcp and secret_manager."""

from __future__ import annotations

from .._base.quota import SECRET_MANAGER
from .._clients.gcp.auth import AUTH_KINDS, VARIABLES
from .common import (
    ArgumentSpec,
    batch_argument_spec,
    from_environment,
    known_from_environment,
    listed_from_environment,
    quota_argument_spec,
)

PROJECT: ArgumentSpec = {"project": {"type": "str"}}

SECRET: ArgumentSpec = {**PROJECT, "secret": {"type": "str", "no_log": False}, "location": {"type": "str"}}

REPOSITORY: ArgumentSpec = {**PROJECT, "repository": {"type": "str"}, "location": {"type": "str"}}

#: What is said of a binding, whatever has the policy that it is in.
IAM_BINDING: ArgumentSpec = {
    "role": {"type": "str"},
    "members": {"type": "list", "elements": "str"},
    "everyone": {"type": "bool"},
    "condition": {
        "type": "dict",
        "options": {
            "title": {"type": "str", "required": True},
            "expression": {"type": "str", "required": True},
            "description": {"type": "str"},
        },
    },
    "exclusive": {"type": "bool"},
    "state": {"type": "str", "choices": ["present", "absent"]},
}
_KEY: ArgumentSpec = {"kms_key_name": {"type": "str"}}
#: Where a secret is kept.
REPLICATION = {
    "type": "dict",
    "options": {
        "automatic": {"type": "dict", "options": _KEY},
        "user_managed": {
            "type": "list",
            "elements": "dict",
            "options": {"location": {"type": "str", "required": True}, **_KEY},
        },
    },
}


def gcp_argument_spec(service: str) -> ArgumentSpec:
    """Common options of a module that calls C(service), named as in gcloud's endpoint overrides.

    The project is part of an entry too. Its fallback is at top level only, from where it serves all entries.
    """
    return {
        "project": {"type": "str", **from_environment("GCP_PROJECT", "GCE_PROJECT")},
        "auth_kind": {"type": "str", "choices": list(AUTH_KINDS), **known_from_environment(*VARIABLES["auth_kind"])},
        "service_account_file": {"type": "path", **from_environment(*VARIABLES["service_account_file"])},
        "service_account_contents": {
            # Not jsonarg: as one text with its line ends escaped, a mapping's private key is not recognized when it is shown.
            "type": "raw",
            "no_log": True,
            **known_from_environment(*VARIABLES["service_account_contents"]),
        },
        "service_account_email": {"type": "str", **from_environment("GCP_SERVICE_ACCOUNT_EMAIL")},
        "access_token": {"type": "str", "no_log": True, **known_from_environment(*VARIABLES["access_token"])},
        "impersonate_service_account": {
            "type": "list",
            "elements": "str",
            **listed_from_environment("GCP_IMPERSONATE_SERVICE_ACCOUNT"),
        },
        "api_endpoint": {"type": "str", **from_environment(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}")},
    }


def gcp_batch_argument_spec(entry: ArgumentSpec, service: str) -> ArgumentSpec:
    """Argument spec of a module with C(entry) options, C(batch) and the common options."""
    return batch_argument_spec(entry, gcp_argument_spec(service))


#: gcloud's own default of a location. Like the project's, it serves all entries from the top level.
LOCATION: ArgumentSpec = {"location": {"type": "str", **known_from_environment("CLOUDSDK_ARTIFACTS_LOCATION")}}


def artifact_registry_argument_spec(entry: ArgumentSpec) -> ArgumentSpec:
    """Argument spec of a module on repositories with C(entry) options, C(batch) and the common options."""
    return batch_argument_spec(entry, {**gcp_argument_spec("ARTIFACTREGISTRY"), **LOCATION})


SECRET_MANAGER_QUOTA = quota_argument_spec(SECRET_MANAGER, "GCP_SECRETMANAGER")


def secret_manager_argument_spec(entry: ArgumentSpec) -> ArgumentSpec:
    """Argument spec of a module on Secret Manager with C(entry) options, C(batch) and the common options."""
    return {**gcp_batch_argument_spec(entry, "SECRETMANAGER"), **SECRET_MANAGER_QUOTA}
