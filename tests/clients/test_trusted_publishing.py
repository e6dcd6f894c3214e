# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Trusted publishing to the local index, with real uv and twine in the environment of a job, and as the index was observed."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
import requests
from cloud_control import Job, LocalCloud
from cryptography.hazmat.primitives.asymmetric import rsa
from pypi_simple import PyPISimple
from pypitoken import Token
from wheels import build

OBSERVED = json.loads(
    Path(__file__).parents[1].joinpath("unit", "data", "trusted_publishing_vectors.json").read_text("utf-8")
)
PUBLISHER = {
    "project": "our-package",
    "repository_owner": "octo-org",
    "repository_owner_id": "1234",
    "repository_name": "sampleproject",
    "workflow_filename": "release.yml",
    "environment": "release",
}
NOT_FOUND = "valid token, but no corresponding publisher (Publisher with matching claims was not found)"
RELEASE = """\
on: {push: {tags: [v*]}}
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps: []
  publish:
    environment: release
    permissions: {id-token: write}
    steps: []
"""


def in_job(job: Job, directory: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program with what a job has, in a home of its own, and nothing else that it might take a token from."""
    # In one long line each: what is said is looked for.
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory), "COLUMNS": "1000", **job.environment, **more}
    return subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, env=environment, cwd=directory, check=False
    )


def uv_publish(job: Job, directory: Path) -> subprocess.CompletedProcess[str]:
    return in_job(job, directory, "uv", "publish", "--trusted-publishing", "always", "--no-progress")


def twine_upload(job: Job, wheel: Path, token: str) -> subprocess.CompletedProcess[str]:
    options = ("--non-interactive", "--disable-progress-bar", "--verbose")
    login = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": token}
    return in_job(job, wheel.parent.parent, "twine", "upload", *options, str(wheel), **login)


def id_token(job: Job) -> str:
    """The job's ID token, as GitHub's documentation says how to get it."""
    variables = job.environment
    answer = requests.get(
        f"{variables['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=pypi",
        headers={"Authorization": f"Bearer {variables['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"},
        timeout=10,
    )
    answer.raise_for_status()
    token: str = answer.json()["value"]
    return token


def mint(cloud: LocalCloud, token: Any, place: str = "_/oidc/mint-token") -> requests.Response:
    return requests.post(f"{cloud.url}/{place}", json={"token": token}, timeout=10)


def page(cloud: LocalCloud, project: str = "our-package") -> dict[str, Any]:
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    answer = requests.get(f"{cloud.url}/index/simple/{project}/", headers=accept, timeout=10)
    answer.raise_for_status()
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.fixture
def published(cloud: LocalCloud) -> LocalCloud:
    """An index whose project trusts a workflow."""
    cloud.set_up_index(publishers=[PUBLISHER])
    return cloud


def test_uv_publishes_with_nothing_but_the_job(published: LocalCloud, tmp_path: Path) -> None:
    wheel = build(tmp_path)
    job = published.start_job(environment="release")
    attestation = published.attest(job, wheel)
    Path(f"{wheel}.publish.attestation").write_text(json.dumps(attestation))
    done = uv_publish(job, tmp_path)
    assert done.returncode == 0, done.stderr

    (file,) = page(published)["files"]
    assert (file["filename"], file["requires-python"]) == (wheel.name, ">=3.9")
    content = requests.get(file["url"], timeout=10).content
    assert content == wheel.read_bytes()
    with PyPISimple(f"{published.url}/index/simple/") as reader:
        (package,) = reader.get_project_page("Our_Package").packages
        provenance = reader.get_provenance(package, verify=False)
    assert provenance == requests.get(file["provenance"], timeout=10).json()
    (bundle,) = provenance["attestation_bundles"]
    assert bundle["publisher"] == {
        "kind": "GitHub",
        "claims": None,
        "repository": "octo-org/sampleproject",
        "workflow": "release.yml",
        "environment": "release",
    }
    assert bundle["attestations"] == [attestation]
    calls = [
        (call["method"], call["caller"], call["status"]) for call in published.calls() if "index." in call["method"]
    ]
    assert calls[:4] == [
        ("index.Audience", "", 200),
        ("index.MintToken", "", 200),
        ("index.Upload", "octo-org/sampleproject", 200),
        ("index.BurnToken", "", 202),
    ]


def test_a_wrong_environment_is_the_indexs_own_error(published: LocalCloud, tmp_path: Path) -> None:
    build(tmp_path)
    done = uv_publish(published.start_job(environment="pypi"), tmp_path)
    assert done.returncode != 0
    assert "invalid-publisher" in done.stderr
    assert NOT_FOUND in done.stderr
    assert page(published)["files"] == []


def test_the_job_is_what_its_workflow_file_says(published: LocalCloud, tmp_path: Path) -> None:
    """GitHub's own example forgets the environment; a job without the permission gets no token at all."""
    build(tmp_path)
    path = ".github/workflows/release.yml"

    def publish(workflow: str, job: str = "publish") -> subprocess.CompletedProcess[str]:
        published.set_up_github(repositories=[{"full_name": "octo-org/sampleproject", "files": {path: workflow}}])
        return uv_publish(published.start_job(job=job), tmp_path)

    assert "invalid-publisher" in publish(RELEASE.replace("    environment: release\n", "")).stderr
    assert "id-token: write" in publish(RELEASE, job="build").stderr
    assert publish(RELEASE).returncode == 0
    # It referred to an environment that was not there, and so made it, unprotected.
    made = published.call("octocat", "GET", "github/repos/octo-org/sampleproject/environments/release")
    assert made["protection_rules"] == []


def test_an_environment_takes_its_own_refs_alone(published: LocalCloud) -> None:
    published.set_up_github(repositories=[{"full_name": "octo-org/sampleproject", "tags": ["v1", "x1"]}])
    environment = "github/repos/octo-org/sampleproject/environments/release"
    custom = {"protected_branches": False, "custom_branch_policies": True}
    published.call("octocat", "PUT", environment, {"deployment_branch_policy": custom})
    published.call("octocat", "POST", f"{environment}/deployment-branch-policies", {"name": "v*", "type": "tag"})
    assert published.start_job(environment="Release", ref="v1").environment["GITHUB_REF_TYPE"] == "tag"
    for ref, kind in (("main", "Branch"), ("x1", "Tag")):
        wanted = {"repository": "octo-org/sampleproject", "environment": "release", "ref": ref}
        refused = requests.post(f"{published.url}/_local/github/runs", json=wanted, timeout=10)
        sentence = f'{kind} "{ref}" is not allowed to deploy to release due to environment protection rules.'
        assert (refused.status_code, refused.json()["error"]["message"]) == (400, sentence)


def test_twine_publishes_with_a_minted_token(published: LocalCloud, tmp_path: Path) -> None:
    wheel = build(tmp_path)
    job = published.start_job(environment="release")
    answer = mint(published, id_token(job))
    assert (answer.status_code, set(answer.json())) == (200, {"success", "token", "expires"})
    assert 0 < answer.json()["expires"] - time.time() <= 900
    token = answer.json()["token"]
    assert re.fullmatch("pypi-[A-Za-z0-9-_]{85,}", token)
    done = twine_upload(job, wheel, token)
    assert done.returncode == 0, done.stdout
    # Once more the same is fine, another content is not; nor is another project, nor the token once it is burnt.
    assert twine_upload(job, wheel, token).returncode == 0
    wheel.write_bytes(build(tmp_path, "1.0.0").read_bytes() + b"\0")
    assert "File already exists" in twine_upload(job, wheel, token).stdout
    published.set_up_index(projects=[{"name": "other"}])
    assert "token is not valid for project: 'other'" in twine_upload(job, build(tmp_path, name="other"), token).stdout
    strange = twine_upload(job, build(tmp_path, name="unknown"), token).stdout
    assert "Non-user identities cannot create new projects." in strange
    for _time in range(2):
        burnt = requests.post(f"{published.url}/_/oidc/burn-token", json={"token": token}, timeout=10)
        assert (burnt.status_code, burnt.json()) == (202, {"message": "Accepted", "errors": []})
    done = twine_upload(job, build(tmp_path, "1.1.0"), token)
    assert (done.returncode, "Invalid or non-existent authentication information." in done.stdout) == (1, True)
    assert token not in json.dumps(published.calls())


def test_twine_with_tokens_of_users(cloud: LocalCloud, tmp_path: Path) -> None:
    job, wheel = cloud.start_job(), build(tmp_path)
    whole = cloud.upload_token("ada")
    assert "Invalid or non-existent" in twine_upload(job, wheel, "pypi-" + "A" * 90).stdout
    assert "signatures do not match" in twine_upload(job, wheel, whole[:-8] + "AAAAAAAA").stdout
    # Who uploads first owns the project.
    assert twine_upload(job, wheel, whole).returncode == 0
    described = requests.get(f"{cloud.url}/index/pypi/our-package/json", timeout=10).json()
    assert described["ownership"]["roles"] == [{"role": "Owner", "user": "ada"}]
    later = build(tmp_path, "1.1.0")
    assert "isn't allowed to upload" in twine_upload(job, later, cloud.upload_token("bob")).stdout
    # Holders may narrow a token; nobody may widen one.
    narrowed = Token.load(whole)
    narrowed.restrict(project_names=["other"])
    assert "not valid for project: 'our-package'" in twine_upload(job, later, narrowed.dump()).stdout
    expired = Token.load(whole)
    expired.restrict(not_before=1, not_after=2)
    assert "token is expired" in twine_upload(job, later, expired.dump()).stdout
    scoped = cloud.upload_token("ada", ["our-package"])
    assert [type(restriction).__name__ for restriction in Token.load(scoped).restrictions] == [
        "ProjectNamesRestriction",
        "ProjectIDsRestriction",
    ]
    assert twine_upload(job, later, scoped).returncode == 0
    assert page(cloud)["versions"] == ["1.0.0", "1.1.0"]


def played(override: dict[str, Any]) -> dict[str, Any]:
    """The claims of a vector, as its note says how."""
    now = int(time.time())
    claims = {**OBSERVED["base_claims"], "iat": now, "nbf": now, "exp": now + 300, "jti": str(uuid4()), **override}
    for name, value in list(claims.items()):
        if value == "...delete...":
            del claims[name]
        elif isinstance(value, str) and (later := re.fullmatch(r"now([+-]\d+)", value)):
            claims[name] = now + int(later[1])
    return claims


@pytest.mark.parametrize("vector", OBSERVED["vectors"], ids=lambda vector: vector["name"])
def test_answers_as_observed(cloud: LocalCloud, vector: dict[str, Any]) -> None:
    cloud.set_up_index(publishers=OBSERVED["publishers"])
    answer = mint(cloud, cloud.sign(played(vector["override"])))
    assert answer.status_code == vector["status"]
    if vector["status"] == 422:
        error = {"code": vector["code"], "description": vector["description"]}
        assert answer.json() == {"message": "Token request failed", "errors": [error]}
    elif vector["status"] == 200:
        ids = json.loads(_caveats(answer.json()["token"])[1])[1]
        assert len(ids) == len(vector["projects"])


def _caveats(token: str) -> list[str]:
    raw = base64.urlsafe_b64decode(token.removeprefix("pypi-") + "==")
    return [found.decode() for found in re.findall(rb"\[\d[^\0]*\]", raw)]


def refused(answer: requests.Response) -> tuple[int, str, str]:
    (error,) = answer.json()["errors"]
    return answer.status_code, error["code"], error["description"]


def test_tokens_of_other_keys_and_none(published: LocalCloud) -> None:
    good = id_token(published.start_job(environment="release"))
    claims = jwt.decode(good, options={"verify_signature": False})
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kid = jwt.get_unverified_header(good)["kid"]
    invalid = (422, "invalid-token", "malformed or invalid token")
    forged = [
        jwt.encode(claims, key, "RS256", headers={"kid": kid}),
        jwt.encode(claims, key, "RS256", headers={"kid": "another"}),
        jwt.encode(claims, key, "RS256"),
        jwt.encode(claims, None, "none", headers={"kid": kid}),
        good[:-4] + "AAAA",
    ]
    assert [refused(mint(published, token)) for token in forged] == [invalid] * len(forged)
    assert refused(mint(published, "no.jwt")) == (422, "invalid-payload", "malformed JWT")
    for wrong in (None, 5, ["x"]):
        assert refused(mint(published, wrong))[:2] == (422, "invalid-payload")
    assert mint(published, good, "index/_/oidc/github/mint-token").status_code == 200
    assert refused(mint(published, good)) == (422, "invalid-reuse-token", "invalid token: already used")
    assert requests.get(f"{published.url}/_/oidc/mint-token", timeout=10).status_code == 405


def test_a_pending_publisher_makes_its_project(cloud: LocalCloud, tmp_path: Path) -> None:
    cloud.set_up_index(publishers=[{**PUBLISHER, "pending": True}])
    assert requests.get(f"{cloud.url}/index/simple/our-package/", timeout=10).status_code == 404
    build(tmp_path)
    assert uv_publish(cloud.start_job(environment="release"), tmp_path).returncode == 0
    assert [(found["project"], found["pending"]) for found in cloud.publishers()] == [("our-package", False)]
    cloud.set_up_index(publishers=[{**PUBLISHER, "pending": True}])
    again = mint(cloud, id_token(cloud.start_job(environment="release")))
    assert refused(again)[1:] == ("invalid-pending-publisher", "valid token, but project already exists")


def test_a_person_registers_a_publisher(cloud: LocalCloud, tmp_path: Path) -> None:
    cloud.set_up_index(projects=[{"name": "our-package", "owners": ["ada"]}])
    link = f"{cloud.url}/index/manage/project/our-package/settings/publishing/"
    fields = {
        "owner": "Octo-Org",
        "repository": "sampleproject",
        "workflow_filename": "release.yml",
        "environment": "Release",
    }
    form = requests.get(link, params={"provider": "github", **fields}, timeout=10).text
    assert all(f'name="{name}" value="{value}"' in form for name, value in fields.items())
    for wrong, problem in (
        ({"owner": "nobody"}, "Unknown GitHub user"),
        ({"workflow_filename": "a/b.yml"}, "without directories"),
    ):
        answer = requests.post(link, data=fields | wrong, timeout=10)
        assert (answer.status_code, problem in answer.text) == (400, True)
    assert requests.post(link, data=fields, timeout=10).status_code == 200
    assert cloud.publishers() == [{**PUBLISHER, "pending": False}]
    coming = f"{cloud.url}/index/manage/account/publishing/"
    assert 'name="project_name" value=""' in requests.get(coming, timeout=10).text
    assert requests.post(coming, data={**fields, "project_name": "our-package"}, timeout=10).status_code == 400
    assert requests.post(coming, data={**fields, "project_name": "new"}, timeout=10).status_code == 200
    assert [found["project"] for found in cloud.publishers() if found["pending"]] == ["new"]


def test_attestations_that_do_not_fit_are_refused(published: LocalCloud, tmp_path: Path) -> None:
    wheel = build(tmp_path)
    sidecar = Path(f"{wheel}.publish.attestation")
    job = published.start_job(environment="release")
    other_workflow = published.start_job(workflow="other.yml", environment="release")
    other_file = build(tmp_path, "9.9.9")
    tampered = published.attest(job, wheel)
    tampered["envelope"]["signature"] = published.attest(job, wheel)["envelope"]["signature"]
    other = published.attest(job, other_file)
    other_file.unlink()
    cases = [
        (published.attest(other_workflow, wheel), "Build Config URI does not match"),
        (other, "subject does not match distribution"),
        (tampered, "invalid signature"),
        ({"version": 1}, "Malformed attestations"),
    ]
    for attestation, problem in cases:
        sidecar.write_text(json.dumps(attestation))
        done = uv_publish(published.start_job(environment="release"), tmp_path)
        assert (done.returncode != 0, problem in done.stderr) == (True, True), done.stderr
    assert page(published)["files"] == []
    # Whoever publishes with a token has nobody to attest anything.
    published.set_up_index(projects=[{"name": "our-package", "owners": ["ada"]}])
    sidecar.write_text(json.dumps(published.attest(job, wheel)))
    options = ("--non-interactive", "--disable-progress-bar", "--attestations", "--verbose")
    login = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": published.upload_token("ada")}
    done = in_job(job, tmp_path, "twine", "upload", *options, str(wheel), str(sidecar), **login)
    assert "Attestations are only supported when using Trusted Publishing" in done.stdout
    assert page(published)["files"] == []


def test_provenance_of_what_has_none(published: LocalCloud, tmp_path: Path) -> None:
    wheel = build(tmp_path)
    assert uv_publish(published.start_job(environment="release"), tmp_path).returncode == 0
    (file,) = page(published)["files"]
    assert file["provenance"] is None
    root = f"{published.url}/index/integrity/our-package/1.0.0"
    answer = requests.get(f"{root}/{wheel.name}/provenance", timeout=10)
    assert (answer.status_code, answer.json()) == (404, {"message": f"No provenance available for {wheel.name}"})
    missing = requests.get(f"{root}/other.whl/provenance", timeout=10)
    assert (missing.status_code, missing.headers["Content-Type"].partition(";")[0]) == (404, "text/html")
    other = requests.get(f"{root}/{wheel.name}/provenance", headers={"Accept": "text/plain"}, timeout=10)
    assert other.status_code == 406


def test_id_tokens_can_be_verified_as_github_says(cloud: LocalCloud) -> None:
    job = cloud.start_job(environment="release", claims={"actor": None, "ref_protected": "true"})
    token = id_token(job)
    configuration = requests.get(
        cloud.endpoint("github/_services/token/.well-known/openid-configuration"), timeout=10
    ).json()
    key = jwt.PyJWKClient(configuration["jwks_uri"]).get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["RS256"], audience="pypi", issuer=configuration["issuer"])
    assert claims["sub"] == "repo:octo-org/sampleproject:environment:release"
    assert ("actor" in claims, claims["ref_protected"], claims["repository_owner_id"]) == (False, "true", "1234")
    url = job.environment["ACTIONS_ID_TOKEN_REQUEST_URL"]
    assert requests.get(url, timeout=10).status_code == 401
    authorization = {"Authorization": f"Bearer {job.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    default = requests.get(url, headers=authorization, timeout=10).json()["value"]
    assert jwt.decode(default, options={"verify_signature": False})["aud"] == "https://github.com/octo-org"


def test_a_shell_becomes_the_job(cloud: LocalCloud) -> None:
    started = requests.post(
        f"{cloud.url}/_local/github/runs.sh", json={"repository": "octo-org/sampleproject"}, timeout=10
    )
    script = f'{started.text}\nprintf %s "$GITHUB_REPOSITORY $GITHUB_REF"'
    done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "octo-org/sampleproject refs/heads/main"
