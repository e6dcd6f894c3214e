# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Package groups: their patterns, the packages that each takes, and from where these may come. Pure.

Sources: CodeArtifact User Guide, "Package group definition syntax and matching behavior" and "Package group origin controls". Characters
that look like others, which CodeArtifact folds too, are not folded here: the guide does not say by which table.
"""

from __future__ import annotations

import re
import typing as t
import unicodedata
from dataclasses import dataclass, field

from ..._base.errors import InvalidInput
from .names import DomainName, domain_name
from .packages import FORMATS, NAMESPACES, normalized

Options = t.Mapping[str, t.Any]

ROOT = "/*"
PUBLISH, EXTERNAL, INTERNAL = "publish", "external_upstream", "internal_upstream"
#: The settings of a group, and what CodeArtifact calls them.
SETTINGS = {PUBLISH: "PUBLISH", EXTERNAL: "EXTERNAL_UPSTREAM", INTERNAL: "INTERNAL_UPSTREAM"}
ALLOW, BLOCK, SPECIFIC, INHERIT = "ALLOW", "BLOCK", "ALLOW_SPECIFIC_REPOSITORIES", "INHERIT"
MODES = (ALLOW, BLOCK, SPECIFIC, INHERIT)
STRONG, WEAK = "STRONG", "WEAK"

# Source: PackageGroupPattern in CodeArtifact's service model.
_LONGEST = 520
_FORM = re.compile(r"/(?:(?P<format>[^/]+)/(?:(?P<namespace>[^/]*)/)?)?(?P<text>[^/]*?)(?P<end>[*~$])")
_RUN = re.compile(r"[-._]+")
#: Of two patterns with one text, the narrower one first.
_ENDS = "$~*"
_FORMS = "/*, /FORMAT/*, /FORMAT/NAMESPACE/*, /FORMAT/NAMESPACE~, /FORMAT/NAMESPACE/NAME~ and /FORMAT/NAMESPACE/NAME$"


@dataclass(frozen=True)
class GroupName:
    """A package group of a domain. Its pattern is its name."""

    domain: DomainName
    pattern: str

    @classmethod
    def of(cls, options: Options) -> GroupName:
        """The group that the options name. Raises InvalidInput."""
        domain, pattern = domain_name(options), options.get("pattern")
        if not pattern:
            raise InvalidInput("pattern is missing: give a package group's pattern, for example /pypi//acme~.")
        check_pattern(pattern)
        return cls(domain, pattern)

    @property
    def arguments(self) -> dict[str, str]:
        """The parameters by which the API's methods name it."""
        return {**self.domain.arguments, "packageGroup": self.pattern}

    def __str__(self) -> str:
        return f"package group {self.pattern} of {self.domain}"


@dataclass(frozen=True)
class Setting:
    """From where new versions of a group's packages may come, or not."""

    mode: str
    #: What holds, after all inheritance; None when only CodeArtifact knows.
    effective_mode: str | None = None
    #: The pattern of the group that says so, when this one inherits.
    inherited_from: str | None = None
    #: Those that the group lists; None when they were not asked for.
    repositories: tuple[str, ...] | None = None
    #: How many these are; None when the API does not say.
    count: int | None = field(default=None, compare=False)


@dataclass(frozen=True)
class PackageGroup:
    """A package group. A field is None while there is no value for it."""

    pattern: str
    domain: str
    domain_owner: str | None = None
    arn: str | None = None
    #: None for an empty one, too.
    description: str | None = None
    contact: str | None = None
    created_time: str | None = None
    #: Pattern of the group that it inherits from; the root has none.
    parent: str | None = None
    #: By the names of SETTINGS.
    settings: t.Mapping[str, Setting] = field(default_factory=dict)
    #: None when they were not asked for: they take a call of their own.
    tags: t.Mapping[str, str] | None = None


def check_pattern(pattern: str) -> None:
    """Raises InvalidInput, with what is wrong and what would be right as far as that can be told."""
    found = _FORM.fullmatch(pattern)
    problem = _problem(**found.groupdict()) if found else f"the forms are {_FORMS}"
    if len(pattern) > _LONGEST or any(c.isspace() or unicodedata.category(c).startswith("C") for c in pattern):
        problem = f"up to {_LONGEST} characters are accepted, without white space and control characters"
    if problem:
        raise InvalidInput(f"pattern {pattern!r} is not a package group's: {problem}.")


