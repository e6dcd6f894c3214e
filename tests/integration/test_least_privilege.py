# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented permissions of each module are enough, and none is too many.

Each case runs with exactly what it is documented to need, and once without each of these. The local cloud judges. That its judge is right
is held to the vendors' own pages (vendor_permissions.py): by them, the calls that were made need exactly the documented permissions.

Modules run in this process: their C(main()) is all that differs from a task.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest
import vendor_permissions as vendors
from ansible.module_utils.testing import patch_module_args
from aws_clients import OWNER_KEY, document, statement
from cloud_control import LocalCloud
from cloud_fixtures import OWNER, PROJECT
from harness import SERVICES, Given
from least_privilege import (
    AWS_CASES,
    AWS_WORKFLOWS,
    CALLER,
    GITHUB_CASES,
    GOOGLE_CASES,
    GOOGLE_WORKFLOWS,
    Case,
    Options,
    World,
)

pytestmark = pytest.mark.thorough

PACKAGE = "ansible_collections.pkgops.registry_auth.plugins.modules"
OPERATOR = "user:operator@example.com"
ROLE = f"projects/{PROJECT}/roles/exact"
KEY = "AKIALOCALEXACT000000"
TOKEN = "exact"

_numbers = itertools.count(1)
#: Lets the caller have these permissions and no others, and says how it logs in.
Hold = Callable[[tuple[str, ...]], Options]


class Trial:
    """Runs cases of one vendor, in this process."""

    def __init__(
        self,
        cloud: LocalCloud,
        capsys: pytest.CaptureFixture[str],
        table: Mapping[str, tuple[str, ...]],
        hold: Hold,
        owner: Options,
    ) -> None:
        self._cloud, self._capsys, self._table, self._hold = cloud, capsys, table, hold
        self._world = World(Given(cloud), lambda module, options: self._as_owner(module, {**owner, **options}))

    def _as_owner(self, module: str, options: Options) -> None:
        result = self._run(module, options)
        assert not result.get("failed"), result["msg"]

    def _run(self, module: str, options: Options) -> dict[str, Any]:
        with patch_module_args(options), pytest.raises(SystemExit):
            import_module(f"{PACKAGE}.{module}").main()
        result: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return result

    def run(self, case: Case, permissions: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
        """How a case ends with these permissions, and the methods that it called."""
        name = f"case-{next(_numbers)}"
        case.prepare(self._world, name)
        login = self._hold(permissions)
        self._cloud.clear_calls()
        result = self._run(case.module, {**login, **case.named(name)})
        return result, [call["method"] for call in self._cloud.calls()]

    def prove(self, case: Case) -> Iterator[str]:
        """What is wrong with the permissions of a case."""
        result, methods = self.run(case, (*case.needs, *case.better_with))
        if result.get("failed"):
            yield f"{case}: with all of {case.needs} it fails: {_said(result)}"
            return
        if result["changed"] != case.changed:
            yield f"{case}: changed is {result['changed']}"
        by_vendor = vendors.needed(self._table, methods) | set(case.besides)
        documented = {*case.needs, *case.better_with}
        if by_vendor != documented:
            yield f"{case}: documented {sorted(documented)}, by the vendor's pages {sorted(by_vendor)}"
        yield from self._without(case)

    def _without(self, case: Case) -> Iterator[str]:
        everything = (*case.needs, *case.better_with)
        for missing in everything:
            result, _methods = self.run(case, tuple(one for one in everything if one != missing))
            if missing in case.better_with:
                if result.get("failed"):
                    yield f"{case}: without {missing} it fails, though it need not: {_said(result)}"
            elif not result.get("failed"):
                # Whoever may do anything with a repository on GitHub may see it, so nothing takes this away.
                if missing != "metadata=read":
                    yield f"{case}: without {missing} it works"
            elif not _names(_said(result), missing):
                yield f"{case}: without {missing} it says {_said(result)!r}"


def _said(result: Mapping[str, Any]) -> str:
    """Why a module failed: a workflow says it of each scope."""
    return " ".join([result["msg"], *(scope["msg"] for scope in result.get("scopes", {}).values())])


def _names(message: str, permission: str) -> bool:
    """Whether a message says what is missing: on GitHub as its header does, or by the name on its pages."""
    kind, equals, _level = permission.partition("=")
    return f"{kind}{equals}" in message or kind.capitalize() in message if equals else permission in message


@pytest.fixture(autouse=True)
def alone(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients ask the local cloud, and find nothing of the user's own settings."""
    for service in SERVICES:
        monkeypatch.setenv(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service.upper()}", f"{cloud.url}/{service}/")
    for name, value in cloud.aws_environment(KEY).items():
        monkeypatch.setenv(name, value)
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "AWS_PROFILE", "AWS_SESSION_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")


def test_google(cloud: LocalCloud, given: Given, capsys: pytest.CaptureFixture[str], subtests: pytest.Subtests) -> None:
    bindings = [{"role": "roles/owner", "members": [OWNER]}, {"role": ROLE, "members": [OPERATOR]}]
    given.call(f"cloudresourcemanager/v3/projects/{PROJECT}:setIamPolicy", {"policy": {"bindings": bindings}})
    given.agent()

    def hold(permissions: tuple[str, ...]) -> Options:
        cloud.set_custom_roles({ROLE: list(permissions)})
        return {"project": PROJECT, "access_token": OPERATOR}

    trial = Trial(cloud, capsys, vendors.GOOGLE, hold, {"project": PROJECT, "access_token": OWNER})
    _prove_all(trial, (*GOOGLE_CASES, *GOOGLE_WORKFLOWS), subtests)


def test_aws(cloud: LocalCloud, capsys: pytest.CaptureFixture[str], subtests: pytest.Subtests) -> None:
    def hold(permissions: tuple[str, ...]) -> Options:
        policies = [document(statement(list(permissions)))] if permissions else []
        cloud.set_identities(**{KEY: {"arn": CALLER, "policies": policies}})
        return {"access_key": KEY, "secret_key": "local", "region": "eu-west-1"}

    owner = {"access_key": OWNER_KEY, "secret_key": "local", "region": "eu-west-1"}
    _prove_all(Trial(cloud, capsys, vendors.AWS, hold, owner), (*AWS_CASES, *AWS_WORKFLOWS), subtests)


def test_github(cloud: LocalCloud, capsys: pytest.CaptureFixture[str], subtests: pytest.Subtests) -> None:
    place = {"api_url": f"{cloud.url}/github"}

    def hold(permissions: tuple[str, ...]) -> Options:
        held = dict(one.split("=") for one in permissions)
        cloud.set_up_github(tokens={TOKEN: {"login": "octocat", "permissions": held}})
        return {**place, "github_token": TOKEN}

    trial = Trial(cloud, capsys, vendors.GITHUB, hold, {**place, "github_token": "octocat"})
    _prove_all(trial, GITHUB_CASES, subtests)


def _prove_all(trial: Trial, cases: tuple[Case, ...], subtests: pytest.Subtests) -> None:
    for case in cases:
        with subtests.test(str(case)):
            wrong = list(trial.prove(case))
            assert not wrong, "\n".join(wrong)
