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
def repositories(aws: Aws) -> None:
    """A repository on top of one with an external connection."""
    aws("create-domain", *DOMAIN)
    aws("create-repository", *DOMAIN, "--repository=up")
    aws("associate-external-connection", *DOMAIN, "--repository=up", "--external-connection=public:pypi")
    aws("create-repository", *DOMAIN, "--repository=repo", "--upstreams", "repositoryName=up")


@pytest.fixture
def endpoint(codeartifact: Clients, repositories: None) -> str:
    shown: str = codeartifact().get_repository_endpoint(domain="dom", repository="repo", format="pypi")[
        "repositoryEndpoint"
    ]
    return shown


def configure(aws: Aws, pattern: str, *more: str, **modes: str) -> dict[str, Any]:
    restrictions = [f"--restrictions={','.join(f'{name}={mode}' for name, mode in modes.items())}"] if modes else []
    answer: dict[str, Any] = aws(
        "update-package-group-origin-configuration", *DOMAIN, f"--package-group={pattern}", *restrictions, *more
    ).json()
    return answer


def described(aws: Aws, pattern: str) -> dict[str, Any]:
    group: dict[str, Any] = aws("describe-package-group", *DOMAIN, f"--package-group={pattern}").json()["packageGroup"]
    return group


def effective(group: dict[str, Any]) -> str:
    """The initials of what holds for publishing, external and internal upstreams."""
    restrictions = group["originConfiguration"]["restrictions"]
    return "/".join(restrictions[name]["effectiveMode"][0] for name in (PUBLISH, EXTERNAL, INTERNAL))


@pytest.mark.usefixtures("repositories")
def test_groups(aws: Aws) -> None:
    root = described(aws, "/*")
    assert (root["arn"], root["pattern"], "parent" in root) == (f"{ARN}/%2a", "/*", False)
    assert {one["mode"] for one in root["originConfiguration"]["restrictions"].values()} == {"ALLOW"}
    pattern = "--package-group=/npm/acme/*"
    created = aws(
        "create-package-group",
        *DOMAIN,
        pattern,
        "--description=ours",
        "--contact-info=ops",
        "--tags",
        "key=team,value=a",
    ).json()["packageGroup"]
    assert (created["arn"], created["domainOwner"]) == (f"{ARN}/npm/acme/%2a", ACCOUNT)
    assert (created["description"], created["contactInfo"]) == ("ours", "ops")
    assert created["parent"] == {"arn": f"{ARN}/%2a", "pattern": "/*"}
    assert created["originConfiguration"]["restrictions"][EXTERNAL] == {
        "mode": "INHERIT", "effectiveMode": "ALLOW", "inheritedFrom": {"arn": f"{ARN}/%2a", "pattern": "/*"}, "repositoriesCount": 0,
    }  # fmt: skip
    assert "ConflictException" in aws("create-package-group", *DOMAIN, pattern, fails=True).stderr
    assert aws("list-tags-for-resource", f"--resource-arn={created['arn']}").json()["tags"] == [
        {"key": "team", "value": "a"}
    ]
    updated = aws("update-package-group", *DOMAIN, pattern, "--description=theirs").json()["packageGroup"]
    assert updated == created | {"description": "theirs"}
    assert described(aws, "/npm/acme/*") == updated
    listed = aws("list-package-groups", *DOMAIN, "--prefix=/npm").json()["packageGroups"]
    assert [one["pattern"] for one in listed] == ["/npm/acme/*"]
    assert aws("delete-package-group", *DOMAIN, pattern).json()["packageGroup"]["pattern"] == "/npm/acme/*"
    assert "ResourceNotFoundException" in aws("describe-package-group", *DOMAIN, pattern, fails=True).stderr
    assert "ValidationException" in aws("delete-package-group", *DOMAIN, "--package-group=/*", fails=True).stderr
    assert (
        "ValidationException" in aws("create-package-group", *DOMAIN, "--package-group=/npm/acme-*", fails=True).stderr
    )


