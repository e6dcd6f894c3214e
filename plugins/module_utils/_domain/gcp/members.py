# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members of Google's IAM policies: what kind each is, and whom it stands for. Pure.

Sources: the IAM documentation, "Principal identifiers" and "Service agents"; the documentation of Compute Engine, App Engine and Cloud
Build on their default service accounts.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..iam.answers import NO, YES, Answer, yes_or_no
from .bindings import PUBLIC, member_key

ALL_USERS, ALL_AUTHENTICATED = PUBLIC

# Kinds, as results have them.
EVERYONE, SIGNED_IN = "everyone", "everyone with a Google account"
USER, GROUP, DOMAIN = "user", "group", "domain"
SERVICE_ACCOUNT, DEFAULT_ACCOUNT, AGENT = "service account", "default service account", "service agent"
FEDERATED, FEDERATED_SET = "federated identity", "set of federated identities"
PROJECT_ROLE, DELETED, UNKNOWN = "holders of a role on a project", "deleted", "unknown"

_BY_PREFIX = {
    "user": USER,
    "group": GROUP,
    "domain": DOMAIN,
    "principal": FEDERATED,
    "principalSet": FEDERATED_SET,
    "projectOwner": PROJECT_ROLE,
    "projectEditor": PROJECT_ROLE,
    "projectViewer": PROJECT_ROLE,
    "deleted": DELETED,
}
#: By what such a member begins with, the role on the project that it stands for the holders of.
OF_PROJECT = {"projectOwner": "roles/owner", "projectEditor": "roles/editor", "projectViewer": "roles/viewer"}

_AGENT = re.compile(
    r"service-[0-9]+@(?:gcp-sa-[a-z0-9-]+|compute-system|container-engine-robot|containerregistry|"
    r"dataflow-service-producer-prod|gcf-admin-robot|serverless-robot-prod)\.iam\.gserviceaccount\.com"
    r"|[0-9]+@cloudservices\.gserviceaccount\.com"
)
_DEFAULT = re.compile(
    r"[0-9]+-compute@developer\.gserviceaccount\.com|[0-9]+@cloudbuild\.gserviceaccount\.com|\S+@appspot\.gserviceaccount\.com"
)
#: Members who are, or may be, in a group.
_GROUPED = frozenset(
    {USER, GROUP, DOMAIN, SERVICE_ACCOUNT, DEFAULT_ACCOUNT, AGENT, FEDERATED, FEDERATED_SET, PROJECT_ROLE}
)
_POOL = re.compile(r"principal(?:Set)?://(iam\.googleapis\.com/.+?Pools/[^/]+)/(.+)")


@lru_cache(maxsize=65536)
def kind_of(member: str) -> str:
    """What kind of member it is."""
    if member in PUBLIC:
        return EVERYONE if member == ALL_USERS else SIGNED_IN
    prefix, _colon, email = member.partition(":")
    if prefix != "serviceAccount":
        return _BY_PREFIX.get(prefix, UNKNOWN)
    if _AGENT.fullmatch(email.lower()):
        return AGENT
    return DEFAULT_ACCOUNT if _DEFAULT.fullmatch(email.lower()) else SERVICE_ACCOUNT


@lru_cache(maxsize=65536)
def stands_for(member: str, party: str) -> Answer:
    """Whether a grant to a member is one to a party, who is a member too. Of PROJECT_ROLE alone more can be known."""
    if member_key(member) == member_key(party):
        return YES
    kind, who = kind_of(member), kind_of(party)
    if DELETED in (kind, who) or who == EVERYONE:
        return NO
    if kind == EVERYONE:
        return YES
    if kind == SIGNED_IN:
        # Whom other providers of identities know has no account of Google's.
        return yes_or_no(who not in (FEDERATED, FEDERATED_SET, UNKNOWN))
    if who == SIGNED_IN:
        return NO
    if kind == GROUP:
        return (f"on whether {party} is in {member}",) if who in _GROUPED else NO
    if kind == DOMAIN:
        same = party.rpartition("@")[2].lower() == member.partition(":")[2].lower()
        return (f"on whether {party} is an account of {member}",) if who in (USER, GROUP) and same else NO
    if kind == PROJECT_ROLE:
        role, project = OF_PROJECT[member.partition(":")[0]], member.partition(":")[2]
        return (f"on whether {party} holds {role} on the project {project}",)
    return _in_set(member, party, who) if kind == FEDERATED_SET else NO


def _in_set(member: str, party: str, who: str) -> Answer:
    """Sets are of identities in a pool, or of accounts below a project, folder or organization."""
    pool, of = _POOL.fullmatch(member), _POOL.fullmatch(party)
    doubt = (f"on whether {party} is in {member}",)
    if pool is None:
        return doubt if who in _GROUPED - {GROUP, DOMAIN} else NO
    if of is None or of[1] != pool[1]:
        return NO
    return YES if pool[2] == "*" else doubt
