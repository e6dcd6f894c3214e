#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gcp_secret_version
short_description: Store a payload as a version of a Google Cloud secret
version_added: 1.0.0
description:
  - Makes sure that the newest enabled version of a secret holds a payload, and adds a version only if it does not.
  - Enables, disables or destroys one version.
  - Returns the pinned name of the version, for example for M(pkgops.registry_auth.gcp_remote_repository_credentials), and
    never the payload.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - google-cloud-secret-manager >= 2.24
  - google-crc32c >= 1.6
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
  - pkgops.registry_auth.batch.writes
  - pkgops.registry_auth.gcp
  - pkgops.registry_auth.secret_manager
attributes:
  check_mode:
    support: full
    details:
      - The number that a new version would get is predicted. When the secret does not exist yet, check mode supposes that an
        earlier task would have created it, and warns.
  diff_mode:
    support: full
    details:
      - Shows numbers and states. Of the payload it says only whether it is the wanted one, and of fingerprints only which versions
        have one.
  idempotent:
    support: full
    details:
      - Compares the bytes of the newest enabled version. The service shows a new version under its number at once, and as the newest
        one with a delay, so before adding a version the module looks whether the next number is taken.
      - With O(compare=fingerprint), two calls show that nothing differs, and only one of several runs adds a version. The others wait for it.
        The service may show annotations with a delay, and the task can fail for want of a fingerprint until it does.
      - Otherwise, when two runs add a payload at the very same time, both may add a version, because the service has no precondition for it.
        The newest one is right in any case, and the next run finds it. Neither of the two is disabled, because the other run may have
        pinned the older one already, and V(latest) cannot be read when the newest one is disabled.
notes:
  - Permissions needed are C(secretmanager.versions.access), C(secretmanager.versions.add), C(secretmanager.versions.list) when
    the newest version is not enabled, and C(secretmanager.versions.get) with C(secretmanager.versions.enable),
    C(secretmanager.versions.disable) or C(secretmanager.versions.destroy) for the other states. The role C(roles/secretmanager.admin) holds them all.
  - With O(compare=fingerprint), they are C(secretmanager.secrets.get), C(secretmanager.versions.list), and, where a version is added,
    C(secretmanager.versions.get), C(secretmanager.secrets.update) and C(secretmanager.versions.add). The role C(roles/secretmanager.viewer)
    holds those to read, and a custom role can hold the other two. O(compare=both) needs them and C(secretmanager.versions.access).
  - A fingerprint is the SHA-256 of a random salt, of the version's name and of the payload, in an annotation of the secret with the key
    C(registry-auth-sha256.NUMBER). Whoever may read the secret's annotations can see it. It gives away nothing of a random token, but whoever has
    a list of guesses can try them on it. So do not use it for passwords that people think up. For the same reason, there is a warning for
    payloads of fewer than 16 bytes.
  - Annotations of a secret hold less than 16 KiB together. Fingerprints of destroyed versions are dropped when a version is added, and those of the
    oldest versions when there is no more room, which is after about 115 versions.
  - What replaces all annotations of a secret takes the fingerprints with it, as C(gcloud secrets update --update-annotations) does in Google Cloud SDK
    528.0.0. The task then fails as it does where there has never been a fingerprint, and O(compare=both) repairs it.
  - A version is announced by its fingerprint before it is added, so a run that ends in between is completed by the next one. An announcement counts
    only for a version that was added within 10 minutes of it, by the clocks of this machine and of the service, and with a checksum.
  - Ansible hands a module its options in a temporary file unless C(ansible_pipelining) is on. Turn it on for tasks with secrets.
  - When nothing differs, a single access is made of the quota of 90,000 a minute, and nothing of the quota of 600 reads.
  - The checksum of the payload is sent, and the service's confirmation of it is required.
  - Disabled versions are charged like enabled ones. Only destroying a version ends its cost.
