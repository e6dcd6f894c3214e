# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of Google's APIs as sentences: who, what, where, and never a body."""

from __future__ import annotations

import json
import sys

import pytest
import requests
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base import errors as _errors
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import (
    AlreadyExists,
    Call,
    FailedPrecondition,
    read_failure,
)

CALL = Call("Secret Manager", "secretmanager.secrets.get", "projects/p/secrets/s", "ops@example.com")


def body(status="", message="", **info):
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", **info}] if info else []
    return json.dumps({"error": {"status": status, "message": message, "details": details}})


@pytest.mark.parametrize(
    ("http_status", "text", "kind", "says"),
    [
        (400, body("INVALID_ARGUMENT", "bad key"), _errors.Refused, ["400 INVALID_ARGUMENT", "It says: bad key"]),
        (400, body("FAILED_PRECONDITION", "m"), FailedPrecondition, ["400 FAILED_PRECONDITION"]),
        (401, body("UNAUTHENTICATED"), _errors.Unauthenticated, ["ops@example.com"]),
        (403, body("PERMISSION_DENIED"), _errors.PermissionDenied, ["ops@example.com", "secretmanager.secrets.get"]),
        (
            403,
            body("PERMISSION_DENIED", reason="IAM_PERMISSION_DENIED", metadata={"permission": "cloudkms.keys.use"}),
            _errors.PermissionDenied,
            ["cloudkms.keys.use", "projects/p/secrets/s"],
        ),
        (
            403,
            body("PERMISSION_DENIED", reason="SERVICE_DISABLED", metadata={"service": "secretmanager.googleapis.com"}),
            _errors.Refused,
            ["API secretmanager.googleapis.com is disabled"],
        ),
        (404, body("NOT_FOUND"), _errors.NotFound, ["projects/p/secrets/s does not exist"]),
        (409, body("ALREADY_EXISTS"), AlreadyExists, ["exists already"]),
        (409, body("ABORTED"), _errors.LostRace, ["other writers"]),
        (429, body("RESOURCE_EXHAUSTED"), _errors.Throttled, ["quota"]),
        (500, body("INTERNAL"), _errors.Unavailable, ["500 INTERNAL"]),
        (503, "<html>proxy error</html>", _errors.Unavailable, ["503"]),
        (502, "[]", _errors.Unavailable, ["502"]),
        (400, "not json", _errors.Refused, ["400"]),
    ],
)
def test_each_failure_has_its_kind_and_sentence(http_status, text, kind, says):
    error = CALL.error(read_failure(http_status, text, {}))
    assert type(error).__name__ == kind.__name__
    assert all(part in str(error) for part in says)
    assert "\n" not in str(error)
    assert "<html>" not in str(error)


def test_the_services_words_are_left_out_when_the_request_holds_a_secret():
    quiet = Call("Secret Manager", "p", "projects/p/secrets/s", "ops@example.com", quiet=True)
    assert "sesame" not in str(quiet.error(read_failure(400, body("INVALID_ARGUMENT", "bad payload sesame"), {})))


def test_retry_after_is_heeded():
    error = CALL.error(read_failure(429, body(), {"Retry-After": "17"}))
    assert isinstance(error, _errors.Throttled)
    assert error.retry_after == 17
    assert CALL.error(read_failure(503, body(), {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})).retry_after == 0


def test_a_method_can_tell_failures_of_its_own():
    special = _errors.NotPropagated("wait")
    call = Call("S", "p", "r", "i", classify=lambda failure: special if failure.status == "X" else None)
    assert call.error(read_failure(403, body("X"), {})) is special
    assert isinstance(call.error(read_failure(403, body("Y"), {})), _errors.PermissionDenied)


@pytest.mark.parametrize(
    ("raised", "kind", "says"),
    [
        (requests.exceptions.ConnectTimeout("t"), _errors.Unreachable, "no connection within 5 seconds"),
        (requests.exceptions.ConnectionError("Connection refused"), _errors.Unreachable, "(Connection refused)"),
        (requests.exceptions.ReadTimeout("t"), _errors.Silent, "within 20 seconds"),
        (requests.exceptions.ChunkedEncodingError("sesame"), _errors.Unavailable, "ChunkedEncodingError"),
    ],
)
def test_a_broken_connection_is_told_without_what_was_sent(raised, kind, says):
    def method():
        raise raised

    with pytest.raises(kind) as told:
        CALL.run(method)
    assert says in str(told.value)
    assert "sesame" not in str(told.value)


def test_defects_are_not_disguised():
    with pytest.raises(ZeroDivisionError):
        CALL.run(lambda: 1 / 0)


def test_a_missing_library_is_named_before_the_call(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.api_core.exceptions", None)
    made = []
    with pytest.raises(_errors.MissingLibrary, match="google-api-core"):
        CALL.run(made.append, "a call")
    assert made == []
