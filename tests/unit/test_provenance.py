# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of pypi_provenance_info, what provenance documents say, and verification under a trust root of the test's own."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    Refused,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.attestations import Verifier
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.index import is_version
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.provenance import (
    Expected,
    Stated,
    not_proved,
    publisher_problems,
    read_bundles,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import Outcome, reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.pypi_provenance_info import (
    DesiredProvenance,
    Provenances,
)
from sigstore_stand_in import Sigstore

REPOSITORY, WORKFLOW = "octo-org/sampleproject", "release.yml"
STATED = Stated("GitHub", REPOSITORY, WORKFLOW, "pypi")
EXPECTED = {"owner": "octo-org", "repository": "sampleproject", "workflow": WORKFLOW, "environment": "PyPI"}
FILE = "ours-1.0-py3-none-any.whl"
CONTENT = b"what was built"
SHA256 = hashlib.sha256(CONTENT).hexdigest()

BAD = {
    "no project": ({"project": None}, "project is missing"),
    "no version": ({"version": None}, "version is missing"),
    "an index's name": ({"index": "PyPI"}, "neither pypi nor testpypi"),
    "an index in clear": ({"index": "http://index.example.com/"}, "plain http"),
    "an index with a query": ({"index": "https://index.example.com/?x"}, "query or fragment"),
    "half a repository": ({"owner": "octo-org"}, "owner and repository go together"),
    "a workflow of nobody": ({"workflow": WORKFLOW}, "give owner and repository, too"),
    "an environment of nobody": ({"environment": ""}, "give owner and repository, too"),
    "a path": ({"owner": "o", "repository": "r", "workflow": ".github/workflows/x.yml"}, "workflow cannot be"),
    "an address": ({"owner": "o", "repository": "github.com/o/r"}, "repository cannot be"),
    "a project's name": ({"project": "../other"}, "project cannot be"),
    "of no use": ({"download": True, "verify": False}, "download has no use without verify"),
}


def desired(**given: Any) -> DesiredProvenance:
    return DesiredProvenance.from_options({"project": "ours", "version": "1.0", **given})


@pytest.mark.parametrize(("given", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(given: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput) as error:
        desired(**given)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


PUBLISHERS = {
    "as expected": (STATED, Expected(REPOSITORY, WORKFLOW, "PyPI"), []),
    "nobody expected": (Stated("GitLab", "a/b"), Expected(), []),
    "any workflow and environment": (STATED, Expected(REPOSITORY), []),
    "another repository": (STATED, Expected("octo-org/other"), ["repository-differs"]),
    "another case": (STATED, Expected("Octo-Org/sampleproject"), ["repository-differs"]),
    "another workflow": (STATED, Expected(REPOSITORY, "ci.yml"), ["workflow-differs"]),
    "another environment": (STATED, Expected(REPOSITORY, WORKFLOW, "release"), ["environment-differs"]),
    "no environment wanted": (STATED, Expected(REPOSITORY, WORKFLOW, ""), ["environment-differs"]),
    "no environment": (Stated("GitHub", REPOSITORY, WORKFLOW), Expected(REPOSITORY, WORKFLOW, "pypi"), ["environment-differs"]),
    "all": (Stated("GitHub", "a/b", "c.yml"), Expected(REPOSITORY, WORKFLOW, "pypi"), ["repository-differs", "workflow-differs", "environment-differs"]),
    "another kind": (Stated("GitLab", REPOSITORY, WORKFLOW), Expected(REPOSITORY), ["publisher-differs"]),
}  # fmt: skip


@pytest.mark.parametrize(("stated", "expected", "codes"), PUBLISHERS.values(), ids=PUBLISHERS.keys())
def test_publishers_are_compared(stated: Stated, expected: Expected, codes: list[str]):
    problems = list(publisher_problems(FILE, stated, expected))

    assert [problem.code for problem in problems] == codes
    if expected.repository and expected.repository.startswith("Octo"):
        assert "(the case differs)" in problems[0].message


BUNDLE = {"publisher": {"kind": "GitHub", "repository": REPOSITORY, "workflow": WORKFLOW}, "attestations": [{}]}


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"attestation_bundles": []},
        {"attestation_bundles": {}},
        {"attestation_bundles": [5]},
        {"attestation_bundles": [BUNDLE, {**BUNDLE, "attestations": []}]},
        {"attestation_bundles": [{**BUNDLE, "attestations": None}]},
        {"attestation_bundles": [{**BUNDLE, "publisher": "me"}]},
    ],
)
def test_what_is_no_provenance(document: Any):
    assert read_bundles(document) is None


