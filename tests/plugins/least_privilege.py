# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each module is documented to need, for each thing that it does: a case to try it, and the permissions that make it work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aws_clients import ACCOUNT, OTHER_ACCOUNT, document, statement
from cloud_fixtures import NUMBER, PROJECT, UPSTREAM_TOKEN
from harness import Given
from vendor_permissions import NEW_UPSTREAM, WORKFLOW_FILES

Options = dict[str, Any]
#: Runs a module as somebody who may do everything.
RunAsOwner = Callable[[str, Options], None]


@dataclass(frozen=True)
class World:
    """What cases are prepared with."""

    given: Given
    as_owner: RunAsOwner


Prepare = Callable[[World, str], object]


def nothing(world: World, name: str) -> None:
    """A case that needs nothing to be there."""


@dataclass(frozen=True)
class Case:
    """One thing that a module does. C({name}) in options is another name in each run of it."""

    module: str
    does: str
    needs: tuple[str, ...]
    options: Options
    prepare: Prepare = nothing
    changed: bool = False
    #: Without these it works, and says or does less.
    better_with: tuple[str, ...] = ()
    #: Those of needs that no call stands for, since the service asks for them on something else that the call names.
    besides: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.module}: {self.does}"

    def named(self, name: str) -> Options:
        filled: Options = _filled(self.options, name)
        return filled


def _filled(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, name) for item in value]
    return value.replace("{name}", name) if isinstance(value, str) else value


@dataclass(frozen=True)
class Mentioned:
    """Permissions that a module's notes name although no case of it needs them, and why that is right."""

    permissions: frozenset[str]
    why: str = field(compare=False)


# Google -------------------------------------------------------------------------------------------------------------------------------------

SECRETS, VERSIONS = "secretmanager.secrets", "secretmanager.versions"
REPOSITORIES = "artifactregistry.repositories"
GET_PROJECT = "resourcemanager.projects.get"
HERE = {"location": "us-central1", "repository": "{name}"}
BINDING = {"role": "roles/secretmanager.secretAccessor", "members": ["user:ada@example.com"]}
READER = {"role": "roles/artifactregistry.reader", "members": ["user:ada@example.com"]}
PAYLOAD = "a payload of more than sixteen bytes"


def secret(*payloads: str) -> Prepare:
    return lambda world, name: world.given.secret(name, *payloads)


def repository(mode: str = "REMOTE_REPOSITORY") -> Prepare:
    return lambda world, name: world.given.repository(name, mode=mode)


def bound_secret(world: World, name: str) -> None:
    world.given.secret(name)
    world.given.policy(name, BINDING)


def disabled_newest(world: World, name: str) -> None:
    world.given.secret(name, PAYLOAD, "other")
    world.given.call(f"secretmanager/v1/projects/{PROJECT}/secrets/{name}/versions/2:disable", {})


def disabled(world: World, name: str) -> None:
    world.given.secret(name, PAYLOAD)
    world.given.call(f"secretmanager/v1/projects/{PROJECT}/secrets/{name}/versions/1:disable", {})


def fingerprinted(world: World, name: str) -> None:
    world.given.secret(name, PAYLOAD)
    world.as_owner("gcp_secret_version", {"secret": name, "payload": PAYLOAD, "compare": "both"})


def with_login(world: World, name: str) -> None:
    world.given.readable_secret(name, UPSTREAM_TOKEN)
    world.given.repository(name)


def logging_in(world: World, name: str) -> None:
    world.given.readable_secret(name, UPSTREAM_TOKEN)
    world.given.repository(name, secret=name)


def virtual_over_number(world: World, name: str) -> None:
    """A virtual repository whose upstream is known by the project's number."""
    world.given.repository(f"{name}-ours", mode="STANDARD_REPOSITORY")
    parent = f"projects/{PROJECT}/locations/us-central1/repositories"
    upstream = f"projects/{NUMBER}/locations/us-central1/repositories/{name}-ours"
    policies = [{"id": "ours", "repository": upstream, "priority": 1}]
    body = {
        "format": "PYTHON",
        "mode": "VIRTUAL_REPOSITORY",
        "virtualRepositoryConfig": {"upstreamPolicies": policies},
    }
    world.given.call(f"artifactregistry/v1/{parent}?repositoryId={name}", body)


