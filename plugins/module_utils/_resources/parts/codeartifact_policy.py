# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policy of a CodeArtifact domain or repository."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field, replace

from ..._base.errors import InvalidInput, LostRace, NotFound, PermissionDenied, Refused, or_none
from ..._clients.aws.calls import ResourceMissing
from ..._clients.aws.codeartifact import CodeArtifact, ResourcePolicy
from ..._domain.codeartifact.grants import Grant, parse_grants
from ..._domain.codeartifact.merging import dead_principals, merge, without_dead_principals
from ..._domain.codeartifact.names import Name, RepositoryName, no_such
from ..._domain.codeartifact.rules import warnings
from ..._domain.codeartifact.scope import Governed, Scope
from ..._domain.codeartifact.storable import compact
from ..._domain.iam.documents import Document, in_order, parse_document, same_meaning, shown_document
from ..._engine.resource import Change, NamedState, Options
from .codeartifact import CodeArtifactResource, unconfirmed
from .codeartifact_existing import ExistingRepositories
from .codeartifact_logins import LoginCheck
from .steps import Step, in_turn

# Source: PolicyRevision in CodeArtifact's service model.
_REVISION = re.compile(r"\S{1,100}")


class RevisionMoved(Refused):
    """The policy is not the one that the user has seen. Trying again does not help: the user must look."""

    code = "conflict"


@dataclass(frozen=True)
class DesiredGrants:
    """Grants that a policy is to have, among other statements or alone."""

    grants: tuple[Grant, ...]
    alone: bool = False
    drop_dead: bool = False

    @classmethod
    def of(cls, name: Name, options: Options) -> DesiredGrants:
        found = cls(
            parse_grants(options["grants"], name.kind),
            alone=options.get("mode") == "replace",
            drop_dead=bool(options.get("drop_dead_principals")),
        )
        if found.alone and not any(grant.present for grant in found.grants):
            raise InvalidInput(
                "grants leaves nothing in the policy that it is to replace: to remove a policy use state absent."
            )
        return found

    @property
    def sids(self) -> frozenset[str]:
        return frozenset[str]().union(*(grant.sids for grant in self.grants))

    def document(self, current: Document | None, arn: str) -> Document | None:
        """The policy of C(arn) with the grants."""
        if self.alone:
            return merge(None, self.grants, arn)
        return merge(without_dead_principals(current) if self.drop_dead else current, self.grants, arn)


@dataclass(frozen=True)
class DesiredPolicy(NamedState[Name]):
    """The policy that a domain or repository is to have: as a document, or by grants. None for both is no policy."""

    document: Document | None = None
    grants: DesiredGrants | None = None
    #: Where it is, as far as the options say.
    region: str | None = None
    #: The revision that the user has seen and may be overwritten; None stands for any.
    revision: str | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, read_name: t.Callable[[Options], Name], options: Options) -> t.Self:
        """C(read_name): finds in the options what has the policy. Raises InvalidInput."""
        name, revision = read_name(options), options.get("policy_revision")
        if revision is not None and not _REVISION.fullmatch(revision):
            raise InvalidInput(
                f"policy_revision {revision!r} is not a revision: give it as it was returned, or leave it out."
            )
        if options.get("state") == "absent":
            return cls(name, revision=revision)
        region = options.get("region") or None
        if options.get("grants") is not None:
            if options.get("policy") is not None:
                raise InvalidInput("policy and grants are both given: give one of the two.")
            return cls(name, grants=DesiredGrants.of(name, options), region=region, revision=revision)
        if options.get("policy") is None:
            raise InvalidInput(
                "policy is missing: give a mapping with Version and Statement, or the same as JSON, or give grants; to remove a "
                "policy use state absent."
            )
        document = parse_document(options["policy"])
        compact(document)
        return cls(name, document, region=region, revision=revision)


@dataclass(frozen=True)
class PolicyState:
    """The policy that a domain or repository has, if any. A revision that is to be has no name yet."""

    resource_arn: str | None = None
    revision: str | None = None
    document: Document | None = None
    #: Sentences on those to whom the entry grants something, and who cannot log in.
    missing_logins: tuple[str, ...] = field(default=(), compare=False)


