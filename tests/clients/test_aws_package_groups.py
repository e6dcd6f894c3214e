# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real C(aws codeartifact) on package groups and origin configurations, and real pip and twine on what these allow.

Expected values: the examples of CodeArtifact User Guide, "Package group origin controls" and "Editing package origin controls".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_clients import ACCOUNT, OWNER_KEY, Aws, Clients
from aws_packages import build, pip_download, token_of, twine_upload, with_login
from cloud_control import LocalCloud

DOMAIN = ("--domain=dom",)
ARN = f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:package-group/dom"
PUBLISH, EXTERNAL, INTERNAL = "PUBLISH", "EXTERNAL_UPSTREAM", "INTERNAL_UPSTREAM"


@pytest.fixture
def owner(codeartifact: Clients) -> Any:
    """A repository on top of one with an external connection, and who owns them. The CLI takes a second to start."""
    client = codeartifact()
    client.create_domain(domain="dom")
    client.create_repository(domain="dom", repository="up")
    client.associate_external_connection(domain="dom", repository="up", externalConnection="public:pypi")
    client.create_repository(domain="dom", repository="repo", upstreams=[{"repositoryName": "up"}])
    return client


@pytest.fixture
def endpoint(owner: Any) -> str:
    shown: str = owner.get_repository_endpoint(domain="dom", repository="repo", format="pypi")["repositoryEndpoint"]
    return shown


def configure(owner: Any, pattern: str, **modes: str) -> None:
    owner.update_package_group_origin_configuration(domain="dom", packageGroup=pattern, restrictions=modes)


def described(owner: Any, pattern: str) -> dict[str, Any]:
    group: dict[str, Any] = owner.describe_package_group(domain="dom", packageGroup=pattern)["packageGroup"]
    return group


def effective(group: dict[str, Any]) -> str:
    """The initials of what holds for publishing, external and internal upstreams."""
    restrictions = group["originConfiguration"]["restrictions"]
    return "/".join(restrictions[name]["effectiveMode"][0] for name in (PUBLISH, EXTERNAL, INTERNAL))


@pytest.mark.thorough
def test_groups(aws: Aws, owner: Any) -> None:
    root = described(owner, "/*")
    assert (root["arn"], root["pattern"], "parent" in root) == (f"{ARN}/%2a", "/*", False)
    assert {one["mode"] for one in root["originConfiguration"]["restrictions"].values()} == {"ALLOW"}
    pattern = "--package-group=/npm/acme/*"
    made = ("--description=ours", "--contact-info=ops", "--tags", "key=team,value=a")
    created = aws("create-package-group", *DOMAIN, pattern, *made).json()["packageGroup"]
    assert (created["arn"], created["domainOwner"]) == (f"{ARN}/npm/acme/%2a", ACCOUNT)
    assert (created["description"], created["contactInfo"]) == ("ours", "ops")
    assert created["parent"] == {"arn": f"{ARN}/%2a", "pattern": "/*"}
    assert created["originConfiguration"]["restrictions"][EXTERNAL] == {
        "mode": "INHERIT",
        "effectiveMode": "ALLOW",
        "inheritedFrom": {"arn": f"{ARN}/%2a", "pattern": "/*"},
        "repositoriesCount": 0,
    }
    assert "ConflictException" in aws("create-package-group", *DOMAIN, pattern, fails=True).stderr
    assert owner.list_tags_for_resource(resourceArn=created["arn"])["tags"] == [{"key": "team", "value": "a"}]
    updated = aws("update-package-group", *DOMAIN, pattern, "--description=theirs").json()["packageGroup"]
    assert updated == created | {"description": "theirs"}
    assert aws("describe-package-group", *DOMAIN, pattern).json()["packageGroup"] == updated
    listed = aws("list-package-groups", *DOMAIN, "--prefix=/npm").json()["packageGroups"]
    assert [one["pattern"] for one in listed] == ["/npm/acme/*"]
    assert aws("delete-package-group", *DOMAIN, pattern).json()["packageGroup"]["pattern"] == "/npm/acme/*"
    assert "ResourceNotFoundException" in aws("describe-package-group", *DOMAIN, pattern, fails=True).stderr


