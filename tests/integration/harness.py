# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-playbook that runs tasks against the local cloud, and what is there before they run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aws_clients import ACCOUNT, OWNER_KEY, REGION
from checkout import ansible_environment
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT
from wheels import build

COLLECTION = "pkgops.registry_auth"
TARGETS = Path(__file__).parent / "targets"

Task = dict[str, Any]

#: The interpreter that runs Ansible by another name: modules are transferred to it, as to another machine.
TRANSFERRED = {"ansible_python_interpreter": str(Path(sys.executable).with_name("python3"))}
#: Seconds after which a playbook is given up: far more than any takes, also where the machine is busy with other things.
LIMIT = 1800
#: What of the developer's environment would change what the modules do.
FOREIGN = ("ANSIBLE_", "GCP_", "GOOGLE_", "CLOUDSDK_", "AWS_", "GITHUB_")
SERVICES = ("secretmanager", "artifactregistry", "cloudresourcemanager", "serviceusage", "iamcredentials")


def task(module: str, /, **options: Any) -> Task:
    """A task of one of the collection's modules."""
    return {"name": f"Run {module}", f"{COLLECTION}.{module}": options}


class Given:
    """What is there before a test, made over the services' own APIs."""

    _opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud

    def call(self, path: str, body: object = None, method: str | None = None, caller: str = OWNER) -> dict[str, Any]:
        """Call C(SERVICE/VERSION/...); a GET without a body. An access key calls CodeArtifact."""
        request = urllib.request.Request(
            f"{self._cloud.url}/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": self._signature(caller) if caller.startswith("AKIA") else f"Bearer {caller}"},
            method=method,
        )
        with self._opener.open(request, timeout=10) as answer:
            result: dict[str, Any] = json.load(answer)
            return result

    @staticmethod
    def _signature(key: str) -> str:
        """A signature that the local cloud takes, which does not verify it."""
        scope = f"Credential={key}/20260101/{REGION}/codeartifact/aws4_request"
        return f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature={'0' * 64}"

    def project(self, project_id: str, number: str) -> None:
        """Another project of Google's, of the same owner."""
        self._cloud.add_project(project_id, number, OWNER)

    def domain(self, name: str, *repositories: str, key: str = OWNER_KEY) -> None:
        """A CodeArtifact domain with repositories, in the account of an access key's holder."""
        self.call(f"codeartifact/v1/domain?domain={name}", {}, "POST", key)
        for repository in repositories:
            self.call(f"codeartifact/v1/repository?domain={name}&repository={repository}", {}, "POST", key)

    def identity(self, key: str, arn: str, *policies: dict[str, Any]) -> None:
        """A caller of CodeArtifact, by access key, with identity policies."""
        self._cloud.set_identities(**{key: {"arn": arn, "policies": list(policies)}})

    def nobody(self, key: str) -> None:
        """An access key whose user is deleted; policies that name it have its id from then on."""
        self._cloud.set_identities(**{key: None})

    def domain_policy(self, domain: str, document: dict[str, Any], key: str = OWNER_KEY) -> None:
        """A CodeArtifact domain's policy."""
        body = {"domain": domain, "policyDocument": json.dumps(document)}
        self.call("codeartifact/v1/domain/permissions/policy", body, "PUT", key)

    def repository_policy(self, domain: str, repository: str, document: dict[str, Any]) -> None:
        """A CodeArtifact repository's policy."""
        path = f"codeartifact/v1/repository/permissions/policy?domain={domain}&repository={repository}"
        self.call(path, {"policyDocument": json.dumps(document)}, "PUT", OWNER_KEY)

    def package(self, domain: str, repository: str, name: str) -> None:
        """A Python package that is published to a CodeArtifact repository."""
        path = f"codeartifact/v1/authorization-token?domain={domain}"
        token = self.call(path, {}, "POST", OWNER_KEY)["authorizationToken"]
        fields = {":action": "file_upload", "name": name, "version": "1.0"}
        parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}' for key, value in fields.items()]
        parts.append(f'Content-Disposition: form-data; name="content"; filename="{name}-1.0.tar.gz"\r\n\r\nours')
        form = "".join(f"--form\r\n{part}\r\n" for part in parts) + "--form--\r\n"
        request = urllib.request.Request(
            f"{self._cloud.url}/codeartifact.d/{domain}-{ACCOUNT}/{REGION}/pypi/{repository}/",
            data=form.encode(),
            headers={
                "Authorization": f"Basic {b64encode(f'aws:{token}'.encode()).decode()}",
                "Content-Type": "multipart/form-data; boundary=form",
            },
        )
        with self._opener.open(request, timeout=10):
            pass

    def trusted_publisher(self, project: str, environment: str) -> None:
        """A workflow that the index trusts, and no other."""
        publisher = {
            "project": project,
            "repository_owner": "octo-org",
            "repository_owner_id": "1234",
            "repository_name": "sampleproject",
            "workflow_filename": "release.yml",
            "environment": environment,
        }
        self._cloud.set_up_index(publishers=[publisher])

    def release(self, project: str, environment: str) -> None:
        """Version 1.0.0 of a project, attested and published by a job of such a workflow."""
        self.trusted_publisher(project, environment)
        job = self._cloud.start_job(environment=environment)
        publish = [sys.executable, "-m", "uv", "publish", "--trusted-publishing", "always", "--quiet"]
        with TemporaryDirectory() as folder:
            wheel = build(Path(folder), name=project)
            Path(f"{wheel}.publish.attestation").write_text(json.dumps(self._cloud.attest(job, wheel)))
            clean = {"PATH": os.environ["PATH"], "HOME": folder}
            subprocess.run(publish, env={**clean, **job.environment}, cwd=folder, capture_output=True, check=True)

    def github(self, **document: Any) -> None:
        """Accounts, repositories and tokens on GitHub."""
        self._cloud.set_up_github(**document)

    def secret(self, name: str, *payloads: str) -> None:
        """A secret with versions."""
        secrets = f"secretmanager/v1/projects/{PROJECT}/secrets"
        self.call(f"{secrets}?secretId={name}", {"replication": {"automatic": {}}})
        for payload in payloads:
            data = b64encode(payload.encode()).decode()
            self.call(f"{secrets}/{name}:addVersion", {"payload": {"data": data}})

    def policy(self, name: str, *bindings: dict[str, Any]) -> None:
        """A secret's policy."""
        path = f"secretmanager/v1/projects/{PROJECT}/secrets/{name}:setIamPolicy"
        self.call(path, {"policy": {"version": 3, "bindings": list(bindings)}})

    def readable_secret(self, name: str, *payloads: str) -> None:
        """A secret that the service agent may read."""
        self.secret(name, *payloads)
        role = "roles/secretmanager.secretAccessor"
        self.policy(name, {"role": role, "members": [f"serviceAccount:{self.agent()}"]})

    def agent(self) -> str:
        """The service agent of Artifact Registry, which exists from then on."""
        service = f"projects/{NUMBER}/services/artifactregistry.googleapis.com"
        answer = self.call(f"serviceusage/v1beta1/{service}:generateServiceIdentity", {})
        return str(answer["response"]["email"])

    def repository(
        self,
        name: str,
        *,
        mode: str = "REMOTE_REPOSITORY",
        package_format: str = "PYTHON",
        location: str = "us-central1",
        secret: str | None = None,
    ) -> None:
        """A repository; a virtual one has the repository standard as its upstream.

        A remote one has an upstream of its own, and logs in with the first version of the secret, if one is named.
        """
        parent = f"projects/{PROJECT}/locations/{location}/repositories"
        policy = {"id": "ours", "repository": f"{parent}/standard", "priority": 1}
        configs: dict[str, dict[str, Any]] = {
            "REMOTE_REPOSITORY": {
                "remoteRepositoryConfig": {"commonRepository": {"uri": "https://index.example.com/"}}
            },
            "VIRTUAL_REPOSITORY": {"virtualRepositoryConfig": {"upstreamPolicies": [policy]}},
        }
        if secret:
            version = f"projects/{NUMBER}/secrets/{secret}/versions/1"
            login = {"username": "__token__", "passwordSecretVersion": version}
            configs["REMOTE_REPOSITORY"]["remoteRepositoryConfig"]["upstreamCredentials"] = {
                "usernamePasswordCredentials": login
            }
        repository = {"format": package_format, "mode": mode, **configs.get(mode, {})}
        self.call(f"artifactregistry/v1/{parent}?repositoryId={name}", repository)


