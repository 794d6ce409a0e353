"""All calls of ``/api/v1/``, and what their errors become."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation

from chat.api.v1 import exports, grants, imports, messages, prompts, searching, sessions, shares, summaries
from chat.api.v1.access import authenticate
from chat.api.v1.bodies import Renderer, StrictParser
from chat.api.v1.mistakes import mistake
from chat.api.v1.problems import answer_failure, problem
from chat.domain.exceptions import BodyTooLarge, ChatError, InvalidRequest, UnknownPath
from chat.domain.sentences import Situation

#: The version of the description; the first number is that in the address.
VERSION = "1.0.0"
#: What a person was doing, by the method of a call; with any other method they were looking.
SITUATIONS = {"DELETE": Situation.DELETING, "PATCH": Situation.CHANGING}


class Api(NinjaAPI):
    """Names each operation like its function."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name in the description."""
        return operation.view_func.__name__


api = Api(
    title="Motörhead Chat",
    version=VERSION,
    urls_namespace="api-v1",
    auth=authenticate,
    openapi_url=None,
    docs_url=None,
    parser=StrictParser(),
    renderer=Renderer(),
)
for prefix, router in (
    ("/sessions", sessions.router),
    ("/sessions", messages.router),
    ("/sessions", summaries.router),
    ("/sessions", prompts.router),
    ("", exports.router),
    ("", imports.router),
    ("", shares.router),
    ("", searching.router),
    ("", grants.router),
):
    api.add_router(prefix, router)


@api.exception_handler(ChatError)
def _answer(request: HttpRequest, error: ChatError) -> HttpResponse:
    return problem(error, SITUATIONS.get(request.method or "", Situation.LOOKING))


@api.exception_handler(ValidationError)
def _answer_mistake(_: HttpRequest, error: ValidationError) -> HttpResponse:
    return problem(mistake(error.errors))


@api.exception_handler(RequestDataTooBig)
def _answer_too_large(_: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    return problem(BodyTooLarge())


@api.exception_handler(HttpError)
@api.exception_handler(UnreadablePostError)
def _answer_unreadable(_: HttpRequest, error: Exception) -> HttpResponse:
    """The body is not JSON, or did not arrive."""
    return problem(InvalidRequest("not_json"))


@api.exception_handler(MultiPartParserError)
@api.exception_handler(SuspiciousOperation)
def _answer_unreadable_form(_: HttpRequest, error: Exception) -> HttpResponse:
    """The form has no boundary, or too many fields or files."""
    return problem(InvalidRequest("form"))


@api.exception_handler(Http404)
def _answer_unknown(_: HttpRequest, error: Http404) -> HttpResponse:
    return problem(UnknownPath())


api.add_exception_handler(Exception, answer_failure)
