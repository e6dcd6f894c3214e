#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_repository_access_info
short_description: Report who may do what with Artifact Registry repositories, and why
version_added: 1.0.0
description:
  - Evaluates the policies of repositories together with that of their project. For everybody they name, it reports who may install,
    publish, maintain and administer, and which role in which policy allows it.
  - Reports what is risky in these policies, each with a remedy.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-cloud-artifact-registry >= 1.16
  - google-cloud-resource-manager >= 1.14
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
  - Permissions needed are C(artifactregistry.repositories.list) and C(artifactregistry.repositories.getIamPolicy), without O(location)
    C(artifactregistry.locations.list), and C(resourcemanager.projects.get) and C(resourcemanager.projects.getIamPolicy) on the project. The
    role C(roles/viewer) holds all of them.
  - Without those on the project, what its policy may allow is answered with V(depends), and a warning says so.
  - E(CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER) replaces the endpoint of Resource Manager.
  - A repository whose policy cannot be read is named in RV(ignore:msg), and the task fails. The result still contains the others.
  - The policies of folders and of the organization add to what is reported, and deny policies and principal access boundary policies take
    away from it. None of them is read, as RV(access.unseen) says, so V(denied) means that neither the repository nor the project allows it.
  - What cannot be determined is V(depends), and never guessed. The reason says on what it depends - who is in a group, what a custom role
    holds, a condition. Conditions of the project's policy on the type, service and name of the resource are understood. That a
    repository's own policy takes conditions is not documented, so an answer depends on any that is there.
  - What predefined roles hold is known as of 2026-08-22, from Google's role reference. A predefined role of another service that held none
    of the permissions then is taken to hold none; a role of Artifact Registry that is newer is not known.
  - A virtual repository reads its upstreams as the service agent of its project. That its readers need no access of their own is not
    documented, so reading an upstream in this way is V(depends). Virtual repositories of other projects are not seen.
