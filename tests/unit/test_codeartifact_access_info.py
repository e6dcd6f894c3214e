# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What codeartifact_access_info reads: by how many calls, what becomes of those that fail, and that documents need none."""

from __future__ import annotations

import json
import threading

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import Deadline
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import ResourceMissing
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import (
    Repository,
    ResourcePolicy,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.report.cells import principals_of
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import CONCURRENCY, reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.codeartifact_access_info import (
    AccessReadings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.codeartifact_access_wanted import (
    WantedAccess,
)

OWNER, OTHER = "123456789012", "111122223333"
READERS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": {"AWS": OTHER},
            "Action": "codeartifact:ReadFromRepository",
            "Resource": "*",
        }
    ],
}


class Api:
    """Domains with repositories and policies, which counts its calls and how many are made at once."""

    region = "eu-west-1"

    def __init__(self, **domains):
        self.domains = domains
        self.policies = {}
        self.errors = {}
        self.calls = []
        self.at_once = self.most = 0
        self.lock = threading.Lock()
        self.barrier = None

    def list_repositories(self, name):
        self.calls.append("list")
        if name.domain not in self.domains:
            raise ResourceMissing("gone", "domain")
        arn = f"arn:aws:codeartifact:eu-west-1:{OWNER}:repository/{name.domain}/"
        return [Repository(one, name.domain, OWNER, OTHER, arn + one) for one in self.domains[name.domain]]

    def get_policy(self, name):
        key = str(name)
        with self.lock:
            self.calls.append(key)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        try:
            if self.barrier:
                self.barrier.wait(timeout=10)
            if self.errors.get(key):
                raise self.errors[key].pop()
            if key not in self.policies:
                raise ResourceMissing("none", name.kind)
            return ResourcePolicy(f"arn:aws:codeartifact:eu-west-1:{OWNER}:x/y", "rev", self.policies[key])
        finally:
            with self.lock:
                self.at_once -= 1

    def describe_arn(self, name):
        self.calls.append("describe")
        return f"arn:aws:codeartifact:eu-west-1:{OWNER}:domain/{name.domain}"


def run(api, *entries, check_mode=False, deadline=None):
    wanted = [WantedAccess.from_options({"domain": "demo", **entry}) for entry in entries or ({},)]
    outcomes = reconcile(
        lambda: AccessReadings(lambda: api, deadline or Deadline()), wanted, check_mode=check_mode, diff_mode=True
    )
    return outcomes if entries and len(entries) > 1 else outcomes[0]


def test_one_call_each():
    api = Api(demo=["one", "two"])
    api.policies = {"repository demo/two": READERS}
    outcome = run(api)
    assert sorted(api.calls) == ["domain demo", "list", "repository demo/one", "repository demo/two"]
    access = outcome.result["access"]
    assert (access["domain_owner"], access["region"], access["policy"]) == (OWNER, "eu-west-1", None)
    assert [one["repository"] for one in access["repositories"]] == ["one", "two"]
    two = access["repositories"][1]
    assert (two["administrator_account"], two["policy_revision"]) == (OTHER, "rev")
    assert json.loads(two["policy"]) == READERS
    assert not outcome.changed
    # That it can be told to Ansible.
    assert json.loads(json.dumps(outcome.as_dict(diff_mode=False)))["access"] == access


def test_an_empty_domain_says_whose_it_is():
    api = Api(demo=[])
    assert run(api).result["access"]["domain_owner"] == OWNER
    assert api.calls == ["list", "domain demo", "describe"]
    api = Api(demo=[])
    api.policies = {"domain demo": READERS}
    assert run(api).result["access"]["arn"] == f"arn:aws:codeartifact:eu-west-1:{OWNER}:domain/demo"
    assert "describe" not in api.calls


def test_policies_are_read_side_by_side():
    api = Api(demo=[f"r{number}" for number in range(CONCURRENCY - 1)])
    api.barrier = threading.Barrier(CONCURRENCY)
    assert run(api).error is None
    assert api.most == CONCURRENCY


def test_all_domains_together_read_no_more_at_once():
    names = [f"r{number}" for number in range(3 * CONCURRENCY)]
    api = Api(one=names, two=names, three=names)
    outcomes = run(api, {"domain": "one"}, {"domain": "two"}, {"domain": "three"})
    assert [len(one.result["access"]["repositories"]) for one in outcomes] == [len(names)] * 3
    assert api.most <= CONCURRENCY


def test_what_is_refused_is_named_and_the_others_are_told():
    api = Api(demo=["one", "two"])
    api.errors = {"repository demo/one": [PermissionDenied("You may not.")]}
    outcome = run(api, {"repositories": ["one", "two", "three", "two"]})
    assert outcome.error.code == "incomplete"
    assert str(outcome.error).startswith(
        "The policies of 2 repositories of domain demo could not be read. one: You may not. three: There is no repository"
    )
    one, three, two = outcome.result["access"]["repositories"]
    assert [each["failed"] for each in (one, three, two)] == [True, True, False]
    assert (one["msg"], one["failure"]) == ("You may not.", {"code": "permission_denied"})
    assert three["failure"] == {"code": "not_found"}
    shown = outcome.as_dict(diff_mode=False)
    assert shown["failed"]
    assert "access" in shown


def test_what_passes_is_waited_for_alone():
    api = Api(demo=["one", "two"])
    api.errors = {"repository demo/one": [Unavailable("Later.", retry_after=0.01)]}
    assert run(api).error is None
    assert sorted(api.calls) == [
        "domain demo",
        "list",
        "repository demo/one",
        "repository demo/one",
        "repository demo/two",
    ]


