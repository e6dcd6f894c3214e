#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_token
short_description: Get an authorization token for the repositories of an AWS CodeArtifact domain
version_added: 1.0.0
description:
  - Gets the token that pip, uv, twine, npm and other package clients log in to the repositories of a domain with.
  - Given the token of an earlier run and when it expires, it asks for a new one only when that time is near.
author:
  - The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.aws
  - pkgops.registry_auth.batch
attributes:
  check_mode:
    support: full
    details:
      - Makes no call. Where a real run would get a new token, V(changed) is true, RV(authorization_token) is null, and RV(ignore:msg) says
        why. A given token that is still good is returned.
  diff_mode:
    support: N/A
    details:
      - There is no state to compare, and a token must not be shown.
  idempotent:
    support: partial
    details:
      - With O(authorization_token) and O(expiration) of the last run, a second run makes no call and returns the same token. Without them,
        each run gets a new token.
notes:
  - V(changed) is true exactly when the task got a new token, so that whatever holds the last one has to be written again. Nothing that can be
    read in CodeArtifact changes by it. A task that wants a token for its own play only may have C(changed_when=false).
  - RV(authorization_token) holds a credential. Ansible hides the whole result of a task that returns it, as if the task had C(no_log=true),
    but still registers it. Tasks that use it need C(no_log=true) themselves if they show their arguments. C(async) keeps results in a file.
  - CodeArtifact has no call that takes a token back. What its caller may do is judged at each request, so a policy stops it.
  - Permissions needed are C(codeartifact:GetAuthorizationToken) on the domain, and C(sts:GetServiceBearerToken) in the caller's own identity
    policies. Root users get no tokens. Reading packages takes C(codeartifact:ReadFromRepository) on the repository.
  - A token is for all repositories of one domain. Which domain it is for cannot be read from it, so give each domain its own.
  - AWS allows 40 tokens in a second. Those of one task keep within that.
seealso:
  - plugin: pkgops.registry_auth.codeartifact_token
    plugin_type: lookup
  - module: pkgops.registry_auth.codeartifact_domain_policy
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      domain:
        description: Name of the domain.
        type: str
      domain_owner:
        description: Id of the account that owns the domain, 12 digits in quotes. The caller's own account when not set.
        type: str
      duration:
        description:
          - How long a new token is to be valid, in seconds or for example V(12h). V(900) to V(43200) seconds are accepted, and V(0).
          - V(0) means as long as the session of the role that asks. Other durations do not end with that session.
          - V(12h) when not set.
        type: str
      authorization_token:
        description:
          - The token of the last run. An empty text counts as not set.
        type: str
      expiration:
        description:
          - When O(authorization_token) expires, as RV(expiration) was returned.
        type: str
      renew_before:
        description:
          - How long before O(expiration) a new token is asked for, in seconds or for example V(4h).
          - A third of O(duration) when not set, and 15 minutes with O(duration=0). A timer that runs the play more often than that never lets a
            token expire.
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Get a token
  pkgops.registry_auth.codeartifact_token:
    region: eu-west-1
    domain: demo
  register: login

- name: Let npm log in with it
  ansible.builtin.copy:
    content: |
      //demo-123456789012.d.codeartifact.eu-west-1.amazonaws.com/npm/npm/:_authToken={{ login.authorization_token }}
    dest: "{{ playbook_dir }}/npmrc"
    mode: "0600"
  no_log: true

- name: Renew it when a third of its time is left
  pkgops.registry_auth.codeartifact_token:
    region: eu-west-1
    domain: demo
    authorization_token: "{{ login.authorization_token }}"
    expiration: "{{ login.expiration }}"

- name: Get tokens for several domains at once, one of them another account's
  pkgops.registry_auth.codeartifact_token:
    region: eu-west-1
    duration: 1h
    batch:
      - domain: demo
      - domain: shared
        domain_owner: "111122223333"
  register: logins
"""

RETURN = r"""
authorization_token:
  description: The token, a credential. Null in check mode when a real run would get a new one.
  returned: success, without O(batch)
  type: str
expiration:
  description: When it expires, in UTC. Null in check mode when a real run would get a new one.
  returned: success, without O(batch)
  type: str
  sample: "2030-01-31T12:00:00Z"
username:
  description: User name to log in with.
  returned: success, without O(batch)
  type: str
  sample: aws
results:
  description: One result for each entry of O(batch), in its order and in the shape that a loop registers.
  returned: with O(batch)
  type: list
  elements: dict
  contains:
    item:
      description: The entry as given, without secrets.
      type: dict
    changed:
      description: Whether this entry got a new token.
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    authorization_token:
      description: As above.
      type: str
    expiration:
      description: As above.
      type: str
      sample: "2030-01-31T12:00:00Z"
    username:
      description: As above.
      type: str
      sample: aws
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.codeartifact_token import CodeArtifactTokens, DesiredToken

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "duration": {"type": "str"},
    "authorization_token": {"type": "str", "no_log": True},
    "expiration": {"type": "str"},
    "renew_before": {"type": "str"},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module, ENTRY, DesiredToken.from_options, partial(CodeArtifactTokens.connect, client_of(module))
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
