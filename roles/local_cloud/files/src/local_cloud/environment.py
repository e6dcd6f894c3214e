# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment variables by which clients call this cloud instead of the vendors."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from local_cloud.platform.bodies import exports
from local_cloud.services.codeartifact.identities import OWNER_KEY
from local_cloud.services.github.setup import USER as GITHUB_USER

_GOOGLE_SERVICES = (
    "secretmanager",
    "artifactregistry",
    "cloudresourcemanager",
    "serviceusage",
    "iam",
    "iamcredentials",
)


def variables(url: str, project: str, caller: str, tokens: Collection[str] = ()) -> dict[str, str]:
    """The variables of this collection's modules, of gcloud, the AWS CLI, pip, twine and uv.

    Args:
        url: where the cloud listens, without a slash at the end.
        project: the default project.
        caller: IAM member as whom Google's services are called; its access token is its own name here.
        tokens: those that the index behind remote repositories takes; one of them is what a playbook may store.
    """
    endpoints = {
        f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}": f"{url}/{service}/" for service in _GOOGLE_SERVICES
    }
    return {
        "GCP_PROJECT": project,
        "GCP_ACCESS_TOKEN": caller,
        "CLOUDSDK_CORE_PROJECT": project,
        **endpoints,
        "ARTIFACT_REGISTRY_PACKAGES_URL": url,
        "GITHUB_API_URL": f"{url}/github/api/v3",
        "GITHUB_TOKEN": GITHUB_USER,
        "AWS_ENDPOINT_URL_CODEARTIFACT": f"{url}/codeartifact",
        "AWS_ENDPOINT_URL_STS": f"{url}/sts",
        "AWS_ACCESS_KEY_ID": OWNER_KEY,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PIP_INDEX_URL": f"{url}/index/simple/",
        "UV_DEFAULT_INDEX": f"{url}/index/simple/",
        "UV_PUBLISH_URL": f"{url}/index/legacy/",
        "TWINE_REPOSITORY_URL": f"{url}/index/legacy/",
        **({"INDEX_TOKEN": min(tokens)} if tokens else {}),
    }


def guide(url: str, tokens: Sequence[str]) -> str:
    """What a person who started the cloud by hand does next."""
    lines = [
        "In another terminal, point Ansible, gcloud, aws, pip, uv and twine to it:",
        f'  eval "$(curl --fail --silent --show-error {url}/_local/environment)"',
        *(f"The index behind its remote repositories accepts the token {token}" for token in tokens),
        "Ctrl+C stops it. It keeps nothing.",
    ]
    return "\n".join(lines)


def shell_commands(settings: dict[str, str]) -> str:
    """The commands for all services. gcloud takes its token from a file only."""
    token = shlex.quote(settings["GCP_ACCESS_TOKEN"])
    commands = [
        *exports(settings),
        'export CLOUDSDK_AUTH_ACCESS_TOKEN_FILE="$(mktemp)"',
        f'printf %s {token} > "$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"',
    ]
    return "".join(f"{line}\n" for line in commands)
