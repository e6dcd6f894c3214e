# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file that an installed Python package carries."""

from __future__ import annotations

DOCUMENTATION = r"""
name: package_file
version_added: 1.0.0
short_description: Read a file that an installed Python package carries
description:
  - Reads text files of a Python package that is installed where Ansible runs, without importing the package.
  - So the role P(pkgops.registry_auth.access_report#role) puts a table library into its page, which then needs no network.
author: The pkgops.registry_auth authors (@pkgops)
options:
  _terms:
    description: Paths of files, as the package installs them.
    type: list
    elements: str
    required: true
  package:
    description: Name of the package, as pip knows it.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say how long the table library is
  ansible.builtin.debug:
    msg: "{{ lookup('pkgops.registry_auth.package_file', 'itables/html/dt_bundle.js', package='itables') | length }}"
"""

RETURN = r"""
_raw:
  description: The files' contents.
  type: list
  elements: str
"""

import typing as t
from importlib.metadata import PackageNotFoundError, files

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        """The contents of the files. Raises AnsibleLookupError."""
        self.set_options(var_options=variables, direct=kwargs)
        package = self.get_option("package")
        try:
            found = {str(path): path for path in files(package) or ()}
        except PackageNotFoundError:
            raise AnsibleLookupError(
                f"The Python package {package} is not installed where Ansible runs: python -m pip install {package}"
            ) from None
        missing = [term for term in terms if term not in found]
        if missing:
            raise AnsibleLookupError(f"The installed Python package {package} has no {' and no '.join(missing)}.")
        return [found[term].read_text() for term in terms]
