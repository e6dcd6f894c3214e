#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: package_index_info
short_description: Read a package from a Python package index, as a proof that credentials work
version_added: 1.0.0
description:
  - Reads the page of one package from the simple API of an index, in JSON or HTML, with or without credentials, and says
    whether it is readable, refused or missing, and which files it has.
  - Can also download one file whole and verify its checksum. For a remote repository this proves the whole chain, from the
    password in Secret Manager and the grant to the login upstream.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - pypi-simple >= 1.8
  - google-auth >= 2.38, with O(use_google_credentials)
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.gcp
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
  - An index that refuses the credentials, or does not have the package, is a result and not a failure, so that a play can test
    for either. A host that cannot be reached, TLS that fails, or an answer that is not a package index is a failure.
  - Credentials are shown to the index's own scheme, host and port only, not to where it redirects or where its files are.
    A C(.netrc) file is ignored.
  - At most 5 redirects in a row are followed.
  - The module waits 5 seconds for a connection and 20 for an answer. A page may take a minute and have 32 MiB, a file 5 minutes and 1 GiB.
    Whatever is slower or larger is a failure.
  - Reading from an Artifact Registry repository needs the permission C(artifactregistry.repositories.downloadArtifacts), which
    the role C(roles/artifactregistry.reader) holds.
  - Such a repository may answer from its cache what it fetched before, with whatever credentials it had then.
  - O(project) and O(api_endpoint) are accepted because all modules of the action group take them. An index is named by
    O(index_url) alone.
seealso:
  - module: pkgops.registry_auth.gcp_remote_repository_credentials
options:
  project:
    description: Not used.
    type: str
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      index_url:
        description:
          - Root of the index's simple API, for example
            V(https://LOCATION-python.pkg.dev/PROJECT/REPOSITORY/simple/) for an Artifact Registry repository.
          - When a package is missing there and is found below C(simple/), the task fails and names the right root. CodeArtifact's
            C(GetRepositoryEndpoint) answers an address without C(simple/).
          - Credentials in it are refused. With credentials, C(http) is accepted for the machine's loopback only.
          - If the environment variable E(ARTIFACT_REGISTRY_PACKAGES_URL) holds a URL, requests for hosts that end in C(.pkg.dev) go there
            instead, with the host as the first part of the path. The local cloud that comes with this collection sets it.
        type: str
      package:
        description: Name of the package.
        type: str
      username:
        description: User name to log in with. Without credentials, the index is read as anybody could.
        type: str
      password:
        description: Password or token to log in with.
        type: str
      use_google_credentials:
        description:
          - Log in as C(oauth2accesstoken) with an access token of the Google credentials, in place of O(username) and O(password).
          - The token is good for all of Google Cloud, so it is sent to hosts of Artifact Registry (C(*.pkg.dev)) and the
            machine's loopback only.
        type: bool
      download:
        description:
          - Also download one file, and verify it by all of its checksums that the index gives and pip knows. There may be none.
          - Files with a checksum are preferred. Among them it is the smallest if the index gives sizes, or else the first wheel. The file
            is not kept.
        type: bool
  <<: *entry
"""

EXAMPLES = r"""
- name: Read a package through a remote repository, with the application default credentials
  pkgops.registry_auth.package_index_info:
    index_url: https://us-central1-python.pkg.dev/demo-project/python-remote/simple/
    package: demo-package
    use_google_credentials: true
    download: true
  register: proof

- name: Stop unless it works
  ansible.builtin.assert:
    that:
      - proof.package_index.status == 'readable'
      - proof.package_index.downloaded is not none

- name: Check a token against another index
  pkgops.registry_auth.package_index_info:
    index_url: https://index.example.com/simple/
    package: demo-package
    username: __token__
    password: "{{ index_token }}"
"""

RETURN = r"""
package_index:
  description: What the index gave.
  returned: success, without O(batch)
  type: dict
  contains: &reading
    status:
      description:
        - V(readable) when all that was asked for could be read.
        - V(refused) when the index answered 401 or 403, to the page or to the download.
        - V(missing) when it does not have the page, or not the file that it lists.
      type: str
      sample: readable
    package:
      description: Name of the package, as given.
      type: str
      sample: demo-package
    versions:
      description: Versions of the package, the newest first.
      type: list
      elements: str
      sample: ["1.1.0", "1.0.0"]
    files:
      description: Files of the package, in the order of the index.
      type: list
      elements: dict
      contains:
        filename:
          description: Name of the file.
          type: str
          sample: demo_package-1.0.0-py3-none-any.whl
        version:
          description: Version, as the name of the file tells it.
          type: str
          sample: 1.0.0
        sha256:
          description: Checksum, if the index gives it.
          type: str
          sample: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        yanked:
          description: Whether the file is yanked.
          type: bool
          sample: false
    downloaded:
      description: Name of the file that was downloaded and verified, if any.
      type: str
      sample: demo_package-1.0.0-py3-none-any.whl
    verified_by:
      description: The kinds of checksums that the download was verified by. Empty when the index gives none that pip knows.
      returned: when a file was downloaded
      type: list
      elements: str
      sample: [sha256]
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
    package_index:
      description: What the index gave.
      type: dict
      contains: *reading
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import gcp_batch_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.package_index_info import DesiredReading, PackageReadings

ENTRY = {
    "index_url": {"type": "str"},
    "package": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "use_google_credentials": {"type": "bool"},
    "download": {"type": "bool"},
}


def main() -> None:
    module = checked_module(gcp_batch_argument_spec(ENTRY, "ARTIFACTREGISTRY"), **MODULE)
    task = run_task(module, ENTRY, DesiredReading.from_options, PackageReadings.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
