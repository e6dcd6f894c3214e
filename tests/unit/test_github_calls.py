# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of GitHub's API that are easily taken for something else, from a server that is there for one test."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    LostRace,
    NotFound,
    PermissionDenied,
    Refused,
    RegistryAuthError,
    Throttled,
    Unauthenticated,
    Unavailable,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._clients.github.calls import GitHub
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.github_actions_secret import (
    GitHubSecrets,
    UnwantedSecret,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.github_environment import (
    DesiredEnvironment,
    GitHubEnvironments,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._resources.github_file import (
    DesiredFile,
    GitHubFiles,
)

OPTIONS = {"owner": "octo-org", "repository": "demo"}
REPOSITORY = {
    "name": "demo",
    "owner": {"login": "octo-org", "id": 1234},
    "private": False,
    "default_branch": "main",
}


class Server(ThreadingHTTPServer):
    """Answers by method and path, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, Any, dict[str, str]]] = {}
        self.asked: list[tuple[str, bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def answer(self, what: str, status: int, body: Any = None, **headers: str) -> None:
        self.answers[what] = (status, body, {name.replace("_", "-"): value for name, value in headers.items()})


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        what = f"{self.command} {self.path.partition('?')[0]}"
        self.server.asked.append((what, body))
        status, answer, headers = self.server.answers.get(what, (404, {}, {}))
        sent = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(sent))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def github(server: Server) -> GitHub:
    return GitHub(server.url, "sesame")


@pytest.mark.parametrize("name", [".", ".."])
def test_names_that_lead_elsewhere_are_not_asked_for(server: Server, github: GitHub, name: str) -> None:
    # What such a path leads to: all of the repository, which could be deleted in place of the environment.
    for path in ("/repos/octo-org/demo/", "/repos/octo-org/demo/environments/"):
        server.answer(f"GET {path}", 200, REPOSITORY)
    absent = DesiredEnvironment.from_options({**OPTIONS, "environment": name, "state": "absent"})
    secret = UnwantedSecret.from_options({**OPTIONS, "environment": name, "secret": "X", "state": "absent"})

    with pytest.raises(InvalidInput, match=f"There cannot be the environment {name} of octo-org/demo"):
        GitHubEnvironments(github).read(absent)
    with pytest.raises(InvalidInput, match="There cannot be the secret X"):
        GitHubSecrets(github).read(secret)
    assert server.asked == []


@pytest.mark.parametrize("token", ["sesame\n", " sesame", "ses ame", "sésame", "ses€me"])
def test_what_cannot_be_a_token_is_told_at_once(token: str) -> None:
    with pytest.raises(InvalidInput, match="github_token has white space or other characters") as error:
        GitHub("http://127.0.0.1:9", token)
    assert token.strip() not in str(error.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_write_is_not_sent_on(server: Server, github: GitHub, method: str, status: int) -> None:
    server.answer(f"{method} /old", status, Location=f"{server.url}/new")
    for other in ("GET", method):
        server.answer(f"{other} /new", 200, {})

    with pytest.raises(
        Refused, match=f"redirects to another address [(]{status}[)], and nothing about the thing is sent"
    ):
        github.write(method, "old", "the thing", {"wait_timer": 5})
    assert [what for what, _body in server.asked] == [f"{method} /old"]


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_read_is_sent_on_to_the_same_place_only(server: Server, github: GitHub, status: int) -> None:
    # So GitHub answers for the former name of a repository. Source: its documentation, "Best practices".
    server.answer("GET /repos/octo-org/old", status, Location=f"{server.url}/repositories/1")
    server.answer("GET /repositories/1", 200, {"id": 1})
    assert github.get("repos/octo-org/old", "the repository") == {"id": 1}

    with Server() as elsewhere:
        server.answer("GET /x", status, Location=f"{elsewhere.url}/x")
        with pytest.raises(Refused, match="redirects to another address"):
            github.get("x", "the thing")
    assert elsewhere.asked == []


def test_what_is_gone_is_gone_with_204(server: Server, github: GitHub) -> None:
    server.answer("DELETE /x", 200, {"id": 1})
    with pytest.raises(Refused, match="is not GitHub's API"):
        github.write("DELETE", "x", "the thing")


def test_a_list_is_read_to_its_end(server: Server, github: GitHub) -> None:
    """Source: GitHub's documentation, "Using pagination in the REST API"."""
    server.answer("GET /list", 200, {"total_count": 3, "items": ["a", "b"]})
    assert github.get_all("list", "the list", "items") == ["a", "b", "a", "b"]
    assert len(server.asked) == 2
    server.answer("GET /list", 200, {"total_count": 3, "items": []})
    assert github.get_all("list", "the list", "items") == []


@pytest.mark.parametrize(
    ("method", "status", "body", "kind", "says"),
    [
        ("PUT", 409, {"message": "Repository rule violations found"}, Refused, "A rule of the repository keeps"),
        ("PUT", 409, {"message": "sha does not match"}, LostRace, "Somebody else wrote the thing meanwhile"),
        ("GET", 409, {"message": "Git Repository is empty."}, NotFound, "the repository is empty"),
        ("GET", 409, {"message": "Conflict"}, LostRace, "Somebody else wrote the thing meanwhile"),
        ("PUT", 401, {}, Unauthenticated, "does not accept github_token"),
        ("DELETE", 403, {}, PermissionDenied, "github_token may not delete the thing (403)."),
        (
            "GET",
            403,
            {
                "message": "Resource protected by organization SAML enforcement. You must grant your Personal Access token access."
            },
            PermissionDenied,
            "github_token may not read the thing (403): the organization has single sign-on: authorize the token for it.",
        ),
        (
            "GET",
            403,
            {
                "message": "Although you appear to have the correct authorization credentials, `octo-org` has an IP allow list enabled."
            },
            PermissionDenied,
            "(403): the organization's IP allow list does not include the host that runs the module.",
        ),
        (
            "PUT",
            403,
            {"message": "Repository was archived so is read-only."},
            PermissionDenied,
            "github_token may not write the thing (403): the repository is archived and read-only.",
        ),
        (
            "GET",
            403,
            {"message": "`octo-org` forbids access via a personal access token (classic)."},
            PermissionDenied,
            "(403): the organization does not accept tokens of this kind, or tokens that live this long.",
        ),
        ("PUT", 418, {}, Refused, "answers 418"),
        ("PUT", 503, {}, Unavailable, "503"),
    ],
)
def test_each_refusal_has_its_kind_and_sentence(
    server: Server, github: GitHub, method: str, status: int, body: Any, kind: type[Exception], says: str
) -> None:
    server.answer(f"{method} /thing", status, body)
    ask = github.get if method == "GET" else partial(github.write, method)
    with pytest.raises(kind, match=re.escape(says)):
        ask("thing", "the thing")


#: Source: users' reports of GitHub's answers.
PLAN = "Upgrade to GitHub Pro or make this repository public to enable this feature."


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (403, PLAN, f"(403). It says: {PLAN}"),
        (422, "Reference already exists", "(422). It says: Reference already exists."),
        (409, "Repository rule violations found", "(409). It says: Repository rule violations found."),
        # Whoever answers may be another one, which shows what it was sent.
        (403, "Bearer sesame", "(403)."),
        (403, ["sesame"], "(403)."),
    ],
)
def test_a_cause_that_github_names_is_told(
    server: Server, github: GitHub, status: int, message: Any, told: str
) -> None:
    server.answer("PUT /thing", status, {"message": message})
    with pytest.raises((Refused, PermissionDenied)) as error:
        github.write("PUT", "thing", "the thing")
    assert str(error.value).endswith(told)


