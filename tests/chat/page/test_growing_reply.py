"""A reply while it grows: drawn part by part as it will be in the end, each character read once."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from types import FrameType

import pytest
from hypothesis import given, settings, strategies as st

from chat.page.code_colours import LONGEST_CODE
from chat.page.code_languages import has_language
from chat.page.growing_reply import GrowingReply, Growth
from chat.page.markdown import render_markdown
from tests.support.hostile_markdown import HOSTILE, ORDINARY
from tests.support.html import parse

#: Lines of which replies are made, in any order; each is a block, or part of one, without the next.
LINES = (
    *("text\n", "**b** `c`\n", "\n", "\n", "# h\n", "---\n", "> q\n\n", "| a | b |\n", "|---|---|\n"),
    *("- a\n", "- b *c*\n", "* x\n", "1. a\n", "2. b\n", "- [ ] t\n", "  more\n", "- שלום\n", "שלום\n"),
    *(
        "```\n",
        "```py\n",
        "if a: return 1\n",
        "~~~\n",
        "``` x ``` y\n",
        "    code\n",
        "\\[\nx\n+ y\n\\]\n",
        "$$ z $$\n",
        "$a$ https://a.b\n",
    ),
)

END_OF_CODE = r"</code></pre><button[^>]*></button></div>"


class Shown:
    """What a page shows of a growing reply: its blocks, and the plain text below."""

    def __init__(self) -> None:
        self.blocks = self.tail = ""

    def grow(self, growth: Growth) -> None:
        """Put everything in its place, as the page does."""
        if growth.inside:
            end = re.search(rf"(?:</[ou]l>|{END_OF_CODE})\n$", self.blocks)
            assert end
            self.blocks = self.blocks[: end.start()] + growth.inside + end[0]
        if growth.code:
            begin, end_at = self.blocks.rindex('<code dir="ltr">') + 16, self.blocks.rindex("</code></pre>")
            self.blocks = self.blocks[:begin] + growth.code + self.blocks[end_at:]
        self.blocks += growth.blocks
        self.tail = growth.tail if growth.replaces else self.tail + growth.tail


def grown(pieces: Sequence[str]) -> Shown:
    """What is shown after the last piece."""
    reply, shown = GrowingReply(), Shown()
    for piece in pieces:
        shown.grow(reply.render(reply.add(piece)))
    return shown


def in_pieces(text: str, length: int) -> list[str]:
    return [text[at : at + length] for at in range(0, len(text), length)]


def test_a_block_is_formatted_when_the_next_one_begins():
    """Until then it is plain text; a blank line alone does not end it."""
    assert vars(grown(["Hello **wor", "ld**\n", "\n"])) == {"blocks": "", "tail": "Hello **world**\n\n"}
    assert vars(grown(["Hello **wor", "ld**\n\n", "next"])) == {
        "blocks": "<p>Hello <strong>world</strong></p>\n",
        "tail": "next",
    }


@pytest.mark.parametrize("fence", ["```", "````py", "~~~", "   ```"])
def test_code_is_code_from_its_first_line(fence):
    """Before its fence is closed, letter by letter."""
    shown = grown(list(f"See:\n{fence}\nif a:\n\n  # b"))
    code = parse(shown.blocks).all("div", of="code")[0].all("pre")[0].all("code")[0]
    assert code.children == ["if a:\n\n# b" if fence[0] == " " else "if a:\n\n  # b"]
    assert shown.tail == ""


@pytest.mark.parametrize("length", [1, 7, 100])
def test_code_is_coloured_when_its_fence_is_closed(length):
    """As in the whole reply, in place of the plain code; what follows is another block."""
    text = 'See:\n```py\nif a:\n\n    return "b"\n'
    assert "<span" not in grown(in_pieces(text, length)).blocks
    for end in ("```\n", "```\nnext\n\n", "```\n```js\nvar x\n```\n"):
        shown = grown([*in_pieces(text, length), *in_pieces(end, length), "end"])
        assert unescaped(shown.blocks) == unescaped(render_markdown(text + end))
        assert parse(shown.blocks).all("span", **{"class": "k"})[0].text == "if"


def unescaped(html: str) -> str:
    """``html``, with the quotation marks of its text as they are."""
    return html.replace("&quot;", '"')


def test_of_code_without_colours_nothing_is_kept():
    """Neither in an unknown language nor when it has become too long."""
    for begin in ("```unknown\n", "```py\n"):
        reply = GrowingReply()
        for piece in [begin, *["x = 1\n"] * (LONGEST_CODE // 6 + 1)]:
            reply.render(reply.add(piece))
        growth = reply.render(reply.add("```\n"))
        assert growth == Growth(replaces=True)


def test_where_code_may_be_coloured_its_language_counts_as_drawn():
    """Only with the part that has the closing fence: the opening one was drawn long before."""
    reply = GrowingReply()
    reply.render(reply.add("```py\nx\n"))
    assert not any(map(has_language, reply.drawn(reply.add("y = 1\n"))))
    assert any(map(has_language, reply.drawn(reply.add("```\n"))))


def test_a_fence_is_never_shown_as_text():
    """Neither the first nor the last, not even half of it."""
    for length in range(1, 8):
        for end in range(len("a\n\n```py\nb\n```\n\nc")):
            shown = grown(in_pieces("a\n\n```py\nb\n```\n\nc"[: end + 1], length))
            assert "`" not in shown.tail + shown.blocks


def test_code_goes_on_until_its_own_fence():
    """Not until a shorter one, or one with words behind it."""
    shown = grown(list("````\na\n\n```\n\nb\n```` c\n````\n\nend"))
    assert parse(shown.blocks).all("code")[0].text == "a\n\n```\n\nb\n```` c"
    assert shown.tail == "end"


def test_a_line_with_its_code_between_backticks_opens_no_fence():
    """What follows is formatted."""
    shown = grown(list("```inline``` code\n\n**b**\n\nend"))
    assert [parse(shown.blocks).all(tag)[0].text for tag in ("code", "strong")] == ["inline", "b"]
    assert shown.tail == "end"


def test_a_fence_in_a_list_is_closed_in_it():
    """The fence below the code opens no other."""
    shown = grown(list("- a\n  ```\n  b\n  ```\n\n**c**\n\nend"))
    assert parse(shown.blocks).all("strong")[0].text == "c"


def test_items_are_formatted_one_by_one():
    """In one list, with or without blank lines between them; what is indented belongs to the item before."""
    shown = grown(list("- **a**\n- b\n  - c\n- d and more"))
    assert shown.blocks == render_markdown("- **a**\n- b\n  - c\n")
    assert shown.tail == "- d and more"
    shown = grown(list("2. a\n\n   more\n\n3. b\n\n4. c\n\nend"))
    assert shown.blocks == render_markdown("2. a\n\n   more\n\n3. b\n\n4. c\n")


@settings(deadline=None, derandomize=True, max_examples=400)
@given(st.lists(st.sampled_from(LINES), max_size=12).map("".join), st.integers(1, 40))
def test_what_was_drawn_while_it_grew_stays_in_the_end(text, length):
    """Whatever the blocks and the pieces are, the whole reply begins with it."""
    shown = grown(in_pieces(text, length))
    drawn = re.sub(rf"({END_OF_CODE}|</[ou]l>)\n$", "", shown.blocks)
    # A list whose first blank line comes after its second item has paragraphs only in the end.
    # Code is coloured when its fence is closed, which the end of the reply does, too.
    paragraphs = re.compile(r"</?p(?: dir=\"...\")?>|</?span[^>]*>|\s")
    assert paragraphs.sub("", render_markdown(text)).startswith(paragraphs.sub("", drawn))


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab`~\n\r -*1.<$\\[]", max_size=12), max_size=20))
def test_nothing_is_lost_on_the_way(pieces):
    """The parts and the rest after them are the text so far."""
    reply, said, parted = GrowingReply(), "", ""
    for piece in pieces:
        said += piece
        parts = reply.add(piece)
        reply.render(parts)
        parted += "".join(part.source for part in parts)
        assert said.endswith(reply.tail)
        assert said[: len(said) - len(reply.tail)] == parted


def test_the_target_of_a_link_may_be_given_before():
    """In an earlier block."""
    shown = grown(["[a]: https://example.org/\n\n", "[a]\n\n", "end"])
    assert parse(shown.blocks).all("a")[0].attributes["href"] == "https://example.org/"


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_end_as_they_do_anywhere(end):
    """Whatever the pieces are: a carriage return and its newline may come apart."""
    shown = grown(list(f"```{end}a{end}{end}b{end}```{end}{end}next"))
    assert parse(shown.blocks).all("code")[0].children == ["a\n\nb\n"]
    assert shown.tail == "next"


def test_only_a_line_end_ends_a_line():
    """No other character that Python takes for one, and only blanks and tabs make a blank line."""
    for not_an_end in "\x0b\x0c\x1c\x85\u2028":
        assert (
            grown([f"a{not_an_end}```\n", "**b**\n\n", "end"]).blocks
            == f"<p>a{not_an_end}```<br>\n<strong>b</strong></p>\n"
        )
    assert grown(["a\n\xa0\n", "b\n\n", "end"]).blocks.count("<p>") == 1


def test_a_reply_that_is_too_much_stays_plain_from_there_on():
    """What was formatted before stays so, and no text is lost."""
    hostile = HOSTILE["brackets"](50_000)
    shown = grown(["**a**\n\n", f"b\n\n{hostile}", "\n\nc", "\n\n```\n", "d\n```\n\n", "e"])
    assert shown.blocks == "<p><strong>a</strong></p>\n<p>b</p>\n"
    assert shown.tail == f"{hostile}\n\nc\n\n```\nd\n```\n\ne"


@pytest.mark.parametrize(
    "text", [ORDINARY(20_000), "- a\n" * 5_000, "```\n" + "a\n" * 5_000], ids=["text", "list", "code"]
)
def test_a_reply_that_arrives_at_once_is_drawn_at_once(text):
    """Neighbouring parts together."""
    reply = GrowingReply()
    assert len(reply.add(text)) <= text.count("```") + 2


@pytest.mark.parametrize("line", ["a line without a blank one\n", "a", "[`\n", "-", "- a\n", "`", "```\na", "$$", "1"])
def test_the_work_grows_with_the_reply_and_not_with_its_square(line):
    """A reply of twice the pieces takes twice the steps, though its one block never ends."""
    assert steps([line] * 4_000) < 2.2 * steps([line] * 2_000)


def steps(pieces: list[str]) -> int:
    """How many functions are called while a reply grows."""
    reply, count = GrowingReply(), 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for piece in pieces:
            reply.add(piece)
    finally:
        sys.setprofile(before)
    return count
