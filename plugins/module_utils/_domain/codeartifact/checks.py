# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a well-formed policy document gets wrong about the repository or domain that it is for. Pure.

Source of the rules, where none is named: the CodeArtifact User Guide, "Repository policies" and "Domain policies". What AWS would
refuse, or store and never count, is refused; what it would count but is seldom meant is warned about.
"""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput
from ..iam.principals import account_of, as_list, by_kind
from ..iam.wildcards import has_wildcard, overlap
from .actions import ACTIONS, OF_A_REPOSITORY, PREFIX, SERVICE_BEARER_TOKEN, covered, covered_by
from .documents import Document, Statement, compact, named, statements

READ = "ReadFromRepository"
_ARN_PARTS = 6
#: Stands for the name of any repository: a character that no name and no ARN can have.
_ANY_NAME = "\ufffd"


@dataclass(frozen=True)
class Attachment:
    """What a policy is for. C(owner), the domain's account, and C(region) are None when only a call could tell."""

    domain: str
    repository: str | None = None
    owner: str | None = None
    region: str | None = None

    @property
    def kind(self) -> str:
        """C(repository) or C(domain), as in names of actions."""
        return "repository" if self.repository else "domain"

    @property
    def paths(self) -> dict[str, str]:
        """Patterns of the last part of the ARNs that the policy can be about, by kind of resource."""
        if self.repository:
            here = f"{self.domain}/{self.repository}"
            # FORMAT/NAMESPACE/NAME, whose namespace can be empty and then leaves two slashes.
            return {"repository": f"repository/{here}", "package": f"package/{here}/*/*/*"}
        return {
            "domain": f"domain/{self.domain}",
            "repository": f"repository/{self.domain}/*",
            "package": f"package/{self.domain}/*/*/*/*",
            "package-group": f"package-group/{self.domain}/*",
        }

    def matches(self, resource: str, path: str) -> bool:
        """Whether a pattern of ARNs can match something here with C(path) as its last part, a pattern too."""
        parts = resource.split(":", _ARN_PARTS - 1)
        if parts[-1].endswith("*"):
            parts += ["*"] * (_ARN_PARTS - len(parts))
        here = ("arn", "aws*", PREFIX.rstrip(":"), self.region or "*", self.owner or "*", path)
        return len(parts) == _ARN_PARTS and all(map(overlap, parts, here))

    def kinds(self, resource: str) -> set[str]:
        """The kinds of resources of this repository or domain that a pattern of ARNs can match."""
        return {kind for kind, path in self.paths.items() if self.matches(resource, path)}

    def arn(self, kind: str) -> str:
        """An ARN to show, with a word for each part that is not known."""
        return f"arn:aws:{PREFIX}{self.region or 'REGION'}:{self.owner or 'ACCOUNT'}:{self.paths[kind]}"


@dataclass(frozen=True)
class _View:
    """A statement, as the rules look at it."""

    where: str
    allows: bool
    conditional: bool
    #: As written, of Action and NotAction.
    patterns: tuple[str, ...]
    #: The actions that Action asks for by name, or by a pattern that covers no other.
    named: frozenset[str]
    #: All actions that it is about.
    covers: frozenset[str]
    #: As written, of Resource. None for NotResource.
    resources: tuple[str, ...] | None
    #: The accounts that it speaks of; None is anybody.
    accounts: frozenset[str | None]

    @classmethod
    def of(cls, statement: Statement, index: int) -> _View:
        asked, excepted = as_list(statement.get("Action")), as_list(statement.get("NotAction"))
        single = [pattern for pattern in asked if len(covered(pattern)) == 1]
        accounts: frozenset[str | None] = frozenset({None})
        if "Principal" in statement:
            accounts = frozenset(map(account_of, by_kind(statement["Principal"]).get("AWS", [])))
        return cls(
            where=named(statement, index),
            allows=statement["Effect"] == "Allow",
            conditional=bool(statement.get("Condition")),
            patterns=(*asked, *excepted),
            named=covered_by(single),
            covers=covered_by(asked) if asked else frozenset(ACTIONS) - covered_by(excepted),
            resources=tuple(as_list(statement["Resource"])) if "Resource" in statement else None,
            accounts=accounts,
        )


def check_document(document: Document, attached: Attachment) -> tuple[str, ...]:
    """What the user should know about a document that can be stored.

    :param document: as parse_document() accepts it
    :param attached: the repository or domain whose policy it is to be
    :returns: warnings, which name the statement they are about
    :raises InvalidInput: the document cannot be stored, or some of it would never count
    """
    compact(document)
    rules = (_actions, _level, _resources, _own_policy, _repository_policies, _anybody, _every_repository)
    views = [_View.of(statement, index) for index, statement in enumerate(statements(document))]
    return tuple(warning for view in views for rule in rules for warning in rule(view, attached))


