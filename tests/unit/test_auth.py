# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials from options: the kind implied, the identity named, wrong ones refused without being quoted."""

from __future__ import annotations

import builtins
import datetime
import json
import os
import socket
import sys
from functools import partial

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    MissingLibrary,
    Refused,
    RegistryAuthError,
    Throttled,
    Unauthenticated,
    Unavailable,
    Unreachable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import SECRET_MANAGER, Deadline, Quotas
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.auth import (
    VARIABLES,
    Connection,
    checked_endpoint,
    load_credentials,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import SecretManager
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import SecretName, repository_name
from ansible_collections.pkgops.registry_auth.plugins.module_utils._options.gcp import (
    REPOSITORY,
    SECRET,
    artifact_registry_argument_spec,
    gcp_batch_argument_spec,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_remote_repository import (
    WantedRepositories,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.gcp_repository_access_info import (
    WantedAccess,
)
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from odd_server import http, odd_server


def test_an_access_token_implies_its_kind():
    credentials, identity = load_credentials({"access_token": "sesame"})
    assert credentials.token == "sesame"
    assert identity == "the given access token"


PRIVATE_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
KEY = json.dumps(
    {
        "private_key": PRIVATE_KEY,
        "client_email": "ci@p.iam.gserviceaccount.com",
        "token_uri": "https://example.com/token",
    }
)


@pytest.mark.parametrize(
    ("environment", "task", "identity"),
    [
        ({"GCP_ACCESS_TOKEN": "other"}, {"service_account_contents": KEY}, "ci@p.iam.gserviceaccount.com"),
        ({"GCP_SERVICE_ACCOUNT_CONTENTS": KEY}, {"access_token": "sesame"}, "the given access token"),
        ({"GCP_SERVICE_ACCOUNT_FILE": "~/other"}, {"service_account_contents": KEY}, "ci@p.iam.gserviceaccount.com"),
        ({"GCE_CREDENTIALS_FILE_PATH": "~/other"}, {"service_account_contents": KEY}, "ci@p.iam.gserviceaccount.com"),
        ({"GCP_AUTH_KIND": "application"}, {"access_token": "sesame"}, "the given access token"),
        # All from the environment, of which the token comes first.
        ({"GCP_ACCESS_TOKEN": "a", "GCP_SERVICE_ACCOUNT_FILE": "~/other"}, {}, "the given access token"),
        ({"GCP_SERVICE_ACCOUNT_CONTENTS": KEY}, {}, "ci@p.iam.gserviceaccount.com"),
    ],
)
def test_credentials_of_the_task_come_before_the_environments(monkeypatch, environment, task, identity):
    names = {variable: name for name, variables in VARIABLES.items() for variable in variables}
    for variable in names:
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    fallbacks = {names[variable]: os.path.expanduser(value) for variable, value in environment.items()}

    assert load_credentials({**fallbacks, **task})[1] == identity


def test_impersonation_names_whom_it_acts_as():
    chain = ["first@p.iam.gserviceaccount.com", "last@p.iam.gserviceaccount.com"]
    credentials, identity = load_credentials({"access_token": "sesame", "impersonate_service_account": chain})
    assert credentials.service_account_email == "last@p.iam.gserviceaccount.com"
    assert identity == "last@p.iam.gserviceaccount.com (impersonated by the given access token)"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"auth_kind": "accesstoken"}, "needs access_token"),
        ({"access_token": "sesame\n"}, "white space"),
        ({"auth_kind": "serviceaccount"}, "one of service_account_file and service_account_contents"),
        ({"service_account_file": "a", "service_account_contents": "b"}, "one of service_account_file"),
        ({"service_account_file": "/nowhere/key.json"}, "cannot be read"),
        ({"service_account_contents": "{'sesame'}"}, "service_account_contents is not a service account's key"),
        ({"service_account_contents": '{"private_key": "sesame"}'}, "is not a service account's key"),
        ({"service_account_contents": '["sesame"]'}, "is not a service account's key"),
        ({"service_account_contents": "[" * 100_000}, "is not a service account's key"),
        (
            {
                "service_account_contents": '{"private_key": "sesame", "client_email": "a@b", "token_uri": "u"}',
            },
            "is not a service account's key",
        ),
    ],
)
def test_wrong_credentials_are_refused_without_quoting_them(options, says):
    with pytest.raises(InvalidInput) as refusal:
        load_credentials(options)
    assert says in str(refusal.value)
    assert "sesame" not in str(refusal.value)


