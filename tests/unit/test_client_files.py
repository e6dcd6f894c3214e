# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of package clients in odd homes: one sentence each, and nothing half-written; modes before content."""

from __future__ import annotations

import errno
import grp
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    LostRace,
    PermissionDenied,
    RegistryAuthError,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines import files, places
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.config import configure
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.files import Place, Whole
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.formats.marks import Edit
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.login import log_in
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.places import Surroundings
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.task import ended
from checkout import COLLECTIONS, link_collection

ROOT = os.geteuid() == 0
INDEX = {"name": "ours", "url": "https://index.example.com/simple/", "publish": True}
NPM = {"name": "n", "url": "https://npm.example.com/", "format": "npm", "scope": "@acme"}
LOGIN = {**INDEX, "username": "aws", "password": "sesame-canary", "expires": "2030-01-31T12:00:00Z"}
TOKEN = {**NPM, "password": "sesame-a", "keep": True}
CONFIG = {
    "state": "present",
    "level": "user",
    "venv": None,
    "clients": ["pip", "uv", "twine", "npm", "poetry"],
    "replace": False,
    "indexes": [INDEX, NPM],
}
LOGINS = {"state": "present", "clients": ["pip"], "replace": False, "logins": [LOGIN]}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def around(home: Path) -> Surroundings:
    return Surroundings(str(home), str(home / ".config"), str(home.parent / "etc"))


def config(home: Path, *, check_mode: bool = False, **params):
    return ended(partial(configure, {**CONFIG, **params}, around(home), check_mode=check_mode, diff_mode=True))


def login(home: Path, *, check_mode: bool = False, **params):
    return ended(partial(log_in, {**LOGINS, **params}, around(home), check_mode=check_mode, diff_mode=True))


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (stat.S_IMODE(path.lstat().st_mode), b"" if path.is_dir() else path.read_bytes())
        for path in folder.rglob("*")
        if path.is_dir() or path.is_file()
    }


def test_all_files_come_and_go(home):
    assert config(home, check_mode=True).values["changed"]
    assert tree(home) == {}
    predicted = config(home, check_mode=True).values
    made = config(home).values
    assert predicted == made
    assert not config(home).values["changed"]
    modes = {path: oct(mode) for path, (mode, _content) in tree(home).items()}
    assert modes[".config/pip/pip.conf"] == modes[".config/uv/uv.toml"] == "0o644"
    assert modes[".pypirc"] == modes[".npmrc"] == "0o600"
    assert config(home, state="absent").values["changed"]
    assert not [path for path in home.rglob("*") if path.is_file()]
    assert not config(home, state="absent").values["changed"]


def test_a_login_is_its_owners_alone_from_the_first_moment(home, monkeypatch):
    """Each write is looked at as it happens: the mode is there before the content. The umask lets everybody read."""
    seen = []
    fdopen = os.fdopen

    def watched(descriptor, *arguments, **keywords):
        file = fdopen(descriptor, *arguments, **keywords)
        if "w" in arguments[0]:
            write = file.write

            def looking(content):
                status = os.fstat(descriptor)
                seen.append((oct(stat.S_IMODE(status.st_mode)), status.st_size, len(content)))
                return write(content)

            return Looking(file, looking)
        return file

    class Looking:
        def __init__(self, file, write):
            self.file, self.write = file, write

        def __enter__(self):
            self.file.__enter__()
            return self

        def __exit__(self, *error):
            return self.file.__exit__(*error)

        def flush(self):
            self.file.flush()

    monkeypatch.setattr(os, "fdopen", watched)
    (home / ".netrc").write_text("machine other login a password b\n")
    (home / ".netrc").chmod(0o666)
    before = os.umask(0)
    try:
        result = login(home)
    finally:
        os.umask(before)
    assert not result.failed
    assert [(mode, size) for mode, size, _length in seen] == [("0o600", 0)]
    assert stat.S_IMODE((home / ".netrc").stat().st_mode) == 0o600
    assert "sesame" not in str(result)


