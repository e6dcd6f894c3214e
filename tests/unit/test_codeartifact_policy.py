# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""codeartifact_repository_policy, codeartifact_domain_policy and their info twins on an API that lives in memory."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    LostRace,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.retry import Backoff
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import ResourceMissing
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import ResourcePolicy
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import (
    domain_name,
    repository_name,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.reconcile import reconcile
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import NamedState
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.parts.codeartifact_policy import (
    CodeArtifactPolicies,
    DesiredPolicy,
    PolicyReadings,
    RevisionMoved,
)

REPOSITORY, DOMAIN = "repository demo/python", "domain demo"
ARNS = {
    REPOSITORY: "arn:aws:codeartifact:eu-west-1:123456789012:repository/demo/python",
    DOMAIN: "arn:aws:codeartifact:eu-west-1:123456789012:domain/demo",
}


def document(*actions, account="111122223333"):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": [f"codeartifact:{action}" for action in actions],
                "Resource": "*",
            }
        ],
    }


READ, LIST = document("ReadFromRepository"), document("ListPackages")


class FakeCodeArtifact:
    """Policies with revisions, and hooks for what others do meanwhile."""

    region = "eu-west-1"

    def __init__(self, policies=(), arns=None):
        self.policies = {}
        self.arns = ARNS if arns is None else arns
        self.revisions = 0
        self.calls = []
        self.before_write = []
        self.after_write = []
        self.missing_type = None
        self.describe_failure = None
        for name, policy in dict(policies).items():
            self.store(name, policy)

    def store(self, name, policy):
        self.revisions += 1
        self.policies[name] = ResourcePolicy(self.arns[name], f"r{self.revisions}", copy.deepcopy(policy))
        return self.policies[name]

    def get_policy(self, name):
        self.calls.append("get")
        return self.found(str(name))

    def found(self, name):
        if name not in self.policies:
            raise ResourceMissing(f"{name} does not exist.", self.missing_type)
        return self.policies[name]

    def put_policy(self, name, text, revision):
        return self.write("put", str(name), revision, lambda: self.store(str(name), json.loads(text)))

    def delete_policy(self, name, revision):
        return self.write("delete", str(name), revision, lambda: self.policies.pop(str(name)))

    def write(self, verb, name, revision, make):
        self.calls.append(f"{verb} over {revision}")
        if self.before_write:
            self.before_write.pop(0)()
        if verb == "delete":
            self.found(name)
        if revision and (name not in self.policies or self.policies[name].revision != revision):
            raise LostRace(f"{name} was changed")
        answer = make()
        if self.after_write:
            self.after_write.pop(0)()
        return answer

    def describe_arn(self, name):
        self.calls.append("describe")
        if self.describe_failure:
            raise self.describe_failure
        if str(name) not in self.arns:
            raise ResourceMissing(f"{name} does not exist.", self.missing_type)
        return self.arns[str(name)]


def repository(**options):
    return DesiredPolicy.of(repository_name, {"domain": "demo", "repository": "python", **options})


def domain(**options):
    return DesiredPolicy.of(domain_name, {"domain": "demo", **options})


def run(api, *desired, resource=CodeArtifactPolicies, check_mode=False):
    outcomes = reconcile(
        lambda: resource(api),
        desired,
        check_mode=check_mode,
        backoff=lambda **_options: Backoff(sleep=lambda _seconds: None),
    )
    return outcomes[0] if len(outcomes) == 1 else outcomes


def shown(arn, revision, policy):
    text = policy and json.dumps(policy, separators=(",", ":"))
    return {"resource_arn": arn, "revision": revision, "policy": text, "dead_principals": []}


def fail(error):
    def hook():
        raise error

    return hook


# Options

BAD = {
    "no policy": ({}, "policy is missing: give a mapping with Version and Statement"),
    "not JSON": ({"policy": "{"}, "policy is not JSON"),
    "not an object": ({"policy": [1]}, "policy is a list"),
    "too long": ({"policy": document(*["ReadFromRepository"] * 400)}, "CodeArtifact takes up to 7168"),
    "blank revision": ({"policy": READ, "policy_revision": "a b"}, "policy_revision 'a b' is not a revision"),
    "empty revision": ({"policy": READ, "policy_revision": ""}, "policy_revision '' is not a revision"),
    "no such name": ({"policy": READ, "repository": "p"}, "repository 'p'"),
}


@pytest.mark.parametrize(("options", "sentence"), BAD.values(), ids=BAD.keys())
def test_wrong_options_are_refused_with_a_sentence(options, sentence):
    with pytest.raises(InvalidInput) as error:
        repository(**options)

    assert sentence in str(error.value)
    assert str(error.value).endswith(".")