def test_after_the_deadline_nothing_more_is_begun():
    now = [0.0]
    deadline = Deadline(5, clock=lambda: now[0])
    api = Api(demo=["one"])
    listed = api.list_repositories
    api.list_repositories = lambda name: (now.__setitem__(0, 10.0), listed(name))[1]
    outcome = run(api, deadline=deadline)
    assert outcome.error.code == "not_reached"
    assert api.calls == ["list"]


@pytest.mark.parametrize("error", [PermissionDenied("You may not."), NotFound("gone")])
def test_without_the_domains_policy_nothing_is_told(error):
    api = Api(demo=["one"])
    api.errors = {"domain demo": [error]}
    outcome = run(api)
    if isinstance(error, NotFound):
        assert outcome.error is None
    else:
        assert (outcome.error, outcome.result) == (error, {})


def test_no_domain():
    outcome = run(Api())
    assert outcome.error.code == "not_found"
    supposed = run(Api(), check_mode=True)
    assert supposed.error is None
    assert supposed.warnings
    told = run(Api(demo=[])).result["access"]
    assert set(supposed.result["access"]) == set(told)


def test_documents_need_no_client():
    def none():
        raise AssertionError("a client is made")

    given = {
        "domain": "demo",
        "domain_owner": OWNER,
        "region": "eu-west-1",
        "callers": [{"arn": f"arn:aws:iam::{OTHER}:user/eve", "identity_policies": []}],
        "details": True,
        "documents": {
            # As AWS has them: with principals that are no more.
            "domain_policy": json.dumps(READERS).replace(f'"{OTHER}"', f'["{OTHER}", "AIDAEXAMPLE0123456789"]'),
            "repositories": [{"repository": "python", "policy": READERS}, {"repository": "npm"}],
        },
    }
    wanted = [WantedAccess.from_options(given)]
    (outcome,) = reconcile(lambda: AccessReadings(none, Deadline()), wanted, check_mode=False)
    access = outcome.result["access"]
    assert [one["repository"] for one in access["repositories"]] == ["npm", "python"]
    assert {finding["code"] for finding in access["findings"]} == {
        "dead_principal",
        "domain_wide_read",
        "no_login",
        "whole_account",
    }
    rows = {row["principal"]: row for row in principals_of(access)["python"]}
    assert rows[f"arn:aws:iam::{OTHER}:user/eve"]["reasons"]["read"] == "no identity policy allows it"
    assert rows[OTHER]["access"] == {
        "read": "granted",
        "publish": "denied",
        "maintain": "denied",
        "administer": "denied",
    }
    detail = rows[OTHER]["details"][0]
    assert (detail["actions"], detail["statements"]) == (
        ["codeartifact:ReadFromRepository"],
        [
            {"policy": "domain", "statement": 1, "sid": "Read", "effect": "Allow"},
            {"policy": "repository", "statement": 1, "sid": "Read", "effect": "Allow"},
        ],
    )


def test_what_is_the_same_is_told_once():
    api = Api(demo=["three", "one", "two"])
    publish = {**READERS["Statement"][0], "Sid": "Publish", "Action": "codeartifact:PublishPackageVersion"}
    roles = {name: f"arn:aws:iam::{OTHER}:role/{name}" for name in api.domains["demo"]}
    api.policies = {
        f"repository demo/{name}": {
            **READERS,
            "Statement": [*READERS["Statement"], {**publish, "Principal": {"AWS": role}}],
        }
        for name, role in roles.items()
    }
    access = run(api).result["access"]
    told = [
        {one["principal"].rpartition("/")[2]: one["repositories"] for one in each["principals"]}
        for each in access["repository_access"]
    ]
    everywhere = ["one", "three", "two"]
    # The account that administers, the one that owns the domain, and the roles, each in its own repository.
    assert told == [
        {OTHER: everywhere},
        {OWNER: everywhere},
        {"one": ["one"], "three": ["three"], "two": ["two"]},
    ]
    assert {name: len(rows) for name, rows in principals_of(access).items()} == dict.fromkeys(everywhere, 3)


def test_a_root_user_and_its_account_are_two_callers():
    root = f"arn:aws:iam::{OWNER}:root"
    callers = [{"arn": root, "identity_policies": []}, {"arn": OWNER, "identity_policies": []}]
    given = {"domain": "demo", "domain_owner": OWNER, "region": "eu-west-1", "documents": {}, "callers": callers}
    wanted = [WantedAccess.from_options(given)]
    (outcome,) = reconcile(lambda: AccessReadings(lambda: None, Deadline()), wanted, check_mode=False)
    found = {row["principal"]: row["access"]["administer"] for row in outcome.result["access"]["principals"]}
    assert found == {OWNER: "denied", root: "allowed"}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"documents": {}}, "domain_owner is missing"),
        ({"documents": {}, "domain_owner": OWNER}, "region is missing"),
        ({"documents": {}, "repositories": []}, "both given"),
        ({"repositories": ["-"]}, r"repositories\[0\]: repository '-'"),
        ({"callers": [{"arn": "*"}]}, r"callers\[0\]\.arn"),
        ({"callers": [{"arn": OTHER}, {"arn": OTHER}]}, r"callers\[1\] is 111122223333 again"),
        ({"callers": [{"arn": OTHER, "identity_policies": [READERS]}]}, "has a principal"),
    ],
)
def test_wrong_options(options, says):
    with pytest.raises(InvalidInput, match=says):
        WantedAccess.from_options({"domain": "demo", **options})


def test_documents_beside_the_live_domain_are_another_target():
    live = WantedAccess.from_options({"domain": "demo", "domain_owner": OWNER})
    given = WantedAccess.from_options({"domain": "demo", "domain_owner": OWNER, "region": "eu-west-1", "documents": {}})
    assert live.target != given.target
