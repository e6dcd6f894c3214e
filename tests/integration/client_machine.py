# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine whose package clients the role package_clients sets up, and whose network is the local cloud."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT
from harness import COLLECTION, TRANSFERRED, Ansible, Given, Run
from wheels import build, publish_to_npm, upload

ROBOT = f"robot@{PROJECT}.iam.gserviceaccount.com"
BIN = Path(sys.executable).parent
GOOGLE = {"project": PROJECT, "location": "us-central1", "repository": "python-ours"}
AWS = {"domain": "dom", "domain_owner": ACCOUNT, "region": "eu-west-1", "repository": "repo"}
OURS = {"name": "ours", "artifact_registry": GOOGLE, "package": "our-package"}
NPM = {"name": "ours-npm", "format": "npm", "scope": "@acme", "codeartifact": AWS, "package": "@acme/tool"}


class Machine:
    """A machine that Ansible reaches, one of whose users is set up."""

    def __init__(self, ansible: Ansible, cloud: LocalCloud) -> None:
        self.ansible, self.cloud, self.home = ansible, cloud, ansible.folder
        #: How Ansible reaches it.
        self.connection = dict(TRANSFERRED)
        self.bin = ansible.folder / "bin"
        self.bin.mkdir()
        # Where it is on people's machines: not in the environment of a client.
        (self.bin / "keyring").symlink_to(BIN / "keyring")
        ansible.environment["PATH"] = self.path = f"{self.bin}:{BIN}:{os.environ['PATH']}"
        # What lets the user reach the network at all. Machines of other vendors' need not be looked for.
        self.network = {
            **cloud.vendors_environment(),
            "npm_config_cafile": cloud.vendors_environment()["NODE_EXTRA_CA_CERTS"],
            "NO_GCE_CHECK": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def give_identity(self) -> None:
        """Who the machine is, in files of the user's home."""
        key = {**self.cloud.service_account_key(ROBOT), "token_uri": "https://oauth2.googleapis.com/token"}
        self.write(".config/gcloud/application_default_credentials.json", json.dumps(key))
        self.write(".aws/credentials", f"[default]\naws_access_key_id = {ADA_KEY}\naws_secret_access_key = local\n")
        ada = {"arn": f"arn:aws:iam::{ACCOUNT}:user/ada", "policies": [ADMINISTRATOR]}
        self.cloud.set_identities(**{ADA_KEY: ada})

    def write(self, path: str, content: str) -> Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def role(self, *options: str, **variables: Any) -> Run:
        """Run the role for the user. Nothing of it is outside the user's home."""
        given = {
            "level": "user",
            "indexes": [OURS],
            "environment": self.network,
            "directory": str(self.home / "opt"),
            "settings_directory": str(self.home / "etc"),
            "keyring_install": False,
            "keyring_link": str(self.bin / "keyring"),
            "keyring_python": sys.executable,
            "renewal": "none",
            **variables,
        }
        names = {f"package_clients_{name}": value for name, value in given.items()}
        cron = json.dumps(
            {"__package_clients_cron": str(self.home), "__package_clients_units": str(self.home / "units")}
        )
        included = {"ansible.builtin.include_role": {"name": f"{COLLECTION}.package_clients"}}
        results = {
            "name": "Keep the result",
            "ansible.builtin.copy": {
                "content": "{{ package_clients_result | default({}) | to_json }}",
                "dest": str(self.home / "result.json"),
                "mode": "0600",
            },
            "check_mode": False,
            "changed_when": False,
        }
        tasks = [{"name": "Run the role", **included}, results]
        return self.ansible.play(tasks, "-e", cron, *options, vars={**self.connection, **names})

    def passed(self, *options: str, **variables: Any) -> dict[str, Any]:
        """As role(), which must work; the role's result."""
        run = self.role(*options, **variables)
        assert run.code == 0, run.tail
        self.stdout = run.stdout
        result: dict[str, Any] = json.loads((self.home / "result.json").read_text())
        return result

    def changed(self) -> bool:
        return "changed=0 " not in self.stdout

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command as the user types it: no variable but those of the network."""
        folder = self.home / "typed"
        folder.mkdir(exist_ok=True)
        return subprocess.run(
            command,
            env={"PATH": self.path, "HOME": str(self.home), **self.network, **more},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def control(self) -> None:
        """Who the controller is: somebody else than the machine."""
        key = self.home / "tmp" / "controller.json"
        key.parent.mkdir(exist_ok=True)
        key.write_text(json.dumps(self.cloud.service_account_key(ROBOT)))
        self.ansible.environment |= self.cloud.aws_environment("AKIALOCALOWNER000000")
        self.ansible.environment["GCP_SERVICE_ACCOUNT_FILE"] = str(key)
        endpoint = f"{self.cloud.endpoint('iamcredentials')}/"
        self.ansible.environment["CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS"] = endpoint

    def installs(self, client: str) -> subprocess.CompletedProcess[str]:
        """Fetch a package with a client."""
        target = self.home / "installed"
        shutil.rmtree(target, ignore_errors=True)
        commands = {
            "pip": [
                "pip",
                "install",
                "--no-deps",
                "--no-cache-dir",
                "--disable-pip-version-check",
                "--target",
                target,
                "our-package",
            ],
            "uv": ["uv", "pip", "install", "--no-deps", "--no-cache", "--target", target, "our-package"],
            "old pip": ["/usr/bin/pip", "download", "--no-deps", "--no-cache-dir", "-d", target, "our-package"],
            "npm": ["npm", "pack", "@acme/tool", "--cache", target],
        }
        return self.run(*(str(word) for word in commands[client]))


@pytest.fixture
def machine(ansible: Ansible, cloud: LocalCloud, given: Given) -> Machine:
    """A machine in front of a repository of Artifact Registry and one of CodeArtifact, each with a package."""
    given.repository("python-ours", mode="STANDARD_REPOSITORY")
    name = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories/python-ours"
    binding = {"role": "roles/artifactregistry.reader", "members": [f"serviceAccount:{ROBOT}"]}
    given.call(f"{name}:setIamPolicy", {"policy": {"bindings": [binding]}})
    upload(f"{cloud.index_host()}/{PROJECT}/python-ours/", ("oauth2accesstoken", OWNER), build(ansible.folder))
    given.domain("dom", "repo")
    token = given.call("codeartifact/v1/authorization-token?domain=dom", {}, "POST", "AKIALOCALOWNER000000")
    registry = f"{cloud.url}/codeartifact.d/dom-{ACCOUNT}/eu-west-1/npm/repo/"
    publish_to_npm(registry, token["authorizationToken"], "@acme/tool")
    machine = Machine(ansible, cloud)
    # The controller's own logins are the controller's.
    for variable in [name for name in ansible.environment if name.startswith(("AWS_", "GCP_", "CLOUDSDK_"))]:
        del ansible.environment[variable]
    return machine


def snapshot(home: Path) -> dict[str, tuple[int, bytes]]:
    """The user's files, but for those of Ansible and of the test itself."""
    passed_over = {
        "tmp",
        "ansible-home",
        "remote-tmp",
        "result.json",
        "play.yml",
        "typed",
        "installed",
        "dist",
        ".npm",
        ".ansible",
        ".cache",
        ".local",
        ".rustup",
        "gcloud",
    }
    return {
        str(path.relative_to(home)): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in sorted(home.rglob("*"))
        if path.is_file() and not {*path.relative_to(home).parts} & passed_over
    }
