# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of a job of a workflow: its environment variables, by which clients in it get ID tokens, and what those claim.

Nothing is executed; whoever starts a run runs what they like in its variables. What the repository's own files and
environments say has its consequences: a job without the permission has no way to a token, a ref that an environment does
not take cannot run, and an environment that is not there is made, without protection. Waiting and reviews are left out.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from local_cloud.platform.errors import ApiError, failed_precondition, invalid_argument
from local_cloud.services.github.contents import WORKFLOWS
from local_cloud.services.github.environments import ensure
from local_cloud.services.github.errors import GitHubError
from local_cloud.services.github.git import HEADS, TAGS, File
from local_cloud.services.github.id_tokens import ISSUER
from local_cloud.services.github.references import is_protected
from local_cloud.services.github.rules import matches
from local_cloud.services.github.store import Environment, GitHub, Repository
from local_cloud.services.github.workflows import Job, read_job

PREFIX = "github/_actions/runs/"
_LIFETIME = 300
_TEXTS = ("repository", "ref", "workflow", "job", "environment", "event_name", "actor")


@dataclass(frozen=True)
class Run:
    """``claims`` replace those that the token would have; one that is None is left out."""

    id: str
    request_token: str
    repository: Repository
    ref: str
    sha: str
    workflow: str
    job: str
    environment: str
    event_name: str
    actor: str
    actor_id: str
    may_have_id_token: bool = True
    claims: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.repository.full_name

    @property
    def workflow_ref(self) -> str:
        return f"{self.repository.full_name}/{WORKFLOWS}{self.workflow}@{self.ref}"

    def variables(self, url: str) -> dict[str, str]:
        """The environment variables of the job. ``url`` is the cloud's own."""
        variables = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": self.actor,
            "GITHUB_ACTOR_ID": self.actor_id,
            "GITHUB_API_URL": f"{url}/github/api/v3",
            "GITHUB_EVENT_NAME": self.event_name,
            "GITHUB_JOB": self.job,
            "GITHUB_REF": self.ref,
            "GITHUB_REF_NAME": self.ref.removeprefix(HEADS).removeprefix(TAGS),
            "GITHUB_REF_TYPE": "tag" if self.ref.startswith(TAGS) else "branch",
            "GITHUB_REPOSITORY": self.repository.full_name,
            "GITHUB_REPOSITORY_ID": str(self.repository.id),
            "GITHUB_REPOSITORY_OWNER": self.repository.owner.login,
            "GITHUB_REPOSITORY_OWNER_ID": str(self.repository.owner.id),
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": self.id,
            "GITHUB_RUN_NUMBER": "1",
            "GITHUB_SERVER_URL": f"{url}/github",
            "GITHUB_SHA": self.sha,
            "GITHUB_WORKFLOW": self.workflow,
            "GITHUB_WORKFLOW_REF": self.workflow_ref,
            "GITHUB_WORKFLOW_SHA": self.sha,
            "RUNNER_ENVIRONMENT": "github-hosted",
        }
        if self.may_have_id_token:
            variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{url}/{PREFIX}{self.id}/idtoken?api-version=2.0"
            variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = self.request_token
        return variables

    def id_token_claims(self, audience: str, now: datetime) -> dict[str, Any]:
        """What an ID token of the job says. Source: GitHub's documentation, "OpenID Connect reference"."""
        repository, issued = self.repository, int(now.timestamp())
        owner = repository.owner
        place = "pull_request" if self.event_name == "pull_request" else f"ref:{self.ref}"
        if self.environment:
            place = f"environment:{self.environment}"
        claims: dict[str, Any] = {
            "jti": str(uuid4()),
            "sub": f"repo:{repository.full_name}:{place}",
            "aud": audience or f"https://github.com/{owner.login}",
            "ref": self.ref,
            "sha": self.sha,
            "repository": repository.full_name,
            "repository_owner": owner.login,
            "repository_owner_id": str(owner.id),
            "run_id": self.id,
            "run_number": "1",
            "run_attempt": "1",
            "repository_visibility": "private" if repository.private else "public",
            "repository_id": str(repository.id),
            "actor_id": self.actor_id,
            "actor": self.actor,
            "workflow": self.workflow,
            "head_ref": "",
            "base_ref": "",
            "event_name": self.event_name,
            "ref_protected": str(is_protected(repository, self.ref)).lower(),
            "ref_type": "tag" if self.ref.startswith(TAGS) else "branch",
            "workflow_ref": self.workflow_ref,
            "workflow_sha": self.sha,
            "job_workflow_ref": self.workflow_ref,
            "job_workflow_sha": self.sha,
            "runner_environment": "github-hosted",
            "iss": ISSUER,
            "nbf": issued,
            "exp": issued + _LIFETIME,
            "iat": issued,
        }
        if self.environment:
            claims["environment"] = self.environment
        return {name: value for name, value in (claims | dict(self.claims)).items() if value is not None}


