# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the workflow does to Artifact Registry, to CodeArtifact and on GitHub, on the local cloud, with real clients as the judges.

Tells what it does step by step, and ends with an error as soon as something is not as told.
"""

from __future__ import annotations

import json
import secrets
import sys
import tempfile
import time
from pathlib import Path

from artifact_registry import REPOSITORY, ArtifactRegistryDemo
from artifact_registry_names import MIXED, ArtifactRegistryNamesDemo
from codeartifact import INVENTORY, CodeArtifactDemo
from codeartifact_names import CodeArtifactNamesDemo
from dependency_confusion import NAMES, Stranger
from narration import BUILD, CHECKOUT, LOG, Cloud, DemoError, begin, expect, play, say, step
from package_clients import PackageClientsDemo
from trusted_publishing import TrustedPublishingDemo


def report(artifact_registry: ArtifactRegistryDemo, codeartifact: CodeArtifactDemo) -> Path:
    """Run the playbook that says who may do what, and return the page that it writes."""
    step(21, "Who may do what with all of this, and why? The access report says it on one page.")
    # One host is both a project and a domain.
    inventory = artifact_registry.inventory() + INVENTORY
    environment = artifact_registry.environment() | codeartifact.environment("owner")
    folder = BUILD / "access-report"
    variables = json.dumps({"access_report_directory": str(folder), "access_report_names": NAMES})
    play(artifact_registry.directory, "access_report", inventory, environment, f"-e{variables}")
    page = folder / "access_report.html"
    expect(page.exists(), "There is no access report.")
    found = json.loads(page.with_suffix(".json").read_text())["findings"]
    open_through = {
        repository.rpartition("/")[2]
        for one in found
        if one["code"] == "public_package_in_place_of_ours"
        for repository in one["about"]["repositories"]
    }
    # The index of ours alone is none of them, and nor is the domain.
    expect(open_through == {MIXED, REPOSITORY}, f"Names are open through {open_through}.")
    say(
        f"  wrote {page.relative_to(CHECKOUT)}; names of ours are open through {' and '.join(sorted(open_through))} still"
    )
    return page


def main() -> int:
    started = time.monotonic()
    begin()
    print(
        "From a token to a working remote repository, from policies to who may install, to publishing without a token,\n"
        "to names that nobody else can take, and to a machine that installs."
    )
    print("All on a local cloud: nothing here leaves this machine.")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="registry-auth-demo-") as directory,
            Cloud(Path(directory) / "cloud") as cloud,
        ):
            artifact_registry = ArtifactRegistryDemo(cloud, Path(directory))
            codeartifact = CodeArtifactDemo(cloud, Path(directory))
            artifact_registry.run()
            codeartifact.run()
            TrustedPublishingDemo(cloud, Path(directory)).run()
            stranger = Stranger(cloud, Path(directory), secrets.token_urlsafe(32))
            cloud.accept(stranger.token)
            CodeArtifactNamesDemo(codeartifact, stranger).run()
            ArtifactRegistryNamesDemo(artifact_registry, stranger).run()
            page = report(artifact_registry, codeartifact)
            PackageClientsDemo(codeartifact).run()
    except DemoError as error:
        print(f"\nFAILED: {error} All output is in {LOG.relative_to(CHECKOUT)}.", flush=True)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} seconds. The access report is {page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
