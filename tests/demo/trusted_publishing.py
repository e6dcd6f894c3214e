# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A repository on GitHub publishes to an index with no token stored anywhere, judged by uv and by the index."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codeartifact import OURS
from narration import Cloud, ansible_environment, build, clean_environment, expect, run, say, step, workflow

USER = "octocat"
FULL_NAME = "octo-org/sampleproject"
REPOSITORY = f"github/repos/{FULL_NAME}"
WORKFLOW = ".github/workflows/release.yml"
ENVIRONMENT = "release"

#: As guides have it: the publisher is registered with an environment, and the job that publishes is in none.
BEFORE = """\
name: Release
on:
  release:
    types: [published]
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
        with:
          python-version: "3.x"
      - run: |
          python -m pip install build
          python -m build
      - uses: actions/upload-artifact@v7
        with:
          name: dists
          path: dist/
  publish:
    runs-on: ubuntu-latest
    needs: [build]
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v8
        with:
          name: dists
          path: dist/
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          repository-url: {index}/legacy/
"""
INVENTORY = """\
trusted_publishing:
  hosts:
    demo:
      trusted_publishing_project: {project}
      trusted_publishing_owner: octo-org
      trusted_publishing_repository: sampleproject
      trusted_publishing_indexes:
        - index: {index}
          environment: {environment}
          reviewers:
            teams: [Release managers]
"""


@dataclass
class TrustedPublishingDemo:
    cloud: Cloud
    directory: Path

    @property
    def index(self) -> str:
        return f"{self.cloud.url}/index"

    @property
    def environment(self) -> dict[str, str]:
        return {"GITHUB_TOKEN": USER, "GITHUB_API_URL": f"{self.cloud.url}/github"}

    def call(self, method: str, path: str, body: object = None, caller: str = USER) -> Any:
        """What the local cloud answers to somebody."""
        status, answer = self.cloud.call(method, path, body, caller)
        expect(status < 400, f"{method} {path} was answered {status}.")
        return json.loads(answer or "null")

    def set_up(self) -> None:
        """A repository with a release workflow and a tag, and an index that trusts it."""
        content = base64.b64encode(BEFORE.format(index=self.index).encode()).decode()
        file = {"message": "Release", "content": content}
        made = self.call("PUT", f"{REPOSITORY}/contents/{WORKFLOW}", file)
        self.tag("v1.0.0", made["commit"]["sha"])
        publisher = {
            "project": OURS,
            "repository_owner": "octo-org",
            "repository_owner_id": "1234",
            "repository_name": "sampleproject",
            "workflow_filename": "release.yml",
            "environment": ENVIRONMENT,
        }
        self.call("POST", "_local/index", {"projects": [{"name": OURS}], "publishers": [publisher]})

    def tag(self, name: str, commit: str) -> None:
        self.call("POST", f"{REPOSITORY}/git/refs", {"ref": f"refs/tags/{name}", "sha": commit})

    def start(self, ref: str) -> tuple[int, dict[str, Any]]:
        """Start the job that publishes, of a tag or a branch."""
        wanted = {"repository": FULL_NAME, "ref": ref, "job": "publish", "event_name": "release"}
        status, answer = self.cloud.call("POST", "_local/github/runs", wanted)
        return status, json.loads(answer)

    def publish(self, ref: str) -> bool:
        """Whether uv publishes with nothing but what the job of a tag has."""
        status, job = self.start(ref)
        expect(status == 200, "The job did not start.")
        wheel = build(self.directory, OURS, "1.0.0", "Ours.")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        attestation = {"run": job["id"], "filename": wheel.name, "sha256": digest}
        made = self.call("POST", "_local/github/attestations", attestation)
        Path(f"{wheel}.publish.attestation").write_text(json.dumps(made))
        # The pattern takes the attestation as well.
        command = ["publish", "--trusted-publishing", "always", "--no-progress", f"{wheel}*"]
        say(f"{ref}: $ uv {' '.join(command[:-1])} {wheel.name}")
        variables = clean_environment() | {"HOME": str(self.directory), "COLUMNS": "1000"} | job["environment"]
        done = run([sys.executable, "-m", "uv", *command], variables)
        refusal = re.search(r"valid token, but no corresponding publisher \([^)]*\)", done.stdout)
        expect(done.returncode == 0 or refusal is not None, "uv failed, and not because it was refused.")
        say(f"  refused: {refusal[0]}" if refusal else "  published")
        return done.returncode == 0

    def ask(self, module: str, **options: object) -> dict[str, Any]:
        """What a module finds out about the repository's publisher; shows what stands against it."""
        publisher = {
            "project": OURS,
            "index": self.index,
            "owner": "octo-org",
            "repository": "sampleproject",
            "workflow": "release.yml",
            "environment": ENVIRONMENT,
        }
        say(f"$ ansible localhost -m pkgops.registry_auth.{module}")
        program = str(Path(sys.executable).parent / "ansible")
        command = [program, "localhost", "-e", f"ansible_python_interpreter={sys.executable}"]
        command += ["-m", f"pkgops.registry_auth.{module}", "-a", json.dumps(publisher | options)]
        variables = clean_environment() | ansible_environment() | self.environment | {"ANSIBLE_NOCOLOR": "1"}
        done = run(command, variables)
        expect(done.returncode == 0, f"{module} failed.")
        found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("=> ") + 3 :])
        for finding in found["findings"]:
            if finding["severity"] == "high":
                say(f"  {finding['where']}: {finding['message']}")
                say(f"  {finding['remedy']}")
        return found

    def check(self) -> bool:
        """Whether the check finds the publisher and the workflow in the repository to fit."""
        found = self.ask("pypi_trusted_publisher_check")
        warnings = sum(finding["severity"] != "high" for finding in found["findings"])
        say(f"  {warnings} warnings" if warnings else "  nothing else to say")
        return bool(found["valid"])

    def workflow(self, *arguments: str) -> int:
        inventory = INVENTORY.format(project=OURS, index=self.index, environment=ENVIRONMENT)
        return workflow(self.directory, inventory, self.environment, *arguments)

    def run(self) -> None:
        """Raises DemoError."""
        self.set_up()
        step(
            12,
            "A release workflow follows a guide that forgets the job's environment. The check says so before a release does.",
        )
        expect(not self.check(), "The check did not find the mistake.")
        expect(not self.publish("v1.0.0"), "The index took the job without its environment.")

        step(13, "The workflow protects the environment and proposes a better file. Merging it is a person's part.")
        # The two, and the line that says how the repository ended.
        expect(self.workflow() == 3, "Something else changed than the environment and the file.")
        merged = self.call("PUT", f"{REPOSITORY}/pulls/1/merge", {})
        say("merged  pull request 1")
        self.tag("v1.0.1", merged["sha"])

        step(
            14,
            "The check has nothing against it, and the job publishes with no token stored anywhere. Branches cannot.",
        )
        expect(self.check(), "The check still finds something.")
        expect(self.publish("v1.0.1"), "The job cannot publish.")
        status, refusal = self.start("main")
        expect(status >= 400, "A branch can publish.")
        say(f"main: {refusal['error']['message']}")

        step(15, "The index says who published, and a second run changes nothing.")
        # The local cloud's attestations are signed by nobody whom the world knows.
        found = self.ask("pypi_provenance_info", version="1.0.0", verify=False)
        for publisher in found["publishers"]:
            say(", ".join(f"{name} {publisher[name]}" for name in ("repository", "workflow", "environment")))
        expect(found["valid"], "Somebody else published.")
        expect(self.workflow() == 0, "The second run changed something.")
