# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters that say which packages names in people's words stand for, and what of Artifact Registry serves them."""

from __future__ import annotations

import typing as t
from dataclasses import asdict

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.validation import check_type_list

from ..module_utils._base.errors import InvalidInput


def package_names(words: t.Sequence[str], formats: t.Sequence[str]) -> list[dict[str, str]]:
    """Word, format and pattern of what each word stands for."""
    # Not above: for any filter of the collection, Ansible loads the files of all, in each task's process anew.
    from ..module_utils._domain.protection.names import our_names

    if isinstance(words, str) or isinstance(formats, str):
        raise AnsibleFilterError("package_names takes a list of names and a list of formats.")
    try:
        return [asdict(one) for one in our_names(words, formats)]
    except InvalidInput as error:
        raise AnsibleFilterError(str(error)) from None


def public_upstreams(
    repositories: t.Sequence[t.Mapping[str, t.Any]],
    indexes: t.Sequence[str],
    words: t.Sequence[str],
    formats: t.Sequence[str],
    private_upstreams: t.Sequence[str] = (),
) -> list[dict[str, t.Any]]:
    """Findings about indexes that could serve public packages under names that are ours."""
    from ..module_utils._domain.protection.artifact_registry_indexes import index_findings
    from ..module_utils._domain.protection.names import our_names

    if any(isinstance(one, str) for one in (repositories, indexes, words, formats, private_upstreams)):
        raise AnsibleFilterError("public_upstreams takes lists, not text.")
    try:
        names = our_names(words, formats)
        return [one.as_dict() for one in index_findings(repositories, indexes, names, private_upstreams)]
    except InvalidInput as error:
        raise AnsibleFilterError(str(error)) from None


def ours_first(
    repositories: t.Sequence[t.Mapping[str, t.Any]], mixed: t.Sequence[t.Mapping[str, t.Any]], project: str
) -> list[dict[str, t.Any]]:
    """Entries of gcp_repository that give our upstreams the greatest priority in virtual repositories."""
    from ..module_utils._domain.protection.artifact_registry_indexes import with_ours_first

    by_name = {one["name"]: one for one in repositories}
    entries = []
    for one in mixed:
        name = f"projects/{project}/locations/{one['location']}/repositories/{one['repository']}"
        if name not in by_name:
            raise AnsibleFilterError(f"{name} does not exist, so that nothing can be first in it.")
        try:
            policies = with_ours_first(by_name[name], check_type_list(one["ours"]))
        except InvalidInput as error:
            raise AnsibleFilterError(str(error)) from None
        entries.append({"repository": name, "upstream_policies": policies})
    return entries


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {"package_names": package_names, "public_upstreams": public_upstreams, "ours_first": ours_first}
