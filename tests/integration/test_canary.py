# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret is found in what Ansible prints, logs and leaves, in argv, or in the local cloud's log, at C(-vvvv).

The access token of the local cloud's owner is its name and no secret. Secrets of a run must not be given by a task's
C(environment): Ansible puts that on the command line. Here they come as options, or from Ansible's own environment.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from aws_clients import OWNER_KEY
from checkout import CHECKOUT
from cloud_control import LocalCloud
from cloud_fixtures import NUMBER, OWNER, PROJECT
from harness import COLLECTION, TRANSFERRED, Ansible, Given, Run, Task, task

pytestmark = pytest.mark.thorough

OPERATOR = f"canary@{PROJECT}.iam.gserviceaccount.com"
STRANGER = f"stranger@{PROJECT}.iam.gserviceaccount.com"
#: Characters of which each way of quoting changes some.
PAYLOAD = 'canary-payload "q\\s" +/é%41 end'
BYTES = b"canary-bytes \x00\xff\xfe>? end"
SECRETS = {
    "payload": PAYLOAD,
    "payload_base64": b64encode(BYTES).decode(),
    "token": "ya29.canary-access-token",
    "password": "canary-index-password",
    "number": 271828182845904523,
    "upstream": "canary-upstream-token",
    "rotated": "canary-rotated-token",
    "id_token": "canary-header.canary-claims.canary-signature",
    # One that can be read, so that it goes to the index.
    "jwt": ".".join(
        [
            *(
                b64encode(json.dumps(part).encode()).decode().rstrip("=")
                for part in ({"alg": "RS256"}, {"aud": "pypi"})
            ),
            "canary-signature",
        ]
    ),
    "request_token": "canary-request-token",
    "upload_token": "another-kind-of-canary-upload-token",
    "github": "ghp_canary0123456789",
    "api_token": "pypi-canary-api-token" + "0123456789" * 12,
    "aws_secret": "canary/aws+secret/key/0123456789abcdef",
    "aws_token": "canary-eyJ2ZXIiOjEsImlzdSI6MTczNTY4OTYwMH0",
    "aws_session": "canary//aws+session/token==0123456789abcdef",
}
#: Where nobody listens.
REFUSED = "http://127.0.0.1:9"
REMOTE = {"repository": "mirror", "location": "us-central1"}
READER = {"role": "roles/artifactregistry.reader", "members": ["user:ada@example.com"]}
#: test_awx_setup looks for secrets in what the role for AWX prints, in AWX, and in all that its jobs leave there.
ELSEWHERE = {"awx_setup"}
ROLES = sorted({path.parent.parent.name for path in CHECKOUT.glob("roles/*/tasks/main.yml")} - ELSEWHERE)
PLAYBOOKS = sorted({path.stem for path in CHECKOUT.glob("playbooks/*.yml")} - ELSEWHERE)
MODULES = sorted(path.stem for path in CHECKOUT.glob("plugins/modules/*.py"))


def forms(secret: bytes) -> set[bytes]:
    """All forms in which a secret may be found."""
    text = secret.decode("utf-8", "backslashreplace")
    escaped = json.dumps(text)[1:-1]
    found = {
        secret,
        secret.hex().encode(),
        secret.hex().upper().encode(),
        escaped.encode(),
        json.dumps(text, ensure_ascii=False)[1:-1].encode(),
        # JSON in JSON, as in the parameters of a module that -vvv shows.
        json.dumps(escaped)[1:-1].encode(),
        repr(text)[1:-1].encode(),
        repr(secret)[2:-1].encode(),
        codecs.encode(text, "unicode_escape"),
        quote(secret).encode(),
        quote(secret, safe="").encode(),
        quote_plus(secret).encode(),
        text[::-1].encode(),
    }
    for offset in range(3):
        # Within a longer text, base64 has three forms; the characters at both ends depend on the neighbors.
        encoded = b64encode(bytes(offset) + secret)[4 if offset else 0 :]
        middle = encoded[: len(encoded) - 4]
        found |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return found


class Grep:
    """Looks for secrets. C(secrets) are named, so that a failure says which one without printing it."""

    def __init__(self, secrets: dict[str, bytes]) -> None:
        self._forms = {name: forms(secret) for name, secret in secrets.items()}

    def names(self, content: bytes) -> set[str]:
        """Names of the secrets that some content has."""
        return {name for name, found in self._forms.items() if any(form in content for form in found)}

    def __call__(self, content: bytes, where: str) -> list[str]:
        """What was found, each with the line it is in, for the test's message."""
        return [f"{name} in {where}" for name in sorted(self.names(content))]

    def lines(self, content: bytes) -> list[str]:
        """The lines that have a secret, cut, for whoever looks for the reason."""
        return [line[:300].decode(errors="replace") for line in content.splitlines() if self.names(line)]


