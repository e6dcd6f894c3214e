# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What steps do besides publishing. Pure."""

from __future__ import annotations

from .clients import MATURIN_ACTION, PUBLISH_ACTION, client_of
from .publishing_steps import script, step_commands
from .shell import Command, without_options, word_set
from .workflows import Step

#: Actions that a publish job may use besides the one that publishes: they build nothing and run nothing of the project's.
_HELPERS = frozenset(
    {
        "actions/attest",
        "actions/attest-build-provenance",
        "actions/attest-sbom",
        "actions/download-artifact",
        "actions/setup-python",
        "astral-sh/setup-uv",
        "sigstore/gh-action-sigstore-python",
        "step-security/harden-runner",
    }
)
#: Other actions that are known to publish no package.
_OTHERS = frozenset(
    {
        "actions/cache",
        "actions/checkout",
        "actions/configure-pages",
        "actions/deploy-pages",
        "actions/setup-node",
        "actions/upload-artifact",
        "actions/upload-pages-artifact",
        "codecov/codecov-action",
        "pypa/cibuildwheel",
        "softprops/action-gh-release",
    }
)

_PREPARING = word_set(
    "[ [[ cd chmod cp echo exit export fi done ls mkdir mv printf pwd rm set sha256sum sleep test true tree unzip"
)
_BUILDING = word_set("build cat gh git grep jq pytest sed sort tar wc")
#: Words of tools by which they build or look.
_SAFE_WORDS = {
    "flit": {"build"},
    "hatch": {"build", "version"},
    "maturin": {"build", "sdist"},
    "pdm": {"build", "install", "sync"},
    "pip": {"download", "install", "list"},
    "pip3": {"install"},
    "pipx": {"install"},
    "poetry": {"build", "check", "config", "install", "version"},
    "twine": {"check"},
    "uv": {"build", "pip", "sync", "tool", "venv", "version"},
}


def only_publishes(step: Step) -> bool:
    """Whether all that a step does is publishing, and installing or describing what it is done with."""
    if step.action:
        uploads = step.action == MATURIN_ACTION and step.inputs.get("command") in ("publish", "upload")
        return step.action in _HELPERS or step.action == PUBLISH_ACTION or uploads
    return bool(step_commands(step) or not script(step)) and all(
        client_of(command) or _prepares(command) for command in step_commands(step)
    )


def harmless(step: Step) -> bool:
    """Whether a step is known to publish nothing."""
    if step.action:
        return step.action in _HELPERS | _OTHERS
    return bool(step_commands(step) or not script(step)) and all(
        _prepares(command) or command.program in _BUILDING or _is_safe(command) for command in step_commands(step)
    )


def _prepares(command: Command) -> bool:
    words = without_options(command.words)
    return command.program in _PREPARING or "install" in words[:3] or words[:2] == ("twine", "check")


def _is_safe(command: Command) -> bool:
    return " ".join(command.arguments[:1]) in _SAFE_WORDS.get(command.program, ())
