# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for AWX's API answers what AWX 24.6.1 answered: all recorded requests, in their order.

The recording is C(data/awx_pairs.jsonl), without what differs from run to run: times, C(summary_fields), most of C(related).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from awx_api import Awx
from awx_launch import Outcome
from awx_order import TOKEN_URI, Order

PAIRS = [json.loads(line) for line in (Path(__file__).parent / "data" / "awx_pairs.jsonl").read_text().splitlines()]
#: Job events that the recording shows the first three of.
EVENTS = 181
#: The first number of each type that the recording made; smaller ones are there from the start.
FIRST = {
    "organizations": 2,
    "credential_types": 22,
    "credentials": 3,
    "execution_environments": 3,
    "inventories": 2,
    "groups": 1,
    "hosts": 2,
    "projects": 3,
    "job_templates": 3,
    "workflow_job_templates": 3,
    "workflow_job_template_nodes": 1,
    "schedules": 1,
    "jobs": 1,
    "workflow_jobs": 1,
}
#: Numbers from here on are of nothing.
MISSING = 999
FIELDS = {
    "organization": "organizations",
    "credential_type": "credential_types",
    "execution_environment": "execution_environments",
    "inventory": "inventories",
    "project": "projects",
    "unified_job_template": "job_templates",
    "job_template": "job_templates",
    "workflow_job_template": "workflow_job_templates",
    "job": "jobs",
    "workflow_job": "workflow_jobs",
    "success_nodes": "workflow_job_template_nodes",
    "node_prompts_rejected": "workflow_job_template_nodes",
    "remote_host_id": "hosts",
    "remote_tower_id": "hosts",
    "credentials": "credentials",
    "job_template_data": "job_templates",
    "workflow_job_template_data": "workflow_job_templates",
    "INVENTORY_ID": "inventories",
    "JOB_ID": "jobs",
}
#: What these lists are of.
BELOW = {"credentials": "credentials", "success_nodes": "workflow_job_template_nodes", "hosts": "hosts"}


class Recorded:
    """Runs no job: says what became of those that the recording asks for."""

    token_uri = TOKEN_URI

    def place(self, number: int) -> str:
        """Where AWX's own jobs run."""
        return "/runner"

    def run(self, order: Order) -> Outcome:
        """As the recorded ones ended."""
        [shown] = [pair["answer"]["results"] for pair in PAIRS if "job_events" in pair["path"]]
        others = [{"event": "verbose", "counter": count} for count in range(len(shown) + 1, EVENTS)]
        # What its playbook set, which is no matter of AWX.
        artifacts = next((pair["answer"]["artifacts"] for pair in PAIRS if _is_of(pair["answer"], order.playbook)), {})
        end = {
            "event": "playbook_on_stats",
            "counter": EVENTS,
            "stdout": "",
            "event_data": {"artifact_data": artifacts},
        }
        return Outcome(0, [*(_told(event) for event in [*shown, *others]), end])


def _is_of(answer: Any, playbook: str) -> bool:
    return isinstance(answer, dict) and answer.get("playbook") == playbook and answer.get("status") == "successful"


def _told(event: dict[str, Any]) -> dict[str, Any]:
    """A recorded event as ansible-runner told it."""
    data = {name: event[name] for name in ("playbook", "play", "task") if event.get(name)}
    return {"event": event["event"], "counter": event["counter"], "stdout": event.get("stdout", ""), "event_data": data}


def at_once(run: dict[str, Any], work: Callable[[], None]) -> None:
    """Run what is launched, but for workflows of templates: nothing looks at theirs, and their jobs had other numbers."""
    if not run.get("workflow_job_template"):
        work()