def test_an_environment_may_be_null():
    publisher = {**BUNDLE["publisher"], "environment": None}
    (bundle,) = read_bundles({"attestation_bundles": [{**BUNDLE, "publisher": publisher}]}) or ()

    assert bundle.publisher == Stated("GitHub", REPOSITORY, WORKFLOW)


@pytest.mark.parametrize(
    ("missing", "verify", "download", "begins"),
    [
        (False, True, True, ["In which environment", "Whether keys"]),
        (False, True, False, ["In which environment", "Whether keys", "Whether the index serves"]),
        (True, False, False, ["Whether files without", "What the index states"]),
    ],
)
def test_what_is_not_proved_is_said(missing: bool, verify: bool, download: bool, begins: list[str]):
    said = not_proved([STATED], Expected(REPOSITORY), missing=missing, verify=verify, download=download)

    assert [sentence.startswith(begin) for sentence, begin in zip(said, begins, strict=True)] == [True] * len(begins)


@pytest.mark.parametrize(
    ("text", "wanted", "same"),
    [
        ("1.0", "1.0.0", True),
        ("1.0", "1.1", False),
        (None, "1", False),
        ("old-style", "old-style", True),
        ("x", "1", False),
    ],
)
def test_versions_are_compared_by_meaning(text: str | None, wanted: str, same: bool):
    assert is_version(text, wanted) is same


@pytest.fixture(scope="module")
def sigstore() -> Sigstore:
    return Sigstore()


