# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever is wrong: the task fails with a sentence that names what and where, and nothing is written."""

from __future__ import annotations

import json
import re
import socket
import venv
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, UPSTREAM_TOKEN
from harness import Ansible, Given, Task, task
from keys import service_account_key

READER = "reader@demo-project.iam.gserviceaccount.com"
STRANGER = "stranger@demo-project.iam.gserviceaccount.com"
SECRET_VERSION = f"projects/{NUMBER}/secrets/token/versions/1"
ACCESSOR = {"role": "roles/secretmanager.secretAccessor", "members": ["user:ada@example.com"]}
#: What reads and what hands tokens out; all other methods write.
HARMLESS = ("Get", "List", "Access", "Describe", "Test", "GenerateAccessToken", "Audience")
#: The like of GitHub, whose methods are named C(github.repos/get-environment).
READS = re.compile(r"github\.[a-z]+/(get|list)")


@dataclass(frozen=True)
class Wrong:
    """A task that is wrong, and the parts that its sentence must have."""

    module: str
    options: dict[str, Any]
    says: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)
    interpreter: str | None = None

    def task(self) -> Task:
        made = {**task(self.module, **self.options), "environment": self.env}
        return made if self.interpreter is None else {**made, "vars": {"ansible_python_interpreter": self.interpreter}}


def wrong(module: str, /, *says: str, **options: Any) -> Wrong:
    return Wrong(module, options, says)


def twice(module: str, name: str, /, **options: Any) -> Wrong:
    """One target in two entries of a batch."""
    return wrong(module, "batch[0] and batch[1]", name, batch=[options, options])


def remote(*says: str, **options: Any) -> Wrong:
    return wrong("gcp_remote_repository_credentials", *says, location="us-central1", **options)


def repository(*says: str, **options: Any) -> Wrong:
    return wrong("gcp_remote_repository", *says, **{"location": "us-central1", "repository": "remote", **options})