class Changed:
    """The recording with other names and numbers: it is the stand-in's own state that answers, not the recording."""

    def __init__(self, by: int, names: bool) -> None:
        self._by = by
        self._names = (
            {"packaging": "paketierung", "Package index token": "Ein anderer Typ", "auth workflow": "der Lauf"}
            if names
            else {}
        )

    def number(self, table: str, number: int) -> int:
        return number + self._by if FIRST.get(table, MISSING) <= number < MISSING else number

    def value(self, value: Any, table: str = "") -> Any:
        """A value of a body or an answer, within a list or field of that table."""
        if isinstance(value, dict):
            own = self._table_of(value) or table
            return {name: self._field(name, inner, own) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner, table) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool) and table:
            return self.number(table, value)
        return self.text(value) if isinstance(value, str) else value

    def _field(self, name: str, value: Any, own: str) -> Any:
        if name == "id":
            return self.value(value, own)
        if name in ("JOB_ID", "INVENTORY_ID"):
            return str(self.number(FIELDS[name], int(value)))
        return self.value(value, FIELDS.get(name, own if name == "results" else ""))

    @staticmethod
    def _table_of(value: dict[str, Any]) -> str:
        found = re.match(r"/api/v2/(\w+)/\d+/", str(value.get("url", "")))
        return found[1] if found else ""

    def text(self, text: str) -> str:
        for old, new in self._names.items():
            text = text.replace(old, new)
        return re.sub(
            r"/api/v2/(\w+)/(\d+)/", lambda found: f"/api/v2/{found[1]}/{self.number(found[1], int(found[2]))}/", text
        )


def same(answer: Any) -> Any:
    """An answer without the names of temporary files."""
    return json.loads(re.sub(r"/runner/env/tmp\w+", "/runner/env/tmp", json.dumps(answer)))


def within(answer: Any, expected: Any) -> Any:
    """The part of an answer that the recording still has."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        return {name: within(answer[name], inner) for name, inner in expected.items() if name in answer}
    if isinstance(expected, list) and isinstance(answer, list) and len(answer) == len(expected):
        return [within(one, other) for one, other in zip(answer, expected, strict=True)]
    return answer


def table_of(path: str) -> str:
    """The table of what C(id) in the body of a request names."""
    return BELOW.get(path.rstrip("/").rpartition("/")[2], "")


def replay(awx: Awx, changed: Changed) -> Iterator[tuple[int, dict[str, Any], tuple[int, Any], tuple[int, Any]]]:
    """Ask all that was asked: its place, the pair, the answer, and what was expected."""
    for place, pair in enumerate(PAIRS, 1):
        expected = changed.value(pair["answer"])
        if pair["status"] == 201:
            # Numbers between were used by what was not recorded.
            for made in [expected] if "id" in expected else expected["hosts"]:
                awx.store.skip(made.get("type", "host"), made["id"])
        body = pair.get("body")
        body = changed.value(body, table_of(pair["path"])) if isinstance(body, dict) else body
        if isinstance(body, dict) and "id" in body:
            body["id"] = changed.number(table_of(pair["path"]), pair["body"]["id"])
        answer = awx.answer(pair["method"], changed.text(pair["path"]), body)
        yield place, pair, answer, (pair["status"], expected)


CHANGES: dict[str, Callable[[], Changed]] = {
    "as recorded": lambda: Changed(0, names=False),
    "other numbers": lambda: Changed(1000, names=False),
    "other names": lambda: Changed(7, names=True),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_answers_as_the_real_one_did(change: str) -> None:
    playbooks = ["access_report.yml", "auth_workflow.yml", "whatisit.yml"]
    projects = {"manual": playbooks, "https://git.example.com/project.git": playbooks}
    awx = Awx(projects, Recorded(), at_once)
    changed = CHANGES[change]()
    for place, pair, (status, answer), (expected_status, expected) in replay(awx, changed):
        # The recording's project got another playbook then.
        if place == 182:
            playbooks += ["bigstats.yml"]
        shown = f"{place}: {pair['method']} {pair['path']} {pair.get('note', '')} {json.dumps(answer)[:2000]}"
        assert status == expected_status, shown
        assert same(within(answer, expected)) == same(expected), shown
