#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_remote_repository_info
short_description: Read Artifact Registry remote repositories and how they log in to their upstreams
version_added: 1.0.0
description:
  - Reads one remote repository, or all of a project or of one of its locations.
  - Of the credentials it returns the user name and the name of the secret version. The password is in Secret Manager, and
    this module never reads it.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-auth >= 2.38
  - google-cloud-artifact-registry >= 1.16
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
  - Permissions needed are C(artifactregistry.repositories.get) for one repository, or C(artifactregistry.repositories.list) for
    those of a location, with C(artifactregistry.locations.list) for those of all. The role C(roles/artifactregistry.reader) holds
    them.
seealso:
  - module: pkgops.registry_auth.gcp_repository_info
  - module: pkgops.registry_auth.gcp_remote_repository
  - module: pkgops.registry_auth.gcp_remote_repository_credentials
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      repository:
        description:
          - The repository, as its id or as its name C(projects/PROJECT/locations/LOCATION/repositories/ID). It must be a remote one.
          - All remote repositories when not set.
        type: str
      project:
        description:
          - Id or number of the project. Needed unless O(repository) is a name.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      location:
        description:
          - Location of the repositories. Needed when O(repository) is an id, and then falls back to C(gcloud)'s own environment variable
            E(CLOUDSDK_ARTIFACTS_LOCATION).
          - All locations when neither is set, also with that variable, so that no repository is missed. Each location takes a call, and
            the calls run in parallel.
        type: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Read one remote repository
  pkgops.registry_auth.gcp_remote_repository_info:
    project: demo-project
    location: us-central1
    repository: python-remote
  register: python_remote

- name: Read all remote repositories of the project
  pkgops.registry_auth.gcp_remote_repository_info:
    project: demo-project
  register: remotes

- name: Show which secret versions are in use
  ansible.builtin.debug:
    msg: "{{ remotes.remote_repositories | map(attribute='password_secret_version') | select | unique }}"
"""

RETURN = r"""
remote_repositories:
  description: The remote repositories, none when the one that was asked for does not exist.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &contents
    name:
      description: Name.
      type: str
      sample: projects/demo-project/locations/us-central1/repositories/python-remote
    repository:
      description: Id.
      type: str
      sample: python-remote
    location:
      description: Location.
      type: str
      sample: us-central1
    format:
      description: Format.
      type: str
      sample: PYTHON
    mode:
      description: Mode.
      type: str
      sample: REMOTE_REPOSITORY
    username:
      description: User name for the upstream, if any.
      type: str
      sample: __token__
    password_secret_version:
      description: Name of the secret version that holds the password, if any.
      type: str
      sample: projects/123456789012/secrets/index-token/versions/1
    upstream:
      description: Where it fetches from. Either C(preset), for some formats with C(path), or C(uri) is set.
      type: dict
      sample: {preset: PYPI, path: null, uri: null}
    description:
      description: What it is for, null when nothing is said.
      type: str
      sample: What our builds fetch
    labels:
      description: All labels.
      type: dict
      sample: {team: packaging}
    cleanup_policies:
      description: All cleanup policies, by id. Ages are in seconds.
      type: list
      elements: dict
      sample:
        - id: old
          action: DELETE
          condition:
            tag_state: ANY
            tag_prefixes: []
            version_name_prefixes: []
            package_name_prefixes: []
            older_than: 7776000
            newer_than: null
          most_recent_versions: null
    cleanup_policy_dry_run:
      description: Whether cleanup policies only log what they would delete.
      type: bool
      sample: false
    vulnerability_scanning:
      description: V(INHERITED) or V(DISABLED), null where the repository does not say.
      type: str
      sample: INHERITED
    kms_key_name:
      description: Name of the key that encrypts it, null for Google's own.
      type: str
      sample: null
    registry_uri:
      description: Where clients find it, without V(https://).
      type: str
      sample: us-central1-python.pkg.dev/demo-project/python-remote
    create_time:
      description: When it was created.
      type: str
      sample: "2026-11-21T12:00:00Z"
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
    remote_repositories:
      description: As above.
      type: list
      elements: dict
      contains: *contents
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import REPOSITORY, artifact_registry_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_remote_repository import RemoteRepositoryReadings, WantedRepositories


def main() -> None:
    module = checked_module(artifact_registry_argument_spec(REPOSITORY), **MODULE)
    task = run_task(module, REPOSITORY, WantedRepositories.from_options, RemoteRepositoryReadings.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