def test_with_state_absent_the_policy_is_not_looked_at():
    assert repository(state="absent", policy="{").document is None


@pytest.mark.parametrize("held_before", [{}, {REPOSITORY: document("Frobnicate")}], ids=["written", "unchanged"])
@pytest.mark.parametrize("check_mode", [False, True])
def test_warnings_name_the_repository(held_before, check_mode):
    outcome = run(FakeCodeArtifact(held_before), repository(policy=document("Frobnicate")), check_mode=check_mode)
    (warning,) = outcome.warnings
    assert warning.startswith("repository demo/python: Statement 1 of its policy has codeartifact:Frobnicate")


@pytest.mark.parametrize("arn", [ARNS[REPOSITORY], ARNS[REPOSITORY].replace("eu-west-1", "us-east-1")])
def test_where_a_repository_is_is_known_after_the_read(arn):
    there = {"Statement": {**READ["Statement"][0], "Resource": ARNS[REPOSITORY]}}
    outcome = run(FakeCodeArtifact(arns={REPOSITORY: arn}), repository(policy=there))
    assert outcome.changed
    assert ["matches nothing" in warning for warning in outcome.warnings] == [True] * (arn != ARNS[REPOSITORY])


def test_the_owner_is_known_after_the_read():
    """Not given, and the domain is the caller's: its own account is no stranger."""
    mine = {"Statement": {**document(account="123456789012")["Statement"][0], "Action": "codeartifact:*"}}
    api = FakeCodeArtifact()
    assert [run(api, domain(policy=mine)).warnings for _run in range(2)] == [(), ()]
    (warning,) = run(api, domain(policy=document("*"))).warnings
    assert "allows every action" in warning


def test_a_grant_to_the_own_account_is_warned_about():
    (warning,) = run(
        FakeCodeArtifact(), repository(policy=document("ReadFromRepository", account="123456789012"))
    ).warnings
    assert "it lets in nobody who was not let in already" in warning


@pytest.mark.parametrize("given", [{}, {"domain_owner": "123456789012"}, {"region": "eu-west-1"}])
def test_where_it_will_be_is_not_guessed(given):
    outcome = run(FakeCodeArtifact(arns={}), repository(policy=document("Frobnicate"), **given), check_mode=True)
    assert len(outcome.warnings) == 1
    known = {"domain_owner": "123456789012", "region": "eu-west-1"}
    outcome = run(FakeCodeArtifact(arns={}), repository(policy=document("Frobnicate"), **known), check_mode=True)
    assert len(outcome.warnings) == 2


# Reading, planning and writing


@pytest.mark.parametrize(("name", "desired"), [(REPOSITORY, repository), (DOMAIN, domain)])
def test_puts_once_and_then_nothing(name, desired):
    policy = document("GetRepositoryPermissionsPolicy", account="111122223333")
    api = FakeCodeArtifact()
    first, second = run(api, desired(policy=policy)), run(api, desired(policy=json.dumps(policy)))
    assert (first.changed, second.changed) == (True, False)
    # The second look is for what somebody else may have put at the same moment, the last one is the second run's.
    assert api.calls == ["get", "describe", "put over None", "get", "get"]
    key = f"{name.partition(' ')[0]}_policy"
    assert first.result == second.result == {key: shown(ARNS[name], "r1", policy)}
    assert first.before == {"policy": None}


def test_what_means_the_same_is_left_as_it_is():
    held = {"Version": "2012-10-17", "Statement": [{**READ["Statement"][0], "Principal": {"AWS": ["111122223333"]}}]}
    api = FakeCodeArtifact({REPOSITORY: held})
    outcome = run(api, repository(policy=READ))
    assert not outcome.changed
    assert json.loads(outcome.result["repository_policy"]["policy"]) == held
    assert api.calls == ["get"]


def test_what_differs_is_put_over_the_revision_that_was_read():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    outcome = run(api, repository(policy=READ))
    assert outcome.changed
    assert api.calls == ["get", "put over r1"]
    assert outcome.result["repository_policy"]["revision"] == "r2"
    assert outcome.before["policy"]["Statement"][0]["Action"] == "codeartifact:ListPackages"
    assert outcome.after["policy"]["Statement"][0]["Action"] == "codeartifact:ReadFromRepository"


