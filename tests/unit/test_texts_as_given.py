# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that YAML may have changed are refused by every module, and numbers that come back the same are not.

What YAML makes of a text is asked of PyYAML, by which Ansible reads playbooks.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args
from ansible_collections.pkgops.registry_auth.plugins.module_utils._options.text import altered_texts
from checkout import CHECKOUT

from campaign.arguments import all_options

#: Without the one that is an action plugin alone, whose option is a list of names.
MODULES = sorted({path.stem for path in (CHECKOUT / "plugins/modules").glob("*.py")} - {"auth_workflow_result"})
PACKAGE = "ansible_collections.pkgops.registry_auth.plugins.modules"


@pytest.mark.parametrize("module", MODULES)
def test_every_module_looks(module: str) -> None:
    source = (CHECKOUT / "plugins/modules" / f"{module}.py").read_text()
    assert re.search(r"module = (checked_module|codeartifact_module|aws_module)\(", source)


def refused(capsys: pytest.CaptureFixture[str], module: str, **options: Any) -> str:
    """What a module fails with, given options as YAML reads them."""
    given = {name: yaml.safe_load(text) if isinstance(text, str) else text for name, text in options.items()}
    with patch_module_args(given), pytest.raises(SystemExit):
        import_module(f"{PACKAGE}.{module}").main()
    result = json.loads(capsys.readouterr().out)
    assert result["failed"]
    assert result["failure"] == {"code": "invalid_input"}
    assert not result["changed"]
    message: str = result["msg"]
    return message


def mappings(module: str) -> list[tuple[str, bool]]:
    """The options of a module that take mappings of options, and whether they take lists of them."""
    spec = all_options()[module].module.argument_spec
    return [(option, rule["type"] == "list") for option, rule in spec.items() if rule.get("options")]


@pytest.mark.parametrize("module", [module for module in MODULES if mappings(module)])
def test_what_is_no_mapping_is_refused_where_one_is_taken(capsys: pytest.CaptureFixture[str], module: str) -> None:
    """ansible-core looks for options in whatever is given, and ends in an exception for a number."""
    for option, several in mappings(module):
        for value, words in ((5, "a number"), (True, "true or false"), ([5], "a list"), (None, "nothing")):
            if several:
                assert f"{option}[0] must be a mapping of options, not " in refused(capsys, module, **{option: [value]})
                if value not in ([5], None):
                    assert f"{option} must be a list of mappings, not {words}." in refused(
                        capsys, module, **{option: value}
                    )
            elif value is not None:
                assert f"{option} must be a mapping of options, not {words}." in refused(
                    capsys, module, **{option: value}
                )


def test_a_mapping_within_a_batch_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    said = refused(capsys, "gcp_remote_repository", batch=[{"upstream": 5}])
    assert said == "batch[0].upstream must be a mapping of options, not a number."


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('{"upstream": 5}', "batch[0].upstream must be a mapping of options, not a number."),
        ('{"upstream": "pypi"}', "batch[0].upstream must be a mapping of options, not text."),
        ('{"upstream": [5]}', "batch[0].upstream must be a mapping of options, not a list."),
        ("upstream={}", None),
        ("{", None),
        ("repository=a b", None),
    ],
)
def test_a_mapping_in_json_is_looked_at(capsys: pytest.CaptureFixture[str], entry: str, said: str | None) -> None:
    """Ansible makes a mapping of such a text, before it looks for options in it. Of one that it cannot read, it says so itself."""
    with patch_module_args({"project": "demo-project", "batch": [entry]}), pytest.raises(SystemExit):
        import_module(f"{PACKAGE}.gcp_remote_repository").main()
    result = json.loads(capsys.readouterr().out)
    assert result["failed"]
    assert said in (None, result["msg"])


#: ansible-core ends in an exception for those that are infinite, and Python for those that it may not write out again: they have more
#: than 4300 digits. Source: sys.set_int_max_str_digits() in its documentation.
TOO_LARGE = [".inf", "-.inf", "'Infinity'", "1e5000", "'1e5000'", "'-1e999999999'", "1.0e+300", f"'{'9' * 5000}'"]


