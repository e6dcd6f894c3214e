# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugins, one for each family of modules. A file below C(action) gives each its modules' names.

Ansible looks for an action plugin under the module's name. To lead it from there to another name would give a module the
C(module_defaults) of that name; and Ansible's documentation takes both a redirect and a link for another name of the module itself.
"""

from __future__ import annotations

import typing as t
from collections import defaultdict
from contextlib import suppress

from ansible.errors import AnsibleError
from ansible.module_utils.common.validation import check_type_list
from ansible.utils.display import Display

from ..module_utils._domain.gcp.projects import Holding, Projects, clashes
from ._core import HostVariables
from ._progress import BatchAction
from ._scopes import ScopesAction


class Returning(BatchAction):
    """Marks results with a credential as Ansible marks those of tasks with C(no_log)."""

    #: The key of a result under which the credential is.
    credential: t.ClassVar[str]

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task. Raises what the normal action raises, and nothing of its own."""
        result = super().run(tmp, task_vars)
        # Failures hold none, and stay readable.
        with_credential = [shown for shown in (result, *result.get("results", ())) if shown.get(self.credential)]
        for shown in (result, *with_credential) if with_credential else ():
            # Of a batch, Ansible shows the result as a whole or by its items: neither may show a credential.
            shown["_ansible_no_log"] = True
        return result


class CodeArtifact(Returning):
    """Their libraries are imported by the modules themselves."""

    credential = "authorization_token"


class GitHub(BatchAction):
    """Modules for GitHub."""

    libraries: t.ClassVar = {"github_*": ("requests",)}


class Google(BatchAction):
    """Nothing differs from module to module but the libraries."""

    libraries: t.ClassVar = {
        "gcp_*": ("google.auth.transport.requests",),
        "gcp_secret*": ("google.cloud.secretmanager_v1",),
        "gcp_remote_repository*": ("google.cloud.artifactregistry_v1",),
        "gcp_auth_workflow": (
            "google.cloud.artifactregistry_v1",
            "google.cloud.secretmanager_v1",
            "google.cloud.resourcemanager_v3",
            "pypi_simple",
        ),
        "gcp_repository*": ("google.cloud.artifactregistry_v1",),
    }


class GoogleTokens(Returning, Google):
    """Modules that return an access token."""

    credential = "token"


class Index(Returning):
    """Modules for package indexes."""

    credential = "upload_token"
    libraries: t.ClassVar = {
        "p*": ("requests",),
        "package_index_info": ("pypi_simple", "google.auth.transport.requests"),
    }


class GoogleWorkflow(ScopesAction, Google):
    """Collects Google Cloud projects."""

    variables: t.ClassVar = {
        "project": "registry_auth_project",
        "project_number": "registry_auth_project_number",
        "location": "registry_auth_location",
        "repositories": "registry_auth_repositories",
        "create_missing": "registry_auth_create_missing",
        "preflight": "registry_auth_preflight",
        "retention": "registry_auth_retention",
        "shared_secrets": "registry_auth_shared_secrets",
        "index": "secret_version_index",
        "labels": "secret_version_labels",
        "replication": "secret_version_replication",
        "compare": "secret_version_compare",
        "without_fingerprint": "secret_version_without_fingerprint",
        "role": "iam_binding_role",
        "username": "remote_repository_credentials_username",
        "proof_retries": "remote_repository_credentials_proof_retries",
        "proof_delay": "remote_repository_credentials_proof_delay",
        "keep": "secret_retention_keep",
        "min_age": "secret_retention_min_age",
        "action": "secret_retention_action",
    }
    chosen_by = "registry_auth_hosts"
    needed: t.ClassVar = (("registry_auth_project",), ("registry_auth_repositories",))
    must_set = "registry_auth_project and registry_auth_repositories"

    def _complete(self, scopes: t.Any, task_vars: t.Mapping[str, t.Any]) -> t.Mapping[str, str]:
        """Secrets that any scope of the inventory names in full may be in use where this run does not look."""
        named = [secret for options, _environment in scopes.values() for secret in _secrets(options["repositories"])]
        for host in task_vars["hostvars"]:
            if host not in scopes:
                named += _secrets_of(lambda host=host: HostVariables(self, task_vars, host), host)
        shared = [name.rpartition("/")[2] for name in named if "/" in name]
        for options, _environment in scopes.values():
            # What is neither a list nor can be read as one, the module refuses.
            with suppress(TypeError):
                own = check_type_list(options.get("shared_secrets") or [])
                options["shared_secrets"] = [*(str(one).strip() for one in own), *shared]
        return {**_two_tokens(scopes), **_wrong_numbers(scopes)}


