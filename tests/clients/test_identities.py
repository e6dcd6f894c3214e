# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How package clients log in: the real google-auth with a key and on a machine, gcloud, botocore, and the two keyring backends with the real
pip and uv at the vendors' own addresses. Tokens expire with the clock, and who is revoked gets nothing.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR
from aws_clients import Clients as AwsClients
from botocore.exceptions import ClientError
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT, Gcloud
from google.api_core.exceptions import Unauthorized
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.cloud.artifactregistry_v1 import ArtifactRegistryClient, Repository
from google.oauth2 import service_account
from google_clients import Clients

ROBOT = f"robot@{PROJECT}.iam.gserviceaccount.com"
MACHINE = f"{NUMBER}-compute@developer.gserviceaccount.com"
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
REPOSITORY = f"projects/{PROJECT}/locations/us-central1/repositories/pyr"
AWS_HOST = f"dom-{ACCOUNT}.d.codeartifact.eu-west-1.amazonaws.com"
#: Where the package is, by the vendors' own addresses.
INDEXES = {
    "google": ("us-central1-python.pkg.dev", f"/{PROJECT}/pyr/simple/", "oauth2accesstoken"),
    "aws": (AWS_HOST, "/pypi/repo/simple/", "aws"),
}


@pytest.fixture
def mirror(cloud: LocalCloud, artifact_registry: Clients, granted: str) -> str:
    """A remote repository that the robot and the machine may read, and where its packages are."""
    login = {"username": "__token__", "password_secret_version": granted}
    config = {
        "python_repository": {"public_repository": "PYPI"},
        "upstream_credentials": {"username_password_credentials": login},
    }
    wanted = Repository(format_="PYTHON", mode="REMOTE_REPOSITORY", remote_repository_config=config)
    client, parent = artifact_registry(), REPOSITORY.partition("/repositories/")[0]
    client.create_repository(parent=parent, repository_id="pyr", repository=wanted).result(timeout=5)
    members = [f"serviceAccount:{account}" for account in (ROBOT, MACHINE)]
    binding = {"role": "roles/artifactregistry.reader", "members": members}
    client.set_iam_policy(request={"resource": REPOSITORY, "policy": {"bindings": [binding]}})
    return f"{cloud.index_host()}/{PROJECT}/pyr/simple/demo-package/"


@pytest.fixture
def repository(codeartifact: AwsClients) -> None:
    """A repository with an external connection."""
    owner = codeartifact()
    owner.create_domain(domain="dom")
    owner.create_repository(domain="dom", repository="repo")
    owner.associate_external_connection(domain="dom", repository="repo", externalConnection="public:pypi")


def status(url: str, token: str) -> int:
    """How a page is answered to the holder of a token."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def with_key(key: dict[str, str]) -> Any:
    return service_account.Credentials.from_service_account_info(key, scopes=SCOPES)


def test_a_key_is_exchanged_for_tokens_that_expire(cloud: LocalCloud, mirror: str) -> None:
    credentials = with_key(cloud.service_account_key(ROBOT))
    credentials.refresh(Request())
    first = credentials.token
    assert status(mirror, first) == 200
    assert cloud.calls("Fetch")[-1]["caller"] == f"serviceAccount:{ROBOT}"
    assert credentials.expiry - datetime.now(UTC).replace(tzinfo=None) > timedelta(minutes=55)
    cloud.advance_clock(minutes=59)
    assert status(mirror, first) == 200
    cloud.advance_clock(minutes=1)
    assert status(mirror, first) == 401
    # What is signed by the machine's own clock is good all the same.
    credentials.refresh(Request())
    assert credentials.token != first
    assert status(mirror, credentials.token) == 200
    assert first not in json.dumps(cloud.calls())


def test_a_key_of_somebody_else(cloud: LocalCloud) -> None:
    key, other = (cloud.service_account_key(ROBOT) for _key in range(2))
    for wrong in (
        {"private_key": other["private_key"]},
        {"private_key_id": "0123456789abcdef"},
        {"client_email": MACHINE},
    ):
        with pytest.raises(RefreshError, match="Invalid JWT Signature"):
            with_key(key | wrong).refresh(Request())


def test_libraries_show_what_a_key_signs(cloud: LocalCloud, artifact_registry: Clients, mirror: str) -> None:
    """Google's own clients prefer that to an exchanged token."""
    options = {"api_endpoint": cloud.endpoint("artifactregistry")}
    credentials = with_key(cloud.service_account_key(ROBOT))
    client = ArtifactRegistryClient(credentials=credentials, transport="rest", client_options=options)
    assert client.get_repository(name=REPOSITORY).name == REPOSITORY
    assert cloud.calls("GetRepository")[-1]["caller"] == f"serviceAccount:{ROBOT}"
    assert cloud.calls("metadata.GetToken") == []
    cloud.revoke(f"serviceAccount:{ROBOT}")
    with pytest.raises(Unauthorized):
        client.get_repository(name=REPOSITORY)
    assert artifact_registry().get_repository(name=REPOSITORY).name == REPOSITORY
    assert status(mirror, OWNER) == 200


