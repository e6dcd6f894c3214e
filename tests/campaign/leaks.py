# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leaks: secrets of every shape through every option that takes one, and a search of all that a run prints, writes and leaves.

Without pipelining, Ansible itself puts options into temporary files, and a task's C(environment) on command lines; neither is done here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from aws_clients import OWNER_KEY
from cloud_control import LocalCloud
from cloud_fixtures import PROJECT
from harness import COLLECTION, LIMIT, TRANSFERRED, Ansible, Given

from campaign import invariants
from campaign.google_worlds import payload
from campaign.modules import Ran
from campaign.places import Search, system_log
from campaign.trials import Bench, Told

MARK = "CAMPAIGN_OF_LEAKS"
_CALLBACKS = (
    "ansible.builtin.default",
    "ansible.builtin.minimal",
    "ansible.builtin.oneline",
    "ansible.posix.json",
    "ansible.posix.debug",
)
_PLACE = {"location": "us-central1", "repository": "mirror"}
_PUBLISHER = {"project": "demo", "owner": "octo-org", "repository": "demo", "workflow": "release.yml"}


def trial(bench: Bench, seed: str, _part: str) -> Told:
    """Run a playbook with new secrets, and look for them everywhere."""
    random = Random(f"leaks|{seed}")
    bench.cloud.reset()
    bench.cloud.clear_calls()
    given = Given(bench.cloud)
    given.secret("token", "earlier")
    given.repository("mirror")
    given.domain("demo", "python")
    # Ansible itself fails on a variable that looks like a template and is none.
    secrets = {name: payload(random).replace("{{", "[") for name in ("payload", "upstream", "password")}
    # These go into headers, which take no white space.
    secrets |= {
        name: f"{name}-{random.getrandbits(80):020x}+/="
        for name in ("token", "aws_secret", "aws_session", "github", "index")
    }
    search = Search(secrets)
    tasks = random.sample(_tasks(bench.cloud), 6)
    if random.random() < 0.2:
        # Its page shows what was found, which the other tasks may have written.
        tasks.append(_report())
    runner = random.random() < 0.3
    told = Told(name=f"{'ansible-runner' if runner else 'ansible-playbook'}: {', '.join(_names(tasks))}")
    with TemporaryDirectory(dir=bench.folder) as ours, TemporaryDirectory(dir=bench.folder) as kept:
        ansible = Ansible(Path(ours), bench.cloud)
        options = Path(kept) / "secrets.json"
        options.write_text(json.dumps({"canary": secrets}))
        run = _run(ansible, tasks, options, random, runner, search, told.problems)
        if not (ansible.folder / "syslog").read_text():
            told.problems.append("nothing was sent to the system log, so it was not searched")
        told.problems += [
            *search.output("stdout", run.stdout),
            *search.output("stderr", run.stderr),
            *search.folder(Path(ours)),
            *search.cloud(bench.cloud),
        ]
        told.problems += invariants.no_traceback(
            invariants.Seen(Ran(None, (run.stdout + run.stderr).decode(errors="replace")), [], {}, {})
        )
        told.notes.append((run.stdout + run.stderr)[-3000:].decode(errors="replace"))
        if (
            b"PLAY RECAP" not in run.stdout
            and not runner
            and b"plays" not in run.stdout
            and run.returncode not in (0, 2)
        ):
            told.problems.append(f"the playbook did not run: {(run.stdout + run.stderr)[-500:]!r}")
    return told


def _report() -> dict[str, Any]:
    """The report of all access, whose page is in the folder that is searched."""
    role = {
        "ansible.builtin.include_role": {"name": f"{COLLECTION}.access_report"},
        "vars": {
            "access_report_project": PROJECT,
            "access_report_domain": "demo",
            "access_report_directory": "{{ playbook_dir }}/report",
        },
    }
    aws = {"access_key": OWNER_KEY, "secret_key": _canary("aws_secret"), "session_token": _canary("aws_session")}
    return {
        "block": [role],
        "rescue": [{"ansible.builtin.debug": {"msg": "there is no report"}}],
        "module_defaults": {f"group/{COLLECTION}.aws": {**aws, "region": "eu-west-1"}},
    }


def _names(tasks: list[dict[str, Any]]) -> list[str]:
    return [key.rpartition(".")[2] for task in tasks for key in task if key.startswith(COLLECTION)]


def _canary(name: str) -> str:
    return f"{{{{ canary.{name} }}}}"


