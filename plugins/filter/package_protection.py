# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter that says which packages names in people's words stand for."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible.errors import AnsibleFilterError

from ..module_utils._base.errors import InvalidInput
from ..module_utils._domain.protection.names import our_names


def package_names(words: t.Sequence[str], formats: t.Sequence[str]) -> list[dict[str, str]]:
    """Word, format and pattern of what each word stands for."""
    if isinstance(words, str) or isinstance(formats, str):
        raise AnsibleFilterError("package_names takes a list of names and a list of formats.")
    try:
        return [asdict(one) for one in our_names(words, formats)]
    except InvalidInput as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {"package_names": package_names}
