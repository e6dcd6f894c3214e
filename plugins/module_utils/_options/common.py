# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs that several modules share. Their documentation is in the doc fragments of the same names."""

from __future__ import annotations

import json
import sys
import typing as t

from ansible.module_utils.basic import env_fallback

from .._base.errors import RegistryAuthError
from .._base.quota import CODEARTIFACT, Rate
from .._base.values import FromEnvironment

ArgumentSpec = dict[str, dict[str, t.Any]]

#: What every module passes to AnsibleModule.
MODULE = {"supports_check_mode": True}


def batch_argument_spec(entry: ArgumentSpec, common: ArgumentSpec) -> ArgumentSpec:
    """Argument spec of a module whose C(entry) options can stand at top level or in each item of C(batch).

    The options of an entry declare no defaults: what is given next to C(batch) is the default of each entry.
    """
    batch = {"type": "list", "elements": "dict", "options": entry}
    return {**entry, **common, "batch": batch, "timeout": {"type": "int", "default": 3600}}


def from_environment(*names: str) -> dict[str, t.Any]:
    """The part of an option's spec that lets environment variables stand in for it, the first one that is set."""
    return {"fallback": (env_fallback, list(names))}


def known_from_environment(*names: str) -> dict[str, t.Any]:
    """As from_environment(), for what is to be told from what the task says. Not for paths, of which Ansible makes new texts."""

    def marked(*variables: str) -> FromEnvironment:
        return FromEnvironment(env_fallback(*variables))

    return {"fallback": (marked, list(names))}


def listed_from_environment(*names: str) -> dict[str, t.Any]:
    """As known_from_environment(), for a list of texts, with commas between several."""

    def marked(*variables: str) -> list[FromEnvironment]:
        parts = (part.strip() for part in env_fallback(*variables).split(","))
        return [FromEnvironment(part) for part in parts if part]

    return {"fallback": (marked, list(names))}


def quota_argument_spec(rates: t.Mapping[str, Rate], service: str) -> ArgumentSpec:
    """Options to set the quotas of a service. C(service): how the environment variables that do so too begin."""
    return {
        f"{kind}_quota": {"type": "int", "default": rate.calls, **from_environment(f"{service}_{kind.upper()}_QUOTA")}
        for kind, rate in rates.items()
    }


CODEARTIFACT_QUOTA = quota_argument_spec(CODEARTIFACT, "CODEARTIFACT")

#: How modules that ask GitHub log in.
GITHUB: ArgumentSpec = {
    "github_token": {"type": "str", "no_log": True, **from_environment("GITHUB_TOKEN")},
    "api_url": {"type": "str", **from_environment("GITHUB_API_URL")},
}


def end(error: RegistryAuthError) -> t.NoReturn:
    """End as any program does that Ansible runs, where AnsibleModule does not know its options yet, or knows too much of them.

    It would look for each secret in what it writes: one of a letter or two, or C(True), would take words apart.
    """
    told = {"failed": True, "changed": False, "msg": str(error), "failure": {"code": error.code}}
    sys.stdout.write(json.dumps(told))
    raise SystemExit(1)
