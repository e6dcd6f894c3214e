# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access report: what was read of all scopes becomes one mapping, which the page and the JSON file show. Pure."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

from ..._base.findings import SEVERITIES
from ..._base.values import format_time
from ..gcp.repository_findings import REMOTE
from . import flows, registry
from .cells import Read, Shown, principals_of
from .machines import machine_findings, machines
from .packages import domain, repository, rows
from .token_findings import token_findings
from .tokens import Token, shown_token, tokens_of

#: What each reading of a scope returns when it went well.
_RETURNS = {
    "repositories": "remote_repositories",
    "agent": "service_agent",
    "secrets": "results",
    "policies": "results",
    "repository_access": "access",
    "project_repositories": "repositories",
    "access": "access",
    "domain_repositories": "repositories",
}


def make_report(
    scopes: t.Iterable[Read], *, title: str, now: datetime, max_age: timedelta, installing: t.Sequence[Read] = ()
) -> Shown:
    """The report.

    :param scopes: each with C(scope), its name, and what was read: C(project), C(repositories), C(agent), C(secrets), C(policies),
        C(repository_access) and C(project_repositories) of a Google Cloud project, C(domain), C(access) and C(domain_repositories) of a
        CodeArtifact domain, as the modules returned it, failures included
    :param max_age: of a token
    :param installing: what C(package_clients_info) returned of machines, failures included, each with C(machine), its name
    :raises InvalidInput: C(installing) is something else
    """
    report: Shown = {
        "title": title,
        "as_of": format_time(now.replace(microsecond=0)),
        "summary": {},
        "scopes": [],
        "matrix": {"repositories": [], "domains": [], "tokens": []},
        "findings": [],
        "domains": [],
        "projects": [],
        "flows": [],
        "repositories": [],
        "machines": machines(installing),
    }
    tokens: list[Token] = []
    for found in scopes:
        problems = [problem for name in _RETURNS if name in found for problem in _problems(name, found[name])]
        where = []
        if "repositories" in found or "repository_access" in found:
            where.append(f"project {found['project']}")
        if "repositories" in found:
            tokens += tokens_of(found["scope"], found)
        if "repository_access" in found:
            _add_registry(report, found["scope"], found["repository_access"].get("access"))
        if "access" in found:
            where.append(f"domain {found['domain']}")
            _add_packages(report, found["scope"], found["access"].get("access"))
        report["flows"] += _flows(found)
        if not where:
            problems.append("Nothing of it was read.")
        report["scopes"].append(
            {"scope": found["scope"], "where": ", ".join(where), "problems": list(dict.fromkeys(problems))}
        )
    _add_tokens(report, tokens)
    report["repositories"].sort(key=lambda one: one["place"])
    report["findings"] += [finding.as_dict() for finding in token_findings(tokens, now, max_age)]
    report["findings"] += machine_findings(installing)
    report["findings"].sort(key=lambda one: (SEVERITIES.index(one["severity"]), one["where"], one["code"]))
    report["summary"] = _summary(report)
    return report


def _problems(name: str, result: Read) -> list[str]:
    """Why a reading is not whole."""
    problems = []
    failed = result.get("failure") or any(one.get("failed") for one in result.get("results") or ())
    if failed or _RETURNS[name] not in result:
        problems.append(str(result.get("msg") or "It could not be read."))
    if name == "repository_access" and "access" in result:
        problems += registry.unread_policy(result["access"])
    return problems


def _add_packages(report: Shown, scope: str, access: Read | None) -> None:
    if access is None:
        return
    report["matrix"]["domains"] += rows(scope, access, access["principals"])
    report["domains"].append(domain(scope, access))
    principals = principals_of(access)
    for one in access["repositories"]:
        shown, found = repository(scope, access, one, principals.get(one["repository"], ()))
        report["repositories"].append(shown)
        report["matrix"]["repositories"] += found
    report["findings"] += [{**one, "about": {"scope": scope, **one["about"]}} for one in access["findings"]]


def _add_registry(report: Shown, scope: str, access: Read | None) -> None:
    if access is None:
        return
    report["projects"].append(registry.project(scope, access))
    for shown, found in registry.repositories(scope, access):
        report["repositories"].append(shown)
        report["matrix"]["repositories"] += found
    report["findings"] += registry.findings(scope, access)


def _flows(found: Read) -> t.Iterator[Shown]:
    """Where packages of a scope come from, as far as that could be read."""
    of_project = found.get("project_repositories", {}).get("repositories")
    if of_project is not None:
        number = found.get("repository_access", {}).get("access", {}).get("project_number")
        yield flows.of_project(found["scope"], found["project"], number, of_project)
    of_domain = found.get("domain_repositories", {}).get("repositories")
    if of_domain is not None:
        yield flows.of_domain(found["scope"], found["domain"], of_domain)


def _add_tokens(report: Shown, tokens: t.Iterable[Token]) -> None:
    """What remote repositories log in with, also to what is told of them already."""
    told = {(one["scope"], one["place"]): one for one in report["repositories"]}
    for token in tokens:
        shown = shown_token(token)
        report["matrix"]["tokens"].append(shown)
        one = told.get((token.scope, token.place))
        if one is None:
            bare: Shown = {"mode": REMOTE, "upstreams": [], "who": None, "bindings": None}
            report["repositories"].append({"kind": "artifact_registry", "place": token.place, **bare, **shown})
        else:
            one.update({**shown, "mode": REMOTE, "problems": [*one["problems"], *shown["problems"]]})


def _summary(report: Read) -> Shown:
    severities = [one["severity"] for one in report["findings"]]
    return {
        "scopes": len(report["scopes"]),
        "incomplete": sum(bool(one["problems"]) for one in report["scopes"]),
        "repositories": len(report["repositories"]),
        "machines": len({one["machine"] for one in report["machines"]}),
        "findings": {severity: severities.count(severity) for severity in SEVERITIES},
    }


def dated(report: Shown, earlier: Read | None) -> Shown:
    """The report, of the time of an earlier one that says the same: finding nothing new changes nothing."""
    if earlier and {**report, "as_of": None} == {**earlier, "as_of": None}:
        return {**report, "as_of": earlier["as_of"]}
    return report
