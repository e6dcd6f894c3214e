#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codeartifact_package_origin
short_description: Say from where new versions of a package may come to an AWS CodeArtifact repository
version_added: 1.0.0
description:
  - Sets whether new versions of one package may be published to one repository, and whether they may come to it from upstream.
  - It holds in this repository alone. M(pkgops.registry_auth.codeartifact_package_group) says it for all repositories of a domain, also for names
    that are not there yet, and is the better choice to protect names of your own.
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
      - When the repository does not exist yet, check mode supposes that an earlier task would have created it, and warns.
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Permissions needed are C(codeartifact:DescribePackage) and C(codeartifact:PutPackageOriginConfiguration) on the package. Whoever may both publish
    a package and set this may undo its protection.
  - CodeArtifact takes both settings at once. One that is not named keeps what it is. There are no revisions to lock by, so the answer is
    compared with what was asked for, and the entry fails where it differs. The package is read at the end, and when it is not as written, the
    module reads and plans again for up to a minute.
  - A package that does not exist is created without a version, and then both settings must be named.
  - There is no way back to a package without settings. The nearest is V(ALLOW) for both, which leaves it to the package's group and is a danger where
    no group blocks public versions; a warning says so. It is not verified that what either the package or its group blocks is blocked.
  - CodeArtifact by itself sets O(publish=ALLOW) and O(upstream=BLOCK) for a package whose first version is published, and O(publish=BLOCK) and
    O(upstream=ALLOW) for one whose first version comes from a public repository. Packages from before May 2022 have V(ALLOW) for both.
  - Versions that are in the repository already can still be installed.
seealso:
  - module: pkgops.registry_auth.codeartifact_package_group
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
      repository:
        description: Name of the repository.
        type: str
      format:
        description: Format of the package.
        type: str
        choices: [cargo, generic, maven, npm, nuget, pypi, ruby, swift]
      namespace:
        description: Its scope, groupId or namespace, where the format has that.
        type: str
      package:
        description: Its name. For npm it can have its scope in front, as in V(@acme/ui).
        type: str
      publish:
        description: Whether new versions may be published.
        type: str
        choices: [ALLOW, BLOCK]
      upstream:
        description: Whether new versions may come from the repository's external connection and from its upstreams.
        type: str
        choices: [ALLOW, BLOCK]
  <<: *entry
"""

EXAMPLES = r"""
- name: Keep two packages of ours from being taken from elsewhere in one repository
  pkgops.registry_auth.codeartifact_package_origin:
    region: eu-west-1
    domain: demo
    repository: python
    publish: ALLOW
    upstream: BLOCK
    batch:
      - format: pypi
        package: acme-tool
      - format: npm
        package: "@acme/ui"

- name: Stop publishing a package, and leave the rest as it is
  pkgops.registry_auth.codeartifact_package_origin:
    region: eu-west-1
    domain: demo
    repository: python
    format: pypi
    package: acme-tool
    publish: BLOCK
"""

RETURN = r"""
package_origin:
  description: From where new versions may come. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &contents
    domain:
      description: Name of the domain.
      type: str
      sample: demo
    repository:
      description: Name of the repository.
      type: str
      sample: python
    format:
      description: Format of the package.
      type: str
      sample: pypi
    namespace:
      description: Its namespace, null when it has none.
      type: str
      sample: null
    package:
      description: Its name as CodeArtifact has it.
      type: str
      sample: acme-tool
    publish:
      description: Whether new versions may be published.
      type: str
      sample: ALLOW
    upstream:
      description: Whether new versions may come from upstream.
      type: str
      sample: BLOCK
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
    package_origin:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.aws import client_of, codeartifact_module
from ..module_utils._resources.codeartifact_package_origin import DesiredOrigin, PackageOrigins

ENTRY = {
    "domain": {"type": "str"},
    "domain_owner": {"type": "str"},
    "repository": {"type": "str"},
    "format": {"type": "str", "choices": ["cargo", "generic", "maven", "npm", "nuget", "pypi", "ruby", "swift"]},
    "namespace": {"type": "str"},
    "package": {"type": "str"},
    "publish": {"type": "str", "choices": ["ALLOW", "BLOCK"]},
    "upstream": {"type": "str", "choices": ["ALLOW", "BLOCK"]},
}


def main() -> None:
    module = codeartifact_module(ENTRY)
    task = run_task(
        module._module, ENTRY, DesiredOrigin.from_options, partial(PackageOrigins.connect, client_of(module))
    )
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
