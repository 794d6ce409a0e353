"""Answers of a requested form, for people who want to watch long, counted or formatted text arrive."""

from __future__ import annotations

import re

from openai_standin.vocabulary import plain_words

MOST_NUMBERS, MOST_WORDS = 1_000, 2_000
#: A longer message has something to say, and requests none of these.
ASKED_CHARACTERS = 200
MARKDOWN = """\
## Markdown, as this page shows it

A paragraph with **bold**, *italic*, `code` and a [link](https://commonmark.org/).

- a **window** of the newest messages
- a **summary** of the older ones

| what | how many |
| --- | ---: |
| windows | 12 |

```python
def remember(session: str, text: str) -> None:
    print(f"{session}: {text}")
```
"""
THOUGHTS = """\
<think>
You want to see how a model thinks. I have no weights and cannot, but I can write this as one that does: in a block at \
the beginning of the answer.

That block is not part of the answer. It is shown folded away, and nobody remembers it.
</think>

That was all my thinking. Ask me again, and I will not know what I thought.
"""
_PARAGRAPH = (
    "This is paragraph {number} of a long answer about {topic}. I have no weights, so there is no knowledge about "
    "{topic} behind these words. They are here so that you can watch a long answer arrive word by word. You can scroll "
    "while it grows, stop it, or close the page and come back. What you have seen when you stop it is kept.\n\n"
)
_REPEAT = re.compile(r"(?is)(?:please )?(?:repeat|echo|say)\s*:\s*(.+)")
_COUNT = re.compile(r"\bcount (?:from (\d{1,9}) )?to (\d{1,12})\b")
_SHOW = re.compile(r"\bmarkdown\b|\b(?:show|write|give|print|make)\b.*\b(?:list|table|code|python|function|program)\b")
_LONG = re.compile(r"\b(\d{2,5}) words\b|\b(?:write|give|tell|show)\b.*\b(?:long|essay|detailed)\b")
_THINK = re.compile(r"\bthink (?:aloud|first|hard|out loud|step by step)\b")
_TOPIC = re.compile(r"\b(?:about|on) ((?:\w+ ?){1,6})")


def showpiece(text: str) -> str | None:
    """The answer if ``text`` requests counting, repeating, thinking, Markdown with code, or a long text; or None."""
    if repeated := _REPEAT.match(text):
        return repeated[1]
    asked = " ".join(plain_words(text)) if len(text) <= ASKED_CHARACTERS else ""
    if numbers := _COUNT.search(asked):
        return _counted(int(numbers[1] or 1), int(numbers[2]))
    if _THINK.search(asked):
        return THOUGHTS
    if _SHOW.search(asked):
        return MARKDOWN
    found = _LONG.search(asked)
    return _long(asked, int(found[1] or 300)) if found else None


def _counted(first: int, last: int) -> str:
    if last < first:
        return f"{last} comes before {first}, so there is nothing to count."
    return ", ".join(map(str, range(first, min(last, first + MOST_NUMBERS - 1) + 1))) + "."


def _long(asked: str, words: int) -> str:
    about = _TOPIC.search(asked)
    topic = about[1].strip() if about else "nothing in particular"
    text = "".join(_PARAGRAPH.format(number=number + 1, topic=topic) for number in range(MOST_WORDS // 50))
    ends = [word.end() for word in re.finditer(r"\S+", text)]
    return text[: ends[min(words, MOST_WORDS) - 1]]
