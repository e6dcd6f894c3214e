# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attestations that come with an upload, and the provenance that the index states because of them (PEP 740).

What they must be is checked as far as it can be without a trust root: their form, that they are about this very file, that
the key of their certificate signed them, and that the certificate is for the workflow that the publisher names. Whether
anyone issued that certificate, and whether a log has the signature, is not.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from local_cloud.services.github import attestations as made
from local_cloud.services.index.publishers import Publisher

_PREDICATES = (made.PREDICATE_TYPE, "/attestations/publish/v1")


class AttestationError(ValueError):
    """Why an upload's attestations are refused."""


def provenance(text: str, publisher: Publisher | None, filename: str, sha256: str) -> dict[str, Any]:
    """The provenance document of a file that came with attestations.

    Raises:
        AttestationError: one of them is not what it must be.
    """
    if publisher is None:
        raise AttestationError("Attestations are only supported when using Trusted Publishing")
    attestations = _parse(text)
    seen: set[str] = set()
    for attestation in attestations:
        predicate = _verify(attestation, publisher, filename, sha256)
        if predicate in seen:
            raise AttestationError(
                f"Multiple attestations for the same file with the same predicate type ({predicate})"
            )
        seen.add(predicate)
    identity = {
        "kind": "GitHub",
        "claims": None,
        "repository": f"{publisher.owner}/{publisher.repository}",
        "workflow": publisher.workflow,
        "environment": publisher.environment or None,
    }
    return {"version": 1, "attestation_bundles": [{"publisher": identity, "attestations": attestations}]}


def _parse(text: str) -> list[dict[str, Any]]:
    try:
        attestations = json.loads(text)
    except (ValueError, RecursionError):
        raise AttestationError("Malformed attestations: they are not JSON") from None
    if not isinstance(attestations, list) or not attestations:
        raise AttestationError("Malformed attestations: an empty attestation set is not permitted")
    if len(attestations) > len(_PREDICATES):
        raise AttestationError(f"A maximum of {len(_PREDICATES)} attestations per file are supported")
    return attestations


def _verify(attestation: Any, publisher: Publisher, filename: str, sha256: str) -> str:
    """Check one; what kind it is."""
    try:
        if attestation["version"] != 1 or not attestation["verification_material"]["transparency_entries"]:
            raise AttestationError("Malformed attestations: no version 1 with transparency entries")
        certificate = x509.load_der_x509_certificate(_bytes(attestation["verification_material"]["certificate"]))
        statement = _bytes(attestation["envelope"]["statement"])
        signature = _bytes(attestation["envelope"]["signature"])
        claimed = json.loads(statement)
        (subject,) = claimed["subject"]
        about, digest, predicate = subject["name"], subject["digest"]["sha256"], str(claimed["predicateType"])
    except (TypeError, KeyError, ValueError) as error:
        if isinstance(error, AttestationError):
            raise
        raise AttestationError("Malformed attestations: they do not have the form of PEP 740") from None
    if (about, digest) != (filename, sha256):
        raise _failed("subject does not match distribution")
    if not predicate.endswith(_PREDICATES):
        raise AttestationError("Attestation with unsupported predicate type")
    _check_signature(certificate, statement, signature)
    _check_identity(certificate, publisher)
    return predicate


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _check_signature(certificate: x509.Certificate, statement: bytes, signature: bytes) -> None:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise _failed("the certificate's key is of another kind")
    try:
        key.verify(signature, made.signed_bytes(statement), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise _failed("invalid signature") from None


def _check_identity(certificate: x509.Certificate, publisher: Publisher) -> None:
    """The case of names counts, as it does for the index."""
    repository = f"{made.SITE}/{publisher.owner}/{publisher.repository}"
    if _extension(certificate, made.REPOSITORY_EXTENSION) != made.as_der_text(repository):
        raise _failed("Certificate's Source Repository URI does not match expected Trusted Publisher")
    workflow = _extension(certificate, made.WORKFLOW_EXTENSION)
    if f"{made.SITE}/{publisher.path}@".encode() not in workflow:
        raise _failed("Certificate's Build Config URI does not match expected Trusted Publisher")


def _extension(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> bytes:
    try:
        value = certificate.extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        raise _failed("the certificate does not say which workflow it is for") from None
    return value.value if isinstance(value, x509.UnrecognizedExtension) else b""


def _failed(problem: str) -> AttestationError:
    return AttestationError(f"Could not verify the uploaded artifact using the included attestation: {problem}")
