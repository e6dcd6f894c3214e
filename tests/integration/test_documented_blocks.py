# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every block of code in the pages works as it stands, in order, outside the checkout, on the local cloud.

Only the port of the local cloud is another one.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx import stand_in
from checkout import CHECKOUT, copy_collection
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT, UPSTREAM_TOKEN
from documentation import Block, Reader, blocks, pages
from harness import Given, Run
from wheels import build

pytestmark = pytest.mark.thorough

#: Does what a block says.
Step = Callable[[Reader, Block], None]


def passed(run: Run) -> Run:
    assert run.code == 0, run.tail
    return run


def not_here(_why: str) -> Step:
    """A block that cannot run here, and why."""
    return lambda _reader, _block: None


STAGES = not_here("stages of the tests themselves, which run for minutes, in a checkout")
GALAXY = not_here("asks Ansible Galaxy, which is not this machine")
AWX = not_here("needs an AWX; test_awx_setup runs it against a stand-in")
MACHINES = not_here("sets up machines; test_package_clients does, and so does a scenario of Molecule")


def shell(reader: Reader, block: Block) -> None:
    passed(reader.shell(block.text))


def with_gcloud(reader: Reader, block: Block) -> None:
    """Where gcloud is not installed, its lines are for somebody else."""
    lines = block.text.splitlines(keepends=True)
    passed(reader.shell("".join(line for line in lines if shutil.which("gcloud") or not line.startswith("gcloud "))))


def output(reader: Reader, block: Block) -> None:
    """Lines that the commands before it print, with more or fewer spaces."""
    assert block.language == "text"
    printed = {" ".join(line.split()) for line in reader.last.stdout.splitlines()}
    missing = [line for line in block.text.splitlines() if not any(" ".join(line.split()) in one for one in printed)]
    assert not missing, reader.last.tail


def in_a_checkout(reader: Reader, block: Block) -> None:
    """What was installed there runs Ansible with the collection."""
    passed(
        reader.shell(f"cd {CHECKOUT}\n{block.text}\nansible-playbook pkgops.registry_auth.auth_workflow --syntax-check")
    )


def gcloud(reader: Reader, block: Block) -> None:
    """Where gcloud is not installed, the test itself has made what the block makes."""
    if shutil.which("gcloud"):
        passed(reader.shell(block.text))


def save(name: str) -> Step:
    """A file, or one more part of it."""
    return lambda reader, block: reader.save(name, block.text)


def plays(reader: Reader, block: Block) -> None:
    passed(reader.plays(block.text, index_token="sesame"))


def tasks(reader: Reader, block: Block) -> None:
    passed(reader.tasks(yaml.safe_load(block.text)))


def play_keywords(reader: Reader, block: Block) -> None:
    """What stands at the head of a play, in one with a task that needs it."""
    secrets = {"name": "Show a secret", "pkgops.registry_auth.gcp_secret_info": {"secret": "index-token"}}
    passed(reader.tasks([secrets], **yaml.safe_load(block.text)))


def workflow(reader: Reader, _block: Block) -> None:
    """What the text says to do after the block: run the same command."""
    passed(reader.shell("ansible-playbook -i inventory.yml pkgops.registry_auth.auth_workflow"))


def both(*steps: Step) -> Step:
    def step(reader: Reader, block: Block) -> None:
        for one in steps:
            one(reader, block)

    return step


def workflow_entry(reader: Reader, block: Block) -> None:
    """One more entry of the inventory's repositories."""
    _with_variables(reader, registry_auth_repositories=[yaml.safe_load(block.text)])


def scope_variables(reader: Reader, block: Block) -> None:
    """Variables of the inventory's hosts."""
    _with_variables(reader, **yaml.safe_load(block.text))


def _with_variables(reader: Reader, **variables: Any) -> None:
    """Run the workflow with variables that take the place of the inventory's."""
    (reader.folder / "variables.json").write_text(json.dumps(variables))
    passed(reader.shell("ansible-playbook -i inventory.yml pkgops.registry_auth.auth_workflow -e @variables.json"))


def definition(reader: Reader, block: Block) -> None:
    """What an execution environment is built of. Without a container engine, its files are made and nothing is built."""
    reader.save("execution-environment.yml", block.text)
    passed(reader.shell("ansible-builder create --file execution-environment.yml --context context"))


