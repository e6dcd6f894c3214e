# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the access report says of what was read, and that its page takes all of it for text."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.pkgops.registry_auth.plugins.filter.access_report import access_report, access_report_page
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import PermissionDenied
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.repositories import Repository
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.bindings import Binding, Policy
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.conditions import Condition
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import RepositoryName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.repository_access import Governed, Scope
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.repository_findings import REMOTE
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.secret_readers import readers
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.report.access_report import make_report
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.report.packages import principal_name
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.gcp_access_shown import AccessState
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.gcp_access_shown import (
    shown as access_shown,
)
from checkout import CHECKOUT

NOW = datetime(2026, 11, 22, tzinfo=UTC)
AGENT = "serviceAccount:service-123456789012@gcp-sa-artifactregistry.iam.gserviceaccount.com"
OTHER_AGENT = AGENT.replace("123456789012", "210987654321")
ACCESSOR = "roles/secretmanager.secretAccessor"
SECRET = "projects/123456789012/secrets/token"
ROLE = CHECKOUT / "roles" / "access_report"


def version(number, state="ENABLED", created="2026-11-01T00:00:00Z"):
    return {"version": number, "state": state, "create_time": created}


def binding(*members, role=ACCESSOR, condition=None):
    return {"role": role, "members": list(members), "condition": condition}


AT_NIGHT = {"title": "night", "expression": "true", "description": ""}
VERSIONS, BINDINGS = (version(1),), (binding(AGENT),)


def scope(used="1", versions=VERSIONS, bindings=BINDINGS, aliases=None, name="remote"):
    """A project with a remote repository, as the modules return what they read."""
    pinned = used and f"{SECRET}/versions/{used}"
    repository = {
        "repository": name,
        "location": "us-central1",
        "format": "PYTHON",
        "username": used and "__token__",
        "password_secret_version": pinned,
        "upstream": {"preset": "PYPI", "path": None, "uri": None},
    }
    item = {"secret": SECRET}
    secret = {"versions": list(versions), "version_aliases": aliases or {}}
    return {
        "scope": "google",
        "project": "demo-project",
        "repositories": {"remote_repositories": [repository]},
        "agent": {"service_agent": {"member": AGENT}},
        "secrets": {"results": [{"item": item, "secrets": [secret] if versions else []}] if used else []},
        "policies": {"results": [{"item": item, "secret_iam": {"bindings": list(bindings)}}] if used else []},
    }


def report(*scopes):
    return make_report(scopes, title="Audit", now=NOW, max_age=timedelta(days=90))


def codes(*scopes):
    return {one["code"]: one["severity"] for one in report(*scopes)["findings"]}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (scope(), {}),
        (scope(used=None), {"no_credentials": "low"}),
        (scope(used="latest"), {"not_pinned": "medium"}),
        (scope(used="current", aliases={"current": 1}), {"not_pinned": "medium"}),
        (scope(used="2"), {"missing_version": "high"}),
        (scope(versions=[version(1, "DISABLED")]), {"version_not_enabled": "high"}),
        (scope(versions=[version(2), version(1)]), {"not_newest": "low"}),
        (scope(versions=[version(2, "DISABLED"), version(1)]), {}),
        (scope(versions=[version(1, created="2026-01-01T00:00:00Z")]), {"old_token": "medium"}),
        (scope(bindings=[]), {"unreadable": "high"}),
        # A condition may never hold, and a custom role need not allow it.
        (scope(bindings=[binding(AGENT, condition=AT_NIGHT)]), {"perhaps_unreadable": "medium"}),
        (scope(bindings=[binding(AGENT, role="projects/p/roles/custom")]), {"perhaps_unreadable": "medium"}),
        (scope(bindings=[binding(AGENT, condition=AT_NIGHT), binding(AGENT)]), {}),
        (scope(bindings=[binding(AGENT.upper().replace("SERVICEACCOUNT", "serviceAccount"))]), {}),
        (scope(bindings=[binding(AGENT, "allUsers")]), {"public_secret": "high"}),
        (scope(bindings=[binding(AGENT, "user:a@example.com")]), {"other_readers": "medium"}),
        (scope(bindings=[binding(AGENT), binding("user:a@example.com", role="roles/secretmanager.viewer")]), {}),
        (scope(bindings=[binding(AGENT, "deleted:user:a@example.com?uid=1")]), {"dead_member": "low"}),
        (scope(bindings=[binding(AGENT, OTHER_AGENT)]), {"other_agents": "low"}),
    ],
)
def test_findings_about_tokens(given, found):
    assert codes(given) == found


