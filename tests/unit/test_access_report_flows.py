# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where packages come from: what the access report tells of it, and how it draws that."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.report.drawing import drawn
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.report.flows import of_domain, of_project

LOCATION = "locations/us-central1/repositories"


def repository(name, mode="STANDARD", upstream=None, policies=()):
    """As gcp_repository_info returns it."""
    return {
        "repository": name,
        "location": "us-central1",
        "mode": f"{mode}_REPOSITORY",
        "format": "PYTHON",
        "upstream": upstream,
        "upstream_policies": [{"id": "one", "repository": one, "priority": priority} for one, priority in policies],
    }


def package_repository(name, *upstreams, external=None):
    """As codeartifact_repository_info returns it."""
    return {"name": name, "upstreams": list(upstreams), "external_connection": external}


def arrows(flow):
    return {(one["source"], one["target"], one["label"]) for one in flow["arrows"]}


def test_project():
    flow = of_project(
        "google",
        "demo-project",
        "123456789012",
        [
            repository("ours"),
            repository("fetched", "REMOTE", {"preset": "PYPI", "path": None, "uri": None}),
            repository(
                "all",
                "VIRTUAL",
                policies=[
                    (f"projects/123456789012/{LOCATION}/ours", 100),
                    (f"projects/demo-project/{LOCATION}/fetched", 50),
                    (f"projects/other/{LOCATION}/ours", 1),
                ],
            ),
        ],
    )
    assert arrows(flow) == {
        ("us-central1/all", "us-central1/ours", "priority 100"),
        ("us-central1/all", "us-central1/fetched", "priority 50"),
        ("us-central1/all", f"projects/other/{LOCATION}/ours", "priority 1"),
        ("us-central1/fetched", "PYPI (PYTHON)", None),
    }
    assert {one["name"]: one["kind"] for one in flow["nodes"]} == {
        "us-central1/ours": "repository",
        "us-central1/fetched": "repository",
        "us-central1/all": "repository",
        "PYPI (PYTHON)": "outside",
        f"projects/other/{LOCATION}/ours": "elsewhere",
    }
    # Three columns: what asks, what is asked, and what is outside.
    columns = {one["name"]: one["x"] for one in drawn(flow)["boxes"]}
    assert (
        columns["us-central1/all"]
        < columns["us-central1/fetched"]
        == columns["us-central1/ours"]
        < columns["PYPI (PYTHON)"]
    )


def test_domain():
    flow = of_domain(
        "aws",
        "demo",
        [
            package_repository("app", "shared", "gone"),
            package_repository("shared", external="public:npmjs"),
            package_repository("alone"),
        ],
    )
    assert arrows(flow) == {
        ("app", "shared", "no. 1"),
        ("app", "gone", "no. 2"),
        ("shared", "public:npmjs", None),
    }
    picture = drawn(flow)
    assert picture["alone"] == 1
    assert "app looks into shared, no. 1" in picture["words"]
    assert "shared fetches from public:npmjs" in picture["words"]
    assert [one["detail"] for one in picture["boxes"] if one["name"] == "gone"] == ["not found"]


CHAIN = [package_repository(f"r{number}", f"r{number + 1}") for number in range(9)]
SHAPES = {
    "none": [],
    "chain": CHAIN,
    "circle": [*CHAIN, package_repository("r9", "r0")],
    "itself": [package_repository("a", "a")],
    "shortcut": [package_repository("a", "b", "c", external="public:pypi"), package_repository("b", "c"), package_repository("c")],
    "dense": [package_repository(f"a{one}", *(f"b{other}" for other in range(10)), external="public:pypi") for one in range(10)],
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_pictures_hold_everything_once_and_apart(name):
    flow = of_domain("aws", "demo", SHAPES[name])
    picture = drawn(flow)
    boxes = picture["boxes"]
    assert len(boxes) + picture["alone"] == len(flow["nodes"])
    assert len(picture["arrows"]) == len(flow["arrows"]) == len(picture["words"])
    for one in boxes:
        assert 0 <= one["x"] <= one["x"] + one["width"] <= picture["width"]
        assert 0 <= one["y"] <= one["y"] + one["height"] <= picture["height"]
        assert one["width"] >= 7 * len(one["name"])
    for one, other in itertools.combinations(boxes, 2):
        beside = one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
        over = one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
        assert beside or over, (one, other)


def test_an_arrow_that_passes_a_column_passes_its_boxes():
    picture = drawn(of_domain("aws", "demo", SHAPES["shortcut"]))
    boxes = {one["name"]: one for one in picture["boxes"]}
    [passing] = [one["path"] for one in picture["arrows"] if " H" in one["path"] and one["label"] == "no. 2"]
    height = float(passing.partition(" H")[0].split()[-1])
    assert not boxes["b"]["y"] <= height <= boxes["b"]["y"] + boxes["b"]["height"]
