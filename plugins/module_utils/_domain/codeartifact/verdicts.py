# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers on one party and one domain or repository: kinds of access in place of actions, packages in place of ARNs. Pure.

Where the policies of a caller's identity are not known, GRANTED is what resource policies allow, and DEPENDS what they leave to those.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ..iam.callers import Caller
from ..iam.statements import ALLOW, DENY, IDENTITY, Reference, Request, Statement, names_action
from ..iam.wildcards import completed_arn, overlap
from .actions import ACTIONS, GET_AUTHORIZATION_TOKEN, PREFIX, SERVICE_BEARER_TOKEN
from .evaluation import ALLOWED, DENIED, DEPENDS, Decision, Policies, evaluate
from .package_paths import ALL, common, covers, example, paths_in, share
from .scope import Scope

GRANTED = "granted"
#: From the most that can be answered to the least.
OUTCOMES = (ALLOWED, GRANTED, DEPENDS, DENIED)
_LAST_WORD = "if an identity policy of the caller allows {}"
_RANKS = {outcome: rank for rank, outcome in enumerate(OUTCOMES)}


@dataclass(frozen=True)
class Verdict:
    """One of OUTCOMES, and why."""

    outcome: str
    #: Words that go after the outcome.
    reason: str
    #: The statements that decide it, or on which it depends.
    statements: tuple[Reference, ...] = ()
    #: Patterns of the packages that it is about, when not about all, and of packages among them that it is not about.
    packages: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    #: The actions of a kind of access that it is about, when not about all.
    actions: tuple[str, ...] = ()

    @property
    def gist(self) -> tuple[t.Any, ...]:
        """What two verdicts share that tell the same, be it for different reasons. What it depends on is told."""
        doubts = self.reason if self.outcome == DEPENDS else ""
        return self.outcome, doubts, self.packages, self.exceptions, self.actions

    @property
    def explicit(self) -> bool:
        """Whether a statement denies it."""
        return self.outcome == DENIED and any(statement.effect == DENY for statement in self.statements)


def best(verdict: Verdict) -> int:
    """A key to sort by: the most that is allowed comes first."""
    return _RANKS[verdict.outcome]


@dataclass(frozen=True)
class Judge:
    """Answers for one party on one domain or repository."""

    scope: Scope
    #: None for the domain.
    repository: str | None
    caller: Caller
    #: Of those of resources the statements that are, or may be, about the caller.
    policies: Policies

    def any_of(self, actions: t.Sequence[str]) -> Verdict:
        """The verdict on an access: the most that one of its actions has."""
        found = [self.verdict(action) for action in actions]
        first = min(found, key=best)
        alike = [(action, one) for action, one in zip(actions, found, strict=True) if one.outcome == first.outcome]
        bounded = all(one.packages for _action, one in alike)
        return replace(
            first,
            packages=tuple(sorted({path for _action, one in alike for path in one.packages})) if bounded else (),
            exceptions=tuple(sorted({path for _action, one in alike for path in one.exceptions})),
            actions=tuple(action for action, _one in alike) if len(alike) < len(actions) else (),
        )

    def with_bearer_token(self, verdict: Verdict) -> Verdict:
        """The verdict on what takes a token of STS too, which is left to the caller's own policies."""
        if self.policies.identity is None and not self.caller.is_root:
            # That they are not known the verdict says already, but not that for this they have to allow something in any account.
            by, _comma, _last_word = verdict.reason.rpartition(", ")
            at_home = self.caller.account == self.scope.owner
            last_word = _LAST_WORD.format(SERVICE_BEARER_TOKEN if at_home else f"it and {SERVICE_BEARER_TOKEN} too")
            return replace(verdict, reason=f"{by}, {last_word}") if verdict.outcome == GRANTED else verdict
        # Source of the condition's key: CodeArtifact User Guide, "Tokens created with the GetAuthorizationToken API".
        request = Request(self.caller, SERVICE_BEARER_TOKEN, "*", {"sts:AWSServiceName": "codeartifact.amazonaws.com"})
        return max(verdict, verdict_of(evaluate(request, self.policies), SERVICE_BEARER_TOKEN), key=best)

    def call(self, action: str) -> Verdict:
        """The verdict on one action, including all that the call of that name needs."""
        verdict = self.verdict(action)
        return self.with_bearer_token(verdict) if action == GET_AUTHORIZATION_TOKEN else verdict

    def verdict(self, action: str) -> Verdict:
        """The verdict on one action, named without its service."""
        kinds = ACTIONS[action]
        if self.repository is None:
            path = ("domain",) if "domain" in kinds else (kinds[0], example(ALL))
            return self._evaluate(action, self.scope.arn(*path))
        if "package" in kinds:
            return self._of_packages(action, self.scope.arn("package", self.repository, ""))
        return self._evaluate(action, self.scope.arn("repository", self.repository))

    def _evaluate(self, action: str, resource: str) -> Verdict:
        return verdict_of(evaluate(Request(self.caller, f"{PREFIX}{action}", resource), self.policies))

    def _of_packages(self, action: str, prefix: str) -> Verdict:
        """The most that is answered for any packages, and for which. The narrowest pattern that answers so is not looked for."""
        statements = (*(self.policies.identity or ()), *self.policies.domain, *self.policies.repository)
        about = [statement for statement in statements if names_action(statement.actions, f"{PREFIX}{action}")]
        opening, closing, unclear = _paths(about, prefix)
        answers = {path: self._evaluate(action, prefix + example(path)) for path in opening}
        first = min(answers.values(), key=best)
        alike = [path for path, verdict in answers.items() if verdict.outcome == first.outcome]
        if first.outcome == DENIED:
            # What is denied for the example of a pattern is denied for all that it matches.
            open_pairs = [pair for pair in unclear if not any(answers[path].explicit for path in pair)]
            pairs = ", ".join(" and ".join(pair) for pair in open_pairs)
            return Verdict(DEPENDS, f"on the packages that {pairs} match") if pairs else answers[ALL]
        if ALL in alike:
            alike = [ALL]
        widest = [path for path in alike if not any(covers(other, path) for other in alike if other != path)]
        exceptions = sorted(
            path for path in closing if any(overlap(path, other) for other in widest) and path not in alike
        )
        return replace(
            answers[widest[0]], packages=() if widest == [ALL] else tuple(sorted(widest)), exceptions=tuple(exceptions)
        )


