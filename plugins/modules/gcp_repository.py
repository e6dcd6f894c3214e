#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_repository
short_description: Manage a standard, virtual or remote Artifact Registry repository
version_added: 1.0.0
description:
  - Creates, updates and deletes a repository. A standard one holds what is uploaded to it. A remote one fetches packages from an upstream
    and keeps them. A virtual one has no packages of its own, and serves those of other repositories from a single address.
  - Entries of O(batch) are created in the order that they need, a virtual repository after its upstreams.
  - An option that is not set leaves the current value unchanged. How a remote repository logs in to its upstream is left alone, see
    M(pkgops.registry_auth.gcp_remote_repository_credentials).
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
      - Of a repository that would be created, what only Artifact Registry knows is null. Neither the upstream of a remote repository nor
        those of a virtual one are looked at, so they need not exist yet.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - Slashes at the end of an upstream's address make no difference, nor does the order of upstream policies, of cleanup policies and of
        their prefixes. A project's id and its number are the same project in O(upstream_policies).
notes:
  - B(The priority of an upstream does not protect your private names.) Google documents that a version that is in several upstreams comes
    from the one with the greatest priority. A client that asks for no exact version chooses among the versions of all upstreams. This is
    what one public report says for Python. Google does not document it, and we have not verified it for Python, npm or Maven. So do not
    rely on priorities against somebody who publishes a greater version of your package's name in public. What holds without them is a virtual
    repository that has no public upstream for the clients of your own packages, or pinned versions with hashes.
  - A priority does nothing for a name of yours that no upstream has yet. The public upstream serves it then.
  - Whoever may read a virtual repository can read everything in its upstreams, even where the upstream's own policy does not name them. This is not
    documented in so many words. It follows from how a virtual repository reads, which is as the Artifact Registry service agent of its own
    project.
  - This service agent has access to all repositories of its own project. In each other project that has an upstream, grant it
    C(roles/artifactregistry.reader). Its address is C(service-NUMBER@gcp-sa-artifactregistry.iam.gserviceaccount.com), with the number of the
    virtual repository's project. See M(pkgops.registry_auth.gcp_service_agent).
  - Upstreams of a virtual repository are standard or remote repositories of the same format and location. Google documents virtual
    repositories for Docker, Maven, npm and Python. Whether the service accepts other formats is unverified, and the module leaves that to it.
  - Permissions needed are C(artifactregistry.repositories.get), and C(artifactregistry.repositories.create),
    C(artifactregistry.repositories.update) or C(artifactregistry.repositories.delete) for what has to be done. To delete a
    repository without O(force) needs C(artifactregistry.packages.list), unless it is virtual. The role C(roles/artifactregistry.admin) holds
    them. To compare an upstream that has the project's number where the task has its id needs C(resourcemanager.projects.get).
  - O(mode), O(format), O(upstream), O(kms_key_name), O(maven_version_policy) and O(maven_allow_snapshot_overwrites) are fixed when a
    repository is created. A difference there is refused before anything is written, with the code V(immutable) in RV(ignore:failure).
    A repository is never deleted and created again. That an upstream is fixed is not documented in so many words; it is not among the
    settings that Google's documentation says can be updated.
  - A repository has no etag. What protects other writers is that the update names just the fields that differ, and that these fields are read
    again right before it. When two writers still set the same field at the same time, the last one wins, and a package that is fetched or
    uploaded between the look for packages and the deletion is deleted, too.
  - Artifact Registry continues a creation or a deletion after it has answered. The module waits for it for up to 300 seconds. When it takes
    longer, the entry fails but is still V(changed).
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
      mode:
        description: What kind of repository it is. Needed when the repository does not exist yet.
        type: str
        choices: [STANDARD_REPOSITORY, VIRTUAL_REPOSITORY, REMOTE_REPOSITORY]
      format:
        description: What kind of packages it holds. Needed when the repository does not exist yet.
        type: str
        choices: [APT, DOCKER, GENERIC, GO, MAVEN, NPM, PYTHON, RUBY, YUM]
      upstream:
        description:
          - Where a remote repository fetches from, by O(upstream.preset) or O(upstream.uri). Needed when a remote repository does not
            exist yet.
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
                Artifact Registry, C(projects/PROJECT/locations/LOCATION/repositories/ID).
              - Go repositories accept Go's own module proxy alone.
            type: str
      upstream_policies:
        description:
          - Repositories that a virtual repository serves. A policy is known by its O(upstream_policies[].id). One that is there is changed, and
            one that is not is added.
          - Others stay unless O(purge_upstream_policies), so that a task that names one upstream does not remove the others.
          - The service accepts up to 30. The module warns when two have the same priority, because either may then serve a version
            that both have.
        type: list
        elements: dict
        suboptions:
          id:
            description: Name of the policy, which you choose.
            type: str
            required: true
          repository:
            description:
              - The upstream, as its id when it is in the virtual repository's project and location, or as its name
                C(projects/PROJECT/locations/LOCATION/repositories/ID).
            type: str
            required: true
          priority:
            description: Weight of the upstream. The greatest serves a version that several upstreams have.
            type: int
            required: true
      purge_upstream_policies:
        description:
          - Whether O(upstream_policies) is the complete list, so that upstreams that are not in it are removed. The default is V(false).
          - With an empty list, all are removed.
        type: bool
      docker_immutable_tags:
        description: For the format V(DOCKER), whether a tag stays at the image that it was first given to.
        type: bool
      maven_version_policy:
        description:
          - For the format V(MAVEN), which versions a new repository takes, V(RELEASE), V(SNAPSHOT) or V(NONE) for both. The default is V(NONE).
        type: str
        choices: [NONE, RELEASE, SNAPSHOT]
      maven_allow_snapshot_overwrites:
        description: For the format V(MAVEN), whether snapshots of a new repository can be uploaded again. The default is V(false).
        type: bool
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
          - When a remote repository is created, ask the service not to try the upstream first. An upstream that wants a login, which a
            repository does not have at that moment, may need it.
          - It is never kept, nor returned by the service, and so is not part of any difference.
        type: bool
      force:
        description:
          - With O(state=absent), whether a repository with packages is deleted, packages and all. V(false) when not set.
          - A virtual repository has no packages of its own and is deleted without it. Its upstreams stay.
        type: bool
      state:
        description:
          - V(present) makes sure that there is such a repository. This is the default.
          - V(absent) deletes it. A repository with packages is refused unless O(force=true), and with O(mode) one of another mode always.
        type: str
        choices: [present, absent]
  <<: *entry
