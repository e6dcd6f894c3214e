# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All clients against servers that are not as they should be, on real sockets: whatever comes is one sentence, within bounds."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import random
import re
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import botocore.session
import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base import retry
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    Refused,
    RegistryAuthError,
    Silent,
    Stranger,
    Throttled,
    Unavailable,
    Unreachable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import (
    CODEARTIFACT,
    SECRET_MANAGER,
    Deadline,
    Quotas,
    Rate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws import calls as aws_calls
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws import codeartifact as aws_codeartifact
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import (
    CodeArtifact,
    client_settings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.artifactregistry import ArtifactRegistry
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.auth import Connection
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.operations import wait_until_done
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.resourcemanager import ResourceManager
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import (
    Secret,
    SecretManager,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.serviceusage import ServiceUsage
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.branches import (
    create_branch,
    find_pull_request,
    follow,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.calls import GitHub
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.environments import (
    Place,
    find_environment,
    is_listed,
    put_environment,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.job_tokens import (
    Job,
    request_id_token,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.repositories import (
    Repository,
    list_folder,
    read_file,
    read_repository,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.secrets import (
    delete_secret,
    has_secret,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http import sessions
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http.bounds import Bounds
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi import index as pypi_index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.index import File, PackageIndex
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.token_exchange import TokenExchange
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import (
    DomainName,
    RepositoryName,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.bindings import Binding, Policy
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import (
    RepositoryName as GoogleRepositoryName,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import SecretName, VersionName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.indexes import find_index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import DesiredState, Resource
from google.oauth2.credentials import Credentials
from odd_server import Answer, OddServer, Request, http, odd_server

SESAME = "open-sesame"
#: So many calls that no quota of ours is in the way.
MANY = Rate(1_000_000, 1)


def unhurried(rates: dict[str, Rate]) -> Quotas:
    return Quotas(dict.fromkeys(rates, MANY), Deadline())


def google(url: str) -> Connection:
    return Connection(Credentials(SESAME), "ops@example.com", url)


def codeartifact(url: str) -> CodeArtifact:
    client = botocore.session.Session(profile=None).create_client(
        "codeartifact",
        region_name="eu-west-1",
        endpoint_url=url,
        config=client_settings(32),
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key=SESAME,
    )
    return CodeArtifact(client, unhurried(CODEARTIFACT))


@dataclass(frozen=True)
class Kind:
    """A client: how it is made for an address, what it is asked about a name, and what a good server answers."""

    make: Callable[[str], Any]
    ask: Callable[[Any, str], Any]
    answer: Callable[[str], Any]
    content_type: str = "application/json"


ARN = "arn:aws:codeartifact:eu-west-1:123456789012"
KINDS = {
    "Secret Manager": Kind(
        lambda url: SecretManager(google(url), unhurried(SECRET_MANAGER)),
        lambda api, name: api.get_secret(SecretName("p", name)),
        lambda name: {
            "name": f"projects/1/secrets/{name}",
            "replication": {"userManaged": {"replicas": [{"location": "europe-west1"}]}},
            "createTime": "2026-01-01T00:00:00Z",
            "labels": {"team": "blue"},
            "topics": [{"name": "projects/p/topics/t"}],
            "rotation": {"nextRotationTime": "2027-01-01T00:00:00Z", "rotationPeriod": "3600s"},
            "versionAliases": {"a": "1"},
            "etag": '"e"',
        },
    ),
    "Artifact Registry": Kind(
        lambda url: ArtifactRegistry(google(url)),
        lambda api, name: api.get_repository(GoogleRepositoryName("p", "europe-west1", name)),
        lambda name: {
            "name": f"projects/p/locations/europe-west1/repositories/{name}",
            "format": "PYTHON",
            "mode": "REMOTE_REPOSITORY",
            "remoteRepositoryConfig": {"pythonRepository": {"publicRepository": "PYPI"}},
            "cleanupPolicies": {"old": {"id": "old", "action": "DELETE", "condition": {"olderThan": "86400s"}}},
            "createTime": "2026-01-01T00:00:00Z",
        },
    ),
    "Service Usage": Kind(
        lambda url: ServiceUsage(
            google(url),
            wait=partial(wait_until_done, clock=itertools.count(0, 30).__next__, sleep=lambda _seconds: None),
        ),
        lambda api, name: api.generate_service_identity(name, "artifactregistry.googleapis.com"),
        lambda _name: {"name": "operations/o", "done": True, "response": {"email": "a@example.com"}},
    ),
    "GitHub": Kind(
        lambda url: GitHub(url, SESAME),
        lambda api, name: read_repository(api, "octo-org", name),
        lambda name: {
            "name": name,
            "owner": {"login": "octo-org", "id": 1234},
            "private": False,
            "default_branch": "main",
        },
    ),
    "GitHub's environments": Kind(
        lambda url: GitHub(url, SESAME),
        lambda api, name: find_environment(api, Place("octo-org", "demo", name)),
        lambda name: {
            "name": name,
            "protection_rules": [
                {"type": "wait_timer", "wait_timer": 5},
                {"type": "required_reviewers", "reviewers": [{"type": "User", "reviewer": {"login": "ada", "id": 1}}]},
            ],
            "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False},
        },
    ),
    "a job's ID tokens": Kind(
        lambda url: Job(url, SESAME),
        request_id_token,
        lambda _name: {"value": "an ID token"},
    ),
    "an index": Kind(
        lambda url: (PackageIndex(), url),
        lambda api, name: api[0].read(f"{api[1]}/simple/", name, None, download=False),
        lambda name: {
            "meta": {"api-version": "1.1"},
            "name": name,
            "versions": ["1.0"],
            "files": [
                {
                    "filename": f"{name}-1.0.tar.gz",
                    "url": "x",
                    "hashes": {"sha256": "0" * 64},
                    "size": 5,
                    "yanked": False,
                }
            ],
        },
        "application/vnd.pypi.simple.v1+json",
    ),
    "an index's exchange": Kind(
        lambda url: TokenExchange(find_index(url, "https://index.example.com/")),
        lambda api, _name: api.mint("a.b.c", "pypi"),
        lambda _name: {"success": True, "token": "pypi-token", "expires": 1_800_000_000},
    ),
    "CodeArtifact": Kind(
        codeartifact,
        lambda api, name: api.describe_repository(RepositoryName(DomainName("demo", "123456789012"), name)),
        lambda name: {
            "repository": {
                "name": name,
                "domainName": "demo",
                "domainOwner": "123456789012",
                "arn": f"{ARN}:repository/demo/{name}",
                "upstreams": [{"repositoryName": "up"}],
                "externalConnections": [{"externalConnectionName": "public:pypi", "packageFormat": "pypi"}],
                "createdTime": 1_700_000_000.5,
            }
        },
    ),
    "CodeArtifact's policies": Kind(
        codeartifact,
        lambda api, name: api.get_policy(RepositoryName(DomainName("demo", "123456789012"), name)),
        lambda name: {
            "policy": {
                "resourceArn": f"{ARN}:repository/demo/{name}",
                "revision": "cg==",
                "document": '{"Version": "2012-10-17", "Statement": []}',
            }
        },
    ),
}
ALL = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Keep the user's settings out, and have a login in ~/.netrc that is for nobody here."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login anonymous password me@site\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "AWS_PROFILE", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)


def failure_of(kind: Kind, answer: Callable[[Request], Answer] | bytes) -> RegistryAuthError:
    """What one call ends with."""
    with odd_server(answer if callable(answer) else lambda _request: answer) as server:
        client = kind.make(server.url)
        with pytest.raises(RegistryAuthError) as error:
            kind.ask(client, "demo")
    assert SESAME not in str(error.value)
    assert "\n" not in str(error.value)
    return error.value


@ALL
def test_a_good_answer_is_read(kind: Kind) -> None:
    with odd_server(lambda _request: http(kind.answer("demo"), Content_Type=kind.content_type)) as server:
        assert kind.ask(kind.make(server.url), "demo") is not None
        (request,) = server.requests
    # Neither in place of the client's own login, nor where there is none.
    assert "Basic" not in request.headers.get("authorization", "")


# A connection that breaks off


@dataclass(frozen=True)
class Entry(DesiredState):
    name: str

    @property
    def target(self) -> str:
        return self.name


@dataclass(frozen=True)
class Asking(Resource[Any, Any]):
    """A resource that asks about a name."""

    kind: Kind
    client: Any

    def read(self, desired: Entry) -> Any:
        return self.kind.ask(self.client, desired.name)

    def result(self, _state: Any, _desired: Entry) -> dict[str, Any]:
        return {}


BROKEN = "name-77"


# As many as first showed it, with GitHub's client: 1490 of 2001 entries failed.
@pytest.mark.parametrize(
    ("name", "entries"), [("Secret Manager", 401), ("GitHub", 2001), ("an index", 401), ("CodeArtifact", 401)]
)
def test_one_connection_that_breaks_off_fails_one_entry(
    name: str, entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = retry.Patience(total=1, first_pause=0.05, longest_pause=0.2)
    monkeypatch.setattr(retry, "PATIENCE", tuple((error, short) for error, _patience in retry.PATIENCE))
    kind = KINDS[name]
    names = [f"name-{number}" for number in range(entries)]

    def answer(request: Request) -> Answer:
        (about,) = re.findall("name-[0-9]+", request.path)
        return None if about == BROKEN else http(kind.answer(about), Content_Type=kind.content_type)

    with odd_server(answer) as server:
        resource = Asking(kind, kind.make(server.url))
        outcomes = reconcile(lambda: resource, [Entry(one) for one in names], check_mode=False)

    failed = [outcome for outcome in outcomes if outcome.error]
    assert [outcome.target for outcome in failed] == [BROKEN]
    assert failed[0].error is not None
    assert failed[0].error.code == "unavailable"
    assert "broke off the connection" in str(failed[0].error)
    assert failed[0].error.unclear, "a write may have been made"


CUT = {
    "nothing": lambda _whole: None,
    "half a head": lambda whole: iter([whole[:20]]),
    "half a body": lambda whole: iter([whole[:-10]]),
}


@pytest.mark.parametrize("cut", CUT.values(), ids=CUT.keys())
@ALL
def test_an_answer_that_is_cut_may_have_been_taken(kind: Kind, cut: Callable[[bytes], Answer]) -> None:
    error = failure_of(kind, lambda _request: cut(http(kind.answer("demo"), Content_Type=kind.content_type)))
    assert error.__class__ is Unavailable
    assert "broke off the connection" in str(error)


CHUNKS = {
    "no number": b"zz\r\n",
    "less than nothing": b"-5\r\n\r\n",
    "far more": b"ffffffffffff\r\n{",
    "cut": b"5\r\n{}",
}


@pytest.mark.parametrize("chunk", CHUNKS.values(), ids=CHUNKS.keys())
@ALL
def test_an_answer_in_chunks_that_are_none_may_have_been_taken(kind: Kind, chunk: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind.content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    error = failure_of(kind, lambda _request: iter([head.encode() + chunk]))
    assert error.unclear, type(error)


@ALL
def test_nobody_there_is_told_by_the_systems_words(kind: Kind) -> None:
    with odd_server(lambda _request: None) as server:
        pass
    with pytest.raises(Unreachable) as error:
        kind.ask(kind.make(server.url), "demo")
    assert "cannot be reached" in str(error.value)
    assert str(error.value).endswith("(Connection refused).")


@pytest.mark.parametrize(
    ("endpoint", "location", "hint"),
    [
        (
            None,
            "europe-wst1",
            " Check the location europe-wst1, too: regional secrets have a host of their own in each location.",
        ),
        (None, None, ""),
        # An endpoint of the user's own is not the location's.
        ("https://secrets.example.com", "europe-wst1", ""),
    ],
)
def test_a_host_that_there_is_not_may_be_one_of_a_misspelled_location(
    endpoint: str | None, location: str | None, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Source: "Create a regional secret" in Secret Manager's documentation, for the hosts."""

    def no_such_host(*_arguments: Any, **_named: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    api = SecretManager(replace(google(""), endpoint=endpoint), unhurried(SECRET_MANAGER))
    with pytest.raises(Unreachable) as error:
        api.get_secret(SecretName("p", "s", location))
    host = endpoint or f"https://secretmanager.{'europe-wst1.rep.' if location else ''}googleapis.com"
    assert str(error.value) == f"Secret Manager cannot be reached at {host} (Name or service not known).{hint}"


@ALL
def test_what_speaks_no_tls_is_not_trusted(kind: Kind) -> None:
    with odd_server(lambda _request: http()) as server:
        client = kind.make(server.url.replace("http:", "https:"))
        with pytest.raises(Refused, match=r"cannot be trusted.*: TLS failed [(]wrong version number[)]"):
            kind.ask(client, "demo")


def serve_connections(serve: Callable[[socket.socket], None]) -> socket.socket:
    """A server that does this with each connection."""
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                serve(server.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    return server


def reset(connection: socket.socket) -> None:
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def close_properly(connection: socket.socket) -> None:
    connection.recv(1 << 16)
    connection.close()


HANDSHAKES = {"reset": reset, "closed": close_properly, "not answered": [].append}


@pytest.mark.parametrize("handshake", HANDSHAKES.values(), ids=HANDSHAKES.keys())
@ALL
def test_without_a_handshake_nothing_was_sent(
    kind: Kind, handshake: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sessions, aws_codeartifact):
        monkeypatch.setattr(module, "CONNECT_TIMEOUT", 0.2)
    with serve_connections(handshake) as server:
        client = kind.make(f"https://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(Unreachable, match="cannot be reached") as error:
            kind.ask(client, "demo")
        server.shutdown(socket.SHUT_RDWR)
    assert not error.value.unclear


def test_certificates_that_are_not_there_are_no_strangers_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/certificates.pem")
    with odd_server(lambda _request: None) as server:
        client = KINDS["GitHub"].make(server.url.replace("http:", "https:"))
        with pytest.raises(Refused, match=r"is not asked about .*: REQUESTS_CA_BUNDLE") as error:
            KINDS["GitHub"].ask(client, "demo")
        assert server.requests == []
    assert not error.value.unclear


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", [name for name in KINDS if name != "an index"])
def test_nothing_is_sent_to_where_an_api_redirects(name: str, status: int) -> None:
    kind = KINDS[name]
    with odd_server(lambda _request: http(kind.answer("demo"))) as elsewhere:
        error = failure_of(kind, http({}, status, Location=f"{elsewhere.url}/x"))
        assert elsewhere.requests == []
    assert isinstance(error, Refused)


@pytest.mark.parametrize("arn", ["x", "arn:aws:codeartifact", 5, ["x"], {"a": None}])
@pytest.mark.parametrize(("name", "key"), [("CodeArtifact's policies", "resourceArn"), ("CodeArtifact", "arn")])
def test_what_is_said_of_no_arn_is_no_answer(name: str, key: str, arn: object) -> None:
    kind = KINDS[name]
    ((thing, said),) = kind.answer("demo").items()
    error = failure_of(kind, http({thing: {**said, key: arn}}))
    assert (error.code, error.unclear) == ("refused", True)


WRITERS = [name for name in KINDS if name not in ("an index", "an index's exchange", "a job's ID tokens")]


@pytest.mark.parametrize("status", [302, 400, 403, 410, 418, 422])
@pytest.mark.parametrize("name", WRITERS)
def test_what_something_in_between_refuses_may_have_been_done(name: str, status: int) -> None:
    """A proxy that looks into answers refuses to pass one on, in a page of its own, when the service has done its work."""
    page = http(b"<html>Blocked</html>", status, Content_Type="text/html", Location="https://login.example.com/")
    assert failure_of(KINDS[name], page).unclear


@pytest.mark.parametrize("name", WRITERS)
def test_a_server_that_waited_in_vain_is_asked_again(name: str) -> None:
    """Source: RFC 9110, section 15.5.9."""
    assert isinstance(failure_of(KINDS[name], http({}, 408)), Unavailable)


def test_a_redirect_of_an_index_leads_to_no_file(tmp_path: Any) -> None:
    error = failure_of(KINDS["an index"], http({}, 302, Location="file:///etc/hostname"))
    assert "redirects to another address (302)" in str(error)


def test_credentials_do_not_cross_a_network_over_plain_http() -> None:
    for ask in (
        lambda: GitHub("http://127.0.0.1:9", SESAME)._session.get(
            "http://github.example.com/", headers={"Authorization": "x"}
        ),
        lambda: sessions.new_session().post("http://token.example.com/", data={"assertion": SESAME}),
    ):
        with pytest.raises(sessions.Exposed):
            ask()


# Time and size


def _slowly(byte: bytes) -> Iterator[bytes]:
    while True:
        time.sleep(0.1)
        yield byte


BODIES = {
    # One that would take for ever, and one that would take a gigabyte.
    "byte by byte": lambda _type: (chunk for chunk in itertools.chain(
        [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"], _slowly(b" "))),
    "headers byte by byte": lambda _type: _slowly(b"H"),
    "no end": lambda kind: itertools.chain(
        [f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n\r\n".encode()], itertools.repeat(b" " * 65536)
    ),
    "no end of a chunk's size": lambda kind: itertools.chain(
        [f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()],
        itertools.repeat(b"0" * 65536),
    ),
    "a bomb": lambda kind: iter([http(BOMB, Content_Encoding="gzip", Content_Type=kind)]),
    "a bomb in a bomb": lambda kind: iter([http(gzip.compress(BOMB), Content_Encoding="gzip, gzip", Content_Type=kind)]),
}  # fmt: skip
SMALL = Bounds(silence=0.3, whole=0.6, size=1 << 20)
BOMB = gzip.compress(b" " * (256 << 20), 1)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@ALL
def test_time_and_size_are_bounded(kind: Kind, body: Callable[[str], Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((aws_calls, "CALL"), (pypi_index, "PAGE")):
        monkeypatch.setattr(module, name, SMALL)
    monkeypatch.setattr(sessions, "CALL", SMALL)
    with odd_server(lambda _request: body(kind.content_type)) as server:
        client = kind.make(server.url)
        tracemalloc.start()
        began = time.monotonic()
        with pytest.raises(RegistryAuthError) as error:
            kind.ask(client, "demo")
        took, most = time.monotonic() - began, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert isinstance(error.value, Silent | Refused | Unavailable)
    assert took < 5
    assert most < 16 << 20


def test_who_drips_is_silent_and_who_floods_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CALL", SMALL)
    slow = failure_of(KINDS["GitHub"], lambda _request: BODIES["byte by byte"](""))
    assert slow.__class__ is Silent
    assert "did not answer about the repository octo-org/demo in time" in str(slow)
    flood = failure_of(KINDS["GitHub"], lambda _request: BODIES["no end"](""))
    assert flood.__class__ is Stranger
    assert "more about the repository octo-org/demo than is read" in str(flood)


@pytest.mark.parametrize("body", [BODIES["byte by byte"], BODIES["no end"], BODIES["a bomb"]])
def test_a_download_is_bounded(body: Callable[[str], Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pypi_index, "FILE", SMALL)
    with odd_server(lambda _request: body("")) as server, pytest.raises(RegistryAuthError) as error:
        PackageIndex().digests(f"{server.url}/simple", File("a-1.0.tar.gz", url=f"{server.url}/x"))
    assert error.type in (Silent, Stranger)


@pytest.mark.parametrize("coding", ["utf-8", "identity", "gzip", "GZIP", "deflate", "br", "zstd", "gzip, gzip"])
@pytest.mark.parametrize("content", [b"the file", gzip.compress(b"the files")], ids=["plain", "compressed"])
def test_a_download_is_what_was_served_whatever_its_coding_is_called(coding: str, content: bytes) -> None:
    """As pip has it, which asks for files as they are, and decodes nothing. Source: its network/utils.py."""
    with odd_server(lambda _request: http(content, Content_Encoding=coding)) as server:
        file = File("a-1.0.tar.gz", url=f"{server.url}/x")
        found = PackageIndex().digests(f"{server.url}/simple", file)
        asked_for = {request.headers["accept-encoding"] for request in server.requests}

    assert found == {"sha256": hashlib.sha256(content).hexdigest()}
    assert asked_for == {"identity"}


def test_a_redirect_on_the_way_to_a_download_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CALL", SMALL)
    away = http(BOMB, 302, Content_Encoding="gzip", Location="/there")
    tracemalloc.start()
    with odd_server(lambda _request: away) as server, pytest.raises(Stranger, match="more than is read"):
        PackageIndex().digests(f"{server.url}/simple", File("a-1.0.tar.gz", url=f"{server.url}/x"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 16 << 20


# Answers that are not as documented


ODD_ERRORS = {
    "another shape of an error": (502, {"error": "bad gateway"}, Unavailable),
    "a text": (503, "down", Unavailable),
    "a list": (429, [], Throttled),
    "no details": (403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": None}}, RegistryAuthError),
    "details of nothing": (403, {"error": {"details": [None, 5, {"@type": 5}]}}, RegistryAuthError),
    "a page": (200, "<p>Grüße".encode("latin-1"), Refused),
    "nothing": (200, b"", Refused),
    "depth": (200, b'{"a":' * 100_000, Refused),
    "depth of an error": (500, b"[" * 100_000, Unavailable),
    "numbers": (400, {"__type": 5, "message": {}, "error": 5}, Refused),
    "null": (200, None, Refused),
    "a text alone": (200, SESAME, Refused),
}


@pytest.mark.parametrize(("status", "body", "error"), ODD_ERRORS.values(), ids=ODD_ERRORS.keys())
@ALL
def test_odd_answers_are_failures_of_their_own_entry(
    kind: Kind, status: int, body: Any, error: type[Exception]
) -> None:
    found = failure_of_any(kind, http(body, status, Content_Type=kind.content_type))
    assert isinstance(found, error) or found is None


def failure_of_any(kind: Kind, answer: bytes) -> RegistryAuthError | None:
    """As failure_of, for answers that may also be read."""
    with odd_server(lambda _request: answer) as server:
        return failure_or_none(kind, kind.make(server.url))


def failure_or_none(kind: Kind, client: Any) -> RegistryAuthError | None:
    failure = None
    try:
        kind.ask(client, "demo")
    except RegistryAuthError as error:
        failure = error
    assert SESAME not in str(failure)
    assert str(failure).isprintable()
    return failure


ODD_VALUES = [
    None,
    True,
    -1,
    10**30,
    1e400,
    "",
    "odd\nvalue",
    "\x00",
    "9" * 500,
    [],
    {},
    [None],
    [[]],
    {"a": None},
    [{}],
]


def mutations(answer: Any, dice: random.Random) -> Iterator[Any]:
    """Answers with something else in one of their places."""
    places = list(_places(answer))
    while True:
        copy = json.loads(json.dumps(answer))
        *way, last = dice.choice(places)
        inner = copy
        for step in way:
            inner = inner[step]
        if dice.random() < 0.2:
            del inner[last]
        else:
            inner[last] = dice.choice(ODD_VALUES)
        yield copy


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*way, step)
        yield from _places(inner, (*way, step))


ERRORS = [
    {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "m", "details": [{"@type": "t", "reason": "r"}]}},
    {"__type": "ConflictException", "message": "m", "resourceType": "domain"},
    {"errors": [{"code": "invalid-publisher", "description": "d"}]},
]


@ALL
def test_whatever_is_answered_is_no_traceback(kind: Kind) -> None:
    dice = random.Random(20261129)
    good = mutations(kind.answer("demo"), dice)
    bad = [mutations(error, dice) for error in ERRORS]
    waiting: list[bytes] = []
    for number in range(450):
        status = 200 if number % 3 else dice.choice([400, 401, 403, 404, 409, 422, 500, 502, 503])
        content = json.dumps(next(good if status == 200 else dice.choice(bad))).encode()
        if number % 10 == 0:
            # Bytes that are wrong anywhere, too.
            spoilt = bytearray(content)
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
            content = bytes(spoilt)
        waiting.append(http(content, status, Content_Type=kind.content_type))
    with odd_server(lambda _request: waiting.pop()) as server:
        client = kind.make(server.url)
        while waiting:
            failure_or_none(kind, client)


# What is written is what is answered


def secrets(server: OddServer) -> SecretManager:
    return SecretManager(google(server.url), unhurried(SECRET_MANAGER))


DEMO = SecretName("p", "demo")
MIRROR = GoogleRepositoryName("p", "us", "mirror")
GRANTS = Policy((Binding("roles/secretmanager.secretAccessor", ("user:Ada@example.com",), None),), b"e")
WRITES = {
    "nothing": (lambda server: secrets(server).get_secret(DEMO), {}),
    "another secret": (lambda server: secrets(server).get_secret(DEMO), {"name": "projects/1/secrets/other"}),
    "no secret": (lambda server: secrets(server).create_secret(DEMO, Secret("", labels={"a": "b"})), {}),
    "a secret of another": (
        lambda server: secrets(server).create_secret(DEMO, Secret("", labels={"a": "b"})),
        {"name": "projects/1/secrets/other", "labels": {"a": "b"}},
    ),
    "no version": (
        lambda server: secrets(server).add_version(DEMO, b"x"),
        {"name": "projects/1/secrets/demo", "clientSpecifiedPayloadChecksum": True},
    ),
    "another version": (
        lambda server: secrets(server).get_version(VersionName(DEMO, "3")),
        {"name": "projects/1/secrets/demo/versions/4", "state": "ENABLED"},
    ),
    "no policy": (lambda server: secrets(server).get_policy(DEMO), {}),
    "another policy": (
        lambda server: secrets(server).set_policy(DEMO, GRANTS),
        {"etag": "BwY=", "bindings": [{"role": "roles/viewer", "members": ["user:ada@example.com"]}]},
    ),
    "another environment": (
        lambda server: put_environment(GitHub(server.url, SESAME), Place("o", "r", "pypi"), {}),
        {"name": "other"},
    ),
}


@pytest.mark.parametrize(("ask", "answer"), WRITES.values(), ids=WRITES.keys())
def test_an_answer_that_is_not_what_was_asked_is_refused(ask: Callable[[OddServer], Any], answer: Any) -> None:
    with odd_server(lambda _request: http(answer)) as server, pytest.raises(Refused, match="What answers at"):
        ask(server)


DEMO_DOMAIN = DomainName("demo", "123456789012")
SAMPLE = Repository("octo-org", "demo", "1234")
#: Writes whose answer was not read, or of which only a part counts, and what a good server answers to each.
#: Sources: the REST references of Secret Manager, Artifact Registry and GitHub, the CodeArtifact API Reference, and Warehouse's code.
QUIET: dict[str, tuple[Callable[[str], Any], bytes]] = {
    "a secret": (
        lambda url: SecretManager(google(url), unhurried(SECRET_MANAGER)).delete_secret(DEMO, "e"),
        http({}),
    ),
    "a repository of Google's": (
        lambda url: ArtifactRegistry(google(url)).delete_repository(GoogleRepositoryName("p", "europe-west1", "r")),
        http(
            {"name": "operations/o", "done": True, "response": {"@type": "type.googleapis.com/google.protobuf.Empty"}}
        ),
    ),
    "a domain": (
        lambda url: codeartifact(url).delete_domain(DEMO_DOMAIN),
        http({"domain": {"name": "demo", "owner": "123456789012", "status": "Deleted"}}),
    ),
    "a repository": (
        lambda url: codeartifact(url).delete_repository(RepositoryName(DEMO_DOMAIN, "python")),
        http({"repository": {"name": "python", "domainName": "demo"}}),
    ),
    "a branch": (
        lambda url: create_branch(GitHub(url, SESAME), SAMPLE, "ours", "a" * 40),
        http({"ref": "refs/heads/ours", "object": {"type": "commit", "sha": "a" * 40}}, 201),
    ),
    "a branch that follows": (
        lambda url: follow(GitHub(url, SESAME), SAMPLE, "ours", "a" * 40),
        http({"ref": "refs/heads/ours", "object": {"type": "commit", "sha": "a" * 40}}),
    ),
    "a secret of GitHub's": (
        lambda url: delete_secret(GitHub(url, SESAME), "octo-org", "demo", None, "TOKEN"),
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ),
    "an upload token": (
        lambda url: TokenExchange(find_index(url, "https://index.example.com/")).burn("pypi-x"),
        http({"message": "Accepted", "errors": []}, 202),
    ),
}
#: Success, as something in between may say it without having passed the call on.
FOREIGN = {
    "a page": http(b"<html>Log in</html>", Content_Type="text/html"),
    "another coding": http(b"<p>D\xe9sol\xe9</p>"),
    "nothing": http(b""),
    "a list": http(b"[]"),
    "null": http(b"null"),
    "an error": http({"error": "bad gateway"}),
    "another object": http({"kind": {}}),
    "a number for a name": http({"name": 5}),
}


@pytest.mark.parametrize(("write", "good"), QUIET.values(), ids=QUIET.keys())
def test_a_write_is_done_when_the_service_itself_says_so(write: Callable[[str], Any], good: bytes) -> None:
    with odd_server(lambda _request: good) as server:
        write(server.url)
        assert server.requests


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("write", [write for write, _good in QUIET.values()], ids=QUIET.keys())
def test_success_in_a_form_that_is_not_the_services_may_have_been_done(
    write: Callable[[str], Any], foreign: bytes
) -> None:
    with odd_server(lambda _request: foreign) as server, pytest.raises(RegistryAuthError) as caught:
        write(server.url)
    assert caught.value.unclear


@pytest.mark.parametrize("foreign", [FOREIGN["a page"], FOREIGN["a list"]], ids=["a page", "a list"])
def test_tags_are_not_written_by_what_is_no_answer(foreign: bytes) -> None:
    """The service answers nothing, or an empty object, to these. So whoever tags looks at them afterwards."""
    with odd_server(lambda _request: foreign) as server, pytest.raises(RegistryAuthError) as caught:
        codeartifact(server.url).tag(DEMO_DOMAIN, f"{ARN}:domain/demo", {"a": "b"})
    assert caught.value.unclear


GONE = {"__type": "ResourceNotFoundException", "message": "none", "resourceId": "demo", "resourceType": "domain"}


@pytest.mark.parametrize("gone", [True, False])
def test_a_domain_that_nobody_names_is_looked_for(gone: bool) -> None:
    """DeleteDomain has no error for a domain that somebody else deleted by then. Source: its errors in the CodeArtifact API Reference."""
    there = http({"domain": {"name": "demo", "status": "Active"}})

    def answer(request: Request) -> bytes:
        if request.method == "DELETE":
            return http({})
        return http(GONE, 404, X_Amzn_ErrorType="ResourceNotFoundException") if gone else there

    with odd_server(answer) as server:
        with nullcontext() if gone else pytest.raises(Stranger) as caught:
            codeartifact(server.url).delete_domain(DEMO_DOMAIN)
        assert [request.method for request in server.requests] == ["DELETE", "GET"]
    assert gone or caught.value.unclear


#: Reads of what may be empty.
READS: dict[str, Callable[[str], Any]] = {
    "versions": lambda url: SecretManager(google(url), unhurried(SECRET_MANAGER)).list_versions(DEMO),
    "secrets": lambda url: SecretManager(google(url), unhurried(SECRET_MANAGER)).list_secrets("demo-project"),
    "a secret's policy": lambda url: SecretManager(google(url), unhurried(SECRET_MANAGER)).get_policy(DEMO),
    "permissions": lambda url: SecretManager(google(url), unhurried(SECRET_MANAGER)).held_permissions(DEMO, ["a.b.c"]),
    "repositories": lambda url: ArtifactRegistry(google(url)).list_repositories("demo-project", "us"),
    "locations": lambda url: ArtifactRegistry(google(url)).list_locations("demo-project"),
    "packages": lambda url: ArtifactRegistry(google(url)).has_packages(MIRROR),
    "a repository's policy": lambda url: ArtifactRegistry(google(url)).get_policy(MIRROR),
    "a project's policy": lambda url: ResourceManager(google(url)).get_policy("demo-project"),
    "repositories of a domain": lambda url: codeartifact(url).list_repositories(DEMO_DOMAIN),
    "tags": lambda url: codeartifact(url).list_tags(DEMO_DOMAIN, f"{ARN}:domain/demo"),
    "packages of CodeArtifact": lambda url: codeartifact(url).has_packages(RepositoryName(DEMO_DOMAIN, "python")),
    "a policy of CodeArtifact": lambda url: codeartifact(url).get_policy(DEMO_DOMAIN),
    "environments": lambda url: is_listed(GitHub(url, SESAME), Place("octo-org", "demo", "pypi")),
}
#: What is no object, or one that is an error.
NO_OBJECTS = {name: FOREIGN[name] for name in ("a page", "another coding", "nothing", "a list", "null", "an error")} | {
    "a list of objects": http(b'[{"name": "projects/p/secrets/s"}]'),
    "a text": http(b'"Please log in."'),
    "a number": http(b"5"),
}


@pytest.mark.parametrize("foreign", NO_OBJECTS.values(), ids=NO_OBJECTS.keys())
@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_what_is_no_answer_is_not_taken_for_an_empty_one(read: Callable[[str], Any], foreign: bytes) -> None:
    """Whoever took it for one would retire nothing, miss what is there, or write a policy without what it had."""
    with odd_server(lambda _request: foreign) as server, pytest.raises(RegistryAuthError) as caught:
        read(server.url)
    assert caught.value.code != "internal"


#: Reads of GitHub's that answer a list, or a file.
LISTS: dict[str, Callable[[str], Any]] = {
    "pull requests": lambda url: find_pull_request(GitHub(url, SESAME), SAMPLE, "ours", "main"),
    "a folder": lambda url: list_folder(GitHub(url, SESAME), SAMPLE, ".github/workflows", None),
    "a file": lambda url: read_file(GitHub(url, SESAME), SAMPLE, "a.md", None),
}
NO_LISTS = {
    "an empty object": b"{}",
    "an empty text": b'""',
    "false": b"false",
    "zero": b"0",
    "null": b"null",
    "nothing": b"",
}


@pytest.mark.parametrize("foreign", NO_LISTS.values(), ids=NO_LISTS.keys())
@pytest.mark.parametrize("read", LISTS.values(), ids=LISTS.keys())
def test_what_is_no_list_is_not_taken_for_an_empty_one(read: Callable[[str], Any], foreign: bytes) -> None:
    """Whoever took it for one would open a second pull request, or find no workflow."""
    with odd_server(lambda _request: http(foreign)) as server, pytest.raises(Stranger):
        read(server.url)


@pytest.mark.parametrize(("read", "token"), [("packages", "nextPageToken"), ("packages of CodeArtifact", "nextToken")])
def test_an_empty_page_is_not_the_end_of_a_list(read: str, token: str) -> None:
    """A repository is not deleted with packages in it that nobody has seen."""
    for page, found in (({}, False), ({token: "more"}, True)):
        with odd_server(lambda _request, page=page: http({"packages": [], **page})) as server:
            assert READS[read](server.url) is found


@pytest.mark.parametrize("foreign", [http(b"[]"), http({"name": "OTHER"}), http(b"5")])
def test_a_secret_is_there_when_it_is_named(foreign: bytes) -> None:
    with odd_server(lambda _request: foreign) as server, pytest.raises(Stranger):
        has_secret(GitHub(server.url, SESAME), "octo-org", "demo", None, "TOKEN")


def refusing(status: str, message: str = "") -> bytes:
    return http({"error": {"code": 400, "status": status, "message": message}}, 400)


def test_a_refused_member_is_told_on_one_line_of_bounded_length() -> None:
    said = "Service account a@gcp-sa-artifactregistry.iam.gserviceaccount.com does not exist.\n" + "x" * 5000
    answer = refusing("INVALID_ARGUMENT", said)
    with odd_server(lambda _request: answer) as server, pytest.raises(RegistryAuthError) as error:
        secrets(server).set_policy(DEMO, GRANTS)
    assert error.value.code == "not_propagated"
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 500


ADA, BOB = "user:ada@example.com", "user:Bob@Example.com"


@pytest.mark.parametrize(
    ("said", "own", "code"),
    [
        ("User bob@example.com does not exist.", [ADA], "conflict"),
        ("User Bob@Example.com does not exist.", [ADA], "conflict"),
        ("Invalid member: 'user:bob@example.com' does not exist", [ADA], "conflict"),
        ("User ada@example.com does not exist.", [ADA], "refused"),
        ("User ada@example.com does not exist.", [ADA, BOB], "refused"),
        # Both are asked for by their names: nothing would change by reading again.
        ("User bob@example.com does not exist.", [ADA, BOB], "refused"),
        ("User bob@example.com.au does not exist.", [ADA], "refused"),
        ("Role roles/none does not exist.", [ADA], "refused"),
        ("Service account x@gcp-sa-artifactregistry.iam.gserviceaccount.com does not exist.", [ADA], "not_propagated"),
    ],
)
def test_whose_member_does_not_exist(said: str, own: list[str], code: str) -> None:
    policy = Policy((Binding(GRANTS.bindings[0].role, (ADA, BOB)),), b"etag")
    answer = refusing("INVALID_ARGUMENT", said)
    with odd_server(lambda _request: answer) as server, pytest.raises(RegistryAuthError) as error:
        secrets(server).set_policy(DEMO, policy, own=own)
    assert error.value.code == code
    names_own = any(f" {member.partition(':')[2].lower()} " in said.lower() for member in own)
    assert ("create the account first" in str(error.value)) is (names_own and code == "refused")


def test_a_refused_write_is_none_even_if_nothing_can_be_read_after_it() -> None:
    answers = {"DELETE": refusing("FAILED_PRECONDITION"), "GET": http(b"", 503)}
    with odd_server(lambda request: answers[request.method]) as server, pytest.raises(RegistryAuthError) as error:
        secrets(server).delete_secret(DEMO, "e")
    assert error.value.code == "conflict"
    assert not error.value.unclear


def test_a_policy_in_googles_spelling_is_the_one_that_was_sent() -> None:
    members = ["user:ada@example.com"]
    answer = {"etag": "BwY=", "bindings": [{"role": GRANTS.bindings[0].role, "members": members}]}
    with odd_server(lambda _request: http(answer)) as server:
        assert secrets(server).set_policy(DEMO, GRANTS).bindings[0].members == ("user:ada@example.com",)


# Logins of the environment


def test_the_access_token_is_the_only_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    answers = {
        "/v1/projects/-/serviceAccounts/x@p.iam.gserviceaccount.com:generateAccessToken": {
            "accessToken": "impersonated",
            "expireTime": "2099-01-01T00:00:00Z",
        },
        "/v1beta1/projects/1/services/a:generateServiceIdentity": {"done": True, "response": {"email": "a@b"}},
    }
    with odd_server(lambda request: http(answers[request.path.partition("?")[0]])) as server:
        monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS", server.url)
        options = {
            "access_token": SESAME,
            "impersonate_service_account": ["x@p.iam.gserviceaccount.com"],
            "api_endpoint": server.url,
        }
        connection = Connection.from_options(options)
        assert ServiceUsage(connection).generate_service_identity("1", "a") == "a@b"
        sent = [request.headers["authorization"] for request in server.requests]
    assert sent == [f"Bearer {SESAME}", "Bearer impersonated"]


def test_a_client_of_google_refreshes_by_a_session_of_ours() -> None:
    session = KINDS["Secret Manager"].make("http://127.0.0.1:9")._client(None).transport._session
    assert session.trust_env is False
    assert session._auth_request.session.trust_env is False


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with odd_server(lambda _request: http({"seen": True})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert sessions.new_session().get("http://index.example.com/simple/").json() == {"seen": True}
    assert proxy.requests[0].path == "http://index.example.com/simple/"


def test_a_server_that_takes_no_connection_is_waited_for_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CONNECT_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        # The kernel takes so many by itself, and no more.
        waiting = [socket.create_connection(full.getsockname()) for _number in range(1)]
        with pytest.raises(Unreachable, match="no connection within"):
            read_repository(GitHub(f"http://127.0.0.1:{full.getsockname()[1]}", SESAME), "octo-org", "demo")
        for one in waiting:
            one.close()
