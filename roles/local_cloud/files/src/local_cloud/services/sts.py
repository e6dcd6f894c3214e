# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""STS: who calls. Its other operations are not here.

Source: AWS Security Token Service API Reference, "GetCallerIdentity" and "Common Errors"; the AWS Query protocol answers in XML.
"""

from __future__ import annotations

from uuid import uuid4
from xml.sax.saxutils import escape

from aiohttp import web

from local_cloud.platform.base import Platform, Requested
from local_cloud.platform.errors import ApiError
from local_cloud.services.codeartifact.control import unique_id
from local_cloud.services.codeartifact.errors import AwsError
from local_cloud.services.codeartifact.identities import Identity
from local_cloud.services.codeartifact.signature import check_date, signer_of
from local_cloud.services.codeartifact.store import CodeArtifact

NAME = "sts"
_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_OPERATION = "GetCallerIdentity"
#: What the query protocol calls refusals that have other names over JSON.
_CODES = {
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "IncompleteSignatureException": "IncompleteSignature",
}


class SecurityTokens:
    """``POST /sts/``. No permission is needed to ask."""

    def __init__(self, platform: Platform, state: CodeArtifact) -> None:
        self._platform = platform
        self._state = state

    async def find(self, request: web.Request, path: str) -> Requested | web.Response | None:
        if path.rstrip("/") != NAME:
            return None
        asked = str((await request.post()).get("Action", ""))
        if asked != _OPERATION:
            return _refused("InvalidAction", f"There is no operation {asked} of STS in the local cloud.", 400)
        try:
            identity = self._caller(request)
        except AwsError as error:
            return _refused(_CODES[error.code], error.message, error.http_status)

        async def answer(caller: Identity) -> web.Response:
            return _answered(caller)

        return Requested(f"{NAME}.{_OPERATION}", "", lambda: identity, answer)

    def in_own_words(self, error: ApiError) -> ApiError:
        return error

    def _caller(self, request: web.Request) -> Identity:
        signer = signer_of(request.headers.get("Authorization"), NAME)
        check_date(request.headers.get("X-Amz-Date"), self._platform.clock)
        return self._state.identities.of_signer(signer.access_key_id)


def _answered(caller: Identity) -> web.Response:
    told = {"Arn": caller.arn, "UserId": unique_id(caller.arn), "Account": caller.account}
    members = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
    result = f"<{_OPERATION}Result>{members}</{_OPERATION}Result>"
    request_id = f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata>"
    return _xml(f'<{_OPERATION}Response xmlns="{_NAMESPACE}">{result}{request_id}</{_OPERATION}Response>')


def _refused(code: str, message: str, status: int) -> web.Response:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    request_id = f"<RequestId>{uuid4()}</RequestId>"
    return _xml(f'<ErrorResponse xmlns="{_NAMESPACE}">{error}{request_id}</ErrorResponse>', status)


def _xml(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/xml")
