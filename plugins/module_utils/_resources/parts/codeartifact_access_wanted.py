# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What codeartifact_access_info is asked for. No call is needed to know."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput
from ..._domain.codeartifact.matrix import Party
from ..._domain.codeartifact.names import DomainName, RepositoryName, domain_name, repository_name
from ..._domain.codeartifact.scope import Governed, Scope
from ..._domain.iam.callers import Caller
from ..._domain.iam.documents import OF_IDENTITY, STORED, Document, parse_document
from ..._domain.iam.principals import simple_name
from ..._domain.iam.statements import IDENTITY, read_statements
from ..._domain.protection.names import COMMON_FORMATS, OurName, our_names
from ..._engine.resource import DesiredState, Options


@dataclass(frozen=True)
class WantedAccess(DesiredState):
    """The domain whose policies are to be judged, and the callers who are asked for."""

    domain: DomainName
    #: Those to read; None for all of the domain.
    repositories: tuple[RepositoryName, ...] | None = None
    #: What is judged in place of what there is.
    documents: Scope | None = None
    callers: tuple[Party, ...] = ()
    details: bool = False
    #: Packages that are ours, which are looked at one by one. None by default, because that takes calls.
    names: tuple[OurName, ...] = ()

    @classmethod
    def from_options(cls, options: Options) -> WantedAccess:
        domain, documents, names = domain_name(options), options.get("documents"), options.get("repositories")
        if documents is not None and names is not None:
            raise InvalidInput(
                "repositories and documents are both given: of documents, all repositories that they name are judged."
            )
        own = options.get("names")
        if documents is not None and own:
            raise InvalidInput(
                "names and documents are both given: documents do not say what repositories take from outside."
            )
        return cls(
            domain,
            names=tuple(our_names(own or (), options.get("formats") or COMMON_FORMATS)),
            repositories=None if names is None else _names(domain, names),
            documents=None if documents is None else _scope(domain, documents, options.get("region") or None),
            callers=_callers(options.get("callers") or ()),
            details=bool(options.get("details")),
        )

    @property
    def target(self) -> str:
        return f"documents of {self.domain}" if self.documents else str(self.domain)


def _names(domain: DomainName, given: t.Iterable[str]) -> tuple[RepositoryName, ...]:
    found = [_named(domain, name, f"repositories[{index}]") for index, name in enumerate(given)]
    return tuple(dict.fromkeys(found))


def _named(domain: DomainName, name: t.Any, where: str) -> RepositoryName:
    try:
        return repository_name({"domain": domain.domain, "domain_owner": domain.owner, "repository": name})
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}") from None


def _scope(domain: DomainName, documents: Options, region: str | None) -> Scope:
    if domain.owner is None:
        raise InvalidInput("domain_owner is missing: of documents, only you can say which account owns the domain.")
    if region is None:
        raise InvalidInput("region is missing: resources in documents are named with the region that the domain is in.")
    repositories: dict[RepositoryName, Governed] = {}
    for index, one in enumerate(documents.get("repositories") or ()):
        where = f"documents.repositories[{index}]"
        name = _named(domain, one.get("repository"), where)
        if name in repositories:
            raise InvalidInput(f"{where} is {name} again: name each repository once.")
        administrator = one.get("administrator_account") or domain.owner
        _check_account(administrator, f"{where}.administrator_account")
        policy = _document(one.get("policy"), f"{where}.policy")
        repositories[name] = Governed(domain.domain, name.repository, administrator, policy)
    of_domain = Governed(domain.domain, policy=_document(documents.get("domain_policy"), "documents.domain_policy"))
    return Scope(domain.owner, region, of_domain, tuple(repositories.values()))


def _check_account(account: str, where: str) -> None:
    try:
        domain_name({"domain": "any", "domain_owner": account})
    except InvalidInput:
        raise InvalidInput(f"{where} {account!r} is not an account's id: give its 12 digits, in quotes.") from None


def _document(given: t.Any, where: str) -> Document | None:
    return None if given is None else parse_document(given, option=where, form=STORED)


def _callers(given: t.Iterable[Options]) -> tuple[Party, ...]:
    found: dict[str, Party] = {}
    for index, one in enumerate(given):
        where, arn, policies = f"callers[{index}]", one.get("arn") or "", one.get("identity_policies")
        try:
            caller = Caller.of(arn)
        except InvalidInput as error:
            raise InvalidInput(f"{where}.arn: {error}") from None
        # A root user is a row of its own, next to that of its account.
        name = arn if caller.is_root else simple_name(arn)
        if name in found:
            raise InvalidInput(f"{where} is {arn} again: name each caller once.")
        identity = None
        if policies is not None:
            parsed = (
                parse_document(policy, option=f"{where}.identity_policies[{number}]", form=OF_IDENTITY)
                for number, policy in enumerate(policies)
            )
            identity = read_statements(IDENTITY, *parsed)
        found[name] = Party(name, caller, identity)
    return tuple(found.values())
