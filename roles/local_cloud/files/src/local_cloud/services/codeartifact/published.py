# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of a repository, through the API: list, describe, configure, delete, dispose."""

from __future__ import annotations

from typing import Any

from local_cloud.services.codeartifact.errors import missing
from local_cloud.services.codeartifact.operations import Call
from local_cloud.services.codeartifact.packages import Asset, Package, PackageName, Version
from local_cloud.services.codeartifact.patterns import normal
from local_cloud.services.codeartifact.store import Repository


def list_packages(call: Call) -> dict[str, Any]:
    prefix, values = call.values.get("packagePrefix", ""), call.values
    found = [
        package
        for package in sorted(call.repository().packages, key=lambda package: (package.name.format, package.name.name))
        if values.get("format") in {None, package.name.format}
        and values.get("namespace") in {None, package.name.namespace}
        and package.name.name.startswith(prefix)
        and values.get("publish") in {None, package.restrictions["publish"]}
        and values.get("upstream") in {None, package.restrictions["upstream"]}
    ]
    return call.page_of("packages", found, lambda package: {**_named(package.name), **_configured(package)})


def describe_package(call: Call) -> dict[str, Any]:
    _repository, package = _package(call)
    named = _named(package.name)
    named["name"] = named.pop("package")
    return {"package": {**named, **_configured(package)}}


def put_origin_configuration(call: Call) -> dict[str, Any]:
    """Also of a package that is not there, which is made without a version."""
    repository, name = _asked(call)
    restrictions = call.values["restrictions"]
    return _configured(repository.packages.restricted(name, restrictions["publish"], restrictions["upstream"]))


def delete_package(call: Call) -> dict[str, Any]:
    """With all versions, and with its own origin configuration."""
    repository, package = _package(call)
    repository.packages.remove(package.name)
    return {"deletedPackage": {**_named(package.name), **_configured(package)}}


def list_versions(call: Call) -> dict[str, Any]:
    repository, package = _package(call)
    values = call.values
    found = [
        version
        for version in sorted(package.versions.values(), key=lambda version: version.published, reverse=True)
        if values.get("status") in {None, version.status}
        and values.get("originType") in {None, _origin(repository, version)["originType"]}
    ]
    newest = next((version.version for version in found if version.status == "Published"), None)
    page = call.page_of("versions", found, lambda version: {
        "version": version.version,
        "revision": version.revision,
        "status": version.status,
        "origin": _origin(repository, version),
    })  # fmt: skip
    return {**_named(package.name), "defaultDisplayVersion": newest, **page}


def describe_version(call: Call) -> dict[str, Any]:
    repository, package = _package(call)
    version = _version(call, package)
    named = _named(package.name)
    named["packageName"] = named.pop("package")
    return {
        "packageVersion": {
            **named,
            "displayName": package.name.name,
            "version": version.version,
            "summary": version.summary,
            "publishedTime": version.published,
            "revision": version.revision,
            "status": version.status,
            "origin": _origin(repository, version),
        }
    }


def list_assets(call: Call) -> dict[str, Any]:
    _repository, package = _package(call)
    version = _version(call, package)

    def shown(asset: Asset) -> dict[str, Any]:
        return {"name": asset.name, "size": len(asset.content), "hashes": asset.hashes()}

    page = call.page_of("assets", [version.assets[name] for name in sorted(version.assets)], shown)
    return {**_named(package.name), "version": version.version, "versionRevision": version.revision, **page}


def delete_versions(call: Call) -> dict[str, Any]:
    """Deleted versions are gone, and can be published again."""
    return _change_versions(call, "Deleted")


def dispose_versions(call: Call) -> dict[str, Any]:
    """Disposed versions keep their name, without assets."""
    return _change_versions(call, "Disposed")


def _change_versions(call: Call, status: str) -> dict[str, Any]:
    _repository, package = _package(call)
    expected, revisions = call.values.get("expectedStatus"), call.values.get("versionRevisions", {})
    done: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    for name in call.values["versions"]:
        version = package.versions.get(name)
        if version is None:
            failed[name] = _failure("NOT_FOUND", "The version does not exist.")
        elif expected not in {None, version.status}:
            failed[name] = _failure("MISMATCHED_STATUS", "The version has another status.")
        elif revisions.get(name, version.revision) != version.revision:
            failed[name] = _failure("MISMATCHED_REVISION", "The version has another revision.")
        else:
            _retire(package, version, status)
            done[name] = {"revision": version.revision, "status": status}
    return {"successfulVersions": done, "failedVersions": failed}


def _retire(package: Package, version: Version, status: str) -> None:
    version.status = status
    version.assets.clear()
    if status == "Deleted":
        del package.versions[version.version]


def _failure(code: str, message: str) -> dict[str, str]:
    return {"errorCode": code, "errorMessage": message}


def _asked(call: Call) -> tuple[Repository, PackageName]:
    """The repository and the name of the package that a call names. Raises AwsError."""
    values = call.values
    kind = values["format"]
    name = PackageName(kind, values.get("namespace", ""), normal(kind, values["package"]))
    return call.access.repository(
        call.operation, call.arn, call.arn.package(name.format, name.namespace, name.name)
    ), name


def _package(call: Call) -> tuple[Repository, Package]:
    """The repository and the package that a call names. Raises AwsError."""
    repository, name = _asked(call)
    package = repository.packages.get(name)
    if package is None:
        path = f"{repository.path}/{name.name}"
        raise missing(f"Package not found. Package {name.name} does not exist.", "package", path)
    return repository, package


def _version(call: Call, package: Package) -> Version:
    name = call.values["packageVersion"]
    if name not in package.versions:
        raise missing(f"Package version not found. Version {name} does not exist.", "package-version", name)
    return package.versions[name]


def _named(name: PackageName) -> dict[str, Any]:
    return {"format": name.format, "namespace": name.namespace or None, "package": name.name}


def _configured(package: Package) -> dict[str, Any]:
    return {"originConfiguration": {"restrictions": package.restrictions}}


def _origin(repository: Repository, version: Version) -> dict[str, Any]:
    if version.external:
        entry = {"externalConnectionName": version.external}
        return {"domainEntryPoint": entry, "originType": "EXTERNAL"}
    entry = {"repositoryName": version.entered or repository.arn.repository}
    return {"domainEntryPoint": entry, "originType": "INTERNAL"}
