# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy documents: read, and compared by meaning. Pure.

What is the same by meaning is laid down in the IAM User Guide, "IAM JSON policy elements": the order of statements and of values
means nothing, a list of one is its element, names of actions and of condition keys are case-insensitive, and the root of an
account is the account. Everything else is taken as written, so a difference that is none costs one write and no more.
"""

from __future__ import annotations

import json
import math
import re
import typing as t

from ..._base.errors import InvalidInput
from .conditions import as_text, check_condition
from .principals import as_list, canonical_principals, check_principals
from .wildcards import overlap, single_stars

Document = dict[str, t.Any]
#: A statement as it is written. Made ready for requests it is a Statement, of statements.py.
RawStatement = dict[str, t.Any]

#: What a document without a version has comes last. Source: IAM User Guide, "Version".
VERSIONS = ("2012-10-17", "2008-10-17")

#: Kinds of documents.
NEW, STORED, OF_IDENTITY = "new", "stored", "identity"

PRINCIPAL_ELEMENTS = ("Principal", "NotPrincipal")
ACTION_ELEMENTS = ("Action", "NotAction")
RESOURCE_ELEMENTS = ("Resource", "NotResource")
# Source: IAM User Guide, "Grammar of the IAM JSON policy language".
_ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_ELEMENTS = ("Sid", "Effect", *PRINCIPAL_ELEMENTS, *ACTION_ELEMENTS, *RESOURCE_ELEMENTS, "Condition")


def parse_document(policy: t.Any, *, option: str = "policy", form: str = NEW) -> Document:
    """The document that a user gives as a mapping or as JSON text.

    :param form: NEW for a resource's policy to be put, STORED for one as AWS has it, OF_IDENTITY for one of a user or role
    :raises InvalidInput: it is not a policy document; says where and what is accepted
    """
    document = _from_json(policy, option) if isinstance(policy, str) else _plain(policy, option)
    if not isinstance(document, dict):
        raise InvalidInput(
            f"{option} is a {_kind(document)}: give a mapping with Version and Statement, or the same as JSON."
        )
    for name in document:
        if name not in ("Version", "Id", "Statement"):
            raise InvalidInput(f"{option} has the element {name!r}: Version, Id and Statement are accepted.")
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        raise InvalidInput(f"{option}.Version is {document['Version']!r}: {' and '.join(VERSIONS)} are accepted.")
    _check_text(document, "Id", option)
    found = statements(document)
    if not found:
        raise InvalidInput(f"{option} has no Statement: to remove a policy use state absent.")
    for index, statement in enumerate(found):
        _check_statement(statement, f"{option}.Statement[{index}]", form)
    _check_sids(found, option)
    return document


def read_document(text: str) -> Document | None:
    """The document in a service's answer, or None if the answer has no valid one. Only its shape is checked: the service accepted it once."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and all(map(_has_shape, statements(document))) else None


def _has_shape(statement: t.Any) -> bool:
    """Whether a statement's elements are of the kinds that requests can be held against."""
    if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
        return False
    named = [statement[name] for name in PRINCIPAL_ELEMENTS if statement.get(name) is not None]
    condition = {} if statement.get("Condition") is None else statement["Condition"]
    tests = list(condition.values()) if isinstance(condition, dict) else [condition]
    if not all(isinstance(one, dict) for one in tests) or not all(isinstance(one, str | dict) for one in named):
        return False
    texts = [statement.get(name) for name in ("Sid", *ACTION_ELEMENTS, *RESOURCE_ELEMENTS)]
    texts += [value for one in named if isinstance(one, dict) for value in one.values()]
    values = [value for one in tests for given in one.values() for value in as_list(given)]
    return all(isinstance(one, str) for given in texts for one in as_list(given)) and not any(
        isinstance(value, dict | list) for value in values
    )


def _from_json(text: str, option: str) -> t.Any:
    def without_duplicates(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _value in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InvalidInput(f"{option} has the element {twice!r} twice in one object: only the last would count.")
        return found

    def finite(number: str) -> t.Any:
        return _plain(float(number), option)

    try:
        return json.loads(text, object_pairs_hook=without_duplicates, parse_float=finite, parse_constant=finite)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{option} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError):
        raise InvalidInput(
            f"{option} is not JSON that a policy can be: it is nested too deep, or has a huge number."
        ) from None


