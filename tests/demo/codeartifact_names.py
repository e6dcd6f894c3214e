# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A name of ours that is open to the public index through CodeArtifact, and then protected. Judged by pip and the AWS CLI."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codeartifact import REGION, REPOSITORY, CodeArtifactDemo
from dependency_confusion import OURS, THEIRS, TOOL, Names, Stranger
from narration import LOG, build, expect, say, step

PACKAGE = [*REPOSITORY, "--format=pypi", f"--package={TOOL}"]
ROLE = f"""\
package_protection_domain: demo
package_protection_region: {REGION}
"""


@dataclass
class CodeArtifactNamesDemo:
    codeartifact: CodeArtifactDemo
    stranger: Stranger

    def run(self) -> None:
        """Raises DemoError."""
        demo, endpoint = self.codeartifact, self.codeartifact.endpoint
        environment = demo.environment("owner")
        names = Names(demo.directory, "codeartifact_access_info", {"domain": "demo"}, ROLE, environment)
        ours = build(demo.directory, TOOL, "1.0.0", "Ours.")

        step(
            16,
            f"{TOOL} is ours. A stranger publishes a newer one in public. CodeArtifact protects a name that was first published in it.",
        )
        demo.log_in("owner")
        expect(demo.upload("owner", endpoint, ours), "The owner cannot publish.")
        expect(self.stranger.publish() is None, "The index refused the package.")
        expect(demo.install("owner", endpoint, TOOL) == OURS, "The name that was published first is not protected.")

        step(
            17,
            "A name that nobody has published yet is open, and so is ours where its setting allows upstreams, as for packages from before May 2022.",
        )
        restrictions = "--restrictions=publish=ALLOW,upstream=ALLOW"
        say("owner:     $ aws codeartifact put-package-origin-configuration " + restrictions)
        demo.aws("owner", "put-package-origin-configuration", *PACKAGE, restrictions)
        found = names.findings()
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
        changed, said = names.protect()
        expect(changed == 1, "The role changed something else than the package group.")
        expect(
            re.search(r'"package": "acme-tool"', said) is not None and '"99.0.0"' in said,
            "What came before is not told.",
        )
        say(f"  still there: {TOOL} 99.0.0, from the public index")
        say("owner:     $ aws codeartifact dispose-package-versions --versions=99.0.0")
        demo.aws("owner", "dispose-package-versions", *PACKAGE, "--versions=99.0.0")
        expect(demo.install("owner", endpoint, TOOL) == OURS, "The stranger's package is still installed.")
        expect(self.stranger.token not in LOG.read_text(), "A token is in the log.")