def test_scopes_are_those_of_a_classic_token(server: Server, github: GitHub) -> None:
    """Source: GitHub's documentation, "Scopes for OAuth apps", on the header X-OAuth-Scopes."""
    server.answer("GET /thing", 200, {}, X_OAuth_Scopes="repo, read:org")
    assert (github.scopes, github.of_a_person) == (None, False)
    github.get("thing", "the thing")
    assert (github.scopes, github.of_a_person) == (frozenset({"repo", "read:org"}), True)
    # What says nothing of them changes nothing.
    server.answer("GET /thing", 200, {}, X_OAuth_Scopes="")
    github.get("thing", "the thing")
    assert github.scopes == frozenset({"repo", "read:org"})


def test_what_is_there_already_is_followed(server: Server, github: GitHub) -> None:
    server.answer("POST /patterns", 303, Location=f"{server.url}/patterns/1")
    server.answer("GET /patterns/1", 200, {"id": 1})

    assert github.write("POST", "patterns", "the tag v*", {"name": "v*"}) == {"id": 1}


@pytest.mark.parametrize("left", [False, True])
def test_a_branch_that_somebody_else_removed_is_gone(server: Server, github: GitHub, left: bool) -> None:
    environment = "/repos/octo-org/demo/environments/pypi"
    policy = {"protected_branches": False, "custom_branch_policies": True}
    server.answer(f"GET {environment}", 200, {"name": "pypi", "deployment_branch_policy": policy})
    main = {"name": "main", "id": 7, "type": "branch"}
    patterns = f"GET {environment}/deployment-branch-policies"
    server.answer(patterns, 200, {"branch_policies": [main], "total_count": 1})
    resource = GitHubEnvironments(github)
    desired = DesiredEnvironment.from_options({**OPTIONS, "environment": "pypi", "branches": []})
    change = resource.plan(resource.read(desired), desired)
    assert change is not None

    if left:
        # Then the token may not remove it.
        with pytest.raises(NotFound, match="branch main"):
            resource.apply(change, desired)
    else:
        server.answer(patterns, 200, {"branch_policies": [], "total_count": 0})
        assert resource.apply(change, desired).environment.patterns == frozenset()


SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
LIMITS: dict[str, tuple[int, Any, dict[str, str], float]] = {
    "no header": (403, SECONDARY, {}, 0),
    "seconds": (403, SECONDARY, {"Retry_After": "7"}, 7),
    "no seconds": (429, SECONDARY, {"Retry_After": "²"}, 0),
    "over at a time": (403, {}, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1007"}, 7),
    "over already": (429, {}, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "900"}, 0),
}


@pytest.mark.parametrize(("status", "body", "headers", "seconds"), LIMITS.values(), ids=LIMITS.keys())
def test_limits_are_waited_out(
    server: Server,
    github: GitHub,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    body: Any,
    headers: dict[str, str],
    seconds: float,
) -> None:
    server.answer("GET /x", status, body, **headers)
    monkeypatch.setattr(time, "time", lambda: 1000.0)

    with pytest.raises(Throttled, match="asked too often") as error:
        github.get("x", "the thing")
    assert error.value.retry_after == seconds


ODD: dict[str, Any] = {
    "a count that is none": {"items": [1], "total_count": "many"},
    "no list": {"items": 5, "total_count": 1},
    "JSON without end": b"[" * 100_000,
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_what_is_no_list_is_not_githubs(server: Server, github: GitHub, body: Any) -> None:
    server.answer("GET /x", 200, body)
    with pytest.raises(Refused, match="is not GitHub's API"):
        github.get_all("x", "the things", "items")


FILES: dict[str, tuple[int, Any, type[RegistryAuthError], str]] = {
    "a folder": (200, [], Refused, "a.md in octo-org/demo is not a file."),
    "a submodule": (200, {"type": "submodule", "sha": "1"}, Refused, "a.md in octo-org/demo is not a file."),
    "a large one": (200, {"encoding": "none", "content": "", "sha": "1"}, Refused, "larger than the megabyte"),
    "nothing of GitHub's": (200, {"content": 5}, Refused, "is not GitHub's API"),
    "in no repository": (404, {}, NotFound, "octo-org/demo has no branch main."),
}


@pytest.mark.parametrize(("status", "body", "kind", "sentence"), FILES.values(), ids=FILES.keys())
def test_files_that_cannot_be_compared(
    server: Server, github: GitHub, status: int, body: Any, kind: type[RegistryAuthError], sentence: str
) -> None:
    server.answer("GET /repos/octo-org/demo", 200, REPOSITORY)
    server.answer("GET /repos/octo-org/demo/contents/a.md", status, body)
    # So GitHub answers for a repository without a commit.
    server.answer("GET /repos/octo-org/demo/git/ref/heads/main", 409, {"message": "Git Repository is empty."})

    with pytest.raises(kind) as error:
        GitHubFiles(github).read(DesiredFile.from_options({**OPTIONS, "path": "a.md", "content": "x"}))
    assert sentence in str(error.value)


BRANCH = {**OPTIONS, "path": "a.md", "content": "x", "branch": "proposal"}
HEAD = "/repos/octo-org/demo"
OLD_FILE = {"encoding": "base64", "content": "b2xk", "sha": "1"}
PULL = {"number": 1, "html_url": "https://github.example.com/octo-org/demo/pull/1"}


def blob(content: bytes) -> str:
    """Git's hash, as its documentation of objects has it."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def proposing(server: Server, *, there: bool) -> None:
    """A repository in which a file differs, and a branch that is there or not."""
    server.answer(f"GET {HEAD}", 200, REPOSITORY)
    server.answer(f"GET {HEAD}/contents/a.md", 200, OLD_FILE)
    server.answer(f"GET {HEAD}/pulls", 200, [])
    server.answer(f"GET {HEAD}/git/ref/heads/main", 200, {"object": {"sha": "c1"}})
    server.answer(f"GET {HEAD}/git/ref/heads/proposal", 200 if there else 404, {"object": {"sha": "c0"}})
    server.answer(f"PATCH {HEAD}/git/refs/heads/proposal", 200, {"object": {"sha": "c1"}})
    server.answer(f"POST {HEAD}/git/refs", 201, {"object": {"sha": "c1"}})
    server.answer(f"PUT {HEAD}/contents/a.md", 200, {"content": {"sha": blob(b"x")}})
    server.answer(f"POST {HEAD}/pulls", 201, PULL)


#: The write that GitHub does not accept, what is there when it is looked for, and whether trying again can help.
UNACCEPTED: dict[str, tuple[str, tuple[str, int, Any] | None, bool, str]] = {
    "a branch": (f"POST {HEAD}/git/refs", None, False, "does not accept the branch proposal of octo-org/demo (422)"),
    "a branch of another": (
        f"POST {HEAD}/git/refs",
        (f"GET {HEAD}/git/ref/heads/proposal", 200, {"object": {"sha": "c9"}}),
        True,
        "Somebody else created the branch proposal",
    ),
    "a file": (f"PUT {HEAD}/contents/a.md", None, False, "does not accept a.md in octo-org/demo at proposal (422)"),
    "a file of another": (
        f"PUT {HEAD}/contents/a.md",
        (f"GET {HEAD}/contents/a.md", 200, {**OLD_FILE, "sha": "2"}),
        True,
        "Somebody else wrote a.md",
    ),
    "a pull request": (f"POST {HEAD}/pulls", None, False, "does not accept the pull request from proposal to main"),
    "a pull request of another": (
        f"POST {HEAD}/pulls",
        (f"GET {HEAD}/pulls", 200, [PULL]),
        True,
        "Somebody else opened the pull request",
    ),
}


@pytest.mark.parametrize(("write", "now", "passes", "sentence"), UNACCEPTED.values(), ids=UNACCEPTED.keys())
def test_what_github_does_not_accept_is_tried_again_only_when_it_can_pass(
    server: Server,
    github: GitHub,
    write: str,
    now: tuple[str, int, Any] | None,
    passes: bool,
    sentence: str,
) -> None:
    proposing(server, there=False)
    server.answer(write, 422, {"message": "Validation Failed"})
    resource, desired = GitHubFiles(github), DesiredFile.from_options(BRANCH)
    change = resource.plan(resource.read(desired), desired)
    assert change is not None
    if now:
        server.answer(now[0], now[1], now[2])

    with pytest.raises(RegistryAuthError) as error:
        resource.apply(change, desired)

    # Only lost races are, for a minute.
    assert isinstance(error.value, LostRace) is passes
    assert sentence in str(error.value)


@pytest.mark.parametrize("own", [False, True])
def test_a_merged_branch_with_commits_of_its_own_is_told(server: Server, github: GitHub, own: bool) -> None:
    proposing(server, there=True)
    if own:
        # So GitHub answers when it is no fast-forward. Source: its documentation of "Update a reference".
        server.answer(f"PATCH {HEAD}/git/refs/heads/proposal", 422, {"message": "Update is not a fast forward"})
    resource, desired = GitHubFiles(github), DesiredFile.from_options(BRANCH)
    change = resource.plan(resource.read(desired), desired)
    assert change is not None

    after = resource.apply(change, desired)

    said = list(resource.notices(after, desired))
    assert len(said) == own
    assert all("as after a squash merge" in notice and "delete the branch" in notice for notice in said)


#: A read between the writes that fails for good, whether the branch is there, whether something was written before it, and how often
#: it was answered well by then.
FAILING_READS: dict[str, tuple[str, bool, bool]] = {
    "of the base, to make a branch": (f"GET {HEAD}/git/ref/heads/main", False, False),
    "of the base, to move a branch": (f"GET {HEAD}/git/ref/heads/main", True, False),
    "of the file, in a branch that was moved": (f"GET {HEAD}/contents/a.md", True, True),
}


@pytest.mark.parametrize(("read", "there", "written"), FAILING_READS.values(), ids=FAILING_READS.keys())
def test_a_read_that_fails_between_writes_is_no_write(
    server: Server, github: GitHub, read: str, there: bool, written: bool
) -> None:
    """As "The change may have been made all the same" it would be reported as changed, and nothing was sent that could."""
    proposing(server, there=there)
    resource, desired = GitHubFiles(github), DesiredFile.from_options(BRANCH)
    change = resource.plan(resource.read(desired), desired)
    assert change is not None
    server.answer(read, 200, [])

    with pytest.raises(RegistryAuthError) as error:
        resource.apply(change, desired)

    assert (error.value.unclear, error.value.partially_applied) == (False, written)


ENVIRONMENT = "/repos/octo-org/demo/environments/pypi"
#: A read around the write of an environment that fails for good, and what the write is answered.
ENVIRONMENT_READS = {
    "of the list, before one is made": ("GET /repos/octo-org/demo/environments", (200, {})),
    "of the repository, when its rules are refused": ("GET /repos/octo-org/demo", (422, {"message": "no"})),
    "of the repository, when it may not be written": ("GET /repos/octo-org/demo", (404, {"message": "Not Found"})),
}


@pytest.mark.parametrize(("read", "written"), ENVIRONMENT_READS.values(), ids=ENVIRONMENT_READS.keys())
def test_a_read_that_fails_around_the_write_of_an_environment_is_no_write(
    server: Server, github: GitHub, read: str, written: tuple[int, Any]
) -> None:
    server.answer("GET /repos/octo-org/demo", 200, REPOSITORY)
    server.answer("GET /repos/octo-org/demo/environments", 200, {"total_count": 0, "environments": []})
    server.answer(f"PUT {ENVIRONMENT}", *written)
    resource, desired = GitHubEnvironments(github), DesiredEnvironment.from_options({**OPTIONS, "environment": "pypi"})
    change = resource.plan(resource.read(desired), desired)
    assert change is not None
    server.answer(read, 200, b"<html>")

    with pytest.raises(RegistryAuthError) as error:
        resource.apply(change, desired)

    assert (error.value.unclear, error.value.partially_applied) == (False, False)
