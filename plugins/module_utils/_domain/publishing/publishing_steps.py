# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which steps of a workflow publish, by which client, where to and with what login. Pure."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from .clients import (
    CLIENTS,
    MATURIN_ACTION,
    PUBLISH_ACTION,
    Client,
    action_too_old,
    client_of,
    options_of,
    too_old,
)
from .expressions import expressions
from .indexes import PYPI, TESTPYPI
from .shell import Command, commands, without_options
from .workflows import Job, Step, Workflow, mapping

#: Where a login comes from. A stored one is no trusted publisher's; whether a computed one is, only the run knows.
STORED, COMPUTED, MINTED = "stored", "computed", "minted"

_LOGIN = re.compile(r"(?<=://)[^/?#]*@")
_VARIABLE = re.compile(r"\$\{\{\s*env\.(\w+)\s*\}\}|\$\{(\w+)\}|\$(?:env:)?(\w+)")
_OUTPUT = re.compile(r"\$\{\{\s*(?:steps|needs)\.[\w-]+\.outputs(?:\.[\w-]+|\[[^\]]*\])\s*\}\}")
#: What is kept in the repository's settings, and what earlier steps and jobs made.
_KEPT, _MADE = re.compile(r"\b(?:secrets|vars)\b"), re.compile(r"\b(?:steps|needs)\b")
#: What the text of a job contains that exchanges an ID token itself.
_MINTING = ("mint-token", "pypi_oidc_token", "ACTIONS_ID_TOKEN_REQUEST")
#: Where GitHub's images run the action of PyPA, which is one of Docker.
_NOT_LINUX = re.compile(r"\b(?:windows|macos)\b|\b(?:windows|macos)-", re.IGNORECASE)


@dataclass(frozen=True)
class Login:
    """What gives a client a login: its name, the file and line, and where it comes from."""

    name: str
    where: str
    kind: str = STORED
    #: Whether it is a user's name without a password, which the client does not need.
    idle: bool = False


@dataclass(frozen=True)
class Publishing:
    """A step that publishes."""

    step: Step = field(repr=False)
    client: str
    #: An index's short name or an address; None when it can only be known when the workflow runs.
    destination: str | None
    logins: tuple[Login, ...] = ()
    #: Why the client exchanges no ID token here, in words that make a sentence; empty when it does.
    unable: str = ""
    #: Whether the client can exchange an ID token at all.
    exchanges: bool = True
    #: Whether the client runs here.
    runs: bool = True

    @property
    def brings_its_token(self) -> bool:
        """Whether something else may have exchanged the ID token."""
        return any(login.kind in (COMPUTED, MINTED) for login in self.logins)


def publishing_steps(workflow: Workflow) -> tuple[Publishing, ...]:
    """All steps that publish to any Python package index, in the file's order."""
    return tuple(
        found
        for job in workflow.jobs()
        for around in (_Job(job),)
        for step in around.steps
        for found in _publishing(step, around)
    )


@dataclass(frozen=True, eq=False)
class _Job:
    """What all steps of a job have to do with each other, found once for all of them."""

    job: Job

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All of them."""
        return tuple(self.job.steps())

    @cached_property
    def mints(self) -> bool:
        """Whether something in it exchanges an ID token itself."""
        text = str(self.job.content)
        return any(word in text for word in _MINTING)

    @cached_property
    def _too_old(self) -> dict[str, str]:
        return {}

    def too_old(self, client: str) -> str:
        """What any of its steps says of a client's release that is too old."""
        if client not in self._too_old:
            words = (word for step in self.steps for found in step_commands(step) for word in found.words)
            self._too_old[client] = too_old(client, words)
        return self._too_old[client]

    @cached_property
    def configured(self) -> list[tuple[str, str, str]]:
        """What is written into poetry's configuration."""
        return [
            (f"poetry config {words[1]}", words[-1], one.where("run"))
            for one in self.steps
            for found in step_commands(one)
            if found.program == "poetry"
            and (words := without_options(found.arguments))[:1] == ("config",)
            and len(words) > 2
            if words[1].startswith(("pypi-token.", "http-basic."))
        ][:_MOST_PLACES]

    @cached_property
    def exports(self) -> list[Step]:
        """The steps that set environment variables for later ones."""
        return [step for step in self.steps if "GITHUB_ENV" in script(step)]

    @cached_property
    def _exported(self) -> dict[str, list[str]]:
        return {}

    def exported(self, name: str) -> list[str]:
        """Where an environment variable is set for later steps."""
        if name not in self._exported:
            places = [step.where("run") for step in self.exports if f"{name}=" in script(step)]
            self._exported[name] = places[:_MOST_PLACES]
        return self._exported[name]


