# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""GitHub's own description of its REST API, by which answers are judged.

The npm package brings it; C(make clients) puts it into build/npm.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from checkout import BUILD
from openapi_schema_validator import OAS30Validator, oas30_format_checker

GENERATED = BUILD / "npm" / "node_modules" / "@octokit" / "openapi" / "generated"


class Description:
    """One of the documents: that of github.com, or of an enterprise server's version."""

    def __init__(self, name: str) -> None:
        """Skips the test when npm was not at hand."""
        file = GENERATED / f"{name}.json"
        if not file.exists():
            pytest.skip("GitHub's description of its API is not in build/npm: make clients, with npm at hand")
        # A discriminator only says sooner which of several shapes is meant, and GitHub's do so of lists, which have no
        # properties to tell it by.
        self._document = json.loads(file.read_text(), object_hook=_without_discriminator)
        self._operations = {
            operation["operationId"]: (verb.upper(), path, operation)
            for path, item in self._document["paths"].items()
            for verb, operation in item.items()
            if isinstance(operation, dict) and "operationId" in operation
        }

    def place(self, name: str) -> tuple[str, str]:
        """The verb and the path of an operation."""
        verb, path, _operation = self._operations[name]
        return verb, path

    def complaints(self, name: str, status: int, body: Any) -> list[str]:
        """What of an answer is not as described: one phrase each. C(body) is None when there is none."""
        responses = self._operations[name][2]["responses"]
        response = responses.get(str(status))
        if response is None:
            # What may happen to any request is not said for each.
            return [] if status in {401, 403, 404, 422} and _is_error(body) else [f"{status} is not described"]
        response = self._resolve(response)
        media = response.get("content", {}).get("application/json")
        if media is None:
            return [] if body is None or status >= 400 else ["a body is not described"]
        schema = dict(media["schema"])
        if status >= 400 and "oneOf" in schema:
            # Errors of one status differ in nothing that must be there.
            schema["anyOf"] = schema.pop("oneOf")
        schema["components"] = self._document["components"]
        validator = OAS30Validator(schema, format_checker=oas30_format_checker)
        return [f"{error.json_path}: {error.message[-300:]}" for error in validator.iter_errors(body)]

    def _resolve(self, described: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in described:
            return described
        found: dict[str, Any] = self._document
        for part in described["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found


def _without_discriminator(node: dict[str, Any]) -> dict[str, Any]:
    if {"oneOf", "anyOf"} & set(node):
        node.pop("discriminator", None)
    return node


def _is_error(body: Any) -> bool:
    return isinstance(body, dict) and {"message", "documentation_url", "status"} <= set(body)


@cache
def description(name: str) -> Description:
    """Read once: it has a dozen megabytes."""
    return Description(name)
