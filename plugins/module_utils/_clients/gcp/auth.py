# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Google credentials from a task's options, and REST clients that use them."""

from __future__ import annotations

import json
import os
import re
import typing as t
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace

from ..._base.errors import InvalidInput, Refused, RegistryAuthError, Unauthenticated, Unreachable, importing
from ..._base.values import UTC, FromEnvironment, format_time, parse_endpoint
from ..http.bounds import Bounds
from ..http.failures import connection_failure, passing_failure, quoted, retry_after
from ..http.sessions import adopt_session, new_session
from .calls import PERMISSION_MISSING, TOKENS, Call, login_failure, oauth_error, raise_errors, read_failure

if t.TYPE_CHECKING:
    from google.auth.credentials import Credentials

SCOPE = "https://www.googleapis.com/auth/cloud-platform"

#: How the address ends that gives an access token of another account.
IMPERSONATE = ":generateAccessToken"
#: Where google-auth looks up the project of a federated login. Source: its external_account.
_PROJECTS = "https://cloudresourcemanager.googleapis.com/"
GET_TOKEN = "iam.serviceAccounts.getAccessToken"
#: Seconds for which such a token is valid when nothing else is asked for, and the most that needs no organization policy.
#: Source: generateAccessToken in the reference of the IAM Service Account Credentials API.
LIFETIME = 3600

#: The options that hold credentials, or say which, and the environment variables that stand in for them, the first one that is set.
#: GCE_CREDENTIALS_FILE_PATH is what AWX's credential of type Google Compute Engine sets in older releases.
VARIABLES = {
    "auth_kind": ("GCP_AUTH_KIND",),
    "service_account_file": ("GCP_SERVICE_ACCOUNT_FILE", "GCE_CREDENTIALS_FILE_PATH"),
    "service_account_contents": ("GCP_SERVICE_ACCOUNT_CONTENTS",),
    "access_token": ("GCP_ACCESS_TOKEN",),
}


@dataclass(frozen=True)
class AccessToken:
    """An access token, and when it expires, in UTC."""

    text: str = field(repr=False)
    expires: str


@dataclass(frozen=True)
class Connection:
    """Credentials, the name of whom they stand for, and the endpoint that the user wants instead of Google's."""

    credentials: t.Any
    identity: str
    endpoint: str | None = None

    @classmethod
    def from_options(cls, options: t.Mapping[str, t.Any], *, lifetime: int = LIFETIME) -> Connection:
        """Connection from the authentication options of a task.

        :param lifetime: seconds for which tokens are asked for where accounts are impersonated
        :raises InvalidInput: the options contradict each other or cannot be read
        :raises MissingLibrary: google-auth or requests is not installed
        :raises Unauthenticated: there are no credentials, or they are not accepted
        :raises Unavailable: no access token could be got for another reason
        """
        endpoint = checked_endpoint(options.get("api_endpoint"))
        credentials, identity = load_credentials(options, lifetime=lifetime)
        connection = cls(_in_our_words(credentials, identity), identity, endpoint)
        # Before the clients' threads start: otherwise each of them would ask for a token of its own, without a bound.
        connection.token()
        return connection

    def client(
        self,
        client_class: t.Callable[..., t.Any],
        *,
        default_endpoint: str | None = None,
        bounds: Bounds | None = None,
    ) -> t.Any:
        """A client of Google's library over its REST transport, safe to use from several threads."""
        client = client_class(
            credentials=self.credentials,
            transport="rest",
            client_options={"api_endpoint": self.endpoint or default_endpoint},
        )
        # There is no public way to the session of a REST transport, nor to the one that it gets tokens with.
        inside: t.Any = client
        session, endpoint = inside.transport._session, inside.api_endpoint
        adopt_session(session, endpoint if "://" in endpoint else f"https://{endpoint}", bounds=bounds)
        session._auth_request = AuthRequest()
        raise_errors(session)
        return client

    def for_service(self, service: str) -> Connection:
        """The same credentials towards another API, whose endpoint gcloud's environment variable alone can replace.

        :param service: its name in that variable
        :raises InvalidInput: the variable holds no endpoint
        """
        variable = f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{service}"
        return replace(self, endpoint=checked_endpoint(os.environ.get(variable), option=variable))

    def token(self) -> str:
        """An access token, which servers that want a password take for one.

        :raises Unauthenticated: the credentials are not accepted
        :raises Unavailable: no token could be got for another reason
        """
        if not self.credentials.valid:
            self.credentials.refresh(AuthRequest())
        return str(self.credentials.token)

    def access_token(self) -> AccessToken:
        """An access token, and when it expires. Raises as token(), and Refused when that is not known."""
        text = self.token()
        expiry: datetime | None = self.credentials.expiry
        if expiry is None:
            raise Refused(f"{TOKENS.format(self.identity)} does not say when the token expires.")
        # google-auth has it in UTC without saying so.
        return AccessToken(text, format_time(expiry.replace(microsecond=0, tzinfo=UTC)))

    def session(self) -> t.Any:
        """A requests session that logs in, for methods that Google's libraries do not have."""
        request = AuthRequest()

        def login(prepared: t.Any) -> t.Any:
            self.credentials.before_request(request, prepared.method, prepared.url, prepared.headers)
            return prepared

        session = new_session()
        session.auth = login
        return session


