# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the fault proxy can do to a call: each kind is a table entry, with what it means for the judges."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any


class Forward(Enum):
    """Whether the service gets the request."""

    NEVER = "never"
    ALWAYS = "always"
    #: Drawn for each fault: before or after the service did its work.
    EITHER = "either"


@dataclass(frozen=True)
class Kind:
    """A kind of fault.

    :param forward: whether the service gets the request that meets it
    :param lies: the client may take the answer for a true one, so that nothing can be demanded of the end state
    :param slow: seconds are lost with it, so it is drawn seldom
    """

    name: str
    forward: Forward
    lies: bool = False
    slow: bool = False


KINDS = {
    kind.name: kind
    for kind in (
        Kind("reset_before", Forward.NEVER),
        Kind("reset_after", Forward.ALWAYS),
        Kind("close", Forward.EITHER),
        Kind("half_head", Forward.ALWAYS),
        Kind("half_body", Forward.ALWAYS),
        Kind("short_length", Forward.ALWAYS, lies=True),
        Kind("long_length", Forward.ALWAYS),
        Kind("bad_chunks", Forward.ALWAYS),
        Kind("silent", Forward.EITHER, slow=True),
        Kind("drip", Forward.ALWAYS, slow=True),
        Kind("endless", Forward.EITHER),
        Kind("endless_head", Forward.EITHER),
        Kind("bomb", Forward.EITHER),
        Kind("bad_gzip", Forward.ALWAYS),
        Kind("page", Forward.EITHER),
        Kind("latin1", Forward.EITHER),
        Kind("no_http", Forward.EITHER),
        Kind("empty", Forward.EITHER),
        Kind("shape", Forward.EITHER),
        Kind("other_object", Forward.EITHER, lies=True),
        Kind("duplicate_keys", Forward.ALWAYS),
        Kind("mutated", Forward.ALWAYS, lies=True),
        Kind("redirect", Forward.EITHER),
        Kind("unauthorized", Forward.NEVER),
        Kind("forbidden", Forward.NEVER),
        Kind("conflict", Forward.NEVER),
        Kind("timeout_status", Forward.NEVER),
        Kind("throttled", Forward.NEVER),
        Kind("unavailable", Forward.EITHER),
        Kind("odd_error", Forward.EITHER),
        Kind("echo", Forward.EITHER),
        Kind("skewed", Forward.ALWAYS),
        Kind("stale", Forward.ALWAYS),
    )
}

#: Values of Retry-After: none, usual, and such as no service should send. Source of the forms: RFC 9110, section 10.2.3.
WAITS = (
    None, "0", "1", "7", "3600", "9" * 400, "-1", "1e3", "soon", "inf", "", "1, 2", "0x10",
    "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 9999 07:28:00 GMT", "Wed, 99 Foo 2015 07:28:00 GMT", "\u00b2",
)  # fmt: skip
#: What a call of an API would not answer, as a whole body.
SHAPES: tuple[bytes, ...] = (
    b"[]", b"null", b'"text"', b"5", b"true", b"[" * 5000, b'{"a":' * 3000, b'{"error":"bad gateway"}', b'{"error":null}',
    b'{"error":{"code":"x","details":null}}', b'{"error":{"details":[5,null,{"@type":5}]}}', b"{", b"NaN",
)  # fmt: skip
#: Objects of something else, which nobody can tell from a list that is empty: there all fields may be missing, and new ones come.
OBJECTS: tuple[bytes, ...] = (b'{"name":5}', b"\xef\xbb\xbf{}", b'{"message":null,"__type":7}', b'{"kind":{}}')
REDIRECTS = (300, 301, 302, 303, 304, 305, 307, 308)


@dataclass(frozen=True)
class Fault:
    """One fault that a call meets. C(forwarded) says whether the service gets the call; C(seed) draws the details."""

    kind: Kind
    forwarded: bool
    seed: int

    def random(self) -> Random:
        """The same details each time."""
        return Random(self.seed)


@dataclass(frozen=True)
class Answer:
    """What the service answered, in parts."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The value of a header, empty when it has none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def http(status: int, body: bytes, content_type: str = "application/json", **headers: str | None) -> bytes:
    """A whole answer in HTTP."""
    lines = [
        f"HTTP/1.1 {status} Fault",
        f"Content-Type: {content_type}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None),
    ]
    if "Content_Length" not in headers and status != 304:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body


def real(answer: Answer, body: bytes | None = None, **more: str) -> bytes:
    """The service's own answer, perhaps with another body or other headers."""
    content = answer.body if body is None else body
    skipped = {"content-length", "transfer-encoding", "connection", *(name.lower().replace("_", "-") for name in more)}
    fields = [f"{name}: {value}" for name, value in answer.headers if name.lower() not in skipped]
    fields += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    if "Content_Length" not in more and answer.status != 204:
        fields.append(f"Content-Length: {len(content)}")
    head = "\r\n".join([f"HTTP/1.1 {answer.status} Real", *fields, "", ""])
    return head.encode("latin-1", "replace") + content


def error(status: int, code: str, wait: str | None = None, message: str = "A fault.") -> bytes:
    """An error in the forms of Google, AWS and GitHub at once: each reads its own fields."""
    body = {"error": {"code": status, "status": code, "message": message}, "message": message, "__type": code}
    return http(status, json.dumps(body).encode(), Retry_After=wait, X_Amzn_ErrorType=code)


def page(random: Random) -> bytes:
    """A page for people, as proxies and portals answer with."""
    status = random.choice((200, 200, 403, 404, 502, 503)) if random.random() < 0.5 else 200
    # A 404 would be a lie about the resource, and 403 one about permissions: both are told by other kinds.
    return http(200 if status in (403, 404) else status, b"<html><body>Log in</body></html>", "text/html")


def mutated(body: bytes, random: Random) -> bytes:
    """The right document with one value dropped, null or of another type somewhere in it."""
    try:
        document = json.loads(body)
    except ValueError:
        return body[::-1]
    places = list(_places(document))
    if not places:
        return b"[]"
    holder, key = random.choice(places)
    how = random.choice(("drop", "null", "type", "long", "deep"))
    if how == "drop":
        del holder[key]
    else:
        holder[key] = {
            "null": None,
            "type": random.choice((5, -1.5, True, "text", [], {}, [None], {"a": None})),
            "long": "x" * 70_000,
            "deep": json.loads("[" * 200 + "]" * 200),
        }[how]
    return json.dumps(document).encode()


def _places(document: Any) -> Any:
    """Everything in a document that can be replaced, as its holder and key."""
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield document, key
        yield from _places(value)


def doubled(body: bytes) -> bytes:
    """An object whose first key comes twice, first with another value. Parsers of JSON take the last one."""
    if body[:1] != b"{" or body[:2] == b"{}":
        return body
    key = body[1 : body.index(b":")]
    return b"{" + key + b': "another", ' + body[1:]


def bomb() -> bytes:
    """An answer that is small as sent, and 64 MiB when it is unpacked."""
    return http(200, _BOMB, Content_Encoding="gzip")


_BOMB = gzip.compress(bytes(64 << 20), 9)