def test_groups_that_cannot_be(owner: Any) -> None:
    with pytest.raises(owner.exceptions.ValidationException):
        owner.delete_package_group(domain="dom", packageGroup="/*")
    with pytest.raises(owner.exceptions.ValidationException):
        owner.create_package_group(domain="dom", packageGroup="/npm/acme-*")
    with pytest.raises(owner.exceptions.ValidationException):
        configure(owner, "/*", PUBLISH="INHERIT")


def test_settings_are_inherited(owner: Any) -> None:
    """The guide's example, settings in the order publish, external and internal upstreams."""
    groups = ("/npm/*", "/npm/acme/*", "/npm/acme/ui~")
    for pattern in groups:
        owner.create_package_group(domain="dom", packageGroup=pattern)
    configure(owner, "/npm/*", PUBLISH="BLOCK", EXTERNAL_UPSTREAM="ALLOW")
    configure(owner, "/npm/acme/*", PUBLISH="ALLOW", EXTERNAL_UPSTREAM="BLOCK")
    assert [effective(described(owner, one)) for one in groups] == ["B/A/A", "A/B/A", "A/B/A"]
    sub = described(owner, "/npm/acme/ui~")["originConfiguration"]["restrictions"]
    inherited = [sub[name]["inheritedFrom"]["pattern"] for name in (PUBLISH, EXTERNAL, INTERNAL)]
    assert inherited == ["/npm/acme/*", "/npm/acme/*", "/*"]
    subs = owner.list_sub_package_groups(domain="dom", packageGroup="/npm/*")["packageGroups"]
    assert [one["pattern"] for one in subs] == ["/npm/acme/*"]
    # Publishing stops, and the public name opens.
    owner.delete_package_group(domain="dom", packageGroup="/npm/acme/*")
    assert effective(described(owner, "/npm/acme/ui~")) == "B/A/A"


@pytest.mark.usefixtures("owner")
def test_allowed_repositories(aws: Aws) -> None:
    def configured(*more: str) -> dict[str, Any]:
        answer: dict[str, Any] = aws(
            "update-package-group-origin-configuration", *DOMAIN, "--package-group=/*", *more
        ).json()
        return answer

    def changed(name: str, *repositories: str) -> str:
        given = [{"repositoryName": one, "originRestrictionType": EXTERNAL} for one in repositories]
        return f"--{name}-allowed-repositories={json.dumps(given)}"

    specific = f"--restrictions={EXTERNAL}=ALLOW_SPECIFIC_REPOSITORIES"
    answer = configured(changed("add", "up", "repo"), specific)
    assert answer["allowedRepositoryUpdates"] == {EXTERNAL: {"ADDED": ["up", "repo"]}}
    assert answer["packageGroup"]["originConfiguration"]["restrictions"][EXTERNAL]["repositoriesCount"] == 2
    assert configured(changed("remove", "repo"))["allowedRepositoryUpdates"] == {EXTERNAL: {"REMOVED": ["repo"]}}
    listed = ("list-allowed-repositories-for-group", *DOMAIN, "--package-group=/*", "--origin-restriction-type")
    assert aws(*listed, EXTERNAL).json()["allowedRepositories"] == ["up"]