def test_new_folders_are_the_users(home):
    before = os.umask(0)
    try:
        config(home)
    finally:
        os.umask(before)
    assert stat.S_IMODE((home / ".config").stat().st_mode) == 0o700


def test_symbolic_links_stay(home, tmp_path):
    (tmp_path / "dotfiles").mkdir()
    real = tmp_path / "dotfiles" / "pip.conf"
    real.write_text("[global]\ntimeout = 5\n")
    (home / ".config").symlink_to(tmp_path / "dotfiles")
    (tmp_path / "dotfiles" / "pip").mkdir()
    (tmp_path / "dotfiles" / "pip" / "pip.conf").symlink_to("../pip.conf")
    assert config(home, clients=["pip"], indexes=[INDEX]).values["changed"]
    assert (tmp_path / "dotfiles" / "pip" / "pip.conf").is_symlink()
    assert "index-url" in real.read_text()
    config(home, clients=["pip"], state="absent")
    assert real.read_text() == "[global]\ntimeout = 5\n"


def test_a_link_to_nothing_becomes_a_file_and_a_link_to_nothing_again(home, tmp_path):
    (home / ".netrc").symlink_to(tmp_path / "elsewhere")
    assert not login(home).failed
    assert (home / ".netrc").is_symlink()
    assert stat.S_IMODE((tmp_path / "elsewhere").stat().st_mode) == 0o600
    assert not login(home, state="absent").failed
    assert not (tmp_path / "elsewhere").exists()
    assert (home / ".netrc").is_symlink()


def folder_in_place(home: Path) -> str:
    (home / ".netrc").mkdir()
    return f"{home}/.netrc is a folder: remove it, for its client reads a file there."


def pipe_in_place(home: Path) -> str:
    os.mkfifo(home / ".netrc")
    return f"{home}/.netrc is no file with text: remove it, for its client reads a file there."


def socket_in_place(home: Path) -> str:
    os.chdir(home)
    socket.socket(socket.AF_UNIX).bind(".netrc")
    return f"{home}/.netrc cannot be read: no such device or address."


def circle(home: Path) -> str:
    (home / ".netrc").symlink_to(".netrc")
    return f"{home}/.netrc cannot be read: its symbolic links lead in a circle."


def latin(home: Path) -> str:
    (home / ".netrc").write_bytes("# ok\n# ü\n".encode("latin-1"))
    return f"{home}/.netrc line 2 is not UTF-8: rewrite the file in that encoding."


def read_only(home: Path) -> str:
    (home / ".netrc").write_text("")
    (home / ".netrc").chmod(0o444)
    return f"{home}/.netrc is read-only (mode 0444): somebody wants it to stay as it is. Make it writable first."


def two_names(home: Path) -> str:
    (home / ".netrc").write_text("")
    os.link(home / ".netrc", home / "other")
    return f"{home}/.netrc has 2 names (hard links), of which only one would be changed: make it a file of its own."


def huge(home: Path) -> str:
    (home / ".netrc").write_text("#\n" * files.LARGEST)
    return f"{home}/.netrc has more than 4 MiB, which no configuration has."


def bad_syntax(home: Path) -> str:
    (home / ".netrc").write_text("machine a login b password c\n\nmachin d\n")
    return f"{home}/.netrc line 3 is not netrc syntax: pip, uv and poetry silently ignore the whole file because of it. Mend that line, or remove it."


def taken(home: Path) -> str:
    (home / ".netrc").write_text("machine index.example.com login b password sesame-canary\n")
    return (
        f"{home}/.netrc line 1 has a login for index.example.com already, and netrc one for each host: remove it, or give replace: true to have "
        "it commented out."
    )


def no_home(home: Path) -> str:
    home.rmdir()
    home.write_text("")
    return f"{home}/.netrc cannot be read: a file is in place of one of its folders."


