# SPDX-FileCopyrightText: 2026 The pkgops.registry_auth authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CodeArtifact's service model, as botocore carries it: the operations, where each is found, and the errors' statuses."""

from __future__ import annotations

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

NAME = "codeartifact"
# Only botocore's own data: the user may have models, too.
_LOADER = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
_SERVICE = ServiceModel(_LOADER.load_service_model(NAME, "service-2"), NAME)

OPERATIONS: dict[str, OperationModel] = {name: _SERVICE.operation_model(name) for name in _SERVICE.operation_names}
# Every route of this service is a plain path.
_ROUTES = {
    (operation.http["method"], operation.http["requestUri"].lstrip("/")): operation for operation in OPERATIONS.values()
}
ERROR_STATUS: dict[str, int] = {
    shape.name: shape.metadata["error"]["httpStatusCode"]
    for operation in OPERATIONS.values()
    for shape in operation.error_shapes
}


def find(verb: str, path: str) -> OperationModel | None:
    """The operation for a path below the endpoint."""
    return _ROUTES.get((verb, path))
