# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for AWX's API: it answers as AWX 24.6.1 does what C(awx.awx) and this collection's tests ask.

Requests and answers of the real one are in C(tests/unit/data/awx_pairs.jsonl); C(tests/unit/test_awx_stand_in.py) replays them.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from awx_launch import Launcher, Runner, Start
from awx_rules import RefusedError, check, check_survey, schedule_times
from awx_store import ENCRYPTED, REFERENCES, Fields, Store, plural, singular

VERSION = "24.6.1"
_HEADERS = {"X-API-Product-Name": "AWX", "X-API-Product-Version": VERSION, "Content-Type": "application/json"}
#: What may be made below an object: its type, and the field that refers to that object.
_MADE_BELOW = {
    ("inventory", "groups"): "inventory",
    ("inventory", "hosts"): "inventory",
    ("workflow_job_template", "workflow_nodes"): "workflow_job_template",
    ("job_template", "schedules"): "unified_job_template",
    ("workflow_job_template", "schedules"): "unified_job_template",
}
_NODE_LISTS = ("success_nodes", "failure_nodes", "always_nodes")
#: The type of the objects in a list of associations, when its name does not say it.
_LISTED = {
    "children": "group",
    "galaxy_credentials": "credential",
    "workflow_nodes": "workflow_job_template_node",
    **dict.fromkeys(_NODE_LISTS, "workflow_job_template_node"),
}
_ME = {
    "id": 1,
    "type": "user",
    "url": "/api/v2/users/1/",
    "username": "admin",
    "first_name": "",
    "last_name": "",
    "is_superuser": True,
    "is_system_auditor": False,
    "password": ENCRYPTED,
}
#: Answers that do not depend on what there is.
_FIXED = {
    "": {"description": "AWX REST API", "current_version": "/api/v2/"},
    "ping": {"version": VERSION, "ha": False},
    "config": {"version": VERSION, "license_info": {"license_type": "open"}},
    "me": {"count": 1, "next": None, "previous": None, "results": [_ME]},
}
_TYPES_OF_TEMPLATES = ("project", "job_template", "workflow_job_template")


