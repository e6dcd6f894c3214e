# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong or risky about a domain's policies, statement by statement, each with a remedy. Pure.

Sources: the CodeArtifact User Guide, "Repository policies" and "Domain policies"; that CodeArtifact stores no policy which names a
deleted user or role is reported from practice.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from functools import cached_property

from ..iam.audiences import names_a_group, names_persons
from ..iam.principals import ANYBODY, account_of, as_list, by_kind, is_account, is_dead
from .actions import ACTIONS, OF_A_REPOSITORY, PREFIX, SERVICE_BEARER_TOKEN, covered, covered_by
from .bounds import ALL, ANY_PACKAGE, paths_in
from .callers import is_caller
from .checks import READ
from .documents import Statement, statements
from .grants import ALLOWED_BY
from .levels import OF_DOMAINS, OF_REPOSITORIES
from .remedies import policy_task, replacing, with_principals, with_values, without_actions
from .scope import Governed, Scope
from .statements import ALLOW, Reference

HIGH, MEDIUM, LOW = "high", "medium", "low"
SEVERITIES = (HIGH, MEDIUM, LOW)

PUBLISH, METADATA, CHANGE_POLICIES = "PublishPackageVersion", "PutPackageMetadata", "PutRepositoryPermissionsPolicy"
#: What of each policy never counts because that policy is not evaluated for it. Source: codeartifact_evaluation.
_COUNT = {
    "repository": OF_A_REPOSITORY - {CHANGE_POLICIES},
    "domain": frozenset(name for name, kinds in ACTIONS.items() if kinds)
    - {"CreateDomain", "PutDomainPermissionsPolicy"},
}
_STRONG = frozenset(
    name
    for levels in (OF_DOMAINS, OF_REPOSITORIES)
    for level, actions in levels.items()
    if level not in ("login", "read")
    for name in actions
)
_OTHERS_SHOULD_NOT = frozenset(
    (*OF_REPOSITORIES["maintain"], *OF_REPOSITORIES["administer"], *OF_DOMAINS["administer"])
)
#: What is left of a statement with every action, and what it lets do.
_MODEST = {
    "repository": ALLOWED_BY["read"],
    "domain": ("DescribeDomain", "GetAuthorizationToken", "ListRepositoriesInDomain"),
}
#: Stands for what a user has to say.
_ROLE, _PACKAGES = "ROLE", "npm/your-scope/*"


@dataclass(frozen=True)
class Finding:
    """Something to look at."""

    code: str
    severity: str
    #: The repository, None for the domain.
    repository: str | None
    message: str
    #: Tasks as YAML.
    remedy: str
    #: The statement that it is about, if it is about one.
    statement: Reference | None = None

    @property
    def order(self) -> tuple[t.Any, ...]:
        """What to sort by: what matters most comes first, of a domain what is about itself."""
        index = self.statement.index if self.statement else None
        return (SEVERITIES.index(self.severity), self.repository or "", self.code, -1 if index is None else index)


