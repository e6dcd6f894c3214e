#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: auth_workflow_result
short_description: Say what the workflow did with a scope
version_added: 1.0.0
description:
  - The modules of the workflow work on all scopes at once. This module turns the outcome of one scope into the result of a task of its host,
    which is changed or failed as the scope is. So the recap, AWX's view of hosts, retries and C(any_errors_fatal) see scopes.
  - It runs on the controller and calls nothing.
author:
  - The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
attributes:
  check_mode:
    support: full
    details:
      - Says what would change.
  diff_mode:
    support: full
    details:
      - Shows the diffs of the scope.
  idempotent:
    support: full
    details:
      - Changes nothing by itself.
notes:
  - No permissions are needed.
seealso:
  - module: pkgops.registry_auth.gcp_auth_workflow
  - module: pkgops.registry_auth.codeartifact_auth_workflow
options:
  results:
    description:
      - Names of the variables in which results of the workflow's modules are registered. Those that are not set for the host are skipped.
      - When none is set, the task fails, because nothing was done for the host.
    type: list
    elements: str
    required: true
  hosts:
    description:
      - Sum up the outcomes of these hosts, instead of returning that of one host. Then the task changes nothing, and does not fail, whatever the
        scopes did.
      - The summary is the statistic C(registry_auth_workflow), as M(ansible.builtin.set_stats) would set it. AWX keeps it as an artifact of
        the job, and gives it to later nodes of a workflow as a variable.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Give remote repositories their upstream logins, as the hosts of this play say
  pkgops.registry_auth.gcp_auth_workflow:
  run_once: true
  register: registry_auth_google
  # Each host says at the end whether it changed or failed.
  changed_when: false
  failed_when: false
  vars:
    registry_auth_project: demo-project
    registry_auth_repositories:
      - repository: python-remote
        location: us-central1
        secret: index-token
        token: "{{ index_token }}"

- name: Say what was done
  pkgops.registry_auth.auth_workflow_result:
    results: [registry_auth_google]

- name: Sum up what was done with all of them
  pkgops.registry_auth.auth_workflow_result:
    results: [registry_auth_google]
    hosts: "{{ ansible_play_hosts_all }}"
  run_once: true
"""

RETURN = r"""
msg:
  description: What was done, or would be, and why it failed.
  returned: always
  type: str
  sample: Nothing to change.
versions:
  description: The secret versions that repositories log in with, by the repositories' names.
  returned: when there are any
  type: dict
proofs:
  description: What was fetched through repositories, as proof.
  returned: when there is any
  type: list
  elements: str
ansible_stats:
  description:
    - The summary. C(registry_auth_workflow) in its C(data) has the numbers of scopes that were C(changed), C(unchanged) and C(failed), and in
      C(scopes), by name, RV(msg), RV(versions), RV(proofs) and RV(failure) of each.
    - If that is more than 64 KiB, C(scopes) is empty, and C(failed_scopes) names those that failed.
  returned: when O(hosts) is set
  type: dict
failure:
  description: Of a scope that failed, C(code), C(step) and C(target) of the first failure.
  returned: failure
  type: dict
"""

# The action plugin of this name does it all.