def checked_endpoint(endpoint: str | None, *, option: str = "api_endpoint") -> str | None:
    """The endpoint, if there is one. Raises as parse_endpoint()."""
    return parse_endpoint(endpoint, option=option, sends="credentials") if endpoint else None


class AuthRequest:
    """What google-auth asks for tokens with, over a session of ours: those of its own would take logins from ~/.netrc."""

    def __init__(self) -> None:
        from google.auth.transport.requests import Request

        self.session = new_session()
        self._ask: t.Any = Request(self.session)
        #: Of the last thing that was asked for, the status, the headers and the address, which google-auth's errors do not have. The status
        #: is 0 when there was no answer.
        self.last: tuple[int, t.Mapping[str, str], str] = (0, {}, "")

    def __call__(self, url: str, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """Ask as google.auth.transport.Request does."""
        self.last = (0, {}, url)
        answer = self._ask(url, *args, **kwargs)
        self.last = (answer.status, answer.headers, url)
        return answer


class _LoadingRequest(AuthRequest):
    """One that does not ask for the id of a federated login's project, which nobody here needs and a network may not let through."""

    def __call__(self, url: str, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """Ask, or answer that there is no such project."""
        if url.startswith(_PROJECTS):
            return SimpleNamespace(status=404, headers={}, data=b"{}")
        return super().__call__(url, *args, **kwargs)


def _in_our_words(credentials: Credentials, identity: str) -> Credentials:
    """The credentials, which say in our words why they get no token: clients have them get another one before it expires."""
    of_google: t.Any = credentials
    refresh = of_google.refresh

    def refresh_or_say(_request: t.Any) -> None:
        # Threads share that of a client, and so what it was answered last.
        request = AuthRequest()
        try:
            refresh(request)
        except Exception as error:
            failure = _no_token(error, credentials, identity, request)
            # Nothing was sent of the call that the token was for.
            failure.unclear = False
            raise failure from None

    of_google.refresh = refresh_or_say
    return credentials


def _no_token(error: Exception, credentials: t.Any, identity: str, request: t.Any) -> RegistryAuthError:
    """Why there is no access token. What says so already is that."""
    from google.auth.exceptions import GoogleAuthError

    if isinstance(error, RegistryAuthError):
        return error
    status, headers, address = request.last
    source = _credential_source(credentials)
    of_source = _is_source(address, source)
    place = f"The address in credential_source of {identity}" if of_source else TOKENS.format(identity)
    failure = connection_failure(error, place) or passing_failure(place, status, retry_after(headers))
    if failure:
        return failure
    if of_source and status:
        return Unauthenticated(
            f"No access token was requested for {identity}: the address in credential_source of the credentials answers {status}"
            f"{'' if status >= 400 else ', and not with a token'}."
        )
    # A token that was given has nothing to ask with when it is refused.
    if not status and not _is_given_token(credentials) and (source or isinstance(error, (GoogleAuthError, OSError))):
        return _unasked(error, identity)
    if credentials is None and not status:
        # Nobody was asked: google-auth failed on the file itself.
        return Unauthenticated(_no_default_credentials())
    if not isinstance(error, GoogleAuthError):
        return Refused(f"{place} answers something else ({type(error).__name__}).")
    # By impersonate_service_account, or by the file of the default credentials.
    refused = _no_impersonation(error, status, identity, address) if IMPERSONATE in address else None
    if refused:
        return refused
    if status > 401 and not oauth_error(error):
        # An endpoint of tokens says with 400 or 401 that a login is wrong. Source: RFC 6749, section 5.2.
        return Unauthenticated(
            f"{place} answers {status} and says no more, so there is no access token: make sure that its address in the credentials "
            "(token_uri, or token_url) is right, and that it may be asked from here."
        )
    return login_failure(error, identity)


def _is_given_token(credentials: t.Any) -> bool:
    """Whether the credentials are a token without anything to get another one with."""
    return getattr(credentials, "refresh_token", "") is None


def _credential_source(credentials: t.Any) -> t.Mapping[str, t.Any]:
    """Where the credentials say that there is what to show for a token, with workload identity federation; else nothing.

    :param credentials: None while google-auth is loading the default ones
    """
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    try:
        if credentials is None and named:
            with open(named, encoding="utf-8") as file:
                info = json.load(file)
        else:
            # Those that impersonate have others inside.
            info = getattr(getattr(credentials, "_source_credentials", credentials), "info", {})
        # With impersonation by the file, they are within what that says of it.
        found = info.get("credential_source") or info.get("source_credentials", {}).get("credential_source")
    except (OSError, ValueError, AttributeError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_source(address: str, source: t.Mapping[str, t.Any]) -> bool:
    """Whether it is an address that is asked for what is to be shown. Source: google-auth's identity_pool and aws."""
    names = ("url", "region_url", "imdsv2_session_token_url")
    if address in [source.get(name) for name in names]:
        return True
    # The name of a machine's role is added to it.
    of_aws = str(source.get("environment_id", "")).startswith("aws")
    return of_aws and address.startswith(f"{str(source.get('url')).rstrip('/')}/")


def _unasked(error: Exception, identity: str) -> RegistryAuthError:
    """Why nobody could be asked for an access token: with workload identity federation, the credentials name what to show for one."""
    from google.auth.exceptions import TransportError

    if any(isinstance(one, TransportError) for one in (error, *error.args)):
        return Unreachable(f"{TOKENS.format(identity)} cannot be reached.")
    # The rest of what google-auth says may have parts of a token.
    missing = re.search(r"[Ff]ile '(.+)' was not found", str(error))
    if isinstance(error, OSError) and error.filename == os.environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        return Unauthenticated(
            f"GOOGLE_APPLICATION_CREDENTIALS names the file {error.filename!r}, which cannot be read: {error.strerror}."
        )
    if isinstance(error, OSError) and error.filename:
        why = f"the file {str(error.filename)!r} that the credentials name cannot be read: {error.strerror}"
    elif missing:
        why = f"the file {missing[1]!r} that the credentials name is not there"
    else:
        why = "what credential_source of the credentials names cannot be read, or holds no token"
    return Unauthenticated(f"No access token was requested for {identity}: {why}.")


def _no_impersonation(error: Exception, status: int, identity: str, address: str) -> Unauthenticated | None:
    """Why there is no access token of another account. Google's API says more than an endpoint of tokens, and no token."""
    answer = next((one for one in error.args[1:] if isinstance(one, str)), "")
    failure = read_failure(status, answer, {})
    if status in (403, 404) and failure.reason in ("", PERMISSION_MISSING):
        return Unauthenticated(
            f"No access token was given for {identity}: that needs the permission {GET_TOKEN} on the account, which may also not exist."
            + quoted(failure.message)
        )
    if not failure.status or status == 401:
        return None
    account = address.rpartition("/")[2].removesuffix(IMPERSONATE)
    why = Call("IAM Service Account Credentials", GET_TOKEN, account, identity).error(failure)
    return Unauthenticated(f"No access token was given for {identity}: {why}")


def passes_token(options: t.Mapping[str, t.Any]) -> bool:
    """Whether the credentials are an access token that somebody gave, of which nobody knows when it expires."""
    options = _as_the_task_says(options)
    kind = options.get("auth_kind") or _implied_kind(options)
    return kind == "accesstoken" and not options.get("impersonate_service_account")


def load_credentials(options: t.Mapping[str, t.Any], *, lifetime: int = LIFETIME) -> tuple[Credentials, str]:
    """Credentials and the name of whom they stand for. Parameters and errors are those of Connection.from_options()."""
    with importing("google-auth[requests]"):
        import google.auth.exceptions

        # It takes requests, on which google-auth does not depend.
        import google.auth.transport.requests
    options = _as_the_task_says(options)
    kind = options.get("auth_kind") or _implied_kind(options)
    try:
        credentials, identity = _LOADERS[kind](options)
    except google.auth.exceptions.DefaultCredentialsError:
        raise Unauthenticated(_no_default_credentials()) from None
    chain = options.get("impersonate_service_account")
    if chain:
        return _impersonated(credentials, identity, chain, lifetime)
    return credentials, identity


def _no_default_credentials() -> str:
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if named:
        wrong = "cannot be used as credentials" if os.path.isfile(named) else "is not there"
        return f"GOOGLE_APPLICATION_CREDENTIALS names the file {named!r}, which {wrong}."
    return (
        "There are no application default credentials: run 'gcloud auth application-default login', set "
        "GOOGLE_APPLICATION_CREDENTIALS, or give service_account_file, service_account_contents or access_token."
    )


def _untyped(of_google: t.Any) -> t.Any:
    """A class of google-auth, whose methods have no types."""
    return of_google


def _as_the_task_says(options: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """The options without the environment's credentials when the task has some of its own: nobody is to act as somebody else."""

    def from_environment(name: str) -> bool:
        stands_in = next((os.environ[variable] for variable in VARIABLES.get(name, ()) if variable in os.environ), None)
        return stands_in is not None and options[name] in (stands_in, os.path.expanduser(os.path.expandvars(stands_in)))

    def said(name: str) -> bool:
        # A path is a new text by now, of which only its value tells where it comes from.
        marked = (
            from_environment(name) if name == "service_account_file" else isinstance(options[name], FromEnvironment)
        )
        return bool(options[name]) and not marked

    keys = [name for name in VARIABLES if name != "auth_kind" and name in options]
    own = {name: value for name, value in options.items() if not from_environment(name)}
    taken = dict(own if any(own.get(name) for name in keys) else options)
    chain = taken.get("impersonate_service_account") or ()
    if any(isinstance(one, FromEnvironment) for one in chain) and any(said(name) for name in keys):
        # Whom the environment acts as is for the environment's credentials, also when the task has the same ones.
        del taken["impersonate_service_account"]
    return taken


def _implied_kind(options: t.Mapping[str, t.Any]) -> str:
    if options.get("access_token"):
        return "accesstoken"
    if options.get("service_account_file") or options.get("service_account_contents"):
        return "serviceaccount"
    return "application"


def _application(_options: t.Mapping[str, t.Any]) -> tuple[Credentials, str]:
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    identity, request = "the application default credentials", t.cast("t.Any", _LoadingRequest())
    try:
        # For workload identity federation, this asks for a token already.
        credentials, _project = google.auth.default(scopes=[SCOPE], request=request)
    except DefaultCredentialsError:
        raise
    except Exception as error:
        raise _no_token(error, None, identity, request) from None
    email = getattr(credentials, "service_account_email", None) or getattr(credentials, "account", None)
    return credentials, email if email and email != "default" else identity


def _service_account(options: t.Mapping[str, t.Any]) -> tuple[Credentials, str]:
    from google.oauth2 import service_account

    path, contents = options.get("service_account_file"), options.get("service_account_contents")
    if bool(path) == bool(contents):
        raise InvalidInput("auth_kind serviceaccount takes one of service_account_file and service_account_contents.")
    option = f"service_account_file {path!r}" if path else "service_account_contents"
    try:
        if path:
            with open(os.path.expanduser(path), encoding="utf-8") as file:
                contents = file.read()
        key = json.loads(contents) if isinstance(contents, str) else contents
        credentials = _untyped(service_account.Credentials).from_service_account_info(key, scopes=[SCOPE])
    except OSError as error:
        raise InvalidInput(f"service_account_file {path!r} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, AttributeError, RecursionError):
        # The error's own text may quote the key.
        raise InvalidInput(f"{option} is not a service account's key in JSON.") from None
    return credentials, credentials.service_account_email


def _access_token(options: t.Mapping[str, t.Any]) -> tuple[Credentials, str]:
    import google.oauth2.credentials

    token = options.get("access_token")
    if not token:
        raise InvalidInput("auth_kind accesstoken needs access_token, or GCP_ACCESS_TOKEN in the environment.")
    if token != token.strip() or not token.isprintable():
        raise InvalidInput("access_token has white space or control characters around or in it.")
    return _untyped(google.oauth2.credentials.Credentials)(token), "the given access token"


def _machine_account(options: t.Mapping[str, t.Any]) -> tuple[Credentials, str]:
    from google.auth import compute_engine

    email = options.get("service_account_email") or "default"
    return _untyped(compute_engine.Credentials)(email), f"the machine's service account ({email})"


_LOADERS = {
    "application": _application,
    "serviceaccount": _service_account,
    "accesstoken": _access_token,
    "machineaccount": _machine_account,
}
AUTH_KINDS = tuple(_LOADERS)


def _impersonated(source: Credentials, caller: str, chain: t.Sequence[str], lifetime: int) -> tuple[Credentials, str]:
    from google.auth import impersonated_credentials

    *delegates, target = chain
    variable = "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS"
    endpoint = checked_endpoint(os.environ.get(variable), option=variable)
    if endpoint:
        endpoint = f"{endpoint}/v1/projects/-/serviceAccounts/{target}{IMPERSONATE}"
    credentials = _untyped(impersonated_credentials.Credentials)(
        source_credentials=source,
        target_principal=target,
        target_scopes=[SCOPE],
        delegates=delegates,
        lifetime=lifetime,
        iam_endpoint_override=endpoint,
    )
    return credentials, f"{target} (impersonated by {caller})"
