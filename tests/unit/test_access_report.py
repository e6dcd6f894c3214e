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
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.secret_readers import readers
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.report.access_report import make_report
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.report.packages import principal_name
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
    night = {"title": "night", "expression": "true", "description": ""}
    bindings = [binding(AGENT, "user:a@b.c", "user:d@e.f"), binding("user:a@b.c", condition=night)]
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