@pytest.mark.parametrize("text", TOO_LARGE)
def test_numbers_have_an_end(capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert refused(capsys, "gcp_secret", timeout=text) == "timeout must be a whole number of up to 18 digits."


@pytest.mark.parametrize("text", [one.strip("'").replace(".inf", "inf") for one in TOO_LARGE])
def test_numbers_of_the_environment_have_an_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("CODEARTIFACT_READ_QUOTA", text)
    said = refused(capsys, "codeartifact_domain", region="eu-west-1", domain="demo")
    assert said == "read_quota must be a whole number of up to 18 digits."


@pytest.mark.parametrize(
    "text", ["0123", "123", "1_000", "0x1F", "yes", "off", "true", "1.10", "1e3", "1:30", ".5", "{a: b}", "[a]"]
)
@pytest.mark.parametrize(
    ("module", "option", "others"),
    [
        ("gcp_secret_version", "payload", {"secret": "s", "project": "demo-project"}),
        ("gcp_secret_version", "payload_base64", {"secret": "s", "project": "demo-project"}),
        ("gcp_secret", "access_token", {"secret": "s", "project": "demo-project"}),
        ("package_index_info", "password", {"index_url": "'https://example.com/'", "package": "p", "username": "u"}),
        ("github_environment", "github_token", {"owner": "o", "repository": "r", "environment": "e"}),
        ("pypi_oidc_token", "token", {"state": "absent"}),
    ],
)  # fmt: skip
def test_secrets_must_be_text(
    capsys: pytest.CaptureFixture[str], module: str, option: str, others: dict[str, str], text: str
) -> None:
    if isinstance(yaml.safe_load(text), str):
        pytest.skip("PyYAML leaves this text alone")
    message = refused(capsys, module, **others, **{option: text})
    assert message.startswith(f"{option} is a")
    wrong_kind = isinstance(yaml.safe_load(text), dict | list)
    assert message.endswith(
        "Give one text." if wrong_kind else "YAML may have changed what was written: put it in quotes."
    )
    assert "83" not in message


@pytest.mark.parametrize(
    ("module", "options", "where"),
    [
        ("gcp_secret", {"secret": "yes", "project": "demo-project"}, "secret is a boolean"),
        ("gcp_secret", {"secret": "1.10"}, "secret is a number"),
        ("gcp_secret_iam_binding", {"members": "[on]"}, "members[0] is a boolean"),
        ("gcp_secret_iam_binding", {"condition": "{title: yes, expression: x}"}, "condition.title is a boolean"),
        ("gcp_secret_version", {"batch": "[{secret: s, payload: x}, {secret: s, payload: 0123}]"}, "batch[1].payload is a number"),
        ("gcp_remote_repository", {"repository": "1.0"}, "repository is a number"),
        ("gcp_remote_repository_credentials", {"version": "1.0"}, "version is a number"),
        ("github_file", {"branch": "1.10"}, "branch is a number"),
        ("github_environment", {"environment": "no"}, "environment is a boolean"),
        ("pypi_provenance_info", {"project": "p", "version": "1.10"}, "version is a number"),
        ("pypi_trusted_publisher_check", {"environment": "off"}, "environment is a boolean"),
        ("package_index_info", {"package": "true"}, "package is a boolean"),
        ("codeartifact_repository", {"domain": "no", "region": "eu-west-1"}, "domain is a boolean"),
        ("codeartifact_domain_info", {"domain": "d", "domain_owner": "1e11", "region": "eu-west-1"}, None),
    ],
)  # fmt: skip
def test_names_and_versions_must_come_as_they_were_written(
    capsys: pytest.CaptureFixture[str], module: str, options: dict[str, str], where: str | None
) -> None:
    if where is None:
        assert yaml.safe_load(options["domain_owner"]) == "1e11"
        return
    assert where in refused(capsys, module, **options)


@pytest.mark.parametrize("text", ["3", "123456789012", "'0123'", "'yes'", "plain"])
def test_whole_numbers_are_names_and_versions_as_well(text: str) -> None:
    spec = {"version": {"type": "str"}, "names": {"type": "list", "elements": "str"}, "payload": {"no_log": True}}
    value = yaml.safe_load(text)
    assert list(altered_texts({"version": value, "names": [value]}, spec)) == []
    assert bool(list(altered_texts({"payload": value}, spec))) == isinstance(value, int)


def test_options_of_other_types_and_by_other_names() -> None:
    spec = {
        "tags": {"type": "dict", "aliases": ["resource_tags"]},
        "keep": {"type": "int"},
        "force": {"type": "bool"},
        "policy": {"type": "raw"},
        "state": {"type": "str", "choices": ["present"]},
        "profile": {"type": "str", "aliases": ["aws_profile"]},
    }
    assert list(altered_texts({"tags": {"a": True}, "keep": 1, "force": True, "policy": {}, "state": True}, spec)) == []
    assert list(altered_texts({"aws_profile": True}, spec)) == [
        "aws_profile is a boolean, not text. YAML may have changed what was written: put it in quotes."
    ]
