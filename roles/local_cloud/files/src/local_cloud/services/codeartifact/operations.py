# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a handler of an operation is given, and a page of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from local_cloud.platform.errors import ApiError
from local_cloud.platform.paging import page
from local_cloud.services.codeartifact.access import Access
from local_cloud.services.codeartifact.arns import ResourceArn
from local_cloud.services.codeartifact.errors import invalid
from local_cloud.services.codeartifact.store import CodeArtifact, Domain, Repository

Item = TypeVar("Item")
_LARGEST_PAGE = 1000


@dataclass(frozen=True)
class Call:
    """One call of an operation, by who signed it. ``values`` fit the shape of its input."""

    state: CodeArtifact
    access: Access
    access_key_id: str
    operation: str
    values: dict[str, Any]
    url: str

    @property
    def arn(self) -> ResourceArn:
        """What the call names: a domain, or a repository of it."""
        values = self.values
        return self.access.arn(values["domain"], values.get("domainOwner"), values.get("repository", ""))

    def domain(self) -> Domain:
        """The domain, if the caller may do the operation on it. Raises AwsError."""
        return self.access.domain(self.operation, self.arn)

    def repository(self) -> Repository:
        """The repository, if the caller may do the operation on it. Raises AwsError."""
        return self.access.repository(self.operation, self.arn)

    def page_of(self, name: str, items: Sequence[Item], show: Callable[[Item], Any]) -> dict[str, Any]:
        """One page, shown item by item, under the member's name. Raises AwsError for a token of no list."""
        try:
            shown, token = page(
                items, self.values.get("maxResults", 0), self.values.get("nextToken", ""), largest=_LARGEST_PAGE
            )
        except ApiError:
            raise invalid("The value at 'nextToken' is not a token of this list.") from None
        return {name: [show(item) for item in shown], "nextToken": token or None}


Handler = Callable[[Call], dict[str, Any]]
