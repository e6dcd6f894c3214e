# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A name of ours that is open to the public index through a virtual repository of Artifact Registry, and then served from ours alone.
Judged by pip."""

from __future__ import annotations

import json
from dataclasses import dataclass

from artifact_registry import LOCATION, REPOSITORY, ArtifactRegistryDemo
from dependency_confusion import OURS, THEIRS, TOOL, Names, Stranger
from narration import OWNER, PROJECT, build, expect, say, step, twine

PARENT = f"projects/{PROJECT}/locations/{LOCATION}/repositories"
#: Ours; ours and public ones together; and what the role makes.
STANDARD, MIXED, INDEX = "python-ours", "python-all", "python-index"
ROLE = f"""\
package_protection_project: {PROJECT}
package_protection_indexes:
  - repository: {INDEX}
    location: {LOCATION}
    format: PYTHON
    upstream_policies:
      - {{id: ours, repository: {STANDARD}, priority: 100}}
    purge_upstream_policies: true
"""


@dataclass
class ArtifactRegistryNamesDemo:
    artifact_registry: ArtifactRegistryDemo
    stranger: Stranger

    def create(self, repository: str, **body: object) -> None:
        path = f"artifactregistry/v1/{PARENT}?repositoryId={repository}"
        status, _answer = self.artifact_registry.cloud.call("POST", path, {"format": "PYTHON", **body})
        expect(status == 200, f"The repository {repository} could not be created.")

    def run(self) -> None:
        """Raises DemoError."""
        demo = self.artifact_registry
        environment = demo.environment()
        asked = {"project": PROJECT, "location": LOCATION, "repositories": [MIXED]}
        names = Names(demo.directory, "gcp_repository_access_info", asked, ROLE, environment)
        ours = build(demo.directory, TOOL, "1.0.0", "Ours.")
        policies = [
            {"id": name, "repository": f"{PARENT}/{name}", "priority": priority}
            for name, priority in ((STANDARD, 100), (REPOSITORY, 10))
        ]
        # Behind the remote repository is the index that the stranger publishes to.
        demo.cloud.accept(demo.token, self.stranger.token)
        self.create(STANDARD)
        self.create(MIXED, mode="VIRTUAL_REPOSITORY", virtualRepositoryConfig={"upstreamPolicies": policies})

        step(
            19,
            f"{TOOL} is ours in Artifact Registry, too. A virtual repository serves it next to public packages. Priority decides equal versions "
            "only: whether it hides newer ones is not documented, and one public report says that it does not.",
        )
        say(f"owner:     $ twine upload {ours.name}, to {STANDARD}")
        address = demo.index_url(STANDARD).removesuffix("simple/")
        expect(twine(ours, address, "oauth2accesstoken", OWNER) is None, "The owner cannot publish.")
        say(f"  {MIXED}: " + json.dumps({one["id"]: one["priority"] for one in policies}))
        found = names.findings()
        expect([one["severity"] for one in found] == ["high"], "The access answer does not warn.")
        expect(demo.pip_download(MIXED, TOOL) == THEIRS, "The access answer warned of nothing.")

        step(20, "The role serves acme-* from an index of ours alone. Who asks that one gets ours.")
        changed, _said = names.protect()
        expect(changed == 1, "The role changed something else than the index.")
        expect(demo.pip_download(INDEX, TOOL) == OURS, "The stranger's package comes still.")
