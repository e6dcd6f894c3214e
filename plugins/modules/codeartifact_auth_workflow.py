#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_auth_workflow
short_description: Set the policies of many AWS CodeArtifact domains and their repositories
version_added: 1.0.0
description:
  - Takes domains, called scopes, to the policies that they and their repositories are to have, and creates what does not exist when asked to.
  - Each step is one batch over all scopes, in one process for all scopes that log in alike. What one step has read, the next does not
    read again.
  - First all options are checked, and everything that must exist is looked at. A scope with a mistake, or in which something is missing, fails
    before anything of it is written. A scope in which something fails takes no further step, and the others continue.
  - The playbook C(pkgops.registry_auth.auth_workflow) runs it. The roles of this collection do the same steps one by one.
author:
  - The pkgops.registry_auth authors (@pkgops)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.aws
attributes:
  check_mode:
    support: full
    details:
      - Works before anything exists. What this run itself would create causes no warning, and what it would not create is an error, as in a real run.
  diff_mode:
    support: full
    details:
      - In the result of each scope.
  idempotent:
    support: full
notes:
  - Permissions needed are those of M(pkgops.registry_auth.codeartifact_domain_policy) and M(pkgops.registry_auth.codeartifact_repository_policy),
    and with C(create_missing) those of M(pkgops.registry_auth.codeartifact_domain) and M(pkgops.registry_auth.codeartifact_repository).
  - Before anything is written, the policies that were read, and those of domains in which something will be written, say what the login certainly
    may not do; a scope that lacks something fails with a list of all of it. It is certain that a denial counts, and that a caller of another
    account may not do what no policy of the domain allows. To know the caller takes one call, C(sts:GetCallerIdentity), which needs no permission. What the
    login's own policies allow is not known, so that a step may still be refused, and where an answer cannot be had, the run continues.
    C(preflight) of a scope is V(true) when not set; V(false) leaves it out.
  - With O(hosts), the variables of the hosts are read by the action plugin of this module, as each host would see them. A host with a variable
    whose name is almost that of one of them, which it does not set, fails before any call.
seealso:
  - module: pkgops.registry_auth.gcp_auth_workflow
  - module: pkgops.registry_auth.auth_workflow_result
options:
  hosts:
    description:
      - Names of the hosts whose variables say what is wanted, each one scope. When neither this nor O(scopes) is set, all hosts of the play,
        or with C(serial) of its current batch.
      - The playbook's page lists the variables. Hosts whose variables C(codeartifact_region) or C(registry_auth_environment) differ get a
        process each.
    type: list
    elements: str
  scopes:
    description:
      - The scopes, in place of O(hosts). Each has C(name) and, without the prefix C(codeartifact_), the variables that the playbook's page
        lists, C(domain) among them. C(domain_grants) and C(domain_policy) are its own policy, and O(region) is the task's.
    type: list
    elements: dict
  variables:
    description:
      - The variable that each option of the scopes comes from, by option, such as V(codeartifact_domain) by V(domain). Messages then name the
        variable. With O(hosts), the action plugin of this module sets it. Without it, messages name options.
    type: dict
  timeout:
    description:
      - Seconds after which nothing more is begun. Run the task again to continue.
    type: int
    default: 3600
"""

EXAMPLES = r"""
- name: Let another account log in to a domain and read from one of its repositories
  pkgops.registry_auth.codeartifact_auth_workflow:
    region: eu-west-1
    scopes:
      - name: demo
        domain: demo
        domain_grants:
          - name: acme
            principals: ["111122223333"]
            access: [login]
        repositories:
          - repository: python
            grants:
              - name: acme
                principals: ["111122223333"]
                access: [read]

- name: Do it for all hosts of the play, whose variables say what they want
  pkgops.registry_auth.codeartifact_auth_workflow:
  run_once: true
  vars:
    codeartifact_domain: demo
    codeartifact_region: eu-west-1
    codeartifact_repositories:
      - repository: npm
        grants:
          - name: acme
            principals: ["111122223333"]
            access: [read]
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
      sample: "Set the policy of the domain: domain demo."
    changes:
      description: What changed, in the order of the steps.
      type: list
      elements: dict
      sample: [{"step": "set the policy of the domain", "target": "domain demo"}]
    failure:
      description: Of a scope that failed, C(code), C(step) and C(target) of the first failure.
      type: dict
      sample: {"code": "not_found", "step": "look at what is there", "target": "repository python in domain demo"}
    diff:
      description: With C(--diff), what was there before and after.
      type: list
      elements: dict
"""

from functools import partial

from ..module_utils._options.aws import aws_module, client_of
from ..module_utils._options.common import CODEARTIFACT_QUOTA
from ..module_utils._workflow.codeartifact import read_scope, work
from ..module_utils._workflow.task import WORKFLOW, run_workflow


def main() -> None:
    module = aws_module({**WORKFLOW, **CODEARTIFACT_QUOTA})
    task = run_workflow(
        module._module,
        partial(read_scope, module.params.get("region")),
        partial(work, client_of(module), module.params),
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
