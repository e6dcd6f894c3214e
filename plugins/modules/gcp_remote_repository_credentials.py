#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_remote_repository_credentials
short_description: Set how an Artifact Registry remote repository logs in to its upstream
version_added: 1.0.0
description:
  - Sets the user name, and the version of the secret that holds the password, of an existing remote repository of any format.
  - Writes only the fields that differ. The repository is never replaced, and what it has cached stays.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-auth >= 2.38
  - google-cloud-artifact-registry >= 1.16
  - google-cloud-resource-manager >= 1.14, when a project's id must be compared with a project's number
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.batch.writes
  - pkgops.registry_auth.gcp
attributes:
  check_mode:
    support: full
    details:
      - Neither the secret version nor the grant on it needs to exist yet. When the repository does not exist yet, check mode
        supposes that an earlier task would have created it, and warns.
  diff_mode:
    support: full
    details:
      - Shows names only. The password is in Secret Manager, and this module never reads it.
  idempotent:
    support: full
    details:
      - A project's id and its number are the same project. When the repository has the one and the task gives the other,
        and nothing else of the name differs, the number of the project is looked up.
notes:
  - Permissions needed are C(artifactregistry.repositories.get), C(artifactregistry.repositories.update) when something is to
    be written, and C(resourcemanager.projects.get) when a project is to be looked up. The role C(roles/artifactregistry.admin)
    holds the first two, and C(roles/browser) the last.
  - It is not the caller who must be able to read the secret, but the Artifact Registry service agent of the repository's
    project. See M(pkgops.registry_auth.gcp_service_agent) and M(pkgops.registry_auth.gcp_secret_iam_binding).
  - A repository has no etag. What protects other writers is that the update names just the fields that differ. When two
    writers set the same field, the last one wins.
  - When the service refuses the update, its words decide whether the grant may take effect later, the login is wrong, or the
    version is missing. Google does not document these words. The one for a wrong login is known from reports, and the others
    are recognized by the permissions and names that they must mention. What is not recognized is reported as it was said.
  - Google says the same when the grant is on its way and when there is no such secret. Then the version is looked up, without its payload,
    so that nobody waits for one that does not exist or is disabled. That takes C(secretmanager.versions.get). Without this permission
    the module waits for O(propagation_timeout).
  - O(api_endpoint) replaces the endpoint of Artifact Registry. That of Resource Manager, which knows the number of a project, is
    replaced by the environment variable E(CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER), as for C(gcloud).
seealso:
  - module: pkgops.registry_auth.gcp_remote_repository
  - module: pkgops.registry_auth.gcp_remote_repository_info
  - module: pkgops.registry_auth.gcp_secret_version
  - module: pkgops.registry_auth.gcp_service_agent
  - module: pkgops.registry_auth.package_index_info
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
          - Id or number of the project, when O(repository) or O(secret) is an id.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      location:
        description:
          - Location of the repository, when O(repository) is an id.
          - Falls back to C(gcloud)'s own environment variable E(CLOUDSDK_ARTIFACTS_LOCATION).
        type: str
      username:
        description:
          - User name for the upstream, for example V(__token__) for indexes that take a token as the password.
          - When not set, the repository keeps the one that it has.
        type: str
      password_secret_version:
        description:
          - Name of the secret version that holds the password, C(projects/PROJECT/secrets/SECRET/versions/VERSION), for example
            as M(pkgops.registry_auth.gcp_secret_version) returns it.
          - When neither this nor O(secret) is set, the repository keeps the one that it has.
          - A number is preferred for C(VERSION). V(latest) and aliases are accepted with a warning, because Google does not
            document whether Artifact Registry takes them, nor when it looks again at what they mean.
          - Versions of regional secrets are refused, because the form that Artifact Registry documents has none. Whether it
            would take them is not verified.
        type: str
      secret:
        description: The secret that holds the password, as its id or name, together with O(version).
        type: str
      version:
        description: Number or alias of the version of O(secret).
        type: str
      state:
        description:
          - V(present) sets what is given. This is the default.
          - V(absent) removes the credentials. This is experimental. Google does not document how it is done, and it is not
            verified against the service. The repository is read again afterwards, and the task fails if it still has them.
        type: str
        choices: [present, absent]
      propagation_timeout:
        description:
          - Seconds for which to retry while the service agent cannot read the secret, since a new grant takes minutes to be in
            effect. A login that the upstream refuses is never retried.
          - The default is V(300).
        type: int
      disable_upstream_validation:
        description:
          - When something is written, ask the service not to try the login at the upstream first.
          - It is never kept, nor returned by the service, and so is not part of any difference. It is sent along with the fields that
            are updated; that the service respects it there is not documented.
          - The service agent must still be able to read the secret. This is from a single report.
        type: bool
  <<: *entry
"""

EXAMPLES = r"""
- name: Log in upstream with the first version of a secret
  pkgops.registry_auth.gcp_remote_repository_credentials:
    project: demo-project
    location: us-central1
    repository: python-remote
    username: __token__
    secret: index-token
    version: "1"

- name: Point several repositories at a version by its full name
  pkgops.registry_auth.gcp_remote_repository_credentials:
    project: demo-project
    location: us-central1
    password_secret_version: projects/123456789012/secrets/index-token/versions/1
    batch:
      - repository: python-remote
        username: __token__
      - repository: npm-remote
        username: ci
        disable_upstream_validation: true

- name: Remove the credentials (experimental)
  pkgops.registry_auth.gcp_remote_repository_credentials:
    repository: projects/demo-project/locations/us-central1/repositories/python-remote
    state: absent
"""

RETURN = r"""
remote_repository:
  description:
    - The repository, as M(pkgops.registry_auth.gcp_remote_repository_info) returns it. In check mode, as it would be.
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
      description: The repository.
      type: dict
      contains: *repository
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import REPOSITORY, artifact_registry_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_remote_repository_credentials import DesiredCredentials, RemoteRepositoryCredentials

ENTRY = {
    **REPOSITORY,
    "username": {"type": "str"},
    # The names of secrets are no secrets.
    "password_secret_version": {"type": "str", "no_log": False},
    "secret": {"type": "str", "no_log": False},
    "version": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"]},
    "propagation_timeout": {"type": "int"},
    "disable_upstream_validation": {"type": "bool"},
}


def main() -> None:
    module = checked_module(artifact_registry_argument_spec(ENTRY), **MODULE)
    task = run_task(module, ENTRY, DesiredCredentials.from_options, RemoteRepositoryCredentials.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