def test_remedies_are_tasks():
    for given in (
        scope(used="latest"),
        scope(bindings=[]),
        scope(versions=[version(1, "DESTROYED")]),
        scope(used=None),
    ):
        for one in report(given)["findings"]:
            [task] = DataLoader().load(one["remedy"])
            assert task["name"]


def test_rotation_takes_the_token_from_the_environment_of_who_pastes_it(monkeypatch):
    monkeypatch.setenv("INDEX_TOKEN", "pypi-new")
    [finding] = report(scope(versions=[version(1, "DESTROYED")]))["findings"]
    [task] = DataLoader().load(trust_as_template(finding["remedy"]))
    templar = Templar(loader=DataLoader(), variables={"item": task["loop"][0]})

    assert templar.template(task["ansible.builtin.include_role"]) == {"name": "pkgops.registry_auth.secret_version"}
    assert templar.template(task["vars"])["secret_version_secrets"] == [{"secret": SECRET, "payload": "pypi-new"}]


def test_remedy_for_readers_keeps_grants_apart():
    bindings = [binding(AGENT, "user:a@b.c", "user:d@e.f"), binding("user:a@b.c", condition=AT_NIGHT)]
    [finding] = report(scope(bindings=bindings))["findings"]
    [task] = DataLoader().load(finding["remedy"])
    assert task["pkgops.registry_auth.gcp_secret_iam_binding"] == {
        "secret": SECRET,
        "state": "absent",
        "batch": [
            {"role": ACCESSOR, "members": ["user:a@b.c", "user:d@e.f"]},
            {"role": ACCESSOR, "condition": {"title": "night", "expression": "true"}, "members": ["user:a@b.c"]},
        ],
    }


def test_a_secret_of_two_repositories_is_judged_once():
    bindings = [binding(AGENT, "user:a@example.com")]
    found = report(scope(bindings=bindings), scope(bindings=bindings, name="second"))["findings"]
    assert [one["code"] for one in found] == ["other_readers"]


def test_what_is_not_known_is_not_guessed():
    condition = {"title": "night", "expression": "request.time.getHours() < 6", "description": ""}
    found = readers([binding("user:a@b.c", role="projects/p/roles/own"), binding("user:d@e.f", condition=condition)])
    assert [one.answer for one in found] == ["depends", "depends"]
    assert "request.time" in found[1].reason


NIGHT = {"title": "night", "expression": "request.time.getHours() < 6", "description": ""}


@pytest.mark.parametrize(
    ("bindings", "code", "says"),
    [
        (
            [binding("allUsers", role="projects/p/roles/own")],
            "public_secret",
            "may be read by everybody: allUsers. That depends on whether",
        ),
        (
            [binding("user:a@b.c", condition=NIGHT)],
            "other_readers",
            "Artifact Registry: user:a@b.c. That depends on the condition",
        ),
        (
            [binding("user:a@b.c"), binding("user:a@b.c", "user:d@e.f", condition=NIGHT)],
            "other_readers",
            "can be read by others than Artifact Registry: user:a@b.c, and perhaps user:d@e.f.",
        ),
        (
            [binding("deleted:user:a@b.c?uid=1", condition=NIGHT)],
            "dead_member",
            "were deleted: deleted:user:a@b.c?uid=1.",
        ),
        ([binding("user:a@b.c")], "other_readers", "can be read by others than Artifact Registry: user:a@b.c."),
    ],
)
def test_a_finding_says_no_more_than_the_answer_on_the_same_reader(bindings, code, says):
    (message,) = [
        one["message"] for one in report(scope(bindings=[binding(AGENT), *bindings]))["findings"] if one["code"] == code
    ]
    assert says in message
    assert ("may be read" in message) == ("That depends" in message)


def test_what_could_not_be_read_is_a_problem_and_no_finding():
    broken = scope()
    broken["policies"] = {
        "msg": "1 of 1 entries failed.",
        "results": [{"item": {"secret": SECRET}, "failed": True, "msg": "May not."}],
    }
    found = report(broken, {"scope": "never"}, {"scope": "aws", "domain": "demo", "access": {"msg": "No such domain."}})
    assert [one["problems"] for one in found["scopes"]] == [
        ["1 of 1 entries failed."],
        ["Nothing of it was read."],
        ["No such domain."],
    ]
    assert found["summary"]["incomplete"] == 3
    assert found["findings"] == []
    assert found["matrix"]["tokens"][0]["readers_known"] is False