def test_a_deleted_user_in_the_policy_is_a_difference():
    dead = document("ReadFromRepository")
    dead["Statement"][0]["Principal"]["AWS"] = ["111122223333", "AIDACKCEVSQ6C2EXAMPLE"]
    api = FakeCodeArtifact({REPOSITORY: dead})
    assert run(api, repository(policy=READ)).changed
    assert api.policies[REPOSITORY].document == READ


def test_absent_deletes_the_revision_that_was_read():
    api = FakeCodeArtifact({REPOSITORY: READ})
    first, second = run(api, repository(state="absent")), run(api, repository(state="absent"))
    assert (first.changed, second.changed) == (True, False)
    assert api.calls == ["get", "delete over r1", "get", "describe"]
    assert first.result == second.result == {"repository_policy": shown(ARNS[REPOSITORY], None, None)}


def test_check_mode_predicts_and_writes_nothing():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    predicted = run(api, repository(policy=READ), check_mode=True)
    assert api.calls == ["get"]
    assert predicted.changed
    assert predicted.result == {"repository_policy": shown(ARNS[REPOSITORY], None, READ)}
    real = run(api, repository(policy=READ))
    assert (predicted.before, predicted.after) == (real.before, real.after)


def test_check_mode_goes_on_where_an_earlier_task_would_have_created():
    outcome = run(FakeCodeArtifact(arns={}), repository(policy=READ), check_mode=True)
    assert outcome.changed
    assert "There is no repository demo/python" in outcome.warnings[0]
    assert json.loads(outcome.result["repository_policy"]["policy"]) == READ


# What does not exist


def test_no_policy_is_not_no_repository():
    outcome = run(FakeCodeArtifact(arns={}), repository(policy=READ))
    assert isinstance(outcome.error, NotFound)
    assert str(outcome.error) == (
        "There is no repository demo/python in the region eu-west-1. A domain of another account needs domain_owner."
    )


def test_a_missing_domain_is_said_without_asking_again():
    api = FakeCodeArtifact(arns={})
    api.missing_type = "domain"
    outcome = run(api, repository(policy=READ, domain_owner="123456789012"))
    assert str(outcome.error) == "There is no domain demo of account 123456789012 in the region eu-west-1."
    assert api.calls == ["get"]


def test_a_domain_that_exists_and_has_no_policy_is_asked_again_although_the_answer_says_domain():
    api = FakeCodeArtifact()
    api.missing_type = "domain"
    assert run(api, domain(state="absent")).error is None
    assert api.calls == ["get", "describe"]


def test_who_may_not_describe_is_told_what_is_not_known():
    api = FakeCodeArtifact()
    api.describe_failure = PermissionDenied("The permission codeartifact:DescribeRepository is missing.")
    outcome = run(api, repository(policy=READ))
    assert isinstance(outcome.error, PermissionDenied)
    assert "has no policy or does not exist, and it is not known which: The permission" in str(outcome.error)


# Races


def test_a_put_that_loses_a_race_is_planned_again():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    other = document("DescribeRepository")
    api.before_write = [lambda: api.store(REPOSITORY, other)]
    outcome = run(api, repository(policy=READ))
    assert api.calls == ["get", "put over r1", "get", "put over r2"]
    assert outcome.changed
    assert outcome.before["policy"]["Statement"][0]["Action"] == "codeartifact:DescribeRepository"


def test_a_put_that_loses_to_the_same_policy_is_no_change():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    api.before_write = [lambda: api.store(REPOSITORY, READ)]
    outcome = run(api, repository(policy=READ))
    assert not outcome.changed
    assert api.calls == ["get", "put over r1", "get"]


def test_a_put_over_a_policy_that_is_deleted_meanwhile_is_planned_again():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    api.before_write = [api.policies.clear]
    assert run(api, repository(policy=READ)).changed
    assert api.calls == ["get", "put over r1", "get", "describe", "put over None", "get"]


def test_of_two_first_policies_both_grants_are_kept():
    """PutRepositoryPermissionsPolicy has no precondition without a revision, so who puts a first policy looks at what became of it."""
    api = FakeCodeArtifact()
    api.after_write = [lambda: api.store(REPOSITORY, held(THEIRS))]
    outcome = run(api, repository(grants=[grant()]))
    assert outcome.error is None
    assert outcome.changed
    assert sids(api.policies[REPOSITORY].document) == ["Theirs", "TeamRead"]
    # The read before the first put is of the domain's policy, for who cannot log in.
    assert api.calls == ["get", "describe", "get", "put over None", "get", "get", "put over r2"]
    assert outcome.before == {"policy": None}
    assert outcome.result["repository_policy"]["revision"] == "r3"


