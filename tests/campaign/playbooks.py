# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fault schedules through ansible-playbook: what Ansible makes of a module's end, forked or transferred, is judged as in process."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from harness import COLLECTION, TRANSFERRED, Ansible, Given

from campaign import invariants, machine_worlds, schedules
from campaign.in_process import WORLDS, environment, seen_in
from campaign.modules import Ran
from campaign.trials import Bench, Told
from campaign.worlds import Case

#: Kinds that take as long as users wait, since a playbook sleeps and waits in earnest, and those that a module waits out for minutes.
_SLOW = {"silent", "drip", "endless", "endless_head", "throttled", "unavailable"}
#: Seconds after which the task itself gives up.
TIMEOUT = 20


def trial(bench: Bench, seed: str, part: str) -> Told:
    """Run a playbook under faults, then without, then once more. C(part) names a world."""
    random = Random(f"playbooks|{seed}")
    name = part or random.choice([one for one in sorted(WORLDS) if one != "google_workflow"])
    bench.cloud.reset()
    bench.proxy.forget()
    given = Given(bench.cloud)
    case = WORLDS[name](given, random).at(bench.proxy.url)
    variables = random.choice(({}, TRANSFERRED))
    # What works on files of the machine has no such option.
    patience = {} if name in machine_worlds.WORLDS else {"timeout": TIMEOUT}
    told = Told(name=f"{name} ({case.module}), {'transferred' if variables else 'forked'}")
    before, misled = case.snapshot(given), False
    for step in ("with faults", "without faults", "repeated"):
        plan = (
            schedules.draw(seed, kinds=[kind for kind in schedules.KINDS if kind not in _SLOW])
            if step == "with faults"
            else None
        )
        bench.proxy.set_plan(plan)
        ran = _run(bench, case, variables, patience)
        met, after = bench.proxy.met(), case.snapshot(given)
        seen = seen_in(case, ran, before, after, met, misled=misled)
        misled = misled or seen.lied_to
        found = invariants.broken(seen) if plan else invariants.broken_without_faults(seen, repeated=step == "repeated")
        told.problems += [f"{step}: {problem}" for problem in found]
        told.notes += [f"{step}: {one.verb} {one.path} {one.fault or ''}" for one in met] + [
            f"{step}: {json.dumps(ran.result)[:2000]}"
        ]
        before = after
    bench.proxy.set_plan(None)
    return told


def as_given(case: Case, folder: Path, **more: Any) -> dict[str, Any]:
    """A task of a case's module. Its options come from a file, since a secret may look like a template."""
    file = folder / "options.json"
    file.write_text(json.dumps({**case.options, **more}))
    return {"action": f"{COLLECTION}.{case.module}", "args": f"{{{{ lookup('file', '{file}') | from_json }}}}"}


def _run(bench: Bench, case: Case, variables: dict[str, str], patience: dict[str, int]) -> Ran:
    """The result that the task registers, and all that is printed, at C(-vv): the next level shows a task's options by itself."""
    with TemporaryDirectory(dir=bench.folder) as name:
        ansible = Ansible(Path(name), bench.cloud)
        registered = ansible.folder / "told.json"
        play = {
            "hosts": "all",
            "connection": "local",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}", **variables},
            "tasks": [
                {**as_given(case, ansible.folder, **patience), "register": "told", "ignore_errors": True},
                {"keep": {"content": "{{ told | to_json }}", "dest": str(registered)}},
            ],
        }
        file = ansible.folder / "play.yml"
        file.write_text(json.dumps([play]))
        run = ansible.playbook(
            str(file), "--inventory=localhost,", "-vv", "--diff", env=environment(bench.proxy.url, bench.cloud)
        )
        output = run.stdout + run.stderr
        if not registered.exists():
            return Ran(None, output, f"the playbook ended with {run.code} and without a result: {output[-500:]}")
        return Ran(json.loads(registered.read_text()), output)
