#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

# All other targets, each against a local cloud that has what it starts from. ansible-test runs this in a copy of this folder alone.
set -eux
cd "$ANSIBLE_COLLECTIONS_PATH/ansible_collections/pkgops/registry_auth"
# The ansible-core that is installed, with its commands.
exec env --unset=PYTHONPATH python -m pytest "$@" tests/integration/test_targets.py