def _repositories(module: str, mode: str, create: Options) -> Iterable[Case]:
    """The cases that both modules for repositories have."""
    there = repository(mode)
    get = f"{REPOSITORIES}.get"
    given = {**HERE, **({"mode": mode} if module == "gcp_repository" else {})}
    packages = "artifactregistry.packages.list"
    yield Case(module, "create", (get, f"{REPOSITORIES}.create"), {**HERE, **create}, changed=True)
    yield Case(module, "update", (get, f"{REPOSITORIES}.update"), {**given, "description": "Ours"}, there, changed=True)
    yield Case(module, "nothing", (get,), given, there)
    yield Case(
        module, "delete", (get, f"{REPOSITORIES}.delete", packages), {**HERE, "state": "absent"}, there, changed=True
    )
    forced = {**HERE, "state": "absent", "force": True}
    yield Case(module, "delete with force", (get, f"{REPOSITORIES}.delete"), forced, there, changed=True)


def _repository_infos(module: str) -> Iterable[Case]:
    yield Case(module, "read one", (f"{REPOSITORIES}.get",), HERE, repository())
    yield Case(module, "read a location", (f"{REPOSITORIES}.list",), {"location": "us-central1"})
    yield Case(module, "read all locations", (f"{REPOSITORIES}.list", "artifactregistry.locations.list"), {})


