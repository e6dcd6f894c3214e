# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where remote repositories fetch from, out of a task's options."""

from __future__ import annotations

import re

from ..._base.errors import InvalidInput
from ..._base.values import parse_url
from ..._clients.gcp.calls import same_resource
from ..._clients.gcp.repositories import PRESETS, WITH_PATH, Upstream
from ..._engine.resource import Options

#: What gcloud takes for an upstream, too: a repository of Artifact Registry.
_REPOSITORY = re.compile(r"projects/[^/\s]+/locations/[^/\s]+/repositories/[^/\s]+")


def read_upstream(given: Options | None, package_format: str | None) -> Upstream | None:
    """The upstream; None when it is not given. Raises InvalidInput."""
    if given is None:
        return None
    preset, path, uri = (given.get(part) or None for part in ("preset", "path", "uri"))
    if (preset is None) == (uri is None):
        raise InvalidInput("upstream takes one of preset and uri.")
    if uri is not None:
        if path is not None:
            raise InvalidInput("upstream.path goes with upstream.preset: uri has its path in it.")
        if not _REPOSITORY.fullmatch(uri):
            parse_url(uri, option="upstream.uri")
        return Upstream(uri=uri)
    home = next((one for one, presets in PRESETS.items() if preset in presets), None)
    if home is None:
        known = ", ".join(preset for presets in PRESETS.values() for preset in presets)
        raise InvalidInput(
            f"upstream.preset {preset!r} is none of {known}: give the address of other upstreams as uri."
        )
    if package_format not in (None, home):
        raise InvalidInput(f"upstream.preset {preset} is for the format {home}, and not for {package_format}.")
    if (path is not None) != (home in WITH_PATH):
        raise InvalidInput(
            f"upstream.preset {preset} {'needs a path' if home in WITH_PATH else 'takes no path'}: "
            f"{' and '.join(WITH_PATH)} repositories have one, and no others."
        )
    return Upstream(preset=preset, path=path)


def same_upstream(one: Upstream, other: Upstream) -> bool:
    """Whether two upstreams are one: also by two names of one repository, which Google may answer with the project's number."""
    one, other = _without_slashes(one), _without_slashes(other)
    if one == other or not (one.uri and other.uri):
        return one == other
    both_named = _REPOSITORY.fullmatch(one.uri) and _REPOSITORY.fullmatch(other.uri)
    return bool(both_named) and same_resource(one.uri, other.uri)


def _without_slashes(upstream: Upstream) -> Upstream:
    """The upstream without the slashes that make no difference."""
    return Upstream(
        upstream.preset, upstream.path and upstream.path.strip("/"), upstream.uri and upstream.uri.rstrip("/")
    )
