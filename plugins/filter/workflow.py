# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters that make entries of one step of what the steps before it found. Each goes through a list once."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._domain.gcp.names import python_index, repository_name

Entry = t.Mapping[str, t.Any]


def upstream_logins(entries: t.Sequence[Entry], versions: t.Mapping[str, str], username: str) -> list[dict[str, t.Any]]:
    """What the module sets of each entry: without its C(proof), with a user name, and with the version that is known of its secret.

    Raises AnsibleFilterError that names the secrets of which no version is known.
    """
    unknown = {entry["secret"]: None for entry in entries if _flows(entry) and entry["secret"] not in versions}
    if unknown:
        raise AnsibleFilterError(
            f"No version is known of {', '.join(unknown)}: store it with the role secret_version earlier in the play, or give "
            "version or password_secret_version."
        )
    return [_login(entry, versions, username) for entry in entries]


def _flows(entry: Entry) -> bool:
    # A key without a value is none, as for modules.
    return entry.get("secret") is not None and entry.get("version") is None


def _login(entry: Entry, versions: t.Mapping[str, str], username: str) -> dict[str, t.Any]:
    login = {key: value for key, value in entry.items() if key != "proof"}
    if _flows(entry):
        login["password_secret_version"] = versions[login.pop("secret")]
    if login.get("state") != "absent" and login.get("username") is None:
        login["username"] = username
    return login


def package_proofs(entries: t.Sequence[Entry], repositories: t.Sequence[Entry]) -> list[dict[str, t.Any]]:
    """What to read to prove that repositories work: the C(proof) of each entry that has one.

    :param repositories: the repository of each entry, with its C(name); its simple index is read unless the proof says which
    """
    return [
        {
            "index_url": python_index(repository_name({"repository": repository["name"]})),
            **{key: value for key, value in entry["proof"].items() if value is not None},
        }
        for entry, repository in zip(entries, repositories, strict=True)
        if entry.get("proof") is not None
    ]


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {
            "package_proofs": package_proofs,
            "upstream_logins": upstream_logins,
        }