#: Places of one kind that are told for each step; where there are more, nobody reads them.
_MOST_PLACES = 10


def _publishing(step: Step, job: _Job) -> t.Iterator[Publishing]:
    if step.action == PUBLISH_ACTION:
        yield _by_action(step, job)
    elif step.action == MATURIN_ACTION and str(step.inputs.get("command")) in CLIENTS["maturin"].verbs:
        for words in commands(f"maturin upload {step.inputs.get('args') or ''}"):
            yield _by_command(step, job, CLIENTS["maturin"], words)
    for command in step_commands(step):
        client = client_of(command)
        if client:
            yield _by_command(step, job, client, command)


def _by_action(step: Step, job: _Job) -> Publishing:
    inputs = step.inputs
    variables = {name: str(value) for name, (value, _where) in step.variables().items()}
    destination = inputs.get("repository-url") or inputs.get("repository_url") or PYPI
    secret, user = inputs.get("password"), inputs.get("user", inputs.get("username"))
    logins = []
    if secret:
        logins.append(_login("password", step.where("with", "password"), str(secret), job, variables))
    elif user:
        logins.append(Login("user", step.where("with", "user"), idle=user == "__token__"))
    unable = ""
    version = str(step.content.get("uses")).partition("@")[2]
    if action_too_old(version):
        unable = f"{PUBLISH_ACTION}@{version} cannot exchange an ID token: it takes release 1.8 or later"
    made = _made(step, PUBLISH_ACTION, str(destination), variables, logins, step.where("with"), unable)
    return replace(made, runs=not _NOT_LINUX.search(str(step.job.content.get("runs-on"))))


def _by_command(step: Step, job: _Job, client: Client, command: Command) -> Publishing:
    options, where = options_of(command), step.where("run")
    given = step.variables()
    variables = {name: str(value) for name, (value, _where) in given.items()} | dict(command.variables)

    def sources(names: tuple[str, ...], variable_names: tuple[str, ...]) -> list[tuple[str, str, str]]:
        found = [(name, options[name], where) for name in names if options.get(name)]
        in_script = command.variables
        return found + [
            (name, variables[name], where if name in in_script else given[name][1])
            for name in variable_names
            if variables.get(name)
        ]

    secrets = sources(client.secret_options, client.secret_variables)
    secrets += job.configured if client.name == "poetry" else []
    logins = [_login(name, place, value, job, variables) for name, value, place in secrets]
    logins += [
        Login(name, place, COMPUTED)
        for name in client.secret_variables
        for place in job.exported(name)
        if name not in variables
    ]
    if not secrets:
        users = sources(client.user_options, client.user_variables)
        logins += [Login(name, place, idle=not client.user_counts) for name, _value, place in users]
    chosen = sources(client.place_options, client.place_variables)
    destination = chosen[0][1] if chosen else _implied(command)
    unable = _unable(job, client, command, {**_options_by_variables(client, variables), **options})
    return _made(step, client.name, destination, variables, logins, where, unable, exchanges=client.exchanges)


