"""Parameters are read exactly as they are described."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from motorhead.config import Limits
from motorhead.exceptions import BadRequest
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
    LONGEST_LABEL,
    LONGEST_QUERY,
    NAMESPACE,
    ORDER,
    PAGE,
    QUERY,
    SESSION,
    SIZE,
    SUMMARY_TAG,
    VERSION,
    Parameter,
)
from motorhead.http.protocol import LARGEST_HEAD
from motorhead.http.requests import Request
from motorhead.http.routes import ROUTES
from motorhead.recall.retrieval import MOST
from motorhead.store.appending import KEY_LIFETIME
from motorhead.store.keys import LONGEST_NAME, UNNAMED, mark
from motorhead.store.state import DIGITS
from tests.support.servers import REPOSITORY

#: The parameters of a search.
SEARCHING = (QUERY, ALL, FOUND, CURSOR)
MIB = 1024 * 1024


async def no_body() -> dict[str, Any]:
    raise AssertionError("No parameter is in the body.")


def saying(parameter: Parameter[Any], value: str | bytes | None) -> Request:
    """A request in which the parameter has this value (None: is absent)."""
    given = value.encode() if isinstance(value, str) else value
    query = b"" if given is None else f"{parameter.name}={quote(given)}".encode()
    headers = [] if given is None else [(parameter.name.lower().encode(), given)]
    request = Request(
        "GET",
        b"/",
        query if parameter.place == "query" else b"",
        headers if parameter.place == "header" else [],
        no_body,
    )
    names = [b"s", given] if parameter is VERSION else [given]
    request.names = [name or b"" for name in names]
    return request


@pytest.mark.parametrize("parameter", [LIMIT, PAGE, SIZE], ids=lambda one: one.name)
def test_numbers_are_read_within_their_described_bounds(parameter: Parameter[int]) -> None:
    """Both bounds are accepted, values beyond are refused with both in the sentence; absent means the default."""
    least, most = parameter.schema["minimum"], parameter.schema["maximum"]
    assert [parameter.read(saying(parameter, str(number))) for number in (least, most)] == [least, most]
    assert parameter.read(saying(parameter, None)) == parameter.schema["default"]
    for wrong in (str(least - 1), str(most + 1), "", "x", "-1", "1.0", "٣", "9" * 5000):
        with pytest.raises(BadRequest, match=f"{parameter.name} must be a whole number from {least} to {most}"):
            parameter.read(saying(parameter, wrong))


@pytest.mark.parametrize(("parameter", "what"), [(SESSION, "session id"), (NAMESPACE, "namespace")])
def test_names_are_read_up_to_their_described_length(parameter: Parameter[bytes], what: str) -> None:
    """A name of the maximal length is accepted; one more byte, even in fewer characters, is refused."""
    most = parameter.schema["maxLength"]
    assert most == LONGEST_NAME
    assert f"{most:,} bytes" in parameter.description
    assert parameter.read(saying(parameter, "x" * most)).endswith(b"x" * most)
    for long in ("x" * (most + 1), "é" * (most // 2) + "x"):
        with pytest.raises(BadRequest, match=f"A {what} has at most {most} bytes"):
            parameter.read(saying(parameter, long))


@pytest.mark.parametrize("parameter", [KEY, EPOCH], ids=lambda one: one.name)
def test_labels_are_visible_ascii_of_their_described_length(parameter: Parameter[str]) -> None:
    """Every visible character is accepted, up to the length in the pattern; anything else is refused."""
    assert parameter.schema["pattern"] == f"^[!-~]{{1,{LONGEST_LABEL}}}$"
    visible = "".join(map(chr, range(ord("!"), ord("~") + 1)))
    longest = (visible * 9)[:LONGEST_LABEL]
    assert parameter.read(saying(parameter, longest)) == longest
    assert parameter.read(saying(parameter, None)) == ""
    for wrong in (f"{longest}x", "a b", "\x7f", "é"):
        with pytest.raises(BadRequest, match=f"^{parameter.name} has at most {LONGEST_LABEL} characters"):
            parameter.read(saying(parameter, wrong))


@pytest.mark.parametrize("parameter", [BEFORE, VERSION], ids=lambda one: one.name)
def test_numbers_of_entries_have_their_described_digits(parameter: Parameter[int | None]) -> None:
    """An id has at most as many digits as a stored count; longer ones, and other text, are refused."""
    assert parameter.schema["pattern"] == f"^[0-9]{{1,{DIGITS}}}$"
    assert parameter.read(saying(parameter, "9" * DIGITS)) == 10**DIGITS - 1
    for wrong in ("9" * (DIGITS + 1), "x", "-1", "٣", b"\xff"):
        with pytest.raises(BadRequest):
            parameter.read(saying(parameter, wrong))


def test_a_page_without_a_beginning_is_the_newest() -> None:
    """``before`` is optional."""
    assert BEFORE.read(saying(BEFORE, None)) is None


def test_words_are_those_that_are_described() -> None:
    """``order`` accepts its two words, ``details`` true and false; absent means the described default."""
    for parameter, words in ((ORDER, ORDER.schema["enum"]), (DETAILS, ["true", "false"])):
        read = [parameter.read(saying(parameter, word)) for word in words]
        assert read == (words if parameter is ORDER else [True, False])
        assert parameter.read(saying(parameter, None)) == parameter.schema["default"]
        with pytest.raises(BadRequest, match=f"The parameter {parameter.name} must be"):
            parameter.read(saying(parameter, "up"))


def test_a_session_id_is_decoded() -> None:
    """Percent-encoded UTF-8 is decoded; other bytes are refused."""
    assert SESSION.read(saying(SESSION, b"a%2Fb%C3%BC")) == "a/bü".encode()
    with pytest.raises(BadRequest, match="UTF-8"):
        SESSION.read(saying(SESSION, b"%ff"))


def test_no_namespace_is_not_the_one_without_a_name() -> None:
    """An absent namespace and an empty one are different namespaces."""
    assert NAMESPACE.read(saying(NAMESPACE, None)) == UNNAMED
    assert NAMESPACE.read(saying(NAMESPACE, "")) == mark("")


def test_a_query_has_words() -> None:
    """One to ten different ones, within the described length; the bounds of an answer are described, too."""
    assert len(QUERY.read(saying(QUERY, "a b A"))) == 2
    for refused in (None, "", " ", "x" * (LONGEST_QUERY + 1), "a b c d e f g h i j k"):
        with pytest.raises(BadRequest, match="1 to 10 words"):
            QUERY.read(saying(QUERY, refused))


def test_a_cursor_is_one_that_a_search_returned() -> None:
    """Without one, a search begins at the newest session."""
    assert CURSOR.read(saying(CURSOR, None)) is None
    with pytest.raises(BadRequest, match="cursor"):
        CURSOR.read(saying(CURSOR, "x"))


def test_every_parameter_is_of_some_call() -> None:
    """Each described parameter belongs to a route, and each route's parameters are tested here."""
    used = {id(one) for route in ROUTES for one in (*route.in_path, *route.parameters)}
    tested = [
        LIMIT,
        PAGE,
        SIZE,
        SESSION,
        NAMESPACE,
        KEY,
        EPOCH,
        SUMMARY_TAG,
        BEFORE,
        VERSION,
        ORDER,
        DETAILS,
        KNOWN,
        *SEARCHING,
    ]
    assert used == {id(one) for one in (*tested, SUMMARY_TAG, *SEARCHING)}
    assert list(IN_PATHS) == [SESSION.name, VERSION.name]


def test_the_protocols_document_has_the_same_limits() -> None:
    """The limits in the document are those of the code."""
    text = " ".join((REPOSITORY / "docs" / "motorhead-protocol.md").read_text().split())
    for sentence in (
        f"A session id is any text of at most {LONGEST_NAME:,} bytes",
        f"Like a session id, a namespace has at most {LONGEST_NAME:,} bytes",
        f"(up to {LONGEST_LABEL} visible ASCII characters)",
        f"remembered for {KEY_LIFETIME // 86_400_000} days",
        f"`limit` is at most {LIMIT.schema['maximum']}",
        f"`size` above {SIZE.schema['maximum']:,}",
        f"`GET /sessions?page={PAGE.schema['default']}&size={SIZE.schema['default']}&namespace=`",
        f"?before=<id>&limit={LIMIT.schema['default']}`",
        f"nearest first, at most {MOST}",
        f"a body above {Limits().body_bytes // MIB} MiB",
        f"does not arrive completely within {Limits().request_seconds:g} s",
        f"a head above {LARGEST_HEAD // MIB} MiB",
    ):
        assert sentence in text