def test_keys_by_the_api(cloud: LocalCloud, mirror: str) -> None:
    keys = f"iam/v1/projects/-/serviceAccounts/{ROBOT}/keys"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        cloud.call("user:stranger@example.com", "POST", keys, {})
    created = cloud.call(OWNER, "POST", keys, {})
    key = json.loads(b64decode(created["privateKeyData"]))
    assert (key["client_email"], key["project_id"], key["token_uri"]) == (ROBOT, PROJECT, f"{cloud.url}/oauth2/token")
    listed = cloud.call(OWNER, "GET", keys)["keys"]
    assert [one["name"] for one in listed] == [created["name"]]
    assert "privateKeyData" not in listed[0]
    credentials = with_key(key)
    credentials.refresh(Request())
    assert status(mirror, credentials.token) == 200
    cloud.call(OWNER, "DELETE", f"iam/v1/{created['name']}")
    # What was given out for it lasts; there is nothing more to have.
    assert status(mirror, credentials.token) == 200
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        with_key(key).refresh(Request())


def test_gcloud_makes_keys_and_disables_accounts(
    cloud: LocalCloud, gcloud: Gcloud, mirror: str, tmp_path: Path
) -> None:
    file = tmp_path / "key.json"
    gcloud("iam", "service-accounts", "keys", "create", str(file), f"--iam-account={ROBOT}")
    credentials = with_key(json.loads(file.read_text()))
    credentials.refresh(Request())
    assert status(mirror, credentials.token) == 200
    gcloud("iam", "service-accounts", "disable", ROBOT)
    assert status(mirror, credentials.token) == 401
    with pytest.raises(RefreshError, match="account not found"):
        credentials.refresh(Request())
    gcloud("iam", "service-accounts", "enable", ROBOT)
    assert status(mirror, credentials.token) == 200


#: What google-auth reads of its environment when it is imported, so this takes a process of its own.
ON_A_MACHINE = """
import json
import google.auth
from google.auth.transport.requests import Request
credentials, project = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
credentials.refresh(Request())
print(json.dumps([project, credentials.service_account_email, credentials.token, credentials.universe_domain]))
"""


def machine_environment(cloud: LocalCloud) -> dict[str, str]:
    """What makes client libraries take this machine for one of Google's, and nothing else that they would log in with."""
    address = urlsplit(cloud.url).netloc
    foreign = ("GOOGLE_", "GCP_", "GCE_", "CLOUDSDK_", "AWS_", "PIP_", "UV_", "PYTHON_KEYRING_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and not name.lower().endswith("_proxy")
    }
    return {**kept, "GCE_METADATA_HOST": address, "GCE_METADATA_IP": address, "NO_PROXY": "127.0.0.1"}


