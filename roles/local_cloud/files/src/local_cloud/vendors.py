# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the vendors' hosts are here, and how clients that cannot be told another address are led to them."""

from __future__ import annotations

from local_cloud.platform.hosts import Hosts
from local_cloud.services.codeartifact.repositories import DATA_PLANE

_REGION = r"[a-z]{2}(?:-[a-z]+)+-\d"

VENDORS = Hosts(
    {
        r"([a-z0-9-]+-[a-z]+)\.pkg\.dev": r"\1.pkg.dev/",
        r"oauth2\.googleapis\.com": "oauth2/",
        r"(artifactregistry|cloudresourcemanager|iam|iamcredentials|secretmanager|serviceusage)\.googleapis\.com": r"\1/",
        r"secretmanager\.[a-z0-9-]+\.rep\.googleapis\.com": "secretmanager/",
        rf"codeartifact\.{_REGION}\.amazonaws\.com": "codeartifact/",
        rf"sts(?:\.{_REGION})?\.amazonaws\.com": "sts/",
        rf"([a-z][a-z0-9-]*-\d{{12}})\.d\.codeartifact\.({_REGION})\.amazonaws\.com": rf"{DATA_PLANE}/\1/\2/",
    }
)


def variables(proxy: str, authority_file: str) -> dict[str, str]:
    """The environment variables by which clients go through the proxy, and trust this cloud and nobody else."""
    trusting = (
        # Python's ssl, uv; requests, google-auth, gcloud; pip; boto3 and the AWS CLI; npm; curl.
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "PIP_CERT",
        "AWS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "CURL_CA_BUNDLE",
    )
    local = "127.0.0.1,localhost"
    return {
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": local,
        "no_proxy": local,
        **dict.fromkeys(trusting, authority_file),
    }
