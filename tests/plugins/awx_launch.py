# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Launches of the stand-in for AWX: what is asked and taken, jobs, slices and workflows. Who runs a job is given."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from awx_order import Order, fill, inventory, unsafe
from awx_rules import RefusedError, answer_mistakes, mapping
from awx_store import ENCRYPTED, Fields, Store

#: What a launch may say where the template asks for it, by the name of the question.
_PROMPTS = (
    "limit",
    "job_type",
    "diff_mode",
    "verbosity",
    "job_tags",
    "skip_tags",
    "forks",
    "job_slice_count",
    "inventory",
)
_ASKS = {"job_tags": "tags", "skip_tags": "skip_tags"}
_OF_TEMPLATE = (
    *("name", "job_type", "inventory", "project", "playbook", "forks", "limit", "verbosity", "job_tags", "skip_tags"),
    *("organization", "execution_environment", "diff_mode"),
)


@dataclass(frozen=True)
class Outcome:
    """How a job ended, and its events."""

    code: int
    events: list[Fields] = field(default_factory=list)


class Runner(Protocol):
    """Runs a job."""

    #: Where Google's key files say that tokens come from.
    token_uri: str

    def place(self, number: int) -> str:
        """The folder that a job will run in."""

    def run(self, order: Order) -> Outcome:
        """Run it to its end."""


#: Takes what was launched, and what runs it.
Start = Callable[[Fields, Callable[[], None]], None]


