# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A package index's simple API: one project's page, and one of its files. Plain values out."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import typing as t
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from ..._base.errors import IntegrityError, MissingLibrary, Refused, RegistryAuthError
from ..http.bounds import Bounds
from ..http.failures import failures, passing_failure, retry_after
from ..http.sessions import Origin, new_session, origin, read_file_chunks

#: Of a page. The largest of PyPI's have some 20 MiB.
PAGE = Bounds(whole=60)
#: Of a file. PyPI takes none of more than a gibibyte.
FILE = Bounds(whole=300, size=1 << 30)
#: Media type of provenance documents. Source: PyPI's documentation of its Integrity API.
PROVENANCE = "application/vnd.pypi.integrity.v1+json"

#: Kinds of checksums that installers verify, the strongest first. Source: pip's code.
HASHES = ("sha512", "sha384", "sha256", "sha224", "sha1", "md5")

READABLE, REFUSED, MISSING = "readable", "refused", "missing"


@dataclass(frozen=True)
class Login:
    """User name and password for an index."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class File:
    """A file of a package; parts that the index does not give, or a file name does not tell, are None."""

    filename: str
    version: str | None = None
    sha256: str | None = None
    yanked: bool = False
    size: int | None = field(default=None, compare=False)
    url: str = field(default="", repr=False, compare=False)
    #: Where the index has the file's provenance; None where it has none.
    provenance_url: str | None = field(default=None, repr=False, compare=False)
    #: All checksums that the index gives and installers verify, by their kinds.
    hashes: t.Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Reading:
    """What an index gave. Files are in the index's order, versions the newest first."""

    status: str
    files: tuple[File, ...] = ()
    versions: tuple[str, ...] = ()
    downloaded: str | None = None
    #: The kinds of checksums that the download has; none when the index gives none.
    verified_by: tuple[str, ...] = ()


class PackageIndex:
    """The calls. All raise our errors, which name the index as it was given and hold no other address."""

    def __init__(self) -> None:
        try:
            import pypi_simple
        except ImportError as error:
            raise MissingLibrary("pypi-simple", error) from error
        self._library = pypi_simple
        self._sessions: dict[tuple[Origin, Login | None, Bounds], t.Any] = {}
        self._lock = threading.Lock()

    def read(self, index_url: str, package: str, login: Login | None, *, download: bool) -> Reading:
        """Read a package's page and, with C(download), one of its files whole.

        :param index_url: root of the simple API
        :param package: name of the package, in any spelling
        :raises Refused: what answers is not a package index, or there is no file to download
        :raises IntegrityError: the file is not what the page says
        """
        # Not closed here: the next reading of a package may use its connections.
        client = self._library.PyPISimple(index_url, session=self._session(index_url, login, PAGE))
        try:
            reading = self._page(client, index_url, package)
        except _Denied as denied:
            if denied.status == MISSING:
                self._refuse_other_root(index_url, package, login)
            return Reading(denied.status)
        if not download:
            return reading
        file = choose_file(reading.files)
        if file is None:
            raise Refused(f"{index_url} lists no file of {package}, so that none can be downloaded.")
        try:
            served = self._digests(index_url, login, file)
        except _Denied as denied:
            return replace(reading, status=denied.status)
        for kind in other_checksums(file, served):
            raise IntegrityError(
                f"{file.filename} from {index_url} does not have the {in_words(kind)} that the index gives."
            )
        return replace(reading, downloaded=file.filename, verified_by=tuple(file.hashes))

    def _refuse_other_root(self, index_url: str, package: str, login: Login | None) -> None:
        """Raise Refused where the package that is missing is there, below another address that is likely meant.

        CodeArtifact's C(GetRepositoryEndpoint) answers an address without C(simple/), at which no package is ever found.
        """
        for root in other_roots(index_url, package):
            # What is said there is a hint, and no answer to what was asked.
            try:
                self._page(self._library.PyPISimple(root, session=self._session(root, login, PAGE)), root, package)
            except (_Denied, Refused):
                continue
            raise Refused(f"{index_url} is not the root of a simple API, and {root} is: give that as index_url.")

    def _session(self, index_url: str, login: Login | None, bounds: Bounds) -> t.Any:
        key = (origin(index_url), login, bounds)
        with self._lock:
            if key not in self._sessions:
                self._sessions[key] = _make_session(*key)
            return self._sessions[key]

    def _page(self, client: t.Any, index_url: str, package: str) -> Reading:
        with _reading(index_url):
            try:
                page = client.get_project_page(package)
            except self._library.NoSuchProjectError:
                raise _Denied(MISSING) from None
            # Any page in HTML can be read as an empty list of files; an index says what it is, or lists packages.
            if page.repository_version is None and not any(file.package_type for file in page.packages):
                raise ValueError("Not an index.")
            files = tuple(
                File(
                    file.filename,
                    file.version,
                    file.digests.get("sha256"),
                    file.is_yanked,
                    file.size,
                    file.url,
                    file.provenance_url,
                    {kind: file.digests[kind].lower() for kind in HASHES if file.digests.get(kind)},
                )
                for file in page.packages
            )
            return Reading(READABLE, files, _newest_first([*(page.versions or ()), *(file.version for file in files)]))

    def digests(self, index_url: str, file: File) -> dict[str, str] | None:
        """The checksums of what the index serves as a file to anybody, or None when it does not serve it.

        They are those of the kinds that the index gives, and SHA-256.
        """
        try:
            return self._digests(index_url, None, file)
        except _Denied:
            return None

    def provenance(self, index_url: str, file: File) -> t.Any:
        """The document of a file that has a C(provenance_url), or None when there is none after all.

        :raises Refused: the index does not say
        """
        session = self._session(index_url, None, PAGE)
        try:
            with _reading(index_url):
                response = session.get(file.provenance_url, headers={"Accept": f"{PROVENANCE}, application/json"})
                response.raise_for_status()
                return response.json()
        except _Denied as denied:
            if denied.status == MISSING:
                return None
            raise Refused(f"{index_url} does not give the provenance of {file.filename} to anybody.") from None

    def _digests(self, index_url: str, login: Login | None, file: File) -> dict[str, str]:
        digests = {kind: hashlib.new(kind, usedforsecurity=False) for kind in {**file.hashes, "sha256": ""}}
        with _reading(index_url):
            response = self._session(index_url, login, FILE).get(file.url, stream=True)
            response.raise_for_status()
            for chunk in read_file_chunks(response, FILE.size):
                for digest in digests.values():
                    digest.update(chunk)
        return {kind: digest.hexdigest() for kind, digest in digests.items()}


