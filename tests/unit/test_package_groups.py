# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Package groups: patterns, what deleting one changes, and how a group without a lock is written.

Expected of patterns: CodeArtifact User Guide, "Package group definition syntax and matching behavior".
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    NotFound,
    Unconfirmed,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.package_groups import (
    INHERIT,
    SETTINGS,
    PackageGroup,
    Setting,
    associated,
    check_pattern,
    takes,
    without,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.codeartifact_package_group import (
    DesiredGroup,
    PackageGroupResources,
)


@pytest.mark.parametrize(
    "pattern",
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
def test_the_six_forms(pattern):
    check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("*", "the forms are"),
        ("/npm", "the forms are"),
        ("/npm/acme", "the forms are"),
        ("/npm/acme/ui*", "write ui~"),
        ("/pypi//acme-*", "write acme~"),
        ("/npm/acme/ui-~", "behind a letter or digit"),
        ("/npm/~", "comes behind a name"),
        ("/npm$", "the forms are"),
        ("/python//requests$", "Python's is pypi"),
        ("/conda//x$", "not a format"),
        ("/pypi//Acme_Tool$", "here acme-tool"),
        ("/nuget//Acme~", "here acme"),
        ("/pypi/acme/tool$", "have no namespace"),
        ("/pypi/acme~", "the forms are"),
        ("/maven//core$", "has a groupId"),
        ("/maven/com.acme$", "the forms are"),
        ("/npm/@acme/*", "without its @"),
        ("/npm/@acme~", "without its @"),
        ("/npm/a*b/c$", "\\* stands for all"),
        ("/npm/acme /*", "white space"),
        ("/npm/" + "a" * 514 + "/*", "up to 520"),
    ],
)
def test_what_is_no_pattern_is_told(pattern, says):
    with pytest.raises(InvalidInput, match=says):
        check_pattern(pattern)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("foo", "STRONG"),
        ("foo-bar", "STRONG"),
        ("foo.bar", "STRONG"),
        ("food", None),
        ("foot", None),
        ("fooBar", None),
        ("Foo", "WEAK"),
    ],
)
def test_words(name, how):
    assert takes("/npm//foo~", f"/npm//{name}") == how


def test_the_most_specific_group_counts_and_a_variation_does_not_roll_up():
    groups = ["/npm/*", "/npm/acme/*", "/npm/acme/ui~", "/npm/acme/ui$"]
    assert associated(groups, "/npm/acme/ui") == ("/npm/acme/ui$", "STRONG")
    assert associated(groups, "/npm/acme/ui-kit") == ("/npm/acme/ui~", "STRONG")
    assert associated(groups, "/npm/acme/UI") == ("/npm/acme/ui$", "WEAK")
    assert associated(groups, "/npm/acme/build") == ("/npm/acme/*", "STRONG")
    assert associated(groups, "/pypi//acme") == ("/*", "STRONG")


def group(pattern, parent=None, **modes):
    settings = {name: Setting(modes.get(name, INHERIT), modes.get(name, "ALLOW"), None, (), 0) for name in SETTINGS}
    arn = f"arn:aws:codeartifact:eu-west-1:123456789012:package-group/demo{pattern}"
    return PackageGroup(pattern, "demo", "123456789012", arn, parent=parent, settings=settings)


def test_deleting_a_group_opens_the_public_name():
    """The guide's example."""
    acme = group("/npm/acme/*", "/npm/*", publish="ALLOW", external_upstream="BLOCK")
    npm = group("/npm/*", "/*", publish="BLOCK", external_upstream="ALLOW")
    ui = group("/npm/acme/ui~", "/npm/acme/*")
    (said,) = without(acme, npm, [ui])
    assert "belong to /npm/*, where publish is BLOCK and no longer ALLOW" in said
    assert "external_upstream is ALLOW and no longer BLOCK" in said
    assert "for /npm/acme/ui~" in said
    assert without(group("/npm/x/*"), group("/npm/*"), []) == ()


