# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that contradict what was written or asked for, and refusals that only a rare state of a service makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    IntegrityError,
    LostRace,
    NotFound,
    Refused,
    RegistryAuthError,
    Stranger,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.quota import SECRET_MANAGER, Deadline, Quotas
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.auth import Connection
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.calls import FailedPrecondition
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.gcp.secretmanager import (
    Automatic,
    Secret,
    SecretManager,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.branches import (
    File,
    follow,
    write_branch_file,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.calls import GitHub
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.environments import (
    Pattern,
    Place,
    add_pattern,
    available_apps,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.repositories import (
    Repository,
    read_file,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._domain.gcp.names import SecretName, VersionName
from google.oauth2.credentials import Credentials
from odd_server import OddServer, http, odd_server

DEMO = SecretName("p", "demo")
WANTED = Secret(str(DEMO), Automatic(), labels={"a": "b"})
REPOSITORY, PLACE = Repository("o", "r", "1"), Place("o", "r", "pypi")
UNMET = http({"error": {"code": 400, "status": "FAILED_PRECONDITION", "message": "no"}}, 400)


def google(server: OddServer) -> SecretManager:
    connection = Connection(Credentials("t"), "ops@example.com", server.url)
    return SecretManager(connection, Quotas(SECRET_MANAGER, Deadline()))


def github(server: OddServer) -> GitHub:
    return GitHub(server.url, "sesame")


def write_file(server: OddServer) -> Any:
    return write_branch_file(github(server), REPOSITORY, "f", "main", "m", File(b"x"))


#: What is done, what is answered to it (or to each method), and how that ends.
ENDS: dict[str, tuple[Callable[[OddServer], Any], Any, type[RegistryAuthError], str]] = {
    "a payload that was damaged": (
        lambda server: google(server).access(VersionName(DEMO, "3")),
        http({"name": f"{DEMO}/versions/3", "payload": {"data": "eA==", "dataCrc32c": "1"}}),
        IntegrityError,
        "versions/3 does not match its checksum",
    ),
    "a payload that may be damaged": (
        lambda server: google(server).add_version(DEMO, b"x"),
        http({"name": f"{DEMO}/versions/3", "state": "ENABLED"}),
        IntegrityError,
        "stored projects/p/secrets/demo/versions/3 without confirming its checksum: its bytes may be damaged; destroy it",
    ),
    "a secret that is gone": (
        lambda server: google(server).update_secret(DEMO, WANTED, ["labels"], '"e"'),
        http({"error": {"code": 404, "status": "NOT_FOUND", "message": "no"}}, 404),
        LostRace,
        "was deleted by another writer",
    ),
    "a secret that was changed": (
        lambda server: google(server).update_secret(DEMO, WANTED, ["labels"], '"e"'),
        {"PATCH": UNMET, "GET": http({"name": str(DEMO), "etag": '"f"', "replication": {"automatic": {}}})},
        LostRace,
        "was changed by other writers",
    ),
    "a secret that is as it was": (
        lambda server: google(server).update_secret(DEMO, WANTED, ["labels"], '"e"'),
        {"PATCH": UNMET, "GET": http({"name": str(DEMO), "etag": '"e"', "replication": {"automatic": {}}})},
        FailedPrecondition,
        "refuses projects/p/secrets/demo: 400 FAILED_PRECONDITION. It says: no",
    ),
    "another commit": (
        lambda server: follow(github(server), REPOSITORY, "main", "1" * 40),
        http({"object": {"sha": "2" * 40}}),
        Stranger,
        "is not GitHub's API",
    ),
    "another content": (write_file, http({"content": {"sha": "2" * 40}}), Stranger, "is not GitHub's API"),
    "a token that may not write": (write_file, http({}, 404), NotFound, "it needs the permission Contents"),
    "another pattern": (
        lambda server: add_pattern(github(server), PLACE, Pattern("main", "branch")),
        http({"id": 1, "name": "other", "type": "branch"}),
        Stranger,
        "is not GitHub's API",
    ),
    "apps that cannot be listed": (
        lambda server: available_apps(github(server), PLACE),
        http({}, 404),
        NotFound,
        "GitHub does not list apps with deployment protection rules",
    ),
    "bytes that are no text": (
        lambda server: read_file(github(server), REPOSITORY, "f", None),
        http({"type": "file", "encoding": "base64", "size": 1, "content": "/w==", "sha": "1" * 40}),
        Refused,
        "f in o/r is not a text in UTF-8",
    ),
}


@pytest.mark.parametrize(("do", "answers", "kind", "says"), ENDS.values(), ids=ENDS.keys())
def test_what_is_answered_otherwise_is_no_success(
    do: Callable[[OddServer], Any], answers: Any, kind: type[RegistryAuthError], says: str
) -> None:
    with odd_server(lambda request: answers[request.method] if isinstance(answers, dict) else answers) as server:
        with pytest.raises(RegistryAuthError) as error:
            do(server)
        assert isinstance(error.value, kind), error.value
        assert says in str(error.value)
        assert "sesame" not in str(error.value)
        # What was written may be there all the same.
        assert error.value.unclear or kind is not Stranger
