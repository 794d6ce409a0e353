"""Text that costs a Markdown parser the most for each of its characters, and ordinary text to compare it with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

_PARAGRAPHS = """\
Here is **how** it works, with `code` and a [link](https://example.org/a?b=1).
It goes on, line after line, and says *little*.

1. First, plug the amplifier in.
2. Then turn it `on`.
   - and wait

## Why

```py
for i in range(10):
    print(i < 3)
```

| a | b | c |
|---|---|---|
| 1 | 2 | 3 |
| 4 | 5 | 6 |

"""


def repeated(unit: str, length: int) -> str:
    """``unit`` again and again, ``length`` characters of it."""
    return (unit * (length // len(unit) + 1))[:length]


def wide_tables(length: int) -> str:
    """Tables of 128 columns and 512 rows, a character in each row."""
    return repeated("|a" * 128 + "|\n" + "|-" * 128 + "|\n" + "x\n" * 512 + "\n", length)


#: Functions from a number of characters to as much text.
ORDINARY: Callable[[int], str] = partial(repeated, _PARAGRAPHS)
HOSTILE: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {"wide table": wide_tables}
    | {
        name: partial(repeated, unit)
        for name, unit in {
            "brackets": "[",
            "brackets and backticks": "[`",
            "brackets and angles": "[<a>",
            "brackets and parentheses": "[(",
            "links of percents": "[a](%",
            "links in links": "[[](:[a]",
            "links": "[](http:a)",
            "addresses": "<http:a>",
            "emphasis": "*a",
            "backticks": "` ",
            "list": "1. a\n",
            "lists in lists": "- " * 9 + "a\n",
            "quotations": ">a\n\n",
            "headings": "a\n#\n",
            "table": "a|b\n-|-\n1|2\n\n",
            "table without end": "|a|\n|-|\n",
            "lines": "a\n",
            "no lines": "\n",
            "references": "[a]: b\\\n",
            "quotation marks": '"',
            "bare addresses": "http://a ",
            "addresses without an end": "http://a",
            "addresses and brackets": "http://a).).).",
            "long addresses": "http://" + "a/" * 990 + " ",
            "schemes": "a://",
            "formulas": "$a$ ",
            "long formulas": "\\(" + "a" * 1_990 + "\\) ",
            "formulas in formulas": "\\(" + "x^{" * 39 + "a" + "}" * 39 + "\\)",
            "dollars": "$a ",
            "formulas without an end": "\\(a",
            "lines of formulas": "\\[\na\n\\]\n",
            "lines of formulas without an end": "$$a\n",
            "lines that begin formulas": "\\[a\n",
            "boxes": "- [ ] a\n",
            "directions": "a\n\nא\n\n",
            "code of quotation marks": "```js\n" + ('\\"' * 450 + "\n") * 10 + "```\n",
            "code of chains": "```ts\n" + ("a." * 450 + "\n") * 10 + "```\n",
            "code of many words": "```js\n" + "1+'" * 300 + "\n```\n",
            "code of little": "```py\n1\n```\n",
        }.items()
    }
)
