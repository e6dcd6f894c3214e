# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Patterns of package groups. Expected values: CodeArtifact User Guide, "Package group definition syntax and matching behavior"."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact import package_groups
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection import in_codeartifact

from local_cloud.services.codeartifact import index, origins, patterns
from local_cloud.services.codeartifact.arns import ResourceArn, parse_package_group
from local_cloud.services.codeartifact.errors import AwsError
from local_cloud.services.codeartifact.packages import PackageName
from local_cloud.services.codeartifact.store import Domain, PackageGroup, Repository

DOMAIN = ResourceArn("eu-west-1", "123456789012", "dom")


@pytest.mark.parametrize(
    "text",
    [
        "/*",
        "/npm/*",
        "/maven/com.acme~",
        "/npm/acme/*",
        "/npm/acme/ui~",
        "/maven/com.acme/core$",
        "/npm//*",
        "/pypi//requests$",
    ],
)
def test_the_six_forms(text: str) -> None:
    patterns.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "*", "/", "/npm", "/npm/", "/npm/acme", "/npm/acme*", "/npm/acme/ui*", "/npm/acme/ui-~", "/npm/~", "/~", "/$", "/npm$",
        "/python//requests$", "/pypi//Requests$", "/pypi//acme_tool$", "/nuget//Acme~", "/pypi/acme/tool$", "/pypi/acme~",
        "/maven//core$", "/maven/com.acme$", "/npm/a/b/c$",
    ],
)  # fmt: skip
def test_other_forms(text: str) -> None:
    with pytest.raises(AwsError):
        patterns.check(text)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("foo", "STRONG"), ("foo-bar", "STRONG"), ("foo.bar", "STRONG"), ("food", None), ("foot", None), ("fooBar", None),
        ("Foo", "WEAK"), ("FOO_bar", "WEAK"),
    ],
)  # fmt: skip
def test_words(name: str, how: str | None) -> None:
    assert patterns.takes("/npm//foo~", f"/npm//{name}") == how


@pytest.mark.parametrize(
    ("name", "how"),
    [("foo-bar", "STRONG"), ("foo.bar", "WEAK"), ("foo..bar", "WEAK"), ("foo_bar", "WEAK"), ("foobar", None)],
)
def test_variations(name: str, how: str | None) -> None:
    assert patterns.takes("/npm//foo-bar$", f"/npm//{name}") == how


def test_the_most_specific_takes_a_package() -> None:
    groups = ["/*", "/npm/*", "/npm/acme/*", "/npm/acme/ui~", "/npm/acme/ui$", "/npm//acme~"]

    def of(namespace: str, name: str) -> tuple[str, str]:
        found = patterns.associated(groups, PackageName("npm", namespace, name))
        return found.pattern, found.type

    assert of("acme", "ui") == ("/npm/acme/ui$", "STRONG")
    assert of("acme", "ui-kit") == ("/npm/acme/ui~", "STRONG")
    # A variation does not roll up to a more general group.
    assert of("acme", "UI") == ("/npm/acme/ui$", "WEAK")
    assert of("acme", "build") == ("/npm/acme/*", "STRONG")
    assert of("", "acme_tool") == ("/npm//acme~", "STRONG")
    assert of("", "acmetool") == ("/npm/*", "STRONG")
    assert patterns.associated(groups, PackageName("pypi", "", "acme")).pattern == "/*"
    parents = {group: patterns.parent(groups, group) for group in groups}
    assert parents == {
        "/*": None,
        "/npm/*": "/*",
        "/npm/acme/*": "/npm/*",
        "/npm/acme/ui~": "/npm/acme/*",
        "/npm/acme/ui$": "/npm/acme/ui~",
        "/npm//acme~": "/npm/*",
    }


@pytest.mark.parametrize(
    ("pattern", "end"),
    [
        ("/*", "dom/%2a"),
        ("/npm/*", "dom/npm/%2a"),
        ("/nuget//alpha$", "dom/nuget//alpha%24"),
        ("/npm//a%b~", "dom/npm//a%25b~"),
    ],
)
def test_arns(pattern: str, end: str) -> None:
    """Expected: as AWS's own provider for CloudFormation has them in its tests."""
    arn = DOMAIN.package_group(pattern)
    assert arn == f"arn:aws:codeartifact:eu-west-1:123456789012:package-group/{end}"
    assert parse_package_group(arn) == (DOMAIN, pattern)


