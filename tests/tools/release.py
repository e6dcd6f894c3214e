# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the collection for a release, with its notes, once galaxy.yml and the changelog agree on the version."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from checkout import BUILD, CHECKOUT, copy_collection

RELEASE = BUILD / "release"


def obstacles(version: str, checkout: Path = CHECKOUT) -> list[str]:
    """What keeps a version from being released, a sentence each."""
    found = []
    ours = yaml.safe_load((checkout / "galaxy.yml").read_text())["version"]
    if ours != version:
        found.append(f"galaxy.yml has version {ours}, not {version}.")
    if version not in yaml.safe_load((checkout / "changelogs" / "changelog.yaml").read_text())["releases"]:
        found.append(f"The changelog does not have version {version}: run antsibull-changelog release.")
    if waiting := sorted(path.name for path in (checkout / "changelogs" / "fragments").glob("*.y*ml")):
        found.append(f"{len(waiting)} changelog fragments are in no release, {waiting[0]} for one.")
    return found


def main(version: str) -> int:
    if found := obstacles(version):
        print("\n".join(found), file=sys.stderr)
        return 1
    copy = copy_collection(BUILD / "release-copy")
    shutil.rmtree(RELEASE, ignore_errors=True)
    RELEASE.mkdir()
    notes = ["--output", str(RELEASE / "NOTES.md"), "--only-latest", "--output-format", "md"]
    subprocess.run(["antsibull-changelog", "generate", *notes], cwd=copy, check=True)
    subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", str(RELEASE)], cwd=copy, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
