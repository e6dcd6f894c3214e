# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook access_report on the local cloud, and its page in a browser."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml
from aws_clients import ACCOUNT, OTHER_ACCOUNT, OWNER_KEY, document, statement
from cloud_control import LocalCloud
from cloud_fixtures import AGENT, PROJECT
from harness import TRANSFERRED, Ansible, Given, Run
from playwright.sync_api import Page, sync_playwright

pytestmark = pytest.mark.thorough

PLAYBOOK = "pkgops.registry_auth.access_report"
RELEASE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/release"
TEAM = "group:team@example.com"
#: What would run as a script if the page took it for one.
SCRIPT = "<script>document.title='taken over'</script>"
SCOPES = {
    "registry_auth": {"hosts": {"google": {"registry_auth_project": PROJECT}}},
    "codeartifact": {"hosts": {"aws": {"codeartifact_domain": "demo"}}},
}


@pytest.fixture
def world(given: Given) -> None:
    """A domain with a repository that one role publishes to, remote repositories with and without credentials, and two with grants."""
    given.domain("demo", "python", "npm")
    given.domain_policy("demo", document(statement("codeartifact:GetAuthorizationToken", {"AWS": OTHER_ACCOUNT})))
    packages = f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:package/demo/python/pypi//ours"
    given.repository_policy(
        "demo",
        "python",
        document(
            statement("codeartifact:ReadFromRepository", {"AWS": OTHER_ACCOUNT}, Sid="Read"),
            statement("codeartifact:PublishPackageVersion", {"AWS": RELEASE}, Sid="Release", Resource=packages),
        ),
    )
    given.secret("index-token", "one", "two")
    bindings = [
        {"role": "roles/secretmanager.secretAccessor", "members": [AGENT, "user:ada@example.com"]},
        {"role": "projects/demo-project/roles/custom", "members": ["group:ops@example.com"]},
    ]
    given.call(
        f"serviceusage/v1beta1/projects/{PROJECT}/services/artifactregistry.googleapis.com:generateServiceIdentity", {}
    )
    given.policy("index-token", *bindings)
    given.repository("python-remote")
    given.repository("npm-remote", package_format="NPM")
    given.repository("private", mode="STANDARD_REPOSITORY")
    given.repository("open", mode="STANDARD_REPOSITORY")
    here = f"projects/{PROJECT}/locations/us-central1/repositories"
    upstreams = {"python-remote": 10, "private": 90}
    policies = [{"id": name, "repository": f"{here}/{name}", "priority": number} for name, number in upstreams.items()]
    virtual = {
        "format": "PYTHON",
        "mode": "VIRTUAL_REPOSITORY",
        "virtualRepositoryConfig": {"upstreamPolicies": policies},
    }
    given.call(f"artifactregistry/v1/{here}?repositoryId=all", virtual)
    for repository, role, member in (("private", "writer", TEAM), ("open", "reader", "allUsers")):
        binding = {"role": f"roles/artifactregistry.{role}", "members": [member]}
        path = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories/{repository}:setIamPolicy"
        given.call(path, {"policy": {"version": 3, "bindings": [binding]}})
    name = f"projects/{PROJECT}/locations/us-central1/repositories/python-remote"
    version = f"projects/{PROJECT}/secrets/index-token/versions/1"
    login = {"usernamePasswordCredentials": {"username": "__token__", "passwordSecretVersion": version}}
    mask = "remoteRepositoryConfig.upstreamCredentials"
    body = {"remoteRepositoryConfig": {"upstreamCredentials": login, "disableUpstreamValidation": True}}
    given.call(
        f"artifactregistry/v1/{name}?updateMask={mask},remoteRepositoryConfig.disableUpstreamValidation", body, "PATCH"
    )


def report(ansible: Ansible, *options: str, scopes: dict[str, Any] | None = None, **variables: Any) -> Run:
    """Run the playbook; files are written to the folder C(report)."""
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps(scopes or SCOPES))
    variables = {"access_report_directory": str(ansible.folder / "report"), **variables}
    return ansible.playbook(PLAYBOOK, f"--inventory={inventory}", f"--extra-vars={json.dumps(variables)}", *options)


def written(ansible: Ansible) -> dict[str, Any]:
    """The report as JSON."""
    found: dict[str, Any] = json.loads((ansible.folder / "report" / "access_report.json").read_text())
    return found