@dataclass(frozen=True)
class Run:
    """How a playbook ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def tail(self) -> str:
        """The end of the output, for a test that fails; results that fill a screen each are cut."""
        lines = [line[:500] for line in f"{self.stdout}{self.stderr}".splitlines()]
        return "\n".join([*lines[-60:], f"ansible-playbook ended with {self.code}"])


class Ansible:
    """ansible-playbook in a folder of its own: its home, its temporary files and its logs are all below it."""

    def __init__(self, folder: Path, cloud: LocalCloud) -> None:
        self.folder = folder
        #: What starts ansible-playbook elsewhere than here.
        self.prefix: list[str] = []
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(FOREIGN) and not name.lower().endswith("_proxy")
        }
        endpoints = {f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name.upper()}": f"{cloud.url}/{name}/" for name in SERVICES}
        self.environment = {
            **kept,
            **ansible_environment(),
            **endpoints,
            **cloud.aws_environment(OWNER_KEY),
            "HOME": str(folder),
            "TMPDIR": str(self.temporary),
            "ANSIBLE_HOME": str(folder / "ansible-home"),
            "ANSIBLE_REMOTE_TMP": str(folder / "remote-tmp"),
            "ANSIBLE_ROLES_PATH": str(TARGETS),
            "ANSIBLE_ACTION_PLUGINS": str(TARGETS.with_name("action_plugins")),
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_PIPELINING": "true",
            "GCP_PROJECT": PROJECT,
            "GCP_ACCESS_TOKEN": OWNER,
            # Looking for a machine's metadata server would leave the machine.
            "NO_GCE_CHECK": "true",
        }

    def play(self, tasks: Iterable[Task], *options: str, env: dict[str, str] | None = None, **keywords: Any) -> Run:
        """Run tasks as one play on the local host; C(keywords) are the play's."""
        variables = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", **keywords.pop("vars", {})}
        play = {"hosts": "all", "connection": "local", "gather_facts": False, "vars": variables, **keywords}
        playbook = self.folder / "play.yml"
        # JSON is YAML too, and has no surprises.
        playbook.write_text(json.dumps([{**play, "tasks": list(tasks)}], indent=1))
        return self.playbook(str(playbook), "--inventory=localhost,", *options, env=env)

    def playbook(self, *arguments: str, env: dict[str, str] | None = None) -> Run:
        """Run a playbook that is there already."""
        done = subprocess.run(
            [*self.prefix, sys.executable, "-m", "ansible", "playbook", *arguments],
            env={**self.environment, **(env or {})},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def results(self, tasks: Iterable[Task], **given: Any) -> list[dict[str, Any]]:
        """Run tasks, whether they fail or not, and return what each would register."""
        file = self.folder / "results.json"
        file.unlink(missing_ok=True)
        registered = [
            {**task, "register": f"result_{index}", "ignore_errors": True} for index, task in enumerate(tasks)
        ]
        names = ", ".join(task["register"] for task in registered)
        write = {"content": f"{{{{ [{names}] | to_json }}}}", "dest": str(file)}
        run = self.play([*registered, {"name": "Write results", "keep": write}], **given)
        if not file.exists():
            pytest.fail(run.tail)
        results: list[dict[str, Any]] = json.loads(file.read_text())
        return results

    def side_by_side(self, tasks: Iterable[Task]) -> list[dict[str, Any]]:
        """As results(), all at once: for tasks that wait more than they work."""
        tasks = list(tasks)
        with ThreadPoolExecutor(len(tasks)) as pool:
            runs = [pool.submit(self._one, str(index), task) for index, task in enumerate(tasks)]
        return [run.result() for run in runs]

    def _one(self, name: str, task: Task) -> dict[str, Any]:
        alone = copy(self)
        alone.folder = self.folder / name
        alone.folder.mkdir()
        [result] = alone.results([task])
        return result
