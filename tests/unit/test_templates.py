# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What templates may not say, because a release of ansible-core that is supported reads it in another way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from checkout import CHECKOUT

#: In a template file, ansible-core 2.19.0 fails for an item that is not there before any of these can ask for it: `make demo` with that
#: release ended with "object of type 'dict' has no attribute". With a dot in place of brackets, and with `in`, it does not.
ASKED = re.compile(r"\]\)*\s*(?:\|\s*(?:default|d)\s*\(|is\s+(?:not\s+)?(?:un)?defined\b)")
TEMPLATES = sorted(path.relative_to(CHECKOUT) for path in (CHECKOUT / "roles").glob("*/templates/**/*.j2"))


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_no_template_asks_whether_an_item_in_brackets_is_there(template: Path) -> None:
    lines = (CHECKOUT / template).read_text().splitlines()

    assert [number for number, line in enumerate(lines, 1) if ASKED.search(line)] == []


def test_it_would_be_seen() -> None:
    assert TEMPLATES
    for asked in ("if d[name] is defined", "{{ d['b'] | default('x') }}", "(d[k]) is not defined"):
        assert ASKED.search(asked)
    assert not ASKED.search("if name in d and d[name]")