def test_a_given_token_that_is_refused_was_not_accepted():
    """It has nothing to get another one with, which is no fault of what the credentials name."""
    with odd_server(lambda _request: http({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, 401)) as server:
        connection = Connection.from_options({"access_token": "sesame", "api_endpoint": server.url})
        with pytest.raises(Unauthenticated, match=r"the given access token, were not accepted or have expired"):
            ASKING["client"](connection)


def test_no_credentials_is_told_with_the_remedy(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    with pytest.raises(Unauthenticated, match="gcloud auth application-default login"):
        load_credentials({})


def test_a_missing_library_names_itself_and_the_interpreter(monkeypatch):
    real = builtins.__import__

    def without_google(name, *args, **kwargs):
        if name.startswith("google"):
            raise ImportError(f"No module named {name!r}")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_google)
    with pytest.raises(MissingLibrary) as told:
        load_credentials({})
    assert "google-auth" in str(told.value)
    assert sys.executable in str(told.value)


def test_requests_is_missed_before_it_is_needed(monkeypatch):
    monkeypatch.delitem(sys.modules, "google.auth.transport.requests", raising=False)
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(MissingLibrary, match=r"google-auth\[requests\]"):
        load_credentials({"access_token": "sesame"})


@pytest.mark.parametrize(
    ("endpoint", "checked"),
    [
        (None, None),
        ("", None),
        ("https://private.example.com/sm/", "https://private.example.com/sm"),
        ("http://127.0.0.1:8085/sm/", "http://127.0.0.1:8085/sm"),
        ("http://localhost:8085", "http://localhost:8085"),
        ("http://[::1]:8085", "http://[::1]:8085"),
    ],
)
def test_endpoints(endpoint, checked):
    assert checked_endpoint(endpoint) == checked


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ("http://sm.example.com", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("ftp://sm.example.com", "not a URL"),
        ("sm.example.com", "not a URL"),
        ("https://user:sesame@sm.example.com", "user name or password"),
    ],
)
def test_wrong_endpoints_are_refused_before_credentials_are_loaded(endpoint, says):
    with pytest.raises(InvalidInput) as refusal:
        Connection.from_options({"api_endpoint": endpoint, "auth_kind": "accesstoken"})
    assert says in str(refusal.value)
    assert "sesame" not in str(refusal.value)


# Workload identity federation

POOL = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p"
INVALID_GRANT = http({"error": "invalid_grant", "error_description": "sesame is not the right word"}, 400)


def federation(url, token_file, **more):
    return {
        "type": "external_account",
        "audience": POOL,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"{url}/v1/token",
        "credential_source": {"file": str(token_file)},
        **more,
    }


FEDERATION = {
    "no file": (None, False, Unauthenticated, "unauthenticated"),
    "refused": (INVALID_GRANT, True, Unauthenticated, "invalid_grant"),
    "down": (http(b"sesame", 503), True, Unavailable, "503"),
    "too often": (http({"error": "sesame"}, 429), True, Throttled, "asked too often"),
    "nonsense": (http(["sesame"]), True, Refused, "The endpoint of access tokens"),
    "broken": (None, True, Unavailable, "broke off"),
    "not an endpoint of tokens": (http(b"<h1>sesame</h1>", 404), True, Unauthenticated, "answers 404 and says no more"),
    "no way there": (http(b"sesame", 405), True, Unauthenticated, "answers 405 and says no more"),
    "elsewhere": (http(b"", 307, Location="http://127.0.0.1:9/"), True, Refused, "redirects to another address"),
}


