# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What roles say of variables that cannot be meant, and that they say it before anything is called; and lists that arrive as text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import PROJECT
from harness import COLLECTION, Ansible, Given

LOCATION = "us-central1"
AWX = {
    "awx_setup_image": "registry.example.com/packages/registry-auth:1",
    "awx_setup_project_url": "https://git.example.com/registry-auth.git",
    "awx_setup_inventory_source": "localhost,",
}
INDEX = {"repository": "python-index", "location": LOCATION, "format": "PYTHON"}
NAMES = {"package_protection_project": PROJECT, "package_protection_indexes": [INDEX]}
MIXED = {"repository": "python-all", "location": LOCATION, "ours": ["ours"]}
PUBLISHED = {"owner": "octo-org", "repository": "sampleproject", "project": "sample"}
PUBLISHING = {f"trusted_publishing_{name}": value for name, value in PUBLISHED.items()}

WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "a name that is none": (
        "package_protection",
        {**NAMES, "package_protection_names": ["acme*"]},
        "names[0] is 'acme*'",
    ),
    "no name of the format": (
        "package_protection",
        {**NAMES, "package_protection_names": ["@acme/*"]},
        "package_protection_indexes has indexes of pypi, and package_protection_names has no name of such a package",
    ),
    "a variable that is not set": (
        "secret_version",
        {"secret_version_secrets": [{"secret": "a", "payload": "sesame"}, {"secret": "b", "payload": ""}]},
        "secret_version_secrets[1] (b): The payload is empty",
    ),
    "two payloads": (
        "secret_version",
        {"secret_version_secrets": [{"secret": "a", "payload": "sesame", "payload_base64": "c2VzYW1l"}]},
        "secret_version_secrets[0] (a): Give the payload either as payload or as payload_base64.",
    ),
    "no payload": (
        "secret_version",
        {"secret_version_secrets": [{"secret": "a"}]},
        "secret_version_secrets[0] (a): Give the payload either as payload or as payload_base64.",
    ),
    "no base64": (
        "secret_version",
        {
            "secret_version_secrets": [
                {"secret": "a", "payload": "sesame"},
                {"secret": "b", "payload_base64": "sesame!"},
            ]
        },
        "secret_version_secrets[1] (b): payload_base64 is not base64.",
    ),
    # Source of the limit: Secret Manager's quotas, 64 KiB.
    "a payload that is too large": (
        "secret_version",
        {"secret_version_secrets": [{"secret": "a", "payload": "sesame"}, {"secret": "b", "payload": "é" * 32769}]},
        "secret_version_secrets[1] (b): The payload has 65538 bytes: Secret Manager takes up to 65536.",
    ),
    "a number for a payload": (
        "secret_version",
        {"secret_version_secrets": [{"secret": "a", "payload": "sesame"}, {"secret": "b", "payload": 12345678}]},
        "secret_version_secrets[1]: payload is a number, not text.",
    ),
    # Ansible's own check takes it for a mapping, and leaves the text.
    "a text for a list": (
        "secret_version",
        {"secret_version_secrets": "secret=a payload=sesame"},
        '"msg": "secret_version_secrets[0] must be a mapping of options, not text."',
    ),
    "a choice without what it is for": (
        "secret_version",
        {
            "secret_version_secrets": [{"secret": "a", "payload": "sesame"}],
            "secret_version_without_fingerprint": "add",
        },
        "without_fingerprint is for compare=fingerprint only",
    ),
    "an age that is none": (
        "access_report",
        {"access_report_project": PROJECT, "access_report_max_token_age": "3 months"},
        "max_token_age '3 months' is not a duration",
    ),
    "a name in small letters": (
        "awx_setup",
        {
            **AWX,
            "awx_setup_credentials": [{"name": "index", "type": "Machine", "templates": "workflow,rotate"}],
            "awx_setup_index_tokens": "INDEX_TOKEN, other-token",
        },
        '"msg": "awx_setup_index_tokens: other-token is no name of an environment variable. Write it in capital letters."',
    ),
    **{
        f"{role}_{wrong}": (
            role,
            {**more, f"{role}_{wrong}": value},
            f"{role}_{wrong} is not a variable of the role {role}. Did you mean {role}_{right}?",
        )
        for role, more, wrong, value, right in (
            ("access_report", {"access_report_project": PROJECT}, "directry", "/nowhere", "directory"),
            ("awx_setup", AWX, "slice", 2, "slices"),
            ("package_clients", {}, "client", ["npm"], "clients"),
            ("package_clients", {}, "becom", False, "become"),
            ("package_protection", {**NAMES, "package_protection_names": ["acme-*"]}, "fromats", ["npm"], "formats"),
            ("secret_version", {}, "secret", [{"secret": "a", "payload": "sesame"}], "secrets"),
            ("codeartifact_policy", {"codeartifact_policy_domain": "demo"}, "repository", [], "repositories"),
            ("trusted_publishing", PUBLISHING, "indexs", [{"environment": "pypi"}], "indexes"),
        )
    },
}


