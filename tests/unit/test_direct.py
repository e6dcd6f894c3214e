# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""When a module runs in a fork, and that the fork is as good as a process of its own."""

from __future__ import annotations

import gc
import inspect
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest
from ansible import constants
from ansible._internal._datatag._tags import TrustedAsTemplate
from ansible.errors import AnsibleActionFail
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.template import Templar
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils import _core, _direct, _fork, _processes
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._direct import SWITCH, SWITCH_OF_ALL, DirectAction
from ansible_collections.pkgops.registry_auth.plugins.plugin_utils._environment import read_at_start
from checkout import CHECKOUT

#: Seconds after which a test that waits for a process is lost.
LONG = 10

PLUGINS = "ansible_collections.pkgops.registry_auth.plugins"


def run_forked(module, options, environment):
    given = json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode()
    (ended,) = _fork.run_forked([_fork.Job(module, given, environment)])
    return ended


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


def run_and_go_on(name, told):
    """In a process: run a module, and say how it went."""
    try:
        answer = run_forked(name, {}, {})
    except BaseException as error:
        answer = {"rc": repr(error)}
    with open(told, "a") as file:
        file.write(f"{answer['rc']}\n")


def test_it_is_never_a_second_worker(module, tmp_path):
    name, told = module("import os\nos.close(2)\nraise KeyboardInterrupt"), tmp_path / "told"
    worker = multiprocessing.get_context("fork").Process(target=run_and_go_on, args=(name, str(told)))
    worker.start()
    worker.join(LONG)

    assert told.read_text() == "1\n"


def test_it_may_say_much_on_both_ends(module):
    code = "import sys\nfor _one in range(20):\n    sys.stderr.write('e' * 100_000)\n    print('o' * 99_999)\nraise SystemExit"
    answer = run_forked(module(code), {}, {})

    assert len(answer["stderr"]) == len(answer["stdout"]) == 2_000_000


def test_its_environment_is_its_own(module, monkeypatch):
    monkeypatch.setenv("GIVEN", "before")
    code = "import os, sys\nprint(os.environ['GIVEN'], os.environ['ADDED'], repr(sys.stdin.read()))\nos.environ['GIVEN'] = 'after'\nraise SystemExit"
    answer = run_forked(module(code), {}, {"ADDED": "1"})

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


HERE = {"ansible_python_interpreter": sys.executable}


def action(*, transport="local", become=None, delegate_to=None, environment=None):
    class ActionModule(DirectAction):
        """Says that it would have been transferred."""

    made = ActionModule.__new__(ActionModule)
    made._task = SimpleNamespace(
        action="pkgops.registry_auth.gcp_secret", args={}, delegate_to=delegate_to, environment=environment, async_val=0
    )
    shell = SimpleNamespace(env_prefix=lambda **_variables: "")
    made._connection = SimpleNamespace(transport=transport, become=become, _shell=shell)
    made._templar = Templar(loader=DataLoader(), variables={"ansible_playbook_python": sys.executable, "no": False})
    return made


@pytest.fixture
def forks(monkeypatch):
    """Whether an action forks, of which nothing is run."""
    monkeypatch.delenv(SWITCH_OF_ALL, raising=False)
    monkeypatch.setattr(_core, "module_options", lambda _action, _task_vars: b"{}")
    monkeypatch.setattr(_direct, "run_forked", lambda _jobs: [{"rc": 0, "stdout": '{"forked": true}', "stderr": ""}])
    monkeypatch.setattr(NormalAction, "_execute_module", lambda _self, **_kwargs: {"forked": False})
    return lambda action, variables: action._execute_module(task_vars=variables)["forked"]


def test_a_module_runs_in_a_fork_where_ansible_would_run_it(forks):
    assert forks(action(), HERE)


def test_a_delegated_task_runs_where_it_is_delegated_to(forks):
    elsewhere = {"ansible_python_interpreter": "/elsewhere/python"}

    assert forks(action(delegate_to="near"), {**elsewhere, "ansible_delegated_vars": {"near": HERE}})
    assert not forks(action(delegate_to="far"), {**HERE, "ansible_delegated_vars": {"far": elsewhere}})