@dataclass(frozen=True)
class View:
    """A statement, as the rules look at it."""

    scope: Scope
    governed: Governed
    index: int
    statement: Statement

    @property
    def kind(self) -> str:
        """Of what its policy is."""
        return "repository" if self.governed.repository else "domain"

    @property
    def reference(self) -> Reference:
        """How it is called."""
        return Reference(self.kind, self.statement["Effect"], self.index, self.statement.get("Sid"))

    @property
    def allows(self) -> bool:
        """Whether it allows something."""
        return bool(self.statement["Effect"] == ALLOW)

    @property
    def condition(self) -> t.Mapping[str, t.Any]:
        """Its condition, empty when it has none."""
        return self.statement.get("Condition") or {}

    @cached_property
    def kinds(self) -> dict[str, list[t.Any]]:
        """Its principals, or what they are not, by kind."""
        return by_kind(self.statement.get("NotPrincipal", self.statement.get("Principal")))

    @property
    def principals(self) -> list[str]:
        """Those of kind C(AWS)."""
        return self.kinds.get("AWS", [])

    @property
    def living(self) -> list[str]:
        """Those that can be somebody's; none of NotPrincipal, which names whom it is not about."""
        if "NotPrincipal" in self.statement:
            return []
        return [principal for principal in self.principals if principal == ANYBODY or is_caller(principal)]

    @property
    def anybody(self) -> bool:
        """Whether it speaks of people in any account."""
        return "NotPrincipal" in self.statement or ANYBODY in self.principals

    @cached_property
    def outsiders(self) -> list[str]:
        """Accounts other than the domain's; everybody is none by name."""
        accounts = {account_of(principal) for principal in self.principals} - {None, self.scope.owner}
        return sorted(t.cast("set[str]", accounts))

    @property
    def patterns(self) -> list[str]:
        """Of its actions."""
        return as_list(self.statement.get("Action"))

    @cached_property
    def covers(self) -> frozenset[str]:
        """The known actions that it is about and that its policy counts for."""
        if "NotAction" in self.statement:
            return _COUNT[self.kind] - covered_by(as_list(self.statement["NotAction"]))
        return covered_by(self.patterns) & _COUNT[self.kind]

    @property
    def everything(self) -> bool:
        """Whether it is about every action."""
        return self.covers >= _COUNT[self.kind]

    @property
    def resources(self) -> list[str]:
        """As written, of Resource; everything when it has none or NotResource."""
        return as_list(self.statement.get("Resource")) or [ALL]

    def paths(self, repository: str) -> set[str]:
        """Patterns of the packages of a repository that it is about."""
        prefix = self.scope.arn("package", repository, "")
        return {path for pattern in self.resources for path in paths_in(pattern, prefix)}

    @property
    def any_packages(self) -> bool:
        """Whether it is about all packages of its repository, or of any repository of the domain."""
        return ALL in self.paths(self.governed.repository or ANY_PACKAGE[0])

    @property
    def power(self) -> str:
        """The strongest of its actions in few words."""
        if self.everything:
            return "every action"
        names = sorted(self.covers & _STRONG) or sorted(self.covers & {READ}) or sorted(self.covers)
        return " and ".join(f"{PREFIX}{name}" for name in names[:2]) + (" and more" if len(names) > 2 else "")

    def without(self, names: t.Collection[str]) -> Statement | None:
        """The statement without actions, patterns written out as what counts here and can be stored."""
        noun = self.kind.capitalize()
        own = {f"{verb}{noun}PermissionsPolicy" for verb in ("Put", "Delete")}
        foreign = own if self.outsiders or self.anybody else set[str]()
        return without_actions(self.statement, names, _COUNT[self.kind] - foreign)

    def finding(
        self, code: str, severity: str, says: str, name: str, *fixed: Statement | None, note: str = ""
    ) -> Finding:
        """A finding on this statement.

        :param says: goes after its name
        :param name: of the task
        :param fixed: the statements to have in its place
        :param note: what a user has to do before the task can run
        """
        policy = replacing(self.governed.policy or {}, self.index, *fixed)
        task = policy_task(self.scope, self.governed, policy, name, *([note] if note else []))
        reference = self.reference
        where = f"{str(reference).replace(f'the {self.kind} policy', f'the policy of {self._target}')}"
        return Finding(
            code, severity, self.governed.repository, f"{where[0].upper()}{where[1:]} {says}.", task, reference
        )

    @property
    def _target(self) -> str:
        return f"{self.kind} {'/'.join(filter(None, (self.scope.name, self.governed.repository)))}"


def statement_findings(scope: Scope, governed: Governed) -> t.Iterator[Finding]:
    """What is to be found in a policy's statements, each by itself."""
    for index, statement in enumerate(statements(governed.policy or {})):
        view = View(scope, governed, index, statement)
        for rule in _RULES:
            yield from rule(view)


def _public(view: View) -> t.Iterator[Finding]:
    if view.allows and view.anybody and not names_a_group(view.condition) and view.covers:
        fixed = {name: value for name, value in view.statement.items() if name != "NotPrincipal"}
        fixed["Principal"] = {"AWS": f"arn:{view.scope.partition}:iam::{view.scope.owner}:root"}
        yield view.finding(
            "public_access",
            HIGH,
            f"allows {view.power} to anybody in any AWS account whose own policies allow it",
            "Keep strangers out",
            fixed,
            note="Leaves it to the account that owns the domain. Name in Principal who else is meant.",
        )


