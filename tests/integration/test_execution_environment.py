# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment that the documentation defines works with nothing but what ansible-builder would install in it.

No container is built: a virtual environment takes its place, and goes through the stages of the instructions that ansible-builder
writes. Galaxy is played by the tarball of this checkout, and by the collection amazon.aws of the Python package ansible.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from aws_clients import OTHER_ACCOUNT, document, statement
from checkout import CHECKOUT, PLACE, copy_collection, link_dependencies
from cloud_control import LocalCloud
from cloud_fixtures import PROJECT, UPSTREAM_TOKEN
from documentation import blocks
from harness import LIMIT, Ansible

pytestmark = pytest.mark.thorough

#: Of the host's own environment, an image has only these.
FROM_OUTSIDE = ("AWS_", "CLOUDSDK_API_", "GCP_", "NO_GCE_CHECK")
TEAM = "group:developers@example.com"
#: What of the local cloud's methods changes nothing.
READS = ("Access", "Describe", "Fetch", "Generate", "Get", "List", "Test")


def ran(*command: str | Path, folder: Path, environment: dict[str, str] | None = None) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, f"{command[:3]} ended with {done.returncode}:\n{done.stdout[-5000:]}"
    return done.stdout


@dataclass(frozen=True)
class Image:
    """What stands for an image: a virtual environment and a folder of collections."""

    folder: Path
    definition: dict[str, Any]

    @property
    def programs(self) -> Path:
        return self.folder / "venv" / "bin"

    @property
    def collections(self) -> Path:
        return self.folder / "collections"

    @property
    def context(self) -> Path:
        """What ansible-builder would have an engine build from."""
        return self.folder / "context"

    @property
    def environment(self) -> dict[str, str]:
        """What programs in it see: nothing of this machine but its programs."""
        return {
            "PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder / "home"),
            "LANG": "C.UTF-8",
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
        }

    def pip(self, *arguments: str) -> str:
        """Run its pip, with the settings of the user of this machine: they say where packages come from."""
        pip = (self.programs / "python", "-m", "pip", "--disable-pip-version-check")
        return ran(*pip, *arguments, folder=self.folder)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Goes through the stages of a build: base, Galaxy, builder, final."""
    folder = tmp_path_factory.mktemp("image")
    [text] = [block.text for block in blocks("docs/docsite/rst/awx.rst") if "base_image" in block.text]
    image = Image(folder, yaml.safe_load(text))
    (folder / "execution-environment.yml").write_text(text)
    (folder / "home").mkdir()
    ran(Path(sys.executable).with_name("ansible-builder"), "create", "--context=context", folder=folder)

    wanted = image.definition["dependencies"]
    ran(sys.executable, "-m", "venv", "venv", folder=folder)
    image.pip("install", "--quiet", *(wanted[name]["package_pip"] for name in ("ansible_core", "ansible_runner")))

    copy = copy_collection(folder / "copy")
    galaxy = (image.programs / "ansible-galaxy", "collection")
    ran(*galaxy, "build", f"--output-path={folder}", folder=copy, environment=image.environment)
    link_dependencies(image.collections)
    [tarball] = folder.glob("*.tar.gz")
    place = f"--collections-path={image.collections}"
    ran(*galaxy, "install", "--offline", place, tarball, folder=folder, environment=image.environment)

    introspect = (image.programs / "python", image.context / "_build" / "scripts" / "introspect.py", "introspect")
    found = ("--write-pip=requirements.txt", "--write-bindep=bindep.txt", image.collections)
    ran(*introspect, *found, folder=folder, environment=image.environment)

    image.pip("install", "--quiet", "--requirement=requirements.txt")
    return image


def test_what_is_built_from(image: Image) -> None:
    """The instructions install all that the definition names, and what this collection names."""
    asked = yaml.safe_load((image.context / "_build" / "requirements.yml").read_text())
    assert asked == image.definition["dependencies"]["galaxy"]
    assert image.pip("check").strip() == "No broken requirements found."
    ours = re.findall(
        r"^(\S+)  # from collection pkgops", (image.folder / "requirements.txt").read_text(), re.MULTILINE
    )
    lines = (CHECKOUT / "requirements.txt").read_text().splitlines()
    assert ours == [line for line in lines if line and not line.startswith("#")]
    # Collections may name packages of the system, too; an image that runs playbooks has no need of those for tests.
    system = (image.folder / "bindep.txt").read_text().splitlines()
    assert [line for line in system if line and "[test " not in line] == []


def test_every_import_of_the_collection(image: Image) -> None:
    statements = set()
    for path in (image.collections / PLACE / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            foreign = isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not node.level)
            # Ansible has an import system of its own for what is below ansible_collections.
            if foreign and "ansible_collections" not in (text := ast.unparse(node)) and "__future__" not in text:
                statements.add(text)
    assert "import requests" in statements
    script = image.folder / "imports.py"
    script.write_text("\n".join(sorted(statements)))
    ran(image.programs / "python", script, folder=image.folder, environment=image.environment)


def project(folder: Path, cloud: LocalCloud) -> Path:
    """The folder of a project as AWX and ansible-runner have it: a playbook for each of the collection's, and the inventory."""
    repository = {
        "repository": "mirror",
        "location": "us-central1",
        "format": "PYTHON",
        "upstream": {"preset": "PYPI"},
        "secret": "token",
        "token": UPSTREAM_TOKEN,
        "proof": {"package": "demo-package", "index_url": f"{cloud.index_host()}/{PROJECT}/mirror/simple/"},
        "access": [{"principals": [TEAM], "access": ["read"]}],
    }
    google = {"registry_auth_project": PROJECT, "registry_auth_repositories": [repository]}
    policy = document(statement("codeartifact:GetAuthorizationToken", {"AWS": OTHER_ACCOUNT}))
    amazon = {
        "codeartifact_domain": "demo",
        "codeartifact_domain_policy": policy,
        "codeartifact_repositories": [{"repository": "team"}],
    }
    hosts = {
        "registry_auth": {"hosts": {"google": google}},
        "codeartifact": {"hosts": {"amazon": amazon}},
        "all": {"vars": {"registry_auth_create_missing": True}},
    }
    for name in ("project", "inventory"):
        (folder / name).mkdir(parents=True)
    (folder / "inventory" / "hosts.yml").write_text(json.dumps(hosts))
    for playbook in ("auth_workflow", "access_report"):
        imported = [{"name": "Run it", "import_playbook": f"pkgops.registry_auth.{playbook}"}]
        (folder / "project" / f"{playbook}.yml").write_text(json.dumps(imported))
    return folder


