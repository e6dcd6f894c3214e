# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of package_index_info, and readings of indexes that are there for one test, on the loopback."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    IntegrityError,
    InvalidInput,
    Refused,
    RegistryAuthError,
    Silent,
    Throttled,
    Unavailable,
    Unreachable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http.bounds import Bounds
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi import index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.index import (
    File,
    Login,
    PackageIndex,
    Reading,
    choose_file,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.package_index_info import (
    DesiredReading,
    PackageReadings,
)
from wheels import build

URL = "https://index.example.com/simple/"
PASSWORD = "a-secret-password"
BASIC = "Basic " + base64.b64encode(f"u:{PASSWORD}".encode()).decode()

BAD = {
    "no index": ({"index_url": None}, "index_url is missing"),
    "no URL": ({"index_url": "index.example.com"}, "index_url is not a URL"),
    "another scheme": ({"index_url": "ftp://index.example.com/"}, "index_url is not a URL"),
    "malformed": ({"index_url": "https://[index/"}, "index_url is not a URL"),
    "no port": ({"index_url": "https://index.example.com:x/"}, "index_url is not a URL"),
    "password in the URL": ({"index_url": f"https://u:{PASSWORD}@index.example.com/"}, "holds a user name or password"),
    "password in no URL": ({"index_url": f"u:{PASSWORD}@index.example.com/"}, "index_url is not a URL"),
    "query": ({"index_url": f"{URL}?token={PASSWORD}"}, "has a query or fragment"),
    "no package": ({"package": None}, "package is missing"),
    "path as package": ({"package": "../other"}, "is not a package's name"),
    "user name alone": ({"username": "u"}, "username and password go together"),
    "password alone": ({"password": PASSWORD}, "username and password go together"),
    "empty password": ({"username": "u", "password": ""}, "username and password go together"),
    "colon": ({"username": "u:v", "password": PASSWORD}, "username has a colon"),
    "two logins": (
        {"username": "u", "password": PASSWORD, "use_google_credentials": True},
        "either username and password, or use_google_credentials",
    ),
    "in clear": ({"index_url": "http://index.example.com/", "username": "u", "password": PASSWORD}, "plain http"),
    "in clear to a disguised host": (
        {"index_url": "http://127.example.com/", "username": "u", "password": PASSWORD},
        "plain http",
    ),
    "Google's token in clear": ({"index_url": "http://x.pkg.dev/", "use_google_credentials": True}, "plain http"),
    "Google's token elsewhere": ({"use_google_credentials": True}, "is not a host of Artifact Registry"),
    "Google's token to a disguised host": (
        {"index_url": "https://pkg.dev.example.com/", "use_google_credentials": True},
        "is not a host of Artifact Registry",
    ),
}


@pytest.mark.parametrize(("given", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(given: dict[str, Any], sentence: str):
    with pytest.raises(InvalidInput) as error:
        DesiredReading.from_options({"index_url": URL, "package": "demo-package", **given})

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")
    assert PASSWORD not in str(error.value)


GOOD = {
    "nobody": ({}, "demo-package at https://index.example.com/simple/"),
    "somebody": ({"username": "u", "password": PASSWORD}, "demo-package at https://index.example.com/simple/ as u"),
    "in clear without credentials": ({"index_url": "http://i.example.com/"}, "demo-package at http://i.example.com/"),
    "in clear on the loopback": (
        {"index_url": "http://127.0.0.1:1/", "username": "u", "password": PASSWORD},
        "demo-package at http://127.0.0.1:1/ as u",
    ),
    "Artifact Registry": (
        {"index_url": "https://us-python.pkg.dev/p/r/simple/", "use_google_credentials": True},
        "demo-package at https://us-python.pkg.dev/p/r/simple/ as oauth2accesstoken",
    ),
}


@pytest.mark.parametrize(("given", "target"), GOOD.values(), ids=GOOD.keys())
def test_target_says_who_reads_what(given: dict[str, Any], target: str):
    desired = DesiredReading.from_options({"index_url": URL, "package": "demo-package", **given})

    assert desired.target == target
    assert PASSWORD not in repr(desired)


FILES = {
    "none": ([], None),
    "no checksum": ([File("a-1.whl")], "a-1.whl"),
    "a checksum first": ([File("a-1.whl", size=1), File("a-1.tar.gz", hashes={"md5": "0"}, size=2)], "a-1.tar.gz"),
    "smallest": ([File("a-1.whl", sha256="0", size=2), File("a-1.tar.gz", sha256="0", size=1)], "a-1.tar.gz"),
    "first wheel": ([File("a-1.tar.gz", sha256="0"), File("a-1.whl", sha256="0"), File("a-2.whl", sha256="0")], "a-1.whl"),
    "first": ([File("a-1.tar.gz", sha256="0"), File("a-2.tar.gz", sha256="0")], "a-1.tar.gz"),
    "yanked last": ([File("a-1.whl", sha256="0", yanked=True), File("a-2.whl", sha256="0")], "a-2.whl"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "chosen"), FILES.values(), ids=FILES.keys())
def test_choose_file(files: list[File], chosen: str | None):
    file = choose_file(files)

    assert (file and file.filename) == chosen


class QuietServer(ThreadingHTTPServer):
    """Ends with all of its threads, and does not mind clients that are gone."""

    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up."""


class Server:
    """An HTTP server on the loopback that answers from a table, and keeps who asked for what."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str | None]] = []
        #: Of its clients' ends of connections.
        self.ports: set[int] = set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.path, self.headers["Authorization"]))
                server.ports.add(self.client_address[1])
                status, headers, body = server.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test's output clean."""

        self.handler = Handler
        self._http = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def page(self, *files: dict[str, Any], path: str = "/simple/demo-package/") -> None:
        page = {"meta": {"api-version": "1.0"}, "name": "demo-package", "files": list(files)}
        self.answers[path] = (200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, json.dumps(page).encode())


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


@pytest.fixture
def elsewhere() -> Iterator[Server]:
    started = Server()
    yield started
    started.stop()


WHEEL = b"the bytes of a wheel"
WHEEL_NAME = "demo_package-1.0.0-py3-none-any.whl"
SHA256 = hashlib.sha256(WHEEL).hexdigest()


def wheel(**other: Any) -> dict[str, Any]:
    return {"filename": WHEEL_NAME, "url": f"/files/{WHEEL_NAME}", "hashes": {"sha256": SHA256}, **other}


def read(server: Server, *, login: bool = True, download: bool = False) -> Reading:
    who = Login("u", PASSWORD) if login else None
    return PackageIndex().read(f"{server.url}/simple", "Demo_Package", who, download=download)


def test_a_page_in_json(server: Server):
    server.page(wheel(), {"filename": "demo_package-1.10.tar.gz", "url": "x", "hashes": {}, "yanked": "broken"})

    assert read(server) == Reading(
        "readable",
        (File(WHEEL_NAME, "1.0.0", SHA256), File("demo_package-1.10.tar.gz", "1.10", None, True)),
        ("1.10", "1.0.0"),
    )
    assert server.asked == [("/simple/demo-package/", BASIC)]


def test_readings_of_one_index_do_not_share_logins(server: Server):
    server.page(wheel())
    index, other = PackageIndex(), Login("u", "another-password")
    for who in (Login("u", PASSWORD), None, other, Login("u", PASSWORD)):
        index.read(f"{server.url}/simple/", "demo-package", who, download=False)

    logins = [login for _path, login in server.asked]
    assert logins == [BASIC, None, "Basic " + base64.b64encode(b"u:another-password").decode(), BASIC]


def test_readings_of_one_index_share_connections(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(server.handler, "protocol_version", "HTTP/1.1")
    server.page(wheel())
    index = PackageIndex()
    for package in ("demo-package", "Demo_Package"):
        index.read(f"{server.url}/simple/", package, None, download=False)

    assert (len(server.asked), len(server.ports)) == (2, 1)
    for session in index._sessions.values():
        # The server ends with its connections.
        session.close()


def test_a_page_in_html(server: Server):
    body = f'<html><body><a href="../../files/{WHEEL_NAME}#sha256={SHA256}">{WHEEL_NAME}</a></body></html>'
    server.answers["/simple/demo-package/"] = (200, {"Content-Type": "text/html"}, body.encode())

    assert read(server) == Reading("readable", (File(WHEEL_NAME, "1.0.0", SHA256),), ("1.0.0",))


def test_a_package_without_files_is_readable(server: Server):
    server.page()

    assert read(server) == Reading("readable")


@pytest.mark.parametrize(("code", "status"), [(401, "refused"), (403, "refused"), (404, "missing"), (410, "missing")])
def test_refused_and_missing_are_results(server: Server, code: int, status: str):
    server.answers["/simple/demo-package/"] = (code, {}, b"")

    assert read(server, download=True) == Reading(status)


@pytest.mark.parametrize(
    ("given", "root"),
    [
        # What CodeArtifact's GetRepositoryEndpoint answers.
        ("/pypi/python/", "/pypi/python/simple/"),
        ("/pypi/python", "/pypi/python/simple/"),
        ("/simple/demo-package/", "/simple/"),
        ("/simple/Demo_Package", "/simple/"),
        ("/simple/simple/", "/simple/"),
    ],
)
def test_a_package_that_is_there_by_another_root_is_not_missing(server: Server, given: str, root: str):
    server.page(path=f"{root}demo-package/")
    who = Login("u", PASSWORD)
    with pytest.raises(Refused) as error:
        PackageIndex().read(f"{server.url}{given}", "demo-package", who, download=False)

    assert str(error.value) == (
        f"{server.url}{given} is not the root of a simple API, and {server.url}{root} is: give that as index_url."
    )


@pytest.mark.parametrize(
    ("code", "body"), [(200, b"<html>Welcome</html>"), (401, b""), (404, b""), (405, b""), (410, b"")]
)
def test_what_is_no_page_of_the_package_proves_no_other_root(server: Server, code: int, body: bytes):
    server.answers["/simple/simple/demo-package/"] = (code, {"Content-Type": "text/html"}, body)

    assert read(server) == Reading("missing")
    assert [path for path, _login in server.asked] == ["/simple/demo-package/", "/simple/simple/demo-package/"]


def test_without_login_nothing_is_shown(server: Server, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login u password {PASSWORD}\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.page()
    server.answers["/simple/demo-package/"], server.answers["/moved/"] = (
        (302, {"Location": "/moved/"}, b""),
        server.answers["/simple/demo-package/"],
    )

    read(server, login=False)
    assert server.asked == [("/simple/demo-package/", None), ("/moved/", None)]


def test_a_redirect_within_the_index_keeps_the_login(server: Server):
    server.page(path="/moved/")
    server.answers["/simple/demo-package/"] = (301, {"Location": "/moved/"}, b"")

    assert read(server).status == "readable"
    assert server.asked == [("/simple/demo-package/", BASIC), ("/moved/", BASIC)]


def test_a_redirect_elsewhere_loses_the_login(server: Server, elsewhere: Server):
    elsewhere.page(path="/moved/")
    server.answers["/simple/demo-package/"] = (302, {"Location": f"{elsewhere.url}/moved/"}, b"")

    assert read(server).status == "readable"
    assert elsewhere.asked == [("/moved/", None)]


def test_a_file_elsewhere_is_fetched_without_the_login(server: Server, elsewhere: Server):
    server.page(wheel(url=f"{elsewhere.url}/{WHEEL_NAME}"))
    elsewhere.answers[f"/{WHEEL_NAME}"] = (200, {}, WHEEL)

    assert read(server, download=True).downloaded == WHEEL_NAME
    assert elsewhere.asked == [(f"/{WHEEL_NAME}", None)]


def test_a_download_is_verified(server: Server):
    server.page(wheel())
    server.answers[f"/files/{WHEEL_NAME}"] = (200, {}, WHEEL)

    assert read(server, download=True).downloaded == WHEEL_NAME
    assert server.asked[-1] == (f"/files/{WHEEL_NAME}", BASIC)
    assert read(server).downloaded is None


@pytest.mark.parametrize("kinds", [["sha512"], ["sha512", "sha256"], ["md5"], []])
def test_a_download_is_verified_by_what_there_is(server: Server, kinds: list[str]):
    """pip takes files with any of these checksums, and with none. Source: its code (_SUPPORTED_HASHES of its links)."""
    server.page(
        wheel(hashes={**{kind: hashlib.new(kind, WHEEL).hexdigest().upper() for kind in kinds}, "blake2b_256": "0"})
    )
    server.answers[f"/files/{WHEEL_NAME}"] = (200, {}, WHEEL)
    options = {"index_url": f"{server.url}/simple", "package": "demo-package", "download": True}
    (outcome,) = readings([DesiredReading.from_options(options)], server)

    assert outcome.result["package_index"]["downloaded"] == WHEEL_NAME
    assert outcome.result["package_index"]["verified_by"] == kinds


def test_a_file_that_is_called_compressed_on_its_way_is_taken_as_pip_takes_it(server: Server, tmp_path: Path):
    """Some servers call a .tar.gz so. Real pip is the judge: it downloads the file, and keeps the bytes that were served."""
    file = build(tmp_path, name="demo-package")
    content = file.read_bytes()
    sdist = gzip.compress(b"the files")
    server.page(
        {"filename": file.name, "url": f"/files/{file.name}", "hashes": {"sha256": hashlib.sha256(content).hexdigest()}}
    )
    server.answers[f"/files/{file.name}"] = (200, {"Content-Encoding": "gzip"}, content)
    into = tmp_path / "into"
    command = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--no-cache-dir", "download"]
    command += ["--no-deps", "--dest", str(into), "--index-url", f"{server.url}/simple/", "demo-package"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert (into / file.name).read_bytes() == content
    assert read(server, download=True).downloaded == file.name

    name = "demo_package-1.0.0.tar.gz"
    server.page({"filename": name, "url": f"/files/{name}", "hashes": {"sha256": hashlib.sha256(sdist).hexdigest()}})
    server.answers[f"/files/{name}"] = (200, {"Content-Encoding": "gzip"}, sdist)
    assert read(server, download=True).downloaded == name
    # What a server packed once more is another file, to pip as well.
    server.answers[f"/files/{name}"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(sdist))
    with pytest.raises(IntegrityError):
        read(server, download=True)


def test_a_page_without_files_says_so(server: Server):
    server.page()

    with pytest.raises(Refused, match="lists no file of Demo_Package"):
        read(server, download=True)


@pytest.mark.parametrize(("code", "status"), [(403, "refused"), (404, "missing")])
def test_a_download_can_be_refused_or_missing(server: Server, code: int, status: str):
    server.page(wheel())
    server.answers[f"/files/{WHEEL_NAME}"] = (code, {}, b"")

    reading = read(server, download=True)
    assert (reading.status, reading.downloaded, len(reading.files)) == (status, None, 1)


FAILURES = {
    "damaged file": (wheel(), (200, {}, b"other bytes"), IntegrityError, "does not have the SHA-256"),
    "cut file": (wheel(), (200, {"Content-Length": "99"}, WHEEL), Unavailable, "broke off"),
    "another file": (
        wheel(hashes={"sha512": "0" * 128}),
        (200, {}, WHEEL),
        IntegrityError,
        "does not have the SHA-512",
    ),
    "one of two": (
        wheel(hashes={"sha256": SHA256, "md5": "0" * 32}),
        (200, {}, WHEEL),
        IntegrityError,
        "does not have the MD5",
    ),
    "no address": (wheel(), (302, {"Location": "http://127.0.0.1:99999/"}, b""), Refused, "is not a package index"),
    "no HTTP": (wheel(url="file:///etc/hostname"), None, Refused, "cannot be read"),
}


@pytest.mark.parametrize(("file", "answer", "kind", "sentence"), FAILURES.values(), ids=FAILURES.keys())
def test_a_bad_download_is_a_failure(server: Server, file: Any, answer: Any, kind: type[Exception], sentence: str):
    server.page(file)
    server.answers[f"/files/{WHEEL_NAME}"] = answer

    with pytest.raises(kind, match=sentence):
        read(server, download=True)


ANSWERS = {
    "a web page": ((200, {"Content-Type": "text/html"}, b"<a href=/login>Log in</a>"), Refused, "is not a package index"),
    "some JSON": ((200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, b"{}"), Refused, "is not a package index"),
    "no JSON": ((200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, b"<"), Refused, "is not a package index"),
    "JSON without end": (
        (200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, b"[" * 100_000),
        Refused,
        "is not a package index",
    ),
    "no port": ((302, {"Location": "http://127.0.0.1:99999/"}, b""), Refused, "is not a package index"),
    "no address": ((302, {"Location": "http://[::1/"}, b""), Refused, "is not a package index"),
    "text": ((200, {"Content-Type": "text/plain"}, b"hello"), Refused, "is not a package index"),
    "a later index": (
        (200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, b'{"meta": {"api-version": "9.0"}, "name": "a", "files": []}'),
        Refused,
        "is not a package index",
    ),
    "bad request": ((400, {}, PASSWORD.encode()), Refused, "answers 400"),
    "quota": ((429, {"Retry-After": "7"}, b""), Throttled, "too often"),
    "down": ((503, {}, PASSWORD.encode()), Unavailable, "answers 503"),
    "circle": ((302, {"Location": f"/simple/demo-package/?{PASSWORD}"}, b""), Refused, "redirects without end"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "kind", "sentence"), ANSWERS.values(), ids=ANSWERS.keys())
def test_what_is_no_index_is_a_failure(server: Server, answer: Any, kind: type[Exception], sentence: str):
    server.answers["/simple/demo-package/"] = answer
    server.answers[f"/simple/demo-package/?{PASSWORD}"] = answer

    with pytest.raises(kind, match=sentence) as error:
        read(server)
    assert PASSWORD not in str(error.value)
    assert getattr(error.value, "retry_after", 0) in (0, 7)


def test_nobody_there():
    stopped = Server()
    stopped.stop()

    with pytest.raises(Unreachable, match="Connection refused"):
        read(stopped)


def test_tls_that_fails_is_not_tried_again(server: Server):
    with pytest.raises(Refused, match="TLS failed"):
        PackageIndex().read(server.url.replace("http:", "https:"), "demo-package", None, download=False)


def test_silence_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(index, "PAGE", Bounds(silence=0.1))
    release = threading.Event()
    server.answers = SlowAnswers(release)
    try:
        with pytest.raises(RegistryAuthError, match="did not answer") as error:
            read(server)
    finally:
        release.set()
    # The engine does not try it again: it had its time.
    assert isinstance(error.value, Silent)


class SlowAnswers(dict[str, Any]):
    """Answers that come when they are released."""

    def __init__(self, release: threading.Event) -> None:
        super().__init__()
        self._release = release

    def get(self, key: str, default: Any = None) -> Any:
        self._release.wait(5)
        return default


def readings(entries: list[DesiredReading], server: Server) -> list[Any]:
    resource = PackageReadings(PackageIndex(), lambda: "google-token")
    return reconcile(lambda: resource, entries, check_mode=False)


def test_the_result_has_no_address_and_no_password(server: Server):
    server.page(wheel(url=f"/files/{WHEEL_NAME}?signature={PASSWORD}"))
    options = {"index_url": f"{server.url}/simple", "package": "demo-package", "username": "u", "password": PASSWORD}
    (outcome,) = readings([DesiredReading.from_options(options)], server)

    assert not outcome.changed
    assert outcome.result == {
        "package_index": {
            "status": "readable",
            "package": "demo-package",
            "versions": ["1.0.0"],
            "files": [{"filename": WHEEL_NAME, "version": "1.0.0", "sha256": SHA256, "yanked": False}],
            "downloaded": None,
        }
    }
    assert PASSWORD not in repr(outcome)


def test_google_credentials_are_a_login(server: Server):
    server.page()
    options = {"index_url": f"{server.url}/simple", "package": "demo-package", "use_google_credentials": True}
    (outcome,) = readings([DesiredReading.from_options(options)], server)

    assert outcome.error is None
    assert server.asked[0][1] == "Basic " + base64.b64encode(b"oauth2accesstoken:google-token").decode()
