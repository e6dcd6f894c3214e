#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_domain_info
short_description: Read AWS CodeArtifact domains
version_added: 1.0.0
description:
  - Reads a domain and its tags.
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
      - Changes nothing in any mode.
  diff_mode:
    support: N/A
    details:
      - Changes nothing in any mode.
  idempotent:
    support: full
notes:
  - Permissions needed are C(codeartifact:DescribeDomain) and C(codeartifact:ListTagsForResource).
  - With O(batch), entries are read in parallel. An entry that fails does not stop the others. The task then fails, and
    RV(ignore:msg) and RV(results) say which entries failed and why.
seealso:
  - module: pkgops.registry_auth.codeartifact_domain
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
  <<: *entry
"""

EXAMPLES = r"""
- name: Read a domain
  pkgops.registry_auth.codeartifact_domain_info:
    region: eu-west-1
    domain: demo
  register: read

- name: Stop unless there is one with repositories
  ansible.builtin.assert:
    that:
      - read.domain.exists
      - read.domain.repository_count > 0

- name: Read several at once, one of them another account's
  pkgops.registry_auth.codeartifact_domain_info:
    region: eu-west-1
    batch:
      - domain: demo
      - domain: shared
        domain_owner: "111122223333"
"""

RETURN = r"""
domain:
  description: The domain.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    exists:
      description: Whether there is such a domain. All else is null when there is not.
      type: bool
      sample: true
    name:
      description: Name of the domain.
      type: str
      sample: demo
    owner:
      description: Id of the account that owns it.
      type: str
      sample: "123456789012"
    arn:
      description: ARN of the domain.
      type: str
      sample: arn:aws:codeartifact:eu-west-1:123456789012:domain/demo
    encryption_key:
      description: ARN of the KMS key that encrypts its assets.
      type: str
      sample: arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    repository_count:
      description: How many repositories it has.
      type: int
      sample: 3
    asset_size_bytes:
      description: Size of all assets in it.
      type: int
      sample: 26341
    created_time:
      description: When it was created.
      type: str
      sample: "2026-01-31T12:00:00Z"
    status:
      description: Its status in CodeArtifact's words.
      type: str
      sample: Active
    s3_bucket_arn:
      description: ARN of the bucket that AWS keeps its assets in.
      type: str
      sample: arn:aws:s3:::assets-193858265520-eu-west-1
    tags:
      description: Its tags.
      type: dict
      sample: {team: packages}
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
      description: Always V(false).
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    domain:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._domain.codeartifact.names import domain_name
from ..module_utils._engine.resource import NamedState
from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.codeartifact_domain import DomainReadings

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module, ENTRY, partial(NamedState.of, domain_name), partial(DomainReadings.connect, client_of(module))
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