ODD = [folder_in_place, pipe_in_place, socket_in_place, circle, latin, read_only, two_names, huge, bad_syntax, taken, no_home]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.__name__)
@pytest.mark.parametrize("check_mode", [True, False])
def test_odd_homes(home, monkeypatch, odd, check_mode):
    monkeypatch.chdir(home.parent)
    said = odd(home)
    before = tree(home.parent)
    result = login(home, check_mode=check_mode)
    assert result.failed
    assert result.values["msg"] == said
    assert result.values["changed"] is False
    assert tree(home.parent) == before


@pytest.mark.parametrize("odd", ODD[:-1], ids=lambda odd: odd.__name__)
def test_a_file_that_is_refused_leaves_all_others(home, monkeypatch, odd):
    """The others would have been written before it."""
    monkeypatch.chdir(home.parent)
    odd(home)
    before = tree(home)
    config(home)
    mixed = login(
        home,
        clients=["twine", "npm", "netrc"],
        logins=[LOGIN, {**NPM, "password": "x", "expires": "2030-01-31T12:00:00Z"}],
    )
    assert mixed.failed
    assert "sesame" not in (home / ".pypirc").read_text()
    assert {path: content for path, content in tree(home).items() if path in before} == before


def test_a_thousand_files_of_pip(home):
    """Each is written whole, or refused in one sentence and left; what was written is taken away to the byte."""
    pieces = [
        "[global]",
        "index-url = b",
        "\tx",
        " extra-index-url:",
        "# c",
        "",
        "[install]",
        "timeout 5",
        "timeout = 5",
        "\ufeff",
    ]
    heads = ["[global]", "[install]\n\n[global]", "# c\n[list]", "\ufeff[global]", "[global"]
    folder = home / ".config" / "pip"
    folder.mkdir(parents=True)
    file, outcomes = folder / "pip.conf", {"written": 0, "refused": 0}
    for number in range(1000):
        ending = ("\n", "\r\n")[number % 2]
        lines = [heads[number // 200], *(pieces[number // 10**place % 10] for place in range(2))]
        before = ending.join(lines).encode() + (b"", b"\n")[number % 3 > 0]
        file.write_bytes(before)
        mode = (0o600, 0o644, 0o640)[number % 3]
        file.chmod(mode)
        replace = bool(number % 5)
        result = config(home, clients=["pip"], indexes=[INDEX], replace=replace)
        if result.failed:
            outcomes["refused"] += 1
            said = result.values["msg"]
            assert (said.startswith(f"{file} line "), said[-1], "\n" in said) == (True, ".", False), said
        else:
            outcomes["written"] += 1
            assert b"https://index.example.com/simple/" in file.read_bytes()
            assert not config(home, clients=["pip"], indexes=[INDEX], replace=replace).values["changed"]
            assert not config(home, clients=["pip"], indexes=[], state="absent").failed
        assert file.read_bytes() == before
        assert stat.S_IMODE(file.stat().st_mode) == mode
        assert [found.name for found in folder.iterdir()] == ["pip.conf"]
    assert min(outcomes.values()) > 100, outcomes


@pytest.mark.skipif(ROOT, reason="root may read and write everything")
@pytest.mark.parametrize("mode", [0o000, 0o500])
def test_what_the_user_may_not(home, mode):
    home.chmod(mode)
    try:
        result = login(home)
    finally:
        home.chmod(0o700)
    assert "permission is denied" in result.values["msg"]


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
def test_files_of_others_and_their_owners(home, tmp_path):
    """As another user: what is root's is refused. As root: what is another user's stays theirs."""
    (home / ".netrc").write_text("")
    os.chown(home / ".netrc", 65534, 65534)
    assert not login(home).failed
    status = (home / ".netrc").stat()
    assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (65534, 0o600)


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_group_that_the_user_cannot_keep(home, monkeypatch, check_mode):
    """As a user would see it: the file is theirs, and its group is somebody else's."""
    netrc = home / ".netrc"
    netrc.write_text("# theirs\n")
    os.chown(netrc, 65534, 1)
    before = tree(home)
    for name, value in (("geteuid", 65534), ("getegid", 65534), ("getgroups", [65534])):
        monkeypatch.setattr(files.os, name, lambda value=value: value)
    result = login(home, check_mode=check_mode)
    assert result.failed
    assert f"{netrc} has the group {grp.getgrgid(1).gr_name}, in which {files.user()} is not" in result.values["msg"]
    assert tree(home) == before


def test_another_writer_is_not_overwritten(home, monkeypatch):
    path = home / "file"
    path.write_text("theirs")
    replace = files._unchanged

    def meanwhile(planned):
        path.write_text("theirs, newer")
        replace(planned)

    monkeypatch.setattr(files, "_unchanged", meanwhile)
    with pytest.raises(LostRace, match="changed by somebody else"):
        files.apply(Place(str(path)), lambda text: Edit(f"{text} and ours"))
    assert path.read_text() == "theirs, newer"
    assert [found.name for found in home.iterdir()] == ["file"]


def test_two_of_us_wait_for_each_other(home):
    path = home / "file"

    def add(number):
        files.apply(Place(str(path)), lambda text: Edit(f"{text or ''}{number}\n"))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, path.read_text().split())) == list(range(20))


