# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every boolean and number of a role or playbook may arrive as text, as from C(-e), an inventory in INI format or a survey of AWX.

Which options these are is read from the roles' argument specs and from the heads of the playbooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from aws_clients import ACCOUNT, ADMINISTRATOR, OTHER_ACCOUNT, document, statement
from checkout import CHECKOUT
from cloud_control import LocalCloud
from cloud_fixtures import PROJECT, UPSTREAM_TOKEN
from harness import COLLECTION, Ansible, Given, Run

#: Where an option is: names of options, and C([]) for any item of a list.
Path = tuple[str, ...]
Variables = dict[str, Any]

LOCATION = "us-central1"
VERSION = "projects/demo-project/secrets/index-token/versions/1"
#: An access key whose user is deleted before the roles run.
DEAD_KEY = "AKIALOCALDEAD0000000"


def _google(given: Given) -> None:
    for secret in ("index-token", "old-token"):
        given.readable_secret(secret, "one", "two", "three")
    given.repository("pypi-remote")


def _codeartifact(given: Given) -> None:
    """A domain whose policies name a user who is gone."""
    given.domain("demo", "python", "scratch")
    given.package("demo", "scratch", "ours")
    leaver = f"arn:aws:iam::{OTHER_ACCOUNT}:user/leaver"
    given.identity(DEAD_KEY, leaver, ADMINISTRATOR)
    given.domain_policy("demo", document(statement("codeartifact:GetAuthorizationToken", {"AWS": leaver})))
    given.repository_policy("demo", "python", document(statement("codeartifact:ReadFromRepository", {"AWS": leaver})))
    given.nobody(DEAD_KEY)


def _names(given: Given) -> None:
    """A domain, and repositories that serve packages of ours."""
    _codeartifact(given)
    given.repository("python-ours", mode="STANDARD_REPOSITORY")


def _nothing(_given: Given) -> None:
    """The role starts from nothing."""


@dataclass(frozen=True)
class Scenario:
    """What is there, and variables of a role with a value for each of its booleans and numbers."""

    before: Callable[[Given], None]
    variables: Variables


GRANT = {"name": "acme", "principals": ["*"], "everyone": True}

