# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a caller certainly may not do in CodeArtifact.

Expected values are from the CodeArtifact User Guide, "Repository policies", on the interaction of repository and domain policies.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    PermissionDenied,
    RegistryAuthError,
    Stranger,
    Unauthenticated,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import Deadline
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.callers import (
    caller_arn,
    client_settings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import ResourceMissing
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import ResourcePolicy
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import repository_name
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.refusals import (
    Known,
    certain_refusal,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import parse_document
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.progress import Progress
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.codeartifact_policy import (
    DesiredPolicy,
    PolicyState,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.chain import Chain, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.codeartifact_client import (
    Client as WorkflowClient,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.codeartifact_preflight import (
    CodeArtifactPreflight,
)
from odd_server import http, odd_server

OWNER, OTHER = "123456789012", "111122223333"
REPOSITORY = f"arn:aws:codeartifact:eu-west-1:{OWNER}:repository/demo/python"
DOMAIN = f"arn:aws:codeartifact:eu-west-1:{OWNER}:domain/demo"
PUT, CREATE = "codeartifact:PutRepositoryPermissionsPolicy", "codeartifact:CreateRepository"
PUT_DOMAIN = "codeartifact:PutDomainPermissionsPolicy"
ADA, STRANGER = f"arn:aws:iam::{OWNER}:user/ada", f"arn:aws:iam::{OTHER}:user/eve"
SESSION = f"arn:aws:sts::{OWNER}:assumed-role/release/job"


def document(effect: str, action: str, principal: Any = "*", **more: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


DENY_ALL = document("Deny", "codeartifact:*")
ALLOW_ALL = document("Allow", "codeartifact:*")


@pytest.mark.parametrize(
    ("caller", "action", "resource", "known"),
    [
        # An explicit deny wins, whoever asks.
        (ADA, PUT, REPOSITORY, Known(OWNER, (DENY_ALL,))),
        (
            SESSION,
            PUT,
            REPOSITORY,
            Known(OWNER, (document("Deny", PUT, {"AWS": f"arn:aws:iam::{OWNER}:role/release"}),)),
        ),
        (ADA, "codeartifact:DeleteRepositoryPermissionsPolicy", REPOSITORY, Known(OWNER, (None,), DENY_ALL)),
        (STRANGER, PUT, REPOSITORY, Known(OWNER, (DENY_ALL,))),
        # Another account needs a resource policy that allows it.
        (STRANGER, CREATE, REPOSITORY, Known(OWNER)),
        (STRANGER, CREATE, REPOSITORY, Known(OWNER, (document("Allow", CREATE, {"AWS": OWNER}),))),
        # Nobody can be granted the right to set a domain's policy across accounts.
        (STRANGER, PUT_DOMAIN, DOMAIN, Known(OWNER, (ALLOW_ALL,))),
    ],
)
def test_what_is_certain_is_said(caller: str, action: str, resource: str, known: Known) -> None:
    assert certain_refusal(Caller.of(caller), action, resource, known)


@pytest.mark.parametrize(
    ("caller", "action", "resource", "known"),
    [
        # What the caller's own policies allow is not known.
        (ADA, PUT, REPOSITORY, Known(OWNER)),
        (ADA, PUT, REPOSITORY, Known(OWNER, (ALLOW_ALL,))),
        (STRANGER, CREATE, REPOSITORY, Known(OWNER, (ALLOW_ALL,))),
        # The repository may be one that the other account administers.
        (STRANGER, PUT, REPOSITORY, Known(OWNER)),
        # The domain's policy is not evaluated for setting it, nor the repository's.
        (ADA, PUT_DOMAIN, DOMAIN, Known(OWNER, (DENY_ALL,))),
        (ADA, PUT, REPOSITORY, Known(OWNER, (None,), DENY_ALL)),
        # Whether a condition holds is not known.
        (
            ADA,
            PUT,
            REPOSITORY,
            Known(OWNER, (document("Deny", PUT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),)),
        ),
        # This run sets another policy before.
        (ADA, PUT, REPOSITORY, Known(OWNER, (DENY_ALL, ALLOW_ALL))),
        (ADA, PUT, REPOSITORY, Known(OWNER, (None, DENY_ALL))),
    ],
)
def test_what_is_not_certain_is_not_said(caller: str, action: str, resource: str, known: Known) -> None:
    assert certain_refusal(Caller.of(caller), action, resource, known) is None


def test_a_denial_is_a_reason_to_ask_who_calls() -> None:
    assert Known(OWNER, (None, DENY_ALL)).denies_anything
    assert Known(OWNER, (None,), DENY_ALL).denies_anything
    assert not Known(OWNER, (ALLOW_ALL,), ALLOW_ALL).denies_anything


class Api:
    """CodeArtifact, of which the policy of the domain is read."""

    def __init__(self, domain: dict[str, Any] | None = None, error: RegistryAuthError | None = None) -> None:
        self._domain, self._error = domain, error
        self.asked: list[str] = []

    def get_policy(self, name: Any) -> ResourcePolicy:
        self.asked.append(str(name))
        if self._error is not None:
            raise self._error
        if self._domain is None:
            raise ResourceMissing(f"{name} has none.", None)
        return ResourcePolicy(DOMAIN, "1", parse_document(self._domain))

    def describe_arn(self, _name: Any) -> str:
        return DOMAIN


class Client:
    def __init__(self, api: Api, arn: str | None) -> None:
        self.api, self._arn = api, arn
        self.asked = 0

    def caller(self) -> str | None:
        self.asked += 1
        return self._arn


NAMES = {"domain": "demo", "repository": "python"}


def checked(client: Client, *, desired: dict[str, Any], owner: str | None = None, created: bool = False) -> Scope:
    """A scope after the preflight; C(desired): the options of the policy of its repository, which has none."""
    given = {**NAMES, "domain_owner": owner}
    scope = Scope("demo")
    wanted = DesiredPolicy.of(repository_name, {**given, **desired})
    chain = Chain(check_mode=False, diff_mode=False, deadline=Deadline(2), progress=Progress(0))
    seen = {} if created else {wanted.unit: PolicyState(REPOSITORY)}
    news = [(scope, repository_name(given))] if created else []
    CodeArtifactPreflight(chain, client).check([(scope, wanted)], news, seen)
    return scope


SET = {"policy": document("Allow", "codeartifact:ReadFromRepository", {"AWS": OTHER})}


def test_a_denial_ends_the_scope_before_anything_is_written() -> None:
    client = Client(Api(document("Deny", PUT)), ADA)
    scope = checked(client, desired=SET)
    ((step, target, message, code),) = scope.failures
    assert (step, target, code) == ("begin", "demo", "permission_denied")
    assert f"{PUT} on repository demo/python (by statement 1 of the domain policy)" in message
    assert client.asked == 1


@pytest.mark.parametrize("arn", [None, "nobody", f"arn:aws:iam::{OWNER}:group/ops"])
def test_who_cannot_be_told_is_not_stopped(arn: str | None) -> None:
    assert checked(Client(Api(document("Deny", PUT)), arn), desired=SET).alive


@pytest.mark.parametrize(
    "api", [Api(), Api(ALLOW_ALL), Api(error=PermissionDenied("no")), Api(error=Unavailable("later"))]
)
def test_without_a_denial_in_the_own_account_nobody_asks_who_calls(api: Api) -> None:
    client = Client(api, ADA)
    assert checked(client, desired=SET).alive
    assert client.asked == 0


def test_nothing_is_asked_where_nothing_will_be_written() -> None:
    client = Client(Api(document("Deny", PUT)), ADA)
    assert checked(client, desired={"state": "absent"}).alive
    assert client.api.asked == []
    assert client.asked == 0


def test_what_its_own_step_refuses_is_left_to_it() -> None:
    client = Client(Api(document("Deny", PUT)), ADA)
    assert checked(client, desired={**SET, "policy_revision": "seen"}).alive
    assert client.asked == 0


def test_a_repository_of_another_account_cannot_be_created() -> None:
    scope = checked(Client(Api(), STRANGER), desired=SET, owner=OWNER, created=True)
    ((_step, _target, message, _code),) = scope.failures
    assert f"{CREATE} on repository demo/python" in message
    assert checked(Client(Api(), ADA), desired=SET, owner=OWNER, created=True).alive


def test_the_caller_is_read() -> None:
    def client(answer: dict[str, Any]) -> Any:
        events = SimpleNamespace(register=lambda *_args: None)
        return SimpleNamespace(meta=SimpleNamespace(events=events), get_caller_identity=lambda: answer)

    assert caller_arn(client({"Arn": ADA})) == ADA
    for odd in ({}, {"Arn": None}, {"Arn": 7}):
        with pytest.raises(Stranger):
            caller_arn(client(odd))


#: Source: STS API Reference, "GetCallerIdentity", with the namespace of its service model. The AWS Query protocol answers in XML.
IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>{ADA}</Arn>
    <UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
""".encode()
#: Source: STS API Reference, "Common Errors", in the same protocol.
EXPIRED = b"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token is expired</Message></Error>
  <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
</ErrorResponse>
"""


def asked_of_sts(answer: bytes) -> str:
    """What boto3's own client makes of an answer of STS's."""
    with odd_server(lambda _request: answer) as server:
        client = botocore.session.Session(profile=None).create_client(
            "sts",
            region_name="eu-west-1",
            endpoint_url=server.url,
            config=client_settings(),
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="x",
        )
        return caller_arn(client)


def test_what_sts_itself_answers_is_read() -> None:
    """It does not answer in JSON, as CodeArtifact does."""
    assert asked_of_sts(http(IDENTITY, Content_Type="text/xml")) == ADA
    with pytest.raises(Unauthenticated):
        asked_of_sts(http(EXPIRED, 403, Content_Type="text/xml"))
    for odd in (b"<html>Log in</html>", b"{}", b""):
        with pytest.raises(RegistryAuthError):
            asked_of_sts(http(odd))


def test_it_is_not_asked_for_at_the_address_of_codeartifact() -> None:
    """amazon.aws gives C(endpoint_url) to each client that it makes."""

    def refuses(_service: str, **_settings: Any) -> Any:
        raise Unavailable("There is no way to STS.")

    def never(_service: str, **_settings: Any) -> Any:
        raise AssertionError

    assert WorkflowClient(never, {"endpoint_url": "https://codeartifact.example.com"}).caller() is None
    assert WorkflowClient(refuses, {}).caller() is None