@pytest.mark.parametrize("params", [{}, {"state": "absent"}])
def test_what_a_killed_run_leaves_the_next_one_removes(home, params):
    """SIGKILL between the new content and its place: nothing of ours can run then, and a login would stay in the folder for good."""
    (home / ".netrc").write_text("machine theirs.example.com login theirs password kept\n")
    (home / ".netrc").chmod(0o600)
    before = tree(home)
    pid = os.fork()
    if pid == 0:
        files.os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        login(home)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
    assert len(tree(home)) == 2, "the run was not killed in the moment that this is about"
    assert {mode for mode, content in tree(home).values() if LOGIN["password"].encode() in content} == {0o600}

    assert login(home, check_mode=True, **params).values["changed"] == (not params)
    assert len(tree(home)) == 2, "check mode removes nothing"
    assert login(home, **params).values["changed"] == (not params)
    assert set(tree(home)) == set(before)


def test_a_full_disk_leaves_what_was_there(home, monkeypatch):
    (home / ".netrc").write_text("# mine\n")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = login(home)
    assert result.values["msg"] == f"{home}/.netrc cannot be written: the disk is full."
    assert (home / ".netrc").read_text() == "# mine\n"
    assert [path.name for path in home.iterdir()] == [".netrc"]


def test_a_file_system_without_attributes(home, monkeypatch):
    """As of some network file systems, where homes may be. Source: listxattr(2)."""

    def refuse(*_args, **_more):
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    (home / ".netrc").write_text("# mine\n")
    monkeypatch.setattr(os, "listxattr", refuse)
    assert not login(home).failed
    assert "sesame-canary" in (home / ".netrc").read_text()


def test_a_file_of_the_machine_is_made_readable(home):
    etc = home.parent / "etc"
    etc.mkdir()
    (etc / "pip.conf").write_text("[global]\ntimeout = 5\n")
    (etc / "pip.conf").chmod(0o600)
    result = config(home, level="machine", clients=["pip", "uv"], indexes=[INDEX])
    assert not result.failed
    assert oct(stat.S_IMODE((etc / "pip.conf").stat().st_mode)) == "0o644"
    assert stat.S_IMODE((etc / "uv").stat().st_mode) == 0o755
    # uv reads one of its two files for the machine.
    (etc / "xdg" / "uv").mkdir(parents=True)
    (etc / "xdg" / "uv" / "uv.toml").write_text("")
    result = config(home, level="machine", clients=["uv"], indexes=[INDEX])
    assert result.values["files"][0]["path"] == str(etc / "xdg" / "uv" / "uv.toml")


