#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pypi_oidc_token
short_description: Exchange the ID token of a GitHub Actions job for an upload token of PyPI
version_added: 1.0.0
description:
  - Gets a short-lived upload token from PyPI, or an index like it, for a job of GitHub Actions that is a trusted publisher there. No
    token is stored anywhere for this.
  - Asks the index for the audience of its ID tokens, GitHub for an ID token of the running job for that audience, and the index for an
    upload token, which is valid for a quarter of an hour and for the projects of the publisher.
  - With O(state=absent), it makes the index revoke such a token as soon as it is no longer needed.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - pypi-simple >= 1.8
  - requests >= 2.32.4
  - pypitoken >= 7.1, with O(state=absent)
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
attributes:
  check_mode:
    support: partial
    details:
      - The options are checked, and the task is then skipped and says why. An ID token can be exchanged only once, and the exchange
        creates a pending publisher's project. M(pkgops.registry_auth.pypi_trusted_publisher_check) tells beforehand whether it would work.
  diff_mode:
    support: N/A
    details:
      - There is no state to compare, and a token must not be shown.
  idempotent:
    support: none
    details:
      - Each run gets a new token. With O(state=absent), each run asks the index, also for a token that has expired by the clock of the
        machine, and V(changed) does not say whether the index still had the token, because indexes do not tell.
notes:
  - RV(upload_token) holds a credential. Ansible hides the whole result of a task that returns it, as if the task had C(no_log=true),
    but still registers it. Tasks that use it need C(no_log=true) themselves if they show their arguments. C(async) keeps results in a
    file.
  - Run it in the job itself, with connection C(local). The job needs C(permissions) C(id-token) V(write), and the environment that the
    publisher is registered with. The runner sets E(ACTIONS_ID_TOKEN_REQUEST_URL) and E(ACTIONS_ID_TOKEN_REQUEST_TOKEN) there.
  - Tokens are sent only to the index's own scheme, host and port, and not to where it redirects. C(http) is accepted for the machine's
    loopback only. An ID token that was made for another audience is not sent.
  - When the index or GitHub cannot be reached or cannot serve, the whole exchange is repeated for a bounded time, each time with a fresh
    ID token. An upload token whose answer was lost is known to nobody, and expires. O(id_token) is sent again only when the index
    certainly did not accept it before.
  - When the index refuses, the task fails. RV(ignore:failure.code) is then the index's own code, such as V(invalid-publisher), and
    RV(ignore:msg) says what to do about it.
  - Publishers other than GitHub Actions can get tokens only with O(id_token).
seealso:
  - module: pkgops.registry_auth.pypi_trusted_publisher_check
  - module: pkgops.registry_auth.pypi_provenance_info
options:
  batch:
    description:
      - List of entries to work on in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      state:
        description:
          - V(present) to get an upload token. This is the default.
          - V(absent) to have the index revoke O(token).
        type: str
        choices: [present, absent]
      index:
        description:
          - V(pypi), V(testpypi), or the URL below which another index has C(_/oidc/). That is the root of the host that accepts its uploads.
          - V(pypi) when not set.
        type: str
      id_token:
        description:
          - An ID token of the job, made for this index. Without it, the module asks GitHub for one.
        type: str
      token:
        description: The upload token to revoke, with O(state=absent). It must be one of a trusted publisher.
        type: str
  <<: *entry
  id_token_request_url:
    description:
      - Where to ask GitHub for an ID token.
      - Falls back to the environment variable E(ACTIONS_ID_TOKEN_REQUEST_URL), which jobs of GitHub Actions have.
    type: str
  id_token_request_token:
    description:
      - The token to send with that request.
      - Falls back to the environment variable E(ACTIONS_ID_TOKEN_REQUEST_TOKEN), which jobs of GitHub Actions have.
    type: str
"""

EXAMPLES = r"""
- name: Exchange the ID token of this job of GitHub Actions for an upload token
  pkgops.registry_auth.pypi_oidc_token:
    index: https://packages.example.com
  register: upload

- name: Publish with it
  block:
    - name: Upload what was built
      ansible.builtin.command:
        argv:
          - "{{ ansible_playbook_python }}"
          - -m
          - twine
          - upload
          - --repository-url=https://packages.example.com/legacy/
          - "{{ playbook_dir }}/dist/demo_package-1.0.0-py3-none-any.whl"
      environment:
        TWINE_USERNAME: "{{ upload.upload_token.username }}"
        TWINE_PASSWORD: "{{ upload.upload_token.token }}"
      changed_when: true
      # Ansible shows a task's environment at high verbosity.
      no_log: true
  always:
    - name: Take the token back
      pkgops.registry_auth.pypi_oidc_token:
        index: https://packages.example.com
        token: "{{ upload.upload_token.token }}"
        state: absent
"""

RETURN = r"""
upload_token:
  description: The token, and what goes with it.
  returned: success with O(state=present), not in check mode, without O(batch)
  type: dict
  contains: &contents
    username:
      description: User name to log in with.
      type: str
      sample: __token__
    token:
      description: The upload token. It is a credential.
      type: str
    index:
      description: The index that made it, by its short name or its address.
      type: str
      sample: pypi
    expires_at:
      description: When it expires, or V(null) if the index does not say.
      type: str
      sample: "2030-01-31T12:15:00Z"
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
      description: Whether an upload token was made or revoked.
      type: bool
    failed:
      description: Whether this entry failed.
      type: bool
    msg:
      description: Why this entry failed.
      type: str
    upload_token:
      description: As above.
      type: dict
      contains: *contents
"""

from functools import partial

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE, batch_argument_spec, from_environment
from ..module_utils._options.text import checked_module
from ..module_utils._resources.pypi_oidc_token import DesiredToken, UploadTokens

ENTRY = {
    "state": {"type": "str", "choices": ["present", "absent"]},
    "index": {"type": "str"},
    "id_token": {"type": "str", "no_log": True},
    "token": {"type": "str", "no_log": True},
}
JOB = {
    # Its name only looks like a secret's.
    "id_token_request_url": {"type": "str", "no_log": False, **from_environment("ACTIONS_ID_TOKEN_REQUEST_URL")},
    "id_token_request_token": {"type": "str", "no_log": True, **from_environment("ACTIONS_ID_TOKEN_REQUEST_TOKEN")},
}


def main() -> None:
    module = checked_module(batch_argument_spec(ENTRY, JOB), **MODULE)
    desired = partial(DesiredToken.from_options, check_mode=module.check_mode)
    task = run_task(module, ENTRY, desired, UploadTokens.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