def _actions(view: _View, attached: Attachment) -> t.Iterator[str]:
    """Names of actions: with their service, which is CodeArtifact, and known."""
    for pattern in view.patterns:
        service, colon, name = pattern.partition(":")
        if pattern == "*" or covered(pattern):
            continue
        if not colon:
            raise InvalidInput(f"{view.where} has the action {pattern!r} without its service: write {PREFIX}{pattern}.")
        if service.lower() != PREFIX.rstrip(":"):
            if pattern.lower() != SERVICE_BEARER_TOKEN.lower() or attached.kind != "domain":
                yield f"{view.where} has {pattern}: a policy of CodeArtifact counts for CodeArtifact's own actions only."
            continue
        known = {action.lower(): action for action in ACTIONS}
        close = difflib.get_close_matches(name.lower(), known, n=1)
        hint = f" Is {PREFIX}{known[close[0]]} meant?" if close else ""
        yield f"{view.where} has {pattern}, which is no action that this collection knows.{hint}"


def _level(view: _View, attached: Attachment) -> t.Iterator[str]:
    """No repository policy counts for what is asked of a domain, and no resource policy for what is asked of an account."""
    for pattern in view.patterns:
        names = covered(pattern)
        if not names:
            continue
        if not any(ACTIONS[name] for name in names):
            sentence = (
                f"{view.where} has {pattern}, for which identity policies alone count, and no {attached.kind} policy."
            )
            if attached.kind == "repository":
                raise InvalidInput(sentence)
            yield sentence
        elif attached.kind == "repository" and not names & OF_A_REPOSITORY:
            raise InvalidInput(
                f"{view.where} has {pattern}, which is asked of the domain, where no repository policy counts: it belongs into "
                "the domain's policy."
            )


def _resources(view: _View, attached: Attachment) -> t.Iterator[str]:
    """Resources that are here, and of a kind that the actions are asked of."""
    kinds: set[str] = set()
    for resource in view.resources or ():
        found = attached.kinds(resource)
        if not found:
            arns = " or ".join(attached.arn(kind) for kind in attached.paths)
            raise InvalidInput(
                f'{view.where} has the resource {resource!r}, which matches nothing of this {attached.kind}: give "*", or {arns}.'
            )
        kinds |= found
    if not kinds:
        return
    if READ in view.named and kinds == {"package"}:
        raise InvalidInput(
            f"{view.where} has {PREFIX}{READ} on packages: it is asked of repositories only, where all packages can be read or "
            'none; give the resource "*", or the repository\'s ARN.'
        )
    for name in sorted(view.named):
        if ACTIONS[name] and not kinds & set(ACTIONS[name]):
            asked_of = " and ".join(f"{kind}s" for kind in ACTIONS[name])
            yield f"{view.where} has {PREFIX}{name}, which is asked of {asked_of}, on none of them: it has no effect."


def _own_policy(view: _View, attached: Attachment) -> t.Iterator[str]:
    """A policy is not evaluated for changes of itself, so it cannot let another account make them."""
    noun = attached.kind.capitalize()
    own = {f"{verb}{noun}PermissionsPolicy" for verb in ("Put", "Delete")}
    if not view.allows or not view.covers & own:
        return
    explicit = sorted(view.named & own)
    others = [account or "everybody" for account in view.accounts if account is None or account != attached.owner]
    known = [account for account in others if attached.owner or account == "everybody"]
    if explicit and known:
        raise InvalidInput(
            f"{view.where} lets {min(known)} use {PREFIX}{explicit[0]}: only the account that owns the {attached.kind} can change "
            "its policy."
        )
    if others:
        names = " and ".join(f"{PREFIX}{name}" for name in sorted(view.covers & own))
        yield (
            f"{view.where} covers {names}: accounts other than the {attached.kind}'s own do not get that right by its policy."
        )


def _repository_policies(view: _View, attached: Attachment) -> t.Iterator[str]:
    """A domain's policy is evaluated for changes of its repositories' policies."""
    others = view.accounts - {attached.owner}
    if attached.kind == "domain" and view.allows and others and "PutRepositoryPermissionsPolicy" in view.covers:
        who = ", ".join(sorted(account or "everybody" for account in others))
        yield (
            f"{view.where} covers {PREFIX}PutRepositoryPermissionsPolicy: {who} may open the domain's repositories to anybody else."
        )


def _anybody(view: _View, _attached: Attachment) -> t.Iterator[str]:
    if view.allows and None in view.accounts and not view.conditional:
        yield f"{view.where} allows everybody, in every AWS account: add a condition, for example on aws:PrincipalOrgID."


def _every_repository(view: _View, attached: Attachment) -> t.Iterator[str]:
    """A domain's policy is evaluated for all that is in the domain; until 2023 the guide said otherwise."""
    if attached.kind != "domain" or not view.allows or READ not in view.covers:
        return
    any_repository = f"repository/{attached.domain}/{_ANY_NAME}"
    for resource in ("*",) if view.resources is None else view.resources:
        if attached.matches(resource, any_repository) and has_wildcard(resource):
            yield (
                f"{view.where} covers {PREFIX}{READ} on {resource}: that opens every repository of the domain "
                f"{attached.domain} to its principals."
            )
