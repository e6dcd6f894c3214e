# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The campaign's tools do what they say: the search finds what is planted in each kind of place, and the proxy breaks calls as planned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import ansible_environment
from odd_server import OddServer, http, odd_server

from campaign import faults, fuzz, invariants, schedules
from campaign import proxy as proxies
from campaign.__main__ import Campaign, Tally, environment
from campaign.faults import KINDS, Fault, Forward
from campaign.kinds import KINDS as TRIALS
from campaign.places import Search, system_log
from campaign.proxy import SENDERS, FaultProxy

pytestmark = pytest.mark.checkout

SECRET = 'canary "q\\ +/é% end'
SEARCH = Search({"payload": SECRET})


def test_a_secret_is_found_in_an_output():
    assert list(SEARCH.output("stdout", f"x {SECRET} y".encode())) == ["payload is in stdout"]
    assert list(SEARCH.output("stdout", b"x canary y")) == []


@pytest.mark.parametrize(
    "name",
    [
        "ansible.log",
        "junit/x.xml",
        "tree/localhost",
        "facts/localhost",
        "artifacts/1/job_events/1-x.json",
        "tmp/x",
        "report/index.html",
    ],
)
def test_a_secret_is_found_in_a_file(tmp_path: Path, name: str):
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"<x>{SECRET}</x>")

    assert list(SEARCH.folder(tmp_path)) == [f"payload is in the file {name}"]


def test_a_secret_is_found_in_the_name_of_a_file(tmp_path: Path):
    (tmp_path / "canary-0123456789").touch()

    assert list(Search({"token": "canary-0123456789"}).folder(tmp_path)) == ["token is in the file canary-0123456789"]


def test_a_secret_is_found_in_processes():
    found: list[str] = []
    with SEARCH.processes(b"CAMPAIGN_TEST=1", found):
        wait = [sys.executable, "-c", "import time; time.sleep(1)"]
        marked = {**os.environ, "CAMPAIGN_TEST": "1"}
        subprocess.run([*wait, SECRET], env=marked, check=True)
        subprocess.run(wait, env={**marked, "OTHER": SECRET}, check=True)

    assert found == ["payload is in a command line", "payload is in an environment"]


def test_a_secret_is_found_in_the_system_log(tmp_path: Path):
    """Ansible's own module logs all options that its spec does not hide."""
    module = "from ansible.module_utils.basic import AnsibleModule; AnsibleModule({'text': {}}).exit_json()"
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"text": SECRET}})
    profile = "from ansible.module_utils import basic; basic._ANSIBLE_PROFILE = 'legacy'"
    subprocess.run(
        [sys.executable, "-c", f"{profile}; {module}"],
        input=arguments,
        env={**os.environ, **system_log(tmp_path)},
        text=True,
        capture_output=True,
        check=True,
    )

    assert list(SEARCH.folder(tmp_path)) == ["payload is in the file syslog"]


@pytest.mark.parametrize("form", sorted(invariants.forms(SECRET)))
def test_a_secret_is_found_in_each_form(tmp_path: Path, form: str):
    (tmp_path / "report.html").write_text(f"<p>{form}</p>")

    assert list(SEARCH.folder(tmp_path)) == ["payload is in the file report.html"]


class Always:
    """A plan by which each call meets one fault."""

    def __init__(self, kind: str, forwarded: bool) -> None:
        self.fault = Fault(KINDS[kind], forwarded, 1)

    def take(self, _verb: str, _path: str) -> Fault:
        return self.fault


@pytest.fixture
def service() -> Iterator[OddServer]:
    with odd_server(lambda _request: http({"name": "x"})) as server:
        yield server


@pytest.fixture
def proxy(service: OddServer) -> Iterator[FaultProxy]:
    proxy = FaultProxy(int(service.url.rpartition(":")[2]))
    yield proxy
    proxy.stop()


def ask(proxy: FaultProxy) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"{proxy.url}/x", data=b"sent"), timeout=0.5) as answer:
        content = bytes(answer.read(1 << 20))
        if answer.length and len(content) < 1 << 20:
            raise OSError("The body was cut.")
        return content


