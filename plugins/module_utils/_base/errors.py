# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors that a task can end with.

Every error carries one sentence for the user and a C(code) that a playbook can test.
None of them ever carries the body of a request or of a response: a body may hold a secret.
"""

from __future__ import annotations

import sys
import typing as t
from contextlib import contextmanager
from traceback import walk_tb

Found = t.TypeVar("Found")
if t.TYPE_CHECKING:
    # Managed hosts may have a Python from before there were such.
    Arguments = t.ParamSpec("Arguments")


class RegistryAuthError(Exception):
    """Base of all errors that a module reports instead of a traceback."""

    code = "error"
    #: True when some of a change was made before the error.
    partially_applied = False
    #: True when the call that it ended, if that was a write, may have been carried out all the same.
    unclear = False


class InvalidInput(RegistryAuthError):
    """An option is wrong. Raised before any call is made."""

    code = "invalid_input"


class MissingLibrary(RegistryAuthError):
    """A Python library that the module needs cannot be imported."""

    code = "missing_library"

    def __init__(self, distribution: str, reason: ImportError) -> None:
        super().__init__(
            f"The Python library {distribution} is missing for the interpreter {sys.executable} ({reason}). "
            f"Install it there, or choose another interpreter; with 'connection: local' set "
            "ansible_python_interpreter to '{{ ansible_playbook_python }}' to use the one that runs Ansible. "
            "The collection's requirements.txt lists all that its modules need."
        )


@contextmanager
def importing(distribution: str) -> t.Iterator[None]:
    """Import in here what comes with a distribution. Raises MissingLibrary."""
    try:
        yield
    except ImportError as error:
        raise MissingLibrary(distribution, error) from error


class MissingCollection(RegistryAuthError):
    """A collection that the module needs is not installed."""

    code = "missing_collection"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The collection {name} is missing where Ansible runs. Install it with 'ansible-galaxy collection install {name}', "
            "or install the Python package ansible, which contains it."
        )


class Unauthenticated(RegistryAuthError):
    """There are no credentials, or the service does not accept them."""

    code = "unauthenticated"


class PermissionDenied(RegistryAuthError):
    """The caller's identity lacks a permission."""

    code = "permission_denied"


class NotFound(RegistryAuthError):
    """A resource that must exist does not."""

    code = "not_found"


class Refused(RegistryAuthError):
    """The service understood the request and refused it; the same request will be refused again."""

    code = "refused"


class Stranger(Refused):
    """What answered is not the service, or not as documented."""

    unclear = True


class ImmutableDifference(RegistryAuthError):
    """The wanted value differs from one that the service cannot change in place."""

    code = "immutable"


class IntegrityError(RegistryAuthError):
    """A checksum did not match, or the service did not confirm one."""

    code = "integrity"


class Unconfirmed(RegistryAuthError):
    """A write was answered with another state than was asked for."""

    code = "unconfirmed"
    unclear = True

    @classmethod
    def of(cls, service: str, name: object, what: str) -> Unconfirmed:
        """The error for a write to C(name) after which a service answers another C(what)."""
        return cls(
            f"{service} accepted a write to {name}, but its answer differs from what was asked for: {what}. Check what is there before you "
            "run this again."
        )


class NotPropagated(RegistryAuthError):
    """A grant that was made is not yet in effect. Reading and trying again later can succeed."""

    code = "not_propagated"


class NoFingerprint(RegistryAuthError):
    """Whether a version has the wanted payload cannot be told without reading it."""

    code = "no_fingerprint"


class LostRace(RegistryAuthError):
    """Another writer changed the resource between our read and our write."""

    code = "conflict"


class Unavailable(RegistryAuthError):
    """The service answered that it cannot serve now, or its answer was lost: the write may have happened."""

    code = "unavailable"
    unclear = True

    def __init__(self, message: str, *, retry_after: float = 0) -> None:
        """C(retry_after): seconds that the service asks to wait, 0 when it does not say."""
        super().__init__(message)
        self.retry_after = retry_after


class Throttled(Unavailable):
    """A quota is used up for now. The call was not carried out."""

    code = "quota_exceeded"
    unclear = False


class Unreachable(Unavailable):
    """No connection could be made, so nothing was sent."""

    code = "unreachable"
    unclear = False


class Silent(Unavailable):
    """A connection was made, and no answer came for as long as the client waits."""

    code = "timeout"


class Incomplete(RegistryAuthError):
    """Some of what was asked for could not be read, and the rest was."""

    code = "incomplete"


class NotReached(RegistryAuthError):
    """The task's time was over before this had its turn. Nothing of it was begun."""

    code = "not_reached"


class Internal(RegistryAuthError):
    """A fault of the collection, or an answer that no client expects."""

    code = "internal"
    unclear = True


def or_none(find: t.Callable[Arguments, Found], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Found | None:
    """What the call finds; None when it raises NotFound."""
    try:
        return find(*args, **kwargs)
    except NotFound:
        return None


def as_ours(error: Exception) -> RegistryAuthError:
    """The error itself when it is ours. Of any other only its class and the place are told: its text may hold a secret."""
    if isinstance(error, RegistryAuthError):
        return error
    return Internal(
        f"The collection did not expect this: {type(error).__name__} at {_place(error)}. Its text may hold a secret and is not "
        "shown; please report it with the module's name."
    )


def _place(error: Exception) -> str:
    """File and line of the innermost frame that is the collection's: of its plugins, and not of tests, which may be below it, too."""
    collection = f"{__name__.partition('.plugins.')[0]}."
    place = "an unknown place"
    for frame, line in walk_tb(error.__traceback__):
        name = str(frame.f_globals.get("__name__"))
        if name.startswith(f"{collection}plugins."):
            place = f"{name.removeprefix(collection).replace('.', '/')}.py:{line}"
    return place
