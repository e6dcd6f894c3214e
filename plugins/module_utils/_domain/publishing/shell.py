# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of a shell script in a workflow, as far as their words tell. Pure.

Source: POSIX's shell language, and the documentation of the programs that start others. What only a shell can tell stays as it is written.
"""

from __future__ import annotations

import re
import typing as t
from bisect import bisect_right
from dataclasses import dataclass, field

from .expressions import spans

#: Programs that start each other. Behind that, who starts what is not followed.
_DEEPEST = 20
#: Variables of a script that are kept. Each command has them all.
_MOST_VARIABLES = 1000


def word_set(words: str) -> frozenset[str]:
    """The words of a text, for tables of them."""
    return frozenset(words.split())


_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?[ \t]*(['\"]?)(\w+)\1")
_QUOTED = re.compile(r"""\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"|(['"\\])|[^'"\\]+""", re.DOTALL)
_TOKEN = re.compile(
    r"""
      (?P<gap>[ \t\r]+|\\\r?\n)
    | (?P<comment>\#[^\n]*)
    | (?P<redirection>\d?(?:>>?|<)[&|]?[ \t]*)
    | (?P<end>[\n;&|()]+)
    | (?P<word>(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s;&|()<>\\'"])+|.)
    """,
    re.DOTALL | re.VERBOSE,
)
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(?!=)(.*)", re.DOTALL)
_KEYWORDS = frozenset({"!", "{", "&", "do", "elif", "else", "if", "then", "until", "while"})
_SHELLS = frozenset({"bash", "dash", "ksh", "sh", "zsh"})
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*|py")

_UV = (
    "--allow-insecure-host --cache-dir --color --config-file --default-index --directory --env-file --exclude-newer --extra --from "
    "--group --index --index-url --keyring-provider --link-mode --only-group --package --project --python --resolution "
    "--with --with-editable --with-requirements -C -P -f -i -p -w"
)
#: What starts another program, with its options that take a value.
_STARTERS: dict[tuple[str, ...], frozenset[str]] = {
    tuple(name.split()): word_set(options)
    for name, options in {
        "chronic": "",
        "command": "",
        "conda run": "--cwd --name --prefix -n -p",
        "doas": "-u",
        "env": "--chdir --unset -C -u",
        "exec": "-a",
        "hatch run": "",
        "ionice": "-c -n",
        "mamba run": "--cwd --name --prefix -n -p",
        "micromamba run": "--cwd --name --prefix -n -p",
        "nice": "--adjustment -n",
        "nohup": "",
        "parallel": "-j",
        "pdm run": "--project -p",
        "pipenv run": "",
        "pipx run": "--index-url --pip-args --python --spec",
        "pixi run": "--environment --manifest-path -e",
        "poetry run": "--directory --project -C -P",
        "rye run": "",
        "setsid": "",
        "stdbuf": "-e -i -o",
        "sudo": "--group --user -C -g -u",
        "time": "-f -o",
        "timeout": "--kill-after --signal -k -s",
        "uv run": _UV,
        "uv tool run": _UV,
        "uvx": _UV,
        "xargs": "-E -I -L -P -a -d -n -s",
    }.items()
}
#: Options of those that name what is installed for the program.
_REQUIRING = frozenset({"--from", "--spec", "--with", "-w"})
#: Options of clients and starters that stand before the word that says what to do, and take a value.
_BEFORE_VERBS = word_set("--cache-dir --color --config-file --directory --env --project --python -C -P -e -p")


@dataclass(frozen=True)
class Command:
    """A program that a script starts, after all that starts it in turn."""

    words: tuple[str, ...]
    #: The shell's variables at that place, as far as the script sets them.
    variables: t.Mapping[str, str] = field(default_factory=dict)
    #: What is installed for it, as requirements of pip.
    requirements: tuple[str, ...] = ()

    @property
    def program(self) -> str:
        """The program's name, without its place and version."""
        name = re.split(r"[@=<>~!\[]", self.words[0].replace("\\", "/").rpartition("/")[2], maxsplit=1)[0]
        return name.removesuffix(".exe")

    @property
    def arguments(self) -> tuple[str, ...]:
        """What follows the program and its options, from the word on that says what to do."""
        return tuple(_after_options(list(self.words[1:]), _BEFORE_VERBS)[0])


def commands(script: str, *, continued_by: str = "\\") -> t.Iterator[Command]:
    """The commands of a script, those in texts that it hands to another shell too.

    :param continued_by: what a line ends with that the next one continues
    """
    yield from _commands(script.replace(f"{continued_by}\n", " "), 0)


def _commands(script: str, depth: int) -> t.Iterator[Command]:
    variables: dict[str, str] = {}
    for words in _plain_commands(script):
        yield from _started(words, variables, depth)


def without_options(words: t.Sequence[str]) -> tuple[str, ...]:
    """The words that are no options."""
    return tuple(word for word in words if not word.startswith("-"))


def _plain_commands(script: str) -> t.Iterator[list[str]]:
    """The words of each command. Raises nothing: what is not a shell's language has words, too."""
    # A character of private use stands for each expression, so that a shell's rules do not see into it.
    expressions: list[str] = []
    parts: list[str] = []
    end = 0
    for start, stop in spans(script):
        parts += (script[end:start], f"\ue000{len(expressions)}\ue001")
        expressions.append(script[start:stop])
        end = stop
    text = _without_here_documents("".join((*parts, script[end:])))
    words: list[str] = []
    redirected = False
    for token in _TOKEN.finditer(text):
        if token.lastgroup == "word" and not redirected:
            words.append(re.sub("\ue000(\\d+)\ue001", lambda found: expressions[int(found[1])], _unquoted(token[0])))
        elif token.lastgroup == "end" and words:
            yield words
            words = []
        if token.lastgroup != "gap":
            redirected = token.lastgroup == "redirection"
    if words:
        yield words


def _without_here_documents(text: str) -> str:
    """The text without what it hands to programs as their input. What has no end is none: the sign may mean something else."""
    lines = text.split("\n")
    ends: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        ends.setdefault(line.strip(" \t"), []).append(number)
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        for found in _HERE_DOCUMENT.finditer(line):
            there = ends.get(found[2], [])
            after = bisect_right(there, number)
            if after < len(there):
                number = there[after]
                # It stays a redirection, of which the word is none of the command's.
                line = line.replace(found[0], "<x", 1)
        kept.append(line)
        number += 1
    return "\n".join(kept)


def _unquoted(word: str) -> str:
    """A word as the shell hands it on; as it is when a quote in it does not end."""
    parts: list[str] = []
    for found in _QUOTED.finditer(word):
        if found[4]:
            return word
        if found[1] is not None:
            parts.append(found[1])
        elif found[2] is not None:
            parts.append(found[2])
        elif found[3] is not None:
            parts.append(re.sub(r'\\(["\\])', r"\1", found[3]))
        else:
            parts.append(found[0])
    return "".join(parts)


def _started(
    words: list[str], variables: dict[str, str], depth: int, requirements: tuple[str, ...] = ()
) -> t.Iterator[Command]:
    """What a command comes to. Variables that it sets for those after it are added."""
    own: dict[str, str] = {}
    first = 0
    for word in words:
        assigned = _ASSIGNMENT.fullmatch(word)
        if assigned:
            own[assigned[1]] = assigned[2]
        elif word not in _KEYWORDS:
            break
        first += 1
    words = words[first:]
    if not words:
        _remember(variables, own.items())
        return
    command = Command(tuple(words), {**variables, **own}, requirements)
    if command.program in ("export", "declare"):
        _remember(variables, ((found[1], found[2]) for found in map(_ASSIGNMENT.fullmatch, words[1:]) if found))
        return
    if depth >= _DEEPEST:
        yield command
        return
    script = _inner_script(command)
    if script is not None:
        for inner in _commands(script.replace("\\\n", " "), depth + 1):
            yield Command(inner.words, {**command.variables, **inner.variables}, (*requirements, *inner.requirements))
        return
    rest, options = _unwrapped(command)
    if rest == words:
        yield command
    else:
        required = tuple(value for option, value in options if option in _REQUIRING)
        yield from _started(rest, dict(command.variables), depth + 1, (*requirements, *required))


def _remember(variables: dict[str, str], assigned: t.Iterable[tuple[str, str]]) -> None:
    for name, value in assigned:
        if name in variables or len(variables) < _MOST_VARIABLES:
            variables[name] = value


def _inner_script(command: Command) -> str | None:
    """What a shell is given to run."""
    if command.program == "eval":
        return " ".join(command.words[1:])
    if command.program in _SHELLS:
        for option, text in zip(command.words[1:], command.words[2:], strict=False):
            if re.fullmatch(r"-[A-Za-z]*c", option):
                return text
    return None


def _unwrapped(command: Command) -> tuple[list[str], list[tuple[str, str]]]:
    """The words without the first program that starts another, and the options that were its own."""
    words = list(command.words)
    if command.program == "find":
        started = [index for index, word in enumerate(words) if word in ("-exec", "-execdir")]
        return (words[started[0] + 1 :] if started else words), []
    if _PYTHON.fullmatch(command.program):
        # Options of Python take no value, but for that of -m, after which all is the module's.
        module = next((index for index, word in enumerate(words) if re.fullmatch(r"-[A-Za-z]*m", word)), 0)
        return (words[module + 1 :] if module and not without_options(words[1:module]) else words), []
    for name in (
        (command.program,),
        (command.program, *command.arguments[:1]),
        (command.program, *command.arguments[:2]),
    ):
        if name in _STARTERS:
            inner = words[1:] if len(name) == 1 else list(command.arguments[len(name) - 1 :])
            rest, options = _after_options(inner, _STARTERS[name])
            if name == ("timeout",):
                rest = rest[1:]
            if name == ("hatch", "run") and rest:
                rest = [re.sub(r"^[\w.+-]+:(?!/)", "", rest[0]), *rest[1:]]
            return rest, options
    return words, []


def _after_options(words: list[str], valued: t.Container[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """What follows the options, and these with their values.

    :param valued: the options that take the next word for their value
    """
    options: list[tuple[str, str]] = []
    first = 0
    while first < len(words) and words[first].startswith("-") and words[first] != "-":
        name, equals, value = words[first].partition("=")
        if name == "--":
            return words[first + 1 :], options
        takes = not equals and name in valued
        options.append((name, words[first + 1] if takes and first + 1 < len(words) else value))
        first += 2 if takes else 1
    return words[first:], options
