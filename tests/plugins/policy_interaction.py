# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How identity, domain and repository policies work together, by AWS's own table of rules; for whoever decides such requests.

data/codeartifact_interaction.json is written by hand from the CodeArtifact User Guide, "Interaction between repository and domain policies",
and for the own account as a principal from the IAM User Guide, "AWS account principals". The first row that fits a case decides it, and
every case has one. A policy means nothing for the request, an allow, an allow to the caller's account alone, or a deny; the
C(writings) say in which ways each of these is written here.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checkout import CHECKOUT

TABLE = json.loads((CHECKOUT / "tests" / "unit" / "data" / "codeartifact_interaction.json").read_text("utf-8"))
ROWS: list[dict[str, str]] = TABLE["rows"]
COLUMNS = ("level", "account", "identity", "domain", "repository")

OWNER, ADMINISTRATOR, OTHER = "111111111111", "222222222222", "333333333333"
ACCOUNTS = {"owner": OWNER, "administrator": ADMINISTRATOR, "other": OTHER}
_ARN = f"arn:aws:codeartifact:eu-west-1:{OWNER}"
_DOMAIN, _REPOSITORY = f"{_ARN}:domain/dom", f"{_ARN}:repository/dom/repo"
#: By level, operations and what they are asked of.
ASKED = {
    "account": [("ListDomains", "*"), ("ListRepositories", "*")],
    "domain": [("DescribeDomain", _DOMAIN), ("ListRepositoriesInDomain", _DOMAIN), ("GetAuthorizationToken", _DOMAIN)],
    "repository": [
        ("ReadFromRepository", _REPOSITORY),
        ("GetRepositoryPermissionsPolicy", _REPOSITORY),
        ("PublishPackageVersion", f"{_ARN}:package/dom/repo/npm/parity/ui"),
    ],
    "put_domain": [("PutDomainPermissionsPolicy", _DOMAIN)],
    "put_repository": [("PutRepositoryPermissionsPolicy", _REPOSITORY)],
}
#: What is known of each request, and a condition that it meets, or does not.
CONTEXT = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
_CONDITIONS = {" if met": "o-a1b2c3d4e5", " unless met": "o-z9y8x7w6v5"}

Document = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One request, its policies, and the row that decides it."""

    row: dict[str, str]
    caller: str
    action: str
    resource: str
    identity: list[Document]
    domain: Document | None
    repository: Document | None
    #: As in the table.
    writings: tuple[str, ...]

    @property
    def owner(self) -> str:
        """The account that owns what is asked for; of what is no domain's, the caller's own."""
        return self.caller.split(":")[4] if self.resource == "*" else OWNER


def row_of(**values: str) -> dict[str, str]:
    """The row that decides a case."""
    return next(row for row in ROWS if all(row[name] == "any" or values[name] in row[name].split() for name in COLUMNS))


#: Enough for every writing of a meaning to be met, next to several of the others.
_VARIANTS = 5


def cases() -> Iterator[Case]:
    """One for all that can differ in the table, several times in other writings."""
    of_identities, of_resources = TABLE["writings"]["identity"], TABLE["writings"]["resource"]
    meanings = itertools.product(ASKED, ACCOUNTS, of_identities, of_resources, of_resources, range(_VARIANTS))
    for level, account, identity, domain, repository, variant in meanings:
        row = row_of(level=level, account=account, identity=identity, domain=domain, repository=repository)
        action, resource = ASKED[level][variant % len(ASKED[level])]
        caller = f"arn:aws:iam::{ACCOUNTS[account]}:user/ada"
        writings = (
            _chosen(of_identities[identity], variant),
            _chosen(of_resources[domain], variant),
            _chosen(of_resources[repository], 2 * variant + 1),
        )
        own = _document(writings[0], action, None)
        yield Case(
            row,
            caller,
            f"codeartifact:{action}",
            resource,
            [] if own is None else [own],
            _document(writings[1], action, caller),
            _document(writings[2], action, caller),
            writings,
        )


def _chosen(writings: list[str], number: int) -> str:
    return writings[number % len(writings)]


def _document(writing: str, action: str, caller: str | None) -> Document | None:
    """C(caller): whom a resource's policy names; None for the policy of an identity."""
    if writing == "none":
        return None
    return {"Version": "2012-10-17", "Statement": [_statement(one, action, caller) for one in writing.split(", ")]}


def _statement(writing: str, action: str, caller: str | None) -> Document:
    if writing == "silent":
        return _statement("allow", "TagResource", caller)
    condition = next((end for end in _CONDITIONS if writing.endswith(end)), "")
    effect, _space, whom = writing.removesuffix(condition).partition(" ")
    statement: Document = {"Effect": effect.capitalize(), "Action": f"codeartifact:{action}", "Resource": "*"}
    if caller is not None:
        account = caller.split(":")[4]
        named = {"": caller, "another": f"arn:aws:iam::{account}:user/bob", "account": account, "anybody": "*"}[whom]
        statement["Principal"] = "*" if named == "*" else {"AWS": named}
    if condition:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": _CONDITIONS[condition]}}
    return statement