GOOGLE_CASES: tuple[Case, ...] = (
    Case("gcp_secret", "create", (f"{SECRETS}.get", f"{SECRETS}.create"), {"secret": "{name}"}, changed=True),
    Case(
        "gcp_secret",
        "update",
        (f"{SECRETS}.get", f"{SECRETS}.update"),
        {"secret": "{name}", "labels": {"team": "build"}},
        secret(),
        changed=True,
    ),
    Case("gcp_secret", "nothing", (f"{SECRETS}.get",), {"secret": "{name}"}, secret()),
    Case(
        "gcp_secret",
        "delete",
        (f"{SECRETS}.get", f"{SECRETS}.delete"),
        {"secret": "{name}", "state": "absent"},
        secret(),
        changed=True,
    ),
    Case("gcp_secret_info", "read one", (f"{SECRETS}.get", f"{VERSIONS}.list"), {"secret": "{name}"}, secret(PAYLOAD)),
    Case("gcp_secret_info", "read all", (f"{SECRETS}.list", f"{VERSIONS}.list"), {}, secret(PAYLOAD)),
    Case(
        "gcp_secret_iam_binding",
        "grant",
        (f"{SECRETS}.getIamPolicy", f"{SECRETS}.setIamPolicy"),
        {"secret": "{name}", **BINDING},
        secret(),
        changed=True,
    ),
    Case(
        "gcp_secret_iam_binding",
        "nothing",
        (f"{SECRETS}.getIamPolicy",),
        {"secret": "{name}", **BINDING},
        bound_secret,
    ),
    Case(
        "gcp_secret_iam_binding",
        "grant under a condition on names",
        (f"{SECRETS}.getIamPolicy", f"{SECRETS}.setIamPolicy"),
        {
            "secret": "{name}",
            **BINDING,
            "condition": {
                "title": "ours",
                "expression": f'resource.name.startsWith("projects/{PROJECT}/secrets/{{name}}")',
            },
        },
        secret(),
        changed=True,
        better_with=(f"{SECRETS}.get",),
    ),
    Case("gcp_secret_iam_info", "read", (f"{SECRETS}.getIamPolicy",), {"secret": "{name}"}, secret()),
    Case(
        "gcp_secret_version",
        "store the first",
        (f"{VERSIONS}.access", f"{VERSIONS}.add"),
        {"secret": "{name}", "payload": PAYLOAD},
        secret(),
        changed=True,
    ),
    Case(
        "gcp_secret_version",
        "store another",
        (f"{VERSIONS}.access", f"{VERSIONS}.add"),
        {"secret": "{name}", "payload": PAYLOAD},
        secret("other"),
        changed=True,
    ),
    Case(
        "gcp_secret_version",
        "nothing",
        (f"{VERSIONS}.access",),
        {"secret": "{name}", "payload": PAYLOAD},
        secret(PAYLOAD),
    ),
    Case(
        "gcp_secret_version",
        "nothing, the newest being disabled",
        (f"{VERSIONS}.access", f"{VERSIONS}.list"),
        {"secret": "{name}", "payload": PAYLOAD},
        disabled_newest,
    ),
    *(
        Case(
            "gcp_secret_version",
            state,
            (f"{VERSIONS}.get", f"{VERSIONS}.{verb}"),
            {"secret": "{name}", "version": 1, "state": state},
            prepare,
            changed=True,
        )
        for state, verb, prepare in (
            ("enabled", "enable", disabled),
            ("disabled", "disable", secret(PAYLOAD)),
            ("destroyed", "destroy", secret(PAYLOAD)),
        )
    ),
    Case(
        "gcp_secret_version",
        "store the first with a fingerprint",
        (f"{SECRETS}.get", f"{SECRETS}.update", f"{VERSIONS}.list", f"{VERSIONS}.get", f"{VERSIONS}.add"),
        {"secret": "{name}", "payload": PAYLOAD, "compare": "fingerprint"},
        secret(),
        changed=True,
    ),
    Case(
        "gcp_secret_version",
        "nothing, by the fingerprint",
        (f"{SECRETS}.get", f"{VERSIONS}.list"),
        {"secret": "{name}", "payload": PAYLOAD, "compare": "fingerprint"},
        fingerprinted,
    ),
    Case(
        "gcp_secret_version",
        "keep the fingerprint of what is there",
        (f"{SECRETS}.get", f"{SECRETS}.update", f"{VERSIONS}.list", f"{VERSIONS}.access"),
        {"secret": "{name}", "payload": PAYLOAD, "compare": "both"},
        secret(PAYLOAD),
        changed=True,
    ),
    *(
        Case(
            "gcp_secret_retention",
            action,
            (f"{VERSIONS}.list", f"{VERSIONS}.{action}"),
            {"secret": "{name}", "keep": 1, "action": action},
            secret("old", PAYLOAD),
            changed=True,
        )
        for action in ("disable", "destroy")
    ),
    Case("gcp_secret_retention", "nothing", (f"{VERSIONS}.list",), {"secret": "{name}", "keep": 1}, secret(PAYLOAD)),
    Case(
        "gcp_service_agent",
        "create",
        (GET_PROJECT, "serviceusage.services.enable"),
        {"project": PROJECT, "create": True},
    ),
    Case(
        "gcp_access_token",
        "impersonate",
        ("iam.serviceAccounts.getAccessToken",),
        {"impersonate_service_account": [f"installer@{PROJECT}.iam.gserviceaccount.com"]},
        changed=True,
    ),
    Case("gcp_service_agent", "name it", (GET_PROJECT,), {"project": PROJECT, "create": False}),
    *_repositories("gcp_remote_repository", "REMOTE_REPOSITORY", {"format": "PYTHON", "upstream": {"preset": "PYPI"}}),
    *_repositories("gcp_repository", "STANDARD_REPOSITORY", {"format": "PYTHON", "mode": "STANDARD_REPOSITORY"}),
    Case(
        "gcp_repository",
        "compare an upstream by its project's number",
        (f"{REPOSITORIES}.get", GET_PROJECT),
        {
            **HERE,
            "upstream_policies": [{"id": "ours", "repository": "{name}-ours", "priority": 1}],
        },
        virtual_over_number,
    ),
    *_repository_infos("gcp_remote_repository_info"),
    *_repository_infos("gcp_repository_info"),
    Case(
        "gcp_remote_repository_credentials",
        "set",
        (f"{REPOSITORIES}.get", f"{REPOSITORIES}.update"),
        {**HERE, "username": "__token__", "secret": "{name}", "version": "1", "disable_upstream_validation": True},
        with_login,
        changed=True,
    ),
    Case(
        "gcp_remote_repository_credentials",
        "nothing, the secret's project being named by its number",
        (f"{REPOSITORIES}.get", GET_PROJECT),
        {**HERE, "username": "__token__", "secret": "{name}", "version": "1"},
        logging_in,
    ),
    Case(
        "gcp_repository_iam_binding",
        "grant",
        (f"{REPOSITORIES}.getIamPolicy", f"{REPOSITORIES}.setIamPolicy"),
        {**HERE, **READER},
        repository(),
        changed=True,
    ),
    Case("gcp_repository_iam_info", "read", (f"{REPOSITORIES}.getIamPolicy",), HERE, repository()),
    Case(
        "gcp_repository_access_info",
        "read a location",
        (f"{REPOSITORIES}.list", f"{REPOSITORIES}.getIamPolicy"),
        {"location": "us-central1"},
        repository(),
        better_with=(GET_PROJECT, "resourcemanager.projects.getIamPolicy"),
    ),
    Case(
        "gcp_repository_access_info",
        "read all locations",
        (f"{REPOSITORIES}.list", f"{REPOSITORIES}.getIamPolicy", "artifactregistry.locations.list"),
        {},
        repository(),
        better_with=(GET_PROJECT, "resourcemanager.projects.getIamPolicy"),
    ),
)