def plays_of_ours(reader: Reader, block: Block) -> None:
    """A file of the project, which finds the playbook that it imports."""
    reader.save("auth_workflow.yml", block.text)
    passed(reader.shell("ansible-playbook auth_workflow.yml --syntax-check"))


def runner(reader: Reader, block: Block) -> None:
    """The commands of the page in the folder that it describes. What they install is installed already."""
    reader.save("project/auth_workflow.yml", (reader.folder / "auth_workflow.yml").read_text())
    reader.save("inventory/inventory.yml", "registry_auth: {hosts: {packages: {registry_auth_project: demo-project}}}")
    command = "".join(line for line in block.text.splitlines(keepends=True) if "pip install" not in line)
    done = reader.shell(command)
    # The scope says nothing of repositories, and that is what it is told.
    assert "packages must set registry_auth_project and registry_auth_repositories" in done.stdout, done.tail
    assert list(reader.folder.glob("artifacts/*/job_events/*.json"))


def awx_setup(reader: Reader, block: Block) -> None:
    """As far as a check goes in a new AWX; test_awx_setup sets one up."""
    reader.save("inventory.yml", "registry_auth: {hosts: {packages: {registry_auth_project: demo-project}}}")
    with stand_in(reader.folder / "awx", "") as served:
        address = served.url.removeprefix("http://")
        text = block.text.replace("https://awx.example.com", f"http://{address}").replace(
            '"$AWX_TOKEN"', served.token()
        )
        passed(reader.shell(f"{text.strip()} --check"))
    assert "job templates: workflow, rotate, report, publishers, clients" in reader.last.stdout, reader.last.tail


def awx_role(reader: Reader, block: Block) -> None:
    reader.save("inventory.yml", "registry_auth: {hosts: {packages: {registry_auth_project: demo-project}}}")
    with stand_in(reader.folder / "awx", "") as served:
        reader.environment |= served.environment
        reader.save("role.yml", block.text)
        passed(reader.shell("ansible-playbook role.yml --check -e index_token=sesame"))


def kept_page(reader: Reader, block: Block) -> None:
    """The report is written by the play before."""
    reader.save("access-report/access_report.html", "<html></html>")
    plays(reader, block)


def control(verb: str, path: str) -> Step:
    """The body of a request to the local cloud's control interface."""
    curl = f"curl --silent --fail --request {verb} http://127.0.0.1:8085/_local/{path} --json @body.json"

    def step(reader: Reader, block: Block) -> None:
        (reader.folder / "body.json").write_text(block.text)
        passed(reader.shell(curl))

    return step


def variables(reader: Reader, block: Block) -> None:
    """What a role leaves behind is what the text says that another one takes."""
    credentials = {
        "role": "pkgops.registry_auth.remote_repository_credentials",
        "remote_repository_credentials_repositories": [
            {"repository": "pypi-remote", "location": "us-central1", "secret": "index-token"}
        ],
    }
    passed(reader.tasks([], roles=[credentials], vars=yaml.safe_load(block.text)))


def dependabot(reader: Reader, block: Block) -> None:
    """zizmor knows the schema of the file, and what is unsafe in one."""
    reader.save(".github/dependabot.yml", block.text)
    passed(reader.shell("zizmor --offline --no-progress --strict-collection .github/dependabot.yml"))


def build_commands(reader: Reader, block: Block) -> None:
    """Variables of the role, which writes them into a workflow as they are."""
    reader.save("commands.yml", block.text)
    (reader.folder / "checkout").mkdir()
    role = {
        "role": "pkgops.registry_auth.trusted_publishing",
        "trusted_publishing_project": "sampleproject",
        "trusted_publishing_owner": "octo-org",
        "trusted_publishing_repository": "sampleproject",
        "trusted_publishing_checkout": "{{ playbook_dir }}/checkout",
    }
    passed(reader.tasks([], roles=[role], vars_files=["commands.yml"]))
    written = (reader.folder / "checkout" / ".github" / "workflows" / "release.yml").read_text()
    assert 'echo "Building ${{ github.ref_name }}"' in written


