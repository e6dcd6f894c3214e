# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What profiles and other sources of AWS credentials fail with, by the real boto3: one sentence, a code, no secret and no program's output.

The files are as the AWS SDKs and Tools Reference Guide has them. Answers of STS and of IAM Identity Center come from a server here, in
the words of their API References.
"""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import RegistryAuthError
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import CODEARTIFACT, Deadline, Quotas
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.aws.codeartifact import (
    CodeArtifact,
    client_settings,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.codeartifact.names import DomainName
from ansible_collections.pkgops.registry_auth.plugins.module_utils._options import aws
from odd_server import OddServer, http

pytest.importorskip("boto3")
if aws.AnsibleAWSModule is None:
    pytest.skip("the collection amazon.aws is missing", allow_module_level=True)

SECRET = "sesame-open"
ROLE = "arn:aws:iam::123456789012:role/release"
KEYS = f"aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}"
SOURCE = f"[profile source]\n{KEYS}"
ASSUMED = f"[profile one]\nrole_arn = {ROLE}\nsource_profile = source\n{SOURCE}"
SSO = """
[profile one]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Release
[sso-session company]
sso_region = eu-west-1
sso_start_url = https://example.com/start
sso_registration_scopes = sso:account:access
"""


@pytest.fixture
def world(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def failure(**options):
    """The error that a call with these options ends in."""
    given = dict.fromkeys(("access_key", "secret_key", "session_token", "profile", "endpoint_url", "region"))
    params = {**given, "region": "eu-west-1", "validate_certs": True, **options}
    make = aws.client_of(SimpleNamespace(params=params, _name="codeartifact_domain"))

    def call():
        client = make("codeartifact", config=client_settings(1))
        CodeArtifact(client, Quotas(CODEARTIFACT, Deadline())).describe_domain(DomainName("demo"))

    with pytest.raises(RegistryAuthError) as caught:
        call()
    text = str(caught.value)
    assert SECRET not in text
    assert text.endswith(".")
    assert "\n" not in text
    return caught.value.code, text


def program(text):
    """A credential_process that does as told."""
    return f'credential_process = {sys.executable} -c "{text}"'


# By config file: what the sentence has.
PROFILES = {
    "no such profile": (SOURCE, "invalid_input", "There is no AWS profile 'one' on the host"),
    "no source": (
        f"[profile one]\nrole_arn = {ROLE}\nsource_profile = gone",
        "invalid_input",
        'The source_profile "gone" referenced in the profile "one" does not exist.',
    ),
    "neither source": (f"[profile one]\nrole_arn = {ROLE}", "unauthenticated", "source_profile or credential_source is missing"),
    "a circle": (
        f"[profile one]\nrole_arn = {ROLE}\nsource_profile = two\n[profile two]\nrole_arn = {ROLE}\nsource_profile = one",
        "invalid_input",
        "nfinite loop in credential configuration",
    ),
    "an empty source": (f"[profile one]\nrole_arn = {ROLE}\nsource_profile = two\n[profile two]\nregion = x", "invalid_input", "must have credentials"),
    "another source": (f"[profile one]\nrole_arn = {ROLE}\ncredential_source = Gone", "invalid_input", "is not valid"),
    "a code": (f"[profile one]\nrole_arn = {ROLE}\nsource_profile = source\nmfa_serial = m\n{SOURCE}", "invalid_input", "AWS profile 'one' asks for a code"),
    "a code further on": (
        f"[profile one]\nrole_arn = {ROLE}\nsource_profile = two\n[profile two]\nrole_arn = {ROLE}\nsource_profile = source\nmfa_serial = m\n{SOURCE}",
        "invalid_input",
        "AWS profile 'two' asks for a code of multi-factor authentication (mfa_serial), and a module can ask nobody. Get a session before",
    ),
    "half": ("[profile one]\naws_access_key_id = AKIDEXAMPLE", "unauthenticated", "only a part is given: aws_secret_access_key is missing"),
    "no format": ("[profile one\nkey", "invalid_input", "config with AWS settings cannot be read"),
    "no text": (b"[profile one]\nregion = \xff\xfe", "invalid_input", "config with AWS settings cannot be read"),
    "a program that fails": (
        f"[profile one]\n{program(f'import sys; sys.exit({SECRET!r})')}", "unauthenticated", "The credential_process of the AWS profile gives no credentials",
    ),
    "a program that says something else": (f"[profile one]\n{program(f'print({SECRET!r})')}", "unauthenticated", "The credential_process of the AWS profile"),
    "a program that says half": (f"[profile one]\n{program('print(chr(123) + chr(125))')}", "unauthenticated", "The credential_process of the AWS profile"),
    "no program": ("[profile one]\ncredential_process = /nowhere/at-all", "unauthenticated", "The AWS credentials need /nowhere/at-all, which cannot be used"),
    "no web identity": (
        f"[profile one]\nrole_arn = {ROLE}\nweb_identity_token_file = /nowhere/token",
        "unauthenticated",
        "The AWS credentials need /nowhere/token, which cannot be used on the host that runs the module: No such file or directory.",
    ),
    "single sign-on without a session": (SSO, "unauthenticated", "run 'aws sso login' on the host"),
    "half of single sign-on": ("[profile one]\nsso_start_url = https://a.example\nsso_account_id = 1", "invalid_input", "missing required configuration: sso_"),
    "no session of single sign-on": ("[profile one]\nsso_session = gone\nsso_account_id = 1\nsso_role_name = R", "invalid_input", "gone"),
    "no region": (f"[profile one]\n{KEYS}", "invalid_input", "requires a region"),
}  # fmt: skip


@pytest.mark.parametrize(("config", "code", "says"), PROFILES.values(), ids=PROFILES.keys())
def test_profiles(world, config, code, says):
    (world / "config").write_bytes(config if isinstance(config, bytes) else config.encode())
    found = failure(profile="one", **({"region": None} if "requires" in says else {}))
    assert found[0] == code, found
    assert says in found[1]


def test_the_default_profile_is_looked_at_too(world, monkeypatch):
    (world / "config").write_text(f"[default]\nrole_arn = {ROLE}\nsource_profile = source\nmfa_serial = m\n{SOURCE}")
    assert "AWS profile 'default' asks for a code" in failure()[1]
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "source")
    assert "asks for a code" not in failure(endpoint_url="http://127.0.0.1:9")[1]


def test_given_keys_need_no_profile(world):
    (world / "config").write_text(f"[default]\nrole_arn = {ROLE}\nsource_profile = source\nmfa_serial = m\n{SOURCE}")
    found = failure(access_key="AKIDEXAMPLE", secret_key=SECRET, endpoint_url="http://127.0.0.1:9")
    assert found == ("unreachable", "CodeArtifact cannot be reached at http://127.0.0.1:9 (Connection refused).")


OPTIONS = {
    "a profile and keys": ({"profile": "one", "access_key": "AKID"}, "invalid_input", "profile and access tokens"),
    "half of the keys": ({"access_key": "AKIDEXAMPLE"}, "unauthenticated", "aws_secret_access_key is missing"),
    "nothing": ({}, "unauthenticated", "There are no AWS credentials to call CodeArtifact with (NoCredentialsError)"),
    "no address": ({"endpoint_url": f"ht!tp:/{SECRET}@x"}, "invalid_input", "is not a URL: look at endpoint_url"),
    "no such region": ({"region": "eu west 1"}, "invalid_input", "region 'eu west 1' is not the name of a region"),
}


@pytest.mark.parametrize(("options", "code", "says"), OPTIONS.values(), ids=OPTIONS.keys())
def test_options(world, options, code, says):
    found = failure(**options)
    assert found[0] == code, found
    assert says in found[1]


def test_an_address_in_the_environment(world, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_CODEARTIFACT", "localhost:80")
    found = failure(access_key="AKIDEXAMPLE", secret_key=SECRET)
    assert found[0] == "invalid_input"
    assert "AWS_ENDPOINT_URL_CODEARTIFACT" in found[1]


def sts_answers(code, message, status=403):
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return http(body.encode(), status, Content_Type="text/xml")


@pytest.fixture
def answering(world, monkeypatch):
    """STS as told."""
    servers = []

    def make(answer):
        server = OddServer(lambda _request: answer)
        servers.append(server)
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", server.url)
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        (world / "config").write_text(ASSUMED)

    yield make
    for server in servers:
        server.stop()


MAY_NOT = f"User: arn:aws:iam::123456789012:user/ada is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
STS = {
    "no permission": (
        sts_answers("AccessDenied", MAY_NOT),
        "permission_denied",
        f"sts:AssumeRole was refused for {ROLE}, so there are no AWS credentials to continue with. It says: User: arn",
    ),
    "denied": (
        sts_answers("AccessDenied", f"{MAY_NOT} with an explicit deny in a service control policy"),
        "permission_denied",
        f"sts:AssumeRole was refused for {ROLE}, with an explicit deny in a service control policy, so there",
    ),
    "in few words": (sts_answers("AccessDenied", "Access denied"), "permission_denied", "sts:AssumeRole was refused for the role of the AWS profile"),
    "a wrong key": (sts_answers("InvalidClientTokenId", "The security token is invalid."), "unauthenticated", "AWS STS does not accept the AWS credentials"),
    "a wrong secret": (sts_answers("SignatureDoesNotMatch", "Signature expired"), "unauthenticated", "AWS STS does not accept the signature"),
    "an old session": (sts_answers("ExpiredToken", "The security token included in the request is expired"), "unauthenticated", "have expired"),
    "a region that is off": (sts_answers("RegionDisabledException", "STS is not activated in this region"), "permission_denied", "STS is not activated"),
    "too often": (sts_answers("Throttling", "Rate exceeded", 400), "quota_exceeded", "AWS STS was asked too often"),
    "down": (sts_answers("InternalFailure", "x", 500), "unavailable", "AWS STS cannot serve the role of the AWS profile now"),
    "a page": (http(b"<html>hidden</html>", 403), "refused", "is not AWS STS"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "code", "says"), STS.values(), ids=STS.keys())
def test_sts(answering, answer, code, says):
    answering(answer)
    found = failure(profile="one")
    assert found[0] == code, found
    assert says in found[1]
    assert "codeartifact:" not in found[1]


def test_sts_out_of_reach(answering, monkeypatch):
    answering(b"")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    found = failure(profile="one")
    assert found == (
        "unreachable",
        "What gives the AWS credentials for CodeArtifact cannot be reached at http://127.0.0.1:9 (Connection refused).",
    )


def test_single_sign_on_that_has_expired(world):
    (world / "config").write_text(SSO)
    cache = world / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    # The name is the SHA-1 of that of the session.
    from hashlib import sha1

    token = {"startUrl": "https://example.com/start", "region": "eu-west-1", "accessToken": SECRET, "expiresAt": "2020-01-01T00:00:00Z"}  # fmt: skip
    (cache / f"{sha1(b'company').hexdigest()}.json").write_text(json.dumps(token))
    assert failure(profile="one") == (
        "unauthenticated",
        "The session of single sign-on that the AWS profile uses is missing or has expired: run 'aws sso login' on the host that runs "
        "the module, as its user.",
    )