# As the modules write them, these sentences need nothing of the cloud, or read at most.
CASES = {
    # Names
    "no secret": wrong("gcp_secret", "secret is missing"),
    "a secret's name with a space": wrong("gcp_secret", "'to ken'", "letters, digits", secret="to ken"),
    "half a name": wrong("gcp_secret", "'secrets/token'", "projects/PROJECT/secrets/SECRET", secret="secrets/token"),
    "a project's name": wrong("gcp_secret", "project 'My Project'", secret="s", project="My Project"),
    "a location's name": wrong("gcp_secret", "location 'Europe West'", secret="s", location="Europe West"),
    "a version's name": remote(
        "password_secret_version 'token/3'", "versions/VERSION", repository="remote", password_secret_version="token/3"
    ),
    "a repository's name": remote("repository 'Remote!'", repository="Remote!", username="u"),
    "no location": wrong("gcp_remote_repository_info", "location is missing", repository="remote"),
    "a role's name": wrong("gcp_secret_iam_binding", "role 'accessor'", secret="token", role="accessor", members=["x"]),
    "a member without its kind": wrong(
        "gcp_secret_iam_binding", "'ada@example.com'", "user:", secret="token", **{**ACCESSOR, "members": ["ada@example.com"]}
    ),
    "nobody": wrong("gcp_secret_iam_binding", "members is missing or empty", secret="token", **{**ACCESSOR, "members": []}),
    "a project's number": wrong("gcp_service_agent", "project_number 'demo'", project_number="demo"),
    "a lifetime that Google alone decides": wrong(
        "gcp_access_token", "lifetime needs impersonate_service_account", lifetime="30m", service_account_file="/nowhere.json"
    ),
    "a token for a token": wrong("gcp_access_token", "give impersonate_service_account", access_token="sesame"),
    "tokens of one account twice": twice("gcp_access_token", f"the access token of {READER}", impersonate_service_account=[READER]),
    "a package's name": wrong("package_index_info", "package '-'", index_url="https://example.com/simple", package="-"),
    # Entries of a batch
    "a secret twice": wrong(
        "gcp_secret",
        "batch[0] and batch[2]",
        "projects/demo-project/secrets/s",
        batch=[{"secret": "s"}, {"secret": "t"}, {"secret": "projects/demo-project/secrets/s"}],
    ),
    "a payload twice": twice("gcp_secret_version", "secrets/token", secret="token", payload="sesame"),
    "a retention twice": twice("gcp_secret_retention", "secrets/token", secret="token"),
    "a binding twice": twice("gcp_secret_iam_binding", "roles/secretmanager.secretAccessor", secret="token", **ACCESSOR),
    "an agent twice": twice("gcp_service_agent", "projects/demo-project", project="demo-project"),
    "a repository twice": twice(
        "gcp_remote_repository_credentials", "repositories/remote", repository="remote", location="us-central1", username="u"
    ),
    "a repository itself twice": twice(
        "gcp_remote_repository", "repositories/remote", repository="remote", location="us-central1"
    ),
    "a repository of any mode twice": twice("gcp_repository", "repositories/all", repository="all", location="us-central1"),
    "an upstream that is the repository": wrong(
        "gcp_repository",
        "upstream_policies 'ours' is projects/demo-project/locations/us-central1/repositories/all itself",
        repository="all",
        location="us-central1",
        upstream_policies=[{"id": "ours", "repository": "all", "priority": 1}],
    ),
    "upstreams of a standard repository": wrong(
        "gcp_repository",
        "upstream_policies is for virtual repositories",
        repository="all",
        location="us-central1",
        mode="STANDARD_REPOSITORY",
        upstream_policies=[],
    ),
    "two wrong entries": wrong(
        "gcp_secret", "batch[1]: secret is missing", "batch[2]", "'a b'", batch=[{"secret": "s"}, {}, {"secret": "a b"}]
    ),
    # Payloads
    "nothing to decide": wrong(
        "gcp_secret_version", "without_fingerprint is for compare=fingerprint only", secret="token", payload="sesame", without_fingerprint="add"
    ),
    "no fingerprint": wrong(
        "gcp_secret_version", "secrets/token/versions/", "has no fingerprint", "compare=both", secret="token", payload="sesame", compare="fingerprint"
    ),
    "a fingerprint as an annotation": wrong(
        "gcp_secret", "annotations has the key 'registry-auth-sha256.1'", secret="token", annotations={"registry-auth-sha256.1": "x"}
    ),
    "no payload": wrong("gcp_secret_version", "payload or as payload_base64", secret="token"),
    "an empty payload": wrong("gcp_secret_version", "payload is empty", secret="token", payload=""),
    "an empty payload in base64": wrong("gcp_secret_version", "payload is empty", secret="token", payload_base64=""),
    "no base64": wrong("gcp_secret_version", "payload_base64 is not base64", secret="token", payload_base64="sesame!"),
    "a payload too large": wrong("gcp_secret_version", "65537 bytes", "65536", secret="token", payload="x" * 65537),
    "a payload too large in base64": wrong(
        "gcp_secret_version", "65537 bytes", secret="token", payload_base64=b64encode(b"x" * 65537).decode()
    ),
    "two payloads": wrong(
        "gcp_secret_version", "either as payload or as", secret="token", payload="sesame", payload_base64="c2VzYW1l"
    ),
    "no version": wrong("gcp_secret_version", "version is missing", "disabled", secret="token", state="disabled"),
    "no such version": wrong(
        "gcp_secret_version", "secrets/token/versions/9 does not exist", secret="token", version=9, state="disabled"
    ),
    # Values
    "a label": wrong("gcp_secret", "'Team'", "lower-case", secret="s", labels={"Team": "x"}),
    "an alias": wrong("gcp_secret", "'latest'", "alias", secret="s", version_aliases={"latest": 1}),
    "an alias of no version": wrong(
        "gcp_secret", "secrets/token", "alias 'stable'", secret="token", version_aliases={"stable": 9}
    ),
    "a time": wrong("gcp_secret", "expire_time 'tomorrow'", "2030-01-31T12:00:00Z", secret="s", expire_time="tomorrow"),
    "two ends": wrong("gcp_secret", "one of expire_time and ttl", secret="s", ttl="1d", expire_time="2090-01-01T00:00:00Z"),
    "a duration": wrong("gcp_secret_retention", "min_age 'a month'", "30d", secret="token", min_age="a month"),
    "a short delay": wrong("gcp_secret", "version_destroy_ttl", "1d to 1000d", secret="s", version_destroy_ttl="1h"),
    "rotation without topics": wrong(
        "gcp_secret", "secrets/s cannot rotate", "topics", secret="s", rotation={"rotation_period": "30d"}
    ),
    "two replications": wrong(
        "gcp_secret",
        "one of automatic and user_managed",
        secret="s",
        replication={"automatic": {}, "user_managed": [{"location": "europe-west1"}]},
    ),
    "a regional secret's replication": wrong(
        "gcp_secret", "regional secret", secret="s", location="europe-west1", replication={"automatic": {}}
    ),
    "no place of Google's": wrong(
        "gcp_secret", "secrets/s", "'mars-north1'", secret="s", replication={"user_managed": [{"location": "mars-north1"}]}
    ),
    "keeping none": wrong("gcp_secret_retention", "keep is 0", secret="token", keep=0),
    "an alias in use": wrong("gcp_secret_retention", "in_use has 'stable'", secret="token", in_use=["stable"]),
    "exclusive absence": wrong("gcp_secret_iam_binding", "exclusive", secret="token", exclusive=True, state="absent", **ACCESSOR),
    "a condition that is none": wrong(
        "gcp_secret_iam_binding", "secrets/token", "expression", secret="token", condition={"title": "t", "expression": "a b"}, **ACCESSOR
    ),
    "a repository's role": wrong(
        "gcp_repository_iam_binding", "role is missing", "artifactregistry.reader", location="us-central1", repository="remote", members=["user:a@example.com"]
    ),
    "everybody, said once": wrong(
        "gcp_repository_iam_binding",
        "members has allUsers",
        "everyone: true",
        location="us-central1",
        repository="remote",
        role="roles/artifactregistry.reader",
        members=["allUsers"],
    ),
    "everybody on a secret, said once": wrong(
        "gcp_secret_iam_binding", "members has allAuthenticatedUsers", "everyone: true", secret="token", **{**ACCESSOR, "members": ["allAuthenticatedUsers"]}
    ),
    "everyone, and nobody public": wrong(
        "gcp_repository_iam_binding",
        "everyone is set",
        location="us-central1",
        repository="remote",
        role="roles/artifactregistry.reader",
        members=["user:a@example.com"],
        everyone=True,
    ),
    "a role of another service on a repository": wrong(
        "gcp_repository_iam_binding",
        "repositories/remote",
        "roles/storage.admin",
        location="us-central1",
        repository="remote",
        role="roles/storage.admin",
        members=["user:a@example.com"],
    ),
    "a caller without its kind": wrong("gcp_repository_access_info", "callers has 'ada@example.com'", callers=["ada@example.com"]),
    "repositories of two projects": wrong(
        "gcp_repository_access_info",
        "of the projects",
        repositories=[f"projects/{project}/locations/us-central1/repositories/r" for project in ("one-project", "two-project")],
    ),
    "a permission's name": wrong(
        "gcp_repository_access_info", "'read everything'", roles=[{"role": "projects/p/roles/r", "permissions": ["read everything"]}]
    ),
    "a location of no repository": wrong("gcp_repository_access_info", "location is missing", repositories=["remote"]),
    "no location of a policy": wrong("gcp_repository_iam_info", "location is missing", repository="remote"),
    "a role of another service": wrong(
        "gcp_secret_iam_binding", "secrets/token", "roles/storage.admin", secret="token", role="roles/storage.admin", members=["user:a@example.com"]
    ),
    "an agent that does not exist": wrong(
        "gcp_secret_iam_binding",
        "service-999@gcp-sa-artifactregistry.iam.gserviceaccount.com does not exist",
        secret="token",
        role="roles/secretmanager.secretAccessor",
        members=["serviceAccount:service-999@gcp-sa-artifactregistry.iam.gserviceaccount.com"],
        timeout=3,
    ),
    "no such preset": repository("upstream.preset 'pypi' is none of", upstream={"preset": "pypi"}),
    "a preset of another format": repository("PYPI is for the format PYTHON", format="NPM", upstream={"preset": "PYPI"}),
    "two upstreams": repository("one of preset and uri", upstream={"preset": "PYPI", "uri": "https://index.example.com"}),
    "a login in the upstream": repository("upstream.uri holds a user name", upstream={"uri": "https://u:sesame@example.com"}),
    "a policy of a repository": repository(
        "cleanup_policies 'old' has an empty condition", cleanup_policies=[{"id": "old", "action": "DELETE", "condition": {}}]
    ),
    "a key of a repository": repository("kms_key_name 'packages' is not a key's name", kms_key_name="packages"),
    "a label of a repository": repository("labels has the key 'Team'", labels={"Team": "x"}),
    "half a login": wrong("package_index_info", "go together", index_url="https://example.com/", package="p", username="u"),
    "a login in the URL": wrong("package_index_info", "index_url holds a user name", index_url="https://u:sesame@example.com/", package="p"),
    "a token for somebody else": wrong(
        "package_index_info", "example.com is not a host", index_url="https://example.com/", package="p", use_google_credentials=True
    ),
    # What is there
    "no such secret": wrong("gcp_secret_version", "secrets/nowhere does not exist", "gcp_secret", secret="nowhere", payload="sesame"),
    "no such repository": remote("repositories/nowhere does not exist", repository="nowhere", username="u", password_secret_version=SECRET_VERSION),
    "a standard repository": remote("repositories/standard is a standard repository", repository="standard", username="u"),
    "a virtual repository": remote("repositories/virtual is a virtual repository", repository="virtual", username="u"),
    "a standard repository's credentials": wrong(
        "gcp_remote_repository_info", "repositories/standard is a standard", repository="standard", location="us-central1"
    ),
    "another upstream": repository(
        "repositories/remote cannot change from format PYTHON to NPM, nor from upstream https://index.example.com/ to NPMJS",
        format="NPM",
        upstream={"preset": "NPMJS"},
        labels={"never": "written"},
    ),
    "a repository without a format": repository("repositories/nowhere does not exist: give format and upstream", repository="nowhere"),
    "another mode": repository("mode VIRTUAL_REPOSITORY to REMOTE_REPOSITORY", repository="virtual", format="PYTHON", upstream={"preset": "PYPI"}),
    "a standard repository to delete": repository("is a standard repository", repository="standard", state="absent", force=True),
    "no place of Google's for a repository": repository(
        "locations/mars-north1", location="mars-north1", format="PYTHON", upstream={"preset": "PYPI"}
    ),
    "half of the credentials": remote("repositories/remote", "together", repository="remote", username="u"),
    "a secret without a version": remote("secret and version go together", repository="remote", username="u", secret="token"),
    "a regional secret": remote(
        "regional secret",
        repository="remote",
        username="u",
        password_secret_version="projects/demo-project/locations/europe-west1/secrets/s/versions/1",
    ),
    "a version that is missing": remote(
        f"{SECRET_VERSION[:-1]}9 does not exist", repository="remote", username="u", secret="token", version="9", project=NUMBER
    ),
    "a version that is disabled": remote(
        "versions/2 is disabled or destroyed", repository="remote", username="__token__", secret="token", version="2"
    ),
    "a token that upstream refuses": remote(
        "upstream of", "repositories/remote refuses the login", "versions/3", repository="remote", username="__token__", secret="token", version="3"
    ),
    "another place": wrong(
        "gcp_secret",
        "secrets/token",
        "automatic and cannot change to user_managed in europe-west1",
        secret="token",
        replication={"user_managed": [{"location": "europe-west1"}]},
        labels={"never": "written"},
    ),
    "life after destruction": wrong(
        "gcp_secret_version", "secrets/dead/versions/1 is destroyed", "ENABLED", secret="dead", version=1, state="enabled"
    ),
    "no such project of a secret": wrong("gcp_secret", "secretmanager.secrets.get", "projects/no-such/secrets/s", project="no-such", secret="s"),
    "no such project of a repository": remote("projects/no-such/", "artifactregistry.repositories.get", project="no-such", repository="r", username="u"),
    "no such project of an agent": wrong("gcp_service_agent", "projects/no-such", "resourcemanager.projects.get", project="no-such"),
    "no name of a secret's policy": wrong("gcp_secret_iam_info", "secret is missing"),
    "secrets twice": twice("gcp_secret_info", "secrets/token", secret="token"),
    "a policy twice": twice("gcp_secret_iam_info", "secrets/token", secret="token"),
    "no such project of secrets": wrong("gcp_secret_info", "projects/no-such", "secretmanager.secrets.list", project="no-such"),
    # Where
    "a token in clear": wrong("gcp_secret", "api_endpoint", "plain http", secret="s", api_endpoint="http://example.com"),
    "no URL": wrong("gcp_secret", "api_endpoint is not a URL", secret="s", api_endpoint="localhost:8085"),
}  # fmt: skip


