"""The parameters of requests: each is read, validated and described in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import unquote_to_bytes

from motorhead.exceptions import BadRequest
from motorhead.http.requests import Request, size_of
from motorhead.search.cursor import read_cursor
from motorhead.search.words import Words
from motorhead.store import keys
from motorhead.store.state import DIGITS

T = TypeVar("T")
Schema = dict[str, Any]

#: Most characters of an idempotency key, or of an epoch.
LONGEST_LABEL = 200
#: Most characters and words of a search.
LONGEST_QUERY, MOST_WORDS = 200, 10


@dataclass(frozen=True, slots=True)
class Parameter(Generic[T]):
    """A part of a request. ``schema`` is the JSON Schema of valid values; ``read`` raises BadRequest for others."""

    place: Literal["path", "query", "header"]
    name: str
    description: str
    schema: Schema
    read: Callable[[Request], T]


def number(name: str, description: str, *, default: int, most: int) -> Parameter[int]:
    """A parameter of the query that is a whole number from 1 to ``most``."""

    def read(request: Request) -> int:
        value = request.parameter(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit() and len(value) <= DIGITS and 1 <= int(value) <= most):
            raise BadRequest(f"The parameter {name} must be a whole number from 1 to {most}.")
        return int(value)

    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": default}
    return Parameter("query", name, description, schema, read)


def flag(name: str, description: str) -> Parameter[bool]:
    """A parameter of the query that is ``true`` or ``false`` (the default)."""

    def read(request: Request) -> bool:
        value = request.parameter(name)
        if value not in {None, "true", "false"}:
            raise BadRequest(f"The parameter {name} must be true or false.")
        return value == "true"

    return Parameter("query", name, description, {"type": "boolean", "default": False}, read)


def choice(name: str, description: str, default: str, other: str) -> Parameter[str]:
    """A parameter of the query that is one of two words."""

    def read(request: Request) -> str:
        value = request.parameter(name)
        if value not in {None, default, other}:
            raise BadRequest(f"The parameter {name} must be {other} or {default}.")
        return value or default

    return Parameter("query", name, description, {"enum": [default, other], "default": default}, read)


def label(name: str, description: str) -> Parameter[str]:
    """A header of visible ASCII characters; read as "" if it was not sent."""
    header = name.lower().encode()

    def read(request: Request) -> str:
        value = request.header(header)
        if not value:
            return ""
        if len(value) > LONGEST_LABEL or not all(33 <= character <= 126 for character in value):
            raise BadRequest(f"{name} has at most {LONGEST_LABEL} characters, all of visible ASCII.")
        return value.decode()

    schema = {"type": "string", "pattern": f"^[!-~]{{1,{LONGEST_LABEL}}}$"}
    return Parameter("header", name, description, schema, read)


def _session_id(request: Request) -> bytes:
    name = request.names[0]
    if b"%" in name:
        name = unquote_to_bytes(name)
    if len(name) > keys.LONGEST_NAME:
        raise BadRequest(f"A session id has at most {keys.LONGEST_NAME} bytes.")
    try:
        name.decode()
    except UnicodeDecodeError:
        raise BadRequest("A session id must be UTF-8.") from None
    return name


def session_named(name: str) -> bytes:
    """The id of a session that a body names."""
    if not name or size_of(name) > keys.LONGEST_NAME:
        raise BadRequest(f"A session id has 1 to {keys.LONGEST_NAME} bytes.")
    return name.encode()


def _version(request: Request) -> int:
    return _entry_number(request.names[1].decode("latin-1"))


def _before(request: Request) -> int | None:
    value = request.parameter("before")
    return None if value is None else _entry_number(value)


def _entry_number(value: str) -> int:
    """The number of a message or version, from its id as a client sends it."""
    if not (value.isascii() and value.isdigit() and len(value) <= DIGITS):
        raise BadRequest(f"{value[:40]!r} is not an id; use an id that this server has returned.")
    return int(value)


def _namespace(request: Request) -> keys.Mark:
    """The mark of the namespace in the query, or of the unnamed namespace."""
    return namespace_named(request.parameter("namespace"))


def namespace_named(name: str | None) -> keys.Mark:
    """The mark of the namespace of this name; None: of the unnamed one."""
    if name is not None and size_of(name) > keys.LONGEST_NAME:
        raise BadRequest(f"A namespace has at most {keys.LONGEST_NAME} bytes.")
    return keys.mark(name)


def _summary_tag(request: Request) -> str:
    """The tag in If-Match, without its quotes; "" if it was not sent."""
    tag = request.header(b"if-match").decode("latin-1").strip()
    if not tag:
        return ""
    if len(tag) < 3 or not (tag[0] == tag[-1] == '"') or '"' in tag[1:-1]:
        raise BadRequest("If-Match must be one Summary-ETag, with its quotes.")
    return tag[1:-1]


def _words(request: Request) -> Words:
    """The words in the query."""
    text = request.parameter("q") or ""
    words = Words(text)
    if not words or len(text) > LONGEST_QUERY or len(words) > MOST_WORDS:
        raise BadRequest(f"The parameter q must have 1 to {MOST_WORDS} words, and at most {LONGEST_QUERY} characters.")
    return words


def _name(**schema: object) -> Schema:
    """The schema of a text that is limited in bytes, and therefore to at most that many characters."""
    return {"type": "string", **schema, "maxLength": keys.LONGEST_NAME}


_BYTES = f"at most {keys.LONGEST_NAME:,} bytes in UTF-8"
_ENTRY: Schema = {"type": "string", "pattern": f"^[0-9]{{1,{DIGITS}}}$"}

SESSION = Parameter("path", "id", f"A session: any text of {_BYTES}.", _name(minLength=1), _session_id)
VERSION = Parameter("path", "version", "A version of the summary.", _ENTRY, _version)
BEFORE = Parameter("query", "before", "Only entries older than this id.", _ENTRY, _before)
NAMESPACE = Parameter(
    "query", "namespace", f"A group of sessions that are listed together: {_BYTES}.", _name(), _namespace
)
LIMIT = number("limit", "The largest number of entries to return.", default=50, most=200)
PAGE = number("page", "The page, counted from 1.", default=1, most=10**12)
SIZE = number("size", "Sessions per page.", default=10, most=1000)
DETAILS = flag("details", "Return objects instead of ids.")
ORDER = choice("order", "Which come first, by last activity.", "oldest", "newest")
ALL = flag("all", "Search every namespace, one after the other; the server must have a token.")
FOUND = number("limit", "The largest number of places to return.", default=20, most=100)
QUERY = Parameter(
    "query", "q", f"The words, each at least in part, in any order: at most {MOST_WORDS}.",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_QUERY}, _words,
)  # fmt: skip
CURSOR = Parameter(
    "query", "cursor", "Where to continue: the cursor of an earlier answer.", {"type": "string"},
    lambda request: read_cursor(value) if (value := request.parameter("cursor")) else None,
)  # fmt: skip
KEY = label("Idempotency-Key", "An append repeated under the same key is made once.")
EPOCH = label("Session-Epoch", "The epoch that the client loaded; the request is refused if it is not the session's.")
SUMMARY_TAG = Parameter(
    "header", "If-Match", "The Summary-ETag of the summary that a context replaces; it is refused for another one.",
    {"type": "string"}, _summary_tag,
)  # fmt: skip
KNOWN: Parameter[bytes] = Parameter(
    "header", "If-None-Match", "The ETag of the memory that the client already has.", {"type": "string"},
    lambda request: request.header(b"if-none-match"),
)  # fmt: skip

#: The parameters that a route's path may contain, between braces.
IN_PATHS = {parameter.name: parameter for parameter in (SESSION, VERSION)}
