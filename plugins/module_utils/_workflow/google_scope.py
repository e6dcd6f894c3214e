# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Google Cloud project says of its remote repositories, their tokens and who may read them."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._base.errors import InvalidInput
from .._clients.pypi.api_tokens import check_token
from .._clients.pypi.endpoints import pypi_endpoint
from .._domain.gcp.names import RepositoryName, SecretName, project_of, python_index, repository_name
from .._domain.gcp.repository_grants import bindings_of
from .._domain.gcp.retention import retirable_secrets
from .._engine.resource import Options
from .._options.common import ArgumentSpec
from .._options.entries import read_entry
from .._options.gcp import LOCATION, REPLICATION
from .._options.repositories import REMOTE_SETTINGS, SETTINGS
from .._options.repository_grants import GRANT
from .._resources.gcp_remote_repository import DesiredRepository
from .._resources.gcp_remote_repository_credentials import DesiredCredentials
from .._resources.gcp_secret import DesiredSecret
from .._resources.gcp_secret_retention import DesiredRetention
from .._resources.gcp_service_agent import DesiredAgent
from .._resources.package_index_info import DesiredReading
from .._resources.parts.gcp_iam_binding import REPOSITORY as REPOSITORY_KIND
from .._resources.parts.gcp_iam_binding import SECRET, DesiredBinding
from .._resources.parts.secret_versions import COMPARE, WITHOUT_FINGERPRINT, DesiredVersion
from .chain import Scope
from .mistakes import Mistakes
from .naming import Naming

#: User name under which indexes take a token as the password.
TOKEN_USERNAME = "__token__"
ACCESSOR = "roles/secretmanager.secretAccessor"

PROOF: ArgumentSpec = {
    "package": {"type": "str", "required": True},
    "index_url": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "use_google_credentials": {"type": "bool"},
    "download": {"type": "bool"},
}
#: What a repository is. What is not given stays as it is.
REMOTE_REPOSITORY: ArgumentSpec = {
    **{name: spec for name, spec in SETTINGS.items() if name not in ("force", "state")},
    **REMOTE_SETTINGS,
}
#: Of an entry of C(repositories).
REPOSITORY: ArgumentSpec = {
    "repository": {"type": "str", "required": True},
    "location": {"type": "str"},
    "secret": {"type": "str", "required": True, "no_log": False},
    "token": {"type": "str", "required": True, "no_log": True},
    "index": {"type": "str"},
    "username": {"type": "str"},
    "propagation_timeout": {"type": "int"},
    "proof": {"type": "dict"},
    "access": {"type": "list", "elements": "dict", "options": GRANT},
    **REMOTE_REPOSITORY,
}
RETENTION: ArgumentSpec = {
    "keep": {"type": "int"},
    "min_age": {"type": "raw"},
    "action": {"type": "str", "choices": ["disable", "destroy"]},
}
SCOPE: ArgumentSpec = {
    "project": {"type": "str"},
    "project_number": {"type": "raw"},
    **LOCATION,
    "repositories": {"type": "list", "elements": "raw", "required": True},
    "create_missing": {"type": "bool", "default": False},
    "preflight": {"type": "bool", "default": True},
    "retention": {"type": "dict"},
    "shared_secrets": {"type": "list", "elements": "str", "no_log": False},
    "index": {"type": "str"},
    "labels": {"type": "dict"},
    "replication": REPLICATION,
    "compare": {"type": "str", "choices": list(COMPARE)},
    "without_fingerprint": {"type": "str", "choices": list(WITHOUT_FINGERPRINT)},
    "role": {"type": "str", "default": ACCESSOR},
    "username": {"type": "str", "default": TOKEN_USERNAME},
    "proof_retries": {"type": "int", "default": 5},
    "proof_delay": {"type": "int", "default": 6},
    **RETENTION,
}
#: How long old versions stay when nothing else is said.
MIN_AGE = "30d"


@dataclass(frozen=True)
class Entry:
    """A remote repository, the secret whose newest version it logs in with, and the proof that it works."""

    repository: DesiredRepository
    secret: SecretName
    #: Whether the secret is named with its project, as other projects name it, too.
    in_full: bool
    credentials: t.Mapping[str, t.Any]
    proof: DesiredReading | None
    #: Who is to hold which role on the repository, or not to hold it.
    access: tuple[DesiredBinding, ...] = ()

    @property
    def name(self) -> RepositoryName:
        """The repository's name."""
        return self.repository.name


