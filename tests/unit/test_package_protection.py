# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that are ours, and where a public package could come in their place: the decision tables, row by row.

Expected of CodeArtifact (A): its User Guide, "Package group origin controls", "Editing package origin controls" and "Requesting a package
version with upstream repositories"; of Artifact Registry (G): "Virtual repositories overview"; of clients (C): what pip, uv and npm did.
C(depends) stands where these do not say.
"""

from __future__ import annotations

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.pkgops.registry_auth.plugins.filter.package_protection import (
    ours_first,
    package_names,
    public_upstreams,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import InvalidInput
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.package_groups import (
    INHERIT,
    SETTINGS,
    SPECIFIC,
    PackageGroup,
    Setting,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.packages import PackageName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection import (
    in_artifact_registry,
    in_codeartifact,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection.artifact_registry_indexes import (
    project_findings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection.clients import CLIENTS, installed
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection.confusion import (
    Place,
    in_domain,
    in_project,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection.in_artifact_registry import (
    REMOTE,
    STANDARD,
    VIRTUAL,
    Repository,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection.in_codeartifact import (
    Domain,
    Held,
    Source,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection.listings import Listing
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.protection.names import our_names

TOOL = "/pypi//acme-tool"


@pytest.mark.parametrize(
    ("word", "patterns"),
    [
        ("acme-*", ["/pypi//acme~", "/npm//acme~"]),
        ("Acme_Tool", ["/pypi//acme-tool$", "/npm//Acme_Tool$"]),
        ("@acme/*", ["/npm/acme/*"]),
        ("@acme/ui", ["/npm/acme/ui$"]),
        ("@acme/ui-*", ["/npm/acme/ui~"]),
        ("com.acme:*", ["/maven/com.acme/*"]),
        ("com.acme.*:*", ["/maven/com.acme~"]),
        ("com.acme:core", ["/maven/com.acme/core$"]),
        ("com.acme:core-*", ["/maven/com.acme/core~"]),
    ],
)
def test_names_in_words(word, patterns):
    assert [one.pattern for one in our_names([word], ["pypi", "npm"])] == patterns


@pytest.mark.parametrize(
    "word",
    [
        "",
        "*",
        "acme*",
        "*-acme",
        "a-*-b",
        "acme tool",
        "@acme",
        "@*/ui",
        "a:b:c",
        "*:core",
        "com.acme.*:core",
        "/npm/*",
        7,
        None,
    ],
)
def test_what_is_no_name_is_told(word):
    with pytest.raises(InvalidInput, match=r"names\[0\]"):
        our_names([word], ["pypi"])


def test_formats_of_names_without_a_namespace():
    with pytest.raises(InvalidInput, match="groupId"):
        our_names(["acme-*"], ["maven"])


def test_the_filter():
    assert package_names(["acme-*"], ["pypi"]) == [{"word": "acme-*", "format": "pypi", "pattern": "/pypi//acme~"}]
    with pytest.raises(AnsibleFilterError, match="list of names"):
        package_names("acme-*", ["pypi"])
    with pytest.raises(AnsibleFilterError, match="hyphen"):
        package_names(["acme*"], ["pypi"])


def group(pattern, repositories=(), inherited_from=None, **modes):
    """A group in which INHERIT holds as ALLOW unless a mode is said."""
    settings = {
        name: Setting(
            modes.get(name, INHERIT) if inherited_from is None else INHERIT,
            modes.get(name, "ALLOW"),
            inherited_from,
            tuple(repositories),
        )
        for name in SETTINGS
    }
    return PackageGroup(pattern, "demo", settings=settings)


def domain(*sources, groups=(), new=()):
    return Domain({one.name: one for one in sources}, {one.pattern: one for one in groups}, frozenset(new))


def connected(name="up", **packages):
    return Source(name, (), "public:pypi", _held(packages))


def _held(packages):
    return {TOOL: packages["tool"]} if packages else {}


OURS = Held("BLOCK", (), published=True)
OPEN = Held("ALLOW", (), published=True)
BLOCKED = group("/pypi//acme~", external_upstream="BLOCK")
ROOT = group("/*")


CODEARTIFACT = {
    "A1": (domain(Source("repo")), "no"),
    "A1 of another format": (domain(Source("repo", (), "public:npmjs")), "no"),
    "A2": (domain(Source("repo", ("up",)), connected(), groups=[ROOT]), "yes"),
    "A2 behind two": (domain(Source("repo", ("mid",)), Source("mid", ("up",)), connected(), groups=[ROOT]), "yes"),
    "A2 without groups": (domain(Source("repo", ("up",)), connected()), "yes"),
    "A2 of a connection nobody knows": (domain(Source("repo", (), "public:new")), "yes"),
    "A3": (domain(Source("repo", ("up",), None, {TOOL: OURS}), connected(), groups=[ROOT]), "no"),
    "A3 at the connection": (domain(Source("repo", (), "public:pypi", {TOOL: OURS}), groups=[ROOT]), "no"),
    "A4": (
        domain(Source("repo", ("a", "up")), Source("a", (), None, {TOOL: OURS}), connected(), groups=[ROOT]),
        "yes",
    ),
    # What blocks in between is taken for no cut, because the guide does not say.
    "A4 with a block in between": (
        domain(Source("repo", ("a",)), Source("a", ("up",), None, {TOOL: OURS}), connected(), groups=[ROOT]),
        "yes",
    ),
    "A5": (domain(Source("repo", ("up",), None, {TOOL: OPEN}), connected(), groups=[ROOT]), "yes"),
    "A6": (domain(Source("repo", ("up",)), connected(), groups=[ROOT, BLOCKED]), "no"),
    "A6 by inheritance": (
        domain(
            Source("repo", ("up",)),
            connected(),
            groups=[BLOCKED, group("/pypi//acme-tool$", inherited_from="/pypi//acme~", external_upstream="BLOCK")],
        ),
        "no",
    ),
    "A7": (
        domain(Source("repo", ("up",)), connected(), groups=[group("/pypi/*", ["up"], external_upstream=SPECIFIC)]),
        "yes",
    ),
    "A7 by inheritance": (
        domain(
            Source("repo", ("up",)),
            connected(),
            groups=[
                group("/pypi/*", ["up"], external_upstream=SPECIFIC),
                group("/pypi//acme~", inherited_from="/pypi/*", external_upstream=SPECIFIC),
            ],
        ),
        "yes",
    ),
    "A6 for a repository that is not listed": (
        domain(Source("repo", ("up",)), connected(), groups=[group("/pypi/*", ["repo"], external_upstream=SPECIFIC)]),
        "no",
    ),
    "A3 for one that may take nothing from inside": (
        domain(Source("repo", ("up",)), connected(), groups=[group("/pypi/*", internal_upstream="BLOCK")]),
        "no",
    ),
    "A9": (
        domain(Source("repo", ("up",), None, {TOOL: Held("ALLOW", ("99.0.0",))}), connected(), groups=[BLOCKED]),
        "yes",
    ),
    "A9 behind": (domain(Source("repo", ("up",)), connected(tool=Held("ALLOW", ("99.0.0",))), groups=[BLOCKED]), "yes"),
    "A10": (domain(Source("repo", ("up",)), connected(), groups=[BLOCKED], new=["/pypi//acme~"]), "depends"),
    "A11": (
        domain(
            Source("repo", ("up",)),
            connected(),
            groups=[ROOT, BLOCKED, group("/pypi//acme-tool$", external_upstream="ALLOW")],
        ),
        "yes",
    ),
    "A2 with a package that does not tell": (
        domain(Source("repo", ("up",), None, {TOOL: Held()}), connected(), groups=[ROOT]),
        "depends",
    ),
}


@pytest.mark.parametrize("row", CODEARTIFACT)
def test_codeartifact(row):
    world, outcome = CODEARTIFACT[row]
    found = in_codeartifact.listed(world, "repo", TOOL)
    assert (found.row, found.outcome) == (row.split()[0], outcome)


def test_a_variation_of_a_name_is_blocked():
    """A8."""
    world = domain(Source("repo", ("up",)), Source("up", (), "public:npmjs"), groups=[ROOT, group("/npm//acme-tool$")])
    found = in_codeartifact.listed(world, "repo", "/npm//Acme.Tool")
    assert (found.row, found.outcome) == ("A8", "no")
    assert in_codeartifact.listed(world, "repo", "/npm//acme-tool").row == "A11"


PRIVATE = Repository("priv", STANDARD, frozenset({"acme-tool"}))
EMPTY = Repository("priv", STANDARD)
PUBLIC = Repository("pub", REMOTE, public=True)


def registry(*repositories):
    return {one.name: one for one in repositories}


def virtual(private, public):
    return Repository("asked", VIRTUAL, upstreams=(("priv", private), ("pub", public)))


GOOGLE = {
    "G1": (registry(Repository("asked", STANDARD)), "no", False),
    "G2": (registry(Repository("asked", REMOTE, public=True)), "yes", False),
    "G2 before ours is there": (registry(virtual(100, 10), EMPTY, PUBLIC), "yes", False),
    "G2 of an upstream nobody knows": (registry(Repository("asked", REMOTE)), "depends", False),
    "G3": (registry(virtual(100, 10), PRIVATE, PUBLIC), "depends", False),
    "G4": (registry(virtual(10, 10), PRIVATE, PUBLIC), "yes", True),
    "G5": (registry(virtual(10, 100), PRIVATE, PUBLIC), "yes", True),
    "G6": (registry(Repository("asked", VIRTUAL, upstreams=(("priv", 1),)), PRIVATE), "no", False),
    "G6 of a remote one": (registry(Repository("asked", REMOTE, public=False)), "no", False),
    "G7": (
        registry(virtual(100, 10), PRIVATE, Repository("pub", REMOTE, public=True, denied=frozenset({"acme-tool"}))),
        "depends",
        False,
    ),
    "G8": (
        registry(Repository("asked", REMOTE, stands_for="other"), Repository("other", REMOTE, public=True)),
        "yes",
        False,
    ),
}


@pytest.mark.parametrize("row", GOOGLE)
def test_artifact_registry(row):
    repositories, outcome, equal = GOOGLE[row]
    found = in_artifact_registry.listed(repositories, "asked", "acme-tool")
    assert (found.row, found.outcome, found.equal) == (row.split()[0], outcome, equal)


def test_repositories_that_lead_to_each_other_end():
    circle = registry(Repository("asked", REMOTE, stands_for="b"), Repository("b", REMOTE, stands_for="asked"))
    assert in_artifact_registry.listed(circle, "asked", "acme-tool").outcome == "depends"


#: Row, whether public versions are in the private index's list, whether a version of ours is, and what was installed.
MEASURED = [
    ("C1", "yes", True, "theirs"),
    ("C1", "no", True, "ours"),
    ("C1", "no", False, "fails"),
    ("C1", "depends", True, "depends"),
    ("C1 ==", "yes", True, "ours"),
    ("C1u", "yes", True, "theirs"),
    ("C2", "no", True, "theirs"),
    ("C2", "no", False, "theirs"),
    ("C2", "depends", True, "theirs"),
    ("C3", "no", True, "theirs"),
    ("C3c", "yes", True, "ours"),
    ("C3c", "no", False, "fails"),
    ("C4", "no", True, "theirs"),
    ("C4 reversed", "no", True, "ours"),
    ("C5", "no", True, "ours"),
    ("C6", "no", True, "theirs"),
    # The private index answers 404.
    ("C7", "no", False, "theirs"),
    ("C8", "yes", True, "depends"),
    ("C9", "no", True, "ours"),
    ("C9", "no", False, "fails"),
    ("C10", "no", False, "theirs"),
]


@pytest.mark.parametrize(("row", "outcome", "private", "result"), MEASURED)
def test_clients(row, outcome, private, result):
    assert installed(CLIENTS[row], Listing(outcome, "", ""), private=private) == result


def test_an_equal_version_is_no_protection_where_any_upstream_may_serve():
    assert installed(CLIENTS["C1 =="], Listing("yes", "G4", "", equal=True), private=True) == "theirs"


PLACE = Place("demo", "123456789012", "eu-west-1")


def pattern_blocked_by(finding):
    """Of which group a remedy blocks external upstreams."""
    (task,) = yaml.safe_load(finding.remedy)
    options = task["pkgops.registry_auth.codeartifact_package_group"]
    assert options.pop("external_upstream") == "BLOCK"
    return options["pattern"]


def test_a_wider_group_that_is_open_is_no_purpose_and_stays_open_for_others():
    world = domain(connected(), groups=[ROOT, group("/pypi/*")])
    (found,) = in_domain(world, PLACE, our_names(["acme-*"], ["pypi"]))
    assert (found.severity, found.about["row"], pattern_blocked_by(found)) == ("high", "A11", "/pypi//acme~")


def test_findings_of_a_domain():
    names = our_names(["acme-*"], ["pypi"])
    world = domain(Source("repo", ("up",)), connected(), Source("alone"), groups=[ROOT])
    (found,) = in_domain(world, PLACE, names)
    assert (found.severity, found.about["row"], found.about["repositories"]) == ("high", "A2", ["repo", "up"])
    assert "Who asks repo, up for acme-* is offered what anybody has published" in found.message
    assert pattern_blocked_by(found) == "/pypi//acme~"
    protected = domain(Source("repo", ("up",)), connected(), groups=[ROOT, BLOCKED])
    assert in_domain(protected, PLACE, names) == []


def test_a_narrower_group_that_opens_a_part_of_a_name_is_found():
    world = domain(connected(), groups=[ROOT, BLOCKED, group("/pypi//acme-web~", external_upstream="ALLOW")])
    (found,) = in_domain(world, PLACE, our_names(["acme-*"], ["pypi"]))
    assert (found.severity, found.about["row"]) == ("medium", "A11")
    assert pattern_blocked_by(found) == "/pypi//acme-web~"


def test_what_is_kept_is_found_with_its_name():
    world = domain(connected(tool=Held("ALLOW", ("99.0.0",))), groups=[ROOT, BLOCKED])
    (found,) = in_domain(world, PLACE, our_names(["acme-*"], ["pypi"]))
    assert (found.severity, found.about["row"], found.about["package"]) == ("high", "A9", TOOL)
    assert "for acme-tool is offered" in found.message
    assert "dispose" in found.remedy


def test_findings_of_a_project():
    repositories = registry(virtual(100, 10), PRIVATE, PUBLIC)
    (found,) = in_project(repositories, ["asked"], ["acme-tool"])
    assert (found.severity, found.about["outcome"], found.about["row"]) == ("high", "depends", "G3")
    assert in_project(repositories, ["priv"], ["acme-tool"]) == []
    assert in_project(repositories, ["asked"], ["acme-tool"], CLIENTS["C3c"]) == []


def place(name: str) -> str:
    return f"projects/demo-project/locations/us-central1/repositories/{name}"


def read_of_google(
    name: str, mode: str, kind: str = "PYTHON", upstream: object = None, **priorities: int
) -> dict[str, object]:
    """As gcp_repository_info returns it."""
    policies = [{"id": key, "repository": place(key), "priority": value} for key, value in priorities.items()]
    return {"name": place(name), "mode": mode, "format": kind, "upstream": upstream, "upstream_policies": policies}


def mixed_of(name: str, *ours: str) -> tuple[list[dict[str, object]], str]:
    return [{"repository": name, "location": "us-central1", "ours": list(ours)}], "demo-project"


OURS_OF_GOOGLE = read_of_google("priv", STANDARD)
MORE_OF_OURS = read_of_google("more", STANDARD)


@pytest.mark.parametrize(
    ("upstream", "row", "outcome"),
    [
        pytest.param({"preset": "PYPI"}, "G2", "yes", id="a preset is public"),
        pytest.param({"uri": "https://index.example.com"}, "G2", "depends", id="an address may be anything"),
        pytest.param({"uri": "https://index.example.com/ours/"}, None, None, id="an address that is told to be private"),
        pytest.param({"uri": place("priv")}, None, None, id="a repository of ours, by name"),
        pytest.param({"uri": "https://us-central1-python.pkg.dev/demo-project/priv/"}, None, None, id="and by address"),
        pytest.param({"uri": place("pub")}, "G8", "yes", id="a repository of ours that is public"),
        pytest.param({"uri": "https://us-central1-python.pkg.dev/demo-project/pub"}, "G8", "yes", id="also by address"),
        pytest.param({"uri": place("gone")}, "G8", "depends", id="one that was not read"),
        pytest.param({"uri": "https://us-central1-python.pkg.dev.example.com/demo-project/priv"}, "G2", "depends", id="a look-alike"),
        pytest.param(None, "G2", "depends", id="nothing said"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("priority", [1, 100])
def test_what_is_behind_an_index(upstream, row, outcome, priority):
    read = [
        OURS_OF_GOOGLE,
        read_of_google("pub", REMOTE, upstream={"preset": "PYPI"}),
        read_of_google("far", REMOTE, upstream=upstream),
        read_of_google("index", VIRTUAL, priv=10, far=priority),
    ]
    names = ["acme-*", "@acme/*"]
    found = public_upstreams(read, [place("index")], names, ["pypi"], ["https://index.example.com/ours"])
    assert [(one["about"]["row"], one["about"]["outcome"]) for one in found] == ([(row, outcome)] if row else [])
    assert {one["severity"] for one in found} <= {"high"}
    assert all(one["about"]["package"] == "acme-*" for one in found)


def test_an_index_of_ours_alone():
    read = [OURS_OF_GOOGLE, MORE_OF_OURS, read_of_google("index", VIRTUAL, priv=10, more=5)]
    assert public_upstreams(read, [place("index")], ["acme-*"], ["pypi"]) == []


@pytest.mark.parametrize(
    ("name", "priorities", "row", "outcome"),
    [
        pytest.param("acme-*", {"priv": 10, "pub": 5}, "G2", "yes", id="of a family, some names are not published"),
        pytest.param("acme-tool", {"priv": 10, "pub": 5}, "G3", "depends", id="one name may be published, and newer ones hidden"),
        pytest.param("acme-tool", {"priv": 5, "pub": 5}, "G4", "yes", id="equal priorities"),
        pytest.param("acme-tool", {"priv": 5, "pub": 10}, "G5", "yes", id="the public one is first"),
        pytest.param("acme-tool", {"pub": 10}, "G2", "yes", id="nothing of ours"),
    ],
)  # fmt: skip
def test_whether_a_name_is_published_is_not_guessed(name, priorities, row, outcome):
    """The rows of virtual repositories: "Virtual repositories overview" promises nothing but which of two equal versions is served."""
    public = read_of_google("pub", REMOTE, upstream={"preset": "PYPI"})
    read = [OURS_OF_GOOGLE, public, read_of_google("index", VIRTUAL, **priorities)]
    (found,) = public_upstreams(read, [place("index")], [name], ["pypi"])
    assert (found["about"]["row"], found["about"]["outcome"], found["severity"]) == (row, outcome, "high")


def test_a_project_is_told_each_answer_once_and_formats_without_names_are_left_out():
    public = {"upstream": {"preset": "PYPI"}}
    read = [
        OURS_OF_GOOGLE,
        read_of_google("pub", REMOTE, **public),
        read_of_google("index", VIRTUAL, priv=10, pub=5),
        read_of_google("js", REMOTE, "NPM", **public),
        read_of_google("images", REMOTE, "DOCKER", **public),
    ]
    asked = [str(one["name"]) for one in read]
    (found,) = project_findings(read, asked, our_names(["acme-*"], ["pypi"]))
    assert found.about["repositories"] == [place("index"), place("pub")]
    (found,) = project_findings(read, asked, our_names(["@acme/*"], ["pypi"]))
    assert found.about["repositories"] == [place("js")]


@pytest.mark.parametrize(
    ("package", "words"),
    [
        (PackageName("pypi", "", "acme-tool"), "acme-tool"),
        (PackageName("npm", "", "acme-ui"), "acme-ui"),
        (PackageName("npm", "acme", "ui"), "@acme/ui"),
        (PackageName("maven", "com.acme", "core"), "com.acme:core"),
    ],
)
def test_packages_are_told_as_their_managers_name_them(package, words):
    assert package.in_words == words
    assert PackageName.from_path(package.path) == package


def test_an_index_that_could_not_be_read_or_serves_no_name():
    (found,) = public_upstreams([], [place("index")], ["acme-*"], ["pypi"])
    assert found["about"]["outcome"] == "depends"
    with pytest.raises(AnsibleFilterError, match="is of the format NPM, and none of the names"):
        public_upstreams([read_of_google("index", VIRTUAL, "NPM")], [place("index")], ["acme-*"], ["pypi"])
    with pytest.raises(AnsibleFilterError, match="takes lists"):
        public_upstreams([], place("index"), ["acme-*"], ["pypi"])


@pytest.mark.parametrize(
    ("priorities", "raised"),
    [
        ({"priv": 1, "more": 5, "pub": 10}, {"priv": 11, "more": 15}),
        ({"priv": 10, "more": 20, "pub": 10}, {"priv": 11, "more": 21}),
        ({"priv": 11, "more": 20, "pub": 10}, {"priv": 11, "more": 20}),
        ({"priv": 1, "more": 2}, {"priv": 1, "more": 2}),
    ],
)
def test_ours_are_put_first_and_keep_their_order(priorities, raised):
    (entry,) = ours_first([read_of_google("all", VIRTUAL, **priorities)], *mixed_of("all", "priv", "more"))
    assert entry["repository"] == place("all")
    assert {one["id"]: one["priority"] for one in entry["upstream_policies"]} == raised
    assert {one["repository"] for one in entry["upstream_policies"]} == {place("priv"), place("more")}


def test_ours_that_are_not_there():
    read = [read_of_google("all", VIRTUAL, pub=10)]
    with pytest.raises(AnsibleFilterError, match=r"has no upstream policy priv[.] It has pub"):
        ours_first(read, *mixed_of("all", "priv"))
    with pytest.raises(AnsibleFilterError, match="name the upstream policies that are yours"):
        ours_first(read, *mixed_of("all"))
    with pytest.raises(AnsibleFilterError, match="does not exist"):
        ours_first(read, *mixed_of("gone", "priv"))
