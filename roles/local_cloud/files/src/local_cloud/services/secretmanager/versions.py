# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods on secret versions."""

from __future__ import annotations

import google_crc32c
from google.cloud.secretmanager_v1.types import resources
from google.cloud.secretmanager_v1.types import service as messages
from google.protobuf.message import Message

from local_cloud.platform.errors import failed_precondition, invalid_argument
from local_cloud.platform.paging import matches, page
from local_cloud.services.secretmanager import validation
from local_cloud.services.secretmanager.lookup import secret_for, version_for
from local_cloud.services.secretmanager.quota import charge
from local_cloud.services.secretmanager.secrets import LARGEST_PAGE
from local_cloud.services.secretmanager.service import Call, SecretManager
from local_cloud.services.secretmanager.store import SecretEntry, State, VersionEntry, destroy, next_etag

MAX_PAYLOAD = 64 * 1024


def add_secret_version(call: Call) -> Message:
    """Add a payload as the newest version. A checksum is checked, and the answer says that it was."""
    request, now = call.request, call.service.now()
    secret = secret_for(call.service, call.caller, request.parent, "secretmanager.versions.add")
    payload = request.payload
    if not payload.data:
        raise invalid_argument("The secret payload must not be empty.")
    if len(payload.data) > MAX_PAYLOAD:
        raise invalid_argument(f"The secret payload must not exceed {MAX_PAYLOAD} bytes.")
    has_checksum = payload.HasField("data_crc32c")
    if has_checksum and payload.data_crc32c != google_crc32c.value(payload.data):
        raise invalid_argument("The CRC32C checksum of the payload does not match: the data may be corrupted.")

    message = resources.SecretVersion.pb()(
        name=f"{secret.message.name}/versions/{len(secret.versions) + 1}",
        state=State.ENABLED,
        etag=next_etag(),
        client_specified_payload_checksum=has_checksum,
    )
    message.create_time.FromDatetime(now)
    _describe_encryption(secret, message)
    secret.add_version(VersionEntry(message, payload.data))
    return message


def get_secret_version(call: Call) -> Message:
    _secret, version = version_for(
        call.service, call.caller, call.request.name, "secretmanager.versions.get", aliases=True
    )
    return version.message


def list_secret_versions(call: Call) -> Message:
    """List, newest first."""
    request = call.request
    secret = secret_for(call.service, call.caller, request.parent, "secretmanager.versions.list")
    versions = [
        version.message
        for version in reversed(secret.versions.values())
        if matches(request.filter, lambda field, message=version.message: _filter_value(message, field))
    ]
    shown, next_token = page(versions, request.page_size, request.page_token, largest=LARGEST_PAGE)
    return messages.ListSecretVersionsResponse.pb()(
        versions=shown, next_page_token=next_token, total_size=len(versions)
    )


def access_secret_version(call: Call) -> Message:
    version = accessed(call.service, call.caller, call.request.name)
    data = version.payload or b""
    return messages.AccessSecretVersionResponse.pb()(
        name=version.message.name,
        payload=resources.SecretPayload.pb()(data=data, data_crc32c=google_crc32c.value(data)),
    )


def accessed(service: SecretManager, caller: str, name: str) -> VersionEntry:
    """A version whose payload the caller may have.

    Raises:
        ApiError: PERMISSION_DENIED, NOT_FOUND, or FAILED_PRECONDITION for a disabled or destroyed version.
    """
    _secret, version = version_for(service, caller, name, "secretmanager.versions.access", aliases=True)
    if version.message.state != State.ENABLED:
        raise _wrong_state(version)
    return version


def read_payload(service: SecretManager, caller: str, name: str) -> bytes:
    """A payload for another service, as a caller of its own; it counts against the quota, too. Raises ApiError as ``accessed``."""
    charge(service, ".AccessSecretVersion", name)
    return accessed(service, caller, name).payload or b""


def enable_secret_version(call: Call) -> Message:
    """Enable; a destruction that was postponed is called off."""
    version = _for_change(call, "secretmanager.versions.enable")
    version.message.ClearField("scheduled_destroy_time")
    return _set_state(version, State.ENABLED)


def disable_secret_version(call: Call) -> Message:
    return _set_state(_for_change(call, "secretmanager.versions.disable"), State.DISABLED)


def destroy_secret_version(call: Call) -> Message:
    """Destroy, or with version_destroy_ttl disable now and destroy when it has passed."""
    version = _for_change(call, "secretmanager.versions.destroy")
    secret = secret_for(call.service, call.caller, call.request.name, "secretmanager.versions.destroy")
    now = call.service.now()
    if secret.message.HasField("version_destroy_ttl"):
        if not version.message.HasField("scheduled_destroy_time"):
            secret.postpone_destruction(version, now + secret.message.version_destroy_ttl.ToTimedelta())
        return _set_state(version, State.DISABLED)
    destroy(version, now)
    version.message.etag = next_etag()
    return version.message


def _for_change(call: Call, permission: str) -> VersionEntry:
    """Enable, disable and destroy take a number only, check the etag, and find no way back from DESTROYED."""
    _secret, version = version_for(call.service, call.caller, call.request.name, permission)
    if call.request.etag and call.request.etag != version.message.etag:
        raise validation.bad_etag()
    if version.message.state == State.DESTROYED:
        raise _wrong_state(version)
    return version


def _set_state(version: VersionEntry, state: int) -> Message:
    version.message.state = state
    version.message.etag = next_etag()
    return version.message


def _wrong_state(version: VersionEntry) -> Exception:
    state = State(version.message.state).name
    return failed_precondition(f"Secret Version [{version.message.name}] is in {state} state.")


def _describe_encryption(secret: SecretEntry, version: Message) -> None:
    """Where the payload lies, and under which key version when it has a customer's key."""
    message = secret.message
    if secret.location:
        if message.HasField("customer_managed_encryption"):
            key = message.customer_managed_encryption.kms_key_name
            version.customer_managed_encryption.kms_key_version_name = f"{key}/cryptoKeyVersions/1"
        return
    if message.replication.WhichOneof("replication") == "automatic":
        status = version.replication_status.automatic
        status.SetInParent()
        _note_key(message.replication.automatic, status)
        return
    for replica in message.replication.user_managed.replicas:
        status = version.replication_status.user_managed.replicas.add(location=replica.location)
        _note_key(replica, status)


def _note_key(policy: Message, status: Message) -> None:
    if policy.HasField("customer_managed_encryption"):
        key = policy.customer_managed_encryption.kms_key_name
        status.customer_managed_encryption.kms_key_version_name = f"{key}/cryptoKeyVersions/1"


def _filter_value(version: Message, field: str) -> str | None:
    values = {"name": version.name, "state": State(version.state).name}
    return values.get(field)
