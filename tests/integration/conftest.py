# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixtures of the integration tests: the local cloud, and ansible-playbook that runs tasks against it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_clients import aws, aws_environment, codeartifact
from client_machine import machine
from cloud_control import LocalCloud
from cloud_fixtures import cloud, cloud_process, gcloud, gcloud_settings
from harness import Ansible, Given

__all__ = ["aws", "aws_environment", "cloud", "cloud_process", "codeartifact", "gcloud", "gcloud_settings", "machine"]


@pytest.fixture
def ansible(tmp_path: Path, cloud: LocalCloud) -> Iterator[Ansible]:
    """ansible-playbook against the local cloud, as its owner."""
    run = Ansible(tmp_path, cloud)
    # From 2.21 on, ansible-core makes a socket there, and the path of a socket has at most 107 letters.
    with tempfile.TemporaryDirectory(prefix="ansible-") as short:
        link = Path(short, "tmp")
        link.symlink_to(run.temporary)
        run.environment["TMPDIR"] = str(link)
        yield run


@pytest.fixture
def given(cloud: LocalCloud) -> Given:
    """Makes what a test starts from."""
    return Given(cloud)
