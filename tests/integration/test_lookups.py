# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lookups of credentials, and the module of CodeArtifact's tokens: what is read, how often, what is said, and what is not shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_clients import ACCOUNT, BOB_KEY
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, PROJECT
from harness import COLLECTION, TRANSFERRED, Ansible, Given, Task, task

pytestmark = pytest.mark.thorough

SECRET, TOKEN = f"{COLLECTION}.gcp_secret_version", f"{COLLECTION}.codeartifact_token"
PAYLOADS = ("the first canary payload", "the second canary payload")
#: What is not text.
BYTES = b"\x00\xff"


@pytest.fixture
def there(given: Given) -> None:
    """What the lookups read."""
    given.secret("token", *PAYLOADS)
    given.secret("other", "the other canary payload")
    given.secret("empty")
    given.call(f"secretmanager/v1/projects/{PROJECT}/secrets/empty:addVersion", {"payload": {"data": "AP8="}})
    given.call(f"secretmanager/v1/projects/{PROJECT}/secrets/other/versions/1:disable", {})
    given.domain("demo", "python")
    given.domain("tools")
    given.identity(BOB_KEY, f"arn:aws:iam::{ACCOUNT}:user/bob")


def keep(path: Path, **values: str) -> Task:
    """Write values to a file, unseen."""
    content = "{{ {" + ", ".join(f"'{name}': {value}" for name, value in values.items()) + "} | to_json }}"
    copy = {"content": content, "dest": str(path), "mode": "0600"}
    return {"name": "Keep", "ansible.builtin.copy": copy, "no_log": True, "diff": False}


def secret(*terms: str, query: bool = False, **options: Any) -> str:
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    return f"{'query' if query else 'lookup'}('{SECRET}', {', '.join(map(repr, terms))}{given})"


@pytest.mark.usefixtures("there")
def test_what_is_read_and_how_often(ansible: Ansible, cloud: LocalCloud, tmp_path: Path) -> None:
    """Once in a task, however often it is mentioned; anew in the next one."""
    named = f"projects/{NUMBER}/secrets/token"
    several = secret("token", f"{named}/versions/1", "token", query=True)
    variables = {
        "password": f"{{{{ {secret('token')} }}}}",
        "login": f"{{{{ lookup('{TOKEN}', 'demo', duration='15m') }}}}",
        "logins": f"{{{{ query('{TOKEN}', 'demo', 'tools') }}}}",
    }
    cloud.clear_calls()
    run = ansible.play(
        [
            keep(tmp_path / "once", three="[password, password, password]", logins="[login, login]"),
            keep(
                tmp_path / "again",
                several=several,
                first=secret(named, version="1"),
                bytes=secret("empty", base64=True),
                login="login",
                logins="logins",
            ),
            {"name": "Skip", "ansible.builtin.debug": {"msg": "{{ password }}"}, "when": "password is none"},
        ],
        vars=variables,
    )
    assert run.code == 0, run.tail
    once, again = (json.loads((tmp_path / name).read_text()) for name in ("once", "again"))
    assert once["three"] == [PAYLOADS[1]] * 3
    assert again["several"] == [PAYLOADS[1], PAYLOADS[0], PAYLOADS[1]]
    assert (again["first"], again["bytes"]) == (PAYLOADS[0], "AP8=")
    tokens = [*once["logins"], again["login"], *again["logins"]]
    assert tokens[0] == tokens[1]
    # One that is to be valid for longer is another one.
    assert len(set(tokens)) == 4
    accessed = sorted(call["resource"] for call in cloud.calls("AccessSecretVersion"))
    latest = f"projects/{PROJECT}/secrets/token/versions/latest"
    empty = f"projects/{PROJECT}/secrets/empty/versions/latest"
    # The newest in the file of the first task, that of the second, and the condition of the third.
    assert accessed == [f"{named}/versions/1", empty, latest, latest, latest]
    assert len(cloud.calls("codeartifact.GetAuthorizationToken")) == 4