def test_the_collection_says_the_same() -> None:
    """Two tellings of the guide, which know nothing of each other."""
    groups = [
        "/*",
        "/npm/*",
        "/npm/acme/*",
        "/npm/acme/ui~",
        "/npm/acme/ui$",
        "/npm//acme~",
        "/npm//acme-tool$",
        "/npm/acme~",
    ]
    names = [
        "ui",
        "UI",
        "ui-kit",
        "u_i",
        "uikit",
        "acme",
        "acme.tool",
        "Acme--Tool",
        "acmetool",
        "acme-tool",
        "acme-tool-2",
    ]
    for namespace in ("", "acme", "acme-labs", "Acme", "other"):
        for name in names:
            found = patterns.associated(groups, PackageName("npm", namespace, name))
            path = f"/npm/{namespace}/{name}"
            assert package_groups.associated(groups, path) == (found.pattern, found.type), path


NOW = datetime(2026, 7, 1, tzinfo=UTC)
NAME = PackageName("pypi", "", "acme-tool")
MODES = ("ALLOW", "BLOCK", "ALLOW_SPECIFIC_REPOSITORIES", "INHERIT")


def any_domain(chance: random.Random) -> Domain:
    """Four repositories on top of each other in any way, with any groups and packages."""
    domain = Domain(DOMAIN, NOW, {}, "key")
    names = ["a", "b", "c", "d"]
    for position, name in enumerate(names):
        arn = ResourceArn(DOMAIN.region, DOMAIN.owner, DOMAIN.domain, name)
        upstreams = [other for other in names[position + 1 :] if chance.random() < 0.5]
        domain.repositories[name] = Repository(arn, NOW, {}, DOMAIN.owner, None, upstreams)
        domain.repositories[name].external_connection = chance.choice([None, "public:pypi", "public:npmjs"])
        if chance.random() < 0.4:
            settings = [chance.choice(["ALLOW", "BLOCK"]) for _setting in range(2)]
            domain.repositories[name].packages.restricted(NAME, *settings)
    for pattern in ("/*", "/pypi/*", "/pypi//acme~", "/pypi//acme-tool$", "/pypi//acme.tool$"):
        if pattern == "/*" or chance.random() < 0.4:
            modes = {name: chance.choice(MODES[:3] if pattern == "/*" else MODES) for name in origins.TYPES}
            group = PackageGroup(DOMAIN, pattern, NOW, None, None, {}, modes)
            for name in origins.TYPES:
                group.allowed[name] = {one for one in names if chance.random() < 0.5}
            domain.groups[pattern] = group
    return domain


def as_read(domain: Domain) -> in_codeartifact.Domain:
    """The same, as the collection's clients read it."""
    sources = {}
    for name, repository in domain.repositories.items():
        package = repository.packages.get(NAME)
        held = {patterns.path_of(NAME): in_codeartifact.Held(package.upstream)} if package else {}
        sources[name] = in_codeartifact.Source(name, tuple(repository.upstreams), repository.external_connection, held)
    groups = {}
    for pattern, group in domain.groups.items():
        settings: dict[str, Any] = {}
        for setting, name in package_groups.SETTINGS.items():
            found = origins.effective(domain, group, name)
            inherited = found.group.pattern if group.modes[name] == "INHERIT" else None
            settings[setting] = package_groups.Setting(
                group.modes[name], found.mode, inherited, tuple(group.allowed[name])
            )
        groups[pattern] = package_groups.PackageGroup(pattern, "dom", settings=settings)
    return in_codeartifact.Domain(sources, groups)


def test_the_collection_says_what_the_local_cloud_does() -> None:
    """Whether a public version can come: the answer of the one, and where the other would look."""
    chance = random.Random(7)
    answers = set()
    for _world in range(400):
        domain = any_domain(chance)
        for name, repository in domain.repositories.items():
            inside = origins.may_receive(domain, repository, NAME, origins.INTERNAL)
            comes = any(
                holder.external_connection == index.CONNECTION
                and origins.may_receive(domain, holder, NAME, origins.EXTERNAL)
                for holder in (index._searched(domain, repository) if inside else [repository])
            )
            found = in_codeartifact.listed(as_read(domain), name, patterns.path_of(NAME))
            assert found.outcome == ("yes" if comes else "no"), (found, domain)
            answers.add(found.row)
    assert answers >= {"A1", "A2", "A3", "A6", "A7", "A8", "A11"}
