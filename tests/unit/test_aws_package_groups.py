# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Package groups over boto3, on a server that answers as told. Expected requests: what the AWS CLI 1.45.11 sends for the same."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import LostRace, NotFound, Stranger
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.package_groups import (
    PackageGroups,
    PackageIn,
    PackageOrigin,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import (
    DomainName,
    RepositoryName,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.package_groups import GroupName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.packages import PackageName
from aws_answers import UNHURRIED, answers, client, server

__all__ = ["server"]

DOMAIN = DomainName("demo", "123456789012")
REPOSITORY = RepositoryName(DOMAIN, "python")
OWNED = {"domain": "demo", "domain-owner": "123456789012"}
NAME = GroupName(DOMAIN, "/npm/acme/*")
UI = PackageName("npm", "acme", "ui")
PACKAGE = PackageIn(REPOSITORY, UI)
ARN = "arn:aws:codeartifact:eu-west-1:123456789012:package-group/demo/npm/acme/%2a"
RESTRICTIONS = {
    "PUBLISH": {"mode": "ALLOW", "effectiveMode": "ALLOW", "repositoriesCount": 0},
    "EXTERNAL_UPSTREAM": {
        "mode": "INHERIT",
        "effectiveMode": "BLOCK",
        "inheritedFrom": {"arn": "arn", "pattern": "/npm/*"},
    },
    "INTERNAL_UPSTREAM": {
        "mode": "ALLOW_SPECIFIC_REPOSITORIES",
        "effectiveMode": "ALLOW_SPECIFIC_REPOSITORIES",
        "repositoriesCount": 2,
    },
}
GROUP = {
    "arn": ARN,
    "pattern": "/npm/acme/*",
    "domainName": "demo",
    "domainOwner": "123456789012",
    "createdTime": 1735689600.0,
    "description": "",
    "originConfiguration": {"restrictions": RESTRICTIONS},
    "parent": {"arn": "arn", "pattern": "/npm/*"},
}
OF_GROUP, BODY = {**OWNED, "package-group": "/npm/acme/*"}, {"packageGroup": "/npm/acme/*"}
OF_PACKAGE = {**OWNED, "repository": "python", "format": "npm", "namespace": "acme", "package": "ui"}


@pytest.fixture
def api(server, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    server.requests = []
    return PackageGroups(client(server.server_port), UNHURRIED)


REQUESTS = {
    "describe": (
        lambda api: api.describe_group(NAME),
        {"packageGroup": GROUP},
        ("GET", "/ca/v1/package-group", OF_GROUP, None),
    ),
    "create": (
        lambda api: api.create_group(NAME, "d", "c", {"team": "a"}),
        {"packageGroup": GROUP},
        (
            "POST",
            "/ca/v1/package-group",
            OWNED,
            {**BODY, "contactInfo": "c", "description": "d", "tags": [{"key": "team", "value": "a"}]},
        ),
    ),
    "update": (
        lambda api: api.update_group(NAME, description="d"),
        {"packageGroup": GROUP},
        ("PUT", "/ca/v1/package-group", OWNED, {**BODY, "description": "d"}),
    ),
    "delete": (
        lambda api: api.delete_group(NAME),
        {"packageGroup": GROUP},
        ("DELETE", "/ca/v1/package-group", OF_GROUP, None),
    ),
    "list": (
        lambda api: api.list_groups(DOMAIN),
        {"packageGroups": [GROUP]},
        ("POST", "/ca/v1/package-groups", {**OWNED, "max-results": "1000"}, None),
    ),
    "list of those below": (
        lambda api: api.list_sub_groups(NAME),
        {"packageGroups": [GROUP]},
        ("POST", "/ca/v1/package-groups/sub-groups", {**OF_GROUP, "max-results": "1000"}, None),
    ),
    "origin": (
        lambda api: api.update_origin(NAME, {"publish": "BLOCK"}, [("external_upstream", "a")], [("publish", "b")]),
        {"packageGroup": GROUP},
        (
            "PUT",
            "/ca/v1/package-group-origin-configuration",
            OF_GROUP,
            {
                "restrictions": {"PUBLISH": "BLOCK"},
                "addAllowedRepositories": [{"repositoryName": "a", "originRestrictionType": "EXTERNAL_UPSTREAM"}],
                "removeAllowedRepositories": [{"repositoryName": "b", "originRestrictionType": "PUBLISH"}],
            },
        ),
    ),
    "allowed repositories": (
        lambda api: api.allowed_repositories(NAME, "internal_upstream"),
        {"allowedRepositories": ["b", "a"]},
        (
            "GET",
            "/ca/v1/package-group-allowed-repositories",
            {**OF_GROUP, "originRestrictionType": "INTERNAL_UPSTREAM", "max-results": "1000"},
            None,
        ),
    ),
    "packages of a group": (
        lambda api: api.associated_packages(NAME, preview=True),
        {"packages": [{"format": "npm", "namespace": "acme", "package": "ui", "associationType": "WEAK"}]},
        ("GET", "/ca/v1/list-associated-packages", {**OF_GROUP, "preview": "true", "max-results": "1000"}, None),
    ),
    "put of an origin": (
        lambda api: api.put_origin(PACKAGE, PackageOrigin("ALLOW", "BLOCK")),
        {"originConfiguration": {"restrictions": {"publish": "ALLOW", "upstream": "BLOCK"}}},
        ("POST", "/ca/v1/package", OF_PACKAGE, {"restrictions": {"publish": "ALLOW", "upstream": "BLOCK"}}),
    ),
    "describe of a package": (
        lambda api: api.describe_package(PACKAGE),
        {"package": {"format": "npm", "namespace": "acme", "name": "ui"}},
        ("GET", "/ca/v1/package", OF_PACKAGE, None),
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_are_those_of_the_cli(server, api, name):
    call, answer, expected = REQUESTS[name]
    answers(server, 200, answer)
    call(api)
    assert server.requests == [expected]


def test_what_a_group_says(server, api):
    answers(server, 200, {"packageGroup": GROUP})
    found = api.describe_group(NAME)
    assert (found.arn, found.description, found.parent, found.created_time) == (
        ARN,
        None,
        "/npm/*",
        "2025-01-01T00:00:00Z",
    )
    external = found.settings["external_upstream"]
    assert (external.mode, external.effective_mode, external.inherited_from, external.count) == (
        "INHERIT", "BLOCK", "/npm/*", None,
    )  # fmt: skip
    assert found.settings["internal_upstream"].count == 2


def test_a_package_without_settings_is_told_as_such(server, api):
    """Packages of before May 2022 may have none."""
    answers(server, 200, {"package": {"format": "npm", "namespace": "acme", "name": "ui"}})
    assert api.describe_package(PACKAGE) == PackageOrigin(None, None)
    answers(server, 200, {"packages": [{"format": "npm", "namespace": "acme", "package": "ui"}]})
    assert api.list_packages(REPOSITORY, "npm") == {UI: PackageOrigin(None, None)}


def test_versions_that_can_be_installed(server, api):
    def version(name, status="Published", **origin):
        return {"version": name, "status": status, **({"origin": origin} if origin else {})}

    listed = [
        version("3", originType="EXTERNAL"),
        version("2", originType="INTERNAL"),
        version("1"),
        version("0", "Disposed"),
    ]
    answers(server, 200, {"versions": listed})
    assert api.versions(PACKAGE) == (("3", True), ("2", False), ("1", False))


def test_failures(server, api):
    answers(server, 409, {"message": "there"}, x_amzn_ErrorType="ConflictException")
    with pytest.raises(LostRace):
        api.create_group(NAME, None, None, {})
    answers(server, 404, {"message": "gone"}, x_amzn_ErrorType="ResourceNotFoundException")
    with pytest.raises(NotFound):
        api.describe_group(NAME)
    wrong = {**GROUP, "originConfiguration": {"restrictions": {**RESTRICTIONS, "PUBLISH": {"mode": "PERHAPS"}}}}
    answers(server, 200, {"packageGroup": wrong})
    with pytest.raises(Stranger):
        api.describe_group(NAME)
