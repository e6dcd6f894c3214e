#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

DOCUMENTATION = r"""
module: github_actions_secret
short_description: Retire a secret that GitHub Actions jobs no longer need
version_added: 1.0.0
description:
  - Deletes a secret of a repository, or of one of its deployment environments, such as the upload token of a package index that a trusted
    publisher has replaced.
  - To store one, use M(community.general.github_secrets).
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - requests >= 2.32.4
  - ruamel.yaml >= 0.18, with O(unless_used)
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.github
attributes:
  check_mode:
    support: full
    details:
      - A repository that does not exist is an error in check mode, too, because nothing of this collection creates one.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions that a fine-grained token needs on the repository are Metadata to read, and Secrets to read and write, or Environments in place
    of Secrets for those of an environment. With O(unless_used), it needs Contents to read, too. A classic token needs the scope C(repo).
  - What a secret holds cannot be read, so nothing brings it back. Nor does deleting it revoke the token that it holds.
seealso:
  - module: pkgops.registry_auth.pypi_trusted_publisher_check
options:
  batch:
    description:
      - List of secrets to work on in one task, each with the options below.
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
        description: The deployment environment whose secret it is. The repository's own when not set.
        type: str
      secret:
        description: Name of the secret. GitHub does not tell upper and lower case apart.
        type: str
      unless_used:
        description:
          - Whether to keep the secret as long as a workflow uses it, or may do so.
          - A workflow uses it when C(secrets.NAME) or C(secrets['NAME']) appears anywhere in its file, also in a comment. It may use it when it
            hands all secrets on with C(secrets:) C(inherit), reads C(secrets) in another way such as C(toJSON(secrets)), or cannot be read.
          - Only the workflows at O(ref) are looked at, and no other branches or repositories.
        type: bool
      ref:
        description: The branch, tag or commit of the workflows for O(unless_used). The default branch, unless set.
        type: str
      state:
        description: V(absent) deletes it. It has to be said.
        type: str
        choices: [absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Retire the upload tokens that nothing uses any more
  pkgops.registry_auth.github_actions_secret:
    owner: octo-org
    repository: sampleproject
    state: absent
    batch:
      - secret: INDEX_TOKEN
      - secret: INDEX_USERNAME

- name: Retire an upload token, unless a workflow still uses it
  pkgops.registry_auth.github_actions_secret:
    owner: octo-org
    repository: sampleproject
    secret: INDEX_TOKEN
    unless_used: true
    state: absent
"""

RETURN = r"""
secret_name:
  description: Name of the secret, as GitHub writes it.
  returned: success, without O(batch)
  type: str
  sample: INDEX_TOKEN
used_by:
  description: Why the secret is kept, with files and lines. It is empty for a secret that is deleted, or that does not exist.
  returned: success, with O(unless_used), without O(batch)
  type: list
  elements: str
  sample: ['release.yml:31 uses it']
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
    secret_name:
      description: As above.
      type: str
    used_by:
      description: As above.
      type: list
      elements: str
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import GITHUB, MODULE, batch_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.github_actions_secret import GitHubSecrets, UnwantedSecret

ENTRY = {
    "owner": {"type": "str"},
    "repository": {"type": "str"},
    "environment": {"type": "str"},
    # A name, and no secret itself.
    "secret": {"type": "str", "no_log": False},
    "unless_used": {"type": "bool"},
    "ref": {"type": "str"},
    "state": {"type": "str", "choices": ["absent"]},
}


def main() -> None:
    module = checked_module(batch_argument_spec(ENTRY, GITHUB), **MODULE)
    task = run_task(module, ENTRY, UnwantedSecret.from_options, GitHubSecrets.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
