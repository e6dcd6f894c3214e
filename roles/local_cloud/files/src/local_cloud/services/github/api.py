# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub's REST API: which method a request calls, and its answer. Methods have the names of GitHub's own description.

It is found below ``/github/`` as on github.com and below ``/github/api/v3/`` as on an enterprise server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import unquote

from local_cloud.services.github import (
    bodies,
    branch_policies,
    contents,
    environments,
    people,
    protection_apps,
    pulls,
    references,
    repositories,
    rulesets,
    secrets,
)
from local_cloud.services.github.calls import BY_ID, Call, Handler, Reply
from local_cloud.services.github.errors import GitHubError, not_found
from local_cloud.services.github.links import Links
from local_cloud.services.github.store import GitHub
from local_cloud.services.github.tokens import Caller

PREFIX = "github/"
_ENTERPRISE = "api/v3/"
_VERSION = "2022-11-28"
_REPOSITORY = "repos/{owner}/{repo}"
_ENVIRONMENT = f"{_REPOSITORY}/environments/{{environment_name}}"
_POLICIES = f"{_ENVIRONMENT}/deployment-branch-policies"
_APPS = f"{_ENVIRONMENT}/deployment_protection_rules"

#: By verb and path; ``{name+}`` has slashes in it.
_METHODS: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "meta", "meta/get", people.get_meta),
    ("GET", "rate_limit", "rate-limit/get", people.get_rate_limit),
    ("GET", "user", "users/get-authenticated", people.get_authenticated),
    ("GET", "users/{username}", "users/get-by-username", people.get_user),
    ("GET", "orgs/{org}", "orgs/get", people.get_organization),
    ("GET", "orgs/{org}/teams", "teams/list", people.list_teams),
    ("GET", "orgs/{org}/teams/{team_slug}", "teams/get-by-name", people.get_team),
    ("GET", _REPOSITORY, "repos/get", repositories.get),
    ("GET", f"{_REPOSITORY}/branches", "repos/list-branches", references.list_branches),
    ("GET", f"{_REPOSITORY}/branches/{{branch+}}", "repos/get-branch", references.get_branch),
    ("GET", f"{_REPOSITORY}/commits/{{ref+}}", "repos/get-commit", references.get_commit),
    ("GET", f"{_REPOSITORY}/git/commits/{{commit_sha}}", "git/get-commit", references.get_git_commit),
    ("GET", f"{_REPOSITORY}/git/ref/{{ref+}}", "git/get-ref", references.get_ref),
    ("GET", f"{_REPOSITORY}/git/matching-refs/{{ref+}}", "git/list-matching-refs", references.list_matching_refs),
    ("POST", f"{_REPOSITORY}/git/refs", "git/create-ref", references.create_ref),
    ("PATCH", f"{_REPOSITORY}/git/refs/{{ref+}}", "git/update-ref", references.update_ref),
    ("DELETE", f"{_REPOSITORY}/git/refs/{{ref+}}", "git/delete-ref", references.delete_ref),
    ("GET", f"{_REPOSITORY}/contents", "repos/get-content", contents.get),
    ("GET", f"{_REPOSITORY}/contents/{{path+}}", "repos/get-content", contents.get),
    ("PUT", f"{_REPOSITORY}/contents/{{path+}}", "repos/create-or-update-file-contents", contents.put),
    ("DELETE", f"{_REPOSITORY}/contents/{{path+}}", "repos/delete-file", contents.delete),
    ("GET", f"{_REPOSITORY}/pulls", "pulls/list", pulls.list_pulls),
    ("POST", f"{_REPOSITORY}/pulls", "pulls/create", pulls.create),
    ("GET", f"{_REPOSITORY}/pulls/{{pull_number}}", "pulls/get", pulls.get),
    ("PATCH", f"{_REPOSITORY}/pulls/{{pull_number}}", "pulls/update", pulls.update),
    ("PUT", f"{_REPOSITORY}/pulls/{{pull_number}}/merge", "pulls/merge", pulls.merge),
    ("GET", f"{_REPOSITORY}/environments", "repos/get-all-environments", environments.list_environments),
    ("GET", _ENVIRONMENT, "repos/get-environment", environments.get),
    ("PUT", _ENVIRONMENT, "repos/create-or-update-environment", environments.put),
    ("DELETE", _ENVIRONMENT, "repos/delete-an-environment", environments.delete),
    ("GET", _POLICIES, "repos/list-deployment-branch-policies", branch_policies.list_policies),
    ("POST", _POLICIES, "repos/create-deployment-branch-policy", branch_policies.create),
    ("GET", f"{_POLICIES}/{{branch_policy_id}}", "repos/get-deployment-branch-policy", branch_policies.get),
    ("PUT", f"{_POLICIES}/{{branch_policy_id}}", "repos/update-deployment-branch-policy", branch_policies.update),
    ("DELETE", f"{_POLICIES}/{{branch_policy_id}}", "repos/delete-deployment-branch-policy", branch_policies.delete),
    ("GET", _APPS, "repos/get-all-deployment-protection-rules", protection_apps.list_rules),
    ("POST", _APPS, "repos/create-deployment-protection-rule", protection_apps.enable),
    ("GET", f"{_APPS}/apps", "repos/list-custom-deployment-rule-integrations", protection_apps.list_apps),
    ("GET", f"{_APPS}/{{protection_rule_id}}", "repos/get-custom-deployment-protection-rule", protection_apps.get),
    ("DELETE", f"{_APPS}/{{protection_rule_id}}", "repos/disable-deployment-protection-rule", protection_apps.disable),
    ("GET", f"{_REPOSITORY}/rulesets", "repos/get-repo-rulesets", rulesets.list_rulesets),
    ("POST", f"{_REPOSITORY}/rulesets", "repos/create-repo-ruleset", rulesets.create),
    ("GET", f"{_REPOSITORY}/rulesets/{{ruleset_id}}", "repos/get-repo-ruleset", rulesets.get),
    ("PUT", f"{_REPOSITORY}/rulesets/{{ruleset_id}}", "repos/update-repo-ruleset", rulesets.update),
    ("DELETE", f"{_REPOSITORY}/rulesets/{{ruleset_id}}", "repos/delete-repo-ruleset", rulesets.delete),
    *(
        (verb, f"{place}/secrets{rest}", f"actions/{name.format(kind)}", handler)
        for place, kind in ((f"{_REPOSITORY}/actions", "repo"), (_ENVIRONMENT, "environment"))
        for verb, rest, name, handler in (
            ("GET", "", "list-{}-secrets", secrets.list_secrets),
            ("GET", "/public-key", "get-{}-public-key", secrets.get_public_key),
            ("GET", "/{secret_name}", "get-{}-secret", secrets.get),
            ("PUT", "/{secret_name}", "create-or-update-{}-secret", secrets.put),
            ("DELETE", "/{secret_name}", "delete-{}-secret", secrets.delete),
        )
    ),
)