@pytest.mark.usefixtures("world")
def test_says_who_may_do_what_and_what_to_do(ansible: Ansible, cloud: LocalCloud):
    cloud.clear_calls()
    run = report(ansible)
    assert run.code == 0, run.tail
    found = written(ansible)

    [row] = [row for row in found["matrix"]["repositories"] if row["principal"] == RELEASE]
    assert (row["repository"], row["name"]) == ("python", "role/release")
    assert row["access"]["publish"]["answer"] == "granted"
    assert row["access"]["publish"]["limits"] == "only pypi//ours"
    assert "Sid 'Release'" in row["access"]["publish"]["reason"]
    answers = {
        (row["repository"], row["principal"]): [cell["answer"] for cell in row["access"].values()]
        for row in found["matrix"]["repositories"]
    }
    # Artifact Registry's documentation, "Configure roles and permissions": a writer installs and publishes.
    assert answers["private", TEAM] == ["allowed", "allowed", "denied", "denied"]
    assert answers["open", "allUsers"] == ["allowed", "denied", "denied", "denied"]
    assert ("private", "allUsers") not in answers
    tokens = {row["repository"]: row for row in found["matrix"]["tokens"]}
    assert tokens["npm-remote"]["secret_version"] is None
    token = tokens["python-remote"]
    assert (token["version"], token["pinned"], token["state"], token["newest"]) == (1, True, "ENABLED", False)
    assert {(one["member"], one["kind"], one["answer"]) for one in token["readers"]} == {
        (AGENT, "service agent", "granted"),
        ("user:ada@example.com", "other", "granted"),
        ("group:ops@example.com", "other", "depends"),
    }
    codes = {one["code"] for one in found["findings"]}
    assert {"whole_account", "not_newest", "other_readers", "no_credentials"} <= codes
    assert [one["place"] for one in found["repositories"]] == [
        f"{PROJECT}/us-central1/all",
        f"{PROJECT}/us-central1/npm-remote",
        f"{PROJECT}/us-central1/open",
        f"{PROJECT}/us-central1/private",
        f"{PROJECT}/us-central1/python-remote",
        "demo/npm",
        "demo/python",
    ]
    reading = ("Get", "List", "Describe")
    assert [call for call in cloud.calls() if not call["method"].rpartition(".")[2].startswith(reading)] == []


@pytest.mark.usefixtures("world")
def test_remedies_work_as_they_stand(ansible: Ansible):
    assert report(ansible).code == 0
    remedies = {one["code"]: one["remedy"] for one in written(ansible)["findings"]}
    tasks = [task for code in ("not_newest", "other_readers") for task in yaml.safe_load(remedies[code])]
    for one in tasks:
        options = one.get("pkgops.registry_auth.gcp_remote_repository_credentials")
        if options:
            options["disable_upstream_validation"] = True
    run = ansible.play(tasks)
    assert run.code == 0, run.tail
    assert report(ansible).code == 0
    assert not {"not_newest", "other_readers"} & {one["code"] for one in written(ansible)["findings"]}


@pytest.mark.usefixtures("world")
def test_writes_nothing_in_check_mode_and_nothing_twice(ansible: Ansible):
    run = report(ansible, "--check")
    assert run.code == 0, run.tail
    assert not (ansible.folder / "report").exists()

    assert report(ansible).code == 0
    first = written(ansible)
    run = report(ansible)
    assert set(re.findall("changed=([0-9]+)", run.stdout)) == {"0"}, run.tail
    assert written(ansible) == first


@pytest.mark.usefixtures("world")
def test_what_cannot_be_read_is_named_and_fails(ansible: Ansible):
    others = {"lost": {"registry_auth_project": "no-such"}, "gone": {"codeartifact_domain": "nowhere"}}
    scopes = {
        "registry_auth": {"hosts": {**SCOPES["registry_auth"]["hosts"], "lost": others["lost"]}},
        "codeartifact": {"hosts": {**SCOPES["codeartifact"]["hosts"], "gone": others["gone"]}},
    }
    run = report(ansible, scopes=scopes)
    assert run.code == 2, run.tail
    found = {one["scope"]: one["problems"] for one in written(ansible)["scopes"]}
    assert {name for name, problems in found.items() if problems} == {"lost", "gone"}
    assert "artifactregistry" in found["lost"][0]
    assert "nowhere" in found["gone"][0]
    assert len(written(ansible)["repositories"]) == 7


