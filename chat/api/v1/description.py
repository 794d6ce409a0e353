"""The OpenAPI description of the calls, made from their code."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from chat.api.v1.api import api
from chat.api.v1.errors import ERRORS
from chat.api.v1.problems import CONTENT_TYPE

ABOUT = """\
Everything that the page can do with sessions and their memory. Answers to a message come over the websocket
`/ws/v1/chat`, whose frames an AsyncAPI document describes. Unknown fields in an answer are to be ignored: more may
come. Fields, calls and codes of `v1` do not go away and do not change their meaning.
"""

SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "From `manage.py issue_token` or the admin. For programs; keep it out of browsers.",
    },
    "ticket": {
        "type": "apiKey",
        "in": "query",
        "name": "ticket",
        "description": "From `POST /ticket`. Good for one call within a minute.",
    },
    "visitor": {
        "type": "apiKey",
        "in": "cookie",
        "name": "owner",
        "description": (
            "The cookie of the site's visitor, whose name has a prefix of the site's own. Pages of the site and of "
            "`CHAT_ALLOWED_ORIGINS` may use it. The site's own pages send the token in the cookie that ends in "
            "`csrftoken` as `X-CSRFToken` with every call that changes something."
        ),
    },
}
#: How the calls are authenticated whose function is access itself.
OWN_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "issue": [{"token": []}],
    "begin_visit": [],
    "end_visit": [{"visitor": []}],
}
#: The errors that every call can have, and those of some.
ALWAYS = (400, 401, 403, 429, 500, 502, 503)
OFTEN = {"session_id": (404, 409, 501), "q": (501,)}


class Problem(Schema):
    """An error, as in RFC 9457."""

    type: Annotated[str, Field(description="The address of its code's explanation.")]
    title: Annotated[str, Field(description="The status in words.")]
    status: int
    detail: Annotated[str, Field(description="A sentence for a person: what is wrong, and what to do.")]
    code: Annotated[Literal[*ERRORS], Field(description="Its name.")]  # type: ignore[valid-type]
    retryable: Annotated[bool, Field(description="The same call may succeed later.")]
    turn_id: Annotated[str | None, Field(description="The turn with which the session is busy.")] = None
    current: Annotated[str | None, Field(description="The summary as it is now.")] = None
    yours: Annotated[str | None, Field(description="The summary that was refused.")] = None


def describe(server: str = "/api/v1") -> dict[str, Any]:
    """The description. ``server`` is the address below which the calls are."""
    described: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=""))
    described["info"]["description"] = ABOUT
    described["servers"] = [{"url": server}]
    described["security"] = [{name: []} for name in SECURITY_SCHEMES]
    components = described["components"]
    components["securitySchemes"] = SECURITY_SCHEMES
    components["schemas"]["Problem"] = Problem.model_json_schema()
    components["responses"] = {str(status): _refusal(status) for status in _statuses()}
    for operation in operations(described):
        _complete(operation)
    bodies = (operation.get("requestBody", {}) for operation in operations(described))
    for schema in (*components["schemas"].values(), *_schemas_of_parameters(described), *bodies):
        _tidy(schema)
    return described


def operations(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All operations of a description."""
    return (operation for path in described["paths"].values() for operation in path.values())


def _complete(operation: dict[str, Any]) -> None:
    """Give an operation its errors, its security, and its words from the docstring of its function."""
    about, _, more = operation.pop("description").partition("\n")
    operation["summary"], _, second = about.removesuffix(".").partition(". ")
    if described := "\n".join(filter(None, (f"{second}." if second else "", more.strip()))):
        operation["description"] = described
    if operation["operationId"] in OWN_SECURITY:
        operation["security"] = OWN_SECURITY[operation["operationId"]]
    names = {parameter["name"] for parameter in operation["parameters"]}
    errors = {*ALWAYS, *(status for name, more in OFTEN.items() if name in names for status in more)}
    if "If-Match" in names:
        errors |= {412, 428}
    if "requestBody" in operation:
        errors.add(413)
    found = {str(status): answer for status, answer in operation["responses"].items()}
    refusals = {str(status): {"$ref": f"#/components/responses/{status}"} for status in errors}
    operation["responses"] = dict(sorted((found | refusals).items()))


def _schemas_of_parameters(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Their schemas. A parameter that may be left out is never null, as pydantic has it."""
    for operation in operations(described):
        for parameter in operation["parameters"]:
            schema = parameter["schema"]
            for choice in schema.pop("anyOf", []):
                schema |= {} if choice.get("type") == "null" else choice
            schema.pop("description", None)  # the parameter itself has it
            yield schema


def _tidy(schema: Any) -> None:
    """Remove the titles that pydantic makes of names."""
    if isinstance(schema, dict):
        schema.pop("title", None)
        for name, inner in schema.items():
            for each in inner.values() if name == "properties" else [inner]:
                _tidy(each)
    elif isinstance(schema, list):
        for each in schema:
            _tidy(each)


def _statuses() -> list[int]:
    return sorted({status for kind in ERRORS.values() for status in kind.statuses})


def _refusal(status: int) -> dict[str, Any]:
    codes = ", ".join(f"`{code}`" for code, kind in ERRORS.items() if status in kind.statuses)
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": f"{HTTPStatus(status).phrase}: {codes}.", "content": content}
