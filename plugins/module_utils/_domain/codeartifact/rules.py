# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules about policies: one table, read by those who write policies and by the report on them. Pure.

What a policy lets somebody do is an answer of the evaluator; a rule only says which answers are worth a finding, how grave it is, and what
to do. A writer is refused what the service refuses, warned of the rest as far as one policy shows it, and left alone where an option of
the guide's own examples is a matter of judgment.

Sources: the CodeArtifact User Guide, "Repository policies" and "Domain policies"; that AWS stores what has no effect: policies in public
repositories, and Terraform's acceptance tests; that it stores no policy which names a deleted user or role is reported from practice.
"""

from __future__ import annotations

import difflib
import typing as t
from dataclasses import dataclass

from ..._base.findings import HIGH, LOW, MEDIUM, Finding, gravity
from ..iam.audiences import names_a_group, names_persons
from ..iam.documents import RawStatement
from ..iam.principals import account_of, is_account, is_dead
from ..iam.statements import ALLOW
from ..iam.wildcards import completed_arn
from .access import ADMINISTER, LOGIN, MAINTAIN, READ, TO_DOMAINS, TO_REPOSITORIES
from .actions import (
    ACTIONS,
    GET_AUTHORIZATION_TOKEN,
    PREFIX,
    PUBLISH_PACKAGE_VERSION,
    PUT_PACKAGE_METADATA,
    PUT_REPOSITORY_POLICY,
    READ_FROM_REPOSITORY,
    SERVICE_BEARER_TOKEN,
    covered,
)
from .grants import ALLOWED_BY
from .logins import login_findings
from .matrix import Matrix
from .names import DOMAIN, REPOSITORY
from .remedies import policy_task, replacing, with_principals, with_values, without_actions
from .scope import Governed, Scope
from .statement_view import COUNT, StatementView, views

#: What becomes of it when a policy is written: the service refuses it; it is written and warned about; the report alone has it.
REFUSE, WARN, REPORT = "refuse", "warn", "report"

_STRONG = frozenset(
    action
    for kinds in (TO_DOMAINS, TO_REPOSITORIES)
    for access, actions in kinds.items()
    if access not in (LOGIN, READ)
    for action in actions
)
_OTHERS_SHOULD_NOT = frozenset((*TO_REPOSITORIES[MAINTAIN], *TO_REPOSITORIES[ADMINISTER], *TO_DOMAINS[ADMINISTER])) - {
    PUT_REPOSITORY_POLICY
}
#: What is left of a statement with every action.
_MODEST = {
    REPOSITORY: ALLOWED_BY[READ],
    DOMAIN: ("DescribeDomain", GET_AUTHORIZATION_TOKEN, "ListRepositoriesInDomain"),
}
#: Stands for what a user has to say.
_ROLE, _PACKAGES = "ROLE", "npm/your-scope/*"

Fixed: t.TypeAlias = "tuple[RawStatement | None, ...]"


@dataclass(frozen=True)
class Rule:
    """What is to be found in a statement, and what to do about it."""

    code: str
    severity: t.Callable[[StatementView], str]
    #: REFUSE, WARN or REPORT.
    response: str
    holds: t.Callable[[StatementView], bool]
    #: What goes after the statement's name to make a sentence.
    says: t.Callable[[StatementView], str]
    #: The name of the task that makes it go away, and the statements that it puts in place of this one.
    task: str
    fixed: t.Callable[[StatementView], Fixed]
    #: What a user has to do before the task can run.
    note: str = ""

    def finding(self, view: StatementView) -> Finding:
        """What the report has on a statement for which the rule holds."""
        policy = replacing(view.governed.policy or {}, view.index, *self.fixed(view))
        where = str(view.reference).replace(f"the {view.kind} policy", f"the policy of {view.target}")
        return Finding(
            self.code,
            f"{view.target}, {view.reference.name}",
            f"{where[0].upper()}{where[1:]} {self.says(view)}.",
            policy_task(view.scope, view.governed, policy, self.task, *([self.note] if self.note else [])),
            self.severity(view),
            {
                "domain": view.scope.name,
                "repository": view.governed.repository,
                "statement": view.reference.number,
                "sid": view.reference.sid,
            },
        )


def find(matrix: Matrix) -> list[Finding]:
    """All findings on a domain and its repositories, what matters most first, of a domain what is about itself."""
    found = list(login_findings(matrix))
    for governed in matrix.scope.governed:
        for view in views(matrix.scope, governed):
            found += [rule.finding(view) for rule in RULES if rule.holds(view)]
    return sorted(found, key=_order)


def _order(finding: Finding) -> tuple[t.Any, ...]:
    return gravity(finding), finding.about["repository"] or "", finding.code, finding.about["statement"] or 0


def warnings(scope: Scope, governed: Governed, sids: t.Collection[str] | None = None) -> t.Iterator[str]:
    """What to tell who writes a policy, one line for each statement.

    :param scope: where it is; of other policies nothing need be known
    :param governed: the domain or repository with the policy that is written
    :param sids: of the statements that are the writer's own; None for all
    """
    for view in views(scope, governed):
        if sids is None or view.reference.sid in sids:
            says = [rule.says(view) for rule in RULES if rule.response == WARN and rule.holds(view)]
            if says:
                yield f"S{view.reference.name[1:]} of its policy {'; it '.join(says)}."


def _always(severity: str) -> t.Callable[[StatementView], str]:
    return lambda _view: severity


def _changed(statement: RawStatement, **elements: t.Any) -> RawStatement:
    """The statement with these elements in place of those that it has, or has the negation of."""
    kept = {name: value for name, value in statement.items() if name not in [f"Not{one}" for one in elements]}
    return {**kept, **elements}


def _for_the_owner(view: StatementView) -> Fixed:
    return (_changed(view.raw, Principal={"AWS": f"arn:{view.scope.partition}:iam::{view.scope.owner}:root"}),)


def _for_roles(view: StatementView) -> Fixed:
    role = f"arn:{view.scope.partition}:iam::{{}}:role/{_ROLE}"
    named_roles = [role.format(account_of(one)) if is_account(one) else one for one in view.principals]
    return (with_principals(view.raw, named_roles),)


def _modest(view: StatementView) -> Fixed:
    return (_changed(view.raw, Action=[f"{PREFIX}{name}" for name in _MODEST[view.kind]]),)


def _without(view: StatementView, names: t.Collection[str]) -> RawStatement | None:
    """The statement without actions, patterns written out as what counts here and is not the owner's alone."""
    noun = view.kind.capitalize()
    own = {f"{verb}{noun}PermissionsPolicy" for verb in ("Put", "Delete")}
    foreign = own if view.outsiders or view.anybody else set[str]()
    return without_actions(view.raw, names, COUNT[view.kind] - foreign)


