# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who published the files of a release, and whether it is who should have."""

from __future__ import annotations

import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace

from .._base.errors import InvalidInput
from .._base.findings import HIGH, Finding
from .._base.values import parse_endpoint, parse_url
from .._clients.pypi.attestations import Verifier
from .._clients.pypi.endpoints import pypi_endpoint
from .._clients.pypi.index import READABLE, REFUSED, File, PackageIndex, in_words, is_version, other_checksums
from .._domain.publishing import provenance
from .._domain.publishing.indexes import PYPI, TESTPYPI, find_index
from .._domain.publishing.provenance import Attested, Bundle, Expected, Stated
from .._domain.publishing.trusted_publishers import Publisher, form_problems
from .._engine.reconcile import CONCURRENCY
from .._engine.resource import DesiredState, Options, Resource


@dataclass(frozen=True)
class DesiredProvenance(DesiredState):
    """The files to look at, and who should have published them."""

    project: str
    version: str | None = None
    filename: str | None = None
    index: str = PYPI
    expected: Expected = field(default_factory=Expected)
    verify: bool = True
    download: bool = False

    @classmethod
    def from_options(cls, options: Options) -> DesiredProvenance:
        """Raises InvalidInput."""
        project, version, filename = options.get("project"), options.get("version"), options.get("filename")
        if not project:
            raise InvalidInput("project is missing: name the project on the index.")
        if not version and not filename:
            raise InvalidInput("version is missing: give the version that was released, or one filename.")
        index = options.get("index") or PYPI
        _check_index(index)
        verify = options.get("verify") is not False
        download = bool(options.get("download"))
        if download and not verify:
            raise InvalidInput(
                "download has no use without verify: its checksum is what attestations are held against."
            )
        return cls(project, version, filename, index, _expected(project, options), verify, download)

    @property
    def target(self) -> str:
        """The release or the file, and its index."""
        return f"{_what(self)} at {self.index}"


def _what(desired: DesiredProvenance) -> str:
    """The release or the file."""
    return " ".join(filter(None, (desired.project, desired.version, desired.filename)))


def _check_index(index: str) -> None:
    if index in (PYPI, TESTPYPI):
        return
    if "://" not in index:
        raise InvalidInput(f"index {index!r} is neither pypi nor testpypi nor the URL of an index.")
    parts = parse_url(index, option="index")
    if parts.query or parts.fragment:
        raise InvalidInput("index has a query or fragment: give the address below which the index has simple/.")
    parse_endpoint(index, option="index", sends="what is to be verified")


def _expected(project: str, options: Options) -> Expected:
    """Names that no publisher can have are refused: they would never match."""
    owner, repository = options.get("owner"), options.get("repository")
    workflow, environment = options.get("workflow"), options.get("environment")
    if bool(owner) != bool(repository):
        raise InvalidInput("owner and repository go together.")
    if not owner:
        if workflow or environment is not None:
            raise InvalidInput("workflow and environment are those of a repository: give owner and repository, too.")
        wanted = Publisher(project, "owner", "repository", "workflow.yml")
    else:
        wanted = Publisher(project, owner, str(repository), workflow or "workflow.yml", environment or "")
    wrong = form_problems(wanted)
    if wrong:
        raise InvalidInput(f"{wrong[0].where} cannot be: {wrong[0].message} {wrong[0].remedy}")
    return Expected(f"{owner}/{repository}" if owner else None, workflow or None, environment)