def machines(reader: Reader, block: Block) -> None:
    """An inventory of machines, or plays on some: their variables are checked, and no machine is set up."""
    document = yaml.safe_load(block.text)
    for play in [document["package_clients"]] if isinstance(document, dict) else document:
        role = play.get("roles", [{}])[0]
        given = play.get("vars") or {name: value for name, value in role.items() if name != "role"}
        included = {"name": "pkgops.registry_auth.package_clients", "tasks_from": "validate"}
        passed(reader.tasks([{"name": "Check the variables", "ansible.builtin.include_role": included}], vars=given))


def step_of_a_job(reader: Reader, block: Block) -> None:
    """The file is written; test_package_clients_action runs what is in it."""
    (reader.folder / "sampleproject").mkdir()
    plays(reader, block)
    assert (reader.folder / "sampleproject" / ".github" / "actions" / "package-clients" / "action.yml").is_file()


PAGES: dict[str, list[Step]] = {
    "CONTRIBUTING.md": [not_here("targets of make, which CI runs")],
    "TESTING.md": [
        not_here("tests, which CI runs"),
        STAGES,
        not_here("campaigns, which run for minutes, in a checkout"),
    ],
    "README.md": [
        STAGES,
        GALAXY,
        GALAXY,
        shell,
        with_gcloud,
        save("inventory.yml"),
        shell,
        save("inventory.yml"),
        both(save("npm_policy.json"), workflow),
        both(save("inventory.yml"), workflow),
        shell,
        tasks,
        play_keywords,
    ],
    "playbooks/README.md": [shell, save("auth_workflow.yml"), shell],
    "extensions/molecule/README.md": [STAGES],
    "docs/docsite/rst/access_report.rst": [shell],
    "docs/docsite/rst/artifact_registry.rst": [save("inventory.yml"), shell, workflow_entry, plays],
    "docs/docsite/rst/awx.rst": [
        definition,
        plays_of_ours,
        plays,
        runner,
        save("awx.yml"),
        awx_setup,
        kept_page,
    ],
    "docs/docsite/rst/codeartifact.rst": [save("inventory.yml"), shell, shell, tasks, tasks],
    "docs/docsite/rst/migration.rst": [gcloud, shell, save("inventory.yml"), shell, output],
    "docs/docsite/rst/molecule.rst": [
        GALAXY,
        save("molecule/default/molecule.yml"),
        save("molecule/default/inventory.yml"),
        save("molecule/default/create.yml"),
        save("molecule/default/destroy.yml"),
        save("molecule/default/converge.yml"),
        save("molecule/default/verify.yml"),
        shell,
    ],
    "docs/docsite/rst/package_clients.rst": [MACHINES, save("inventory.yml"), shell, shell, MACHINES],
    "docs/docsite/rst/package_protection.rst": [plays, tasks, plays],
    "docs/docsite/rst/playbooks.rst": [shell, shell, AWX, MACHINES],
    "docs/docsite/rst/repository_access.rst": [save("inventory.yml"), shell, plays, tasks],
    "docs/docsite/rst/rotation.rst": [shell, shell, output, scope_variables, tasks],
    "docs/docsite/rst/troubleshooting.rst": [tasks],
    "docs/docsite/rst/trusted_publishing.rst": [save("inventory.yml"), shell, scope_variables, tasks],
    "docs/docsite/rst/tutorial.rst": [
        STAGES,
        STAGES,
        in_a_checkout,
        save("inventory.yml"),
        shell,
        shell,
        output,
        shell,
        output,
        shell,
        shell,
        GALAXY,
        not_here("logs in to Google with a browser"),
        not_here("waits for a person to enter a token"),
    ],
    "docs/docsite/rst/speed.rst": [not_here("takes minutes, in a checkout; test_bench runs it for fewer subjects")],
    "roles/access_report/README.md": [plays],
    "roles/awx_setup/README.md": [awx_role],
    "roles/codeartifact_policy/README.md": [plays],
    "roles/codeartifact_repository/README.md": [plays],
    "roles/iam_binding/README.md": [plays],
    "roles/local_cloud/README.md": [
        plays,
        control("PUT", "google/roles"),
        shell,
        shell,
        control("POST", "github"),
        shell,
        control("PUT", "quotas"),
    ],
    "roles/package_clients/README.md": [machines, MACHINES, machines, step_of_a_job],
    "roles/package_protection/README.md": [plays],
    "roles/remote_repository/README.md": [plays],
    "roles/remote_repository_credentials/README.md": [plays],
    "roles/repository/README.md": [plays],
    "roles/repository_access/README.md": [plays],
    "roles/secret_retention/README.md": [plays],
    "roles/secret_version/README.md": [plays, variables],
    "roles/trusted_publishing/README.md": [plays, plays, dependabot, build_commands],
}


