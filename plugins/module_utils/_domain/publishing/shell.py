# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of a shell script in a workflow, as far as their words tell. Pure.

Source: POSIX's shell language, and the documentation of the programs that start others. What only a shell can tell stays as it is written.
"""

from __future__ import annotations

import re
import shlex
import typing as t
from dataclasses import dataclass, field

#: An expression of GitHub Actions. Its operators are not those of a shell.
EXPRESSION = re.compile(r"\$\{\{(?:'[^']*'|[^'}]|\}(?!\}))*\}\}")


def word_set(words: str) -> frozenset[str]:
    """The words of a text, for tables of them."""
    return frozenset(words.split())


_HERE_DOCUMENT = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1([^\n]*)\n.*?^[ \t]*\2[ \t]*$", re.DOTALL | re.MULTILINE)
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
    variables: dict[str, str] = {}
    for words in _plain_commands(script.replace(f"{continued_by}\n", " ")):
        yield from _started(words, variables)


def without_options(words: t.Sequence[str]) -> tuple[str, ...]:
    """The words that are no options."""
    return tuple(word for word in words if not word.startswith("-"))


def _plain_commands(script: str) -> t.Iterator[list[str]]:
    """The words of each command. Raises nothing: what is not a shell's language has words, too."""
    expressions = EXPRESSION.findall(script)
    # A character of private use stands for each, so that a shell's rules do not see into it.
    numbers = iter(range(len(expressions)))
    text = EXPRESSION.sub(lambda _found: f"\ue000{next(numbers)}\ue001", script)
    text = _HERE_DOCUMENT.sub(r"\3", text)
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


def _unquoted(word: str) -> str:
    try:
        return "".join(shlex.split(word))
    except ValueError:
        # A quote that does not end.
        return word


def _started(words: list[str], variables: dict[str, str], requirements: tuple[str, ...] = ()) -> t.Iterator[Command]:
    """What a command comes to. Variables that it sets for those after it are added."""
    own: dict[str, str] = {}
    while words:
        assigned = _ASSIGNMENT.fullmatch(words[0])
        if assigned:
            own[assigned[1]] = assigned[2]
            words = words[1:]
        elif words[0] in _KEYWORDS:
            words = words[1:]
        else:
            break
    if not words:
        variables.update(own)
        return
    command = Command(tuple(words), {**variables, **own}, requirements)
    if command.program in ("export", "declare"):
        variables.update((found[1], found[2]) for found in map(_ASSIGNMENT.fullmatch, words[1:]) if found)
        return
    script = _inner_script(command)
    if script is not None:
        for inner in commands(script):
            yield Command(inner.words, {**command.variables, **inner.variables}, (*requirements, *inner.requirements))
        return
    rest, options = _unwrapped(command)
    if rest == words:
        yield command
    else:
        required = tuple(value for option, value in options if option in _REQUIRING)
        yield from _started(rest, dict(command.variables), (*requirements, *required))


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
    rest = words
    while rest and rest[0].startswith("-") and rest[0] != "-":
        name, equals, value = rest[0].partition("=")
        if name == "--":
            return rest[1:], options
        takes = not equals and name in valued
        options.append((name, rest[1] if takes and len(rest) > 1 else value))
        rest = rest[2 if takes else 1 :]
    return rest, options