@dataclass(eq=False)
class GoogleScope(Scope):
    """A project: its entries, and its secrets with what they are to hold."""

    project: str = ""
    number: str | None = None
    entries: list[Entry] = field(default_factory=list)
    secrets: dict[SecretName, DesiredSecret] = field(default_factory=dict)
    payloads: dict[SecretName, DesiredVersion] = field(default_factory=dict)
    create_missing: bool = False
    #: Whether to ask what this run may do before anything is written.
    preflight: bool = True
    role: str = ACCESSOR
    proof_retries: int = 5
    proof_delay: int = 6
    retention: t.Mapping[str, t.Any] = field(default_factory=dict)
    shared_secrets: tuple[str, ...] = ()

    @property
    def secrets_in_full(self) -> list[str]:
        """The secrets that it names with their project, as others may too."""
        return [str(entry.secret) for entry in self.entries if entry.in_full]

    def agent(self, *, create: bool) -> DesiredAgent:
        """The service agent of the project. C(create): have it made when it is missing."""
        return DesiredAgent(self.number or self.project, create)

    def binding(self, secret: SecretName, member: str) -> DesiredBinding:
        """The grant to read a secret."""
        return DesiredBinding(SECRET, secret, self.role, (member,))

    def login(self, entry: Entry, version: str) -> DesiredCredentials:
        """The login of an entry's repository, with a version by its name."""
        return DesiredCredentials.from_options({**entry.credentials, "password_secret_version": version})

    def retire(self, secret: SecretName, in_use: t.Sequence[str]) -> DesiredRetention:
        """What is to become of a secret's old versions."""
        return DesiredRetention.from_options({"secret": str(secret), **self.retention, "in_use": list(in_use)})

    def retirable(
        self, members: t.Mapping[SecretName, t.Sequence[str]], elsewhere: t.Sequence[str]
    ) -> list[SecretName]:
        """The secrets of which every use is known and proved.

        :param members: who may read each secret
        :param elsewhere: the secrets that scopes name in full
        """
        ids = retirable_secrets(
            [self._use(entry) for entry in self.entries],
            [{"secret": str(secret), "members": list(found)} for secret, found in members.items()],
            [[{"secret": name} for name in elsewhere]],
            self.shared_secrets,
        )
        return [SecretName(self.project, one) for one in ids]

    def _use(self, entry: Entry) -> dict[str, t.Any]:
        name = str(entry.secret) if entry.in_full else entry.secret.secret
        return {"secret": name, **({"proof": True} if entry.proof else {})}


def read_scope(name: str, given: Options, naming: Naming | None = None) -> GoogleScope:
    """A scope as its options say. Raises InvalidInput with one sentence for each mistake, which never quotes a token.

    :param naming: what its options are called; by default, as they are
    """
    mistakes, naming = Mistakes(), naming or Naming()
    options = naming.read(given, SCOPE)
    with mistakes.noted():
        number = options.get("project_number")
        if number is not None and not (isinstance(number, (int, str)) and str(number).isdecimal()):
            raise InvalidInput(
                f"{naming.of('project_number')} is not a number: give for example 123456789012, or leave it out."
            )
    with mistakes.noted(), naming.of_scope("project"):
        if not options.get("project"):
            # No environment variable stands in for it.
            raise InvalidInput("project is missing: give the project's id or number.")
        project_of(options)
    for option in ("proof_retries", "proof_delay"):
        with mistakes.noted():
            if options[option] < 0:
                raise InvalidInput(f"{naming.of(option)} is {options[option]}: at least 0 is accepted.")
    mistakes.raise_any()
    scope = GoogleScope(
        name=name,
        project=options["project"],
        number=None if options.get("project_number") is None else str(options["project_number"]),
        create_missing=options["create_missing"],
        preflight=options["preflight"],
        role=options["role"],
        proof_retries=options["proof_retries"],
        proof_delay=options["proof_delay"],
        shared_secrets=tuple(options.get("shared_secrets", ())),
    )
    with mistakes.noted():
        retention = read_entry(options.get("retention") or {}, RETENTION, what=naming.of("retention"))
        general = {name: options[name] for name in RETENTION if name in options}
        scope.retention = {"min_age": MIN_AGE, **general, **retention}
        with naming.of_scope(*general, **{one: f"retention.{one}" for one in retention}):
            # Whatever it is of: the secrets are yet to be read.
            scope.retire(SecretName(scope.project, "any"), ())
    names: set[RepositoryName] = set()
    for position, entry in enumerate(options["repositories"]):
        where = naming.of(f"repositories[{position}]")
        if isinstance(entry, t.Mapping) and isinstance(entry.get("repository"), str):
            where += f" ({entry['repository']})"
        with mistakes.noted():
            one = read_entry(entry, REPOSITORY, what=where)
            # An entry may say these itself, and what it leaves out an environment variable may.
            said = [key for key in ("location", "index", "username") if given.get(key) is not None and key not in one]
            with mistakes.at(where), naming.of_scope(*said, "compare", "without_fingerprint"):
                _add(scope, one, options, names, naming)
    mistakes.raise_any()
    return scope