def package_scope(*, login):
    """A domain whose repository an account may read and administer, as the module returns it."""
    read = {"read": "granted", "publish": "denied", "maintain": "denied", "administer": "granted"}
    reasons = dict.fromkeys(read, "by statement 1 of the repository policy")
    policy = {"Version": "2012-10-17", "Statement": {"Sid": "Only", "Effect": "Allow"}}
    repository = {
        "repository": "python",
        "arn": "arn:r",
        "administrator_account": None,
        "failed": False,
        "policy": json.dumps(policy),
        "policy_revision": None,
    }
    to_domain = dict.fromkeys(("login", "create_repositories", "administer"), "depends")
    who = {"principal": "111122223333", "account": "111122223333", "login": login, "repositories": ["python"]}
    access = {
        "domain": "demo",
        "domain_owner": "123456789012",
        "region": "eu-west-1",
        "arn": "arn:d",
        "policy": json.dumps({"Statement": [{"Effect": "Deny"}, {"Effect": "Allow", "Sid": "Second"}]}),
        "policy_revision": "r",
        "principals": [
            {"principal": "123456789012", "account": "123456789012", "access": to_domain, "reasons": to_domain}
        ],
        "repositories": [repository],
        "repository_access": [{"access": read, "reasons": reasons, "principals": [who]}],
        "findings": [],
    }
    return {"scope": "aws", "domain": "demo", "access": {"access": access}}


@pytest.mark.parametrize("login", ["denied", "granted", "depends"])
def test_who_cannot_log_in_is_marked_where_that_is_needed(login):
    found = report(package_scope(login=login))
    [row] = found["matrix"]["repositories"]
    marked = [kind for kind, cell in row["access"].items() if cell["no_login"]]
    # To administer takes no package manager, and what is denied anyway needs no mark.
    assert marked == (["read"] if login == "denied" else [])
    assert ("cannot log in" in page_of(found)) == (login == "denied")


def test_statements_of_policies_are_counted_from_one():
    found = page_of(report(package_scope(login="granted")))
    of_domain, of_repository = found.split('class="statements"')[1:]
    assert of_domain.index("Statement 1") < of_domain.index("Deny") < of_domain.index("Statement 2")
    assert "Sid Second" in of_domain.partition("Statement 2")[2]
    assert "Statement 0" not in found
    # One that is in no list is one, too.
    assert "Sid Only" in of_repository.partition("Statement 1")[2]
    assert "Statement 2" not in of_repository


NIGHT = Condition("request.time.getHours() < 6", "night")
RELEASE, EVERYONE, TEAM = (
    "serviceAccount:release@demo-project.iam.gserviceaccount.com",
    "allUsers",
    "group:team@example.com",
)
OWNER = "user:owner@example.com"


def registry_scope(*, unread=False):
    """A project with three repositories, as the modules return what they read; with C(unread) two policies could not be read."""
    python, remote, shut = (
        RepositoryName("demo-project", "us-central1", name) for name in ("python", "remote", "shut")
    )
    own = (_binding("reader", EVERYONE), _binding("writer", TEAM), _binding("repoAdmin", RELEASE, NIGHT))
    governed = [Governed(python, Policy(own)), Governed(remote, mode=REMOTE), Governed(shut)]
    of_project = Policy((Binding("roles/owner", (OWNER,)), Binding("roles/storage.admin", (RELEASE,))))
    names = frozenset({python, remote, shut})
    state = AccessState(
        Scope("demo-project", of_project, tuple(governed), "123456789012"),
        names,
        {name: Repository(str(name), "PYTHON", "STANDARD_REPOSITORY") for name in names},
    )
    failure = {}
    if unread:
        state = AccessState(
            Scope("demo-project", None, tuple(governed[:2]), "123456789012"),
            names,
            state.there,
            {shut: PermissionDenied("May not read the policy of shut.")},
            PermissionDenied("May not read the project's policy."),
        )
        failure = {"msg": "The policies of 1 repository could not be read.", "failure": {"code": "incomplete"}}
    return {**scope(), "repository_access": {"access": access_shown(state, []), **failure}}


def _binding(role, member, condition=None):
    return Binding(f"roles/artifactregistry.{role}", (member,), condition)


