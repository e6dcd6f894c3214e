# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attestations that a job makes for what it built, as the step that publishes does (PEP 740).

They have the form of real ones, are signed by the key that their certificate has, and the certificate says which workflow
ran. It is issued by nobody that anyone trusts, and no log has them: real verification refuses them, as it should.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from local_cloud.services.github.id_tokens import ISSUER
from local_cloud.services.github.store import Run
from local_cloud.services.github.workflows import WORKFLOWS

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
# Fulcio's extensions: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md.
_EXTENSIONS = "1.3.6.1.4.1.57264.1."
ISSUER_EXTENSION = x509.ObjectIdentifier(f"{_EXTENSIONS}8")
REPOSITORY_EXTENSION = x509.ObjectIdentifier(f"{_EXTENSIONS}12")
WORKFLOW_EXTENSION = x509.ObjectIdentifier(f"{_EXTENSIONS}18")
SITE = "https://github.com"


def attest(run: Run, filename: str, sha256: str, now: datetime) -> dict[str, Any]:
    """An attestation for a file that the run's job built."""
    key = ec.generate_private_key(ec.SECP256R1())
    statement = json.dumps({
        "_type": STATEMENT_TYPE,
        "subject": [{"name": filename, "digest": {"sha256": sha256}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": None,
    }).encode()  # fmt: skip
    signature = key.sign(signed_bytes(statement), ec.ECDSA(hashes.SHA256()))
    certificate = _certificate(run, key, now).public_bytes(Encoding.DER)
    return {
        "version": 1,
        "verification_material": {
            "certificate": base64.b64encode(certificate).decode(),
            "transparency_entries": [{"logIndex": run.id, "integratedTime": str(int(now.timestamp()))}],
        },
        "envelope": {
            "statement": base64.b64encode(statement).decode(),
            "signature": base64.b64encode(signature).decode(),
        },
    }


def signed_bytes(statement: bytes) -> bytes:
    """What is signed of a statement. Source: the DSSE protocol, "PAE"."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(statement), statement)


def as_der_text(text: str) -> bytes:
    """A text of less than 64 KiB as DER has it."""
    content = text.encode()
    length = bytes([len(content)]) if len(content) < 128 else b"\x82" + len(content).to_bytes(2, "big")
    return b"\x0c" + length + content


def _certificate(run: Run, key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    workflow = f"{SITE}/{run.repository.full_name}/{WORKFLOWS}{run.workflow}@{run.ref}"
    extensions = {
        ISSUER_EXTENSION: ISSUER,
        REPOSITORY_EXTENSION: f"{SITE}/{run.repository.full_name}",
        WORKFLOW_EXTENSION: workflow,
    }
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "local cloud")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(minutes=10))
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(workflow)]), critical=True)
    )
    for oid, text in extensions.items():
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, as_der_text(text)), critical=False)
    return builder.sign(key, hashes.SHA256())
