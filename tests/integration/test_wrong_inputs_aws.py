# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever is wrong with a CodeArtifact policy: the task fails with a sentence, and nothing is written."""

from __future__ import annotations

import json
import venv
from pathlib import Path
from typing import Any

import pytest
from aws_clients import ACCOUNT, ADA_KEY, ADMINISTRATOR, BOB_KEY, OTHER_ACCOUNT, document, statement
from checkout import CHECKOUT
from cloud_control import LocalCloud
from harness import TRANSFERRED, Ansible, Given, task
from test_wrong_inputs import Wrong, black_hole, check, refusing, twice, wrong

__all__ = ["black_hole", "refusing"]

ADA = f"arn:aws:iam::{OTHER_ACCOUNT}:user/ada"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
EVE, EVE_KEY = f"arn:aws:iam::{ACCOUNT}:user/eve", "AKIALOCALEVE00000000"
READ = "codeartifact:ReadFromRepository"
READING = statement(READ, {"AWS": OTHER_ACCOUNT})
REPOSITORY = {"domain": "demo", "repository": "python"}
PACKAGES = f"arn:aws:codeartifact:eu-west-1:{ACCOUNT}:package/demo/python"
TOKENS = document(statement("codeartifact:GetAuthorizationToken", {"AWS": OTHER_ACCOUNT}))


def too_long(one: dict[str, Any]) -> dict[str, Any]:
    """A document with a statement, whose compact JSON is one character too long."""
    length = len(json.dumps(document(one | {"Sid": ""}), separators=(",", ":")))
    return document(one | {"Sid": "x" * (7168 + 1 - length)})


def policy(*says: str, policy: Any, **options: Any) -> Wrong:
    """A repository's policy that is wrong."""
    return wrong("codeartifact_repository_policy", *says, **{**REPOSITORY, "policy": policy, **options})


def stated(*says: str, **elements: Any) -> Wrong:
    """A repository's policy, of which one statement is wrong."""
    return policy(*says, policy=document(READING | elements))


GRANT = {"name": "team", "principals": [OTHER_ACCOUNT], "access": ["read"]}


def granted(*says: str, grants: Any = None, policy: Any = None, **elements: Any) -> Wrong:
    """Grants on a repository, of which one is wrong."""
    given = {"grants": [GRANT | elements] if grants is None else grants} | (
        {} if policy is None else {"policy": policy}
    )
    return wrong("codeartifact_repository_policy", *says, **REPOSITORY, **given)


def group(*says: str, **options: Any) -> Wrong:
    """A package group that is wrong."""
    return wrong("codeartifact_package_group", *says, domain="demo", **options)


def access(*says: str, **options: Any) -> Wrong:
    """Documents to judge that are wrong, or who is asked for."""
    given = {"domain": "demo", "domain_owner": ACCOUNT, "region": "eu-west-1", "documents": {}}
    return wrong("codeartifact_access_info", *says, **{**given, **options})


def key(access_key: str) -> dict[str, str]:
    return {"access_key": access_key, "secret_key": "sesame"}


