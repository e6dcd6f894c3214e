# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a remote repository reaches its upstream: the password is read as the service agent, then it logs in with it.

No packet leaves the machine: an upstream on the loopback is itself, every other one (a preset such as PYPI or NPMJS, or
a URI) is stood in for by the cloud's own index.

An upstream that is a repository of Artifact Registry is read as the service agent, without the login that the repository
may have. That the agent may read repositories of its own project without a grant is not documented.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp
from google.protobuf.message import Message

from local_cloud.platform.errors import ApiError, error_info, invalid_argument, not_found
from local_cloud.services.artifactregistry.service import ArtifactRegistry
from local_cloud.services.artifactregistry.store import SERVICE, RepositoryEntry, guarded
from local_cloud.services.artifactregistry.validation import Format, Mode, upstream_repository, upstream_uri
from local_cloud.services.resourcemanager.projects import Project
from local_cloud.services.upstream.client import Login, UpstreamAnswer

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_PERMISSION = "secretmanager.versions.access"
_DOWNLOAD = "artifactregistry.repositories.downloadArtifacts"


def service_agent(project: Project) -> str:
    """The identity that reads passwords: that of the project that the repository is in."""
    return f"service-{project.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com"


def base_url(service: ArtifactRegistry, remote: Message) -> str:
    """Where the upstream is."""
    uri = upstream_uri(remote)
    if uri is not None and urlsplit(uri).hostname in _LOOPBACK:
        return uri.rstrip("/")
    return service.upstream.url


def login_for(service: ArtifactRegistry, project: Project, remote: Message) -> Login | None:
    """The credentials of a repository with the password as it is now, or None when it has none.

    Raises:
        ApiError: PERMISSION_DENIED when the agent may not read the version; as ``read_secret`` when it is not there or
            not enabled; RESOURCE_EXHAUSTED when the quota of the secret's project has no access left.
    """
    if not remote.HasField("upstream_credentials"):
        return None
    credentials = remote.upstream_credentials.username_password_credentials
    version = credentials.password_secret_version
    agent = service_agent(project)
    try:
        payload = service.read_secret(f"serviceAccount:{agent}", version)
    except ApiError as error:
        if error.code != "PERMISSION_DENIED":
            raise
        raise ApiError(
            "PERMISSION_DENIED",
            f"Service account {agent} is missing permission '{_PERMISSION}' on secret version '{version}' "
            "(or it may not exist).",
            details=[
                error_info("IAM_PERMISSION_DENIED", "iam.googleapis.com", permission=_PERMISSION, resource=version)
            ],
        ) from None
    try:
        return Login(credentials.username, payload.decode())
    except UnicodeDecodeError:
        raise invalid_argument(f"The payload of secret version '{version}' is not text.") from None


def behind(service: ArtifactRegistry, entry: RepositoryEntry) -> RepositoryEntry | None:
    """The repository of Artifact Registry that is the upstream of a remote one; None when the upstream is none.

    Raises:
        ApiError: PERMISSION_DENIED when an agent on the way to the packages may not read the next repository; NOT_FOUND when there is
            none with packages of that format.
    """
    through = [entry]
    while through[-1].message.mode == Mode.REMOTE_REPOSITORY:
        name = upstream_repository(through[-1].message.remote_repository_config)
        if name is None:
            break
        found = _read_as_agent(service, through[-1], name)
        if found.message.mode == Mode.VIRTUAL_REPOSITORY or any(found is one for one in through):
            raise not_found("The upstream of the repository has no packages.")
        through.append(found)
    return through[1] if len(through) > 1 else None


def _read_as_agent(service: ArtifactRegistry, reader: RepositoryEntry, name: tuple[str, str, str]) -> RepositoryEntry:
    project_id, location, repository_id = name
    project = service.projects.require(project_id, SERVICE)
    found = service.repositories.find(project, location, repository_id)
    caller = f"serviceAccount:{service_agent(reader.project)}"
    own = project.number == reader.project.number
    if not own and not service.iam.allowed(caller, _DOWNLOAD, guarded(project, location, repository_id, found)):
        raise ApiError(
            "PERMISSION_DENIED",
            f"Permission '{_DOWNLOAD}' denied on the upstream '{'/'.join(name)}' for {caller} (or it may not exist).",
        )
    if found is None or found.message.format_ != reader.message.format_:
        raise not_found("The upstream of the repository does not exist, or has another format.")
    return found


async def fetch(service: ArtifactRegistry, url: str, login: Login | None, path: str, accept: str) -> UpstreamAnswer:
    """Get a path of an upstream, by its base URL.

    Raises:
        ApiError: UNAVAILABLE when it does not answer.
    """
    try:
        return await service.client.get(f"{url}/{path}", login, {"Accept": accept} if accept else None)
    except (aiohttp.ClientError, TimeoutError):
        raise ApiError("UNAVAILABLE", "The upstream of the repository does not answer.") from None


async def validate(service: ArtifactRegistry, repository: Message, login: Login) -> None:
    """Log in upstream once, as Artifact Registry does when credentials are set. A repository of its own takes no login.

    Raises:
        ApiError: INVALID_ARGUMENT in the words that users of Google's report.
    """
    remote = repository.remote_repository_config
    if upstream_repository(remote):
        return
    url = base_url(service, remote)
    is_index = repository.format_ == Format.PYTHON or url == service.upstream.url
    try:
        answer = await fetch(service, url, login, "simple/" if is_index else "", accept="")
    except ApiError as error:
        raise invalid_argument(f"Failed to validate remote upstream: generic::unavailable: {error.message}") from None
    if answer.status in {401, 403}:
        raise invalid_argument(
            "Failed to validate remote upstream: generic::unauthenticated: Unauthorized error returned by the external "
            "repository. This typically means your upstream credentials are invalid."
        )