@dataclass(frozen=True)
class CheckedFile:
    """What came out for one file."""

    file: File
    sha256: str | None
    #: With their attestations as they turned out.
    bundles: tuple[tuple[Stated, tuple[Attested, ...]], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether every attestation holds, and there is one of each publisher."""
        return bool(self.bundles) and all(
            attestations and all(one.verified for one in attestations) for _stated, attestations in self.bundles
        )


@dataclass(frozen=True)
class CheckedRelease:
    """What came out for one release."""

    files: tuple[CheckedFile, ...]
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether nothing stands against these files."""
        return not any(finding.severity == HIGH for finding in self.findings)

    @property
    def publishers(self) -> tuple[Stated, ...]:
        """Those that the index states, each once."""
        return tuple(dict.fromkeys(stated for found in self.files for stated, _attestations in found.bundles))


@dataclass(frozen=True)
class Provenances(Resource[DesiredProvenance, CheckedRelease]):
    """The resource of pypi_provenance_info. It is read, and never changed."""

    pypi: str
    index: PackageIndex
    verifier: Verifier
    #: For the files of all entries: a release may have a hundred.
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(CONCURRENCY))

    @classmethod
    def connect(cls, _options: Options) -> Provenances:
        """Raises MissingLibrary."""
        return cls(pypi_endpoint(), PackageIndex(), Verifier())

    def read(self, desired: DesiredProvenance) -> CheckedRelease:
        """Raises the errors of PackageIndex.read, and those of the trust root. What is missing is a finding."""
        simple = f"{find_index(desired.index, self.pypi).origin}/simple/"
        page = self.index.read(simple, desired.project, None, download=False)
        if page.status == REFUSED:
            return CheckedRelease((), (_refused(desired),))
        files = [file for file in page.files if _is_wanted(file, desired)] if page.status == READABLE else []
        if not files:
            return CheckedRelease((), (provenance.no_release(_what(desired)),))
        found = tuple(self.pool.map(lambda file: self._look_at(simple, file, desired), files))
        findings = [finding for one in found for finding in one.findings]
        return CheckedRelease(found, tuple(sorted(findings, key=lambda finding: finding.severity != HIGH)))

    def _look_at(self, simple: str, file: File, desired: DesiredProvenance) -> CheckedFile:
        found = self._with_checksum(simple, file, desired)
        document = self.index.provenance(simple, file) if file.provenance_url else None
        if document is None:
            return replace(found, findings=(*found.findings, provenance.no_provenance(file.filename)))
        bundles = provenance.read_bundles(document)
        if bundles is None:
            return replace(found, findings=(*found.findings, provenance.unreadable(file.filename)))
        findings = [*found.findings]
        judged = []
        for bundle in bundles:
            findings += provenance.publisher_problems(file.filename, bundle.publisher, desired.expected)
            attestations = tuple(self._judge(one, bundle, found, desired) for one in bundle.attestations)
            findings += filter(None, (provenance.attestation_problem(file.filename, one) for one in attestations))
            judged.append((bundle.publisher, attestations))
        return replace(found, bundles=tuple(judged), findings=tuple(dict.fromkeys(findings)))

    def _with_checksum(self, simple: str, file: File, desired: DesiredProvenance) -> CheckedFile:
        stated = file.sha256 and file.sha256.lower()
        if not desired.download:
            if stated or not desired.verify:
                return CheckedFile(file, stated)
            others = [in_words(kind) for kind in file.hashes]
            return CheckedFile(file, stated, findings=(provenance.no_checksum(file.filename, others),))
        served = self.index.digests(simple, file)
        if served is None:
            return CheckedFile(file, stated, findings=(provenance.not_served(file.filename),))
        wrong = [provenance.other_checksum(file.filename, in_words(kind)) for kind in other_checksums(file, served)]
        return CheckedFile(file, served["sha256"], findings=tuple(wrong[:1]))

    def _judge(self, attestation: t.Any, bundle: Bundle, found: CheckedFile, desired: DesiredProvenance) -> Attested:
        if not desired.verify or found.sha256 is None:
            return Attested(None)
        expected = desired.expected
        wanted = replace(
            bundle.publisher,
            repository=expected.repository or bundle.publisher.repository,
            workflow=expected.workflow or bundle.publisher.workflow,
        )
        return self.verifier.verify(attestation, wanted, found.file.filename, found.sha256)

    def result(self, state: CheckedRelease, desired: DesiredProvenance) -> dict[str, t.Any]:
        """What was found, and what was not proved. Holds no addresses: some indexes sign them."""
        return {
            "valid": state.valid,
            "findings": [finding.as_dict() for finding in state.findings],
            "publishers": [asdict(stated) for stated in state.publishers],
            "files": [_shown(found) for found in state.files],
            "not_proved": list(
                provenance.not_proved(
                    state.publishers,
                    desired.expected,
                    missing=any(not found.bundles for found in state.files),
                    verify=desired.verify,
                    download=desired.download,
                )
            ),
        }


def _is_wanted(file: File, desired: DesiredProvenance) -> bool:
    if desired.filename is not None and file.filename != desired.filename:
        return False
    return desired.version is None or is_version(file.version, desired.version)


def _refused(desired: DesiredProvenance) -> Finding:
    return Finding(
        "index-refuses",
        "index",
        f"The index does not show {desired.project} to anybody.",
        "Provenance is read without a login: look at it where the index shows it to all.",
    )


def _shown(found: CheckedFile) -> dict[str, t.Any]:
    return {
        "filename": found.file.filename,
        "version": found.file.version,
        "sha256": found.sha256,
        "verified": found.verified,
        "publishers": [asdict(stated) for stated, _attestations in found.bundles],
        "attestations": [
            {
                "predicate_type": one.predicate_type,
                "verified": one.verified,
                "reason": one.reason,
                "certificate": asdict(one.certified),
            }
            for _stated, attestations in found.bundles
            for one in attestations
        ],
    }