def test_repositories_of_artifact_registry_are_in_the_same_matrix():
    """The answers are those of Artifact Registry's documentation, "Configure roles and permissions"."""
    found = report(registry_scope(), package_scope(login="granted"))
    rows = {(one["place"], one["principal"]): one for one in found["matrix"]["repositories"]}
    python = "demo-project/us-central1/python"
    told = {
        who: {kind: cell["answer"] for kind, cell in rows[python, who]["access"].items()}
        for place, who in rows
        if place == python
    }
    assert told == {
        EVERYONE: {"read": "allowed", "publish": "denied", "maintain": "denied", "administer": "denied"},
        TEAM: {"read": "allowed", "publish": "allowed", "maintain": "denied", "administer": "denied"},
        # Whoever is in everyone may install; a condition in a repository's own policy is not understood.
        RELEASE: {"read": "allowed", "publish": "depends", "maintain": "depends", "administer": "denied"},
        OWNER: dict.fromkeys(("read", "publish", "maintain", "administer"), "allowed"),
    }
    assert {tuple(one["access"]) for one in rows.values()} == {("read", "publish", "maintain", "administer")}
    assert ("demo/python", "111122223333") in rows
    assert (
        rows[python, TEAM]["access"]["publish"]["reason"] == "by roles/artifactregistry.writer of the repository policy"
    )
    assert [one["principal"] for one in found["matrix"]["repositories"] if one["place"] == python][-1] == EVERYONE


def test_findings_about_repositories_name_their_project():
    found = report(registry_scope())["findings"]
    assert ("public_access", "high", "repository demo-project/us-central1/python, roles/artifactregistry.reader") in {
        (one["code"], one["severity"], one["where"]) for one in found
    }
    assert {one["about"]["scope"] for one in found} == {"google"}


def test_a_remote_repository_is_there_once_with_its_token():
    [remote] = [one for one in report(registry_scope())["repositories"] if one["repository"] == "remote"]
    assert remote["secret_version"] == f"{SECRET}/versions/1"
    assert [one["name"] for one in remote["who"]["publish"]] == [OWNER]


def test_policies_of_artifact_registry_that_could_not_be_read_are_named():
    found = report(registry_scope(unread=True))
    assert found["scopes"][0]["problems"] == [
        "The policies of 1 repository could not be read.",
        "The policy of project demo-project could not be read. May not read the project's policy.",
    ]
    [shut] = [one for one in found["repositories"] if one["repository"] == "shut"]
    assert (shut["problems"], shut["who"]) == (["May not read the policy of shut."], None)
    page = page_of(found)
    assert "May not read the policy of shut." in page
    assert "others, by the project's policy: not known" in page
    assert "nobody" not in page


def test_bindings_that_reasons_cite_are_shown():
    page = page_of(report(registry_scope()))
    of_project, *of_repositories = page.split('class="bindings"')[1:]
    assert OWNER in of_project.partition("roles/owner")[2]
    # It holds nothing of Artifact Registry.
    assert "roles/storage.admin" not in page
    [python] = [one for one in of_repositories if "roles/artifactregistry.repoAdmin" in one]
    assert "request.time.getHours() &lt; 6" in python.partition("roles/artifactregistry.repoAdmin")[2]
    assert (
        "Not seen: policies of folders and of the organization, deny policies, principal access boundary policies."
        in page
    )


def page_of(found):
    template = (ROLE / "templates" / "access_report.html.j2").read_text()
    return access_report_page(found, template, style="", script="", library_style="", library_script="")


def test_names_of_principals():
    assert principal_name("arn:aws:iam::111122223333:role/release") == "role/release"
    assert principal_name("111122223333") == "account 111122223333"
    assert principal_name("*") == "everybody else"


def test_the_same_keeps_its_time():
    first = access_report([scope()], "Audit", "2026-11-22T10:00:00Z", "90d")
    again = access_report([scope()], "Audit", "2026-11-22T11:00:00Z", "90d", json.dumps(first))
    other = access_report([scope(used="latest")], "Audit", "2026-11-22T11:00:00Z", "90d", json.dumps(first))
    assert again == first
    assert other["as_of"] == "2026-11-22T11:00:00Z"
    for broken in "", "no JSON", "[]":
        assert access_report([], "Audit", "2026-11-22T11:00:00Z", "90d", broken)["as_of"] == "2026-11-22T11:00:00Z"