#: The workflow, for a remote repository that it makes from nothing, and then a second time.
ENTRY = {
    "repository": "{name}",
    "location": "us-central1",
    "format": "PYTHON",
    "upstream": {"preset": "PYPI"},
    "secret": "{name}",
    "token": UPSTREAM_TOKEN,
}
GOOGLE_WORKFLOW: Options = {
    "scopes": [{"name": "demo", "project": PROJECT, "create_missing": True, "repositories": [ENTRY]}]
}
GOOGLE_WORKFLOWS: tuple[Case, ...] = (
    Case(
        "gcp_auth_workflow",
        "from nothing",
        (
            f"{REPOSITORIES}.get",
            f"{REPOSITORIES}.create",
            f"{REPOSITORIES}.update",
            f"{SECRETS}.create",
            f"{SECRETS}.getIamPolicy",
            f"{SECRETS}.setIamPolicy",
            f"{VERSIONS}.access",
            f"{VERSIONS}.add",
            f"{VERSIONS}.list",
        ),
        GOOGLE_WORKFLOW,
        changed=True,
    ),
    Case(
        "gcp_auth_workflow",
        "nothing",
        (f"{REPOSITORIES}.get", f"{VERSIONS}.access", f"{SECRETS}.getIamPolicy"),
        GOOGLE_WORKFLOW,
        lambda world, name: world.as_owner("gcp_auth_workflow", _filled(GOOGLE_WORKFLOW, name)),
    ),
)

# AWS ----------------------------------------------------------------------------------------------------------------------------------------

IN_REPOSITORY = {"domain": "{name}", "repository": "python"}
LOGIN = document(statement("codeartifact:GetAuthorizationToken", {"AWS": OTHER_ACCOUNT}))
READ = document(statement("codeartifact:ReadFromRepository", {"AWS": OTHER_ACCOUNT}))


def actions(*names: str) -> tuple[str, ...]:
    return tuple(f"codeartifact:{name}" for name in names)


def domain(*repositories: str) -> Prepare:
    return lambda world, name: world.given.domain(name, *repositories)


def tagged_domain(world: World, name: str) -> None:
    world.as_owner("codeartifact_domain", {"domain": name, "tags": {"team": "build"}})


def tagged_repository(world: World, name: str) -> None:
    world.given.domain(name)
    world.as_owner("codeartifact_repository", {"domain": name, "repository": "python", "tags": {"team": "build"}})


def connected_repository(world: World, name: str) -> None:
    world.given.domain(name)
    options = {"domain": name, "repository": "python", "external_connection": "public:npmjs"}
    world.as_owner("codeartifact_repository", options)


def domain_with_policy(world: World, name: str) -> None:
    world.given.domain(name, "python")
    world.given.domain_policy(name, LOGIN)


def repository_with_policy(world: World, name: str) -> None:
    world.given.domain(name, "python")
    world.given.repository_policy(name, "python", READ)


def both_policies(world: World, name: str) -> None:
    repository_with_policy(world, name)
    world.given.domain_policy(name, LOGIN)


def published(world: World, name: str) -> None:
    world.given.domain(name, "python")
    world.given.package(name, "python", "acme-tool")


def group(**settings: Any) -> Prepare:
    def prepare(world: World, name: str) -> None:
        world.given.domain(name)
        world.as_owner("codeartifact_package_group", {"domain": name, "pattern": "/npm/*", **settings})

    return prepare


