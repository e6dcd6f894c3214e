# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verifies attestations of files with the library pypi-attestations, without asking anybody."""

from __future__ import annotations

import logging
import threading
import typing as t

from ..._base.errors import MissingLibrary, Refused, Unavailable
from ..._domain.publishing.provenance import GITHUB, Attested, Certified, Stated, read_certificate


class Verifier:
    """Knows the trust root that sigstore has on this machine: what it fetched last, or what came with it.

    The library is loaded by the first verification, which takes seconds.
    """

    def __init__(self) -> None:
        # The library writes the trust root to the user's cache before it reads it there, unlocked.
        self._lock = threading.Lock()
        self._library: t.Any = None

    def verify(self, attestation: t.Any, publisher: Stated, filename: str, sha256: str) -> Attested:
        """Whether an attestation is one of this publisher for this file.

        :param publisher: the one to verify against; of its names, certificates have the repository's and the workflow's
        :raises MissingLibrary: pypi-attestations is not there
        :raises Refused: there is no trust root
        """
        if publisher.kind != GITHUB:
            return Attested(None, reason=f"publishers of the kind {publisher.kind} are not known here")
        with self._lock:
            if self._library is None:
                self._library = _load()
            return self._verify(attestation, publisher, filename, sha256)

    def _verify(self, attestation: t.Any, publisher: Stated, filename: str, sha256: str) -> Attested:
        predicate_type, certified = None, Certified()
        try:
            parsed = self._library.Attestation.model_validate(attestation)
            statement = parsed.statement
            predicate_type = str(statement["predicateType"])
            certified = read_certificate(parsed.certificate_claims)
            reason = _difference(statement, certified, publisher, filename, sha256)
            if reason:
                return Attested(predicate_type, certified, False, reason)
            identity = self._library.GitHubPublisher(repository=publisher.repository, workflow=publisher.workflow)
            file = self._library.Distribution(name=filename, digest=sha256)
            parsed.verify(identity, file, offline=True)
        except Exception as error:
            # What a stranger wrote makes the libraries below raise whatever their parsers meet.
            return Attested(predicate_type, certified, False, self._reason(error))
        return Attested(predicate_type, certified, True)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, self._library.VerificationError):
            said = " ".join(str(error).removeprefix("Verification failed: ").split())
            return f"its signature, certificate or log entry cannot be verified ({said[:200]})"
        return f"it cannot be read ({type(error).__name__})"


def _load() -> t.Any:
    """The library, once the trust root was read: what fails after that is an attestation's own fault."""
    try:
        import pypi_attestations
        from sigstore.models import ClientTrustConfig
    except ImportError as error:
        raise MissingLibrary("pypi-attestations", error) from error
    # It warns for each attestation that it is offline, as it is meant to be.
    logger = logging.getLogger("sigstore")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    try:
        ClientTrustConfig.production(offline=True).trusted_root.get_fulcio_certs()
    except OSError as error:
        raise Refused(
            f"sigstore cannot keep its trust root in the user's cache ({error.strerror}): the user that runs the module needs a home "
            "that can be written to."
        ) from None
    except Exception as error:
        # Another process may be writing it.
        raise Unavailable(
            f"sigstore cannot read its trust root ({type(error).__name__}): remove sigstore-python from the user's cache if this "
            "stays so."
        ) from None
    return pypi_attestations


def _difference(statement: t.Any, certified: Certified, publisher: Stated, filename: str, sha256: str) -> str:
    """What the attestation itself says to be another, in words that the library has not. It verifies the same again."""
    subjects = statement["subject"]
    if [subject["digest"].get("sha256") for subject in subjects] != [sha256]:
        return f"it is about another content than that of {filename}"
    if certified.repository != publisher.repository:
        return f"it was signed for the repository {certified.repository}, and not for {publisher.repository}"
    if certified.workflow != publisher.workflow:
        return f"it was signed for the workflow {certified.workflow}, and not for {publisher.workflow}"
    return ""
