# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: the real AWS CLI and botocore's client against the local cloud's CodeArtifact, for any caller.

Both are kept away from the user's own settings and from the network.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import botocore.session
import pytest
from botocore.config import Config
from cloud_control import LocalCloud
from cloud_fixtures import Ran

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "111122223333"
REGION = "eu-west-1"
#: The one identity that a new cloud knows: it may do everything in ACCOUNT.
OWNER_KEY = "AKIALOCALOWNER000000"
OWNER_ARN = f"arn:aws:iam::{ACCOUNT}:user/owner"
#: Keys for the identities that tests make.
ADA_KEY = "AKIALOCALADA00000000"
BOB_KEY = "AKIALOCALBOB00000000"
ADMINISTRATOR: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}

#: Makes a client of CodeArtifact for an access key and a region; the owner's when none is named.
Clients = Callable[..., Any]


def statement(actions: list[str] | str, principal: Any = None, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A statement of a policy: on everything, and on nobody in particular when it is an identity's."""
    named = {} if principal is None else {"Principal": principal}
    return {"Effect": effect, **named, "Action": actions, "Resource": "*", **more}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


class Aws(Protocol):
    """Run C(aws codeartifact ...) with an access key; a failure is an error of the test unless C(fails) expects it."""

    def __call__(self, *arguments: str, key: str = ..., region: str = ..., fails: bool = ...) -> Ran: ...


@pytest.fixture
def aws_environment(tmp_path: Path) -> dict[str, str]:
    """The caller's environment without settings of AWS's and proxies, in a home of its own."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("AWS_", "PIP_", "UV_", "TWINE_")) and not key.lower().endswith("_proxy")
    }
    home = tmp_path / "home"
    home.mkdir()
    return {
        **kept,
        "HOME": str(home),
        "AWS_CONFIG_FILE": str(home / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "1",
    }


@pytest.fixture
def aws(cloud: LocalCloud, aws_environment: dict[str, str]) -> Aws:
    """The real AWS CLI against the local cloud."""
    program = shutil.which("aws")
    if program is None:
        pytest.skip("the AWS CLI is not on PATH")

    def run(*arguments: str, key: str = OWNER_KEY, region: str = REGION, fails: bool = False) -> Ran:
        done = subprocess.run(
            [program, "codeartifact", *arguments],
            capture_output=True,
            text=True,
            env={**aws_environment, **cloud.aws_environment(key, region)},
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        if (ran.code != 0) != fails:
            pytest.fail(f"aws codeartifact {' '.join(arguments)} ended with {ran.code}:\n{ran.stdout}{ran.stderr}")
        return ran

    return run


@pytest.fixture
def codeartifact(cloud: LocalCloud) -> Clients:
    """botocore's client of CodeArtifact; what it checks by itself is left to the service, and nothing is retried."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1}, proxies={})

    def make(key: str = OWNER_KEY, region: str = REGION) -> Any:
        return botocore.session.Session().create_client(
            "codeartifact",
            region_name=region,
            endpoint_url=cloud.endpoint("codeartifact"),
            aws_access_key_id=key,
            aws_secret_access_key="local",
            config=config,
        )

    return make
