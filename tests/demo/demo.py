# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token becomes a working remote repository, and rotates, on the local cloud, with the real pip as the judge.

Tells what it does step by step, and ends with an error as soon as something is not as told.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / "tools"
sys.path.insert(0, str(TOOLS))

from checkout import BUILD, CHECKOUT, ansible_environment, link_collection  # noqa: E402

PROJECT = "demo-project"
LOCATION = "us-central1"
REPOSITORY = "pypi-remote"
SECRET = "index-token"
PACKAGE = "demo-package"
OWNER = "user:owner@example.com"
SECRET_NAME = f"secretmanager/v1/projects/{PROJECT}/secrets/{SECRET}"
LOG = BUILD / "demo.log"

INVENTORY = """\
registry_auth:
  hosts:
    demo:
      registry_auth_project: {project}
      registry_auth_repositories:
        - repository: {repository}
          location: {location}
          secret: {secret}
          token: "{{{{ lookup('ansible.builtin.env', 'INDEX_TOKEN') }}}}"
          proof:
            package: {package}
            index_url: {index_url}
      registry_auth_retention:
        keep: 1
        min_age: 0s
        action: destroy
"""


class DemoError(Exception):
    """Something is not as the demo tells."""


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise DemoError(otherwise)


def step(number: int, text: str) -> None:
    print(f"\n{number}. {text}", flush=True)


def say(text: str) -> None:
    print(f"   {text}", flush=True)


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command and keep all that it says in the log."""
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with LOG.open("a") as file:
        file.write(f"{done.stdout}\n")
    return done


@dataclass
class Cloud:
    """The local cloud, called as its owner."""

    directory: Path
    url: str = ""

    def _run(self, *arguments: str) -> dict[str, object]:
        command = [sys.executable, "-m", "local_cloud", *arguments, "--directory", str(self.directory)]
        environment = clean_environment() | {"PYTHONPATH": str(CHECKOUT / "roles" / "local_cloud" / "files")}
        return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)

    def __enter__(self) -> Cloud:
        self.url = str(self._run("start", "--port", "0", "--project", f"{PROJECT}=123456789012")["url"])
        return self

    def __exit__(self, *_exception: object) -> None:
        self._run("stop")

    def call(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """Status and body of the answer."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {OWNER}", "Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def accept(self, *tokens: str) -> None:
        """Make these the tokens that the upstream index takes."""
        self.call("PUT", "_local/upstream/tokens", list(tokens))

    def states(self) -> list[tuple[str, str]]:
        """Number and state of each version of the secret."""
        _status, answer = self.call("GET", f"{SECRET_NAME}/versions")
        return sorted((one["name"].rpartition("/")[2], one["state"]) for one in json.loads(answer)["versions"])


def clean_environment() -> dict[str, str]:
    """The user's environment without what would point the tools elsewhere."""
    foreign = re.compile(r"(PIP|GCP|GOOGLE|CLOUDSDK|ANSIBLE)_|.*_PROXY$|PYTHON(PATH|HOME)$", re.IGNORECASE)
    return {name: value for name, value in os.environ.items() if not foreign.match(name)}