class Canaries:
    """The secrets of one test, kept in files that are not searched, and the search."""

    def __init__(self, ansible: Ansible, cloud: LocalCloud, kept: Path) -> None:
        kept.mkdir()
        self.ansible, self.cloud = ansible, cloud
        self.given = {**SECRETS, "accounts": {}}
        greppable = {name: str(value).encode() for name, value in SECRETS.items()} | {"bytes": BYTES}
        for name, email in ("operator", OPERATOR), ("stranger", STRANGER):
            key = cloud.service_account_key(email)
            (kept / f"{name}.json").write_text(json.dumps(key))
            self.given["accounts"][name] = {"contents": key, "file": str(kept / f"{name}.json")}
            # A line of the key is enough to be seen, and is found however lines are joined.
            greppable[name] = key["private_key"].splitlines()[5].encode()
        self.file = kept / "canary.json"
        self.file.write_text(json.dumps({"canary": self.given}))
        self.grep = Grep(greppable)

    def run(self, *arguments: str, tasks: list[Task] | None = None, **keywords: Any) -> tuple[Run, list[str]]:
        """Run tasks, or a playbook, at C(-vvvv), and say which secrets were found where."""
        log = self.ansible.folder / "ansible.log"
        # Without pipelining, modules and their options go over temporary files.
        env = {"ANSIBLE_LOG_PATH": str(log), "ANSIBLE_PIPELINING": "false", **keywords.pop("env", {})}
        options = ["-vvvv", "--diff", f"--extra-vars=@{self.file}", *arguments]
        with self._argv() as seen:
            if tasks is None:
                run = self.ansible.playbook(*options, env=env)
            else:
                run = self.ansible.play(tasks, *options, env=env, **keywords)
        found = self.grep(run.stdout.encode(), "stdout") + self.grep(run.stderr.encode(), "stderr")
        for file in self.ansible.folder.rglob("*"):
            if file.is_file() and "canary" not in file.parts:
                found += self.grep(file.read_bytes(), str(file.relative_to(self.ansible.folder)))
        found += self.grep(Path(f"/proc/{self.cloud.pid}/fd/2").resolve().read_bytes(), "the local cloud's log")
        found += self.grep(json.dumps(self.cloud.calls()).encode(), "the local cloud's calls")
        found += [f"{name} in argv" for name in sorted(seen)]
        assert log.stat().st_size > 0
        # Else a task failed before its module ran.
        assert "Finalization of task args" not in run.stdout, run.tail
        return run, found

    @contextmanager
    def _argv(self) -> Iterator[set[str]]:
        """The names of the secrets that command lines of what is started here had meanwhile."""
        ours = os.fsencode(f"HOME={self.ansible.folder}\0")
        lines: set[bytes] = set()
        others = {name for name in os.listdir("/proc") if not name.isdecimal()}
        seen: set[str] = set()
        done = threading.Event()

        def look() -> None:
            while not done.wait(0.05):
                # Plain names, since this runs twenty times a second for as long as the playbook does.
                for name in set(os.listdir("/proc")) - others:
                    process = Path("/proc", name)
                    try:
                        if ours in (process / "environ").read_bytes():
                            lines.add((process / "cmdline").read_bytes())
                        else:
                            others.add(name)
                    except OSError:
                        continue  # It has ended.

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield seen
        finally:
            done.set()
            looking.join()
            seen |= self.grep.names(b"\0".join(lines))
            assert b"ansible" in b"".join(lines)


@pytest.fixture
def canaries(ansible: Ansible, cloud: LocalCloud, given: Given, tmp_path_factory: pytest.TempPathFactory) -> Canaries:
    """Secrets, and something for them to be used on."""
    cloud.add_project(PROJECT, NUMBER, OWNER, f"serviceAccount:{OPERATOR}")
    cloud.set_upstream_tokens(SECRETS["upstream"], SECRETS["rotated"])
    given.repository("mirror")
    given.readable_secret("upstream", SECRETS["upstream"])
    given.domain("demo", "python")
    given.github(tokens={SECRETS["github"]: {"login": "octocat"}})
    # A home for package clients, in which the secrets are to be, and one with a login of others.
    (ansible.folder / "canary" / "taken").mkdir(parents=True)
    (ansible.folder / "canary" / "taken" / ".netrc").write_text(
        f"machine packages.example.com login a password {SECRETS['password']}\n"
    )
    settings = ansible.folder / "canary" / "proved" / ".config" / "pip"
    settings.mkdir(parents=True)
    login = REFUSED.replace("//", f"//x:{SECRETS['aws_token']}@")
    (settings / "pip.conf").write_text(f"[global]\nindex-url = {login}/simple/\nretries = 0\n")
    return Canaries(ansible, cloud, tmp_path_factory.mktemp("canary") / "canary")


def canary(path: str) -> str:
    return f"{{{{ canary.{path} }}}}"


def account(name: str) -> dict[str, str]:
    """How a service account logs in, although the environment has a token, too."""
    return {"service_account_contents": canary(f"accounts.{name}.contents | to_json")}


def version(**options: Any) -> Task:
    return task("gcp_secret_version", **{"secret": "token", **options})