def test_a_first_policy_to_which_somebody_else_adds_is_ours():
    api = FakeCodeArtifact()

    def add():
        mine = api.policies[REPOSITORY].document["Statement"]
        api.store(REPOSITORY, held(*mine, THEIRS))

    api.after_write = [add]
    outcome = run(api, repository(grants=[grant()]))
    assert (outcome.error, outcome.changed) == (None, True)
    assert outcome.result["repository_policy"]["revision"] == "r2"
    assert len([call for call in api.calls if "over" in call]) == 1


def test_a_first_policy_that_is_deleted_at_once_is_put_again():
    api = FakeCodeArtifact()
    api.after_write = [api.policies.clear]
    assert run(api, repository(policy=READ)).changed
    assert api.policies[REPOSITORY].document == READ
    assert api.calls == ["get", "describe", "put over None", "get", "get", "describe", "put over None", "get"]


def test_a_first_policy_that_never_stays_is_a_failure():
    api = FakeCodeArtifact()
    clock = iter(range(0, 10_000, 10))
    api.after_write = [api.policies.clear] * 100
    (outcome,) = reconcile(
        lambda: CodeArtifactPolicies(api),
        [repository(policy=READ)],
        check_mode=False,
        backoff=lambda **_options: Backoff(clock=lambda: next(clock), sleep=lambda _seconds: None),
    )
    assert isinstance(outcome.error, LostRace)
    assert outcome.changed
    assert "repository demo/python does not keep the policy that is written to it" in outcome.message


def test_a_first_policy_of_which_the_look_back_fails_is_looked_at_again():
    api = FakeCodeArtifact()
    looks = iter([None, Unavailable("lost"), None])
    get = api.get_policy

    def get_policy(name):
        if failure := next(looks):
            raise failure
        return get(name)

    api.get_policy = get_policy
    outcome = run(api, repository(policy=READ))
    assert (outcome.error, outcome.changed) == (None, True)
    assert len([call for call in api.calls if "over" in call]) == 1


def test_a_delete_that_loses_a_race_is_planned_again():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    api.before_write = [lambda: api.store(REPOSITORY, READ)]
    outcome = run(api, repository(state="absent"))
    assert outcome.changed
    assert api.calls == ["get", "delete over r1", "get", "delete over r2"]


def test_a_delete_of_what_somebody_else_deleted_is_no_change():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    api.before_write = [api.policies.clear]
    outcome = run(api, repository(state="absent"))
    assert not outcome.changed
    assert outcome.error is None


def test_a_race_that_is_always_lost_writes_nothing():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    clock = iter(range(0, 10_000, 10))
    api.before_write = [lambda: api.store(REPOSITORY, LIST)] * 100
    (outcome,) = reconcile(
        lambda: CodeArtifactPolicies(api),
        [repository(policy=READ)],
        check_mode=False,
        backoff=lambda **_options: Backoff(clock=lambda: next(clock), sleep=lambda _seconds: None),
    )
    assert isinstance(outcome.error, LostRace)
    assert api.policies[REPOSITORY].document == LIST


@pytest.mark.parametrize("options", [{"policy": READ}, {"state": "absent"}], ids=["put", "delete"])
def test_a_write_whose_answer_was_lost_is_ours(options):
    api = FakeCodeArtifact({REPOSITORY: LIST})
    api.after_write = [fail(Unavailable("lost"))]
    outcome = run(api, repository(policy_revision="r1", **options))
    assert outcome.changed
    assert outcome.before["policy"]["Statement"][0]["Action"] == "codeartifact:ListPackages"
    assert len([call for call in api.calls if "over" in call]) == 1


# The revision that the user has seen


def test_the_revision_that_was_seen_may_be_overwritten():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    assert run(api, repository(policy=READ, policy_revision="r1")).changed


@pytest.mark.parametrize("options", [{"policy": READ}, {"state": "absent"}], ids=["put", "delete"])
def test_another_revision_is_left_alone(options):
    api = FakeCodeArtifact({REPOSITORY: LIST})
    outcome = run(api, repository(policy_revision="r0", **options))
    assert isinstance(outcome.error, RevisionMoved)
    assert outcome.error.code == "conflict"
    assert "has the revision r1 and not r0, which policy_revision names" in str(outcome.error)
    assert api.calls == ["get"]


def test_a_policy_that_is_gone_is_not_the_one_that_was_seen():
    outcome = run(FakeCodeArtifact(), repository(policy=READ, policy_revision="r1"))
    assert "has no policy and not r1" in str(outcome.error)


