# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of trials that a campaign has, and how one of each is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import cloud_control
from cloud_control import LocalCloud
from cloud_fixtures import UPSTREAM_TOKEN

from campaign import modules
from campaign.proxy import FaultProxy


@dataclass
class Told:
    """How a trial went.

    :param weight: how many inputs, schedules or kills it was
    :param notes: what happened, for whoever looks for the reason of a problem
    """

    problems: list[str] = field(default_factory=list)
    weight: int = 1
    notes: list[str] = field(default_factory=list)
    name: str = ""


@dataclass(frozen=True)
class Bench:
    """What trials work on: a local cloud, a proxy in front of it, and a folder."""

    cloud: LocalCloud
    proxy: FaultProxy
    folder: Path
    #: Those that belong to it.
    processes: frozenset[int] = frozenset()


#: Runs the trial of a seed; the second text chooses a part, if there is one.
Trial = Callable[[Bench, str, str], Told]


@contextmanager
def bench() -> Iterator[Bench]:
    """A bench, which is gone afterwards."""
    with TemporaryDirectory(prefix="campaign-") as name:
        folder = Path(name)
        cloud = cloud_control.start(folder / "cloud", f"--upstream-token={UPSTREAM_TOKEN}")
        proxy = FaultProxy(int(cloud.url.rpartition(":")[2]))
        try:
            yield Bench(cloud, proxy, folder, frozenset(modules.children()))
        finally:
            proxy.stop()
            cloud_control.stop(folder / "cloud")