class Threads:
    """Runs what is launched, each launch in a thread of its own."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def __call__(self, _run: Fields, work: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=work))
        self._threads[-1].start()

    def join(self) -> None:
        """Wait until all of it has ended."""
        for thread in self._threads:
            thread.join()


class Launcher:
    """Launches templates. The slices of a job run together, and the parts of a workflow one after the other."""

    def __init__(self, store: Store, runner: Runner, start: Start) -> None:
        self._store = store
        self._runner = runner
        self._start = start

    def mistakes(self, template: Fields, answers: Fields) -> Fields:
        """What is wrong with the answers to a template's survey, as a body."""
        found = answer_mistakes(self._survey(template), answers)
        return {"variables_needed_to_start": found} if found else {}

    def accepted(self, template: Fields, given: Fields) -> tuple[Fields, Fields]:
        """The variables of a launch that count, and those that are ignored."""
        known = {question["variable"] for question in self._survey(template).get("spec", ())}
        taken = {name: value for name, value in given.items() if template["ask_variables_on_launch"] or name in known}
        return taken, {name: value for name, value in given.items() if name not in taken}

    def passwords(self, template: Fields) -> set[str]:
        """The variables of a template's survey that are passwords."""
        return {one["variable"] for one in self._survey(template).get("spec", ()) if one["type"] == "password"}

    @staticmethod
    def _survey(template: Fields) -> Fields:
        found: Fields = template.get("_survey", {}) if template.get("survey_enabled") else {}
        return found

    def questions(self, template: Fields) -> Fields:
        """What a launch asks."""
        store, number = self._store, template["id"]
        needed = [one["variable"] for one in self._survey(template).get("spec", ()) if one["required"]]
        asked = {name: value for name, value in template.items() if name.startswith("ask_")}
        inventories = store.objects["inventory"]
        chosen = template["inventory"]
        used = {"name": inventories[chosen]["name"], "id": chosen} if chosen else {}
        common = {
            **asked,
            "can_start_without_user_input": not needed,
            "survey_enabled": template["survey_enabled"],
            "variables_needed_to_start": needed,
            f"{template['type']}_data": {name: template[name] for name in ("name", "id", "description")},
        }
        defaults = {name: template[name] for name in ("limit", "scm_branch", "job_tags", "skip_tags", "extra_vars")}
        if template["type"] == "workflow_job_template":
            nodes = store.where("workflow_job_template_node", workflow_job_template=number)
            # Whose template does not ask for the variables that the workflow may be given.
            rejecting = [
                one["id"]
                for one in nodes
                if template["ask_variables_on_launch"] and not self._node_template(one)["ask_variables_on_launch"]
            ]
            return {
                **common,
                "defaults": {"inventory": used, **defaults},
                "node_templates_missing": [],
                "node_prompts_rejected": rejecting,
            }
        defaults |= {
            name: template[name]
            for name in ("diff_mode", "job_type", "verbosity", "forks", "job_slice_count", "timeout")
        }
        defaults["credentials"] = [self._short(one) for one in self._credentials(template)]
        environment = store.objects["execution_environment"].get(template["execution_environment"])
        defaults["execution_environment"] = {name: environment[name] for name in ("id", "name")} if environment else {}
        common["job_template_data"] = common.pop("job_template_data")
        return {
            **common,
            "passwords_needed_to_start": [],
            "credential_needed_to_start": False,
            "inventory_needed_to_start": not chosen,
            "defaults": {"inventory": used, **defaults, "instance_groups": []},
        }

    def _credentials(self, template: Fields) -> list[Fields]:
        found = self._store.listed("job_template", template["id"], "credentials", "credential")
        return sorted(found, key=lambda credential: str(credential["name"]))

    def _short(self, credential: Fields) -> Fields:
        shown = {name: credential[name] for name in ("id", "name", "credential_type")}
        identity = credential["inputs"].get("vault_id")
        return {**shown, "passwords_needed": []} | ({"vault_id": identity} if identity else {})

    def _node_template(self, node: Fields) -> Fields:
        number = node["unified_job_template"]
        templates = self._store.objects
        return templates["job_template"].get(number) or templates["workflow_job_template"][number]

    def script(self, found: Fields, *, towervars: bool) -> Fields:
        """The inventory that jobs get."""
        return inventory(self._store, found["id"], towervars=towervars)

    def launch(self, template: Fields, body: Fields) -> Fields:
        """Launch a template, and return what the API answers."""
        given = body.get("extra_vars") or {}
        given = mapping("extra_vars", given) if isinstance(given, str) else given
        mistakes = self.mistakes(template, given)
        if mistakes:
            raise RefusedError(mistakes)
        taken, left = self.accepted(template, given)
        said = {name: body[name] for name in _PROMPTS if name in body}
        asked = {name: value for name, value in said.items() if template.get(f"ask_{_ASKS.get(name, name)}_on_launch")}
        ignored = {name: value for name, value in said.items() if name not in asked} | (
            {"extra_vars": left} if left else {}
        )
        run = self._made(template, taken, asked)
        answer = {run["type"]: run["id"], "ignored_fields": ignored, **self._store.shown(run)}
        self._start(run, lambda: self._work(run))
        return answer

    def relaunch(self, job: Fields) -> Fields:
        """Launch a job again, the same slice with the same answers."""
        kept = {name: value for name, value in job.items() if name in _OF_TEMPLATE or name.startswith("job_slice_")}
        kept |= {
            name: job[name] for name in ("_variables", "_own", "extra_vars", "unified_job_template", "job_template")
        }
        made = self._store.add("job", {**kept, "launch_type": "relaunch"})
        answer = {**self._store.shown(made), "job": made["id"]}
        self._start(made, lambda: self._work(made))
        return answer

    def _made(self, template: Fields, taken: Fields, asked: Fields, artifacts: Fields | None = None) -> Fields:
        """The run of a template: a job, or a workflow job with the jobs of its slices."""
        own = mapping("extra_vars", template["extra_vars"])
        defaults = {
            question["variable"]: question["default"]
            for question in self._survey(template).get("spec", ())
            if question.get("default") is not None and not self._wrong_default(question)
        }
        variables = {**own, **defaults, **taken, **(artifacts or {})}
        hidden = self.passwords(template)
        shown = json.dumps({name: ENCRYPTED if name in hidden else value for name, value in variables.items()})
        common = {"unified_job_template": template["id"], "extra_vars": shown, "_variables": variables, "_own": own}
        if template["type"] == "workflow_job_template":
            fields = {name: template[name] for name in ("name", "inventory", "limit", "organization")}
            return self._store.add(
                "workflow_job", {**fields, **common, "workflow_job_template": template["id"], "_given": taken}
            )
        job = {**{name: template[name] for name in _OF_TEMPLATE}, **asked, **common, "job_template": template["id"]}
        hosts = [host for host in self._store.where("host", inventory=job["inventory"]) if host["enabled"]]
        count = min(asked.get("job_slice_count", template["job_slice_count"]), len(hosts))
        if count <= 1:
            return self._store.add("job", job)
        sliced = {name: job[name] for name in ("name", "inventory", "limit", "organization", "job_template")}
        empty = {"scm_branch": "", "skip_tags": "", "job_tags": "", "is_sliced_job": True}
        workflow = self._store.add("workflow_job", {**sliced, **common, **empty})
        slices = [
            self._store.add(
                "job",
                {
                    **job,
                    "launch_type": "workflow",
                    "allow_simultaneous": True,
                    "job_slice_number": place,
                    "job_slice_count": count,
                },
            )
            for place in range(1, count + 1)
        ]
        workflow["_nodes"] = [
            {"identifier": str(one["job_slice_number"]), "job": one["id"], "do_not_run": False} for one in slices
        ]
        return workflow

    @staticmethod
    def _wrong_default(question: Fields) -> bool:
        if question["type"] in ("multiplechoice", "integer", "float") and question["default"] == "":
            return True
        return bool(
            answer_mistakes({"spec": [{**question, "required": False}]}, {question["variable"]: question["default"]})
        )

    def _work(self, run: Fields) -> None:
        run["status"], run["started"] = "running", "now"
        if run["type"] == "job":
            self._run(run)
        elif run.get("is_sliced_job"):
            slices = [self._store.objects["job"][node["job"]] for node in run["_nodes"]]
            threads = [threading.Thread(target=self._work, args=(one,)) for one in slices]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self._end(run, all(one["status"] == "successful" for one in slices))
        else:
            self._end(run, self._walk(run))

    def _walk(self, workflow: Fields) -> bool:
        """Run the nodes of a workflow, from those that none leads to; whether it ended well."""
        store = self._store
        nodes = {
            one["id"]: one
            for one in store.where(
                "workflow_job_template_node", workflow_job_template=workflow["workflow_job_template"]
            )
        }
        lists = ("success_nodes", "failure_nodes", "always_nodes")
        led_to = {number for one in nodes.values() for name in lists for number in one[name]}
        waiting: list[tuple[Fields, Fields]] = [(one, {}) for number, one in nodes.items() if number not in led_to]
        workflow["_nodes"] = []
        well = True
        while waiting:
            node, artifacts = waiting.pop(0)
            template = self._node_template(node)
            taken, _ignored = self.accepted(template, workflow["_given"])
            run = self._made(template, {**taken, **node["extra_data"]}, {}, artifacts)
            run["launch_type"] = "workflow"
            workflow["_nodes"].append({"identifier": node["identifier"], "job": run["id"], "do_not_run": False})
            self._work(run)
            ended = run["status"] == "successful"
            following = [
                nodes[number]
                for name in ("success_nodes" if ended else "failure_nodes", "always_nodes")
                for number in node[name]
            ]
            if not ended and not following:
                well = False
                workflow["job_explanation"] = "No error handling paths found, marking workflow as failed"
            waiting += [(one, artifacts | self._artifacts(run)) for one in following]
        return well

    def _artifacts(self, run: Fields) -> Fields:
        if run["type"] == "job":
            return dict(run["artifacts"])
        jobs = (self._store.objects["job"].get(node["job"], {}) for node in run.get("_nodes", ()))
        return {name: value for job in jobs for name, value in job.get("artifacts", {}).items()}

    def _run(self, job: Fields) -> None:
        store, number = self._store, job["id"]
        template = store.objects["job_template"][job["job_template"]]
        credentials = [
            (one, store.objects["credential_type"][one["credential_type"]]) for one in self._credentials(template)
        ]
        lacking = next(_lacking(credentials), None)
        if lacking:
            job["job_explanation"] = f"Job cannot start because Credential {lacking} Task failed pre-start check."
            self._end(job, False)
            return
        project = store.objects["project"][job["project"]]
        order = Order(
            place=self._runner.place(number),
            number=number,
            project=project["scm_url"] or project.get("local_path", ""),
            playbook=job["playbook"],
            inventory=inventory(store, job["inventory"], job["job_slice_number"] or 1, job["job_slice_count"]),
            extra_vars=unsafe({**job["_variables"], **_meta(job, template)}, job["_own"]),
        )
        fill(order, job, credentials, self._runner.token_uri)
        job["job_args"], job["job_env"] = json.dumps(order.command), order.shown_environment()
        outcome = self._runner.run(order)
        job["_events"] = [_event(number, event) for event in outcome.events]
        stats = next((event for event in outcome.events if event["event"] == "playbook_on_stats"), {})
        job["artifacts"] = stats.get("event_data", {}).get("artifact_data", {})
        self._end(job, outcome.code == 0)

    @staticmethod
    def _end(run: Fields, well: bool) -> None:
        run |= {"status": "successful" if well else "failed", "failed": not well, "elapsed": 0.0}
        run["event_processing_finished"] = True
        # Last, because it is what clients wait for.
        run["finished"] = "now"


