# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a payload cannot be read. A disabled version and a disabled customer key are answered with one status, and the words tell which."""

from __future__ import annotations

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import LostRace
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import SECRET_MANAGER, Deadline, Quotas
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.auth import Connection
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import FailedPrecondition
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import SecretManager
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import SecretName, VersionName
from google.oauth2.credentials import Credentials
from odd_server import http, odd_server

VERSION = VersionName(SecretName("p", "s"), "2")
DISABLED = "Secret Version [projects/1/secrets/s/versions/2] is in DISABLED state."
KEY_OFF = "The customer-managed key is disabled."
# As Cloud KMS says it.
KEY_VERSION_OFF = (
    "projects/k/locations/global/keyRings/r/cryptoKeys/npm/cryptoKeyVersions/1 is not enabled, current state is: {}."
)


def unmet(message):
    return http({"error": {"code": 400, "status": "FAILED_PRECONDITION", "message": message}}, 400)


def found(state):
    return http({"name": "projects/1/secrets/s/versions/2", "state": state, "createTime": "2026-01-01T00:00:00Z"})


def read(answer_to_access, answer_to_get, how="access_enabled"):
    def answer(request):
        return answer_to_access if request.path.partition("?")[0].endswith(":access") else answer_to_get

    with odd_server(answer) as server:
        api = SecretManager(
            Connection(Credentials("t"), "ops@example.com", server.url), Quotas(SECRET_MANAGER, Deadline())
        )
        return getattr(api, how)(VERSION)


def test_the_service_says_why_a_version_cannot_be_read():
    with pytest.raises(FailedPrecondition, match=r"versions/2 is disabled: its payload cannot be read"):
        read(unmet(DISABLED), None, "access")


def test_what_answers_may_have_the_payload_in_its_words():
    for message in (f"{DISABLED} sesame", f"{KEY_OFF} sesame", "sesame"):
        with pytest.raises(FailedPrecondition) as error:
            read(unmet(message), None, "access")
        assert "sesame" not in str(error.value)


@pytest.mark.parametrize("state", ["DISABLED", "DESTROYED"])
def test_the_state_of_a_key_is_not_that_of_the_version(state):
    with pytest.raises(FailedPrecondition, match="cannot be decrypted: make sure that the customer-managed key"):
        read(unmet(KEY_VERSION_OFF.format(state)), found("ENABLED"))


@pytest.mark.parametrize("secret", ["npm-key", "kms", "decrypt", "encryption key"])
def test_a_secret_may_be_called_as_a_key_is(secret):
    with pytest.raises(FailedPrecondition, match="versions/2 is disabled"):
        read(unmet(DISABLED.replace("/s/", f"/{secret.replace(' ', '-')}/")), None, "access")


def test_a_version_that_is_still_enabled_was_not_disabled_by_another_writer():
    with pytest.raises(FailedPrecondition, match="make sure that the customer-managed key"):
        read(unmet(KEY_OFF), found("ENABLED"))


@pytest.mark.parametrize("state", ["DISABLED", "DESTROYED"])
def test_one_that_no_longer_is_was(state):
    with pytest.raises(LostRace, match=r"versions/2 was disabled by another writer meanwhile"):
        read(unmet(DISABLED), found(state))


def test_who_may_not_look_at_a_version_hears_what_reading_it_was_answered():
    denied = http({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "no"}}, 403)
    with pytest.raises(FailedPrecondition, match="make sure that the customer-managed key"):
        read(unmet(KEY_OFF), denied)