@dataclass
class Demo:
    cloud: Cloud
    directory: Path
    downloads: int = 0

    @property
    def index_path(self) -> str:
        return f"{LOCATION}-python.pkg.dev/{PROJECT}/{REPOSITORY}/simple/"

    @property
    def index_url(self) -> str:
        return f"{self.cloud.url}/{self.index_path}"

    def pip_download(self) -> bool:
        """Whether pip gets the package through the repository. Raises DemoError when it fails but was not refused."""
        self.downloads += 1
        target = self.directory / f"download-{self.downloads}"
        # Where pip looks for a login that is not to stand in its command line.
        netrc = self.directory / "netrc"
        netrc.write_text(f"machine 127.0.0.1 login oauth2accesstoken password {OWNER}\n")
        netrc.chmod(0o600)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            PACKAGE,
            f"--index-url={self.index_url}",
            f"--dest={target}",
        ]
        command += ["-vv", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
        # No settings of the user's: they may name other indexes.
        environment = clean_environment() | {"PIP_CONFIG_FILE": os.devnull, "NETRC": str(netrc)}
        say(f"$ pip download {PACKAGE}")
        done = run(command, environment)
        if done.returncode == 0:
            (fetched,) = target.iterdir()
            say(f"  fetched {fetched.name}")
            return True
        refusal = re.search(r"40[13] Client Error: \w+", done.stdout)
        expect(refusal is not None, "pip failed, and not because it was refused.")
        say(f"  refused: {refusal[0]}")
        return False

    def workflow(self, token: str, *arguments: str) -> int:
        """Run the playbook, show what changed, and return how many tasks changed something."""
        inventory = self.directory / "inventory.yml"
        inventory.write_text(
            INVENTORY.format(
                project=PROJECT,
                location=LOCATION,
                repository=REPOSITORY,
                secret=SECRET,
                package=PACKAGE,
                index_url=self.index_url,
            )
        )
        endpoints = {
            f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}": f"{self.cloud.url}/{service}/"
            for service in ("secretmanager", "artifactregistry", "cloudresourcemanager", "serviceusage")
        }
        command = ["ansible-playbook", "-i", str(inventory), "pkgops.registry_auth.auth_workflow", *arguments]
        say(" ".join(["$ ansible-playbook -i inventory", *command[3:]]))
        environment = clean_environment() | ansible_environment() | endpoints
        environment |= {"GCP_ACCESS_TOKEN": OWNER, "INDEX_TOKEN": token, "ANSIBLE_NOCOLOR": "1"}
        done = run([str(Path(sys.executable).parent / command[0]), *command[1:]], environment)
        expect(done.returncode == 0, "The playbook failed.")
        task = ""
        for line in done.stdout.splitlines():
            if match := re.match(r"TASK \[(?:pkgops\.registry_auth\.)?(.*)\]", line):
                task = match[1]
            elif line.startswith("changed: "):
                say(f"  {'would change' if '--check' in arguments else 'changed'}  {task}")
            elif match := re.search(r'"msg": "(Would .*) from ', line):
                say(f"  {match[1]}")
        recap = re.search(r"^demo\s*:\s*(ok=\d+\s+changed=(\d+)).*(failed=\d+)", done.stdout, re.MULTILINE)
        expect(recap is not None, "The playbook did not work on the project.")
        say(f"  {' '.join(recap[1].split())} {recap[3]}")
        return int(recap[2])

    @contextmanager
    def reading_all_the_time(self) -> Iterator[list[int]]:
        """Read the package's page through the repository again and again; gives the statuses of the answers."""
        statuses: list[int] = []
        ended = threading.Event()

        def read() -> None:
            while not ended.wait(0.2):
                statuses.append(self.cloud.call("GET", f"{self.index_path}{PACKAGE}/")[0])

        reader = threading.Thread(target=read)
        reader.start()
        try:
            yield statuses
        finally:
            ended.set()
            reader.join()

    def run(self) -> None:
        token, new_token = (f"pypi-{secrets.token_urlsafe(32)}" for _one in range(2))
        cloud = self.cloud
        cloud.accept(token)
        repository = {
            "format": "PYTHON",
            "mode": "REMOTE_REPOSITORY",
            "remoteRepositoryConfig": {"pythonRepository": {"publicRepository": "PYPI"}},
        }
        parent = f"artifactregistry/v1/projects/{PROJECT}/locations/{LOCATION}/repositories"
        status, _answer = cloud.call("POST", f"{parent}?repositoryId={REPOSITORY}", repository)
        expect(status == 200, "The remote repository could not be created.")

        step(1, f"The remote repository {REPOSITORY} has no credentials for the index behind it, which wants a token.")
        expect(not self.pip_download(), "The package came without a token.")

        step(2, "What would the workflow do? It says so, and does nothing.")
        expect(self.workflow(token, "--check") > 0, "Nothing would change.")
        status, _answer = cloud.call("GET", SECRET_NAME)
        expect(status == 404, "Check mode made the secret.")
        say("  There is no secret yet.")

        step(3, "The workflow stores the token, lets the service agent read it, and points the repository at it.")
        expect(self.workflow(token) > 0, "Nothing changed.")

        step(4, "The package can be fetched.")
        expect(self.pip_download(), "The package cannot be fetched.")

        step(5, "A second run changes nothing.")
        expect(self.workflow(token) == 0, "The second run changed something.")

        step(6, "The token rotates: the workflow runs with a new one, then the index revokes the old one.")
        cloud.accept(token, new_token)
        with self.reading_all_the_time() as statuses:
            expect(self.workflow(new_token) > 0, "The new token changed nothing.")
            cloud.accept(new_token)
            say("  The old token is revoked.")
            time.sleep(1)
        say(f"  {len(statuses)} reads through the repository meanwhile, {statuses.count(200)} of them answered.")
        expect(len(statuses) > 1 and set(statuses) == {200}, "The rotation was an outage.")
        expect(self.pip_download(), "The package cannot be fetched after the rotation.")

        step(7, "The old version of the secret is gone, the new one is in use.")
        say("  version  state")
        for version, state in cloud.states():
            say(f"  {version:<9}{state}")
        expect(cloud.states() == [("1", "DESTROYED"), ("2", "ENABLED")], "The versions are not as they should be.")
        expect(not any(one in LOG.read_text() for one in (token, new_token)), "A token is in the log.")


def main() -> int:
    started = time.monotonic()
    link_collection()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")
    print("From a token to a working remote repository, on a local cloud: nothing here leaves this machine.")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="registry-auth-demo-") as directory,
            Cloud(Path(directory) / "cloud") as cloud,
        ):
            Demo(cloud, Path(directory)).run()
    except DemoError as error:
        print(f"\nFAILED: {error} All output is in {LOG.relative_to(CHECKOUT)}.", flush=True)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} seconds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
