# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from pypi_simple import UnsupportedRepoVersionError

from local_cloud.services.packaging.simple_pages import HTML, JSON, parse, render, through_repository, wants_json

UPSTREAM = "http://127.0.0.1:9000"
URL = f"{UPSTREAM}/simple/demo/"
PAGE = b"""<!DOCTYPE html><html><body>
<a href="../../packages/demo-1.0-py3-none-any.whl#sha256=aa" data-requires-python="&gt;=3.9">
demo-1.0-py3-none-any.whl</a>
<a href="http://127.0.0.1:9000/packages/demo-2.0.tar.gz" data-yanked="broken &amp; bad">demo-2.0.tar.gz</a>
</body></html>"""


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("text/html", False),
        (JSON, True),
        (f"{JSON}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01", True),
        (f"text/html, {JSON};q=0.5", False),
        (f"{JSON};q=0", False),
        (f"{JSON};q=x", False),
    ],
)
def test_which_form(accept: str, expected: bool) -> None:
    assert wants_json(accept) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{UPSTREAM}/packages/a.whl#sha256=aa", "../../packages/a.whl"),
        (f"{UPSTREAM}/packages/a%2Bb.whl", "../../packages/a%2Bb.whl"),
        ("http://127.0.0.1:90001/packages/a.whl", "http://127.0.0.1:90001/packages/a.whl"),
        ("https://files.example.com/a.whl", "https://files.example.com/a.whl"),
    ],
)
def test_links(url: str, expected: str) -> None:
    assert through_repository(url, UPSTREAM) == expected


def test_html_keeps_what_pip_reads() -> None:
    text = render(parse("demo", PAGE, "text/html; charset=utf-8", URL), UPSTREAM, as_json=False).decode()
    again = parse("demo", text.encode(), HTML, f"{UPSTREAM}/repo/simple/demo/")
    assert [package.url for package in again.packages] == [
        f"{UPSTREAM}/repo/packages/demo-1.0-py3-none-any.whl",
        f"{UPSTREAM}/repo/packages/demo-2.0.tar.gz",
    ]
    first, second = again.packages
    assert (first.digests, first.requires_python, first.is_yanked) == ({"sha256": "aa"}, ">=3.9", False)
    assert (second.is_yanked, second.yanked_reason) == (True, "broken & bad")


def test_json_from_html_and_from_json() -> None:
    made = json.loads(render(parse("demo", PAGE, HTML, URL), UPSTREAM, as_json=True))
    assert made["files"] == [
        {
            "filename": "demo-1.0-py3-none-any.whl",
            "url": "../../packages/demo-1.0-py3-none-any.whl",
            "hashes": {"sha256": "aa"},
            "requires-python": ">=3.9",
        },
        {
            "filename": "demo-2.0.tar.gz",
            "url": "../../packages/demo-2.0.tar.gz",
            "hashes": {},
            "yanked": "broken & bad",
        },
    ]
    again = render(parse("demo", json.dumps(made).encode(), JSON, URL), UPSTREAM, as_json=True)
    assert json.loads(again) == made


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}"])
def test_pages_that_are_none(body: bytes) -> None:
    with pytest.raises((ValueError, UnsupportedRepoVersionError)):
        parse("demo", body, JSON, URL)
