# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shapes of workflows, what GitHub and the index do with each, and where that is written.

High (H) is what publishing as a trusted publisher fails with; of medium (M) only a run shows the end, or it could be safer.
Sources: [index] the code of PyPI's own software, which compares owner, repository, workflow file and environment of a token;
[action], [twine], [uv] their code; [schema] the schema of GitHub's own parser of workflows; [github] GitHub's documentation.
"""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.pypi_trusted_publisher_check import (
    DesiredCheck,
    TrustedPublisherChecks,
)

HASH = "0123456789abcdef0123456789abcdef01234567"
ENDPOINT = "https://index.example.com/simple/"
PUBLISHER = {
    "project": "demo",
    "owner": "octo-org",
    "repository": "demo",
    "workflow": "release.yml",
    "environment": "pypi",
}
ACTION = f"uses: pypa/gh-action-pypi-publish@{HASH}"
RELEASE = "on: {release: {types: [published]}}"


def job(
    *steps: str,
    name: str = "publish",
    environment: str = "pypi",
    permissions: str = "{id-token: write}",
    runs_on: str = "ubuntu-latest",
    extra: str = "",
) -> str:
    """A job in YAML, with its steps as they follow a hyphen."""
    lines = [f"  {name}:", f"    runs-on: {runs_on}"]
    lines += [f"    environment: {environment}"] if environment else []
    lines += [f"    permissions: {permissions}"] if permissions else []
    lines += [f"    {line}" for line in extra.splitlines()] + ["    steps:"]
    lines += [textwrap.indent(step, "        ").replace("        ", "      - ", 1) for step in steps]
    return "\n".join(lines)


def workflow(*jobs: str, on: str = RELEASE, head: str = "") -> str:
    return "\n".join(filter(None, [on, head, "jobs:", *jobs])) + "\n"


def runs(script: str, **more: str) -> str:
    """A workflow with a job that publishes, if this does."""
    return workflow(job("run: |\n" + textwrap.indent(script, "  "), **more))


def calls(name: str = "call", uses: str = "./.github/workflows/x.yml", permissions: str = "") -> str:
    return f"  {name}:\n    uses: {uses}" + (f"\n    permissions: {permissions}" if permissions else "")


UNKNOWN = {"publish-step-unknown": "M"}
GOOD = workflow(job(ACTION))
MINT = 'id: mint\nrun: |\n  token=$(curl -sX POST https://index.example.com/_/oidc/mint-token | jq -r .token)\n  echo "token=$token" >> "$GITHUB_OUTPUT"'
MINTED = "${{ steps.mint.outputs.token }}"
BUILDS = {"build-in-publish-job": "M"}
TAGS = {"environment_rules": {"tags": ["v*"]}}
MAIN = {"environment_rules": {"branches": ["main"]}}

#: Name: source, workflow, further options, what is found.
SHAPES: dict[str, tuple[str, str, dict[str, Any], dict[str, str]]] = {
    # --- Clients ---
    "the action": ("[action] without password it exchanges the ID token", GOOD, {}, {}),
    "a secret of a job that may publish elsewhere": (
        "a secret that a job logs in with is in use, wherever it publishes",
        workflow(
            job(ACTION),
            job(
                "run: twine upload --repository-url $URL dist/*\nenv: {TWINE_USERNAME: __token__, TWINE_PASSWORD: '${{ secrets.T }}'}",
                name="second",
                environment="",
                permissions="{contents: read}",
            ),
        ),
        {},
        {"login-given": "M"},
    ),
    "the action at release/v1": (
        "[action] the branch of the newest release",
        workflow(job("uses: pypa/gh-action-pypi-publish@release/v1")),
        {},
        {"unpinned-action": "M"},
    ),
    "the action before 1.8": (
        "[action] release notes of 1.8.0",
        workflow(job("uses: pypa/gh-action-pypi-publish@v1.5.1")),
        {},
        {"client-cannot-exchange": "H", "unpinned-action": "M"},
    ),
    "the action at release/v1.7": (
        "[action] a branch of its own for each release",
        workflow(job("uses: pypa/gh-action-pypi-publish@release/v1.7")),
        {},
        {"client-cannot-exchange": "H", "unpinned-action": "M"},
    ),
    "the action at 1.10": (
        "[action] 1.10 is after 1.8",
        workflow(job("uses: pypa/gh-action-pypi-publish@v1.10.3")),
        {},
        {"unpinned-action": "M"},
    ),
    "the action at master": (
        "[action] master ends with a notice",
        workflow(job("uses: pypa/gh-action-pypi-publish@master")),
        {},
        {"client-cannot-exchange": "H", "unpinned-action": "M"},
    ),
    "the action on Windows": (
        "[action] an action of Docker, which ends elsewhere than on Linux",
        workflow(job(ACTION, runs_on="windows-latest")),
        {},
        {"client-does-not-run": "H"},
    ),
    "the action with a secret": (
        "[action] a password comes first",
        workflow(job(ACTION + "\nwith: {password: '${{ secrets.T }}'}")),
        {},
        {"login-given": "H"},
    ),
    "the action with a user alone": (
        "[action] __token__ without password exchanges",
        workflow(job(ACTION + "\nwith: {user: __token__}")),
        {},
        {"login-given": "M"},
    ),
    "the action with another user": (
        "[action] only __token__ without password exchanges",
        workflow(job(ACTION + "\nwith: {user: octocat}")),
        {},
        {"login-given": "H"},
    ),
    "twine": ("[twine] 6.1 and later", runs("pip install twine\ntwine upload dist/*"), {}, {}),
    "twine, named only with a user": (
        "[twine] has no effect on the index",
        runs("twine upload -u __token__ dist/*"),
        {},
        {"login-given": "M"},
    ),
    "twine before 6.1": (
        "[twine] changelog of 6.1.0",
        runs("pip install 'twine<6.1'\ntwine upload dist/*"),
        {},
        {"client-cannot-exchange": "H"},
    ),
    "twine pinned by pipx": (
        "[twine] changelog of 6.1.0",
        runs("pipx run twine==6.0.1 upload dist/*"),
        {},
        {"client-cannot-exchange": "H"},
    ),
    "twine pinned by uvx": (
        "[twine] changelog of 6.1.0",
        runs("uvx --from 'twine~=5.0' twine upload dist/*"),
        {},
        {"client-cannot-exchange": "H"},
    ),
    "twine of release 6": ("PEP 440: ~=6.0 admits 6.2", runs("pip install 'twine~=6.0'\ntwine upload dist/*"), {}, {}),
    "twine of any release 6": (
        "PEP 440: ==6.* admits 6.2",
        runs("pip install twine==6.*\ntwine upload dist/*"),
        {},
        {},
    ),
    "twine from 5 on": ("PEP 440: >=5 admits 7", runs("pip install 'twine>=5.0'\ntwine upload dist/*"), {}, {}),
    "uv": ("[uv] automatic in GitHub Actions", runs("uv publish"), {}, {}),
    "uv that tries": ("[uv] --dry-run uploads nothing", runs("uv publish --dry-run"), {}, UNKNOWN),
    "uv that may not": (
        "[uv] never",
        runs("uv publish --trusted-publishing never"),
        {},
        {"client-cannot-exchange": "H"},
    ),
    "uv with a keyring": (
        "[uv] a keyring provider keeps it from asking",
        runs("uv publish --keyring-provider subprocess"),
        {},
        {"client-cannot-exchange": "H"},
    ),
    "uv with a keyring by a variable": (
        "[uv] UV_KEYRING_PROVIDER says the same as the option",
        workflow(job("run: uv publish", extra="env: {UV_KEYRING_PROVIDER: subprocess}")),
        {},
        {"client-cannot-exchange": "H"},
    ),
    "uv with a keyring that is switched off again": (
        "[uv] options come before variables",
        workflow(job("run: uv publish --keyring-provider disabled", extra="env: {UV_KEYRING_PROVIDER: subprocess}")),
        {},
        {},
    ),
    "uv with a user": (
        "[uv] a user's name keeps it from asking",
        workflow(job("run: uv publish\nenv: {UV_PUBLISH_USERNAME: __token__}")),
        {},
        {"login-given": "H"},
    ),
    "pdm": ("pdm's documentation: publish with trusted publishers", runs("pdm publish"), {}, {}),
    "pdm of another project": ("pdm publish --help: -p is the project", runs("pdm publish -p lib"), {}, {}),
    "poetry alone": (
        "no code of OIDC in poetry",
        runs("poetry publish"),
        {},
        {"client-without-trusted-publishing": "H"},
    ),
    "hatch with what was minted": (
        "hatch's documentation of HATCH_INDEX_AUTH",
        workflow(job(MINT, f"run: hatch publish\nenv: {{HATCH_INDEX_AUTH: '{MINTED}'}}")),
        {},
        BUILDS,
    ),
    "poetry configured with what was minted": (
        "poetry's documentation of pypi-token",
        workflow(job(MINT, f"run: poetry config pypi-token.pypi {MINTED}\n", "run: poetry publish")),
        {},
        BUILDS,
    ),
    "poetry configured with a secret": (
        "poetry's documentation of pypi-token",
        workflow(job("run: poetry config pypi-token.pypi ${{ secrets.T }}", "run: poetry publish")),
        {},
        {"login-given": "H", "client-without-trusted-publishing": "H", **BUILDS},
    ),
    "flit with a variable for later steps": (
        "[github] GITHUB_ENV",
        workflow(job('run: echo "FLIT_PASSWORD=$(./mint)" >> "$GITHUB_ENV"', "run: flit publish")),
        {},
        {"login-given": "M"},
    ),
    "twine with what was minted": (
        "PyPI's documentation of the manual way",
        workflow(job(MINT, f"run: twine upload -u __token__ -p {MINTED} dist/*")),
        {},
        BUILDS,
    ),
    "twine with a token of its own script": (
        "PyPI's documentation of the manual way",
        runs("T=$(curl https://index.example.com/_/oidc/mint-token)\nTWINE_PASSWORD=$T twine upload dist/*"),
        {},
        BUILDS,
    ),
    "an old twine with what was minted": (
        "[twine] a password needs no release",
        workflow(job(MINT, f"run: |\n  pip install twine==5.1.1\n  twine upload -p {MINTED} dist/*")),
        {},
        BUILDS,
    ),
    "uv that may not, with what was minted": (
        "[uv] never, with a token",
        workflow(job(MINT, f"run: uv publish --trusted-publishing never\nenv: {{UV_PUBLISH_TOKEN: '{MINTED}'}}")),
        {},
        BUILDS,
    ),
    "twine with what an action minted": (
        "[github] outputs of a step are made in the run, and none is stored",
        workflow(job("id: mint\nuses: ./.github/actions/mint", f"run: twine upload -p {MINTED} dist/*")),
        {},
        BUILDS,
    ),
    "twine with who knows what": (
        "a shell's variable that the file does not set",
        runs("twine upload -p $T dist/*"),
        {},
        {"login-given": "M"},
    ),
    "twine with a secret through a variable": (
        "[github] contexts",
        workflow(job("run: twine upload -p $T dist/*\nenv: {T: '${{ secrets.T }}'}")),
        {},
        {"login-given": "H"},
    ),
    "twine with a secret or what was minted": (
        "[github] operators",
        workflow(
            job(MINT, "run: twine upload dist/*\nenv: {TWINE_PASSWORD: '${{ steps.mint.outputs.token || secrets.T }}'}")
        ),
        {},
        {**BUILDS},
    ),
    "maturin's action": (
        "maturin's documentation of upload",
        workflow(job(f"uses: PyO3/maturin-action@{HASH}\nwith: {{command: upload, args: dist/*}}")),
        {},
        {},
    ),
    # --- Starters and shells ---
    "through env": ("POSIX env", runs("env X=1 uv publish"), {}, {}),
    "through timeout, nice and sudo": ("their manuals", runs("sudo -E nice -n 5 timeout -k 5 600 uv publish"), {}, {}),
    "through a shell": ("POSIX sh -c", runs('bash -euo pipefail -c "uv publish"'), {}, {}),
    "through xargs": ("POSIX xargs", runs("ls dist/* | xargs -n 1 twine upload"), {}, {}),
    "through uv run": ("uv run --help", runs("uv run --with twine --no-project twine upload dist/*"), {}, {}),
    "through poetry run": ("poetry's documentation", runs("poetry run python -m twine upload dist/*"), {}, {}),
    "over lines": (
        "a backslash continues a line",
        runs("twine upload \\\n  --repository-url https://upload.index.example.com/legacy/ \\\n  dist/*"),
        {},
        {},
    ),
    "folded": ("YAML 1.2, folded scalars", workflow(job("run: >-\n  twine upload\n  dist/*")), {}, {}),
    "after and or": ("POSIX lists", runs("twine check dist/* && twine upload dist/* || exit 1"), {}, {}),
    "in PowerShell": (
        "PowerShell continues a line with a backtick",
        workflow(
            job("shell: pwsh\nrun: |\n  uv publish `\n    --publish-url https://upload.index.example.com/legacy/")
        ),
        {},
        {},
    ),
    "in a comment": ("POSIX comments", runs("# twine upload dist/*\ntwine check dist/*"), {}, {"no-publish-job": "H"}),
    "in a text": ("POSIX quotes", runs("echo 'twine upload dist/*'"), {}, {"no-publish-job": "H"}),
    "in Python": ("[github] shell: python", workflow(job("shell: python\nrun: import publish")), {}, UNKNOWN),
    "make": ("what make does is not in the file", runs("make publish"), {}, UNKNOWN),
    "nox": ("what nox does is not in the file", runs("nox -s publish"), {}, UNKNOWN),
    "a script": ("what a script does is not in the file", runs("./scripts/publish"), {}, UNKNOWN),
    "an action of others": (
        "what an action does is not in the file",
        workflow(job(f"uses: octo-org/deploy-pypi@{HASH}")),
        {},
        UNKNOWN,
    ),
    "an action of the repository": (
        "what an action does is not in the file",
        workflow(job("uses: ./.github/actions/publish")),
        {},
        UNKNOWN,
    ),
    "a script in no environment": (
        "[index] the environment must be that of the publisher",
        runs("make publish", environment=""),
        {},
        {"environment-missing": "H", **UNKNOWN},
    ),
    "a script without permission": (
        "[github] permissions",
        runs("make publish", permissions="{contents: read}"),
        {},
        {"no-publish-job": "H"},
    ),
    "only pages and attestations": (
        "neither publishes packages",
        workflow(job(f"uses: actions/attest@{HASH}", f"uses: actions/deploy-pages@{HASH}")),
        {},
        {"no-publish-job": "H"},
    ),
    "attested where it is published": (
        "an attestation runs nothing of the project's",
        workflow(job(f"uses: actions/attest@{HASH}", ACTION)),
        {},
        {},
    ),
    # --- Destinations ---
    "the other index": (
        "[index] two hosts",
        workflow(job(ACTION + "\nwith: {repository-url: 'https://test.index.example.com/legacy/'}")),
        {},
        {"other-index": "H"},
    ),
    "an expression that may name it": (
        "[github] an expression ends with }}",
        runs("uv publish ${{ inputs.test && '--index testpypi' || '' }}"),
        {},
        {},
    ),
    "the simple API": (
        "[index] uploads go to /legacy/",
        workflow(job(ACTION + "\nwith: {repository-url: 'https://index.example.com/simple/'}")),
        {},
        {"upload-address-differs": "H"},
    ),
    "the host of the pages": (
        "[index] uploads have a host of their own: the other one answers 404",
        runs("twine upload --repository-url https://index.example.com/legacy/ dist/*"),
        {},
        {"upload-address-differs": "H"},
    ),
    "the host of uploads": (
        "[index] uploads have a host of their own",
        runs("twine upload --repository-url https://Upload.Index.example.com/legacy/ dist/*"),
        {},
        {},
    ),
    "no https": (
        "[index] https alone",
        runs("uv publish --publish-url http://upload.index.example.com/legacy/"),
        {},
        {"upload-address-differs": "H"},
    ),
    "no slash at the end": (
        "[index] /legacy is redirected, which clients refuse",
        runs("twine upload --repository-url https://upload.index.example.com/legacy dist/*"),
        {},
        {"upload-address-differs": "H"},
    ),
    "an address in a variable": (
        "[github] env",
        workflow(
            job("run: twine upload dist/*\nenv: {TWINE_REPOSITORY_URL: '${{ env.URL }}'}"),
            head="env: {URL: 'https://test.index.example.com/legacy/'}",
        ),
        {},
        {"other-index": "H"},
    ),
    "a name of the project's own": (
        "uv's index names are in pyproject.toml",
        runs("uv publish --index internal"),
        {},
        {},
    ),
    # --- Environments and matrices ---
    "another environment": (
        "[index] the environment must be that of the publisher",
        workflow(job(ACTION, environment="release")),
        {},
        {"environment-differs": "H"},
    ),
    "another case": ("[index] case does not count", workflow(job(ACTION, environment="PyPI")), {}, {}),
    "a computed environment": (
        "only the run knows",
        workflow(job(ACTION, environment="${{ inputs.where }}")),
        {},
        {"environment-unknown": "M"},
    ),
    "an environment of a matrix": (
        "[github] matrix",
        workflow(job(ACTION, environment="${{ matrix.to }}", extra="strategy: {matrix: {to: [pypi, other]}}")),
        {},
        {"environment-differs": "M"},
    ),
    "no environment of a matrix": (
        "[github] matrix",
        workflow(job(ACTION, environment="${{ matrix.to }}", extra="strategy: {matrix: {to: [one]}}")),
        {},
        {"environment-differs": "H"},
    ),
    "a matrix of both indexes": (
        "[github] matrix.include",
        workflow(
            job(
                ACTION + "\nwith: {repository-url: '${{ matrix.url }}'}",
                environment="${{ matrix.to }}",
                extra="""\
