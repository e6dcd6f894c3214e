# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs that several modules share. Their documentation is in the doc fragments of the same names."""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import env_fallback
from ansible_collections.pkgops.registry_auth.plugins.module_utils._gcp.auth import AUTH_KINDS

ArgumentSpec = dict[str, dict[str, t.Any]]

#: What every module passes to AnsibleModule. C(no_log) keeps the invocation out of the machine's system log: there Ansible
#: hides secrets at top level, but those in C(batch) would be written in clear as soon as they hold a quote or a line's end.
MODULE = {"supports_check_mode": True, "no_log": True}


def batch_argument_spec(entry: ArgumentSpec, common: ArgumentSpec) -> ArgumentSpec:
    """Argument spec of a module whose C(entry) options can stand at top level or in each item of C(batch).

    The options of an entry declare no defaults: what stands beside C(batch) is the default of each entry.
    """
    return {**entry, **common, "batch": {"type": "list", "elements": "dict", "options": entry}}


def _from_environment(name: str) -> dict[str, t.Any]:
    return {"fallback": (env_fallback, [name])}


PROJECT: ArgumentSpec = {"project": {"type": "str"}}

SECRET: ArgumentSpec = {**PROJECT, "secret": {"type": "str", "no_log": False}, "location": {"type": "str"}}

REPOSITORY: ArgumentSpec = {**PROJECT, "repository": {"type": "str"}, "location": {"type": "str"}}


def gcp_argument_spec(service: str) -> ArgumentSpec:
    """Common options of a module that calls C(service), named as in gcloud's endpoint overrides.

    The project is part of an entry too. Its fallback is at top level only, from where it serves all entries.
    """
    return {
        "project": {"type": "str", **_from_environment("GCP_PROJECT")},
        "auth_kind": {"type": "str", "choices": list(AUTH_KINDS), **_from_environment("GCP_AUTH_KIND")},
        "service_account_file": {"type": "path", **_from_environment("GCP_SERVICE_ACCOUNT_FILE")},
        "service_account_contents": {
            # Not jsonarg: as one text with its line ends escaped, a mapping's private key is not recognized when it is shown.
            "type": "raw",
            "no_log": True,
            **_from_environment("GCP_SERVICE_ACCOUNT_CONTENTS"),
        },
        "service_account_email": {"type": "str", **_from_environment("GCP_SERVICE_ACCOUNT_EMAIL")},
        "access_token": {"type": "str", "no_log": True, **_from_environment("GCP_ACCESS_TOKEN")},
        "impersonate_service_account": {
            "type": "list",
            "elements": "str",
            **_from_environment("GCP_IMPERSONATE_SERVICE_ACCOUNT"),
        },
        "api_endpoint": {"type": "str", **_from_environment(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}")},
    }


def gcp_batch_argument_spec(entry: ArgumentSpec, service: str) -> ArgumentSpec:
    """Argument spec of a module with C(entry) options, C(batch) and the common options."""
    return batch_argument_spec(entry, gcp_argument_spec(service))
