# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains: create, describe, delete, list, and tokens for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from local_cloud.services.codeartifact import arns
from local_cloud.services.codeartifact.actions import SERVICE_BEARER_TOKEN
from local_cloud.services.codeartifact.authorization import Grant
from local_cloud.services.codeartifact.errors import conflict, denied, invalid
from local_cloud.services.codeartifact.operations import Call
from local_cloud.services.codeartifact.origins import TYPES
from local_cloud.services.codeartifact.packages import ALLOW
from local_cloud.services.codeartifact.patterns import ROOT
from local_cloud.services.codeartifact.store import Domain, PackageGroup
from local_cloud.services.codeartifact.tags import tags_of

_DEFAULT_LIFETIME = 12 * 60 * 60
_SHORTEST_LIFETIME = 15 * 60
# How long a session of a role lasts when nobody says otherwise.
_SESSION_LIFETIME = 60 * 60


def create(call: Call) -> dict[str, Any]:
    arn = call.arn
    call.access.require(call.operation, str(arn), arn)
    key = (arn.owner, arn.domain)
    if key in call.access.world:
        raise conflict(f"Domain {arn.domain} already exists.", "domain", arn.domain)
    encryption_key = arns.key(call.values.get("encryptionKey"), arn.region, arn.owner)
    domain = Domain(arn, call.access.now, tags_of(call.values.get("tags", [])), encryption_key)
    # Source: User Guide, "Working with package groups": the root group allows all until somebody says otherwise.
    domain.groups[ROOT] = PackageGroup(arn, ROOT, call.access.now, None, None, {}, dict.fromkeys(TYPES, ALLOW))
    call.access.world[key] = domain
    return {"domain": _description(domain)}


def describe(call: Call) -> dict[str, Any]:
    return {"domain": _description(call.domain())}


def delete(call: Call) -> dict[str, Any]:
    domain = call.domain()
    if domain.repositories:
        raise conflict(f"Domain {domain.path} has repositories and cannot be deleted.", "domain", domain.path)
    del call.access.world[domain.arn.owner, domain.arn.domain]
    return {"domain": _description(domain, "Deleted")}


def list_domains(call: Call) -> dict[str, Any]:
    call.access.require(call.operation, "*", None)
    own = [
        domain for (owner, _name), domain in sorted(call.access.world.items()) if owner == call.access.caller.account
    ]
    return call.page_of("domains", own, _summary)


def get_authorization_token(call: Call) -> dict[str, Any]:
    """Needs an identity's permission to have a bearer token of STS, too."""
    seconds = call.values.get("durationSeconds", _DEFAULT_LIFETIME)
    if 0 < seconds < _SHORTEST_LIFETIME:
        raise invalid(f"The value at 'durationSeconds' must be 0 or at least {_SHORTEST_LIFETIME}.")
    caller = call.access.caller
    if caller.principal.is_root:
        raise denied("The root user of an account cannot have an authorization token.")
    domain = call.domain()
    call.access.require(SERVICE_BEARER_TOKEN, "*", None, **{"sts:AWSServiceName": "codeartifact.amazonaws.com"})
    if seconds == 0:
        seconds = _SESSION_LIFETIME if caller.principal.role else _DEFAULT_LIFETIME
    expiration = call.access.now + timedelta(seconds=seconds)
    token = call.state.tokens.issue(Grant(call.access_key_id, domain.arn, expiration), call.access.now)
    return {"authorizationToken": token, "expiration": expiration}


def _summary(domain: Domain, status: str = "Active") -> dict[str, Any]:
    return {
        "name": domain.arn.domain,
        "owner": domain.arn.owner,
        "arn": str(domain.arn),
        "status": status,
        "createdTime": domain.created,
        "encryptionKey": domain.encryption_key,
    }


def _description(domain: Domain, status: str = "Active") -> dict[str, Any]:
    return {
        **_summary(domain, status),
        "repositoryCount": len(domain.repositories),
        "assetSizeBytes": sum(repository.packages.size() for repository in domain.repositories.values()),
        "s3BucketArn": f"arn:{arns.PARTITION}:s3:::assets-{domain.arn.owner}-{domain.arn.region}",
    }
