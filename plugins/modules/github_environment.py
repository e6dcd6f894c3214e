#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: github_environment
short_description: Manage a deployment environment of a GitHub repository
version_added: 1.0.0
description:
  - Creates, protects and deletes a deployment environment, in which jobs of GitHub Actions run that publish or deploy. Its rules are a wait
    timer, reviewers, and the branches and tags that may deploy.
  - An option that is not set leaves the current rule unchanged. An option that is set and empty removes it.
  - When a workflow names an environment that does not exist, GitHub creates it, without protection. Create it first.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - requests >= 2.32.4
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.github
attributes:
  check_mode:
    support: full
    details:
      - A repository that does not exist is an error in check mode, too, because nothing of this collection creates one.
      - Only a write to GitHub shows whether the plan has the rules, and whether reviewers may read the repository.
      - GitHub lists the apps for O(apps) only for an environment that exists. Check mode does not look for the apps of a new one.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - A fine-grained token needs read access to Metadata and Actions of the repository, and to change anything, write access to Administration.
    To find O(reviewers.teams) it needs read access to Members of the organization. A classic token needs the scope C(repo), and for teams
    C(read:org). GitHub lists the apps for O(apps) only for administrators of the repository, with read access to Administration.
  - GitHub replaces the rules of an environment as a whole. What the options do not name is sent as it was read. What is
    neither wanted nor set is not sent, because some plans refuse it. Private repositories have no environments on a free plan, and
    O(wait_timer), O(reviewers) and O(prevent_self_review) need GitHub Enterprise there. Servers before 3.11 do not know O(prevent_self_review).
  - Environments have no revisions. So an environment is read again after it was written. If what is wanted of it is not there, as after
    another writer at the same moment, it is planned and written again, for up to a minute. A writer who looked before this task wrote, and
    writes after it read again, still replaces the rules with what that writer saw.
  - The setting whether administrators may bypass the rules is left unchanged.
  - An environment for selected branches and tags allows none until they are added, a moment later. When adding them fails, the
    entry fails but is still V(changed), and running the task again continues from there.
seealso:
  - module: pkgops.registry_auth.pypi_trusted_publisher_check
  - module: pkgops.registry_auth.github_file