def _whole_accounts(view: View) -> t.Iterator[Finding]:
    accounts = sorted({str(account_of(one)) for one in view.principals if is_account(one)})
    weak = not view.covers & (_STRONG | {READ})
    if not view.allows or not accounts or weak or "NotPrincipal" in view.statement or names_persons(view.condition):
        return
    role = f"arn:{view.scope.partition}:iam::{{}}:role/{_ROLE}"
    named = [role.format(account_of(one)) if is_account(one) else one for one in view.principals]
    needs_no_policy = " even without an identity policy" if view.scope.owner in accounts else ""
    yield view.finding(
        "whole_account",
        MEDIUM if view.covers & _STRONG else LOW,
        f"allows {view.power} to all users and roles of {_accounts(accounts)}{needs_no_policy}, where a role would do",
        "Name roles in place of whole accounts",
        with_principals(view.statement, named),
        note=f"Put the name of the role that needs it in place of {_ROLE}.",
    )


def _accounts(accounts: t.Sequence[str]) -> str:
    return f"account{'s' if len(accounts) > 1 else ''} {', '.join(accounts)}"


def _every_action(view: View) -> t.Iterator[Finding]:
    if view.allows and view.everything:
        fixed = {name: value for name, value in view.statement.items() if name != "NotAction"}
        modest = [f"{PREFIX}{name}" for name in _MODEST[view.kind]]
        yield view.finding(
            "every_action",
            HIGH,
            "allows every action, among them to delete and to change what others get",
            "Allow reading only" if view.kind == "repository" else "Allow logging in and looking only",
            {**fixed, "Action": modest},
            note="Add what else is needed by name.",
        )


def _domain_wide_read(view: View) -> t.Iterator[Finding]:
    if view.kind != "domain" or not view.allows or READ not in view.covers:
        return
    anywhere = f"repository/{view.scope.name}/{ANY_PACKAGE[0]}"
    if any(view.scope.attachment(view.governed).matches(resource, anywhere) for resource in view.resources):
        yield view.finding(
            "domain_wide_read",
            HIGH if view.outsiders or view.anybody else MEDIUM,
            f"allows {PREFIX}{READ} on every repository of the domain, those to come included",
            "Leave reading to the policies of repositories",
            view.without({READ}),
            note="Before that, grant read in the policies of the repositories that are meant.",
        )


def _unbounded_publish(view: View) -> t.Iterator[Finding]:
    if not view.allows or view.everything or PUBLISH not in view.covers or not view.any_packages:
        return
    moved = [name for name in (PUBLISH, METADATA) if name in view.covers]
    packages = view.scope.arn("package", view.governed.repository or "*", _PACKAGES)
    bounded: Statement = {
        **{name: value for name, value in view.statement.items() if name not in ("NotAction", "NotResource")},
        "Action": [f"{PREFIX}{name}" for name in moved],
        "Resource": packages,
    }
    rest = view.without(moved)
    if rest is not None:
        bounded = {**bounded, **({"Sid": f"{view.statement['Sid']}Publish"} if view.statement.get("Sid") else {})}
    wide = view.kind == "domain" or view.anybody or any(map(is_account, view.principals))
    where = (
        "all packages of every repository" if view.kind == "domain" else "all packages, names that others use included"
    )
    yield view.finding(
        "unbounded_publish",
        HIGH if wide else MEDIUM,
        f"allows {PREFIX}{PUBLISH} on {where}",
        "Bound what may be published",
        rest,
        bounded,
        note=f"Put the format, namespace and name of the packages in place of {_PACKAGES}.",
    )


