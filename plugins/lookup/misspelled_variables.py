# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of a host that a role would read if their names were spelled right."""

from __future__ import annotations

DOCUMENTATION = r"""
name: misspelled_variables
version_added: 1.0.0
short_description: Find variables whose names are almost those of a role's
description:
  - Compares the names of all variables that begin with the name of a role with those in the role's C(meta/argument_specs.yml). Ansible itself ignores one
    that is misspelled.
  - Returns a sentence for each that has a letter too many, too few or wrong, two letters swapped, or the singular for the plural or the other
    way round. Where the role's name for it has 12 letters or more after that of the role, there may be two typos.
  - A variable that another one uses is left alone. So is one whose name has more words than the role's, and a list whose name is the plural of
    the role's, such as C(repository_projects) where the role has C(repository_project).
  - Where the right one is set as well, there is a warning in place of the sentence.
  - So the role P(pkgops.registry_auth.package_clients#role) and others refuse what would have no effect.
author: The pkgops.registry_auth authors (@pkgops)
options:
  _terms:
    description: Folders of roles, as the variable C(role_path) has them.
    type: list
    elements: str
    required: true
  also:
    description: Variables that are right, too, such as those that the role sets.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Refuse misspelled variables of a role
  ansible.builtin.assert:
    that: found | length == 0
    fail_msg: "{{ found | join(' ') }}"
  vars:
    found: "{{ query('pkgops.registry_auth.misspelled_variables', *folders) }}"
    # In the role itself, this is [role_path].
    folders: []
"""

RETURN = r"""
_list:
  description: The sentences.
  type: list
  elements: str
  sample: ["package_clients_client is not a variable of the role package_clients. Did you mean package_clients_clients?"]
"""

import os
import typing as t

from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ..plugin_utils._misspelled import Spelling


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        """The sentences. C(variables): as they are written. Raises AnsibleError for a folder without such files."""
        self.set_options(var_options=variables, direct=kwargs)
        # Ansible gives it to all lookups; its type also knows none.
        loader: t.Any = self._loader
        told: list[str] = []
        for folder in terms:
            role = os.path.basename(folder)
            specs = loader.load_from_file(f"{folder}/meta/argument_specs.yml")["argument_specs"].values()
            defaults = loader.load_from_file(f"{folder}/defaults/main.yml") or {}
            known = {name for spec in specs for name in spec.get("options", {})} | set(self.get_option("also"))
            # What the role sets itself, nobody has said.
            said = {name: value for name, value in variables.items() if name not in defaults or value != defaults[name]}
            spelling = Spelling({name: name.removeprefix(f"{role}_") for name in known}, of=f"the role {role}")
            wrong, doubtful = spelling.mistakes(said)
            told += wrong
            for sentence in doubtful:
                Display().warning(sentence)
        return told
