# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the resources of Google's services have in common: their client."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._clients.gcp.artifactregistry import ArtifactRegistry
from ..._clients.gcp.calls import Listed
from ..._clients.gcp.repositories import Repository
from ..._clients.gcp.secretmanager import Secret, SecretManager
from ..._engine.resource import Desired, NamedState, Options, Resource, State, worth_listing

Wanted = t.TypeVar("Wanted", bound=NamedState[t.Any])
Item = t.TypeVar("Item", Secret, Repository)


@dataclass(frozen=True)
class SecretManagerResource(Resource[Desired, State]):
    """A resource of Secret Manager."""

    api: SecretManager

    @classmethod
    def connect(cls, options: Options) -> t.Self:
        return cls(SecretManager.from_options(options))


@dataclass(frozen=True)
class ArtifactRegistryResource(Resource[Desired, State]):
    """A resource of Artifact Registry."""

    api: ArtifactRegistry

    @classmethod
    def connect(cls, options: Options) -> t.Self:
        return cls(ArtifactRegistry.from_options(options))


def from_lists(
    entries: t.Sequence[Wanted], read_list: t.Callable[..., Listed[Item]]
) -> t.Iterator[tuple[Wanted, Item | None]]:
    """Entries with what lists show of them, None for what is not there. An entry that a list may yet show is left out.

    :param read_list: lists what is in a project and location, up to so many pages
    """
    for desired, pages in worth_listing(entries, lambda one: one.name.parent):
        name = desired[0].name
        listed = read_list(name.project, name.location, pages=pages)
        found = {item.name.rpartition("/")[2]: item for item in listed.items}
        for one in desired:
            item = found.get(str(one.name).rpartition("/")[2])
            if item or listed.complete:
                yield one, item
