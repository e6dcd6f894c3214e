# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job of a workflow file says about itself, as far as running it depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from local_cloud.platform.errors import invalid_argument

WORKFLOWS = ".github/workflows/"


@dataclass(frozen=True)
class Job:
    """``environment`` is "" for none."""

    environment: str
    may_have_id_token: bool


def read_job(content: bytes, name: str) -> Job:
    """A job of a workflow file.

    Raises:
        ApiError: INVALID_ARGUMENT when the file is no workflow or has no such job.
    """
    try:
        workflow = YAML(typ="safe", pure=True).load(content)
    except (YAMLError, UnicodeDecodeError):
        raise invalid_argument("The workflow file is not YAML.") from None
    jobs = workflow.get("jobs") if isinstance(workflow, dict) else None
    job = jobs.get(name) if isinstance(jobs, dict) else None
    if not isinstance(job, dict):
        raise invalid_argument(f"The workflow file has no job {name}.")
    environment = job.get("environment")
    if isinstance(environment, dict):
        environment = environment.get("name")
    # Those of the job, if it has any, replace those of the workflow.
    permissions = job.get("permissions", workflow.get("permissions"))
    return Job(str(environment or ""), _grants_id_token(permissions))


def _grants_id_token(permissions: Any) -> bool:
    if isinstance(permissions, dict):
        return permissions.get("id-token") == "write"
    return permissions == "write-all"
