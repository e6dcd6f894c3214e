# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role trusted_publishing makes of its variables, and what it says of those that are wrong."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import yaml
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.release_plan import (
    checks,
    plan,
    read_release,
)
from checkout import CHECKOUT

#: The role's own defaults.
DEFAULTS = {
    name.removeprefix("trusted_publishing_"): value
    for name, value in yaml.safe_load(
        (CHECKOUT / "roles" / "trusted_publishing" / "defaults" / "main.yml").read_text()
    ).items()
}
GIVEN = {**DEFAULTS, "owner": "octo-org", "repository": "demo", "project": "sample"}
NEW, OLD = "f" * 40, "0" * 40


def planned(**variables: Any) -> dict[str, Any]:
    found = plan({**GIVEN, **variables}, "host")
    assert found["mistakes"] == []
    return found


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no owner": ({"owner": None}, "trusted_publishing_owner is missing."),
    "an empty repository": ({"repository": " "}, "trusted_publishing_repository is missing."),
    "no project": ({"project": ""}, "Give trusted_publishing_project, or the projects"),
    "two ways": ({"projects": [{"project": "a"}]}, "Give trusted_publishing_project, or the projects"),
    "a text for a list": ({"indexes": "pypi"}, "trusted_publishing_indexes is a text: give a list of mappings."),
    "a mapping for a list": (
        {"indexes": {"environment": "pypi"}},
        "trusted_publishing_indexes is a mapping: give a list of mappings.",
    ),
    "a text for a mapping": (
        {"indexes": ["pypi"]},
        "trusted_publishing_indexes[0] is a text: give a mapping with index, environment,",
    ),
    "a list for a mapping": ({"protection": ["v*"]}, "trusted_publishing_protection is a list: give a mapping with"),
    "a list for a text": ({"workflow": ["release.yml"]}, "trusted_publishing_workflow is a list: give a text."),
    "an empty item": ({"indexes": [None]}, "trusted_publishing_indexes[0] is empty."),
    "nothing to publish to": ({"indexes": []}, "trusted_publishing_indexes must have an index"),
    "no environment": ({"indexes": [{"index": "pypi"}]}, "trusted_publishing_indexes[0] has no environment."),
    "an empty environment": ({"indexes": [{"environment": ""}]}, "trusted_publishing_indexes[0] has no environment."),
    "a wrong letter": (
        {"indexes": [{"enviroment": "pypi", "environment": "pypi"}]},
        "trusted_publishing_indexes[0] has the unknown key enviroment: perhaps environment is meant.",
    ),
    "in capitals": (
        {"indexes": [{"Tags": [], "environment": "pypi"}]},
        "has the unknown key Tags: perhaps tags is meant.",
    ),
    "another word": (
        {"protection": {"who": "me"}},
        "trusted_publishing_protection has the unknown key who: accepted are wait_timer, reviewers, prevent_self_review,",
    ),
    "deep down": (
        {"protection": {"reviewers": {"team": ["a"]}}},
        "trusted_publishing_protection.reviewers has the unknown key team: perhaps teams is meant.",
    ),
    "a number that was a text": (
        {"python_version": 3.1},
        "trusted_publishing_python_version is the number 3.1, which may have been written with a zero at its end: write it in quotes.",
    ),
    "one in a list": ({"protection": {"tags": [1.1]}}, "trusted_publishing_protection.tags[0] is the number 1.1,"),
    "a boolean that was a text": (
        {"indexes": [{"environment": True}]},
        "trusted_publishing_indexes[0].environment is the boolean true, and a text is meant: write it in quotes",
    ),
    "a date": (
        {"branch": datetime.date(2026, 1, 31)},
        "trusted_publishing_branch is a date: give a text, in quotes.",
    ),
    "no boolean": ({"attestations": "maybe"}, "trusted_publishing_attestations is 'maybe': give true or false."),
    "two for a boolean": ({"attestations": 2}, "trusted_publishing_attestations is 2: give true or false."),
    "no number": (
        {"protection": {"wait_timer": "soon"}},
        "trusted_publishing_protection.wait_timer is 'soon': give a whole number.",
    ),
    "half a minute": ({"protection": {"wait_timer": 0.5}}, "wait_timer is 0.5: give a whole number."),
    "no policy": (
        {"protection": {"deployment_policy": "none"}},
        "deployment_policy is 'none': give all, protected or selected.",
    ),
    "events that are a list": ({"events": ["push"]}, "trusted_publishing_events is a list: give a mapping."),
    "a branch of an action": (
        {"publish_action": {"commit": "release/v1", "version": "v1"}},
        "trusted_publishing_publish_action of pypa/gh-action-pypi-publish: commit must be the whole hash of one, and not release/v1,",
    ),
    "a pin without version": (
        {"checkout_action": {"commit": NEW}},
        "trusted_publishing_checkout_action has no version.",
    ),
    "one workflow for two": (
        {"project": "", "projects": [{"project": "a"}, {"project": "b"}]},
        "trusted_publishing_projects must give each project a workflow of its own: release.yml, release.yml.",
    ),
    "a project without a name": (
        {"project": "", "projects": [{"workflow": "a.yml"}]},
        "trusted_publishing_projects[0] has no project.",
    ),
    "one environment for two": (
        {"indexes": [{"environment": "py.pi"}, {"index": "testpypi", "environment": "Py-Pi"}]},
        "must differ in letters or digits: py.pi, Py-Pi.",
    ),
    "two rules": (
        {
            "project": "",
            "projects": [
                {"project": name, "workflow": f"{name}.yml", "indexes": [{"environment": "pypi", "wait_timer": wait}]}
                for name, wait in (("a", 1), ("b", 2))
            ],
        },
        "Two projects or indexes say different rules of one environment: wait_timer of pypi.",
    ),
}