seealso:
  - module: pkgops.registry_auth.gcp_secret
  - module: pkgops.registry_auth.gcp_secret_retention
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      secret:
        description: The secret, as its id or as its name C(projects/PROJECT/secrets/SECRET).
        type: str
      project:
        description:
          - Id or number of the project, when O(secret) is an id.
          - Falls back to the environment variable E(GCP_PROJECT), then to E(GCE_PROJECT).
        type: str
      location:
        description: Location of a regional secret. When not set, the secret is global.
        type: str
      payload:
        description:
          - The text to store, in UTF-8, exactly as given. Note that a token read from a file often ends with a newline.
          - Anything but text is refused, because YAML reads C(0123) as the number 83 and C(yes) as a boolean. Put it in quotes.
          - Up to 65536 bytes.
        type: str
      payload_base64:
        description: The bytes to store, in base64, in place of O(payload).
        type: str
      version:
        description: Number of the version whose O(state) is managed.
        type: int
      state:
        description:
          - V(present) makes sure that the newest enabled version holds the payload. This is the default.
          - V(enabled), V(disabled) and V(destroyed) manage the state of O(version). Destroying cannot be undone. Where
            the secret delays it (C(version_destroy_ttl)), the version is disabled and RV(secret_version.scheduled_destroy_time)
            says when it goes.
        type: str
        choices: [present, enabled, disabled, destroyed]
      compare:
        description:
          - How to find out whether the newest enabled version holds the payload.
          - V(payload), the default, reads it. Nothing but versions is written.
          - V(fingerprint) reads no payload, and is for somebody who may not. It compares a fingerprint that was stored with the version. Where there
            is none, the task fails before it writes anything, with RV(ignore:failure.code=no_fingerprint), and O(without_fingerprint) decides otherwise.
          - V(both) reads the payload and stores its fingerprint where it is missing. Use it once, as somebody who may read payloads, before
            V(fingerprint), and again after somebody has added a version in another way.
          - V(payload) keeps no fingerprints, also where a secret has some, because to find out would take one more call for each secret.
        type: str
        choices: [payload, fingerprint, both]
      without_fingerprint:
        description:
          - What to do with O(compare=fingerprint) where the newest enabled version has no fingerprint.
          - V(fail), the default, fails.
          - V(add) adds the payload as a new version, which may hold the same as the one before, and stores its fingerprint. The next run finds it.
        type: str
        choices: [fail, add]
  <<: *entry
"""

EXAMPLES = r"""
- name: Store the token of the package index
  pkgops.registry_auth.gcp_secret_version:
    project: demo-project
    secret: index-token
    payload: "{{ index_token }}"
  register: stored

- name: Show which version to use
  ansible.builtin.debug:
    msg: "Use {{ stored.secret_version.name }}"

- name: Store several tokens in one task
  pkgops.registry_auth.gcp_secret_version:
    project: demo-project
    batch:
      - secret: index-token
        payload: "{{ index_token }}"
      - secret: index-certificate
        payload_base64: "{{ index_certificate | b64encode }}"

- name: Prepare a secret, once, for those who may not read payloads
  pkgops.registry_auth.gcp_secret_version:
    project: demo-project
    secret: index-token
    payload: "{{ index_token }}"
    compare: both

- name: Store a token as somebody who may not read payloads
  pkgops.registry_auth.gcp_secret_version:
    project: demo-project
    secret: index-token
    payload: "{{ index_token }}"
    compare: fingerprint

- name: Disable a version that nobody uses any more
  pkgops.registry_auth.gcp_secret_version:
    project: demo-project
    secret: index-token
    version: 1
    state: disabled
"""

RETURN = r"""
secret_version:
  description: The version. In check mode, as it would be.
  returned: success, without O(batch)
  type: dict
  contains: &version
    name:
      description: Pinned name, with the project's number as the service answers it.
      type: str
      sample: projects/123456789012/secrets/index-token/versions/3
    secret:
      description: Id of the secret.
      type: str
      sample: index-token
    version:
      description: Number of the version.
      type: int
      sample: 3
    state:
      description: State of the version.
      type: str
      sample: ENABLED
    scheduled_destroy_time:
      description: When the version will be destroyed, if that is under way.
      type: str
      sample: null
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
      description: Whether this entry changed something.
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    secret_version:
      description: The version.
      type: dict
      contains: *version
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE
from ..module_utils._options.gcp import SECRET, secret_manager_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.gcp_secret_version import SecretVersions
from ..module_utils._resources.parts.secret_versions import COMPARE, WITHOUT_FINGERPRINT, DesiredVersion

ENTRY = {
    **SECRET,
    "payload": {"type": "str", "no_log": True},
    "payload_base64": {"type": "str", "no_log": True},
    "version": {"type": "int"},
    "state": {"type": "str", "choices": ["present", "enabled", "disabled", "destroyed"]},
    "compare": {"type": "str", "choices": list(COMPARE)},
    "without_fingerprint": {"type": "str", "choices": list(WITHOUT_FINGERPRINT)},
}


def main() -> None:
    module = checked_module(secret_manager_argument_spec(ENTRY), **MODULE)
    desired = partial(DesiredVersion.from_options, certain=module.check_mode)
    task = run_task(module, ENTRY, desired, SecretVersions.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
