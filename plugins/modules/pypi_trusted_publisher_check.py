#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pypi_trusted_publisher_check
short_description: Check that a trusted publisher, its workflow and its tokens fit together
version_added: 1.0.0
description:
  - Reports before a release whether GitHub Actions will be able to publish to PyPI, or to an index like it, without a stored token.
  - Checks what the registration form accepts, the workflow file, what GitHub knows about the repository and its environment, and
    whether the index would accept a given ID token. Each is checked if the options for it are set, and RV(checked) lists
    which were.
  - There is no API to register a publisher. The module computes what a person has to enter, and a link to the filled-in form.
  - Creates and uses up no token, and changes nothing.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - pypi-simple >= 1.8
  - ruamel.yaml >= 0.18
  - requests >= 2.32.4, with O(github_token)
  - zizmor >= 1.20, if its findings are wanted
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.github
attributes:
  check_mode:
    support: full
    details:
      - Changes nothing in any mode.
  diff_mode:
    support: N/A
    details:
      - Changes nothing in any mode.
  idempotent:
    support: full
notes:
  - A publisher that does not fit is a result and not a failure. The task fails when GitHub cannot be asked, or when options are
    wrong. Use RV(valid) to stop a play.
  - The workflow file comes from O(workflow_path) or O(workflow_content), or with O(github_token) from GitHub. It is parsed,
    not run. The commands of a step are read as far as their text shows what they do. When nothing that publishes is recognized in a job that
    may ask for an ID token, that is a finding, and the job is treated as one that publishes.
  - Entries of O(batch) are considered together. A job for another publisher of the same file is not reported, and among projects that do
    not exist yet, the index accepts only one with the same owner, repository, workflow and environment.
  - The linter zizmor is used when it is installed next to the interpreter that runs the module, or on its E(PATH). It gets the file, but
    neither a token nor network access. Comments in the file that make it ignore a finding are respected, a C(zizmor.yml) is not. Its
    findings about unpinned actions are left out, because the module reports these itself.
  - GitHub is asked only with O(github_token), which needs read access to Metadata, Contents and Actions. Without
    permission for a repository, GitHub says that it does not exist.
  - ID tokens are decoded, but their signature is not verified. Only the index knows whether a token was used before.
  - PyPI accepts tokens from github.com only, and not those of a self-hosted GitHub server.
seealso:
  - module: pkgops.registry_auth.package_index_info
