"""Answers of a certain shape, so that a person can see long, listed and formatted text arrive."""

from __future__ import annotations

import re

from openai_standin.words import plain_words

MOST_NUMBERS = 1_000
MOST_WORDS = 2_000

MARKDOWN = """\
## Markdown, as this page shows it

A paragraph with **bold**, *italic*, `code` and a [link](https://commonmark.org/).

- a list
- with three entries
  - and one below
- like this

1. first
2. second

| what | how many |
| --- | ---: |
| windows | 12 |
| summaries | 1 |

> A quotation, because somebody said it well.

```python
def remember(session: str, text: str) -> None:
    print(f"{session}: {text}")
```

That is all of it.
"""

CODE = """\
Here is a little Python:

```python
from collections.abc import Iterator


def window(messages: list[str], size: int) -> Iterator[str]:
    \"\"\"The newest messages, oldest first.\"\"\"
    yield from messages[-size:]
```

It keeps what fits, and nothing else.
"""

LIST = """\
Here is a list:

- a **window** of the newest messages
- a **summary** of the older ones
- a **fold**, which turns the one into the other
"""

_SENTENCES = (
    "This is paragraph {n} of a long answer about {topic}.",
    "I have no weights, so there is no knowledge about {topic} behind these words.",
    "They are here so that you can watch a long answer arrive word by word.",
    "You can scroll while it grows, stop it, or close the page and come back.",
    "What you have seen when you stop it is kept.",
    "When {topic} matters to you, point the chat at a real model.",
)


def showpiece(text: str) -> str | None:
    """The shaped answer that ``text`` asks for, or None: counting, repeating, Markdown, code, a list, a long text."""
    asked = " ".join(plain_words(text))
    if found := re.search(r"\bcount (?:up )?(?:from (\d+) )?(?:up )?to (\d+)", asked):
        return _count(int(found[1] or 1), int(found[2]))
    if found := re.match(
        r"\s*(?:please )?(?:repeat(?: after me)?|echo|say)\s*:\s*(.+)", text, re.IGNORECASE | re.DOTALL
    ):
        return found[1]
    if re.search(r"\bmarkdown\b", asked):
        return MARKDOWN
    if re.search(r"\b(?:show|write|give|print)\b.*\b(?:code|python|function|program)\b", asked):
        return CODE
    if re.search(r"\b(?:show|write|give|make)\b.*\blist\b", asked):
        return LIST
    return _long(asked)


def _count(first: int, last: int) -> str:
    numbers = range(first, min(last, first + MOST_NUMBERS - 1) + 1)
    return (
        ", ".join(map(str, numbers)) + "." if numbers else f"{last} comes before {first}, so there is nothing to count."
    )


def _long(asked: str) -> str | None:
    length = re.search(r"\b(\d{2,5}) words\b", asked)
    if not length and not re.search(r"\b(?:write|give|tell|show)\b.*\b(?:long|essay|lengthy|detailed)\b", asked):
        return None
    about = re.search(r"\b(?:about|on) ((?:\w+ ?){1,6})", asked)
    topic = about[1].strip() if about else "nothing in particular"
    wanted = min(int(length[1]) if length else 300, MOST_WORDS)
    words: list[str] = []
    paragraph = 0
    while len(words) < wanted:
        paragraph += 1
        words += " ".join(_SENTENCES).format(n=paragraph, topic=topic).split(" ")
        words[-1] += "\n\n"
    return re.sub(r"\n\n ", "\n\n", " ".join(words[:wanted])).strip()
