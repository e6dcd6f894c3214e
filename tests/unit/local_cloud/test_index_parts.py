# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of the local cloud's index: upload tokens, trusted publishing, attestations and pages."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from pymacaroons import Macaroon

from local_cloud.platform.errors import ApiError
from local_cloud.services.github import runs, setup
from local_cloud.services.github.attestations import attest
from local_cloud.services.github.id_tokens import SigningKey, configuration
from local_cloud.services.github.store import GitHub
from local_cloud.services.index import pages, registration, trusted_publishing, upload_tokens
from local_cloud.services.index.attestations import AttestationError, provenance
from local_cloud.services.index.publishers import Publisher
from local_cloud.services.index.store import File, Index

OBSERVED = json.loads(Path(__file__).parents[1].joinpath("data", "trusted_publishing_vectors.json").read_text("utf-8"))
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
KEY = SigningKey()
PUBLISHER = Publisher("ours", "octo-org", "sampleproject", "release.yml", "release", owner_id="1234")
ENTRY = {
    "project": "ours",
    "repository_owner": "octo-org",
    "repository_owner_id": "1234",
    "repository_name": "sampleproject",
    "workflow_filename": "release.yml",
    "environment": "Release",
}


@pytest.fixture
def index() -> Index:
    index = Index()
    registration.replace_all(index, [ENTRY])
    return index


def problem(index: Index, token: str, project: str = "ours", now: datetime = NOW) -> str | None:
    holder = upload_tokens.find(index, token)
    assert holder is not None
    return upload_tokens.refusal(index, holder, index.add_project(project), now)


def narrowed(token: str, caveat: Any) -> str:
    macaroon = Macaroon.deserialize(token.removeprefix("pypi-"))
    macaroon.add_first_party_caveat(json.dumps(caveat))
    return "pypi-" + str(macaroon.serialize())


def test_minted_tokens(index: Index) -> None:
    token, expires = upload_tokens.mint(index, "127.0.0.1", PUBLISHER, ["ours"], NOW)
    assert expires == int(NOW.timestamp()) + 900
    assert problem(index, token) is None
    assert problem(index, token, "other") == "project-scoped token is not valid for project: 'other'"
    assert problem(index, token, now=NOW + timedelta(seconds=900)) == "token is expired"
    assert (
        problem(index, narrowed(token, [0, expires - 600, 0]), now=NOW + timedelta(seconds=400)) == "token is expired"
    )
    assert problem(index, narrowed(token, [3, "ada"])) == "current user does not match user restriction in token"
    upload_tokens.burn(index, token)
    assert upload_tokens.find(index, token) is None


@pytest.mark.parametrize("caveat", [[9], [], {}, "x", [0], [1, 5], [2, None], [0, "a", "b"]])
def test_caveats_that_mean_nothing_hold_nothing(index: Index, caveat: Any) -> None:
    token = upload_tokens.issue(index, "127.0.0.1", "ada", None)
    assert problem(index, token) is None
    assert problem(index, narrowed(token, caveat)) is not None


def test_tokens_of_users_are_not_burnt(index: Index) -> None:
    token = upload_tokens.issue(index, "127.0.0.1", "ada", ["Ours"])
    for each in (token, "pypi-nonsense", ""):
        upload_tokens.burn(index, each)
    assert problem(index, token) is None
    assert problem(index, token, "other") == "project-scoped token is not valid for project: 'other'"


def test_holders(index: Index) -> None:
    token = upload_tokens.issue(index, "127.0.0.1", "ada", None)

    def header(user: str, password: str) -> str:
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    assert str(upload_tokens.holder_of(index, header("__token__", token))) == "ada"
    for wrong in (None, "", "Basic %%", f"Bearer {token}", header("ada", token), header("__token__", "pypi-x")):
        assert upload_tokens.holder_of(index, wrong) is None
    assert upload_tokens.find(Index(), token) is None


def minted(index: Index, claims: Any, key: SigningKey = KEY) -> tuple[int, dict[str, Any]]:
    token = claims if isinstance(claims, str) else key.sign(claims)
    response = trusted_publishing.mint(index, KEY, json.dumps({"token": token}).encode(), "127.0.0.1", NOW)
    return response.status, json.loads(response.text or "")


