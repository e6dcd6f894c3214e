# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of a job of a workflow: its environment variables, by which clients in it get ID tokens, and what those claim.

Nothing is executed; whoever starts a run runs what they like in its variables. What the repository's own files and
environments say has its consequences: a job without the permission has no way to a token, a ref that an environment does
not take cannot run, and an environment that is not there is made, without protection. Waiting, reviews and the rules of apps are left out.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from local_cloud.platform.errors import ApiError, failed_precondition, invalid_argument
from local_cloud.services.github.environments import ensure
from local_cloud.services.github.errors import GitHubError
from local_cloud.services.github.git import HEADS, TAGS, File
from local_cloud.services.github.id_tokens import ISSUER
from local_cloud.services.github.references import is_protected
from local_cloud.services.github.rules import matches
from local_cloud.services.github.store import Environment, GitHub, Repository, Run
from local_cloud.services.github.workflows import WORKFLOWS, Job, read_job

PREFIX = "github/_actions/runs/"
_LIFETIME = 300
_TEXTS = ("repository", "ref", "workflow", "job", "environment", "event_name", "actor")


def variables(run: Run, url: str) -> dict[str, str]:
    """The environment variables of the job. ``url`` is the cloud's own."""
    variables = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": run.actor,
        "GITHUB_ACTOR_ID": run.actor_id,
        "GITHUB_API_URL": f"{url}/github/api/v3",
        "GITHUB_EVENT_NAME": run.event_name,
        "GITHUB_JOB": run.job,
        "GITHUB_REF": run.ref,
        "GITHUB_REF_NAME": run.ref.removeprefix(HEADS).removeprefix(TAGS),
        "GITHUB_REF_TYPE": "tag" if run.ref.startswith(TAGS) else "branch",
        "GITHUB_REPOSITORY": run.repository.full_name,
        "GITHUB_REPOSITORY_ID": str(run.repository.id),
        "GITHUB_REPOSITORY_OWNER": run.repository.owner.login,
        "GITHUB_REPOSITORY_OWNER_ID": str(run.repository.owner.id),
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": run.id,
        "GITHUB_RUN_NUMBER": "1",
        "GITHUB_SERVER_URL": f"{url}/github",
        "GITHUB_SHA": run.sha,
        "GITHUB_WORKFLOW": run.workflow,
        "GITHUB_WORKFLOW_REF": run.workflow_ref,
        "GITHUB_WORKFLOW_SHA": run.sha,
        "RUNNER_ENVIRONMENT": "github-hosted",
    }
    if run.may_have_id_token:
        variables["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{url}/{PREFIX}{run.id}/idtoken?api-version=2.0"
        variables["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = run.request_token
    return variables


def id_token_claims(run: Run, audience: str, now: datetime) -> dict[str, Any]:
    """What an ID token of the job says. Source: GitHub's documentation, "OpenID Connect reference"."""
    repository, issued = run.repository, int(now.timestamp())
    owner = repository.owner
    place = "pull_request" if run.event_name == "pull_request" else f"ref:{run.ref}"
    if run.environment:
        place = f"environment:{run.environment}"
    claims: dict[str, Any] = {
        "jti": str(uuid4()),
        "sub": f"repo:{repository.full_name}:{place}",
        "aud": audience or f"https://github.com/{owner.login}",
        "ref": run.ref,
        "sha": run.sha,
        "repository": repository.full_name,
        "repository_owner": owner.login,
        "repository_owner_id": str(owner.id),
        "run_id": run.id,
        "run_number": "1",
        "run_attempt": "1",
        "repository_visibility": "private" if repository.private else "public",
        "repository_id": str(repository.id),
        "actor_id": run.actor_id,
        "actor": run.actor,
        "workflow": run.workflow,
        "head_ref": "",
        "base_ref": "",
        "event_name": run.event_name,
        "ref_protected": str(is_protected(repository, run.ref)).lower(),
        "ref_type": "tag" if run.ref.startswith(TAGS) else "branch",
        "workflow_ref": run.workflow_ref,
        "workflow_sha": run.sha,
        "job_workflow_ref": run.workflow_ref,
        "job_workflow_sha": run.sha,
        "runner_environment": "github-hosted",
        "iss": ISSUER,
        "nbf": issued,
        "exp": issued + _LIFETIME,
        "iat": issued,
    }
    if run.environment:
        claims["environment"] = run.environment
    return {name: value for name, value in (claims | dict(run.claims)).items() if value is not None}


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
