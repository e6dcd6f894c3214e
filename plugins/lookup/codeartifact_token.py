# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authorization tokens of CodeArtifact."""

from __future__ import annotations

DOCUMENTATION = r"""
name: codeartifact_token
version_added: 1.0.0
short_description: Get an authorization token for the repositories of an AWS CodeArtifact domain
description:
  - Gets what package clients log in to the repositories of a domain with, for example for a template. The user name that goes with it is C(aws).
  - The module M(pkgops.registry_auth.codeartifact_token) also tells when a token expires, and renews it only near that time.
author: The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.boto3
requirements:
  - python >= 3.11
options:
  _terms:
    description:
      - Names of domains.
      - Tokens for several are asked for side by side. That is much faster than a lookup for each.
    type: list
    elements: str
    required: true
  domain_owner:
    description: Id of the account that owns the domains, 12 digits in quotes. The caller's own account when not set.
    type: str
  duration:
    description:
      - How long a token is to be valid, in seconds or for example V(12h). V(900) to V(43200) seconds are accepted, and V(0).
      - V(0) means as long as the session of the role that asks. Other durations do not end with that session.
      - V(12h) when not set.
    type: str
notes:
  - It runs where Ansible runs, and in check mode too. It sees the environment of Ansible, and none that a play or task sets.
  - It returns a credential. Use C(no_log=true) for tasks that show their arguments, and C(diff=false) for those that show differences.
  - Within a task, there is one token for a domain, however often it is mentioned. The next task, and each host, gets another one. Nothing is
    kept on disk. To have one for a whole play, keep it with M(ansible.builtin.set_fact), or use the module.
  - A failure is reported in one sentence. With C(errors='ignore') or C(errors='warn') the lookup then returns nothing.
  - boto3's E(AWS_ENDPOINT_URL_CODEARTIFACT) names another endpoint for CodeArtifact alone, for example the local cloud that
    comes with this collection.
  - Permissions needed are C(codeartifact:GetAuthorizationToken) on the domain, and C(sts:GetServiceBearerToken) in the caller's own identity
    policies. Root users get no tokens.
seealso:
  - module: pkgops.registry_auth.codeartifact_token
  - plugin: pkgops.registry_auth.gcp_secret_version
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Let npm log in
  ansible.builtin.copy:
    content: |
      //demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/npm/:_authToken={{ token }}
      //demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/scratch/:_authToken={{ token }}
    dest: "{{ playbook_dir }}/npmrc"
    mode: "0600"
  vars:
    token: "{{ lookup('pkgops.registry_auth.codeartifact_token', 'demo', region='eu-west-1', duration='1h') }}"
  no_log: true

- name: Get tokens for several domains at once
  vars:
    domains: [demo, tools]
  ansible.builtin.set_fact:
    tokens: "{{ dict(domains | zip(query('pkgops.registry_auth.codeartifact_token', *domains, region='eu-west-1'))) }}"
  no_log: true

- name: Get one for another account's domain
  ansible.builtin.set_fact:
    shared: "{{ lookup('pkgops.registry_auth.codeartifact_token', 'shared', domain_owner='111122223333', region='eu-west-1') }}"
  no_log: true
"""

RETURN = r"""
_raw:
  description: The tokens, in the order of the terms.
  type: list
  elements: str
"""

import typing as t

from ansible.plugins.lookup import LookupBase

from ..module_utils._base.errors import MissingCollection
from ..module_utils._options.aws import missing_library
from ..module_utils._resources.codeartifact_token import CodeArtifactTokens, DesiredToken
from ..plugin_utils._lookups import failing, look_up

try:
    from ansible_collections.amazon.aws.plugins.plugin_utils.lookup import AWSLookupBase
except ImportError:
    AWSLookupBase = None

#: Which of the two it is shows only where it runs, so no type is known.
_Base = t.cast("t.Any", AWSLookupBase or LookupBase)


class LookupModule(_Base):
    """The lookup."""

    def run(self, terms: list[str], variables: t.Any = None, **kwargs: t.Any) -> list[str]:
        """Tokens for the domains. Raises AnsibleLookupError."""
        missing = MissingCollection("amazon.aws") if AWSLookupBase is None else missing_library()
        if missing:
            raise failing(missing)
        # Checks releases of boto3, and reads the options.
        super().run(terms, variables, **kwargs)
        options = self.get_options()
        try:
            entries = [DesiredToken.from_options({**options, "domain": str(term)}) for term in terms]
            found = look_up(options, entries, lambda: CodeArtifactTokens.connect(self.client, {}))
            return [one["authorization_token"] for one in found]
        except Exception as error:
            raise failing(error) from None