def _plain(value: t.Any, where: str) -> t.Any:
    """The value in JSON's own types. Raises InvalidInput for what JSON does not have."""
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise InvalidInput(f"{where} has the name {name!r}, which is not text: put it in quotes.")
        return {str(name): _plain(item, f"{where}.{name}") for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise InvalidInput(f"{where} is {str(value)!r}, which JSON does not have: put it in quotes.")


def _kind(value: t.Any) -> str:
    names = {"dict": "mapping", "list": "list", "str": "text", "NoneType": "null", "bool": "boolean"}
    return names.get(type(value).__name__, "number")


def statements(document: Document) -> list[RawStatement]:
    """The statements, also when there is one and it is not in a list."""
    return as_list(document.get("Statement"))


def _check_statement(statement: t.Any, where: str, form: str) -> None:
    if not isinstance(statement, dict):
        raise InvalidInput(f"{where} is a {_kind(statement)}: a statement is a mapping.")
    for name in statement:
        if name not in _ELEMENTS:
            raise InvalidInput(f"{where} has the element {name!r}: {', '.join(_ELEMENTS)} are accepted.")
    _check_text(statement, "Sid", where)
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise InvalidInput(f"{where}.Effect is {statement.get('Effect')!r}: Allow and Deny are accepted.")
    if form == OF_IDENTITY and any(name in statement for name in PRINCIPAL_ELEMENTS):
        raise InvalidInput(f"{where} has a principal: the policy of a user or role is about that one, and names none.")
    for pair in (() if form == OF_IDENTITY else (PRINCIPAL_ELEMENTS,)) + (ACTION_ELEMENTS, RESOURCE_ELEMENTS):
        given = [name for name in pair if statement.get(name) not in (None, "", [], {})]
        if len(given) != 1:
            raise InvalidInput(f"{where} needs one of {pair[0]} and {pair[1]}.")
    _check_patterns(statement, where, form)
    for name in PRINCIPAL_ELEMENTS:
        if name in statement:
            _quote_accounts(statement, name)
            check_principals(statement[name], f"{where}.{name}", stored=form == STORED)
    check_condition(statement.get("Condition", {}), f"{where}.Condition", stored=form != NEW)


def _check_patterns(statement: RawStatement, where: str, form: str) -> None:
    for name in (*ACTION_ELEMENTS, *RESOURCE_ELEMENTS):
        for value in as_list(statement.get(name)):
            if not isinstance(value, str) or not value:
                raise InvalidInput(f"{where}.{name} has {value!r}: text is accepted.")
            if form == NEW and name in ACTION_ELEMENTS and not _ACTION.fullmatch(value):
                raise InvalidInput(f'{where}.{name} has {value!r}, which is not an action: write SERVICE:NAME, or "*".')
            if form == NEW and name in RESOURCE_ELEMENTS and not overlap(value, "arn:*"):
                raise InvalidInput(f'{where}.{name} has {value!r}, which is not an ARN: give "*", or an ARN.')


def _check_text(mapping: dict[str, t.Any], name: str, where: str) -> None:
    if name in mapping and not isinstance(mapping[name], str):
        raise InvalidInput(f"{where}.{name} is a {_kind(mapping[name])}: put it in quotes.")


def _check_sids(found: list[RawStatement], option: str) -> None:
    """IAM refuses two statements with one Sid."""
    seen: dict[str, int] = {}
    for index, statement in enumerate(found):
        sid = statement.get("Sid")
        if sid and sid in seen:
            raise InvalidInput(f"{option}.Statement[{seen[sid]}] and [{index}] both have the Sid {sid!r}.")
        seen[sid or ""] = index


def _quote_accounts(statement: RawStatement, name: str) -> None:
    """YAML takes an account's id without quotes for a number, and AWS takes text only."""

    def quoted(value: t.Any) -> t.Any:
        return str(value) if isinstance(value, int) and re.fullmatch(r"\d{12}", str(value)) else value

    element = statement[name]
    if isinstance(element, dict):
        statement[name] = {
            kind: [quoted(item) for item in value] if isinstance(value, list) else quoted(value)
            for kind, value in element.items()
        }


def as_json(document: Document) -> str:
    """The document as JSON without needless white space."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def shown_document(document: Document | None) -> str | None:
    """The document in results, None for no policy. It is text: Ansible copies each value of a mapping several times."""
    return None if document is None else as_json(document)


def same_meaning(one: Document | None, other: Document | None) -> bool:
    """Whether two documents say the same; None is no policy."""
    if one is None or other is None:
        return one is other
    # Mostly they are the same in writing, which is sooner seen.
    return json.dumps(one) == json.dumps(other) or canonical(one) == canonical(other)


def canonical(document: Document) -> t.Hashable:
    """A value that two documents share exactly when they say the same."""
    return (
        str(document.get("Version", VERSIONS[-1])),
        # An empty one counts as not given.
        document.get("Id") or None,
        frozenset(_canonical_statement(statement) for statement in statements(document)),
    )


def _canonical_statement(statement: RawStatement) -> t.Hashable:
    elements = {name: _canonical_element(name, value) for name, value in statement.items() if value is not None}
    for name in ("Condition", "Sid"):
        # An empty one counts as not given.
        if not elements.get(name):
            elements.pop(name, None)
    return frozenset(elements.items())


def _canonical_element(name: str, value: t.Any) -> t.Hashable:
    if name in PRINCIPAL_ELEMENTS:
        return canonical_principals(value)
    if name in ACTION_ELEMENTS:
        return frozenset(single_stars(action).lower() for action in as_list(value))
    if name in RESOURCE_ELEMENTS:
        return frozenset(single_stars(resource) for resource in as_list(value))
    if name == "Condition":
        return frozenset(
            (operator, key.lower(), frozenset(as_text(item) for item in as_list(values)))
            for operator, tests in value.items()
            for key, values in tests.items()
        )
    return as_text(value)


def in_order(document: Document) -> Document:
    """The document with its lists and statements in an order of their own, so that a diff shows what differs."""
    ordered = [t.cast(RawStatement, _sorted_lists(statement)) for statement in statements(document)]
    # By the Sid first: a statement stays in its place when something in it changes.
    ordered.sort(key=lambda statement: (str(statement.get("Sid", "")), json.dumps(statement, sort_keys=True)))
    return {**document, "Statement": ordered}


def _sorted_lists(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {name: _sorted_lists(item) for name, item in value.items()}
    if isinstance(value, list):
        items = sorted(set(value), key=as_text) if all(isinstance(item, str) for item in value) else value
        return items[0] if len(items) == 1 else items
    return value
