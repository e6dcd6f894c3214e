# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods on secrets."""

from __future__ import annotations

from datetime import datetime

from google.cloud.secretmanager_v1.types import resources, service
from google.iam.v1 import iam_policy_pb2, policy_pb2
from google.protobuf import empty_pb2
from google.protobuf.message import Message

from local_cloud.platform.errors import already_exists, invalid_argument
from local_cloud.platform.masks import apply_mask, check_mask
from local_cloud.platform.paging import matches, page
from local_cloud.services.iam.policies import grantable_on
from local_cloud.services.secretmanager import validation
from local_cloud.services.secretmanager.lookup import project_for, secret_for
from local_cloud.services.secretmanager.service import Call
from local_cloud.services.secretmanager.store import SERVICE, SecretEntry, SecretName, guarded, next_etag

LARGEST_PAGE = 25_000
_UPDATABLE = {
    "annotations",
    "customer_managed_encryption",
    "etag",
    "expire_time",
    "labels",
    "replication",
    "rotation",
    "topics",
    "ttl",
    "version_aliases",
    "version_destroy_ttl",
}


def create_secret(call: Call) -> Message:
    """Create a secret without versions."""
    request, now = call.request, call.service.now()
    project, location = project_for(call.service, call.caller, request.parent, "secretmanager.secrets.create")
    validation.check_location(location)
    validation.check_secret_id(request.secret_id)
    name = SecretName(project.number, location, request.secret_id, "").canonical(project.number)
    if call.service.secrets.find(project, location, request.secret_id, now):
        raise already_exists(f"Secret [{name}] already exists.")

    message = resources.Secret.pb()()
    message.CopyFrom(request.secret)
    # Given by the service, or input only (tags). Older client libraries lack some of them.
    for name_of_field in {"create_time", "policy_member", "tags"} & set(message.DESCRIPTOR.fields_by_name):
        message.ClearField(name_of_field)
    message.name = name
    message.etag = next_etag()
    message.create_time.FromDatetime(now)
    _settle_expiration(message, request.secret, now)
    _check(message, location, versions=set(), now=now, new_rotation_time=True)
    call.service.secrets.add(SecretEntry(project, location, request.secret_id, message))
    return message


def get_secret(call: Call) -> Message:
    return secret_for(call.service, call.caller, call.request.name, "secretmanager.secrets.get").message


def list_secrets(call: Call) -> Message:
    """List, newest first."""
    request = call.request
    project, location = project_for(call.service, call.caller, request.parent, "secretmanager.secrets.list")
    secrets = [
        secret.message
        for secret in call.service.secrets.within(project, location, call.service.now())
        if matches(request.filter, lambda field, message=secret.message: _filter_value(message, field))
    ]
    shown, next_token = page(secrets, request.page_size, request.page_token, largest=LARGEST_PAGE)
    return service.ListSecretsResponse.pb()(secrets=shown, next_page_token=next_token, total_size=len(secrets))


def update_secret(call: Call) -> Message:
    """Change the fields in the mask. Even an update that changes nothing makes a new etag."""
    wanted, paths, now = call.request.secret, list(call.request.update_mask.paths), call.service.now()
    secret = secret_for(call.service, call.caller, wanted.name, "secretmanager.secrets.update")
    if not paths:
        raise invalid_argument("The update_mask must name the fields to update.")
    check_mask(wanted.DESCRIPTOR, paths)
    fields = {path.partition(".")[0] for path in paths}
    if immutable := fields - _UPDATABLE:
        raise invalid_argument(f"Field '{sorted(immutable)[0]}' of a secret cannot be updated.")
    if wanted.etag and wanted.etag != secret.message.etag:
        raise validation.bad_etag()

    changed = resources.Secret.pb()()
    changed.CopyFrom(secret.message)
    expiration = {"ttl", "expire_time"} & fields
    apply_mask(changed, wanted, [path for path in paths if path not in {"ttl", "expire_time", "etag"}])
    if "replication" in fields:
        validation.check_same_replication(secret.message, changed)
    if expiration:
        changed.ClearField("expiration")
        if wanted.WhichOneof("expiration") in expiration:
            _settle_expiration(changed, wanted, now)
    if "rotation" in fields and not changed.rotation.ListFields():
        changed.ClearField("rotation")
    numbers = set(secret.versions)
    new_time = any(path in {"rotation", "rotation.next_rotation_time"} for path in paths)
    _check(changed, secret.location, versions=numbers, now=now, new_rotation_time=new_time)
    changed.etag = next_etag()
    secret.message.CopyFrom(changed)
    return secret.message


def delete_secret(call: Call) -> Message:
    """Delete the secret with all its versions."""
    secret = secret_for(call.service, call.caller, call.request.name, "secretmanager.secrets.delete")
    if call.request.etag and call.request.etag != secret.message.etag:
        raise validation.bad_etag()
    call.service.secrets.remove(secret)
    return empty_pb2.Empty()


def get_iam_policy(call: Call) -> policy_pb2.Policy:
    secret = secret_for(call.service, call.caller, call.request.resource, "secretmanager.secrets.getIamPolicy")
    return call.service.iam.get_policy(secret.policy, call.request)


def set_iam_policy(call: Call) -> policy_pb2.Policy:
    secret = secret_for(call.service, call.caller, call.request.resource, "secretmanager.secrets.setIamPolicy")
    return call.service.iam.set_policy(secret.policy, call.request, grantable_on("secretmanager"))


def test_iam_permissions(call: Call) -> iam_policy_pb2.TestIamPermissionsResponse:
    """Anybody may ask what they may do; with a secret that is missing that is nothing (the comments in iam_policy.proto)."""
    name = SecretName.parse(call.request.resource)
    project = call.service.projects.require(name.project, SERVICE)
    secret = call.service.secrets.find(project, name.location, name.secret, call.service.now())
    if secret is None:
        return iam_policy_pb2.TestIamPermissionsResponse()
    return call.service.iam.test_permissions(call.caller, guarded(name, project, secret), call.request)


def _check(secret: Message, location: str, *, versions: set[str], now: datetime, new_rotation_time: bool) -> None:
    validation.check_metadata(secret)
    validation.check_replication(secret, location)
    validation.check_rotation(secret, now, new_time=new_rotation_time)
    validation.check_version_destroy_ttl(secret)
    validation.check_aliases(secret.version_aliases, versions)


def _settle_expiration(secret: Message, wanted: Message, now: datetime) -> None:
    """Turn expire_time or ttl of the request into the expire_time that is always given on output."""
    kind = wanted.WhichOneof("expiration")
    if kind is None:
        return
    if kind == "ttl":
        expire_time = now + wanted.ttl.ToTimedelta()
    else:
        expire_time = wanted.expire_time.ToDatetime(tzinfo=now.tzinfo)
    validation.check_expiration(expire_time, now)
    secret.expire_time.FromDatetime(expire_time)


def _filter_value(secret: Message, field: str) -> str | None:
    if field == "name":
        return str(secret.name)
    for map_field in ("labels", "annotations"):
        if field.startswith(f"{map_field}."):
            return str(getattr(secret, map_field).get(field.partition(".")[2], ""))
    return None
