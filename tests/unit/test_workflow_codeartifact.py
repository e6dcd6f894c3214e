# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps of the workflow for CodeArtifact, on an API that lives in memory and has other writers."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import LostRace, PermissionDenied
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import Deadline
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import ResourceMissing
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import (
    Domain,
    Repository,
    ResourcePolicy,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import parse_document
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.progress import Progress
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.chain import Chain
from ansible_collections.pkgops.registry_auth.plugins.module_utils._workflow.codeartifact import (
    CodeArtifactRun,
    read_scope,
)

OWNER, STRANGER, PARTNER = "111122223333", "444455556666", "777788889999"
ARN = f"arn:aws:codeartifact:eu-west-1:{OWNER}:repository/demo/python"


def reader(account):
    allowed = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "codeartifact:ReadFromRepository"}
    return {"Version": "2012-10-17", "Statement": [{**allowed, "Sid": f"Reader{account}", "Resource": "*"}]}


class Api:
    """One domain, in which somebody else makes the repository, with a policy, just before this run would."""

    region = "eu-west-1"

    def __init__(self):
        self.repository = self.policy = None
        self.puts = []

    def describe_domain(self, name):
        return Domain(name.domain, OWNER, f"arn:aws:codeartifact:eu-west-1:{OWNER}:domain/demo", "key", status="Active")

    def describe_repository(self, name):
        if self.repository is None:
            raise ResourceMissing(f"{name} does not exist.", "repository")
        return self.repository

    def describe_arn(self, name):
        return self.describe_repository(name).arn

    def create_repository(self, name, description, upstreams, _tags):
        self.repository = Repository("python", "demo", OWNER, OWNER, ARN, None, (), None, "now")
        self.policy = ResourcePolicy(ARN, "1", parse_document(json.dumps(reader(STRANGER))))
        raise LostRace(f"{name} exists.")

    def update_repository(self, _name, *, description=None, upstreams=()):
        self.repository = Repository("python", "demo", OWNER, OWNER, ARN, description, tuple(upstreams), None, "now")
        return self.repository

    def get_policy(self, name):
        if name.kind == "domain" or self.policy is None:
            raise ResourceMissing(f"{name} has no policy.", "repository")
        return self.policy

    def put_policy(self, _name, document, revision):
        self.puts.append(revision)
        self.policy = ResourcePolicy(ARN, "2", parse_document(document))
        return self.policy


def test_a_repository_that_somebody_else_has_made_meanwhile_keeps_what_others_set():
    """Creating it is a race that was lost, so its policy is read, and not taken to be none. The description differs, so it is changed."""
    api = Api()
    grant = {"name": "partner", "principals": [PARTNER], "access": ["read"]}
    scope = read_scope(
        "eu-west-1",
        "packages",
        {
            "domain": "demo",
            "create_missing": True,
            "repositories": [{"repository": "python", "description": "Ours", "grants": [grant]}],
        },
    )
    chain = Chain(check_mode=False, diff_mode=False, deadline=Deadline(), progress=Progress())
    CodeArtifactRun(chain, SimpleNamespace(api=api), [scope]).run()
    assert scope.failures == []
    assert api.puts == ["1"]
    assert STRANGER in str(api.policy.document)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_domain_of_another_account_must_be_there(check_mode):
    """It is not this account's to create, so check mode foresees no repositories in it."""

    class Empty(Api):
        def describe_repository(self, name):
            raise ResourceMissing(f"{name} does not exist.", "domain")

    given = {"domain": "demo", "domain_owner": STRANGER, "create_missing": True}
    scope = read_scope("eu-west-1", "packages", {**given, "repositories": [{"repository": "python"}]})
    chain = Chain(check_mode=check_mode, diff_mode=False, deadline=Deadline(), progress=Progress())
    CodeArtifactRun(chain, SimpleNamespace(api=Empty()), [scope]).run()
    assert scope.done == []
    ((step, _target, message, code),) = scope.failures
    assert (step, code) == ("look at what is there", "not_found")
    assert message.startswith(f"There is no domain demo of account {STRANGER} in the region eu-west-1.")


