# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters by which the roles of the workflow hand on what they found. Each goes through a list once."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils._domain.gcp import retention

Entry = t.Mapping[str, t.Any]


def secret_payloads(repositories: t.Iterable[Entry]) -> list[dict[str, str]]:
    """What the secrets of remote repositories are to hold, as entries: each secret once, with its token.

    Raises AnsibleFilterError that names a repository without a secret or token, or the secrets that would hold two tokens.
    """
    payloads: dict[str, str] = {}
    torn: dict[str, None] = {}
    for index, entry in enumerate(repositories):
        for key in ("secret", "token"):
            if key not in entry:
                raise AnsibleFilterError(f"registry_auth_repositories[{index}] has no {key}.")
        if payloads.setdefault(entry["secret"], entry["token"]) != entry["token"]:
            torn[entry["secret"]] = None
    if torn:
        raise AnsibleFilterError(
            f"Repositories that share a secret must give the same token for it, and {', '.join(torn)} would hold two."
        )
    return [{"secret": secret, "payload": token} for secret, token in payloads.items()]


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
    return "secret" in entry and "version" not in entry


def _login(entry: Entry, versions: t.Mapping[str, str], username: str) -> dict[str, t.Any]:
    login = {key: value for key, value in entry.items() if key != "proof"}
    if _flows(entry):
        login["password_secret_version"] = versions[login.pop("secret")]
    if login.get("state") != "absent":
        login.setdefault("username", username)
    return login


def package_proofs(entries: t.Sequence[Entry], repositories: t.Sequence[Entry]) -> list[dict[str, t.Any]]:
    """What to read to prove that repositories work: the C(proof) of each entry that has one.

    :param repositories: the repository of each entry, with its C(name); its simple index is read unless the proof says which.
        Source of that address: Artifact Registry's documentation, "Configure authentication to Artifact Registry for Python".
    """
    return [
        {"index_url": _simple_index(repository["name"]), **entry["proof"]}
        for entry, repository in zip(entries, repositories, strict=True)
        if "proof" in entry
    ]


def _simple_index(name: str) -> str:
    _projects, project, _locations, location, _repositories, repository = name.split("/")
    return f"https://{location}-python.pkg.dev/{project}/{repository}/simple/"


def retirable_secrets(
    repositories: t.Sequence[Entry],
    bindings: t.Iterable[Entry],
    everywhere: t.Iterable[t.Iterable[Entry]],
    shared: t.Collection[str],
) -> list[dict[str, str]]:
    """The secrets of which every use is known and proved, as entries with their ids. The parameters are those of the rule."""
    return [{"secret": secret} for secret in retention.retirable_secrets(repositories, bindings, everywhere, shared)]


class FilterModule:
    """The filters, by name."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Names and functions."""
        return {
            "package_proofs": package_proofs,
            "retirable_secrets": retirable_secrets,
            "secret_payloads": secret_payloads,
            "upstream_logins": upstream_logins,
        }
