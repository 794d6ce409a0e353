"""What Azure's refusals mean: most are about a setting that only Azure has, and not about the text in the request."""

from __future__ import annotations

import re

from motorhead.exceptions import ModelError, ModelRejected, ModelUnavailable
from motorhead.model.failures import is_blocked

#: Names the version of the API in every wording and code, such as "API version not supported", "… is enabled only for
#: api versions 2024-12-01-preview and later", "please use api-version=preview" and "InvalidApiVersionParameter".
VERSION = re.compile(r"api[\s_-]?version", re.IGNORECASE)
#: The 404 for a version that Azure does not know, and for an address without such a path.
NOT_FOUND = re.compile(r"resource not found", re.IGNORECASE)
#: The deployment's model does other work, or there is no such deployment.
DEPLOYMENT = re.compile(r"OperationNotSupported|DeploymentNotFound|does not work with the specified model")


def azure_failure(what: str, status: int, body: str) -> ModelError | None:
    """The error of an answer that is about Azure's settings; None if it is about anything else.

    ``what`` names the model in the error's sentence.
    """
    if status in {401, 403} and not is_blocked(status, body):
        return ModelRejected(f"The {what} refuses the key (status {status}); check AZURE_API_KEY.")
    if status not in {400, 404}:
        return None
    if DEPLOYMENT.search(body):
        names = "AZURE_DEPLOYMENT_ID and AZURE_DEPLOYMENT_ID_ADA"
        return ModelRejected(f"The {what} is not what Azure deploys under this name (status {status}); check {names}.")
    if VERSION.search(body):
        return ModelUnavailable(
            f"The {what} refuses the version of the API (status {status}); check AZURE_API_VERSION."
        )
    if NOT_FOUND.search(body):
        names = "AZURE_API_VERSION and AZURE_API_BASE"
        return ModelUnavailable(f"The {what} is not found at Azure (status {status}); check {names}.")
    return None
