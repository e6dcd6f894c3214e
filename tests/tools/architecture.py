# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rooms of the collection's house, the arrows between them, and what each room may import and call.

    modules -> _machines -> _base
    modules -> _workflow -> _options, _resources -> _clients -> _domain -> _base
                         _resources -> _engine  ----------->  _base
    action plugins -> plugin_utils -> _engine/progress -> _engine/lifeline
                                   -> _domain/gcp/projects
    lookups -> plugin_utils/_lookups, plugin_utils/_misspelled, _options, _resources

The folder of a file is its room. A file of the domain can be tested with nothing but values; a client is the only place that knows
a vendor's library; only a module ends a task. Action plugins run in Ansible's own process, and share with modules only how
progress is told, and which names are of one project.

C(violations) reads the source and says where that does not hold; run as a script, prints the figures of the house.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath

PACKAGE = "ansible_collections.pkgops.registry_auth.plugins"


@dataclass(frozen=True)
class Room:
    """A kind of file: where it is, and what it may know."""

    name: str
    #: Patterns of paths below plugins/. The first room with one that matches has the file.
    files: tuple[str, ...]
    #: The rooms whose files it may import, besides its own.
    imports: frozenset[str] = frozenset()
    ansible: bool = False
    #: Libraries that it may import, C(*) for any, and then only inside functions or for type checkers: a module without them must
    #: still be able to say what is missing, and those it does not need cost half a second each.
    libraries: frozenset[str] = frozenset()
    #: Files of other collections, by their names in full.
    others: frozenset[str] = frozenset()

    def may_import_library(self, top: str) -> bool:
        """Whether it may import a library, by the name of its outermost package."""
        return "*" in self.libraries or top in self.libraries


#: Where options, environment variables and clients of AWS come from.
AWS_MODULE = "ansible_collections.amazon.aws.plugins.module_utils.modules"

AWS_LOOKUP = "ansible_collections.amazon.aws.plugins.plugin_utils.lookup"

ANY = frozenset({"*"})
DOMAIN = frozenset(
    {
        "iam",
        "projects",
        "domain gcp",
        "domain github",
        "codeartifact",
        "publishing",
        "protection",
        "package clients",
        "report",
    }
)
CLIENTS = frozenset({"http", "gcp", "aws", "github", "pypi"})


def _utils(name: str, folder: str, *imports: str, **rest: frozenset[str] | bool) -> Room:
    return Room(name, (f"module_utils/{folder}",), frozenset({"base", *imports}), **rest)


ROOMS = (
    _utils("base", "_base/*"),
    # What holds for policies of any service, then services, then what is said of them all.
    _utils("iam", "_domain/iam/*"),
    # Both sides of Ansible import it.
    Room("projects", ("module_utils/_domain/gcp/projects.py",)),
    _utils("domain gcp", "_domain/gcp/*", "iam", "projects"),
    _utils("domain github", "_domain/github/*"),
    _utils("codeartifact", "_domain/codeartifact/*", "iam"),
    # A workflow file is YAML: the library reads it, and asks nobody.
    _utils("publishing", "_domain/publishing/*", libraries=frozenset({"ruamel"})),
    # Whether public packages can come in place of ours, in any cloud.
    _utils("protection", "_domain/protection/*", "codeartifact"),
    # Where clients find repositories of any cloud, and how they log in.
    _utils("package clients", "_domain/package_clients/*", "domain gcp", "codeartifact"),
    _utils("report", "_domain/report/*", "iam", "domain gcp", "codeartifact"),
    # No client knows another; what they share is http.
    _utils("http", "_clients/http/*", libraries=ANY),
    _utils("gcp", "_clients/gcp/*", "http", *DOMAIN, libraries=ANY),
    _utils("aws", "_clients/aws/*", "http", *DOMAIN, libraries=ANY),
    _utils("github", "_clients/github/*", "http", *DOMAIN, libraries=ANY),
    _utils("pypi", "_clients/pypi/*", "http", *DOMAIN, libraries=ANY),
    # Both sides of Ansible import it.
    Room("progress", ("module_utils/_engine/progress.py", "module_utils/_engine/lifeline.py")),
    _utils("engine", "_engine/*", "progress"),
    _utils("parts of resources", "_resources/parts/*", "engine", *DOMAIN, *CLIENTS),
    _utils("resources", "_resources/*", "engine", "parts of resources", *DOMAIN, *CLIENTS),
    _utils("options", "_options/*", *DOMAIN, *CLIENTS, ansible=True, others=frozenset({AWS_MODULE})),
    # Files of package clients, on managed hosts and their Pythons: nothing of it calls anybody.
    _utils("machines", "_machines/*"),
    # Resources in the order of a workflow, over many scopes.
    _utils(
        "workflow",
        "_workflow/*",
        "engine",
        "progress",
        "resources",
        "parts of resources",
        "options",
        *DOMAIN,
        *CLIENTS,
    ),
    # Two modules that are the same but for what they name have a part for their resource.
    Room(
        "module",
        ("modules/*",),
        imports=frozenset({"engine", "resources", "parts of resources", "options", "workflow", "machines", *DOMAIN}),
        ansible=True,
    ),
    # They read as modules do, in Ansible's own process.
    Room("parts of lookups", ("plugin_utils/_lookups.py",), imports=frozenset({"base", "engine"}), ansible=True),
    # Whose variables they are, an action plugin and a lookup know.
    Room("spelling", ("plugin_utils/_misspelled.py",)),
    Room("plugin_utils", ("plugin_utils/*",), imports=frozenset({"progress", "spelling", "projects"}), ansible=True),
    Room("action", ("action/*",), imports=frozenset({"plugin_utils"})),
    # Filters run in Ansible's own process, and share with modules what belongs to no task.
    # The library is Ansible's own, Jinja2.
    Room("filter", ("filter/*",), imports=frozenset({"base", "options", "pypi", *DOMAIN}), ansible=True, libraries=ANY),
    # So do lookups, which read what is installed there, or what the resources of modules read.
    Room(
        "lookup",
        ("lookup/*",),
        imports=frozenset(
            {"base", "engine", "resources", "parts of resources", "options", "parts of lookups", "spelling", *DOMAIN}
        ),
        ansible=True,
        others=frozenset({AWS_LOOKUP}),
    ),
    Room("documentation", ("doc_fragments/*",)),
)

