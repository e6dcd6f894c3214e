# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cloud that belongs to another process ends with it, even when that had no chance to stop it."""

from __future__ import annotations

import asyncio
import os

#: Seconds between two looks at a process on systems that do not report its end.
_LOOK_SECONDS = 1.0


async def set_when_ended(pid: int, event: asyncio.Event) -> None:
    """Set the event when the process has ended."""
    try:
        # Linux: reports the end at once, and does not take a later process with the same number for it.
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        event.set()
    except (AttributeError, OSError):
        while _is_there(pid):
            await asyncio.sleep(_LOOK_SECONDS)
        event.set()
    else:
        await _readable(handle)
        event.set()


async def _readable(handle: int) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return True