def said(ansible: Ansible, cloud: LocalCloud, plays: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """What is said of each role with its variables, on a host of its own."""
    playbook = [
        {
            "name": str(number),
            "hosts": f"host-{number}",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}", **variables},
            # A play whose hosts all fail would be the last one.
            "tasks": [
                {
                    "name": "Run the role, whatever becomes of it",
                    "block": [{"name": "Run it", "ansible.builtin.include_role": {"name": f"{COLLECTION}.{role}"}}],
                    "rescue": [{"name": "Continue", "ansible.builtin.meta": "noop"}],
                }
            ],
        }
        for number, (role, variables) in enumerate(plays.values())
    ]
    file = ansible.folder / "plays.yml"
    file.write_text(json.dumps(playbook))
    hosts = ",".join(str(play["hosts"]) for play in playbook)
    run = ansible.playbook(str(file), f"--inventory={hosts},", env=cloud.github_environment())
    parts = re.split(r"^PLAY \[\d+\] \*+\n", run.stdout.partition("PLAY RECAP")[0], flags=re.MULTILINE)[1:]
    assert len(parts) == len(plays), run.tail
    return dict(zip(plays, (" ".join(part.split()) for part in parts), strict=True))


def test_what_cannot_be_meant_is_told_before_any_call(ansible: Ansible, cloud: LocalCloud) -> None:
    cloud.clear_calls()
    told = said(ansible, cloud, {case: (role, variables) for case, (role, variables, _says) in WRONG.items()})
    assert {
        case: told[case][-800:] for case, (_role, _variables, says) in WRONG.items() if says not in told[case]
    } == {}
    assert cloud.calls() == []


def test_what_is_not_there_is_told_before_anything_is_written(ansible: Ansible, cloud: LocalCloud) -> None:
    cloud.clear_calls()
    variables = {**NAMES, "package_protection_names": ["acme-*"], "package_protection_mixed": [MIXED]}
    told = said(ansible, cloud, {"mixed": ("package_protection", variables)})["mixed"]
    assert f"projects/{PROJECT}/locations/{LOCATION}/repositories/python-all does not exist" in told
    assert cloud.calls("CreateRepository") == []


@pytest.mark.parametrize("as_text", [False, True])
def test_lists_may_be_texts_with_commas(ansible: Ansible, cloud: LocalCloud, given: Given, as_text: bool) -> None:
    """As extra variables are."""
    given.project("other-project", "210987654321")
    lists: dict[str, list[str]] = {
        "package_protection_names": ["acme-*", "acme-tool"],
        "package_protection_formats": ["pypi", "npm"],
        "package_protection_upstream_projects": ["other-project"],
        "package_protection_private_upstreams": ["https://index.example.com/simple"],
    }
    variables = {name: ",".join(value) if as_text else value for name, value in lists.items()}
    told = said(ansible, cloud, {"one": ("package_protection", {**NAMES, **variables})})["one"]
    assert "Names in the project demo-project: 2." in told, told[-2000:]
    assert "fatal:" not in told
