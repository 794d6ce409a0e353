"""Memory answers: the present memory of a session, and the ETag that identifies it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from motorhead.config import FoldSettings
from motorhead.folding.summarizer import WHAT
from motorhead.folding.window import is_due
from motorhead.http.requests import Header, Response, json_response
from motorhead.messages import UNREADABLE, FoldState, MemoryAnswer, Window, read_message
from motorhead.model.client import NOT_CONFIGURED
from motorhead.store.state import State

logger = logging.getLogger(__name__)

NO_MODEL = NOT_CONFIGURED.format(what=WHAT)


class _Readable(msgspec.Struct, gc=False):
    """What each message of an answer must have."""

    role: str
    content: str
    id: str
    created_at: int


class _ReadBack(msgspec.Struct, gc=False):
    """The part of an answer that is read back."""

    messages: list[_Readable]


_read_back = msgspec.json.Decoder(_ReadBack).decode


class Answers:
    """Makes memory answers under one configuration; ``has_model``: whether a model for folds is configured."""

    def __init__(self, fold: FoldSettings, has_model: bool) -> None:
        self._fold = fold
        self._has_model = has_model
        #: The settings that the answer depends on.
        self._suffix = (
            f"{self._fold.window_size}.{self._fold.window_tokens}"
            f"{'' if self._fold.enabled else 'x'}{'' if has_model else 'm'}"
        )

    def etag(self, state: State) -> str:
        """The ETag of the memory answer: it changes whenever the answer does."""
        return (
            f'"{state.epoch}-{state.last}-{state.folded}-{state.context_version}-{state.fold_version}-{self._suffix}"'
        )

    def memory(self, state: State | None, blobs: Sequence[bytes]) -> Response:
        """The answer to GET memory. ``blobs`` are the stored messages of the window, newest first.

        They are passed through undecoded, so the finished answer is checked; damaged messages are left out.
        """
        if state is None:
            return json_response(MemoryAnswer([], None, 0, self._empty))
        response = self._answer(state, blobs)
        if is_readable(response.body):
            return response
        logger.warning("A stored message is damaged and was left out of an answer; run `python -m motorhead fsck`.")
        return self._answer(state, [blob for blob in blobs if read_message(blob)])

    def _answer(self, state: State, blobs: Sequence[bytes]) -> Response:
        fold, reason = self._fold_state(state)
        window = Window(self._fold.window_size, state.folded, state.folded_at, fold, reason, state.kept_from - 1)
        answer = MemoryAnswer([msgspec.Raw(blob) for blob in blobs], state.context, state.tokens, window)
        return json_response(answer, headers=self.headers(state))

    def not_modified(self, state: State) -> Response:
        """The answer to a client that already has this memory."""
        return Response(304, self.headers(state), b"")

    def headers(self, state: State) -> list[Header]:
        """The headers that identify the session and its present content."""
        return [
            (b"etag", self.etag(state).encode()),
            (b"session-epoch", state.epoch.encode()),
            (b"summary-etag", f'"{state.summary_tag}"'.encode()),
        ]

    @property
    def _empty(self) -> Window:
        return Window(self._fold.window_size, 0, None, "idle" if self._fold.enabled else "off", None, 0)

    def _fold_state(self, state: State) -> tuple[FoldState, str | None]:
        if not self._fold.enabled:
            return "off", None
        if not is_due(state, self._fold):
            return "idle", None
        if not self._has_model:
            return "parked", NO_MODEL
        return ("parked" if state.parked else "pending"), state.reason


def is_readable(body: bytes) -> bool:
    """Whether a memory answer built from stored messages is valid: JSON in UTF-8 that contains only messages."""
    try:
        _read_back(body)
    except UNREADABLE:
        return False
    return True


def matches(if_none_match: bytes, etag: str) -> bool:
    """Whether the header If-None-Match contains ``etag`` (by weak comparison, RFC 9110, 13.1.2) or is ``*``."""
    header = if_none_match.decode("latin-1").strip()
    return header == "*" or etag in (tag.strip().removeprefix("W/") for tag in header.split(","))
