# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the cloud together: every service gets the platform and the few others that it needs, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from local_cloud.control import Control, Part
from local_cloud.platform.base import Platform, Service
from local_cloud.platform.faults import Faults
from local_cloud.platform.proxy import Proxy
from local_cloud.platform.quotas import Quotas
from local_cloud.platform.server import Server
from local_cloud.platform.tls import Tls
from local_cloud.services import serviceaccounts, serviceusage
from local_cloud.services.artifactregistry import api as artifactregistry
from local_cloud.services.artifactregistry import control as google_repositories
from local_cloud.services.artifactregistry.dataplane import PackageHost
from local_cloud.services.artifactregistry.service import ArtifactRegistry
from local_cloud.services.codeartifact import control as aws
from local_cloud.services.codeartifact import throttling
from local_cloud.services.codeartifact.api import Operations
from local_cloud.services.codeartifact.dataplane import Packages
from local_cloud.services.codeartifact.index import Outside
from local_cloud.services.codeartifact.model import ERROR_STATUS
from local_cloud.services.codeartifact.store import CodeArtifact
from local_cloud.services.github.server import GitHubService
from local_cloud.services.iam import control as google
from local_cloud.services.iam.service import Iam
from local_cloud.services.iamcredentials import IamCredentialsApplication
from local_cloud.services.index.api import PackageIndex, publishing_variables
from local_cloud.services.machine import Machine
from local_cloud.services.resourcemanager import api as resourcemanager
from local_cloud.services.resourcemanager.service import ResourceManager
from local_cloud.services.secretmanager import api as secretmanager
from local_cloud.services.secretmanager import quota
from local_cloud.services.secretmanager.service import SecretManager
from local_cloud.services.secretmanager.versions import read_payload
from local_cloud.services.sts import SecurityTokens
from local_cloud.services.upstream.client import UpstreamClient
from local_cloud.services.upstream.server import Upstream
from local_cloud.vendors import VENDORS


@dataclass(frozen=True)
class Seed:
    """What the cloud holds when it starts, and again after a reset."""

    projects: Sequence[tuple[str, str]]
    owners: Sequence[str]
    upstream_tokens: Sequence[str]


def new_platform(tls: Tls) -> Platform:
    """With the statuses and quotas of all services."""
    return Platform(Faults(ERROR_STATUS), Quotas({**quota.QUOTAS, **throttling.QUOTAS}), tls)


def assemble(platform: Platform, proxy: Proxy, seed: Seed, upstream: Upstream, client: UpstreamClient) -> Server:
    """The port with everything on it."""
    iam = Iam(platform)
    resource_manager = ResourceManager(platform, iam, seed.projects, seed.owners)
    projects = resource_manager.projects
    secret_manager = SecretManager(platform, iam, projects)
    artifact_registry = ArtifactRegistry(
        platform, iam, projects, partial(read_payload, secret_manager), upstream, client
    )
    machine = Machine(iam, seed.projects)
    code_artifact = CodeArtifact()
    github = GitHubService(platform, partial(publishing_variables, platform.tls))
    index = PackageIndex(platform, github.signing_key, github.account)
    kept: tuple[Service, ...] = (
        platform,
        iam,
        resource_manager,
        machine,
        secret_manager,
        artifact_registry,
        code_artifact,
        github,
        index,
        upstream,
    )
    parts: dict[str, Part] = {
        "artifactregistry": partial(google_repositories.control, artifact_registry),
        "aws": partial(aws.control, code_artifact),
        "github": github.control,
        "google": partial(google.control, iam),
        "index": index.control,
        "machine": machine.control,
        "projects": resource_manager.control,
        "upstream": upstream.control,
    }
    return Server(
        platform,
        [
            Control(platform, kept, parts, upstream, proxy, (seed.projects[0][0], seed.owners[0])),
            secretmanager.application(secret_manager),
            artifactregistry.application(artifact_registry),
            PackageHost(artifact_registry),
            resourcemanager.application(resource_manager),
            serviceusage.application(resource_manager),
            IamCredentialsApplication(resource_manager),
            serviceaccounts.application(resource_manager),
            machine,
            Operations(platform, code_artifact),
            SecurityTokens(platform, code_artifact),
            Packages(platform, code_artifact, Outside(upstream, client)),
            github,
            index,
        ],
        VENDORS,
    )