def _document(desired: DesiredPolicy, current: Document | None, arn: str | None = None) -> Document | None:
    """The policy as it is wanted where there is one. C(arn): of what has it, as far as that is known."""
    if desired.grants is None:
        return desired.document
    return desired.grants.document(current, arn or _probable_arn(desired))


def agree(wishes: t.Sequence[DesiredPolicy]) -> bool:
    """Whether the policy of one thing can be as all want it; otherwise each would undo what another has done, in every run."""
    document = None
    for wanted in wishes:
        document = _document(wanted, document)
    return all(same_meaning(document, _document(wanted, document)) for wanted in wishes)


def _probable_arn(desired: DesiredPolicy) -> str:
    """For check mode, when there is nothing yet that has an ARN."""
    given = desired.name.arguments
    path = "/".join(filter(None, (desired.name.kind, given["domain"], given.get("repository"))))
    return f"arn:aws:codeartifact:{desired.region or '*'}:{given.get('domainOwner', '*')}:{path}"


def advice(state: PolicyState, desired: DesiredPolicy) -> t.Iterator[str]:
    """What rules say of the statements that are asked for. Nothing while the owner or region is not known."""
    arn, given = state.resource_arn or _probable_arn(desired), desired.name.arguments
    document = state.document if desired.document is None else desired.document
    if document is None or "*" in arn:
        return
    domain = Governed(given["domain"], policy=None if "repository" in given else document)
    governed = Governed(given["domain"], given["repository"], policy=document) if "repository" in given else domain
    yield from warnings(Scope.at(arn, domain), governed, desired.grants.sids if desired.grants else None)


def _check_storable(document: Document, name: Name) -> None:
    """Raises InvalidInput or Refused for what the service would not take, which a merged policy only shows now."""
    compact(document)
    dead = dead_principals(document)
    if dead:
        raise Refused(
            f"The policy of {name} cannot be changed: statements of others in it name {', '.join(dead)}, which is left of users or "
            "roles that were deleted, and AWS stores no policy with that. Set drop_dead_principals to remove it; where a NotPrincipal "
            "names nothing else, change that statement."
        )


def shown(state: PolicyState) -> dict[str, t.Any]:
    """A policy in the shape of results."""
    return {
        "resource_arn": state.resource_arn,
        "revision": state.revision,
        "policy": shown_document(state.document),
        "dead_principals": dead_principals(state.document),
    }


def read_policy(api: CodeArtifact, name: Name, existing: ExistingRepositories) -> PolicyState:
    """One call, and one more when there is no policy, or one for many. Raises NotFound when there is no domain or repository."""
    try:
        found = api.get_policy(name)
        return PolicyState(found.resource_arn, found.revision, found.document)
    except ResourceMissing as missing:
        return PolicyState(existing.arn(api, name) or _existing_arn(api, name, missing))


def _as_found(state: PolicyState, found: ResourcePolicy) -> PolicyState:
    """The state, with the policy as it was answered."""
    return replace(state, resource_arn=found.resource_arn, revision=found.revision, document=found.document)


def _existing_arn(api: CodeArtifact, name: Name, missing: ResourceMissing) -> str:
    """The ARN of what has no policy. One answer means that it has none and that there is no such thing."""
    if isinstance(name, RepositoryName) and missing.resource_type == "domain":
        raise no_such(name.domain, api.region)
    try:
        return api.describe_arn(name)
    except ResourceMissing as confirmed:
        if isinstance(name, RepositoryName) and confirmed.resource_type == "domain":
            raise no_such(name.domain, api.region) from None
        raise no_such(name, api.region) from None
    except PermissionDenied as denied:
        raise PermissionDenied(f"{name} has no policy or does not exist, and it is not known which: {denied}") from None