options:
  batch:
    description:
      - List of environments to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      owner:
        description: User or organization that owns the repository.
        type: str
      repository:
        description: Name of the repository, without its owner.
        type: str
      environment:
        description: Name of the environment. GitHub does not tell upper and lower case apart.
        type: str
      wait_timer:
        description: Minutes that a job waits before it runs, up to 43200, which is 30 days. V(0) removes the rule.
        type: int
      reviewers:
        description:
          - Who has to approve a job before it runs, up to 6 users and teams. One of them is enough.
          - This is the complete list. V({}) removes the rule.
        type: dict
        suboptions:
          users:
            description: Login names of users.
            type: list
            elements: str
          teams:
            description: Teams of the organization that owns the repository, by their names or by the slugs in their addresses.
            type: list
            elements: str
      prevent_self_review:
        description: Whether to keep whoever started a job from approving it. It needs reviewers.
        type: bool
      deployment_policy:
        description:
          - V(all) lets jobs of all branches and tags run in the environment.
          - V(protected) takes branches that have a protection rule.
          - V(selected) takes those of O(branches) and O(tags).
          - V(selected) when not set and O(branches) or O(tags) names any. Otherwise the current one stays.
        type: str
        choices: [all, protected, selected]
      branches:
        description:
          - Branches that may deploy, by names or patterns such as V(release/*). V(*) does not match slashes.
          - This is the complete list. When not set, those that are there stay.
        type: list
        elements: str
      tags:
        description: Tags that may deploy, in the same way, for example V(v*).
        type: list
        elements: str
      apps:
        description:
          - Slugs of the apps whose custom deployment protection rules must approve each job. They must be installed on the repository.
          - Other apps are removed. When not set, the apps stay as they are, and are not read.
        type: list
        elements: str
      state:
        description:
          - V(present) makes sure that there is such an environment. This is the default.
          - V(absent) deletes it, and with it its secrets and variables.
        type: str
        choices: [present, absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Let tags of versions publish, once a release manager has approved
  pkgops.registry_auth.github_environment:
    owner: octo-org
    repository: sampleproject
    environment: pypi
    reviewers:
      teams: [Release managers]
    prevent_self_review: true
    tags: ["v*"]

- name: Protect the same environment of several repositories
  pkgops.registry_auth.github_environment:
    owner: octo-org
    environment: pypi
    tags: ["v*"]
    batch:
      - repository: sampleproject
      - repository: otherproject
        tags: ["v*", "release-*"]
        wait_timer: 10

- name: Let protected branches deploy, in place of selected branches and tags
  pkgops.registry_auth.github_environment:
    owner: octo-org
    repository: sampleproject
    environment: staging
    deployment_policy: protected

- name: Remove an environment with its secrets
  pkgops.registry_auth.github_environment:
    owner: octo-org
    repository: sampleproject
    environment: staging
    state: absent
"""

RETURN = r"""
environment:
  description: The environment, null when it is absent. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    owner:
      description: The repository's owner, as given.
      type: str
      sample: octo-org
    repository:
      description: The repository's name, as given.
      type: str
      sample: sampleproject
    name:
      description: Name of the environment, as GitHub writes it.
      type: str
      sample: pypi
    html_url:
      description: Where deployments to it are shown. Null in check mode for one that would be created.
      type: str
      sample: https://github.com/octo-org/sampleproject/deployments/activity_log?environments_filter=pypi
    wait_timer:
      description: Minutes that a job waits.
      type: int
      sample: 0
    reviewers:
      description: Who may approve.
      type: dict
      contains:
        users:
          description: Login names of users.
          type: list
          elements: str
          sample: []
        teams:
          description: Slugs of teams.
          type: list
          elements: str
          sample: [release-managers]
    prevent_self_review:
      description: Whether whoever started a job is kept from approving it.
      type: bool
      sample: true
    deployment_policy:
      description: From where jobs may deploy, V(all), V(protected) or V(selected).
      type: str
      sample: selected
    branches:
      description: Branches that may deploy, of V(selected).
      type: list
      elements: str
      sample: []
    tags:
      description: Tags that may deploy, of V(selected).
      type: list
      elements: str
      sample: ["v*"]
    apps:
      description: Slugs of the apps whose custom deployment protection rules are enabled.
      returned: with O(apps)
      type: list
      elements: str
      sample: [release-gate]
results:
  description: One result for each entry of O(batch), in its order and in the shape that a loop registers.
  returned: with O(batch)
  type: list
  elements: dict
  contains:
    item:
      description: The entry as given.
      type: dict
    changed:
      description: Whether this entry changed something.
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    environment:
      description: As above.
      type: dict
      contains: *contents
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import GITHUB, MODULE, batch_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.github_environment import DesiredEnvironment, GitHubEnvironments

_NAMES = {"type": "list", "elements": "str"}

ENTRY = {
    "owner": {"type": "str"},
    "repository": {"type": "str"},
    "environment": {"type": "str"},
    "wait_timer": {"type": "int"},
    "reviewers": {"type": "dict", "options": {"users": _NAMES, "teams": _NAMES}},
    "prevent_self_review": {"type": "bool"},
    "deployment_policy": {"type": "str", "choices": ["all", "protected", "selected"]},
    "branches": _NAMES,
    "tags": _NAMES,
    "apps": _NAMES,
    "state": {"type": "str", "choices": ["present", "absent"]},
}


def main() -> None:
    module = checked_module(batch_argument_spec(ENTRY, GITHUB), **MODULE)
    task = run_task(module, ENTRY, DesiredEnvironment.from_options, GitHubEnvironments.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
