# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What package_clients_info tells of files, and that no login comes out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines import info
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.contents import READERS
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.places import NoFile, Surroundings
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.verdicts import RULES

LOGIN_BLOCK = "#>>>pkgops.registry_auth:login:{};until={}\n{}\n#<<<pkgops.registry_auth:login:{}\n"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write files below a home and C(etc), and say what is told of them."""
    home, etc = tmp_path / "home", tmp_path / "etc"
    home.mkdir()
    tmp_path.chmod(0o755)

    def without_npm():
        raise NoFile("npm is not there")

    monkeypatch.setattr(info, "npm_global_file", without_npm)

    def tell(modes: dict[str, int] | None = None, soon: str = "0s", clients=None, **files: str):
        for name, text in files.items():
            path = tmp_path / NAMES[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod((modes or {}).get(name, 0o644 if name.startswith("machine") else 0o600))
        around = Surroundings(str(home), str(home / ".config"), str(etc))
        result = info.tell({"clients": clients, "venv": None, "soon": soon}, around)
        assert "sesame" not in str(result.values)
        found = result.values["package_clients"]
        assert all(finding["code"] in RULES and finding["remedy"] for finding in found["findings"])
        return found

    return tell


NAMES = {
    "machine_pip": "etc/pip.conf",
    "machine_uv": "etc/uv/uv.toml",
    "machine_uv_xdg": "etc/xdg/uv/uv.toml",
    "old_pip": "home/.pip/pip.conf",
    "pip": "home/.config/pip/pip.conf",
    "uv": "home/.config/uv/uv.toml",
    "twine": "home/.pypirc",
    "npm": "home/.npmrc",
    "poetry": "home/.config/pypoetry/config.toml",
    "poetry_auth": "home/.config/pypoetry/auth.toml",
    "netrc": "home/.netrc",
}
PIP = "[global]\nindex-url = https://ours.example.com/simple/\n"
NETRC = "machine ours.example.com login aws password sesame\n"


def codes(found) -> list[tuple[str, str]]:
    return [(finding["code"], finding["severity"]) for finding in found["findings"]]


def test_nothing_is_wrong(told):
    found = told(pip=PIP, netrc=NETRC, twine="[ours]\nrepository = https://ours.example.com/\npassword = sesame\n")
    assert codes(found) == []
    assert [(one["client"], one["kind"], one["login"]) for one in found["indexes"]] == [
        ("pip", "default", "netrc"),
        ("twine", "publish", "file"),
    ]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"pip": "[global]\nextra-index-url = https://ours.example.com/simple/\n"}, ("extra_public_index", "high")),
        ({"pip": f"{PIP}extra-index-url = https://x.example.com/\n"}, ("extra_public_index", "medium")),
        ({"pip": f"{PIP}extra-index-url = https://x.example.com/\n", "netrc": NETRC}, ("extra_public_index", "high")),
        ({"pip": PIP.replace("//", "//aws:sesame@")}, ("login_in_url", "medium")),
        ({"pip": "[global]\nbroken\n"}, ("file_broken", "high")),
        ({"uv": "x = \n"}, ("file_broken", "high")),
        ({"poetry_auth": "x = \n"}, ("file_broken", "high")),
        ({"netrc": f"{NETRC}garbage sesame\n"}, ("netrc_ignored", "high")),
        ({"machine_pip": PIP.replace("//", "//aws:sesame@")}, ("login_of_machine", "high")),
        (
            {"uv": '[[index]]\nurl = "https://x.example.com/"\n[[index]]\nurl = "https://ours.example.com/"\ndefault = true\n', "netrc": NETRC},
            ("index_asked_first", "high"),
        ),
        ({"uv": '[[index]]\nurl = "https://ours.example.com/"\n', "netrc": NETRC}, ("extra_public_index", "low")),
        # uv's extra indexes are always a list.
        ({"uv": 'extra-index-url = [\n  "https://ours.example.com/simple/", # ours\n]\n'}, ("extra_public_index", "low")),
        ({"uv": 'extra-index-url = ["https://b.example.com/", "https://a:sesame@x.example.com/"]\n'}, ("login_in_url", "medium")),
        ({"uv": 'index = [{name = "x", url = "https://a:sesame@x.example.com/"}]\n'}, ("login_in_url", "medium")),
        ({"uv": '[[index]]\nurl = "https://a:sesame@x.example.com/"\nexplicit = true\n'}, ("login_in_url", "medium")),
        ({"machine_uv": 'find-links = ["https://a:sesame@x.example.com/"]\n'}, ("login_of_machine", "high")),
        ({"machine_pip": "[global]\nproxy = a:sesame@proxy.example.com:3128\n"}, ("login_of_machine", "high")),
        ({"machine_pip": "[download]\nindex-url = https://a:sesame@x.example.com/\n"}, ("login_of_machine", "high")),
        (
            {"netrc": LOGIN_BLOCK.format("a", "2020-01-01T00:00:00Z", "machine a login b password sesame", "a")},
            ("login_expired", "high"),
        ),
        (
            {"npm": LOGIN_BLOCK.format("a", "2020-01-01T00:00:00Z", "//a/:_authToken=sesame", "a")},
            ("login_expired", "high"),
        ),
    ],
)  # fmt: skip
def test_what_is_wrong(told, files, expected):
    assert expected in codes(told(**files))


def test_a_variable_is_no_secret(told):
    """The documentation of npm recommends it, for files that everybody may read."""
    text = "@acme:registry=https://ours.example.com/\n//ours.example.com/:_authToken=${NPM_TOKEN}\n"
    found = told(npm=text, modes={"npm": 0o644})
    assert codes(found) == []
    assert [one["login"] for one in found["indexes"]] == ["token"]
    found = told(npm=text.replace("${", "sesame${"), modes={"npm": 0o644})
    assert [code for code, _severity in codes(found)] == ["secret_readable"]


def test_more_secrets_of_files(told):
    texts = {
        "npm": "https-proxy=http://ada:sesame@proxy.example.com:3128\n",
        "poetry_auth": '[http-basic]\nours = {username = "ada", password = "sesame"}\n',
        "pip": "[wheel]\nfind-links = https://ada:sesame@x.example.com/\n",
    }
    found = told(**texts, modes=dict.fromkeys(texts, 0o644))
    assert [code for code, _severity in codes(found)] == ["secret_readable"] * 3


def test_what_only_looks_like_a_login(told):
    texts = {
        "npm": "init-author-email=ada@example.com\ngit=git@github.com:acme/tool.git\nhttps-proxy=http://proxy.example.com:3128\n",
        "pip": "[global]\nfind-links = git+ssh://git@github.com:acme/tool https://x.example.com:8443/@acme\n",
        "uv": 'find-links = ["https://x.example.com:8443/@acme/"]\n',
    }
    assert told(**texts)["logins"] == []


def test_logins_that_end_soon(told):
    text = LOGIN_BLOCK.format("a", "2100-01-01T00:00:00Z", "machine a login b password sesame", "a")
    assert codes(told(netrc=text)) == []
    assert codes(told(netrc=text, soon="52000w")) == [("login_ends", "medium")]


def test_modes(told, tmp_path):
    assert codes(told(netrc=NETRC, modes={"netrc": 0o644})) == [("secret_readable", "medium")]
    # Tests' own folders are their owner's; with those open to all, everybody gets there.
    opened = [parent for parent in tmp_path.parents if parent != Path("/") and not parent.stat().st_mode & 0o001]
    modes = {parent: parent.stat().st_mode for parent in opened}
    for parent in opened:
        parent.chmod(0o755)
    try:
        assert codes(told(netrc=NETRC, modes={"netrc": 0o644})) == [("secret_readable", "high")]
    finally:
        for parent, mode in modes.items():
            parent.chmod(mode)
    assert ("file_writable", "high") in codes(told(pip=PIP, modes={"pip": 0o666}))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_the_user_may_not_read(told):
    found = told(pip=PIP, netrc=NETRC, modes={"pip": 0o000, "netrc": 0o000})
    assert {code for code, _severity in codes(found)} == {"file_unreadable"}


def test_later_files_of_pip_count_and_the_last_one_of_a_setting_decides(told):
    found = told(
        machine_pip=f"{PIP}extra-index-url = https://x.example.com/\n",
        old_pip="[install]\nextra-index-url =\n",
        pip=PIP,
    )
    assert [one["path"].rpartition("/home/")[2] or one["path"] for one in found["files"]][-1] == ".config/pip/pip.conf"
    assert codes(found) == [("extra_public_index", "medium")]


def test_a_section_of_pip_for_the_command_counts_whatever_file_it_is_in(told):
    extra = "extra-index-url = https://x.example.com/\n"
    assert codes(told(machine_pip=f"[install]\n{extra}", pip=PIP)) == [("extra_public_index", "medium")]
    # An extra index that another one stands in for, and so nobody asks.
    found = told(machine_pip=f"[install]\n{extra}", old_pip=PIP, pip=f"[global]\n{extra.replace('x.', 'y.')}")
    assert [one["message"].partition(" has ")[0] for one in found["findings"]] == [
        f"{found['files'][0]['path']} line 2"
    ]


def test_an_entry_of_uv_that_takes_the_default_away(told):
    """With the same name in the user's file and no default, what the machine has as default is gone, and uv asks PyPI."""
    entry = '[[index]]\nname = "ours"\nurl = "https://ours.example.com/"\n'
    assert codes(told(machine_uv=f"{entry}default = true\n")) == []
    assert codes(told(machine_uv=f"{entry}default = true\n", uv=entry)) == [("extra_public_index", "low")]


