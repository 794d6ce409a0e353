"""Reading a model's reply from LangChain's chunks: what each adds to it, within bounds. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from langchain_core.messages import AIMessageChunk

from chat.domain.exceptions import ModelCut, ModelStalled
from chat.domain.messages import Reasoning
from chat.model.reasoning import ReasoningSplitter

#: Finish reasons of an incomplete answer.
CUTS = {"length", "content_filter"}


class ReplyReader:
    """Reads a reply of at most ``most_chars`` characters of text, and as many of reasoning."""

    def __init__(self, most_chars: int) -> None:
        self._most_chars = most_chars
        self._characters = 0
        self._thoughts = 0
        self._splitter = ReasoningSplitter()
        self._finish = ""

    def read(self, chunk: AIMessageChunk) -> Iterator[str | Reasoning]:
        """What ``chunk`` adds. Raises `ModelCut`, after the last piece: the reply has reached its bound."""
        self._finish = chunk.response_metadata.get("finish_reason", self._finish)
        return self._bounded(self._pieces(chunk))

    @contextmanager
    def whole_once_ended(self) -> Iterator[None]:
        """Lets a connection break or fall silent behind the end of the reply, which is whole by then."""
        try:
            yield
        except ModelStalled:
            if not self._finish:
                raise

    def end(self) -> Iterator[str | Reasoning]:
        """What was held back, at the end of the stream. Raises `ModelCut`, after it: the model cut the reply short."""
        is_cut = self._finish in CUTS
        if not (is_cut and self._splitter.is_open):
            yield from self._bounded(self._splitter.end())
        if is_cut:
            raise self._cut(self._finish)

    def _pieces(self, chunk: AIMessageChunk) -> Iterator[str | Reasoning]:
        if isinstance(chunk.content, str):
            yield from self._splitter.add_text(chunk.content)
            return
        for block in chunk.content:
            if isinstance(block, dict) and block["type"] == "reasoning":
                yield from self._splitter.add_reasoning(block["reasoning"])
        yield from self._splitter.add_text(str(chunk.text))
        chunk.content = ""  # LangChain keeps all chunks to the end, and would join lists of them in quadratic time

    def _bounded(self, pieces: Iterable[str | Reasoning]) -> Iterator[str | Reasoning]:
        for piece in pieces:
            if isinstance(piece, Reasoning):
                left = self._most_chars - self._thoughts
                self._thoughts += len(piece.text)
                yield Reasoning(piece.text[:left])
            else:
                left = self._most_chars - self._characters
                self._characters += len(piece)
                yield piece[:left]
            if max(self._thoughts, self._characters) >= self._most_chars:
                raise self._cut("length", bound=True)

    def _cut(self, by: str, *, bound: bool = False) -> ModelCut:
        return ModelCut(by, thinking=bool(self._thoughts and not self._characters), bound=bound)