def test_packages_of_groups(aws: Aws, owner: Any) -> None:
    owner.create_package_group(domain="dom", packageGroup="/npm//acme~")
    package = ("--format=npm", "--package=acme-tool")
    found = aws("get-associated-package-group", *DOMAIN, *package).json()
    assert (found["packageGroup"]["pattern"], found["associationType"]) == ("/npm//acme~", "STRONG")
    for name, group, how in (("Acme.tool", "/npm//acme~", "WEAK"), ("acmetool", "/*", "STRONG")):
        found = owner.get_associated_package_group(domain="dom", format="npm", package=name)
        assert (found["packageGroup"]["pattern"], found["associationType"]) == (group, how)
    repository = (*DOMAIN, "--repository=repo", *package)
    put = aws("put-package-origin-configuration", *repository, "--restrictions=publish=ALLOW,upstream=BLOCK").json()
    assert put == {"originConfiguration": {"restrictions": {"publish": "ALLOW", "upstream": "BLOCK"}}}
    assert aws("describe-package", *repository).json()["package"] == {"format": "npm", "name": "acme-tool"} | put
    listed = aws("list-associated-packages", *DOMAIN, "--package-group=/npm//acme~").json()["packages"]
    assert listed == [{"format": "npm", "package": "acme-tool", "associationType": "STRONG"}]
    preview = {"domain": "dom", "packageGroup": "/npm//acme-tool$"}
    assert owner.list_associated_packages(**preview, preview=True)["packages"] == listed
    with pytest.raises(owner.exceptions.ResourceNotFoundException):
        owner.list_associated_packages(**preview)
    named = {"domain": "dom", "repository": "repo", "format": "npm", "package": "acme-tool"}
    owner.delete_package(**named)
    with pytest.raises(owner.exceptions.ResourceNotFoundException):
        owner.describe_package(**named)


def test_an_external_block_holds_in_all_repositories_of_the_domain(
    owner: Any, codeartifact: Clients, endpoint: str, tmp_path: Path, aws_environment: dict[str, str]
) -> None:
    """Also below the repository with the connection, and for a name that is not there yet. What was kept before stays."""
    index = with_login(endpoint, token_of(codeartifact, OWNER_KEY))

    def downloads(name: str) -> bool:
        return pip_download(index, tmp_path / name, aws_environment) == 0

    group = "/pypi//demo~"
    owner.create_package_group(domain="dom", packageGroup=group)
    configure(owner, group, EXTERNAL_UPSTREAM="BLOCK")
    assert not downloads("blocked")
    configure(owner, group, EXTERNAL_UPSTREAM="ALLOW", INTERNAL_UPSTREAM="BLOCK")
    assert not downloads("blocked inside")
    owner.update_package_group_origin_configuration(
        domain="dom",
        packageGroup=group,
        restrictions={EXTERNAL: "ALLOW_SPECIFIC_REPOSITORIES", INTERNAL: "INHERIT"},
        addAllowedRepositories=[{"repositoryName": "up", "originRestrictionType": EXTERNAL}],
    )
    assert downloads("allowed")
    configure(owner, group, EXTERNAL_UPSTREAM="BLOCK", INTERNAL_UPSTREAM="BLOCK")
    assert downloads("kept")


def test_publishing_is_judged_by_the_group_and_by_the_package(
    owner: Any, cloud: LocalCloud, codeartifact: Clients, endpoint: str, tmp_path: Path, aws_environment: dict[str, str]
) -> None:
    token = token_of(codeartifact, OWNER_KEY)

    def publishes(version: str, name: str = "our-package") -> bool:
        folder = tmp_path / f"{name}-{version}"
        folder.mkdir()
        return twine_upload(endpoint, token, build(folder, version, name), aws_environment).returncode == 0

    configure(owner, "/*", PUBLISH="BLOCK")
    assert not publishes("1.0.0")
    assert cloud.calls("PublishPackageVersion")[-1]["status"] == 403
    configure(owner, "/*", PUBLISH="ALLOW")
    assert publishes("1.0.1")
    ours, public = (
        {"domain": "dom", "repository": "repo", "format": "pypi", "package": name}
        for name in ("our-package", "demo-package")
    )
    configured = owner.describe_package(**ours)["package"]["originConfiguration"]["restrictions"]
    assert configured == {"publish": "ALLOW", "upstream": "BLOCK"}
    owner.put_package_origin_configuration(**ours, restrictions={"publish": "BLOCK", "upstream": "BLOCK"})
    assert not publishes("1.0.2")
    # A version that is upstream cannot be published, unless upstreams are blocked.
    assert not publishes("1.1.0", "demo-package")
    assert cloud.calls("PublishPackageVersion")[-1]["status"] == 409
    owner.put_package_origin_configuration(**public, restrictions={"publish": "ALLOW", "upstream": "BLOCK"})
    (tmp_path / "demo-package-1.1.0").rename(tmp_path / "before")
    assert publishes("1.1.0", "demo-package")
