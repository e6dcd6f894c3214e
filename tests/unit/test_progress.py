# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a batch tells of itself and when, and what becomes of it on the other end."""

from __future__ import annotations

import itertools
import os
import queue
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml
from ansible import constants
from ansible.plugins.loader import action_loader
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine import lifeline
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.progress import (
    VARIABLE,
    Counts,
    Progress,
    pauses,
)
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._progress import BatchAction, listening, sentence
from checkout import CHECKOUT

#: Seconds after which a test that waits for a thread is lost.
LONG = 10

OK = {"changed": False, "failed": False}
CHANGED = {"changed": True, "failed": False}
FAILED = {"changed": False, "failed": True}
FAILED_HALFWAY = {"changed": True, "failed": True}


class Clock:
    """Stands in for the event that ends a pause: time passes when a test says so."""

    def __init__(self) -> None:
        self._steps: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.waited: list[float] = []
        self.started = threading.Event()

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.started.set()
        return self._steps.get(timeout=LONG)

    def strike(self) -> None:
        self._steps.put(False)

    def set(self) -> None:
        self._steps.put(True)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where FIFOs are made."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    return tmp_path


@pytest.fixture
def shown(folder):
    """What is shown of modules that run in this process."""
    shown: queue.SimpleQueue[Counts] = queue.SimpleQueue()
    with listening(shown.put):
        yield shown


def timed(total):
    """A progress and its clock."""
    progress = Progress(total)
    progress._over = Clock()
    return progress, progress._over


def test_pauses_begin_short_and_widen():
    waited = list(itertools.islice(pauses(), 150))

    assert waited[:4] == [5, 5, 5, 5]
    assert waited == sorted(waited)
    assert waited[-1] == 30
    # An hour is no more than that many lines.
    assert sum(waited) > 3600
    # A tenth of what has passed, once that is more than five seconds.
    assert waited[10:13] == [5, 5.5, pytest.approx(6.05)]


def test_a_person_reads_a_sentence():
    line = "progress: [packages-production] gcp_secret: 350 of 1000 done (12 changed, 1 failed), 650 left"
    assert sentence("packages-production", "gcp_secret", Counts(1000, done=350, changed=12, failed=1)) == line


def test_a_line_holds_numbers_alone_and_is_written_in_a_piece():
    counts = Counts(10**6, done=999_999, changed=999_999, failed=999_999)

    assert Counts.from_line(counts.as_line()) == counts
    assert len(counts.as_line()) < 512
    with pytest.raises(ValueError, match="sesame"):
        Counts.from_line(b'{"total": 2, "done": "sesame"}\n')


def test_entries_are_counted_by_how_they_ended(shown):
    progress, clock = timed(9)
    with progress:
        for outcome in (OK, CHANGED, CHANGED, FAILED, FAILED_HALFWAY):
            progress.ended(**outcome)
        clock.strike()
        counts = shown.get(timeout=LONG)

    assert counts == Counts(9, done=5, changed=3, failed=2)
    assert counts.left == 4


def test_no_entry_is_lost_between_threads(shown):
    progress, clock = timed(3000)
    with progress:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda outcome: progress.ended(**outcome), [OK, CHANGED, FAILED] * 1000))
        clock.strike()
        assert shown.get(timeout=LONG) == Counts(3000, done=3000, changed=1000, failed=1000)


def test_what_is_expected_is_counted_in(shown):
    progress, clock = timed(0)
    with progress:
        progress.expect(2)
        progress.expect(3)
        clock.strike()
        assert shown.get(timeout=LONG) == Counts(5)


def test_what_tells_does_not_keep_a_module_from_its_end(folder):
    with listening(print), timed(2)[0] as progress:
        assert progress._teller.daemon


def test_a_run_that_stands_still_says_so(shown):
    progress, clock = timed(2)
    with progress:
        progress.ended(**OK)
        clock.strike()
        clock.strike()
        assert [shown.get(timeout=LONG) for _line in range(2)] == [Counts(2, done=1)] * 2
    assert clock.waited == [5, 5, 5]


def test_a_short_run_says_nothing(shown):
    progress, clock = timed(2)
    with progress:
        progress.ended(**OK)
    assert clock.waited == [5]
    assert shown.empty()


def test_a_single_entry_says_nothing(shown):
    progress, clock = timed(1)
    with progress:
        progress.ended(**OK)
    assert clock.waited == []


