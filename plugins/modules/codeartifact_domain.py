#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_domain
short_description: Manage an AWS CodeArtifact domain
version_added: 1.0.0
description:
  - Creates, tags and deletes a domain of the caller's own account.
  - An option that is not set leaves the current value unchanged.
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
      - Of a domain that would be created, what only CodeArtifact knows is null.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - An alias in O(encryption_key) takes part only when the domain is created, because only KMS knows which key it stands for.
notes:
  - Permissions needed are C(codeartifact:DescribeDomain), and C(codeartifact:CreateDomain) or C(codeartifact:DeleteDomain) for what has
    to be done. O(tags) needs C(codeartifact:ListTagsForResource), and C(codeartifact:TagResource) and C(codeartifact:UntagResource) to
    change them. A domain that is created with O(encryption_key) needs C(kms:DescribeKey) and C(kms:CreateGrant) on the key.
  - The key is fixed when a domain is created. A difference there is refused before anything is written, with the code V(immutable) in
    RV(ignore:failure). A domain is never deleted and created again.
  - Domains have no revisions. Of two writers of tags at the same moment, the last one wins.
seealso:
  - module: pkgops.registry_auth.codeartifact_domain_info
  - module: pkgops.registry_auth.codeartifact_domain_policy
  - module: pkgops.registry_auth.codeartifact_repository
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
      encryption_key:
        description:
          - The KMS key that encrypts the domain's assets, by its ARN or its id, or by the ARN or the name of an alias such as
            V(alias/packages). AWS's own key for CodeArtifact when not set.
          - Whether a domain that exists has the key is checked for an ARN or an id. For an alias a warning says that it is not.
        type: str
      tags:
        description:
          - Tags, as a mapping of keys to values. They are neither read nor changed when this is not set.
          - Tags whose keys begin with C(aws:) belong to AWS and are left alone.
        type: dict
        aliases: [resource_tags]
      purge_tags:
        description: Whether tags that O(tags) does not have are removed, V(true) when not set. Without O(tags) it has no effect.
        type: bool
      state:
        description:
          - V(present) makes sure that there is such a domain. This is the default.
          - V(absent) deletes it. A domain with repositories is refused, and its repositories are never deleted with it.
        type: str
        choices: [present, absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Create a domain
  pkgops.registry_auth.codeartifact_domain:
    region: eu-west-1
    domain: packages
    tags:
      team: build

- name: Create one with a key of our own
  pkgops.registry_auth.codeartifact_domain:
    region: eu-west-1
    domain: confidential
    encryption_key: arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab

- name: Add a tag to several domains, and leave their other tags alone
  pkgops.registry_auth.codeartifact_domain:
    region: eu-west-1
    tags:
      cost-center: "4711"
    purge_tags: false
    batch:
      - domain: packages
      - domain: confidential

- name: Delete a domain without repositories
  pkgops.registry_auth.codeartifact_domain:
    region: eu-west-1
    domain: confidential
    state: absent
"""

RETURN = r"""
domain:
  description: The domain, null when it is absent. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &contents
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
      description: Its tags. Null when O(tags) is not set, because reading them takes a separate call.
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
      description: Whether this entry changed something.
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

from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.codeartifact_domain import CodeArtifactDomains, DesiredDomain

ENTRY = {
    "domain": {"type": "str"},
    "encryption_key": {"type": "str", "no_log": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool"},
    "state": {"type": "str", "choices": ["present", "absent"]},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module, ENTRY, DesiredDomain.from_options, partial(CodeArtifactDomains.connect, client_of(module))
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
