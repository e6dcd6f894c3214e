# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make docs/access_report.png of the report that the demo has written.

``python tests/tools/report_picture.py``, after ``make demo``, with a chromium on PATH.
"""

from __future__ import annotations

import shutil
import sys

from checkout import BUILD, CHECKOUT
from PIL import Image
from playwright.sync_api import sync_playwright

PAGE = BUILD / "access-report" / "access_report.html"
PICTURE = CHECKOUT / "docs" / "access_report.png"
WIDTH, COLORS = 1200, 64
#: What is chosen, and what is left of the page: the matrix of both clouds.
WHO_MAY, UNTIL = "read", "#access"


def main() -> int:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None or not PAGE.exists():
        print("A chromium on PATH is needed, and the page of the demo.", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": WIDTH, "height": 900}).new_page()
        page.goto(PAGE.as_uri())
        page.wait_for_selector("html[data-ready]")
        page.select_option("#may", WHO_MAY)
        end = page.locator(UNTIL).bounding_box()
        page.screenshot(
            path=PICTURE, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": end["y"] + end["height"] + 24}
        )
        browser.close()
    # A page has few colors, and with as many the file is a third of the size.
    Image.open(PICTURE).quantize(COLORS).save(PICTURE, optimize=True)
    print(f"wrote {PICTURE.relative_to(CHECKOUT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
