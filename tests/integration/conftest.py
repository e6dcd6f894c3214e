# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixtures of the integration tests: the local cloud, and ansible-playbook that runs tasks against it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1] / "plugins")]

from aws_clients import aws, aws_environment  # noqa: E402
from cloud_control import LocalCloud  # noqa: E402
from cloud_fixtures import cloud, cloud_process, gcloud, gcloud_settings  # noqa: E402
from harness import Ansible, Given  # noqa: E402

__all__ = ["aws", "aws_environment", "cloud", "cloud_process", "gcloud", "gcloud_settings"]


@pytest.fixture
def ansible(tmp_path: Path, cloud: LocalCloud) -> Ansible:
    """ansible-playbook against the local cloud, as its owner."""
    return Ansible(tmp_path, cloud)


@pytest.fixture
def given(cloud: LocalCloud) -> Given:
    """Makes what a test starts from."""
    return Given(cloud)
