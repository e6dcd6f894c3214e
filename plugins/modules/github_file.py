#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

DOCUMENTATION = r"""
module: github_file
short_description: Write a file of a GitHub repository, by a pull request or directly
version_added: 1.0.0
description:
  - Makes sure that a file has a certain text on a branch of a repository, without a checkout.
  - With O(branch), the text is written there, and a pull request is opened that brings it to O(base). As long as that is open, it is kept up
    to date, and no second one is opened. Once the text is in O(base), there is nothing more to do.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - requests >= 2.32.4
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.batch.writes
  - pkgops.registry_auth.github
attributes:
  check_mode:
    support: full
    details:
      - A repository or O(base) that does not exist is an error in check mode, too, because nothing of this collection creates them.
      - What only GitHub knows is null in check mode, the hash of a file and the number and address of a pull request.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions that a fine-grained token needs on the repository are Metadata and Contents to read, with O(branch) also Pull requests, and
    the same to write when something is to be changed. Files in C(.github/workflows) take Workflows to write as well. A classic token needs
    the scopes C(repo) and C(workflow).
  - Each write is a separate commit. Texts are written in UTF-8, and compared byte by byte.
  - If the pull request is closed without merging, the next run opens a new one. An O(branch) that was merged and not deleted is
    moved to the current commit of O(base), unless it still has commits of its own, for example because they were squashed. Then the pull
    request shows these, too, and the module warns. Delete the branch after its pull request is merged.
seealso:
  - module: pkgops.registry_auth.github_environment
options:
  batch:
    description:
      - List of files to work on in one task, each with the options below.
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
      path:
        description: Path of the file from the root of the repository.
        type: str
      content:
        description: What is to be in the file.
        type: str
      base:
        description: The branch that the text is for. The default branch when not set.
        type: str
      branch:
        description:
          - The branch that the text is written to, with a pull request to O(base). It is created when missing.
          - When not set, the text is written to O(base) itself, which rules of the repository may forbid.
        type: str
      title:
        description: First line of the commit's message, and title of the pull request. V(Update PATH) when not set.
        type: str
      description:
        description: What the pull request says, in Markdown.
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Propose a workflow by a pull request
  pkgops.registry_auth.github_file:
    owner: octo-org
    repository: sampleproject
    path: .github/workflows/release.yml
    content: "{{ lookup('ansible.builtin.file', playbook_dir ~ '/.github/workflows/release.yml') }}"
    branch: release-workflow
    title: Publish without a stored token
    description: Jobs of this workflow publish as a trusted publisher.
  register: proposed

- name: Say where it can be merged
  ansible.builtin.debug:
    msg: "Merge {{ proposed.pull_request.html_url }}"
  when: proposed.pull_request is not none

- name: Write the same file to several repositories, without asking
  pkgops.registry_auth.github_file:
    owner: octo-org
    path: SECURITY.md
    content: |
      Report defects by a private security advisory.
    batch:
      - repository: sampleproject
      - repository: otherproject
        base: main
"""

RETURN = r"""
file:
  description: The file. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &file
    owner:
      description: The repository's owner, as given.
      type: str
      sample: octo-org
    repository:
      description: The repository's name, as given.
      type: str
      sample: sampleproject
    path:
      description: Path of the file.
      type: str
      sample: .github/workflows/release.yml
    branch:
      description: The branch that has the text.
      type: str
      sample: release-workflow
    sha:
      description: Git's hash of the text.
      type: str
      sample: 7ba38bee461d3875417946c167d0b5f3d385a247
    in_base:
      description: Whether the branch that it is for has it.
      type: bool
      sample: false
pull_request:
  description: The pull request, null when none is needed.
  returned: success, without O(batch)
  type: dict
  contains: &pull
    number:
      description: Its number.
      type: int
      sample: 1
    html_url:
      description: Its address.
      type: str
      sample: https://github.com/octo-org/sampleproject/pull/1
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
    file:
      description: As above.
      type: dict
      contains: *file
    pull_request:
      description: As above.
      type: dict
      contains: *pull
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import GITHUB, MODULE, batch_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.github_file import DesiredFile, GitHubFiles

ENTRY = {
    "owner": {"type": "str"},
    "repository": {"type": "str"},
    "path": {"type": "str"},
    "content": {"type": "str"},
    "base": {"type": "str"},
    "branch": {"type": "str"},
    "title": {"type": "str"},
    "description": {"type": "str"},
}


def main() -> None:
    module = checked_module(batch_argument_spec(ENTRY, GITHUB), **MODULE)
    task = run_task(module, ENTRY, DesiredFile.from_options, GitHubFiles.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
