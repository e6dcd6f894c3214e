# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that makes bindings of grants in words."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._base.errors import InvalidInput
from ..module_utils._domain.gcp.repository_grants import bindings_of
from ..module_utils._options.repository_grants import GRANT

_TEXT = {"type": "str"}
_REPOSITORY = {
    "repository": _TEXT,
    "location": _TEXT,
    "project": _TEXT,
    "mode": _TEXT,
    "grants": {"type": "list", "elements": "dict", "options": GRANT},
}
#: Values are taken in all the ways in which modules take them, so that C(false) as text is not true.
_VALIDATOR = ArgumentSpecValidator({"repositories": {"type": "list", "elements": "dict", "options": _REPOSITORY}})


def repository_bindings(repositories: t.Any, mode: str | None = None) -> list[dict[str, t.Any]]:
    """Entries of gcp_repository_iam_binding that mean the same as the grants of repositories."""
    if isinstance(repositories, str):
        raise AnsibleFilterError("repository_bindings takes a list of mappings, not a text.")
    checked = _VALIDATOR.validate({"repositories": repositories})
    if checked.error_messages:
        raise AnsibleFilterError(f"repository_bindings: {' '.join(checked.error_messages)}")
    try:
        return bindings_of(checked.validated_parameters["repositories"], mode)
    except InvalidInput as wrong:
        raise AnsibleFilterError(str(wrong)) from None


class FilterModule:
    """The filter, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Name and function."""
        return {"repository_bindings": repository_bindings}
