# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inputs for pure code: policies, workflows, pages of indexes, provenance, claims, tokens, files of package clients, headers."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import RegistryAuthError
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import Call as AwsCall
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.calls import read_failure as read_aws
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import Call as GoogleCall
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import read_failure
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http.failures import (
    LONGEST_PAUSE,
    retry_after,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.pypi.api_tokens import read_token
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.evaluation import (
    Policies,
    evaluate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.merging import (
    dead_principals,
    without_dead_principals,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.callers import Caller
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.documents import (
    as_json,
    in_order,
    parse_document,
    read_document,
    same_meaning,
    shown_document,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.iam.statements import (
    Request,
    read_statements,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.id_tokens import read_parts
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.indexes import find_index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.mint_refusals import (
    IdToken,
    mint_failed,
    mint_refused,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.provenance import (
    read_bundles,
    read_certificate,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.secret_uses import secret_uses
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.trusted_publishers import (
    Publisher,
    differences,
    form_problems,
    match,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflow_checks import (
    workflow_problems,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflow_files import (
    read_workflow,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.publishing.workflows import Workflow
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.desired.indexes import Index
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.desired.logins import Login
from ansible_collections.pkgops.registry_auth.plugins.module_utils._machines.formats import (
    netrc,
    npmrc,
    pip_conf,
    poetry,
    pypirc,
    uv_toml,
)
from pypi_simple import PYPI_SIMPLE_ENDPOINT

from campaign import odd

#: Takes what is drawn, and raises what it must not raise.
Target = Callable[[Random], None]


@contextmanager
def refusals() -> Iterator[None]:
    """What may be raised in here: a sentence for the user."""
    try:
        yield
    except RegistryAuthError as error:
        if error.code == "internal" or not str(error).strip():
            raise AssertionError(f"{type(error).__name__} says {str(error)!r}") from error


POLICY = {
    "Version": "2012-10-17",
    "Id": "ours",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "444455556666"]},
            "Action": ["codeartifact:ReadFromRepository", "codeartifact:Get*"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": "o-example1234"},
                "Bool": {"aws:SecureTransport": ["true"]},
            },
        },
        {
            "Sid": "Not",
            "Effect": "Deny",
            "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/release"},
            "NotAction": "codeartifact:List*",
            "Resource": "arn:aws:codeartifact:eu-west-1:123456789012:package/demo/python/pypi/*/${aws:PrincipalTag/team}",
            "Condition": {
                "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
                "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
            },
        },
    ],
}
_ACTIONS = (
    "codeartifact:ReadFromRepository",
    "codeartifact:PublishPackageVersion",
    "codeartifact:GetAuthorizationToken",
)
_CALLER = Caller.of("arn:aws:iam::111122223333:role/release")


def policies(random: Random) -> None:
    """A policy of a user's, and one that a service answers."""
    document = odd.altered(POLICY, random)
    with refusals():
        parsed = parse_document(document if random.random() < 0.5 else json.dumps(document))
        as_json(parsed)
        in_order(parsed)
        assert same_meaning(parsed, parsed)
    said = json.dumps(document)
    answered = read_document(odd.altered_text(said, random) if random.random() < 0.2 else said)
    if answered is not None:
        shown_document(answered)
        dead_principals(answered)
        without_dead_principals(answered)
        read = read_statements("domain", answered)
        request = Request(_CALLER, random.choice(_ACTIONS), "*", {"aws:SourceIp": odd.text(random)})
        with refusals():
            str(evaluate(request, Policies("123456789012", "123456789012", None, read, read)).reason)


PYPI = str(urlsplit(PYPI_SIMPLE_ENDPOINT).hostname)
HASH = "0123456789abcdef0123456789abcdef01234567"
WORKFLOW = {
    "on": {"release": {"types": ["published"]}, "push": {"tags": ["v*"]}},
    "permissions": {},
    "env": {"TOKEN": "${{ secrets.INDEX_TOKEN }}"},
    "jobs": {
        "build": {
            "runs-on": "ubuntu-latest",
            "steps": [{"uses": f"actions/checkout@{HASH}"}, {"run": "python -m build && twine upload dist/*"}],
        },
        "publish": {
            "needs": "build",
            "runs-on": "${{ matrix.os }}",
            "strategy": {
                "matrix": {
                    "os": ["ubuntu-latest", "windows-latest"],
                    "include": [{"os": "x", "env": "pypi"}],
                    "exclude": [],
                }
            },
            "environment": {"name": "pypi", "url": "https://x"},
            "permissions": {"id-token": "write"},
            "if": "github.ref == 'refs/heads/main'",
            "steps": [
                {
                    "uses": f"pypa/gh-action-pypi-publish@{HASH}",
                    "with": {"repository-url": f"https://test.{PYPI}/legacy/", "password": "x"},
                },
                {
                    "run": "uv publish --trusted-publishing always | tee x; if true; then echo $(ls); fi",
                    "env": {"A": "${{ fromJSON(secrets.B) }}"},
                },
            ],
        },
    },
}
_PUBLISHER = Publisher("demo", "octo-org", "demo", "release.yml", "pypi", "1234")
_ENDPOINT = "https://index.example.com/simple/"


def workflows(random: Random) -> None:
    """A workflow file."""
    document = odd.altered(WORKFLOW, random)
    said = json.dumps(document, indent=1)
    said = odd.altered_text(said, random) if random.random() < 0.4 else said
    read = read_workflow(said, "release.yml")
    if isinstance(read, Workflow):
        workflow_problems(read, _PUBLISHER, find_index("pypi", _ENDPOINT))
    str(secret_uses("release.yml", said).of("INDEX_TOKEN"))


PROVENANCE = {
    "version": 1,
    "attestation_bundles": [
        {
            "publisher": {
                "kind": "GitHub",
                "repository": "octo-org/demo",
                "workflow": "release.yml",
                "environment": "pypi",
                "claims": None,
            },
            "attestations": [
                {
                    "version": 1,
                    "verification_material": {"certificate": "x", "transparency_entries": [{}]},
                    "envelope": {"statement": "x"},
                }
            ],
        }
    ],
}


def provenance(random: Random) -> None:
    """A provenance document, and the extensions of a certificate."""
    for bundle in read_bundles(odd.altered(PROVENANCE, random)) or ():
        str(bundle.publisher.in_words)
    numbers = [f"1.3.6.1.4.1.57264.1.{number}" for number in range(11, 23)]
    read_certificate({number: odd.text(random) for number in numbers if random.random() < 0.8})


CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "aud": "pypi",
    "sub": "repo:octo-org/demo:environment:pypi",
    "jti": "x",
    "iat": 1_700_000_000,
    "nbf": 1_700_000_000,
    "exp": 1_700_000_900,
    "repository": "octo-org/demo",
    "repository_owner": "octo-org",
    "repository_owner_id": "1234",
    "job_workflow_ref": "octo-org/demo/.github/workflows/release.yml@refs/tags/v1",
    "ref": "refs/tags/v1",
    "sha": HASH,
    "environment": "pypi",
    "event_name": "push",
}


def claims(random: Random) -> None:
    """What an ID token says, and how an index refuses it."""
    said = odd.altered(CLAIMS, random)
    now = random.choice((0.0, 1_700_000_100.0, 4e9))
    match(said, [_PUBLISHER], header={"alg": "RS256"}, audience="pypi", now=now)
    differences(said if isinstance(said, dict) else {}, _PUBLISHER)
    with suppress(UnicodeEncodeError):
        parts = (
            urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in (odd.altered({"alg": "RS256"}, random), said)
        )
        token = odd.altered_text(".".join([*parts, "x"]), random)
        header, claimed = read_parts(token)
        id_token = IdToken(header, claimed, "pypi")
        errors = odd.altered(
            [{"code": random.choice(("invalid-token", "invalid-publisher", "not-enabled")), "description": "x"}], random
        )
        str(mint_refused("PyPI", errors, id_token, now))
        mint_failed("PyPI", id_token, now)
    form_problems(Publisher(*(odd.text(random) for _number in range(5))))


def tokens(random: Random) -> None:
    """An API token of an index."""
    said = "pypi-" + odd.text(random) if random.random() < 0.3 else odd.altered_text(_token(random), random)
    with refusals():
        read_token(said)


def _token(random: Random) -> str:
    import pymacaroons

    macaroon = pymacaroons.Macaroon(location=PYPI, identifier="x", key="key", version=pymacaroons.MACAROON_V2)
    for _number in range(random.randrange(3)):
        macaroon.add_first_party_caveat(
            json.dumps(
                odd.altered(
                    [0, 4_000_000_000, 1_700_000_000, {"version": 1, "permissions": {"projects": ["x"]}}], random
                )
            )
        )
    return f"pypi-{macaroon.serialize()}"


_OURS = Index(
    "ours",
    "https://index.example.com/simple/",
    username="aws",
    keyring=True,
    publish=True,
    publish_url="https://index.example.com/",
)
_NPM = Index("n", "https://npm.example.com/", format="npm", scope="@acme")
_LOGIN = Login("ours", "https://index.example.com/simple/", username="aws", password="sesame==")
_FILES: dict[Any, tuple[str, Index]] = {
    pip_conf: (
        "[global]\nindex-url = https://a/simple/\nextra-index-url =\n    https://b/\n[install]\nno-binary: x\n",
        _OURS,
    ),
    pypirc: ("[distutils]\nindex-servers =\n    pypi\n    other\n[pypi]\nusername = __token__\npassword = x\n", _OURS),
    npmrc: ("registry=https://a/\n@acme:registry=https://b/\n//b/:_authToken=${T}\n; x\n[x]\na[]=b\n", _NPM),
    uv_toml: (
        'index-url = "https://a/"\n[[index]]\nname = "x"\nurl = "https://b/"\n[pip]\nkeyring-provider = "subprocess"\n',
        _OURS,
    ),
    poetry: ('[repositories.x]\nurl = "https://b/"\n[http-basic.x]\nusername = "a"\n', _OURS),
    netrc: ("machine a login b password c\ndefault login x password y\nmacdef init\ncd /\n\n# x\n", _OURS),
}


def files(random: Random) -> None:
    """A file of a package client that others wrote."""
    form = random.choice(list(_FILES))
    said, index = _FILES[form]
    # What is not UTF-8 is refused where the file is read.
    said = odd.altered_text(said, random).encode("utf-8", "replace").decode()
    replace = random.random() < 0.5
    with refusals():
        if form is not netrc:
            form.with_indexes(said, [index], replace=replace)
            form.without(said)
        if hasattr(form, "with_logins"):
            form.with_logins(said, [_LOGIN], replace=replace)


def failures(random: Random) -> None:
    """An answer with an error, and how long it asks to wait."""
    error = {
        "error": {
            "code": 403,
            "status": "PERMISSION_DENIED",
            "message": "x",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "SERVICE_DISABLED",
                    "metadata": {"service": "x"},
                }
            ],
        }
    }
    wait = odd.text(random) if random.random() < 0.7 else odd.altered_text("Wed, 21 Oct 2015 07:28:00 GMT", random)
    seconds = retry_after({"Retry-After": wait})
    assert 0 <= seconds <= LONGEST_PAUSE, seconds
    body = json.dumps(odd.altered(error, random))
    status = random.choice((400, 401, 403, 404, 409, 429, 500))
    found = read_failure(
        status, odd.altered_text(body, random) if random.random() < 0.3 else body, {"Retry-After": wait}
    )
    one_sentence(GoogleCall("Secret Manager", "x.y", "projects/p", "somebody").error(found))
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": {"retry-after": wait}}
    answered = {"Error": {"Code": odd.text(random), "Message": odd.text(random)}, "ResponseMetadata": metadata}
    one_sentence(AwsCall("CodeArtifact", "codeartifact:x", "domain demo").error(read_aws(answered)))


def one_sentence(error: RegistryAuthError) -> None:
    """What is told is on one line, and not without end."""
    said = str(error)
    assert said.strip()
    assert said.isprintable(), said
    assert len(said) < 2000, len(said)


TARGETS: dict[str, Target] = {
    one.__name__: one for one in (policies, workflows, provenance, claims, tokens, files, failures)
}  # fmt: skip
