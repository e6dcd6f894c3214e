# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job of AWX gets: its inventory, files, environment, variables and command line.

Source: jobs of AWX 24.6.1, and its C(awx/main/tasks/jobs.py) (RunJob), C(awx/main/models/inventory.py) (get_script_data) and
C(awx/main/models/credential) (injectors).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import jinja2
import jinja2.meta
import yaml
from awx_rules import mapping, render
from awx_store import Fields, Store

_HIDDEN = "**********"
_SECRET_NAME = re.compile("API|TOKEN|KEY|SECRET|PASS", re.IGNORECASE)
#: The key file that AWX writes for Google names this, whatever a test replaces it by.
TOKEN_URI = "https://oauth2.googleapis.com/token"


@dataclass
class Order:
    """One job, ready to be run. Paths are those of the folder where it runs."""

    place: str
    number: int
    project: str
    playbook: str
    inventory: Fields
    extra_vars: str
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    #: Files below C(env), by name.
    files: dict[str, str] = field(default_factory=dict)
    #: Answers to prompts, by pattern.
    passwords: dict[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        """The command as AWX shows it."""
        given = ["-i", f"{self.place}/inventory/hosts", "-e", f"@{self.place}/env/extravars"]
        return ["ansible-playbook", *self.options, *given, self.playbook]

    @property
    def command_line(self) -> str:
        """The file C(env/cmdline)."""
        return shlex.join(self.options)

    def shown_environment(self) -> dict[str, str]:
        """The environment as AWX shows it."""
        return {name: _HIDDEN if self._hides(name) else value for name, value in self.environment.items()}

    def _hides(self, name: str) -> bool:
        if name in self.hidden:
            return True
        return name.startswith("AWS_SECRET") or name in ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")

    def add_file(self, content: str) -> str:
        """Add a file, and return its path."""
        name = f"tmp{len(self.files)}"
        self.files[name] = content
        return f"{self.place}/env/{name}"


def fill(order: Order, job: Fields, credentials: Iterable[tuple[Fields, Fields]], token_uri: str) -> None:
    """Give a job its command line, its environment, and what its credentials say, each with its type."""
    place = order.place
    order.environment |= {
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{place}/cp",
        "AWX_HOST": "https://awx.example.com",
        "AWX_ISOLATED_DATA_DIR": f"{place}/artifacts/{order.number}",
        "INVENTORY_ID": str(job["inventory"]),
        "JOB_ID": str(order.number),
        "MAX_EVENT_RES": "700000",
        "PROJECT_REVISION": "",
    }
    vaults: list[str] = []
    variables: list[str] = []
    for credential, the_type in credentials:
        inputs = {one["id"]: one["default"] for one in the_type["inputs"]["fields"] if "default" in one} | credential[
            "inputs"
        ]
        match the_type["namespace"]:
            case "gce":
                _google(order, inputs, token_uri)
            case "aws":
                names = {
                    "username": "AWS_ACCESS_KEY_ID",
                    "password": "AWS_SECRET_ACCESS_KEY",
                    "security_token": "AWS_SESSION_TOKEN",
                }
                order.environment |= {name: inputs[key] for key, name in names.items() if inputs.get(key)}
            case "vault":
                identity = inputs.get("vault_id", "")
                vaults += ["--vault-id", f"{identity}@prompt"] if identity else ["--ask-vault-pass"]
                prompt = rf"Vault password \({identity}\):\s*?$" if identity else r"Vault password:\s*?$"
                order.passwords[prompt] = inputs["vault_password"]
            case None:
                variables += _injected(order, the_type, inputs)
            case namespace:
                raise NotImplementedError(f"Credentials of the type {namespace} are not known to the stand-in.")
    order.options += [
        *(["--check"] if job["job_type"] == "check" else []),
        *("-u", "root"),
        *(["--diff"] if job["diff_mode"] else []),
        *vaults,
        *([f"--forks={job['forks']}"] if job["forks"] else []),
        *(["-l", job["limit"]] if job["limit"] else []),
        *([f"-{'v' * job['verbosity']}"] if job["verbosity"] else []),
        *(option for path in variables for option in ("-e", f"@{path}")),
    ]


def _google(order: Order, inputs: Fields, token_uri: str) -> None:
    key = {
        "type": "service_account",
        "private_key": inputs["ssh_key_data"],
        "client_email": inputs["username"],
        "project_id": inputs.get("project", ""),
        "token_uri": token_uri,
    }
    path = order.add_file(json.dumps(key))
    # The bare key once more: AWX writes each credential's.
    order.add_file(inputs["ssh_key_data"])
    order.environment |= {
        "GCE_EMAIL": inputs["username"],
        "GCE_PROJECT": inputs.get("project", ""),
        "GCP_PROJECT": inputs.get("project", ""),
        "GCP_AUTH_KIND": "serviceaccount",
        "GCP_ENV_TYPE": "tower",
        **dict.fromkeys(
            ("GCP_SERVICE_ACCOUNT_FILE", "GOOGLE_APPLICATION_CREDENTIALS", "GCE_CREDENTIALS_FILE_PATH"), path
        ),
    }


def _injected(order: Order, the_type: Fields, inputs: Fields) -> list[str]:
    """Add what a custom type's injectors make, and return the paths of files with variables."""
    secret = {one["id"] for one in the_type["inputs"]["fields"] if one.get("secret")}
    every = {one["id"]: "" for one in the_type["inputs"]["fields"]} | inputs
    injectors = the_type["injectors"]
    files = {name: order.add_file(render(text, every)) for name, text in injectors.get("file", {}).items()}
    paths = {name.removeprefix("template").lstrip("."): path for name, path in files.items()}
    values = {**every, "tower": {"filename": paths.get("", paths)}}
    for name, template in injectors.get("env", {}).items():
        order.environment[name] = render(template, values)
        if secret & _names_in(template):
            order.hidden.add(name)
    if "extra_vars" not in injectors:
        return []
    return [order.add_file(unsafe(_rendered(injectors["extra_vars"], values), {}))]


def _names_in(template: str) -> set[str]:
    return set(jinja2.meta.find_undeclared_variables(jinja2.Environment(autoescape=False).parse(template)))


def _rendered(value: Any, values: Fields) -> Any:
    if isinstance(value, str):
        return render(value, values)
    if isinstance(value, dict):
        return {name: _rendered(inner, values) for name, inner in value.items()}
    return [_rendered(inner, values) for inner in value] if isinstance(value, list) else value


class _Unsafe(str):
    """A text that Ansible does not take for a template."""


class _Dumper(yaml.SafeDumper):
    """Writes them with their tag."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style="'"))


def unsafe(variables: Fields, own: Fields) -> str:
    """Variables as AWX writes them: templates are allowed in those alone that the template of the job has itself."""
    marked = {
        _Unsafe(name): value if own.get(name) == value and name in own else _marked(value)
        for name, value in variables.items()
    }
    return yaml.dump(marked, Dumper=_Dumper, sort_keys=False)


def _marked(value: Any) -> Any:
    if isinstance(value, str):
        return _Unsafe(value)
    if isinstance(value, dict):
        return {_Unsafe(name): _marked(inner) for name, inner in value.items()}
    return [_marked(inner) for inner in value] if isinstance(value, list) else value


def inventory(store: Store, number: int, place: int = 1, count: int = 1, *, towervars: bool = True) -> Fields:
    """The inventory of slice C(place) of C(count): every C(count)-th of the enabled hosts, by name."""
    enabled = sorted(
        (host for host in store.where("host", inventory=number) if host["enabled"]), key=lambda host: str(host["name"])
    )
    chosen = {host["id"]: host for host in enabled[place - 1 :: count]}
    groups = sorted(store.where("group", inventory=number), key=lambda group: str(group["name"]))
    below = {child for group in groups for child in store.lists["group", group["id"], "children"]}
    grouped: set[int] = set()
    shown: Fields = {}
    for group in groups:
        members = [member for member in store.lists["group", group["id"], "hosts"] if member in chosen]
        grouped |= set(members)
        children = [child["name"] for child in store.listed("group", group["id"], "children", "group")]
        variables = mapping("variables", group["variables"])
        parts = {"hosts": sorted(chosen[member]["name"] for member in members), "children": children, "vars": variables}
        if any(parts.values()):
            shown[group["name"]] = {name: part for name, part in parts.items() if part}
    whole: Fields = {
        "vars": mapping("variables", store.objects["inventory"][number]["variables"]),
        "hosts": [host["name"] for member, host in chosen.items() if member not in grouped],
        "children": [group["name"] for group in groups if group["id"] not in below],
    }
    return {"all": whole, **shown, "_meta": {"hostvars": dict(_host_variables(chosen.values(), towervars=towervars))}}


def _host_variables(hosts: Iterable[Fields], *, towervars: bool) -> Iterator[tuple[str, Fields]]:
    for host in hosts:
        added = {
            "remote_host_enabled": "true",
            "remote_host_id": host["id"],
            "remote_tower_enabled": "true",
            "remote_tower_id": host["id"],
        }
        yield host["name"], mapping("variables", host["variables"]) | (added if towervars else {})
