# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From options to the engine and back, with the shapes that a task registers."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.pkgops.registry_auth.plugins.module_utils._base.errors import (
    InvalidInput,
    MissingLibrary,
    NotFound,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.censor import WHOLE
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.progress import Progress
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.resource import (
    DesiredState,
    Resource,
    change_between,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._engine.task import run_task

ENTRY = {"name": {"type": "str"}, "value": {"type": "str"}, "password": {"type": "str", "no_log": True}}


@dataclass(frozen=True)
class Desired(DesiredState):
    name: str
    value: str
    warnings: tuple[str, ...] = ()

    @property
    def target(self):
        return self.name

    @classmethod
    def from_options(cls, options):
        if not options["name"]:
            raise InvalidInput("name is missing.")
        return cls(
            options["name"], options["value"] or "default", (options["warning"],) if options.get("warning") else ()
        )


class Store(Resource):
    """The resource: a dict of names and values."""

    def __init__(self, content):
        self.content = content

    def read(self, desired):
        if desired.name == "missing":
            raise NotFound("missing does not exist.")
        return self.content.get(desired.name)

    def plan(self, current, desired):
        return change_between(current, desired.value)

    def apply(self, change, desired):
        self.content[desired.name] = change.after
        return change.after

    def result(self, state, _desired):
        return {"thing": {"value": state}}

    def diff(self, state, _desired):
        return {"value": state}


class Module:
    """What run_task uses of AnsibleModule."""

    check_mode = False
    _diff = True

    def __init__(self, **params):
        self.params = {"name": None, "value": None, "password": None, "batch": None, **params}
        self.warned = []
        self.no_log_values = set()

    def warn(self, warning):
        self.warned.append(warning)


def run(module, content=None):
    store = Store({} if content is None else content)
    return run_task(module, ENTRY, Desired.from_options, lambda _options: store)


def shown(task):
    """What a task returns of its own, without what Ansible adds when asked to."""
    return {name: value for name, value in task.values.items() if name != "invocation"}


def test_one_entry():
    task = run(Module(name="a", value="1"))
    assert not task.failed
    assert shown(task) == {
        "changed": True,
        "thing": {"value": "1"},
        "diff": {"before_header": "a", "after_header": "a", "before": {"value": None}, "after": {"value": "1"}},
    }


def test_one_entry_that_fails():
    task = run(Module(name="missing"))
    assert task.failed
    assert task.values["msg"] == "missing does not exist."
    assert task.values["failure"] == {"code": "not_found", "target": "missing"}


def test_batch_entries_take_what_stands_beside_them_as_default():
    content = {}
    run(Module(value="beside", batch=[{"name": "a"}, {"name": "b", "value": "own"}]), content)
    assert content == {"a": "beside", "b": "own"}


def test_batch_has_the_shape_of_a_loop():
    task = run(Module(batch=[{"name": "a", "value": None, "password": "hush"}, {"name": "b"}]), {"b": "default"})
    first, second = task.values["results"]
    assert first["item"] == {"name": "a", "password": WHOLE}
    assert (first["changed"], second["changed"], task.values["changed"]) == (True, False, True)
    assert first["failed"] is False
    assert [diff["before_header"] for diff in task.values["diff"]] == ["a"]


def test_a_failing_entry_is_named_and_the_others_are_done():
    content = {}
    task = run(Module(batch=[{"name": "a"}, {"name": "missing"}, {"name": "b"}]), content)
    assert task.failed
    assert task.values["msg"] == "1 of 3 entries failed. batch[1] missing: missing does not exist."
    assert [result["failed"] for result in task.values["results"]] == [False, True, False]
    assert set(content) == {"a", "b"}


def test_progress_hears_how_each_entry_ended(monkeypatch):
    heard = []
    monkeypatch.setattr(Progress, "ended", lambda _self, **how: heard.append(how))
    run(Module(batch=[{"name": "a"}, {"name": "missing"}]))
    assert sorted(heard, key=str) == [{"changed": False, "failed": True}, {"changed": True, "failed": False}]


def test_all_wrong_entries_are_named_before_anything_is_done():
    content = {}
    task = run(Module(batch=[{"name": "a"}, {"value": "1"}, {"value": "2"}]), content)
    assert task.failed
    assert task.values["msg"] == "batch[1]: name is missing. batch[2]: name is missing."
    assert content == {}


def test_an_empty_batch_is_nothing_to_do():
    task = run_task(Module(batch=[]), ENTRY, Desired.from_options, lambda _options: 1 / 0)
    assert not task.failed
    assert shown(task) == {"changed": False, "results": [], "diff": []}


def test_a_warning_is_given_once():
    module = Module(warning="mind this", batch=[{"name": "a"}, {"name": "b"}])
    run(module)
    assert module.warned == ["mind this"]


def odd(options):
    if options["name"] == "odd":
        raise KeyError("a s3cret")
    if options["name"] == "bare":
        raise MissingLibrary("a-library", ImportError("no module"))
    return Desired.from_options(options)


def test_options_that_break_the_collection_end_in_a_sentence():
    content = {}
    module = Module(batch=[{"name": "a"}, {"name": "odd"}, {"value": "1"}])
    task = run_task(module, ENTRY, odd, lambda _options: Store(content))
    assert task.failed
    assert task.values["failure"] == {"code": "internal"}
    assert task.values["msg"].startswith(
        "batch[1]: The collection did not expect this: KeyError at plugins/module_utils/_engine/task.py:"
    )
    assert task.values["msg"].endswith(" batch[2]: name is missing.")
    assert "s3cret" not in repr(task.values)
    assert content == {}


def test_an_error_that_is_no_option_s_keeps_its_code():
    task = run_task(Module(batch=[{"name": "bare"}]), ENTRY, odd, lambda _options: 1 / 0)
    assert task.values["failure"] == {"code": "missing_library"}
    assert task.values["msg"].startswith("batch[0]: The Python library a-library is missing")


def test_a_client_that_cannot_be_made_ends_in_a_sentence():
    task = run_task(Module(name="a"), ENTRY, Desired.from_options, lambda _options: 1 / 0)
    assert task.failed
    assert task.values["changed"] is False
    assert task.values["failure"] == {"code": "internal"}
    assert "ZeroDivisionError at plugins/module_utils/_engine/" in task.values["msg"]


def test_secrets_of_entries_are_hidden_everywhere_and_ansible_need_not_look_for_them():
    module = Module(
        warning="mind s3cret-b",
        password="beside",
        batch=[{"name": "s3cret-b", "password": "s3cret-a"}, {"name": "missing s3cret-a", "password": "s3cret-b"}],
    )
    module.no_log_values = {"beside", "s3cret-a", "s3cret-b"}
    task = run(module)
    assert "s3cret" not in repr(task.values) + repr(module.warned)
    assert task.values["results"][1]["item"]["name"] == "missing ********"
    assert task.values["invocation"]["module_args"]["password"] == WHOLE
    assert module.no_log_values == {"beside"}


def test_a_timeout_that_is_none_is_refused():
    task = run(Module(name="a", timeout=0))
    assert task.values["failure"] == {"code": "invalid_input"}
