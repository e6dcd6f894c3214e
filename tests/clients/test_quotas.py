# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Request quotas: what the real gcloud, the real AWS CLI and the services' own clients meet when one is used up."""

from __future__ import annotations

import time
import urllib.error

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR, OTHER_ACCOUNT, Aws
from aws_clients import Clients as AwsClients
from botocore.exceptions import ClientError
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT, Gcloud
from google.api_core.exceptions import TooManyRequests
from google_clients import Clients, error_info

SERVICE = "secretmanager.googleapis.com"
SECRETS = f"secretmanager/v1/projects/{PROJECT}/secrets"
FETCH = f"us-central1-python.pkg.dev/{PROJECT}/mirror/simple/demo-package/"
MESSAGE = (
    "Quota exceeded for quota metric '{0} requests' and limit '{0} requests per minute' of service "
    f"'{SERVICE}' for consumer 'project_number:{NUMBER}'."
)


def status(cloud: LocalCloud, verb: str, path: str, body: object = None) -> int:
    """How a call of the owner's ends."""
    try:
        cloud.call(OWNER, verb, path, body)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


def test_gcloud_says_which_quota_it_was(cloud: LocalCloud, gcloud: Gcloud) -> None:
    cloud.set_quotas(secretmanager={"read": 1})
    gcloud("secrets", "list")
    refused = gcloud("secrets", "list", fails=True).stderr
    assert "RESOURCE_EXHAUSTED" in refused
    assert MESSAGE.format("Read") in refused
    assert [call["status"] for call in cloud.calls("ListSecrets")] == [200, 429]


def test_googles_client_gets_the_details(cloud: LocalCloud, secret_manager: Clients) -> None:
    cloud.set_quotas(secretmanager={"write": 1})
    client = secret_manager()
    wanted = {"parent": f"projects/{PROJECT}", "secret": {"replication": {"automatic": {}}}}
    client.create_secret(request={**wanted, "secret_id": "first"})
    with pytest.raises(TooManyRequests) as refused:
        # The number names the same project.
        client.create_secret(request={**wanted, "parent": f"projects/{NUMBER}", "secret_id": "second"})
    assert refused.value.message.endswith(MESSAGE.format("Write"))
    assert "Retry-After" not in refused.value.response.headers
    assert error_info(refused.value) == {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "service": SERVICE,
            "consumer": f"projects/{NUMBER}",
            "quota_metric": f"{SERVICE}/write_requests",
            "quota_limit": "WriteRequestsPerMinutePerProject",
            "quota_limit_value": "1",
        },
    }
    # It took no effect.
    assert [secret.name for secret in client.list_secrets(parent=f"projects/{PROJECT}")] == [
        f"projects/{NUMBER}/secrets/first"
    ]


def test_projects_have_quotas_of_their_own_and_windows_pass(cloud: LocalCloud) -> None:
    cloud.add_project("other-project", "210987654321", OWNER)
    cloud.set_quotas(secretmanager={"read": 2, "window": 1})
    other = SECRETS.replace(PROJECT, "other-project")
    assert [status(cloud, "GET", SECRETS) for _call in range(3)] == [200, 200, 429]
    assert status(cloud, "GET", other) == 200
    time.sleep(1)
    assert status(cloud, "GET", SECRETS) == 200


def test_the_service_agents_reads_are_accesses(cloud: LocalCloud, granted: str) -> None:
    login = {"usernamePasswordCredentials": {"username": "__token__", "passwordSecretVersion": granted}}
    remote = {"pythonRepository": {"publicRepository": "PYPI"}, "upstreamCredentials": login}
    repository = {"format": "PYTHON", "mode": "REMOTE_REPOSITORY", "remoteRepositoryConfig": remote}
    location = f"artifactregistry/v1/projects/{PROJECT}/locations/us-central1/repositories"
    cloud.call(OWNER, "POST", f"{location}?repositoryId=mirror", repository)
    cloud.set_quotas(secretmanager={"access": 1})
    assert status(cloud, "GET", f"secretmanager/v1/{granted}:access") == 200
    assert status(cloud, "GET", FETCH) == 429
    assert cloud.calls("Fetch")[-1]["status"] == 429


def test_the_aws_cli_is_throttled(aws: Aws, cloud: LocalCloud) -> None:
    cloud.set_quotas(codeartifact={"read": 1, "window": 60})
    aws("list-domains")
    refused = aws("list-domains", fails=True).stderr
    assert "(ThrottlingException) when calling the ListDomains operation" in refused
    assert [call["status"] for call in cloud.calls("ListDomains")] == [200, 429]
    aws("create-domain", "--domain=dom")


def test_accounts_have_quotas_of_their_own(cloud: LocalCloud, codeartifact: AwsClients) -> None:
    ada = {"arn": f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada", "policies": [ADMINISTRATOR]}
    cloud.set_identities(**{ADA_KEY: ada})
    codeartifact().create_domain(domain="dom")
    token = codeartifact().get_authorization_token(domain="dom")["authorizationToken"]
    cloud.set_quotas(codeartifact={"read": 1, "window": 30})
    codeartifact().describe_domain(domain="dom")
    with pytest.raises(ClientError) as refused:
        codeartifact().describe_domain(domain="dom", domainOwner=ACCOUNT)
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("ThrottlingException", 429)
    assert 1 <= answer["retryAfterSeconds"] <= 30
    with pytest.raises(urllib.error.HTTPError, match="429"):
        cloud.call(token, "GET", f"codeartifact.d/dom-{ACCOUNT}/eu-west-1/pypi/repo/simple/demo-package/")
    # Who calls pays, not who owns the domain; and each region counts for itself.
    with pytest.raises(ClientError, match="AccessDeniedException"):
        codeartifact(ADA_KEY).describe_domain(domain="dom", domainOwner=ACCOUNT)
    codeartifact(region="us-east-1").list_domains()


def test_clearing_and_resetting_lift_the_limits(cloud: LocalCloud) -> None:
    for lift in (cloud.clear_quotas, cloud.reset):
        cloud.set_quotas(secretmanager={"read": 1})
        assert [status(cloud, "GET", SECRETS) for _call in range(2)] == [200, 429]
        lift()
        assert [status(cloud, "GET", SECRETS) for _call in range(2)] == [200, 200]


def test_quotas_that_mean_nothing_are_refused(cloud: LocalCloud) -> None:
    for wrong in ({"secretmanager": {"read": -1}}, {"s3": {}}, ["read"]):
        with pytest.raises(urllib.error.HTTPError, match="400"):
            cloud.control("PUT", "quotas", wrong)