def start(state: GitHub, wanted: Mapping[str, Any], now: datetime) -> Run:
    """Start a run (control API): of a ``job`` as the workflow file in the repository has it, or of what is named.

    Raises:
        ApiError: INVALID_ARGUMENT for what is not there, FAILED_PRECONDITION when the environment refuses the ref.
    """
    _check(wanted)
    repository = state.repository(wanted["repository"])
    if repository is None:
        raise invalid_argument(f"There is no repository {wanted['repository']}.")
    ref = _full_ref(repository, wanted.get("ref") or repository.default_branch)
    sha = repository.git.get(ref) or ""
    workflow = wanted.get("workflow") or "release.yml"
    job = Job(wanted.get("environment") or "", may_have_id_token=True)
    if "job" in wanted:
        job = _job(repository, sha, workflow, wanted["job"])
    environment = _deployed(state, repository, ref, job.environment, now) if job.environment else None
    actor = state.account(wanted.get("actor") or next(iter(sorted(repository.owner.owners)), repository.owner.login))
    if actor is None:
        raise invalid_argument("There is no such actor.")
    run = Run(
        id=str(state.new_id()),
        request_token=secrets.token_urlsafe(),
        repository=repository,
        ref=ref,
        sha=sha,
        workflow=workflow,
        job=wanted.get("job") or "publish",
        environment=environment.name if environment else "",
        event_name=wanted.get("event_name") or "push",
        actor=actor.login,
        actor_id=str(actor.id),
        may_have_id_token=job.may_have_id_token,
        claims=wanted.get("claims", {}),
    )
    state.runs[run.id] = run
    return run


def id_token_request(state: GitHub, path: str, authorization: str | None) -> Run:
    """The run whose job asks for a token. ``path`` is below the prefix. Raises GitHubError 401 or 404."""
    number, _slash, rest = path.partition("/")
    run = state.runs.get(number) if rest == "idtoken" else None
    if run is None:
        raise GitHubError(404, "Not Found")
    scheme, _space, credential = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secrets.compare_digest(credential.encode(), run.request_token.encode()):
        raise GitHubError(401, "Unauthorized")
    return run


def _check(wanted: Mapping[str, Any]) -> None:
    unknown = set(wanted) - {*_TEXTS, "claims"}
    if unknown or not isinstance(wanted.get("repository"), str):
        raise invalid_argument(f"A run has a repository, and may have {', '.join(_TEXTS[1:])} and claims.")
    if not all(isinstance(wanted.get(name) or "", str) for name in _TEXTS):
        raise invalid_argument("What a run has are texts.")
    if not isinstance(wanted.get("claims", {}), dict):
        raise invalid_argument("claims is an object.")


def _full_ref(repository: Repository, name: str) -> str:
    for ref in (name, HEADS + name, TAGS + name):
        if ref.startswith("refs/") and repository.git.get(ref) is not None:
            return ref
    raise invalid_argument(f"The repository has no branch or tag {name}.")


def _job(repository: Repository, sha: str, workflow: str, name: str) -> Job:
    found = repository.git.look_up(sha, WORKFLOWS + workflow)
    if not isinstance(found, File):
        raise invalid_argument(f"The repository has no workflow file {workflow} there.")
    return read_job(found.content, name)


def _deployed(state: GitHub, repository: Repository, ref: str, name: str, now: datetime) -> Environment:
    environment = ensure(state, repository, name, now)
    if environment.deployment is not None and not _takes(repository, environment, ref):
        raise _not_allowed(ref, environment)
    return environment


def _takes(repository: Repository, environment: Environment, ref: str) -> bool:
    if not environment.takes_patterns:
        return is_protected(repository, ref)
    kind, prefix = ("tag", TAGS) if ref.startswith(TAGS) else ("branch", HEADS)
    short = ref.removeprefix(prefix)
    return any(policy.kind == kind and matches(policy.name, short) for policy in environment.policies.values())


def _not_allowed(ref: str, environment: Environment) -> ApiError:
    kind, short = ("Tag", ref.removeprefix(TAGS)) if ref.startswith(TAGS) else ("Branch", ref.removeprefix(HEADS))
    return failed_precondition(
        f'{kind} "{short}" is not allowed to deploy to {environment.name} due to environment protection rules.'
    )