def listing_group(world: World, name: str) -> None:
    world.given.domain(name, "python", "other")
    listed = {"publish": "ALLOW_SPECIFIC_REPOSITORIES", "publish_repositories": ["python"]}
    world.as_owner("codeartifact_package_group", {"domain": name, "pattern": "/npm/*", **listed})


def retaining_group(world: World, name: str) -> None:
    published(world, name)
    world.as_owner("codeartifact_package_group", {"domain": name, "pattern": "/pypi/*", "external_upstream": "BLOCK"})


def _policies(kind: str, place: Options, there: Prepare, policy: Options, with_policy: Prepare) -> Iterable[Case]:
    """The cases of a module for policies and of its twin."""
    module, title = f"codeartifact_{kind}_policy", kind.capitalize()
    get, put, delete = actions(*(f"{verb}{title}PermissionsPolicy" for verb in ("Get", "Put", "Delete")))
    (describe,) = actions(f"Describe{title}")
    other = document({**policy["Statement"][0], "Sid": "Ours"})
    yield Case(module, "set the first", (get, describe, put), {**place, "policy": policy}, there, changed=True)
    yield Case(module, "replace", (get, put), {**place, "policy": other}, with_policy, changed=True)
    yield Case(module, "nothing", (get,), {**place, "policy": policy}, with_policy)
    yield Case(module, "delete", (get, delete), {**place, "state": "absent"}, with_policy, changed=True)
    yield Case(f"{module}_info", "read", (get,), place, with_policy)
    yield Case(f"{module}_info", "read where there is none", (get, describe), place, there)


