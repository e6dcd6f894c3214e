# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation fragment of what all AWS modules of this collection have in common, in addition to amazon.aws's own fragments."""

from __future__ import annotations


class ModuleDocFragment:
    """Notes on how these modules use amazon.aws and boto3."""

    DOCUMENTATION = r"""
options:
  read_quota:
    description:
      - Read requests that the task may make in any second. Further ones wait for their turn.
      - What is set here should be what AWS allows the account in a region, less what others use of it at the same time. The default is
        what AWS allows when nothing else was agreed.
      - Falls back to the environment variable E(CODEARTIFACT_READ_QUOTA).
    type: int
    default: 800
  write_quota:
    description:
      - Write requests that the task may make in any second, as in O(read_quota). That AWS allows 100 is not verified.
      - Falls back to the environment variable E(CODEARTIFACT_WRITE_QUOTA).
    type: int
    default: 100
requirements:
  - python >= 3.11
notes:
  - Needs the collection C(amazon.aws), which is installed together with this one, and takes its options, its environment variables
    and AWX's credentials of type Amazon Web Services.
  - An AWS profile that asks for a code of multi-factor authentication (C(mfa_serial)) is refused, because a module can ask nobody. Get a session
    before the task and give its keys and token.
  - In C(module_defaults), C(group/pkgops.registry_auth.aws) sets options for these modules and for those of C(amazon.aws) alike. Ansible's
    own C(group/aws) does not know modules of other collections.
  - boto3's E(AWS_ENDPOINT_URL_CODEARTIFACT) names another endpoint for CodeArtifact alone, for example the local cloud that
    comes with this collection.
  - A domain lives in one region. When O(region) is another one, the domain is not found there.
  - botocore's own retries are turned off, because the module reads and plans again instead. O(aws_config) can overrule this and the
    timeouts, 5 seconds to connect and 60 to answer.
"""