def _others_in_charge(view: View) -> t.Iterator[Finding]:
    """Policies can be changed by the domain's policy; and what others should not do besides."""
    if not view.allows or view.everything or not (view.outsiders or view.anybody):
        return
    who = "anybody" if view.anybody else _accounts(view.outsiders)
    if view.kind == "domain" and CHANGE_POLICIES in view.covers:
        yield view.finding(
            "others_change_policies",
            HIGH,
            f"allows {who} {PREFIX}{CHANGE_POLICIES}, by which repositories can be opened to anybody else",
            "Keep policies to the domain's account",
            view.without({CHANGE_POLICIES}),
        )
    excess = (view.covers & _OTHERS_SHOULD_NOT) - {CHANGE_POLICIES}
    if excess:
        names = ", ".join(f"{PREFIX}{name}" for name in sorted(excess))
        yield view.finding(
            "others_administer",
            MEDIUM,
            f"allows {who} what changes or deletes what the domain's account is responsible for: {names}",
            "Keep administration to the domain's account",
            view.without(excess),
        )


def _dead_principals(view: View) -> t.Iterator[Finding]:
    dead = [principal for principal in view.principals if is_dead(principal)]
    if dead:
        living = [principal for principal in view.principals if not is_dead(principal)]
        yield view.finding(
            "dead_principal",
            MEDIUM,
            f"names {', '.join(dead)}, left of users or roles that were deleted: it is about nobody, and AWS stores no change of a "
            "policy that has it",
            "Drop deleted principals",
            with_principals(view.statement, living),
        )


def _other_principals(view: View) -> t.Iterator[Finding]:
    others = sorted(set(view.kinds) - {"AWS"})
    if others and "NotPrincipal" not in view.statement:
        yield view.finding(
            "unjudged_principal",
            LOW,
            f"names principals of the kind {' and '.join(others)}, of whom it is not told what they may do",
            "Name principals of AWS only",
            {**view.statement, "Principal": {"AWS": view.principals}} if view.principals else None,
        )


def _never_matches(view: View) -> t.Iterator[Finding]:
    attached = view.scope.attachment(view.governed)
    strange = [resource for resource in as_list(view.statement.get("Resource")) if not attached.kinds(resource)]
    if strange:
        verb = "allows" if view.allows else "denies"
        yield view.finding(
            "never_matches",
            MEDIUM,
            f"is about {', '.join(strange)}, which matches nothing of this {view.kind}: it {verb} nothing there",
            "Drop what matches nothing",
            with_values(view.statement, "Resource", [one for one in view.resources if one not in strange]),
        )


def _no_effect(view: View) -> t.Iterator[Finding]:
    """Actions that the policy cannot decide about, or not on the resources that the statement has."""
    attached = view.scope.attachment(view.governed)
    kinds = {kind for resource in view.resources for kind in attached.kinds(resource)}
    found = {pattern: _fault(pattern, view.kind, kinds) for pattern in view.patterns}
    for code, says in (
        ("no_effect", f"for which it never counts in the policy of a {view.kind}, or not on its resources"),
        ("unknown_action", "which is no action that this collection knows"),
    ):
        named = [pattern for pattern, fault in found.items() if fault == code]
        if named:
            yield view.finding(
                code,
                MEDIUM if code == "no_effect" and len(named) == len(view.patterns) else LOW,
                f"has {', '.join(named)}, {says}",
                "Drop actions without effect",
                with_values(view.statement, "Action", [one for one in view.patterns if one not in named]),
            )


def _fault(pattern: str, kind: str, kinds: set[str]) -> str | None:
    names = covered(pattern)
    if names:
        counts = {name for name in names & _COUNT[kind] if not kinds or set(ACTIONS[name]) & kinds}
        return None if counts else "no_effect"
    if pattern.lower().startswith(PREFIX):
        return "unknown_action"
    # The guide once had this in domain policies.
    return None if kind == "domain" and pattern.lower() == SERVICE_BEARER_TOKEN.lower() else "no_effect"


_RULES: tuple[t.Callable[[View], t.Iterator[Finding]], ...] = (
    _public,
    _whole_accounts,
    _every_action,
    _domain_wide_read,
    _unbounded_publish,
    _others_in_charge,
    _dead_principals,
    _other_principals,
    _never_matches,
    _no_effect,
)
