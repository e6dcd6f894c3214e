# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CodeArtifact: one method per call, plain values out."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.pkgops.registry_auth.plugins.module_utils._aws.calls import Call
from ansible_collections.pkgops.registry_auth.plugins.module_utils._aws.names import Name
from ansible_collections.pkgops.registry_auth.plugins.module_utils._http import ANSWER_TIMEOUT, CONNECT_TIMEOUT
from ansible_collections.pkgops.registry_auth.plugins.module_utils._policy.codeartifact_documents import (
    Document,
    read_document,
)
from ansible_collections.pkgops.registry_auth.plugins.module_utils._quota import Quotas

SERVICE = "CodeArtifact"


def client_settings(connections: int) -> t.Any:
    """Settings for a client that C(connections) threads share.

    botocore would try again by itself, replaying a write with an old plan behind it; the engine reads and plans anew.
    """
    from botocore.config import Config

    return Config(
        retries={"total_max_attempts": 1},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=ANSWER_TIMEOUT,
        max_pool_connections=connections,
    )


@dataclass(frozen=True)
class ResourcePolicy:
    """The policy of a domain or repository."""

    resource_arn: str
    revision: str
    document: Document


class CodeArtifact:
    """The calls. All raise our errors; C(Raises NotFound) is said where it is an answer to expect."""

    def __init__(self, client: t.Any, quotas: Quotas) -> None:
        """C(client): boto3's, made with client_settings()."""
        self._client = client
        self._quotas = quotas

    def get_policy(self, name: Name) -> ResourcePolicy:
        """Raises NotFound, for a missing policy as for a missing resource."""
        return self._policy("Get", name)

    def put_policy(self, name: Name, document: str, revision: str | None) -> ResourcePolicy:
        """Set the policy.

        :param revision: the one to overwrite; None when there is no policy, for which the API has no precondition
        :raises LostRace: the policy no longer has C(revision)
        """
        return self._policy("Put", name, policyDocument=document, **_locked(revision))

    def delete_policy(self, name: Name, revision: str | None) -> ResourcePolicy:
        """Delete the policy, which is answered. Raises NotFound, and LostRace when it no longer has C(revision)."""
        return self._policy("Delete", name, **_locked(revision))

    def describe_arn(self, name: Name) -> str:
        """The ARN of a domain or repository, as proof that it exists. Raises NotFound."""
        call, answer = self._call("Describe", name, "")
        try:
            return str(answer[name.kind]["arn"])
        except (KeyError, TypeError):
            raise call.stranger() from None

    def _policy(self, verb: str, name: Name, **arguments: str) -> ResourcePolicy:
        call, answer = self._call(verb, name, "PermissionsPolicy", **arguments)
        policy = answer.get("policy", {})
        document = read_document(policy.get("document", ""))
        if document is None or "revision" not in policy:
            raise call.stranger()
        return ResourcePolicy(str(policy.get("resourceArn", "")), str(policy["revision"]), document)

    def _call(self, verb: str, name: Name, what: str, **arguments: str) -> tuple[Call, dict[str, t.Any]]:
        """Run the method whose name is made of its parts; returns the call too, to complain about the answer."""
        method = f"{verb}_{name.kind}{'_permissions_policy' if what else ''}".lower()
        call = Call(SERVICE, f"codeartifact:{verb}{name.kind.capitalize()}{what}", str(name))
        with self._quotas.call("read" if verb in ("Get", "Describe") else "write", "", str(name)):
            return call, call.run(getattr(self._client, method), **name.arguments, **arguments)


def _locked(revision: str | None) -> dict[str, str]:
    return {"policyRevision": revision} if revision else {}
