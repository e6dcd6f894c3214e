# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of the demo have in common: telling, running commands and the workflow, and the local cloud."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from flit_core.wheel import WheelBuilder

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from checkout import BUILD, CHECKOUT, ansible_environment, link_collection

PROJECT = "demo-project"
OWNER = "user:owner@example.com"
#: Of Google, what the workflow runs as.
ACCOUNT = f"ansible@{PROJECT}.iam.gserviceaccount.com"
PACKAGE = "demo-package"
#: Options that leave pip's own settings, caches and questions out.
PIP_OPTIONS = ["-vv", "--no-deps", "--no-cache-dir", "--disable-pip-version-check", "--no-input"]
LOG = BUILD / "demo.log"
#: Of the workflow: it says what the others did.
LAST_TASK = "Say how the scope ended"


def begin() -> None:
    """Let Ansible find the collection, and empty the log."""
    link_collection()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.write_text("")


class DemoError(Exception):
    """Something is not as the demo tells."""


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise DemoError(otherwise)


def step(number: int, text: str) -> None:
    print(f"\n{number}. {text}", flush=True)


def say(text: str) -> None:
    print(f"   {text}", flush=True)


def clean_environment() -> dict[str, str]:
    """The user's environment without what would point the tools elsewhere."""
    foreign = re.compile(
        r"(PIP|TWINE|UV|GCP|GOOGLE|CLOUDSDK|AWS|GITHUB|ACTIONS|ANSIBLE)_|.*_PROXY$|PYTHON(PATH|HOME)$", re.IGNORECASE
    )
    return {name: value for name, value in os.environ.items() if not foreign.match(name)}


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command and keep all that it says in the log."""
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    with LOG.open("a") as file:
        file.write(f"{done.stdout}\n")
    return done


def pip(directory: Path, login: str, token: str, *arguments: str) -> str | None:
    """Run pip with a login at the local cloud; None when it worked, else the refusal in the server's words.

    Raises DemoError when it fails but was not refused.
    """
    # Where pip looks for a login that is not to stand in its command line.
    netrc = directory / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login {login} password {token}\n")
    netrc.chmod(0o600)
    # No settings of the user's: they may name other indexes.
    environment = clean_environment() | {"PIP_CONFIG_FILE": os.devnull, "NETRC": str(netrc)}
    done = run([sys.executable, "-m", "pip", *arguments, *PIP_OPTIONS], environment)
    if done.returncode == 0:
        return None
    refusal = re.search(r"40[13] Client Error: \w+", done.stdout)
    expect(refusal is not None, "pip failed, and not because it was refused.")
    return refusal[0]


def _ansible(program: str, directory: Path, inventory: str, environment: dict[str, str], *arguments: str) -> str:
    """What a program of Ansible's says with an inventory. Raises DemoError when it fails."""
    file = directory / "inventory.yml"
    file.write_text(inventory)
    variables = clean_environment() | ansible_environment() | environment | {"ANSIBLE_NOCOLOR": "1"}
    done = run([str(Path(sys.executable).parent / program), "-i", str(file), *arguments], variables)
    expect(done.returncode == 0, f"{program} failed.")
    return done.stdout


def build(directory: Path, name: str, version: str, about: str) -> Path:
    """A wheel to publish, of a package with one module."""
    module = name.replace("-", "_")
    project = directory / f"{name}-{version}"
    project.mkdir(exist_ok=True)
    (project / f"{module}.py").write_text(f'"""{about}"""\n__version__ = "{version}"\n')
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        f'[project]\nname = "{name}"\ndynamic = ["version", "description"]\n'
    )
    wheel = project / f"{module}-{version}-py3-none-any.whl"
    with wheel.open("wb") as target:
        WheelBuilder.from_ini_path(project / "pyproject.toml", target).build(editable=False)
    return wheel


def twine(wheel: Path, address: str, login: str, token: str) -> str | None:
    """Publish a wheel; None when it worked, else the refusal in the server's words. Raises DemoError when it fails but was not refused."""
    options = [f"--repository-url={address}", f"--config-file={os.devnull}", "--non-interactive"]
    command = [sys.executable, "-m", "twine", "upload", *options, "--disable-progress-bar", str(wheel)]
    done = run(command, clean_environment() | {"TWINE_USERNAME": login, "TWINE_PASSWORD": token})
    refusal = re.search(r"HTTPError: (40[13] \w+)", done.stdout)
    expect(done.returncode == 0 or refusal is not None, "twine failed, and not because it was refused.")
    return refusal[1] if refusal else None