def _login(given: Given) -> None:
    """A repository, and three versions of the secret that it logs in with."""
    given.readable_secret("index-token", "one", "two", UPSTREAM_TOKEN)
    given.repository("pypi-remote")


def _served(given: Given) -> None:
    """A repository whose packages an account may read."""
    _login(given)
    name = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories/pypi-remote"
    version = f"projects/{NUMBER}/secrets/index-token/versions/3"
    credentials = {"usernamePasswordCredentials": {"username": "__token__", "passwordSecretVersion": version}}
    body = {"remoteRepositoryConfig": {"upstreamCredentials": credentials}}
    given.call(f"{name}?updateMask=remoteRepositoryConfig.upstreamCredentials", body, "PATCH")
    reader = {
        "role": "roles/artifactregistry.reader",
        "members": [f"serviceAccount:ci@{PROJECT}.iam.gserviceaccount.com"],
    }
    given.call(f"{name}:setIamPolicy", {"policy": {"bindings": [reader]}})


def _domain(given: Given) -> None:
    given.domain("demo", "npm", "python", "scratch")


def _report(given: Given) -> None:
    _login(given)
    _domain(given)


def _names(given: Given) -> None:
    """A domain, and a repository of Artifact Registry with packages of ours."""
    _domain(given)
    given.repository("python-ours", mode="STANDARD_REPOSITORY")


#: What a page says is there before.
BEFORE: dict[str, Callable[[Given], None]] = {
    "roles/access_report/README.md": _report,
    "roles/codeartifact_policy/README.md": _domain,
    "roles/package_protection/README.md": _names,
    "roles/iam_binding/README.md": _login,
    "roles/local_cloud/README.md": _served,
    "roles/remote_repository_credentials/README.md": _login,
    "roles/repository_access/README.md": lambda given: given.repository("python-private", mode="STANDARD_REPOSITORY"),
    "roles/secret_retention/README.md": _login,
    "roles/secret_version/README.md": _login,
}
ADMIN = "registry-admin@demo-project.iam.gserviceaccount.com"