AWS_CASES: tuple[Case, ...] = (
    Case(
        "codeartifact_domain",
        "create",
        actions("DescribeDomain", "CreateDomain"),
        {"domain": "{name}"},
        changed=True,
    ),
    Case("codeartifact_domain", "nothing", actions("DescribeDomain"), {"domain": "{name}"}, domain()),
    Case(
        "codeartifact_domain",
        "change tags",
        actions("DescribeDomain", "ListTagsForResource", "TagResource", "UntagResource"),
        {"domain": "{name}", "tags": {"use": "ours"}, "purge_tags": True},
        tagged_domain,
        changed=True,
    ),
    Case(
        "codeartifact_domain",
        "delete",
        actions("DescribeDomain", "DeleteDomain"),
        {"domain": "{name}", "state": "absent"},
        domain(),
        changed=True,
    ),
    Case(
        "codeartifact_domain_info",
        "read",
        actions("DescribeDomain", "ListTagsForResource"),
        {"domain": "{name}"},
        domain(),
    ),
    Case(
        "codeartifact_repository",
        "create",
        actions("DescribeRepository", "CreateRepository"),
        IN_REPOSITORY,
        domain(),
        changed=True,
    ),
    Case(
        "codeartifact_repository",
        "create with an upstream",
        (*actions("DescribeRepository", "CreateRepository"), NEW_UPSTREAM),
        {**IN_REPOSITORY, "upstreams": ["shared"]},
        domain("shared"),
        changed=True,
        besides=(NEW_UPSTREAM,),
    ),
    Case(
        "codeartifact_repository",
        "update",
        actions("DescribeRepository", "UpdateRepository"),
        {**IN_REPOSITORY, "description": "Ours"},
        domain("python"),
        changed=True,
    ),
    Case(
        "codeartifact_repository",
        "connect elsewhere",
        actions("DescribeRepository", "DisassociateExternalConnection", "AssociateExternalConnection"),
        {**IN_REPOSITORY, "external_connection": "public:pypi"},
        connected_repository,
        changed=True,
    ),
    Case(
        "codeartifact_repository",
        "change tags",
        actions("DescribeRepository", "ListTagsForResource", "TagResource", "UntagResource"),
        {**IN_REPOSITORY, "tags": {"use": "ours"}, "purge_tags": True},
        tagged_repository,
        changed=True,
    ),
    Case("codeartifact_repository", "nothing", actions("DescribeRepository"), IN_REPOSITORY, domain("python")),
    Case(
        "codeartifact_repository",
        "delete",
        actions("DescribeRepository", "ListPackages", "DeleteRepository"),
        {**IN_REPOSITORY, "state": "absent"},
        domain("python"),
        changed=True,
    ),
    Case(
        "codeartifact_repository",
        "delete with force",
        actions("DescribeRepository", "DeleteRepository"),
        {**IN_REPOSITORY, "state": "absent", "force": True},
        domain("python"),
        changed=True,
    ),
    Case(
        "codeartifact_repository_info",
        "read one",
        actions("DescribeRepository", "ListTagsForResource"),
        IN_REPOSITORY,
        domain("python"),
    ),
    Case(
        "codeartifact_repository_info",
        "read all",
        actions("DescribeRepository", "ListTagsForResource", "ListRepositoriesInDomain"),
        {"domain": "{name}"},
        domain("python"),
    ),
    *_policies("domain", {"domain": "{name}"}, domain("python"), LOGIN, domain_with_policy),
    *_policies("repository", IN_REPOSITORY, domain("python"), READ, repository_with_policy),
    Case(
        "codeartifact_repository_policy",
        "grant to another account",
        actions("GetRepositoryPermissionsPolicy", "PutRepositoryPermissionsPolicy"),
        {**IN_REPOSITORY, "grants": [{"name": "acme", "principals": [OTHER_ACCOUNT], "access": ["publish"]}]},
        both_policies,
        changed=True,
        better_with=actions("GetDomainPermissionsPolicy"),
    ),
    Case(
        "codeartifact_package_group",
        "create",
        actions("DescribePackageGroup", "CreatePackageGroup"),
        {"domain": "{name}", "pattern": "/npm/*"},
        domain(),
        changed=True,
    ),
    Case(
        "codeartifact_package_group",
        "update",
        actions("DescribePackageGroup", "UpdatePackageGroup"),
        {"domain": "{name}", "pattern": "/npm/*", "description": "Ours"},
        group(),
        changed=True,
    ),
    Case(
        "codeartifact_package_group",
        "change origins",
        actions("DescribePackageGroup", "UpdatePackageGroupOriginConfiguration"),
        {"domain": "{name}", "pattern": "/npm/*", "publish": "BLOCK"},
        group(),
        changed=True,
    ),
    Case(
        "codeartifact_package_group",
        "change which repositories are listed",
        actions("DescribePackageGroup", "ListAllowedRepositoriesForGroup", "UpdatePackageGroupOriginConfiguration"),
        {
            "domain": "{name}",
            "pattern": "/npm/*",
            "publish": "ALLOW_SPECIFIC_REPOSITORIES",
            "publish_repositories": ["python", "other"],
        },
        listing_group,
        changed=True,
    ),
    Case(
        "codeartifact_package_group",
        "change tags",
        actions(
            "DescribePackageGroup",
            "ListTagsForResource",
            "TagResource",
            "UntagResource",
        ),
        {"domain": "{name}", "pattern": "/npm/*", "tags": {"use": "ours"}, "purge_tags": True},
        group(tags={"team": "build"}),
        changed=True,
    ),
    Case(
        "codeartifact_package_group",
        "delete",
        actions("DescribePackageGroup", "ListSubPackageGroups", "DeletePackageGroup"),
        {"domain": "{name}", "pattern": "/npm/*", "state": "absent"},
        group(),
        changed=True,
    ),
    Case(
        "codeartifact_package_group_info",
        "read one",
        actions("DescribePackageGroup", "ListTagsForResource"),
        {"domain": "{name}", "pattern": "/npm/*"},
        group(),
    ),
    Case(
        "codeartifact_package_group_info",
        "read one with listed repositories",
        actions("DescribePackageGroup", "ListTagsForResource", "ListAllowedRepositoriesForGroup"),
        {"domain": "{name}", "pattern": "/npm/*"},
        listing_group,
    ),
    Case(
        "codeartifact_package_group_info",
        "read all",
        actions("DescribePackageGroup", "ListTagsForResource", "ListPackageGroups"),
        {"domain": "{name}"},
        group(),
    ),
    Case(
        "codeartifact_package_group_info",
        "find what is retained",
        actions(
            "DescribePackageGroup",
            "ListTagsForResource",
            "ListAssociatedPackages",
            "ListRepositoriesInDomain",
            "ListPackages",
            "ListPackageVersions",
        ),
        {"domain": "{name}", "pattern": "/pypi/*", "retained": True},
        retaining_group,
    ),
    Case(
        "codeartifact_package_origin",
        "set",
        actions("DescribePackage", "PutPackageOriginConfiguration"),
        {**IN_REPOSITORY, "format": "pypi", "package": "acme-tool", "publish": "BLOCK", "upstream": "BLOCK"},
        published,
        changed=True,
    ),
    Case(
        "codeartifact_package_origin",
        "nothing",
        actions("DescribePackage"),
        {**IN_REPOSITORY, "format": "pypi", "package": "acme-tool", "publish": "ALLOW", "upstream": "BLOCK"},
        published,
    ),
    Case(
        "codeartifact_token",
        "get one",
        ("codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"),
        {"domain": "{name}"},
        domain(),
        changed=True,
    ),
    Case(
        "codeartifact_access_info",
        "read",
        actions("ListRepositoriesInDomain", "GetDomainPermissionsPolicy", "GetRepositoryPermissionsPolicy"),
        {"domain": "{name}"},
        both_policies,
    ),
    Case(
        "codeartifact_access_info",
        "read an empty domain",
        actions("ListRepositoriesInDomain", "GetDomainPermissionsPolicy", "DescribeDomain"),
        {"domain": "{name}"},
        domain(),
    ),
)