"""

EXAMPLES = r"""
- name: Create a repository for our own packages, one in front of PyPI, and one address for both
  pkgops.registry_auth.gcp_repository:
    project: demo-project
    location: us-central1
    format: PYTHON
    batch:
      - repository: python-ours
        mode: STANDARD_REPOSITORY
        description: What we publish
      - repository: pypi-remote
        mode: REMOTE_REPOSITORY
        upstream:
          preset: PYPI
      - repository: python-all
        mode: VIRTUAL_REPOSITORY
        upstream_policies:
          - id: ours
            repository: python-ours
            priority: 100
          - id: pypi
            repository: pypi-remote
            priority: 10

- name: Add an upstream, and leave the others as they are
  pkgops.registry_auth.gcp_repository:
    project: demo-project
    location: us-central1
    repository: python-all
    upstream_policies:
      - id: partner
        repository: projects/partner-project/locations/us-central1/repositories/python-shared
        priority: 50

- name: Say what the upstreams are, and remove all others
  pkgops.registry_auth.gcp_repository:
    project: demo-project
    location: us-central1
    repository: python-all
    upstream_policies:
      - id: ours
        repository: python-ours
        priority: 100
    purge_upstream_policies: true

- name: Create a Docker repository whose tags stay, and a Maven repository for releases
  pkgops.registry_auth.gcp_repository:
    project: demo-project
    location: us-central1
    batch:
      - repository: images
        mode: STANDARD_REPOSITORY
        format: DOCKER
        docker_immutable_tags: true
      - repository: releases
        mode: STANDARD_REPOSITORY
        format: MAVEN
        maven_version_policy: RELEASE

- name: Delete the virtual repository, and nothing of another mode
  pkgops.registry_auth.gcp_repository:
    project: demo-project
    location: us-central1
    repository: python-all
    mode: VIRTUAL_REPOSITORY
    state: absent
"""

RETURN = r"""
repository:
  description:
    - The repository, as M(pkgops.registry_auth.gcp_repository_info) returns it, null when it is absent. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &repository
    name:
      description: Name.
      type: str
      sample: projects/demo-project/locations/us-central1/repositories/python-all
    repository:
      description: Id.
      type: str
      sample: python-all
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
      sample: VIRTUAL_REPOSITORY
    username:
      description: User name for the upstream of a remote repository, if any.
      type: str
      sample: null
    password_secret_version:
      description: Name of the secret version that holds the password, if any.
      type: str
      sample: null
    upstream:
      description: Where a remote repository fetches from, null for others. Either C(preset), for some formats with C(path), or C(uri) is set.
      type: dict
      sample: null
    upstream_policies:
      description: The repositories that a virtual repository serves, those with the greatest priority first. Empty for others.
      type: list
      elements: dict
      sample:
        - id: ours
          repository: projects/demo-project/locations/us-central1/repositories/python-ours
          priority: 100
    docker_immutable_tags:
      description: Whether a tag stays at its image, null for other formats than V(DOCKER).
      type: bool
      sample: null
    maven_version_policy:
      description: Which versions it takes, V(NONE) for all. Null for other formats than V(MAVEN).
      type: str
      sample: null
    maven_allow_snapshot_overwrites:
      description: Whether snapshots can be uploaded again, null for other formats than V(MAVEN).
      type: bool
      sample: null
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
      sample: us-central1-python.pkg.dev/demo-project/python-all
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
    repository:
      description: As above.
      type: dict
      contains: *repository
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import REPOSITORY, artifact_registry_argument_spec
from ..module_utils._options.repositories import OTHER_SETTINGS, REMOTE_SETTINGS, SETTINGS
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_repository import DesiredRepository, Repositories

ENTRY = {**REPOSITORY, **SETTINGS, **REMOTE_SETTINGS, **OTHER_SETTINGS}


def main() -> None:
    module = checked_module(artifact_registry_argument_spec(ENTRY), **MODULE)
    task = run_task(module, ENTRY, DesiredRepository.from_options, Repositories.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
