# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who published a file, as far as an index and attestations tell, held against who should have. Pure.

Source: the specification of index hosted attestations (PEP 740), and of the certificates that sign them (Fulcio's "Sigstore OID
information").
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..._base.findings import MEDIUM, Finding

GITHUB = "GitHub"
_GITHUB_SITE = "https://github.com/"


@dataclass(frozen=True)
class Expected:
    """Who should have published. What is None is not compared; an empty environment is none."""

    #: As OWNER/NAME.
    repository: str | None = None
    workflow: str | None = None
    environment: str | None = None


@dataclass(frozen=True)
class Stated:
    """Who published, in the index's own words: it verified attestations against this publisher when the file was uploaded."""

    kind: str
    repository: str = ""
    workflow: str = ""
    #: The one that the publisher is registered with, empty for none. The job's own need not be it.
    environment: str = ""

    @property
    def in_words(self) -> str:
        """For messages."""
        place = f", environment {self.environment!r}" if self.environment else ""
        return f"{self.kind} {self.repository}, workflow {self.workflow}{place}"


@dataclass(frozen=True)
class Certified:
    """What the certificate of an attestation says of the run that signed it. True only if the attestation was verified."""

    repository: str | None = None
    workflow: str | None = None
    ref: str | None = None
    commit: str | None = None
    event: str | None = None
    run_url: str | None = None
    repository_id: str | None = None
    owner_id: str | None = None


@dataclass(frozen=True)
class Attested:
    """One attestation, and how its verification ended."""

    predicate_type: str | None
    certified: Certified = Certified()
    #: None when nothing was verified.
    verified: bool | None = None
    #: Why it does not hold.
    reason: str = ""


@dataclass(frozen=True)
class Bundle:
    """The attestations of one publisher."""

    publisher: Stated
    attestations: tuple[t.Any, ...]


def read_bundles(document: t.Any) -> tuple[Bundle, ...] | None:
    """What a provenance document holds; None when it is none."""
    bundles = document.get("attestation_bundles") if isinstance(document, t.Mapping) else None
    if not isinstance(bundles, list) or not bundles:
        return None
    found = []
    for bundle in bundles:
        publisher = bundle.get("publisher") if isinstance(bundle, t.Mapping) else None
        attestations = bundle.get("attestations") if isinstance(bundle, t.Mapping) else None
        if not isinstance(publisher, t.Mapping) or not isinstance(attestations, list) or not attestations:
            return None
        names = (_text(publisher, name) for name in ("kind", "repository", "workflow", "environment"))
        found.append(Bundle(Stated(*names), tuple(attestations)))
    return tuple(found)


def _text(publisher: t.Mapping[str, t.Any], name: str) -> str:
    return str(publisher.get(name) or "")


_NUMBERS = "1.3.6.1.4.1.57264.1."


def read_certificate(extensions: t.Mapping[str, str]) -> Certified:
    """What a certificate says, from its extensions by number."""

    def extension(number: int) -> str | None:
        return extensions.get(f"{_NUMBERS}{number}")

    repository = (extension(12) or "").removeprefix(_GITHUB_SITE)
    ref, commit = extension(14), extension(13)
    return Certified(
        repository=repository or None,
        workflow=_workflow(extension(18) or "", repository, ref, commit) or None,
        ref=ref,
        commit=commit,
        event=extension(20),
        run_url=extension(21),
        repository_id=extension(15),
        owner_id=extension(17),
    )


def _workflow(built: str, repository: str, *revisions: str | None) -> str:
    """The file's name in its address, which ends with a revision. Both may hold an @."""
    path = built.removeprefix(f"{_GITHUB_SITE}{repository}/.github/workflows/")
    found = (path.removesuffix(f"@{revision}") for revision in revisions if revision and path.endswith(f"@{revision}"))
    return next(found, path)


def publisher_problems(filename: str, stated: Stated, expected: Expected) -> t.Iterator[Finding]:
    """Where the publisher that the index states is not the expected one."""
    if expected.repository and stated.kind != GITHUB:
        yield Finding(
            "publisher-differs",
            filename,
            f"{filename} was published by {stated.kind or 'a publisher of no kind'}, and not by {expected.repository} on GitHub.",
            _UNEXPECTED,
        )
        return
    pairs = (
        ("repository", stated.repository, expected.repository),
        ("workflow", stated.workflow, expected.workflow),
        # Indexes keep its name in lower case.
        (
            "environment",
            stated.environment.lower(),
            None if expected.environment is None else expected.environment.lower(),
        ),
    )
    for what, said, wanted in pairs:
        if wanted is None or said == wanted:
            continue
        case = " (the case differs)" if said.lower() == wanted.lower() else ""
        yield Finding(
            f"{what}-differs",
            filename,
            f"{filename} was published from the {what} {_or_none(said)}, and not from {_or_none(wanted)}{case}, as the index states.",
            _UNEXPECTED,
        )


_UNEXPECTED = "If this publisher is not yours, yank the release and remove the publisher from the project on the index; else expect this one."


def _or_none(name: str) -> str:
    return repr(name) if name else "none"


def attestation_problem(filename: str, attested: Attested) -> Finding | None:
    """What is wrong with an attestation that does not hold, or could not be verified."""
    if attested.verified or not attested.reason:
        return None
    how = "does not hold" if attested.verified is False else "was not verified"
    return Finding(
        "not-verified",
        filename,
        f"An attestation of {filename} {how}: {attested.reason}.",
        "Do not rely on what the index says of the file. A newer release of sigstore may know keys that this one does not.",
    )


def no_provenance(filename: str) -> Finding:
    """For a file that the index has no attestations of."""
    return Finding(
        "no-provenance",
        filename,
        f"The index has no provenance of {filename}: who published it is not known.",
        "Publish with attestations, as pypa/gh-action-pypi-publish does by default.",
    )


def unreadable(filename: str) -> Finding:
    """For a document that says nothing."""
    return Finding(
        "provenance-unreadable",
        filename,
        f"What the index has as the provenance of {filename} does not have the form of PEP 740.",
        "Update this collection, or ask those who run the index.",
    )


def no_checksum(filename: str, others: t.Sequence[str]) -> Finding:
    """For a file that nothing can be compared with.

    :param others: the kinds of checksums that there are, of which attestations have none
    """
    given = f" but its {' and '.join(others)}" if others else ""
    return Finding(
        "no-checksum",
        filename,
        f"The index gives no SHA-256 of {filename}{given}, so that no attestation can be held against it.",
        "Set download to compute it from the file itself.",
    )


def other_checksum(filename: str, kind: str) -> Finding:
    """For a file that is not what the index says."""
    return Finding(
        "checksum-differs",
        filename,
        f"{filename} does not have the {kind} that the index gives.",
        "Do not install it: something between here and the index changes files, or the index is broken.",
    )


def not_served(filename: str) -> Finding:
    """For a file that is listed and not there."""
    return Finding(
        "file-not-served",
        filename,
        f"The index lists {filename} and does not serve it.",
        "Try again later, or leave download out.",
        MEDIUM,
    )


def no_release(what: str) -> Finding:
    """For a project, a version or a file that the index does not have."""
    return Finding(
        "not-found", "index", f"The index has no {what}.", "Check the names, and whether the release was made."
    )


def not_proved(
    stated: t.Collection[Stated], expected: Expected, *, missing: bool, verify: bool, download: bool
) -> tuple[str, ...]:
    """What remains open, one sentence each.

    :param missing: there is a file without provenance
    """
    sentences = []
    if missing:
        sentences.append(
            "Whether files without provenance came from a trusted publisher: they may have been uploaded by one without attestations, "
            "or with an API token."
        )
    if stated and verify:
        sentences += [
            "In which environment a job ran: certificates do not say it. The index names the one that the publisher is registered "
            "with, and took no other if it names one.",
            "Whether keys of Sigstore were withdrawn since the trust root was made that sigstore has on this machine: nobody was "
            "asked.",
        ]
        if not expected.repository:
            sentences.append("Whether the publishers are the right ones: none was expected.")
    if stated and not verify:
        sentences.append("What the index states of publishers: no attestation was verified.")
    if stated and verify and not download:
        sentences.append(
            "Whether the index serves the bytes whose SHA-256 it gives: installers compare that themselves."
        )
    return tuple(sentences)
