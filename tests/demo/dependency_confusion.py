# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Somebody publishes a newer package under a name of ours, and pip takes it, until the name is protected. Judged by pip and the AWS CLI."""

from __future__ import annotations

import json
import re
import secrets
import textwrap
from dataclasses import dataclass

from codeartifact import REGION, REPOSITORY, CodeArtifactDemo
from narration import LOG, Cloud, apply_role, ask, build, expect, say, step, twine

TOOL = "acme-tool"
OURS, THEIRS = "acme_tool-1.0.0", "acme_tool-99.0.0"
PACKAGE = [*REPOSITORY, "--format=pypi", f"--package={TOOL}"]
NAMES = ["acme-*"]
INVENTORY = f"""\
all:
  hosts:
    demo:
      ansible_connection: local
      ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
      package_protection_domain: demo
      package_protection_region: {REGION}
      package_protection_names: {json.dumps(NAMES)}
      package_protection_formats: [pypi]
"""


@dataclass
class DependencyConfusionDemo:
    cloud: Cloud
    codeartifact: CodeArtifactDemo

    def findings(self) -> list[dict[str, str]]:
        """What the access answer says about our names; shown as it says it."""
        options = json.dumps({"domain": "demo", "names": NAMES, "formats": ["pypi"]})
        environment = self.codeartifact.environment("owner")
        answer = ask(self.codeartifact.directory, "codeartifact_access_info", options, INVENTORY, environment)
        found = [one for one in answer["access"]["findings"] if one["code"] == "public_package_in_place_of_ours"]
        for one in found:
            message = f"{one['severity'].upper()} {one['message']}"
            for line in textwrap.wrap(message, 110, subsequent_indent="  "):
                say(f"  {line}")
        say("  Remedy:" if found else "  nothing is open under these names")
        if found:
            for line in found[0]["remedy"].strip().splitlines():
                say(f"    {line}")
        return found

    def protect(self) -> tuple[int, str]:
        """Run the role: how many tasks changed something, and what it says."""
        environment = self.codeartifact.environment("owner")
        changed, said = apply_role(self.codeartifact.directory, "package_protection", INVENTORY, environment)
        say(f"  {changed} {'task' if changed == 1 else 'tasks'} changed something")
        return changed, said

    def run(self) -> None:
        """Raises DemoError."""
        demo, endpoint = self.codeartifact, self.codeartifact.endpoint
        ours = build(demo.directory, TOOL, "1.0.0", "Ours.")
        theirs = build(demo.directory, TOOL, "99.0.0", "Somebody else's.")
        token = secrets.token_urlsafe(32)

        step(
            16,
            f"{TOOL} is ours. A stranger publishes a newer one in public. CodeArtifact protects a name that was first published in it.",
        )
        demo.log_in("owner")
        expect(demo.upload("owner", endpoint, ours), "The owner cannot publish.")
        self.cloud.accept(token)
        say(f"stranger:  $ twine upload {theirs.name}, to the public index")
        expect(twine(theirs, self.cloud.public_index, "__token__", token) is None, "The index refused the package.")
        expect(demo.install("owner", endpoint, TOOL) == OURS, "The name that was published first is not protected.")

        step(
            17,
            "A name that nobody has published yet is open, and so is ours where its setting allows upstreams, as for packages from before May 2022.",
        )
        restrictions = "--restrictions=publish=ALLOW,upstream=ALLOW"
        say("owner:     $ aws codeartifact put-package-origin-configuration " + restrictions)
        demo.aws("owner", "put-package-origin-configuration", *PACKAGE, restrictions)
        found = self.findings()
        expect({one["severity"] for one in found} == {"high"}, "The access answer does not warn.")
        expect(
            {one["about"]["package"] for one in found} >= {f"/pypi//{TOOL}"},
            "The access answer does not warn of the tool.",
        )
        expect(demo.install("owner", endpoint, TOOL) == THEIRS, "The access answer warned of nothing.")

        step(
            18,
            "The role blocks public versions of acme-* in the whole domain, and says what came before. Without that, pip gets ours.",
        )
        changed, said = self.protect()
        expect(changed == 1, "The role changed something else than the package group.")
        expect(
            re.search(r'"package": "acme-tool"', said) is not None and '"99.0.0"' in said,
            "What came before is not told.",
        )
        say(f"  still there: {TOOL} 99.0.0, from the public index")
        say("owner:     $ aws codeartifact dispose-package-versions --versions=99.0.0")
        demo.aws("owner", "dispose-package-versions", *PACKAGE, "--versions=99.0.0")
        expect(demo.install("owner", endpoint, TOOL) == OURS, "The stranger's package is still installed.")
        expect(self.findings() == [], "The access answer still warns.")
        expect(token not in LOG.read_text(), "A token is in the log.")
