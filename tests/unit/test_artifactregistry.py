# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repositories as the API answers them, requests as it gets them, and what a refused update means."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    NotFound,
    NotPropagated,
    PermissionDenied,
    Refused,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.artifactregistry import (
    OPERATION_TIMEOUT,
    ArtifactRegistry,
    classify_refusal,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import (
    AlreadyExists,
    Answered,
    Call,
    Failure,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.operations import wait_until_done
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.repositories import (
    Credentials,
    Repository,
    Upstream,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import RepositoryName
from google.cloud import artifactregistry_v1
from google.longrunning import operations_pb2
from google.rpc import error_details_pb2

REPOSITORY = "projects/p-one/locations/us-central1/repositories/secret-repository"
VERSION = "projects/p-one/secrets/token/versions/3"
AGENT = "service-1@gcp-sa-artifactregistry.iam.gserviceaccount.com"


def call() -> Call:
    return Call(
        "Artifact Registry",
        "artifactregistry.repositories.update",
        REPOSITORY,
        "user:a@example.com",
        classify=lambda failure: classify_refusal(failure, repository=REPOSITORY, password=VERSION),
    )


CASES = {
    # The text that users report.
    "upstream refuses the login": (
        Failure(
            400,
            "INVALID_ARGUMENT",
            "Failed to validate remote upstream: failed to fetch bearer token; generic::unauthenticated: Unauthorized error "
            "returned by the external repository... this typically means your upstream credentials are invalid",
        ),
        Refused,
        "refuses the login",
    ),
    "upstream forbids the login": (
        Failure(400, "FAILED_PRECONDITION", "generic::permission_denied: 403 Forbidden returned by the external repository"),
        Refused,
        "refuses the login",
    ),
    "agent lacks access, by metadata": (
        Failure(403, "PERMISSION_DENIED", "Denied.", metadata={"permission": "secretmanager.versions.access"}),
        NotPropagated,
        "cannot read",
    ),
    "agent lacks access, by text": (
        Failure(400, "FAILED_PRECONDITION", f"{AGENT} lacks 'secretmanager.versions.access' on {VERSION} (or it may not exist)."),
        NotPropagated,
        "cannot read",
    ),
    "agent lacks access, in other words": (
        Failure(400, "INVALID_ARGUMENT", f"Permission denied reading secret version {VERSION}."),
        NotPropagated,
        "cannot read",
    ),
    "agent does not exist yet": (
        Failure(400, "INVALID_ARGUMENT", f"Service account {AGENT} does not exist."),
        NotPropagated,
        "cannot read",
    ),
    "agent lacks access, while validating upstream": (
        Failure(
            400,
            "INVALID_ARGUMENT",
            f"Failed to validate remote upstream: generic::permission_denied: secretmanager.versions.access on {VERSION}",
        ),
        NotPropagated,
        "cannot read",
    ),
    "caller lacks update, by metadata": (
        Failure(403, "PERMISSION_DENIED", "Denied.", metadata={"permission": "artifactregistry.repositories.update"}),
        PermissionDenied,
        "artifactregistry.repositories.update",
    ),
    "caller lacks update, by text, on a repository with a misleading name": (
        Failure(
            403,
            "PERMISSION_DENIED",
            f"Permission 'artifactregistry.repositories.update' denied on resource '{REPOSITORY}' (or it may not exist).",
        ),
        PermissionDenied,
        "artifactregistry.repositories.update",
    ),
    "denied, nothing else said": (Failure(403, "", ""), PermissionDenied, "artifactregistry.repositories.update"),
    "version missing": (Failure(404, "NOT_FOUND", f"Secret Version [{VERSION}] not found."), Refused, "does not exist"),
    "version missing, as a bad request": (
        Failure(400, "INVALID_ARGUMENT", f"generic::not_found: {VERSION}"),
        Refused,
        "does not exist",
    ),
    "version disabled": (
        Failure(400, "FAILED_PRECONDITION", f"Secret Version [{VERSION}] is in DISABLED state."),
        Refused,
        "disabled or destroyed",
    ),
    "key of the version disabled": (
        Failure(
            400,
            "FAILED_PRECONDITION",
            f"Secret Version [{VERSION}]: projects/k/locations/us/keyRings/r/cryptoKeys/c/cryptoKeyVersions/1 is not enabled, current "
            "state is: DISABLED.",
        ),
        Refused,
        f"The payload of {VERSION} cannot be decrypted",
    ),
    "repository missing": (Failure(404, "NOT_FOUND", "Requested entity was not found."), Exception, f"{REPOSITORY} does"),
    "something else is wrong": (
        Failure(400, "INVALID_ARGUMENT", "The upstream cannot be changed."),
        Refused,
        "The upstream cannot be changed.",
    ),
    "caller's token expired": (
        Failure(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
        Unauthenticated,
        "user:a@example.com",
    ),
    "quota": (Failure(429, "RESOURCE_EXHAUSTED", "Too many secret version reads, 403."), Throttled, "quota"),
    "service down": (Failure(503, "UNAVAILABLE", "secret manager denied"), Unavailable, "cannot serve"),
    "API disabled": (
        Failure(403, "PERMISSION_DENIED", "secretmanager disabled", "SERVICE_DISABLED", {"service": "secretmanager.googleapis.com"}),
        Refused,
        "secretmanager.googleapis.com is disabled",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("failure", "kind", "sentence"), CASES.values(), ids=CASES.keys())
def test_refusal_is_told_apart(failure: Failure, kind: type[Exception], sentence: str):
    error = call().error(failure)

    assert isinstance(error, kind)
    assert sentence in str(error)


@pytest.mark.parametrize("word", ["the user name, or the password in", VERSION])
def test_bad_login_names_where_the_password_is(word: str):
    assert word in str(call().error(CASES["upstream refuses the login"][0]))


NAME = RepositoryName("p-one", "us-central1", "r")


class FakeClient:
    """Answers with one repository, and keeps the requests."""

    def __init__(self, repository: artifactregistry_v1.Repository) -> None:
        self.repository = repository
        self.requests: list[Any] = []
        self.operations: list[operations_pb2.Operation] = []

    def get_repository(self, request: Any, retry: None) -> artifactregistry_v1.Repository:
        return self.repository

    def list_repositories(self, request: Any, retry: None) -> artifactregistry_v1.ListRepositoriesResponse:
        return artifactregistry_v1.ListRepositoriesResponse(repositories=[self.repository])

    def update_repository(self, request: Any, retry: None) -> artifactregistry_v1.Repository:
        self.requests.append(request)
        return self.repository

    def create_repository(self, request: Any, retry: None) -> Any:
        self.requests.append(request)
        return SimpleNamespace(operation=operations_pb2.Operation(name="operations/one"))

    def delete_repository(self, request: Any, retry: None) -> Any:
        return self.create_repository(request, retry)

    def get_operation(self, request: Any, retry: None) -> operations_pb2.Operation:
        self.requests.append(request)
        return self.operations.pop(0) if self.operations else operations_pb2.Operation(name="operations/one")

    def list_packages(self, request: Any, retry: None) -> artifactregistry_v1.ListPackagesResponse:
        self.requests.append(request)
        return artifactregistry_v1.ListPackagesResponse(packages=[{"name": "p"}] if self.operations else [])


class FakeConnection:
    """A connection that hands out one client."""

    identity = "user:a@example.com"

    def __init__(self, client: FakeClient) -> None:
        self._client = client

    def client(self, client_class: Any, **_options: Any) -> FakeClient:
        return self._client


def registry(**remote: Any) -> tuple[ArtifactRegistry, FakeClient]:
    client = FakeClient(
        artifactregistry_v1.Repository(
            name=str(NAME), format_="PYTHON", mode="REMOTE_REPOSITORY", remote_repository_config=remote
        )
    )
    waited: list[float] = []
    wait = partial(wait_until_done, clock=lambda: sum(waited), sleep=waited.append)
    return ArtifactRegistry(FakeConnection(client), wait=wait), client


UPSTREAMS = {
    "none": ({}, None),
    "preset": ({"npm_repository": {"public_repository": "NPMJS"}}, Upstream(preset="NPMJS")),
    "preset with a path": (
        {"apt_repository": {"public_repository": {"repository_base": "UBUNTU", "repository_path": "ubuntu/dists"}}},
        Upstream(preset="UBUNTU", path="ubuntu/dists"),
    ),
    "URI": ({"common_repository": {"uri": "https://index.example.com"}}, Upstream(uri="https://index.example.com")),
    "old form of URI": (
        {"docker_repository": {"custom_repository": {"uri": "https://index.example.com"}}},
        Upstream(uri="https://index.example.com"),
    ),
    "nothing in it": ({"python_repository": {}}, Upstream()),
    "preset that the library does not know": ({"maven_repository": {"public_repository": 99}}, Upstream(preset="99")),
}


@pytest.mark.parametrize(("remote", "upstream"), UPSTREAMS.values(), ids=UPSTREAMS.keys())
def test_upstreams_are_read(remote: dict[str, Any], upstream: Upstream | None):
    api, _client = registry(**remote)

    expected = Repository(str(NAME), "PYTHON", "REMOTE_REPOSITORY", upstream)
    assert api.get_repository(NAME) == expected
    assert api.list_repositories("p-one", "us-central1").items == [expected]


@pytest.mark.parametrize(
    ("given", "credentials"),
    [
        ({"username": "u", "password_secret_version": VERSION}, Credentials("u", VERSION)),
        ({"username": "", "password_secret_version": ""}, None),
    ],
)
def test_credentials_are_read(given: dict[str, str], credentials: Credentials | None):
    api, _client = registry(upstream_credentials={"username_password_credentials": given})

    assert api.get_repository(NAME).credentials == credentials


@pytest.mark.parametrize("validate", [True, False])
def test_an_update_names_just_what_is_written(validate: bool):
    api, client = registry()
    api.set_credentials(NAME, {"username": "u"}, VERSION, validate=validate)

    (request,) = client.requests
    sent = request["repository"]
    assert request["update_mask"]["paths"] == [
        "remote_repository_config.upstream_credentials.username_password_credentials.username"
    ]
    assert sent == artifactregistry_v1.Repository(
        name=str(NAME),
        remote_repository_config={
            "upstream_credentials": {"username_password_credentials": {"username": "u"}},
            "disable_upstream_validation": not validate,
        },
    )


def test_clearing_names_the_credentials_and_sends_none():
    api, client = registry()
    api.clear_credentials(NAME, validate=True)

    (request,) = client.requests
    assert request["update_mask"]["paths"] == ["remote_repository_config.upstream_credentials"]
    assert "upstream_credentials" not in request["repository"].remote_repository_config


NEW = Repository(str(NAME), "PYTHON", "REMOTE_REPOSITORY", Upstream(preset="PYPI"), description="d")
RUNNING = operations_pb2.Operation(name="operations/one")
DONE = operations_pb2.Operation(name="operations/one", done=True)


def failed(code: int, message: str = "said") -> operations_pb2.Operation:
    return operations_pb2.Operation(name="operations/one", done=True, error={"code": code, "message": message})


@pytest.mark.parametrize("validate", [True, False])
def test_a_creation_is_waited_for(validate: bool):
    api, client = registry(python_repository={"public_repository": "PYPI"})
    client.operations = [RUNNING, DONE]
    created = api.create_repository(NAME, NEW, validate=validate)

    request, *looks = client.requests
    assert created.upstream == NEW.upstream
    assert (request["parent"], request["repository_id"]) == ("projects/p-one/locations/us-central1", "r")
    assert request["repository"].remote_repository_config.disable_upstream_validation != validate
    assert looks == [{"name": "operations/one"}] * 2


#: Causes as Google names them. Source: AIP-193, google.api.ErrorReason, and the documentation of VPC Service Controls.
CAUSES = {
    "VPC Service Controls": (
        7,
        "SECURITY_POLICY_VIOLATED",
        {"vpcServiceControlsUniqueIdentifier": "Ab-12_x"},
        PermissionDenied,
        "VPC Service Controls keep user:a@example.com from .* under the identifier Ab-12_x",
    ),
    "API that is off": (
        7,
        "SERVICE_DISABLED",
        {"service": "artifactregistry.googleapis.com", "consumer": "projects/p-one"},
        Refused,
        "gcloud services enable artifactregistry.googleapis.com --project p-one",
    ),
}


WRITES: dict[str, Callable[[ArtifactRegistry], Any]] = {
    "creation": lambda api: api.create_repository(NAME, NEW, validate=True),
    "deletion": lambda api: api.delete_repository(NAME),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize(("code", "reason", "metadata", "kind", "sentence"), CAUSES.values(), ids=CAUSES.keys())
def test_the_cause_that_an_operation_names_is_given(write, code, reason, metadata, kind, sentence):
    api, client = registry()
    ended = failed(code)
    # Any other detail is no matter of ours.
    ended.error.details.add().Pack(error_details_pb2.RequestInfo(request_id="r"))
    ended.error.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason, domain="d", metadata=metadata))
    client.operations = [ended]
    with pytest.raises(kind, match=sentence):
        write(api)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *[(code, Refused) for code in (1, 2, 3, 12, 15, 99)],
        *[(code, Unavailable) for code in (4, 13, 14)],
        (5, NotFound),
        (6, AlreadyExists),
        (7, PermissionDenied),
        (8, Throttled),
    ],
)
def test_what_an_operation_ends_with_is_told(
    write: Callable[[ArtifactRegistry], Any], code: int, kind: type[Exception]
):
    api, client = registry()
    client.operations = [failed(code)]

    with pytest.raises(kind):
        write(api)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_an_operation_that_goes_on_counts_as_begun(write: Callable[[ArtifactRegistry], Any]):
    api, _client = registry()

    with pytest.raises(
        Unavailable, match=f"still (creating|deleting) {NAME} after {OPERATION_TIMEOUT} seconds"
    ) as error:
        write(api)
    assert error.value.partially_applied


@pytest.mark.parametrize(
    ("write", "question"),
    [("creation", "get_operation"), ("creation", "get_repository"), ("deletion", "get_operation")],
)
def test_a_failure_after_an_operation_was_begun_is_one_in_the_middle(write: str, question: str):
    api, client = registry()
    client.operations = [] if question == "get_operation" else [DONE]

    def used_up(request: Any, retry: None) -> Any:
        raise Answered(429, b"", {})

    setattr(client, question, used_up)
    with pytest.raises(Throttled) as error:
        WRITES[write](api)
    assert error.value.partially_applied


def test_an_update_of_the_repository_names_just_its_fields():
    api, client = registry()
    api.update_repository(NAME, NEW, ["description", "vulnerability_scanning"])

    (request,) = client.requests
    assert request["update_mask"]["paths"] == ["description", "vulnerability_scanning_config.enablement_config"]
    assert request["repository"] == artifactregistry_v1.Repository(name=str(NAME), description="d")


@pytest.mark.parametrize("there", [True, False])
def test_one_package_is_enough(there: bool):
    api, client = registry()
    client.operations = [DONE] if there else []

    assert api.has_packages(NAME) == there
    assert client.requests == [{"parent": str(NAME), "page_size": 1}]
