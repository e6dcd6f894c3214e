# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the local cloud's control API, and its start and stop for tests. Standard library only."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "roles" / "local_cloud" / "files" / "src"

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Job:
    """A job of a workflow that runs: the environment variables of its steps, and those by which uv and twine publish."""

    id: str
    environment: dict[str, str]


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud."""

    url: str
    upstream_url: str
    pid: int

    def endpoint(self, service: str) -> str:
        """The endpoint of a service for its clients, such as C(secretmanager)."""
        return f"{self.url}/{service}"

    def index_host(self, location: str = "us-central1", package_format: str = "python") -> str:
        """The URL that stands for a package host of Artifact Registry."""
        return f"{self.url}/{location}-{package_format}.pkg.dev"

    def reset(self) -> None:
        """Forget everything but what the cloud was started with."""
        self.control("POST", "reset")

    def add_project(self, project_id: str, number: str, *owners: str) -> None:
        self.control("POST", "projects", {"projectId": project_id, "projectNumber": number, "owners": list(owners)})

    def set_upstream_tokens(self, *tokens: str) -> None:
        """Say which passwords the upstream index takes from now on."""
        self.control("PUT", "upstream/tokens", list(tokens))

    def service_account_key(self, account: str) -> dict[str, str]:
        """The file of a new key of a service account of Google's."""
        key: dict[str, str] = self.control("POST", "google/keys", {"account": account})
        return key

    def revoke(self, *members: str) -> None:
        """Say which members of Google's have lost their accounts, and no others."""
        self.control("PUT", "google/revoked", list(members))

    def set_custom_roles(self, roles: dict[str, list[str]]) -> None:
        """Say what custom roles of Google's hold, by their full names; there are no others."""
        self.control("PUT", "google/roles", roles)

    def set_machine_account(self, account: str) -> None:
        """Say whose tokens the metadata server has."""
        self.control("PUT", "machine", {"account": account})

    def advance_clock(self, **time: float) -> None:
        """Put the clock forward, by C(hours=1) for example."""
        self.control("POST", "clock", {"advance": timedelta(**time).total_seconds()})

    def vendors_environment(self) -> dict[str, str]:
        """What leads clients of the vendors' own hosts to this cloud."""
        variables: dict[str, str] = self.control("GET", "vendors.json")
        return variables

    def set_virtual_listing(self, listing: str) -> None:
        """Say which versions virtual repositories list: C(merge) or C(shadow)."""
        self.control("PUT", "artifactregistry/virtual-listing", listing)

    def set_identities(self, **identities: dict[str, Any] | None) -> None:
        """Say whom access keys of AWS belong to: C({"arn": ..., "policies": [...]}), or None for nobody."""
        self.control("PUT", "aws/identities", identities)

    def aws_environment(self, access_key_id: str, region: str = "eu-west-1") -> dict[str, str]:
        """What lets an AWS client call this cloud as the holder of an access key."""
        return {
            "AWS_ENDPOINT_URL_CODEARTIFACT": self.endpoint("codeartifact"),
            "AWS_ENDPOINT_URL_STS": self.endpoint("sts"),
            "AWS_ACCESS_KEY_ID": access_key_id,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def github_environment(self, token: str = "octocat") -> dict[str, str]:
        """What lets modules ask its GitHub; a login is its own token."""
        return {"GITHUB_TOKEN": token, "GITHUB_API_URL": f"{self.url}/github"}

    def set_up_github(self, **document: Any) -> None:
        """Put accounts, repositories and tokens into GitHub; what is named replaces what had the name."""
        self.control("POST", "github", document)

    def start_job(self, **wanted: Any) -> Job:
        """Run a job of a workflow: C(repository), and C(ref), C(workflow), C(job), C(environment), C(event_name), C(claims)."""
        started = self.control("POST", "github/runs", {"repository": "octo-org/sampleproject", **wanted})
        return Job(started["id"], started["environment"])

    def sign(self, claims: dict[str, Any]) -> str:
        """An ID token that says whatever it is given."""
        token: str = self.control("POST", "github/id-tokens", {"claims": claims})["token"]
        return token

    def attest(self, job: Job, file: Path) -> dict[str, Any]:
        """An attestation for a file, as the step that publishes makes it."""
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        return self.control("POST", "github/attestations", {"run": job.id, "filename": file.name, "sha256": digest})

    def set_up_index(self, **document: Any) -> None:
        """Add C(projects) to the index, and replace its C(publishers)."""
        self.control("POST", "index", document)

    def publishers(self) -> list[dict[str, Any]]:
        """The trusted publishers that the index has."""
        publishers: list[dict[str, Any]] = self.control("GET", "index/publishers")["publishers"]
        return publishers

    def upload_token(self, user: str, projects: list[str] | None = None) -> str:
        """A token of a user for the index: for some projects, or for all of theirs."""
        token: str = self.control("POST", "index/tokens", {"user": user, "projects": projects})["token"]
        return token

    def mint_upload_token(self, request_url: str, request_token: str) -> str:
        """A token of the index for a job, which is asked for its ID token as an action asks."""
        headers = {"Authorization": f"Bearer {request_token}"}
        path = request_url.removeprefix(f"{self.url}/")
        id_token = self._request("GET", f"{path}&audience=pypi", None, headers)["value"]
        token: str = self._request("POST", "index/_/oidc/mint-token", {"token": id_token}, {})["token"]
        return token

    def calls(self, method: str = "") -> list[dict[str, Any]]:
        """The calls so far; C(method) is how the full method name ends."""
        calls: list[dict[str, Any]] = self.control("GET", "calls")["calls"]
        return [call for call in calls if call["method"].endswith(method)]

    def clear_calls(self) -> None:
        self.control("DELETE", "calls")

    def fault(self, method: str, **rule: Any) -> None:
        """Make calls whose full method name matches the pattern fail or wait."""
        self.control("POST", "faults", {"method": method, **rule})

    def delay_propagation(self, seconds: float) -> None:
        """Let policies take effect only so many seconds after they are set."""
        self.control("POST", "faults", {"propagation_delay": seconds})

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def set_quotas(self, **services: dict[str, float]) -> None:
        """Limit the requests of services: C(secretmanager={"read": 30, "window": 3}), and nothing else from now on."""
        self.control("PUT", "quotas", services)

    def clear_quotas(self) -> None:
        self.control("DELETE", "quotas")

    def control(self, verb: str, path: str, body: object = None) -> dict[str, Any]:
        """Call the control API.

        Raises: urllib.error.HTTPError when it refuses.
        """
        return self._request(verb, f"_local/{path}", body, {})

    def call(self, caller: str, verb: str, path: str, body: object = None) -> dict[str, Any]:
        """Call a service as a member; the path is that below the cloud's URL.

        Raises: urllib.error.HTTPError when it refuses.
        """
        return self._request(verb, path, body, {"Authorization": f"Bearer {caller}"})

    def _request(self, verb: str, path: str, body: object, headers: dict[str, str]) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/{path}", data=data, method=verb, headers=headers)
        with _OPENER.open(request, timeout=10) as answer:
            result: dict[str, Any] = json.load(answer)
            return result


def start(directory: Path, *options: str) -> LocalCloud:
    """Start a local cloud on a free port, or find the one of this directory. It ends with this process at the latest.

    Raises: subprocess.CalledProcessError when it does not get ready.
    """
    state = _run("start", "--directory", str(directory), "--port=0", f"--parent-pid={os.getpid()}", *options)
    return LocalCloud(state["url"], state["upstream_url"], state["pid"])


def stop(directory: Path) -> None:
    """Stop the one of this directory, if it runs."""
    _run("stop", "--directory", str(directory))


def _run(*arguments: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "local_cloud", *arguments],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, Any] = json.loads(run.stdout)
    return result