class Repositories(Api):
    """A domain with repositories, of which one may not be looked at."""

    def __init__(self, **upstreams):
        super().__init__()
        self.upstreams = upstreams
        self.written, self.looked_at = [], []

    def describe_repository(self, name):
        self.looked_at.append(name.repository)
        if name.repository == "hidden":
            raise PermissionDenied("no")
        if name.repository not in self.upstreams:
            raise ResourceMissing(f"{name} does not exist.", "repository")
        upstreams = tuple(self.upstreams[name.repository])
        return Repository(name.repository, "demo", OWNER, OWNER, ARN, None, upstreams, None, "now")

    def create_repository(self, name, _description, upstreams, _tags):
        self.written.append(name.repository)
        self.upstreams[name.repository] = upstreams
        return self.describe_repository(name)

    def update_repository(self, name, *, description=None, upstreams=()):
        return self.create_repository(name, description, upstreams, None)


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("there", "wanted", "fails", "looked_at"),
    [
        # Nobody creates it.
        ({}, {"app": ["tpyo"]}, "tpyo", ["app", "tpyo"]),
        ({"app": []}, {"app": ["tpyo"]}, "tpyo", ["app", "tpyo"]),
        # It is asked for once.
        ({}, {"app": ["tpyo"], "tool": ["tpyo"]}, "tpyo", ["app", "tool", "tpyo"]),
        # It is there, it is created in this run, or the repository has it already.
        ({"base": []}, {"app": ["base"]}, None, ["app", "base"]),
        ({}, {"app": ["base"], "base": []}, None, ["app", "base"]),
        ({"app": ["base"]}, {"app": ["base"]}, None, ["app"]),
        # Whether it is there only its owner may know.
        ({}, {"app": ["hidden"]}, None, ["app", "hidden"]),
    ],
)
def test_an_upstream_that_nobody_creates_is_missed_before_anything_is_written(
    there, wanted, fails, looked_at, check_mode
):
    """What check mode would not create is an error there too, as the module's documentation says."""
    api = Repositories(**there)
    entries = [{"repository": name, "upstreams": upstreams} for name, upstreams in wanted.items()]
    scope = read_scope("eu-west-1", "packages", {"domain": "demo", "create_missing": True, "repositories": entries})
    chain = Chain(check_mode=check_mode, diff_mode=False, deadline=Deadline(), progress=Progress())
    CodeArtifactRun(chain, SimpleNamespace(api=api), [scope]).run()
    assert {f"{fails} does not exist in the domain" in failure[2] for failure in scope.failures} == (
        {True} if fails else set()
    )
    if fails or check_mode:
        assert api.written == []
        assert sorted(api.looked_at) == looked_at


def run_all(api, *scopes):
    """Why each scope went no further; it has its entries by their names and upstreams."""
    read = [
        read_scope(
            "eu-west-1",
            str(number),
            {
                "domain": "demo",
                "create_missing": True,
                "repositories": [{"repository": name, "upstreams": upstreams} for name, upstreams in entries.items()],
            },
        )
        for number, entries in enumerate(scopes)
    ]
    chain = Chain(check_mode=False, diff_mode=False, deadline=Deadline(), progress=Progress())
    CodeArtifactRun(chain, SimpleNamespace(api=api), read).run()
    return [[failure[2] for failure in scope.failures] for scope in read]


def test_what_a_scope_that_goes_no_further_would_have_created_is_missed_by_others():
    api = Repositories()
    failures = run_all(api, {"uu": ["tpyo"]}, {"first": [], "app": ["uu"]}, {"last": ["app"]}, {"own": []})
    assert [bool(found) for found in failures] == [True, True, True, False]
    assert "uu does not exist in the domain" in failures[1][0]
    assert api.written == ["own"]
    assert api.looked_at.count("tpyo") == 1


def test_a_circle_of_upstreams_fails_its_scopes_alone():
    api = Repositories()
    failures = run_all(api, {"aa": ["bb"], "bb": ["aa"]}, {"cc": []}, {"dd": ["ee"]}, {"ee": ["dd"]})
    assert [bool(found) for found in failures] == [True, False, True, True]
    assert failures[0][0].startswith("Repositories cannot be each other's upstreams in a circle: repository demo/")
    assert api.written == ["cc"]


GRANT = {"name": "partner", "principals": [PARTNER], "access": ["read"]}


@pytest.mark.parametrize(
    ("one", "other", "good"),
    [
        ({"policy": reader(PARTNER)}, {"policy": reader(STRANGER)}, False),
        ({"policy": reader(PARTNER)}, {"policy": json.dumps(reader(PARTNER))}, True),
        ({"policy": reader(PARTNER)}, {"state": "absent"}, False),
        ({"policy": reader(PARTNER)}, {"grants": [GRANT]}, False),
        ({"grants": [GRANT]}, {"grants": [{**GRANT, "name": "other"}]}, True),
        ({"grants": [GRANT]}, {"grants": [{**GRANT, "principals": [STRANGER]}]}, False),
        ({"grants": [GRANT]}, {"grants": [{"name": "partner", "state": "absent"}]}, False),
    ],
)
def test_two_scopes_cannot_want_different_policies_for_one_repository(one, other, good):
    api = Api()
    api.repository = Repository("python", "demo", OWNER, OWNER, ARN, None, (), None, "now")
    scopes = [
        read_scope("eu-west-1", name, {"domain": "demo", "repositories": [{"repository": "python", **given}]})
        for name, given in (("one", one), ("two", other))
    ]
    chain = Chain(check_mode=False, diff_mode=False, deadline=Deadline(), progress=Progress())
    CodeArtifactRun(chain, SimpleNamespace(api=api), scopes).run()
    if good:
        assert [scope.failures for scope in scopes] == [[], []]
        return
    sentence = "The repository demo/python would have two policies: one, two want different ones for it."
    assert [[failure[2] for failure in scope.failures] for scope in scopes] == [[sentence], [sentence]]
    assert api.puts == []