@pytest.fixture
def trusted(sigstore: Sigstore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sigstore:
    """A sigstore whose attestations hold on this machine."""
    sigstore.trusted_in(tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return sigstore


def attest(sigstore: Sigstore, filename: str = FILE, sha256: str = SHA256, workflow: str = WORKFLOW) -> dict[str, Any]:
    return sigstore.attest(filename, sha256, REPOSITORY, workflow)


def test_an_attestation_holds(trusted: Sigstore, capfd: pytest.CaptureFixture[str]):
    attested = Verifier().verify(attest(trusted), STATED, FILE, SHA256)

    assert (attested.verified, attested.reason) == (True, "")
    assert attested.certified.repository == REPOSITORY
    assert attested.certified.workflow == WORKFLOW
    assert (attested.certified.ref, attested.certified.owner_id) == ("refs/tags/v1", "1234")
    assert str(attested.certified.run_url).endswith("/octo-org/sampleproject/actions/runs/1/attempts/1")
    # A module's output is its result.
    assert capfd.readouterr() == ("", "")


def test_an_environment_cannot_be_verified(trusted: Sigstore):
    """The certificate does not have it: that is why it stands in what is not proved."""
    other = Stated("GitHub", REPOSITORY, WORKFLOW, "another")
    assert Verifier().verify(attest(trusted), other, FILE, SHA256).verified


def test_names_with_an_at(trusted: Sigstore):
    attestation = trusted.attest(FILE, SHA256, REPOSITORY, "publish@v2.yml", "refs/tags/v@1")
    attested = Verifier().verify(attestation, Stated("GitHub", REPOSITORY, "publish@v2.yml"), FILE, SHA256)
    assert (attested.verified, attested.certified.workflow) == (True, "publish@v2.yml")


def tampered(attestation: dict[str, Any], part: str) -> dict[str, Any]:
    content = bytearray(base64.b64decode(attestation["envelope"][part]))
    content[-2] ^= 1
    envelope = {**attestation["envelope"], part: base64.b64encode(content).decode()}
    return {**attestation, "envelope": envelope}


def test_attestations_that_do_not_hold(trusted: Sigstore):
    verifier, good, stranger = Verifier(), attest(trusted), Sigstore()
    local = {
        **good,
        "verification_material": {**good["verification_material"], "transparency_entries": [{"logIndex": "1"}]},
    }
    cases = [
        (good, STATED, "0" * 64, "another content than that of ours-1.0"),
        (good, Stated("GitHub", "octo-org/other", WORKFLOW), SHA256, "for the repository octo-org/sampleproject, and not for octo-org/other"),
        (good, Stated("GitHub", "octo-org/SampleProject", WORKFLOW), SHA256, "and not for octo-org/SampleProject"),
        (good, Stated("GitHub", REPOSITORY, "ci.yml"), SHA256, "for the workflow release.yml, and not for ci.yml"),
        (attest(trusted, workflow="x/../release.yml"), STATED, SHA256, "and not for release.yml"),
        (attest(trusted, filename="theirs-1.0-py3-none-any.whl"), STATED, SHA256, "cannot be verified"),
        (attest(stranger), STATED, SHA256, "cannot be verified"),
        (tampered(good, "signature"), STATED, SHA256, "cannot be verified"),
        (tampered(good, "statement"), STATED, SHA256, "cannot be"),
        (local, STATED, SHA256, "it cannot be read"),
        ({}, STATED, SHA256, "it cannot be read (ValidationError)"),
        (None, STATED, SHA256, "it cannot be read"),
    ]  # fmt: skip
    for attestation, publisher, sha256, reason in cases:
        attested = verifier.verify(attestation, publisher, FILE, sha256)
        assert attested.verified is False
        assert reason in attested.reason
        assert "\n" not in attested.reason
    other = verifier.verify(good, Stated("GitLab", REPOSITORY, WORKFLOW), FILE, SHA256)
    assert (other.verified, other.reason) == (None, "publishers of the kind GitLab are not known here")


def test_a_trust_root_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sigstore: Sigstore):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(Refused, match="needs a home that can be written to"):
        Verifier().verify(attest(sigstore), STATED, FILE, SHA256)
    sigstore.trusted_in(tmp_path / "cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (kept,) = tmp_path.rglob("trusted_root.json")
    kept.write_text(kept.read_text()[:100])
    with pytest.raises(Unavailable, match="cannot read its trust root"):
        Verifier().verify(attest(sigstore), STATED, FILE, SHA256)


class Index(ThreadingHTTPServer):
    """An index with one project. C(files) has the content and the provenance of each."""

    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.files: dict[str, tuple[bytes, Any]] = {}
        self.stated: dict[str, str] = {}
        self.status: dict[str, int] = {}
        self.latency = 0.0
        self.asked: list[str] = []

    def page(self) -> dict[str, Any]:
        files = [
            {
                "filename": name,
                "url": f"{self.url}/files/{name}",
                "hashes": {"sha256": self.stated.get(name, hashlib.sha256(content).hexdigest())} if name not in self.status else {},
                "provenance": f"{self.url}/provenance/{name}" if provenance is not None else None,
            }
            for name, (content, provenance) in self.files.items()
        ]  # fmt: skip
        return {"meta": {"api-version": "1.3"}, "name": "ours", "files": files}


class _Handler(BaseHTTPRequestHandler):
    server: Index
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        _root, kind, name, *_rest = self.path.split("/")
        status, media, body = 404, "text/plain", b""
        if kind == "simple" and name == "ours":
            status, media, body = 200, "application/vnd.pypi.simple.v1+json", json.dumps(self.server.page()).encode()
        elif kind == "provenance" and self.server.files[name][1] != "gone":
            time.sleep(self.server.latency)
            status, media, body = 200, "application/json", json.dumps(self.server.files[name][1]).encode()
        elif kind == "files":
            status, body = 200, self.server.files[name][0]
        status = self.server.status.get(kind, status)
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def index() -> Iterator[Index]:
    with Index() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def document(*attestations: Any, **publisher: Any) -> dict[str, Any]:
    stated = {"kind": "GitHub", "repository": REPOSITORY, "workflow": WORKFLOW, "environment": "pypi", **publisher}
    return {"version": 1, "attestation_bundles": [{"publisher": stated, "attestations": list(attestations)}]}


def look(index: Index, *entries: dict[str, Any]) -> list[Outcome]:
    wanted = [desired(**{"index": index.url, **EXPECTED, **entry}) for entry in entries]
    return reconcile(lambda: Provenances.connect({}), wanted, check_mode=False)


def codes(outcome: Outcome) -> list[str]:
    assert outcome.error is None, outcome.error
    return [problem["code"] for problem in outcome.result["findings"]]


def test_a_release_that_is_proved(index: Index, trusted: Sigstore):
    index.files[FILE] = (CONTENT, document(attest(trusted)))
    index.files["ours-2.0.tar.gz"] = (CONTENT, None)

    (outcome,) = look(index, {"download": True})

    assert outcome.result["valid"]
    assert not outcome.changed
    (file,) = outcome.result["files"]
    assert (file["filename"], file["sha256"], file["verified"]) == (FILE, SHA256, True)
    assert file["attestations"][0]["certificate"]["commit"] == "0123456789abcdef0123456789abcdef01234567"
    assert outcome.result["publishers"] == [
        {"kind": "GitHub", "repository": REPOSITORY, "workflow": WORKFLOW, "environment": "pypi"}
    ]
    assert len(outcome.result["not_proved"]) == 2


def test_what_stands_against_a_release(index: Index, trusted: Sigstore):
    good = attest(trusted)
    stated = {"verify": False}
    index.files[FILE] = (CONTENT, document(good))
    assert codes(look(index, {"workflow": "ci.yml"})[0]) == ["workflow-differs", "not-verified"]
    assert codes(look(index, {"environment": "release"})[0]) == ["environment-differs"]
    assert codes(look(index, {"project": "theirs"})[0]) == ["not-found"]
    assert codes(look(index, {"version": "2.0"})[0]) == ["not-found"]
    assert codes(look(index, {"filename": "ours-1.0.tar.gz"})[0]) == ["not-found"]
    # The index may state what it likes: the attestation is held against who is expected.
    index.files[FILE] = (CONTENT, document(sigstore_of_another(trusted)))
    assert codes(look(index, {})[0]) == ["not-verified"]
    assert codes(look(index, stated)[0]) == []
    index.files[FILE] = (CONTENT, document(good, {}))
    assert codes(look(index, {})[0]) == ["not-verified"]
    index.files[FILE] = (CONTENT, document(good))
    index.stated[FILE] = "0" * 64
    assert codes(look(index, {})[0]) == ["not-verified"]
    assert codes(look(index, {"download": True})[0]) == ["checksum-differs"]
    for provenance, code in (None, "no-provenance"), ("gone", "no-provenance"), ({}, "provenance-unreadable"):
        index.files[FILE] = (CONTENT, provenance)
        (outcome,) = look(index, stated)
        assert codes(outcome) == [code]
        assert outcome.result["not_proved"][0].startswith("Whether files without provenance")
    index.files[FILE] = (CONTENT, document(good, kind="GitLab"))
    assert codes(look(index, {})[0]) == ["publisher-differs", "not-verified"]
    nobody = dict.fromkeys(EXPECTED)
    assert codes(look(index, nobody)[0]) == ["not-verified"]


def sigstore_of_another(sigstore: Sigstore) -> dict[str, Any]:
    return sigstore.attest(FILE, SHA256, "mallory/sampleproject", WORKFLOW)


def test_an_index_without_checksums(index: Index, trusted: Sigstore):
    index.files[FILE] = (CONTENT, document(attest(trusted)))
    index.status[FILE] = 0
    assert codes(look(index, {})[0]) == ["no-checksum"]
    assert codes(look(index, {"download": True})[0]) == []
    index.status["files"] = 404
    (outcome,) = look(index, {"download": True})
    assert codes(outcome)[0] == "file-not-served"


def test_an_index_that_does_not_say(index: Index):
    index.files[FILE] = (CONTENT, document({}))
    index.status["provenance"] = 403
    (outcome,) = look(index, {})
    assert "does not give the provenance of ours-1.0" in str(outcome.error)
    index.status["simple"] = 401
    assert codes(look(index, {})[0]) == ["index-refuses"]


def test_many_files_are_read_at_once(index: Index):
    index.latency = 0.2
    for number in range(64):
        index.files[f"ours-1.0-{number}-py3-none-any.whl"] = (CONTENT, document({}))

    began = time.monotonic()
    (outcome,) = look(index, {"verify": False})

    assert outcome.result["valid"]
    assert len(outcome.result["files"]) == 64
    # One after the other they would take 13 seconds.
    assert time.monotonic() - began < 6
