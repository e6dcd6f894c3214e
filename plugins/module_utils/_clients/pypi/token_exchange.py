# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls by which an index exchanges ID tokens for upload tokens, and takes those back.

Nothing is sent to where an index redirects: ID tokens and upload tokens are for its own origin only. Errors hold no part of
either. Source: PyPI's documentation, "Internals and technical details" of trusted publishing.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from ..._base.errors import NotFound, PermissionDenied, Refused, Stranger
from ..._domain.publishing.id_tokens import read_parts
from ..._domain.publishing.indexes import Index
from ..._domain.publishing.mint_refusals import IdToken, mint_failed, mint_refused
from ..http.failures import failures, passing_failure, retry_after
from ..http.sessions import new_session


@dataclass(frozen=True)
class UploadToken:
    """What an index gave. C(expires_at): seconds since 1970, if the index says."""

    text: str = field(repr=False)
    expires_at: int | None = None


class TokenExchange:
    """The calls at one index."""

    def __init__(self, index: Index, clock: t.Callable[[], float] = time.time) -> None:
        """Raises MissingLibrary."""
        self.index = index
        self._clock = clock
        self._session = new_session()

    def audience(self) -> str:
        """What ID tokens for this index must be made for.

        :raises NotFound: the index has no trusted publishing
        :raises PermissionDenied: it is turned off
        """
        response = self._send("GET", "audience")
        if response.status_code == 403:
            raise PermissionDenied(
                f"{self.index.name} has turned trusted publishing off (403): try again when it has it again, or publish with an "
                "API token."
            )
        audience = self._answer(response).get("audience")
        if not isinstance(audience, str) or not audience:
            raise Stranger(self._stranger)
        return audience

    def mint(self, id_token: str, audience: str) -> UploadToken:
        """An upload token for an ID token, which is used up by this.

        :raises MintRefused: the index gives none for this ID token, nor for another that says the same
        :raises Unavailable: the ID token may be used up all the same
        """
        response = self._send("POST", "mint-token", id_token)
        now, sent = self._clock(), IdToken(*read_parts(id_token), audience)
        if response.status_code == 422:
            raise mint_refused(self.index.name, self._json(response).get("errors"), sent, now)
        failed = mint_failed(self.index.name, sent, now) if response.status_code == 500 else None
        if failed:
            raise failed
        given = self._answer(response)
        token, expires = given.get("token"), given.get("expires")
        if not isinstance(token, str) or not token:
            raise Stranger(self._stranger)
        return UploadToken(token, expires if isinstance(expires, int) else None)

    def burn(self, token: str) -> None:
        """Take an upload token back. The index does not say whether there was one.

        :raises NotFound: the index cannot do this
        """
        response = self._send("POST", "burn-token", token)
        if response.status_code in (404, 405):
            raise NotFound(
                f"{self.index.name} cannot take upload tokens back ({response.status_code}): this one stays good until it expires, "
                "a quarter of an hour after it was made."
            )
        self._refuse(response)
        if not isinstance(self._json(response).get("message"), str):
            raise Stranger(self._stranger)

    def _send(self, verb: str, endpoint: str, token: str | None = None) -> t.Any:
        body = None if token is None else {"token": token}
        with self._reading():
            return self._session.request(verb, f"{self.index.origin}/_/oidc/{endpoint}", json=body)

    def _answer(self, response: t.Any) -> t.Mapping[str, t.Any]:
        if response.status_code in (404, 405, 410):
            raise NotFound(
                f"{self.index.name} has no trusted publishing ({response.status_code}): index must be the address below which it has "
                "_/oidc/, or publish with an API token."
            )
        self._refuse(response)
        return self._json(response)

    def _refuse(self, response: t.Any) -> None:
        """Raise the error for an answer that is no success."""
        passing = passing_failure(self.index.name, response.status_code, retry_after(response.headers))
        if passing:
            raise passing
        if response.status_code >= 300:
            raise Refused(f"{self.index.name} answers {response.status_code} to a request of trusted publishing.")

    def _json(self, response: t.Any) -> t.Mapping[str, t.Any]:
        with self._reading():
            document = response.json()
            if not isinstance(document, t.Mapping):
                raise ValueError("Not an object.")
            return document

    def _reading(self) -> t.ContextManager[None]:
        return failures(self.index.name, self._stranger)

    @property
    def _stranger(self) -> str:
        return (
            f"What answers at {self.index.origin} is not an index with trusted publishing: index must be the address below which it has "
            "_/oidc/."
        )