def job(**wanted: Any) -> runs.Run:
    state = GitHub(KEY)
    setup.apply(state, setup.SEED, NOW)
    return runs.start(state, {"repository": "octo-org/sampleproject", "environment": "release", **wanted}, NOW)


def test_minting(index: Index) -> None:
    claims = runs.id_token_claims(job(), "pypi", NOW)
    status, answer = minted(index, claims)
    assert (status, set(answer)) == (200, {"success", "token", "expires"})
    assert problem(index, answer["token"]) is None
    assert minted(index, claims)[1]["errors"][0]["code"] == "invalid-reuse-token"
    assert minted(index, runs.id_token_claims(job(), "testpypi", NOW))[1]["errors"][0]["code"] == "invalid-token"
    assert minted(index, claims, SigningKey())[1]["errors"][0]["code"] == "invalid-token"
    assert minted(index, "a.b.c")[1]["errors"][0] == {"code": "invalid-payload", "description": "malformed JWT"}
    for body in (b"", b"[]", b'{"token": 5}', b"\xff"):
        assert trusted_publishing.mint(index, KEY, body, "127.0.0.1", NOW).status == 422


@pytest.mark.parametrize("vector", OBSERVED["vectors"], ids=lambda vector: vector["name"])
def test_answers_of_the_real_index(index: Index, vector: dict[str, Any]) -> None:
    registration.replace_all(index, OBSERVED["publishers"])
    issued = int(NOW.timestamp())
    claims = {
        **OBSERVED["base_claims"],
        "iat": issued,
        "nbf": issued,
        "exp": issued + 300,
        "jti": "j",
        **vector["override"],
    }
    for name, value in tuple(claims.items()):
        if value == "...delete...":
            del claims[name]
        elif isinstance(value, str) and value.startswith("now"):
            claims[name] = issued + int(value.removeprefix("now"))
    token = json.dumps({"token": KEY.sign(claims)}).encode()
    answer = trusted_publishing.mint(index, KEY, token, "127.0.0.1", NOW)
    assert answer.status == vector["status"]
    if answer.status == 200:
        given = json.loads(answer.text or "")["token"]
        good_for = [name for name in index.projects if problem(index, given, name) is None]
        assert good_for == vector["projects"]
    elif answer.status == 422:
        (error,) = json.loads(answer.text or "")["errors"]
        assert error == {"code": vector["code"], "description": vector["description"]}


def test_a_publisher_is_of_one_pending_project(index: Index) -> None:
    fields = {"owner": "octo-org", "repository": "r", "workflow_filename": "a.yml"}
    assert registration.register(index, None, {**fields, "project_name": "one"}, "1234") == ()
    assert registration.register(index, None, {**fields, "project_name": "One"}, "1234") == ()
    (sentence,) = registration.register(index, None, {**fields, "project_name": "two"}, "1234")
    assert "already been registered" in sentence
    pending = [{**ENTRY, "project": name, "pending": True} for name in ("one", "two")]
    with pytest.raises(ApiError):
        registration.replace_all(index, pending)


def test_the_key_is_published() -> None:
    (published,) = KEY.public_keys()["keys"]
    assert (published["kid"], published["alg"], "d" in published) == (KEY.id, "RS256", False)
    assert jwt.decode(KEY.sign({"a": 1}), jwt.PyJWK(published)) == {"a": 1}
    assert configuration("http://here")["jwks_uri"] == "http://here/github/_services/token/.well-known/jwks"


