#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_remote_repository
short_description: Manage an Artifact Registry remote repository
version_added: 1.0.0
description:
  - Creates, updates and deletes a remote repository, which fetches packages from an upstream and keeps them.
  - The module M(pkgops.registry_auth.gcp_repository) manages remote repositories in the same way, together with standard and virtual ones.
    This one takes remote repositories only, so that no other repository is changed or deleted by mistake.
  - How it logs in to its upstream is left alone. See M(pkgops.registry_auth.gcp_remote_repository_credentials).
  - An option that is not set leaves the current value unchanged.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-auth >= 2.38
  - google-cloud-artifact-registry >= 1.16
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.batch.writes
  - pkgops.registry_auth.gcp
attributes:
  check_mode:
    support: full
    details:
      - Of a repository that would be created, what only Artifact Registry knows is null. The upstream is not asked.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - Slashes at the end of an upstream's address make no difference, nor does the order of cleanup policies and of their prefixes.
notes:
  - Permissions needed are C(artifactregistry.repositories.get), and C(artifactregistry.repositories.create),
    C(artifactregistry.repositories.update) or C(artifactregistry.repositories.delete) for what has to be done. To delete a
    repository without O(force) needs C(artifactregistry.packages.list). The role C(roles/artifactregistry.admin) holds them.
  - Mode, O(format), O(upstream) and O(kms_key_name) are fixed when a repository is created. A difference there is refused before
    anything is written, with the code V(immutable) in RV(ignore:failure). A repository is never deleted and created again. That
    an upstream is fixed is not documented in so many words; it is not among the settings that Google's documentation says can be
    updated.
  - A repository has no etag. What protects other writers is that the update names just the fields that differ, and that these fields
    are read again right before it. When two writers still set the same field at the same time, the last one wins, and a package that is
    fetched between the look for packages and the deletion is deleted, too.
  - Artifact Registry continues a creation or a deletion after it has answered. The module waits for it for up to 300 seconds. When it takes
    longer, the entry fails but is still V(changed).