@pytest.mark.usefixtures("world")
def test_says_which_machines_install_from_where(ansible: Ansible):
    """One machine is here, with a home below the test's folder; the other one cannot be reached."""
    home = ansible.folder
    (home / ".config" / "pip").mkdir(parents=True)
    index = f"https://us-central1-python.pkg.dev/{PROJECT}/private/simple/"
    (home / ".config" / "pip" / "pip.conf").write_text(f"[global]\nindex-url = {index}\n")
    (home / ".netrc").write_text("machine us-central1-python.pkg.dev login oauth2accesstoken password sesame-canary\n")
    (home / ".netrc").chmod(0o644)
    here = {"ansible_connection": "local", **TRANSFERRED}
    away = {"ansible_host": "127.0.0.1", "ansible_port": 9, "ansible_ssh_retries": 0, "ansible_timeout": 2}
    machines = {"hosts": {"build-1": here, "build-2": away}, "vars": {"package_clients_become": False}}
    run = report(ansible, scopes={**SCOPES, "package_clients": machines})
    assert (run.code, written(ansible)["machines"]) == (0, []), run.tail
    run = report(ansible, scopes={**SCOPES, "package_clients": machines}, access_report_read_machines=True)
    assert run.code != 0
    assert "build-2: " in run.stdout, run.tail
    assert "sesame-canary" not in run.stdout
    found = written(ansible)
    assert [(one["machine"], bool(one["problems"])) for one in found["machines"]] == [
        ("build-1", False),
        ("build-2", True),
    ]
    [used] = found["machines"][0]["indexes"]
    assert (used["client"], used["repository"], used["login"]) == ("pip", f"{PROJECT}/us-central1/private", "netrc")
    assert "secret_readable" in {one["code"] for one in found["findings"] if "machine" in one["about"]}


@pytest.mark.usefixtures("world")
def test_judges_whom_and_what_it_is_asked_about(ansible: Ansible, given: Given):
    """Artifact Registry's documentation, "Virtual repositories overview", promises nothing of names that are not published, and CodeArtifact's
    User Guide, "Editing package origin controls", that one which was published to the repository first is blocked."""
    custom = f"projects/{PROJECT}/roles/installer"
    here = f"projects/{PROJECT}/locations/us-central1/repositories"
    binding = {"role": custom, "members": ["group:ops@example.org"]}
    given.call(f"artifactregistry/v1/{here}/open:setIamPolicy", {"policy": {"version": 3, "bindings": [binding]}})
    public = {"pythonRepository": {"publicRepository": "PYPI"}}
    mirror = {"format": "PYTHON", "mode": "REMOTE_REPOSITORY", "remoteRepositoryConfig": public}
    given.call(f"artifactregistry/v1/{here}?repositoryId=mirror", mirror)
    connection = (
        "codeartifact/v1/repository/external-connection?domain=demo&repository=npm&external-connection=public:npmjs"
    )
    given.call(connection, {}, "POST", OWNER_KEY)
    asked = {
        "access_report_members": ["user:nobody@example.net"],
        "access_report_roles": [{"role": custom, "permissions": ["artifactregistry.repositories.downloadArtifacts"]}],
        "access_report_names": ["acme-*"],
        "access_report_private_upstreams": ["https://index.example.com"],
        "access_report_callers": [{"arn": f"arn:aws:iam::{OTHER_ACCOUNT}:user/nobody"}],
    }
    run = report(ansible, **asked)
    assert run.code == 0, run.tail
    found = written(ansible)
    answers = {
        (row["repository"], row["name"]): {kind: cell["answer"] for kind, cell in row["access"].items()}
        for row in found["matrix"]["repositories"]
    }
    assert answers["open", "group:ops@example.org"] == {
        "read": "allowed", "publish": "denied", "maintain": "denied", "administer": "denied",
    }  # fmt: skip
    # Who is in the group that may publish is not known.
    assert list(answers["private", "user:nobody@example.net"].values()) == ["depends", "depends", "denied", "denied"]
    assert ("python", "user/nobody") in answers
    confused = [one for one in found["findings"] if one["code"] == "public_package_in_place_of_ours"]
    assert {one["severity"] for one in confused} == {"high"}
    assert {
        (one["where"], *(repository.rpartition("/")[2] for repository in one["about"]["repositories"]))
        for one in confused
    } == {
        ("domain demo, name acme-* (npm)", "npm"),
        (f"project {PROJECT}, name acme-*", "mirror"),
    }