def test_registrations(index: Index) -> None:
    assert index.publishers == [PUBLISHER]
    assert registration.show_all(index) == [{**ENTRY, "environment": "release", "pending": False}]
    for wrong in ({}, {**ENTRY, "colour": "red"}, {**ENTRY, "repository_owner_id": 1234}, "x"):
        with pytest.raises(ApiError):
            registration.replace_all(index, [wrong])
    assert index.publishers == [PUBLISHER]
    fields = {"owner": "octo-org", "repository": "sampleproject", "workflow_filename": " a.yml ", "environment": "X"}
    assert registration.register(index, "ours", fields, "1234") == ()
    assert registration.register(index, "ours", fields, "1234") == ()
    assert [(found.workflow, found.environment) for found in index.publishers[1:]] == [("a.yml", "x")]
    assert registration.register(index, "other", fields, "1234") == ("There is no such project.",)
    assert registration.register(index, "ours", {**fields, "environment": "a;b"}, "1234") != ()
    shown = registration.page("<ours>", {"owner": '"x"'}, ("<wrong>",))
    assert all(text not in shown for text in ("<ours>", "<wrong>", 'value=""x"'))


def test_pending_publishers_come_true_once(index: Index) -> None:
    pending = [{**ENTRY, "project": "new", "repository_name": name, "pending": True} for name in ("one", "two")]
    registration.replace_all(index, pending)
    assert index.project("new") is None
    registration.fulfil(index, index.publishers[0])
    assert index.project("New") is not None
    assert [(found.repository, found.pending) for found in index.publishers] == [("one", False)]


def test_provenance() -> None:
    made = attest(job(), "a.whl", "ab" * 32, NOW)

    def stated(*attestations: Any, publisher: Publisher | None = PUBLISHER, name: str = "a.whl") -> dict[str, Any]:
        return provenance(json.dumps(attestations), publisher, name, "ab" * 32)

    (bundle,) = stated(made)["attestation_bundles"]
    assert bundle["attestations"] == [made]
    assert (bundle["publisher"]["workflow"], bundle["publisher"]["environment"]) == ("release.yml", "release")
    other_case = Publisher("ours", "Octo-Org", "sampleproject", "release.yml")
    unsigned = {**made, "envelope": {**made["envelope"], "signature": "AAAA"}}
    unlogged = {**made, "verification_material": {**made["verification_material"], "transparency_entries": []}}
    cases: list[tuple[dict[str, Any], list[Any]]] = [
        ({"publisher": None}, [made]),
        ({"publisher": other_case}, [made]),
        ({"name": "b.whl"}, [made]),
        ({}, []),
        ({}, [made, made]),
        ({}, [made] * 3),
        ({}, [unsigned]),
        ({}, [unlogged]),
        ({}, [attest(job(workflow="other.yml"), "a.whl", "ab" * 32, NOW)]),
        ({}, ["x"]),
        ({}, [{**made, "envelope": {}}]),
    ]
    for named, attestations in cases:
        with pytest.raises(AttestationError):
            stated(*attestations, **named)
    for text in ("", "{}", "5"):
        with pytest.raises(AttestationError):
            provenance(text, PUBLISHER, "a.whl", "ab" * 32)


def test_pages(index: Index) -> None:
    file = File("ours-1.0-py3-none-any.whl", "1.0", b"x", NOW, "ada", provenance={"version": 1})
    index.add_project("Ours").files[file.filename] = file
    shown = json.loads(pages.project(index, "OURS", "application/vnd.pypi.simple.v1+json", "http://i").text or "")
    (entry,) = shown["files"]
    assert entry["provenance"] == f"http://i/integrity/ours/1.0/{file.filename}/provenance"
    assert (entry["url"], entry["size"]) == (f"http://i/files/ours/{file.filename}", 1)
    body = pages.project(index, "ours", "text/html", "http://i").body
    assert isinstance(body, bytes)
    assert f'data-provenance="{entry["provenance"]}"'.encode() in body
    assert pages.projects(index, "").status == 200
    assert json.loads(pages.projects(index, "application/vnd.pypi.simple.v1+json").text or "")["projects"] == [
        {"name": "ours"}
    ]
    assert pages.project(index, "none", "", "http://i").status == 404
    assert pages.file(index, "ours", "none").status == 404
    assert pages.description(index, "none").status == 404
    for accept, status in (("", 200), ("*/*", 200), (pages.INTEGRITY, 200), ("image/png", 406)):
        assert pages.integrity(index, "ours", "1.0", file.filename, accept).status == status
    assert pages.integrity(index, "ours", "2.0", file.filename, "").status == 404
