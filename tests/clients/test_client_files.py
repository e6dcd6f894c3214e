# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules write, the real pip, uv, twine, npm and poetry read: they install from there, and from nowhere else when the login fails.

A second index, without a login, has a newer version of each package: whoever asks it would be given that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines import renewal
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.config import configure
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.info import tell
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.login import log_in
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.places import Surroundings
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.task import ended
from toy_index import ToyIndex, toy_index
from wheels import build

PASSWORD = "sesame/+=:@%41"
#: A Python that managed hosts may have; the one that runs this is another.
OLD_PYTHON = next(
    (str(path) for path in (Path.home() / ".pyenv" / "versions").glob("3.9.*/bin/python3.9")), shutil.which("python3.9")
)


class User:
    """Somebody with a home, and clients that know nothing but what is in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.around = Surroundings(str(home), str(home / ".config"), str(home / "etc"))
        self.environment = {
            "HOME": str(home),
            "PATH": os.pathsep.join([str(home / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "UV_PYTHON": sys.executable,
            "UV_NO_CACHE": "1",
            "PIP_NO_CACHE_DIR": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "NPM_CONFIG_CACHE": str(home / "npm-cache"),
            "NO_UPDATE_NOTIFIER": "1",
            "POETRY_CACHE_DIR": str(home / "poetry-cache"),
            "POETRY_NO_INTERACTION": "1",
        }
        (home / "bin").mkdir(parents=True)
        (home / "work").mkdir()

    def config(
        self, *indexes: dict[str, Any], clients: list[str], state: str = "present", replace: bool = False
    ) -> bool:
        params = {"state": state, "level": "user", "venv": None, "clients": clients, "replace": replace}
        return self._ended(configure, {**params, "indexes": list(indexes)})

    def login(self, *logins: dict[str, Any], clients: list[str], state: str = "present") -> bool:
        given = [{"username": "aws", "expires": "2100-01-01T00:00:00Z", **login} for login in logins]
        return self._ended(log_in, {"state": state, "clients": clients, "replace": False, "logins": given})

    def _ended(self, work: Any, params: dict[str, Any]) -> bool:
        result = ended(partial(work, params, self.around, check_mode=False, diff_mode=True))
        assert not result.failed, result.values
        assert PASSWORD not in str(result)
        return bool(result.values["changed"])

    def run(self, *command: str, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=text,
            env={**self.environment, **environment},
            cwd=self.home / "work",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def pip(self) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pip", "download", "--no-deps", "--retries=0", "our-package")

    def uv(self) -> subprocess.CompletedProcess[str]:
        compile_ = ("uv", "pip", "compile", "-", "--no-deps", "--no-header", "--emit-index-annotation")
        return self.run(*compile_, text="our-package")


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "home")


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[ToyIndex]:
    (tmp_path / "ours").mkdir()
    with toy_index(build(tmp_path / "ours", "1.0.0"), login=("aws", PASSWORD)) as index:
        yield index


@pytest.fixture
def public(tmp_path: Path) -> Iterator[ToyIndex]:
    (tmp_path / "public").mkdir()
    with toy_index(build(tmp_path / "public", "9.9.0")) as index:
        index.npm_version = "9.9.0"
        yield index


def python(index: ToyIndex, **more: Any) -> dict[str, Any]:
    return {"name": "ours", "url": f"{index.url}simple/", **more}


def npm(index: ToyIndex, **more: Any) -> dict[str, Any]:
    return {"name": "ours-npm", "url": f"{index.url}npm/", "format": "npm", **more}


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_python_clients_log_in_by_netrc_or_not_at_all(
    user: User, ours: ToyIndex, public: ToyIndex, client: str
) -> None:
    fetch = getattr(user, client)
    # What is there from before: comments in two ways, another host, and the other index.
    (user.home / ".netrc").write_text("#note\n# of mine\nmachine other.example.com login ada password x\n\n#end\n")
    pip_conf, uv_toml = user.home / ".config/pip/pip.conf", user.home / ".config/uv/uv.toml"
    for file, text in (
        (pip_conf, f"# mine\n[global]\ntimeout: 5\nindex-url = {public.url}simple/\n"),
        (uv_toml, f'# mine\r\n[[index]]\r\nurl = "{public.url}simple/"\r\ndefault = true\r\n'),
    ):
        file.parent.mkdir(parents=True)
        file.write_text(text, newline="")
    before = {file: file.read_bytes() for file in (pip_conf, uv_toml, user.home / ".netrc")}

    assert user.config(python(ours, username="aws"), clients=[client], replace=True)
    refused = fetch()
    assert refused.returncode != 0
    assert user.login(python(ours, password="wrong"), clients=[client])
    assert fetch().returncode != 0
    assert user.login(python(ours, password=PASSWORD), clients=[client])
    done = fetch()
    assert done.returncode == 0, done.stderr
    assert "1.0.0" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr
    user.login(python(ours), clients=[client], state="absent")
    assert fetch().returncode != 0
    assert public.asked == []

    user.config(clients=[client], state="absent")
    assert {file: file.read_bytes() for file in before} == before
    assert "9.9.0" in fetch().stdout


@pytest.mark.parametrize("client", ["pip", "uv"])
def test_python_clients_ask_the_keyring(user: User, ours: ToyIndex, client: str) -> None:
    """A program of the name: pip from 26.2 on wants JSON of it, uv and older ones the password."""
    keyring = user.home / "bin" / "keyring"
    keyring.write_text(
        f"#!{sys.executable}\n"
        "import json, sys\n"
        f"open({str(user.home / 'asked')!r}, 'a').write(f'{{sys.argv[1:]}}\\n')\n"
        f"answer = {{'username': 'aws', 'password': {PASSWORD!r}}}\n"
        "print(json.dumps(answer) if '--output=json' in sys.argv else answer['password'])\n"
    )
    keyring.chmod(0o755)
    user.config(python(ours, username="aws", keyring=True), clients=[client])
    done = getattr(user, client)()
    assert done.returncode == 0, done.stderr
    assert "1.0.0" in done.stdout
    assert (user.home / "asked").read_text().count("get") >= 1


def test_uv_asks_ours_before_an_extra_one(user: User, ours: ToyIndex, public: ToyIndex) -> None:
    extra = {"name": "public", "url": f"{public.url}simple/", "extra": True}
    user.config(python(ours, username="aws"), extra, clients=["uv"])
    assert user.uv().returncode != 0
    assert public.asked == []
    user.login(python(ours, password=PASSWORD), clients=["uv"])
    assert "our-package==1.0.0" in user.uv().stdout


def test_pip_reads_the_settings(user: User, ours: ToyIndex) -> None:
    """By its own listing."""
    extra = {"name": "more", "url": "https://more.example.com/simple/", "extra": True}
    user.config(python(ours, username="aws", keyring=True), extra, clients=["pip"])
    shown = user.run(sys.executable, "-m", "pip", "config", "--user", "list").stdout
    login_url = ours.url.replace("http://", "http://aws@")
    for line in (
        f"global.index-url='{login_url}simple/'",
        "global.extra-index-url='https://more.example.com/simple/'",
        "global.no-input='true'",
        "global.keyring-provider='subprocess'",
    ):
        assert line in shown.splitlines()


def test_twine_publishes_by_name(user: User, ours: ToyIndex, tmp_path: Path) -> None:
    [wheel] = (tmp_path / "ours" / "dist").iterdir()
    (user.home / ".pypirc").write_text(
        "[distutils]\nindex-servers =\n  other\n[other]\nrepository = https://other.example.com/\npassword = a%b\n"
    )
    upload = (
        sys.executable,
        "-m",
        "twine",
        "upload",
        "--non-interactive",
        "--disable-progress-bar",
        "-r",
        "ours",
        str(wheel),
    )
    indexes = (python(ours, username="aws", publish=True),)
    user.config(*indexes, clients=["twine"])
    assert user.run(*upload).returncode != 0
    user.login(python(ours, password=PASSWORD, publish=True), clients=["twine"])
    done = user.run(*upload)
    assert done.returncode == 0, done.stdout
    assert ours.uploads == 1
    from twine.utils import get_config

    read = get_config(str(user.home / ".pypirc"))
    assert read["other"]["password"] == "a%b"
    assert read["ours"]["repository"] == ours.url


def test_npm_takes_a_scope_by_its_token(user: User, ours: ToyIndex, public: ToyIndex) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not there")
    (user.home / ".npmrc").write_text(f"; mine\nregistry={public.url}npm/\nfund=false ; no\n")
    user.config(npm(ours, scope="@acme"), clients=["npm"])
    view = ("npm", "view", "@acme/tool", "version", "dist.tarball", "--json", "--fetch-retries=0")
    refused = user.run(*view)
    assert refused.returncode != 0
    assert "E401" in refused.stdout + refused.stderr
    user.login(npm(ours, password=PASSWORD, username=None), clients=["npm"])
    done = user.run(*view)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["version"] == "1.0.0"
    assert user.run("npm", "config", "get", "@acme:registry").stdout.strip() == f"{ours.url}npm/"
    assert user.run("npm", "config", "get", "fund").stdout.strip() == "false"
    assert not [path for path, _status in public.asked if "acme" in path]


def test_npm_reads_files_as_we_do(user: User, tmp_path: Path) -> None:
    """By the package C(ini) that npm brings."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not there")
    from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.formats import npmrc
    from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.formats.marks import (
        Document,
        Line,
        split,
    )

    pieces = [
        "registry=a",
        " registry = b ; c",
        "[s]",
        "x = 'q'",
        'y="#"',
        "z = a#b",
        "w = a\\#b",
        "# c",
        "",
        "garbage",
        "v=a=b",
        "u =  日本 ",
    ]
    texts = [
        ("\r\n" if number % 2 else "\n").join(pieces[(number // 12**place) % 12] for place in range(3))
        for number in range(12**3)
    ]
    root = user.run("npm", "root", "--global").stdout.strip()
    script = (
        "const {createRequire} = require('module');"
        f"const ini = createRequire({json.dumps(root)} + '/npm/package.json')('ini');"
        "const texts = JSON.parse(require('fs').readFileSync(0));"
        "console.log(JSON.stringify(texts.map(text => ini.parse(text))));"
    )
    done = user.run("node", "-e", script, text=json.dumps(texts))
    if "Cannot find module" in done.stderr:
        pytest.skip("npm keeps its own packages elsewhere")
    for text, expected in zip(texts, json.loads(done.stdout), strict=True):
        document = Document(tuple(Line(line) for line in split(text)))
        found = {one.key: one.value for one in npmrc.settings(document, document.numbers)}
        wanted = {key: value for key, value in expected.items() if isinstance(value, str)}
        assert {key: value for key, value in found.items() if key != "garbage"} == wanted, text


@pytest.mark.thorough
def test_poetry_knows_the_repository_and_logs_in_by_netrc(user: User, ours: ToyIndex, public: ToyIndex) -> None:
    poetry = shutil.which("poetry", path=user.environment["PATH"])
    if poetry is None:
        pytest.skip("poetry is not there")
    user.config(python(ours, username="aws", publish=True), clients=["poetry"])
    assert user.run(poetry, "config", "repositories.ours.url").stdout.strip() == ours.url
    (user.home / "work" / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["our-package"]\n'
        f'[[tool.poetry.source]]\nname = "ours"\nurl = "{ours.url}simple/"\n'
    )
    null = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    assert user.run(poetry, "lock", **null).returncode != 0
    user.login(python(ours, password=PASSWORD), clients=["poetry"])
    done = user.run(poetry, "lock", **null)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'version = "1.0.0"' in (user.home / "work" / "poetry.lock").read_text()


@pytest.mark.parametrize("password", ["plain", PASSWORD, 'q"u\\o te', "#hash", "ünï"])
def test_passwords_reach_everybody_who_reads_a_netrc(
    user: User, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    """requests, by which pip and poetry read it, and uv, which asks an index with it."""
    with toy_index(login=("aws", password)) as index:
        user.login(python(index, password=password), clients=["netrc"])
        monkeypatch.setenv("NETRC", str(user.home / ".netrc"))
        assert requests.utils.get_netrc_auth(index.url) == ("aws", password)
        user.config(python(index, username="aws"), clients=["uv"])
        user.uv()
        assert index.asked
        if password.isascii():
            assert index.asked[-1][1] in (200, 404)


@pytest.mark.parametrize("interpreter", [sys.executable, OLD_PYTHON], ids=["this", "old"])
def test_the_renewal_program(user: User, ours: ToyIndex, interpreter: str | None) -> None:
    """Run as a timer would: nothing in its environment but a home."""
    if interpreter is None:
        pytest.skip("there is no Python 3.9")
    keyring = user.home / "bin" / "keyring"
    program, settings = user.home / "renew.pyz", user.home / "renew.json"
    login = {**npm(ours), "username": "aws", "keyring": str(keyring), "keyring_url": f"{ours.url}simple/"}
    params = {
        "state": "present",
        "program": str(program),
        "settings": str(settings),
        "clients": ["pip", "npm"],
        "timeout": 2,
        "logins": [{**python(ours), "username": "aws", "keyring": str(keyring), "lifetime": "1h"}, login],
    }
    install = partial(renewal.install, params, check_mode=False, diff_mode=True)
    assert install().values["changed"]
    assert not install().values["changed"]
    assert b"sesame" not in settings.read_bytes()

    def run(script: str) -> subprocess.CompletedProcess[str]:
        keyring.write_text(script)
        keyring.chmod(0o755)
        return subprocess.run(
            [interpreter, "-I", str(program), str(settings)],
            env={"HOME": str(user.home), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    said = run("#!/bin/sh\necho first-secret\n")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    seen = ended(partial(tell, {"clients": ["pip", "npm"], "venv": None, "soon": "2h"}, user.around)).values
    found = seen["package_clients"]["logins"]
    assert [(one["kind"], one["ours"]) for one in found] == [("token", True), ("netrc", True)]
    assert [one["code"] for one in seen["package_clients"]["findings"] if one["code"] == "login_ends"]
    kept = {name: (user.home / name).read_bytes() for name in (".netrc", ".npmrc")}
    assert all(b"first-secret" in content for content in kept.values())
    for script, says in (
        (
            "#!/bin/sh\necho half-a-secret\necho 'ClientError: AccessDenied' >&2\nexit 3\n",
            "ended with 3, and says: ClientError: AccessDenied.",
        ),
        ("#!/bin/sh\nsleep 60 & sleep 60\n", "did not answer within 2 seconds."),
        ("#!/bin/sh\n", "has no password for"),
        ("#!/nonexistent\n", "cannot be started: no such file or directory."),
        ("#!/bin/sh\nprintf 'two\\nlines\\n'\n", "control character"),
    ):
        failed = run(script)
        assert failed.returncode == 1
        assert "the login ours was not renewed, and the old one is as it was" in failed.stderr
        assert says in failed.stderr
        assert "Traceback" not in failed.stderr
        assert "secret" not in failed.stderr
        assert {name: (user.home / name).read_bytes() for name in kept} == kept
    said = run(f"#!/bin/sh\necho '{PASSWORD}'\n")
    assert said.returncode == 0
    user.config(python(ours, username="aws"), clients=["pip"])
    assert user.pip().returncode == 0