#: What only a few rooms may do, since each is told once: by the last part of what is called, and where that is.
ONLY_IN = {
    # Others would take logins from the environment, follow redirects, and read without a bound.
    "Session": ("module_utils/_clients/http/", "makes an HTTP session"),
    "AuthorizedSession": ("module_utils/_clients/http/", "makes an HTTP session"),
    "HTTPAdapter": ("module_utils/_clients/http/", "makes an HTTP session"),
    "urlopen": ("module_utils/_clients/http/", "makes an HTTP session"),
    # What may be sent over plain http is for parse_endpoint() to say, and for the sessions to see to.
    "is_loopback": (("module_utils/_base/values.py", "module_utils/_clients/http/"), "decides about plain http"),
}
#: Functions of the library requests that make a session of their own.
REQUESTS = frozenset({"request", "get", "head", "options", "post", "put", "patch", "delete"})

ENDS_A_TASK = frozenset({"exit_json", "fail_json", "fail_json_aws"})


def room_of(path: str) -> Room | None:
    """The room of a file, by its path below plugins/."""
    return next((room for room in ROOMS if any(fnmatch(path, pattern) for pattern in room.files)), None)


def read_plugins(plugins: Path) -> dict[str, str]:
    """The source of every Python file, by its path below plugins/."""
    return {str(PurePosixPath(file.relative_to(plugins))): file.read_text("utf-8") for file in plugins.rglob("*.py")}


def violations(sources: Mapping[str, str]) -> list[str]:
    """What breaks a rule, one sentence each. C(sources) has the files by path below plugins/; they see only each other."""
    found = [f"{path}:{sentence}" for path in sorted(sources) for sentence in _file_violations(path, sources)]
    return [*found, *_circle_violations(sources)]


def _circle_violations(sources: Mapping[str, str]) -> Iterator[str]:
    try:
        TopologicalSorter(arrows(sources)).prepare()
    except CycleError as circle:
        # graphlib names the circle with its first file once more at the end.
        yield f"{circle.args[1][0]}:1: imports itself by way of {', '.join(circle.args[1][1:-1])}"