def _bounded(view: StatementView) -> Fixed:
    moved = [name for name in (PUBLISH_PACKAGE_VERSION, PUT_PACKAGE_METADATA) if name in view.covers]
    bounded = _changed(
        view.raw,
        Action=[f"{PREFIX}{name}" for name in moved],
        Resource=view.scope.arn("package", view.governed.repository or "*", _PACKAGES),
    )
    rest = _without(view, moved)
    if rest is not None and view.raw.get("Sid"):
        bounded["Sid"] = f"{view.raw['Sid']}Publish"
    return rest, bounded


def _and_reads(view: StatementView) -> Fixed:
    return view.raw, {
        "Effect": ALLOW,
        "Principal": view.raw["Principal"],
        "Action": f"{PREFIX}{READ_FROM_REPOSITORY}",
        "Resource": view.scope.arn("repository", str(view.governed.repository)),
    }


def _accounts(accounts: t.Sequence[str]) -> str:
    return f"account{'s' if len(accounts) > 1 else ''} {', '.join(accounts)}"


def _who(view: StatementView) -> str:
    return "anybody" if view.anybody else _accounts(view.outsiders)


def _power(view: StatementView) -> str:
    """The strongest of its actions in few words."""
    if view.everything:
        return "every action"
    names = sorted(view.covers & _STRONG) or sorted(view.covers & {READ_FROM_REPOSITORY}) or sorted(view.covers)
    return " and ".join(f"{PREFIX}{name}" for name in names[:2]) + (" and more" if len(names) > 2 else "")


def _unbounded(view: StatementView) -> bool:
    return not view.everything and view.lets_everywhere(PUBLISH_PACKAGE_VERSION, "package")


def _for_many(view: StatementView) -> bool:
    return view.kind == DOMAIN or view.anybody or bool(view.accounts)


def _excess(view: StatementView) -> frozenset[str]:
    return view.covers & _OTHERS_SHOULD_NOT


def _useless(view: StatementView) -> list[str]:
    """Its actions for which it never counts. Of the action of STS the guide once had an example in domain policies."""
    known = view.kind == DOMAIN and SERVICE_BEARER_TOKEN.lower()
    return [one for one in view.patterns if one.lower() != known and not _unknown(one) and view.useless(one)]


def _unknown(pattern: str) -> bool:
    return pattern.lower().startswith(PREFIX) and not covered(pattern)


