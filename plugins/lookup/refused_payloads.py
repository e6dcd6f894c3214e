# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads that no version of a secret can hold, before anything is stored."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refused_payloads
version_added: 1.0.0
short_description: Find payloads that no secret version can hold
description:
  - Finds entries that M(pkgops.registry_auth.gcp_secret_version) would refuse, such as one whose payload is missing, empty, not text, not base64
    or larger than Secret Manager takes. It asks nobody.
  - Returns a sentence for each, without any part of the payload.
  - So the role P(pkgops.registry_auth.secret_version#role) creates no secret for a payload that cannot be stored.
author: The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
options:
  _terms:
    description:
      - Entries with C(secret), C(payload) or C(payload_base64), and perhaps C(project) and C(location). What else they have is not looked at.
    type: list
    elements: dict
    required: true
  of:
    description: What the list of entries is called in the sentences.
    type: str
    default: batch
  project:
    description: Id or number of the project of entries that do not name one. It need not be known.
    type: str
  compare:
    description: The option of M(pkgops.registry_auth.gcp_secret_version) for all entries.
    type: str
  without_fingerprint:
    description: The option of M(pkgops.registry_auth.gcp_secret_version) for all entries.
    type: str
seealso:
  - module: pkgops.registry_auth.gcp_secret_version
  - plugin: pkgops.registry_auth.pypi_token
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Refuse payloads that cannot be stored
  ansible.builtin.assert:
    that: refused | length == 0
    fail_msg: "{{ refused | join(' ') }}"
  vars:
    refused: "{{ query('pkgops.registry_auth.refused_payloads', *entries) }}"
    entries:
      - secret: index-token
        payload: a token
"""

RETURN = r"""
_list:
  description: The sentences.
  type: list
  elements: str
  sample: ["batch[0] (index-token): payload_base64 is not base64."]
"""

import typing as t

from ansible.plugins.lookup import LookupBase

from ..module_utils._base.errors import InvalidInput
from ..module_utils._options.common import ArgumentSpec
from ..module_utils._options.entries import read_entry
from ..module_utils._options.gcp import SECRET
from ..module_utils._resources.parts.secret_versions import DesiredVersion

_SECRET_TEXT = {"type": "str", "no_log": True}
ENTRY: ArgumentSpec = {**SECRET, "payload": _SECRET_TEXT, "payload_base64": _SECRET_TEXT}
#: A project that is not known yet. The environment of the task that stores the payload may name it.
ANY = "0"


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: list[t.Any], variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        """The sentences."""
        self.set_options(var_options=variables, direct=kwargs)
        shared = {name: self.get_option(name) for name in ("project", "compare", "without_fingerprint")}
        shared["project"] = shared["project"] or ANY
        of = self.get_option("of")
        found = (_mistake(entry, f"{of}[{position}]", shared) for position, entry in enumerate(terms))
        return [mistake for mistake in found if mistake]


def _mistake(entry: t.Any, where: str, shared: t.Mapping[str, t.Any]) -> str | None:
    own = {name: entry.get(name) for name in ENTRY} if isinstance(entry, t.Mapping) else entry
    try:
        read = read_entry(own, ENTRY, what=where)
    except InvalidInput as mistake:
        return str(mistake)
    try:
        DesiredVersion.from_options({**shared, **read})
    except InvalidInput as mistake:
        return f"{where} ({read['secret']}): {mistake}" if "secret" in read else f"{where}: {mistake}"
    return None
