# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user who has nothing but a home and a virtual environment installs our package, with what the role wrote and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import venv
from dataclasses import dataclass
from pathlib import Path

from codeartifact import ACCOUNT, OURS, REGION, CodeArtifactDemo
from narration import BUILD, CHECKOUT, LOG, expect, play, run, say, step

#: All of the machine that is changed. It stays after the demo, to be looked at.
MACHINE = BUILD / "demo-machine"
INVENTORY = """\
package_clients:
  hosts:
    demo:
      ansible_connection: local
      ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
      package_clients_become: false
      package_clients_level: venv
      package_clients_venv: {venv}
      package_clients_clients: [pip]
      package_clients_login: controller
      package_clients_indexes:
        - name: ours
          codeartifact: {{domain: demo, domain_owner: "{account}", region: {region}, repository: python}}
          url: {url}
          package: {package}
"""


@dataclass
class PackageClientsDemo:
    codeartifact: CodeArtifactDemo
    home: Path = MACHINE / "home"
    environment: Path = MACHINE / "venv"

    def set_up(self) -> int:
        """Run the playbook: how many tasks changed something. Raises DemoError."""
        inventory = INVENTORY.format(
            venv=self.environment,
            account=ACCOUNT,
            region=REGION,
            url=f"{self.codeartifact.endpoint}simple/",
            package=OURS,
        )
        # The token is the controller's, and what is written is in the user's home.
        variables = self.codeartifact.environment("owner") | {"HOME": str(self.home)}
        said = play(self.codeartifact.directory, "package_clients", inventory, variables)
        recap = re.search(r"^demo\s*:\s*ok=\d+\s+changed=(\d+)", said, re.MULTILINE)
        expect(recap is not None, "The playbook did not work on the machine.")
        say(f"  {recap[1]} tasks changed something")
        return int(recap[1])

    def run(self) -> None:
        """Raises DemoError."""
        shutil.rmtree(MACHINE, ignore_errors=True)
        self.home.mkdir(parents=True)
        venv.create(self.environment, with_pip=True, symlinks=True)

        step(
            22,
            f"A user has a home and a virtual environment. The role sets up pip, logs it in, and proves that {OURS} comes from ours.",
        )
        expect(self.set_up() > 0, "Nothing changed.")
        for file in sorted(path for path in MACHINE.rglob("*") if path.name in ("pip.conf", ".netrc")):
            say(f"  wrote {file.relative_to(CHECKOUT)}, mode {file.stat().st_mode & 0o777:04o}")
        expect((self.home / ".netrc").stat().st_mode & 0o777 == 0o600, "Others may read the login.")

        step(23, "pip install works with nothing but that, and a second run changes nothing.")
        say(f"$ pip install {OURS}")
        typed = {"HOME": str(self.home), "PATH": f"{self.environment / 'bin'}{os.pathsep}{os.defpath}"}
        command = [
            str(self.environment / "bin" / "pip"),
            "install",
            "--disable-pip-version-check",
            "--no-cache-dir",
            OURS,
        ]
        done = run(command, typed)
        expect(done.returncode == 0, "pip cannot install the package.")
        (installed,) = re.findall(r"^Successfully installed (\S+)", done.stdout, re.MULTILINE)
        say(f"  installed {installed}")
        expect(self.set_up() == 0, "The second run changed something.")
        token = (self.home / ".netrc").read_text().split("password ")[1].split()[0]
        expect(token not in LOG.read_text(), "A token is in the log.")
