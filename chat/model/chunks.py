"""What a chunk of the model's stream says, whichever server wrote it. No I/O.

Servers leave out what openai's models would fill in (`delta`, `content`, `finish_reason`), add fields of their own, and
send reasoning in several ways. LangChain gets every chunk in one form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Finish reasons of some servers, by what OpenAI calls them.
_SYNONYMS = {
    "max_tokens": "length",
    "model_length": "length",
    "safety": "content_filter",
    "": None,
    "null": None,
}
#: Finish reasons that mean that the server has failed.
_FAILURES = {"abort", "error", "insufficient_system_resource"}
#: The fields of a delta that hold reasoning. Some servers send both, with the same text.
_REASONING_FIELDS = ("reasoning_content", "reasoning")


@dataclass(slots=True)  # not frozen, which would take longer than decoding
class Piece:
    """What a chunk says: ``reasoning``, ``text`` after it, and why the answer ends here, if it does.

    ``error`` is what the server reports in place of an answer.
    """

    text: str = ""
    reasoning: str = ""
    finish: str | None = None
    error: Any = None

    def joined(self, other: Piece) -> Piece | None:
        """This piece and ``other``, which follows it, as one; None if they must stay apart."""
        if self.error or other.error or (self.text and other.reasoning):
            return None
        return Piece(self.text + other.text, self.reasoning + other.reasoning, other.finish or self.finish)

    def chunk(self) -> dict[str, Any]:
        """The piece in the form that LangChain expects."""
        content: Any = self.text
        if self.reasoning:
            content = [{"type": "reasoning", "reasoning": self.reasoning}, {"type": "text", "text": self.text}]
        return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": self.finish}]}


def piece_of(chunk: Mapping[str, Any]) -> Piece:
    """What ``chunk`` says. Raises `TypeError`, `AttributeError` or `LookupError`: it is not a chat model's."""
    if chunk.get("error") or chunk.get("object") == "error" or "error_message" in chunk:
        error = chunk.get("error")
        return Piece(error=error if isinstance(error, Mapping) else dict(chunk))
    choices = chunk.get("choices") or [{}]  # usage, or the results of a content filter for the prompt
    choice = choices[0]
    finish = _finish(choice.get("finish_reason"))
    if finish in _FAILURES:
        return Piece(error=choice.get("error") or finish)
    delta = choice.get("delta") or {}
    reasoning, text = _content(delta.get("content"))
    if not text and isinstance(refusal := delta.get("refusal"), str):  # in OpenAI's words, for the user to read
        text = refusal
    named = (delta.get(name) for name in _REASONING_FIELDS)
    return Piece(text, next((field for field in named if field and isinstance(field, str)), reasoning), finish)


def _finish(reason: str | None) -> str | None:
    known = (reason or "").lower()
    return _SYNONYMS.get(known, known)


def _content(content: object) -> tuple[str, str]:
    """The reasoning and the text in a delta's ``content``: a string, or a list of parts as Mistral sends it."""
    match content:
        case None:
            return "", ""
        case str():
            return "", content
        case list():
            pairs = [_part(part) for part in content]
            return "".join(reasoning for reasoning, _ in pairs), "".join(text for _, text in pairs)
    raise TypeError(content)


def _part(part: object) -> tuple[str, str]:
    match part:
        case {"type": "text", "text": str(text)}:
            return "", text
        case {"type": "thinking", "thinking": value} | {"type": "reasoning", "summary": value}:
            return _texts(value), ""
    return "", ""  # a reference, an image


def _texts(value: object) -> str:
    match value:
        case str():
            return value
        case {"text": str(text)}:
            return text
        case list():
            return "".join(map(_texts, value))
    return ""