strategy:
  matrix:
    include:
      - {to: pypi, url: 'https://upload.index.example.com/legacy/'}
      - {to: testpypi, url: 'https://test.index.example.com/legacy/'}""",
            )
        ),
        {},
        {},
    ),
    "a matrix that is completed": (
        "[github] matrix.include adds to the combinations that it does not contradict",
        workflow(
            job(
                ACTION,
                environment="${{ matrix.to }}",
                extra="strategy: {matrix: {python: ['3.12'], include: [{python: '3.12', to: pypi}]}}",
            )
        ),
        {},
        {},
    ),
    "a matrix with what is excluded": (
        "[github] matrix.exclude",
        workflow(
            job(
                ACTION,
                environment="${{ matrix.to }}",
                extra="strategy: {matrix: {to: [pypi, other], exclude: [{to: pypi}]}}",
            )
        ),
        {},
        {"environment-differs": "H"},
    ),
    "a computed matrix": (
        "[github] fromJSON",
        workflow(
            job(ACTION, environment="${{ matrix.to }}", extra="strategy: {matrix: {to: '${{ fromJSON(inputs.x) }}'}}")
        ),
        {},
        {"environment-unknown": "M"},
    ),
    "two jobs, one right": (
        "[index] one token for one job",
        workflow(job(ACTION), job(ACTION, name="nightly", environment="nightly")),
        {},
        {"environment-differs": "M"},
    ),
    "one that fails beside one that may publish": (
        "[index] one token for one job",
        workflow(job(ACTION, permissions=""), job("run: make publish", name="other")),
        {},
        {"id-token-missing": "M", **UNKNOWN},
    ),
    "one that fails beside one of no environment": (
        "[index] the environment must be that of the publisher",
        workflow(job(ACTION, permissions=""), job("run: make wheels", name="other", environment="")),
        {},
        {"id-token-missing": "H"},
    ),
    "one that fails for a publisher without environment": (
        "[index] any job may publish, and what is recognized counts",
        workflow(job(ACTION, permissions=""), job("run: make wheels", name="other")),
        {"environment": ""},
        {"id-token-missing": "H", "environment-not-registered": "M"},
    ),
    "a job that never runs": ("[github] if", workflow(job(ACTION, extra="if: false")), {}, {"no-publish-job": "H"}),
    # --- Permissions ---
    "no permission": (
        "[github] id-token is never given by itself",
        workflow(job(ACTION, permissions="")),
        {},
        {"id-token-missing": "H"},
    ),
    "permission to read all": (
        "[github] read-all",
        workflow(job(ACTION, permissions="read-all")),
        {},
        {"id-token-missing": "H"},
    ),
    "permission for the workflow": (
        "[github] permissions",
        workflow(job(ACTION, permissions=""), head="permissions: {id-token: write}"),
        {},
        {"id-token-for-all-jobs": "M"},
    ),
    "permission for all": (
        "[github] write-all has id-token",
        workflow(job(ACTION, permissions="write-all")),
        {},
        {"write-all": "M"},
    ),
    "permission for all, and a script": (
        "[github] write-all has id-token",
        runs("make publish", permissions="write-all"),
        {},
        {"write-all": "M", **UNKNOWN},
    ),
    "a job's permission counts": (
        "[github] a job's permissions replace the workflow's",
        workflow(job(ACTION, permissions="{contents: read}"), head="permissions: {id-token: write}"),
        {},
        {"id-token-missing": "H"},
    ),
    # --- Events ---
    "called or released": (
        "[github] workflow_call among others",
        workflow(job(ACTION), on="on: {release: {types: [published]}, workflow_call: {}}"),
        {},
        {"reusable-workflow": "M"},
    ),
    "called alone": (
        "[index] accepted from a workflow of the same repository",
        workflow(job(ACTION), on="on: workflow_call"),
        {},
        {"reusable-workflow": "M"},
    ),
    "called with the caller's permissions": (
        "[github] permissions of a called workflow",
        workflow(job(ACTION, permissions=""), on="on: workflow_call"),
        {},
        {"reusable-workflow": "M", "id-token-missing": "M"},
    ),
    "pull_request_target alone": (
        "[index] refuses that event",
        workflow(job(ACTION), on="on: pull_request_target"),
        {},
        {"pull-request-target": "H"},
    ),
    "pull_request_target and a guard": (
        "[index] refuses that event alone",
        workflow(job(ACTION, extra="if: github.event_name == 'push'"), on="on: [push, pull_request_target]"),
        {},
        {"pull-request-target": "M"},
    ),
    "a branch for an environment of tags": (
        "[github] deployment branches and tags",
        workflow(job(ACTION), on="on: {push: {branches: [main]}}"),
        TAGS,
        {"start-not-taken": "H"},
    ),
    "a release for an environment of tags": ("[github] the ref of a release is its tag", GOOD, TAGS, {}),
    "a release for an environment of a branch": (
        "[github] the ref of a release is its tag",
        GOOD,
        MAIN,
        {"start-not-taken": "H"},
    ),
    "a release for protected branches": (
        "[github] tags are no branches",
        GOOD,
        {"environment_rules": {"deployment_policy": "protected"}},
        {"start-not-taken": "H"},
    ),
    "a tag that the environment takes": (
        "[github] filter patterns",
        workflow(job(ACTION), on="on: {push: {tags: ['v[0-9]+.[0-9]+.*']}}"),
        TAGS,
        {},
    ),
    "a tag that it does not take": (
        "[github] filter patterns",
        workflow(job(ACTION), on="on: {push: {tags: ['release-*']}}"),
        TAGS,
        {"start-not-taken": "H"},
    ),
    "two tags, one taken": (
        "[github] filter patterns",
        workflow(job(ACTION), on="on: {push: {tags: ['release-*', 'v*']}}"),
        TAGS,
        {"start-not-taken": "M"},
    ),
    "any push, and a guard": (
        "[github] push without filter",
        workflow(job(ACTION, extra="if: startsWith(github.ref, 'refs/tags/')"), on="on: push"),
        TAGS,
        {},
    ),
    "any push without a guard": (
        "[github] push without filter",
        workflow(job(ACTION), on="on: push"),
        TAGS,
        {"start-not-taken": "M"},
    ),
    "by hand": (
        "[github] workflow_dispatch for a branch or tag",
        workflow(job(ACTION), on="on: workflow_dispatch"),
        TAGS,
        {},
    ),
    "by a clock": (
        "[github] schedule runs for the default branch",
        workflow(job(ACTION), on="on: {schedule: [{cron: '1 1 * * 1'}]}"),
        TAGS,
        {"start-not-taken": "H"},
    ),
    "a slash": (
        "[github] * matches no slash",
        workflow(job(ACTION), on="on: {push: {branches: ['release/1.0']}}"),
        {"environment_rules": {"branches": ["*"]}},
        {"start-not-taken": "H"},
    ),
    # --- Reusable workflows ---
    "another workflow publishes": (
        "[index] the token names the called file",
        workflow(calls("build"), calls("publish", "./.github/workflows/y.yml", "{id-token: write}")),
        {},
        {"publishes-in-called-workflow": "H"},
    ),
    "another workflow builds": (
        "[index] the token names the file of the job",
        workflow(calls("build"), job(ACTION)),
        {},
        {},
    ),
    # --- Files that GitHub does not run, and some that it does ---
    "an anchor": (
        "[github] anchors and aliases",
        workflow(job(ACTION, extra="env: &env {X: y}"), job("run: 'true'", name="other", extra="env: *env")),
        {},
        {},
    ),
    "a merge key": (
        "[github] anchors, without merge keys",
        workflow(job(ACTION, extra="env: &env {X: y}"), job("run: 'true'", name="other", extra="env: {<<: *env}")),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "an unknown key": (
        "[schema] workflow-root-strict",
        workflow(job(ACTION), head="x-common: {}"),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a description": ("[schema] workflow-root-strict", workflow(job(ACTION), head="description: Releases"), {}, {}),
    "a key of a job that is none": (
        "[schema] job-factory",
        workflow(job(ACTION, extra="enviroment: pypi")),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "an event that is none": (
        "[schema] on-mapping-strict",
        workflow(job(ACTION), on="on: [released]"),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a filter that is none": (
        "[schema] push-mapping",
        workflow(job(ACTION), on="on: {push: {tag: ['v*']}}"),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a job that is needed and not there": (
        "[github] needs",
        workflow(job(ACTION, extra="needs: [biuld]")),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a job that runs on nothing": (
        "[schema] job-factory requires runs-on",
        GOOD.replace("    runs-on: ubuntu-latest\n", ""),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a step that does nothing": (
        "[github] every step must define a uses or run key",
        workflow(job(ACTION), job("name: Nothing", name="other")),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a job with a space in its name": (
        "[github] names of jobs have letters, digits, - and _, and begin with a letter or _",
        workflow(job(ACTION), job("run: 'true'", name="build wheels")),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a job whose name begins with a digit": (
        "[github] names of jobs have letters, digits, - and _, and begin with a letter or _",
        workflow(job(ACTION, name="3rd")),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "jobs in a circle": (
        "[github] a cycle in the dependency graph",
        workflow(
            job(ACTION, extra="needs: [build]"),
            job("run: 'true'", name="build", extra="needs: test"),
            job("run: 'true'", name="test", extra="needs: [publish, build]"),
        ),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a job that needs itself": (
        "[github] a cycle in the dependency graph",
        workflow(job(ACTION, extra="needs: publish")),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "a filter and its contrary": (
        "[github] one of tags and tags-ignore for a single event",
        workflow(job(ACTION), on="on: {push: {tags: ['v*'], tags-ignore: ['*rc*']}}"),
        {},
        {"invalid-workflow-file": "H"},
    ),
    "filters of two kinds": (
        "[github] branches and tags-ignore are about different things",
        workflow(job(ACTION), on="on: {push: {branches: [main], tags-ignore: ['*rc*']}}"),
        {},
        {},
    ),
    "a byte order mark": ("[github] strips it", "\ufeff" + GOOD, {}, {}),
}


def found(*entries: dict[str, Any]) -> list[dict[str, str]]:
    """What is found for each entry of a batch, without GitHub and zizmor: codes with the first letter of their severity."""
    desired = tuple(DesiredCheck.from_options({**PUBLISHER, **entry}) for entry in entries)
    checks = TrustedPublisherChecks(ENDPOINT)
    checks.begin(desired)
    results = [checks.result(checks.read(one), one) for one in desired]
    return [{finding["code"]: finding["severity"][0].upper() for finding in one["findings"]} for one in results]


@pytest.mark.parametrize(("source", "text", "more", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_each_shape_gets_its_answer(source: str, text: str, more: dict[str, Any], expected: dict[str, str]):
    assert found({"workflow_content": text, **more}) == [expected], source


def test_there_are_enough_of_them():
    assert len(SHAPES) >= 60


TWO = workflow(job(ACTION, name="publish-a", environment="pypi-a"), job(ACTION, name="publish-b", environment="pypi-b"))


def test_jobs_of_other_publishers_of_the_task_are_no_fault():
    entries = [{"project": name, "environment": f"pypi-{name}", "workflow_content": TWO} for name in ("a", "b")]

    assert found(*entries) == [{}, {}]
    # Of a job for which no publisher is given, only whoever registered it knows.
    assert found(entries[0]) == [{"environment-differs": "M"}]
    assert found({**entries[0], "environment": "pypi-c"}, entries[1]) == [
        {"environment-differs": "H"},
        {"environment-differs": "M"},
    ]


def test_no_two_projects_wait_with_the_same_claims():
    """[index] Such publishers are unique by owner, repository, workflow and environment, and an account has three."""
    one, other = ({"project": name, "pending": True} for name in ("a", "b"))
    many = [{"project": name, "pending": True, "environment": name} for name in ("a", "b", "c", "d")]

    assert found(one, other) == [{}, {"pending-publisher-taken": "H"}]
    assert found(one, {**other, "environment": "other"}) == [{}, {}]
    assert found(one, {**other, "environment": "PyPI"}) == [{}, {"pending-publisher-taken": "H"}]
    # The form writes the owner as GitHub does, and leaves the repository as it is.
    assert found(one, {**other, "owner": PUBLISHER["owner"].upper()}) == [{}, {"pending-publisher-taken": "H"}]
    assert found(one, {**other, "repository": PUBLISHER["repository"].upper()}) == [{}, {}]
    assert found(one, {**other, "pending": False}) == [{}, {}]
    assert found(one, {**other, "index": "testpypi"}) == [{}, {}]
    assert found(*many) == [{}, {}, {}, {"pending-publishers-full": "M"}]


@pytest.mark.parametrize(
    "index",
    [
        "https://index.example.com",
        "https://index.example.com/",
        "https://index.example.com/simple/",
        "https://upload.index.example.com/legacy/",
        "https://Index.Example.com:443",
    ],
)
def test_an_index_that_is_known_by_name_may_be_given_by_its_address(index: str):
    assert found({"workflow_content": GOOD, "index": index}) == [{}]
    test = GOOD.replace(ACTION, ACTION + "\n        with: {repository-url: 'https://test.index.example.com/legacy/'}")
    assert found({"workflow_content": test, "index": index.replace("//upload.", "//").replace("//", "//test.", 1)}) == [
        {}
    ]
    assert found({"workflow_content": test, "index": index}) == [{"other-index": "H"}]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("pypi", "https://index.example.com"),
        ("testpypi", "https://test.index.example.com/"),
        ("https://packages.example.org", "https://Packages.example.org:443/"),
    ],
)
def test_a_name_and_an_address_of_one_index_are_the_same_in_a_task(name: str, address: str):
    one, other = (
        {"project": project, "pending": True, "index": index} for project, index in (("a", name), ("b", address))
    )

    assert found(one, other) == [{}, {"pending-publisher-taken": "H"}]


def test_a_job_of_another_publisher_at_an_address_of_the_index_is_no_fault():
    entries = [
        {"project": project, "environment": f"pypi-{project}", "index": index, "workflow_content": TWO}
        for project, index in (("a", "pypi"), ("b", "https://index.example.com/"))
    ]

    assert found(*entries) == [{}, {}]


def test_the_case_of_a_host_does_not_count():
    text = GOOD.replace(ACTION, ACTION + "\n        with: {repository-url: 'https://packages.example.org/upload/'}")
    assert found({"workflow_content": text, "index": "https://Packages.Example.org/"}) == [{}]


def test_the_job_that_is_to_publish_is_named():
    text = workflow(calls("build"), calls("publish", "./.github/workflows/y.yml", "{id-token: write}"))
    desired = DesiredCheck.from_options({**PUBLISHER, "workflow_content": text})
    (finding,) = TrustedPublisherChecks(ENDPOINT).read(desired).findings

    assert "the job publish calls" in finding.message
