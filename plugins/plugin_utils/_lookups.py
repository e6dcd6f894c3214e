# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lookups of credentials share: each is read once in a task, none is kept on disk, and a failure is one sentence.

Ansible evaluates an expression each time that a variable with it is mentioned. A template with three mentions would call a service three
times, and could show two states of one secret.
"""

from __future__ import annotations

import json
import multiprocessing
import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible.errors import AnsibleLookupError

from ..module_utils._base.errors import RegistryAuthError, as_ours
from ..module_utils._engine.reconcile import reconcile
from ..module_utils._engine.resource import Desired, Resource

#: What the worker of a task has read so far, by who asked for what.
_READ: dict[tuple[str, object], dict[str, t.Any]] = {}


def look_up(
    login: Mapping[str, t.Any], entries: Sequence[Desired], connect: Callable[[], Resource[Desired, t.Any]]
) -> list[dict[str, t.Any]]:
    """The results of entries, which are read side by side.

    :param login: all that says who asks, and where
    :param entries: what is asked for, which may be the same more than once
    :param connect: makes the resource with its client; not called for what was read before in this task
    :raises RegistryAuthError: one of them cannot be read
    """
    asked_by = json.dumps(login, sort_keys=True, default=str)
    # A worker is a process of its own and ends with its task. What Ansible's main process read would be there for the whole run.
    known = {} if multiprocessing.parent_process() is None else _READ
    wanted = [entry for entry in dict.fromkeys(entries) if (asked_by, entry) not in known]
    outcomes = reconcile(connect, wanted, check_mode=False, diff_mode=False)
    failures = [outcome.message for outcome in outcomes if outcome.error]
    if failures:
        raise RegistryAuthError(" ".join(failures))
    known.update({(asked_by, entry): outcome.result for entry, outcome in zip(wanted, outcomes, strict=True)})
    return [known[asked_by, entry] for entry in entries]


def failing(error: Exception) -> AnsibleLookupError:
    """What a lookup ends with: a sentence of ours or amazon.aws's, and of any other error only the kind, for its text may hold a secret."""
    return error if isinstance(error, AnsibleLookupError) else AnsibleLookupError(str(as_ours(error)))
