# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs C(ansible-test), without ignore files, on a copy of the collection: C(sanity), C(units) or C(integration), and what else it takes.

Sanity tests install what they need into environments of their own; all others run in the one that runs this.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from types import SimpleNamespace

from ansible_test._internal.python_requirements import get_venv_packages
from checkout import BUILD, copy_collection, link_dependencies

#: What ansible-test would download to put pip into each of its many environments. They share one that is installed once.
BOOTSTRAP = """\
import sysconfig
from pathlib import Path

Path(sysconfig.get_path("purelib"), "pip.pth").write_text({folder!r})
"""


def prepare_home(home: Path) -> None:
    """Put the bootstrap where ansible-test looks before it downloads, and the user's pip settings where pip looks."""
    python = SimpleNamespace(version=f"{sys.version_info.major}.{sys.version_info.minor}")
    pip_version = get_venv_packages(python)["pip"]
    folder = home / f"pip-{pip_version}"
    if not folder.exists():
        install = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
        subprocess.run([*install, "--target", folder, f"pip=={pip_version}"], check=True)
    script = home / ".ansible" / "test" / "cache" / f"get_pip_{pip_version.replace('.', '_')}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(BOOTSTRAP.format(folder=str(folder)))

    settings = ConfigParser(interpolation=None)
    settings["global"] = pip_settings() | {"quiet": "2"}
    (home / ".pip").mkdir(exist_ok=True)
    with (home / ".pip" / "pip.conf").open("w") as file:
        settings.write(file)


def pip_settings() -> dict[str, str]:
    """The user's settings for all of pip's commands, whether they come from files or the environment.

    ansible-test hands on neither the user's files nor the environment, and both may say where packages come from.
    """
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    )
    settings: dict[str, dict[str, str]] = {"global": {}, ":env:": {}}
    for line in listing.stdout.splitlines():
        name, value = line.split("=", 1)
        section, key = name.rsplit(".", 1)
        settings.get(section, {})[key] = ast.literal_eval(value)
    return settings["global"] | settings[":env:"]


def search_path() -> str:
    """PATH with the virtual environment first, and without pyenv's shims: they answer for Pythons that are not there."""
    folders = [str(Path(sys.executable).parent), *os.environ.get("PATH", os.defpath).split(os.pathsep)]
    return os.pathsep.join(folder for folder in folders if Path(folder).name != "shims")


def main(kind: str, *arguments: str) -> int:
    home = BUILD / f"{kind}-home"
    prepare_home(home)
    copy = copy_collection(BUILD / kind)
    link_dependencies(BUILD / kind)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    environment |= {"HOME": str(home), "PATH": search_path()}
    program = shutil.which("ansible-test", path=environment["PATH"])
    needs = ["--requirements"] if kind == "sanity" else []
    return subprocess.call(
        [program, kind, *needs, "--python", "default", "--color", "no", *arguments], cwd=copy, env=environment
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if sys.argv[1:] else "Say what to run: sanity, units or integration.")