@pytest.fixture
def sample(given: Given) -> None:
    """What the cases are about."""
    given.readable_secret("token", UPSTREAM_TOKEN, UPSTREAM_TOKEN, "no-token")
    given.secret("dead", "sesame")
    for version, verb in ("token/versions/2", "disable"), ("dead/versions/1", "destroy"):
        given.call(f"secretmanager/v1/projects/demo-project/secrets/{version}:{verb}", {})
    given.repository("remote")
    given.repository("standard", mode="STANDARD_REPOSITORY")
    given.repository("virtual", mode="VIRTUAL_REPOSITORY")


def check(subtests: pytest.Subtests, cases: dict[str, Wrong], results: list[dict[str, Any]], cloud: LocalCloud) -> None:
    """Each case failed with a sentence, and nothing was written."""
    for (name, case), result in zip(cases.items(), results, strict=True):
        with subtests.test(name):
            assert result.get("failed"), result
            assert not result.get("changed")
            message = result["msg"]
            missing = [part for part in case.says if part not in message]
            assert not missing, f"{missing} not in: {message}"
            assert message.endswith("."), message
            assert "\n" not in message, message
            shown = json.dumps(result)
            for ugly in ("Traceback (most recent", "Errno", "Error:", "<html", "sesame"):
                assert ugly not in shown, f"{ugly} in: {shown}"
            # A body; what was read all the same has policies, which are JSON text, too.
            assert '{\\"' not in json.dumps({**result, "access": None}), shown
    written = [
        call
        for call in cloud.calls()
        if call["status"] < 400
        and not call["method"].rpartition(".")[2].startswith(HARMLESS)
        and not READS.match(call["method"])
    ]
    assert written == []


