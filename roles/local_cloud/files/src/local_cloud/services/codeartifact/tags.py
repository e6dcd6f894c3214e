# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags of domains, repositories and package groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local_cloud.services.codeartifact.arns import ResourceArn, parse_package_group
from local_cloud.services.codeartifact.errors import invalid, missing, over_quota
from local_cloud.services.codeartifact.operations import Call
from local_cloud.services.codeartifact.store import Governed, PackageGroup

_MOST_TAGS = 50


def tags_of(given: Sequence[dict[str, str]]) -> dict[str, str]:
    """Raises AwsError: ValidationException for a key that only AWS itself sets."""
    tags = {tag["key"]: tag["value"] for tag in given}
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid("Keys of tags that begin with aws: are reserved.")
    return tags


def tag(call: Call) -> dict[str, Any]:
    target = _target(call)
    tags = target.tags | tags_of(call.values["tags"])
    if len(tags) > _MOST_TAGS:
        raise over_quota(f"A resource can have {_MOST_TAGS} tags.", target.kind, target.path)
    target.tags = tags
    return {}


def untag(call: Call) -> dict[str, Any]:
    target = _target(call)
    for key in call.values["tagKeys"]:
        target.tags.pop(key, None)
    return {}


def list_tags(call: Call) -> dict[str, Any]:
    return {"tags": [{"key": key, "value": value} for key, value in sorted(_target(call).tags.items())]}


def _target(call: Call) -> Governed | PackageGroup:
    text = call.values["resourceArn"]
    arn, group = ResourceArn.parse(text), parse_package_group(text)
    if group is not None:
        arn, pattern = group
        return call.access.package_group(call.operation, _here(call, arn), pattern)[1]
    if arn is None:
        raise invalid("The value at 'resourceArn' is not the ARN of a domain, a repository or a package group.")
    return (call.access.repository if arn.repository else call.access.domain)(call.operation, _here(call, arn))


def _here(call: Call, arn: ResourceArn) -> ResourceArn:
    """Raises AwsError: ResourceNotFoundException for what is in another region."""
    if arn.region != call.access.region:
        raise missing("Resource not found in this region.", "repository" if arn.repository else "domain", arn.domain)
    return arn
