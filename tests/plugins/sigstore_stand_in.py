# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What signs attestations that real verification takes: an authority, its log of certificates, and a log of signatures.

All of it is made up for one test, and trusted by whoever is given its trust root. Sources: RFC 6962 for signed certificate
timestamps and the log's leaves, Fulcio's "Sigstore OID information", and the form of Rekor's entries of kind dsse 0.0.1.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
TIMESTAMPS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
SHA256_ECDSA = b"\x04\x03"
DAY = timedelta(days=1)


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def sign(key: ec.EllipticCurvePrivateKey, content: bytes) -> bytes:
    return key.sign(content, ec.ECDSA(hashes.SHA256()))


def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def number(key: ec.EllipticCurvePrivateKey) -> bytes:
    """By which logs are known."""
    return hashlib.sha256(public(key)).digest()


def der_text(text: str) -> bytes:
    content = text.encode()
    length = bytes([len(content)]) if len(content) < 128 else b"\x81" + bytes([len(content)])
    return b"\x0c" + length + content


class Sigstore:
    """The authority and the logs, with keys of their own."""

    def __init__(self) -> None:
        self._authority, self._certificates, self._signatures = (
            ec.generate_private_key(ec.SECP256R1()) for _key in range(3)
        )
        self._root = self._make_root()

    def trust_root(self) -> dict[str, Any]:
        """The document by which verifiers know it."""
        start = {"start": "2020-01-01T00:00:00Z"}

        def log(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
            details = {"rawBytes": encoded(public(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": start}
            known = {"keyId": encoded(number(key))}
            return {
                "baseUrl": "https://log.example.com",
                "hashAlgorithm": "SHA2_256",
                "publicKey": details,
                "logId": known,
            }

        chain = {"certificates": [{"rawBytes": encoded(self._root.public_bytes(Encoding.DER))}]}
        authority = {
            "subject": {"organization": "stand-in", "commonName": "authority"},
            "uri": "https://ca.example.com",
            "certChain": chain,
            "validFor": start,
        }
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(self._signatures)],
            "certificateAuthorities": [authority],
            "ctlogs": [log(self._certificates)],
            "timestampAuthorities": [],
        }

    def trusted_in(self, cache: Path) -> None:
        """Let verifiers trust it, and nobody else, whose E(XDG_CACHE_HOME) is this folder."""
        from sigstore.models import ClientTrustConfig

        before = os.environ.get("XDG_CACHE_HOME")
        os.environ["XDG_CACHE_HOME"] = str(cache)
        try:
            # Where it looks for it is its own affair.
            ClientTrustConfig.production(offline=True)
        finally:
            os.environ.pop("XDG_CACHE_HOME")
            if before is not None:
                os.environ["XDG_CACHE_HOME"] = before
        (kept,) = cache.rglob("trusted_root.json")
        kept.write_text(json.dumps(self.trust_root()))

    def attest(
        self, filename: str, sha256: str, repository: str, workflow: str, ref: str = "refs/tags/v1"
    ) -> dict[str, Any]:
        """An attestation for a file, as a job of a workflow has it made."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certify(key, repository, workflow, ref)
        subject = [{"name": filename, "digest": {"sha256": sha256}}]
        statement = json.dumps({
            "_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": PREDICATE_TYPE, "predicate": None,
        }).encode()  # fmt: skip
        signature = sign(
            key, b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(statement), statement)
        )
        return {
            "version": 1,
            "verification_material": {
                "certificate": encoded(certificate.public_bytes(Encoding.DER)),
                "transparency_entries": [self._enter(certificate, statement, signature)],
            },
            "envelope": {"statement": encoded(statement), "signature": encoded(signature)},
        }

    def _make_root(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "authority")])
        now, key = datetime.now(UTC), self._authority.public_key()
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        return (
            x509.CertificateBuilder(name, name, key, x509.random_serial_number(), now - DAY, now + DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .sign(self._authority, hashes.SHA256())
        )

    def _certify(self, key: ec.EllipticCurvePrivateKey, repository: str, workflow: str, ref: str) -> x509.Certificate:
        site = "https://github.com"
        built = f"{site}/{repository}/.github/workflows/{workflow}@{ref}"
        says = {
            8: "https://token.actions.githubusercontent.com",
            12: f"{site}/{repository}",
            13: "0123456789abcdef0123456789abcdef01234567",
            14: ref,
            15: "99",
            17: "1234",
            18: built,
            20: "push",
            21: f"{site}/{repository}/actions/runs/1/attempts/1",
        }
        begin, serial = datetime.now(UTC) - timedelta(minutes=1), x509.random_serial_number()
        end = begin + timedelta(minutes=10)
        builder = (
            x509.CertificateBuilder(self._root.subject, x509.Name([]), key.public_key(), serial, begin, end)
            .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._authority.public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(built)]), critical=True)
        )  # fmt: skip
        for kind, text in says.items():
            oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{kind}")
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, der_text(text)), critical=False)
        unlogged = builder.sign(self._authority, hashes.SHA256())
        logged = x509.UnrecognizedExtension(TIMESTAMPS, self._timestamp(unlogged.tbs_certificate_bytes))
        return builder.add_extension(logged, critical=False).sign(self._authority, hashes.SHA256())

    def _timestamp(self, certificate: bytes) -> bytes:
        """The log's promise to have the certificate, as an extension has it."""
        moment = struct.pack("!Q", int(time.time() * 1000))
        entry = number(self._authority) + len(certificate).to_bytes(3, "big") + certificate
        signature = sign(self._certificates, b"\0\0" + moment + b"\0\1" + entry + b"\0\0")
        promise = (
            b"\0"
            + number(self._certificates)
            + moment
            + b"\0\0"
            + SHA256_ECDSA
            + len(signature).to_bytes(2, "big")
            + signature
        )
        listed = len(promise).to_bytes(2, "big") + promise
        content = len(listed).to_bytes(2, "big") + listed
        return b"\x04" + (bytes([len(content)]) if len(content) < 128 else b"\x81" + bytes([len(content)])) + content

    def _enter(self, certificate: x509.Certificate, statement: bytes, signature: bytes) -> dict[str, Any]:
        """The entry of a log that has no other."""
        verifier = encoded(certificate.public_bytes(Encoding.PEM))

        def digest(content: bytes) -> dict[str, str]:
            return {"algorithm": "sha256", "value": hashlib.sha256(content).hexdigest()}

        spec = {
            "envelopeHash": digest(b"nobody can compute this one again"),
            "payloadHash": digest(statement),
            "signatures": [{"signature": encoded(signature), "verifier": verifier}],
        }
        body = json.dumps({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}).encode()
        root, known, moment = hashlib.sha256(b"\0" + body).digest(), number(self._signatures), int(time.time())
        note = f"log.example.com\n1\n{encoded(root)}\n"
        signed = encoded(known[:4] + sign(self._signatures, note.encode()))
        promised = {"body": encoded(body), "integratedTime": moment, "logID": known.hex(), "logIndex": 0}
        promise = json.dumps(promised, sort_keys=True, separators=(",", ":")).encode()
        return {
            "logIndex": "0",
            "logId": {"keyId": encoded(known)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(moment),
            "inclusionPromise": {"signedEntryTimestamp": encoded(sign(self._signatures, promise))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": encoded(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.example.com {signed}\n"},
            },
            "canonicalizedBody": encoded(body),
        }
