# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which secrets a workflow uses. How they can be read is said in GitHub's documentation of contexts and expressions."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.expressions import expressions
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.secret_uses import (
    SecretUses,
    secret_uses,
)

HEAD = "on: push\njobs:\n"
JOB = f"{HEAD}  one:\n    runs-on: ubuntu-latest\n    steps:\n"


def step(line: str) -> str:
    return f"{JOB}      - {line}\n"


#: What uses TOKEN and nothing else, with the line.
NAMED = {
    "a step's input": (step("{uses: octo-org/upload@v1, with: {password: '${{ secrets.TOKEN }}'}}"), 6),
    "an unknown action": (step("{uses: ./any, with: {anything: '${{ secrets.TOKEN }}'}}"), 6),
    "in other case": (step("run: echo ${{ Secrets.Token }}"), 6),
    "with white space": (step("run: echo ${{ secrets . TOKEN }}"), 6),
    "by an index": (step("""run: echo ${{ secrets['TOKEN'] }}"""), 6),
    "by an index with white space": (step("""run: echo ${{ secrets [ 'token' ] }}"""), 6),
    "by an index in double quotes": (step("""run: echo ${{ secrets["TOKEN"] }}"""), 6),
    "in an operation": (step("run: echo ${{ github.ref == 'refs/heads/main' && secrets.TOKEN || '' }}"), 6),
    "after a text": (step("run: echo ${{ format('it''s {0}', secrets.TOKEN) }}"), 6),
    "in the environment of all jobs": ("on: push\nenv:\n  A: ${{ secrets.TOKEN }}\njobs: {}\n", 3),
    "passed to a workflow": (f"{HEAD}  one:\n    uses: ./x.yml\n    secrets:\n      A: ${{{{ secrets.TOKEN }}}}\n", 6),
    "in a comment": (f"{JOB}      # password: ${{{{ secrets.TOKEN }}}}\n      - run: make\n", 6),
    "over lines": (step("run: >-\n          echo ${{ secrets\n          .TOKEN }}"), 7),
    "escaped": (step(r'run: "echo ${{ \x73ecrets.TOKEN }}"'), 6),
    "in a folded text": (step('run: "echo ${{ secrets.\\\n          TOKEN }}"'), 6),
    "in the name of a key": (step("{run: make, env: {'${{ secrets.TOKEN }}': {}}}"), 6),
    "in an alias": (
        "on: push\nx: &x\n  A: ${{ secrets.TOKEN }}\njobs:\n  one:\n    env: *x\n    runs-on: a\n    steps: []\n",
        3,
    ),
    "after windows' ends of lines": (step("run: echo ${{ secrets.TOKEN }}").replace("\n", "\r\n"), 6),
}


@pytest.mark.parametrize(("text", "line"), NAMED.values(), ids=NAMED.keys())
def test_a_name_is_found_wherever_it_stands(text: str, line: int) -> None:
    found = secret_uses("release.yml", text)

    assert found.of("token") == (f"release.yml:{line} uses it",)
    assert found.of("TOKE") == found.of("OTHER") == ()


#: What may use any secret.
UNTOLD = {
    "inherited": f"{HEAD}  one:\n    uses: octo-org/x/.github/workflows/x.yml@v1\n    secrets: inherit\n",
    "inherited, in quotes": f'{HEAD}  one:\n    uses: ./.github/workflows/x.yml\n    "secrets": "inherit"\n',
    "inherited, in one line": f"{HEAD}  one: {{uses: ./x.yml, secrets: inherit}}\n",
    "as a whole": step("run: echo '${{ toJSON(secrets) }}'"),
    "as a whole, in other case": step("run: echo '${{ tojson( SECRETS ) }}'"),
    "by a computed name": step("run: echo ${{ secrets[matrix.token] }}"),
    "by a computed text": step("run: echo ${{ secrets[format('{0}_TOKEN', matrix.index)] }}"),
    "all values": step("run: echo ${{ join(secrets.*, ',') }}"),
    "not readable": "jobs: [",
    "no workflow": "text\n",
}


@pytest.mark.parametrize("text", UNTOLD.values(), ids=UNTOLD.keys())
def test_what_may_use_any_secret_uses_each(text: str) -> None:
    (said,) = secret_uses("release.yml", text).of("TOKEN")

    assert said.startswith("release.yml")
    assert said.endswith(("may use it", "when it runs"))


#: What uses none, though it may look like it.
NONE = {
    "nothing": step("run: make"),
    "a word": step("run: echo secrets are kept elsewhere"),
    "a text in an expression": step("run: echo ${{ contains(github.ref, 'secrets') }}"),
    "a text with a quote in it": step("run: echo ${{ contains('it''s secrets', 'x') }}"),
    "a property of something else": step("run: echo ${{ inputs.secrets }}"),
    "another name": step("run: echo ${{ my-secrets.TOKEN }} ${{ secrets-of.TOKEN }}"),
    "another's inherit": step("{run: make, env: {secrets: inherit}}"),
    "what a called workflow declares": "on: {workflow_call: {secrets: {TOKEN: {required: true}}}}\njobs: {}\n",
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE.keys())
def test_what_uses_none(text: str) -> None:
    assert secret_uses("release.yml", text).of("TOKEN") == ()


def test_uses_of_several_files_add_up() -> None:
    one = secret_uses("a.yml", step("run: echo ${{ secrets.A }} ${{ secrets.B }}"))
    two = secret_uses("b.yml", step("run: echo ${{ secrets.A }}"))

    assert (one + two + SecretUses()).of("A") == ("a.yml:6 uses it", "b.yml:6 uses it")
    assert (one + two).of("B") == ("a.yml:6 uses it",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a ${{ b }} c ${{d}}", ["${{ b }}", "${{d}}"]),
        ("${{ '}}' }}", ["${{ '}}' }}"]),
        ("${{ 'it''s }}' }} x }}", ["${{ 'it''s }}' }}"]),
        ("${{ a } }}", ["${{ a } }}"]),
        ("${{ a", []),
        # GitHub refuses the file for the first of them.
        ("${{ 'a }} ${{ b }}", []),
        ("$ {{ a }}", []),
    ],
)
def test_expressions(text: str, found: list[str]) -> None:
    assert expressions(text) == found