def _implied(command: Command) -> str:
    """Where a command goes that does not say it: what is to be put among its words may do so."""
    loose = [
        word
        for before, word in zip(command.words, command.words[1:], strict=False)
        if re.fullmatch(r"\$\{\{.*\}\}|\$\{?[\w@*]+(?:\[[@*]\])?\}?", word, re.DOTALL) and not before.startswith("-")
    ]
    return loose[0] if loose else PYPI


def _options_by_variables(client: Client, variables: t.Mapping[str, str]) -> dict[str, str]:
    """What environment variables say in place of an option, as far as the file tells it."""
    provider = variables.get("UV_KEYRING_PROVIDER", "") if client.name == "uv" else ""
    return {"--keyring-provider": provider} if provider and "$" not in provider else {}


def _unable(job: _Job, client: Client, command: Command, options: t.Mapping[str, str]) -> str:
    if options.get("--trusted-publishing") == "never":
        return f"{client.name} runs with '--trusted-publishing never'"
    if options.get("--keyring-provider", "disabled") != "disabled":
        return f"{client.name} takes its login from a keyring, and then exchanges no ID token"
    old = too_old(client.name, (*command.requirements, *(command.words[:1]))) or job.too_old(client.name)
    return f"{old} cannot exchange an ID token: it takes release 6.1 or later" if old else ""


def _login(name: str, where: str, value: str, job: _Job, variables: t.Mapping[str, str]) -> Login:
    return Login(name, where, _kind(_expanded(value, variables), job))


def _kind(value: str, job: _Job) -> str:
    if _OUTPUT.fullmatch(value.strip()):
        return MINTED
    computed = " ".join(expressions(value))
    if "$" not in value or (_KEPT.search(computed) and not _MADE.search(computed)):
        return STORED
    return MINTED if job.mints else COMPUTED


def _expanded(text: str, variables: t.Mapping[str, str], depth: int = 3) -> str:
    """A text with the variables in it that are known."""
    if not depth or "$" not in text:
        return text

    def known(found: re.Match[str]) -> str:
        return variables.get(found[1] or found[2] or found[3], found[0])

    return _expanded(_VARIABLE.sub(known, text), variables, depth - 1)


def _made(
    step: Step,
    client: str,
    destination: str,
    variables: t.Mapping[str, str],
    logins: list[Login],
    where: str,
    unable: str,
    *,
    exchanges: bool = True,
) -> Publishing:
    """What a step publishes. A login that its address holds is one, and is not shown."""
    full = _expanded(destination, variables)
    address = _LOGIN.sub("", full)
    if address != full:
        logins = [*logins, Login("The address", where)]
    return Publishing(step, client, _certain(address), tuple(logins), unable, exchanges)


def _certain(destination: str) -> str | None:
    """The destination, unless something is yet to be put into it, or it is a name that the project's files explain."""
    known = destination in (PYPI, TESTPYPI) or "://" in destination
    return destination if known and "$" not in destination else None


def script(step: Step) -> str:
    """What a step runs, if that is a shell's."""
    return str(step.content.get("run") or "")


def shell_of(step: Step) -> str:
    """The shell that runs a step's script, as far as the file says it; empty for the system's own."""
    given = step.content.get("shell")
    for level in (step.job.content, step.job.workflow.content):
        given = given or mapping(mapping(level.get("defaults")).get("run")).get("shell")
    return str(given or "")


def step_commands(step: Step) -> tuple[Command, ...]:
    """The commands that a step runs; none of a language that is no shell's."""
    name = (shell_of(step).split() or [""])[0]
    if name.startswith(("python", "node", "perl", "ruby")):
        return ()
    ending = {"pwsh": "`", "powershell": "`", "cmd": "^"}.get(name, "\\")
    return _commands_of(script(step), ending)


@lru_cache(maxsize=256)
def _commands_of(text: str, ending: str) -> tuple[Command, ...]:
    """Jobs have the same steps in all combinations of a matrix, and steps are looked at more than once."""
    return tuple(commands(text, continued_by=ending))