#: How the modules for AWS log in; the local cloud takes any secret key and session token.
AWS = {"access_key": OWNER_KEY, "secret_key": canary("aws_secret"), "session_token": canary("aws_session")}
DOMAIN_POLICY = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": "111122223333"},
        "Action": "codeartifact:GetAuthorizationToken",
        "Resource": "*",
    },
}
REPOSITORY_POLICY = {
    "Version": "2012-10-17",
    "Statement": {**DOMAIN_POLICY["Statement"], "Action": "codeartifact:ReadFromRepository"},
}
CODEARTIFACT: dict[str, dict[str, Any]] = {
    "codeartifact_domain": {"domain": "demo", "tags": {"team": "build"}},
    "codeartifact_repository": {
        "domain": "demo",
        "repository": "python",
        "description": "Ours",
        "tags": {"team": "build"},
    },
    "codeartifact_domain_info": {"domain": "demo"},
    "codeartifact_repository_info": {"domain": "demo"},
    "codeartifact_domain_policy": {"domain": "demo", "policy": DOMAIN_POLICY},
    "codeartifact_repository_policy": {"domain": "demo", "repository": "python", "policy": REPOSITORY_POLICY},
    "codeartifact_domain_policy_info": {"domain": "demo"},
    "codeartifact_repository_policy_info": {"domain": "demo", "repository": "python"},
    "codeartifact_token": {
        "domain": "demo",
        "authorization_token": "{{ canary.aws_token }}",
        "expiration": "2100-01-01T00:00:00Z",
    },
    "codeartifact_auth_workflow": {
        "scopes": [{"name": "demo", "domain": "demo", "repositories": [{"repository": "python", "state": "absent"}]}]
    },
    "codeartifact_package_group": {
        "domain": "demo",
        "pattern": "/npm/*",
        "publish": "BLOCK",
        "tags": {"team": "build"},
    },
    "codeartifact_package_group_info": {"domain": "demo", "pattern": "/npm/*", "retained": True},
    "codeartifact_package_origin": {
        "domain": "demo",
        "repository": "python",
        "format": "pypi",
        "package": "acme-tool",
        "publish": "ALLOW",
        "upstream": "BLOCK",
    },
    "codeartifact_access_info": {"domain": "demo", "callers": [{"arn": "arn:aws:iam::111122223333:role/release"}]},
}


#: The modules for package clients, in a home in which the secrets are to be.
CLIENT = {"name": "ours", "url": "https://packages.example.com/simple/", "publish": True}
CLIENT_NPM = {"name": "ours-npm", "url": "https://packages.example.com/npm/", "format": "npm"}
CLIENTS: dict[str, dict[str, Any]] = {
    "package_client_config": {
        "level": "user",
        "clients": ["pip", "uv", "twine", "npm", "poetry"],
        "indexes": [CLIENT, CLIENT_NPM],
    },
    "package_client_login": {
        "clients": ["pip", "twine", "npm"],
        "logins": [
            {**one, "username": "aws", "password": canary("aws_token"), "expires": "2100-01-01T00:00:00Z"}
            for one in (CLIENT, CLIENT_NPM)
        ],
    },
    "package_client_renewal": {
        "program": "{{ playbook_dir }}/renew.pyz",
        "settings": "{{ playbook_dir }}/renew.json",
        "clients": ["pip"],
        "logins": [{**CLIENT, "username": "aws", "keyring": "/opt/keyring"}],
    },
    "package_client_proof": {"proofs": []},
    "package_clients_info": {},
}


PROOF = {"client": "pip", "package": "ours", "index_url": f"{REFUSED}/simple/"}


def at_home(one: Task) -> Task:
    """A task of a user whose home is made for these tests, and not searched."""
    return {**one, "environment": {"HOME": "{{ playbook_dir }}/canary"}}


#: The variables of the role that gives a user a password.
MACHINE = {
    "package_clients_level": "user",
    "package_clients_clients": ["pip", "netrc"],
    "package_clients_indexes": [
        {
            "name": "ours",
            "url": "https://machine.example.com/simple/",
            "username": "ci",
            "password": canary("password"),
            "keep": True,
        }
    ],
}
PUBLISHER = {"project": "demo", "owner": "octo-org", "repository": "demo", "workflow": "release.yml"}
GITHUB: dict[str, dict[str, Any]] = {
    "github_environment": {"environment": "other", "reviewers": {"users": ["nobody"]}},
    "github_file": {"path": "x", "content": "ours"},
    "github_actions_secret": {"secret": "1", "state": "absent"},
}


def github(cloud: LocalCloud) -> dict[str, str]:
    """How the modules for GitHub log in, and the repository that the local cloud has from the beginning."""
    place = {"owner": "octo-org", "repository": "sampleproject"}
    return {"github_token": canary("github"), "api_url": f"{cloud.url}/github", **place}


def publishing(cloud: LocalCloud) -> dict[str, str]:
    """The variables of the role that lets that repository publish."""
    login = {name: value for name, value in github(cloud).items() if name in {"github_token", "api_url"}}
    place = {"project": "sampleproject", "owner": "octo-org", "repository": "sampleproject"}
    return {f"trusted_publishing_{name}": value for name, value in {**place, **login}.items()}


TOKEN_FILTERS = (
    "pypi_token",
    "pypi_token('testpypi')",
    "pypi_token_info",
    "pypi_token_restricted(['demo'])",
)


#: The modules that tell of what is refused, and do not fail.
TELLING = ("package_index_info", "pypi_trusted_publisher_check")


def fault(cloud: LocalCloud, **rule: Any) -> Task:
    """A task, so that the fault is met by the next one."""
    # What the service is to say has the payload, so this task must not be shown.
    return {"name": "Plan a fault", "local_cloud": {"url": f"{cloud.url}/_local/faults", "body": rule}, "no_log": True}


