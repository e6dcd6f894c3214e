# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of package clients, generated in all odd ways: what others wrote comes back byte for byte, and is read as before meanwhile.

Judges are what the clients read their files with: configparser (pip, twine), tomllib (as poetry; uv's own reader is asked elsewhere) and
the netrc module (pip, poetry). npm's reader is asked in test_client_files_real.py, with the other real clients.
"""

from __future__ import annotations

import configparser
import netrc as python_netrc
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import RegistryAuthError
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.desired.indexes import Index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.desired.logins import Login
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.formats import (
    netrc,
    npmrc,
    pip_conf,
    poetry,
    pypirc,
    uv_toml,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.formats.marks import Odd, Taken
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

URL = "https://index.example.com/simple/"
OURS = Index("ours", URL, username="aws", keyring=True, publish=True, publish_url="https://index.example.com/")
EXTRA = Index("more", "https://more.example.com/simple/", extra=True)
NPM = (
    Index("n", "https://npm.example.com/", format="npm"),
    Index("m", "https://acme.example.com/npm/", format="npm", scope="@acme"),
)
LOGIN = Login("ours", URL, username="aws", password="sesame==", until="2030-01-31T12:00:00Z")

WORDS = st.sampled_from(
    ["a", "1", "true", "https://other.example.com/simple/", "ünï", "%(x)s", "x;y", "a#b", "日本", "\u2028", "\x0c"]
)
SPACES = st.sampled_from(["", " ", "  ", "\t"])
COMMENTS = st.builds(
    "{}{}{}".format, SPACES, st.sampled_from("#;"), st.sampled_from(["", " note", "x = 1", "[global]", " ünï"])
)
ENDS = st.sampled_from(["\n", "\r\n"])


def texts(lines: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Lines with ends of one kind or several, and with or without the last one."""

    def joined(parts: list[tuple[str, str]], end: str | None, last: bool) -> str:
        text = "".join(line + (end or own) for line, own in parts)
        return text if last or not parts else text[: -len(end or parts[-1][1])]

    return st.builds(joined, st.lists(st.tuples(lines, ENDS), max_size=14), st.one_of(st.none(), ENDS), st.booleans())


def ini(sections: list[str], keys: list[str]) -> st.SearchStrategy[str]:
    headers = st.builds("{}[{}]{}".format, SPACES, st.sampled_from(sections), SPACES)
    options = st.builds(
        "{}{}{}{}{}{}".format, SPACES, st.sampled_from(keys), SPACES, st.sampled_from("=:"), SPACES, WORDS
    )
    more = st.builds("{}{}".format, st.sampled_from(["  ", "\t", "      "]), WORDS)
    return texts(st.one_of(headers, options, options, more, COMMENTS, SPACES))


def parsed(text: str | None) -> dict[str, dict[str, str]]:
    """What configparser says, read from a file as pip and twine do."""
    parser = configparser.RawConfigParser()
    with tempfile.NamedTemporaryFile("wb", suffix=".ini") as file:
        file.write((text or "").encode())
        file.flush()
        parser.read(file.name, encoding="utf-8")
    return {"DEFAULT": dict(parser.defaults())} | {name: dict(parser.items(name)) for name in parser.sections()}


def is_read(text: str | None) -> bool:
    try:
        parsed(text)
    except (configparser.Error, AttributeError):
        return False
    return True


def check_both_ways(used, text, indexes) -> str | None:
    """Ours come and go. Returns what is there with them; None where the file is refused."""
    try:
        written = used.with_indexes(text, indexes, replace=True).text
    except Odd:
        return None
    assert used.without(written) == text
    assert used.with_indexes(written, indexes, replace=False).text == written
    assert used.without(text) == text
    return written


PIP = ini(
    ["global", "install", "DEFAULT", "list", "a]b"],
    ["index-url", "Index_URL", "extra-index-url", "no-input", "timeout", "find-links", "keyring-provider"],
)


@settings(max_examples=200)
@given(st.one_of(st.none(), PIP), st.sampled_from([(OURS,), (OURS, EXTRA), (EXTRA,)]))
def test_pip(text, indexes):
    written = check_both_ways(pip_conf, text, indexes)
    assert (written is not None) == is_read(text)
    if written is None:
        return
    before, after = parsed(text), parsed(written)
    assert after["global"]["no-input"] == "true"
    if OURS in indexes:
        assert (
            after["global"].get("index-url", after["global"].get("index_url"))
            == "https://aws@index.example.com/simple/"
        )
        assert not any(after.get("install", {}).get(key) for key in ("index-url", "index_url"))
    if indexes == (OURS,):
        assert "extra-index-url" not in after["global"]
    else:
        assert after["global"]["extra-index-url"].split() == [EXTRA.url]
    # Nothing else is another one than it was.
    ours = {"index-url", "index_url", "extra-index-url", "no-input", "keyring-provider"}
    for section, options in before.items():
        assert {key: value for key, value in options.items() if key not in ours} == {
            key: value for key, value in after[section].items() if key not in ours
        }


PYPIRC = ini(["distutils", "ours", "pypi", "other", "DEFAULT"], ["index-servers", "repository", "username", "password"])


@settings(max_examples=200)
@given(st.one_of(st.none(), PYPIRC))
def test_twine(text):
    written = check_both_ways(pypirc, text, (OURS,))
    # What is set for all repositories would hold for ours, too.
    assert (written is not None) == (is_read(text) and not parsed(text)["DEFAULT"])
    if written is None:
        return
    before, after = parsed(text), parsed(written)
    assert after["ours"]["repository"] == "https://index.example.com/"
    names = before.get("distutils", {}).get("index-servers", "pypi testpypi").split()
    assert after["distutils"]["index-servers"].split() in (names, [*names, "ours"])
    assert "ours" in after["distutils"]["index-servers"].split()
    for section in set(before) - {"distutils", "ours"}:
        assert before[section] == after[section]

    logged_in = pypirc.with_logins(written, [LOGIN], replace=True).text
    assert parsed(logged_in)["ours"] | {"username": "aws", "password": "sesame=="} == parsed(logged_in)["ours"]
    assert pypirc.with_logins(logged_in, [LOGIN], replace=False).text == logged_in
    assert pypirc.without_logins(logged_in, ["ours"]) == written
    # A run that configures leaves the login, and the end of the index is that of a login to it.
    assert pypirc.with_indexes(logged_in, (OURS,), replace=False).text == logged_in
    if "ours" not in before:
        assert pypirc.without(logged_in) == text


TOML_KEYS = st.sampled_from(
    ["cache-dir", "native-tls", "keyring-provider", "index-url", '"quoted"', "a.b", "extra-index-url"]
)
TOML_VALUES = st.sampled_from(
    [
        '"x"',
        "'y'",
        "true",
        "1",
        '["a", "b"]',
        "[\n  1, # one\n  2,\n]",
        '"""\n[[index]]\n"""',
        "'''a\n# b'''",
        '{ a = "]" }',
        '"a#b" # c',
        '"ünï"',
    ]
)
TOML_HEADERS = st.sampled_from(
    ["[pip]", "[[index]]", "[repositories]", "[repositories.ours]", "[repositories.other]", "[a.b] # c", " [ c ]"]
)
TOML_MORE = st.sampled_from(
    [
        'name = "other"',
        'name = "ours"',
        'url = "https://other.example.com/simple/"',
        "default = true",
        "explicit = true",
    ]
)
TOML = texts(
    st.one_of(st.builds("{}{} = {}".format, SPACES, TOML_KEYS, TOML_VALUES), TOML_HEADERS, TOML_MORE, SPACES, COMMENTS.filter(lambda text: ";" not in text))
)  # fmt: skip


def is_toml(text: str | None) -> bool:
    try:
        tomllib.loads(text or "")
    except tomllib.TOMLDecodeError:
        return False
    return True


@settings(max_examples=200, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.one_of(st.none(), TOML), st.sampled_from([(OURS,), (OURS, EXTRA), (EXTRA,)]))
def test_uv(text, indexes):
    valid = is_toml(text)
    try:
        written = check_both_ways(uv_toml, text, indexes)
    except Taken:
        assert valid
        return
    assert (written is not None) == valid
    if written is None:
        return
    before, after = tomllib.loads(text or ""), tomllib.loads(written)
    named = {entry.get("name"): entry for entry in after["index"]}
    if OURS in indexes:
        assert named["ours"]["url"] == "https://aws@index.example.com/simple/"
        assert after["keyring-provider"] == "subprocess"
        defaults = [entry for entry in after["index"] if entry.get("default")]
        assert [entry["name"] for entry in defaults] == [indexes[-1].name]
        # What is asked before ours is pinned to by name only.
        first = next(entry for entry in after["index"] if not entry.get("explicit"))
        assert first["name"] == "ours"
    gone = {"index", "index-url", "extra-index-url", "keyring-provider", "pip"}
    assert {key: before[key] for key in before if key not in gone} == {
        key: after[key] for key in after if key not in gone
    }


@settings(max_examples=120, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.one_of(st.none(), TOML))
def test_poetry(text):
    valid = is_toml(text)
    written = check_both_ways(poetry, text, (OURS,))
    assert (written is not None) == valid
    if written is None:
        return
    before, after = tomllib.loads(text or ""), tomllib.loads(written)
    assert after["repositories"]["ours"] == {"url": "https://index.example.com/"} | {
        key: value for key, value in after["repositories"]["ours"].items() if key != "url"
    }
    assert {key: before[key] for key in before if key != "repositories"} == {
        key: after[key] for key in after if key != "repositories"
    }


NPMRC = texts(
    st.one_of(
        st.builds(
            "{}{}{}={}{}".format,
            SPACES,
            st.sampled_from(["registry", "@acme:registry", "//npm.example.com/:_authToken", "save", "x[]"]),
            SPACES,
            SPACES,
            WORDS,
        ),
        st.sampled_from(["[section]", "garbage", '"registry" = "x"', "registry = a ; b", "save = '#'"]),
        COMMENTS,
        SPACES,
    )
)  # fmt: skip
NPM_LOGIN = Login("n", "https://npm.example.com/", format="npm", password="sesame==", until="2030-01-31T12:00:00Z")


@settings(max_examples=120)
@given(st.one_of(st.none(), NPMRC))
def test_npm(text):
    written = check_both_ways(npmrc, text, NPM)
    logged_in = npmrc.with_logins(written, [NPM_LOGIN], replace=True).text
    assert npmrc.with_logins(logged_in, [NPM_LOGIN], replace=False).text == logged_in
    assert npmrc.without_logins(logged_in, ["n"]) == written
    assert npmrc.with_indexes(logged_in, NPM, replace=False).text == logged_in
    assert npmrc.without_logins(npmrc.without(logged_in), ["n"]) == text


NETRC = texts(
    st.one_of(
        st.builds(
            "machine {} login {} password {}".format,
            st.sampled_from(["index.example.com", "other.example.com", "INDEX.example.com"]),
            st.sampled_from(["ada", '"a b"', "x\\ y", "#x"]),
            st.sampled_from(["p@:/#%", '"q\\"r"', "日本"]),
        ),
        st.sampled_from(
            ["machine other.example.com", "machine index.example.com", "login ada", "password x", "user ada", "account a"]
        ),
        st.sampled_from(["default login a password b", "default", "macdef init", "garbage", "login ada # x"]),
        st.sampled_from(["# note", "#note", "#", "# a b", "  # a"]),
        st.just("machine index.example.com login a password b machine c login d password e"),
        SPACES,
    )
)  # fmt: skip


def logins_of(text: str | None) -> dict[str, tuple[str, str, str]] | None:
    """What the netrc module says; None where it reads nothing of the file."""
    with tempfile.NamedTemporaryFile("wb") as file:
        file.write((text or "").encode())
        file.flush()
        try:
            return python_netrc.netrc(file.name).hosts
        except python_netrc.NetrcParseError:
            return None


@settings(max_examples=400)
@given(NETRC)
def test_netrc_is_read_as_python_reads_it(text):
    expected = logins_of(text)
    if expected is None:
        with pytest.raises(Odd) as caught:
            netrc.entries(text)
        assert 1 <= caught.value.line <= text.count("\n") + 1
        return
    found = {entry.host or "default": (entry.login, entry.password) for entry in netrc.entries(text)}
    assert found == {host: (login, password) for host, (login, _account, password) in expected.items()}


@settings(max_examples=200)
@given(st.one_of(st.none(), NETRC))
def test_netrc(text):
    before = logins_of(text)
    assume(before is not None)
    shared = "password b machine" in (text or "")
    try:
        written = netrc.with_logins(text, [LOGIN], replace=True).text
    except Odd:
        # Two on one line are not taken apart.
        written = None
    assert written is not None or shared
    if written is None:
        return
    assert netrc.without_logins(written, ["index.example.com"]) == text
    assert netrc.with_logins(written, [LOGIN], replace=False).text == written
    after = logins_of(written)
    theirs = {host: login for host, login in before.items() if host.lower() != "index.example.com"}
    assert after == {**theirs, "index.example.com": ("aws", "", "sesame==")}


@pytest.mark.parametrize("password", ["sesame", "a b", 'q"r', "back\\slash", "#hash", "p@:/%", "ünï"])
def test_passwords_that_netrc_has_to_quote(password):
    written = netrc.with_logins(None, [Login("ours", URL, username="aws", password=password)], replace=False).text
    assert logins_of(written) == {"index.example.com": ("aws", "", password)}


TAKEN = [
    (pip_conf, "[global]\n\nindex-url = x\n", (OURS,), 3),
    (pip_conf, "[install]\nindex_url = x\n", (OURS,), 2),
    (pip_conf, "[global]\nextra-index-url = x\n", (OURS, EXTRA), 2),
    (pip_conf, "[global]\nkeyring-provider = disabled\n", (OURS,), 2),
    (uv_toml, '# x\nindex-url = "https://other.example.com/"\n', (OURS,), 2),
    (uv_toml, '[[index]]\nname = "ours"\nurl = "https://other.example.com/"\n', (OURS,), 1),
    (uv_toml, '[[index]]\nurl = "https://other.example.com/"\ndefault = true\n', (OURS,), 1),
    (uv_toml, 'keyring-provider = "disabled"\n', (OURS,), 1),
    (uv_toml, 'a = 1\nindex = [{name = "x", url = "https://other.example.com/"}]\n', (EXTRA,), 2),
    (npmrc, "a=b\nregistry=https://other.example.com/\n", NPM, 2),
    (npmrc, "@acme:registry=https://other.example.com/\n", NPM, 1),
    # npm trims keys as JavaScript does, which counts a byte order mark as a blank.
    (npmrc, "\ufeff@acme:registry=https://other.example.com/\n", NPM, 1),
    (pypirc, "[ours]\nrepository = x\n", (OURS,), 2),
    (poetry, '[repositories.ours]\nurl = "https://other.example.com/"\n', (OURS,), 2),
]


@pytest.mark.parametrize(("used", "text", "indexes", "line"), TAKEN)
def test_what_others_set_is_refused_with_its_line(used, text, indexes, line):
    with pytest.raises(Taken) as caught:
        used.with_indexes(text, indexes, replace=False)
    assert caught.value.line == line
    assert "replace: true" in str(caught.value)
    # What was commented out once is not asked about again, and a change of ours keeps it so.
    written = used.with_indexes(text, indexes, replace=True).text
    assert used.with_indexes(written, indexes, replace=False).text == written


@pytest.mark.parametrize(("used", "text", "line"), [
    (pip_conf, "timeout = 1\n", 1),
    (pip_conf, "[global]\nx = 1\n[global]\n", 3),
    (pip_conf, "[global]\nx = 1\nx = 2\n", 3),
    (pip_conf, "[global]\n\nnonsense\n", 3),
    (pip_conf, "\ufeff[global]\n", 1),
    (pypirc, "\ufeff[pypi]\n", 1),
    (uv_toml, "\ufeffa = 1\n", 1),
    (netrc, "\ufeffmachine a login b password c\n", 1),
    (uv_toml, "a = 1\nb = \n", 2),
    (uv_toml, "a = 1\na = 2\n", 2),
    (uv_toml, "b = 1\na = " + "[" * 5000 + "\n", 2),
    (uv_toml, "b = 1\na = " + "9" * 5000 + "\n", 2),
    (netrc, "machine a login b\nmachine c logn d\n", 2),
    (netrc, "\n\nnonsense\n", 3),
    (npmrc, "a=b\n#>>>pkgops.registry_auth:index\nregistry=x\n", 2),
    (npmrc, "#<<<pkgops.registry_auth:index\n", 1),
])  # fmt: skip
def test_a_file_that_is_not_read_is_refused_with_the_line(used, text, line):
    edit = used.with_logins if used is netrc else used.with_indexes
    ours = [LOGIN] if used is netrc else NPM if used is npmrc else (OURS,)
    with pytest.raises(Odd) as caught:
        edit(text, ours, replace=True)
    assert caught.value.line == line
    assert "nonsense" not in str(caught.value)


@pytest.mark.parametrize("used", [pip_conf, uv_toml, netrc])
def test_a_byte_order_mark_is_named(used):
    """It cannot be seen, so the line alone would help nobody."""
    with pytest.raises(Odd, match="byte order mark"):
        (used.with_logins if used is netrc else used.with_indexes)("\ufeff", (), replace=False)


def test_npm_has_one_token_for_a_registry_whatever_its_login_is_named():
    first = replace(NPM_LOGIN, name="a", password="one")
    text = npmrc.with_logins(None, [first], replace=False).text
    text = npmrc.with_logins(text, [replace(first, name="b", password="two")], replace=False).text
    text = npmrc.with_logins(text, [replace(first, password="three")], replace=False).text
    assert [line for line in text.splitlines() if "_authToken" in line] == ["//npm.example.com/:_authToken=three"]
    assert npmrc.without_logins(text, ["a", "b"]) is None


def test_a_quoted_value_without_bottom_is_kept():
    text = "color='" + "[" * 100_000 + "'\n"

    assert npmrc.with_indexes(text, NPM, replace=False).text.startswith(text)


def test_what_is_added_to_our_section_stays():
    """People write at the end of a file, where a section of ours may be."""
    written = pip_conf.with_indexes(None, (OURS,), replace=False).text
    added = f"{written}timeout = 60\n"
    again = pip_conf.with_indexes(added, (OURS,), replace=False).text
    assert parsed(again)["global"] == parsed(added)["global"]
    assert parsed(pip_conf.without(added)) == {"DEFAULT": {}, "global": {"timeout": "60"}}

    written = uv_toml.with_indexes(None, (OURS,), replace=False).text
    with pytest.raises(Odd, match="move it above"):
        uv_toml.with_indexes(f"{written}offline = true\n", (OURS,), replace=False)


def test_what_stands_beside_ours_is_warned_of():
    edit = pip_conf.with_indexes("[global]\nextra-index-url = https://public.example.com\n", (OURS,), replace=False)
    assert len(edit.warnings) == 1
    assert "line 2" in edit.warnings[0]
    edit = uv_toml.with_indexes('[[index]]\nurl = "https://public.example.com"\n', (OURS,), replace=False)
    assert len(edit.warnings) == 1


def test_a_thousand_variants_of_pip_conf():
    """Each is either refused in one sentence or written whole."""
    pieces = [
        "[global]",
        "index-url=a",
        "index-url = b",
        "\tx",
        "  extra-index-url:",
        "    c",
        "# c",
        "",
        "[install]",
        "timeout 5",
    ]
    seen, said = set(), []
    for number in range(1000):
        lines = [pieces[(number // 10**place) % 10] for place in range(3)]
        text = "\r\n".join(lines) if number % 2 else "\n".join([*lines, ""])
        try:
            written = pip_conf.with_indexes(text, (OURS,), replace=bool(number % 3)).text
        except RegistryAuthError as error:
            seen.add(type(error))
            said.append(str(error))
        else:
            seen.add(str)
            assert parsed(written)["global"]["index-url"] == "https://aws@index.example.com/simple/"
            assert pip_conf.without(written) == text
    assert seen == {Odd, Taken, str}
    assert not any("\n" in sentence for sentence in said)


def test_the_oldest_python_can_read_the_room():
    """Syntax only; the program is run by an old Python where there is one."""
    import ast

    from checkout import CHECKOUT

    room = CHECKOUT / "plugins" / "module_utils"
    files = [
        *(room / "_machines").rglob("*.py"),
        *(room / "_base").glob("*.py"),
        room / "_options" / "text.py",
        room / "_options" / "common.py",
    ]
    assert len(files) > 15
    for file in files:
        ast.parse(Path(file).read_text(), str(file), feature_version=(3, 9))