def test_a_mode_that_is_too_wide_is_a_change(home):
    login(home)
    (home / ".netrc").chmod(0o644)
    assert login(home, check_mode=True).values["changed"]
    assert login(home).values["changed"]
    assert not login(home).values["changed"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_taking_away_what_was_never_there_changes_no_mode(home, check_mode):
    """A file in which nothing is ours is another one's business, its mode included."""
    etc = home.parent / "etc"
    etc.mkdir()
    files = {etc / "pip.conf": 0o640, home / ".netrc": 0o644, home / ".pypirc": 0o640}
    for path, mode in files.items():
        path.write_text("[global]\ntimeout = 5\n" if path.suffix == ".conf" else "")
        path.chmod(mode)
    gone = config(home, check_mode=check_mode, state="absent", level="machine", clients=["pip"], indexes=None)
    assert gone.values["changed"] is False
    gone = login(home, check_mode=check_mode, state="absent", clients=["pip", "twine"])
    assert gone.values["changed"] is False
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in files} == files


def test_a_login_that_stays_keeps_its_file_private(home):
    """As with twice the same: what is left of ours is still its user's alone."""
    other = {**LOGIN, "name": "b", "url": "https://b.example.com/"}
    login(home, logins=[LOGIN, other])
    (home / ".netrc").chmod(0o644)
    login(home, state="absent", logins=[other])
    assert stat.S_IMODE((home / ".netrc").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("client", "text", "line"),
    [
        ("pip", "[global]\ntimeout = 5\n[install]\nfind-links = https://ada:sesame@files.example.com/\n", 4),
        ("pip", "[global]\nproxy = ada:sesame@proxy.example.com:3128\n", 2),
        ("uv", 'find-links = ["https://ada:sesame@files.example.com/"]\n', 1),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_login_of_somebody_else_is_not_opened_to_everybody(home, client, text, line, check_mode):
    path = home.parent / "etc" / {"pip": "pip.conf", "uv": "uv/uv.toml"}[client]
    path.parent.mkdir(parents=True)
    path.write_text(text)
    path.chmod(0o640)
    refused = config(home, check_mode=check_mode, level="machine", clients=[client], indexes=[INDEX])
    assert refused.failed
    assert refused.values["msg"].startswith(f"{path} line {line} has a login in it, and the file needs the mode 0644")
    assert "sesame" not in str(refused.values)
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (text, 0o640)
    # Where everybody can read it already, that is no longer this module's doing.
    path.chmod(0o644)
    assert not config(home, level="machine", clients=[client], indexes=[INDEX]).failed


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"HOME": "/nonexistent/home"}, "cannot be used: no such file or directory"),
        ({"HOME": "/proc/version"}, "is not a folder"),
        ({"HOME": "relative"}, "has no home"),
    ],
)
def test_homes_that_are_none(environment, says):
    with pytest.raises(RegistryAuthError, match=says):
        Surroundings.of_process(environment)


@pytest.mark.skipif(not ROOT, reason="only root can give files away")
def test_a_home_of_somebody_else(tmp_path):
    """As after become without a home of its own: a file of root in it would be one that its user may not read."""
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(RegistryAuthError, match="run the task as that user, with become_user"):
        Surroundings.of_process({"HOME": str(tmp_path)})