def working(cloud: LocalCloud) -> list[Task]:
    """Every module, working."""
    operator = account("operator")
    file = {"service_account_file": canary("accounts.operator.file")}
    index = {"index_url": f"{cloud.upstream_url}/simple/", "package": "demo-package", "username": "__token__"}
    accessor = {"role": "roles/secretmanager.secretAccessor", "members": ["user:ada@example.com"]}
    return [
        task("gcp_secret", batch=[{"secret": "token"}, {"secret": "other"}], **operator),
        version(payload=canary("payload"), **operator),
        version(payload=canary("payload"), **file),
        version(payload_base64=canary("payload_base64")),
        *(version(payload=canary("payload"), compare=compare) for compare in ("both", "fingerprint")),
        version(payload=canary("rotated"), compare="fingerprint"),
        version(
            batch=[{"secret": "token", "payload": canary("payload")}, {"secret": "other", "payload_base64": canary("payload_base64")}]
        ),
        task("gcp_secret_retention", secret="token", keep=1, **operator),
        task("gcp_service_agent", **operator),
        task("gcp_access_token", **operator),
        task("gcp_access_token", token=canary("token"), expires_at="2100-01-01T00:00:00Z", **operator),
        task("gcp_secret_iam_binding", secret="token", **accessor, **operator),
        task("gcp_remote_repository", description="Ours", **REMOTE, **operator),
        task("gcp_remote_repository_credentials", username="__token__", secret="upstream", version="1", **REMOTE, **operator),
        task("gcp_secret_info", **operator),
        task("gcp_secret_iam_info", secret="token", **operator),
        task("gcp_remote_repository_info", **REMOTE, **operator),
        task("gcp_repository", description="Everybody's", **REMOTE, **operator),
        task("gcp_repository_info", **REMOTE, **operator),
        task("gcp_repository_iam_binding", **READER, **REMOTE, **operator),
        task("gcp_repository_iam_info", **REMOTE, **operator),
        task("gcp_repository_access_info", **operator),
        task("package_index_info", download=True, password=canary("upstream"), **index),
        task(
            "package_index_info",
            index_url=f"{cloud.index_host()}/{PROJECT}/mirror/simple/",
            package="demo-package",
            use_google_credentials=True,
            **operator,
        ),
        *(task(module, **AWS, **options) for module, options in CODEARTIFACT.items()),
        {
            **task(
                "gcp_auth_workflow",
                scopes=[
                    {
                        "name": "{{ inventory_hostname }}",
                        "project": PROJECT,
                        "repositories": [
                            {"repository": "mirror", "location": "us-central1", "secret": "of-workflow", "token": canary("upstream")}
                        ],
                    }
                ],
                **operator,
            ),
            "register": "registry_auth_google",
        },
        task("auth_workflow_result", results=["registry_auth_google"]),
        task("pypi_trusted_publisher_check", id_token=canary("id_token"), **PUBLISHER),
        task("pypi_trusted_publisher_check", batch=[{"id_token": canary("id_token")}], **PUBLISHER),
        task("pypi_trusted_publisher_check", github_token=canary("github"), api_url=cloud.upstream_url, **PUBLISHER),
        task("pypi_oidc_token", index=f"{cloud.url}/index", token=canary("upload_token"), state="absent"),
        task("pypi_provenance_info", index=f"{cloud.url}/index", project="ours", version="1.0"),
        task("github_environment", **github(cloud), environment="pypi", tags=["v*"]),
        task("github_file", **github(cloud), path="README.md", content="ours", branch="ours"),
        task("github_actions_secret", **github(cloud), secret="INDEX_TOKEN", state="absent"),
        *(at_home(task(module, **options)) for module, options in CLIENTS.items()),
    ]  # fmt: skip