class Awx:
    """The API over one store. C(playbooks) names those of each project, by its local path or its URL."""

    def __init__(
        self,
        playbooks: Mapping[str, list[str]],
        runner: Runner,
        start: Start,
        passwords: Mapping[str, str] | None = None,
    ) -> None:
        self.store = Store()
        self._playbooks = playbooks
        self._launcher = Launcher(self.store, runner, start)
        self._passwords = passwords or {}
        self._tokens: dict[str, int] = {}
        self._lock = threading.RLock()

    def answer(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Answer a request that is logged in, with a status and a body."""
        parts = urlsplit(path)
        query = dict(parse_qsl(parts.query))
        names = [unquote(part) for part in parts.path.strip("/").split("/")][2:]
        with self._lock:
            try:
                return self._route(method, names, query, body if isinstance(body, dict) else {})
            except RefusedError as refused:
                return refused.status, refused.answer

    def _route(self, method: str, names: list[str], query: dict[str, str], body: Fields) -> tuple[int, Any]:
        fixed = _FIXED.get("/".join(names))
        if fixed is not None:
            return 200, fixed
        match names:
            case ["tokens", *_number]:
                return (204, "") if method == "DELETE" else (201, self._logged_in())
            case ["bulk", "host_create"]:
                return self._bulk(body)
            case ["unified_job_templates"]:
                found = [thing for kind in _TYPES_OF_TEMPLATES for thing in self.store.objects[kind].values()]
                return 200, self._page(found, query, names)
            case [part] if method == "POST":
                return 201, self.store.shown(self._make(singular(part), body))
            case [part]:
                return 200, self._page(list(self.store.objects[singular(part)].values()), query, names)
            case [part, which]:
                return self._one(method, self._found(singular(part), which), body)
            case [part, which, below]:
                return self._below(method, self._found(singular(part), which), below, query, body)
        raise RefusedError({"detail": "The requested resource could not be found."}, 404)

    def _logged_in(self) -> Fields:
        token = secrets.token_hex(15)
        self._tokens[token] = len(self._tokens) + 1
        return {"id": self._tokens[token], "type": "o_auth2_access_token", "token": token}

    def _found(self, kind: str, which: str) -> Fields:
        for found in self.store.objects[kind].values():
            if str(found["id"]) == which or (not which.isdigit() and self.store.name(found) == which):
                return found
        raise RefusedError({"detail": "Not found."}, 404)

    def _page(self, found: list[Fields], query: dict[str, str], names: list[str]) -> Fields:
        chosen = [thing for thing in found if _matches(thing, query)]
        order = _by_kind if names[0] == "credential_types" else _by_name
        shown = [self.store.shown(thing) for thing in sorted(chosen, key=order)]
        return _page(shown, query, f"/api/v2/{'/'.join(names)}/")

    def _one(self, method: str, found: Fields, body: Fields) -> tuple[int, Any]:
        kind = found["type"]
        if method == "DELETE":
            if kind == "credential_type" and any(self.store.where("credential", credential_type=found["id"])):
                raise RefusedError({"detail": "Credential types that are in use cannot be deleted"}, 403)
            del self.store.objects[kind][found["id"]]
            return 204, ""
        if method == "PATCH":
            given = self._kept_secrets(found, body) if kind == "credential" else _trimmed(body)
            wanted = {**found, **given}
            self._check(kind, wanted, given)
            found.update(wanted)
        if kind == "project" and method == "GET" and found["status"] == "pending":
            # An update by git takes as long as it takes a client to look.
            found["status"] = "successful"
        return 200, self.store.shown(found)

    def _kept_secrets(self, found: Fields, body: Fields) -> Fields:
        if "inputs" not in body:
            return body
        old = found["inputs"]
        inputs = {name: old.get(name, "") if value == ENCRYPTED else value for name, value in body["inputs"].items()}
        return {**body, "inputs": inputs}

    def _check(self, kind: str, wanted: Fields, given: Fields) -> None:
        for field in REFERENCES:
            if given.get(field) and given[field] not in self.store.objects[field]:
                raise RefusedError({field: [f'Invalid pk "{given[field]}" - object does not exist.']})
        check(self.store, kind, wanted, given, self._playbooks)

    def _make(self, kind: str, body: Fields) -> Fields:
        given = _trimmed(body)
        known = self.store.add(kind, given)
        try:
            if kind == "job_template":
                project = self.store.objects["project"].get(known["project"])
                known["organization"] = project["organization"] if project else None
            if kind == "credential" and known.get("credential_type") in self.store.objects["credential_type"]:
                the_type = self.store.objects["credential_type"][known["credential_type"]]
                known["kind"] = the_type.get("namespace")
                known["cloud"] = the_type["kind"] == "cloud"
            self._check(kind, known, given)
            if kind == "schedule":
                self._check_schedule(known, given)
        except RefusedError:
            self.store.forget(known)
            raise
        if kind == "project":
            self._begin(known)
        return known

    def _begin(self, project: Fields) -> None:
        """A manual project is there at once, others are updated first."""
        project["status"] = "pending" if project["scm_type"] else "ok"
        if project["scm_type"]:
            update = self.store.add(
                "project_update", {"name": project["name"], "status": "successful", "failed": False, "finished": "now"}
            )
            project["related"] = {"current_job": f"/api/v2/project_updates/{update['id']}/"}

    def _check_schedule(self, schedule: Fields, given: Fields) -> None:
        schedule |= schedule_times(given.get("rrule", ""))
        found = self._template(schedule["unified_job_template"])
        mistakes = self._launcher.mistakes(found, given.get("extra_data", {}))
        _taken, ignored = self._launcher.accepted(found, given.get("extra_data", {}))
        if ignored:
            names = ", ".join(ignored)
            text = f"Variables {names} are not allowed on launch. Check the Prompt on Launch setting on the Job Template to include Extra Variables."
            mistakes = {**mistakes, "extra_data": [text]}
        if mistakes:
            raise RefusedError(mistakes)
        hidden = self._launcher.passwords(found)
        schedule["_extra_data"] = schedule["extra_data"]
        schedule["extra_data"] = {
            name: ENCRYPTED if name in hidden else value for name, value in schedule["extra_data"].items()
        }

    def _template(self, number: int) -> Fields:
        return next(
            self.store.objects[kind][number] for kind in _TYPES_OF_TEMPLATES if number in self.store.objects[kind]
        )

    def _bulk(self, body: Fields) -> tuple[int, Any]:
        url = f"/api/v2/inventories/{body['inventory']}/"
        hosts = [self._make("host", {**host, "inventory": body["inventory"]}) for host in body["hosts"]]
        fields = ("name", "enabled", "instance_id", "description", "variables", "id")
        shown = [
            {**{field: host[field] for field in fields}, "url": f"/api/v2/hosts/{host['id']}/", "inventory": url}
            for host in hosts
        ]
        return 201, {"url": url, "hosts": shown}

    def _below(self, method: str, found: Fields, below: str, query: dict[str, str], body: Fields) -> tuple[int, Any]:
        kind, number = found["type"], found["id"]
        if below == "playbooks":
            ready = found["status"] in ("ok", "successful")
            return 200, self._playbooks.get(found["scm_url"] or found.get("local_path", ""), []) if ready else []
        if below == "survey_spec":
            return self._survey(method, found, body)
        if below == "launch":
            return (
                (200, self._launcher.questions(found)) if method == "GET" else (201, self._launcher.launch(found, body))
            )
        if below == "relaunch":
            return 201, self._launcher.relaunch(found)
        if below == "script":
            return 200, self._launcher.script(found, towervars="towervars" in query)
        if below in ("job_events", "stdout"):
            return 200, _page(found.get("_events", []), query, f"/api/v2/jobs/{number}/job_events/")
        if (kind, below) in _MADE_BELOW and method == "POST":
            made = _LISTED.get(below, singular(below))
            return 201, self.store.shown(self._make(made, {**body, _MADE_BELOW[kind, below]: number}))
        if (kind, below) in _MADE_BELOW:
            return 200, self._page(
                list(self.store.where(_LISTED.get(below, singular(below)), **{_MADE_BELOW[kind, below]: number})),
                query,
                [plural(kind), str(number), below],
            )
        if method == "POST":
            return self._associate(found, below, body)
        return 200, self._page(
            self.store.listed(kind, number, below, self._listed(below)), query, [plural(kind), str(number), below]
        )

    @staticmethod
    def _listed(below: str) -> str:
        if below.startswith("notification_templates"):
            return "notification_template"
        return _LISTED.get(below, singular(below))

    def _survey(self, method: str, found: Fields, body: Fields) -> tuple[int, Any]:
        if method == "POST":
            check_survey(body)
            found["_survey"] = body
            return 200, ""
        survey: Fields = json.loads(json.dumps(found.get("_survey", {})))
        for question in survey.get("spec", ()):
            if question["type"] == "password" and question.get("default"):
                question["default"] = ENCRYPTED
        return 200, survey

    def _associate(self, found: Fields, below: str, body: Fields) -> tuple[int, Any]:
        kind, number, of = found["type"], found["id"], self._listed(below)
        members = self.store.lists[kind, number, below]
        if "name" in body and (kind, below) == ("group", "hosts"):
            made = self._make("host", {**body, "inventory": found["inventory"]})
            members.append(made["id"])
            return 201, self.store.shown(made)
        other = self.store.objects[of].get(body["id"])
        if other is None:
            raise RefusedError({"detail": f"{of.capitalize()} matching query does not exist."})
        if body.get("disassociate"):
            members.remove(other["id"])
            return 204, ""
        if (kind, below) == ("job_template", "credentials"):
            self._check_second(members, other)
        if below in _NODE_LISTS:
            if number in self._reached(other["id"]):
                raise RefusedError({"Error": "Cycle detected."})
            found[below] = [*found[below], other["id"]]
        members.append(other["id"])
        return 204, ""

    def _check_second(self, members: list[int], other: Fields) -> None:
        """A template has one credential of a type; of Vault's, one for each id."""
        for member in members:
            known = self.store.objects["credential"][member]
            if known["credential_type"] == other["credential_type"] and known["inputs"].get("vault_id") == other[
                "inputs"
            ].get("vault_id"):
                name = self.store.objects["credential_type"][other["credential_type"]]["name"]
                raise RefusedError({"error": f"Cannot assign multiple {name} credentials."})

    def _reached(self, node: int) -> set[int]:
        further = [
            member for name in _NODE_LISTS for member in self.store.lists["workflow_job_template_node", node, name]
        ]
        return {node}.union(*(self._reached(member) for member in further))

    def let_in(self, header: str, path: str) -> bool:
        """Whether the header C(Authorization) of a request, if it needs one, is right."""
        kind, _space, value = header.partition(" ")
        if path.rstrip("/") in ("/api", "/api/v2/ping"):
            return True
        if kind == "Bearer":
            return value in self._tokens
        user, _colon, password = base64.b64decode(value or "").decode().partition(":")
        return kind == "Basic" and self._passwords.get(user) == password

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve it on the loopback interface, and yield its URL."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _trimmed(body: Fields) -> Fields:
    """The texts of a request without space around them, as AWX stores them."""
    return {
        name: value.strip() if isinstance(value, str) and name != "rrule" else value for name, value in body.items()
    }


def _by_name(thing: Fields) -> tuple[Any, ...]:
    return str(thing.get("name", "")), thing["id"]


def _by_kind(thing: Fields) -> tuple[Any, ...]:
    return thing["kind"], thing["name"]


def _matches(thing: Fields, query: dict[str, str]) -> bool:
    either = {name.removeprefix("or__"): value for name, value in query.items() if name.startswith("or__")}
    if either and not any(str(thing.get(name)) == value for name, value in either.items()):
        return False
    for name, value in query.items():
        if name in ("page", "page_size", "hostvars", "towervars") or name.startswith("or__") or value == "None":
            continue
        if name.endswith("__icontains"):
            if value.lower() not in str(thing.get(name.removesuffix("__icontains"))).lower():
                return False
        elif str(thing.get(name)) != value:
            return False
    return True


def _page(found: list[Fields], query: dict[str, str], url: str) -> Fields:
    size, page = int(query.get("page_size", 25)), int(query.get("page", 1))
    more = len(found) > page * size
    given = f"&page_size={size}" if "page_size" in query else ""
    return {
        "count": len(found),
        "next": f"{url}?page={page + 1}{given}" if more else None,
        "previous": f"{url}?page={page - 1}{given}" if page > 1 else None,
        "results": found[(page - 1) * size : page * size],
    }


def _handler(awx: Awx) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if awx.let_in(self.headers.get("Authorization", ""), urlsplit(self.path).path):
                status, answer = awx.answer(self.command, self.path, json.loads(text or b"null"))
            else:
                status, answer = (
                    401,
                    {
                        "detail": "Authentication credentials were not provided. To establish a login session, visit /api/login/."
                    },
                )
            content = b"" if answer == "" else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler
