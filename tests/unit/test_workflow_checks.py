# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is found in workflow files, and on which line."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.findings import HIGH, Finding
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.indexes import find_index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.publishing_steps import (
    publishing_steps,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.trusted_publishers import (
    Publisher,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflow_checks import (
    workflow_problems,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflow_files import (
    read_workflow,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflows import Workflow

ENDPOINT = "https://index.example.com/simple/"
HASH = "0123456789abcdef0123456789abcdef01234567"

GOOD = f"""\
on:
  release:
    types: [published]
permissions: {{}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@{HASH} # v1
      - run: python -m build
      - uses: actions/upload-artifact@{HASH} # v1
  publish:
    needs: build
    runs-on: ubuntu-latest
    environment: PyPI
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@{HASH} # v1
      - uses: pypa/gh-action-pypi-publish@{HASH} # v1
"""
ACTION = f"      - uses: pypa/gh-action-pypi-publish@{HASH} # v1\n"


def read(text: str) -> Workflow:
    workflow = read_workflow(text, "release.yml")
    assert isinstance(workflow, Workflow), workflow
    return workflow


def problems(text: str, *, environment: str = "pypi", index: str = "pypi") -> tuple[Finding, ...]:
    publisher = Publisher("demo", "octo-org", "demo", "release.yml", environment)
    return workflow_problems(read(text), publisher, find_index(index, ENDPOINT))


def changed(*pairs: tuple[str, str]) -> str:
    text = GOOD
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_a_good_workflow_has_no_problems():
    assert problems(GOOD) == ()


# What is changed in the good workflow, and what is then found: code and line.
CASES: dict[str, tuple[tuple[tuple[str, str], ...], list[tuple[str, int]]]] = {
    "no environment": ((("    environment: PyPI\n", ""),), [("environment-missing", 12)]),
    "another environment": ((("PyPI", "release"),), [("environment-differs", 15)]),
    "environment with an address": (
        (("environment: PyPI", "environment:\n      name: pypi\n      url: https://example.com"),), [],
    ),
    "another environment with an address": (
        (("environment: PyPI", "environment:\n      name: x\n      url: https://example.com"),), [("environment-differs", 15)],
    ),
    "computed environment": ((("PyPI", "${{ inputs.where }}"),), [("environment-unknown", 15)]),
    "no permission": ((("    permissions:\n      id-token: write\n", ""),), [("id-token-missing", 4)]),
    "no permissions anywhere": (
        (("permissions: {}\n", ""), ("    permissions:\n      id-token: write\n", "")), [("id-token-missing", 11)],
    ),
    "another permission": ((("id-token: write", "contents: read"),), [("id-token-missing", 16)]),
    "only to read": ((("id-token: write", "id-token: read"),), [("id-token-missing", 16)]),
    "permission for all jobs": (
        (("permissions: {}", "permissions: {id-token: write}"), ("    permissions:\n      id-token: write\n", "")),
        [("id-token-for-all-jobs", 4)],
    ),
    "permission for all jobs, taken away": (
        (("permissions: {}", "permissions: {id-token: write}"), ("      id-token: write\n", "      contents: read\n")),
        [("id-token-missing", 16)],
    ),
    "all permissions": ((("permissions:\n      id-token: write", "permissions: write-all"),), [("write-all", 16)]),
    "all permissions for all jobs": (
        (("permissions: {}", "permissions: write-all"), ("    permissions:\n      id-token: write\n", "")),
        [("write-all", 4), ("id-token-for-all-jobs", 4)],
    ),
    "a password": (
        ((ACTION, ACTION + "        with:\n          password: ${{ secrets.TOKEN }}\n"),), [("login-given", 22)],
    ),
    "a user and an empty password": (
        ((ACTION, ACTION + "        with:\n          user: __token__\n          password: ''\n"),), [("login-given", 22)],
    ),
    "reusable": ((("on:\n", "on:\n  workflow_call:\n"),), [("reusable-workflow", 2)]),
    "pull_request_target": ((("on:\n", "on:\n  pull_request_target:\n"),), [("pull-request-target", 2)]),
    "events in a list": (
        (("on:\n  release:\n    types: [published]\n", "on: [push, pull_request_target]\n"),), [("pull-request-target", 1)],
    ),
    "one event": ((("on:\n  release:\n    types: [published]\n", "on: workflow_run\n"),), [("workflow-run", 1)]),
    "a tag": ((("checkout@" + HASH, "checkout@v4"),), [("unpinned-action", 9)]),
    "a branch": ((("pypi-publish@" + HASH, "pypi-publish@release/v1"),), [("unpinned-action", 20)]),
    "a short hash": ((("checkout@" + HASH, "checkout@0123456"),), [("unpinned-action", 9)]),
    "no version": ((("checkout@" + HASH, "checkout"),), [("unpinned-action", 9)]),
    "an action of the repository": ((("actions/checkout@" + HASH, "./.github/actions/checkout"),), []),
    "an image": ((("actions/checkout@" + HASH, "docker://alpine:3"),), [("unpinned-action", 9)]),
    "an image by its digest": ((("actions/checkout@" + HASH, "docker://alpine@sha256:" + HASH[:32] * 2),), []),
    "builds where it publishes": (
        ((ACTION, "      - run: python -m build\n" + ACTION),), [("build-in-publish-job", 20)],
    ),
    "checks out where it publishes": (
        ((ACTION, f"      - uses: actions/checkout@{HASH}\n" + ACTION),), [("build-in-publish-job", 20)],
    ),
    "nothing is published": (((ACTION, ""),), [("no-publish-job", 5)]),
    "another workflow publishes": (
        ((ACTION, ""), ("  publish:\n", "  call:\n    uses: ./.github/workflows/publish.yml\n  publish:\n")),
        [("publishes-in-called-workflow", 13)],
    ),
    "publishes elsewhere": (
        ((ACTION, ACTION + "        with:\n          repository-url: https://test.index.example.com/legacy/\n"),),
        [("other-index", 20)],
    ),
    "publishes here by its address": (
        ((ACTION, ACTION + "        with:\n          repository-url: https://upload.index.example.com/legacy/\n"),), [],
    ),
    "publishes who knows where": (
        ((ACTION, ACTION + "        with:\n          repository-url: ${{ vars.INDEX }}\n"),), [],
    ),
    "the action in another case": ((("pypa/gh-action", "PyPA/GH-Action"),), []),
    "twine": ((("uses: pypa/gh-action-pypi-publish@" + HASH, "run: pipx run twine upload dist/*"),), []),
    "twine with a password": (
        ((ACTION, "      - run: twine upload dist/*\n        env:\n          TWINE_PASSWORD: ${{ secrets.TOKEN }}\n"),),
        [("login-given", 22)],
    ),
    "twine with the workflow's password": (
        ((ACTION, "      - run: twine upload dist/*\n"), ("jobs:\n", "env: {TWINE_USERNAME: __token__}\njobs:\n")),
        [("login-given", 5)],
    ),
    "uv with a token": ((("uses: pypa/gh-action-pypi-publish@" + HASH, "run: uv publish --token $T"),), [("login-given", 20)]),
    "hatch": (
        (("uses: pypa/gh-action-pypi-publish@" + HASH, "run: hatch publish"),), [("client-without-trusted-publishing", 20)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CASES.values(), ids=CASES.keys())
def test_what_is_found(changes: tuple[tuple[str, str], ...], expected: list[tuple[str, int]]):
    found = problems(changed(*changes))

    assert [(problem.code, problem.where) for problem in found] == [
        (code, f"release.yml:{line}") for code, line in expected
    ]
    assert all(problem.message.endswith(".") and problem.remedy.endswith(".") for problem in found)


def test_without_a_registered_environment_any_job_may_publish():
    in_one = problems(GOOD, environment="")
    in_none = problems(changed(("    environment: PyPI\n", "")), environment="")

    assert [problem.code for problem in (*in_one, *in_none)] == ["environment-not-registered"] * 2
    assert [problem.severity for problem in in_one] == ["medium"]


def test_each_index_has_its_job():
    text = (
        GOOD
        + f"""\
  try:
    runs-on: ubuntu-latest
    permissions: {{id-token: write}}
    environment: testpypi
    steps:
      - uses: actions/download-artifact@{HASH}
      - uses: pypa/gh-action-pypi-publish@{HASH}
        with: {{repository-url: "https://test.index.example.com/legacy/"}}
"""
    )

    assert problems(text) == ()
    assert problems(text, environment="testpypi", index="testpypi") == ()
    assert [problem.code for problem in problems(text, index="testpypi")] == ["environment-differs"]
    assert [problem.code for problem in problems(text, index="https://other.example.com")] == ["other-index"]


def test_githubs_own_example_cannot_publish():
    """It says to register an environment, and its workflow names none. Source: GitHub's guide, in outline."""
    text = """\
on:
  release:
    types: [published]
jobs:
  release-build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: |
          python -m pip install build
          python -m build
      - uses: actions/upload-artifact@v6
  pypi-publish:
    runs-on: ubuntu-latest
    needs: [release-build]
    permissions:
      id-token: write
    steps:
      - uses: actions/download-artifact@v6
      - uses: pypa/gh-action-pypi-publish@v1
"""
    found = problems(text, environment="release")

    (error,) = [problem for problem in found if problem.severity == HIGH]
    assert (error.code, error.where) == ("environment-missing", "release.yml:13")
    assert error.remedy == "Add 'environment: release' to the job."


UNREADABLE = {
    "not YAML": ("jobs: [", "release.yml:1"),
    "a key twice": ("jobs: {}\njobs: {}\n", "release.yml:2"),
    "a tab": ("jobs:\n\tbuild: {}\n", "release.yml:2"),
    "empty": ("", "release.yml"),
    "a text": ("hello", "release.yml"),
    "no jobs": ("on: push", "release.yml"),
    "jobs in a list": ("jobs: [build]", "release.yml"),
    "without bottom": ("jobs: " + "[" * 700 + "]" * 700, "release.yml"),
    "a key of lists": ("jobs: {a: {[[b]]: 1}}", "release.yml"),
    "a key of mappings": ("jobs: {}\n? [{a: 1}]\n: 2\n", "release.yml"),
    "no boolean": ("jobs: {a: !!bool x}", "release.yml"),
    "no number": ("jobs: {a: !!int x}", "release.yml"),
    "no date": ("jobs: {a: 2020-99-99}", "release.yml"),
    "a huge number": ("jobs: {a: " + "9" * 5000 + "}", "release.yml"),
    "a letter that YAML does not have": ("jobs: {a: \x01}", "release.yml"),
    "two documents": ("jobs: {}\n---\njobs: {}\n", "release.yml:2"),
}


@pytest.mark.parametrize(("text", "where"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_is_no_workflow_is_a_problem(text: str, where: str):
    found = read_workflow(text, "release.yml")

    assert isinstance(found, Finding)
    assert (found.code, found.where) == ("unreadable-workflow", where)


ODD = [
    "jobs: {a: null, b: [], c: {steps: null}, d: {steps: [null, x, {uses: null}]}}",
    "on: {1: 2}\njobs: {1: {steps: [{run: 5, env: [], with: x}]}}",
    "on: null\npermissions: 1\njobs: {a: {uses: 3, environment: {}, permissions: []}}",
    "jobs: {a: {env: {TWINE_PASSWORD: 1}, steps: [{run: 'twine upload', env: null}]}}",
    "x: &x {steps: [{run: uv publish}]}\njobs: {a: {<<: *x, environment: 1}}",
    "jobs: {a: {steps: [{uses: pypa/gh-action-pypi-publish, with: {repository-url: 'https://[x'}}]}}",
    "jobs: {a: {steps: [{uses: PyO3/maturin-action, with: {command: [upload]}}]}}",
    "on: {release: {types: [[published], {a: b}]}}\njobs: {}",
    "jobs: {a: {permissions: {id-token: [write], contents: {a: b}}}}",
    "on: !x push\njobs: !x\n  a: !x {steps: !x [!x {run: !x twine upload}]}",
]


def test_what_is_there_twice_is_not_shown():
    found = read_workflow("jobs:\n  a: {env: {X: 1}}\n  a: {env: {X: hunter2}}\n", "release.yml")

    assert isinstance(found, Finding)
    assert found.message == 'The workflow cannot be read: found duplicate key "a".'


def test_aliases_that_make_too_much_are_a_problem():
    rows = ["x0: &x0 [a, a, a, a, a, a, a, a, a]"]
    rows += [f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 9)]
    found = read_workflow("\n".join([*rows, "jobs: {}"]), "release.yml")

    assert isinstance(found, Finding)
    assert found.message == "The workflow cannot be read: its aliases make too much of it."


@pytest.mark.parametrize(
    "place", ["https://__token__:hunter2@upload.example.com/", "https://x:${{ secrets.X }}@upload.example.com/"]
)
def test_a_login_in_an_address_is_one_and_is_not_shown(place: str):
    by_action = {"uses": "pypa/gh-action-pypi-publish@v1", "with": {"repository-url": place}}
    by_command = {"run": f"twine upload --repository-url '{place}' dist/*"}
    workflow = Workflow("release.yml", {"jobs": {"publish": {"steps": [by_action, by_command]}}})

    for found in publishing_steps(workflow):
        assert [login.name for login in found.logins] == ["The address"]
        assert found.destination == "https://upload.example.com/"
    publisher = Publisher("demo", "octo-org", "demo", "release.yml", "pypi")
    assert "hunter2" not in str(workflow_problems(workflow, publisher, find_index("pypi", ENDPOINT)))


@pytest.mark.parametrize("text", ODD)
def test_odd_workflows_have_an_answer(text: str):
    assert problems(text)


# A step's script, and the clients and places that it publishes with and to.
SCRIPTS = {
    "twine upload dist/*": [("twine", "pypi")],
    "python -m twine upload --repository testpypi dist/*": [("twine", "testpypi")],
    "twine upload -r=testpypi dist/*": [("twine", "testpypi")],
    "twine check dist/* && twine upload dist/*": [("twine", "pypi")],
    "twine check dist/*": [],
    "uv publish": [("uv", "pypi")],
    "uv publish --publish-url https://x.example.com/up/": [("uv", "https://x.example.com/up/")],
    'uv publish --publish-url "$URL"': [("uv", None)],
    "uv publish \\\n  --publish-url https://x.example.com/": [("uv", "https://x.example.com/")],
    "uv build": [],
    "uv run --with twine twine upload": [("twine", "pypi")],
    "uv run --with twine python -m build": [],
    "echo twine upload": [],
    "uvx twine==6.0 upload dist/*": [("twine", "pypi")],
    "UV_X=1 uv publish": [("uv", "pypi")],
    "pdm publish -r testpypi": [("pdm", "testpypi")],
    "maturin upload --repository-url https://x.example.com/": [("maturin", "https://x.example.com/")],
    "poetry publish --build": [("poetry", "pypi")],
    "sudo -E flit publish": [("flit", "pypi")],
    "if true; then twine upload dist/*; fi": [("twine", "pypi")],
    "(cd x; hatch publish)": [("hatch", "pypi")],
    "echo 'twine upload'": [],
    "# twine upload": [],
    "echo \"it's": [],
    "pip install twine\ntwine upload dist/*\nuv publish": [("twine", "pypi"), ("uv", "pypi")],
    "": [],
}


@pytest.mark.parametrize(("script", "expected"), SCRIPTS.items(), ids=SCRIPTS.keys())
def test_which_commands_publish(script: str, expected: list[tuple[str, str | None]]):
    step = {"run": script}
    workflow = Workflow("release.yml", {"jobs": {"publish": {"steps": [step]}}})

    assert [(found.client, found.destination) for found in publishing_steps(workflow)] == expected


def test_variables_say_where_to_publish():
    text = "jobs: {a: {env: {UV_PUBLISH_URL: 'https://x.example.com/', TWINE_REPOSITORY: testpypi}, steps: [{run: uv publish}]}}"

    assert [found.destination for found in publishing_steps(read(text))] == ["https://x.example.com/"]


def test_maturins_action_publishes():
    text = "jobs: {a: {steps: [{uses: PyO3/maturin-action@v1, with: {command: upload, args: '-r testpypi'}}, {uses: PyO3/maturin-action@v1}]}}"

    assert [(found.client, found.destination) for found in publishing_steps(read(text))] == [("maturin", "testpypi")]