def failing(cloud: LocalCloud) -> list[Task]:
    """Modules that have a secret and fail at what the service answers."""
    stranger = account("stranger")
    payload = {"secret": "other", "payload": canary("payload")}
    index = {"index_url": f"{cloud.upstream_url}/simple/", "package": "demo-package", "username": "__token__"}
    tasks = [
        version(**payload, **stranger),
        version(**payload, access_token=canary("token")),
        version(batch=[payload, {**payload, "secret": "nowhere"}], **stranger),
        task(
            "gcp_access_token",
            access_token=canary("token"),
            impersonate_service_account=["robot@nowhere.iam.gserviceaccount.com"],
        ),
        task("package_index_info", password=canary("password"), **index),
        task("package_index_info", batch=[{"password": canary("password")}], **{**index, "index_url": cloud.url}),
    ]
    for said in canary("payload"), "{{ canary.payload | b64encode }}":
        for method in "AddSecretVersion", "AccessSecretVersion":
            tasks += [
                fault(cloud, method=f"*.{method}", status=400, code="INVALID_ARGUMENT", message=said),
                version(**payload),
            ]
    for rule in {"status": 503}, {"status": 503, "after": True}, {"status": 403}:
        tasks += [fault(cloud, method="*.AddSecretVersion", message=canary("payload"), **rule), version(**payload)]
        tasks += [version(**{**payload, "payload": canary("rotated")})]
    for module, name in (
        ("gcp_secret", "GetSecret"),
        ("gcp_secret_info", "ListSecrets"),
        ("gcp_secret_retention", "ListSecretVersions"),
        ("gcp_secret_iam_binding", "GetIamPolicy"),
        ("gcp_repository_iam_binding", "GetIamPolicy"),
        ("gcp_repository_access_info", "ListRepositories"),
        ("gcp_service_agent", "GenerateServiceIdentity"),
        ("gcp_remote_repository", "GetRepository"),
        ("gcp_remote_repository_credentials", "GetRepository"),
        ("gcp_remote_repository_info", "ListRepositories"),
        ("gcp_repository", "GetRepository"),
        ("gcp_repository_info", "ListRepositories"),
    ):
        options: dict[str, Any] = {
            "gcp_secret_iam_binding": {"role": "roles/viewer", "members": ["user:ada@example.com"], "secret": "token"},
            "gcp_remote_repository": REMOTE,
            "gcp_repository_iam_binding": {**READER, **REMOTE},
            "gcp_repository_access_info": {"location": "us-central1"},
            "gcp_remote_repository_credentials": {"username": "u", **REMOTE},
            "gcp_remote_repository_info": {"location": "us-central1"},
            "gcp_repository": REMOTE,
            "gcp_repository_info": {"location": "us-central1"},
            "gcp_secret": {"secret": "token"},
            "gcp_secret_retention": {"secret": "token"},
        }.get(module, {})
        tasks += [fault(cloud, method=f"*.{name}", status=403), task(module, **options, **account("operator"))]
    for module, working_options in CODEARTIFACT.items():
        # A token that lasts is returned without a call.
        options = working_options | ({"expiration": "2020-01-01T00:00:00Z"} if module == "codeartifact_token" else {})
        method = "codeartifact.*"
        # The service's own words are shown. All that it gets of these is the session token, as it is.
        for said in canary("aws_secret"), canary("aws_session"):
            tasks += [fault(cloud, method=method, status=403, message=said), task(module, **AWS, **options)]
        tasks += [
            fault(cloud, method=method, status=402, message=canary("aws_session")),
            task(module, **AWS, **options),
            task(module, **{**AWS, "access_key": "AKIANOBODY0000000000"}, **options),
            task(module, **{**AWS, "access_key": ""}, **options),
            task(module, **AWS, endpoint_url=cloud.upstream_url, **options),
            task(module, **AWS, **{**options, "domain": "nowhere"}),
        ]
    tasks += [
        {
            "name": "Filter a token",
            "ansible.builtin.assert": {"that": f"canary.api_token | pkgops.registry_auth.{name} is none"},
        }
        for name in TOKEN_FILTERS
    ]
    tasks += [
        task(
            "pypi_trusted_publisher_check",
            github_token=canary("github"),
            api_url=f"{cloud.url}/_local/health",
            **PUBLISHER,
        ),
        *(
            task(module, **{**github(cloud), **wrong}, **options)
            for module, options in GITHUB.items()
            for wrong in (
                {"api_url": cloud.upstream_url},
                {"api_url": f"{cloud.url}/_local/health?"},
                {"repository": "none"},
                {"github_token": f"x{canary('github')}"},
            )
        ),
        task("pypi_trusted_publisher_check", id_token=canary("id_token"), **{**PUBLISHER, "project": ""}),
        task("pypi_trusted_publisher_check", id_token=canary("id_token"), claims={}, **PUBLISHER),
    ]
    login = CLIENTS["package_client_login"]
    wrong_logins: tuple[dict[str, Any], ...] = (
        {"password": "{{ canary.payload }}\n"},
        {"url": "https://aws:{{ canary.password }}@packages.example.com/"},
        {"expires": "tomorrow"},
        {"username": "a b"},
    )
    tasks += [
        *(
            at_home(task("package_client_login", **{**login, "logins": [{**login["logins"][0], **wrong}]}))
            for wrong in wrong_logins
        ),
        # Somebody else's login is there, and nobody's home.
        {**task("package_client_login", **login), "environment": {"HOME": "{{ playbook_dir }}/canary/taken"}},
        {**task("package_client_login", **login), "environment": {"HOME": "/nonexistent"}},
        {**task("package_clients_info"), "environment": {"HOME": "/nonexistent"}},
        at_home(
            task(
                "package_client_config",
                **{
                    **CLIENTS["package_client_config"],
                    "indexes": [{**CLIENT, "url": f"https://x:{canary('password')}@h"}],
                },
            )
        ),
        at_home(task("package_client_renewal", **{**CLIENTS["package_client_renewal"], "program": "relative"})),
        at_home(task("package_client_proof", proofs=[{**PROOF, "index_url": f"https://x:{canary('password')}@h"}])),
        # What pip writes about a login that is in its settings is not shown.
        {
            **task("package_client_proof", proofs=[PROOF]),
            "environment": {"HOME": "{{ playbook_dir }}/canary/proved"},
        },
    ]
    index = f"{cloud.url}/index"
    job = {
        "id_token_request_url": f"{cloud.url}/github/_actions/runs/1/idtoken",
        "id_token_request_token": canary("request_token"),
    }
    exchange = task("pypi_oidc_token", index=index, id_token=canary("jwt"))
    tasks += [
        exchange,
        task("pypi_oidc_token", index=index, id_token=canary("id_token")),
        task("pypi_oidc_token", index=cloud.upstream_url, id_token=canary("jwt")),
        task("pypi_oidc_token", index=index, **job),
        task("pypi_oidc_token", index=index, **{**job, "id_token_request_url": cloud.url}),
        task("pypi_oidc_token", token=canary("upload_token"), state="absent"),
        task("pypi_oidc_token", token=canary("api_token"), state="absent"),
        task("pypi_oidc_token", index=cloud.upstream_url, token=canary("upload_token"), state="absent"),
        fault(cloud, method="index.MintToken", status=500, message=canary("jwt")),
        exchange,
        fault(cloud, method="index.MintToken", status=403, message=canary("jwt")),
        exchange,
    ]
    return tasks  # fmt: skip