def _event(job: int, event: Fields) -> Fields:
    """An event of ansible-runner as the API shows it."""
    data = event["event_data"]
    return {
        "id": event["counter"],
        "type": "job_event",
        "job": job,
        **{name: event[name] for name in ("event", "counter", "stdout")},
        **{name: data.get(name, "") for name in ("playbook", "play", "task", "host")},
        "failed": event["event"] in ("runner_on_failed", "runner_on_unreachable"),
        "changed": bool(data.get("res", {}).get("changed")),
        "event_data": data,
    }


def _lacking(credentials: list[tuple[Fields, Fields]]) -> Iterator[str]:
    for credential, the_type in credentials:
        missing = [name for name in the_type["inputs"].get("required", ()) if not credential["inputs"].get(name)]
        if missing:
            yield f"{credential['name']} does not provide one or more required fields ({', '.join(missing)})."


def _meta(job: Fields, template: Fields) -> dict[str, Any]:
    """What AWX says of a job to its playbook, under two names each."""
    known = {
        "job_id": job["id"],
        "job_launch_type": job["launch_type"],
        "user_id": 1,
        "user_name": "admin",
        "inventory_id": job["inventory"],
        "job_template_id": template["id"],
        "job_template_name": template["name"],
    }
    return {f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in known.items()}
