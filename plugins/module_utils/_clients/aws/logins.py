# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where AWS credentials come from, and why there are none: each failure of boto3's as one of our errors.

Sources: the AWS SDKs and Tools Reference Guide, "Shared config and credentials files" and "Assume role credential provider"; botocore's
exceptions. Texts of botocore's are shown only where they hold nothing but names: what a program that gives credentials printed may be
a secret.
"""

from __future__ import annotations

import json
import typing as t
from contextlib import contextmanager

from ..._base.errors import InvalidInput, RegistryAuthError, Unauthenticated
from ..http.failures import words

_NEEDS_CODE = (
    "asks for a code of multi-factor authentication (mfa_serial), and a module can ask nobody. Get a session before the task, for example "
    "with 'aws sts assume-role', and give its access_key, secret_key and session_token."
)
_SSO = (
    "The session of single sign-on that the AWS profile uses is missing or has expired: run 'aws sso login' on the host that runs the "
    "module, as its user."
)
_LOGIN = "The session of 'aws login' that the AWS profile uses is missing or has expired: run it again on the host that runs the module."
_PROCESS = (
    "The credential_process of the AWS profile gives no credentials: run it on the host that runs the module to see why. What it printed "
    "may hold a secret and is not shown."
)
_MEANINGS: t.Mapping[str, tuple[type[RegistryAuthError], str]] = {
    "ProfileNotFound": (InvalidInput, "There is no AWS profile {profile!r} on the host that runs the module."),
    "ConfigParseError": (
        InvalidInput,
        "The file {path} with AWS settings cannot be read: it is not in the format of such files.",
    ),
    "ConfigNotFound": (
        InvalidInput,
        "The file {path} with AWS settings does not exist on the host that runs the module.",
    ),
    # Holds names of profiles and settings.
    "InvalidConfigError": (InvalidInput, "The AWS profile is not usable: {said}."),
    "NoRegionError": (InvalidInput, "region is missing: set it, AWS_REGION, or a region in the AWS profile."),
    "InvalidRegionError": (InvalidInput, "region {region_name!r} is not the name of a region, such as eu-west-1."),
    "PartialCredentialsError": (Unauthenticated, "Of the AWS credentials only a part is given: {cred_var} is missing."),
    "TokenRetrievalError": (Unauthenticated, _SSO),
    "SSOError": (Unauthenticated, _SSO),
    "LoginError": (Unauthenticated, _LOGIN),
    "RefreshWithMFAUnsupportedError": (Unauthenticated, f"The AWS profile {_NEEDS_CODE}"),
    # Without a terminal, getpass has nobody to ask.
    "EOFError": (Unauthenticated, f"The AWS profile {_NEEDS_CODE}"),
    "MissingDependencyException": (Unauthenticated, "The AWS profile needs another Python library: {said}."),
    **dict.fromkeys(
        ("NoCredentialsError", "CredentialRetrievalError", "MetadataRetrievalError", "UnknownCredentialError"),
        (
            Unauthenticated,
            "There are no AWS credentials to call {service} with ({kind}): give access_key and secret_key, a profile, or what else "
            "boto3 finds on the host that runs the module.",
        ),
    ),
}
_WITH_TEXT = ("InvalidConfigError", "MissingDependencyException")


def login_failure(error: Exception, service: str) -> RegistryAuthError | None:
    """The error that an exception of boto3's means, or None when it is not about settings or credentials."""
    known: t.Mapping[str, t.Any] = getattr(error, "kwargs", {})
    if known.get("provider") == "custom-process":
        return Unauthenticated(_PROCESS)
    if isinstance(error, OSError) and isinstance(error.filename, str):
        return Unauthenticated(
            f"The AWS credentials need {error.filename}, which cannot be used on the host that runs the module: {error.strerror}."
        )
    for name in [kind.__name__ for kind in type(error).__mro__]:
        if name in _MEANINGS:
            kind, sentence = _MEANINGS[name]
            said = words(str(error)) if name in _WITH_TEXT else ""
            return kind(sentence.format_map({**known, "service": service, "kind": type(error).__name__, "said": said}))
    return None


@contextmanager
def making_client(service: str) -> t.Iterator[None]:
    """Have boto3 make a client in here, which reads profiles and may run programs, and only our own errors come out."""
    try:
        yield
    except RegistryAuthError:
        raise
    except Exception as error:
        raise login_failure(error, service) or _settings_failure(error, service) from None


def _settings_failure(error: Exception, service: str) -> RegistryAuthError:
    if isinstance(error, json.JSONDecodeError | UnicodeError):
        # Nothing else is read as JSON here that is not botocore's own.
        return Unauthenticated(_PROCESS)
    if isinstance(error, ValueError) and str(error).startswith("Invalid endpoint"):
        return InvalidInput(
            f"The address at which {service} is to be called is not a URL: look at endpoint_url, AWS_URL, AWS_ENDPOINT_URL and "
            f"AWS_ENDPOINT_URL_{service.upper()}, and at endpoint_url in the AWS profile."
        )
    return InvalidInput(
        f"boto3 makes no client of {service} with these options, environment and AWS profile ({type(error).__name__})."
    )


def refuse_codes(profile: str | None) -> None:
    """Raise InvalidInput when the profile's credentials are those of a role that is assumed with a code. Calls nobody.

    :param profile: its name; None for the one that boto3 uses by default
    """
    from botocore.session import get_session

    session = get_session()
    if profile is not None:
        session.set_config_variable("profile", profile)
    profiles: t.Mapping[str, t.Mapping[str, str]] = session.full_config["profiles"]
    name: str | None = session.profile or "default"
    seen: set[str | None] = set()
    while name not in seen:
        seen.add(name)
        found = profiles.get(str(name), {})
        if "role_arn" not in found or "web_identity_token_file" in found:
            return
        if "mfa_serial" in found:
            raise InvalidInput(f"The AWS profile {name!r} {_NEEDS_CODE}")
        name = found.get("source_profile")
