# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job of AWX has in its environment is enough for the modules.

Source of the variables: C(awx.main.models.credential.injectors.gce) of AWX's releases. Older ones set the names with C(GCE_) alone.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import PROJECT
from harness import Ansible, task

EMAIL = f"awx@{PROJECT}.iam.gserviceaccount.com"

OLD = {"GCE_EMAIL": EMAIL, "GCE_PROJECT": PROJECT, "GCE_CREDENTIALS_FILE_PATH": "{key}"}
NEW = OLD | {
    "GCP_AUTH_KIND": "serviceaccount",
    "GCP_ENV_TYPE": "tower",
    "GCP_PROJECT": PROJECT,
    "GCP_SERVICE_ACCOUNT_FILE": "{key}",
    "GOOGLE_APPLICATION_CREDENTIALS": "{key}",
}


@pytest.mark.parametrize("variables", [OLD, NEW], ids=["old", "new"])
def test_a_credential_of_type_google_compute_engine(
    ansible: Ansible, cloud: LocalCloud, tmp_path: Path, variables: dict[str, str]
) -> None:
    cloud.add_project(PROJECT, "123456789012", f"serviceAccount:{EMAIL}")
    key = tmp_path / "key.json"
    key.write_text(json.dumps(cloud.service_account_key(EMAIL)))
    for name in ("GCP_PROJECT", "GCP_ACCESS_TOKEN"):
        del ansible.environment[name]
    ansible.environment |= {name: value.format(key=key) for name, value in variables.items()}
    [result] = ansible.results([task("gcp_secret", secret="s")])
    assert result["changed"], result
    assert result["secret"]["name"] == "projects/123456789012/secrets/s"
    [created] = cloud.calls("CreateSecret")
    assert created["caller"] == f"serviceAccount:{EMAIL}"