def arrows(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """The files that each file imports, inside functions too."""
    return {
        path: {target for found in imports_of(path, sources[path]) if (target := _file_of(found.name, sources))}
        for path in sources
    }


def _file_violations(path: str, sources: Mapping[str, str]) -> Iterator[str]:
    room = room_of(path)
    if room is None:
        yield "1: belongs to no room; give it a place in tests/tools/architecture.py"
        return
    tree = ast.parse(sources[path], path)
    for found in _imports(tree, path):
        yield from _import_violations(found, room, sources)
    for node in ast.walk(tree):
        yield from _use_violations(node, room)
        if path.startswith("module_utils/"):
            yield from _told_once_violations(node, path)
    if room.name == "module":
        yield from _module_violations(tree)
    if room.name == "resources" and f"modules/{PurePosixPath(path).name}" not in sources:
        yield "1: is no module's; what several resources share belongs to _resources/parts"


def imports_of(path: str, source: str) -> list[Import]:
    """What a file imports."""
    return list(_imports(ast.parse(source, path), path))


@dataclass(frozen=True)
class Import:
    """A name that a file imports, in full and without relative dots, and whether importing the file imports it."""

    line: int
    name: str
    at_once: bool


def _imports(tree: ast.Module, path: str) -> Iterator[Import]:
    package = [*PACKAGE.split("."), *PurePosixPath(path).parent.parts]

    def visit(node: ast.AST, at_once: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (Import(node.lineno, name, at_once) for name in _full_names(node, package))
            return
        later = node.body if _runs_later(node) else ()
        for child in ast.iter_child_nodes(node):
            yield from visit(child, at_once and child not in later)

    yield from visit(tree, True)


def _runs_later(node: ast.AST) -> bool:
    """Whether importing the file leaves the node's body alone: a function, or a branch for type checkers."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test).endswith("TYPE_CHECKING")
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _full_names(node: ast.Import | ast.ImportFrom, package: list[str]) -> Iterator[str]:
    base = []
    if isinstance(node, ast.ImportFrom):
        # One dot is the file's own package, each further one the package above.
        above = package[: len(package) - node.level + 1] if node.level else []
        base = [*above, *filter(None, [node.module])]
    for alias in node.names:
        yield ".".join([*base, alias.name])


def _import_violations(found: Import, room: Room, sources: Mapping[str, str]) -> Iterator[str]:
    top = found.name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return
    if top == "ansible_collections":
        if {found.name, found.name.rpartition(".")[0]} & room.others:
            return
        target = _file_of(found.name, sources)
        if target is None:
            yield f"{found.line}: imports {found.name}, which is no file of this collection"
            return
        imported = room_of(target)
        if imported is None or imported.name not in room.imports | {room.name}:
            kind = imported.name if imported else "unplaced"
            yield f"{found.line}: imports {target}, of room {kind}; room {room.name} may not"
    elif top == "ansible":
        if not room.ansible:
            yield f"{found.line}: imports Ansible; room {room.name} may not"
    elif not room.may_import_library(top):
        yield f"{found.line}: imports the library {top}; room {room.name} may not"
    elif found.at_once:
        yield f"{found.line}: imports the library {top} outside a function"


def _file_of(name: str, sources: Mapping[str, str]) -> str | None:
    """The file that an imported name is, or stands in: C(from package import module) and C(from module import thing)."""
    if not name.startswith(f"{PACKAGE}."):
        return None
    parts = name.removeprefix(f"{PACKAGE}.").split(".")
    for known in (parts, parts[:-1]):
        stem = "/".join(known)
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            if path in sources:
                return path
    return None


def _is_super(node: ast.expr) -> bool:
    """Whether a method that stands in for another one calls that, which ends a task no sooner."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def _use_violations(node: ast.AST, room: Room) -> Iterator[str]:
    if (
        isinstance(node, ast.Attribute)
        and node.attr in ENDS_A_TASK
        and room.name != "module"
        and not _is_super(node.value)
    ):
        yield f"{node.lineno}: uses {node.attr}; only a module ends a task"
    if room.name not in CLIENTS:
        return
    if (isinstance(node, ast.Name) and node.id == "module") or (isinstance(node, ast.arg) and node.arg == "module"):
        yield f"{node.lineno}: mentions `module`; a client takes values"


def _told_once_violations(node: ast.AST, path: str) -> Iterator[str]:
    """What a file does though another one is the place for it."""
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        places, what = ONLY_IN.get(called.rpartition(".")[2], ("", ""))
        if what and not path.startswith(places):
            yield f"{node.lineno}: {what}"
        if called.startswith("requests.") and called.partition(".")[2] in REQUESTS:
            yield f"{node.lineno}: makes an HTTP session"
    elif isinstance(node, ast.Compare):
        compared = {part.value for part in [node.left, *node.comparators] if isinstance(part, ast.Constant)}
        if "http" in compared and not path.startswith(ONLY_IN["is_loopback"][0]):
            yield f"{node.lineno}: decides about plain http"


def _module_violations(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield f"{node.lineno}: defines class {node.name}; a module is documentation and main()"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "main":
            yield f"{node.lineno}: defines {node.name}(); a module is documentation and main()"
        elif isinstance(node, ast.Lambda):
            yield f"{node.lineno}: defines a lambda; a module is documentation and main()"


def figures(sources: Mapping[str, str]) -> list[tuple[str, int]]:
    """What the house is made of: a name and a number each."""
    between = {
        (str(PurePosixPath(path).parent), str(PurePosixPath(target).parent))
        for path, targets in arrows(sources).items()
        for target in targets
    }
    return [
        ("rooms", len({str(PurePosixPath(path).parent) for path in sources})),
        ("files", len(sources)),
        ("lines", sum(source.count("\n") for source in sources.values())),
        (
            "lines of module_utils",
            sum(text.count("\n") for path, text in sources.items() if path.startswith("module_utils/")),
        ),
        ("arrows between rooms", sum(source != target for source, target in between)),
        ("pairs of rooms that import each other", sum((b, a) in between for a, b in between if a < b)),
        ("files in circles", len(in_circles(arrows(sources)))),
        ("climbs and other violations", len(violations(sources))),
        ("action plugins", sum(path.startswith("action/") for path in sources)),
    ]


def in_circles(graph: Mapping[str, set[str]]) -> set[str]:
    """The files from which a way of arrows leads back to them."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(graph[start])
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += graph[one]
        return seen

    return {path for path in graph if path in reached(path)}


if __name__ == "__main__":
    for name, number in figures(read_plugins(Path(*sys.argv[1:2] or ["plugins"]))):
        print(f"{number:6}  {name}")
