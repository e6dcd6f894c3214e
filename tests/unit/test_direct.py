# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""When a module runs in a fork, and that the fork is as good as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from types import SimpleNamespace

import pytest
from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils import _direct
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._direct import DirectAction
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._fork import run_forked
from checkout import CHECKOUT

PLUGINS = "ansible_collections.pkgops.registry_auth.plugins"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Makes a module of some code; gives its name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(code):
        name = f"module_{time.monotonic_ns()}"
        (tmp_path / f"{name}.py").write_text(code)
        return name

    return make


def test_it_gets_its_options_and_gives_its_result(module):
    code = """
from ansible.module_utils.basic import AnsibleModule
module = AnsibleModule({"name": {"type": "str"}}, supports_check_mode=True)
module.warn("look out")
module.exit_json(changed=module.check_mode, name=module.params["name"])
"""
    answer = run_forked(module(code), {"name": "token", "_ansible_check_mode": True}, {})

    result = json.loads(answer["stdout"])
    assert (answer["rc"], answer["stderr"]) == (0, "")
    assert (result["changed"], result["name"]) == (True, "token")
    assert "look out" in json.dumps(result["warnings"])


def test_it_fails_as_any_module(module):
    answer = run_forked(module("raise ValueError('boom')"), {}, {})

    assert answer["rc"] == 1
    result = json.loads(answer["stdout"])
    assert result["failed"] is True
    assert "boom" in json.dumps(result["exception"])


@pytest.mark.parametrize(
    ("code", "rc"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os; os._exit(7)", 7),
        ("raise SystemExit(3)", 3),
        ("raise SystemExit('enough')", 1),
        ("raise SystemExit", 0),
    ],
)
def test_its_end_is_its_own(module, code, rc):
    assert run_forked(module(code), {}, {}) == {"rc": rc, "stdout": "", "stderr": ""}


def test_what_no_module_raises_is_told(module):
    answer = run_forked(module("raise KeyboardInterrupt"), {}, {})

    assert (answer["rc"], answer["stdout"]) == (1, "")
    assert answer["stderr"].endswith("KeyboardInterrupt\n")


def test_it_may_say_much_on_both_ends(module):
    code = "import sys\nfor _one in range(20):\n    sys.stderr.write('e' * 100_000)\n    print('o' * 99_999)\nraise SystemExit"
    answer = run_forked(module(code), {}, {})

    assert len(answer["stderr"]) == len(answer["stdout"]) == 2_000_000


def test_its_environment_is_its_own(module, monkeypatch):
    monkeypatch.setenv("GIVEN", "before")
    code = "import os, sys\nprint(os.environ['GIVEN'], os.environ['ADDED'], repr(sys.stdin.read()))\nos.environ['GIVEN'] = 'after'\nraise SystemExit"
    answer = run_forked(module(code), {}, {"ADDED": 1})

    assert answer["stdout"] == "before 1 ''\n"
    assert os.environ["GIVEN"] == "before"
    assert "ADDED" not in os.environ


def test_a_task_whose_time_is_over_leaves_nothing_running(module, tmp_path):
    class TimeIsOver(BaseException):
        pass

    def over(_signal, _frame):
        raise TimeIsOver

    written = tmp_path / "pid"
    code = f"import os, time\nopen({str(written)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    name = module(code)
    before = signal.signal(signal.SIGALRM, over)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1)
        with pytest.raises(TimeIsOver):
            run_forked(name, {}, {})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(ProcessLookupError):
        os.kill(int(written.read_text()), 0)


def action(*, transport="local", become=None, delegate_to=None):
    made = DirectAction.__new__(DirectAction)
    made._task = SimpleNamespace(delegate_to=delegate_to)
    made._connection = SimpleNamespace(transport=transport, become=become)
    made._templar = Templar(loader=DataLoader(), variables={"ansible_playbook_python": sys.executable})
    return made


def test_a_module_runs_in_a_fork_where_ansible_would_run_it():
    assert action()._is_here({"ansible_python_interpreter": sys.executable})


def test_a_delegated_task_runs_where_it_is_delegated_to():
    there = {"ansible_python_interpreter": "/elsewhere/python", "ansible_delegated_vars": {}}
    here = {"ansible_python_interpreter": sys.executable, "ansible_delegated_vars": {}}
    there["ansible_delegated_vars"]["near"] = {"ansible_python_interpreter": sys.executable}
    here["ansible_delegated_vars"]["far"] = {"ansible_python_interpreter": "/elsewhere/python"}

    assert action(delegate_to="near")._is_here(there)
    assert not action(delegate_to="far")._is_here(here)


@pytest.mark.parametrize("other", [{"transport": "ssh"}, {"become": object()}])
def test_another_machine_or_user_has_it_transferred(other):
    assert not action(**other)._is_here({"ansible_python_interpreter": sys.executable})


@pytest.mark.parametrize(
    "variables", [{}, {"ansible_python_interpreter": "auto"}, {"ansible_python_interpreter": "/p"}]
)
def test_another_interpreter_has_it_transferred(variables):
    assert not action()._is_here(variables)


def test_who_wants_to_keep_the_files_gets_files(monkeypatch):
    monkeypatch.setattr(constants, "DEFAULT_KEEP_REMOTE_FILES", True)
    assert not action()._is_here({"ansible_python_interpreter": sys.executable})


@pytest.mark.parametrize(
    ("release", "known"), [("2.19.0", True), ("2.20.4", True), ("2.21.5", True), ("2.22.0", False), ("2.190.0", False)]
)
def test_an_unknown_ansible_runs_modules_in_its_own_way(monkeypatch, release, known):
    monkeypatch.setattr(_direct, "__version__", release)
    assert action()._is_here({"ansible_python_interpreter": sys.executable}) is known


def test_libraries_are_loaded_by_the_process_that_all_tasks_are_forked_from(module):
    good, bad = module("LOADED = True"), module("raise ValueError('broken')")

    class ActionModule(DirectAction):
        libraries = ("no_such_library", bad, good)

    assert sys.modules[good].LOADED
    code = f"import sys\nprint({good!r} in sys.modules)\nraise SystemExit"
    assert run_forked(module(code), {}, {})["stdout"] == "True\n"


@pytest.mark.parametrize("path", sorted((CHECKOUT / "plugins" / "action").glob("*.py")), ids=lambda path: path.stem)
def test_an_actions_libraries_are_those_of_its_module(path):
    """A name with a mistake in it would only cost time."""
    found = import_module(f"{PLUGINS}.action.{path.stem}")

    for library in found.ActionModule.libraries:
        import_module(library)


def test_what_a_module_imports_is_loaded_and_the_module_is_not():
    code = f"""
import sys
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([])
import {PLUGINS}.action.gcp_secret
print("{PLUGINS}.modules.gcp_secret" in sys.modules, "{PLUGINS}.module_utils._resources.gcp_secret" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False True\n"