def other_roots(index_url: str, package: str) -> tuple[str, ...]:
    """Addresses that may be the root of the simple API where the given one is not: it says too little, or too much. Pure."""
    given = index_url.rstrip("/")
    parts = [_normalized(part) for part in urlsplit(given).path.split("/")]
    too_much = parts[-1] == _normalized(package) or parts[-2:] == ["simple", "simple"]
    return (f"{given}/simple/", *([f"{given.rpartition('/')[0]}/"] if too_much else []))


def _normalized(name: str) -> str:
    """Source: the specification of names and normalization of packages."""
    return re.sub(r"[-_.]+", "-", name).lower()


def other_checksums(file: File, served: t.Mapping[str, str]) -> list[str]:
    """The kinds of checksums in which a file that was served is not what the index says. Pure."""
    return [kind for kind, stated in file.hashes.items() if served[kind] != stated]


def in_words(kind: str) -> str:
    """The name of a kind of checksums. Pure."""
    return kind.upper().replace("SHA", "SHA-")


def is_version(text: str | None, wanted: str) -> bool:
    """Whether two texts mean one version: V(1.0) is V(1.0.0). Texts that are no versions mean themselves."""
    from packaging.version import Version

    try:
        return text is not None and Version(text) == Version(wanted)
    except ValueError:
        # Of what is no version, and of one with more digits than Python reads.
        return text == wanted


def choose_file(files: t.Iterable[File]) -> File | None:
    """The file to prove a download with: the smallest, else a wheel, else the first; of those with a checksum, if there are any. Pure."""
    known = sorted(files, key=lambda file: file.yanked)
    known = [file for file in known if file.hashes or file.sha256] or known
    sized = [file for file in known if file.size is not None]
    if sized:
        return min(sized, key=lambda file: t.cast(int, file.size))
    return next((file for file in known if file.filename.endswith(".whl")), next(iter(known), None))


def _newest_first(versions: t.Iterable[str | None]) -> tuple[str, ...]:
    from packaging.version import Version

    def key(version: str) -> tuple[bool, Version, str]:
        try:
            return True, Version(version), version
        except ValueError:
            # What is not a version by the standard, or has more digits than Python reads, comes last.
            return False, Version("0"), version

    return tuple(sorted({version for version in versions if version}, key=key, reverse=True))


def _follow(response: t.Any, target: str) -> bool:
    """Indexes redirect, to spellings of names and to where their files are. That leads only to what anybody may read."""
    return bool(target) and origin(urljoin(response.request.url, target))[0] in ("https", "http")


def _make_session(home: Origin, login: Login | None, bounds: Bounds) -> t.Any:
    """A requests session that shows the login to the index's own origin and to nobody else.

    Pages may link files on other hosts, and servers may redirect there.
    """
    header = login and "Basic " + base64.b64encode(f"{login.username}:{login.password}".encode()).decode("ascii")

    def authenticate(request: t.Any, _response: t.Any = None) -> t.Any:
        request.headers.pop("Authorization", None)
        if header and origin(request.url) == home:
            request.headers["Authorization"] = header
        return request

    session = new_session(bounds=bounds, follow=_follow, decodes=bounds != FILE)
    session.auth = session.rebuild_auth = authenticate
    return session


class _Denied(RegistryAuthError):
    """An answer that is a result and not a failure."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@contextmanager
def _reading(index_url: str) -> t.Iterator[None]:
    """Raise our errors, or _Denied, in place of the library's."""
    from requests.exceptions import HTTPError

    stranger = f"What answers at {index_url} is not a package index: index_url must be the root of its simple API."
    with failures(index_url, stranger):
        try:
            yield
        except HTTPError as error:
            raise _status_error(index_url, error.response) from None


def _status_error(index_url: str, response: t.Any) -> RegistryAuthError:
    code = response.status_code
    if code in (401, 403):
        return _Denied(REFUSED)
    if code in (404, 410):
        return _Denied(MISSING)
    passing = passing_failure(index_url, code, retry_after(response.headers))
    return passing or Refused(f"{index_url} answers {code}.")
