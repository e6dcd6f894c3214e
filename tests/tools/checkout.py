# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the checkout is, how Ansible sees it as a collection, and copies of it. Run as a script, makes the link."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).resolve().parent.parent.parent
BUILD = CHECKOUT / "build"
COLLECTIONS = BUILD / "collections"
PLACE = Path("ansible_collections", "pkgops", "registry_auth")


def link_collection() -> Path:
    """Make the link by which Ansible finds the checkout as C(pkgops.registry_auth), and return it.

    Several processes may do so at once: who comes second finds it there.
    """
    link = COLLECTIONS / PLACE
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        try:
            # Relative, so that a checkout can be moved.
            link.symlink_to(Path("../../../.."), target_is_directory=True)
        except FileExistsError:
            if not link.is_symlink():
                raise
    return link


def copy_collection(root: Path) -> Path:
    """Lay a fresh copy of the collection under C(root) and return it, for tools that a link would mislead.

    Holds what git tracks or would: changes not committed are judged too, leavings of tools are not. It is a repository
    of its own, because the tools ask git for the files, and to git the checkout's C(build) is to be ignored.
    """
    copy = root / PLACE
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listing.stdout.split("\0")):
        source, target = CHECKOUT / name, copy / name
        # A file deleted but not yet staged is listed still.
        if source.exists() or source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    subprocess.run(["git", "add", "--all"], cwd=copy, check=True)
    return copy


def link_dependencies(root: Path) -> None:
    """Make the collections that this one depends on findable under C(root), for tools that look nowhere else.

    They come with the package ansible: what tests need is installed from package indexes alone, without Galaxy.
    """
    installed = importlib.util.find_spec("ansible_collections")
    places = list(installed.submodule_search_locations or ()) if installed else []
    for name in yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["dependencies"]:
        folder = Path(*name.split("."))
        source = next(place / folder for place in map(Path, places) if (place / folder).is_dir())
        link = root / "ansible_collections" / folder
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(source, target_is_directory=True)


def ansible_environment() -> dict[str, str]:
    """The variables by which Ansible finds the collection, and nothing of the user's own settings."""
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        "ANSIBLE_HOME": str(BUILD / "ansible-home"),
    }


if __name__ == "__main__":
    link_collection()
