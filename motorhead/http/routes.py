"""The routes of the protocol: the handler of each call, and its description.

The application finds handlers here, and the OpenAPI description is generated from this table.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from motorhead.http.handlers.details import DetailsCalls
from motorhead.http.handlers.forks import ForkCalls
from motorhead.http.handlers.listings import ListingCalls
from motorhead.http.handlers.memory import MemoryCalls
from motorhead.http.handlers.messages import MessageCalls
from motorhead.http.handlers.operation import OperationCalls
from motorhead.http.handlers.search import SearchCalls
from motorhead.http.handlers.summaries import SummaryCalls
from motorhead.http.parameters import (
    ALL,
    BEFORE,
    CURSOR,
    DETAILS,
    EPOCH,
    FOUND,
    IN_PATHS,
    KEY,
    KNOWN,
    LIMIT,
    NAMESPACE,
    ORDER,
    PAGE,
    QUERY,
    SIZE,
    SUMMARY_TAG,
    Parameter,
)
from motorhead.http.requests import Request, Response
from motorhead.messages import (
    Done,
    FoldNow,
    ForkSession,
    Health,
    History,
    MemoryAnswer,
    Now,
    PatchSession,
    PostMemory,
    Query,
    Recalled,
    SessionDetails,
    Summaries,
)
from motorhead.search.results import SearchAnswer

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Handlers:
    """The handlers of all calls, grouped by subject."""

    memory: MemoryCalls
    summaries: SummaryCalls
    messages: MessageCalls
    listings: ListingCalls
    operation: OperationCalls
    details: DetailsCalls
    search: SearchCalls
    forks: ForkCalls


@dataclass(frozen=True, slots=True)
class Route:
    """One call.

    ``answer``: the type of the JSON answer, or str for plain text. ``body``: the type of the request's body.
    ``errors``: the call's own error statuses, in addition to those of every call, of parameters and of bodies.
    ``guarded``: whether the call is only for admitted requests (`motorhead.http.admission`).
    """

    method: str
    path: str
    handler: Callable[[Handlers], Handler]
    summary: str
    answer: Any
    errors: tuple[int, ...] = ()
    parameters: tuple[Parameter[Any], ...] = ()
    body: type | None = None
    body_required: bool = True
    guarded: bool = True

    @property
    def in_path(self) -> list[Parameter[Any]]:
        """The variable parts of the path."""
        return [IN_PATHS[name] for name in re.findall(r"{(\w+)}", self.path)]

    @property
    def pattern(self) -> bytes:
        """The path with ``*`` in place of each variable part."""
        return re.sub(r"{\w+}", "*", self.path).encode()


ROUTES = (
    Route("GET", "/", lambda on: on.operation.now, "The time, in ms since 1970.", Now, guarded=False),
    Route("GET", "/healthz", lambda on: on.operation.healthz, "Whether the process is alive.", Health, guarded=False),
    Route("GET", "/readyz", lambda on: on.operation.readyz, "Whether Redis answers.", Health, guarded=False),
    Route("GET", "/metrics", lambda on: on.operation.metrics, "Counters for Prometheus.", str),
    Route("GET", "/openapi.json", lambda on: on.operation.openapi, "This description.", dict[str, Any]),
    Route("GET", "/keys/current", lambda on: on.operation.key, "Whether the token is valid.", Done),
    Route("GET", "/namespaces", lambda on: on.listings.namespaces, "Namespaces that hold sessions.", list[str]),
    Route(
        "GET", "/sessions", lambda on: on.listings.sessions, "Sessions of a namespace.",
        list[str] | list[SessionDetails], parameters=(PAGE, SIZE, NAMESPACE, DETAILS, ORDER),
    ),
    Route(
        "GET", "/search", lambda on: on.search.search,
        "Places in messages, summaries and titles that contain some words, newest session first.",
        SearchAnswer, parameters=(QUERY, NAMESPACE, ALL, FOUND, CURSOR),
    ),
    Route(
        "GET", "/sessions/{id}", lambda on: on.details.get, "The session's details.", SessionDetails, (404,),
    ),
    Route(
        "PATCH", "/sessions/{id}", lambda on: on.details.change,
        "Change the session's title, pin, metadata (merged, RFC 7396) or instructions for summaries.",
        SessionDetails, (404, 409, 412), (EPOCH,), PatchSession,
    ),
    Route(
        "GET", "/sessions/{id}/memory", lambda on: on.memory.get, "The window, newest first, and the summary.",
        MemoryAnswer, parameters=(KNOWN,),
    ),
    Route(
        "POST", "/sessions/{id}/memory", lambda on: on.memory.append,
        "Append messages, oldest first, perhaps in place of the newest ones, and optionally set the context.",
        Done, (409, 412, 429), (NAMESPACE, KEY, EPOCH, SUMMARY_TAG), PostMemory,
    ),
    Route(
        "DELETE", "/sessions/{id}/memory", lambda on: on.memory.delete, "Delete the session.",
        Done, parameters=(NAMESPACE,),
    ),
    Route(
        "GET", "/sessions/{id}/messages", lambda on: on.messages.history, "All messages, newest first.",
        History, parameters=(BEFORE, LIMIT),
    ),
    Route(
        "GET", "/sessions/{id}/summaries", lambda on: on.summaries.versions, "Versions of the summary, newest first.",
        Summaries, parameters=(BEFORE, LIMIT),
    ),
    Route(
        "POST", "/sessions/{id}/summaries/{version}/restore", lambda on: on.summaries.restore,
        "Make a version the summary again.", MemoryAnswer, (404, 409),
    ),
    Route(
        "POST", "/sessions/{id}/fold", lambda on: on.summaries.fold, "Fold now, perhaps up to a message.", MemoryAnswer,
        (409, 412), body=FoldNow, body_required=False,
    ),
    Route(
        "POST", "/sessions/{id}/fork", lambda on: on.forks.fork,
        "Make a new session with the summary and messages as of a message; the memory of the new session.",
        MemoryAnswer, (404, 409, 412), (EPOCH,), ForkSession,
    ),
    Route(
        "POST", "/sessions/{id}/retrieval", lambda on: on.messages.retrieval, "The messages nearest to a text.",
        list[Recalled], body=Query,
    ),
)  # fmt: skip

#: Of the paths below a session, those without a further variable part: what follows the id, and the pattern.
BELOW_SESSION = {
    route.path.removeprefix("/sessions/{id}/").encode(): route.pattern
    for route in ROUTES
    if route.path.startswith("/sessions/{id}/") and route.path.count("{") == 1
}
SESSION_PREFIX = b"/sessions/"

#: Prefixes of paths in clients of the hosted service, which had `/v1/motorhead/sessions/…` and `/v1/keys/current`.
HOSTED = (b"/v1/", b"/motorhead/")

#: The patterns of the calls that answer any request: a monitor has no token, and calls a server by its address.
OPEN = frozenset(route.pattern for route in ROUTES if not route.guarded)


def dispatch(handlers: Handlers) -> dict[bytes, dict[str, Handler]]:
    """The handlers, by pattern, then method."""
    found: dict[bytes, dict[str, Handler]] = {}
    for route in ROUTES:
        found.setdefault(route.pattern, {})[route.method] = route.handler(handlers)
    return found


def split(path: bytes) -> tuple[bytes, list[bytes]]:
    """The pattern of ``path``, and its variable parts, undecoded.

    The prefixes of the hosted service are ignored, and so is a slash at the end of the address that a client was given:
    it leaves two at the start of the path, or behind a prefix.
    """
    if path.startswith(SESSION_PREFIX):  # nearly always
        name, _, rest = path[len(SESSION_PREFIX) :].partition(b"/")
        if (pattern := BELOW_SESSION.get(rest)) is not None:
            return pattern, [name]
    path = _with_one_slash(path)
    for prefix in HOSTED:
        if path.startswith(prefix):
            path = _with_one_slash(path[len(prefix) - 1 :])
    parts = path.split(b"/")
    if len(parts) < 3 or parts[1] != b"sessions":
        return path, []
    names, parts[2] = [parts[2]], b"*"
    if len(parts) > 4:
        names.append(parts[4])
        parts[4] = b"*"
    return b"/".join(parts), names


def _with_one_slash(path: bytes) -> bytes:
    return b"/" + path.lstrip(b"/") if path.startswith(b"//") else path
