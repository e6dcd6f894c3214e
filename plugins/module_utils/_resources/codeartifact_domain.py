# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact domains."""

from __future__ import annotations

import re
import typing as t
from dataclasses import asdict, dataclass, replace

from .._base.errors import ImmutableDifference, InvalidInput, NotFound, Refused
from .._clients.aws.codeartifact import CodeArtifact, Domain
from .._domain.codeartifact.names import DomainName, domain_name
from .._engine.resource import Change, NamedState, Options
from .parts.codeartifact import CodeArtifactResource, DesiredTags, confirm, tagging_and_look, unconfirmed
from .parts.steps import in_turn

# Source: Arn in CodeArtifact's service model, which is the type of an encryption key in all its forms.
_KEY = re.compile(r"\S{1,1011}")
_ALIAS = re.compile(r"(arn:.*:)?alias/.*")


@dataclass(frozen=True)
class DesiredDomain(NamedState[DomainName]):
    """A domain of the caller's account as it is to be. None is: leave it as it is."""

    absent: bool = False
    encryption_key: str | None = None
    tags: DesiredTags | None = None

    @classmethod
    def from_options(cls, options: Options) -> DesiredDomain:
        name = domain_name(options)
        if options.get("state") == "absent":
            return cls(name=name, absent=True)
        key = options.get("encryption_key")
        if key is not None and not _KEY.fullmatch(key):
            raise InvalidInput(
                f"encryption_key {key!r} names no key of KMS: give its ARN or id, or the ARN or name of an alias."
            )
        return cls(name, encryption_key=key, tags=DesiredTags.from_options(options))

    @property
    def warnings(self) -> tuple[str, ...]:
        """An alias is no proof of a key."""
        if self.encryption_key is None or not _ALIAS.fullmatch(self.encryption_key):
            return ()
        return (
            f"{self.name}: encryption_key {self.encryption_key} is an alias, and only KMS knows of which key. It counts when the "
            "domain is created; give the key's ARN or id to have it compared with that of a domain that exists.",
        )


def _may_be(wanted_key: str, arn: str | None) -> bool:
    """Whether the key with this ARN can be the wanted one."""
    if _ALIAS.fullmatch(wanted_key):
        return True
    return wanted_key == (arn if wanted_key.startswith("arn:") else (arn or "").rpartition("/")[2])


class CodeArtifactDomains(CodeArtifactResource[DesiredDomain, "Domain | None"]):
    """The resource of codeartifact_domain. Its state is the domain, or None."""

    def read(self, desired: DesiredDomain) -> Domain | None:
        """One call, and one more when tags are wanted."""
        return read_domain(self.api, desired.name, with_tags=desired.tags is not None)

    def wanted(self, current: Domain | None, desired: DesiredDomain) -> Domain | None:
        """Raises ImmutableDifference when it would need another key, and Refused when it would be deleted with repositories."""
        if desired.absent:
            if current and current.repository_count:
                raise Refused(
                    f"{desired.name} is not deleted because it has repositories: {current.repository_count}. Delete them first if they "
                    "are of no more use."
                )
            return None
        key = desired.encryption_key
        if current is None:
            current = Domain(desired.name.domain, encryption_key=key, tags={} if desired.tags else None)
        elif key is not None and not _may_be(key, current.encryption_key):
            raise ImmutableDifference(
                f"{desired.name} is encrypted with {current.encryption_key} and cannot change to {key}: the key is fixed when a "
                "domain is created. Nothing was changed; make a domain of another name."
            )
        return replace(current, tags=desired.tags.merged(current.tags or {})) if desired.tags else current

    def apply(self, change: Change[Domain | None], desired: DesiredDomain) -> Domain | None:
        before, after = change.before, change.after
        if after is None:
            self.api.delete_domain(desired.name)
            return None
        if before is None:
            created = self.api.create_domain(desired.name, after.encryption_key, after.tags or {})
            confirm(desired.name, {"name": desired.name.domain}, created)
            if desired.encryption_key and not _may_be(desired.encryption_key, created.encryption_key):
                raise unconfirmed(desired.name, "encryption_key")
            return replace(created, tags=after.tags)
        return in_turn(tagging_and_look(self.api, desired.name, str(after.arn), before.tags, after.tags), after)

    def result(self, state: Domain | None, desired: DesiredDomain) -> dict[str, t.Any]:
        return {"domain": None if state is None else asdict(state)}

    def diff(self, state: Domain | None, desired: DesiredDomain) -> dict[str, t.Any]:
        if state is None:
            return {}
        tags = {} if state.tags is None else {"tags": dict(state.tags)}
        return {"state": "present", "encryption_key": state.encryption_key, **tags}


def read_domain(api: CodeArtifact, name: DomainName, *, with_tags: bool) -> Domain | None:
    """None when there is no such domain."""
    try:
        found = api.describe_domain(name)
        return replace(found, tags=api.list_tags(name, str(found.arn))) if with_tags else found
    except NotFound:
        return None


class DomainReadings(CodeArtifactResource[NamedState[DomainName], "Domain | None"]):
    """The resource of codeartifact_domain_info. Its state is None for what does not exist."""

    def read(self, desired: NamedState[DomainName]) -> Domain | None:
        """Two calls, the second for the tags."""
        return read_domain(self.api, desired.name, with_tags=True)

    def result(self, state: Domain | None, desired: NamedState[DomainName]) -> dict[str, t.Any]:
        nothing = dict.fromkeys(asdict(Domain("")))
        return {"domain": {"exists": state is not None, **(asdict(state) if state else nothing)}}
