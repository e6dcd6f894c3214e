#!/usr/bin/python
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pypi_provenance_info
short_description: Report who published a release to PyPI, and whether that is the expected publisher
version_added: 1.0.0
description:
  - For each file of a release, reads which trusted publisher the index states, verifies the attestations of the file against it, and
    compares both with the expected publisher.
  - Verification needs no network beyond the index. It checks the file's SHA-256, the signature, the certificate with the repository and
    the workflow in it, and the entry of the transparency log against the trust root of Sigstore on the machine.
  - RV(not_proved) says what remains unproved.
author:
  - The pkgops.registry_auth authors (@pkgops)
requirements:
  - python >= 3.11
  - pypi-simple >= 1.8
  - requests >= 2.32.4
  - pypi-attestations >= 0.0.30, without O(verify=false)
extends_documentation_fragment:
  - pkgops.registry_auth.attributes
  - pkgops.registry_auth.batch
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
  - A release that was published by somebody else, or has no provenance, is a result and not a failure. The task fails when the index
    cannot be reached, or when options are wrong. Use RV(valid) to stop a play.
  - Without an expected publisher, RV(valid) says that each file was published by whom the index states.
  - The index states the publisher that a file was uploaded by, with the environment that this publisher is registered with. Certificates
    hold the repository and the workflow of the job, with upper and lower case, and not its environment.
  - That a file has no provenance does not mean that no trusted publisher uploaded it. It may have done so without attestations.
  - The trust root is the one that sigstore last fetched into the cache of the user that runs the module, or else the one that came with
    it, which is then written there. It becomes outdated. Attestations with keys that it does not know yet fail, and a newer release of
    sigstore knows more of them.
  - Attestations of publishers other than GitHub Actions are reported but not verified.
  - The index is read without a login, and a C(.netrc) file is ignored. The module waits 5 seconds for a connection and 20 for an answer.
seealso:
  - module: pkgops.registry_auth.pypi_trusted_publisher_check
  - module: pkgops.registry_auth.pypi_oidc_token
options:
  batch:
    description:
      - List of releases or files to look at in one task, each with the options below.
      - Options set next to O(batch) are the defaults of each entry.
    type: list
    elements: dict
    suboptions: &entry
      project:
        description: Name of the project on the index.
        type: str
      version:
        description: The version whose files are checked. Needed without O(filename).
        type: str
      filename:
        description: Look at this file alone.
        type: str
      index:
        description:
          - V(pypi), V(testpypi), or the URL below which another index has its C(simple/) pages.
          - V(pypi) when not set.
        type: str
      owner:
        description: User or organization that should own the repository. Together with O(repository).
        type: str
      repository:
        description: Name of the repository on GitHub that should have published, without its owner.
        type: str
      workflow:
        description: Name of the workflow file that should have published, for example V(release.yml). Any when not set.
        type: str
      environment:
        description:
          - Name of the environment that the publisher should be registered with. Any when not set, none when empty.
        type: str
      verify:
        description:
          - Verify attestations. With V(false), only what the index states is compared, and pypi-attestations is not needed.
          - V(true) when not set.
        type: bool
      download:
        description:
          - Also download each file and compute its SHA-256, instead of taking the index's word for it. The files are not kept.
          - V(false) when not set.
        type: bool
  <<: *entry
"""

EXAMPLES = r"""
- name: Find out who published a release, as the index states it
  pkgops.registry_auth.pypi_provenance_info:
    index: https://packages.example.com
    project: demo-package
    version: 1.0.0
    owner: octo-org
    repository: sampleproject
    workflow: release.yml
    environment: pypi
    verify: false
  register: published

- name: Stop unless it was the expected publisher
  ansible.builtin.assert:
    that: published.valid
    fail_msg: "{{ published.findings | map(attribute='message') | join(' ') }}"

- name: Look at several releases, and verify their attestations
  pkgops.registry_auth.pypi_provenance_info:
    index: https://packages.example.com
    owner: octo-org
    repository: sampleproject
    batch:
      - project: demo-package
        version: 1.0.0
      - project: demo-package
        filename: demo_package-1.0.0-py3-none-any.whl
        download: true
  register: releases

- name: Say what was found, and what was not proved
  ansible.builtin.debug:
    msg: "{{ releases.results | map(attribute='findings') | flatten + releases.results | map(attribute='not_proved') | flatten }}"
"""

RETURN = r"""
valid:
  description:
    - V(true) when there is no finding of severity V(high). Each file then has provenance, from the expected publisher if one is given, and
      with O(verify) each attestation is valid.
  returned: success, without O(batch)
  type: bool
  sample: false
