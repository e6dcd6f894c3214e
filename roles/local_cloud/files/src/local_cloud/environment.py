# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment variables by which clients call this cloud instead of the vendors."""

from __future__ import annotations

import shlex

from local_cloud.platform.bodies import exports
from local_cloud.services.codeartifact.identities import OWNER_KEY
from local_cloud.services.github.setup import USER as GITHUB_USER

_GOOGLE_SERVICES = ("secretmanager", "artifactregistry", "cloudresourcemanager", "serviceusage", "iamcredentials")


def variables(url: str, project: str, caller: str) -> dict[str, str]:
    """The variables of this collection's modules, of gcloud and of the AWS CLI.

    Args:
        url: where the cloud listens, without a slash at the end.
        project: the default project.
        caller: IAM member as whom Google's services are called; its access token is its own name here.
    """
    endpoints = {
        f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}": f"{url}/{service}/" for service in _GOOGLE_SERVICES
    }
    return {
        "GCP_PROJECT": project,
        "GCP_ACCESS_TOKEN": caller,
        "CLOUDSDK_CORE_PROJECT": project,
        **endpoints,
        "GITHUB_API_URL": f"{url}/github/api/v3",
        "GITHUB_TOKEN": GITHUB_USER,
        "AWS_ENDPOINT_URL_CODEARTIFACT": f"{url}/codeartifact",
        "AWS_ACCESS_KEY_ID": OWNER_KEY,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def shell_commands(settings: dict[str, str]) -> str:
    """The commands for all services. gcloud takes its token from a file only."""
    token = shlex.quote(settings["GCP_ACCESS_TOKEN"])
    commands = [
        *exports(settings),
        'export CLOUDSDK_AUTH_ACCESS_TOKEN_FILE="$(mktemp)"',
        f'printf %s {token} > "$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"',
    ]
    return "".join(f"{line}\n" for line in commands)
