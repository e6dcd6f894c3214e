# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Google's JSON over HTTP to and from the client libraries' own protobuf messages.

A route is written as in Google's service definitions (google.api.http): a verb, a path template, the request message
and which of its fields the body is. Whatever does not fit the message is refused as Google refuses it; no value is ever
echoed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from local_cloud.platform.errors import ApiError, invalid_argument

# Query parameters that every Google API takes (https://cloud.google.com/apis/docs/system-parameters).
SYSTEM_PARAMETERS = frozenset({
    "alt", "$alt", "prettyPrint", "$prettyPrint", "fields", "$fields", "key", "$key", "quotaUser", "$quotaUser",
    "callback", "$callback", "uploadType", "upload_protocol", "$.xgafv", "$ct", "$req", "$outputDefaults", "$unique",
})  # fmt: skip

_VARIABLE = re.compile(r"\{([a-z_.]+)(?:=([^}]+))?\}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_UNKNOWN_FIELD = re.compile(r'has no field named "([^"]*)"')
_ONEOF = re.compile(r'should not have multiple "([^"]*)" oneof fields')
_BAD_FIELD = re.compile(r"Failed to parse (\w+) field")


def compile_template(template: str) -> tuple[re.Pattern[str], list[str]]:
    """Turn ``v1/{secret.name=projects/*/secrets/*}`` into a pattern and the names of its variables."""
    names: list[str] = []
    pattern, end = "", 0
    for variable in _VARIABLE.finditer(template):
        names.append(variable[1])
        inner = re.escape(variable[2] or "*").replace(r"\*", "[^/:]+")
        pattern += re.escape(template[end : variable.start()]) + f"({inner})"
        end = variable.end()
    return re.compile(pattern + re.escape(template[end:])), names


def build_request(
    message: type[Message],
    body_field: str | None,
    path_fields: Mapping[str, str],
    query: Iterable[tuple[str, str]],
    body: bytes,
) -> Message:
    """Put path, query and body into one request message.

    Raises:
        ApiError: INVALID_ARGUMENT when any of it does not fit the message.
    """
    tree: dict[str, Any] = {}
    if body_field == "*":
        tree = _json_object(body)
    elif body_field:
        tree[body_field] = _json_object(body)
    for key, value in query:
        if key not in SYSTEM_PARAMETERS:
            _set(tree, key, value)
    for key, value in path_fields.items():
        _set(tree, key, value)
    for key in ("updateMask", "update_mask"):
        if isinstance(tree.get(key), str):
            tree[key] = _camel_mask(tree[key])
    request = message()
    _check_bytes(tree, request.DESCRIPTOR)
    _raise_enums(tree, request.DESCRIPTOR)
    try:
        json_format.ParseDict(tree, request)
    except json_format.ParseError as error:
        raise _refusal(str(error)) from None
    return request


def to_json(message: Message) -> dict[str, Any]:
    """The JSON of a message: lowerCamel names, enum names, base64 bytes."""
    return json_format.MessageToDict(message)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise invalid_argument("Invalid JSON payload received. Unexpected token.") from None
    if not isinstance(value, dict):
        raise invalid_argument("Invalid JSON payload received. Root must be an object.")
    return value


def _set(tree: dict[str, Any], dotted: str, value: str) -> None:
    *parents, leaf = dotted.split(".")
    for parent in parents:
        tree = tree.setdefault(parent, {})
        if not isinstance(tree, dict):
            raise invalid_argument(f"Invalid value at '{dotted}'.")
    tree[leaf] = value


def _check_bytes(tree: Mapping[str, Any], descriptor: Descriptor) -> None:
    """Refuse base64 with foreign characters, which protobuf's parser would skip."""
    fields = _fields(descriptor)
    for key, value in tree.items():
        field = fields.get(key)
        if field is None:
            continue
        if field.type == FieldDescriptor.TYPE_BYTES and isinstance(value, str) and not _BASE64.fullmatch(value):
            raise invalid_argument(f"Invalid value at '{key}' (TYPE_BYTES), Base64 decoding failed.")
        if field.message_type is not None and isinstance(value, Mapping):
            _check_bytes(value, field.message_type)


def _raise_enums(tree: dict[str, Any], descriptor: Descriptor) -> None:
    """Put names of enums in upper case: Google takes them in any, as gcloud's documentation of cleanup policies has them."""
    for key, value in tree.items():
        field = _fields(descriptor).get(key)
        if field is None:
            continue
        if field.enum_type is not None and isinstance(value, str):
            tree[key] = value.upper()
        elif field.message_type is not None:
            for message, inner in _messages(value, field.message_type):
                _raise_enums(message, inner)


def _messages(value: Any, descriptor: Descriptor) -> Iterator[tuple[dict[str, Any], Descriptor]]:
    """The messages that a field's value is: one, those of a list, or those that are values of a map."""
    if isinstance(value, dict) and descriptor.GetOptions().map_entry:
        descriptor = descriptor.fields_by_name["value"].message_type
        value = [] if descriptor is None else list(value.values())
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one, descriptor


@cache
def _fields(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    """The fields of a message, by both of their names."""
    return {field.json_name: field for field in descriptor.fields} | dict(descriptor.fields_by_name)


def _camel_mask(mask: str) -> str:
    """Both spellings are accepted by Google; protobuf's parser takes lowerCamel only."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), mask)


def _refusal(problem: str) -> ApiError:
    """Say what is wrong without quoting any value (a value may be a payload)."""
    if unknown := _UNKNOWN_FIELD.search(problem):
        return invalid_argument(f'Invalid JSON payload received. Unknown name "{unknown[1]}": Cannot find field.')
    if oneof := _ONEOF.search(problem):
        return invalid_argument(f"Invalid value (oneof), oneof field '{oneof[1]}' is already set.")
    fields = _BAD_FIELD.findall(problem)
    return invalid_argument(f"Invalid value at '{'.'.join(fields) or 'request'}'.")