@pytest.mark.usefixtures("repositories")
def test_settings_are_inherited(aws: Aws) -> None:
    """The guide's example, settings in the order publish, external and internal upstreams."""
    for pattern in ("/npm/*", "/npm/acme/*", "/npm/acme/ui~"):
        aws("create-package-group", *DOMAIN, f"--package-group={pattern}")
    configure(aws, "/npm/*", PUBLISH="BLOCK", EXTERNAL_UPSTREAM="ALLOW")
    configure(aws, "/npm/acme/*", PUBLISH="ALLOW", EXTERNAL_UPSTREAM="BLOCK")
    assert [effective(described(aws, one)) for one in ("/npm/*", "/npm/acme/*", "/npm/acme/ui~")] == [
        "B/A/A",
        "A/B/A",
        "A/B/A",
    ]
    sub = described(aws, "/npm/acme/ui~")["originConfiguration"]["restrictions"]
    assert [sub[name]["inheritedFrom"]["pattern"] for name in (PUBLISH, EXTERNAL, INTERNAL)] == [
        "/npm/acme/*",
        "/npm/acme/*",
        "/*",
    ]
    subs = aws("list-sub-package-groups", *DOMAIN, "--package-group=/npm/*").json()["packageGroups"]
    assert [one["pattern"] for one in subs] == ["/npm/acme/*"]
    # Publishing stops, and the public name opens.
    aws("delete-package-group", *DOMAIN, "--package-group=/npm/acme/*")
    assert effective(described(aws, "/npm/acme/ui~")) == "B/A/A"


@pytest.mark.usefixtures("repositories")
def test_allowed_repositories(aws: Aws) -> None:
    def changed(name: str, *repositories: str) -> str:
        given = [{"repositoryName": one, "originRestrictionType": EXTERNAL} for one in repositories]
        return f"--{name}-allowed-repositories={json.dumps(given)}"

    def allowed(setting: str) -> list[str]:
        listed = aws(
            "list-allowed-repositories-for-group", *DOMAIN, "--package-group=/*", f"--origin-restriction-type={setting}"
        )
        names: list[str] = listed.json()["allowedRepositories"]
        return names

    answer = configure(aws, "/*", changed("add", "up", "repo"), EXTERNAL_UPSTREAM="ALLOW_SPECIFIC_REPOSITORIES")
    assert answer["allowedRepositoryUpdates"] == {EXTERNAL: {"ADDED": ["up", "repo"]}}
    assert answer["packageGroup"]["originConfiguration"]["restrictions"][EXTERNAL]["repositoriesCount"] == 2
    assert (allowed(EXTERNAL), allowed(PUBLISH)) == (["repo", "up"], [])
    answer = configure(aws, "/*", changed("remove", "repo"))
    assert answer["allowedRepositoryUpdates"] == {EXTERNAL: {"REMOVED": ["repo"]}}
    assert allowed(EXTERNAL) == ["up"]


@pytest.mark.usefixtures("endpoint")
def test_packages_of_groups(aws: Aws) -> None:
    aws("create-package-group", *DOMAIN, "--package-group=/npm//acme~")
    package = ("--format=npm", "--package")

    def of(name: str) -> tuple[str, str]:
        found = aws("get-associated-package-group", *DOMAIN, *package, name).json()
        return found["packageGroup"]["pattern"], found["associationType"]

    assert [of(name) for name in ("acme-tool", "Acme.tool", "acmetool")] == [
        ("/npm//acme~", "STRONG"), ("/npm//acme~", "WEAK"), ("/*", "STRONG"),
    ]  # fmt: skip
    repository = (*DOMAIN, "--repository=repo", *package, "acme-tool")
    put = aws("put-package-origin-configuration", *repository, "--restrictions=publish=ALLOW,upstream=BLOCK").json()
    assert put == {"originConfiguration": {"restrictions": {"publish": "ALLOW", "upstream": "BLOCK"}}}
    assert aws("describe-package", *repository).json()["package"] == {"format": "npm", "name": "acme-tool"} | put
    listed = aws("list-associated-packages", *DOMAIN, "--package-group=/npm//acme~").json()["packages"]
    assert listed == [{"format": "npm", "package": "acme-tool", "associationType": "STRONG"}]
    preview = ("list-associated-packages", *DOMAIN, "--package-group=/npm//acme-tool$")
    assert aws(*preview, "--preview").json()["packages"] == listed
    assert "ResourceNotFoundException" in aws(*preview, fails=True).stderr
    aws("delete-package", *repository)
    assert "ResourceNotFoundException" in aws("describe-package", *repository, fails=True).stderr


def test_an_external_block_holds_in_all_repositories_of_the_domain(
    aws: Aws, codeartifact: Clients, endpoint: str, tmp_path: Path, aws_environment: dict[str, str]
) -> None:
    """Also below the repository with the connection, and for a name that is not there yet. What was kept before stays."""
    index = with_login(endpoint, token_of(codeartifact, OWNER_KEY))

    def downloads(name: str) -> bool:
        return pip_download(index, tmp_path / name, aws_environment) == 0

    aws("create-package-group", *DOMAIN, "--package-group=/pypi//demo~")
    configure(aws, "/pypi//demo~", EXTERNAL_UPSTREAM="BLOCK")
    assert not downloads("blocked")
    configure(aws, "/pypi//demo~", EXTERNAL_UPSTREAM="ALLOW", INTERNAL_UPSTREAM="BLOCK")
    assert not downloads("blocked inside")
    specific = "ALLOW_SPECIFIC_REPOSITORIES"
    lists = '--add-allowed-repositories=[{"repositoryName":"up","originRestrictionType":"EXTERNAL_UPSTREAM"}]'
    configure(aws, "/pypi//demo~", lists, EXTERNAL_UPSTREAM=specific, INTERNAL_UPSTREAM="INHERIT")
    assert downloads("allowed")
    configure(aws, "/pypi//demo~", EXTERNAL_UPSTREAM="BLOCK", INTERNAL_UPSTREAM="BLOCK")
    assert downloads("kept")


def test_publishing_is_judged_by_the_group_and_by_the_package(
    aws: Aws, cloud: LocalCloud, codeartifact: Clients, endpoint: str, tmp_path: Path, aws_environment: dict[str, str]
) -> None:
    token = token_of(codeartifact, OWNER_KEY)

    def publishes(version: str, name: str = "our-package") -> bool:
        folder = tmp_path / f"{name}-{version}"
        folder.mkdir()
        return twine_upload(endpoint, token, build(folder, version, name), aws_environment).returncode == 0

    configure(aws, "/*", PUBLISH="BLOCK")
    assert not publishes("1.0.0")
    assert cloud.calls("PublishPackageVersion")[-1]["status"] == 403
    configure(aws, "/*", PUBLISH="ALLOW")
    assert publishes("1.0.1")
    package = (*DOMAIN, "--repository=repo", "--format=pypi", "--package=our-package")
    configured = aws("describe-package", *package).json()["package"]["originConfiguration"]["restrictions"]
    assert configured == {"publish": "ALLOW", "upstream": "BLOCK"}
    aws("put-package-origin-configuration", *package, "--restrictions=publish=BLOCK,upstream=BLOCK")
    assert not publishes("1.0.2")
    # A version that is upstream cannot be published, unless upstreams are blocked.
    assert not publishes("1.1.0", "demo-package")
    assert cloud.calls("PublishPackageVersion")[-1]["status"] == 409
    public = (*DOMAIN, "--repository=repo", "--format=pypi", "--package=demo-package")
    aws("put-package-origin-configuration", *public, "--restrictions=publish=ALLOW,upstream=BLOCK")
    (tmp_path / "demo-package-1.1.0").rename(tmp_path / "before")
    assert publishes("1.1.0", "demo-package")
