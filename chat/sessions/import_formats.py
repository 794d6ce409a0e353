"""The formats of files to import: this program's JSON (``docs/exports.md``), and ChatGPT's ``conversations.json``."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from chat.domain.exceptions import InvalidImport
from chat.sessions.import_chatgpt import read_chatgpt
from chat.sessions.import_own import read_own
from chat.sessions.importable import Importable
from chat.sessions.nesting import flattened

#: What decoding raises for bytes that are not JSON, not of the shape, not UTF-8, or too deeply nested.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: Escapes of backslashes, of characters beyond the first 65,536, and of halves of one: some exports have cut them.
_ESCAPES = re.compile(rb"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u[dD][89a-fA-F]..")
_REPLACEMENT = rb"\ufffd"


class _Beginning(msgspec.Struct):
    """The fields by which a file with an object is recognised."""

    format: msgspec.Raw = msgspec.Raw()
    mapping: msgspec.Raw = msgspec.Raw()


def read_import(content: bytes) -> Importable:
    """The sessions in a file, which may take seconds for a large one.

    Raises `InvalidImport`: it is no JSON, of no known format, or contains no session.
    """
    content = content.removeprefix(_BYTE_ORDER_MARK)
    try:
        found = _read(content)
    except msgspec.ValidationError as error:
        raise InvalidImport("malformed", problem=str(error)) from None
    except _UNREADABLE as error:
        raise InvalidImport("not_json", problem=str(error)) from None
    if not found.sessions:
        raise InvalidImport("nothing")
    return found


def _read(content: bytes) -> Importable:
    try:
        return _read_mended(content)
    except RecursionError:  # one value in one session: that is no reason to refuse all the others
        return _read_mended(flattened(content))


def _read_mended(content: bytes) -> Importable:
    try:
        return _format_of(content)(content)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        mended = _ESCAPES.sub(
            lambda escape: _REPLACEMENT if len(escape[0]) == len(_REPLACEMENT) else escape[0], content
        )
        if mended == content:
            raise
        return _format_of(mended)(mended)


def _format_of(content: bytes) -> Callable[[bytes], Importable]:
    """What reads the file. Raises `InvalidImport`: nothing does."""
    if content.startswith(b"PK\x03\x04"):
        raise InvalidImport("zip")
    if content.lstrip()[:1] == b"[":
        return read_chatgpt
    if content.lstrip()[:1] != b"{":
        raise InvalidImport("unknown")
    beginning = msgspec.json.decode(content, type=_Beginning)
    if bytes(beginning.mapping):
        return lambda one: read_chatgpt(b"[" + one + b"]")
    if bytes(beginning.format):
        return read_own
    raise InvalidImport("unknown")
