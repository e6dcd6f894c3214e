# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of packages that are ours, in the words of people, and the packages that they stand for in any registry. Pure.

C(acme-*), C(@acme/*) and C(com.acme:*) are such words. What they mean does not depend on the cloud; how each cloud is told does.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..._base.errors import InvalidInput
from ..codeartifact.package_groups import check_pattern
from ..codeartifact.packages import FORMATS, NAMESPACES, normalized

_NPM = re.compile(r"@(?P<namespace>[^/@:*]+)/(?P<name>[^/@:]+)")
_MAVEN = re.compile(r"(?P<namespace>[^/@:*]+|[^/@:*]+\.\*):(?P<name>[^/@:]+)")
_PLAIN = re.compile(r"(?P<name>[^/@:]+)")
#: Formats whose packages can be named without a namespace.
PLAIN_FORMATS = tuple(kind for kind in FORMATS if kind not in NAMESPACES or kind == "npm")
#: Those of them that are meant when nobody says which.
COMMON_FORMATS = ("pypi", "npm")


@dataclass(frozen=True)
class OurName:
    """Packages of one format that are ours. C(pattern): as a package group of CodeArtifact has them."""

    #: As it was given.
    word: str
    format: str
    pattern: str

    @property
    def is_family(self) -> bool:
        """Whether it stands for more than one name."""
        return not self.pattern.endswith("$")


def our_names(words: t.Iterable[t.Any], formats: t.Sequence[str]) -> list[OurName]:
    """What the words stand for, each once.

    :param words: C(NAME), C(PREFIX-*), C(@SCOPE/NAME) of npm, C(GROUPID:NAME) of Maven; a NAME of the last two may be C(*), and a groupId may
        end with C(.*), for those below it too
    :param formats: the formats of names that have neither scope nor groupId
    :raises InvalidInput: a word is no name, or cannot be said as a pattern
    """
    found: dict[str, OurName] = {}
    for index, word in enumerate(words):
        for kind, pattern in _patterns(word, formats, f"names[{index}]"):
            check_pattern(pattern)
            found.setdefault(pattern, OurName(word, kind, pattern))
    return list(found.values())


def _patterns(word: t.Any, formats: t.Sequence[str], where: str) -> t.Iterator[tuple[str, str]]:
    if not isinstance(word, str) or any(character.isspace() for character in word):
        raise InvalidInput(f"{where} is {word!r}: give a name as text, for example acme-*, @acme/* or com.acme:*.")
    if scoped := _NPM.fullmatch(word):
        yield "npm", f"/npm/{scoped['namespace']}/{_end('npm', scoped['name'], word, where)}"
    elif artifact := _MAVEN.fullmatch(word):
        yield "maven", _maven(artifact["namespace"], artifact["name"], word, where)
    elif _PLAIN.fullmatch(word) and word != "*":
        for kind in formats:
            if kind not in PLAIN_FORMATS:
                raise InvalidInput(
                    f"{where} is {word!r}, and packages of the format {kind} have a {NAMESPACES.get(kind, 'namespace')}: {', '.join(PLAIN_FORMATS)} "
                    "are accepted as formats of such a name."
                )
            yield kind, f"/{kind}//{_end(kind, word, word, where)}"
    else:
        raise InvalidInput(
            f"{where} is {word!r}: accepted are names such as acme-*, acme-tool, @acme/* and com.acme:*."
        )


def _maven(namespace: str, name: str, word: str, where: str) -> str:
    if not namespace.endswith(".*"):
        return f"/maven/{namespace}/{_end('maven', name, word, where)}"
    if name != "*":
        raise InvalidInput(f"{where} is {word!r}: behind a groupId that ends with .*, only :* is accepted.")
    return f"/maven/{namespace.removesuffix('.*')}~"


def _end(kind: str, name: str, word: str, where: str) -> str:
    """The last part of a pattern. A prefix ends where a word does, which is all that a package group can say."""
    if name == "*":
        return "*"
    prefix = name.removesuffix("*")
    if "*" in prefix or (prefix != name and prefix[-1:] not in ("-", ".", "_")):
        raise InvalidInput(
            f"{where} is {word!r}: a * has to be at the end, behind a hyphen, a dot or an underscore, as in acme-*. What begins with acme "
            "without one of these cannot be told from other words."
        )
    return f"{normalized(kind, prefix.rstrip('-._'))}~" if prefix != name else f"{normalized(kind, name)}$"