def _wrong_numbers(scopes: t.Mapping[str, tuple[t.Mapping[str, t.Any], t.Any]]) -> dict[str, str]:
    """Why hosts whose numbers of projects cannot all be right are not worked on: the service agent of another project would be let in."""
    hosts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for host, (options, _environment) in scopes.items():
        project, number = str(options["project"]), str(options.get("project_number") or "")
        if number and not project.isdigit():
            hosts[project, number].append(host)
    by_number, by_project = defaultdict(list), defaultdict(list)
    for (project, number), named in hosts.items():
        who = ", ".join(named)
        by_number[number].append((named, f"{project} ({who})"))
        by_project[project].append((named, f"{number} ({who})"))
    refused: dict[str, str] = {}
    for found, sentence in (
        (by_number, "registry_auth_project_number {} is given for {}: a number is one project's."),
        (by_project, "registry_auth_project_number of {} is given as {}: a project has one number."),
    ):
        for key, uses in found.items():
            if len(uses) > 1:
                told = sentence.format(key, " and ".join(use for _named, use in uses))
                refused |= {host: told for named, _use in uses for host in named}
    return refused


def _two_tokens(scopes: t.Mapping[str, tuple[t.Mapping[str, t.Any], t.Mapping[str, t.Any]]]) -> dict[str, str]:
    """Why hosts that name a secret with different tokens are not worked on: each would replace the other's in every run."""
    projects = Projects()
    for options, _environment in scopes.values():
        if options.get("project_number"):
            projects.learn(str(options["project"]), str(options["project_number"]))
    first: dict[tuple[str, str], Holding] = {}
    for one in _holdings(scopes):
        # Of two tokens within a host, the module tells with which entry.
        first.setdefault((one.holder, one.name), one)
    refused: dict[str, str] = {}
    for clash in clashes(first.values(), projects):
        if len(clash.holders) == 1:
            continue
        if clash.certain:
            refused |= dict.fromkeys(clash.holders, str(clash))
        elif len({tuple(sorted(scopes[host][1].items())) for host in clash.holders}) > 1:
            # Processes of their own know nothing of each other. Within one, the module learns the numbers.
            Display().warning(
                f"{clash} Whether they are is not known: set registry_auth_project_number of these hosts, or name the project alike."
            )
    return refused


def _holdings(scopes: t.Mapping[str, tuple[t.Mapping[str, t.Any], t.Any]]) -> t.Iterator[Holding]:
    """Which tokens hosts give to which secrets, as far as these are as they should be."""
    for host, (options, _environment) in scopes.items():
        entries = options["repositories"] if isinstance(options["repositories"], list) else []
        for entry in entries:
            if isinstance(entry, t.Mapping) and entry.get("secret"):
                secret = str(entry["secret"])
                full = secret if "/" in secret else f"projects/{options['project']}/secrets/{secret}"
                project, _slash, rest = full.removeprefix("projects/").partition("/")
                yield Holding(host, project, rest, repr(entry.get("token")))


def _secrets(repositories: t.Any) -> list[str]:
    """The secrets that entries name, as far as they are as they should be."""
    entries = repositories if isinstance(repositories, list) else []
    return [str(entry["secret"]) for entry in entries if isinstance(entry, t.Mapping) and entry.get("secret")]


def _secrets_of(read: t.Callable[[], HostVariables], host: str) -> list[str]:
    """The secrets that a host out of this run names. Its tokens are not looked up where it lists its entries itself."""
    try:
        variables = read()
        written = variables.written("registry_auth_repositories")
        if isinstance(written, list):
            names = [entry.get("secret") for entry in written if isinstance(entry, t.Mapping)]
            return [str(variables.evaluate(name)) for name in names if name]
        return _secrets(variables.evaluate(written))
    except AnsibleError as error:
        # It is not worked on here, and its own run fails for it. But what it uses may be retired here.
        Display().warning(
            f"Which secrets {host} shares with others is not known: {error} Name those in registry_auth_shared_secrets."
        )
        return []


class CodeArtifactWorkflow(ScopesAction, CodeArtifact):
    """Collects CodeArtifact domains."""

    variables: t.ClassVar = {
        "domain": "codeartifact_domain",
        "domain_owner": "codeartifact_domain_owner",
        "region": "codeartifact_region",
        "encryption_key": "codeartifact_encryption_key",
        "domain_grants": "codeartifact_domain_grants",
        "domain_policy": "codeartifact_domain_policy",
        "repositories": "codeartifact_repositories",
        "create_missing": "registry_auth_create_missing",
        "preflight": "registry_auth_preflight",
        "mode": "codeartifact_policy_mode",
        "drop_dead_principals": "codeartifact_policy_drop_dead_principals",
    }
    chosen_by = "codeartifact_hosts"
    shared: t.ClassVar = ("region",)
    needed: t.ClassVar = (
        ("codeartifact_domain",),
        ("codeartifact_domain_grants", "codeartifact_domain_policy", "codeartifact_repositories"),
    )
    must_set = (
        "codeartifact_domain, and codeartifact_domain_grants, codeartifact_domain_policy or codeartifact_repositories"
    )
