#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_auth_workflow
short_description: Give the remote repositories of many Google Cloud projects their upstream logins
version_added: 1.0.0
description:
  - Takes projects, called scopes, from a token to a working remote repository. It stores the token as a version of a secret, lets the
    service agent of Artifact Registry read it, points the repository at the pinned version, proves that a package can be fetched, and only
    then retires old versions. The same run rotates a token.
  - Each step is one batch over all scopes, in one process for all scopes that log in alike. What one step has read, the next does not
    read again.
  - First all options are checked, and everything that must exist is looked at. A scope with a mistake, or in which something is missing, fails
    before anything of it is written. A scope in which something fails takes no further step, and the others continue.
  - The playbook C(pkgops.registry_auth.auth_workflow) runs it. The roles of this collection do the same steps one by one.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-auth >= 2.38
  - google-cloud-secret-manager >= 2.24
  - google-cloud-artifact-registry >= 1.16
  - google-cloud-resource-manager >= 1.14
  - google-crc32c >= 1.6
  - pypi-simple >= 1.8, to prove that packages can be fetched
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.gcp
  - pkgops.registry_auth.secret_manager
attributes:
  check_mode:
    support: full
    details:
      - Works before anything exists. What this run itself would create causes no warning, and what it would not create is an error, as in a real run.
      - Proofs are left out.
  diff_mode:
    support: full
    details:
      - In the result of each scope. Secrets are replaced by a mark.
  idempotent:
    support: full
notes:
  - Permissions needed are those of M(pkgops.registry_auth.gcp_secret), M(pkgops.registry_auth.gcp_secret_version),
    M(pkgops.registry_auth.gcp_secret_iam_binding), M(pkgops.registry_auth.gcp_remote_repository_credentials) and
    M(pkgops.registry_auth.package_index_info), and for what has to be done also those of M(pkgops.registry_auth.gcp_remote_repository),
    M(pkgops.registry_auth.gcp_service_agent) and M(pkgops.registry_auth.gcp_secret_retention).
    The roles C(roles/artifactregistry.admin) and C(roles/secretmanager.admin) hold most of them, and C(roles/browser) the rest.
  - A converged repository with a proof takes five calls, two of them for the proof, and one more when there may be versions to retire. With C(access),
    it takes another one.
  - Before anything is written, one call for each secret and repository that is about to be written asks which permissions the login has on it, and
    one for each project in which something is created. A scope that lacks one fails with a list of all of them. Nothing is asked about what is
    as it should be, and where the answer is refused, the run continues. C(preflight) of a scope is V(true) when not set; V(false) leaves it out.
  - The service agent is made only when a grant is refused because there is none.
  - Which versions repositories use is read only when a version is about to be retired, and then in all locations of the project, because a
    repository that no scope names may use it.
  - With O(hosts), the variables of the hosts are read by the action plugin of this module, as each host would see them. A host with a variable
    whose name is almost that of one of them, which it does not set, fails before any call.
  - O(project) and O(api_endpoint) are accepted because all modules of the action group take them. Scopes say their projects, and the environment
    variables of C(gcloud), C(CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICE), replace the endpoints of the APIs.
seealso:
  - module: pkgops.registry_auth.codeartifact_auth_workflow
  - module: pkgops.registry_auth.auth_workflow_result
options:
  hosts:
    description:
      - Names of the hosts whose variables say what is wanted, each one scope. When neither this nor O(scopes) is set, all hosts of the play,
        or with C(serial) of its current batch.
      - The playbook's page lists the variables. Hosts whose variable C(registry_auth_environment) differs get a process each.
    type: list
    elements: str
  scopes:
    description:
      - The scopes, in place of O(hosts). Each has C(name) and, without the prefix C(registry_auth_), the variables that the playbook's page lists,
        C(project) and C(repositories) among them.
      - Use it with C(no_log) on the task, because Ansible can be set to show a task's options, tokens among them.
    type: list
    elements: dict
  variables:
    description:
      - The variable that each option of the scopes comes from, by option, such as V(registry_auth_project) by V(project). Messages then name the
        variable. With O(hosts), the action plugin of this module sets it. Without it, messages name options.
    type: dict
  project:
    description: Not used.
    type: str
  timeout:
    description:
      - Seconds after which nothing more is begun. Run the task again to continue.
    type: int
    default: 3600
"""

EXAMPLES = r"""
- name: Give one remote repository its upstream login
  pkgops.registry_auth.gcp_auth_workflow:
    scopes:
      - name: demo
        project: demo-project
        repositories:
          - repository: python-remote
            location: us-central1
            secret: index-token
            token: "{{ index_token }}"
            proof:
              package: demo-package
  no_log: true

- name: Do it for all hosts of the play, whose variables say what they want
  pkgops.registry_auth.gcp_auth_workflow:
  run_once: true
  vars:
    registry_auth_project: demo-project
    registry_auth_repositories:
      - repository: python-remote
        location: us-central1
        secret: index-token
        token: "{{ index_token }}"
"""

RETURN = r"""
scopes:
  description: What became of each scope, by its name.
  returned: success and failure
  type: dict
  contains:
    changed:
      description: Whether something of it changed.
      type: bool
    failed:
      description: Whether something of it failed.
      type: bool
    msg:
      description: What was done, or would be, and why it failed.
      type: str
      sample: "Stored tokens: projects/demo-project/secrets/index-token."
    changes:
      description: What changed, in the order of the steps.
      type: list
      elements: dict
      sample: [{"step": "store tokens", "target": "projects/demo-project/secrets/index-token"}]
    versions:
      description: The secret versions that repositories log in with by then, by the repositories' names. In check mode, those that they would.
      returned: when there are any
      type: dict
      sample: {"projects/demo-project/locations/us-central1/repositories/python-remote": "projects/123456789012/secrets/index-token/versions/2"}
    proofs:
      description: What was fetched through repositories, as proof.
      returned: when there is any
      type: list
      elements: str
    failure:
      description: Of a scope that failed, C(code), C(step) and C(target) of the first failure.
      type: dict
      sample: {"code": "not_found", "step": "look at what is there", "target": "projects/demo-project/locations/us-central1/repositories/python-remote"}
    diff:
      description: With C(--diff), what was there before and after.
      type: list
      elements: dict
"""

from functools import partial

from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import SECRET_MANAGER_QUOTA, gcp_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._workflow.google import work
from ..module_utils._workflow.google_scope import read_scope, tokens_of
from ..module_utils._workflow.task import WORKFLOW, run_workflow


def main() -> None:
    spec = {**gcp_argument_spec("SECRETMANAGER"), **SECRET_MANAGER_QUOTA, **WORKFLOW}
    module = checked_module(spec, **MODULE)
    task = run_workflow(module, read_scope, partial(work, module.params), secrets=tokens_of)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