def test_a_revision_that_moves_between_read_and_write_is_left_alone():
    api = FakeCodeArtifact({REPOSITORY: LIST})
    api.before_write = [lambda: api.store(REPOSITORY, document("DescribeRepository"))]
    outcome = run(api, repository(policy=READ, policy_revision="r1"))
    assert isinstance(outcome.error, RevisionMoved)
    assert api.calls == ["get", "put over r1", "get"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_nothing_to_write_asks_for_no_revision(check_mode):
    api = FakeCodeArtifact({REPOSITORY: READ})
    outcome = run(api, repository(policy=READ, policy_revision="r0"), check_mode=check_mode)
    assert outcome.error is None
    assert not outcome.changed


# Grants

ROLE = "arn:aws:iam::111122223333:role/release"
THEIRS = {**READ["Statement"][0], "Sid": "Theirs"}
LOGIN = {**document("GetAuthorizationToken")["Statement"][0], "Sid": "Login"}


def grant(name="team", principals=("111122223333",), access=("read",), **more):
    return {"name": name, "principals": list(principals), "access": list(access), **more}


def held(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def sids(policy):
    return [statement.get("Sid") for statement in policy["Statement"]]


def test_grants_are_merged_once_and_taken_back():
    api = FakeCodeArtifact({REPOSITORY: held(THEIRS), DOMAIN: held(LOGIN)})
    release = grant("release", [ROLE], ["publish"], packages=[{"format": "npm", "namespace": "@acme"}])
    wanted = repository(grants=[grant(), release])
    first, second = run(api, wanted), run(api, wanted)
    assert (first.changed, second.changed) == (True, False)
    assert sids(api.policies[REPOSITORY].document) == ["Theirs", "TeamRead", "ReleasePublish"]
    assert api.policies[REPOSITORY].document["Statement"][2] == {
        "Sid": "ReleasePublish",
        "Effect": "Allow",
        "Principal": {"AWS": ROLE},
        "Action": "codeartifact:PublishPackageVersion",
        "Resource": "arn:aws:codeartifact:eu-west-1:123456789012:package/demo/python/npm/acme/*",
    }
    assert (
        first.before["policy"]["Statement"] != first.after["policy"]["Statement"] == second.after["policy"]["Statement"]
    )
    assert first.warnings == second.warnings == ()
    back = repository(grants=[{"name": "team", "state": "absent"}, {"name": "release", "state": "absent"}])
    assert [run(api, back).changed, run(api, back).changed] == [True, False]
    assert api.policies[REPOSITORY].document == held(THEIRS)


def test_the_last_grant_that_is_taken_back_takes_the_policy_with_it():
    api = FakeCodeArtifact()
    run(api, domain(grants=[grant(access=["login"])]))
    assert run(api, domain(grants=[{"name": "team", "state": "absent"}])).changed
    assert api.policies == {}
    assert not run(api, domain(grants=[])).changed


def test_grants_replace_the_whole_policy_when_asked():
    api = FakeCodeArtifact({REPOSITORY: held(THEIRS), DOMAIN: held(LOGIN)})
    assert run(api, repository(grants=[grant()], mode="replace")).changed
    assert sids(api.policies[REPOSITORY].document) == ["TeamRead"]


def test_another_writer_keeps_what_they_write_meanwhile():
    api = FakeCodeArtifact({REPOSITORY: held(THEIRS), DOMAIN: held(LOGIN)})
    api.before_write = [lambda: api.store(REPOSITORY, held({**THEIRS, "Sid": "Newer"}))]
    outcome = run(api, repository(grants=[grant()]))
    assert outcome.changed
    assert sids(api.policies[REPOSITORY].document) == ["Newer", "TeamRead"]
    # The second is the domain's, for who can log in, and is read once.
    assert api.calls == ["get", "get", "put over r1", "get", "put over r3"]


def test_check_mode_predicts_grants_also_where_nothing_is_yet():
    packages = [{"format": "pypi", "name": "ours"}]
    wanted = {"grants": [grant(access=["publish"], packages=packages)]}
    outcome = run(FakeCodeArtifact(arns={}), repository(**wanted, region="eu-west-1"), check_mode=True)
    (statement,) = json.loads(outcome.result["repository_policy"]["policy"])["Statement"]
    assert statement["Resource"] == "arn:aws:codeartifact:eu-west-1:*:package/demo/python/pypi//ours"
    (warning,) = outcome.warnings
    assert "Check mode continues as if" in warning
    api = FakeCodeArtifact({DOMAIN: held(LOGIN)})
    predicted, real = run(api, repository(**wanted), check_mode=True), run(api, repository(**wanted))
    assert (predicted.before, predicted.after) == (real.before, real.after)


def test_a_merged_policy_that_gets_too_long_is_refused_before_it_is_written():
    api = FakeCodeArtifact({REPOSITORY: held(*({**THEIRS, "Sid": f"Theirs{number}"} for number in range(48)))})
    for check_mode in (True, False):
        outcome = run(api, repository(grants=[grant()]), check_mode=check_mode)
        assert isinstance(outcome.error, InvalidInput)
        assert "CodeArtifact takes up to 7168" in str(outcome.error)
    assert set(api.calls) == {"get"}


BAD_GRANTS = {
    "both ways": ({"policy": READ, "grants": []}, "policy and grants are both given"),
    "nothing to replace it with": ({"grants": [], "mode": "replace"}, "to remove a policy use state absent"),
    "only gone ones": ({"grants": [{"name": "a", "state": "absent"}], "mode": "replace"}, "grants leaves nothing"),
    "a wrong grant": ({"grants": [grant(access=["login"])]}, "accepted for a repository"),
}


@pytest.mark.parametrize(("options", "sentence"), BAD_GRANTS.values(), ids=BAD_GRANTS.keys())
def test_wrong_grants_are_refused(options, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        repository(**options)


# Principals that are no more

DEAD = "AROADBQP57FF2AEXAMPLE"
OF_THE_DEAD = {**THEIRS, "Principal": {"AWS": [DEAD, "444455556666"]}}


def test_dead_principals_are_reported_and_left_when_nothing_is_to_be_written():
    api = FakeCodeArtifact({DOMAIN: held(OF_THE_DEAD)})
    outcome = run(api, domain(grants=[]))
    assert not outcome.changed
    assert outcome.result["domain_policy"]["dead_principals"] == [DEAD]
    (warning,) = outcome.warnings
    assert warning.startswith(f"domain demo: the policy names {DEAD}")


@pytest.mark.parametrize("check_mode", [False, True])
def test_dead_principals_are_in_the_way_of_a_write(check_mode):
    api = FakeCodeArtifact({DOMAIN: held(OF_THE_DEAD)})
    outcome = run(api, domain(grants=[grant(access=["login"])]), check_mode=check_mode)
    assert f"The policy of domain demo cannot be changed: statements of others in it name {DEAD}" in str(outcome.error)
    assert "Set drop_dead_principals" in str(outcome.error)
    assert api.calls == ["get"]


def test_dead_principals_are_dropped_when_asked():
    api = FakeCodeArtifact({DOMAIN: held(OF_THE_DEAD)})
    wanted = domain(grants=[grant(access=["login"])], drop_dead_principals=True)
    first, second = run(api, wanted), run(api, wanted)
    assert (first.changed, second.changed) == (True, False)
    assert first.result["domain_policy"]["dead_principals"] == []
    assert api.policies[DOMAIN].document["Statement"][0]["Principal"] == {"AWS": ["444455556666"]}
    assert sids(api.policies[DOMAIN].document) == ["Theirs", "TeamLogin"]


# Those who cannot log in


def test_who_cannot_log_in_is_warned_about_with_one_read_of_the_domains_policy():
    arns = {**ARNS, **{f"repository demo/r{number}": ARNS[REPOSITORY] for number in range(20)}}
    api = FakeCodeArtifact(arns=arns)
    outcomes = run(api, *(repository(repository=f"r{number}", grants=[grant()]) for number in range(20)))
    # Of each before and after its first policy.
    assert api.calls.count("get") == 2 * 20 + 1
    for number, outcome in enumerate(outcomes):
        (warning,) = outcome.warnings
        assert warning.startswith(f"repository demo/r{number}: The domain policy does not let 111122223333 log in")


@pytest.mark.parametrize(
    "grants",
    [
        [grant(principals=["123456789012", "arn:aws:iam::123456789012:role/ci"])],
        [grant(principals=["*"], everyone=True)],
        [{"name": "team", "state": "absent"}],
        [],
    ],
    ids=["own account", "everybody", "taken back", "none"],
)
def test_the_domains_policy_is_not_read_for_nobody(grants):
    api = FakeCodeArtifact({REPOSITORY: held(THEIRS)})
    outcome = run(api, repository(grants=grants), check_mode=True)
    assert not [warning for warning in outcome.warnings if "log in" in warning]
    assert api.calls == ["get"]


def test_a_refused_read_of_the_domains_policy_is_said_and_no_failure():
    api = FakeCodeArtifact({REPOSITORY: held(THEIRS)})
    get_policy = api.get_policy

    def refuse(name):
        if name.kind == "domain":
            raise PermissionDenied("The permission codeartifact:GetDomainPermissionsPolicy is missing.")
        return get_policy(name)

    api.get_policy = refuse
    outcome = run(api, repository(grants=[grant()]))
    assert outcome.changed
    assert outcome.error is None
    assert outcome.warnings == (
        "repository demo/python: whether 111122223333 can log in to the domain demo could not be checked: The permission "
        "codeartifact:GetDomainPermissionsPolicy is missing.",
    )


def test_an_odd_answer_about_the_domains_policy_lets_nobody_wait():
    names = [f"r{number}" for number in range(3)]
    api = FakeCodeArtifact(arns={f"repository demo/{name}": f"{ARNS[DOMAIN]}/{name}" for name in names})
    get_policy = api.get_policy

    def odd(name):
        if name.kind == "domain":
            raise KeyError("an answer of another form")
        return get_policy(name)

    api.get_policy = odd
    wishes = [
        DesiredPolicy.of(repository_name, {"domain": "demo", "repository": name, "grants": [grant()]}) for name in names
    ]
    outcomes = run(api, *wishes, check_mode=True)
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert all(
        "could not be checked: The collection did not expect this: KeyError" in one.warnings[0] for one in outcomes
    )


# Reading only


def test_info_shows_what_the_writer_shows():
    api = FakeCodeArtifact({REPOSITORY: READ})
    reading = NamedState.of(repository_name, {"domain": "demo", "repository": "python"})
    outcome = run(api, reading, resource=PolicyReadings)
    written = run(api, repository(policy=READ)).result["repository_policy"]
    assert outcome.result == {"repository_policy": {"exists": True, **written}}
    assert not outcome.changed


def test_info_tells_no_policy_from_no_domain():
    api = FakeCodeArtifact()
    here, nowhere = run(
        api,
        NamedState.of(domain_name, {"domain": "demo"}),
        NamedState.of(domain_name, {"domain": "nowhere"}),
        resource=PolicyReadings,
    )
    assert here.result == {"domain_policy": {"exists": True, **shown(ARNS[DOMAIN], None, None)}}
    assert nowhere.result == {"domain_policy": {"exists": False, **shown(None, None, None)}}


# The policies of AWS's own pages. Names that the service would not take, such as my_domain, are spelled with hyphens.


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(actions, principal="arn:aws:iam::123456789012:root", resource="*", **more):
    named = principal if principal == "*" else {"AWS": principal}
    return {"Action": actions, "Effect": "Allow", "Principal": named, "Resource": resource, **more}


PACKAGES = "arn:aws:codeartifact:us-east-1:111122223333:package/my-domain/my-repo"
PUBLISH = "codeartifact:PublishPackageVersion"
READ_SET = [
    "codeartifact:DescribePackageVersion",
    "codeartifact:DescribeRepository",
    "codeartifact:GetPackageVersionReadme",
    "codeartifact:GetRepositoryEndpoint",
    "codeartifact:ListPackages",
    "codeartifact:ListPackageVersions",
    "codeartifact:ListPackageVersionAssets",
    "codeartifact:ListPackageVersionDependencies",
    "codeartifact:ReadFromRepository",
]
CONTRIBUTE = [
    "codeartifact:CreateRepository",
    "codeartifact:DescribeDomain",
    "codeartifact:GetAuthorizationToken",
    "codeartifact:GetDomainPermissionsPolicy",
    "codeartifact:ListRepositoriesInDomain",
    "sts:GetServiceBearerToken",
]
PUBLISHED = {
    "read only": ("repository", policy(allow(["codeartifact:ReadFromRepository"]))),
    "read set": ("repository", policy(allow(READ_SET))),
    "read by a user": ("repository", policy(allow(READ_SET, "arn:aws:iam::123456789012:user/bob"))),
    "read by a role": ("repository", policy(allow(READ_SET, ["arn:aws:iam::123456789012:role/ci", "444455556666"]))),
    "publish all packages": ("repository", policy(allow([PUBLISH], resource=f"{PACKAGES}/*"))),
    "publish a format": ("repository", policy(allow([PUBLISH], resource=f"{PACKAGES}/npm/*"))),
    "publish an npm scope": ("repository", policy(allow([PUBLISH], resource=f"{PACKAGES}/npm/parity/*"))),
    "publish one package of a scope": ("repository", policy(allow([PUBLISH], resource=f"{PACKAGES}/npm/parity/ui"))),
    "publish without namespace": ("repository", policy(allow([PUBLISH], resource=f"{PACKAGES}/npm//react"))),
    "publish to Maven": (
        "repository",
        policy(allow([PUBLISH, "codeartifact:PutPackageMetadata"], resource=f"{PACKAGES}/maven/com.company/name")),
    ),
    "publish to NuGet": (
        "repository",
        policy(
            allow([PUBLISH], resource=f"{PACKAGES}/nuget//name"),
            allow(
                ["codeartifact:ReadFromRepository"],
                resource="arn:aws:codeartifact:us-east-1:111122223333:repository/my-domain/my-repo",
            ),
        ),
    ),
    "deny": ("repository", policy(allow(READ_SET), {**allow([PUBLISH], "*"), "Effect": "Deny"})),
    "create repositories": ("domain", policy(allow(["codeartifact:CreateRepository"]))),
    "log in": ("domain", policy(allow(["codeartifact:GetAuthorizationToken"]))),
    "contribute": ("domain", policy(allow(CONTRIBUTE, Sid="ContributorPolicy"))),
    "the organization": (
        "domain",
        policy(
            allow(
                CONTRIBUTE,
                "*",
                Sid="DomainPolicyForOrganization",
                Condition={"StringEquals": {"aws:PrincipalOrgID": ["o-xxxxxxxxxxx"]}},
            )
        ),
    ),
}


@pytest.mark.parametrize("text", [False, True], ids=["mapping", "JSON"])
@pytest.mark.parametrize(("kind", "published"), PUBLISHED.values(), ids=PUBLISHED.keys())
def test_published_policies_go_in_and_come_out_unchanged(kind, published, text):
    options = {"domain": "my-domain", "domain_owner": "111122223333", "region": "us-east-1"}
    given = json.dumps(published, indent=4) if text else published
    if kind == "repository":
        wanted = DesiredPolicy.of(repository_name, {**options, "repository": "my-repo", "policy": given})
    else:
        wanted = DesiredPolicy.of(domain_name, {**options, "policy": given})
    path = "repository/my-domain/my-repo" if kind == "repository" else "domain/my-domain"
    api = FakeCodeArtifact(arns={str(wanted.name): f"arn:aws:codeartifact:us-east-1:111122223333:{path}"})

    first, second = run(api, wanted), run(api, wanted)

    # A whole account that may publish everything is worth a warning, although it is an example.
    risky = published == PUBLISHED["publish all packages"][1]
    for outcome in (first, second):
        assert ["on all packages" in warning for warning in outcome.warnings] == [True] * risky
    assert (first.changed, second.changed) == (True, False)
    assert json.loads(second.result[f"{kind}_policy"]["policy"]) == published


STORED = {
    "as Terraform's tests have it": allow(["codeartifact:CreateRepository"], "*", ARNS[DOMAIN]),
    "as public repositories have it": allow(["codeartifact:ReadFromRepository", "codeartifact:GetAuthorizationToken"], "444455556666"),
    "with a list of the domain's": allow(
        ["codeartifact:CreateRepository", "codeartifact:ListRepositoriesInDomain"], "444455556666", ARNS[DOMAIN]
    ),
}  # fmt: skip


@pytest.mark.parametrize("statement", STORED.values(), ids=STORED.keys())
def test_what_aws_stores_and_never_counts_is_written_with_one_warning(statement):
    api = FakeCodeArtifact()
    outcome = run(api, repository(policy=policy(statement)))
    assert api.policies[REPOSITORY].document == policy(statement)
    (warning,) = outcome.warnings
    assert "for which it never counts" in warning or "matches nothing of this repository" in warning


@pytest.mark.parametrize(
    ("answered", "code"),
    [
        (READ, None),
        # As AWS may write it: it means the same.
        ({**READ, "Statement": {**READ["Statement"][0], "Principal": {"AWS": "111122223333"}}}, None),
        (LIST, "unconfirmed"),
        ({**READ, "Statement": []}, "unconfirmed"),
    ],
)
@pytest.mark.parametrize("held_before", [None, LIST])
def test_a_policy_that_is_answered_otherwise_is_no_success(answered, code, held_before):
    api = FakeCodeArtifact({REPOSITORY: held_before} if held_before else {})
    honest = api.put_policy
    api.put_policy = lambda *args: replace(honest(*args), document=answered)
    outcome = run(api, repository(policy=READ))

    assert (outcome.error and outcome.error.code) == code
    assert outcome.changed
    if code:
        assert "its answer differs from what was asked for: policy" in outcome.message
        assert outcome.message.endswith("The change may have been made all the same.")
    assert len([call for call in api.calls if call.startswith("put")]) == 1