def test_wrong_inputs():
    with pytest.raises(AnsibleFilterError, match="max_token_age 'old' is not a duration"):
        access_report([], "Audit", "2026-11-22T10:00:00Z", "old")
    with pytest.raises(AnsibleFilterError, match="now 'today' is not a time"):
        access_report([], "Audit", "today", "90d")


def test_page_escapes_what_it_is_given():
    attack = "</pre></script><script>alert(1)</script>\"'&"
    found = report(scope(name=attack, bindings=[binding(AGENT, f"user:{attack}")]))
    found["title"] = attack
    page = access_report_page(
        found,
        template=(ROLE / "templates" / "access_report.html.j2").read_text(),
        style="",
        script="",
        library_style="",
        library_script="",
    )
    assert "alert(1)" in page
    assert "<script>" not in page
    assert page.count("<script ") == 2


def machine(name="build-1", user="ci", *findings, **index):
    """A user of a machine, as package_clients_info returns it."""
    used = {
        "client": "pip",
        "name": None,
        "url": "https://us-central1-python.pkg.dev/demo-project/remote/simple/",
        "kind": "default",
        "scope": None,
        "path": "/etc/pip.conf",
        "line": 3,
        "login": "netrc",
        "expires": "2026-11-22T12:30:00Z",
        **index,
    }
    return {
        "machine": name,
        "package_clients": {
            "user": user,
            "indexes": [used] if index != {"url": None} else [],
            "findings": list(findings),
        },
    }


def machines_of(*given):
    return make_report([scope()], title="Audit", now=NOW, max_age=timedelta(days=90), installing=given)


WORLD_READABLE = {
    "code": "secret_readable",
    "severity": "high",
    "where": "/etc/pip.conf line 3",
    "about": {"path": "/etc/pip.conf", "line": 3, "client": "pip"},
    "message": "others can read it",
    "remedy": "Give it the mode 0600.",
}


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        # As the vendors write them: "Configure authentication to Artifact Registry", "Configure and use pip with CodeArtifact".
        ("https://us-central1-python.pkg.dev/demo-project/remote/simple/", "demo-project/us-central1/remote"),
        ("https://europe-npm.pkg.dev/demo-project/npm/", "demo-project/europe/npm"),
        ("https://my-dom-123456789012.d.codeartifact.eu-west-1.amazonaws.com/pypi/repo/simple/", "my-dom/repo"),
        ("https://my-dom-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/repo/", "my-dom/repo"),
        ("https://packages.example.com/simple/", None),
        ("https://us-central1-python.pkg.dev.example.com/demo-project/remote/simple/", None),
        ("http://us-central1-python.pkg.dev/demo-project/remote/simple/", None),
    ],
)
def test_which_repository_machines_install_from(url, repository):
    [one] = machines_of(machine(url=url))["machines"]
    assert one["indexes"][0]["repository"] == repository


def test_machines_are_told_of_with_what_is_wrong():
    unread = {"machine": "build-9", "package_clients": None, "msg": "No route to it."}
    found = machines_of(
        machine("build-2"), unread, machine("build-1", "ci", WORLD_READABLE), machine("build-1", "app", WORLD_READABLE)
    )
    assert [(one["machine"], one["user"], one["problems"]) for one in found["machines"]] == [
        ("build-1", "app", []),
        ("build-1", "ci", []),
        ("build-2", "ci", []),
        ("build-9", None, ["No route to it."]),
    ]
    assert found["summary"]["machines"] == 3
    # One file, which both of its users read.
    [finding] = [one for one in found["findings"] if one["code"] == "secret_readable"]
    assert finding["where"] == "machine build-1: /etc/pip.conf line 3"
    assert finding["about"]["users"] == ["ci", "app"]
    assert report(scope())["machines"] == []


def test_page_shows_machines():
    attack = "<script>alert(1)</script>"
    page = page_of(machines_of(machine(attack, attack), machine("build-2", "ci", url=None), {"machine": "build-9"}))
    assert "demo-project/us-central1/remote" in page
    assert "2026-11-22 12:30 UTC" in page
    assert "no index in its files" in page
    assert "Machine <b>build-9</b> is not here. It could not be read." in page
    assert "<script>" not in page
    assert "Which machines install from where" not in page_of(report(scope()))


@pytest.mark.parametrize("given", ["build-1", [{"package_clients": {}}], [{"machine": 1}], ["build-1"]])
def test_machines_that_are_none(given):
    with pytest.raises(AnsibleFilterError, match="machines"):
        access_report([scope()], "Audit", "2026-11-22T10:00:00Z", "90d", machines=given)