@dataclass(frozen=True)
class Received:
    """A request for a method."""

    operation: str
    handler: Handler
    verb: str
    path: dict[str, str]
    query: Mapping[str, str]
    body: bytes
    links: Links
    address: str
    enterprise: bool

    @classmethod
    def parse(cls, verb: str, raw_path: str, query: Mapping[str, str], body: bytes, url: str) -> Received:
        """``raw_path`` is below ``/github/``, and still encoded: names may have slashes in them.

        Raises:
            GitHubError: 404.
        """
        enterprise = raw_path.startswith(_ENTERPRISE)
        inner = re.sub("^repositories/", f"repos/{BY_ID}/", raw_path.removeprefix(_ENTERPRISE).rstrip("/"))
        links = Links(f"{url}/github/api/v3" if enterprise else f"{url}/github", f"{url}/github")
        for wanted, template, operation, handler in _METHODS:
            found = _pattern(template).fullmatch(inner) if wanted == verb else None
            if found is not None:
                path = {name: unquote(value) for name, value in found.groupdict().items()}
                address = f"{url}/{PREFIX}{raw_path}"
                return cls(operation, handler, verb, path, query, body, links, address, enterprise)
        raise not_found()

    @property
    def method(self) -> str:
        """The name by which calls are logged and faults are matched."""
        return f"github.{self.operation}"

    @property
    def resource(self) -> str:
        """What is named, as far as it is."""
        return "/".join(self.path.values())

    def answer(self, state: GitHub, caller: Caller, now: datetime) -> Reply:
        """Do it. Raises GitHubError; its headers are those of an answer, too."""
        headers = self._headers(state, caller)
        try:
            headers |= self._charge(state, caller, now)
            body = bodies.read(self.body)
            call = Call(state, caller, self.verb, self.path, self.query, body, self.links, self.address, now)
            reply = self.handler(call)
        except GitHubError as error:
            error.headers = headers | error.headers
            raise
        return Reply(reply.body, reply.status, headers | dict(reply.headers))

    def _headers(self, state: GitHub, caller: Caller) -> dict[str, str]:
        headers = {"X-GitHub-Media-Type": "github.v3; format=json", "X-GitHub-Api-Version-Selected": _VERSION}
        if self.enterprise:
            headers["X-GitHub-Enterprise-Version"] = state.version
        if caller.token is not None and not caller.token.fine_grained:
            headers["X-OAuth-Scopes"] = ", ".join(caller.token.scopes)
        return headers

    def _charge(self, state: GitHub, caller: Caller, now: datetime) -> dict[str, str]:
        """Count the request: the headers that tell what is left. Raises GitHubError when nothing was."""
        asked_only = self.handler is people.get_rate_limit
        rate = state.rates.of(str(caller), now) if asked_only else state.rates.count(str(caller), now)
        headers = {f"X-RateLimit-{name.capitalize()}": str(value) for name, value in rate.counts.items()}
        headers["X-RateLimit-Resource"] = "core"
        if rate.exceeded and not asked_only:
            raise GitHubError(403, "API rate limit exceeded.", headers=headers)
        return headers


@cache
def _pattern(template: str) -> re.Pattern[str]:
    pattern = re.sub(r"\\{(\w+)\\\+\\}", r"(?P<\1>.+)", re.escape(template))
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", pattern))


def operations() -> list[tuple[str, str, str]]:
    """Every method: verb, path in the form of GitHub's description, name."""
    return [(verb, "/" + template.replace("+}", "}"), name) for verb, template, name, _handler in _METHODS]
