#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_access_token
short_description: Get an access token for Artifact Registry and Google's other services
version_added: 1.0.0
description:
  - Gets the token that pip, uv, twine, npm and other package clients log in to repositories of Artifact Registry with.
  - Given the token of an earlier run and when it expires, it asks for a new one only when that time is near.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-auth >= 2.38
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.gcp
attributes:
  check_mode:
    support: full
    details:
      - Makes no call. Where a real run would get a new token, V(changed) is true, RV(token) is null, and RV(ignore:msg) says why. A given
        token that is still good is returned.
  diff_mode:
    support: N/A
    details:
      - There is no state to compare, and a token must not be shown.
  idempotent:
    support: partial
    details:
      - With O(token) and O(expires_at) of the last run, a second run makes no call and returns the same token. Without them, each run gets a
        new token.
notes:
  - V(changed) is true exactly when the task asked for a token, so that whatever holds the last one has to be written again. A task that wants
    a token for its own play only may have C(changed_when=false).
  - RV(token) holds a credential. Ansible hides the whole result of a task that returns it, as if the task had C(no_log=true), but still
    registers it. Tasks that use it need C(no_log=true) themselves if they show their arguments. C(async) keeps results in a file.
  - A token is valid for an hour, whatever happens to the credentials that it came from. The machine's own service account
    (O(auth_kind=machineaccount), and O(auth_kind=application) on a machine of Google's) may give one that is valid for less, since
    the metadata server keeps tokens until five minutes before their end.
  - A token may be used for all that its account may do with Google's services, not for packages alone. With
    O(impersonate_service_account), it can be one of an account that may read packages and nothing else.
  - Permissions needed are C(iam.serviceAccounts.getAccessToken) on the account of O(impersonate_service_account). The role
    C(roles/iam.serviceAccountTokenCreator) holds it. A token of the caller's own takes no permission. Reading packages takes
    C(artifactregistry.repositories.downloadArtifacts) on the repository.
  - With O(access_token) alone there is nothing to ask for, and the task is refused. It is accepted as the
    credentials that ask for a token of O(impersonate_service_account).
  - O(project) and O(api_endpoint) are accepted because all modules of the action group take them. The credentials themselves
    say where tokens come from. For O(impersonate_service_account), the environment variable
    E(CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS) replaces the endpoint, as for C(gcloud).
seealso:
  - module: pkgops.registry_auth.codeartifact_token
  - module: pkgops.registry_auth.package_client_login
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      impersonate_service_account:
        description:
          - E-mail address of the service account whose token is wanted. The other options then say who asks for it. Without it, the
            token is the caller's own.
          - With several, each one impersonates the next, and the token is the last one's.
          - Falls back to the environment variable E(GCP_IMPERSONATE_SERVICE_ACCOUNT), with commas between several. When a key or token is
            given as an option, whom to act as is not taken from the environment either.
        type: list
        elements: str
      lifetime:
        description:
          - How long a new token of O(impersonate_service_account) is to be valid, in seconds or for example V(30m), up to V(12h).
          - More than an hour takes the organization policy C(constraints/iam.allowServiceAccountCredentialLifetimeExtension).
          - V(1h) when not set.
        type: str
      token:
        description:
          - The token of the last run. An empty text counts as not set.
        type: str
      expires_at:
        description:
          - When O(token) expires, as RV(expires_at) was returned.
        type: str
      renew_before:
        description:
          - How long before O(expires_at) a new token is asked for, in seconds or for example V(15m).
          - A third of O(lifetime) when not set.
        type: str
  <<: *entry
  project:
    description:
      - Has no use here.
      - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
    type: str
"""

EXAMPLES = r"""
- name: Get a token of an account that may read packages
  pkgops.registry_auth.gcp_access_token:
    impersonate_service_account: [reader@demo-project.iam.gserviceaccount.com]
  register: login

- name: Let pip and uv log in with it
  ansible.builtin.copy:
    content: |
      machine us-central1-python.pkg.dev login {{ login.username }} password {{ login.token }}
    dest: "{{ playbook_dir }}/netrc"
    mode: "0600"
  no_log: true

- name: Renew it when a third of its time is left
  pkgops.registry_auth.gcp_access_token:
    impersonate_service_account: [reader@demo-project.iam.gserviceaccount.com]
    token: "{{ login.token }}"
    expires_at: "{{ login.expires_at }}"
"""

RETURN = r"""
token:
  description: The token, a credential. Null in check mode when a real run would get a new one.
  returned: success, without O(batch)
  type: str
expires_at:
  description: When it expires, in UTC. Null in check mode when a real run would get a new one.
  returned: success, without O(batch)
  type: str
  sample: "2030-01-31T12:00:00Z"
username:
  description: User name to log in with.
  returned: success, without O(batch)
  type: str
  sample: oauth2accesstoken
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
    token:
      description: As above.
      type: str
    expires_at:
      description: As above.
      type: str
      sample: "2030-01-31T12:00:00Z"
    username:
      description: As above.
      type: str
      sample: oauth2accesstoken
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import gcp_batch_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_access_token import AccessTokens, DesiredAccessToken

ENTRY = {
    "impersonate_service_account": {"type": "list", "elements": "str"},
    "lifetime": {"type": "str"},
    "token": {"type": "str", "no_log": True},
    "expires_at": {"type": "str"},
    "renew_before": {"type": "str"},
}


def main() -> None:
    module = checked_module(gcp_batch_argument_spec(ENTRY, "IAMCREDENTIALS"), **MODULE)
    task = run_task(module, ENTRY, DesiredAccessToken.from_options, AccessTokens.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