findings:
  description: What was found, for a person to act on.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &finding
    code:
      description:
        - Names the kind of finding, for playbooks.
        - V(not-found), V(index-refuses), V(no-provenance), V(provenance-unreadable), V(publisher-differs), V(repository-differs),
          V(workflow-differs), V(environment-differs), V(not-verified), V(no-checksum), V(checksum-differs) or V(file-not-served).
      type: str
      sample: workflow-differs
    severity:
      description: V(high) for a reason not to trust the release, V(medium) or V(low) otherwise.
      type: str
      sample: high
    where:
      description: The file that it is about, or V(index).
      type: str
      sample: demo_package-1.0.0-py3-none-any.whl
    message:
      description: What is wrong.
      type: str
      sample: The index has no provenance of demo_package-1.0.0-py3-none-any.whl; who published it is not known.
    about:
      description: The same as C(where), in parts for use in playbooks. Always empty in this module.
      type: dict
      sample: {}
    remedy:
      description: What to do about it.
      type: str
      sample: Publish with attestations, as pypa/gh-action-pypi-publish does by default.
publishers:
  description: The publishers that the index states, each once.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &publisher
    kind:
      description: Where the publisher runs.
      type: str
      sample: GitHub
    repository:
      description: The repository with its owner.
      type: str
      sample: octo-org/sampleproject
    workflow:
      description: The workflow file's name.
      type: str
      sample: release.yml
    environment:
      description: The environment that the publisher is registered with, empty for none.
      type: str
      sample: pypi
files:
  description: What was found of each file, in the order of the index.
  returned: success, without O(batch)
  type: list
  elements: dict
  contains: &file
    filename:
      description: Name of the file.
      type: str
      sample: demo_package-1.0.0-py3-none-any.whl
    version:
      description: Version, as the name of the file tells it.
      type: str
      sample: 1.0.0
    sha256:
      description: Checksum that attestations were compared with, computed with O(download), else as the index gives it.
      type: str
    verified:
      description: Whether there are attestations and all of them hold.
      type: bool
      sample: true
    publishers:
      description: The publishers that the index states of this file.
      type: list
      elements: dict
      contains: *publisher
    attestations:
      description: What was signed of this file.
      type: list
      elements: dict
      contains:
        predicate_type:
          description: What kind of statement it is.
          type: str
          sample: https://slsa.dev/provenance/v1
        verified:
          description: Whether it holds, or V(null) when it was not verified.
          type: bool
          sample: true
        reason:
          description: Why it does not hold.
          type: str
          sample: ""
        certificate:
          description: What its certificate says of the run that signed it. Without V(verified) anybody may have written this.
          type: dict
          contains:
            repository:
              description: The repository with its owner.
              type: str
              sample: octo-org/sampleproject
            workflow:
              description: The workflow file's name.
              type: str
              sample: release.yml
            ref:
              description: The branch or tag that the workflow ran on.
              type: str
              sample: refs/tags/v1.0.0
            commit:
              description: The commit that it ran on.
              type: str
            event:
              description: What started the workflow.
              type: str
              sample: release
            run_url:
              description: Address of the run.
              type: str
            repository_id:
              description: Number of the repository, which stays with a new name.
              type: str
              sample: "99"
            owner_id:
              description: Number of the owner's account, which another account of the same name does not have.
              type: str
              sample: "1234"
not_proved:
  description: What remains open, in a sentence each.
  returned: success, without O(batch)
  type: list
  elements: str
  sample:
    - "What the index states of publishers: no attestation was verified."
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
    valid:
      description: V(true) when there is no finding of severity V(high).
      type: bool
    findings:
      description: What was found.
      type: list
      elements: dict
      contains: *finding
    publishers:
      description: The publishers that the index states.
      type: list
      elements: dict
      contains: *publisher
    files:
      description: What was found of each file.
      type: list
      elements: dict
      contains: *file
    not_proved:
      description: What remains open.
      type: list
      elements: str
"""

from ..module_utils._engine.task import run_task
from ..module_utils._options.common import MODULE, batch_argument_spec
from ..module_utils._options.text import checked_module
from ..module_utils._resources.pypi_provenance_info import DesiredProvenance, Provenances

ENTRY = {
    "project": {"type": "str"},
    "version": {"type": "str"},
    "filename": {"type": "str"},
    "index": {"type": "str"},
    "owner": {"type": "str"},
    "repository": {"type": "str"},
    "workflow": {"type": "str"},
    "environment": {"type": "str"},
    "verify": {"type": "bool"},
    "download": {"type": "bool"},
}


def main() -> None:
    module = checked_module(batch_argument_spec(ENTRY, {}), **MODULE)
    task = run_task(module, ENTRY, DesiredProvenance.from_options, Provenances.connect)
    (module.fail_json if task.failed else module.exit_json)(**task.values)


if __name__ == "__main__":
    main()
