# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Update masks (https://google.aip.dev/134): copy the named fields, and clear those that the request leaves out."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from local_cloud.platform.errors import ApiError, invalid_argument


def check_mask(descriptor: Descriptor, paths: Iterable[str]) -> None:
    """Refuse a path that is not a field of the message.

    Raises:
        ApiError: INVALID_ARGUMENT naming the path.
    """
    for path in paths:
        _field_at(descriptor, path)


def apply_mask(target: Message, source: Message, paths: Iterable[str]) -> None:
    """Change ``target`` so that every field named in ``paths`` is as in ``source``, absent ones included."""
    for path in paths:
        _copy(target, source, path.split("."))


def _field_at(descriptor: Descriptor, path: str) -> None:
    current: Descriptor | None = descriptor
    for name in path.split("."):
        if current is None:
            raise _bad_path(path)
        field = _field(current, name)
        # Only a message that is not repeated has both; nothing can be named below anything else.
        current = field.message_type if field.has_presence else None


def _field(descriptor: Descriptor, name: str) -> FieldDescriptor:
    # proto-plus names a field `format_` where Python has a builtin of that name.
    field = descriptor.fields_by_name.get(name) or descriptor.fields_by_name.get(f"{name}_")
    if field is None:
        raise _bad_path(name)
    return field


def _bad_path(path: str) -> ApiError:
    return invalid_argument(f"Invalid field mask: '{path}' is not a field that can be updated.")


def _copy(target: Message, source: Message | None, names: list[str]) -> None:
    field = _field(target.DESCRIPTOR, names[0])
    if len(names) > 1:
        present = source is not None and source.HasField(field.name)
        # Clearing inside something that neither side has would create it.
        if present or target.HasField(field.name):
            _copy(getattr(target, field.name), getattr(source, field.name) if present else None, names[1:])
        return
    target.ClearField(field.name)
    if source is None or (field.has_presence and not source.HasField(field.name)):
        return
    value = getattr(source, field.name)
    if isinstance(value, Message):
        getattr(target, field.name).CopyFrom(value)
    elif isinstance(field.default_value, list):
        getattr(target, field.name).MergeFrom(value)
    else:
        setattr(target, field.name, value)