def test_a_call_that_meets_nothing_is_passed_on(proxy: FaultProxy, service: OddServer):
    assert ask(proxy) == b'{"name": "x"}'
    assert [(request.path, request.body) for request in service.requests] == [("/x", b"sent")]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_fault_is_met_before_or_after_the_service_works(
    proxy: FaultProxy, service: OddServer, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(proxies, "DRIP", 0.001)
    forward = KINDS[name].forward
    for forwarded in (False, True) if forward is Forward.EITHER else (forward is Forward.ALWAYS,):
        service.requests.clear()
        proxy.set_plan(Always(name, forwarded))
        answer: object = None
        try:
            answer = ask(proxy)
        except (OSError, ValueError, urllib.error.URLError) as error:
            answer = type(error)
            if isinstance(error, urllib.error.HTTPError):
                error.close()
        except Exception as error:
            answer = type(error)
        [met] = proxy.met()
        assert (met.fault, met.forwarded, len(service.requests)) == (name, forwarded, int(forwarded))
        # These are right, or may be; all others cannot be taken for the answer.
        assert (answer == b'{"name": "x"}') == (name in {"skewed", "stale"})


def test_each_kind_has_a_sender():
    assert set(SENDERS) == set(KINDS)


def test_the_same_seed_draws_the_same_faults():
    calls = [("GET", "/a"), ("POST", "/b"), ("GET", "/a"), ("PUT", "/c")]

    def drawn(seed: str, order: list[tuple[str, str]]) -> list[object]:
        plan = schedules.draw(seed)
        return sorted((verb, path, str(plan.take(verb, path))) for verb, path in order)

    for number in range(50):
        assert drawn(str(number), calls) == drawn(str(number), calls[::-1])
    assert len({str(drawn(str(number), calls)) for number in range(50)}) > 20


def test_every_kind_is_drawn_at_some_time():
    plan = schedules.Schedule("x", 1, 10_000, tuple(KINDS.values()))
    assert {found.kind.name for _number in range(3000) if (found := plan.take("GET", "/x"))} == set(KINDS)


def test_what_is_mutated_is_another_document():
    before = b'{"a": {"b": [1, "x"]}, "c": null}'
    changed = {faults.mutated(before, Fault(KINDS["mutated"], True, seed).random()) for seed in range(40)}
    assert len(changed) > 10


#: What waits, and what notes when something was: in a process of its own, since the clocks of this one stay.
CLOCKS = """
import time
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader()
from campaign import modules
modules.quicken()
real = {time.monotonic: None, time.sleep: None, time.time: None}
print(sorted(modules.stand_in(real)))
fake = modules._Time()
began = fake.monotonic(), fake.near(), time.monotonic()
fake.sleep(20)
assert 20 <= fake.monotonic() - began[0] < 25
assert 20 <= fake.near() - began[1] < 25
fake.sleep(2000)
assert modules.NEAR <= fake.near() - began[1] < modules.NEAR + 5
assert time.monotonic() - began[2] < 5
"""


def test_no_part_of_the_collection_keeps_a_clock_of_its_own():
    """Sleeping takes no time in a campaign. What slept by one clock, and looked at another, would wait for a turn in vain."""
    env = {**environment(), **ansible_environment()}
    run = subprocess.run([sys.executable, "-c", CLOCKS], env=env, capture_output=True, text=True, check=False)
    # What libraries and Ansible warn of is no failure.
    assert (run.returncode, run.stdout) == (0, "[]\n"), run.stderr


def test_kinds_come_to_the_same_part_of_an_hour():
    """However long each takes: the slowest kind gets its number, too."""
    campaign = Campaign("x", 0, list(TRIALS), {name: Tally() for name in TRIALS})
    taken = Counter(campaign._take()[0] for _trial in range(2000))
    parts = {name: taken[name] * kind.weight / kind.hourly for name, kind in TRIALS.items()}
    assert max(parts.values()) - min(parts.values()) <= max(kind.weight / kind.hourly for kind in TRIALS.values())


def test_a_trial_of_fuzzing_weighs_what_it_counts():
    assert TRIALS["fuzz"].weight == fuzz.INPUTS