AWS_WORKFLOW: Options = {
    "scopes": [
        {
            "name": "demo",
            "domain": "{name}",
            "repositories": [
                {
                    "repository": "python",
                    "grants": [{"name": "acme", "principals": [OTHER_ACCOUNT], "access": ["read"]}],
                }
            ],
        }
    ]
}
AWS_WORKFLOWS: tuple[Case, ...] = (
    Case(
        "codeartifact_auth_workflow",
        "grant",
        actions("GetRepositoryPermissionsPolicy", "PutRepositoryPermissionsPolicy"),
        AWS_WORKFLOW,
        both_policies,
        changed=True,
        better_with=actions("GetDomainPermissionsPolicy"),
    ),
)

# GitHub -------------------------------------------------------------------------------------------------------------------------------------

IN_GITHUB = {"owner": "octo-org", "repository": "{name}"}
ENVIRONMENT = {**IN_GITHUB, "environment": "pypi"}
WORKFLOW = ".github/workflows/release.yml"


def on_github(**more: Any) -> Prepare:
    """A private repository that the token's holder administers."""
    return lambda world, name: world.given.github(
        repositories=[{"full_name": f"octo-org/{name}", "private": True, **more}]
    )


def with_environment(**settings: Any) -> Prepare:
    def prepare(world: World, name: str) -> None:
        on_github(apps=[{"slug": "release-gate", "id": 71}])(world, name)
        place = {"owner": "octo-org", "repository": name, "environment": "pypi"}
        world.as_owner("github_environment", {**place, **settings})

    return prepare


def with_secret(environment: str | None = None) -> Prepare:
    def prepare(world: World, name: str) -> None:
        (with_environment() if environment else on_github())(world, name)
        place = f"environments/{environment}/secrets" if environment else "actions/secrets"
        body = {"encrypted_value": "b3Vycw==", "key_id": "1"}
        path = f"github/repos/octo-org/{name}/{place}"
        body["key_id"] = world.given.call(f"{path}/public-key", caller="octocat")["key_id"]
        world.given.call(f"{path}/INDEX_TOKEN", body, "PUT", "octocat")

    return prepare