@pytest.mark.parametrize("project", [None, "p"])
@pytest.mark.parametrize("chain", [None, ["x@p.iam.gserviceaccount.com"]])
@pytest.mark.parametrize(("answer", "has_file", "kind", "says"), FEDERATION.values(), ids=FEDERATION.keys())
def test_a_federated_login_that_fails_is_one_sentence(
    monkeypatch, tmp_path, answer, has_file, kind, says, chain, project
):
    token_file, settings = tmp_path / "token", tmp_path / "settings.json"
    if has_file:
        token_file.write_text("sesame")
    if project:
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
    else:
        monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    # google-auth tries again by itself, with pauses.
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with odd_server(lambda _request: answer) as server:
        settings.write_text(json.dumps(federation(server.url, token_file)))
        with pytest.raises(RegistryAuthError) as error:
            Connection.from_options({"impersonate_service_account": chain})
    assert error.type is kind
    assert says in str(error.value) or says == error.value.code
    assert "sesame" not in str(error.value)
    assert str(error.value).isprintable()


def test_a_federated_login_that_nobody_answers_is_unreachable(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("sesame")
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(federation("http://127.0.0.1:9", tmp_path / "token")))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with pytest.raises(
        Unreachable,
        match=r"endpoint of access tokens for .* cannot be reached at http://127.0.0.1:9 [(]Connection refused",
    ):
        Connection.from_options({})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "which is not there"),
        ("{", "which cannot be used as credentials"),
        ('{"type": "sesame"}', "which cannot be used as credentials"),
        ('{"type": "external_account", "audience": "sesame"}', "which cannot be used as credentials"),
        ('{"type": "service_account", "private_key": "sesame"}', "which cannot be used as credentials"),
        ("[]", "which cannot be used as credentials"),
    ],
)
def test_a_file_that_the_environment_names_is_told_as_what_is_wrong(monkeypatch, tmp_path, content, says):
    file = tmp_path / "adc.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(Unauthenticated) as error:
        load_credentials({})
    assert f"GOOGLE_APPLICATION_CREDENTIALS names the file '{file}', {says}" in str(error.value)
    assert "sesame" not in str(error.value)


def test_a_folder_is_no_file_with_credentials(monkeypatch, tmp_path):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path))
    with pytest.raises(Unauthenticated) as error:
        load_credentials({})
    assert str(error.value).endswith(f"names the file '{tmp_path}', which cannot be read: Is a directory.")


@pytest.mark.parametrize("status", [404, 405, 410])
@pytest.mark.parametrize("chain", [None, ["x@p.iam.gserviceaccount.com"]])
def test_an_address_that_gives_no_tokens_is_told_as_such(status, chain):
    """With a service account's key, also when somebody else is acted as, who was not asked for yet."""
    with odd_server(lambda _request: http(b"<h1>sesame</h1>", status)) as server:
        key = json.dumps({**json.loads(KEY), "token_uri": f"{server.url}/token"})
        with pytest.raises(Unauthenticated) as error:
            Connection.from_options({"service_account_contents": key, "impersonate_service_account": chain})
    assert f"answers {status} and says no more" in str(error.value)
    assert "not accepted" not in str(error.value)
    assert "sesame" not in str(error.value)