def mistyped() -> list[Task]:
    """Secrets of a wrong type or in a wrong place, which the argument spec refuses or turns into text."""
    payload = canary("payload")
    return [
        version(payload={"text": payload}),
        version(payload=[payload]),
        version(payload=canary("number")),
        version(payload_base64={"text": payload}),
        version(payload=payload, state="no such state"),
        version(payload=payload, version="no number"),
        version(payload=payload, unknown_option="x"),
        version(payload=payload, payload_base64=canary("payload_base64")),
        version(payload_base64=payload),
        version(batch=[{"secret": "token", "payload": {"text": payload}}]),
        version(batch=[{"secret": "token", "payload": [payload]}]),
        version(batch=[{"secret": "token", "payload": payload, "unknown_option": "x"}]),
        version(batch=[{"secret": "token", "payload": payload}, {"secret": "token", "payload": payload}]),
        version(batch=[{"secret": "token", "payload": payload, "version": "no number"}]),
        version(batch={"secret": "token", "payload": payload}),
        task("package_index_info", index_url=REFUSED, package="p", username="u", password=[canary("password")], timeout=3),
        task("codeartifact_domain_policy_info", domain="demo", **{**AWS, "secret_key": [canary("aws_secret")]}),
        task("codeartifact_domain_policy_info", domain="demo", **{**AWS, "session_token": {"text": canary("aws_session")}}),
        task("codeartifact_domain_policy_info", domain="demo", **AWS, profile="nobody"),
        task("codeartifact_domain_policy_info", domain="demo", **AWS, unknown_option="x"),
        task("codeartifact_token", domain="demo", **AWS, authorization_token=[canary("aws_token")]),
        task("codeartifact_token", domain="demo", **AWS, authorization_token=f"{canary('aws_token')}\n", expiration="2100-01-01"),
        task("codeartifact_token", domain="demo", **AWS, authorization_token=canary("aws_token"), unknown_option="x"),
        task("codeartifact_token", **AWS, batch=[{"domain": "demo", "authorization_token": {"text": canary("aws_token")}}]),
        task("pypi_trusted_publisher_check", id_token=[canary("id_token")], **PUBLISHER),
        task("pypi_trusted_publisher_check", batch=[{"id_token": {"text": canary("id_token")}}], **PUBLISHER),
        task("pypi_trusted_publisher_check", github_token=[canary("github")], api_url=REFUSED, timeout=3, **PUBLISHER),
        task("pypi_oidc_token", id_token=[canary("jwt")]),
        task("pypi_oidc_token", id_token=f"{canary('jwt')}\n"),
        task("pypi_oidc_token", id_token=canary("jwt"), unknown_option="x"),
        task("pypi_oidc_token", token={"text": canary("upload_token")}, state="absent"),
        task("pypi_oidc_token", token=canary("upload_token"), id_token_request_token=[canary("request_token")]),
        task("pypi_oidc_token", index="http://example.com", token=canary("upload_token"), state="absent"),
        task("github_environment", github_token={"text": canary("github")}, environment="pypi"),
        task("github_file", github_token=canary("github"), path="x", unknown_option="x"),
        *(
            task("package_client_login", clients=["pip"], logins=[{**CLIENT, "username": "aws", "password": wrong, **more}])
            for wrong, more in (
                ([canary("aws_token")], {}),
                ({"text": canary("aws_token")}, {}),
                (canary("number"), {}),
                (canary("aws_token"), {"unknown_option": "x"}),
            )
        ),
        task("gcp_access_token", access_token=canary("token")),
        task("gcp_access_token", impersonate_service_account=["r@p.iam.gserviceaccount.com"], token=canary("token")),
        task("gcp_access_token", impersonate_service_account=["r@p.iam.gserviceaccount.com"], token=[canary("token")]),
        task("gcp_access_token", batch=[{"token": f"{canary('token')}\n", "expires_at": "2100-01-01T00:00:00Z"}]),
        task("gcp_secret", secret="s", access_token=[canary("token")]),
        task("gcp_secret", secret="s", access_token=f"{canary('token')}\n"),
        task("gcp_secret", secret="s", service_account_contents=canary("token")),
    ]  # fmt: skip


def module(one: Task) -> str | None:
    """The collection's module that a task runs, if any."""
    return next((name.rpartition(".")[2] for name in one if name.startswith(COLLECTION)), None)


def one_of_each(tasks: list[Task]) -> list[Task]:
    """The first task of each module, after the fault that is planned for it."""
    first = {module(one): index for index, one in reversed(list(enumerate(tasks))) if module(one)}
    return [
        one
        for index, one in enumerate(tasks)
        if index in first.values() or ("local_cloud" in one and index + 1 in first.values())
    ]


def ignoring(tasks: list[Task]) -> list[Task]:
    return [{**one, "ignore_errors": True} for one in tasks]


def test_the_search_can_find(canaries: Canaries) -> None:
    """A play that leaks in each form, and one in argv."""
    leaks = {
        "payload": "{{ canary.payload }}",
        "base64": "{{ ('x' ~ canary.password) | b64encode }}",
        "url": "{{ canary.token | reverse }}",
    }
    tasks: list[Task] = [
        {"name": "Leak", "ansible.builtin.debug": {"msg": leaks}},
        {"name": "Leak", "ansible.builtin.command": {"argv": ["sh", "-c", "sleep 1; true", "{{ canary.rotated }}"]}},
        {"name": "Leak", "ansible.builtin.copy": {"content": "{{ canary.upstream }}", "dest": "{{ playbook_dir }}/x", "mode": "0600"}, "no_log": True},
    ]  # fmt: skip
    run, found = canaries.run(tasks=tasks)
    assert run.code == 0, run.tail
    for leak in "payload in stdout", "password in stdout", "token in stdout", "rotated in argv", "upstream in x":
        assert leak in found
    assert "payload in ansible.log" in found


