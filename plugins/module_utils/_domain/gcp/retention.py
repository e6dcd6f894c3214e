# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of which secrets old versions may be retired: of those whose every use is known and proved. Pure."""

from __future__ import annotations

import typing as t

from .bindings import PUBLIC

Entry = t.Mapping[str, t.Any]

#: What the addresses of Artifact Registry's service agents have in common.
_SERVICE_AGENT = "@gcp-sa-artifactregistry."
#: What the sets of all service agents of a project, folder or organization end with. Source: IAM's documentation of principal identifiers.
_ALL_AGENTS = "/type/serviceagent"
_EVERYBODY = frozenset(member.lower() for member in PUBLIC)


def retirable_secrets(
    repositories: t.Sequence[Entry],
    bindings: t.Iterable[Entry],
    everywhere: t.Iterable[t.Iterable[Entry] | None],
    shared: t.Collection[t.Any],
) -> list[str]:
    """The ids of the secrets of which every use is known and proved.

    :param repositories: those of one project, each with its C(secret), and with a C(proof) where a package was fetched through it
    :param bindings: who may read the secrets, by whatever role and condition. Two service agents of Artifact Registry are two projects, and
        what the other one's repositories use is not seen from here. No more is it when everybody or all service agents may read
    :param everywhere: the repositories of all projects: a secret named in full may be this project's
    :param shared: further secrets to leave alone, by their ids or in full
    """
    # An id of digits alone may be written as a number.
    own = [(str(entry["secret"]), "proof" in entry) for entry in repositories]
    kept = {*(_id(str(secret)) for secret in shared), *(secret for secret, proved in own if not proved)}
    kept.update(_id(binding["secret"]) for binding in bindings if _has_foreign_readers(binding))
    named = (str(entry.get("secret")) for others in everywhere for entry in others or ())
    kept.update(_id(secret) for secret in named if "/" in secret)
    found = dict.fromkeys(secret for secret, _proved in own if "/" not in secret)
    return [secret for secret in found if secret not in kept]


def _has_foreign_readers(binding: Entry) -> bool:
    members = {member.lower() for member in binding["members"]}
    agents = sum(_SERVICE_AGENT in member for member in members)
    return agents > 1 or not members.isdisjoint(_EVERYBODY) or any(one.endswith(_ALL_AGENTS) for one in members)


def _id(secret: str) -> str:
    return secret.rpartition("/")[2]
