# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of Google's APIs as sentences: who, what, where, and never a body."""

from __future__ import annotations

import dataclasses
import json
import time

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base import errors as _errors
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import (
    AlreadyExists,
    Call,
    FailedPrecondition,
    NoLocation,
    read_failure,
    same_resource,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.http.failures import (
    LONGEST_PAUSE,
    retry_after,
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
            ["API secretmanager.googleapis.com is disabled for projects/p/secrets/s", "--project PROJECT"],
        ),
        (
            403,
            body(
                "PERMISSION_DENIED",
                reason="SERVICE_DISABLED",
                metadata={"service": "secretmanager.googleapis.com", "consumer": "projects/698910892233"},
            ),
            _errors.Refused,
            [
                "in projects/698910892233: enable it with "
                "'gcloud services enable secretmanager.googleapis.com --project 698910892233'"
            ],
        ),
        (
            403,
            body("PERMISSION_DENIED", reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT", metadata={"method": "m"}),
            _errors.PermissionDenied,
            ["The access token of ops@example.com lacks the scope cloud-platform", "access scopes"],
        ),
        (
            403,
            body(
                "PERMISSION_DENIED",
                reason="SECURITY_POLICY_VIOLATED",
                metadata={"vpcServiceControlsUniqueIdentifier": "yqqGHGxPWRLoeA"},
            ),
            _errors.PermissionDenied,
            ["VPC Service Controls keep ops@example.com from projects/p/secrets/s", "identifier yqqGHGxPWRLoeA"],
        ),
        (
            403,
            body("PERMISSION_DENIED", reason="USER_PROJECT_DENIED", metadata={"consumer": "projects/billing"}),
            _errors.PermissionDenied,
            ["may not use projects/billing for quota and billing", "serviceusage.services.use"],
        ),
        (
            403,
            body("PERMISSION_DENIED", reason="CONSUMER_INVALID", metadata={"consumer": "projects/no-such"}),
            _errors.PermissionDenied,
            ["There is no project no-such", "secretmanager.secrets.get on projects/p/secrets/s"],
        ),
        (
            403,
            body("PERMISSION_DENIED", "Blocked by the order of the owl.", reason="OWL"),
            _errors.PermissionDenied,
            ["403 PERMISSION_DENIED, OWL. It says: Blocked by the order of the owl."],
        ),
        (
            401,
            body("UNAUTHENTICATED", reason="ACCESS_TOKEN_EXPIRED"),
            _errors.Unauthenticated,
            ["ACCESS_TOKEN_EXPIRED"],
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


PLACE = "projects/p/locations/europe-wst1"
CREATION = Call(
    "Artifact Registry",
    "artifactregistry.repositories.create",
    f"{PLACE}/repositories/r",
    "ops@example.com",
    creates=True,
)


def policy(reason, **metadata):
    """As google.api.ErrorReason has it, but for the words, which it does not have."""
    return body("PERMISSION_DENIED", "Refused.", reason=reason, metadata={"consumer": "projects/p", **metadata})


#: Answers that refuse a location, and the class of the error. Google documents the reasons (google.api.ErrorReason), users report the words.
REFUSED_LOCATIONS = {
    "as users report it": (
        403,
        body("PERMISSION_DENIED", "Permission denied on 'locations/europe-wst1' (or it may not exist)."),
        _errors.PermissionDenied,
    ),
    "as users report it, with details": (
        403,
        body(
            "PERMISSION_DENIED",
            "Permission denied on 'locations/europe-wst1' (or it may not exist).",
            reason="LOCATION_POLICY_VIOLATED",
            metadata={"consumer": "projects/p", "location": "europe-wst1", "service": ""},
        ),
        _errors.PermissionDenied,
    ),
    "as users report it, in other words": (
        403,
        body("PERMISSION_DENIED", "Location europe-wst1 is not found or access is unauthorized."),
        _errors.PermissionDenied,
    ),
    "a reason of the service's own": (
        403,
        body(
            "PERMISSION_DENIED",
            "Location europe-wst1 is not found or access is unauthorized.",
            reason="LOCATION_ACCESS_DENIED",
        ),
        _errors.PermissionDenied,
    ),
    "a policy": (403, policy("LOCATION_POLICY_VIOLATED"), _errors.PermissionDenied),
    "the organization's policy": (
        403,
        policy("LOCATION_ORG_POLICY_VIOLATED", location="locations/europe-wst1"),
        _errors.PermissionDenied,
    ),
    "taxes": (403, policy("LOCATION_TAX_POLICY_VIOLATED", location="locations/europe-wst1"), _errors.PermissionDenied),
    # The local cloud's.
    "not found": (
        404,
        body("NOT_FOUND", "Location europe-wst1 is not found or access is unauthorized."),
        NoLocation,
    ),
    "not supported": (400, body("INVALID_ARGUMENT", "Location 'europe-wst1' is not supported."), _errors.Refused),
    "by its whole name": (404, body("NOT_FOUND", f"Resource '{PLACE}' was not found."), NoLocation),
    "invalid": (400, body("INVALID_ARGUMENT", "Invalid location: europe-wst1."), _errors.Refused),
}


@pytest.mark.parametrize(("http_status", "text", "kind"), REFUSED_LOCATIONS.values(), ids=REFUSED_LOCATIONS)
@pytest.mark.parametrize("creates", [False, True])
def test_a_location_that_is_refused_is_named(http_status, text, kind, creates):
    call = dataclasses.replace(CREATION, creates=creates)
    error = call.error(read_failure(http_status, text, {}))
    assert error.__class__ is kind
    # Who reads must not take it for a repository that can be created.
    assert not isinstance(error, _errors.NotFound)
    assert error.code == {400: "refused", 403: "permission_denied", 404: "not_found"}[http_status]
    assert (
        f"Artifact Registry refuses {PLACE}/repositories/r: the location europe-wst1 does not exist, or is not permitted ({http_status} "
        in str(error)
    )
    assert json.loads(text)["error"]["message"].rstrip(".") in str(error)
    quiet = dataclasses.replace(call, quiet=True, classify=lambda _failure: _errors.Refused("another"))
    assert "the location europe-wst1" in str(quiet.error(read_failure(http_status, text, {})))
    assert "It says" not in str(quiet.error(read_failure(http_status, text, {})))


@pytest.mark.parametrize(
    "message",
    [
        f"Permission 'artifactregistry.repositories.create' denied on resource '//artifactregistry.googleapis.com/{PLACE}' (or it may not exist).",
        f"Permission 'artifactregistry.repositories.get' denied on resource '{PLACE}/repositories/r' (or it may not exist).",
        "Permission denied on 'locations/europe-wst10' (or it may not exist).",
        "The key is not in location europe-wst1.",
        'The upstream repository "r" is not in europe-wst1.',
        f"Resource '{PLACE}/repositories/r' was not found.",
        "Location elsewhere is not found or access is unauthorized.",
        "The repository r in location europe-wst1 has an invalid upstream.",
        "",
    ],
)
@pytest.mark.parametrize("http_status", [400, 403, 404])
def test_what_is_refused_for_another_reason_blames_no_location(http_status, message):
    error = CREATION.error(read_failure(http_status, body("X", message), {}))
    assert "the location europe-wst1 does not exist, or is not permitted" not in str(error)


@pytest.mark.parametrize("message", ["", "Requested entity was not found."])
def test_what_is_to_be_created_is_not_what_is_missing(message):
    answer = read_failure(404, body("NOT_FOUND", message), {})
    assert str(CREATION.error(answer)) == (
        f"{PLACE}/repositories/r cannot be created: its project or location does not exist."
    )
    secret = dataclasses.replace(CALL, creates=True)
    assert str(secret.error(answer)) == "projects/p/secrets/s cannot be created: its project does not exist."


def test_what_a_creation_misses_is_named_when_the_service_names_it():
    error = CREATION.error(read_failure(404, body("NOT_FOUND", "Key k not found."), {}))
    assert isinstance(error, _errors.NotFound)
    assert str(error) == (
        f"{PLACE}/repositories/r cannot be created: something that it needs does not exist. It says: Key k not found."
    )


def test_a_creation_that_is_denied_says_what_else_it_may_be():
    said = str(CREATION.error(read_failure(403, body("PERMISSION_DENIED"), {})))
    assert said == (
        f"The permission artifactregistry.repositories.create on {PLACE}/repositories/r is missing for ops@example.com, or its project or "
        "location does not exist."
    )


KEY = "projects/p/locations/global/keyRings/r/cryptoKeys/k"
USE, ACT = "cloudkms.cryptoKeyVersions.useToEncrypt", "iam.serviceAccounts.actAs"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (body("PERMISSION_DENIED", f"Permission '{USE}' denied on resource '{KEY}' (or it may not exist)."), f"{USE} on {KEY}"),
        (body("PERMISSION_DENIED", f'Permission "{USE}" denied for resource "//cloudkms.googleapis.com/{KEY}".'), f"{USE} on {KEY}"),
        (
            body("PERMISSION_DENIED", "Refused.", reason="IAM_PERMISSION_DENIED", metadata={"permission": USE, "resource": KEY}),
            f"{USE} on {KEY}",
        ),
        (
            body("PERMISSION_DENIED", f"Permission '{ACT}' denied on service account run@p.iam.gserviceaccount.com."),
            f"{ACT} on run@p.iam.gserviceaccount.com",
        ),
        (body("PERMISSION_DENIED", f"Permission {USE} denied."), f"{USE} on projects/p/secrets/s"),
    ],
)  # fmt: skip
def test_the_permission_that_the_service_names_is_told(answer, says):
    """And not that of the call: to create something with a key, or as an account, takes permissions on these."""
    said = str(CALL.error(read_failure(403, answer, {})))
    assert said.startswith(f"The permission {says} is missing for ops@example.com, or there is no such resource.")


def test_a_permission_of_the_call_is_one_on_its_own_resource():
    denied = "Permission 'secretmanager.secrets.get' denied for resource 'projects/p' (or it may not exist)."
    said = str(CALL.error(read_failure(403, body("PERMISSION_DENIED", denied), {})))
    assert said.startswith("The permission secretmanager.secrets.get on projects/p/secrets/s is missing")
    secret = str(
        dataclasses.replace(CALL, quiet=True).error(
            read_failure(403, body("PERMISSION_DENIED", f"Permission {USE} denied."), {})
        )
    )
    assert secret.startswith("The permission secretmanager.secrets.get on")


def test_the_services_words_are_left_out_when_the_request_holds_a_secret():
    quiet = Call("Secret Manager", "p", "projects/p/secrets/s", "ops@example.com", quiet=True)
    assert "sesame" not in str(quiet.error(read_failure(400, body("INVALID_ARGUMENT", "bad payload sesame"), {})))


def test_retry_after_is_heeded():
    error = CALL.error(read_failure(429, body(), {"Retry-After": "17"}))
    assert isinstance(error, _errors.Throttled)
    assert error.retry_after == 17


RETRY_AFTER = {
    "": 0,
    "0": 0,
    "120": 120,
    "-5": 0,
    "1.5": 0,
    "soon": 0,
    "\u00b2": 0,
    "9" * 5000: LONGEST_PAUSE,
    # RFC 9110, section 10.2.3, has a date of this form.
    "Fri, 31 Dec 1999 23:59:59 GMT": 0,
    "Tue, 14 Nov 2023 22:14:20 GMT": 60,
    "Fri, 31 Dec 9999 23:59:59 GMT": LONGEST_PAUSE,
    "Fri, 31 Dec 99999999999 23:59:59 GMT": 0,
}


@pytest.mark.parametrize(("said", "seconds"), RETRY_AFTER.items())
def test_a_pause_is_asked_for_in_seconds_or_by_a_date(monkeypatch, said, seconds):
    # Of 2023-11-14T22:13:20Z.
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    assert retry_after({"Retry-After": said}) == seconds


def test_a_method_can_tell_failures_of_its_own():
    special = _errors.NotPropagated("wait")
    call = Call("S", "p", "r", "i", classify=lambda failure: special if failure.status == "X" else None)
    assert call.error(read_failure(403, body("X"), {})) is special
    assert isinstance(call.error(read_failure(403, body("Y"), {})), _errors.PermissionDenied)


@pytest.mark.parametrize(
    ("answered", "asked", "same"),
    [
        ("projects/123/secrets/s", "projects/p/secrets/s", True),
        ("projects/p/secrets/s", "projects/123/secrets/s", True),
        ("projects/q/secrets/s", "projects/p/secrets/s", False),
        ("projects/123/secrets/other", "projects/p/secrets/s", False),
        ("projects/123/secrets/s/versions/7", "projects/p/secrets/s/versions/latest", True),
        ("projects/123/secrets/s/versions/7", "projects/p/secrets/s/versions/6", False),
        ("projects/123/secrets/s/versions/x", "projects/p/secrets/s/versions/latest", False),
        ("projects/1/locations/l/secrets/s", "projects/p/secrets/s", False),
        ("", "projects/p/secrets/s", False),
        ("projects", "projects/p/secrets/s", False),
    ],
)
def test_an_answer_is_the_resource_that_was_asked_for(answered, asked, same):
    assert same_resource(answered, asked) is same


def test_what_an_answer_makes_a_library_raise_is_told_by_its_class_alone():
    with pytest.raises(_errors.Refused, match=r"is not Secret Manager \(ZeroDivisionError\)") as told:
        CALL.run(lambda: 1 / 0, read=str)
    assert told.value.__suppress_context__