def play(directory: Path, name: str, inventory: str, environment: dict[str, str], *arguments: str) -> str:
    """Run one of the collection's playbooks, and return what it says. Raises DemoError when it fails."""
    arguments = (f"pkgops.registry_auth.{name}", *arguments)
    say(f"$ {shlex.join(['ansible-playbook', '-i', 'inventory', *arguments])}")
    return _ansible("ansible-playbook", directory, inventory, environment, *arguments)


def apply_role(directory: Path, name: str, inventory: str, environment: dict[str, str]) -> tuple[int, str]:
    """Run one of the collection's roles on the host C(demo): how many tasks changed something, and what it says. Raises DemoError."""
    arguments = ["demo", "-m", "ansible.builtin.include_role", "-a", f"name=pkgops.registry_auth.{name}"]
    say(f"$ {shlex.join(['ansible', '-i', 'inventory', *arguments])}")
    said = _ansible("ansible", directory, inventory, environment, *arguments)
    return len(re.findall(r"^demo \| CHANGED", said, re.MULTILINE)), said


def ask(directory: Path, module: str, options: str, inventory: str, environment: dict[str, str]) -> dict[str, object]:
    """What one of the collection's modules answers on the host C(demo). Raises DemoError when it fails."""
    arguments = ["demo", "-m", f"pkgops.registry_auth.{module}", "-a", options]
    say(f"$ {shlex.join(['ansible', '-i', 'inventory', *arguments])}")
    said = _ansible("ansible", directory, inventory, environment, *arguments)
    return json.loads(said[said.index("=> ") + 3 :])


def workflow(directory: Path, inventory: str, environment: dict[str, str], *arguments: str) -> int:
    """Run the workflow on the host C(demo), show what changed, and return how many tasks changed something."""
    said = play(directory, "auth_workflow", inventory, environment, *arguments)
    task = ""
    for line in said.splitlines():
        if match := re.match(r"TASK \[(?:pkgops\.registry_auth\.)?(.*)\]", line):
            task = match[1]
        elif line.startswith("changed: ") and task != LAST_TASK:
            say(f"  {'would change' if '--check' in arguments else 'changed'}  {task}")
        elif task == LAST_TASK and (match := re.search(r'"msg": "(.*)"', line)):
            for sentence in re.findall(r"[A-Z].*?[.](?= |$)", match[1]):
                say(f"  {sentence}")
    recap = re.search(r"^demo\s*:\s*(ok=\d+\s+changed=(\d+)).*(failed=\d+)", said, re.MULTILINE)
    expect(recap is not None, "The playbook did not work on the scope.")
    say(f"  {' '.join(recap[1].split())} {recap[3]}")
    return int(recap[2])


@dataclass
class Cloud:
    """The local cloud."""

    directory: Path
    url: str = ""
    #: The index that stands for the public one.
    public_index: str = ""

    def _run(self, *arguments: str) -> dict[str, object]:
        command = [sys.executable, "-m", "local_cloud", *arguments, "--directory", str(self.directory)]
        environment = clean_environment() | {"PYTHONPATH": str(CHECKOUT / "roles" / "local_cloud" / "files" / "src")}
        return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)

    def __enter__(self) -> Cloud:
        # With this process, it ends at the latest.
        owners = (f"--owner={OWNER}", f"--owner=serviceAccount:{ACCOUNT}")
        options = ["--port=0", f"--project={PROJECT}=123456789012", f"--parent-pid={os.getpid()}", *owners]
        started = self._run("start", *options)
        self.url, self.public_index = str(started["url"]), str(started["upstream_url"])
        return self

    def __exit__(self, *_exception: object) -> None:
        self._run("stop")

    def call(self, method: str, path: str, body: object = None, caller: str = OWNER) -> tuple[int, bytes]:
        """Status and body of the answer."""
        request = urllib.request.Request(
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {caller}", "Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def key(self, account: str) -> Path:
        """A file with a new key of a service account of Google's."""
        _status, answer = self.call("POST", "_local/google/keys", {"account": account})
        file = self.directory.parent / f"{account.partition('@')[0]}.json"
        file.touch(mode=0o600)
        file.write_bytes(answer)
        return file

    def accept(self, *tokens: str) -> None:
        """Make these the tokens that the upstream index takes."""
        self.call("PUT", "_local/upstream/tokens", list(tokens))