@dataclass(frozen=True)
class CodeArtifactPolicies(CodeArtifactResource[DesiredPolicy, PolicyState]):
    """The resource of codeartifact_domain_policy and codeartifact_repository_policy."""

    logins: LoginCheck = field(default_factory=LoginCheck)
    existing: ExistingRepositories = field(default_factory=ExistingRepositories)

    def begin(self, entries: t.Sequence[DesiredPolicy]) -> None:
        self.existing.expect(desired.name for desired in entries)

    def read(self, desired: DesiredPolicy) -> PolicyState:
        """As read_policy(), and once in a task the policy of a domain that others must log in to for their grants."""
        state = read_policy(self.api, desired.name, self.existing)
        if desired.grants is None:
            return state
        missing = self.logins.sentences(self.api, desired.name, state.resource_arn, desired.grants.grants)
        return replace(state, missing_logins=missing)

    def assume(self, desired: DesiredPolicy) -> PolicyState:
        return PolicyState()

    def wanted(self, current: PolicyState, desired: DesiredPolicy) -> PolicyState:
        """Another policy when it would not mean the same. Raises RevisionMoved, and what else stands against writing it."""
        after = _document(desired, current.document, current.resource_arn)
        if same_meaning(current.document, after):
            return current
        if desired.revision is not None and desired.revision != current.revision:
            found = f"the revision {current.revision}" if current.revision else "no policy"
            raise RevisionMoved(
                f"{desired.name} has {found} and not {desired.revision}, which policy_revision names: somebody else changed it. Look "
                "at its policy before overwriting it."
            )
        if after is not None:
            _check_storable(after, desired.name)
        return replace(current, revision=None, document=after)

    def apply(self, change: Change[PolicyState], desired: DesiredPolicy) -> PolicyState:
        """Put or delete the policy under the revision that was read. A first policy has none, so it is read again. Raises Unconfirmed."""
        revision, document = change.before.revision, change.after.document
        if document is not None:
            return in_turn(self._putting(desired, document, revision, change.after), change.after)
        try:
            deleted = self.api.delete_policy(desired.name, revision)
        except NotFound:
            raise LostRace(f"The policy of {desired.name} was deleted by somebody else again and again.") from None
        return replace(change.after, resource_arn=deleted.resource_arn)

    def _putting(
        self, desired: DesiredPolicy, document: Document, revision: str | None, after: PolicyState
    ) -> t.Iterator[Step[PolicyState]]:
        name = desired.name

        def put() -> PolicyState:
            answer = self.api.put_policy(name, compact(document), revision)
            if not same_meaning(answer.document, document):
                raise unconfirmed(name, "policy")
            return _as_found(after, answer)

        def read_back() -> PolicyState:
            found = or_none(self.api.get_policy, name)
            if found is None or not same_meaning(found.document, document):
                raise LostRace(
                    f"{name} does not keep the policy that is written to it. Another writer may be setting it too."
                )
            return _as_found(after, found)

        yield put
        if revision is None:
            # Without a revision there is no lock, and somebody else may have put a first policy at the same moment. To plan anew merges both,
            # and that write has a revision.
            yield read_back

    def notices(self, state: PolicyState, desired: DesiredPolicy) -> t.Iterator[str]:
        """What rules say of it, what grants do not reach yet, and whom the policy still names although they are no more."""
        for sentence in advice(state, desired):
            yield f"{desired.name}: {sentence}"
        if desired.grants is None:
            return
        dead = dead_principals(state.document)
        if dead:
            yield (
                f"{desired.name}: the policy names {', '.join(dead)}, which is left of users or roles that were deleted. It grants "
                "nothing to anybody, and with it in the policy AWS stores no change: drop_dead_principals removes it."
            )
        for sentence in state.missing_logins:
            yield f"{desired.name}: {sentence}"

    def result(self, state: PolicyState, desired: DesiredPolicy) -> dict[str, t.Any]:
        return {f"{desired.name.kind}_policy": shown(state)}

    def diff(self, state: PolicyState, desired: DesiredPolicy) -> dict[str, t.Any]:
        """The document, in an order that does not depend on who wrote it."""
        return {"policy": state.document and in_order(state.document)}


@dataclass(frozen=True)
class PolicyReadings(CodeArtifactResource[NamedState[Name], "PolicyState | None"]):
    """The resource of the info modules. It is read, and never changed. Its state is None for what does not exist."""

    existing: ExistingRepositories = field(default_factory=ExistingRepositories)

    def begin(self, entries: t.Sequence[NamedState[Name]]) -> None:
        self.existing.expect(desired.name for desired in entries)

    def read(self, desired: NamedState[Name]) -> PolicyState | None:
        """One call, and one more when there is no policy."""
        return or_none(read_policy, self.api, desired.name, self.existing)

    def result(self, state: PolicyState | None, desired: NamedState[Name]) -> dict[str, t.Any]:
        return {f"{desired.name.kind}_policy": {"exists": state is not None, **shown(state or PolicyState())}}