def _guess(pattern: str) -> str:
    known = {action.lower(): action for action in ACTIONS}
    close = difflib.get_close_matches(pattern.lower().removeprefix(PREFIX), known, n=1)
    return f"{pattern} (is {PREFIX}{known[close[0]]} meant?)" if close else pattern


def _nuget(package: str) -> str:
    """The repository of a package."""
    domain, _separator, rest = package.partition(":package/")
    return f"{domain}:repository/{'/'.join(rest.split('/')[:2])}" if _format_of(package) == "nuget" else ""


def _format_of(package: str) -> str:
    return package.partition(":package/")[2].split("/")[2]


def _incomplete(
    tool: str, action: str, where: t.Callable[[str], str], fixed: t.Callable[[StatementView], Fixed]
) -> Rule:
    """The rule about publishing that takes another action, on the resource that C(where) has for a package."""
    return Rule(
        "incomplete_publish",
        _always(MEDIUM),
        # What is missing may be in another policy.
        REPORT,
        lambda view: view.kind == REPOSITORY and view.lacks(action, PUBLISH_PACKAGE_VERSION, where),
        lambda _view: (
            f"allows to publish {tool} packages and not {PREFIX}{action}, without which {tool}'s publishing fails"
        ),
        "Allow all that publishing takes",
        fixed,
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "public_access",
        _always(HIGH),
        WARN,
        lambda view: view.anybody and not names_a_group(view.statement.condition),
        lambda view: f"allows {_power(view)} to anybody in any AWS account whose own policies allow it",
        "Keep strangers out",
        _for_the_owner,
        "Leaves it to the account that owns the domain. Name in Principal who else is meant.",
    ),
    Rule(
        "every_action",
        _always(HIGH),
        WARN,
        lambda view: view.everything and view.covers >= COUNT[view.kind],
        lambda _view: "allows every action, among them to delete and to change what others get",
        "Allow the usual actions only",
        _modest,
        "Add what else is needed by name.",
    ),
    Rule(
        "domain_wide_read",
        lambda view: HIGH if view.outsiders or view.anybody else MEDIUM,
        WARN,
        lambda view: view.kind == DOMAIN and view.lets_everywhere(READ_FROM_REPOSITORY, "repository"),
        lambda _view: (
            f"allows {PREFIX}{READ_FROM_REPOSITORY} on every repository of the domain, those to come included"
        ),
        "Leave reading to the policies of repositories",
        lambda view: (_without(view, {READ_FROM_REPOSITORY}),),
        "Before that, grant read in the policies of the repositories that are meant.",
    ),
    *(
        Rule(
            "unbounded_publish",
            _always(severity),
            # That one team's role publishes to its repository whatever it likes can be meant.
            response,
            holds,
            lambda view: (
                f"allows {PREFIX}{PUBLISH_PACKAGE_VERSION} on all packages"
                + (" of every repository" if view.kind == DOMAIN else ", names that others use included")
            ),
            "Bound what may be published",
            _bounded,
            f"Put the format, namespace and name of the packages in place of {_PACKAGES}.",
        )
        for severity, response, holds in (
            (HIGH, WARN, lambda view: _unbounded(view) and _for_many(view)),
            (MEDIUM, REPORT, lambda view: _unbounded(view) and not _for_many(view)),
        )
    ),
    Rule(
        "others_change_policies",
        _always(HIGH),
        WARN,
        lambda view: (
            not view.everything
            and bool(view.outsiders or view.anybody)
            and view.kind == DOMAIN
            and PUT_REPOSITORY_POLICY in view.covers
        ),
        lambda view: (
            f"allows {_who(view)} {PREFIX}{PUT_REPOSITORY_POLICY}, by which repositories can be opened to anybody else"
        ),
        "Keep policies to the domain's account",
        lambda view: (_without(view, {PUT_REPOSITORY_POLICY}),),
    ),
    Rule(
        "others_administer",
        _always(MEDIUM),
        WARN,
        lambda view: not view.everything and bool(view.outsiders or view.anybody) and bool(_excess(view)),
        lambda view: (
            f"allows {_who(view)} what changes or deletes what the domain's account is responsible for: "
            + ", ".join(f"{PREFIX}{name}" for name in sorted(_excess(view)))
        ),
        "Keep administration to the domain's account",
        lambda view: (_without(view, _excess(view)),),
    ),
    Rule(
        "whole_account",
        lambda view: MEDIUM if view.covers & _STRONG else LOW,
        # As the guide's own examples have it.
        REPORT,
        lambda view: (
            bool(view.accounts and view.covers & (_STRONG | {READ_FROM_REPOSITORY}))
            and not names_persons(view.statement.condition)
        ),
        lambda view: (
            f"allows {_power(view)} to all users and roles of {_accounts(view.accounts)} whose own policies allow it, where a role would do"
        ),
        "Name roles in place of whole accounts",
        _for_roles,
        f"Put the name of the role that needs it in place of {_ROLE}.",
    ),
    Rule(
        "own_account",
        _always(LOW),
        WARN,
        # With every action it is the usual way to say that the owner keeps everything.
        lambda view: view.allows and bool(view.own_accounts and view.about) and not view.everything,
        lambda view: (
            f"names {_accounts(sorted({str(account_of(one)) for one in view.own_accounts}))} in a policy of its own, which leaves it to "
            "identity policies there: it lets in nobody who was not let in already"
        ),
        "Name roles in place of the own account",
        _for_roles,
        f"Put the name of the role that needs it in place of {_ROLE}.",
    ),
    Rule(
        "dead_principal",
        _always(MEDIUM),
        REFUSE,
        lambda view: bool(view.dead),
        lambda view: (
            f"names {', '.join(view.dead)}, left of users or roles that were deleted: it is about nobody, and AWS stores no change of a "
            "policy that has it"
        ),
        "Drop deleted principals",
        lambda view: (with_principals(view.raw, [one for one in view.principals if not is_dead(one)]),),
    ),
    Rule(
        "unjudged_principal",
        _always(LOW),
        REPORT,
        lambda view: bool(view.kinds.keys() - {"AWS"}) and not view.statement.not_principal,
        lambda view: (
            f"names principals of the kind {' and '.join(sorted(view.kinds.keys() - {'AWS'}))}, and what they may do is not judged"
        ),
        "Name principals of AWS only",
        lambda view: ({**view.raw, "Principal": {"AWS": view.principals}} if view.principals else None,),
    ),
    Rule(
        "never_matches",
        _always(MEDIUM),
        WARN,
        lambda view: bool(view.strange),
        lambda view: (
            f"is about {', '.join(view.strange)}, which matches nothing of this {view.kind}: it "
            f"{'allows' if view.allows else 'denies'} nothing there"
        ),
        "Drop what matches nothing",
        lambda view: (
            with_values(
                view.raw, "Resource", [one for one in view.statement.resources.patterns if one not in view.strange]
            ),
        ),
    ),
    Rule(
        "incomplete_arn",
        _always(LOW),
        WARN,
        lambda view: bool(view.incomplete),
        lambda view: (
            f"is about {', '.join(view.incomplete)}, which has not all six parts of an ARN: it may be about nothing, or about "
            + ", ".join(str(completed_arn(one)) for one in view.incomplete)
        ),
        "Write the ARN out",
        lambda view: (
            with_values(view.raw, "Resource", [completed_arn(one) or one for one in view.statement.resources.patterns]),
        ),
        "Say less in place of the stars where less is meant.",
    ),
    Rule(
        "no_effect",
        lambda view: MEDIUM if len(_useless(view)) == len(view.patterns) else LOW,
        WARN,
        lambda view: bool(_useless(view)),
        lambda view: (
            f"has {', '.join(_useless(view))}, for which it never counts in the policy of a {view.kind}, or not on its resources"
        ),
        "Drop actions without effect",
        lambda view: (with_values(view.raw, "Action", [one for one in view.patterns if one not in _useless(view)]),),
    ),
    Rule(
        "unknown_action",
        _always(LOW),
        WARN,
        lambda view: any(map(_unknown, view.patterns)),
        lambda view: (
            f"has {', '.join(map(_guess, filter(_unknown, view.patterns)))}, which is not an action that this collection knows"
        ),
        "Drop actions without effect",
        lambda view: (with_values(view.raw, "Action", [one for one in view.patterns if not _unknown(one)]),),
    ),
    Rule(
        "overridden",
        _always(LOW),
        WARN,
        lambda view: bool(view.overriding),
        lambda view: f"allows nothing, because it is denied by {' and '.join(map(str, view.overriding))}",
        "Drop what is denied anyway",
        lambda _view: (None,),
    ),
    _incomplete(
        "Maven",
        PUT_PACKAGE_METADATA,
        lambda package: package if _format_of(package) == "maven" else "",
        lambda view: (with_values(view.raw, "Action", [*view.patterns, f"{PREFIX}{PUT_PACKAGE_METADATA}"]),),
    ),
    _incomplete("NuGet", READ_FROM_REPOSITORY, _nuget, _and_reads),
)
