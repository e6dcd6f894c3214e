# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role package_clients makes of its variables. Addresses are as the vendors' documentation writes them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput, RegistryAuthError
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.package_clients import (
    addresses,
    controller_tokens,
    setup_plan,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines import places
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.desired import indexes, logins
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.formats import npmrc
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.proof import causes, commands, proving
from checkout import CHECKOUT
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment

GOOGLE = {"project": "demo-project", "location": "us-central1", "repository": "python-all"}
AWS = {"domain": "demo", "domain_owner": "123456789012", "region": "eu-west-1", "repository": "python"}
ROLE = CHECKOUT / "roles" / "package_clients"
OURS = {"name": "ours", "artifact_registry": GOOGLE, "package": "our-package"}
THEIRS = {"name": "theirs", "codeartifact": AWS}
NPM = {"name": "npm", "codeartifact": AWS, "format": "npm", "scope": "@acme"}


def plan(*indexes: Any, known: dict[str, Any] | None = None, **variables: Any) -> dict[str, Any]:
    given = {"clients": ["pip", "uv"], "level": "user", **variables, "indexes": list(indexes)}
    return setup_plan.plan(given, "box", **(known or {}))


def mistake(*indexes: Any, **variables: Any) -> str:
    mistakes = plan(*indexes, **variables)["mistakes"]
    assert len(mistakes) == 1, mistakes
    assert mistakes[0].startswith("box: ")
    sentence: str = mistakes[0].removeprefix("box: ")
    return sentence


def test_addresses() -> None:
    """Source: "Configure authentication to Artifact Registry for Python" and "... for npm"; the CodeArtifact User Guide on pip, twine and npm."""
    python = addresses.artifact_registry(GOOGLE, "python")
    assert python.url == "https://us-central1-python.pkg.dev/demo-project/python-all/simple/"
    assert python.publish_url == "https://us-central1-python.pkg.dev/demo-project/python-all/"
    assert (python.keyring_url, python.username) == (python.url, "oauth2accesstoken")
    npm = addresses.artifact_registry(GOOGLE, "npm")
    assert npm.url == npm.keyring_url == "https://us-central1-npm.pkg.dev/demo-project/python-all/"
    host = "https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com"
    python = addresses.codeartifact(AWS, "python")
    assert (python.url, python.publish_url) == (f"{host}/pypi/python/simple/", f"{host}/pypi/python/")
    npm = addresses.codeartifact(AWS, "npm")
    # The backend answers for /pypi/ alone.
    assert (npm.url, npm.keyring_url, npm.username) == (f"{host}/npm/python/", f"{host}/pypi/python/simple/", "aws")
    for wrong in (
        {"region": "eu-west-1.evil.example/x"},
        {"domain_owner": "1"},
        {"domain_owner": None},
        {"domain": "a/b"},
    ):
        with pytest.raises(InvalidInput):
            addresses.codeartifact({**AWS, **wrong}, "python")


@pytest.mark.parametrize(
    ("entry", "clients"),
    [
        ({"url": "https://us-central1-python.pkg.dev/p/python/simple"}, ["pip"]),
        (
            {"url": "https://demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/npm/", "format": "npm"},
            ["npm"],
        ),
        ({"url": "https://us-central1-python.pkg.dev/p/python/", "install": False, "publish": True}, ["twine"]),
        ({"url": "https://packages.example.com/python/"}, ["pip"]),
    ],
)
def test_addresses_of_what_need_be_no_simple_api_are_taken(entry: dict[str, Any], clients: list[str]) -> None:
    assert plan({"name": "a", **entry}, clients=clients)["mistakes"] == []


NO_SIMPLE_API = (
    "package_clients_indexes[0].url is the address of a repository and not of its simple API, the only place where Python's clients "
    "find packages:"
)
ONE_OF = (
    "package_clients_indexes[0] must have one of artifact_registry, codeartifact and url, which say where the index is."
)


@pytest.mark.parametrize(
    ("index", "variables", "sentence"),
    [
        ({"name": "a"}, {}, ONE_OF),
        ({**OURS, "codeartifact": AWS}, {}, ONE_OF),
        (
            {**OURS, "artifact_registry": {"project": "p"}},
            {},
            "package_clients_indexes[0].artifact_registry: repository is missing",
        ),
        (
            {**OURS, "artifact_registry": {**GOOGLE, "location": "a.b"}},
            {},
            "package_clients_indexes[0].artifact_registry: location 'a.b'",
        ),
        ({**OURS, "scope": "@acme"}, {}, "package_clients_indexes[0].scope is npm's, and the format is python"),
        (
            {**NPM, "scope": "acme"},
            {"clients": "npm"},
            "package_clients_indexes[0].scope is 'acme': give an npm scope with its @",
        ),
        (
            {**NPM, "extra": True},
            {"clients": "npm"},
            "package_clients_indexes[0].extra is set, and npm has one registry for each scope",
        ),
        ({**OURS, "name": "-x"}, {}, "package_clients_indexes[0].name is '-x'"),
        (
            {**OURS, "packge": "x"},
            {},
            "package_clients_indexes[0] has the unknown key packge: perhaps package is meant.",
        ),
        (
            {**OURS, "login": "key"},
            {},
            "package_clients_indexes[0].login is 'key': give auto, keyring, renewed, controller or none.",
        ),
        (
            {**OURS, "install": False},
            {},
            "package_clients_indexes[0] has install: false and is not for publishing either",
        ),
        (
            {"name": "a", "url": "https://u:p@x.example/simple/"},
            {},
            "package_clients_indexes[0].url holds a user name or password",
        ),
        ({"name": "a", "url": "x.example"}, {}, "package_clients_indexes[0].url is not a URL"),
        (
            # What 'aws codeartifact get-repository-endpoint' answers.
            {"name": "a", "url": "https://demo-999999999999.d.codeartifact.eu-west-1.amazonaws.com/pypi/python/"},
            {},
            f"{NO_SIMPLE_API} give https://demo-999999999999.d.codeartifact.eu-west-1.amazonaws.com/pypi/python/simple/.",
        ),
        (
            {"name": "a", "url": "https://us-central1-python.pkg.dev/p/python"},
            {},
            f"{NO_SIMPLE_API} give https://us-central1-python.pkg.dev/p/python/simple/.",
        ),
        (
            {"name": "a", "url": "http://x.example/", "username": "u", "password": "p", "keep": True},
            {},
            "package_clients_indexes[0].url would send the login over plain http",
        ),
        (
            {"name": "a", "url": "https://x.example/", "username": "u"},
            {},
            "package_clients_indexes[0].password is missing",
        ),
        (
            {"name": "a", "url": "https://x.example/", "password": "p", "keep": True},
            {},
            "package_clients_indexes[0].username is missing",
        ),
        (
            {"name": "a", "url": "https://x.example/", "username": "u", "password": "hunter2"},
            {},
            "package_clients_indexes[0].password would be written to disk for good",
        ),
        (
            {"name": "a", "url": "https://x.example/", "username": "u", "password": 1234, "keep": True},
            {},
            "package_clients_indexes[0].password is not text. YAML may have changed what was written",
        ),
        (
            {"name": "a", "url": "https://x.example/", "login": "keyring"},
            {},
            "package_clients_indexes[0].login is keyring, which",
        ),
        (
            OURS,
            {"clients": ["conda"]},
            "package_clients_clients has 'conda', which is not known: accepted are pip, uv, twine, npm",
        ),
        (
            OURS,
            {"level": "machine", "clients": ["pip", "poetry"]},
            "package_clients_clients has poetry, which reads no machine-wide file",
        ),
        (
            OURS,
            {"level": "venv", "venv": "/srv/venv"},
            "package_clients_clients has uv, which reads no file of a virtual environment",
        ),
        (OURS, {"level": "venv", "clients": "pip"}, "package_clients_level is venv: give the absolute path"),
        (OURS, {"venv": "/srv/venv"}, "package_clients_venv is given, and package_clients_level is user"),
        (OURS, {"users": ["a b"]}, "package_clients_users has 'a b', which is not the name of a user of Linux."),
        (
            OURS,
            {"clients": ["npm"]},
            "package_clients_indexes has ours of the format python, and package_clients_clients has no client for it",
        ),
        (OURS, {"renewal_interval": "2h"}, "package_clients_renewal_interval is 7200 seconds: give 1m to 30m"),
        (OURS, {"minimum_life": "soon"}, "package_clients_minimum_life 'soon' is not a duration"),
        (OURS, {"environment": {"A B": "c"}}, "package_clients_environment has 'A B', which is not the name"),
        (OURS, {"environment": {"A": 'x"y'}}, "package_clients_environment.A has a quotation mark"),
    ],
)
def test_mistakes(index: dict[str, Any], variables: dict[str, Any], sentence: str) -> None:
    found = mistake(index, **variables)
    assert found.startswith(sentence), found
    assert "hunter2" not in found
    assert "1234" not in found


@pytest.mark.parametrize("password", ["sesame-42", "open\nsesame", "it's a\\sesame"])
@pytest.mark.parametrize("option", ["name", "format", "login", "expires", "scope", "install", "package"])
def test_a_password_that_is_given_twice_is_not_shown(option: str, password: str) -> None:
    ours = {"name": "ours", "url": "https://h.example.com/", "username": "a", "password": password, "keep": True}
    mistakes = plan({**ours, option: password}, {"name": "b"}, clients=[password], level=password)["mistakes"]
    assert len(mistakes) >= 2
    assert "sesame" not in str(mistakes)


def test_mistakes_of_several() -> None:
    found = plan(OURS, {**OURS, "extra": True})["mistakes"]
    assert found == ["box: package_clients_indexes has two entries of the name ours: give each its own."]
    assert "would each be the only python index" in mistake(OURS, THEIRS)
    elsewhere = {"url": "https://x.example/", "username": "u", "keep": True}
    hosts = mistake(
        {**elsewhere, "name": "a", "password": "p"}, {**elsewhere, "name": "b", "password": "q", "extra": True}
    )
    assert "are on the host x.example with different logins" in hosts


@pytest.mark.parametrize("clients", ["pip,uv", " pip, uv", ["pip", "uv"], ["pip", "uv", "pip"]])
def test_clients_are_a_list_however_they_are_given(clients: Any) -> None:
    """Extra variables are texts, and the role's tasks need a list."""
    assert plan(OURS, clients=clients)["clients"] == ["pip", "uv"]


def test_a_timer_gets_values_as_they_are(tmp_path: Path) -> None:
    """A shell reads them as systemd does. Source: systemd.exec, "EnvironmentFile=": "parsing rules of POSIX shell"."""
    given = {"HTTPS_PROXY": r"http://ops:a\b$c`d'e@proxy", "SURE": "100% sure", "END": "\\"}
    template = (ROLE / "templates" / "renewal.env.j2").read_text()
    file = tmp_path / "renewal.env"
    file.write_text(
        Environment(autoescape=False, trim_blocks=True)
        .from_string(template)
        .render(__package_clients_plan={"environment": given})
    )
    command = ["sh", "-c", 'set -a; . "$0"; exec env', file]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    assert {f"{name}={value}" for name, value in given.items()} <= set(done.stdout.splitlines())


def test_only_root_reads_what_has_environment_variables() -> None:
    """A proxy's address may have a password in it. Anybody may read a unit, and ask systemd for its variables."""
    templates = {
        path.name for path in (ROLE / "templates").iterdir() if "__package_clients_plan.environment" in path.read_text()
    }
    written = {}
    for path in (ROLE / "tasks").iterdir():
        for task in yaml.safe_load(path.read_text()):
            if source := task.get("ansible.builtin.template", {}).get("src"):
                written[source] = (task["ansible.builtin.template"]["mode"], task.get("diff"))
    assert templates == {"cron.j2", "renewal.env.j2"}
    assert {written[name] for name in templates} == {("0600", False)}


def test_each_user_has_an_entry_of_cron() -> None:
    """Source: cron(8) of Debian: names of files in /etc/cron.d have letters, digits, underscores and hyphens."""
    path = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__package_clients_cron_file"]
    template = Environment(autoescape=False).from_string(path)
    names = ["a.b", "a_b", "a_2Eb", "a-b", "a__b", "ab", "a$"]
    files = {template.render(__package_clients_cron="/c", __package_clients_account=name) for name in names}
    assert len(files) == len(names)
    for file in files:
        assert re.fullmatch(r"/c/pkgops-package-clients-[A-Za-z0-9_-]+", file)


def test_an_extra_index_is_warned_of() -> None:
    (warning,) = plan(OURS, {**THEIRS, "extra": True})["warnings"]
    assert "dependency confusion" in warning
    assert "virtual repository" in warning
    assert plan(OURS)["warnings"] == []


def ways(found: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(one["index"], one["client"]): one["login"] for one in found["logins"]}


def known(*refused: str, pip: str = "pip 26.3 from", renewal: str = "systemd") -> dict[str, Any]:
    """What a machine is known to have: which indexes its keyring refuses."""
    names = ("ours", "theirs", "npm")
    return {
        "probes": [{"user": "", "index": name, "refused": "No." if name in refused else ""} for name in names],
        "pips": [{"user": "", "version": pip}],
        "renewal": renewal,
    }


def test_the_best_login_that_there_is() -> None:
    everything = {"clients": ["pip", "uv", "twine", "poetry", "npm"]}
    found = plan({**OURS, "publish": True}, NPM, known=known(), **everything)
    assert found["mistakes"] == []
    assert ways(found) == {
        ("ours", "pip"): "keyring",
        ("ours", "uv"): "keyring",
        ("ours", "twine"): "renewed",
        ("ours", "poetry"): "renewed",
        ("npm", "npm"): "renewed",
    }
    assert [one["keyring"] for one in found["config"][0]["indexes"]] == [True, False]
    assert [call["clients"] for call in found["config"]] == [["pip", "uv", "npm"], ["twine", "poetry"]]
    (user,) = found["users"]
    assert [one["name"] for one in user["renewed"]] == ["ours", "npm"]
    assert user["renewed_clients"] == ["twine", "poetry", "npm"]
    assert ways(plan(OURS, known=known(pip="pip 23.0.1 from")))[("ours", "pip")] == "renewed"
    assert ways(plan(OURS, known=known("ours"))) == {("ours", "pip"): "controller", ("ours", "uv"): "controller"}
    assert ways(plan(NPM, clients="npm", known=known(renewal="none"))) == {("npm", "npm"): "controller"}
    # Asked at another address, the keyring does not know it.
    moved = {**OURS, "url": "https://proxy.example.com/simple/"}
    assert ways(plan(moved, known=known())) == {("ours", "pip"): "renewed", ("ours", "uv"): "renewed"}


def test_a_login_that_is_wanted_and_not_there() -> None:
    refused = plan(OURS, login="keyring", known=known("ours"))["mistakes"]
    assert len(refused) == 1
    assert (
        "gets no login for ours from the machine's own identity, which package_clients_login wants: No." in refused[0]
    )
    nobody = plan(NPM, clients="npm", login="renewed", known=known(renewal="none"))["mistakes"]
    assert len(nobody) == 1
    assert "nothing renews a token on the machine" in nobody[0]


def test_intervals() -> None:
    """A metadata server may give out a token that has five minutes left."""
    assert plan(OURS)["minutes"] == 4
    assert plan(THEIRS)["minutes"] == 20
    assert plan(OURS, renewal_interval="10m")["minutes"] == 10


NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_tokens_of_the_controller() -> None:
    groups = plan(THEIRS, login="controller", known=known())["users"][0]["controller"]
    (region,) = controller_tokens.domains(groups)
    assert region == {"region": "eu-west-1", "batch": [{"domain": "demo", "domain_owner": "123456789012"}]}
    answer = {"authorization_token": "secret", "expiration": "2026-01-01T20:00:00Z", "item": region["batch"][0]}
    fetched = [{"item": region, "results": [answer]}]
    found = controller_tokens.with_tokens(groups, fetched, None, "box", minimum_life=3600, now=NOW)
    assert found["mistakes"] == []
    assert found["expires"] == {"theirs": "2026-01-01T20:00:00Z"}
    (login,) = found["groups"][0]["logins"]
    assert (login["username"], login["password"], login["expires"]) == ("aws", "secret", "2026-01-01T20:00:00Z")
    over = controller_tokens.with_tokens(groups, fetched, None, "box", minimum_life=9 * 3600, now=NOW)["mistakes"]
    assert len(over) == 1
    assert "theirs ends at 2026-01-01T20:00:00Z" in over[0]
    assert "secret" not in over[0]

    there = {"kind": "netrc", "target": "demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com", "ours": True}
    for ends, kept in (("2026-01-01T20:00:00Z", True), ("2026-01-01T15:59:59Z", False), (None, False)):
        due = controller_tokens.due(groups, [{**there, "expires": ends}], minimum_life=3600, now=NOW)
        assert due["expires"] == ({"theirs": ends} if kept else {})
        assert due["groups"] == ([] if kept else groups)


@pytest.mark.parametrize(("variables", "left"), [({}, 0), ({"keep": True}, 0), ({}, 3600)])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_password_that_ends_before_the_next_run(variables: dict[str, Any], left: int, state: str) -> None:
    index = {"name": "own", "url": "https://own.example.com/simple/", "username": "ci", "password": "secret"}
    ends = (NOW + timedelta(seconds=1799 + left)).isoformat()
    given = {"indexes": [{**index, "expires": ends, **variables}], "clients": ["pip"], "state": state}
    found = setup_plan.plan({**given, "minimum_life": "30m"}, "box", now=NOW)["mistakes"]
    assert len(found) == (not variables and not left and state == "present")
    assert all("the password for own ends at" in one and "secret" not in one for one in found)


def test_a_token_of_google_is_not_asked_for_in_check_mode() -> None:
    groups = plan(OURS, login="controller", known=known())["users"][0]["controller"]
    nothing = {"token": None, "expires": None}
    found = controller_tokens.with_tokens(groups, [], nothing, "box", minimum_life=1800, now=NOW, check_mode=True)
    assert found["mistakes"] == []
    half = {"token": "secret"}
    found = controller_tokens.with_tokens(groups, [], half, "box", minimum_life=1800, now=NOW, check_mode=True)
    assert "give token and expires" in found["mistakes"][0]


def test_a_token_of_google_must_be_given() -> None:
    groups = plan(OURS, login="controller", known=known())["users"][0]["controller"]
    (missing,) = controller_tokens.with_tokens(groups, [], None, "box", minimum_life=0, now=NOW)["mistakes"]
    assert "give token and expires in package_clients_google_token" in missing
    token = {"token": "secret", "expires": "2026-01-01T13:00:00Z"}
    found = controller_tokens.with_tokens(groups, [], token, "box", minimum_life=1800, now=NOW)
    assert (found["mistakes"], found["expires"]) == ([], {"ours": "2026-01-01T13:00:00Z"})


@pytest.mark.parametrize(
    ("url", "index", "below"),
    [
        ("https://h/a/simple/", "https://h/a/simple/", True),
        ("https://u:p@h/a/simple", "https://h/a/simple/", True),
        ("https://h/a/simple/x/y.whl", "https://h/a/simple", True),
        ("https://h/a/simple-other/", "https://h/a/simple/", False),
        ("http://h/a/simple/", "https://h/a/simple/", False),
        ("https://h:8443/a/simple/", "https://h/a/simple/", False),
        ("https://h.evil.example/a/simple/", "https://h/a/simple/", False),
        # Clients write hosts in lower case, and leave out ports that go without saying.
        ("https://host.example.com/a/", "HTTPS://Host.Example.com:443/a/", True),
        ("http://h/a/", "http://h:80/a", True),
        ("http://h/a/", "http://h:443/a", False),
    ],
)
def test_what_an_index_has(url: str, index: str, below: bool) -> None:
    assert commands.is_below(url, index) is below


def test_texts_in_place_of_lists() -> None:
    """As from the command line, an inventory in INI or a survey of AWX."""
    found = plan(OURS, clients="pip, uv,netrc", users="ada, bea", replace="true", environment=None)
    assert found["clients"] == ["pip", "uv", "netrc"]
    assert found["names"] == ["ada", "bea"]
    assert (found["state"], found["level"], found["replace"], found["environment"]) == ("present", "user", True, {})
    # Nothing after the name of a variable is as if it were not there.
    found = setup_plan.plan({"clients": "pip", "indexes": None, "level": None, "state": None}, "box")
    assert (found["mistakes"], found["places"], found["level"], found["state"]) == ([], [], "machine", "present")


def test_addresses_are_written_as_clients_look_for_them() -> None:
    """npm makes the key of a token of a URL's host and path by the URL standard; netrc is looked up by the host in lower case."""
    ours = {
        "name": "ours",
        "url": "HTTPS://NPM.Example.com:443/Path/",
        "format": "npm",
        "username": "a",
        "password": "b",
        "keep": True,
    }
    (place,) = plan(ours, clients=["npm"])["places"]
    assert place["url"] == "https://npm.example.com/Path/"
    (login,) = logins.read_logins([ours], absent=False)
    assert npmrc.key_of(login.url) == "//npm.example.com/Path/:_authToken"
    (index,) = indexes.read_indexes([{"name": "o", "url": "http://Localhost:80"}])
    assert index.url == "http://localhost"
    (index,) = indexes.read_indexes(
        [{"name": "o", "url": "https://x.example.com:8443/", "publish_url": "https://X.example.com/"}]
    )
    assert (index.url, index.publish_url) == ("https://x.example.com:8443/", "https://x.example.com/")


@pytest.mark.parametrize(
    ("content", "reason"),
    [("#!/gone/python\n", "no such file or directory"), ("\x7fELF garbage", "exec format error")],
)
def test_a_client_that_cannot_be_started_is_one_proof_that_failed(tmp_path: Path, content: str, reason: str) -> None:
    """As a venv's pip after its Python was replaced."""
    broken = tmp_path / "pip"
    broken.write_text(content)
    broken.chmod(0o755)
    wanted = [
        proving.Proof("pip", "p", "https://h.example.com/", str(program)) for program in (broken, tmp_path, "/gone")
    ]
    environment = {"USER": "ada", "PATH": str(tmp_path), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    found = proving.prove_all(
        [*wanted, proving.Proof("pip", "p", "https://h.example.com/")], environment, 5, str(tmp_path)
    )
    assert [one.cause for one in found] == ["missing"] * 4
    assert found[0].msg.startswith(f"pip cannot be started as {broken}: {reason}.")
    assert f"{tmp_path} is no program" in found[1].msg
    assert found[3].msg == found[0].msg


def test_what_leaves_a_client_s_group_keeps_nobody_waiting(tmp_path: Path) -> None:
    """A keyring may start a service, which has the client's output as its own."""
    client = tmp_path / "pip"
    client.write_text("#!/bin/sh\nsetsid sleep 20 &\nsleep 20\n")
    client.chmod(0o755)
    environment = {"USER": "ada", "PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    began = time.monotonic()
    found = proving.prove(
        proving.Proof("pip", "p", "https://h.example.com/", str(client)), environment, 1, str(tmp_path)
    )
    assert found.cause == "timeout"
    assert time.monotonic() - began < 10


def test_options_of_a_proof_that_are_wrong(tmp_path: Path) -> None:
    options: dict[str, Any] = {"proofs": [], "venv": None, "environment": {}, "time_limit": 5}
    for wrong, says in (
        ({"venv": "/srv/gone"}, "/srv/gone is not a virtual environment"),
        ({"venv": "gone"}, "not an absolute path"),
        ({"time_limit": 0}, "time_limit 0 is not accepted: 1 to 86400 seconds are."),
        # More milliseconds than poll(2) takes.
        ({"time_limit": 3_000_000}, "time_limit 3000000 is not accepted"),
        ({"environment": {"A=B": "x"}}, "environment has 'A=B', which cannot be set"),
        ({"environment": {"A": "sesame\0"}}, "environment has 'A', which cannot be set"),
    ):
        with pytest.raises(RegistryAuthError, match=says):
            proving.run_proofs({**options, **wrong}, str(tmp_path))


@given(st.text(), st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_no_sentence_quotes_a_client(before: str, secret: str) -> None:
    """Whatever a client writes: what is told comes from a table."""
    told = {(code, words) for _pattern, code, words in causes._CAUSES} | {causes.cause_of("")}
    assert causes.cause_of(f"{before}401 https://user:{secret}@host/") in told


def test_the_environment_of_a_proof() -> None:
    for wrong in (
        "PIP_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "npm_config_registry",
        "NETRC",
        "PYTHON_KEYRING_BACKEND",
        "PIP_CONFIG_FILE",
    ):
        with pytest.raises(InvalidInput, match=wrong):
            proving.clean_environment({wrong: "x"}, None)
    found = proving.clean_environment({"PIP_CERT": "/ca.pem", "HTTPS_PROXY": "http://p"}, "/srv/venv")
    assert found["VIRTUAL_ENV"] == "/srv/venv"
    assert found["PATH"].startswith("/srv/venv/bin:")
    assert set(found) <= {
        *("PATH", "HOME", "XDG_CONFIG_HOME", "USER", "LOGNAME", "LANG", "LC_ALL"),
        *("PIP_CERT", "HTTPS_PROXY", "VIRTUAL_ENV"),
    }


#: Variables of the task, and those that the proof is given besides.
HOMES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "of the task": ({"HOME": "{}/task"}, {}),
    "of the task, with a folder for settings": ({"HOME": "{}/task", "XDG_CONFIG_HOME": "{}/settings"}, {}),
    # The specification has it ignored.
    "a folder that is not absolute": ({"HOME": "{}/task", "XDG_CONFIG_HOME": "settings"}, {}),
    "none": ({}, {}),
    "an empty one": ({"HOME": ""}, {}),
    "of the user's sessions": ({"HOME": "{}/task"}, {"HOME": "{}/session", "XDG_CONFIG_HOME": "{}/settings"}),
}


@pytest.mark.parametrize("case", HOMES)
def test_clients_look_where_settings_are_written(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip itself says where it looks."""
    task, wanted = ({name: value.format(tmp_path) for name, value in part.items()} for part in HOMES[case])
    for folder in ("task", "session", "settings"):
        (tmp_path / folder).mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in task.items():
        monkeypatch.setenv(name, value)
    around = places.Surroundings.of_process({**os.environ, **wanted})
    written = places.config_place("pip", places.USER, None, around).path
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "debug"],
        env=proving.clean_environment(wanted, None),
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{written}, exists:" in said.stdout


def test_a_home_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """sudo without -H can leave the home of the user who called it, where nothing of ours is written either."""
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    monkeypatch.setenv("HOME", "/")
    with pytest.raises(places.NoFile, match=r"which belongs to .* and not to user 54321"):
        proving.clean_environment({}, None)