seealso:
  - module: pkgops.registry_auth.gcp_repository
  - module: pkgops.registry_auth.gcp_remote_repository_info
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
        description: The repository, as its id or as its name C(projects/PROJECT/locations/LOCATION/repositories/ID).
        type: str
      project:
        description:
          - Id or number of the project, when O(repository) is an id.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      location:
        description:
          - Location of the repository, when O(repository) is an id.
          - Falls back to C(gcloud)'s own environment variable E(CLOUDSDK_ARTIFACTS_LOCATION).
        type: str
      format:
        description: What kind of packages it holds. Needed when the repository does not exist yet.
        type: str
        choices: [APT, DOCKER, GENERIC, GO, MAVEN, NPM, PYTHON, RUBY, YUM]
      upstream:
        description: Where it fetches from, by O(upstream.preset) or O(upstream.uri). Needed when the repository does not exist yet.
        type: dict
        suboptions:
          preset:
            description:
              - A public repository that Artifact Registry knows by name.
              - V(PYPI) is for the format V(PYTHON), V(NPMJS) for V(NPM), V(MAVEN_CENTRAL) for V(MAVEN), V(DOCKER_HUB) for V(DOCKER),
                V(DEBIAN), V(DEBIAN_SNAPSHOT) and V(UBUNTU) are for V(APT), V(CENTOS), V(CENTOS_DEBUG), V(CENTOS_STREAM), V(CENTOS_VAULT),
                V(EPEL) and V(ROCKY) for V(YUM).
            type: str
          path:
            description: Path below the preset, for the formats V(APT) and V(YUM), for example V(ubuntu/dists/noble).
            type: str
          uri:
            description:
              - Address of any other upstream, for example V(https://index.example.com), or the name of another repository of
                Artifact Registry, C(projects/PROJECT/locations/LOCATION/repositories/ID). The latter is read by the service agent
                of the project, without upstream credentials. Which role the agent needs on it is not documented; in another project it
                is at least C(roles/artifactregistry.reader).
              - Go repositories accept Go's own module proxy alone.
            type: str
      description:
        description: What it is for. An empty text removes it.
        type: str
      labels:
        description: Labels to set. Others stay unless O(purge_labels).
        type: dict
      purge_labels:
        description: Remove labels that are not in O(labels). The default is V(false).
        type: bool
      cleanup_policies:
        description:
          - All cleanup policies, which say what Artifact Registry deletes by itself. An empty list removes them.
          - They delete packages for good unless O(cleanup_policy_dry_run). No V(DELETE) policy deletes what a V(KEEP) policy keeps.
        type: list
        elements: dict
        suboptions:
          id:
            description: Name of the policy.
            type: str
            required: true
          action:
            description: Whether the versions are deleted or kept.
            type: str
            choices: [DELETE, KEEP]
            required: true
          condition:
            description: Which versions it applies to. They must meet all of this. Needed unless O(cleanup_policies[].most_recent_versions).
            type: dict
            suboptions:
              tag_state:
                description: Whether they have tags. The default is V(ANY).
                type: str
                choices: [ANY, TAGGED, UNTAGGED]
              tag_prefixes:
                description: How one of their tags begins.
                type: list
                elements: str
              version_name_prefixes:
                description: How their names begin.
                type: list
                elements: str
              package_name_prefixes:
                description: How the names of their packages begin.
                type: list
                elements: str
              older_than:
                description: Their least age, for example V(90d).
                type: str
              newer_than:
                description: Their greatest age, for example V(7d).
                type: str
          most_recent_versions:
            description: The newest versions of each package, for the action V(KEEP) only.
            type: dict
            suboptions:
              keep_count:
                description: How many of them.
                type: int
                required: true
              package_name_prefixes:
                description: How the names of the packages begin. All packages when not set.
                type: list
                elements: str
      cleanup_policy_dry_run:
        description: Whether cleanup policies only log what they would delete. A new repository has V(false) when not set.
        type: bool
      vulnerability_scanning:
        description:
          - Whether images are scanned, V(INHERITED) when the project has the API for it, or V(DISABLED).
          - Where a repository does not say, this is V(INHERITED) for the format V(DOCKER) and V(DISABLED) for others.
        type: str
        choices: [DISABLED, INHERITED]
      kms_key_name:
        description:
          - Key that encrypts a new repository, C(projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/KEY), in the repository's location.
            Google's own when not set.
          - It is compared as text, so give the project as the repository has it.
        type: str
      disable_upstream_validation:
        description:
          - When the repository is created, ask the service not to try the upstream first. An upstream that wants a login, which a
            repository does not have at that moment, may need it.
          - It is never kept, nor returned by the service, and so is not part of any difference.
        type: bool
      force:
        description: With O(state=absent), whether a repository with packages is deleted, packages and all. V(false) when not set.
        type: bool
      state:
        description:
          - V(present) makes sure that there is such a remote repository. This is the default.
          - V(absent) deletes it. A repository with packages is refused unless O(force=true), and one that is not remote always.
        type: str
        choices: [present, absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Create a repository in front of PyPI
  pkgops.registry_auth.gcp_remote_repository:
    project: demo-project
    location: us-central1
    repository: pypi-remote
    format: PYTHON
    upstream:
      preset: PYPI
    description: What our builds fetch
    labels:
      team: packaging

- name: Create several, each for another format
  pkgops.registry_auth.gcp_remote_repository:
    project: demo-project
    location: us-central1
    batch:
      - repository: index-remote
        format: PYTHON
        upstream:
          uri: https://index.example.com
      - repository: npm-mirror
        format: NPM
        upstream:
          preset: NPMJS
      - repository: ubuntu-mirror
        format: APT
        upstream:
          preset: UBUNTU
          path: ubuntu/dists/noble

- name: Have old versions deleted, but the newest five kept, and look in the logs first
  pkgops.registry_auth.gcp_remote_repository:
    project: demo-project
    location: us-central1
    repository: pypi-remote
    cleanup_policies:
      - id: old
        action: DELETE
        condition:
          older_than: 90d
      - id: newest
        action: KEEP
        most_recent_versions:
          keep_count: 5
    cleanup_policy_dry_run: true

- name: Delete a repository, if there are no packages in it
  pkgops.registry_auth.gcp_remote_repository:
    repository: projects/demo-project/locations/us-central1/repositories/npm-mirror
    state: absent

- name: Delete a repository with all that it has fetched
  pkgops.registry_auth.gcp_remote_repository:
    project: demo-project
    location: us-central1
    repository: index-remote
    state: absent
    force: true
"""

RETURN = r"""
remote_repository:
  description:
    - The repository, as M(pkgops.registry_auth.gcp_remote_repository_info) returns it, null when it is absent. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &repository
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
      description: Whether this entry changed something.
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    remote_repository:
      description: As above.
      type: dict
      contains: *repository
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import REPOSITORY, artifact_registry_argument_spec
from ..module_utils._options.repositories import REMOTE_SETTINGS, SETTINGS
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_remote_repository import DesiredRepository, RemoteRepositories

ENTRY = {**REPOSITORY, **SETTINGS, **REMOTE_SETTINGS}


def main() -> None:
    module = checked_module(artifact_registry_argument_spec(ENTRY), **MODULE)
    task = run_task(module, ENTRY, DesiredRepository.from_options, RemoteRepositories.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