@pytest.mark.parametrize(("variables", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_a_sentence(variables: dict[str, Any], sentence: str) -> None:
    (mistake,) = plan({**GIVEN, **variables}, "host")["mistakes"]

    assert sentence in mistake
    scope = "host" if "missing" in sentence else "octo-org/demo"
    assert mistake.startswith(f"{scope}: ")
    assert mistake.endswith(".")


def test_all_mistakes_are_told_at_once() -> None:
    variables = {"indexes": [{"index": "pypi", "waittimer": 1}], "attestations": "maybe", "project": {}}

    assert [
        mistake.partition(": ")[2].split(" ")[0] for mistake in plan({**GIVEN, **variables}, "host")["mistakes"]
    ] == [
        "trusted_publishing_project",
        "trusted_publishing_indexes[0]",
        "trusted_publishing_indexes[0]",
        "trusted_publishing_attestations",
    ]


def test_defaults_are_right() -> None:
    found = planned()

    assert found["publishers"] == [
        {"index": "pypi", "environment": "pypi", "project": "sample", "workflow": "release.yml"}
    ]
    assert found["wanted"] == [{"environment": "pypi", "tags": ["v*"]}]
    assert (found["listed"], found["branch"], found["retire_secrets"]) == (False, "trusted-publishing", [])


@pytest.mark.parametrize(
    ("variables", "part", "expected"),
    [
        ({"project": 2048}, "names", ["2048"]),
        ({"attestations": "no"}, "projects", {"attestations": False}),
        ({"attestations": "True"}, "projects", {"attestations": True}),
        ({"python_version": 3.12}, "projects", {"python_version": "3.12"}),
        ({"workflow": " a.yml "}, "projects", {"workflow": "a.yml"}),
        ({"build_commands": "make a,b"}, "projects", {"build_commands": ["make a,b"]}),
        ({"protection": {"tags": "v*, rc*"}}, "wanted", [{"environment": "pypi", "tags": ["v*", "rc*"]}]),
        ({"protection": {"wait_timer": "30"}}, "wanted", [{"environment": "pypi", "wait_timer": 30}]),
        ({"protection": {"reviewers": {}}}, "wanted", [{"environment": "pypi", "reviewers": {}}]),
        ({"protection": {"tags": None}}, "wanted", [{"environment": "pypi"}]),
        # An index takes back what all environments have.
        ({"indexes": [{"environment": "pypi", "tags": None}]}, "wanted", [{"environment": "pypi"}]),
        ({"indexes": [{"environment": "pypi", "tags": []}]}, "wanted", [{"environment": "pypi", "tags": []}]),
        (
            {"indexes": [{"environment": "pypi", "pending": "yes", "index": ""}]},
            "publishers",
            [{"environment": "pypi", "pending": True, "project": "sample", "workflow": "release.yml"}],
        ),
        ({"workflow": "a b.c.yml"}, "branch", "trusted-publishing-a-b-c"),
        ({"workflow": "a.yml", "branch": "own"}, "branch", "own"),
        ({"retire_secrets": "A, B,A"}, "retire_secrets", [{"secret": "A"}, {"secret": "B"}]),
        ({"checkout": "/src"}, "in_checkout", [{"workflow_path": "/src/.github/workflows/release.yml"}]),
    ],
)
def test_what_is_given_in_other_forms(variables: dict[str, Any], part: str, expected: Any) -> None:
    found = planned(**variables)[part]
    if isinstance(expected, dict):
        found, expected = [found[0]], [expected]
    if part in ("projects", "in_checkout"):
        assert all(found[0][key] == value for key, value in expected[0].items())
    else:
        assert found == expected


TWO = {
    "project": "",
    "projects": [
        {"project": "a", "workflow": "a.yml", "indexes": [{"environment": "pypi", "tags": ["a-*"]}]},
        {"project": "b", "workflow": "b.yml", "indexes": [{"environment": "PyPI", "tags": ["b-*", "a-*"]}]},
    ],
}


def test_an_environment_is_what_all_its_projects_need() -> None:
    found = planned(**TWO)

    assert found["wanted"] == [{"environment": "pypi", "tags": ["a-*", "b-*"]}]
    assert (found["listed"], found["branch"]) == (True, "trusted-publishing")
    assert found["projects"][0]["build_commands"] == DEFAULTS["build_commands"]


@pytest.mark.parametrize(
    ("variables", "kept", "tags"),
    [
        ({}, [{"environment": "pypi", "kind": "tags", "name": "b-*"}], ["v*", "b-*"]),
        # Who lists all projects knows what each of them needs.
        (TWO, [], ["a-*", "b-*"]),
        # What is not named is not looked at.
        ({"protection": {}}, [], None),
    ],
)
def test_what_others_need_is_kept(variables: dict[str, Any], kept: list[Any], tags: list[str] | None) -> None:
    present = [{"branches": ["main"], "tags": ["v*", "b-*"]}]
    found = plan({**GIVEN, **variables}, "host", present=present)

    assert found["kept"] == kept
    assert [environment.get("tags") for environment in found["environments"]] == [tags]
    assert "branches" not in found["environments"][0]


def form(**urls: str) -> list[dict[str, Any]]:
    return [
        {"item": {"index": index}, "index": index, "registration_url": f"{url}/manage/project/x/y"}
        for index, url in urls.items()
    ]


def test_jobs_publish_one_after_the_other() -> None:
    indexes = [
        {"index": "testpypi", "environment": "test/pypi"},
        {"environment": "pypi"},
        {"index": "testpypi", "environment": "own", "upload_url": "https://up.example.com/"},
    ]
    known = form(testpypi="https://t.example.com", pypi="https://p.example.com")
    (found,) = plan({**GIVEN, "indexes": indexes}, "host", form=known, in_force=[])["workflows"]

    assert found["jobs"] == [
        {
            "name": "publish-test-pypi",
            "needs": ["build"],
            "environment": "test/pypi",
            "upload_url": "https://t.example.com/legacy/",
        },
        {"name": "publish-pypi", "needs": ["build", "publish-test-pypi"], "environment": "pypi", "upload_url": ""},
        {
            "name": "publish-own",
            "needs": ["build", "publish-pypi"],
            "environment": "own",
            "upload_url": "https://up.example.com/",
        },
    ]


def test_an_address_of_pypi_is_no_upload_url() -> None:
    """It takes uploads at another host, which the action knows."""
    address = "https://p.example.com"
    known = [{"item": {"index": address}, "index": "pypi", "registration_url": f"{address}/manage/account/publishing/"}]
    indexes = [{"index": address, "environment": "pypi"}]
    (found,) = plan({**GIVEN, "indexes": indexes}, "host", form=known, in_force=[])["workflows"]

    assert [job["upload_url"] for job in found["jobs"]] == [""]


@pytest.mark.parametrize(
    ("commit", "version", "stays"),
    [
        (NEW, "v99", True),
        (NEW, "v7.0.10", True),
        (NEW, "7.0.2", True),
        (NEW, "v7.0.1", False),
        (NEW, "v7", False),
        (NEW, "v1.0.0", False),
        (NEW, "main", False),
        (NEW, "", False),
        ("v99", "v99", False),
    ],
)
def test_a_newer_pin_stays(commit: str, version: str, stays: bool) -> None:
    there = {"action": "actions/checkout", "commit": commit, "version": version}
    in_force = [{"publisher": {"workflow": "release.yml"}, "actions": [there]}]
    known = form(pypi="https://p.example.com")
    (found,) = plan(GIVEN, "host", form=known, in_force=in_force)["workflows"]
    (other,) = plan({**GIVEN, "workflow": "other.yml"}, "host", form=known, in_force=in_force)["workflows"]

    assert (found["pins"]["actions/checkout"]["commit"] == NEW) is stays
    assert other["pins"]["actions/checkout"] == DEFAULTS["checkout_action"]


def test_publishers_are_checked_with_what_their_environment_is_going_to_be() -> None:
    given = [{"branches": [], "tags": ["a-*"], "wait_timer": 1, "name": "pypi", "html_url": "x"}]
    files = [{"workflow": "a.yml", "content": "one"}, {"workflow": "b.yml", "content": "two"}]
    found = checks(read_release({**GIVEN, **TWO}, "host"), given, files)

    rules = {"branches": [], "tags": ["a-*"], "wait_timer": 1}
    assert [(one["workflow_content"], one["environment_rules"]) for one in found] == [("one", rules), ("two", rules)]