@pytest.mark.usefixtures("sample")
def test_wrong_options(ansible: Ansible, cloud: LocalCloud, subtests: pytest.Subtests) -> None:
    cloud.clear_calls()
    check(subtests, CASES, ansible.results([case.task() for case in CASES.values()]), cloud)


@pytest.mark.thorough
@pytest.mark.usefixtures("sample")
def test_wrong_callers(ansible: Ansible, cloud: LocalCloud, tmp_path: Path, subtests: pytest.Subtests) -> None:
    """Missing libraries and credentials, and callers who may not."""
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    bare = str(tmp_path / "bare" / "bin" / "python")
    keys = {}
    for email in READER, STRANGER:
        keys[email] = str(tmp_path / f"{email}.json")
        Path(keys[email]).write_text(json.dumps(cloud.service_account_key(email)))
    (tmp_path / "broken.json").write_text('{"private_key": "sesame"}')
    nobody = {"GCP_ACCESS_TOKEN": ""}
    reader = {**nobody, "GCP_SERVICE_ACCOUNT_FILE": keys[READER]}
    modules: dict[str, tuple[str, dict[str, Any]]] = {
        "gcp_secret": ("google-", {"secret": "s"}),
        "gcp_secret_version": ("google-", {"secret": "token", "payload": "sesame"}),
        "gcp_service_agent": ("google-", {}),
        "gcp_access_token": ("google-", {"impersonate_service_account": [STRANGER]}),
        "gcp_remote_repository_credentials": (
            "google-",
            {
                "repository": "remote",
                "location": "us-central1",
                "username": "u",
                "password_secret_version": SECRET_VERSION,
            },
        ),
        "package_index_info": ("pypi-simple", {"index_url": "https://example.com/", "package": "p"}),
        "pypi_trusted_publisher_check": (
            "pypi-simple",
            {"project": "p", "owner": "o", "repository": "r", "workflow": "release.yml"},
        ),
        "pypi_oidc_token": ("pypi-simple", {"state": "absent", "token": "sesame"}),
        "pypi_provenance_info": ("pypi-simple", {"project": "p", "version": "1"}),
    }
    lacks = {
        "gcp_secret": (("secretmanager.secrets.get", "projects/demo-project/secrets/s"), {"secret": "s"}),
        "gcp_secret_version": (("secretmanager.versions.access", "projects/demo-project/secrets/token"), {"secret": "token", "payload": "sesame"}),
        "gcp_secret_iam_binding": (("secretmanager.secrets.getIamPolicy", "projects/demo-project/secrets/token"), {"secret": "token", **ACCESSOR}),
        "gcp_secret_iam_info": (("secretmanager.secrets.getIamPolicy", "projects/demo-project/secrets/token"), {"secret": "token"}),
        "gcp_repository_iam_binding": (
            (
                "artifactregistry.repositories.getIamPolicy",
                "projects/demo-project/locations/us-central1/repositories/remote",
                "only roles/artifactregistry.admin",
            ),
            {"repository": "remote", "location": "us-central1", "role": "roles/artifactregistry.reader", "members": ["user:a@example.com"]},
        ),
        "gcp_secret_retention": (("secretmanager.versions.list", "projects/demo-project/secrets/token"), {"secret": "token"}),
        "gcp_access_token": (("iam.serviceAccounts.getAccessToken", STRANGER), {"impersonate_service_account": [STRANGER]}),
        "gcp_service_agent": (("serviceusage.services.enable", f"projects/{NUMBER}"), {"project_number": NUMBER}),
        "gcp_remote_repository": (
            ("artifactregistry.repositories.get", "projects/demo-project/locations/us-central1/repositories/remote"),
            {"repository": "remote", "location": "us-central1"},
        ),
        "gcp_repository": (
            ("artifactregistry.repositories.get", "projects/demo-project/locations/us-central1/repositories/remote"),
            {"repository": "remote", "location": "us-central1"},
        ),
        "gcp_repository_info": (
            ("artifactregistry.repositories.list", "projects/demo-project/locations/us-central1"),
            {"location": "us-central1"},
        ),
        "gcp_remote_repository_credentials": (
            ("artifactregistry.repositories.get", "projects/demo-project/locations/us-central1/repositories/remote"),
            modules["gcp_remote_repository_credentials"][1],
        ),
    }  # fmt: skip
    cases = {
        **{
            f"{module} without libraries": Wrong(module, options, (library, bare, "is missing"), interpreter=bare)
            for module, (library, options) in modules.items()
        },
        **{
            f"{module} without credentials": Wrong(module, options, ("application default credentials",), nobody)
            for module, (_library, options) in modules.items()
            if module.startswith("gcp_")
        },
        **{
            f"{module} without permission": Wrong(module, options, (*permission, READER), reader)
            for module, (permission, options) in lacks.items()
        },
        "somebody's token without permission": wrong(
            "gcp_secret", "secretmanager.secrets.get", "given access token", secret="s", access_token="user:x@example.org"
        ),
        "an impersonated account without permission": wrong(
            "gcp_secret", "secretmanager.secrets.get", STRANGER, secret="s", impersonate_service_account=[STRANGER]
        ),
        "impersonation without permission": Wrong(
            "gcp_secret", {"secret": "s", "impersonate_service_account": [STRANGER]}, (STRANGER,), reader
        ),
        "a token that is none": wrong("gcp_secret", "given access token", "not accepted", secret="s", access_token="sesame"),
        "a token with a newline": wrong("gcp_secret", "access_token has white space", secret="s", access_token="user:owner@example.com\n"),
        "no token": Wrong("gcp_secret", {"secret": "s", "auth_kind": "accesstoken"}, ("access_token", "GCP_ACCESS_TOKEN"), nobody),
        "no key file": Wrong("gcp_secret", {"secret": "s", "service_account_file": "/nowhere.json"}, ("'/nowhere.json'", "No such file"), nobody),
        "no key": Wrong(
            "gcp_secret", {"secret": "s", "service_account_file": str(tmp_path / "broken.json")}, ("is not a service account's key",), nobody
        ),
        "two keys": Wrong(
            "gcp_secret",
            {"secret": "s", "service_account_file": keys[READER], "service_account_contents": {"private_key": "sesame"}},
            ("one of service_account_file and service_account_contents",),
            nobody,
        ),
        "no project": Wrong("gcp_secret", {"secret": "s"}, ("project is missing", "GCP_PROJECT"), {"GCP_PROJECT": ""}),
    }  # fmt: skip
    cloud.clear_calls()
    check(subtests, cases, ansible.results([case.task() for case in cases.values()]), cloud)


