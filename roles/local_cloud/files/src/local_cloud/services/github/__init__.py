# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub: repositories with their branches, files, pull requests, environments and rules, and the Actions that run in them.

``api`` routes requests of the REST API to one file of methods for each kind of thing; ``store`` keeps what there is;
``runs`` starts jobs, whose ID tokens ``id_tokens`` signs.
"""