@pytest.mark.parametrize("other", [{"transport": "ssh"}, {"become": object()}])
def test_another_machine_or_user_has_it_transferred(forks, other):
    assert not forks(action(**other), HERE)


@pytest.mark.parametrize(
    "variables", [{}, {"ansible_python_interpreter": "auto"}, {"ansible_python_interpreter": "/p"}]
)
def test_another_interpreter_has_it_transferred(forks, variables):
    assert not forks(action(), variables)


def test_who_wants_to_keep_the_files_gets_files(forks, monkeypatch):
    monkeypatch.setattr(constants, "DEFAULT_KEEP_REMOTE_FILES", True)
    assert not forks(action(), HERE)


def test_macos_forks_nothing(forks, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not forks(action(), HERE)


@pytest.mark.parametrize("off", [False, "false", "no", "No", "off", "0", 0, "{{ no }}"])
def test_a_host_can_switch_it_off(forks, monkeypatch, off):
    off = TrustedAsTemplate().tag(off) if isinstance(off, str) else off
    monkeypatch.setenv(SWITCH_OF_ALL, "true")
    assert not forks(action(), {**HERE, SWITCH: off})


@pytest.mark.parametrize("off", ["false", "no", "off", "0"])
def test_all_hosts_can_switch_it_off(forks, monkeypatch, off):
    monkeypatch.setenv(SWITCH_OF_ALL, off)
    assert not forks(action(), HERE)
    assert forks(action(), {**HERE, SWITCH: "yes"})


@pytest.mark.parametrize("on", ["true", "yes", "1", ""])
def test_it_is_on_by_itself_and_when_it_is_said(forks, monkeypatch, on):
    monkeypatch.setenv(SWITCH_OF_ALL, on)
    assert forks(action(), HERE)


def test_a_switch_is_on_or_off(forks, monkeypatch):
    with pytest.raises(AnsibleActionFail, match=f"{SWITCH} must be true or false"):
        forks(action(), {**HERE, SWITCH: "sometimes"})
    monkeypatch.setenv(SWITCH_OF_ALL, "sometimes")
    with pytest.raises(AnsibleActionFail, match=f"{SWITCH_OF_ALL} must be true or false"):
        forks(action(), HERE)


@pytest.mark.parametrize(
    "name",
    [
        *("PYTHONPATH", "PYTHONWARNINGS", "LD_PRELOAD", "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "MALLOC_ARENA_MAX"),
        *("LC_ALL", "LANG", "TZ", "OPENSSL_CONF", "GCE_METADATA_HOST", "GRPC_VERBOSITY", "HOME"),
    ],
)
def test_what_only_a_starting_process_reads_starts_one(forks, monkeypatch, name):
    monkeypatch.delenv(name, raising=False)
    assert not forks(action(environment=[{name: "value"}]), HERE)
    # What it would have anyway is no reason.
    monkeypatch.setenv(name, "value")
    assert forks(action(environment=[{name: "value"}]), HERE)


@pytest.mark.parametrize("name", ["AWS_PROFILE", "GCP_PROJECT", "HTTPS_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_what_is_read_when_it_is_used_is_no_reason_to_start_one(forks, monkeypatch, name):
    monkeypatch.delenv(name, raising=False)
    assert forks(action(environment=[{name: "value"}]), HERE)


@pytest.mark.parametrize("wanted", ["LANGUAGE", "MYLD_PRELOAD", "TZDIR", "python"])
def test_names_are_whole(wanted):
    assert read_at_start({wanted: "value"}, {}) == []


@pytest.fixture
def parts():
    """The private parts of ansible-core, looked at anew."""
    _core.unexpected.cache_clear()
    yield _core.PARTS
    _core.unexpected.cache_clear()


def test_all_parts_of_this_ansible_are_as_expected(parts):
    assert _core.unexpected() == ""


def put_in_place(monkeypatch, part, *replacement):
    """Have ansible-core hold something else in place of a part, or nothing."""
    module = import_module(part.module)
    outer, _dot, inner = part.name.partition(".")
    if inner:
        found = getattr(module, outer)
        held = {name: getattr(found, name) for name in dir(found) if name != inner and hasattr(found, name)}
        held |= dict.fromkeys([inner] if replacement else [], *replacement)
        monkeypatch.setattr(module, outer, SimpleNamespace(**held))
    elif replacement:
        monkeypatch.setattr(module, outer, *replacement)
    else:
        monkeypatch.delattr(module, outer)


@pytest.mark.parametrize("part", _core.PARTS, ids=str)
def test_ansible_without_one_of_its_parts_has_it_transferred(parts, forks, monkeypatch, part):
    made = action()
    assert forks(made, HERE)
    _core.unexpected.cache_clear()
    put_in_place(monkeypatch, part)

    assert not forks(made, HERE)
    assert str(part) in _core.unexpected()


def wants_another(*, argument):
    raise AssertionError(argument)


@pytest.mark.parametrize("part", [part for part in _core.PARTS if part.arguments is not None], ids=str)
def test_ansible_that_wants_other_arguments_has_it_transferred(parts, forks, monkeypatch, part):
    made = action()
    _core.unexpected.cache_clear()
    put_in_place(monkeypatch, part, wants_another)

    assert not forks(made, HERE)
    assert str(part) in _core.unexpected()


def test_ansible_that_wants_the_secrets_of_a_module_forks(parts, module, forks, monkeypatch):
    """As ansible-core 2.22, which has a keyword more that must be given."""
    as_before = import_module(_core.RUN_MODULE.module).run_module
    known = "secrets" in inspect.signature(as_before).parameters

    def run(*, json_params, profile, module_fqn, modlib_path, extensions, secrets):
        more = {"secrets": secrets} if known else {}
        as_before(
            json_params=json_params,
            profile=profile,
            module_fqn=module_fqn,
            modlib_path=modlib_path,
            extensions=extensions,
            **more,
        )

    _core.unexpected.cache_clear()
    put_in_place(monkeypatch, _core.RUN_MODULE, run)
    assert forks(action(), HERE)
    code = "from ansible.module_utils.basic import AnsibleModule\nAnsibleModule({}).exit_json(changed=True)"
    assert json.loads(run_forked(module(code), {}, {})["stdout"])["changed"] is True


@pytest.mark.parametrize("returned", [None, {}, {"changed": False}, SimpleNamespace(changed=True)])
def test_ansible_that_reads_results_in_another_way_has_it_transferred(forks, monkeypatch, returned):
    monkeypatch.setattr(NormalAction, "_parse_returned_data", lambda _self, _res, _profile: returned)
    assert not forks(action(), HERE)


def test_ansible_with_a_class_for_results_forks(forks, monkeypatch):
    """As that of ansible-core 2.21."""

    class Result:
        def __init__(self, text):
            self._text = text

        def as_result_dict(self, *, for_round_trip):
            assert for_round_trip
            return json.loads(self._text)

    monkeypatch.setattr(NormalAction, "_parse_returned_data", lambda _self, res, _profile: Result(res["stdout"]))
    assert forks(action(), HERE)


@pytest.mark.parametrize("step", ["module_options", "module_environment", "interpreter"])
def test_what_else_goes_wrong_before_a_fork_has_it_transferred(forks, monkeypatch, step):
    def fail(*_arguments):
        raise KeyError("unheard of")

    monkeypatch.setattr(_core, step, fail)
    assert not forks(action(), HERE)


def test_nothing_is_tuned_in_ansibles_process_or_its_workers(module):
    before = gc.get_freeze_count(), gc.get_threshold()

    class ActionModule(DirectAction):
        pass

    answer = run_forked(
        module("import gc\nprint(gc.get_freeze_count() > 0, gc.get_threshold()[0])\nraise SystemExit"), {}, {}
    )

    assert (gc.get_freeze_count(), gc.get_threshold()) == before
    assert answer["stdout"] == f"True {_fork.GARBAGE}\n"


def test_it_has_no_file_open_that_the_worker_has(module, tmp_path):
    """But three pipes: its output, its errors, and the one that ends it with the worker."""
    kept = (tmp_path / "kept").open("w")
    reader, writer = os.pipe()
    code = """
import os
from pathlib import Path
found = [file for file in Path("/proc/self/fd").iterdir() if int(file.name) > 2 and file.exists()]
print(sorted({os.readlink(file).partition(":")[0] for file in found}))
raise SystemExit
"""
    answer = run_forked(module(code), {}, {})
    kept.close()
    os.close(reader)
    os.close(writer)

    assert answer["stdout"] == "['/dev/null', 'pipe']\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_it_whatever_its_threads_do(module, number):
    """Python would run a handler in the main thread alone, which waits for the others."""
    before = signal.signal(number, lambda *_args: None)
    code = f"""
import os, threading, time
for _one in range(4):
    threading.Thread(target=time.sleep, args=(10,)).start()
threading.Timer(0.2, os.kill, (os.getpid(), {int(number)})).start()
threading.Event().wait(10)
"""
    try:
        assert run_forked(module(code), {}, {})["rc"] == -number
    finally:
        signal.signal(number, before)


def run_and_say(name, told):
    """In a process: run a module, and say its number."""
    _core.unexpected()
    run_forked(name, {}, {"TOLD": told})


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_it_ends_with_its_worker(module, tmp_path, number):
    told = tmp_path / "pid"
    name = module("import os, time\nopen(os.environ['TOLD'], 'w').write(f'{os.getpid()} ')\ntime.sleep(60)")
    worker = multiprocessing.get_context("fork").Process(target=run_and_say, args=(name, str(told)))
    worker.start()
    wait_for(lambda: told.exists() and told.read_text().endswith(" "))
    os.kill(worker.pid, number)
    worker.join(LONG)

    wait_for(lambda: not alive(int(told.read_text())))


def controller(name, told):
    """As Ansible starts a worker."""
    process = multiprocessing.get_context("fork").Process(target=session, args=(name, told))
    process.start()
    Path(told).with_name("worker").write_text(f"{process.pid} ")
    process.join()


def session(name, told):
    os.setsid()
    with _processes.ending_with_parent():
        run_and_say(name, told)


def test_a_worker_ends_with_ansible_and_with_it_all_that_it_started(module, tmp_path):
    told = tmp_path / "pid"
    code = """
import os, subprocess, time
child = subprocess.Popen(["sleep", "60"])
open(os.environ["TOLD"], "w").write(f"{os.getpid()} {child.pid} ")
time.sleep(60)
"""
    ansible = multiprocessing.get_context("fork").Process(target=controller, args=(module(code), str(told)))
    ansible.start()
    worker = tmp_path / "worker"
    wait_for(lambda: all(file.exists() and file.read_text().endswith(" ") for file in (told, worker)))
    ansible.kill()
    ansible.join(LONG)

    pids = [int(pid) for file in (told, worker) for pid in file.read_text().split()]
    wait_for(lambda: not any(map(alive, pids)))


def wait_for(condition):
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid):
    """Whether a process runs: one that nobody has asked about since its end does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def jobs_that_meet(module, tmp_path, number):
    """Jobs that each print their number once all of them run."""
    code = f"""
import os, pathlib, time
place = pathlib.Path({str(tmp_path)!r}, "met")
place.mkdir(exist_ok=True)
(place / os.environ["NUMBER"]).touch()
end = time.monotonic() + {LONG}
while len(list(place.iterdir())) < {number} and time.monotonic() < end:
    time.sleep(0.01)
print(os.environ["NUMBER"], len(list(place.iterdir())))
raise SystemExit
"""
    name = module(code)
    return [_fork.Job(name, b"{}", {"NUMBER": str(one)}) for one in range(number)]


def test_several_run_at_once_and_come_back_in_their_order(module, tmp_path):
    ended = _fork.run_forked(jobs_that_meet(module, tmp_path, 3), 3)
    assert [one["stdout"] for one in ended] == ["0 3\n", "1 3\n", "2 3\n"]


def test_no_more_run_at_once_than_may(module, tmp_path):
    code = f"""
import os, pathlib, time
place = pathlib.Path({str(tmp_path)!r}, "running")
place.mkdir(exist_ok=True)
mine = place / os.environ["NUMBER"]
mine.touch()
time.sleep(0.2)
print(len(list(place.iterdir())))
mine.unlink()
raise SystemExit
"""
    name = module(code)
    ended = _fork.run_forked([_fork.Job(name, b"{}", {"NUMBER": str(one)}) for one in range(5)], 2)
    assert {one["stdout"] for one in ended} <= {"1\n", "2\n"}
    assert len(ended) == 5


def test_all_of_them_end_when_the_wait_for_them_is_interrupted(module, tmp_path):
    code = f"""
import os, pathlib, time
pathlib.Path({str(tmp_path)!r}, f"pid-{{os.getpid()}}").touch()
time.sleep(60)
"""
    name = module(code)

    def interrupt(*_args):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 2)
        with pytest.raises(TimeoutError):
            _fork.run_forked([_fork.Job(name, b"{}", {})] * 3, 2)
    finally:
        signal.signal(signal.SIGALRM, before)
    pids = [int(file.name.partition("-")[2]) for file in tmp_path.glob("pid-*")]
    assert len(pids) == 2
    assert not any(map(alive, pids))


def test_an_interrupt_while_one_is_waited_for_ends_the_others(module, tmp_path, monkeypatch):
    """The one that has ended cannot be killed, which is no reason to leave the others running, or to hide what interrupted."""
    quick = module("raise SystemExit")
    slow = module(f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)")
    wait = _fork.Fork.ended

    def ended(fork):
        wait(fork)
        while not (tmp_path / "pid").exists():
            time.sleep(0.05)
        raise TimeoutError

    monkeypatch.setattr(_fork.Fork, "ended", ended)
    with pytest.raises(TimeoutError):
        _fork.run_forked([_fork.Job(quick, b"{}", {}), _fork.Job(slow, b"{}", {})], 2)
    assert not alive(int((tmp_path / "pid").read_text()))


def test_where_the_system_starts_no_more_those_that_run_are_waited_for(module, monkeypatch):
    name, start, running = module("print('done')\nraise SystemExit"), _fork._start, []

    def limited(job):
        running[:] = [fork for fork in running if alive(fork.process)]
        if len(running) == 2:
            raise OSError(11, "Resource temporarily unavailable")
        running.append(start(job))
        return running[-1]

    monkeypatch.setattr(_fork, "_start", limited)
    ended = _fork.run_forked([_fork.Job(name, b"{}", {})] * 5, 5)
    assert [one["stdout"] for one in ended] == ["done\n"] * 5


def test_where_the_system_starts_none_it_says_so(monkeypatch):
    def refused(_job):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(_fork, "_start", refused)
    with pytest.raises(OSError, match="temporarily"):
        _fork.run_forked([_fork.Job("module", b"{}", {})], 5)


def test_libraries_are_loaded_by_the_process_that_all_tasks_are_forked_from(module):
    good, bad, other = module("LOADED = True"), module("raise ValueError('broken')"), module("LOADED = True")

    class ActionModule(DirectAction):
        libraries: ClassVar = {"test_*": ("no_such_library", bad, good), "other_*": (other,)}

    assert sys.modules[good].LOADED
    assert other not in sys.modules
    code = f"import sys\nprint({good!r} in sys.modules)\nraise SystemExit"
    assert run_forked(module(code), {}, {})["stdout"] == "True\n"


@pytest.mark.parametrize("path", sorted((CHECKOUT / "plugins" / "action").glob("*.py")), ids=lambda path: path.stem)
def test_an_actions_libraries_are_those_of_its_module(path):
    """A name with a mistake in it would only cost time."""
    found = import_module(f"{PLUGINS}.action.{path.stem}")

    # One that runs no module loads nothing.
    for libraries in getattr(found.ActionModule, "libraries", {}).values():
        for library in libraries:
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
