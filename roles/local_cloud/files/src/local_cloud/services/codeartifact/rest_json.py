# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""restJson1: requests to plain values, and plain values to answers, by the shapes of the service model.

Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.model import OperationModel, Shape, StructureShape

from local_cloud.services.codeartifact.errors import invalid


def read(
    operation: OperationModel, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """The input of an operation, gathered from where its shape says; not checked yet.

    Raises:
        AwsError: ValidationException for what cannot be parsed.
    """
    shape = operation.input_shape
    payload = shape.serialization.get("payload")
    document = {} if payload else _json_object(body)
    values: dict[str, Any] = {}
    for name, member in shape.members.items():
        place = member.serialization.get("location")
        wire_name = member.serialization.get("name", name)
        if name == payload:
            values[name] = body
        elif place is None:
            values[name] = document.get(wire_name)
        else:
            text = (query if place == "querystring" else headers).get(wire_name)
            values[name] = None if text is None else _from_text(member, text, name)
    return {name: value for name, value in values.items() if value is not None}


def write(shape: Shape | None, value: Any) -> Any:
    """An output as JSON. What is None is left out; a member that the shape does not have is an error of ours."""
    if isinstance(shape, StructureShape):
        unknown = set(value) - set(shape.members)
        if unknown:
            raise TypeError(f"{shape.name} has no {', '.join(sorted(unknown))}")
        return {name: write(shape.members[name], item) for name, item in value.items() if item is not None}
    if shape is None:
        return {}
    if shape.type_name == "list":
        return [write(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: write(shape.value, item) for key, item in value.items()}
    return value.timestamp() if isinstance(value, datetime) else value


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise invalid("The body is not a JSON object.", "CANNOT_PARSE")
    return value


def _from_text(shape: Shape, text: str, name: str) -> Any:
    if shape.type_name == "boolean" and text in {"true", "false"}:
        return text == "true"
    if shape.type_name in {"integer", "long"}:
        try:
            return int(text)
        except ValueError:
            raise invalid(f"The value at '{name}' is not a number.", "CANNOT_PARSE") from None
    return text