#: Expressions that fail, and what is said.
FAILURES = {
    secret("nowhere"): f"projects/{PROJECT}/secrets/nowhere/versions/latest does not exist.",
    secret("token", version="9"): f"projects/{PROJECT}/secrets/token/versions/9 does not exist.",
    secret("to ken"): "secret 'to ken' is not a secret's id",
    secret("token", version="a b"): "is not a secret version's name",
    secret(f"projects/{NUMBER}/secrets/token/versions/1", version="1"): "names a version already",
    secret("other"): f"projects/{PROJECT}/secrets/other/versions/latest is disabled: its payload cannot be read.",
    secret("empty"): "is not text in UTF-8: read it with base64=true.",
    secret("token", access_token="user:stranger@example.com"): "The permission secretmanager.versions.access",
    secret("token", project="No Project"): "project 'No Project' is not a project",
    secret("token", service_account_file="/nowhere"): "service_account_file '/nowhere' cannot be read",
    f"lookup('{TOKEN}', 'nowhere')": "There is no domain nowhere",
    f"lookup('{TOKEN}', 'De mo')": "domain 'De mo' is not a domain's name",
    f"lookup('{TOKEN}', 'demo', duration='1m')": "duration '1m' is not accepted by CodeArtifact",
    f"lookup('{TOKEN}', 'demo', access_key='{BOB_KEY}', secret_key='x')": "The permission codeartifact:GetAuthorizationToken",
    f"lookup('{TOKEN}', 'demo', profile='x', access_key='y')": "Passing both a profile and access tokens is not supported",
}


@pytest.mark.usefixtures("there")
def test_failures(ansible: Ansible, subtests: pytest.Subtests) -> None:
    """One sentence each, in which no payload is; ignored, there is nothing, and the play goes on."""
    shown = [{"name": "Show", "ansible.builtin.debug": {"msg": f"{{{{ {one} }}}}"}} for one in FAILURES]
    ignored = [
        {"name": "Show", "ansible.builtin.debug": {"msg": f"{{{{ ({one[:-1]}, errors='ignore')) is none }}}}"}}
        for one in FAILURES
    ]
    results = ansible.results([*shown, *ignored])
    for (expression, says), failed, without in zip(FAILURES.items(), results, results[len(FAILURES) :], strict=False):
        with subtests.test(expression):
            assert failed["failed"]
            assert says in failed["msg"], failed["msg"]
            assert "Traceback" not in json.dumps(failed)
            assert "canary" not in json.dumps(failed)
            assert not without.get("failed"), without
            assert without["msg"] is True


@pytest.mark.parametrize("variables", [{}, TRANSFERRED], ids=["in a fork", "transferred"])
@pytest.mark.usefixtures("there")
def test_nothing_is_shown_or_kept(ansible: Ansible, tmp_path: Path, variables: dict[str, str]) -> None:
    """At any verbosity: of the module also without no_log, since whoever uses it may forget."""
    expires = "{{ login.expiration }}"
    held = {"authorization_token": "{{ login.authorization_token }}", "expiration": expires}
    old = {**held, "expiration": "2000-01-01T00:00:00Z"}
    log = tmp_path / "ansible.log"
    run = ansible.play(
        [
            {**task("codeartifact_token", domain="demo"), "register": "login"},
            {**task("codeartifact_token", domain="demo", **held), "register": "same"},
            {**task("codeartifact_token", batch=[{"domain": "demo", **held}, {"domain": "tools"}]), "register": "many"},
            {**task("codeartifact_token", domain="nowhere", **old), "ignore_errors": True},
            {**task("codeartifact_token", domain="demo", unknown_option="x", **held), "ignore_errors": True},
            keep(
                tmp_path / "kept",
                login="login.authorization_token",
                same="same.authorization_token",
                many="many.results | map(attribute='authorization_token') | list",
                changed="[login.changed, same.changed, many.changed]",
                looked_up=f"lookup('{TOKEN}', 'demo')",
                payload=secret("token"),
            ),
        ],
        "-vvvv",
        "--diff",
        env={"ANSIBLE_LOG_PATH": str(log)},
        vars=variables,
    )
    assert run.code == 0, run.tail
    kept = json.loads((tmp_path / "kept").read_text())
    assert kept["same"] == kept["login"] == kept["many"][0]
    assert kept["changed"] == [True, False, True]
    secrets = {kept["login"], kept["many"][1], kept["looked_up"], kept["payload"]}
    assert len(secrets) == 4
    for one in secrets:
        assert one not in run.stdout + run.stderr + log.read_text()
        files = [file for file in tmp_path.rglob("*") if file.is_file() and file.name != "kept"]
        assert [file for file in files if one.encode() in file.read_bytes()] == []
    assert "the output has been hidden" in run.stdout
    # What fails has no token, and says why.
    assert "There is no domain nowhere" in run.stdout