class Cloud:
    """A group that is kept as the service keeps it, and another writer who sets something between our write and our look."""

    def __init__(self, *groups, other_writer=None):
        self.groups = {one.pattern: one for one in groups}
        self.calls = []
        self.region = "eu-west-1"
        self.other_writer = other_writer

    def describe_group(self, name):
        self.calls.append("describe")
        if name.pattern not in self.groups:
            raise NotFound("nothing")
        return self.groups[name.pattern]

    def allowed_repositories(self, name, setting):
        return self.groups[name.pattern].settings[setting].repositories

    def create_group(self, name, description, contact, tags):
        self.calls.append("create")
        self.groups[name.pattern] = replace(group(name.pattern, "/*"), description=description, contact=contact)
        return self.groups[name.pattern]

    def update_group(self, name, **texts):
        self.calls.append(("update", texts))
        self.groups[name.pattern] = replace(self.groups[name.pattern], **{k: v or None for k, v in texts.items()})
        return self.groups[name.pattern]

    def update_origin(self, name, modes, added=(), removed=()):
        self.calls.append(("origin", dict(modes), len(list(added)), len(list(removed))))
        found = self.groups[name.pattern]
        settings = dict(found.settings)
        for setting, mode in modes.items():
            settings[setting] = Setting(mode, mode, None, settings[setting].repositories)
        for setting, one in added:
            settings[setting] = replace(
                settings[setting], repositories=tuple(sorted({*settings[setting].repositories, one})), count=None
            )
        for setting, one in removed:
            settings[setting] = replace(
                settings[setting], repositories=tuple(sorted({*settings[setting].repositories} - {one})), count=None
            )
        answer = self.groups[name.pattern] = replace(found, settings=settings)
        if self.other_writer:
            self.groups[name.pattern], self.other_writer = self.other_writer(answer), None
        return answer


def reconciled(cloud, **options):
    desired = DesiredGroup.from_options({"domain": "demo", **options})
    (outcome,) = reconcile(lambda: PackageGroupResources(cloud), [desired], check_mode=False)
    return outcome


def test_only_what_is_named_is_written():
    cloud = Cloud(group("/npm/*", "/*", publish="BLOCK"))
    outcome = reconciled(cloud, pattern="/npm/*", external_upstream="BLOCK", contact="ops")
    assert outcome.changed
    assert cloud.calls == [
        "describe",
        ("update", {"contact": "ops"}),
        ("origin", {"external_upstream": "BLOCK"}, 0, 0),
        "describe",
    ]
    assert not reconciled(cloud, pattern="/npm/*", external_upstream="BLOCK", publish="BLOCK").changed


def test_what_another_writer_undoes_is_written_again():
    def undo(found):
        return replace(found, settings={**found.settings, "external_upstream": Setting("ALLOW", "ALLOW", None, (), 0)})

    cloud = Cloud(group("/npm/*", "/*"), other_writer=undo)
    outcome = reconciled(cloud, pattern="/npm/*", external_upstream="BLOCK")
    assert outcome.error is None
    assert outcome.changed
    assert [call[0] for call in cloud.calls if call != "describe"] == ["origin", "origin"]
    assert cloud.groups["/npm/*"].settings["external_upstream"].mode == "BLOCK"


def test_many_repositories_are_written_in_several_calls_and_the_mode_first():
    """A call takes up to 100, as AWS's provider for CloudFormation has it."""
    cloud = Cloud(group("/npm/*", "/*"))
    names = [f"repository-{number}" for number in range(250)]
    outcome = reconciled(cloud, pattern="/npm/*", publish="ALLOW_SPECIFIC_REPOSITORIES", publish_repositories=names)
    assert outcome.error is None
    assert [call for call in cloud.calls if call[0] == "origin"] == [
        ("origin", {"publish": "ALLOW_SPECIFIC_REPOSITORIES"}, 100, 0),
        ("origin", {}, 100, 0),
        ("origin", {}, 50, 0),
    ]


def test_a_service_that_does_not_keep_what_is_written_is_told(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    cloud = Cloud(group("/npm/*", "/*"))
    cloud.update_group = lambda name, **_texts: cloud.groups[name.pattern]
    resource = PackageGroupResources(cloud)
    desired = DesiredGroup.from_options({"domain": "demo", "pattern": "/npm/*", "description": "Ours"})
    change = resource.plan(resource.read(desired), desired)
    with pytest.raises(Unconfirmed, match="differs from what was asked for: description"):
        resource.apply(change, desired)


def test_a_missing_group_is_told_from_a_missing_domain():
    cloud = Cloud(group("/*"))
    assert reconciled(cloud, pattern="/npm/*").changed
    outcome = reconciled(Cloud(), pattern="/npm/*")
    assert "There is no domain demo" in outcome.message
    assert not reconciled(Cloud(), pattern="/npm/*", state="absent").changed
