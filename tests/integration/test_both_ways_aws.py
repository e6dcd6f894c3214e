# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the real AWS CLI set up, the modules leave as it is; what the modules set up, it reads; and both at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from aws_clients import ACCOUNT, OTHER_ACCOUNT, Aws, document, statement
from cloud_control import LocalCloud
from harness import Ansible, Given, Task, task

pytestmark = pytest.mark.thorough

DOMAIN = ("--domain=demo",)
REPOSITORY = ("--domain=demo", "--repository=python")
ROOT = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}
READS = ("Get", "Describe")
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

DOMAIN_POLICY = document(statement("codeartifact:GetAuthorizationToken", ROOT))
REPOSITORY_POLICY = document(
    statement(["codeartifact:ReadFromRepository", "codeartifact:ListPackages"], ROOT, Sid="Read"),
    statement(
        "codeartifact:PublishPackageVersion",
        {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada"},
        Sid="Publish",
        Resource=f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:package/demo/python/pypi//our-package",
    ),
)
#: The same, as another person would write it.
DOMAIN_POLICY_OTHERWISE = {
    "Statement": {
        "Resource": ["*"],
        "Action": ["codeartifact:GETAUTHORIZATIONTOKEN"],
        "Principal": {"AWS": [OTHER_ACCOUNT]},
        "Effect": "Allow",
    },
    "Version": "2012-10-17",
}
REPOSITORY_POLICY_OTHERWISE = document(
    REPOSITORY_POLICY["Statement"][1] | {"Action": ["codeartifact:publishPackageVersion"] * 2},
    statement(["codeartifact:ListPackages", "codeartifact:readfromrepository"], {"AWS": [OTHER_ACCOUNT]}, Sid="Read"),
)


def put(aws: Aws, policy: dict[str, Any], *target: str) -> dict[str, Any]:
    """Put a policy with the AWS CLI; returns what it answers."""
    kind = "repository" if target[0:2] == REPOSITORY else "domain"
    text = json.dumps(policy, indent=2)
    answer: dict[str, Any] = aws(f"put-{kind}-permissions-policy", *target, "--policy-document", text).json()["policy"]
    return answer


def get(aws: Aws, *target: str) -> tuple[dict[str, Any], str]:
    """Document and revision, from the AWS CLI."""
    kind = "repository" if target == REPOSITORY else "domain"
    policy = aws(f"get-{kind}-permissions-policy", *target).json()["policy"]
    return json.loads(policy["document"]), policy["revision"]


def test_what_the_cli_set_up_is_left_as_it_is(ansible: Ansible, cloud: LocalCloud, aws: Aws) -> None:
    aws("create-domain", *DOMAIN)
    aws("create-repository", *REPOSITORY)
    set_up = put(aws, DOMAIN_POLICY_OTHERWISE, *DOMAIN), put(aws, REPOSITORY_POLICY_OTHERWISE, *REPOSITORY)
    cloud.clear_calls()
    results = ansible.results(
        [
            task("codeartifact_domain_policy", domain="demo", policy=DOMAIN_POLICY),
            task("codeartifact_repository_policy", domain="demo", repository="python", policy=REPOSITORY_POLICY),
        ]
    )
    assert [result["changed"] for result in results] == [False, False], results
    assert not any(result["failed"] for result in results), results
    assert [call for call in cloud.calls() if not call["method"].rpartition(".")[2].startswith(READS)] == []
    shown = results[0]["domain_policy"], results[1]["repository_policy"]
    assert [one["revision"] for one in shown] == [one["revision"] for one in set_up]
    assert [json.loads(one["policy"]) for one in shown] == [json.loads(one["document"]) for one in set_up]


def test_what_the_modules_set_up_the_cli_reads(ansible: Ansible, aws: Aws, given: Given) -> None:
    given.domain("demo", "python")
    tasks = [
        task("codeartifact_domain_policy", domain="demo", policy=DOMAIN_POLICY),
        task(
            "codeartifact_repository_policy",
            domain="demo",
            domain_owner=ACCOUNT,
            repository="python",
            policy=json.dumps(REPOSITORY_POLICY, indent=4),
        ),
    ]
    of_domain, of_repository = ansible.results(tasks)
    assert get(aws, *DOMAIN) == (DOMAIN_POLICY, of_domain["domain_policy"]["revision"])
    assert get(aws, *REPOSITORY) == (REPOSITORY_POLICY, of_repository["repository_policy"]["revision"])
    absent = {"domain": "demo", "state": "absent"}
    results = ansible.results(
        [
            task("codeartifact_repository_policy", repository="python", **absent),
            task("codeartifact_domain_policy", **absent),
        ]
    )
    assert [result["changed"] for result in results] == [True, True], results
    for command in (["get-domain-permissions-policy", *DOMAIN], ["get-repository-permissions-policy", *REPOSITORY]):
        assert "ResourceNotFoundException" in aws(*command, fails=True).stderr


def described(aws: Aws, name: str) -> dict[str, Any]:
    """A repository of the domain demo, from the AWS CLI."""
    answer: dict[str, Any] = aws("describe-repository", *DOMAIN, f"--repository={name}").json()["repository"]
    return answer


def tags(aws: Aws, arn: str) -> dict[str, str]:
    """The tags of a domain or repository, from the AWS CLI."""
    listed = aws("list-tags-for-resource", f"--resource-arn={arn}").json()["tags"]
    return {tag["key"]: tag["value"] for tag in listed}


def test_a_domain_that_the_cli_made_is_left_as_it_is(ansible: Ansible, cloud: LocalCloud, aws: Aws) -> None:
    aws("create-domain", *DOMAIN, f"--encryption-key={KEY}", "--tags=key=team,value=build")
    aws("create-repository", *DOMAIN, "--repository=shared")
    aws("create-repository", *DOMAIN, "--repository=public")
    aws("associate-external-connection", *DOMAIN, "--repository=public", "--external-connection=public:pypi")
    upstreams = ("--upstreams", "repositoryName=shared", "repositoryName=public")
    aws("create-repository", *REPOSITORY, "--description=Ours", *upstreams, "--tags=key=team,value=build")
    cloud.clear_calls()
    made = {"description": "Ours", "upstreams": ["shared", "public"], "tags": {"team": "build"}}
    results = ansible.results(
        [
            task("codeartifact_domain", domain="demo", encryption_key=KEY, tags={"team": "build"}),
            task("codeartifact_domain", domain="demo", encryption_key=KEY.rpartition("/")[2]),
            task("codeartifact_repository", domain="demo", repository="python", **made),
            task("codeartifact_repository", domain="demo", repository="public", external_connection="public:pypi"),
            task("codeartifact_repository_info", domain="demo"),
            task("codeartifact_domain", domain="demo", state="absent"),
        ]
    )
    assert [result["changed"] for result in results] == [False] * 6, results
    assert [result["failed"] for result in results] == [False] * 5 + [True], results
    assert "it has repositories: 3" in results[5]["msg"]
    reads = (*READS, "List")
    assert [call for call in cloud.calls() if not call["method"].rpartition(".")[2].startswith(reads)] == []
    assert [one["name"] for one in results[4]["repositories"]] == ["public", "python", "shared"]
    assert results[4]["repositories"][1] == results[2]["repository"]


def test_a_domain_that_the_modules_made_the_cli_sees(ansible: Ansible, aws: Aws, given: Given) -> None:
    batch: list[dict[str, Any]] = [
        {"repository": "python", "upstreams": ["shared", "public"], "description": "Ours", "tags": {"team": "build"}},
        {"repository": "shared"},
        {"repository": "public", "external_connection": "public:pypi"},
    ]
    results = ansible.results(
        [
            task("codeartifact_domain", domain="demo", encryption_key=KEY, tags={"team": "build"}),
            task("codeartifact_repository", domain="demo", batch=batch),
        ]
    )
    assert [(result["failed"], result["changed"]) for result in results] == [(False, True)] * 2, results
    domain = aws("describe-domain", *DOMAIN).json()["domain"]
    assert (domain["encryptionKey"], domain["repositoryCount"]) == (KEY, 3)
    python, public = described(aws, "python"), described(aws, "public")
    assert (python["description"], python["upstreams"]) == (
        "Ours",
        [{"repositoryName": "shared"}, {"repositoryName": "public"}],
    )
    assert [one["externalConnectionName"] for one in public["externalConnections"]] == ["public:pypi"]
    assert tags(aws, domain["arn"]) == tags(aws, python["arn"]) == {"team": "build"}

    given.package("demo", "shared", "ours")
    changes = [
        {"repository": "python", "upstreams": ["public", "shared"], "description": "", "tags": {"stage": "test"}, "purge_tags": False},
        {"repository": "public", "external_connection": "public:npmjs"},
        {"repository": "shared", "state": "absent"},
    ]  # fmt: skip
    (changed,) = ansible.results([task("codeartifact_repository", domain="demo", batch=changes)])
    assert [(one["failed"], one["changed"]) for one in changed["results"]] == [(False, True)] * 2 + [(True, False)]
    assert "because it has packages" in changed["results"][2]["msg"]
    python, public = described(aws, "python"), described(aws, "public")
    assert python.get("description", "") == ""
    assert python["upstreams"] == [{"repositoryName": "public"}, {"repositoryName": "shared"}]
    assert [one["externalConnectionName"] for one in public["externalConnections"]] == ["public:npmjs"]
    assert tags(aws, python["arn"]) == {"stage": "test", "team": "build"}

    gone = [{"repository": name, "state": "absent", "force": True} for name in ("python", "shared", "public")]
    results = ansible.results(
        [
            task("codeartifact_repository", domain="demo", batch=gone),
            task("codeartifact_domain", domain="demo", state="absent"),
            task("codeartifact_domain", domain="demo", state="absent"),
        ]
    )
    assert [(result["failed"], result["changed"]) for result in results] == [
        (False, True),
        (False, True),
        (False, False),
    ]
    assert "ResourceNotFoundException" in aws("describe-domain", *DOMAIN, fails=True).stderr


def named(sid: str) -> dict[str, Any]:
    return statement("codeartifact:ReadFromRepository", ROOT, Sid=sid)


def names(policy: dict[str, Any]) -> frozenset[str]:
    return frozenset(one["Sid"] for one in policy["Statement"])


Write = tuple[frozenset[str], frozenset[str]]


def add_by_cli(aws: Aws, sid: str) -> Write:
    """Add a statement as a careful user of the AWS CLI does: under the revision that was read, and again when it moved."""
    while True:
        before, revision = get(aws, *REPOSITORY)
        after = document(*before["Statement"], named(sid))
        try:
            put(aws, after, *REPOSITORY, f"--policy-revision={revision}")
        except pytest.fail.Exception as failure:
            if "ConflictException" not in str(failure):
                raise
        else:
            return names(before), names(after)


@pytest.fixture
def contended(cloud: LocalCloud, given: Given) -> None:
    """A policy whose writes take their time, so that somebody else writes between a read and its write."""
    given.domain("demo", "python")
    given.repository_policy("demo", "python", document(named("Start")))
    cloud.fault("codeartifact.PutRepositoryPermissionsPolicy", count=None, latency=1)


def raced(cloud: LocalCloud) -> bool:
    return 409 in [call["status"] for call in cloud.calls("PutRepositoryPermissionsPolicy")]


def while_the_cli_writes(aws: Aws, count: int, ours: Callable[[], None]) -> list[Write]:
    """Run C(ours) while the AWS CLI adds statements, and return what each of its writes did."""
    with ThreadPoolExecutor() as pool:
        theirs = pool.submit(lambda: [add_by_cli(aws, f"Theirs{number}") for number in range(count)])
        ours()
        return theirs.result()


@pytest.mark.usefixtures("contended")
def test_no_write_is_overwritten_unseen(ansible: Ansible, cloud: LocalCloud, aws: Aws) -> None:
    """Each side's accepted writes: every one replaced what the one before it had left, and no two replaced the same."""
    writes: list[Write] = []

    def ours() -> None:
        tasks = [
            task("codeartifact_repository_policy", domain="demo", repository="python", policy=document(named(f"Ours{number}")))
            for number in range(6)
        ]  # fmt: skip
        results = ansible.results(tasks, diff=True)
        assert [(result["failed"], result["changed"]) for result in results] == [(False, True)] * 6, results
        diffs = [result["diff"] for result in results]
        writes.extend((names(diff["before"]["policy"]), names(diff["after"]["policy"])) for diff in diffs)

    writes += while_the_cli_writes(aws, 6, ours)
    assert raced(cloud), "there was no race"
    replaced = dict(writes)
    assert len(replaced) == len(writes) == 12
    state = frozenset({"Start"})
    while state in replaced:
        state = replaced.pop(state)
    assert not replaced
    assert state == names(get(aws, *REPOSITORY)[0])


@pytest.mark.usefixtures("contended")
def test_statements_of_both_stay(ansible: Ansible, cloud: LocalCloud, aws: Aws) -> None:
    """Whoever adds a statement to what was read, and names its revision, is told when it moved, and loses nobody's."""

    def ours() -> None:
        wanted = [named(f"Ours{number}") for number in range(4)]
        while wanted:
            for one, result in zip(list(wanted), ansible.results(added(wanted))[1::2], strict=True):
                if result["failed"]:
                    assert result["failure"]["code"] == "conflict", result
                else:
                    wanted.remove(one)

    while_the_cli_writes(aws, 6, ours)
    expected = {"Start", *(f"Theirs{number}" for number in range(6)), *(f"Ours{number}" for number in range(4))}
    assert names(get(aws, *REPOSITORY)[0]) == expected
    assert raced(cloud), "there was no race"


def added(statements: list[dict[str, Any]]) -> list[Task]:
    """Two tasks for each statement: read the policy, and put it with the statement in addition."""
    repository = {"domain": "demo", "repository": "python"}
    tasks = []
    for index, one in enumerate(statements):
        read = f"result_{2 * index}.repository_policy"
        policy = f"{{{{ {read}.policy | from_json | combine({{'Statement': ({read}.policy | from_json).Statement + [{json.dumps(one)}]}}) }}}}"
        tasks.append(task("codeartifact_repository_policy_info", **repository))
        tasks.append(
            task(
                "codeartifact_repository_policy",
                policy=policy,
                policy_revision=f"{{{{ {read}.revision }}}}",
                **repository,
            )
        )
    return tasks


def group_of(aws: Aws, pattern: str) -> dict[str, Any]:
    """A package group of the domain demo, from the AWS CLI."""
    answer: dict[str, Any] = aws("describe-package-group", *DOMAIN, f"--package-group={pattern}").json()["packageGroup"]
    return answer


def test_package_groups_of_the_cli_and_of_the_modules(
    ansible: Ansible, cloud: LocalCloud, aws: Aws, given: Given
) -> None:
    """What the CLI wrote, the modules find as wanted, and what the modules write, the CLI reads."""
    given.domain("demo", "python")
    group, package = "--package-group=/npm/acme/*", ("--format=npm", "--namespace=acme", "--package=ui")
    aws("create-package-group", *DOMAIN, group, "--description=Ours")
    allowed = [{"repositoryName": "python", "originRestrictionType": "PUBLISH"}]
    aws(
        "update-package-group-origin-configuration",
        *DOMAIN,
        group,
        "--restrictions=PUBLISH=ALLOW_SPECIFIC_REPOSITORIES,EXTERNAL_UPSTREAM=BLOCK",
        f"--add-allowed-repositories={json.dumps(allowed)}",
    )
    aws("put-package-origin-configuration", *REPOSITORY, *package, "--restrictions=publish=ALLOW,upstream=BLOCK")
    wanted = task(
        "codeartifact_package_group",
        domain="demo",
        pattern="/npm/acme/*",
        description="Ours",
        publish="ALLOW_SPECIFIC_REPOSITORIES",
        publish_repositories=["python"],
        external_upstream="BLOCK",
    )
    of_package = {"domain": "demo", "repository": "python", "format": "npm", "package": "@acme/ui"}
    cloud.clear_calls()
    results = ansible.results(
        [wanted, task("codeartifact_package_origin", **of_package, publish="ALLOW", upstream="BLOCK")]
    )
    assert [result["changed"] for result in results] == [False, False], results
    reads = (*READS, "List")
    assert [call for call in cloud.calls() if not call["method"].rpartition(".")[2].startswith(reads)] == []

    ansible.results(
        [
            task(
                "codeartifact_package_group",
                domain="demo",
                pattern="/pypi//acme~",
                contact="ops",
                internal_upstream="ALLOW_SPECIFIC_REPOSITORIES",
                internal_upstream_repositories=["python"],
            ),
            task("codeartifact_package_origin", **of_package, publish="BLOCK"),
        ]
    )
    found = group_of(aws, "/pypi//acme~")
    assert (found["contactInfo"], found["parent"]["pattern"]) == ("ops", "/*")
    modes = {name: one["mode"] for name, one in found["originConfiguration"]["restrictions"].items()}
    assert modes == {
        "PUBLISH": "INHERIT",
        "EXTERNAL_UPSTREAM": "INHERIT",
        "INTERNAL_UPSTREAM": "ALLOW_SPECIFIC_REPOSITORIES",
    }
    listed = (*DOMAIN, "--package-group=/pypi//acme~", "--origin-restriction-type=INTERNAL_UPSTREAM")
    assert aws("list-allowed-repositories-for-group", *listed).json()["allowedRepositories"] == ["python"]
    associated = aws("get-associated-package-group", *DOMAIN, "--format=pypi", "--package=acme-tool").json()
    assert (associated["packageGroup"]["pattern"], associated["associationType"]) == ("/pypi//acme~", "STRONG")
    configured = aws("describe-package", *REPOSITORY, *package).json()["package"]["originConfiguration"]
    assert configured == {"restrictions": {"publish": "BLOCK", "upstream": "BLOCK"}}