def _problem(format: str | None, namespace: str | None, text: str, end: str) -> str:
    """What is wrong with the parts of a pattern; empty for nothing."""
    if format is not None and format not in FORMATS:
        return f"{format} is not a format, which are {', '.join(FORMATS)}" + (
            "; Python's is pypi" if format == "python" else ""
        )
    if end == "*":
        if text:
            return (
                f"* stands for all behind a slash and for nothing else: write {text.rstrip('-._')}~ for what begins so"
            )
    elif not text or (end == "~" and not _is_word(text[-1])):
        return f"{end} comes behind a name, and ~ behind a letter or digit of it"
    elif format is None or (namespace is None and (end == "$" or format not in NAMESPACES)):
        return f"the forms are {_FORMS}, with nothing for NAMESPACE where a package has none, as in /pypi//acme~"
    return _problem_of_names(str(format), namespace, text) if format else ""


def _problem_of_names(format: str, namespace: str | None, text: str) -> str:
    if namespace and format not in NAMESPACES:
        return f"packages of the format {format} have no namespace: write /{format}//NAME"
    if namespace == "" and format in NAMESPACES and format != "npm":
        return f"each package of the format {format} has a {NAMESPACES[format]}: write /{format}/NAMESPACE/"
    if format == "npm" and (namespace or text).startswith("@"):
        return "a scope of npm is written without its @"
    if "*" in text or "*" in (namespace or ""):
        return "* stands for all behind a slash and for nothing else: ~ ends what names begin with"
    normal = normalized(format, text)
    return "" if normal == text else f"names of the format {format} are written normalized, here {normal}"


def fold(text: str) -> str:
    """What all variations of a name have in common: case and the choice of C(-), C(.) and C(_) do not count."""
    return _RUN.sub(".", text.casefold())


def takes(pattern: str, path: str) -> str | None:
    """How a pattern matches the path of a package: STRONG, WEAK for a variation, or None.

    :param path: /FORMAT/NAMESPACE/NAME, normalized
    """
    if _takes(pattern[:-1], pattern[-1], path):
        return STRONG
    return WEAK if _takes(fold(pattern[:-1]), pattern[-1], fold(path)) else None


def _takes(text: str, end: str, path: str) -> bool:
    if end == "$":
        return path == text
    rest = path.removeprefix(text)
    return path.startswith(text) and (rest != "" or end == "~") and not (end == "~" and _is_word(rest[:1]))


def _is_word(character: str) -> bool:
    """Whether it is part of a word: a letter, a digit or a mark. Nothing is none."""
    return bool(character) and unicodedata.category(character)[0] in "LNM"


def associated(patterns: t.Iterable[str], path: str) -> tuple[str, str]:
    """The most specific of the patterns that match a package's path, and how. A variation of a narrower one counts, too."""
    found = [(pattern, how) for pattern in {*patterns, ROOT} if (how := takes(pattern, path))]
    return max(found, key=lambda one: (len(fold(one[0][:-1])), one[1] == STRONG, -_ENDS.index(one[0][-1])))


def without(group: PackageGroup, parent: PackageGroup, subgroups: t.Iterable[PackageGroup]) -> tuple[str, ...]:
    """What deleting a group changes, as a sentence: its packages go to its parent, and groups that inherit from it do so from there."""
    changes = {
        name: (old.effective_mode, parent.settings[name].effective_mode)
        for name, old in group.settings.items()
        # Whether two lists of repositories are the same is not looked at: they are different lists.
        if old.effective_mode != parent.settings[name].effective_mode or old.mode == SPECIFIC
    }
    if not changes:
        return ()
    said = ", ".join(f"{name} is {new} and no longer {old}" for name, (old, new) in changes.items())
    heirs = sorted(one.pattern for one in subgroups if any(one.settings[name].mode == INHERIT for name in changes))
    also = f", and so it is for {', '.join(heirs)} as far as they inherit it" if heirs else ""
    return (f"Without package group {group.pattern}, its packages belong to {parent.pattern}, where {said}{also}.",)
