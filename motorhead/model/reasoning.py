"""Texts of models without their reasoning, which is neither summarised nor recalled."""

from __future__ import annotations

from motorhead.messages import Message

#: The marks around reasoning at the beginning of a text.
MARKS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("[THINK]", "[/THINK]"),
)
#: Ends reasoning whose opening mark belongs to the model's prompt, so that its answer does not contain it.
LONE_END = "</think>"


def without_reasoning(text: str) -> str:
    """The text behind a leading block of reasoning; all of ``text`` if it does not begin with a complete block."""
    begun = text.lstrip()
    if not begun.startswith(("<", "[")):  # as nearly all
        return text
    for opening, closing in MARKS:
        if begun.startswith(opening):
            _, closed, answer = begun.partition(closing)
            return answer.lstrip() if closed else text
    return text


def spoken(message: Message) -> str:
    """The text of ``message`` to summarise and to embed: a model's without its reasoning, any other as sent."""
    return without_reasoning(message.content) if message.by_model else message.content


def answer_in(content: object) -> str:
    """The text of an answer's ``content`` (a string or a list of parts, of which some may be reasoning).

    The block of reasoning may lack its opening mark if the closing one stands alone on a line.
    """
    text = _text_of(content)
    thoughts, closed, answer = text.partition(LONE_END)
    alone = thoughts.rstrip(" \t").endswith("\n") and not answer.split("\n", 1)[0].strip()
    if closed and alone and "<think>" not in thoughts:
        return answer.lstrip()
    return without_reasoning(text)


def _text_of(content: object) -> str:
    parts = content if isinstance(content, list) else [content]
    return "".join(_text_of_part(part) for part in parts)


def _text_of_part(part: object) -> str:
    if isinstance(part, dict) and part.get("type") in {"text", "output_text"}:
        part = part.get("text")
    return part if isinstance(part, str) else ""
