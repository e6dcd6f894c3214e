# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of pypi_oidc_token, what it says of each refusal, and exchanges with an index that is there for one test."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pypitoken
import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base import retry as _retry
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    NotFound,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Stranger,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.endpoints import pypi_endpoint
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.indexes import find_index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.mint_refusals import (
    IdToken,
    MintRefused,
    mint_refused,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import Outcome, reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.pypi_oidc_token import (
    DesiredToken,
    UploadTokens,
)

VECTORS = json.loads(Path(__file__).with_name("data").joinpath("trusted_publishing_vectors.json").read_text("utf-8"))
NOW = 1_800_000_000
REQUEST_TOKEN = "a-secret-request-token"
UPLOAD_TOKEN = "pypi-a-secret-upload-token"
PYPI = find_index("pypi", pypi_endpoint()).domain


def jwt(**claims: Any) -> str:
    """An ID token with a signature that nobody made."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'RS256', 'kid': 'k'})}.{part({'aud': 'pypi', **claims})}.a-secret-signature"


ID_TOKEN = jwt(iss="https://token.actions.githubusercontent.com")


def api_token(domain: str = "127.0.0.1", caveats: tuple[Any, ...] = ((4, "publisher", None), (2, ["id"]))) -> str:
    import pymacaroons

    made = pymacaroons.Macaroon(location=domain, identifier="3f9e5b6a", key="key", version=pymacaroons.MACAROON_V2)
    for caveat in caveats:
        made.add_first_party_caveat(json.dumps(caveat))
    return f"pypi-{made.serialize()}"


def users(domain: str = "127.0.0.1") -> str:
    made = pypitoken.Token.create(domain, "3f9e5b6a-8f0c-4f1e-9d3b-0123456789ab", "the index's own key")
    return str(made.restrict(user_id="3f9e5b6a-8f0c-4f1e-9d3b-0123456789ab").dump())


JOB = {"id_token_request_url": "https://job.example.com/?x=1", "id_token_request_token": REQUEST_TOKEN}
GONE = {"state": "absent", "token": api_token()}
LOCAL = "http://127.0.0.1:9/index"
BAD = {
    "no job": ({}, "ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are not set"),
    "half a job": ({"id_token_request_url": "https://job.example.com/", "id_token_request_token": ""}, "id-token: write"),
    "a job in clear": ({**JOB, "id_token_request_url": "http://job.example.com/"}, "request token over plain http"),
    "no address of a job": ({**JOB, "id_token_request_url": "job"}, "id_token_request_url is not a URL"),
    "an index's name": ({**JOB, "index": "PyPI"}, "index 'PyPI' is neither pypi nor testpypi"),
    "an index in clear": ({**JOB, "index": "http://index.example.com/"}, "tokens over plain http"),
    "an index in clear at a disguised host": ({**JOB, "index": "http://127.example.com/"}, "tokens over plain http"),
    "an index with a query": ({**JOB, "index": "https://index.example.com/?x"}, "query or fragment"),
    "no ID token": ({"id_token": "sesame"}, "id_token is no ID token"),
    "three parts that are none": ({"id_token": "se.sa.me"}, "id_token is no ID token"),
    "an ID token and a line's end": ({"id_token": f"{ID_TOKEN}\n"}, "id_token is no ID token"),
    "a token to have": ({**JOB, "token": UPLOAD_TOKEN}, "with state absent only"),
    "nothing to take back": ({"state": "absent"}, "token is missing"),
    "an ID token to take back": ({**GONE, "id_token": ID_TOKEN, "index": LOCAL}, "has no use with state absent"),
    "a line's end": ({"state": "absent", "token": f"{api_token()}\n", "index": LOCAL}, "white space"),
    "no token of PyPI": ({"state": "absent", "token": UPLOAD_TOKEN}, "not one of a package index"),
    "a token of TestPyPI": ({"state": "absent", "token": api_token(f"test.{PYPI}")}, "one of testpypi, and not of pypi"),
    "a token of another index": ({"state": "absent", "token": api_token("example.com")}, "another index, and not of pypi"),
    "no token of PyPI, which its address names": ({"state": "absent", "token": UPLOAD_TOKEN, "index": f"https://{PYPI}/"}, "not one of a package index"),
    "a token of another index for PyPI's address": (
        {"state": "absent", "token": api_token("example.com"), "index": f"https://{PYPI}/"}, "another index, and not of pypi"
    ),
    "PyPI's token for another": ({"state": "absent", "token": api_token(PYPI), "index": LOCAL}, "one of pypi, and not of"),
    "a user's token": ({"state": "absent", "token": users(), "index": LOCAL}, "token is a user's"),
}  # fmt: skip


def options(**given: Any) -> dict[str, Any]:
    return {"state": "present", "index": "pypi", **given}


def check(given: dict[str, Any]) -> dict[str, Any]:
    """What a run in check mode ends with."""
    (outcome,) = reconcile(
        lambda: UploadTokens.connect({}), [DesiredToken.from_options(given, check_mode=True)], check_mode=True
    )
    return outcome.as_dict(diff_mode=False)


def manage(given: dict[str, Any]) -> dict[str, Any]:
    """What a single try ends with, or its error."""
    desired, tokens = DesiredToken.from_options(given), UploadTokens.connect({})
    state = tokens.read(desired)
    change = tokens.plan(state, desired)
    after = tokens.apply(change, desired) if change else state
    return {"changed": change is not None, **tokens.result(after, desired)}


def run_patiently(given: dict[str, Any]) -> Outcome:
    """How a real run ends, which tries again what may pass."""
    (outcome,) = reconcile(lambda: UploadTokens.connect({}), [DesiredToken.from_options(given)], check_mode=False)
    return outcome


@pytest.mark.parametrize(("given", "sentence"), BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("run", [check, manage], ids=["check mode", "real run"])
def test_wrong_options_are_refused_with_a_sentence(run: Any, given: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput) as error:
        run(options(**given))

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")
    assert "secret" not in str(error.value)


def test_check_mode_says_why_it_does_nothing():
    for given, why in (JOB, "uses the ID token up"), ({**GONE, "index": LOCAL}, "cannot be undone"):
        result = check(options(**given))
        assert result["skipped"]
        assert why in result["msg"]


def test_secrets_are_not_shown():
    shown = repr(DesiredToken.from_options(options(**JOB))) + repr(
        DesiredToken.from_options(options(id_token=ID_TOKEN))
    )
    assert "secret" not in shown


REFUSALS = {
    "no JWT": ("invalid-payload", "malformed JWT", {}, "claim iss is missing"),
    "another issuer": ("invalid-payload", "unknown trusted publishing issuer", {"iss": "https://ghes.example.com"}, "github.com"),
    "no project": ("invalid-payload", "Cannot create", {}, "name of the project"),
    "turned off": ("not-enabled", "", {}, "publish with an API token"),
    "another audience": ("invalid-token", "malformed or invalid token", {"aud": "testpypi"}, "aud is 'testpypi', and the index is 'pypi'"),
    "too late": ("invalid-token", "malformed or invalid token", {"exp": NOW - 60}, "the token has expired"),
    "another key": ("invalid-token", "malformed or invalid token", {}, "signature on the ID token is not valid"),
    "a project that exists": ("invalid-pending-publisher", "valid token, but project already exists", {}, "Remove the pending publisher"),
    "twice": ("invalid-reuse-token", "invalid token: already used", {}, "exchanged before"),
    "nobody": ("invalid-publisher", "(Publisher with matching claims was not found)", {}, "owner 'octo-org' (number 1234), repository"),
    "no environment": ("invalid-publisher", "(Publisher with matching claims was not found)", {"environment": ""}, "and no environment."),
    "new": ("invalid-moon", "sesame", {}, "(refused): for a reason that is not known here"),
}  # fmt: skip


def played(override: dict[str, Any]) -> IdToken:
    claims = {**VECTORS["base_claims"], "iat": NOW, "nbf": NOW, "exp": NOW + 300, "jti": "one", **override}
    kept = {name: value for name, value in claims.items() if value != "...delete..."}
    return IdToken({"alg": "RS256", "kid": "k"}, kept, "pypi")


@pytest.mark.parametrize(("code", "description", "claims", "sentence"), REFUSALS.values(), ids=REFUSALS.keys())
def test_each_refusal_has_its_sentence(code: str, description: str, claims: dict[str, Any], sentence: str):
    token = played({"iss": "...delete..."} if code == "invalid-payload" and not claims else claims)

    error = mint_refused("pypi", [{"code": code, "description": description}], token, NOW)

    assert sentence in str(error)
    assert "sesame" not in str(error)
    assert error.code == ("refused" if code == "invalid-moon" else code)


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS["vectors"] if vector["status"] == 422], ids=lambda vector: vector["name"]
)
def test_each_observed_refusal_says_what_to_do(vector: dict[str, Any]):
    error = mint_refused("pypi", [vector], played(vector["override"]), NOW)

    assert error.code == vector["code"]
    assert re.fullmatch(rf"pypi gives no upload token \({vector['code']}\): [^\n]+\. [A-Z][^\n]+\.", str(error))


@pytest.mark.parametrize("errors", [None, [], "x", [1], {}])
def test_an_answer_of_another_form_is_a_refusal(errors: Any):
    assert mint_refused("pypi", errors, IdToken(None, None, "pypi"), NOW).code == "refused"


class Answers(ThreadingHTTPServer):
    """Answers each path with the next of its answers, the last one for ever; keeps what was asked."""

    def __init__(self, table: dict[str, list[Any]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.table = table
        self.asked: list[tuple[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[str]:
        return [path.partition("?")[0].rpartition("/")[2] for path, _body in self.asked]


class _Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self.server.asked.append((self.path, body))
        name = self.path.partition("?")[0].rpartition("/")[2]
        answers = self.server.table.get(name, [(404, {})])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == "drop":
            self.close_connection = True
            return
        status, content = answer
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        if status in (302, 307):
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


AUDIENCE = (200, {"audience": "pypi"})
MINTED = (200, {"success": True, "token": UPLOAD_TOKEN, "expires": NOW})


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """An index and GitHub's service of ID tokens, which gives another token each time."""
    monkeypatch.setattr(_retry.random, "uniform", lambda _low, _high: 0.01)
    table = {
        "audience": [AUDIENCE],
        "idtoken": [(200, {"value": jwt(jti="one")}), (200, {"value": jwt(jti="two")})],
        "mint-token": [MINTED],
        "burn-token": [(202, {"message": "Accepted", "errors": []})],
    }
    with Answers(table) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def in_job(server: Answers, **given: Any) -> dict[str, Any]:
    job = {"id_token_request_url": f"{server.url}/idtoken?api-version=2.0", "id_token_request_token": REQUEST_TOKEN}
    return options(index=f"{server.url}/index/", **{**job, **given})


def test_a_job_has_a_token(answers: Answers):
    result = manage(in_job(answers))

    assert result == {
        "changed": True,
        "upload_token": {
            "username": "__token__",
            "token": UPLOAD_TOKEN,
            "index": f"{answers.url}/index",
            "expires_at": "2027-01-15T08:00:00Z",
        },
    }
    assert [path for path, _body in answers.asked] == [
        "/index/_/oidc/audience",
        "/idtoken?api-version=2.0&audience=pypi",
        "/index/_/oidc/mint-token",
    ]
    assert json.loads(answers.asked[-1][1]) == {"token": jwt(jti="one")}


@pytest.mark.parametrize("lost", ["drop", (503, {}), (500, b"oops"), (429, {})])
def test_each_try_has_a_fresh_id_token(answers: Answers, lost: Any):
    """What the answer that was lost did is not known: the ID token may be used up."""
    answers.table["mint-token"] = [lost, MINTED]

    outcome = run_patiently(in_job(answers))

    assert outcome.error is None
    sent = [json.loads(body)["token"] for path, body in answers.asked if path.endswith("mint-token")]
    assert sent == [jwt(jti="one"), jwt(jti="two")]


@pytest.mark.parametrize("lost", ["drop", (503, {}), (500, b"oops")])
def test_a_given_id_token_is_not_sent_again(answers: Answers, lost: Any):
    answers.table["mint-token"] = [lost, MINTED]

    outcome = run_patiently(in_job(answers, id_token=ID_TOKEN))

    assert "may be used up" in outcome.message
    assert outcome.changed, "a token may have been made"
    assert answers.paths() == ["audience", "mint-token"]


def test_a_given_id_token_is_sent_again_when_it_was_not_taken(answers: Answers):
    answers.table["mint-token"] = [(429, {}), MINTED]

    assert run_patiently(in_job(answers, id_token=ID_TOKEN)).error is None
    assert answers.paths() == ["audience", "mint-token", "audience", "mint-token"]


def refused(code: str) -> tuple[int, dict[str, Any]]:
    return 422, {"message": "Token request failed", "errors": [{"code": code, "description": UPLOAD_TOKEN}]}


FAILURES: dict[str, tuple[dict[str, Any], dict[str, Any], type[RegistryAuthError], str]] = {
    "no trusted publishing": ({"audience": (404, {})}, {}, NotFound, "has no trusted publishing (404)"),
    "turned off": ({"audience": (403, {})}, {}, PermissionDenied, "turned trusted publishing off"),
    "no index": ({"audience": (200, b"<html>secret")}, {}, Stranger, "is not an index with trusted publishing"),
    "no audience": ({"audience": (200, {"audience": 5})}, {}, Stranger, "is not an index with trusted publishing"),
    "an audience without end": ({"audience": (200, b"[" * 100_000)}, {}, Stranger, "is not an index with trusted publishing"),
    "a list": ({"audience": (200, [])}, {}, Stranger, "is not an index with trusted publishing"),
    "the audience elsewhere": ({"audience": (302, {})}, {}, Refused, "redirects to another address"),
    "minting elsewhere": ({"mint-token": (307, {})}, {}, Refused, "nothing is sent there"),
    "ID tokens elsewhere": ({"idtoken": (302, {})}, {}, Refused, "redirects to another address (302)"),
    "a job that ended": ({"idtoken": (401, {})}, {}, Unauthenticated, "only while its job runs"),
    "no ID token": ({"idtoken": (200, {"value": None})}, {}, Stranger, "gives no ID token"),
    "no JSON of ID tokens": ({"idtoken": (200, b"secret")}, {}, Stranger, "gives no ID token"),
    "ID tokens without end": ({"idtoken": (200, b"[" * 100_000)}, {}, Stranger, "gives no ID token"),
    "ID tokens not now": ({"idtoken": (503, {})}, {}, Unavailable, "it answers 503"),
    "ID tokens too often": ({"idtoken": (429, {})}, {}, Throttled, "too often"),
    "nobody": ({"mint-token": refused("invalid-publisher")}, {}, MintRefused, "(invalid-publisher)"),
    "no token": ({"mint-token": (200, {"success": True})}, {}, Stranger, "is not an index with trusted publishing"),
    "minting is not there": ({"mint-token": (404, {})}, {}, NotFound, "has no trusted publishing (404)"),
    "teapot": ({"mint-token": (418, {})}, {}, Refused, "answers 418"),
    "another audience": ({"audience": (200, {"audience": "ours"})}, {"id_token": ID_TOKEN}, Refused, "made for the audience 'pypi'"),
    "no way to burn": ({"burn-token": (404, {})}, GONE, NotFound, "stays good until it expires"),
    "burning fails": ({"burn-token": (503, {})}, GONE, Unavailable, "it answers 503"),
    "burning nowhere": ({"burn-token": (300, {})}, GONE, Refused, "(300), and nothing is sent there"),
    "burning elsewhere": ({"burn-token": (307, {})}, GONE, Refused, "redirects to another address"),
}  # fmt: skip


@pytest.mark.parametrize(("table", "given", "kind", "sentence"), FAILURES.values(), ids=FAILURES.keys())
def test_failures(
    answers: Answers, table: dict[str, Any], given: dict[str, Any], kind: type[RegistryAuthError], sentence: str
):
    answers.table |= {name: [answer] for name, answer in table.items()}

    with pytest.raises(kind) as error:
        manage(in_job(answers, **given))

    assert error.type is kind
    assert sentence in str(error.value)
    assert "secret" not in str(error.value)
    assert "elsewhere" not in answers.paths()
    if "another audience" in sentence:
        assert "mint-token" not in answers.paths()


def test_claims_that_break_the_index_are_not_sent_again(answers: Answers):
    broken = {**played({"repository_owner_id": 1234}).claims, "iat": int(time.time()), "exp": int(time.time()) + 300}
    answers.table["idtoken"] = [(200, {"value": jwt(**{**broken, "nbf": broken["iat"]})})]
    answers.table["mint-token"] = [(500, b"oops")]

    with pytest.raises(MintRefused, match="repository_owner_id is not a text"):
        manage(in_job(answers))


def test_an_index_that_is_not_there():
    with pytest.raises(Unreachable):
        manage(options(**JOB, index="http://127.0.0.1:9"))


def test_a_token_is_taken_back(answers: Answers):
    assert manage(in_job(answers, **GONE)) == {"changed": True}
    assert json.loads(answers.asked[-1][1]) == {"token": GONE["token"]}
    # Some indexes have tokens of another kind.
    assert manage(in_job(answers, state="absent", token="another-kind-of-token")) == {"changed": True}


def test_a_token_that_expired_by_this_clock_is_taken_back_all_the_same(answers: Answers):
    expired = api_token(caveats=((4, "publisher", None), (0, NOW - 900 - 86400 * 3650, 1)))

    assert manage(in_job(answers, state="absent", token=expired)) == {"changed": True}
    assert json.loads(answers.asked[-1][1]) == {"token": expired}