def _add(scope: GoogleScope, one: Options, options: Options, names: set[RepositoryName], naming: Naming) -> None:
    """Add an entry. C(names): of those that were added before. Raises InvalidInput."""
    named = {"project": scope.project, "location": options.get("location"), **one}
    name = repository_name(named)
    if name in names:
        raise InvalidInput(f"{name} is there already: name each repository only once.")
    own = REMOTE_REPOSITORY if scope.create_missing else ()
    settings = DesiredRepository.from_options(
        {
            "repository": str(name),
            **{key: value for key, value in one.items() if key in own},
        }
    )
    # Labels of the entry are its repository's, and its key is, too.
    with naming.of_scope("labels", "replication", kms_key_name="replication: kms_key_name"):
        secret = DesiredSecret.from_options(
            {
                "secret": one["secret"],
                "project": scope.project,
                "labels": options.get("labels"),
                "replication": options.get("replication"),
            }
        )
    if secret.name.location:
        raise InvalidInput("secret is a regional one, which a remote repository cannot use: name a global one.")
    index = one.get("index", options.get("index"))
    if index is not None:
        check_token(one["token"], index, pypi_endpoint())
    if not one["token"]:
        raise InvalidInput("token is empty: set what it comes from, for example an environment variable.")
    payload = DesiredVersion.from_options(
        {
            "secret": str(secret.name),
            "payload": one["token"],
            "compare": options.get("compare"),
            "without_fingerprint": options.get("without_fingerprint"),
        }
    )
    if scope.payloads.setdefault(secret.name, payload) != payload:
        raise InvalidInput(
            f"token is another one than that of an earlier entry for the same secret, {secret.name}: a secret holds one token."
        )
    scope.secrets[secret.name] = secret
    credentials = {
        "repository": str(name),
        "username": one.get("username", options["username"]),
        "propagation_timeout": one.get("propagation_timeout"),
        "disable_upstream_validation": one.get("disable_upstream_validation"),
    }
    DesiredCredentials.from_options(credentials)
    names.add(name)
    in_full = "/" in one["secret"]
    scope.entries.append(
        Entry(settings, secret.name, in_full, credentials, _proof(one.get("proof"), name), _access(one, name))
    )


def _access(one: Options, name: RepositoryName) -> tuple[DesiredBinding, ...]:
    bindings = bindings_of([{"repository": str(name), "grants": one.get("access")}])
    return tuple(DesiredBinding.from_options(REPOSITORY_KIND, binding) for binding in bindings)


def _proof(given: Options | None, name: RepositoryName) -> DesiredReading | None:
    if given is None:
        return None
    proof = read_entry(given, PROOF, what="proof")
    default = {"index_url": python_index(name), "download": True, "use_google_credentials": "username" not in proof}
    # The user name is that for the index, and not for the upstream.
    with Mistakes.at("proof"):
        return DesiredReading.from_options({**default, **proof})


def tokens_of(given: Options) -> t.Iterator[str]:
    """The tokens and passwords in a scope's options, which need not be as they should be."""
    entries = given.get("repositories")
    for entry in entries if isinstance(entries, list) else []:
        proof = entry.get("proof") if isinstance(entry, t.Mapping) else None
        for options, name in ((entry, "token"), (proof, "password")):
            if isinstance(options, t.Mapping) and isinstance(options.get(name), str) and options[name]:
                yield options[name]