def test_a_host_s_own_login_comes_before_the_one_for_all(told):
    own = LOGIN_BLOCK.format(
        "ours.example.com",
        "2100-01-01T00:00:00Z",
        "machine ours.example.com login b password sesame",
        "ours.example.com",
    )
    found = told(pip=PIP, netrc=f"default login a password sesame\n{own}")
    assert [one["expires"] for one in found["indexes"]] == ["2100-01-01T00:00:00Z"]


def test_a_mark_that_somebody_changed_says_no_time(told):
    text = LOGIN_BLOCK.format("a", "some-day", "machine a login b password sesame", "a")
    assert [one["expires"] for one in told(netrc=text)["logins"]] == [None]


def test_the_hidden_file_of_uv_is_not_told_of(told):
    found = told(
        machine_uv='[[index]]\nurl = "https://hidden.example.com"\n',
        machine_uv_xdg='[[index]]\nurl = "https://seen.example.com"\ndefault = true\n',
    )
    assert [one["url"] for one in found["indexes"]] == ["https://seen.example.com"]


@pytest.mark.parametrize(
    ("line", "login"),
    [
        ("//ours.example.com/:_authToken=sesame", "token"),
        ("//ours.example.com/npm/:_password=c2VzYW1l", "token"),
        ("//other.example.com/:_authToken=sesame", "none"),
    ],
)
def test_tokens_of_npm_hold_for_what_is_below(told, line, login):
    found = told(npm=f"@acme:registry=https://ours.example.com/npm/\n{line}\n")
    assert [(one["scope"], one["login"]) for one in found["indexes"]] == [("@acme", login)]