GITHUB_CASES: tuple[Case, ...] = (
    Case(
        "github_environment",
        "create",
        ("metadata=read", "actions=read", "administration=write"),
        {**ENVIRONMENT, "tags": ["v*"]},
        on_github(),
        changed=True,
    ),
    Case("github_environment", "nothing", ("actions=read",), ENVIRONMENT, with_environment()),
    Case(
        "github_environment",
        "change tags",
        ("actions=read", "administration=write"),
        {**ENVIRONMENT, "tags": ["v*"]},
        with_environment(tags=["w*"]),
        changed=True,
    ),
    Case(
        "github_environment",
        "have a team review",
        ("actions=read", "administration=write", "members=read"),
        {**ENVIRONMENT, "reviewers": {"teams": ["Release managers"]}},
        with_environment(),
        changed=True,
    ),
    Case(
        "github_environment",
        "enable an app",
        ("actions=read", "administration=write"),
        {**ENVIRONMENT, "apps": ["release-gate"]},
        with_environment(),
        changed=True,
    ),
    Case(
        "github_environment",
        "delete",
        ("actions=read", "administration=write"),
        {**ENVIRONMENT, "state": "absent"},
        with_environment(),
        changed=True,
    ),
    Case(
        "github_file",
        "write to the default branch",
        ("metadata=read", "contents=write"),
        {**IN_GITHUB, "path": "SECURITY.md", "content": "ours"},
        on_github(),
        changed=True,
    ),
    Case(
        "github_file",
        "nothing",
        ("metadata=read", "contents=read"),
        {**IN_GITHUB, "path": "SECURITY.md", "content": "ours"},
        on_github(files={"SECURITY.md": "ours"}),
    ),
    Case(
        "github_file",
        "propose a workflow",
        ("metadata=read", "contents=write", "pull_requests=write", WORKFLOW_FILES),
        {**IN_GITHUB, "path": WORKFLOW, "content": "on: push\n", "branch": "release-workflow"},
        on_github(),
        changed=True,
        besides=(WORKFLOW_FILES,),
    ),
    Case(
        "github_actions_secret",
        "delete",
        ("secrets=write",),
        {**IN_GITHUB, "secret": "INDEX_TOKEN", "state": "absent"},
        with_secret(),
        changed=True,
    ),
    Case(
        "github_actions_secret",
        "nothing",
        ("metadata=read", "secrets=read"),
        {**IN_GITHUB, "secret": "INDEX_TOKEN", "state": "absent"},
        on_github(),
    ),
    Case(
        "github_actions_secret",
        "delete an environment's",
        ("environments=write",),
        {**ENVIRONMENT, "secret": "INDEX_TOKEN", "state": "absent"},
        with_secret("pypi"),
        changed=True,
    ),
    Case(
        "github_actions_secret",
        "delete unless it is used",
        ("metadata=read", "secrets=write", "contents=read"),
        {**IN_GITHUB, "secret": "INDEX_TOKEN", "state": "absent", "unless_used": True},
        with_secret(),
        changed=True,
    ),
)

#: What notes say of others than the caller, or of what the local cloud does not judge.
MENTIONED: dict[str, Mentioned] = {
    "codeartifact_domain": Mentioned(
        frozenset({"kms:DescribeKey", "kms:CreateGrant"}), "of KMS, which the local cloud does not have"
    ),
    "codeartifact_token": Mentioned(
        frozenset({"codeartifact:ReadFromRepository"}), "what the token is used for, by others"
    ),
    "gcp_access_token": Mentioned(
        frozenset({"artifactregistry.repositories.downloadArtifacts"}), "what the token is used for, by others"
    ),
    "codeartifact_repository_policy": Mentioned(
        frozenset({"codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"}),
        "of those who are granted something",
    ),
    "gcp_remote_repository_credentials": Mentioned(
        frozenset({"secretmanager.versions.get"}),
        "looked at when a grant is on its way, see test_remote_repository_credentials.py",
    ),
}
#: Of Google's predefined roles, those of which a module's notes say that they hold, together, all that it needs.
ROLES_SAID: dict[str, tuple[str, ...]] = {
    "gcp_secret": ("roles/secretmanager.admin",),
    "gcp_secret_info": ("roles/secretmanager.viewer",),
    "gcp_secret_iam_binding": ("roles/secretmanager.admin",),
    "gcp_secret_iam_info": ("roles/secretmanager.viewer",),
    "gcp_secret_version": ("roles/secretmanager.admin",),
    "gcp_secret_retention": ("roles/secretmanager.secretVersionManager",),
    "gcp_service_agent": ("roles/browser", "roles/serviceusage.serviceUsageAdmin"),
    "gcp_remote_repository": ("roles/artifactregistry.admin",),
    "gcp_remote_repository_credentials": ("roles/artifactregistry.admin", "roles/browser"),
    "gcp_remote_repository_info": ("roles/artifactregistry.reader",),
    "gcp_repository": ("roles/artifactregistry.admin",),
    "gcp_repository_info": ("roles/artifactregistry.reader",),
    "gcp_repository_iam_binding": ("roles/artifactregistry.admin",),
    "gcp_repository_iam_info": ("roles/artifactregistry.viewer",),
    "gcp_repository_access_info": ("roles/viewer",),
}
#: The account of the callers of AWS.
CALLER = f"arn:aws:iam::{ACCOUNT}:user/exact"
