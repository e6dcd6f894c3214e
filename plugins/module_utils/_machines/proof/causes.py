# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a client got no package, in a sentence: what it wrote may hold a login, and is never quoted.

Standard library only, for Python 3.9 and newer. Source: measured with pip 23.0.1 and 26.3, uv 0.13.9 and npm 11.19.1.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

#: What stands in the output, and what it means; the first one counts. Words that are not English stand for clients' own words.
_CAUSES = (
    (
        r"Keyring is skipped due to an exception|RefreshError|DefaultCredentialsError|No credentials could be found"
        r"|UnrecognizedClientException|NoCredentialsError|Unable to locate credentials|ExpiredTokenException",
        "keyring_refused",
        "the keyring gives no login, because the machine's own identity is missing or revoked",
    ),
    (
        r"\b401\b|E401|EOFError|ENEEDAUTH",
        "login_refused",
        "the index refuses the login (401): it has expired, is wrong, or there is none",
    ),
    (r"\b403\b|E403", "forbidden", "the index knows the login, which may not read there (403)"),
    (
        r"CERTIFICATE_VERIFY_FAILED|UnknownIssuer|invalid peer certificate|UNABLE_TO_|SELF_SIGNED|self.signed certificate",
        "not_trusted",
        "the certificate of the index is not trusted",
    ),
    (
        r"Connection refused|NewConnectionError|Failed to establish|ECONNREFUSED|tcp connect error|ENOTFOUND|dns error"
        r"|Name or service not known|Temporary failure in name resolution|ECONNRESET|Tunnel connection failed|tunnel error"
        r"|Connection reset|EHOSTUNREACH|ETIMEDOUT|ConnectTimeout|operation timed out",
        "unreachable",
        "the index cannot be reached",
    ),
    (r"\b50[0-9]\b|E50[0-9]|too many 50", "unavailable", "the index answers with an error of its own (5xx)"),
    (
        r"No matching distribution|was not found in|no versions of|E404|\b404\b",
        "not_found",
        "the index has no such package, or none that it shows to this login",
    ),
    (
        r"error: no such option|unexpected argument|Could not load configuration|Failed to parse|TOML parse error"
        r"|contains parsing errors|contains invalid|Configuration file could not be loaded",
        "settings",
        "it cannot read its own settings",
    ),
)


def cause_of(output: str) -> tuple[str, str]:
    """A code and the words for what a client's output says."""
    for pattern, code, words in _CAUSES:
        if re.search(pattern, output):
            return code, words
    return "unknown", "it names no cause that is known here"


#: Settings and logins that a client silently skips when it may not read them.
_PASSED_OVER = {
    "pip": ("/etc/pip.conf", "{HOME}/.pip/pip.conf", "{XDG_CONFIG_HOME}/pip/pip.conf", "{HOME}/.netrc"),
    "uv": ("{HOME}/.netrc",),
    "npm": ("{HOME}/.npmrc",),
}


def passed_over(client: str, environment: Mapping[str, str]) -> list[str]:
    """A sentence on each file that a client cannot read and says nothing about."""
    paths = [path.format_map(environment) for path in _PASSED_OVER[client]]
    return [
        f"The user may not read {path}, and {client} silently skips it."
        for path in paths
        if os.path.lexists(path) and not os.access(path, os.R_OK)
    ]