#: Roles without an option that is a boolean or a number are not here.
SCENARIOS: dict[str, Scenario] = {
    "awx_setup": Scenario(
        _nothing,
        {
            # Nobody listens there; what is wrong with a value is said before.
            "environment": {"CONTROLLER_HOST": "http://127.0.0.1:9"},
            "awx_setup_image": "registry.example.com/packages/registry-auth:1",
            "awx_setup_project_url": "https://git.example.com/registry-auth.git",
            "awx_setup_inventory_source": "localhost,",
            "awx_setup_update_secrets": False,
            "awx_setup_slices": 1,
            "awx_setup_forks": 10,
            "awx_setup_schedules": [{"name": "report", "template": "report", "rrule": "x", "enabled": True}],
        },
    ),
    "codeartifact_policy": Scenario(
        _codeartifact,
        {
            "codeartifact_policy_domain": "demo",
            "codeartifact_policy_domain_grants": [{**GRANT, "access": ["login"]}],
            "codeartifact_policy_drop_dead_principals": False,
            "codeartifact_policy_repositories": [
                {
                    "repository": "python",
                    "grants": [{**GRANT, "access": ["read"]}],
                    "drop_dead_principals": False,
                }
            ],
        },
    ),
    "codeartifact_repository": Scenario(
        _codeartifact,
        {
            "codeartifact_repository_domain": "demo",
            "codeartifact_repository_repositories": [
                {"repository": "python", "tags": {"team": "build"}, "purge_tags": True},
                {"repository": "scratch", "state": "absent", "force": True},
            ],
        },
    ),
    "package_clients": Scenario(
        _nothing,
        {
            "package_clients_level": "user",
            "package_clients_clients": ["pip", "twine"],
            "package_clients_keyring_install": False,
            "package_clients_prove": False,
            "package_clients_replace": False,
            "package_clients_indexes": [
                {
                    "name": "ours",
                    "url": "https://packages.example.com/simple/",
                    "username": "ci",
                    "password": "sesame",
                    "keep": True,
                    "extra": False,
                    "install": True,
                    "publish": True,
                }
            ],
        },
    ),
    "package_protection": Scenario(
        _names,
        {
            "package_protection_domain": "demo",
            "package_protection_names": ["acme-*"],
            "package_protection_fail_on_retained": False,
            "package_protection_project": PROJECT,
            "package_protection_indexes": [
                {
                    "repository": "python-index",
                    "location": LOCATION,
                    "format": "PYTHON",
                    "upstream_policies": [{"id": "ours", "repository": "python-ours", "priority": 100}],
                    "purge_upstream_policies": True,
                }
            ],
            "package_protection_fail_on_public_upstream": True,
        },
    ),
    "iam_binding": Scenario(
        _google,
        {
            "iam_binding_service_agent": False,
            "iam_binding_bindings": [
                {"secret": "index-token", "members": ["user:reader@example.com"], "exclusive": False, "everyone": False}
            ],
        },
    ),
    "local_cloud": Scenario(
        _nothing,
        {"local_cloud_directory": "local-cloud", "local_cloud_port": 0, "local_cloud_install": False},
    ),
    "remote_repository": Scenario(
        _google,
        {
            "remote_repository_repositories": [
                {
                    "repository": "new",
                    "location": LOCATION,
                    "format": "PYTHON",
                    "upstream": {"preset": "PYPI"},
                    "labels": {"team": "build"},
                    "purge_labels": False,
                    "cleanup_policies": [
                        {"id": "newest", "action": "KEEP", "most_recent_versions": {"keep_count": 5}},
                    ],
                    "cleanup_policy_dry_run": True,
                    "disable_upstream_validation": False,
                },
                {"repository": "pypi-remote", "location": LOCATION, "state": "absent", "force": False},
            ],
        },
    ),
    "remote_repository_credentials": Scenario(
        _google,
        {
            "remote_repository_credentials_repositories": [
                {
                    "repository": "pypi-remote",
                    "location": LOCATION,
                    "password_secret_version": VERSION,
                    "propagation_timeout": 1,
                    "disable_upstream_validation": False,
                    "proof": {"package": "demo-package", "download": False},
                }
            ],
            "remote_repository_credentials_proof_retries": 1,
            "remote_repository_credentials_proof_delay": 0,
        },
    ),
    "repository": Scenario(
        _google,
        {
            "repository_repositories": [
                {"repository": "new", "location": LOCATION, "mode": "STANDARD_REPOSITORY", "format": "PYTHON"},
                {"repository": "jars", "location": LOCATION, "mode": "STANDARD_REPOSITORY", "format": "MAVEN"}
                | {"maven_version_policy": "RELEASE", "maven_allow_snapshot_overwrites": False},
                {"repository": "images", "location": LOCATION, "mode": "STANDARD_REPOSITORY", "format": "DOCKER"}
                | {"docker_immutable_tags": True},
                {
                    "repository": "all",
                    "location": LOCATION,
                    "mode": "VIRTUAL_REPOSITORY",
                    "format": "PYTHON",
                    "upstream_policies": [{"id": "new", "repository": "new", "priority": 100}],
                    "purge_upstream_policies": True,
                },
                {
                    "repository": "npm",
                    "location": LOCATION,
                    "mode": "REMOTE_REPOSITORY",
                    "format": "NPM",
                    "upstream": {"preset": "NPMJS"},
                    "purge_labels": False,
                    "cleanup_policies": [
                        {"id": "newest", "action": "KEEP", "most_recent_versions": {"keep_count": 5}},
                    ],
                    "cleanup_policy_dry_run": True,
                    "disable_upstream_validation": False,
                },
                {"repository": "pypi-remote", "location": LOCATION, "state": "absent", "force": False},
            ],
        },
    ),
    "repository_access": Scenario(
        _google,
        {
            "repository_access_location": LOCATION,
            "repository_access_repositories": [
                {
                    "repository": "pypi-remote",
                    "grants": [{"principals": ["allUsers"], "everyone": True, "access": ["read"]}],
                }
            ],
        },
    ),
    "secret_retention": Scenario(
        _google,
        {
            "secret_retention_keep": 1,
            "secret_retention_min_age": "0s",
            "secret_retention_secrets": [{"secret": "index-token"}, {"secret": "old-token", "keep": 2}],
        },
    ),
    "trusted_publishing": Scenario(
        _nothing,
        {
            "trusted_publishing_owner": "octo-org",
            "trusted_publishing_repository": "sampleproject",
            "trusted_publishing_attestations": True,
            "trusted_publishing_protection": {
                "tags": ["v*"],
                "wait_timer": 5,
                "prevent_self_review": False,
                "reviewers": {"teams": ["release-managers"]},
            },
            "trusted_publishing_indexes": [
                {"environment": "pypi", "pending": False, "wait_timer": 7, "prevent_self_review": False}
            ],
            # What the first says itself, all of them say for the second.
            "trusted_publishing_projects": [
                {"project": "a", "workflow": "release-a.yml", "attestations": True},
                {"project": "b", "workflow": "release-b.yml"},
            ],
        },
    ),
}