options:
  batch:
    description:
      - List of publishers to check in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry. An ID token given there is checked against all publishers
        of the same index.
    type: list
    elements: dict
    suboptions: &entry
      project:
        description: Name of the project on the index.
        type: str
      index:
        description:
          - V(pypi), V(testpypi), or the URL of the root of an index's web pages, without C(/simple/).
          - V(pypi) when not set.
        type: str
      owner:
        description: User or organization that owns the repository on GitHub.
        type: str
      repository:
        description: Name of the repository, without its owner.
        type: str
      workflow:
        description: Name of the workflow file in C(.github/workflows), for example V(release.yml).
        type: str
      environment:
        description:
          - Name of the deployment environment that the publisher is restricted to.
          - Without one, any job of the workflow may publish.
        type: str
      owner_id:
        description:
          - Number of the owner's account, which the index stores along with its name. With O(github_token) GitHub is asked for it.
          - Not compared when it is not known.
        type: str
      pending:
        description: Whether the project does not exist yet, and is to be created by the first upload.
        type: bool
      workflow_path:
        description: Path of the workflow file, on the machine that runs the module.
        type: path
      workflow_content:
        description: Text of the workflow file, in place of O(workflow_path).
        type: str
      ref:
        description:
          - Branch, tag or commit of which to read the workflow file from GitHub. The default branch when not set.
        type: str
      writes:
        description:
          - What is going to be written with O(github_token), V(environment) for the rules of O(environment) and V(workflow) for the workflow file.
          - A finding says what the token certainly lacks for it. What is certain is the scopes of a classic token, and the role that a person has in
            the repository. GitHub does not say which permissions a fine-grained token or an app has.
        type: list
        elements: str
        choices: [environment, workflow]
      branch:
        description:
          - Branch from which a pull request proposes the workflow file. Where it has O(workflow_content) already, V(workflow) in O(writes) is not
            looked at.
        type: str
      environment_rules:
        description:
          - Protection rules that O(environment) will have, as M(pkgops.registry_auth.github_environment) returns them.
          - They are checked instead of those that GitHub has now.
        type: dict
        suboptions:
          deployment_policy:
            description: Which branches and tags jobs may run from. When not set, V(selected) if branches or tags are given, else V(all).
            type: str
            choices: [all, protected, selected]
          branches:
            description: Branches that may deploy, by names or patterns.
            type: list
            elements: str
          tags:
            description: Tags that may deploy, by names or patterns.
            type: list
            elements: str
          wait_timer:
            description: Minutes that a job waits.
            type: int
          reviewers:
            description: Who has to approve a job, in lists named V(users) and V(teams).
            type: dict
          apps:
            description: Slugs of the apps that must approve a job.
            type: list
            elements: str
      claims:
        description:
          - Claims of an ID token of GitHub Actions, decoded.
          - A whole token belongs in O(id_token), where it is kept secret.
        type: dict
      id_token:
        description: An ID token of GitHub Actions as it is, in place of O(claims).
        type: str
      audience:
        description:
          - What the index wants to find as C(aud) in ID tokens. Its own name for V(pypi) and V(testpypi).
          - Any one audience is taken for another index when this is not set.
        type: str
      issuer:
        description:
          - Who the index trusts to issue ID tokens. V(https://token.actions.githubusercontent.com) when not set.
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Check the workflow file of a checkout against the publisher that is going to be registered
  pkgops.registry_auth.pypi_trusted_publisher_check:
    project: demo-package
    owner: octo-org
    repository: demo-package
    workflow: release.yml
    environment: pypi
    workflow_path: "{{ playbook_dir }}/.github/workflows/release.yml"
  register: publisher

- name: Say what to do
  ansible.builtin.debug:
    msg: "{{ publisher.findings | map(attribute='remedy') | list + ['Then register it: ' ~ publisher.registration_url] }}"

- name: Check the claims of a job against publishers on two indexes
  pkgops.registry_auth.pypi_trusted_publisher_check:
    project: demo-package
    owner: octo-org
    repository: demo-package
    workflow: release.yml
    claims:
      iss: https://token.actions.githubusercontent.com
      aud: pypi
      iat: "{{ now().timestamp() | int }}"
      exp: "{{ now().timestamp() | int + 300 }}"
      jti: 6f7a1cd0-0e4b-4b39-8a1c-2b9dd4a0c1d2
      repository: octo-org/demo-package
      repository_owner: octo-org
      repository_owner_id: "1234"
      job_workflow_ref: octo-org/demo-package/.github/workflows/release.yml@refs/tags/v1.0.0
      ref: refs/tags/v1.0.0
      sha: 0123456789abcdef0123456789abcdef01234567
      event_name: release
      environment: pypi
    batch:
      - environment: pypi
      - index: testpypi
        environment: testpypi
  register: publishers

- name: Stop unless the first one would be accepted
  ansible.builtin.assert:
    that: publishers.results[0].answer.accepted
"""

RETURN = r"""
valid:
  description: V(true) when there is no finding of severity V(high).
  returned: success, without O(batch)
  type: bool
  sample: false
findings:
  description: What was found, for a person to act on.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &finding
    code:
      description: Names the kind of finding, for playbooks. Those of zizmor begin with C(zizmor/). For refusals of the index, they are its own codes.
      type: str
      sample: environment-missing
    severity:
      description:
        - V(high) when publishing as a trusted publisher would fail, V(medium) or V(low) when it could be safer. Also V(medium) when only a
          run can show whether it works.
      type: str
      sample: high
    where:
      description: The option, or the file and line, that it is about.
      type: str
      sample: release.yml:21
    message:
      description: What is wrong.
      type: str
      sample: The job publish runs in no environment, and the publisher is registered with 'pypi'.
    about:
      description: The same as C(where), in parts for use in playbooks. Always empty in this module.
      type: dict
      sample: {}
    remedy:
      description: What to do about it.
      type: str
      sample: "Add 'environment: pypi' to the job."
checked:
  description:
    - What was checked, out of V(form), V(github), V(workflow), V(zizmor) and V(token).
  returned: success, without O(batch)
  type: list
  elements: str
  sample: [form, workflow, zizmor]
index:
  description: The index, by its name V(pypi) or V(testpypi) also where O(index) is an address of it, and otherwise the URL of its root.
  returned: success, without O(batch)
  type: str
  sample: pypi
publisher: &publisher
  description: The publisher, with the names as GitHub writes them if it was asked.
  returned: success, without O(batch)
  type: dict
  contains:
    project:
      description: The project on the index.
      type: str
      sample: demo-package
    owner:
      description: The repository's owner.
      type: str
      sample: octo-org
    repository:
      description: The repository's name.
      type: str
      sample: demo-package
    workflow:
      description: The workflow file's name.
      type: str
      sample: release.yml
    environment:
      description: The environment, empty for none.
      type: str
      sample: pypi
    owner_id:
      description: Number of the owner's account, if it is known.
      type: str
      sample: "1234"
    pending:
      description: Whether the project does not exist yet.
      type: bool
      sample: false
actions:
  description: The actions that the workflow file names, each once; empty when no file was read.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &action
    action:
      description: Its owner and name.
      type: str
      sample: actions/checkout
    commit:
      description: What it is pinned to, the hash of a commit, or else a branch or tag.
      type: str
      sample: 3d3c42e5aac5ba805825da76410c181273ba90b1
    version:
      description: The first word of the comment after it, empty when there is none.
      type: str
      sample: v7.0.1
registration_url:
  description: The page on which a person registers the publisher, filled in for a project that exists.
  returned: success, without O(batch)
  type: str
  sample: >-
    https://index.example.com/manage/project/demo-package/settings/publishing/?provider=github&owner=octo-org&repository=demo-package&workflow_filename=release.yml&environment=pypi
registration_fields:
  description: What to enter there, by the names of the form's fields.
  returned: success, without O(batch)
  type: dict
  sample: {'owner': octo-org, 'repository': demo-package, 'workflow_filename': release.yml, 'environment': pypi}
answer:
  description: What the index would answer to the ID token.
  returned: with O(claims) or O(id_token), without O(batch)
  type: dict
  contains: &answer
    accepted:
      description: Whether it would give an upload token.
      type: bool
      sample: false
    status:
      description: Status of its HTTP answer.
      type: int
      sample: 422
    code:
      description: Code of its error.
      type: str
      sample: invalid-publisher
    description:
      description: Description of its error.
      type: str
      sample: valid token, but no corresponding publisher (Publisher with matching claims was not found)
    publisher:
      description: The publisher of the task that matches, in the form of RV(publisher).
      type: dict
    projects:
      description: Names of the projects of the task that the upload token would be good for.
      type: list
      elements: str
      sample: []
    created_project:
      description: The project that asking for the token would create, of a pending publisher.
      type: str
    signature_verified:
      description: Always V(false). Only the index verifies signatures.
      type: bool
      sample: false
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
      description: Always V(false).
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    valid:
      description: V(true) when there is no finding of severity V(high).
      type: bool
    findings:
      description: What was found.
      type: list
      elements: dict
      contains: *finding
    checked:
      description: What was checked.
      type: list
      elements: str
    index:
      description: The index, by its name V(pypi) or V(testpypi), or the URL of its root.
      type: str
    publisher: *publisher
    actions:
      description: The actions that the workflow file names.
      type: list
      elements: dict
      contains: *action
    registration_url:
      description: The page on which a person registers the publisher.
      type: str
    registration_fields:
      description: What to enter there.
      type: dict
    answer:
      description: What the index would answer to the ID token.
      type: dict
      contains: *answer
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import GITHUB, MODULE, batch_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.pypi_trusted_publisher_check import DesiredCheck, TrustedPublisherChecks

ENTRY = {
    "project": {"type": "str"},
    "index": {"type": "str"},
    "owner": {"type": "str"},
    "repository": {"type": "str"},
    "workflow": {"type": "str"},
    "environment": {"type": "str"},
    "owner_id": {"type": "str"},
    "pending": {"type": "bool"},
    "workflow_path": {"type": "path"},
    "workflow_content": {"type": "str"},
    "ref": {"type": "str"},
    "writes": {"type": "list", "elements": "str", "choices": ["environment", "workflow"]},
    "branch": {"type": "str"},
    "environment_rules": {
        "type": "dict",
        "options": {
            "deployment_policy": {"type": "str", "choices": ["all", "protected", "selected"]},
            "branches": {"type": "list", "elements": "str"},
            "tags": {"type": "list", "elements": "str"},
            "wait_timer": {"type": "int"},
            "reviewers": {"type": "dict"},
            "apps": {"type": "list", "elements": "str"},
        },
    },
    "claims": {"type": "dict"},
    "id_token": {"type": "str", "no_log": True},
    "audience": {"type": "str"},
    "issuer": {"type": "str"},
}


def main() -> None:
    module = checked_module(batch_argument_spec(ENTRY, GITHUB), **MODULE)
    task = run_task(module, ENTRY, DesiredCheck.from_options, TrustedPublisherChecks.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