def written(cloud: LocalCloud) -> list[str]:
    """The methods that were called and may change something, since this was asked before."""
    names = [call["method"].rpartition(".")[2] for call in cloud.calls()]
    cloud.clear_calls()
    return [name for name in names if not name.startswith(READS)]


def changes(output: str) -> dict[str, str]:
    """How many tasks changed something, by scope that did not fail."""
    found = dict(re.findall(r"^(\w+) +: ok=\d+ +changed=(\d+) .* failed=0 ", output, re.MULTILINE))
    return {scope: count for scope, count in found.items() if scope != "localhost"}


@dataclass(frozen=True)
class Programs:
    """Run a playbook of a project in an image, in the two ways that people have."""

    image: Image
    folder: Path
    environment: dict[str, str]

    def runner(self, playbook: str, *extra: str) -> str:
        """As AWX does it in a container."""
        command = (self.image.programs / "ansible-runner", "run", self.folder, f"--playbook={playbook}.yml")
        line = (f"--cmdline={' '.join(extra)}",) if extra else ()
        return ran(*command, *line, folder=self.folder, environment=self.environment)

    def navigator(self, playbook: str, *extra: str) -> str:
        """The program is no part of an image; without a container it runs the ansible-playbook that it finds."""
        program = Path(sys.executable).with_name("ansible-navigator")
        options = ("--mode=stdout", "--execution-environment=false", "--playbook-artifact-enable=false")
        log = f"--log-file={self.folder / 'navigator.log'}"
        line = (f"{playbook}.yml", "--inventory=../inventory/hosts.yml", *extra)
        return ran(program, "run", *line, *options, log, folder=self.folder / "project", environment=self.environment)


@pytest.fixture
def programs(image: Image, ansible: Ansible, cloud: LocalCloud, tmp_path: Path) -> Programs:
    """Those of the image, led to the local cloud."""
    given = {name: value for name, value in ansible.environment.items() if name.startswith(FROM_OUTSIDE)}
    environment = {**image.environment, **given, "HOME": str(tmp_path), "ANSIBLE_NOCOLOR": "true"}
    return Programs(image, project(tmp_path / "runs", cloud), environment)


def test_the_workflow_and_the_report(programs: Programs, cloud: LocalCloud) -> None:
    first = programs.runner("auth_workflow")
    assert set(changes(first)) == {"google", "amazon"}, first
    assert "0" not in changes(first).values(), first
    assert {"CreateRepository", "AddSecretVersion", "CreateDomain"} <= set(written(cloud))

    second = programs.navigator("auth_workflow")
    assert changes(second) == {"google": "0", "amazon": "0"}, second
    assert written(cloud) == []

    reports = []
    for run, name in (programs.runner, "by-runner"), (programs.navigator, "by-navigator"):
        place = programs.folder / name
        run("access_report", f"--extra-vars=access_report_directory={place}")
        assert "DataTables" in (place / "access_report.html").read_text()
        report = json.loads((place / "access_report.json").read_text())
        reports.append({part: report[part] for part in ("matrix", "findings")})
    assert reports[0] == reports[1]
    assert written(cloud) == []
    # Artifact Registry's documentation, "Configure roles and permissions": a reader installs, and does not publish.
    [row] = [row for row in reports[0]["matrix"]["repositories"] if row["principal"] == TEAM]
    assert [cell["answer"] for cell in row["access"].values()] == ["allowed", "denied", "denied", "denied"]