def log_in_on_a_machine(cloud: LocalCloud, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ON_A_MACHINE],
        env={**machine_environment(cloud), "HOME": str(home), "CLOUDSDK_CONFIG": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_machine_has_tokens(cloud: LocalCloud, mirror: str, tmp_path: Path) -> None:
    done = log_in_on_a_machine(cloud, tmp_path)
    assert done.returncode == 0, done.stderr
    project, email, token, universe = json.loads(done.stdout)
    assert (project, email, universe) == (PROJECT, MACHINE, "googleapis.com")
    assert status(mirror, token) == 200
    cloud.advance_clock(hours=1)
    assert status(mirror, token) == 401
    cloud.set_machine_account(ROBOT)
    _project, email, token, _universe = json.loads(log_in_on_a_machine(cloud, tmp_path).stdout)
    assert email == ROBOT
    assert status(mirror, token) == 200
    cloud.revoke(f"serviceAccount:{ROBOT}")
    assert status(mirror, token) == 401
    done = log_in_on_a_machine(cloud, tmp_path)
    assert done.returncode != 0
    assert "RefreshError" in done.stderr


@pytest.mark.parametrize(
    ("path", "headers", "code", "content"),
    [
        ("", {"Metadata-Flavor": "Google"}, 200, "computeMetadata/\n"),
        ("", {}, 404, None),
        ("computeMetadata/v1/project/project-id", {"Metadata-Flavor": "Google"}, 200, PROJECT),
        ("computeMetadata/v1/project/numeric-project-id", {"Metadata-Flavor": "Google"}, 200, NUMBER),
        ("computeMetadata/v1/instance/service-accounts/default/email", {"Metadata-Flavor": "Google"}, 200, MACHINE),
        (
            f"computeMetadata/v1/instance/service-accounts/{MACHINE}/aliases",
            {"Metadata-Flavor": "Google"},
            200,
            "default\n",
        ),
        ("computeMetadata/v1/universe/universe-domain", {"Metadata-Flavor": "Google"}, 200, "googleapis.com"),
        ("computeMetadata/v1/instance/service-accounts/other/token", {"Metadata-Flavor": "Google"}, 404, None),
        ("computeMetadata/v1/instance/service-accounts/default/token", {}, 403, None),
        ("computeMetadata/v1/project/project-id", {"Metadata-Flavor": "google"}, 403, None),
        (
            "computeMetadata/v1/project/project-id",
            {"Metadata-Flavor": "Google", "X-Forwarded-For": "10.0.0.1"},
            403,
            None,
        ),
    ],
)
def test_metadata(cloud: LocalCloud, path: str, headers: dict[str, str], code: int, content: str | None) -> None:
    """As Compute Engine's documentation has it: nothing without the header, and nothing that somebody passed on."""
    request = urllib.request.Request(f"{cloud.url}/{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            shown = answer.status, answer.read().decode(), answer.headers["Metadata-Flavor"]
    except urllib.error.HTTPError as error:
        shown = error.code, None, "Google"
    assert shown == (code, content, "Google")


@pytest.mark.usefixtures("repository")
def test_tokens_of_codeartifact(cloud: LocalCloud, codeartifact: AwsClients) -> None:
    page = f"{cloud.url}/codeartifact.d/dom-{ACCOUNT}/eu-west-1/pypi/repo/simple/demo-package/"
    cloud.set_identities(**{ADA_KEY: {"arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "policies": [ADMINISTRATOR]}})
    ada = codeartifact(ADA_KEY)

    def token(seconds: int) -> str:
        answer = ada.get_authorization_token(domain="dom", durationSeconds=seconds)
        return str(answer["authorizationToken"])

    short, long = token(900), token(0)
    for refused in (1, 899, 43201, -1):
        with pytest.raises(ClientError, match="ValidationException"):
            token(refused)
    cloud.advance_clock(seconds=880)
    assert (status(page, short), status(page, long)) == (200, 200)
    cloud.advance_clock(seconds=20)
    assert (status(page, short), status(page, long)) == (401, 200)
    # Signatures are of the machine's own clock, and good all the same.
    assert status(page, token(900)) == 200
    cloud.set_identities(**{ADA_KEY: None})
    assert status(page, long) == 401
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        token(900)


def test_the_clock_goes_forward_only(cloud: LocalCloud) -> None:
    for wrong in (
        {"advance": -1},
        {"advance": "1h"},
        {"advance": True},
        {},
        {"advance": 1, "unit": "h"},
        {"advance": 1e12},
    ):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            cloud.control("POST", "clock", wrong)
    cloud.advance_clock(days=2)
    shown = datetime.fromisoformat(cloud.control("GET", "clock")["now"]) - datetime.now(UTC)
    assert timedelta(days=1, hours=23) < shown <= timedelta(days=2)
    cloud.reset()
    assert datetime.fromisoformat(cloud.control("GET", "clock")["now"]) - datetime.now(UTC) < timedelta(seconds=1)


# The keyring backends, as they are: they answer for the vendors' own addresses only.


@pytest.fixture
def logged_in(cloud: LocalCloud, tmp_path: Path) -> dict[str, str]:
    """The environment of a person with a key of Google's and one of AWS's, whose network is the local cloud."""
    home = tmp_path / "home"
    home.mkdir()
    key = cloud.service_account_key(ROBOT)
    (home / "key.json").write_text(json.dumps({**key, "token_uri": "https://oauth2.googleapis.com/token"}))
    # As it is where it is not in the environment of a client, for then pip does not look at it.
    (home / "bin").mkdir()
    (home / "bin" / "keyring").symlink_to(Path(sys.executable).with_name("keyring"))
    return {
        **machine_environment(cloud),
        **cloud.vendors_environment(),
        "HOME": str(home),
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "GOOGLE_APPLICATION_CREDENTIALS": str(home / "key.json"),
        "AWS_ACCESS_KEY_ID": ADA_KEY,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_KEYRING_PROVIDER": "import",
    }


def install(client: str, vendor: str, target: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Install the package from a vendor's index with a client."""
    host, path, user = INDEXES[vendor]
    index, package = f"https://{user}@{host}{path}", "demo-package==1.0.0"
    commands = {
        "pip": ["pip", "install", "--no-deps", "--no-cache-dir", "--no-input", "--disable-pip-version-check", "--retries=0"],
        "uv": ["uv", "pip", "install", "--no-deps", "--no-cache", "--no-config", "--python", sys.executable],
    }  # fmt: skip
    command = [sys.executable, "-m", *commands[client], "--target", str(target), "--index-url", index, package]
    return subprocess.run(command, env=environment, cwd=target.parent, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("mirror", "repository")
@pytest.mark.parametrize(("client", "provider"), [("pip", "import"), ("pip", "subprocess"), ("uv", "subprocess")])
def test_keyrings_log_in_at_the_vendors_own_addresses(
    cloud: LocalCloud, logged_in: dict[str, str], tmp_path: Path, client: str, provider: str
) -> None:
    logged_in[f"{client.upper()}_KEYRING_PROVIDER"] = provider
    ada = f"arn:aws:iam::{ACCOUNT}:user/ada"
    cloud.set_identities(**{ADA_KEY: {"arn": ada, "policies": [ADMINISTRATOR]}})
    cloud.clear_calls()
    for vendor in INDEXES:
        done = install(client, vendor, tmp_path / vendor, logged_in)
        assert done.returncode == 0, done.stdout + done.stderr
        assert (tmp_path / vendor / "demo_package" / "__init__.py").exists()
    fetched = {call["caller"] for call in cloud.calls("Fetch") if call["status"] == 200}
    read = {call["caller"] for call in cloud.calls("ReadFromRepository") if call["status"] == 200}
    assert (fetched, read) == ({f"serviceAccount:{ROBOT}"}, {ada})
    assert cloud.calls("proxy.Connect") == []


@pytest.mark.usefixtures("mirror", "repository")
@pytest.mark.parametrize("vendor", INDEXES)
def test_keyrings_of_who_is_revoked(cloud: LocalCloud, logged_in: dict[str, str], tmp_path: Path, vendor: str) -> None:
    cloud.revoke(f"serviceAccount:{ROBOT}")
    done = install("uv", vendor, tmp_path / "target", logged_in | {"UV_KEYRING_PROVIDER": "subprocess"})
    assert done.returncode != 0
    assert "UnrecognizedClientException" in done.stderr or "account not found" in done.stderr, done.stderr
    assert not (tmp_path / "target" / "demo_package").exists()


@pytest.mark.usefixtures("mirror")
def test_the_keyring_of_a_machine(cloud: LocalCloud, logged_in: dict[str, str], tmp_path: Path) -> None:
    del logged_in["GOOGLE_APPLICATION_CREDENTIALS"]
    done = install("pip", "google", tmp_path / "target", logged_in)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {call["caller"] for call in cloud.calls("Fetch") if call["status"] == 200} == {f"serviceAccount:{MACHINE}"}


def test_the_proxy_leads_nowhere_else(cloud: LocalCloud) -> None:
    proxy = urlsplit(cloud.control("GET", "health")["proxy_url"])
    cloud.clear_calls()
    lines = {
        "CONNECT example.com:443 HTTP/1.1": 403,
        "CONNECT us-central1-python.pkg.dev:80 HTTP/1.1": 403,
        "CONNECT 127.0.0.1:443 HTTP/1.1": 403,
        "GET http://us-central1-python.pkg.dev/ HTTP/1.1": 403,
        "CONNECT us-central1-python.pkg.dev:443 HTTP/1.1": 200,
    }
    for line, code in lines.items():
        with socket.create_connection((str(proxy.hostname), int(proxy.port or 0)), timeout=10) as connection:
            connection.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
            assert connection.recv(100).startswith(f"HTTP/1.1 {code} ".encode())
    assert [call["status"] for call in cloud.calls("proxy.Connect")] == [403] * 4


@pytest.mark.usefixtures("repository")
def test_an_endpoint_is_at_the_vendors_own_address(cloud: LocalCloud, logged_in: dict[str, str]) -> None:
    """Whoever asks there is sent there."""
    cloud.set_identities(**{ADA_KEY: {"arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "policies": [ADMINISTRATOR]}})
    script = (
        "import boto3; print(boto3.client('codeartifact', region_name='eu-west-1').get_repository_endpoint("
        "domain='dom', repository='repo', format='pypi')['repositoryEndpoint'])"
    )
    done = subprocess.run([sys.executable, "-c", script], env=logged_in, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == f"https://{AWS_HOST}/pypi/repo/", done.stderr