def test_every_block_is_here() -> None:
    found = {page: len(blocks(page)) for page in pages()}
    assert {page: count for page, count in found.items() if count} == {
        page: len(steps) for page, steps in PAGES.items()
    }


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the collection as it is installed."""
    root = tmp_path_factory.mktemp("collections")
    copy_collection(root)
    return root


@pytest.fixture
def reader(tmp_path: Path, collections: Path, cloud: LocalCloud, gcloud_settings: Path) -> Reader:
    """A reader of the pages, with the local cloud of the tests."""
    return _reader(tmp_path, collections, cloud.url, gcloud_settings)


def _reader(folder: Path, collections: Path, url: str, gcloud_settings: Path) -> Reader:
    reader = Reader(folder, collections, url)
    reader.environment["CLOUDSDK_CONFIG"] = str(gcloud_settings)
    return reader


def read_page(reader: Reader, page: str) -> None:
    for step, block in zip(PAGES[page], blocks(page), strict=True):
        step(reader, block)


@pytest.mark.parametrize("page", sorted(page for page in PAGES if page.startswith("roles/")))
def test_roles(reader: Reader, cloud: LocalCloud, given: Given, page: str) -> None:
    BEFORE.get(page, lambda _given: None)(given)
    # What a page leaves to the reader.
    build(reader.folder, name="ours")
    reader.environment |= {"AWS_REGION": "eu-west-1"}
    read_page(reader, page)
    if page == "roles/local_cloud/README.md":
        stop = "python -m local_cloud stop --directory local_cloud"
        source = CHECKOUT / "roles" / "local_cloud" / "files" / "src"
        passed(reader.shell(f"PYTHONPATH={source} {stop}"))


def test_the_page_of_the_playbooks(reader: Reader, cloud: LocalCloud) -> None:
    for project, number in (("demo-packages-staging", "1"), ("demo-packages-production", NUMBER)):
        cloud.add_project(project, number, OWNER)
    cloud.set_up_github(repositories=[{"full_name": "octo-org/demo-package"}])
    shutil.copy(CHECKOUT / "playbooks" / "inventory_example" / "hosts.yml", reader.folder / "hosts.yml")
    read_page(reader, "playbooks/README.md")
    passed(reader.shell("ansible-playbook -i hosts.yml auth_workflow.yml"))
    assert (reader.folder / "reports" / "access_report.html").exists()


def test_the_page_of_the_report(reader: Reader, given: Given) -> None:
    _login(given)
    reader.save("inventory.yml", json.dumps({"registry_auth": {"hosts": {"demo": {"registry_auth_project": PROJECT}}}}))
    read_page(reader, "docs/docsite/rst/access_report.rst")
    assert (reader.folder / "access-report" / "access_report.html").exists()


@contextmanager
def make_cloud() -> Iterator[list[str]]:
    """What C(make cloud) prints while it runs."""
    # What it needs is what runs this test.
    make = ["make", "--no-print-directory", "--old-file=.venv/installed-cloud", "cloud", "PORT=0"]
    process = subprocess.Popen(make, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        assert process.stdout
        printed = [process.stdout.readline().rstrip("\n")]
        while printed[-1] and not printed[-1].startswith("Ctrl+C"):
            printed.append(process.stdout.readline().rstrip("\n"))
        yield printed
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def test_the_readme_on_make_cloud(tmp_path: Path, collections: Path, gcloud_settings: Path) -> None:
    """A newcomer reads it from top to bottom, next to C(make cloud), and then rotates the token and installs."""
    with make_cloud() as printed:
        url = printed[0].rpartition(" ")[2]
        cloud = LocalCloud(url, "", 0)
        assert f'  eval "$(curl --fail --silent --show-error {url}/_local/environment)"' in printed
        token = printed[3].rpartition(" ")[2]
        reader = _reader(tmp_path, collections, url, gcloud_settings)
        assert passed(reader.shell("echo $INDEX_TOKEN")).stdout == f"{token}\n"
        # The play with an account that acts for others needs one.
        cloud.add_project(PROJECT, NUMBER, OWNER, f"serviceAccount:{ADMIN}")
        read_page(reader, "README.md")
        second = passed(reader.shell("ansible-playbook -i inventory.yml pkgops.registry_auth.auth_workflow"))
        assert second.stdout.count("changed=0") == 4, second.tail
        assert (tmp_path / "access-report" / "access_report.html").exists()

        cloud.set_upstream_tokens(token, "new-token")
        rotated = reader.shell(
            "INDEX_TOKEN=new-token ansible-playbook -i inventory.yml pkgops.registry_auth.auth_workflow"
        )
        assert "changed: [demo-project]" in passed(rotated).stdout
        cloud.set_upstream_tokens("new-token")
        host = "europe-west1-python.pkg.dev/demo-project/pypi-remote/simple/"
        login = url.replace("://", "://oauth2accesstoken:user%3Aowner%40example.com@")
        passed(reader.shell(f"python -m pip download --no-deps --dest pip --index-url {login}/{host} demo-package"))


def test_the_environment_leads_clients_to_the_cloud(reader: Reader, cloud: LocalCloud) -> None:
    """pip, uv and twine, without an option, publish to and install from the index. Anything else would fail: see Reader."""
    cloud.set_up_index(projects=[{"name": "ours", "owners": ["ada"]}])
    build(reader.folder, name="ours")
    login = f"__token__ {cloud.upload_token('ada')}".split()
    reader.environment |= {"TWINE_USERNAME": login[0], "TWINE_PASSWORD": login[1], "UV_PUBLISH_TOKEN": login[1]}
    passed(reader.shell("python -m twine upload --non-interactive dist/*"))
    passed(reader.shell("python -m pip download --no-deps --dest pip ours"))
    passed(reader.shell("uv venv installed && uv pip install --python installed ours"))
    # The same file once more is not an error.
    passed(reader.shell("uv publish dist/*"))