def _tasks(cloud: LocalCloud) -> list[dict[str, Any]]:
    """Each option that takes a secret, in tasks that work, and in such that fail here or there."""
    version = {"secret": "token", "payload": _canary("payload")}
    aws = {
        "access_key": OWNER_KEY,
        "secret_key": _canary("aws_secret"),
        "session_token": _canary("aws_session"),
        "region": "eu-west-1",
    }
    github = {
        "github_token": _canary("github"),
        "api_url": f"{cloud.url}/github",
        "owner": "octo-org",
        "repository": "sampleproject",
    }
    index = {
        "index_url": f"{cloud.upstream_url}/simple/",
        "package": "demo-package",
        "username": "u",
        "password": _canary("password"),
    }
    repository = {**_PLACE, "secret": "token", "token": _canary("upstream")}
    chosen: list[tuple[str, dict[str, Any]]] = [
        ("gcp_secret_version", version),
        ("gcp_secret_version", {**version, "compare": "fingerprint", "without_fingerprint": "add"}),
        ("gcp_secret_version", {"batch": [version, {**version, "secret": "nowhere"}]}),
        ("gcp_secret_version", {"secret": "token", "payload_base64": "{{ canary.payload | b64encode }}"}),
        ("gcp_secret_version", {**version, "access_token": _canary("token")}),
        ("gcp_secret_version", {**version, "unknown": "x"}),
        ("gcp_secret_version", {**version, "payload": [_canary("payload")]}),
        ("gcp_secret_version", {**version, "service_account_contents": _canary("token")}),
        ("gcp_secret_info", {"access_token": _canary("token")}),
        ("gcp_auth_workflow", {"scopes": [{"name": "s", "project": PROJECT, "repositories": [repository]}]}),
        ("gcp_auth_workflow", {"scopes": [{"name": "s", "project": PROJECT, "repositories": [{**repository, "unknown": "x"}]}]}),
        ("package_index_info", index),
        ("package_index_info", {"batch": [{"password": _canary("password")}], **index, "index_url": cloud.url}),
        ("codeartifact_domain_info", {"domain": "demo", **aws}),
        ("codeartifact_domain_policy", {"domain": "demo", "grants": [{"name": "x", "principals": ["*"], "access": ["login"]}], **aws}),
        ("codeartifact_token", {"domain": "demo", "authorization_token": _canary("upstream"), "expiration": "2020-01-01T00:00:00Z", **aws}),
        ("codeartifact_domain_info", {"domain": "demo", **aws, "profile": "nobody"}),
        ("github_environment", {"environment": "x", **github}),
        ("github_file", {"path": "x", "content": "ours", "github_token": [_canary("github")]}),
        ("pypi_trusted_publisher_check", {"id_token": _canary("token"), **_PUBLISHER}),
        ("pypi_oidc_token", {"index": f"{cloud.url}/index", "token": _canary("index"), "state": "absent"}),
    ]  # fmt: skip
    return [
        {f"{COLLECTION}.{module}": options, "ignore_errors": True, "register": "told"} for module, options in chosen
    ]


def _run(
    ansible: Ansible,
    tasks: list[dict[str, Any]],
    options: Path,
    random: Random,
    runner: bool,
    search: Search,
    problems: list[str],
) -> subprocess.CompletedProcess[bytes]:
    show = {"ansible.builtin.debug": {"var": "told"}}
    keep = {"ansible.builtin.set_fact": {"kept": "{{ told }}", "cacheable": True}}
    variables = random.choice(({"ansible_python_interpreter": "{{ ansible_playbook_python }}"}, dict(TRANSFERRED)))
    play = {"hosts": "all", "connection": "local", "gather_facts": False, "vars": variables}
    # Ours send nothing to the system log; this one shows that it is seen.
    play["tasks"] = [{"ansible.builtin.ping": {}}]
    play["tasks"] += [one for task in tasks for one in ((task, show, keep) if "register" in task else (task,))]
    (ansible.folder / "project").mkdir()
    file = ansible.folder / "project" / "play.yml"
    file.write_text(json.dumps([play]))
    mark = uuid4().hex
    environment = {
        **ansible.environment,
        "ANSIBLE_LOG_PATH": str(ansible.folder / "ansible.log"),
        "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,ansible.builtin.tree",
        "JUNIT_OUTPUT_DIR": str(ansible.folder / "junit"),
        "ANSIBLE_CALLBACK_TREE_DIR": str(ansible.folder / "tree"),
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(ansible.folder / "facts"),
        **system_log(ansible.folder),
        MARK: mark,
    }
    if runner:
        line = f"--cmdline=-vvvv --diff --inventory=localhost, --extra-vars=@{options}"
        command = ["ansible-runner", "run", str(ansible.folder), "--playbook=play.yml", line]
    else:
        environment["ANSIBLE_STDOUT_CALLBACK"] = random.choice(_CALLBACKS)
        command = [
            sys.executable,
            "-m",
            "ansible",
            "playbook",
            str(file),
            "--inventory=localhost,",
            "-vvvv",
            "--diff",
            f"--extra-vars=@{options}",
        ]
        command += random.choice(([], ["--check"]))
    with search.processes(f"{MARK}={mark}".encode(), problems):
        return subprocess.run(
            command,
            env=environment,
            cwd=ansible.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
