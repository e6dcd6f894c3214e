# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""How the local cloud asks the collection's evaluator, and puts its answers in AWS's words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_actions import (
    ACCOUNT_LEVEL,
    ACTIONS,
    DOMAIN_LEVEL,
    REPOSITORY_LEVEL,
    level_of,
)
from architecture import PACKAGE, layer_of
from checkout import CHECKOUT, PLACE

from local_cloud.services.codeartifact.access import Access
from local_cloud.services.codeartifact.arns import ResourceArn
from local_cloud.services.codeartifact.errors import AwsError
from local_cloud.services.codeartifact.identities import Identity
from local_cloud.services.codeartifact.model import OPERATIONS
from local_cloud.services.codeartifact.store import Domain, Policy, Repository, World

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
OWNER, OTHER = "111111111111", "333333333333"
DOMAIN = ResourceArn("eu-west-1", OWNER, "dom")
REPOSITORY = ResourceArn("eu-west-1", OWNER, "dom", "repo")
ADA = f"arn:aws:iam::{OTHER}:user/ada"
# Actions that are no operations of the API.
PERMISSIONS_ONLY = {"ReadFromRepository", "AssociateWithDownstreamRepository", "PutPackageMetadata"}


def document(**more: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*", **more},
    }


def access(identity: Identity, **policy: Any) -> Access:
    """As the identity, to a domain with a repository whose policy is about everybody."""
    domain = Domain(DOMAIN, NOW, {}, "key")
    repository = Repository(REPOSITORY, NOW, {}, OWNER, None, [])
    domain.repositories["repo"] = repository
    if policy:
        repository.policy = Policy(json.dumps(document(Principal="*", **policy)))
    world: World = {(OWNER, "dom"): domain}
    return Access(world, "eu-west-1", identity, "127.0.0.1", NOW)


def refusal(found: Access) -> str:
    with pytest.raises(AwsError) as refused:
        found.repository("ReadFromRepository", REPOSITORY)
    assert refused.value.code == "AccessDeniedException"
    start = f"User: {ADA} is not authorized to perform: codeartifact:ReadFromRepository on resource: {REPOSITORY} "
    assert refused.value.message.startswith(start)
    return refused.value.message.removeprefix(start)


def test_refusals_are_in_awss_words() -> None:
    may, may_not = Identity.parse(ADA, [document()]), Identity.parse(ADA, [document(Effect="Deny")])
    action = "codeartifact:ReadFromRepository"
    assert refusal(access(may)) == f"because no resource-based policy allows the {action} action"
    assert refusal(access(Identity.parse(ADA), Effect="Allow")) == (
        f"because no identity-based policy allows the {action} action"
    )
    assert refusal(access(may, Effect="Deny")) == "with an explicit deny in a resource-based policy"
    assert refusal(access(may_not, Effect="Allow")) == "with an explicit deny in an identity-based policy"
    assert access(may, Effect="Allow").repository("ReadFromRepository", REPOSITORY)


@pytest.mark.parametrize("effect", ["Allow", "Deny"])
@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
        {"StringNotEquals": {"aws:PrincipalTag/team": "a"}},
        {"BinaryEquals": {"aws:PrincipalAccount": "QQ=="}},
    ],
)
def test_what_cannot_be_told_is_refused(effect: str, condition: dict[str, Any]) -> None:
    policy = document(Effect=effect, Condition=condition)
    if effect == "Deny":
        policy["Statement"] = [policy["Statement"], document()["Statement"]]
    found = access(Identity.parse(ADA, [policy]), Effect="Allow")
    (key,) = next(iter(condition.values()))
    assert refusal(found).startswith("because the local cloud cannot tell; it depends on ")
    assert key in refusal(found)


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": OTHER}}, True),
        ({"ArnEquals": {"aws:PrincipalArn": ADA}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2026-07-01T12:00:00Z"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringEquals": {"sts:AWSServiceName": "codeartifact.amazonaws.com"}}, False),
    ],
)
def test_what_is_known_of_a_request(condition: dict[str, Any], allowed: bool) -> None:
    found = access(Identity.parse(ADA, [document()]), Effect="Allow", Condition=condition)
    if allowed:
        found.repository("ReadFromRepository", REPOSITORY)
    else:
        assert "because no resource-based policy allows" in refusal(found)


def test_organizations() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    member = Identity.parse(ADA, [document()], "o-1")
    assert access(member, Effect="Allow", Condition=condition).repository("ReadFromRepository", REPOSITORY)


def test_a_root_needs_no_identity_policy() -> None:
    root = Identity.parse(f"arn:aws:iam::{OTHER}:root")
    assert access(root, Effect="Allow").repository("ReadFromRepository", REPOSITORY)
    with pytest.raises(AwsError, match="no resource-based policy"):
        access(root).repository("ReadFromRepository", REPOSITORY)


def test_the_levels_of_actions_are_those_of_awss_model() -> None:
    """The model's operations on a repository name one, those on a domain that alone, those on an account neither."""
    for name, operation in OPERATIONS.items():
        members = set(operation.input_shape.members)
        if not members & {"domain", "resourceArn"}:
            expected = ACCOUNT_LEVEL
        elif "domain" in members and not members & {"repository", "sourceRepository"}:
            expected = DOMAIN_LEVEL
        else:
            expected = REPOSITORY_LEVEL
        # It names the repository that is to be, which has no policy yet.
        assert level_of(f"codeartifact:{name}") == (DOMAIN_LEVEL if name == "CreateRepository" else expected)
    assert set(ACTIONS) == set(OPERATIONS) | PERMISSIONS_ONLY
    assert {level_of(f"codeartifact:{name}") for name in PERMISSIONS_ONLY} == {REPOSITORY_LEVEL}


@pytest.mark.parametrize("place", ["a checkout of any name", str(PLACE)])
def test_the_collection_is_found_where_the_role_lies(tmp_path: Path, place: str) -> None:
    """In a process without Ansible, even where another version is installed; and pure files are all that it takes of it."""
    files = Path("roles", "local_cloud", "files", "src")
    for part in (Path("plugins", "module_utils"), files):
        shutil.copytree(CHECKOUT / part, tmp_path / place / part, ignore=shutil.ignore_patterns("__pycache__"))
    other = tmp_path / "other"
    (other / PLACE / "plugins" / "module_utils").mkdir(parents=True)
    program = "import json, sys, local_cloud.serve; print(json.dumps({k: getattr(v, '__file__', None) for k, v in sys.modules.items()}))"
    search_path = os.pathsep.join([str(other), str(tmp_path / place / files)])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": search_path},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    loaded = json.loads(done.stdout)
    assert "ansible" not in loaded
    plugins = tmp_path / place / "plugins"
    ours = [Path(file) for name, file in loaded.items() if name.startswith(f"{PACKAGE}.") and file]
    assert plugins / "module_utils/_policy/codeartifact_evaluation.py" in ours
    assert {layer_of(str(file.relative_to(plugins))).name for file in ours} == {"pure"}
