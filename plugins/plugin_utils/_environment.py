# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which environment variables have an effect only on a process that starts with them."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

#: By patterns, what is read once and so is settled in a process that has been running for a while.
READ_AT_START = (
    # The interpreter; and the dynamic linker and the C library (ld.so(8), mallopt(3), "GNU libc tunables").
    "PYTHON*",
    "LD_*",
    "GLIBC_TUNABLES",
    "MALLOC_*",
    # What of the locale decides on encodings (Python's "Initialization", locale(7)), and the time zone (tzset(3)).
    "LANG",
    "LC_*",
    "TZ",
    # OpenSSL, when it is first used (openssl-env(7)). Where it finds certificates, it reads for each connection.
    "OPENSSL_*",
    # Client libraries, when they are imported: google-auth, grpc, protobuf and cryptography, and botocore its caches' place.
    "GCE_METADATA_*",
    "NO_GCE_CHECK",
    "GRPC_*",
    "PROTOCOL_BUFFERS_*",
    "CRYPTOGRAPHY_*",
    "HOME",
)


def read_at_start(wanted: Mapping[str, str], present: Mapping[str, str]) -> list[str]:
    """The names among the variables that are wanted which are read at start, and are not what they were then."""
    return [
        name
        for name, value in wanted.items()
        if present.get(name) != value and any(fnmatchcase(name, pattern) for pattern in READ_AT_START)
    ]
