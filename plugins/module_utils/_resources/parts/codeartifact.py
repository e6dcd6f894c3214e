# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the resources of CodeArtifact have in common: their client and their tags."""

from __future__ import annotations

import typing as t
import unicodedata
from dataclasses import dataclass

from ..._base.errors import InvalidInput, LostRace, NotFound, Unconfirmed
from ..._base.quota import CODEARTIFACT, CODEARTIFACT_TOKENS, Quotas
from ..._clients.aws.codeartifact import CodeArtifact, Domain, Named, Repository, Tags, client_settings
from ..._domain.codeartifact.names import DomainName, no_such
from ..._engine.reconcile import CONCURRENCY
from ..._engine.resource import Desired, Options, Resource, State
from .labels import texts
from .steps import Step

Api = t.TypeVar("Api", bound=CodeArtifact)

# Source: TagKey and TagValue in CodeArtifact's service model.
_LONGEST_KEY, _LONGEST_VALUE = 128, 256
#: Begins the keys of tags that only AWS itself sets and removes, in whatever case.
_RESERVED = "aws:"


def connect(client: t.Callable[..., t.Any], options: Options) -> CodeArtifact:
    """C(client): makes boto3's client of a service with given settings; it has read the options by itself."""
    return connect_to(CodeArtifact, client, options)


def connect_to(kind: type[Api], client: t.Callable[..., t.Any], options: Options) -> Api:
    """The calls of one kind of client. C(client), C(options): as for connect()."""
    quotas = Quotas.from_options({**CODEARTIFACT, **CODEARTIFACT_TOKENS}, options)
    return kind(client("codeartifact", config=client_settings(CONCURRENCY)), quotas)


def listed(api: CodeArtifact, domain: DomainName) -> dict[str, Repository]:
    """All repositories of a domain by name, as a list shows them. Raises NotFound."""
    try:
        return {one.name: one for one in api.list_repositories(domain)}
    except NotFound:
        raise no_such(domain, api.region) from None


# Source: Description and PackageGroupContactInfo in CodeArtifact's service model.
_LONGEST_TEXT = 1000


def read_line(given: str | None, option: str) -> str | None:
    """A description or the like; None when it is not given. Raises InvalidInput, naming C(option)."""
    if given is not None and (len(given) > _LONGEST_TEXT or not printable(given)):
        raise InvalidInput(
            f"{option} has up to {_LONGEST_TEXT} characters, and neither ends of lines nor other control characters."
        )
    return given


def printable(text: str) -> bool:
    """Whether a text has no ends of lines or other control characters, which the service model keeps out."""
    return not any(unicodedata.category(character).startswith("C") for character in text)


@dataclass(frozen=True)
class DesiredTags:
    """Tags that are to be there; unless C(purge), others may be there too."""

    tags: Tags
    purge: bool = True

    @classmethod
    def from_options(cls, options: Options) -> DesiredTags | None:
        """None when tags are left alone. Raises InvalidInput."""
        tags = texts(options.get("tags"), "tags")
        if tags is None:
            return None
        for key, value in tags.items():
            if not 1 <= len(key) <= _LONGEST_KEY or not printable(key) or key.lower().startswith(_RESERVED):
                raise InvalidInput(
                    f"tags has the key {key!r}: a key has 1 to {_LONGEST_KEY} characters, no control characters, and not {_RESERVED} at "
                    "its beginning, which is AWS's own."
                )
            if len(value) > _LONGEST_VALUE or not printable(value):
                raise InvalidInput(
                    f"tags.{key} is {value!r}: a value has up to {_LONGEST_VALUE} characters, no control characters."
                )
        return cls(tags, purge=options.get("purge_tags") is not False)

    def merged(self, current: Tags) -> Tags:
        kept = {key: value for key, value in current.items() if not self.purge or key.lower().startswith(_RESERVED)}
        return {**kept, **self.tags}


def confirm(name: Named, asked: t.Mapping[str, t.Any], answered: Domain | Repository) -> None:
    """Raises Unconfirmed when the answer to a write has another value in one of the fields that were asked for."""
    others = [field for field, value in asked.items() if getattr(answered, field) != value]
    if others:
        raise unconfirmed(name, " and ".join(others))


def unconfirmed(name: Named, what: str) -> Unconfirmed:
    """The error for a write after which CodeArtifact has something else."""
    return Unconfirmed.of("CodeArtifact", name, what)


def tagging(
    api: CodeArtifact, name: Named, arn: str, before: Tags | None, after: Tags | None
) -> t.Iterator[Step[t.Any]]:
    """The calls that make one set of tags the other. None for both when tags are left alone."""
    old, new = before or {}, after or {}
    gone = [key for key in old if key not in new]
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    if gone:
        yield lambda: api.untag(name, arn, gone)
    if changed:
        yield lambda: api.tag(name, arn, changed)


def tagging_and_look(
    api: CodeArtifact, name: Named, arn: str, before: Tags | None, after: Tags | None
) -> t.Iterator[Step[t.Any]]:
    """As tagging(), and a look whether they are there: there is no lock, and the answers say nothing. It raises LostRace."""
    steps = list(tagging(api, name, arn, before, after))

    def look() -> None:
        if api.list_tags(name, arn) != dict(after or {}):
            raise LostRace(
                f"{name} does not keep the tags that are written to it. Another writer may be setting them too."
            )

    yield from steps
    if steps:
        yield look


@dataclass(frozen=True)
class CodeArtifactResource(Resource[Desired, State]):
    """A resource of CodeArtifact."""

    api: CodeArtifact

    @classmethod
    def connect(cls, client: t.Callable[..., t.Any], options: Options) -> t.Self:
        return cls(connect(client, options))
