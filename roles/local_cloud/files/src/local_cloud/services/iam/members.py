# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy members: their syntax, which service agents exist, and whom a member stands for."""

from __future__ import annotations

import re
from collections.abc import Collection

from local_cloud.platform.errors import invalid_argument

#: Who shows no credentials. Only ``allUsers`` stands for them.
ANONYMOUS = "anonymous"
_EMAIL = r"[^\s@:]+@[^\s@:]+\.[^\s@:]+"
_MEMBER = re.compile(
    rf"(?:user|group):{_EMAIL}"
    rf"|serviceAccount:{_EMAIL}(?:\[[^\]\s]+/[^\]\s]+\])?"
    r"|serviceAccount:[^\s@\[\]]+\.svc\.id\.goog\[[^\]\s/]+/[^\]\s/]+\]"
    r"|domain:[^\s@:]+\.[^\s@:]+"
    r"|allUsers|allAuthenticatedUsers"
    r"|project(?:Owner|Editor|Viewer):[a-z0-9.:-]+"
    r"|principal(?:Set)?://[^\s]+"
    rf"|deleted:(?:user|group|serviceAccount):{_EMAIL}\?uid=\d+"
    r"|deleted:principal(?:Set)?://[^\s]+"
)
_SERVICE_AGENT = re.compile(r"serviceAccount:(service-\d+@gcp-sa-[a-z0-9-]+\.iam\.gserviceaccount\.com)")


def check_member(member: str, service_agents: Collection[str]) -> None:
    """Refuse a member that is malformed, or a service agent that nothing has created yet.

    Raises:
        ApiError: INVALID_ARGUMENT, in Google's words for a missing service account.
    """
    if not _MEMBER.fullmatch(member):
        raise invalid_argument(f"Invalid member: The member {member} is of an unknown type or badly formed.")
    agent = _SERVICE_AGENT.fullmatch(member)
    if agent and agent[1] not in service_agents:
        raise invalid_argument(f"Service account {agent[1]} does not exist.")


def spelling(member: str) -> str:
    """One spelling for all of a member: case makes no difference in addresses and domains."""
    return member.lower() if member.startswith(("user:", "group:", "serviceAccount:", "domain:")) else member


def stands_for(member: str, caller: str) -> bool:
    """Whether a policy's member covers the caller. Groups have nobody in them here; ``deleted:`` is nobody."""
    if member == "allUsers":
        return True
    if member == "allAuthenticatedUsers":
        return caller != ANONYMOUS
    if member.startswith("domain:"):
        return caller.lower().endswith("@" + member.removeprefix("domain:").lower())
    return member.lower() == caller.lower()
