# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a job to the index and back: the modules, and real twine and uv with the token that they had."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from cloud_control import Job, LocalCloud
from harness import TRANSFERRED, Ansible, Task, task
from wheels import build

PUBLISHER = {
    "project": "our-package",
    "repository_owner": "octo-org",
    "repository_owner_id": "1234",
    "repository_name": "sampleproject",
    "workflow_filename": "release.yml",
    "environment": "release",
}
EXPECTED = {"owner": "octo-org", "repository": "sampleproject", "workflow": "release.yml", "environment": "release"}
TOKEN = "{{ upload.upload_token.token }}"


@pytest.fixture
def index(cloud: LocalCloud) -> str:
    """An index whose project trusts a workflow."""
    cloud.set_up_index(publishers=[PUBLISHER])
    return f"{cloud.url}/index"


def uploads(job: Job, folder: Path) -> list[Task]:
    """Each client uploads a version of its own, with its attestation, and nothing but the token."""
    twine = ["twine", "upload", "--non-interactive", "--attestations", *map(str, sorted(folder.glob("twine/dist/*")))]
    uv = [
        "uv",
        "publish",
        "--trusted-publishing",
        "never",
        "--no-progress",
        *map(str, sorted(folder.glob("uv/dist/*"))),
    ]
    clients = (twine, {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": TOKEN}), (uv, {"UV_PUBLISH_TOKEN": TOKEN})
    kept = {
        name: job.environment[name]
        for name in ("UV_PUBLISH_URL", "TWINE_REPOSITORY_URL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
    }
    return [
        {
            "name": f"Upload with {argv[0]}",
            "ansible.builtin.command": {"argv": [sys.executable, "-m", *argv]},
            "environment": {**kept, **login},
            "no_log": True,
        }
        for argv, login in clients
    ]  # fmt: skip


def look(index: str, **options: Any) -> Task:
    return task("pypi_provenance_info", index=index, project="Our_Package", **{**EXPECTED, **options})


def test_a_token_publishes_and_provenance_says_who(
    ansible: Ansible, cloud: LocalCloud, index: str, tmp_path: Path
) -> None:
    job = cloud.start_job(environment="release")
    for client, version in ("twine", "1.0.0"), ("uv", "1.1.0"):
        (tmp_path / client).mkdir()
        wheel = build(tmp_path / client, version)
        Path(f"{wheel}.publish.attestation").write_text(json.dumps(cloud.attest(job, wheel)))
    cloud.clear_calls()
    ansible.environment |= job.environment
    burn = task("pypi_oidc_token", index=index, token=TOKEN, state="absent")
    results = ansible.results(
        [
            {**task("pypi_oidc_token", index=index), "check_mode": True},
            task("pypi_oidc_token", index=index),
            {"name": "Keep it", "ansible.builtin.set_fact": {"upload": "{{ result_1 }}"}, "no_log": True},
            *uploads(job, tmp_path),
            {**burn, "check_mode": True},
            burn,
            uploads(job, tmp_path)[0],
            look(index, version="1.0", verify=False),
            look(index, filename="our_package-1.1.0-py3-none-any.whl", download=True),
            look(index, version="1.0.0", verify=False, environment="pypi", workflow="Release.yml"),
            look(index, version="2.0"),
            look(index, version="1.0.0", verify=False, batch=[{}, {"project": "nowhere"}, {"version": "1.1"}]),
        ]
    )
    checked, minted, _kept, twine, uv, unburnt, burnt, again, stated, verified, other, missing, several = results
    assert checked["skipped"]
    assert "Not run in check mode: asking for a token uses the ID token up" in checked["msg"]
    assert minted["changed"]
    assert minted["upload_token"]["username"] == "__token__"
    assert minted["upload_token"]["expires_at"].endswith("Z")
    assert not twine.get("failed"), twine
    assert not uv.get("failed"), uv
    assert unburnt["skipped"]
    assert burnt["changed"]
    assert again["failed"]
    called = [call["method"].removeprefix("index.") for call in cloud.calls() if call["method"].startswith("index.")]
    assert called[:5] == ["Audience", "MintToken", "Upload", "Upload", "BurnToken"]

    assert (stated["changed"], stated["valid"], stated["findings"]) == (False, True, [])
    publisher = {"kind": "GitHub", "repository": "octo-org/sampleproject", "workflow": "release.yml"}
    assert stated["publishers"] == [{**publisher, "environment": "release"}]
    assert "no attestation was verified" in stated["not_proved"][0]
    # Nobody whom anyone trusts issued the local cloud's certificates.
    assert [problem["code"] for problem in verified["findings"]] == ["not-verified"]
    assert not verified["files"][0]["verified"]
    assert [problem["code"] for problem in other["findings"]] == ["workflow-differs", "environment-differs"]
    assert "(the case differs)" in other["findings"][0]["message"]
    assert [problem["code"] for problem in missing["findings"]] == ["not-found"]
    assert [result["valid"] for result in several["results"]] == [True, False, True]


def test_refusals_say_what_to_do(ansible: Ansible, cloud: LocalCloud, index: str) -> None:
    """With the index's own codes; a wrong environment is the mistake of the guide's own example."""
    ansible.environment |= cloud.start_job(environment="pypi").environment
    wrong, twice, again = ansible.results(
        [
            task("pypi_oidc_token", index=index),
            *2 * [task("pypi_oidc_token", index=index, id_token=fresh(cloud))],
        ]
    )
    assert wrong["failed"]
    assert wrong["failure"] == {"code": "invalid-publisher", "target": f"an upload token of {index}"}
    assert "workflow 'release.yml' and environment 'pypi'" in wrong["msg"]
    assert twice["changed"]
    assert again["failure"]["code"] == "invalid-reuse-token"
    assert again["msg"].endswith("Take a fresh ID token in the job that publishes, made for this index.")


def fresh(cloud: LocalCloud) -> str:
    """An ID token of a job that may publish."""
    variables = cloud.start_job(environment="release").environment
    answer = requests.get(
        f"{variables['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=pypi",
        headers={"Authorization": f"Bearer {variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
        timeout=10,
    )
    return str(answer.json()["value"])


@pytest.mark.parametrize("variables", [{}, TRANSFERRED], ids=["in a fork", "transferred"])
def test_the_token_is_not_shown(
    ansible: Ansible, cloud: LocalCloud, index: str, tmp_path: Path, variables: dict[str, str]
) -> None:
    """Also without no_log, at any verbosity: that is up to the module, since whoever uses it may forget."""
    job = cloud.start_job(environment="release").environment
    kept = {"content": TOKEN, "dest": str(tmp_path / "kept"), "mode": "0600"}
    of_batch = "{{ many.results | map(attribute='upload_token') | map(attribute='token') | join(' ') }}"
    kept_too = {**kept, "content": of_batch, "dest": str(tmp_path / "kept-too")}
    tasks = [
        {**task("pypi_oidc_token", index=index), "register": "upload"},
        {"name": "Keep it for the test", "ansible.builtin.copy": kept, "no_log": True, "diff": False},
        task("pypi_oidc_token", index=index, token=TOKEN, state="absent"),
        {**task("pypi_oidc_token", index=index, token=TOKEN), "ignore_errors": True},
        {**task("pypi_oidc_token", batch=[{"index": index}, {"index": f"{index}/"}]), "register": "many"},
        {"name": "Keep those of a batch", "ansible.builtin.copy": kept_too, "no_log": True, "diff": False},
    ]
    log = tmp_path / "ansible.log"
    env = {name: value for name, value in job.items() if name.startswith("ACTIONS_")} | {"ANSIBLE_LOG_PATH": str(log)}
    run = ansible.play(tasks, "-vvvv", "--diff", env=env, vars=variables)
    assert run.code == 0, run.tail
    token = (tmp_path / "kept").read_text()
    assert token.startswith("pypi-")
    several = (tmp_path / "kept-too").read_text().split()
    assert len({token, *several}) == 3
    for secret in token, *several, env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]:
        assert secret not in run.stdout + run.stderr + log.read_text()
        files = [file for file in tmp_path.rglob("*") if file.is_file() and not file.name.startswith("kept")]
        assert [file for file in files if secret.encode() in file.read_bytes()] == []
    assert "the output has been hidden" in run.stdout
    # What fails has no token, and says why.
    assert "token is the upload token to take back" in run.stdout