def test_configuration_follows_xdg(tmp_path):
    found = Surroundings.of_process({"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "xdg")})
    assert found.config == str(tmp_path / "xdg")
    assert Surroundings.of_process({"HOME": str(tmp_path), "XDG_CONFIG_HOME": "xdg"}).config == str(
        tmp_path / ".config"
    )


def test_virtual_environments(home, tmp_path):
    venv = tmp_path / "venv"
    venv.mkdir()
    refused = config(home, level="venv", venv=str(venv), clients=["pip"], indexes=[INDEX])
    assert "is not a virtual environment" in refused.values["msg"]
    (venv / "pyvenv.cfg").write_text("")
    assert not config(home, level="venv", venv=str(venv), clients=["pip"], indexes=[INDEX]).failed
    assert (venv / "pip.conf").exists()
    said = config(home, level="venv", venv=str(venv), clients=["uv"], indexes=[INDEX]).values["msg"]
    assert "uv reads no file in a virtual environment" in said


@pytest.mark.parametrize("failing", ["npm: not found", "relative", ""])
def test_npm_that_does_not_say_where_its_file_is(tmp_path, monkeypatch, failing):
    npm = tmp_path / "npm"
    if failing:
        npm.write_text(f"#!/bin/sh\necho {failing}\n")
        npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    if failing:
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(RegistryAuthError, match="did not name a file" if failing else "npm is not on the PATH"):
        places.npm_global_file()


def test_npm_that_cannot_be_started(tmp_path, monkeypatch):
    (tmp_path / "npm").write_bytes(b"\x7fELF garbage")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    with pytest.raises(RegistryAuthError, match=r"npm cannot be started, and .*: exec format error"):
        places.npm_global_file()


def test_npm_says_where_its_file_is(tmp_path, monkeypatch):
    (tmp_path / "npm").write_text(
        '#!/bin/sh\ntest "$npm_config_userconfig" = /dev/null && test -z "$NPM_CONFIG_GLOBALCONFIG" && echo /opt/etc/npmrc\n'
    )
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    monkeypatch.setenv("NPM_CONFIG_GLOBALCONFIG", "/somewhere")
    assert places.npm_global_file() == "/opt/etc/npmrc"


@pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed")
def test_npm_leaves_nothing_in_the_home_for_being_asked(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert places.npm_global_file().startswith("/")
    assert list(tmp_path.iterdir()) == []


REFUSED = [
    ({"indexes": []}, "indexes is missing or empty"),
    ({"indexes": [{"name": "a b", "url": "https://x.example.com/"}]}, "indexes[0]: name 'a b' is not accepted"),
    ({"indexes": [{"name": "a", "url": "https://u:sesame@x.example.com/"}]}, "indexes[0]: url holds a user name or password"),
    ({"indexes": [{"name": "a", "url": "ftp://x.example.com/"}]}, "indexes[0]: url is not a URL"),
    ({"indexes": [{"name": "a", "url": "https://x.example.com/#x"}]}, "indexes[0]: url has characters"),
    ({"indexes": [{"name": "a", "url": "https://x.example.com/${X}"}]}, "indexes[0]: url has characters"),
    ({"indexes": [{"name": "a", "url": "http://x.example.com/", "username": "aws"}]}, "over plain http"),
    ({"indexes": [{"name": "a", "url": "https://x.example.com/", "keyring": True}]}, "keyring needs username"),
    ({"indexes": [{"name": "a", "url": "https://x.example.com/", "scope": "@acme"}]}, "scope is for format npm"),
    ({"indexes": [{**NPM, "scope": "acme"}]}, "scope 'acme' is not one of npm"),
    ({"indexes": [{**NPM, "extra": True}]}, "extra is not for npm"),
    ({"indexes": [{**NPM, "keyring": True, "username": "aws"}]}, "keyring is not for npm"),
    ({"indexes": [INDEX, INDEX]}, "Two indexes are named ours"),
    ({"indexes": [INDEX, {**INDEX, "name": "b"}]}, "ours and b are both to be the index for format python"),
    ({"indexes": [NPM, {**NPM, "name": "b"}]}, "both to be the index for the npm scope @acme"),
    ({"indexes": [{**INDEX, "name": "pypi"}]}, "means something else to twine"),
    ({"clients": ["pip"], "indexes": [INDEX, NPM]}, "No client of pip can use n"),
    ({"level": "machine"}, "twine has no file for the machine"),
    ({"level": "venv"}, "uv reads no file in a virtual environment"),
    ({"venv": "/x"}, "level venv and venv go together"),
]  # fmt: skip


@pytest.mark.parametrize(("params", "says"), REFUSED)
def test_options_that_are_refused(home, params, says):
    result = config(home, check_mode=True, **params)
    assert result.values["failure"] == {"code": "invalid_input"}
    assert says in result.values["msg"]
    assert "sesame" not in result.values["msg"]
    assert tree(home) == {}


REFUSED_LOGINS = [
    ([], "logins is missing or empty"),
    ([{**LOGIN, "password": ""}], "logins[0]: password is missing"),
    ([{**LOGIN, "username": ""}], "logins[0]: username is missing"),
    ([{**LOGIN, "username": "a b"}], "logins[0]: username has characters"),
    ([{**LOGIN, "password": "sesame\nx"}], "control character"),
    ([{**LOGIN, "password": "sesame "}], "begins or ends with a blank"),
    ([{**LOGIN, "expires": None}], "neither expires nor keep is set"),
    ([{**LOGIN, "expires": "tomorrow"}], "expires 'tomorrow' is not a time"),
    ([{**LOGIN, "url": "http://x.example.com"}], "over plain http"),
    ([LOGIN, LOGIN], "Two logins are named ours"),
    ([LOGIN, {**LOGIN, "name": "b", "password": "other"}], "for which a netrc file has one login"),
    (
        [TOKEN, {**TOKEN, "name": "b", "url": NPM["url"].rstrip("/"), "password": "sesame-b"}],
        "for which npm has one token",
    ),
]


@pytest.mark.parametrize(("logins", "says"), REFUSED_LOGINS)
def test_logins_that_are_refused(home, logins, says):
    result = login(home, check_mode=True, logins=logins, clients=["pip", "npm"])
    assert result.values["failure"] == {"code": "invalid_input"}
    assert says in result.values["msg"]
    assert "sesame" not in result.values["msg"]
    assert tree(home) == {}


def test_a_login_for_twine_needs_its_section_and_check_mode_takes_it_for_made(home):
    wanted = {"clients": ["twine"]}
    assert login(home, check_mode=True, **wanted).values["changed"]
    refused = login(home, **wanted)
    assert refused.values["failure"] == {"code": "not_found"}
    assert "let package_client_config write it first" in refused.values["msg"]
    config(home)
    assert login(home, **wanted).values["changed"]
    assert not login(home, **wanted).values["changed"]


def test_a_login_that_lasts_is_kept_when_that_is_said_twice(home):
    assert not login(home, logins=[{**LOGIN, "expires": None, "keep": True}]).failed


def test_a_warning_of_extra_indexes(home):
    extra = {"name": "more", "url": "https://more.example.com/simple/", "extra": True}
    assert any("dependency confusion" in warning for warning in config(home, indexes=[INDEX, extra, NPM]).warnings)


def test_a_program_and_its_secrets(home, tmp_path):
    """No argument of a system call but the write of content has the secret: of all that the writing of a login does."""
    trace = tmp_path / "trace"
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.login import log_in\n"
        "from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.places import Surroundings\n"
        f"log_in({LOGINS!r}, Surroundings({str(home)!r}, {str(home)!r}), check_mode=False, diff_mode=True)\n"
    )
    opened = tmp_path / "sitecustomize.py"
    opened.write_text(
        "import os, sys\n"
        f"log = os.open({str(trace)!r}, os.O_WRONLY | os.O_CREAT, 0o600)\n"
        "def hook(event, arguments):\n"
        "    if event.split('.')[0] in ('open', 'os', 'subprocess', 'shutil', 'tempfile'):\n"
        "        os.write(log, f'{event} {arguments!r}\\n'.encode())\n"
        "sys.addaudithook(hook)\n"
    )
    # ansible-test finds the collection without it.
    link_collection()
    path = os.pathsep.join([str(tmp_path), str(COLLECTIONS)])
    subprocess.run([sys.executable, str(script)], env={"PYTHONPATH": path, "PATH": os.environ["PATH"]}, check=True)
    events = trace.read_text()
    assert "os.rename" in events
    assert "sesame" not in events
    assert "sesame" in (home / ".netrc").read_text()


def test_whole_files(home):
    place = Place(str(home / "a" / "b"), mode=0o755)
    assert files.apply(place, Whole(b"\x00\xff")).changed
    assert not files.apply(place, Whole(b"\x00\xff")).changed
    assert stat.S_IMODE((home / "a" / "b").stat().st_mode) == 0o755
    assert files.apply(place, Whole(None)).changed
    assert not (home / "a" / "b").exists()


def test_errors_of_permission_are_told_apart(home):
    with pytest.raises(PermissionDenied, match="permission is denied to"), files.told("/x", "read"):
        raise OSError(13, "Permission denied")