def test_keyrings(told):
    found = told(
        pip=f"{PIP}keyring-provider = subprocess\n",
        uv='keyring-provider = "subprocess"\n[[index]]\nurl = "https://aws@ours.example.com/"\ndefault = true\n',
    )
    assert [one["login"] for one in found["indexes"]] == ["keyring", "keyring"]
    assert [one["url"] for one in found["indexes"]] == ["https://ours.example.com/simple/", "https://ours.example.com/"]


def test_poetry(told):
    found = told(
        poetry='[repositories.ours]\nurl = "https://x:sesame@ours.example.com/"\n',
        poetry_auth='[http-basic.ours]\nusername = "a"\npassword = "sesame"\n',
        clients=["poetry"],
    )
    assert [(one["name"], one["url"], one["login"]) for one in found["indexes"]] == [
        ("ours", "https://ours.example.com/", "url")
    ]


# A password's own slash, question mark or hash ends the host too early.
SPLIT = ["https://u:sesame/x@h/", "https://u:1/sesame@h/", "https://u:2?sesame@h/", "https://u:3#sesame@h/"]


def test_scopes_in_addresses_are_shown(told):
    url = "https://ours.example.com:8443/@acme/"
    assert [one["url"] for one in told(npm=f"registry={url}\n")["indexes"]] == [url]


@pytest.mark.parametrize("url", ["https://[sesame", "https://u:sesame@[x/", "//sesame:sesame@/", *SPLIT])
@pytest.mark.parametrize("client", ["pip", "npm"])
def test_urls_that_are_none_are_not_shown(client, url):
    text = f"[global]\nindex-url = {url}\n" if client == "pip" else f"registry={url}\n"
    assert "sesame" not in str(READERS[client](text).indexes)
