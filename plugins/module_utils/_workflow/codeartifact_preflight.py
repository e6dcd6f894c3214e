# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What this run may certainly not do in CodeArtifact, said before anything is written.

CodeArtifact has no dry run, and the caller's own policies cannot be read in general. What is certain follows from the policies of domains and
repositories: a denial, or a caller of another account than the domain's whom no policy there allows it. Of all else nothing is said.

The caller is asked for only where some policy denies something, or the domain may be another account's, and the policy of a domain only where
something in it will be written.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .._base.errors import InvalidInput, PermissionDenied, RegistryAuthError
from .._domain.codeartifact.actions import PREFIX
from .._domain.codeartifact.names import DomainName, Name, RepositoryName
from .._domain.codeartifact.refusals import Known, certain_refusal
from .._domain.iam.callers import Caller
from .._domain.iam.documents import Document
from .._engine.resource import NamedState
from .._resources.parts.codeartifact_policy import CodeArtifactPolicies, DesiredPolicy, PolicyReadings, PolicyState
from .chain import Chain, Item, Scope
from .codeartifact_client import Client

PREFLIGHT = "begin"

#: By its name, the state of what may have a policy; None for what is not there.
Seen: t.TypeAlias = "t.Mapping[str, PolicyState | None]"


@dataclass(frozen=True)
class Wish:
    """Something that a scope will certainly do. C(action) is without its service, C(resource) the ARN, None before anything is there."""

    scope: Scope
    name: Name
    action: str
    resource: str | None
    #: Of a domain's policy that is to be set: what it will be.
    policy: Document | None = None

    @property
    def domain(self) -> DomainName:
        """The domain that it is about, or is in."""
        return self.name if isinstance(self.name, DomainName) else self.name.domain


@dataclass
class CodeArtifactPreflight:
    """Looks, and ends scopes that may not do what they want."""

    chain: Chain
    client: Client

    def check(
        self,
        policies: t.Sequence[tuple[Scope, DesiredPolicy]],
        created: t.Sequence[tuple[Scope, RepositoryName]],
        seen: Seen,
    ) -> None:
        """One call for each domain whose policy nobody has read yet, and one to know the caller.

        :param policies: those that scopes want
        :param created: the repositories that scopes will create
        """
        wishes = [Wish(scope, name, "CreateRepository", None) for scope, name in created]
        wishes += [wish for item in policies if (wish := self._to_set(item, seen)) is not None]
        domains = {**seen, **self._read_domains(wishes, seen)}
        judged = [(wish, *found) for wish in wishes if (found := _known(wish, wishes, domains)) is not None]
        if not any(known.denies_anything or wish.domain.owner for wish, _arn, known in judged):
            return
        caller = self._caller()
        if caller is None:
            return
        missing: dict[Scope, list[str]] = {}
        for wish, arn, known in judged:
            why = certain_refusal(caller, PREFIX + wish.action, arn, known)
            if why is not None:
                missing.setdefault(wish.scope, []).append(f"{PREFIX}{wish.action} on {wish.name} ({why})")
        for scope, told in missing.items():
            scope.fail(
                PREFLIGHT,
                scope.name,
                PermissionDenied(
                    f"These permissions are missing for {caller.arn}: {'; '.join(told)}. Nothing of the scope was written. "
                    "With preflight=false, nobody looks before the first write."
                ),
            )

    def _to_set(self, item: tuple[Scope, DesiredPolicy], seen: Seen) -> Wish | None:
        """What an item will do to a policy, None when it will do nothing or there is nothing yet to have one."""
        scope, wanted = item
        state = seen.get(wanted.unit)
        if state is None:
            return None
        try:
            change = CodeArtifactPolicies(self.client.api).plan(state, wanted)
        except RegistryAuthError:
            # What is wrong with it, its own step says.
            return None
        if change is None:
            return None
        after = change.after.document
        action = f"{'Put' if after else 'Delete'}{wanted.name.kind.capitalize()}PermissionsPolicy"
        return Wish(scope, wanted.name, action, state.resource_arn, after)

    def _read_domains(self, wishes: t.Sequence[Wish], seen: Seen) -> dict[str, PolicyState | None]:
        """The policies of domains in which something will be written, as far as they are not known."""
        items: dict[str, Item[NamedState[Name]]] = {
            str(wish.domain): (wish.scope, NamedState(wish.domain)) for wish in wishes if str(wish.domain) not in seen
        }
        outcomes = self.chain.attempt(lambda: PolicyReadings(self.client.api), list(items.values()))
        # An answer that cannot be had is no answer: the run is as one that did not ask.
        return {name: one.state for name, one in zip(items, outcomes, strict=True) if one.error is None}

    def _caller(self) -> Caller | None:
        arn = self.client.caller()
        try:
            return None if arn is None else Caller.of(arn)
        except InvalidInput:
            # A kind of caller that is not known here, such as a federated user.
            return None


def _known(wish: Wish, wishes: t.Sequence[Wish], domains: Seen) -> tuple[str, Known] | None:
    """The ARN that a wish is about, and what is known of it; None where the domain's policy is not known."""
    domain = domains.get(str(wish.domain))
    if domain is None or not domain.resource_arn:
        return None
    owner = domain.resource_arn.split(":")[4]
    if not isinstance(wish.name, RepositoryName):
        return domain.resource_arn, Known(owner, (domain.document,))
    # The run sets the policy of the domain first, so either may count by the time of those of repositories.
    planned = (one.policy for one in wishes if one.name == wish.domain)
    prefix, _kind, path = domain.resource_arn.rpartition("domain/")
    arn = wish.resource or f"{prefix}repository/{path}/{wish.name.repository}"
    current = domains.get(str(wish.name))
    return arn, Known(owner, (domain.document, *planned), current.document if current else None)
