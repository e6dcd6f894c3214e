# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AnsibleModule that sends nothing to the machine's system log.

There Ansible hides secrets that are options themselves. Those within an option, such as an entry of C(batch) or of C(scopes), it writes
as they are when they hold a quote or the end of a line, or when no argument spec describes them.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule


class _Quiet:
    """Goes before AnsibleModule, which has the attribute set anew with each task, to what the task has."""

    @property
    def no_log(self) -> bool:
        """Always true."""
        return True

    @no_log.setter
    def no_log(self, _value: t.Any) -> None:
        """What is set changes nothing."""


#: AnsibleModule has no types, and mypy lets no class be written below such a one.
QuietModule: t.Any = type("QuietModule", (_Quiet, AnsibleModule), {})
