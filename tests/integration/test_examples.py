# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples in the documentation of each module run as they stand against the local cloud."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR, OTHER_ACCOUNT, document, statement
from checkout import CHECKOUT
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, UPSTREAM_TOKEN
from harness import Ansible, Given
from keys import certificate
from wheels import build

pytestmark = pytest.mark.thorough

LOOKUPS = sorted(path.stem for path in (CHECKOUT / "plugins" / "lookup").glob("*.py"))
MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))

READERS = document(statement("codeartifact:ReadFromRepository", {"AWS": OTHER_ACCOUNT}))

#: The variables that examples use.
VARIABLES = {
    "index_token": UPSTREAM_TOKEN,
    "index_certificate": "-----BEGIN CERTIFICATE-----",
    "readers_policy": READERS,
    "reviewed": {"repository_policy": {"revision": "of-no-use-when-nothing-differs"}},
}
#: The files that examples read.
FILES = {
    "npm_policy.json": document(
        statement(
            "codeartifact:PublishPackageVersion",
            {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/release"},
            Resource=f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:package/demo/npm/npm/parity/*",
        )
    ),
    ".github/workflows/release.yml": {
        "on": {"release": {"types": ["published"]}},
        "jobs": {
            "publish": {
                "runs-on": "ubuntu-latest",
                "environment": "pypi",
                "permissions": {"id-token": "write"},
                "steps": [{"uses": "pypa/gh-action-pypi-publish@release/v1"}],
            }
        },
    },
}


def _nothing(given: Given) -> None:
    """The example starts from nothing."""


def _repositories(given: Given) -> None:
    given.readable_secret("index-token", UPSTREAM_TOKEN)
    given.repository("python-remote")
    given.repository("npm-remote", package_format="NPM")


def _private_repositories(given: Given) -> None:
    given.repository("python-private", mode="STANDARD_REPOSITORY")
    given.repository("python-mirror")


def _logged_in_repository(given: Given) -> None:
    _repositories(given)
    name = "projects/demo-project/locations/us-central1/repositories/python-remote"
    version = f"projects/{NUMBER}/secrets/index-token/versions/1"
    credentials = {"usernamePasswordCredentials": {"username": "__token__", "passwordSecretVersion": version}}
    body = {"remoteRepositoryConfig": {"upstreamCredentials": credentials}}
    mask = "remoteRepositoryConfig.upstreamCredentials"
    given.call(f"artifactregistry/v1/{name}?updateMask={mask}", body, "PATCH")


def _partner(given: Given) -> None:
    """Another project, with a repository that it shares."""
    given.project("partner-project", "444444444444")
    given.call(
        "artifactregistry/v1/projects/partner-project/locations/us-central1/repositories?repositoryId=python-shared",
        {"format": "PYTHON"},
    )


def _secrets(given: Given) -> None:
    given.readable_secret("index-token", "one", "two", "three")
    given.secret("index-certificate")
    given.secret("old-token", "old")


def _domains(given: Given) -> None:
    """One of our own, and one of another account that lets us see it."""
    given.domain("demo", "python", "npm", "scratch")
    given.domain_policy("demo", document(statement("codeartifact:GetAuthorizationToken", {"AWS": OTHER_ACCOUNT})))
    given.repository_policy("demo", "python", READERS)
    given.identity(ADA_KEY, f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada", ADMINISTRATOR)
    given.domain("shared", key=ADA_KEY)
    seen = (
        "GetAuthorizationToken",
        "GetDomainPermissionsPolicy",
        "DescribeDomain",
        "ListRepositoriesInDomain",
        "ListTagsForResource",
    )
    actions = [f"codeartifact:{action}" for action in seen]
    given.domain_policy("shared", document(statement(actions, {"AWS": ACCOUNT})), ADA_KEY)


def _packages(given: Given) -> None:
    _domains(given)
    given.package("demo", "scratch", "ours")
    given.package("demo", "python", "acme-tool")


def _projects(given: Given) -> None:
    """The repository that the local cloud has from the beginning, and another one."""
    given.github(repositories=[{"full_name": "octo-org/otherproject"}])


#: What is there before the examples of a module run. A module that is not here has no examples that are tested.
BEFORE: dict[str, Callable[[Given], None]] = {
    "auth_workflow_result": _repositories,
    "codeartifact_access_info": _domains,
    "codeartifact_auth_workflow": _domains,
    "codeartifact_domain": _nothing,
    "codeartifact_domain_info": _domains,
    "codeartifact_domain_policy": _domains,
    "codeartifact_domain_policy_info": _domains,
    "codeartifact_package_group": _domains,
    "codeartifact_package_group_info": _domains,
    "codeartifact_package_origin": _packages,
    "codeartifact_repository": _packages,
    "codeartifact_repository_info": _domains,
    "codeartifact_repository_policy": _domains,
    "codeartifact_repository_policy_info": _domains,
    "codeartifact_token": _domains,
    "gcp_access_token": _nothing,
    "gcp_auth_workflow": _repositories,
    "gcp_remote_repository": _nothing,
    "gcp_remote_repository_credentials": _repositories,
    "gcp_remote_repository_info": _logged_in_repository,
    "gcp_repository": _partner,
    "gcp_repository_info": _logged_in_repository,
    "gcp_repository_access_info": _private_repositories,
    "gcp_repository_iam_binding": _private_repositories,
    "gcp_repository_iam_info": _private_repositories,
    "gcp_secret": lambda given: given.secret("old-token"),
    "gcp_secret_iam_binding": _secrets,
    "gcp_secret_iam_info": _secrets,
    "gcp_secret_info": _secrets,
    "gcp_secret_retention": _secrets,
    "gcp_secret_version": _secrets,
    "gcp_service_agent": _nothing,
    "github_actions_secret": _nothing,
    "github_environment": _projects,
    "github_file": _projects,
    "package_client_config": _nothing,
    "package_client_login": _domains,
    "package_client_proof": _nothing,
    "package_client_renewal": _nothing,
    "package_clients_info": _nothing,
    "package_index_info": _logged_in_repository,
    "pypi_oidc_token": lambda given: given.trusted_publisher("demo-package", "pypi"),
    "pypi_provenance_info": lambda given: given.release("demo-package", "pypi"),
    "pypi_trusted_publisher_check": _nothing,
}


class StandIn(BaseHTTPRequestHandler):
    """A proxy that answers for hosts of the examples with what the local cloud has, TLS included."""

    # Set for each test.
    bases: dict[str, str]
    tls: ssl.SSLContext

    def do_CONNECT(self) -> None:
        host = self.path.partition(":")[0]
        if host not in self.bases:
            self.send_error(502)
            return
        self.send_response(200)
        self.end_headers()
        with self.tls.wrap_socket(self.connection, server_side=True) as secured:
            self.rfile, self.wfile = secured.makefile("rb"), secured.makefile("wb", buffering=0)
            self.raw_requestline = self.rfile.readline()
            if self.raw_requestline and self.parse_request():
                self._answer(self.bases[host])
        self.close_connection = True

    def _answer(self, base: str) -> None:
        names = ("Authorization", "Accept", "Content-Type")
        headers = {name: self.headers[name] for name in names if name in self.headers}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        request = urllib.request.Request(base + self.path, body, headers, method=self.command)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                status, kind, body = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            status, kind, body = error.code, "text/plain", b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def stand_in(cloud: LocalCloud, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment in which the hosts of the examples are there."""
    bases = {
        "index.example.com": cloud.upstream_url,
        "packages.example.com": f"{cloud.url}/index",
        "us-central1-python.pkg.dev": cloud.index_host(),
    }
    file = tmp_path / "stand-in.pem"
    file.write_bytes(certificate(*bases))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (StandIn,), {"bases": bases, "tls": tls}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield {
            "HTTPS_PROXY": f"http://127.0.0.1:{server.server_port}",
            "NO_PROXY": "127.0.0.1",
            "REQUESTS_CA_BUNDLE": str(file),
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


#: The like for lookups of what a service has.
BEFORE_LOOKUPS: dict[str, Callable[[Given], None]] = {
    "codeartifact_token": lambda given: (_domains(given), given.domain("tools"))[0],
    "gcp_secret_version": _secrets,
    "misspelled_variables": _nothing,
    "package_file": _nothing,
    "refused_payloads": _nothing,
}


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_examples_of_lookups(ansible: Ansible, given: Given, lookup: str) -> None:
    assert lookup in BEFORE_LOOKUPS, f"say what is there before the examples of {lookup} run"
    BEFORE_LOOKUPS[lookup](given)
    documented = import_module(f"ansible_collections.pkgops.registry_auth.plugins.lookup.{lookup}")
    examples = yaml.safe_load(documented.EXAMPLES)
    assert all(f"pkgops.registry_auth.{lookup}" in str(example) for example in examples)
    run = ansible.play(examples, "--diff")
    assert run.code == 0, run.tail


@pytest.mark.parametrize("module", MODULES)
def test_examples(ansible: Ansible, cloud: LocalCloud, given: Given, stand_in: dict[str, str], module: str) -> None:
    assert module in BEFORE, f"say what is there before the examples of {module} run"
    BEFORE[module](given)
    build(ansible.folder, name="demo-package")
    job = cloud.start_job(environment="pypi").environment
    in_job = {name: value for name, value in job.items() if name.startswith("ACTIONS_")}
    for name, content in FILES.items():
        (ansible.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (ansible.folder / name).write_text(json.dumps(content, indent=2))
    documented = import_module(f"ansible_collections.pkgops.registry_auth.plugins.modules.{module}")
    examples = yaml.safe_load(documented.EXAMPLES)
    assert any(f"pkgops.registry_auth.{module}" in example for example in examples)
    github = cloud.github_environment() if module.startswith("github_") else {}
    run = ansible.play(examples, "--diff", vars=VARIABLES, env={**stand_in, **in_job, **github})
    assert run.code == 0, run.tail
