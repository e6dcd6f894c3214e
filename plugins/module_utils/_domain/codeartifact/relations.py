# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grants that do not take effect, because of what other statements say or leave out. Pure.

Sources: CodeArtifact User Guide, "Repository policies": another account needs C(GetAuthorizationToken) in the domain's policy, Maven
publishes metadata too, NuGet reads the repository that it publishes to, an explicit deny in one policy overrides an allow in the other.
"""

from __future__ import annotations

import typing as t
from collections import defaultdict

from ..iam.principals import ANYBODY, account_of
from .access import Matrix
from .actions import ACTIONS, OF_A_REPOSITORY, PREFIX
from .bounds import ANY_PACKAGE, example
from .callers import Caller
from .checks import READ
from .documents import statements
from .evaluation import DENIED, Decision, Policies, evaluate
from .findings import LOW, MEDIUM, METADATA, PUBLISH, Finding, View, statement_findings
from .levels import LOGIN
from .remedies import grants_task, with_values
from .scope import Governed, Scope
from .statements import ALLOW, DENY, IDENTITY, Request, applies, read_statements

#: Principals of one account to name in a sentence or a grant; more of them are better granted as their account.
_FEW = 20
# As if the caller's own account let them do all: not its policies are looked at, but these.
_WILLING = read_statements(IDENTITY, {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def find(matrix: Matrix) -> list[Finding]:
    """All findings on a domain and its repositories, what matters most first."""
    found = list(_missing_logins(matrix))
    for governed in matrix.scope.governed:
        found += statement_findings(matrix.scope, governed)
        found += _overridden(matrix.scope, governed)
    for repository in matrix.scope.repositories:
        found += _incomplete_publishing(matrix.scope, repository)
    return sorted(found, key=lambda finding: finding.order)


def _missing_logins(matrix: Matrix) -> t.Iterator[Finding]:
    """One finding for each account: a domain has one policy for all of its repositories."""
    scope = matrix.scope
    useless: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for repository in scope.repositories:
        for name in repository.principals:
            account = str(account_of(name))
            if account != scope.owner and _may_do_something(matrix, name, repository):
                login = matrix.row(name, scope.domain).answers.verdicts[LOGIN]
                if login.outcome == DENIED and not login.explicit:
                    useless[account][name] = useless[account].get(name, 0) + 1
    for account, names in sorted(useless.items()):
        principals = [account] if account in names or len(names) > _FEW else sorted(names)
        others = (
            f" (among them {', '.join(sorted(names)[:_FEW])})"
            if principals == [account] and account not in names
            else ""
        )
        who = f"account {account}{others}" if principals == [account] else ", ".join(principals)
        grant = {"name": f"login-{account}", "principals": principals, "access": [LOGIN]}
        yield Finding(
            "no_login",
            MEDIUM,
            None,
            f"The domain policy does not let {who} log in: it has no statement that allows "
            f"{PREFIX}GetAuthorizationToken to them. What policies of repositories grant them takes no effect.",
            grants_task(scope, scope.domain, grant, "Let them log in"),
        )


def _may_do_something(matrix: Matrix, name: str, repository: Governed) -> bool:
    return any(verdict.outcome != DENIED for verdict in matrix.row(name, repository).answers.verdicts.values())


def _allowing(scope: Scope, governed: Governed) -> t.Iterator[View]:
    for index, statement in enumerate(statements(governed.policy or {})):
        view = View(scope, governed, index, statement)
        if view.allows:
            yield view


def _overridden(scope: Scope, governed: Governed) -> t.Iterator[Finding]:
    """Statements all of whose effect is denied by others, whatever identity policies say."""
    if not any(one.reference.effect == DENY for one in (*scope.domain.statements, *governed.statements)):
        return
    for view in _allowing(scope, governed):
        decisions = [_decided(request, scope, governed) for request in _requests(view)]
        if decisions and all(one.outcome == DENIED and not one.lacking for one in decisions):
            by = " and ".join(dict.fromkeys(str(one) for decision in decisions for one in decision.statements))
            says = f"allows nothing, because it is denied by {by}"
            yield view.finding("overridden", LOW, says, "Drop what is denied anyway", None)


def _decided(request: Request, scope: Scope, governed: Governed) -> Decision:
    repository = governed.statements if governed.repository else ()
    return evaluate(
        request, Policies(scope.owner, governed.administrator, _WILLING, scope.domain.statements, repository)
    )


def _requests(view: View) -> t.Iterator[Request]:
    """What a statement allows, each in one request. None for a domain's that is about repositories, of which there are many."""
    if view.kind == "domain" and view.covers & OF_A_REPOSITORY:
        return
    statement = view.governed.statements[view.index]
    for caller in map(_caller, view.living):
        for action in sorted(view.covers):
            for resource in _resources(view, action):
                request = Request(caller, f"{PREFIX}{action}", resource)
                if applies(statement, request) is not None:
                    yield request


def _caller(principal: str) -> Caller:
    return Caller.anybody() if principal == ANYBODY else Caller.of(principal)


def _resources(view: View, action: str) -> t.Iterator[str]:
    scope, repository = view.scope, view.governed.repository
    if repository is None:
        yield scope.arn("domain") if "domain" in ACTIONS[action] else scope.arn(ACTIONS[action][0], ANY_PACKAGE)
    elif "package" in ACTIONS[action]:
        yield from (scope.arn("package", repository, example(path)) for path in sorted(view.paths(repository)))
    else:
        yield scope.arn("repository", repository)


def _incomplete_publishing(scope: Scope, repository: Governed) -> t.Iterator[Finding]:
    """Packages of formats for which the right to publish alone is not enough."""
    name = str(repository.repository)
    for view in _allowing(scope, repository):
        if PUBLISH not in view.covers:
            continue
        callers = [_caller(principal) for principal in view.living]
        maven = [scope.arn("package", name, example(path)) for path in view.paths(name) if path.startswith("maven/")]
        if _any_denied(callers, METADATA, maven, scope, repository):
            actions = [*view.patterns, f"{PREFIX}{METADATA}"]
            yield view.finding(
                "incomplete_publish",
                MEDIUM,
                f"allows to publish Maven packages and not {PREFIX}{METADATA}, without which Maven's publishing fails",
                "Allow all that publishing takes",
                with_values(view.statement, "Action", actions),
            )
        here = scope.arn("repository", name)
        nuget = [here] if any(path.startswith("nuget/") for path in view.paths(name)) else []
        if _any_denied(callers, READ, nuget, scope, repository):
            reads = {
                "Effect": ALLOW,
                "Principal": view.statement["Principal"],
                "Action": f"{PREFIX}{READ}",
                "Resource": here,
            }
            yield view.finding(
                "incomplete_publish",
                MEDIUM,
                f"allows to publish NuGet packages and not {PREFIX}{READ}, without which NuGet's publishing fails",
                "Allow all that publishing takes",
                view.statement,
                reads,
            )


def _any_denied(
    callers: t.Iterable[Caller], action: str, resources: t.Sequence[str], scope: Scope, repository: Governed
) -> bool:
    requests = (Request(caller, f"{PREFIX}{action}", resource) for caller in callers for resource in resources)
    return any(_decided(request, scope, repository).outcome == DENIED for request in requests)
