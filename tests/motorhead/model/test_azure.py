"""The meaning of Azure's refusals."""

from __future__ import annotations

import pytest

from motorhead.exceptions import ModelError, ModelRejected, ModelUnavailable
from motorhead.model.azure import azure_failure

VERSION = "AZURE_API_VERSION"


@pytest.mark.parametrize(
    ("status", "body", "error", "variable"),
    [
        (400, '{"error":{"code":"BadRequest","message":"API version not supported"}}', ModelUnavailable, VERSION),
        (
            400,
            '{"error":{"code":"BadRequest","message":"Model {modelName} is enabled only for api versions '
            '2024-12-01-preview and later"}}',
            ModelUnavailable,
            VERSION,
        ),
        (
            400,
            '{"error":{"code":"InvalidApiVersionParameter","message":"The api-version \'2023-05\' is invalid. The '
            "supported versions are '2024-10-21,2024-06-01'.\"}}",
            ModelUnavailable,
            VERSION,
        ),
        (400, '{"error":{"message":"API in preview mode, please use api-version=preview"}}', ModelUnavailable, VERSION),
        (400, '{"error":{"code":"MissingApiVersionParameter","message":"Required."}}', ModelUnavailable, VERSION),
        (404, '{"error":{"code":"UnsupportedApiVersion","message":"No resource matches."}}', ModelUnavailable, VERSION),
        (404, '{"error":{"code":"404","message": "Resource not found"}}', ModelUnavailable, VERSION),
        (404, '{"error":{"code":"404","message": "Resource not found"}}', ModelUnavailable, "AZURE_API_BASE"),
        (
            404,
            '{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}',
            ModelRejected,
            "AZURE_DEPLOYMENT_ID",
        ),
        (
            400,
            '{"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does not work with the '
            'specified model, text-embedding-ada-002. Please choose different model and try again."}}',
            ModelRejected,
            "AZURE_DEPLOYMENT_ID_ADA",
        ),
        (401, '{"error":{"code":"401","message":"Access denied due to invalid subscription key."}}', ModelRejected,
         "AZURE_API_KEY"),
        (403, '{"error":{"code":"403","message":"Denied due to Virtual Network/Firewall rules."}}', ModelRejected,
         "AZURE_API_KEY"),
    ],
)  # fmt: skip
def test_a_refusal_for_a_setting_names_its_variable(
    status: int, body: str, error: type[ModelError], variable: str
) -> None:
    """Whatever its wording, the cause is a setting, and not the text."""
    found = azure_failure("summary model", status, body)
    assert type(found) is error
    assert variable in str(found)
    assert str(found).startswith("The summary model ")
    assert str(found).endswith(".")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, '{"error":{"code":"content_filter","message":"The response was filtered due to the prompt."}}'),
        (400, '{"error":{"code":"context_length_exceeded","message":"This model\'s maximum context length is 8192."}}'),
        (
            429,
            '{"error":{"code":"429","message":"Requests under Azure OpenAI API version 2023-05-15 have exceeded …"}}',
        ),
        (403, "<h2>The request is blocked.</h2>"),
        (500, '{"error":{"code":"InternalServerError","message":"api version"}}'),
    ],
)
def test_anything_else_has_its_usual_meaning(status: int, body: str) -> None:
    """A filtered or too large text, a rate limit and a failure are no matter of Azure's settings."""
    assert azure_failure("summary model", status, body) is None
