# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arrows between the collection's files, and what each kind of file may import and call.

    modules -> options, resources, engine -> API files -> pure files
    action plugins -> plugin_utils: _progress -> _direct -> _fork -> _core, _processes; _progress -> progress <- engine

A pure file can be tested with nothing but values; an API file is the only place that knows a vendor's library; only a
module ends a task. Action plugins run in Ansible's own process, and share with modules only how progress is told.
C(violations) reads the source and says where that does not hold.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

PACKAGE = "ansible_collections.pkgops.registry_auth.plugins"


@dataclass(frozen=True)
class Layer:
    """A kind of file: where it lies, and what it may know."""

    name: str
    #: Patterns of paths below plugins/. The first layer with one that matches has the file.
    files: tuple[str, ...]
    #: The layers whose files it may import.
    imports: frozenset[str] = frozenset()
    ansible: bool = False
    #: Vendors' libraries, and then only inside functions or for type checkers: a module without them must still be able
    #: to say what is missing, and those it does not need cost half a second each.
    libraries: bool = False
    #: Files of other collections, by their names in full.
    others: frozenset[str] = frozenset()


#: Where options, environment variables and clients of AWS come from.
AWS_MODULE = "ansible_collections.amazon.aws.plugins.module_utils.modules"

LAYERS = (
    Layer(
        "pure",
        (
            "module_utils/_censor.py",
            "module_utils/_errors.py",
            "module_utils/_values.py",
            "module_utils/_policy/*",
            # Names of resources lie with the API they belong to.
            "module_utils/_aws/names.py",
            "module_utils/_gcp/names.py",
            "module_utils/_github/names.py",
            "module_utils/_github/protection.py",
            # What an index decides, and a workflow file should be, is known without either.
            "module_utils/_pypi/id_tokens.py",
            "module_utils/_pypi/indexes.py",
            "module_utils/_pypi/mint_refusals.py",
            "module_utils/_pypi/problems.py",
            "module_utils/_pypi/provenance.py",
            "module_utils/_pypi/publishing_steps.py",
            "module_utils/_pypi/registration.py",
            "module_utils/_pypi/trusted_publishers.py",
            "module_utils/_pypi/workflow_checks.py",
            "module_utils/_pypi/workflows.py",
        ),
        imports=frozenset({"pure"}),
    ),
    Layer("retry", ("module_utils/_quota.py", "module_utils/_retry.py"), imports=frozenset({"pure", "retry"})),
    # Stands alone: both sides of Ansible import it.
    Layer("progress", ("module_utils/_progress.py", "module_utils/_lifeline.py"), imports=frozenset({"progress"})),
    Layer("HTTP", ("module_utils/_http.py",), imports=frozenset({"pure"}), libraries=True),
    Layer(
        "API",
        ("module_utils/_gcp/*", "module_utils/_aws/*", "module_utils/_pypi/*", "module_utils/_github/*"),
        imports=frozenset({"pure", "retry", "HTTP", "API"}),
        libraries=True,
    ),
    Layer(
        "engine",
        ("module_utils/_reconcile.py", "module_utils/_task.py"),
        imports=frozenset({"pure", "retry", "progress", "engine"}),
    ),
    Layer(
        "resource",
        ("module_utils/_resources/*",),
        imports=frozenset({"pure", "retry", "API", "engine", "resource"}),
    ),
    Layer(
        "options",
        ("module_utils/_options.py", "module_utils/_gcp_options.py"),
        imports=frozenset({"pure", "retry", "API", "options"}),
        ansible=True,
    ),
    Layer(
        "module",
        ("modules/*",),
        imports=frozenset({"pure", "engine", "resource", "options"}),
        ansible=True,
        others=frozenset({AWS_MODULE}),
    ),
    Layer(
        "fork",
        tuple(f"plugin_utils/{name}.py" for name in ("_core", "_environment", "_fork", "_processes")),
        imports=frozenset({"fork"}),
        ansible=True,
    ),
    Layer("direct", ("plugin_utils/_direct.py",), imports=frozenset({"fork"}), ansible=True),
    Layer(
        "controller", ("plugin_utils/_progress.py",), imports=frozenset({"direct", "fork", "progress"}), ansible=True
    ),
    Layer("action", ("action/*",), imports=frozenset({"controller", "direct"})),
    # Filters run in Ansible's own process, and share with modules what stands on no task.
    # The library is Ansible's own, Jinja2.
    Layer("filter", ("filter/*",), imports=frozenset({"pure", "API"}), ansible=True, libraries=True),
    # So do lookups, which read what is installed there.
    Layer("lookup", ("lookup/*",), ansible=True),
    Layer("documentation", ("doc_fragments/*",)),
)

ENDS_A_TASK = frozenset({"exit_json", "fail_json", "fail_json_aws"})


def layer_of(path: str) -> Layer | None:
    """The layer of a file, by its path below plugins/."""
    return next((layer for layer in LAYERS if any(fnmatch(path, pattern) for pattern in layer.files)), None)


def read_plugins(plugins: Path) -> dict[str, str]:
    """The source of every Python file, by its path below plugins/."""
    return {str(PurePosixPath(file.relative_to(plugins))): file.read_text("utf-8") for file in plugins.rglob("*.py")}


def violations(sources: Mapping[str, str]) -> list[str]:
    """What breaks a rule, one sentence each. C(sources) has the files by path below plugins/; they see only each other."""
    return [f"{path}:{sentence}" for path in sorted(sources) for sentence in _file_violations(path, sources)]


def _file_violations(path: str, sources: Mapping[str, str]) -> Iterator[str]:
    layer = layer_of(path)
    if layer is None:
        yield "1: belongs to no layer; give it a place in tests/tools/architecture.py"
        return
    tree = ast.parse(sources[path], path)
    for found in _imports(tree, path):
        yield from _import_violations(found, layer, sources)
    for node in ast.walk(tree):
        yield from _use_violations(node, layer)
    if layer.name == "module":
        yield from _module_violations(tree)


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


def _import_violations(found: Import, layer: Layer, sources: Mapping[str, str]) -> Iterator[str]:
    top = found.name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return
    if top == "ansible_collections":
        if {found.name, found.name.rpartition(".")[0]} & layer.others:
            return
        target = _file_of(found.name, sources)
        if target is None:
            yield f"{found.line}: imports {found.name}, which is no file of this collection"
            return
        imported = layer_of(target)
        if imported is None or imported.name not in layer.imports:
            kind = imported.name if imported else "unplaced"
            yield f"{found.line}: imports {target}, of layer {kind}; layer {layer.name} may not"
    elif top == "ansible":
        if not layer.ansible:
            yield f"{found.line}: imports Ansible; layer {layer.name} may not"
    elif not layer.libraries:
        yield f"{found.line}: imports the library {top}; layer {layer.name} may not"
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


def _use_violations(node: ast.AST, layer: Layer) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and node.attr in ENDS_A_TASK and layer.name != "module":
        yield f"{node.lineno}: uses {node.attr}; only a module ends a task"
    if layer.name != "API":
        return
    if (isinstance(node, ast.Name) and node.id == "module") or (isinstance(node, ast.arg) and node.arg == "module"):
        yield f"{node.lineno}: mentions `module`; an API file takes values"


def _module_violations(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield f"{node.lineno}: defines class {node.name}; a module is documentation and main()"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "main":
            yield f"{node.lineno}: defines {node.name}(); a module is documentation and main()"
        elif isinstance(node, ast.Lambda):
            yield f"{node.lineno}: defines a lambda; a module is documentation and main()"