@pytest.fixture
def browse(ansible: Ansible) -> Iterator[Callable[[], Page]]:
    """Opens the page in a browser. The test fails when it asks for anything but the page, or complains."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no chromium on PATH")
    address = (ansible.folder / "report" / "access_report.html").as_uri()
    asked, said = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.on("request", lambda request: asked.append(request.url))

        def open_page() -> Page:
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(address)
            page.wait_for_selector("html[data-ready]")
            return page

        yield open_page
        browser.close()
    assert asked
    assert [url for url in asked if not url.startswith(("data:", address))] == []
    assert said == []


def test_page(
    ansible: Ansible, given: Given, world: None, browse: Callable[[], Page], subtests: pytest.Subtests
) -> None:
    """The page of a domain with a policy that holds a script."""
    policy = document(statement("codeartifact:ReadFromRepository", {"AWS": OTHER_ACCOUNT}, Sid=SCRIPT))
    given.repository_policy("demo", "npm", policy)
    run = report(ansible, access_report_title=f"Audit {SCRIPT}")
    assert run.code == 0, run.tail
    checks = (
        is_filtered,
        takes_policies_for_text,
        is_whole_on_paper,
        shows_what_reasons_cite,
        warns_of_the_public,
        draws_where_packages_come_from,
        says_that_it_scrolls,
    )
    for check in checks:
        with subtests.test(check.__name__):
            check(browse())


def shown(page: Page, table: str) -> list[str]:
    """The texts of a table's rows, without those that head a group."""
    return page.locator(f"#{table} tbody tr:not(.dtrg-group)").all_inner_texts()


def is_filtered(page: Page) -> None:
    assert len(shown(page, "access")) > 2
    page.fill("#find", "release")
    page.select_option("#may", "publish")
    [row] = [one for one in shown(page, "access") if "role/release" in one]
    assert "only pypi//ours" in row
    assert "Sid 'Release'" in row
    assert page.locator("#access thead th").all_inner_texts() == ["Who", "Publish"]
    page.fill("#find", "")
    page.select_option("#may", "")

    page.click("button.severity.low")
    assert all(one.startswith("low") for one in shown(page, "findings"))
    page.locator("#findings summary").first.click()
    assert "pkgops.registry_auth." in page.locator("#findings pre").first.inner_text()


def takes_policies_for_text(page: Page) -> None:
    assert page.title() == f"Audit {SCRIPT}"
    assert page.locator("h1").inner_text() == f"Audit {SCRIPT}"
    assert SCRIPT in " ".join(shown(page, "access"))
    assert page.locator("script").count() == 2


def is_whole_on_paper(page: Page) -> None:
    page.locator("details").first.evaluate("one => one.open = true")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details:not([open])").count() == 0
    assert page.locator("details pre:visible").count() == page.locator("details pre").count() > 2
    assert page.locator(".sideways:visible").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 1, "what was open stays open"


def shows_what_reasons_cite(page: Page) -> None:
    """By the number that a reason has, a reader finds the statement; that of the domain's policy too."""
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    [row] = [one for one in shown(page, "access") if "role/release" in one]
    assert "statement 2 (Sid 'Release') of the repository policy" in row
    [python] = [one for one in shown(page, "repositories") if one.startswith("demo/python")]
    assert "Sid Release" in python.partition("Statement 2")[2]
    assert "codeartifact:GetAuthorizationToken" in page.locator(".policy").inner_text().partition("Statement 1")[2]


