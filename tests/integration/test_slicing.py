# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The workflow on ten scopes, sliced over three nodes or with forks on one, and what a slice must leave alone."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from aws_clients import OTHER_ACCOUNT, OWNER_KEY, document, statement
from cloud_control import LocalCloud
from cloud_fixtures import AGENT, OWNER, SERVICE_IDENTITY
from harness import COLLECTION, Ansible, Given
from slices import Inventory, Job, run_in_slices

pytestmark = pytest.mark.thorough

LOCATION = "us-central1"
REPOSITORIES = ("first", "second")
#: Each of three slices gets scopes of both kinds. The most are domains, which take a quarter of a project's time.
PROJECTS = ("scope-0", "scope-1", "scope-2", "scope-4")
DOMAINS = ("scope-3", "scope-5", "scope-6", "scope-7", "scope-8", "scope-9")
SLICES = [
    {"scope-0", "scope-3", "scope-6", "scope-9"},
    {"scope-1", "scope-4", "scope-7"},
    {"scope-2", "scope-5", "scope-8"},
]
#: Those that have old tokens. The versions of one secret may be in use in a project that is no scope of theirs.
ROTATING = ("scope-0", "scope-1")
SHARED = "second-token"
#: Of methods that change nothing.
READS = ("Access", "Describe", "Fetch", "Generate", "Get", "List", "Test")
#: What differs between two clouds that were told the same.
INCIDENTAL = ("createTime", "etag", "revision", "updateTime")

Writes = Counter[tuple[str, str]]


def token_of(project: str) -> str:
    return f"token-of-{project}"


def secret_of(project: str, repository: str) -> str:
    return f"projects/{project}/secrets/{repository}-token"


def repository_of(project: str, repository: str) -> str:
    return f"projects/{project}/locations/{LOCATION}/repositories/{repository}"


def project_scope(cloud: LocalCloud, project: str) -> dict[str, Any]:
    """The variables of a project: two repositories, each with its secret. When it rotates, every old version may go."""
    repositories = [
        {"repository": name, "location": LOCATION, "secret": f"{name}-token", "token": token_of(project)}
        for name in REPOSITORIES
    ]
    scope = {"registry_auth_project": project, "registry_auth_repositories": repositories}
    if project not in ROTATING:
        return scope
    for entry in repositories:
        index = f"{cloud.index_host(LOCATION)}/{project}/{entry['repository']}/simple/"
        entry["proof"] = {"package": "demo-package", "index_url": index}
    return {**scope, "registry_auth_retention": {"keep": 1, "min_age": "0"}}


def domain_scope(domain: str) -> dict[str, Any]:
    """The variables of a CodeArtifact domain: its own policy, and those of two repositories."""

    def allow(action: str) -> dict[str, Any]:
        return document(statement(f"codeartifact:{action}", {"AWS": OTHER_ACCOUNT}))

    return {
        "codeartifact_domain": domain,
        "codeartifact_domain_policy": allow("GetAuthorizationToken"),
        "codeartifact_repositories": [
            {"repository": name, "policy": allow("ReadFromRepository")} for name in REPOSITORIES
        ],
    }


def begin(cloud: LocalCloud, given: Given) -> None:
    """A new cloud with what is there before the workflow runs."""
    cloud.reset()
    cloud.set_upstream_tokens(*map(token_of, PROJECTS))
    remote = {"pythonRepository": {"publicRepository": "PYPI"}}
    repository = {"format": "PYTHON", "mode": "REMOTE_REPOSITORY", "remoteRepositoryConfig": remote}
    for number, project in enumerate(PROJECTS, 100_000_000_001):
        cloud.add_project(project, str(number), OWNER)
        parent = f"artifactregistry/v1/projects/{project}/locations/{LOCATION}/repositories"
        for name in REPOSITORIES:
            given.call(f"{parent}?repositoryId={name}", repository)
    given.call(SERVICE_IDENTITY, {})
    for project in ROTATING:
        secrets = f"secretmanager/v1/projects/{project}/secrets"
        for name in REPOSITORIES:
            given.call(f"{secrets}?secretId={name}-token", {"replication": {"automatic": {}}})
            given.call(f"{secrets}/{name}-token:addVersion", {"payload": {"data": b64encode(b"old").decode()}})
        binding = {"role": "roles/secretmanager.secretAccessor", "members": [AGENT]}
        given.call(f"{secrets}/{SHARED}:setIamPolicy", {"policy": {"bindings": [binding]}})
    for domain in DOMAINS:
        given.domain(domain, *REPOSITORIES)
    cloud.clear_calls()