def _paths(about: list[Statement], prefix: str) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Patterns of packages to which statements open something, or which they leave alone; and from which they take something.

    Where a caller's own policies have to allow it too, that counts which theirs and others have in common. The last are pairs of such
    patterns of which no one pattern says what that is.
    """
    opening: dict[bool, set[str]] = {True: {ALL}, False: {ALL}}
    closing: set[str] = set()
    for statement in about:
        found = {
            path
            for pattern in statement.resources.patterns
            for path in paths_in(completed_arn(pattern) or pattern, prefix)
        }
        if (statement.reference.effect == ALLOW) != statement.resources.negated:
            opening[statement.reference.policy == IDENTITY] |= found
        else:
            closing |= found
    pairs = {(own, other): common(own, other) for own in opening[True] for other in opening[False]}
    unclear = sorted(pair for pair, both in pairs.items() if both is None and share(*pair))
    shared = {both for both in pairs.values() if both is not None}
    return sorted(shared | opening[True] | opening[False]), sorted(closing - {ALL}), unclear


def verdict_of(decision: Decision, action: str = "it") -> Verdict:
    """A decision in words for people who need not know the policies of the caller's identity. C(action): its name in them."""
    decision = replace(decision, action=action)
    unknown = [match for match in decision.depends_on if match.statement.index is None]
    doubts = tuple(match for match in decision.depends_on if match.statement.index is not None)
    if not unknown:
        decisive = decision.statements or tuple(match.statement for match in doubts)
        return Verdict(decision.outcome, decision.reason, decisive)
    if doubts:
        reason = (
            f"{replace(decision, depends_on=doubts).reason}; and on the caller's identity policies, which are not known"
        )
        return Verdict(DEPENDS, reason, tuple(match.statement for match in doubts))
    if not decision.statements:
        return Verdict(DEPENDS, "on the caller's identity policies alone, which are not known: they are enough here")
    by = replace(decision, depends_on=()).reason
    needed = any(match.statement.effect == ALLOW for match in unknown)
    last_word = _LAST_WORD.format("it too") if needed else "unless an identity policy denies it"
    return Verdict(GRANTED, f"{by}, {last_word}", decision.statements)
