# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and writes one text file of a person or a machine, whole or not at all. The only place here that touches files.

A file is written by another one in the same folder, which has its owner and mode before its content, and then its name. So nobody
reads half of it, nor a secret that is not theirs, and a full disk or an end of power leaves the old one.
"""

from __future__ import annotations

import errno
import fcntl
import grp
import os
import pwd
import stat
import time
import typing as t
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from .._base.errors import InvalidInput, LostRace, NotFound, PermissionDenied, Refused
from .formats.marks import Edit, Odd, Taken, read

#: Bytes. Files of this kind have some lines.
LARGEST = 4 * 1024 * 1024
#: Seconds that another one of us may take to write.
PATIENCE = 10.0

#: Bits of a mode by which others read a file.
_OTHERS = 0o044

#: Errors of the system, and what is said of them in place of its words.
_SAID = {
    errno.EACCES: "permission is denied to {user}",
    errno.EPERM: "the system does not permit it to {user}",
    errno.EROFS: "its file system is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota of {user} is used up",
    errno.ELOOP: "its symbolic links lead in a circle",
    errno.ENOTDIR: "a file is in place of one of its folders",
    errno.ENAMETOOLONG: "its name is too long",
    errno.EISDIR: "it is a folder",
}


class FileRefused(Refused):
    """A file is not one that may be read or written."""

    code = "file"


@dataclass(frozen=True)
class Place:
    """A file of a client, and how it is to be kept."""

    path: str
    #: Mode of a new file, and of new folders that it is in.
    mode: int = 0o644
    folder_mode: int = 0o755
    #: Bits of the mode that it is never to have; those of others for a file with a login.
    never: int = 0
    #: Bits that it must have, so that those who are to read it can.
    always: int = 0
    #: Gives the lines of a text that have a login in them.
    logins: t.Callable[[str], t.Sequence[int]] | None = None


@dataclass(frozen=True)
class Found:
    """A file as it was read."""

    #: Where it really is, behind symbolic links.
    real: str
    #: None where there is no file.
    content: bytes | None
    status: os.stat_result | None

    @property
    def text(self) -> str | None:
        """The content. Raises FileRefused."""
        if self.content is None:
            return None
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.content.count(b"\n", 0, error.start) + 1
            raise FileRefused(f"{self.real} line {line} is not UTF-8: rewrite the file in that encoding.") from None

    @property
    def mode(self) -> int | None:
        """The permissions of the file."""
        return None if self.status is None else stat.S_IMODE(self.status.st_mode)


def user() -> str:
    """The name of the user that this process runs as."""
    return name_of(os.geteuid())


def name_of(uid: int) -> str:
    """The name of a user, or their number where they have none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def group_of(gid: int) -> str:
    """The name of a group, or its number where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


@contextmanager
def told(path: str, doing: str) -> t.Iterator[None]:
    """Errors of the system become one sentence. Raises PermissionDenied and FileRefused."""
    try:
        yield
    except OSError as error:
        reason = _SAID.get(error.errno or 0, (error.strerror or "unknown").lower()).format(user=user())
        kind = PermissionDenied if error.errno in (errno.EACCES, errno.EPERM) else FileRefused
        raise kind(f"{path} cannot be {doing}: {reason}.") from None


def find(path: str) -> Found:
    """Read a file. Raises PermissionDenied and FileRefused."""
    with told(path, "read"):
        real = os.path.realpath(path)
        if os.path.islink(real):
            raise OSError(errno.ELOOP, "")
        try:
            # Not to wait for somebody to write to what turns out to be a pipe.
            descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return Found(real, None, None)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                what = "a folder" if stat.S_ISDIR(status.st_mode) else "no file with text"
                raise FileRefused(f"{path} is {what}: remove it, for its client reads a file there.")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(LARGEST + 1)
        finally:
            os.close(descriptor)
    if len(content) > LARGEST:
        raise FileRefused(f"{path} has more than {LARGEST // 1024 // 1024} MiB, which no configuration has.")
    return Found(real, content, status)


@dataclass(frozen=True)
class Whole:
    """A file that is ours from its beginning to its end; None is one that is not to be there."""

    content: bytes | None


#: What makes one text of another, None being a file that is not there; or all that is to be in the file.
Change = t.Union[t.Callable[[t.Optional[str]], Edit], Whole]


@dataclass(frozen=True)
class Planned:
    """What a change would make of a file."""

    place: Place
    found: Found
    #: What is to be in the file, None where it is not to be there.
    content: bytes | None
    mode: int
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        """The content, of a file with text."""
        return None if self.content is None else self.content.decode()

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        same = self.content == self.found.content
        return not same or (self.content is not None and self.mode != self.found.mode)


def plan(place: Place, change: Change) -> Planned:
    """What a change would make of a file. Writes nothing.

    :raises Refused: with the path and line
    """
    found = find(place.path)
    mode = ((place.mode if found.mode is None else found.mode) | place.always) & ~place.never
    if isinstance(change, Whole):
        planned = Planned(place, found, change.content, mode)
    else:
        try:
            edited = change(found.text)
        except (Odd, Taken) as error:
            raise type(error)(error.line, f"{place.path} line {error.line} {error}.") from None
        except (NotFound, InvalidInput) as error:
            raise type(error)(f"{place.path}: {error}") from None
        if edited.leaving and found.mode is not None and not read(edited.text).blocks:
            mode = found.mode
        content = None if edited.text is None else edited.text.encode()
        if content is not None:
            _stays_private(place, found, mode)
        warnings = tuple(warning.format(file=place.path) for warning in edited.warnings)
        planned = Planned(place, found, content, mode, warnings)
    if planned.changed:
        _may_write(place.path, found, keeps=planned.content is not None)
    return planned


def _stays_private(place: Place, found: Found, mode: int) -> None:
    """Raises FileRefused where others could read a login that they cannot read now."""
    if found.text is None or found.mode is None or not mode & ~found.mode & _OTHERS or place.logins is None:
        return
    line = next(iter(place.logins(found.text)), 0)
    if line:
        raise FileRefused(
            f"{place.path} line {line} has a login in it, and the file needs the mode {mode:04o}, by which everybody could read that "
            f"(it has {found.mode:04o}): move the login to a file of its user's alone first."
        )


def _may_write(path: str, found: Found, *, keeps: bool) -> None:
    """Raises FileRefused and PermissionDenied for what would fail, or should not be done.

    :param keeps: whether there is a file afterward, which has the owner and group of this one
    """
    status = found.status
    if status is not None:
        if status.st_uid != os.geteuid() and os.geteuid() != 0:
            raise PermissionDenied(f"{path} belongs to {name_of(status.st_uid)}, and {user()} may not change it.")
        if keeps and os.geteuid() != 0 and status.st_gid not in (os.getegid(), *os.getgroups()):
            raise PermissionDenied(
                f"{path} has the group {group_of(status.st_gid)}, in which {user()} is not, so its new content could not keep that group: "
                "give the file one of the user's own groups first."
            )
        if not status.st_mode & 0o222:
            raise FileRefused(
                f"{path} is read-only (mode {found.mode:04o}): somebody wants it to stay as it is. Make it writable first."
            )
        if status.st_nlink > 1:
            raise FileRefused(
                f"{path} has {status.st_nlink} names (hard links), of which only one would be changed: make it a file of its own."
            )
    folder = os.path.dirname(found.real)
    while not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        raise FileRefused(f"{path} cannot be written: {folder} is not a folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        with told(path, "written"):
            raise OSError(errno.EROFS if os.statvfs(folder).f_flag & os.ST_RDONLY else errno.EACCES, "")


def apply(place: Place, change: Change) -> Planned:
    """Make a file what a change makes of it, and say what that was. Raises Refused, and LostRace."""
    planned = plan(place, change)
    new = _new_file(planned)
    if not planned.changed and not os.path.lexists(new):
        return planned
    folder = os.path.dirname(new)
    with told(place.path, "written"):
        _make_folders(folder, place.folder_mode)
        with _locked(folder):
            # Whoever made it would still have the lock, so it was killed.
            with suppress(FileNotFoundError):
                os.unlink(new)
            # Another one of us may have written meanwhile.
            planned = plan(place, change)
            if planned.changed:
                _write(planned, new)
    return planned


def _new_file(planned: Planned) -> str:
    """Where a file's new content is until it takes the file's place: always the same, so that the next run finds what a killed one left."""
    folder, name = os.path.split(planned.found.real)
    return os.path.join(folder, f".{name}.pkgops-registry-auth")


def _make_folders(folder: str, mode: int) -> None:
    if not os.path.isdir(folder):
        _make_folders(os.path.dirname(folder), mode)
        try:
            os.mkdir(folder, mode)
            # As wanted whatever the umask is: a folder that others cannot enter hides what is in it, in silence.
            os.chmod(folder, mode)
        except FileExistsError:
            if not os.path.isdir(folder):
                raise


@contextmanager
def _locked(folder: str) -> t.Iterator[None]:
    """Alone among ourselves in a folder. Raises LostRace."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise LostRace(
                        f"Another process writes in {folder} and did not end within {PATIENCE:g} seconds."
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _write(planned: Planned, new: str) -> None:
    real, content = planned.found.real, planned.content
    if content is None:
        _unchanged(planned)
        os.unlink(real)
        return
    # Made for its owner alone, from the first moment on.
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if planned.found.status is not None:
                _keep_attributes(real, descriptor)
                if planned.found.status.st_uid != os.geteuid() or planned.found.status.st_gid != os.getegid():
                    os.fchown(descriptor, planned.found.status.st_uid, planned.found.status.st_gid)
            os.fchmod(descriptor, planned.mode)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        _unchanged(planned)
        os.replace(new, real)
    except BaseException:
        os.unlink(new)
        raise


def _keep_attributes(real: str, descriptor: int) -> None:
    """What the file system keeps of a file besides: its security label, and access lists, which the mode then holds down."""
    names: list[str] = []
    with _attributes_refused():
        names = os.listxattr(real)
    for name in names:
        if name.startswith("user.") or name in ("system.posix_acl_access", "security.selinux"):
            with _attributes_refused():
                os.setxattr(descriptor, name, os.getxattr(real, name))


@contextmanager
def _attributes_refused() -> t.Iterator[None]:
    """A file system may know no attributes, and what the folder gives to new files is what its owner may give."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EACCES, errno.EOPNOTSUPP, errno.ENODATA, errno.EINVAL):
            raise


def _unchanged(planned: Planned) -> None:
    """Raises LostRace when somebody else wrote since the file was read."""
    if find(planned.place.path).content != planned.found.content:
        raise LostRace(f"{planned.place.path} was changed by somebody else in the same moment: run this again.")