def refused(status, name, message, reason="", **metadata):
    """An answer of Google's API. Source: its error model, and google.api.ErrorReason."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }
    error = {"code": status, "status": name, "message": message, "details": [info] if reason else []}
    return http({"error": error}, status)


ROBOT = "robot@p.iam.gserviceaccount.com"
DENIED = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
#: What Google answers to a question for an account's token, what has to be said, and what would be a guess.
NO_IMPERSONATION = {
    "permission": (
        refused(
            403, "PERMISSION_DENIED", DENIED, "IAM_PERMISSION_DENIED", permission="iam.serviceAccounts.getAccessToken"
        ),
        "needs the permission iam.serviceAccounts.getAccessToken",
        "not accepted",
    ),
    "words alone": (refused(403, "PERMISSION_DENIED", DENIED), f"It says: {DENIED}", "not accepted"),
    "no such account": (
        refused(404, "NOT_FOUND", "Not found; Gaia id not found for email."),
        "which may also not exist",
        "token_uri",
    ),
    "disabled": (
        refused(
            403,
            "PERMISSION_DENIED",
            "IAM Service Account Credentials API has not been used in project 123 before or it is disabled.",
            "SERVICE_DISABLED",
            service="iamcredentials.googleapis.com",
            consumer="projects/123",
        ),
        "gcloud services enable iamcredentials.googleapis.com --project 123",
        "getAccessToken",
    ),
    "perimeter": (
        refused(
            403,
            "PERMISSION_DENIED",
            "Request is prohibited by organization's policy.",
            "SECURITY_POLICY_VIOLATED",
            vpcServiceControlsUniqueIdentifier="abc",
        ),
        "identifier abc",
        "getAccessToken",
    ),
    "lifetime": (
        refused(400, "INVALID_ARGUMENT", "The access token lifetime cannot exceed 3600 seconds."),
        "It says: The access token lifetime cannot exceed 3600 seconds.",
        "not accepted",
    ),
    "no words": (http(b"<h1>sesame</h1>", 403), "needs the permission iam.serviceAccounts.getAccessToken", "token_uri"),
}


@pytest.mark.parametrize("by_file", [False, True])
@pytest.mark.parametrize(("answer", "says", "guess"), NO_IMPERSONATION.values(), ids=NO_IMPERSONATION.keys())
def test_why_an_account_cannot_be_acted_as(monkeypatch, tmp_path, answer, says, guess, by_file):
    """Whether the task names the account, or the file of a federated login does."""
    path = f"/v1/projects/-/serviceAccounts/{ROBOT}:generateAccessToken"
    token = {
        "access_token": "sesame",
        "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    subject, settings = tmp_path / "token", tmp_path / "settings.json"
    subject.write_text("sesame")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    with odd_server(lambda request: answer if "generateAccessToken" in request.path else http(token)) as server:
        monkeypatch.setenv("CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS", server.url)
        settings.write_text(
            json.dumps(federation(server.url, subject, service_account_impersonation_url=f"{server.url}{path}"))
        )
        given = {} if by_file else {"access_token": "sesame", "impersonate_service_account": [ROBOT]}
        with pytest.raises(Unauthenticated) as error:
            Connection.from_options(given)
    assert says in str(error.value)
    assert guess not in str(error.value)
    assert "sesame" not in str(error.value)


#: What answers at the address that is to give what is shown for a token, as GitHub Actions has one.
SOURCE_ADDRESS = {
    "refused": (http(b"sesame", 403), Unauthenticated, "credential_source of the credentials answers 403."),
    "gone": (http(b"sesame", 404), Unauthenticated, "credential_source of the credentials answers 404."),
    "down": (
        http(b"sesame", 503),
        Unavailable,
        "The address in credential_source of the application default credentials cannot serve now: it answers 503",
    ),
    "another field": (http({"sesame": "sesame"}), Unauthenticated, "answers 200, and not with a token"),
}


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize(("answer", "kind", "says"), SOURCE_ADDRESS.values(), ids=SOURCE_ADDRESS.keys())
def test_an_address_with_nothing_to_show_is_not_taken_for_the_one_of_tokens(
    monkeypatch, tmp_path, answer, kind, says, later
):
    settings = tmp_path / "settings.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    # So that google-auth does not ask for it.
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    answers = {"/source?audience=x": http({"value": "sesame"}), "/v1/token": TOKEN} if later else {}
    with odd_server(lambda request: answers.get(request.path, answer)) as server:
        source = {
            "url": f"{server.url}/source?audience=x",
            "format": {"type": "json", "subject_token_field_name": "value"},
        }
        settings.write_text(json.dumps(federation(server.url, "", credential_source=source)))
        get_token = partial(Connection.from_options, {})
        if later:
            connection = get_token()
            del answers["/source?audience=x"]
            expire(connection)
            get_token = connection.token
        with pytest.raises(RegistryAuthError) as error:
            get_token()
    assert error.type is kind
    assert says in str(error.value)
    assert "sesame" not in str(error.value)


def test_a_file_that_cannot_be_read_for_what_is_shown_is_named(monkeypatch, tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps(federation("http://127.0.0.1:9", tmp_path)))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    with pytest.raises(
        Unauthenticated, match=f"the file '{tmp_path}' that the credentials name cannot be read: Is a dir"
    ):
        Connection.from_options({})


def test_a_token_whose_end_nobody_knows_is_not_given():
    connection = Connection.from_options({"access_token": "sesame"})
    with pytest.raises(Refused, match=r"does not say when the token expires[.]") as error:
        connection.access_token()
    assert "sesame" not in str(error.value)


@pytest.mark.parametrize("broken", ["source", "token"])
def test_who_does_not_answer_is_named(monkeypatch, tmp_path, broken):
    """Also when the other one has answered right before."""
    settings = tmp_path / "settings.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    with odd_server(lambda _request: http(b"sesame")) as server:
        nobody = "http://127.0.0.1:9"
        source = {"url": f"{nobody if broken == 'source' else server.url}/source"}
        settings.write_text(
            json.dumps(federation(nobody if broken == "token" else server.url, "", credential_source=source))
        )
        with pytest.raises(Unreachable) as error:
            Connection.from_options({})
    named = "The address in credential_source of " if broken == "source" else "The endpoint of access tokens"
    assert str(error.value).startswith(named)


def test_an_address_of_tokens_below_the_one_of_what_is_shown_is_told_apart(monkeypatch, tmp_path):
    settings = tmp_path / "settings.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    answers = {"/v1": http(b"sesame")}
    with odd_server(lambda request: answers.get(request.path, http(b"", 404))) as server:
        settings.write_text(json.dumps(federation(server.url, "", credential_source={"url": f"{server.url}/v1"})))
        with pytest.raises(Unauthenticated, match=r"The endpoint of access tokens .* answers 404"):
            Connection.from_options({})


@pytest.mark.parametrize("project", [None, "p"])
def test_a_federated_login_needs_nobody_but_the_endpoint_of_tokens(monkeypatch, tmp_path, project):
    token_file, settings = tmp_path / "token", tmp_path / "settings.json"
    token_file.write_text("sesame")
    if project:
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    look_up, looked_up = socket.getaddrinfo, set()
    monkeypatch.setattr(
        "socket.getaddrinfo", lambda host, *rest, **more: looked_up.add(host) or look_up(host, *rest, **more)
    )
    asked = []
    with odd_server(lambda request: asked.append(request.path) or TOKEN) as server:
        settings.write_text(json.dumps(federation(server.url, token_file)))
        connection = Connection.from_options({})
    assert connection.credentials.valid
    assert (asked, looked_up) == (["/v1/token"], {"127.0.0.1"})


def test_a_program_that_shows_nothing_is_told_as_such(monkeypatch, tmp_path):
    settings = tmp_path / "settings.json"
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    monkeypatch.setenv("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1")
    source = {"executable": {"command": "echo sesame", "timeout_millis": 5000}}
    settings.write_text(json.dumps(federation("http://127.0.0.1:9", "", credential_source=source)))
    with pytest.raises(
        Unauthenticated, match="credential_source of the credentials names cannot be read, or holds no token"
    ) as error:
        Connection.from_options({})
    assert "sesame" not in str(error.value)


# Tokens that clients get later

TOKEN = http({"access_token": "sesame", "issued_token_type": "t", "token_type": "Bearer", "expires_in": 3600})


def expire(connection):
    """Have the time of its token be over."""
    connection.credentials.expiry = datetime.datetime(2020, 1, 1)


LATER = {
    "down": (http(b"sesame", 503), True, Unavailable, "The endpoint of access tokens for .* answers 503"),
    "refused": (INVALID_GRANT, True, Unauthenticated, "not accepted or have expired. It says: invalid_grant"),
    "file gone": (TOKEN, False, Unauthenticated, "the file '.*' that the credentials name is not there"),
}


ASKING = {
    "session": lambda connection: connection.session().post(f"{connection.endpoint}/write"),
    "client": lambda connection: SecretManager(connection, Quotas(SECRET_MANAGER, Deadline())).get_secret(
        SecretName("p", "s")
    ),
}


@pytest.mark.parametrize("ask", ASKING.values(), ids=ASKING.keys())
@pytest.mark.parametrize(("answer", "has_file", "kind", "says"), LATER.values(), ids=LATER.keys())
def test_why_a_client_gets_no_other_token_is_told_as_for_the_first(
    monkeypatch, tmp_path, answer, has_file, kind, says, ask
):
    token_file, settings = tmp_path / "token", tmp_path / "settings.json"
    token_file.write_text("sesame")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    # So that google-auth does not ask for it.
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    answers, paths = [TOKEN], []

    def answered(request):
        paths.append(request.path)
        return answers.pop() if answers else answer

    with odd_server(answered) as server:
        settings.write_text(json.dumps(federation(server.url, token_file)))
        connection = Connection.from_options({"api_endpoint": server.url})
        expire(connection)
        if not has_file:
            token_file.unlink()
        with pytest.raises(kind, match=says) as error:
            ask(connection)
    assert set(paths) == {"/v1/token"}
    # Nothing was written, and so nothing may have changed.
    assert not error.value.unclear
    assert "sesame" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "source", "says"),
    [
        (None, {}, "the file '{file}' that the credentials name is not there"),
        (
            "sesame",
            {"format": {"type": "json", "subject_token_field_name": "t"}},
            "credential_source of the credentials names cannot be read",
        ),
        ("", {}, "credential_source of the credentials names cannot be read, or holds no token"),
    ],
)
def test_who_has_nothing_to_show_was_not_refused(monkeypatch, tmp_path, content, source, says):
    file, settings = tmp_path / "token", tmp_path / "settings.json"
    if content is not None:
        file.write_text(content)
    settings.write_text(
        json.dumps(federation("http://127.0.0.1:9", file, credential_source={"file": str(file), **source}))
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(settings))
    with pytest.raises(Unauthenticated) as error:
        Connection.from_options({})
    assert says.format(file=file) in str(error.value)
    assert "not accepted" not in str(error.value)
    assert "sesame" not in str(error.value)


@pytest.mark.parametrize(
    ("task", "acts_as"),
    [
        ({}, "env@p.iam.gserviceaccount.com (impersonated by the given access token)"),
        ({"service_account_contents": KEY}, "ci@p.iam.gserviceaccount.com"),
        ({"access_token": "another"}, "the given access token"),
        # The same as the environment's, and said all the same.
        ({"access_token": "sesame"}, "the given access token"),
        (
            {"service_account_contents": KEY, "impersonate_service_account": ["env@p.iam.gserviceaccount.com"]},
            "env@p.iam.gserviceaccount.com (impersonated by ci@p.iam.gserviceaccount.com)",
        ),
        (
            {"impersonate_service_account": ["own@p.iam.gserviceaccount.com"]},
            "own@p.iam.gserviceaccount.com (impersonated by the given access token)",
        ),
        ({"auth_kind": "accesstoken"}, "env@p.iam.gserviceaccount.com (impersonated by the given access token)"),
    ],
)
def test_whom_the_environment_acts_as_is_for_its_own_credentials(monkeypatch, task, acts_as):
    """By the real argument spec, which tells what a task says from what the environment does."""
    monkeypatch.setenv("GCP_IMPERSONATE_SERVICE_ACCOUNT", "env@p.iam.gserviceaccount.com")
    monkeypatch.setenv("GCP_ACCESS_TOKEN", "sesame")
    with patch_module_args({"secret": "s", **task}):
        module = AnsibleModule(gcp_batch_argument_spec(SECRET, "SECRETMANAGER"))
    assert load_credentials(module.params)[1] == acts_as


def test_nobody_is_acted_as_when_the_environment_names_nobody(monkeypatch):
    monkeypatch.setenv("GCP_IMPERSONATE_SERVICE_ACCOUNT", "")
    with patch_module_args({"access_token": "sesame"}):
        module = AnsibleModule(gcp_batch_argument_spec(SECRET, "SECRETMANAGER"))
    assert load_credentials(module.params)[1] == "the given access token"


def test_the_location_of_the_environment_is_that_of_repositories_without_one(monkeypatch):
    monkeypatch.setenv("CLOUDSDK_ARTIFACTS_LOCATION", "europe-west1")
    for given, location in (({}, "europe-west1"), ({"location": "us-central1"}, "us-central1")):
        with patch_module_args({"repository": "r", "project": "demo-project", **given}):
            module = AnsibleModule(artifact_registry_argument_spec(REPOSITORY))
        assert repository_name(module.params).location == location
        assert WantedRepositories.from_options(module.params).location == location
        assert WantedRepositories.from_options({**module.params, "repository": None}).location == given.get("location")
        everything = {**module.params, "repository": None}
        assert WantedAccess.from_options(everything).location == given.get("location")
        (name,) = WantedAccess.from_options({**everything, "repositories": ["r"]}).repositories or ()
        assert name.location == location
    # Names say their own.
    name = "projects/p-1234/locations/us-east1/repositories/r"
    assert str(repository_name({**module.params, "repository": name})) == name