@pytest.fixture
def refusing() -> Iterator[str]:
    """The address of a port that refuses connections: bound, so that nobody else has it, and not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield "http://{}:{}".format(*bound.getsockname())


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The address of a port that does not answer connections: the queue of those that wait is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _one in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield "http://{}:{}".format(*listening.getsockname())


@pytest.mark.usefixtures("sample")
def test_out_of_reach(
    ansible: Ansible, cloud: LocalCloud, refusing: str, black_hole: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """Services that are not there, or in which others are always faster. Each is tried for a while, so side by side."""
    cloud.fault("*.SetIamPolicy", count=None, status=409, code="ABORTED")
    key = tmp_path / "key.json"
    key.write_text(json.dumps(service_account_key(READER, f"{refusing}/token")))
    index = {"package": "p", "username": "u", "password": "sesame-password"}
    repository = {"repository": "remote", "location": "us-central1", "state": "absent"}
    cases = {
        "a refused connection": wrong(
            "gcp_secret", "Secret Manager cannot be reached", refusing, "refused", secret="s", api_endpoint=refusing
        ),
        "a refused connection to repositories": wrong(
            "gcp_remote_repository_credentials", "Artifact Registry cannot be reached", refusing, api_endpoint=refusing, **repository
        ),
        "a refused connection to an index": wrong("package_index_info", f"{refusing}/simple cannot be reached", index_url=f"{refusing}/simple", **index),
        "a refused connection of the agent": wrong("gcp_service_agent", "cannot be reached", refusing, project_number=NUMBER, api_endpoint=refusing),
        "no connection": wrong("gcp_secret", "Secret Manager cannot be reached", black_hole, secret="s", api_endpoint=black_hole),
        "no connection to an index": wrong("package_index_info", f"{black_hole}/simple cannot be reached", index_url=f"{black_hole}/simple", **index),
        "no connection to where tokens are": Wrong(
            "gcp_secret", {"secret": "s", "service_account_file": str(key)}, ("access token", READER), {"GCP_ACCESS_TOKEN": ""}
        ),
        "a policy that is always stale": wrong(
            "gcp_secret_iam_binding", "secrets/token", "other writers", secret="token", timeout=10, **ACCESSOR
        ),
    }  # fmt: skip
    cloud.clear_calls()
    check(subtests, cases, ansible.side_by_side([case.task() for case in cases.values()]), cloud)