def test_modules_that_work(canaries: Canaries, cloud: LocalCloud) -> None:
    tasks = working(cloud)
    assert set(map(module, tasks)) == set(MODULES)
    for mode in ["--check"], []:
        run, found = canaries.run(*mode, tasks=tasks)
        assert run.code == 0, run.tail
        assert found == [], canaries.grep.lines(run.stdout.encode())


def test_modules_that_fail(canaries: Canaries, cloud: LocalCloud, given: Given) -> None:
    given.secret("token")
    given.secret("other", "sesame")
    run, found = canaries.run(tasks=ignoring(failing(cloud)))
    assert run.code == 0, run.tail
    assert "ignoring" in run.stdout
    assert found == [], canaries.grep.lines(run.stdout.encode())


def test_modules_that_are_transferred(canaries: Canaries, cloud: LocalCloud) -> None:
    """What differs from those in a fork is the way of options and results, so each module works once, and fails once."""
    works, fails = one_of_each(working(cloud)), one_of_each(failing(cloud))
    assert set(map(module, works)) == set(MODULES)
    # In one run, in which Ansible packs each module once.
    run, found = canaries.run(tasks=[*works, *ignoring(fails)], vars=TRANSFERRED)
    assert run.code == 0, run.tail
    shown = re.findall(r"^TASK \[Run (\w+)\](.*?)(?=^TASK |^PLAY |\Z)", run.stdout, re.MULTILINE | re.DOTALL)
    assert {name for name, output in shown if "...ignoring" in output} == set(map(module, fails)) - {None, *TELLING}, (
        run.tail
    )
    assert found == [], canaries.grep.lines(run.stdout.encode())


def test_options_of_a_wrong_type(canaries: Canaries) -> None:
    run, found = canaries.run("--check", tasks=ignoring(mistyped()))
    assert run.code == 0, run.tail
    assert found == [], canaries.grep.lines(run.stdout.encode())


def test_a_key_that_is_no_text(canaries: Canaries, given: Given) -> None:
    """Ansible finds the parts of a mapping that are no_log, and not the JSON that is made of it."""
    given.secret("token", "sesame")
    contents = canary("accounts.operator.contents")
    part = {"private_key": canary("accounts.operator.contents.private_key")}
    tasks = [
        task("gcp_secret", secret="token", service_account_contents=contents),
        task("gcp_secret_info", service_account_contents=contents),
        *(version(payload=canary("payload"), service_account_contents=one) for one in (contents, [contents], part)),
    ]
    run, found = canaries.run(tasks=ignoring(tasks))
    assert run.code == 0, run.tail
    assert found == [], canaries.grep.lines(run.stdout.encode())


def test_a_service_that_is_not_there(canaries: Canaries) -> None:
    """The token comes from Ansible's own environment, as from a job's credentials."""
    tasks = [
        version(payload=canary("payload"), api_endpoint=REFUSED, timeout=3),
        task(
            "package_index_info", index_url=REFUSED, package="p", username="u", password=canary("password"), timeout=3
        ),
        task(
            "codeartifact_domain_policy", endpoint_url=REFUSED, timeout=3, **CODEARTIFACT["codeartifact_domain_policy"]
        ),
    ]
    aws = {"AWS_SECRET_ACCESS_KEY": SECRETS["aws_secret"], "AWS_SESSION_TOKEN": SECRETS["aws_session"]}
    run, found = canaries.run(tasks=ignoring(tasks), env={"GCP_ACCESS_TOKEN": SECRETS["token"], **aws})
    assert run.code == 0, run.tail
    assert found == [], canaries.grep.lines(run.stdout.encode())


def role(name: str, /, **variables: Any) -> Task:
    """A role that may fail without ending the play."""
    included = {
        "name": f"Run {name}",
        "ansible.builtin.include_role": {"name": f"{COLLECTION}.{name}"},
        "vars": variables,
    }
    rescued = {"name": "Note a failure", "ansible.builtin.debug": {"msg": "the role failed"}}
    return {"name": f"Try {name}", "block": [included], "rescue": [rescued]}