#: Of these, what C(true) and C(false) do is not to be the same: otherwise the comparison would say nothing.
DECISIVE = {
    "codeartifact_policy": "codeartifact_policy_drop_dead_principals",
    "iam_binding": "iam_binding_service_agent",
    "local_cloud": "local_cloud_install",
    "trusted_publishing": "trusted_publishing_attestations",
}


def described(options: dict[str, Any]) -> Iterator[Path]:
    """Where the booleans and numbers of an argument spec are."""
    for name, option in options.items():
        # What a role checks itself is raw; its default tells what it is.
        kind = option.get("type")
        kind = type(option.get("default")).__name__ if kind == "raw" else kind
        if kind in ("bool", "int", "float"):
            yield (name,)
        inner = ((name, "[]") if kind == "list" else (name,)) if "options" in option else ()
        for path in described(option.get("options", {})):
            yield (*inner, *path)


def described_by(role: str) -> set[Path]:
    text = (CHECKOUT / "roles" / role / "meta" / "argument_specs.yml").read_text()
    specs = yaml.safe_load(text)["argument_specs"].values()
    return {path for spec in specs for path in described(spec["options"])}


def leaves(value: Any, *path: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The booleans and numbers in a value, each with the keys and indices that lead to it."""
    if isinstance(value, (bool, int, float)):
        yield path, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, *path, key)


def replaced(variables: Variables, path: tuple[Any, ...], value: Any) -> Variables:
    copy = deepcopy(variables)
    *parents, last = path
    holder: Any = copy
    for key in parents:
        holder = holder[key]
    holder[last] = value
    return copy


def as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_every_role_is_here() -> None:
    roles = {path.parent.parent.name for path in (CHECKOUT / "roles").glob("*/meta/argument_specs.yml")}
    assert {role for role in roles if described_by(role)} == set(SCENARIOS)


@pytest.mark.parametrize("role", SCENARIOS)
def test_every_option_has_a_value(role: str) -> None:
    found = {
        tuple("[]" if isinstance(key, int) else key for key in path)
        for path, _value in leaves(SCENARIOS[role].variables)
    }
    assert found == described_by(role)


@pytest.mark.thorough
@pytest.mark.parametrize("role", SCENARIOS)
def test_text_does_what_the_value_does(ansible: Ansible, cloud: LocalCloud, given: Given, role: str) -> None:
    scenario = SCENARIOS[role]
    scenario.before(given)
    values = list(leaves(scenario.variables))
    others = [(path, not value) for path, value in values if isinstance(value, bool)]
    texts = scenario.variables
    for path, value in values:
        texts = replaced(texts, path, as_text(value))
    # As they are, all as text at once; then each boolean the other way, since what one does may hide what another one does.
    variables = [scenario.variables, texts]
    for path, value in others:
        variables += [replaced(scenario.variables, path, given_as) for given_as in (value, as_text(value))]
    plays = [
        {
            "name": str(number),
            # Each on a host of its own, so that none finds facts of another.
            "hosts": f"host-{number}",
            "connection": "local",
            "gather_facts": False,
            # A value that is refused is to be refused as text, too.
            "ignore_errors": True,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "roles": [{"role": f"{COLLECTION}.{role}", **given_to_role}],
        }
        for number, given_to_role in enumerate(variables)
    ]
    said = _played(ansible, plays, cloud.github_environment())
    native, other = said[::2], {path: said[2 * number] for number, (path, _value) in enumerate(others, start=1)}
    for as_native, text, what in zip(native, said[1::2], ["all values", *others], strict=True):
        assert "derived from value" not in text, text
        assert text == as_native, f"{what} as text"
    if role in DECISIVE:
        assert other[(DECISIVE[role],)] != native[0], f"{DECISIVE[role]} decides nothing here"


def _played(ansible: Ansible, plays: list[dict[str, Any]], environment: dict[str, str]) -> list[str]:
    """What was said of each play, in check mode."""
    playbook = ansible.folder / "plays.yml"
    playbook.write_text(json.dumps(plays))
    hosts = ",".join(play["hosts"] for play in plays)
    run = ansible.playbook(str(playbook), f"--inventory={hosts},", "--check", "--diff", env=environment)
    parts = re.split(r"^PLAY \[(\d+)\] \*+\n", run.stdout.partition("PLAY RECAP")[0], flags=re.MULTILINE)[1:]
    numbers, said = parts[::2], parts[1::2]
    assert numbers == [play["name"] for play in plays], run.tail
    return [_comparable(text, f"host-{number}") for number, text in zip(numbers, said, strict=True)]


def _comparable(text: str, host: str) -> str:
    """Without what differs anyway: the host, an error's notice, which Ansible prints once only, and entries as they were given."""
    text = re.sub(rf"\b{host}\b", "host", text)
    text = re.sub(r"^\[ERROR\]: .*?(?=^(?:fatal|failed): )", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r', "results": .*', "", text)


def test_the_number_of_proofs_as_text(ansible: Ansible, cloud: LocalCloud, given: Given) -> None:
    """For real, because a check run proves nothing: one retry is two tries."""
    _google(given)
    index = f"{cloud.index_host()}/{PROJECT}/pypi-remote/simple/"
    variables = {
        "remote_repository_credentials_repositories": [
            {
                "repository": "pypi-remote",
                "location": LOCATION,
                "password_secret_version": VERSION,
                # The token is wrong, and nobody is to find out before the proof does.
                "disable_upstream_validation": "true",
                "proof": {"package": "demo-package", "index_url": index},
            }
        ],
        "remote_repository_credentials_proof_retries": "1",
        "remote_repository_credentials_proof_delay": "0",
    }
    run = ansible.play([], roles=[{"role": f"{COLLECTION}.remote_repository_credentials", **variables}])
    assert run.code != 0
    assert "demo-package is refused at" in run.stdout, run.tail
    assert run.stdout.count("FAILED - RETRYING") == 1, run.tail


def switches() -> list[str]:
    """The booleans among the workflow's variables, as the head of its playbook describes them. Those of others are options of their roles."""
    head = (CHECKOUT / "playbooks" / "auth_workflow.yml").read_text()
    return sorted(set(re.findall(r"^#   (\w+) +optional: true to ", head, re.MULTILINE)))


def test_switches_of_playbooks_are_found() -> None:
    assert "registry_auth_create_missing" in switches()


INDEX = "https://us-central1-python.pkg.dev/demo-project/mirror/simple/"
SCOPES = {
    "registry_auth": {
        "hosts": {
            "project": {
                "registry_auth_project": PROJECT,
                "registry_auth_repositories": [
                    {
                        "repository": "mirror",
                        "location": LOCATION,
                        "format": "PYTHON",
                        "upstream": {"preset": "PYPI"},
                        "secret": "token",
                        "token": UPSTREAM_TOKEN,
                        "proof": {"package": "demo-package", "index_url": INDEX},
                    }
                ],
            }
        }
    },
    "codeartifact": {
        "hosts": {
            "domain": {
                "codeartifact_domain": "new",
                "codeartifact_repositories": [
                    {
                        "repository": "team",
                        "upstreams": ["public"],
                        "policy": document(statement("codeartifact:*", {"AWS": ACCOUNT})),
                    },
                    {"repository": "public", "external_connection": "public:pypi"},
                ],
            }
        }
    },
}


@pytest.mark.thorough
@pytest.mark.parametrize("switch", switches())
@pytest.mark.parametrize("value", [True, False])
def test_a_playbook_takes_text(ansible: Ansible, switch: str, value: bool) -> None:
    inventory = ansible.folder / "hosts.yml"
    inventory.write_text(json.dumps(SCOPES))

    def checked(extra: str) -> Run:
        arguments = (f"{COLLECTION}.auth_workflow", f"--inventory={inventory}", "--check", "--diff")
        return ansible.playbook(*arguments, f"--extra-vars={extra}")

    native = checked(json.dumps({switch: value}))
    for text in (as_text(value), "yes" if value else "no"):
        run = checked(f"{switch}={text}")
        # Hosts end in any order.
        assert (run.code, sorted(run.stdout.splitlines())) == (native.code, sorted(native.stdout.splitlines())), text
    assert ("Would create and describe repositories: projects/" in native.stdout) == value, native.tail
    # Nothing is created unasked.
    assert ("changed: [domain]" in native.stdout) == value, native.tail
