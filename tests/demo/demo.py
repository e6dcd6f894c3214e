# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the workflow does to Artifact Registry and to CodeArtifact, on the local cloud, with real clients as the judges.

Tells what it does step by step, and ends with an error as soon as something is not as told.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from artifact_registry import ArtifactRegistryDemo
from codeartifact import CodeArtifactDemo
from narration import CHECKOUT, LOG, Cloud, DemoError, begin


def main() -> int:
    started = time.monotonic()
    begin()
    print("From a token to a working remote repository, and from policies to who may install and publish.")
    print("All on a local cloud: nothing here leaves this machine.")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="registry-auth-demo-") as directory,
            Cloud(Path(directory) / "cloud") as cloud,
        ):
            ArtifactRegistryDemo(cloud, Path(directory)).run()
            CodeArtifactDemo(cloud, Path(directory)).run()
    except DemoError as error:
        print(f"\nFAILED: {error} All output is in {LOG.relative_to(CHECKOUT)}.", flush=True)
        return 1
    print(f"\nDone in {time.monotonic() - started:.0f} seconds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