def test_roles(canaries: Canaries, cloud: LocalCloud) -> None:
    """Each role, working and with options of wrong types."""
    index = f"{cloud.index_host()}/{PROJECT}/mirror/simple/"
    directory = str(canaries.ansible.folder / "another-cloud")
    payload = canary("payload")
    tasks = [
        role(
            "secret_version",
            secret_version_secrets=[
                {"secret": "token", "payload": payload},
                {"secret": "other", "payload_base64": canary("payload_base64")},
            ],
        ),
        role("iam_binding", iam_binding_bindings=[{"secret": "upstream"}], iam_binding_service_agent=True),
        role("remote_repository", remote_repository_repositories=[{**REMOTE, "labels": {"team": "build"}}]),
        role(
            "remote_repository_credentials",
            remote_repository_credentials_repositories=[
                {**REMOTE, "secret": "upstream", "version": "1", "proof": {"package": "demo-package", "index_url": index}}
            ],
        ),
        role("repository_access", repository_access_repositories=[{**REMOTE, "grants": [{"principals": READER["members"], "access": ["read"]}]}]),
        role(
            "secret_retention",
            secret_retention_secrets=[{"secret": "upstream"}],
        ),
        {
            **role(
                "codeartifact_policy",
                codeartifact_policy_domain="demo",
                codeartifact_policy_domain_policy=DOMAIN_POLICY,
                codeartifact_policy_repositories=[{"repository": "python", "policy": json.dumps(REPOSITORY_POLICY)}],
            ),
            "module_defaults": {f"group/{COLLECTION}.aws": AWS},
        },
        {
            **role(
                "codeartifact_repository",
                codeartifact_repository_domain="demo",
                codeartifact_repository_repositories=[{"repository": "python", "description": "Ours"}],
            ),
            "module_defaults": {f"group/{COLLECTION}.aws": AWS},
        },
        role(
            "repository",
            repository_project=PROJECT,
            repository_repositories=[
                {"repository": "ours", "location": "us-central1", "mode": "STANDARD_REPOSITORY", "format": "PYTHON"}
            ],
        ),
        {
            **role("package_protection", package_protection_domain="demo", package_protection_names=["acme-*"]),
            "module_defaults": {f"group/{COLLECTION}.aws": AWS},
        },
        {
            **role(
                "access_report",
                access_report_project=PROJECT,
                access_report_domain="demo",
                access_report_directory=str(canaries.ansible.folder / "report"),
            ),
            "module_defaults": {f"group/{COLLECTION}.aws": AWS},
        },
        at_home(role("package_clients", **MACHINE)),
        role("trusted_publishing", **publishing(cloud), trusted_publishing_retire_secrets=["INDEX_TOKEN"]),
        *(
            role("local_cloud", local_cloud_directory=directory, local_cloud_state=state, local_cloud_upstream_tokens=[canary("upstream")])
            for state in ("present", "absent")
        ),
    ]  # fmt: skip
    assert {name.removeprefix("Try ") for name in (one["name"] for one in tasks)} == set(ROLES)
    for mode in ["--check"], []:
        run, found = canaries.run(*mode, tasks=tasks)
        assert run.code == 0, run.tail
        assert found == [], canaries.grep.lines(run.stdout.encode())
    assert "the role failed" not in run.stdout, run.tail

    wrong: list[Any] = [
        [{"secret": "token", "payload": {"text": payload}}],
        [{"secret": "token", "payload": [payload]}],
        [{"secret": "token", "payload": canary("number")}],
        [{"secret": "token", "payload_base64": {"text": payload}}],
        [{"secret": "token", "payload_base64": payload}],
        [{"secret": "token", "payload": payload, "labels": "no mapping"}],
        [{"secret": "token", "payload": payload, "unknown_option": "x"}],
        [{"payload": payload}],
        {"secret": "token", "payload": payload},
    ]
    tasks = [role("secret_version", secret_version_secrets=secrets) for secrets in wrong]
    tasks.append(
        role(
            "local_cloud",
            local_cloud_directory=directory,
            local_cloud_upstream_tokens=[{"text": payload}],
            local_cloud_state="x",
        )
    )
    run, found = canaries.run("--check", tasks=tasks)
    assert run.stdout.count("the role failed") >= len(tasks), run.tail
    assert found == [], canaries.grep.lines(run.stdout.encode())


def test_workflow(canaries: Canaries, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The workflow in check mode, for real, with a new token, and with tokens that cannot work; a report of it at the end."""
    # The role of the third one is run by itself: its tasks are for machines.
    assert PLAYBOOKS == ["access_report", "auth_workflow", "package_clients"], "say how to run the other playbooks"
    proof = {"package": "demo-package", "index_url": f"{cloud.index_host()}/{PROJECT}/mirror/simple/"}
    repository = {**REMOTE, "secret": "fresh", "token": "{{ canary[which] }}", "proof": proof}
    scope = {
        "registry_auth_project": PROJECT,
        "registry_auth_repositories": [repository],
        "registry_auth_retention": {"keep": 1, "min_age": "0", "action": "destroy"},
    }
    inventory = tmp_path_factory.mktemp("inventory") / "hosts.yml"
    domain = {"codeartifact_domain": "demo", "codeartifact_domain_policy": DOMAIN_POLICY}
    # The token comes from the environment, as an AWX job's credentials do.
    publisher = publishing(cloud) | {"trusted_publishing_github_token": None}
    groups = {
        "registry_auth": {"hosts": {"demo": scope}},
        "codeartifact": {"hosts": {"domain": domain}},
        "trusted_publishing": {"hosts": {"publisher": publisher}},
    }
    inventory.write_text(json.dumps(groups))
    env = {"AWS_SECRET_ACCESS_KEY": SECRETS["aws_secret"], "AWS_SESSION_TOKEN": SECRETS["aws_session"]}
    env["GITHUB_TOKEN"] = SECRETS["github"]
    workflow = [f"{COLLECTION}.auth_workflow", f"--inventory={inventory}", "--extra-vars"]
    for which, fails in (
        (["upstream", "--check"], False),
        (["upstream"], False),
        (["rotated"], False),
        (["password"], True),
        (["number"], True),
        (["accounts"], True),
    ):
        run, found = canaries.run(*workflow, f"which={which[0]}", *which[1:], env=env)
        assert (run.code != 0) == fails, run.tail
        assert found == [], canaries.grep.lines(run.stdout.encode())
    report = f"access_report_directory={canaries.ansible.folder / 'report'}"
    run, found = canaries.run(
        f"{COLLECTION}.access_report", f"--inventory={inventory}", "--extra-vars", report, env=env
    )
    assert run.code == 0, run.tail
    assert found == [], canaries.grep.lines(run.stdout.encode())