# These sentences need nothing of the service, or read at most.
CASES = {
    # Names
    "no domain": wrong("codeartifact_domain_policy", "domain is missing", policy=document(READING)),
    "no repository": wrong("codeartifact_repository_policy", "repository is missing", domain="demo", policy=document(READING)),
    "a domain's name": wrong("codeartifact_domain_policy", "domain 'De mo'", "lower-case", domain="De mo", state="absent"),
    "a repository's name": policy("repository '-python'", repository="-python", policy=document(READING)),
    "an account's id": policy("domain_owner '12345'", "12 digits", domain_owner="12345", policy=document(READING)),
    "a domain's name to read": wrong("codeartifact_domain_policy_info", "domain 'De mo'", domain="De mo"),
    "a revision": policy("policy_revision 'a b'", "as it was returned", policy=document(READING), policy_revision="a b"),
    # Package groups
    "no pattern": group("pattern is missing"),
    "a pattern with a star in a name": group("write acme~", pattern="/pypi//acme-*"),
    "a pattern of another format": group("Python's is pypi", pattern="/python//acme~"),
    "a pattern that is not normalized": group("normalized, here acme-tool", pattern="/pypi//Acme_Tool$"),
    "a pattern with a scope as people write it": group("without its @", pattern="/npm/@acme/*"),
    "a pattern without a groupId": group("has a groupId", pattern="/maven//core$"),
    "a pattern of half a name": group("behind a letter or digit", pattern="/npm/acme/ui-~"),
    "no root to inherit from": group("no group to inherit from", pattern="/*", publish="INHERIT"),
    "the root is to go": group("the root group", pattern="/*", state="absent"),
    "repositories of another mode": group(
        "publish_repositories counts with", pattern="/npm/*", publish="BLOCK", publish_repositories=["python"]
    ),
    "what is retained of all groups": wrong("codeartifact_package_group_info", "retained needs pattern", domain="demo", retained=True),
    "neither setting": wrong(
        "codeartifact_package_origin", "publish and upstream are missing", **REPOSITORY, format="pypi", package="ours"
    ),
    "several packages": wrong(
        "codeartifact_package_origin", "one package", **REPOSITORY, format="pypi", package="acme-*", publish="BLOCK"
    ),
    # Documents
    "no policy": wrong("codeartifact_repository_policy", "policy is missing", "state absent", **REPOSITORY),
    "no JSON": policy("policy is not JSON", "line 1, column 2", policy="{Version: 2012-10-17}"),
    "no object": policy("policy is a list", "mapping", policy='["sesame"]'),
    "a number": policy("policy is a number", policy="12"),
    "an element twice": policy("'Version' twice", policy='{"Version":"2012-10-17","Version":"2008-10-17","Statement":[]}'),
    "an unknown element": policy("'Statements'", "Version, Id and Statement", policy={"Statements": [READING]}),
    "no statement": policy("no Statement", "state absent", policy={"Version": "2012-10-17", "Statement": []}),
    "a version": policy("'2012-10-18'", "2012-10-17", policy={"Version": "2012-10-18", "Statement": [READING]}),
    "too long": policy("7169 characters", "7168", policy=too_long(READING)),
    "too long for a domain": wrong(
        "codeartifact_domain_policy", "7169 characters", domain="demo", policy=json.dumps(too_long(TOKENS["Statement"][0]), indent=8)
    ),
    # Statements
    "an effect": stated("policy.Statement[0].Effect", "'allow'", "Allow and Deny", Effect="allow"),
    "nobody": policy("policy.Statement[0]", "Principal", policy=document(statement(READ))),
    "a group": stated("a group cannot be a principal", Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:group/ops"}),
    "some users": stated("a wildcard cannot", Principal={"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:user/*"}),
    "a deleted user": stated("AIDAEXAMPLE0123456789", "a deleted one", Principal={"AWS": "AIDAEXAMPLE0123456789"}),
    "an action without its service": stated("'ReadFromRepository'", "SERVICE:NAME", Action="ReadFromRepository"),
    "any service's actions": stated("'*:*'", "not an action", Action="*:*"),
    "a resource that is not an ARN": stated("'python'", "not an ARN", Resource="python"),
    "an operator": stated("Condition.StringEqual", "not an operator", Condition={"StringEqual": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
    "an operator of nothing": stated("Condition.StringEquals", "is empty", Condition={"StringEquals": {}}),
    "a key of no vendor": stated("'PrincipalOrgID'", "aws:PrincipalOrgID", Condition={"StringEquals": {"PrincipalOrgID": "o-a1b2c3d4e5"}}),
    "a date": stated("aws:CurrentTime has 'tomorrow'", "does not fit", Condition={"DateLessThan": {"aws:CurrentTime": "tomorrow"}}),
    "an address": stated("aws:SourceIp has '300.1.1.1'", "does not fit", Condition={"IpAddress": {"aws:SourceIp": "300.1.1.1"}}),
    # Grants
    "both ways": granted("policy and grants are both given", grants=[], policy=document(READING)),
    "no access": granted("grants[0] (team).access is missing", "download, read, publish", access=[]),
    "everybody said once": granted("'*', which is everybody", "everyone: true", principals=["*"]),
    "no principal": granted("principals has 'bob'", "12 digits", principals=["bob"]),
    "some packages to read by grant": granted("packages bounds what may be published", packages=[{"format": "npm"}]),
    "a namespace of none": granted(
        "namespace is 'ours'", "pypi have none", access=["publish"], packages=[{"format": "pypi", "namespace": "ours"}]
    ),
    "a name twice": wrong(
        "codeartifact_domain_policy", "'team-a' and 'TeamA'", "a name of its own", domain="demo",
        grants=[{**GRANT, "name": name, "access": ["login"]} for name in ("team-a", "TeamA")],
    ),
    "nothing to replace it with": wrong("codeartifact_domain_policy", "state absent", domain="demo", grants=[], mode="replace"),
    "too much granted": granted("characters as compact JSON", "7168", principals=[f"arn:aws:iam::{OTHER_ACCOUNT}:user/{number}" for number in range(200)]),
    # Domains and repositories
    "no domain to make": wrong("codeartifact_domain", "domain is missing"),
    "a key": wrong("codeartifact_domain", "encryption_key 'a b'", "ARN or id", domain="demo", encryption_key="a b"),
    "another key": wrong("codeartifact_domain", "cannot change to", "make a domain of another name", domain="demo", encryption_key="other"),
    "a domain with repositories": wrong("codeartifact_domain", "because it has repositories", domain="demo", state="absent"),
    "a tag of AWS's": wrong("codeartifact_domain", "tags has the key 'aws:x'", domain="demo", tags={"aws:x": "1"}),
    "a tag's value": wrong("codeartifact_repository", "tags.x is not text", **REPOSITORY, tags={"x": ["1"]}),
    "no repository to make": wrong("codeartifact_repository", "repository is missing", domain="demo"),
    "two lines": wrong("codeartifact_repository", "ends of lines", **REPOSITORY, description="two\nlines"),
    "its own upstream": wrong("codeartifact_repository", "its own upstream", **REPOSITORY, upstreams=["python"]),
    "an upstream's name": wrong("codeartifact_repository", "upstreams: repository '-'", **REPOSITORY, upstreams=["-"]),
    "too many upstreams": wrong("codeartifact_repository", "up to 10", **REPOSITORY, upstreams=[f"r{number}" for number in range(11)]),
    "no such upstream": wrong("codeartifact_repository", "upstreams nowhere", "does not exist", **REPOSITORY, upstreams=["nowhere"]),
    "no such upstream of a new one": wrong(
        "codeartifact_repository", "upstreams nowhere", "does not exist", domain="demo", repository="new", upstreams=["nowhere"]
    ),
    "no such connection": wrong("codeartifact_repository", "public:nowhere", "none of that name", **REPOSITORY, external_connection="public:nowhere"),
    "two connections": wrong(
        "codeartifact_repository", "CodeArtifact takes one for a repository", "make these the upstreams", domain="demo",
        batch=[{"repository": "python", "external_connection": "public:pypi, public:npmjs"}],
    ),
    "a list of connections": wrong(
        "codeartifact_repository", "batch[0].external_connection is a list, not text. Give one text.", domain="demo",
        batch=[{"repository": "python", "external_connection": ["public:pypi", "public:npmjs"]}],
    ),
    "a circle": wrong(
        "codeartifact_repository",
        "in a circle",
        domain="demo",
        batch=[{"repository": "one", "upstreams": ["two"]}, {"repository": "two", "upstreams": ["one"]}],
    ),
    "no domain to make it in": wrong("codeartifact_repository", "There is no domain nowhere", domain="nowhere", repository="python"),
    "no domain to list": wrong("codeartifact_repository_info", "There is no domain nowhere", domain="nowhere"),
    # Access
    "no domain to judge": wrong("codeartifact_access_info", "domain is missing"),
    "a repository's name to judge": wrong("codeartifact_access_info", "repositories[1]: repository '-'", domain="demo", repositories=["python", "-"]),
    "documents and names": access("repositories and documents are both given", repositories=["python"]),
    "no owner of documents": wrong("codeartifact_access_info", "domain_owner is missing", domain="demo", documents={}),
    "a document's account": access(
        "documents.repositories[0].administrator_account '12'", "12 digits",
        documents={"repositories": [{"repository": "python", "administrator_account": "12"}]},
    ),
    "a document twice": access(
        "documents.repositories[1] is repository demo/python", "again", documents={"repositories": [{"repository": "python"}] * 2}
    ),
    "a document": access("documents.repositories[0].policy is not JSON", documents={"repositories": [{"repository": "python", "policy": "{"}]}),
    "a domain's document": access("documents.domain_policy has no Statement", documents={"domain_policy": {"Statement": []}}),
    "a caller": access("callers[0].arn: caller has 'release'", callers=[{"arn": "release"}]),
    "a caller for everybody": access("callers[0].arn", "name one account", callers=[{"arn": "*"}]),
    "a caller twice": access("callers[1] is", "again", callers=[{"arn": OTHER_ACCOUNT}, {"arn": OTHER_ACCOUNT}]),
    "an identity's principal": access(
        "callers[0].identity_policies[0].Statement[0] has a principal", callers=[{"arn": ADA, "identity_policies": [document(READING)]}]
    ),
    "no domain to judge there": wrong("codeartifact_access_info", "There is no domain nowhere", domain="nowhere"),
    "no repository to judge there": wrong(
        "codeartifact_access_info", "policies of 1 repository of domain demo could not be read", "There is no repository demo/nowhere",
        domain="demo", repositories=["nowhere", "npm"],
    ),
    "a domain twice to judge": twice("codeartifact_access_info", "domain demo", domain="demo"),
    "no permission to judge": wrong("codeartifact_access_info", "codeartifact:ListRepositoriesInDomain", BOB, **key(BOB_KEY), domain="demo"),
    # Tokens
    "no domain to log in to": wrong("codeartifact_token", "domain is missing"),
    "too short": wrong("codeartifact_token", "duration '14m'", "15m to 12h", domain="demo", duration="14m"),
    "too long to be valid": wrong("codeartifact_token", "duration '43201'", domain="demo", duration=43201),
    "no duration": wrong("codeartifact_token", "duration 'long' is not a duration", domain="demo", duration="long"),
    "a token and no end": wrong("codeartifact_token", "expiration is missing", domain="demo", authorization_token="sesame"),
    "an end and no token": wrong("codeartifact_token", "authorization_token is missing", domain="demo", expiration="2100-01-01T00:00:00Z"),
    "an end without a zone": wrong(
        "codeartifact_token", "expiration '2100-01-01T00:00:00' is not a time with its zone", domain="demo",
        authorization_token="sesame", expiration="2100-01-01T00:00:00",
    ),
    "a token and a line's end": wrong(
        "codeartifact_token", "white space", domain="demo", authorization_token="sesame\n", expiration="2100-01-01T00:00:00Z"
    ),
    "always a new one": wrong("codeartifact_token", "renew_before '1h'", "each run", domain="demo", duration="1h", renew_before="1h"),
    "no domain to log in to there": wrong("codeartifact_token", "There is no domain nowhere", domain="nowhere"),
    "a token of one domain twice": twice("codeartifact_token", "the authorization token of domain demo", domain="demo"),
    "no permission to log in": wrong("codeartifact_token", "codeartifact:GetAuthorizationToken on domain demo", BOB, **key(BOB_KEY), domain="demo"),
    "an administrator of another account": wrong(
        "codeartifact_token", "There is no domain demo", "needs domain_owner", **key(ADA_KEY), domain="demo"
    ),
    # Entries of a batch
    "a repository twice": twice("codeartifact_repository_policy", "repository demo/python", **REPOSITORY, policy=document(READING)),
    "a domain twice": twice("codeartifact_domain_policy", "domain demo", domain="demo", state="absent"),
    "two wrong entries": wrong(
        "codeartifact_repository_policy",
        "batch[1]: policy is not JSON",
        "batch[2]: repository is missing",
        domain="demo",
        policy=document(READING),
        batch=[{"repository": "python"}, {"repository": "npm", "policy": "}"}, {}],
    ),
    # What is there
    "no such domain": wrong("codeartifact_domain_policy", "There is no domain nowhere", domain="nowhere", policy=TOKENS),
    "no such domain of a repository": policy("There is no domain nowhere", domain="nowhere", policy=document(READING)),
    "no such repository": policy("There is no repository demo/nowhere", repository="nowhere", policy=document(READING)),
    "no such domain's policy to remove": wrong("codeartifact_domain_policy", "There is no domain nowhere", domain="nowhere", state="absent"),
    "another owner": policy("codeartifact:GetRepositoryPermissionsPolicy", f"of account {OTHER_ACCOUNT}", domain_owner=OTHER_ACCOUNT, policy=document(READING)),
    "another region's domain": policy("There is no domain demo in the region", region="us-east-1", policy=document(READING)),
    "a stale revision": wrong(
        "codeartifact_repository_policy", "repository demo/npm", "not stale=", "somebody else changed it",
        domain="demo", repository="npm", policy=document(READING), policy_revision="stale=",
    ),
    "a stale revision to remove": wrong(
        "codeartifact_repository_policy", "not stale=", domain="demo", repository="npm", state="absent", policy_revision="stale="
    ),
    "the revision of no policy": policy("has no policy and not stale=", policy=document(READING), policy_revision="stale="),
    "a stale revision of a domain": wrong(
        "codeartifact_domain_policy", "domain demo has the revision", "not stale=", domain="demo", state="absent", policy_revision="stale="
    ),
    # Who
    "no permission": policy(
        "codeartifact:GetRepositoryPermissionsPolicy on repository demo/python", BOB, **key(BOB_KEY), policy=document(READING)
    ),
    "no permission to read": wrong(
        "codeartifact_domain_policy_info", "codeartifact:GetDomainPermissionsPolicy", BOB, **key(BOB_KEY), domain="demo"
    ),
    "another account": policy(
        "codeartifact:GetRepositoryPermissionsPolicy", ADA, **key(ADA_KEY), domain_owner=ACCOUNT, policy=document(READING)
    ),
    "an upstream of others": wrong(
        "codeartifact_repository", "The permission codeartifact:AssociateWithDownstreamRepository on arn:aws:codeartifact:",
        "repository/demo/npm is missing", domain="demo", repository="new", upstreams=["npm"], **key(EVE_KEY),
    ),
    "a key of nobody": policy("does not accept the AWS credentials", **key("AKIANOBODY0000000000"), policy=document(READING)),
    "no credentials": Wrong(
        "codeartifact_repository_policy", {**REPOSITORY, "policy": document(READING)}, ("no AWS credentials", "access_key"),
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""},
    ),
}  # fmt: skip


@pytest.fixture
def sample(given: Given) -> None:
    """What the cases are about."""
    given.domain("demo", "python", "npm")
    given.domain_policy("demo", document(statement("codeartifact:GetAuthorizationToken", {"AWS": OTHER_ACCOUNT})))
    given.repository_policy("demo", "npm", document(READING | {"Sid": "Theirs"}))
    given.identity(ADA_KEY, ADA, ADMINISTRATOR)
    given.identity(BOB_KEY, BOB)
    given.identity(EVE_KEY, EVE, document(statement(["codeartifact:CreateRepository", "codeartifact:Describe*"])))


@pytest.mark.usefixtures("sample")
def test_wrong_options(ansible: Ansible, cloud: LocalCloud, subtests: pytest.Subtests) -> None:
    cloud.clear_calls()
    check(subtests, CASES, ansible.results([case.task() for case in CASES.values()]), cloud)


@pytest.mark.usefixtures("sample")
def test_wrong_logins(ansible: Ansible, cloud: LocalCloud, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """What boto3 or amazon.aws find wrong before a call can be made."""
    del ansible.environment["AWS_DEFAULT_REGION"]
    config = tmp_path / "config"
    config.write_text(
        f"[profile coded]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/r\nsource_profile = keys\nmfa_serial = m\n[profile keys]\n"
    )
    nowhere = {**REPOSITORY, "policy": document(READING)}
    options = {**nowhere, "region": "eu-west-1"}
    module = "codeartifact_repository_policy"
    by_profile = {"access_key": "", "secret_key": "", **options}
    cases = {
        "no region": wrong(module, "requires a region", **nowhere),
        "no such profile": wrong(module, "There is no AWS profile 'nobody'", profile="nobody", **by_profile),
        "half of the credentials": Wrong(module, options, ("aws_secret_access_key is missing",), {"AWS_SECRET_ACCESS_KEY": ""}),
        "a code": Wrong(module, {"profile": "coded", **by_profile}, ("'coded' asks for a code",), {"AWS_CONFIG_FILE": str(config)}),
    }  # fmt: skip
    cloud.clear_calls()
    check(subtests, cases, ansible.results([case.task() for case in cases.values()]), cloud)
    assert cloud.calls() == []


@pytest.mark.usefixtures("sample")
def test_out_of_reach(
    ansible: Ansible, cloud: LocalCloud, refusing: str, black_hole: str, subtests: pytest.Subtests
) -> None:
    """Endpoints where CodeArtifact is not, or in which others are always faster. Tried for a while, so side by side."""
    cloud.fault("codeartifact.PutRepositoryPermissionsPolicy", count=None, status=409)
    cloud.fault("codeartifact.GetDomainPermissionsPolicy", count=None, status=503)
    reading = document(READING)
    cases = {
        "a refused connection": policy("CodeArtifact cannot be reached", refusing, "refused", endpoint_url=refusing, policy=reading),
        "no connection": policy("CodeArtifact cannot be reached", black_hole, endpoint_url=black_hole, policy=reading),
        "another service": policy("is not CodeArtifact", endpoint_url=cloud.upstream_url, policy=reading),
        "another service of the local cloud": policy("is not CodeArtifact", endpoint_url=f"{cloud.url}/secretmanager", policy=reading),
        "a policy that is always stale": policy("repository demo/python", "other writers", policy=reading, timeout=10),
        "a service that is down": wrong("codeartifact_domain_policy", "CodeArtifact cannot serve domain demo now", domain="demo", state="absent", timeout=10),
    }  # fmt: skip
    cloud.clear_calls()
    check(subtests, cases, ansible.side_by_side([case.task() for case in cases.values()]), cloud)


MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("codeartifact_*.py"))
#: What a module needs to come as far as its libraries.
NEEDED = {"codeartifact_auth_workflow": {"scopes": [{"name": "demo", "domain": "demo"}]}}


def each(**options: Any) -> list[dict[str, Any]]:
    """A task of every module."""
    return [task(module, region="eu-west-1", **NEEDED.get(module, {}), **options) for module in MODULES]


@pytest.mark.thorough
def test_without_boto3(ansible: Ansible, tmp_path: Path, subtests: pytest.Subtests) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    bare = str(tmp_path / "bare" / "bin" / "python")
    results = ansible.results(each(), vars={"ansible_python_interpreter": bare})
    for module, result in zip(MODULES, results, strict=True):
        with subtests.test(module):
            assert result["failure"] == {"code": "missing_library"}, result
            assert result["msg"].startswith(f"The Python library boto3 is missing for the interpreter {bare} (")


@pytest.mark.parametrize(
    "variables",
    [pytest.param({}, id="here"), pytest.param(TRANSFERRED, id="transferred", marks=pytest.mark.thorough)],
)
def test_without_amazon_aws(ansible: Ansible, subtests: pytest.Subtests, variables: dict[str, str]) -> None:
    """Where collections are not looked for among Python packages, there is none but this one."""
    # Options that only amazon.aws knows are not in the way of the sentence.
    results = ansible.results(
        each(profile="nobody"), vars=variables, env={"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    )
    for module, result in zip(MODULES, results, strict=True):
        with subtests.test(module):
            assert result["failure"] == {"code": "missing_collection"}, result
            assert result["msg"] == (
                "The collection amazon.aws is missing where Ansible runs. Install it with 'ansible-galaxy collection install "
                "amazon.aws', or install the Python package ansible, which contains it."
            )
            assert "Traceback (most recent" not in json.dumps(result)
