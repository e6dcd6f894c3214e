# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long-running operations: what a service goes on with after it has answered."""

from __future__ import annotations

import time
import typing as t
from contextlib import contextmanager

from ..._base.errors import RegistryAuthError, Unavailable
from .calls import Failure, failure_of

Operation = t.TypeVar("Operation")

#: Seconds between two looks at an operation.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0

#: HTTP status and name of each code of an error but that of an operation which somebody has canceled. Codes that say nothing of time end an
#: operation for good, so what the service says of them is repeated. Source: google.rpc.Code.
_CODES = {
    2: (400, "UNKNOWN"),
    3: (400, "INVALID_ARGUMENT"),
    4: (504, "DEADLINE_EXCEEDED"),
    5: (404, "NOT_FOUND"),
    6: (409, "ALREADY_EXISTS"),
    7: (403, "PERMISSION_DENIED"),
    8: (429, "RESOURCE_EXHAUSTED"),
    9: (400, "FAILED_PRECONDITION"),
    10: (409, "ABORTED"),
    11: (400, "OUT_OF_RANGE"),
    12: (400, "UNIMPLEMENTED"),
    13: (500, "INTERNAL"),
    14: (503, "UNAVAILABLE"),
    15: (400, "DATA_LOSS"),
    16: (401, "UNAUTHENTICATED"),
}


@contextmanager
def begun() -> t.Iterator[None]:
    """After an operation was begun: what fails in here leaves something that the service made, or may still make."""
    try:
        yield
    except RegistryAuthError as error:
        error.partially_applied = True
        raise


def wait_until_done(
    operation: Operation,
    look: t.Callable[[Operation], Operation],
    *,
    done: t.Callable[[Operation], bool],
    seconds: float,
    what: str,
    clock: t.Callable[[], float] = time.monotonic,
    sleep: t.Callable[[float], None] = time.sleep,
) -> Operation:
    """The operation when it is done.

    :param look: the operation as it is now
    :param what: what it is still doing after so many C(seconds), for the sentence
    :raises Unavailable: it is not done by then
    """
    deadline, pause = clock() + seconds, FIRST_PAUSE
    with begun():
        while not done(operation):
            if clock() + pause > deadline:
                raise Unavailable(f"{what} after {seconds:g} seconds. Run the task again to see how it ended.")
            sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            operation = look(operation)
    return operation


def operation_failure(error: t.Mapping[str, t.Any]) -> Failure:
    """The failure that an operation ended with.

    :param error: a google.rpc.Status as JSON has it, with a code in place of an HTTP status and its name
    """
    http_status, status = _CODES.get(error.get("code", 0), (400, ""))
    return failure_of(http_status, {**error, "status": status})
