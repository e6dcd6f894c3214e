# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What active rulesets say about a branch or a tag.

Source: GitHub's documentation, "Available rules for rulesets"; of the rules, those that only look at what happens to the
reference itself have an effect here. Who is on a ruleset's bypass list is not held up by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from local_cloud.services.github.access import role_of
from local_cloud.services.github.errors import GitHubError
from local_cloud.services.github.git import HEADS, TAGS
from local_cloud.services.github.store import GitHub, Repository, Ruleset
from local_cloud.services.github.tokens import Caller

CREATION, UPDATE, DELETION = "creation", "update", "deletion"
FORCE_PUSH, PULL_REQUEST = "non_fast_forward", "pull_request"
_SENTENCES = {
    CREATION: "Cannot create ref due to creations being restricted.",
    UPDATE: "Cannot update this protected ref.",
    DELETION: "Cannot delete this ref.",
    FORCE_PUSH: "Cannot force-push to this branch.",
    PULL_REQUEST: "Changes must be made through a pull request.",
}
_TARGETS = {"branch": HEADS, "tag": TAGS}
# The number that GitHub gives the role in lists of who may bypass.
_ADMIN_ROLE = 5


def refuse(state: GitHub, caller: Caller, repository: Repository, ref: str, *kinds: str) -> None:
    """Raises GitHubError if a rule of one of these kinds holds for the reference and for the caller."""
    for ruleset in active(repository, ref):
        broken = next((rule["type"] for rule in ruleset.rules if rule["type"] in kinds), None)
        if broken is not None and not _bypassed(state, caller, repository, ruleset):
            raise GitHubError(409, f"Repository rule violations found\n\n{_SENTENCES[broken]}\n\n")


def active(repository: Repository, ref: str) -> Iterator[Ruleset]:
    """The rulesets that hold for a reference."""
    for ruleset in repository.rulesets.values():
        prefix = _TARGETS.get(ruleset.target)
        if (
            ruleset.enforcement == "active"
            and prefix
            and ref.startswith(prefix)
            and _included(repository, ruleset, ref)
        ):
            yield ruleset


def _included(repository: Repository, ruleset: Ruleset, ref: str) -> bool:
    names = ruleset.conditions.get("ref_name", {})
    included = any(_fits(repository, pattern, ref) for pattern in names.get("include", []))
    return included and not any(_fits(repository, pattern, ref) for pattern in names.get("exclude", []))


def _fits(repository: Repository, pattern: str, ref: str) -> bool:
    if pattern == "~ALL":
        return True
    if pattern == "~DEFAULT_BRANCH":
        return ref == HEADS + repository.default_branch
    return matches(pattern, ref)


def matches(pattern: str, name: str) -> bool:
    """Whether a pattern with wildcards has a name; ``*`` stops at slashes, ``**`` does not."""
    parts = re.split(r"(\*\*/?|\*|\?)", pattern)
    expressions = {"**": ".*", "**/": "(?:.*/)?", "*": "[^/]*", "?": "[^/]"}
    return re.fullmatch("".join(expressions.get(part, re.escape(part)) for part in parts), name) is not None


def _bypassed(state: GitHub, caller: Caller, repository: Repository, ruleset: Ruleset) -> bool:
    if role_of(state, caller, repository) != "admin":
        return False
    return any(
        actor.get("actor_type") == "OrganizationAdmin"
        or (actor.get("actor_type"), actor.get("actor_id")) == ("RepositoryRole", _ADMIN_ROLE)
        for actor in ruleset.bypass_actors
    )