@pytest.mark.parametrize("expected", [0, 1])
def test_a_single_entry_that_was_expected_says_nothing_either(shown, expected):
    progress, clock = timed(0)
    with progress:
        progress.expect(expected)
        clock.strike()
        # It has looked at what is expected, and waits again.
        while len(clock.waited) < 2:
            time.sleep(0.001)
        progress.expect(2)
        clock.strike()
        # The first thing that is said is of them all.
        assert shown.get(timeout=LONG).total == expected + 2


def test_nothing_is_counted_before_it_is_expected(shown):
    progress = Progress()
    progress._over = clock = Clock()
    with progress:
        progress.expect(2)
        clock.strike()
        assert shown.get(timeout=LONG) == Counts(2)


def test_nobody_listens():
    assert VARIABLE not in os.environ
    progress, clock = timed(2)
    with progress:
        progress.ended(**OK)
    assert clock.waited == []


def test_the_listener_is_gone(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "fifo"))
    with timed(2)[0] as progress:
        progress.ended(**OK)


@pytest.fixture
def killed(monkeypatch):
    """Is set when this process would have been."""
    killed = threading.Event()
    monkeypatch.setattr(lifeline, "_end", killed.set)
    return killed


def test_nothing_is_begun_when_the_fifo_has_no_reader(monkeypatch, tmp_path, killed):
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "fifo"))
    with timed(2)[0]:
        assert killed.is_set()


def test_nothing_is_continued_when_the_listener_leaves(folder, killed):
    progress, clock = timed(2)
    with ExitStack() as run:
        with listening(print):
            run.enter_context(progress)
            assert clock.started.wait(LONG)
            assert not killed.is_set()
        assert killed.wait(LONG)
        # It would be over. What is written nevertheless does no harm.
        clock.strike()
        progress.ended(**OK)
    assert clock.waited == [5]


def test_a_module_that_has_ended_needs_no_listener(folder, killed):
    with listening(print), timed(1)[0]:
        pass
    assert not killed.wait(0.1)


def test_a_module_that_is_interrupted_does_not_wait_for_its_threads():
    before = signal.getsignal(signal.SIGINT)
    with timed(2)[0]:
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is before


def test_signals_are_not_for_the_listener(folder):
    """Python runs handlers in the main thread alone, which waits for the module."""
    with listening(print):
        [helper] = [thread for thread in threading.enumerate() if thread.name == "progress"]
        [blocked] = [
            line.split()[1]
            for line in Path(f"/proc/self/task/{helper.native_id}/status").read_text().splitlines()
            if line.startswith("SigBlk:")
        ]
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            assert int(blocked, 16) >> (number - 1) & 1


def test_what_is_told_is_shown_before_listening_ends(folder):
    shown = []
    with listening(shown.append), open(os.environ[VARIABLE], "wb") as fifo:
        fifo.write(b"".join(Counts(50, done=done).as_line() for done in range(50)))
    assert [counts.done for counts in shown] == list(range(50))


def test_listening_leaves_nothing_behind(folder):
    before = threading.active_count()
    with listening(print):
        [fifo] = folder.glob("*/*")
        assert fifo.is_fifo()
        assert (fifo.stat().st_mode & 0o777, fifo.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert os.environ[VARIABLE] == str(fifo)
    assert list(folder.iterdir()) == []
    assert VARIABLE not in os.environ
    assert threading.active_count() == before


def test_a_failing_task_fails_as_it_would(folder):
    with pytest.raises(ValueError, match="boom"), listening(print):
        raise ValueError("boom")
    assert list(folder.iterdir()) == []


def test_a_task_runs_where_nothing_can_be_shown(folder, monkeypatch):
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(folder / "missing"))
    with listening(print):
        assert VARIABLE not in os.environ


def test_a_fifo_cannot_be_made(folder, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError("not on this file system")

    monkeypatch.setattr(os, "mkfifo", refuse)
    with listening(print):
        assert VARIABLE not in os.environ
    assert list(folder.iterdir()) == []


def test_each_module_with_batch_shows_its_progress():
    modules = sorted((CHECKOUT / "plugins/modules").glob("*.py"))
    with_batch = [module.stem for module in modules if "batch" in documentation(module)["options"]]

    for name in with_batch:
        action = action_loader.get(f"pkgops.registry_auth.{name}", class_only=True)
        assert issubclass(action, BatchAction)


def documentation(module):
    [text] = [part for part in module.read_text().split('"""') if "\nshort_description:" in part]
    return yaml.safe_load(text)