seealso:
  - module: pkgops.registry_auth.gcp_repository_iam_binding
  - module: pkgops.registry_auth.gcp_repository_iam_info
  - module: pkgops.registry_auth.codeartifact_access_info
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      project:
        description:
          - Id or number of the project.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      location:
        description:
          - Location of the repositories. Needed when O(repositories) has ids, and then falls back to C(gcloud)'s own environment variable
            E(CLOUDSDK_ARTIFACTS_LOCATION).
          - All locations when neither is set, also with that variable, so that no repository is missed.
        type: str
      repositories:
        description: Ids of repositories, or their names C(projects/PROJECT/locations/LOCATION/repositories/ID). All when not set.
        type: list
        elements: str
      callers:
        description: Members to judge as well, whether a policy names them or not, for example V(user:ada@example.com).
        type: list
        elements: str
      roles:
        description: What custom roles hold, so that nothing depends on them.
        type: list
        elements: dict
        suboptions:
          role:
            description: The role, as policies name it.
            type: str
            required: true
          permissions:
            description: All of its permissions, or those of Artifact Registry.
            type: list
            elements: str
            required: true
      names:
        description:
          - Names of packages that are yours, such as C(acme-*), C(acme-tool), C(@acme/*) of npm and C(com.acme:*) of Maven. For each,
            RV(access.findings) say through which repositories of its format a client could be offered a public package in place of yours. No
            further call is made.
          - It is judged for a client that asks one repository and takes the highest version that it lists. A C(*) is at the end, behind a hyphen,
            a dot or an underscore.
          - Presets of remote repositories, such as C(PYPI), are public, and other upstreams may be. Whether a greater priority of yours in a virtual
            repository hides newer public versions is not verified, and it does not for a name that you have not published.
        type: list
        elements: str
      formats:
        description: The formats of O(names) that have neither a scope nor a groupId. V(pypi) and V(npm) when not set.
        type: list
        elements: str
        choices: [cargo, npm, nuget, pypi, ruby]
      private_upstreams:
        description: Addresses of upstreams of remote repositories that have no public packages.
        type: list
        elements: str
  <<: *entry
"""

EXAMPLES = r"""
- name: Read who may do what with the repositories of a project
  pkgops.registry_auth.gcp_repository_access_info:
    project: demo-project
  register: audit

- name: Say who may publish where, and why
  ansible.builtin.debug:
    msg: "{{ item.1.repositories | join(', ') }}: {{ item.0.access.publish }} {{ item.0.reasons.publish }}"
  loop: "{{ audit.access.repository_access | rejectattr('access.publish', 'eq', 'denied') | subelements('principals') }}"
  loop_control:
    label: "{{ item.1.principal }}"

- name: Make sure that no repository is public
  ansible.builtin.assert:
    that: audit.access.findings | selectattr('code', 'in', ['public_access', 'public_through_virtual']) | length == 0

- name: Ask whether an account may install, whoever else may
  pkgops.registry_auth.gcp_repository_access_info:
    project: demo-project
    location: us-central1
    repositories: [python-private]
    callers: [serviceAccount:build@demo-project.iam.gserviceaccount.com]
    roles:
      - role: projects/demo-project/roles/installer
        permissions: [artifactregistry.repositories.downloadArtifacts]

- name: Make sure that nothing public comes in place of packages of ours
  pkgops.registry_auth.gcp_repository_access_info:
    project: demo-project
    repositories: [python-private]
    location: us-central1
    names: [acme-*]
    formats: [pypi]
  register: index
  failed_when: index.access.findings | selectattr('code', 'eq', 'public_package_in_place_of_ours') | length > 0

- name: Read two locations at once
  pkgops.registry_auth.gcp_repository_access_info:
    project: demo-project
    batch:
      - location: us-central1
      - location: europe-west1
"""

RETURN = r"""
access:
  description: Who may do what with the repositories, and what was found.
  returned: success, and when some repositories could not be read, without O(batch)
  type: dict
  contains: &access
    project:
      description: The project, as it was given.
      type: str
      sample: demo-project
    project_number:
      description: Its number, null when it could not be looked up.
      type: str
      sample: "123456789012"
    project_policy:
      description: Its policy.
      type: dict
      contains:
        failed:
          description: Whether it could not be read.
          type: bool
        msg:
          description: Why it could not be read. Null when it was.
          type: str
        bindings: &bindings
          description: The bindings, as C(role), C(members) and C(condition).
          type: list
          elements: dict
    unseen:
      description: Which kinds of policies count as well, and were not looked at.
      type: list
      elements: str
      sample: [policies of folders and of the organization, deny policies, principal access boundary policies]
    repositories:
      description: The repositories, by location and id.
      type: list
      elements: dict
      contains:
        repository:
          description: Id of the repository.
          type: str
          sample: python-private
        location:
          description: Its location.
          type: str
          sample: us-central1
        name:
          description: Its name.
          type: str
          sample: projects/demo-project/locations/us-central1/repositories/python-private
        format:
          description: Its format.
          type: str
          sample: PYTHON
        mode:
          description: Its mode, null when its policy could not be read.
          type: str
          sample: STANDARD_REPOSITORY
        upstreams:
          description: Names of the repositories that a virtual one looks into.
          type: list
          elements: str
        failed:
          description: Whether its policy could not be read.
          type: bool
        msg:
          description: Why it could not be read.
          returned: when it could not be read
          type: str
        failure:
          description: The same as a C(code) for playbooks.
          returned: when it could not be read
          type: dict
          sample: {code: permission_denied}
        bindings: *bindings
    repository_access:
      description:
        - What may be done with the repositories, each answer once, and whom and which repositories it is about.
        - Of a repository these are all that its own policy or that of the project names, and O(callers).
      type: list
      elements: dict
      contains:
        access:
          description:
            - The answer for each kind of access. These are C(read), to install, C(publish), to upload, C(maintain), to delete packages and to
              say what may be downloaded, and C(administer), to change or delete the repository or its policy.
            - V(allowed) is allowed by a policy. V(depends) is decided by what is not known. V(denied) is the rest.
            - Whoever has one of an access's permissions has the access.
          type: dict
          sample: {read: allowed, publish: allowed, maintain: denied, administer: denied}
        reasons:
          description: Why, for each kind of access, in words that go after the answer.
          type: dict
          sample:
            read: by roles/artifactregistry.writer of the repository policy
            maintain: no policy that was read allows it
        only_actions:
          description: For each kind of access that is about some of its permissions only, which these are, without C(artifactregistry.).
          returned: where something is about some permissions only
          type: dict
          sample: {administer: [repositories.setIamPolicy]}
        principals:
          description: Whom it is about.
          type: list
          elements: dict
          contains:
            principal:
              description: A member, as policies name it.
              type: str
              sample: serviceAccount:release@demo-project.iam.gserviceaccount.com
            kind:
              description:
                - What kind of member it is. These are V(user), V(group), V(domain), V(service account), V(default service account), V(service
                  agent), which belongs to a service of Google's, V(federated identity), V(set of federated identities), V(everyone),
                  V(everyone with a Google account), and V(holders of a role on a project).
              type: str
              sample: service account
            repositories:
              description: The repositories with which they may do that, as LOCATION/ID.
              type: list
              elements: str
              sample: [us-central1/python-private]
    findings:
      description:
        - What needs attention, by severity, then the project's before those of repositories.
        - V(public_access) is a grant to V(allUsers) or V(allAuthenticatedUsers). V(public_through_virtual) is a repository that is not public,
          and that a public virtual one looks into. V(wide_publish) lets a domain, a pool of identities or a group publish or more.
          V(basic_role) is C(roles/editor), which publishes, or C(roles/viewer), which installs. V(default_account) is a default service
          account that may do something. V(unexpected_role) is a role of another service that publishes or more.
        - V(idle_writer) may publish to a remote or virtual repository, which takes nothing from publishers. V(dead_principal) no longer exists.
          V(unjudged_role) is a role of which it is not known what it holds.
        - V(public_package_in_place_of_ours) is a name of O(names) under which clients of some repositories are, or may be, offered what anybody
          has published.
        - When M(pkgops.registry_auth.gcp_repository_iam_binding) grants a role, it warns about the same, unless the severity is V(low).
      type: list
      elements: dict
      contains:
        code:
          description: What kind of finding it is.
          type: str
          sample: basic_role
        severity:
          description: V(high), V(medium) or V(low).
          type: str
          sample: medium
        where:
          description: The repository or project, and the role.
          type: str
          sample: project demo-project, roles/editor
        about:
          description: The same, in parts for use in playbooks.
          type: dict
          contains:
            project:
              description: The project.
              type: str
              sample: demo-project
            location:
              description: Location of the repository, null for the project and for O(names).
              type: str
            repository:
              description: Id of the repository that has the policy, null for the project and for O(names).
              type: str
            role:
              description: The role, null when the finding is not about one.
              type: str
              sample: roles/editor
            members:
              description: Whom it is about.
              type: list
              elements: str
            package:
              description: The name, as it was given.
              returned: when the finding is about a name of yours
              type: str
              sample: acme-*
            repositories:
              description: Names of the repositories through which it is open.
              returned: when the finding is about a name of yours
              type: list
              elements: str
            outcome:
              description: V(yes), or V(depends) where it may be.
              returned: when the finding is about a name of yours
              type: str
            row:
              description: The row of the table of cases by which it was judged.
              returned: when the finding is about a name of yours
              type: str
        message:
          description: What was found, in a sentence.
          type: str
        remedy:
          description: What to do, as a sentence, or as a task in YAML that takes the role away from them.
          type: str
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
    access:
      description: As above.
      type: dict
      contains: *access
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import PROJECT, artifact_registry_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_repository_access_info import AccessReadings, WantedAccess

ENTRY = {
    **PROJECT,
    "location": {"type": "str"},
    "repositories": {"type": "list", "elements": "str"},
    "callers": {"type": "list", "elements": "str"},
    "roles": {
        "type": "list",
        "elements": "dict",
        "options": {
            "role": {"type": "str", "required": True},
            "permissions": {"type": "list", "elements": "str", "required": True},
        },
    },
    "names": {"type": "list", "elements": "str"},
    "formats": {"type": "list", "elements": "str", "choices": ["cargo", "npm", "nuget", "pypi", "ruby"]},
    "private_upstreams": {"type": "list", "elements": "str"},
}


def main() -> None:
    module = checked_module(artifact_registry_argument_spec(ENTRY), **MODULE)
    task = run_task(module, ENTRY, WantedAccess.from_options, AccessReadings.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
