# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: serve, start, stop."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from local_cloud import background

DEFAULT_PORT = 8085
DEFAULT_PROJECT = "demo-project=123456789012"
DEFAULT_OWNER = "user:owner@example.com"
#: Names the process that a cloud belongs to, for whoever starts it through others.
PARENT = "LOCAL_CLOUD_PARENT_PID"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status."""
    options = _parser().parse_args(arguments)
    if options.command == "serve":
        return _serve(options)
    try:
        if options.command == "start":
            result = background.start(options.directory, _serve_arguments(options))
        else:
            result = background.stop(options.directory)
    except background.BackgroundError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local_cloud", description="package services of Google, AWS, GitHub and an index, locally"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run in the foreground until SIGTERM or SIGINT")
    start = commands.add_parser("start", help="run in the background and return when ready")
    stop = commands.add_parser("stop", help="end what start has started")
    for command in (start, stop):
        command.add_argument("--directory", type=Path, required=True, help="where the state and the log are kept")
    for command in (serve, start):
        command.add_argument("--port", type=int, default=DEFAULT_PORT, help="0: any free one (default: %(default)s)")
        command.add_argument("--project", action="append", type=_project, metavar="ID=NUMBER",
                             help=f"default: {DEFAULT_PROJECT}")  # fmt: skip
        command.add_argument("--owner", action="append", metavar="MEMBER",
                             help=f"has roles/owner on each project (default: {DEFAULT_OWNER})")  # fmt: skip
        command.add_argument("--upstream-token", action="append", default=[], metavar="TOKEN",
                             help="a password that the upstream index takes (default: none)")  # fmt: skip
        command.add_argument("--parent-pid", type=int, default=os.environ.get(PARENT) or None, metavar="PID",
                             help=f"end when this process ends (default: {PARENT} of the environment)")  # fmt: skip
    serve.add_argument("--guide", action="store_true", help="say how to use it, too")
    return parser


def _project(text: str) -> tuple[str, str]:
    project_id, _equals, number = text.partition("=")
    if not project_id or not number.isdecimal():
        raise argparse.ArgumentTypeError("ID=NUMBER is expected")
    return project_id, number


def _serve(options: argparse.Namespace) -> int:
    # Imported here: starting and stopping in the background need not load a whole cloud.
    try:
        from local_cloud import environment
        from local_cloud.cloud import Seed
        from local_cloud.serve import run
    except ImportError as error:
        print(
            f"The local cloud needs Python packages that {sys.executable} does not have ({error}): install what requirements-cloud.txt "
            "of the collection lists, or have the role local_cloud do it with local_cloud_install: true.",
            file=sys.stderr,
        )
        return 1

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    seed = Seed(
        projects=options.project or [_project(DEFAULT_PROJECT)],
        owners=options.owner or [DEFAULT_OWNER],
        upstream_tokens=options.upstream_token,
    )
    guide = partial(environment.guide, tokens=seed.upstream_tokens) if options.guide else None
    return run(options.port, seed, parent_pid=options.parent_pid, guide=guide)


def _serve_arguments(options: argparse.Namespace) -> list[str]:
    arguments = [f"--port={options.port}"]
    arguments += [f"--project={project_id}={number}" for project_id, number in options.project or ()]
    arguments += [f"--owner={owner}" for owner in options.owner or ()]
    arguments += [f"--upstream-token={token}" for token in options.upstream_token]
    if options.parent_pid is not None:
        arguments.append(f"--parent-pid={options.parent_pid}")
    return arguments
