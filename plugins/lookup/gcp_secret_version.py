# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Payloads of Secret Manager."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gcp_secret_version
version_added: 1.0.0
short_description: Read the payload of a Google Secret Manager secret version
description:
  - Reads payloads, for example for a template. It logs in as the modules of this collection do.
  - A payload is checked against the checksum that Secret Manager keeps with it.
author: The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - pkgops.registry_auth.gcp
requirements:
  - python >= 3.11
  - google-cloud-secret-manager >= 2.24
options:
  _terms:
    description:
      - Ids of secrets, or names such as V(projects/PROJECT/secrets/SECRET) and V(projects/PROJECT/secrets/SECRET/versions/VERSION).
      - Several are read side by side, with one login. That is much faster than a lookup for each.
    type: list
    elements: str
    required: true
  version:
    description:
      - Number or alias of the version of each term that does not name one. V(latest) when not set, which is the version that was created last.
      - After a version was added, it takes time until V(latest) and aliases mean it. Its number is right at once.
    type: str
  project:
    description:
      - Id or number of the project of each term that does not name one.
      - Falls back to the environment variables E(GCP_PROJECT) and E(GCE_PROJECT).
    type: str
  location:
    description: Location of regional secrets. Leave it out for global ones.
    type: str
  base64:
    description: Return payloads in base64. Needed for those that are not text in UTF-8.
    type: bool
    default: false
notes:
  - It runs where Ansible runs, and in check mode too. It sees the environment of Ansible, and none that a play or task sets.
  - It returns what is secret. Use C(no_log=true) for tasks that show their arguments, and C(diff=false) for those that show differences.
  - Within a task, each payload is read once, however often it is mentioned, so that all mentions are of the same version. The next task, and
    each host, reads again. Nothing is kept on disk. To read once for a whole play, keep it with M(ansible.builtin.set_fact).
  - A failure is reported in one sentence. With C(errors='ignore') or C(errors='warn') the lookup then returns nothing.
  - The permission needed is C(secretmanager.versions.access) on the secret.
seealso:
  - module: pkgops.registry_auth.gcp_secret_version
  - plugin: pkgops.registry_auth.codeartifact_token
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Write a file with a secret in it
  ansible.builtin.copy:
    content: "password = {{ lookup('pkgops.registry_auth.gcp_secret_version', 'index-token', project='demo-project') }}"
    dest: "{{ playbook_dir }}/settings"
    mode: "0600"
  no_log: true

- name: Read a version by its number
  ansible.builtin.set_fact:
    index_password: "{{ lookup('pkgops.registry_auth.gcp_secret_version', 'projects/demo-project/secrets/index-token/versions/1') }}"
  no_log: true

- name: Read many at once, which is one login
  vars:
    names: [index-token, old-token]
  ansible.builtin.set_fact:
    payloads: "{{ dict(names | zip(query('pkgops.registry_auth.gcp_secret_version', *names, project='demo-project'))) }}"
  no_log: true

- name: Do without what is not there
  ansible.builtin.set_fact:
    optional: "{{ lookup('pkgops.registry_auth.gcp_secret_version', 'not-there', project='demo-project', errors='ignore') or 'a default' }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: The payloads, in the order of the terms.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleLookupError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.lookup import LookupBase

from ..module_utils._engine.resource import NamedState
from ..module_utils._options.gcp import gcp_argument_spec
from ..module_utils._resources.parts.secret_payloads import SecretPayloads, as_base64, as_text, version_of
from ..plugin_utils._lookups import failing, look_up


class LookupModule(LookupBase):
    """The lookup."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        """The payloads of the versions. Raises AnsibleLookupError."""
        self.set_options(var_options=variables, direct=kwargs)
        spec = gcp_argument_spec("SECRETMANAGER")
        given = {name: value for name, value in self.get_options().items() if name in spec and value is not None}
        # The environment's part in them, as for a module.
        checked = ArgumentSpecValidator(spec).validate(given)
        if checked.error_messages:
            raise AnsibleLookupError(" ".join(f"{message}." for message in checked.error_messages))
        login = checked.validated_parameters
        place = {"project": login["project"], **{name: self.get_option(name) for name in ("version", "location")}}
        show = as_base64 if self.get_option("base64") else as_text
        try:
            entries = [NamedState.of(version_of, {**place, "secret": str(term)}) for term in terms]
            found = look_up(login, entries, lambda: SecretPayloads.connect(login))
            return [show(one["payload"]) for one in found]
        except Exception as error:
            raise failing(error) from None