def warns_of_the_public(page: Page) -> None:
    """A repository of Artifact Registry that everybody reads: a high finding, and the binding that it is about."""
    page.click("button.severity.high")
    [finding] = [one for one in shown(page, "findings") if "allUsers" in one]
    assert f"repository {PROJECT}/us-central1/open" in finding
    page.click("button.severity.high")
    page.fill("#find", "us-central1/open")
    assert any("allUsers" in one and "allowed" in one for one in shown(page, "access"))
    [repository] = shown(page, "repositories")
    page.locator("#repositories details").first.evaluate("one => one.open = true")
    assert page.locator("#repositories .bindings").inner_text().split() == ["roles/artifactregistry.reader", "allUsers"]
    assert "standard, PYTHON" in repository.replace("python", "PYTHON")
    page.fill("#find", "")


def draws_where_packages_come_from(page: Page) -> None:
    """The picture has a name and says in words what it shows; all of its text is within its boxes; a phone scrolls it."""
    name = f"Where packages of project {PROJECT} come from"
    graph = page.get_by_role("img", name=name)
    assert graph.count() == 1
    said = graph.locator("desc").text_content() or ""
    assert "us-central1/all looks into us-central1/private, priority 90" in said
    assert "us-central1/python-remote fetches from https://index.example.com/" in said
    boxes = graph.locator("rect").count()
    assert boxes == 5, "what is public and looks into nothing is counted only"
    outside = graph.evaluate("""graph => [...graph.querySelectorAll("g")].filter((group) => {
        const box = group.querySelector("rect").getBoundingClientRect();
        return [...group.querySelectorAll("text")].some((text) => text.getBoundingClientRect().right > box.right);
    }).length""")
    assert outside == 0
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator("#flows .sideways").first.wait_for(state="visible")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(media="print")
    assert graph.evaluate("graph => graph.getBoundingClientRect().right <= innerWidth")


def says_that_it_scrolls(page: Page) -> None:
    """On a phone the matrix is wider than the screen, the page is not, and a line says what to do."""
    hint = page.locator("#matrix .sideways").first
    assert not hint.is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    hint.wait_for(state="visible")
    assert hint.inner_text() == "Scroll sideways to see all columns."
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    scrolled = page.evaluate("""() => {
        let place = document.querySelector("#access");
        while (!place.scrollLeft && place !== document.body) {
            place = place.parentElement;
            place.scrollLeft = 10000;
        }
        return place === document.body ? 0 : place.scrollLeft;
    }""")
    assert scrolled > 100
    page.set_viewport_size({"width": 1280, "height": 900})


def test_page_of_500_repositories(ansible: Ansible, given: Given, browse: Callable[[], Page], record_property: Any):
    """Loads and filters; how long that takes is told and not judged, for it depends on the machine."""
    names = [f"team-{number:03}" for number in range(500)]
    given.domain("demo")

    def make(name: str) -> None:
        given.call(f"codeartifact/v1/repository?domain=demo&repository={name}", {}, "POST", OWNER_KEY)
        packages = f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:package/demo/{name}/npm/{name}/*"
        policy = document(
            statement("codeartifact:ReadFromRepository", {"AWS": OTHER_ACCOUNT}, Sid="Read"),
            statement("codeartifact:PublishPackageVersion", {"AWS": RELEASE}, Sid="Release", Resource=packages),
            statement("codeartifact:CopyPackageVersions", {"AWS": [f"{RELEASE}-{name}", f"{RELEASE}-qa"]}, Sid="Copy"),
        )
        given.repository_policy("demo", name, policy)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, names))
    told: dict[str, float] = {}
    started = time.monotonic()
    run = report(ansible, scopes={"codeartifact": SCOPES["codeartifact"]})
    told["report"] = time.monotonic() - started
    assert run.code == 0, run.tail
    started = time.monotonic()
    page = browse()
    told["loading"] = time.monotonic() - started
    told["page"] = page.evaluate("performance.now()") / 1000
    for text in "team-377", "release-team-123", "":
        told[f"find {text}"] = page.evaluate(
            """text => {
                const started = performance.now(), field = document.getElementById("find");
                field.value = text;
                field.dispatchEvent(new Event("input"));
                document.body.offsetHeight;
                return (performance.now() - started) / 1000;
            }""",
            text,
        )
    page.fill("#find", "team-377")
    page.select_option("#may", "publish")
    assert shown(page, "access")[0].startswith("role/release")
    size = (ansible.folder / "report" / "access_report.html").stat().st_size
    record_property("seconds", told)
    print({name: round(seconds, 2) for name, seconds in told.items()}, f"{size / 1e6:.1f} MB")
