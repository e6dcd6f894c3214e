# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS CodeArtifact: its API, spoken by botocore's own service model, and its Python index.

``model``, ``rest_json`` and ``validation`` turn requests into plain values and back; ``documents`` refuses policies
that cannot be; ``judge`` decides who may, by identity, domain and repository policies, and ``access`` asks it; ``api`` lists the
operations; ``dataplane`` serves packages and takes them.
"""

from __future__ import annotations
