# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options and calls of gcp_service_agent, and the two APIs that it uses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    PermissionDenied,
    Refused,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.operations import wait_until_done
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.resourcemanager import ResourceManager
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.serviceusage import (
    OPERATION_TIMEOUT,
    ServiceUsage,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_service_agent import (
    DesiredAgent,
    ServiceAgents,
)

NUMBER = "123456789012"
EMAIL = f"service-{NUMBER}@gcp-sa-artifactregistry.iam.gserviceaccount.com"
SERVICE = "artifactregistry.googleapis.com"

BAD = {
    "nothing": ({}, "project is missing"),
    "not a project": ({"project": "Demo"}, "is not a project"),
    "not a number": ({"project_number": "demo-project"}, "project_number 'demo-project' is not a number"),
    "empty number": ({"project_number": ""}, "is not a number"),
    "digits of another script": ({"project_number": "١٢٣"}, "is not a number"),
}


@pytest.mark.parametrize(("options", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(options: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput) as error:
        DesiredAgent.from_options(options)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


class FakeProjects:
    def __init__(self, calls: list[str], error: Exception | None = None) -> None:
        self.calls, self.error = calls, error

    def project_number(self, project: str) -> str:
        self.calls.append(f"look up {project}")
        if self.error:
            raise self.error
        return NUMBER


class FakeServices:
    def __init__(self, calls: list[str], email: str | None) -> None:
        self.calls, self.email = calls, email

    def generate_service_identity(self, project: str, service: str) -> str | None:
        self.calls.append(f"generate {service} in {project}")
        return self.email


def run(
    options: Mapping[str, Any], *, check_mode: bool = False, email: str | None = None, error: Exception | None = None
) -> tuple[Any, list[str]]:
    calls: list[str] = []
    agents = ServiceAgents(lambda: FakeProjects(calls, error), lambda: FakeServices(calls, email))
    desired = DesiredAgent.from_options(options, check_mode=check_mode)
    (outcome,) = reconcile(lambda: agents, [desired], check_mode=check_mode)
    return outcome, calls


CALLS = {
    "id": ({"project": "demo-project"}, False, ["look up demo-project", f"generate {SERVICE} in {NUMBER}"]),
    "id of a domain": (
        {"project": "example.com:demo"},
        False,
        ["look up example.com:demo", f"generate {SERVICE} in {NUMBER}"],
    ),
    "number as project": ({"project": NUMBER}, False, [f"generate {SERVICE} in {NUMBER}"]),
    "number": ({"project_number": NUMBER}, False, [f"generate {SERVICE} in {NUMBER}"]),
    "number before project": ({"project": "other-project", "project_number": NUMBER, "create": False}, False, []),
    "id, not created": ({"project": "demo-project", "create": False}, False, ["look up demo-project"]),
    "number, not created": ({"project_number": NUMBER, "create": False}, False, []),
    "id in check mode": ({"project": "demo-project", "create": True}, True, ["look up demo-project"]),
    "number in check mode": ({"project_number": NUMBER}, True, []),
}


@pytest.mark.parametrize(("options", "check_mode", "expected"), CALLS.values(), ids=CALLS.keys())
def test_calls_no_more_than_needed(options: dict[str, Any], check_mode: bool, expected: list[str]):
    outcome, calls = run(options, check_mode=check_mode)

    assert calls == expected
    assert not outcome.changed
    assert outcome.result == {
        "service_agent": {"project_number": NUMBER, "email": EMAIL, "member": f"serviceAccount:{EMAIL}"}
    }


def test_the_services_own_answer_counts():
    outcome, _calls = run({"project_number": NUMBER}, email="agent@example.com")

    assert outcome.result["service_agent"]["member"] == "serviceAccount:agent@example.com"


def test_a_denied_look_up_says_what_helps():
    outcome, _calls = run(
        {"project": "demo-project"}, error=PermissionDenied("A lacks the permission on demo-project.")
    )

    assert str(outcome.error).startswith("A lacks the permission on demo-project.")
    assert "With project_number given" in str(outcome.error)


def test_nothing_is_connected_without_a_call():
    """Neither credentials nor libraries are needed for a number: these options would be refused."""
    agents = ServiceAgents.connect({"auth_kind": "serviceaccount", "api_endpoint": "nonsense"})
    desired = DesiredAgent.from_options({"project_number": NUMBER, "create": False})
    (outcome,) = reconcile(lambda: agents, [desired], check_mode=False)

    assert outcome.error is None


class FakeSession:
    """Answers from a list, and keeps what was asked."""

    def __init__(self, answers: list[Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def request(self, method: str, url: str) -> Any:
        self.asked.append(f"{method} {url}")
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, FakeAnswer) else FakeAnswer(200, answer)


class FakeAnswer:
    """What was answered, given as text or as what its JSON says."""

    def __init__(self, status_code: int, body: Any, text: str | None = None) -> None:
        self.status_code, self.headers = status_code, {}
        self.content = (json.dumps(body) if text is None else text).encode()

    def json(self) -> Any:
        return json.loads(self.content)


class FakeConnection:
    endpoint: str | None = "http://127.0.0.1:1/serviceusage"
    identity = "user:a@example.com"

    def __init__(self, session: Any = None, client: Any = None) -> None:
        self._session, self._client = session, client

    def session(self) -> Any:
        return self._session

    def client(self, client_class: Any) -> Any:
        return self._client


def generate(*answers: Any) -> tuple[str | None, FakeSession]:
    session, waited = FakeSession(list(answers)), []
    wait = partial(wait_until_done, clock=lambda: sum(waited), sleep=waited.append)
    usage = ServiceUsage(FakeConnection(session), wait=wait)
    return usage.generate_service_identity(NUMBER, SERVICE), session


POST = f"POST http://127.0.0.1:1/serviceusage/v1beta1/projects/{NUMBER}/services/{SERVICE}:generateServiceIdentity"
POLL = "GET http://127.0.0.1:1/serviceusage/v1beta1/operations/one"


@pytest.mark.parametrize(
    ("answers", "email", "asked"),
    [
        ([{"name": "operations/one", "done": True, "response": {"email": EMAIL}}], EMAIL, [POST]),
        ([{"done": True, "response": {}}], None, [POST]),
        ([{"done": True}], None, [POST]),
        (
            [{"name": "operations/one"}, {"name": "operations/one"}, {"done": True, "response": {"email": EMAIL}}],
            EMAIL,
            [POST, POLL, POLL],
        ),
    ],
)
def test_an_operation_is_waited_for(answers: list[Any], email: str | None, asked: list[str]):
    found, session = generate(*answers)

    assert (found, session.asked) == (email, asked)


FAILURES = {
    "no permission": (
        FakeAnswer(403, None, '{"error": {"status": "PERMISSION_DENIED", "message": "no"}}'),
        PermissionDenied,
        "serviceusage.services.enable",
    ),
    "no permission, said by the operation": (
        {"name": "operations/one", "done": True, "error": {"code": 7, "message": "no"}},
        PermissionDenied,
        "serviceusage.services.enable",
    ),
    "operation failed": (
        {"name": "operations/one", "done": True, "error": {"code": 3, "message": "bad service"}},
        Refused,
        "bad service",
    ),
    "operation failed for a cause that Google names": (
        {
            "name": "operations/one",
            "done": True,
            "error": {
                "code": 7,
                "message": "no",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "SECURITY_POLICY_VIOLATED",
                        "metadata": {"vpcServiceControlsUniqueIdentifier": "Ab-12_x"},
                    }
                ],
            },
        },
        PermissionDenied,
        "VPC Service Controls keep .* under the identifier Ab-12_x",
    ),
    "operation whose error is none": (
        {"name": "operations/one", "done": True, "error": ["x"]},
        Refused,
        "is not Service Usage",
    ),
    "never done": ({"name": "operations/one"}, Unavailable, f"after {OPERATION_TIMEOUT} seconds"),
    "another server": (FakeAnswer(200, None, "<html>no JSON"), Refused, "is not Service Usage"),
    "another API": (FakeAnswer(200, ["x"]), Refused, "is not Service Usage"),
}


@pytest.mark.parametrize(("answer", "kind", "sentence"), FAILURES.values(), ids=FAILURES.keys())
def test_failures_have_a_sentence(answer: Any, kind: type[Exception], sentence: str):
    with pytest.raises(kind, match=sentence):
        generate(answer)


class FakeProjectsClient:
    def __init__(self, name: str) -> None:
        self.name = name
        self.requests: list[Any] = []

    def get_project(self, request: Any, retry: None) -> Any:
        self.requests.append(request)
        return self


def test_a_number_is_looked_up_once():
    client = FakeProjectsClient(f"projects/{NUMBER}")
    manager = ResourceManager(FakeConnection(client=client))

    assert [manager.project_number(project) for project in ("demo-project", "demo-project", "42")] == [
        NUMBER,
        NUMBER,
        "42",
    ]
    assert client.requests == [{"name": "projects/demo-project"}]


def test_an_answer_without_number_is_not_taken_for_one():
    manager = ResourceManager(FakeConnection(client=FakeProjectsClient("projects/demo-project")))

    with pytest.raises(Refused, match="does not say the number"):
        manager.project_number("demo-project")