def state(given: Given) -> dict[str, Any]:
    """All that the workflow makes, as the services' own APIs show it."""
    shown = {path: given.call(path) for project in PROJECTS for path in project_paths(project)}
    shown |= {path: given.call(path, caller=OWNER_KEY) for domain in DOMAINS for path in domain_paths(domain)}
    return {path: without_incidentals(answer) for path, answer in shown.items()}


def project_paths(project: str) -> Iterator[str]:
    yield f"secretmanager/v1/projects/{project}/secrets"
    for name in REPOSITORIES:
        secret = f"secretmanager/v1/{secret_of(project, name)}"
        yield f"{secret}/versions"
        yield f"{secret}/versions/latest:access"
        yield f"{secret}:getIamPolicy"
        yield f"artifactregistry/v1/{repository_of(project, name)}"


def domain_paths(domain: str) -> Iterator[str]:
    yield f"codeartifact/v1/domain/permissions/policy?domain={domain}"
    for name in REPOSITORIES:
        yield f"codeartifact/v1/repository/permissions/policy?domain={domain}&repository={name}"


def without_incidentals(answer: Any) -> Any:
    if isinstance(answer, list):
        # What was made side by side has no order of its own.
        return sorted((without_incidentals(item) for item in answer), key=json.dumps)
    if isinstance(answer, dict):
        return {name: without_incidentals(value) for name, value in answer.items() if name not in INCIDENTAL}
    return answer


def writes(cloud: LocalCloud) -> Writes:
    """How often each method that changes something was called on each resource."""
    calls = ((call["method"].rpartition(".")[2], call["resource"]) for call in cloud.calls())
    return Counter(call for call in calls if not call[0].startswith(READS))


def each_once() -> Writes:
    """All that the scopes say, made with one write for each."""
    secrets = [secret_of(project, name) for project in PROJECTS for name in REPOSITORIES]
    return Counter(
        [
            *(("AddSecretVersion", secret) for secret in secrets),
            *(("SetIamPolicy", secret) for secret in secrets),
            *(("UpdateRepository", repository_of(project, name)) for project in PROJECTS for name in REPOSITORIES),
            *(("DisableSecretVersion", f"{secret_of(project, 'first')}/versions/1") for project in ROTATING),
            *(("PutDomainPermissionsPolicy", domain) for domain in DOMAINS),
            *(("PutRepositoryPermissionsPolicy", f"{domain}/{name}") for domain in DOMAINS for name in REPOSITORIES),
        ]
        # Logged by the project that they are made in.
        + [("CreateSecret", f"projects/{project}") for project in PROJECTS if project not in ROTATING]
        * len(REPOSITORIES)
    )


def credentials(ansible: Ansible) -> dict[str, str]:
    """What the modules take from the environment."""
    names = ("AWS_", "CLOUDSDK_", "GCP_", "NO_GCE_CHECK")
    return {name: value for name, value in ansible.environment.items() if name.startswith(names)}


def test_slices_end_as_one_run_does(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    groups = {
        "registry_auth": {project: project_scope(cloud, project) for project in PROJECTS},
        "codeartifact": {domain: domain_scope(domain) for domain in DOMAINS},
    }
    inventory = Inventory(groups)

    def run_slices(name: str) -> list[Job]:
        jobs = run_in_slices(ansible.folder / name, len(SLICES), inventory, credentials(ansible))
        for job in jobs:
            assert job.code == 0, job.output[-5000:]
        assert [job.hosts for job in jobs] == SLICES
        # What AWX keeps of a job.
        returned = (ansible.folder / name).glob("*/controller/artifacts/**/*")
        assert [file for file in returned if file.is_file() and token_of("").encode() in file.read_bytes()] == []
        return jobs

    begin(cloud, given)
    run_slices("first")
    assert writes(cloud) == each_once()
    sliced = state(given)

    cloud.clear_calls()
    assert [job.changed for job in run_slices("second")] == [{}, {}, {}]
    assert writes(cloud) == Counter()

    begin(cloud, given)
    hosts = ansible.folder / "hosts"
    inventory.write(hosts)
    whole = ansible.playbook(f"{COLLECTION}.auth_workflow", f"--inventory={hosts}", "--forks=10")
    assert whole.code == 0, whole.tail
    assert state(given) == sliced
