"""How messages look: growing and whole, in any direction of writing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.acts import live, send, window
from tests.browser.conftest import asked_to_chat
from tests.support.scripted_openai import Gate, Reply

pytestmark = pytest.mark.browser


def test_code_is_code_while_it_grows(page, world):
    """In a box of its own from its first line, without its fences, and as long as it grows."""
    gate = Gate()
    pieces = ["See:\n```py\nx", " = 1\n", "y = 2\n``", "`\n\nThe end."]
    world.model.enqueue(Reply(pieces, gate=gate, gate_at=3), when=asked_to_chat)
    send(page, "code")
    expect(live(page).locator(".blocks pre code")).to_have_text("x = 1\ny = 2\n", use_inner_text=True)
    expect(live(page).locator(".reply .text")).to_have_text(re.compile(r"^See:\s*x = 1\s*y = 2\s*$"))
    gate.release()
    expect(window(page).last.locator("pre code")).to_have_text("x = 1\ny = 2\n", use_inner_text=True)
    expect(window(page).last.locator("p").last).to_have_text("The end.")


def test_code_in_a_list_is_code_while_it_grows(page, world):
    """From its first line, though its item is drawn when it is whole; the words around it are not."""
    gate = Gate()
    pieces = ["1. Install it:\n\n   ```sh\n   pip", " install x\n   ma", "ke\n   ```\n\n   then", " go on.\n2. Next"]
    world.model.enqueue(Reply(pieces, gate=gate, gate_at=3), when=asked_to_chat)
    send(page, "code")
    tail = live(page).locator(".tail")
    expect(tail).to_contain_text("then")
    code = tail.locator(".fenced")
    assert "".join(code.all_text_contents()).split() == ["pip", "install", "x", "make", "```"]
    font = "element => getComputedStyle(element).fontFamily"
    assert "monospace" in code.first.evaluate(font)
    assert "monospace" not in tail.evaluate(font)
    gate.release()
    expect(window(page).last.locator("li pre code")).to_have_text("pip install x\nmake\n", use_inner_text=True)


def test_what_has_been_drawn_is_not_drawn_otherwise_in_the_end(page, world):
    """Items, code and formulas, whose pieces came one by one."""
    gate = Gate()
    whole = "Two:\n\n1. **one**\n\n2. two\n   - a\n\n3. three\n\n- [x] b\n- c $x^2$\n\n```\nd\n\ne\n```\n\nhttps://example.org/\n\n"
    pieces = [*(whole[at : at + 3] for at in range(0, len(whole), 3)), "The end"]
    world.model.enqueue(Reply([*pieces, "."], gate=gate, gate_at=len(pieces)), when=asked_to_chat)
    send(page, "draw")
    expect(live(page).locator(".tail")).to_have_text("The end")
    blocks = live(page).locator(".blocks").inner_html()
    gate.release()
    expect(window(page).last).to_contain_text("The end.")
    assert window(page).last.inner_html() == f"{blocks}<p>The end.</p>\n"


def side_of(page, selector: str) -> str:
    """``left`` or ``right``: the side of the element to which its first line of text is closer."""
    side: str = page.locator(selector).first.evaluate("""(element) => {
        const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
        const range = document.createRange();
        range.selectNodeContents(text);
        const around = element.getBoundingClientRect();
        const inside = [...range.getClientRects()].find((line) => line.width);
        return inside.left - around.left < around.right - inside.right ? "left" : "right";
    }""")
    return side


HEBREW = """שלום, `code` ועוד.

1. אחד
2. two

> ציטוט

| שם | ערך |
|---|---|
| אלף | 1 |

English again.

```
def שלום(): pass
```
"""


@pytest.mark.parametrize("width", [390, 1440])
def test_text_from_right_to_left_is_at_the_right(open_page, world, width):
    """Messages, their blocks, titles, the summary and the message box; code and English stay at the left."""
    page = open_page(viewport={"width": width, "height": 900})
    gate = Gate()
    world.model.enqueue(Reply([HEBREW, "ע", "וד"], gate=gate, gate_at=2), when=asked_to_chat)
    send(page, "שלום, מה שלומך?\nThis line is English, and longer.")
    expect(live(page).locator(".tail")).to_have_text("ע")
    for reply in ("#live .reply .text", "#window .reply .text"):
        assert page.locator(reply).evaluate("element => getComputedStyle(element).direction") == "rtl"
        for block in ("p", "ol > li", "blockquote p", "td"):
            assert side_of(page, f"{reply} {block}") == "right", block
        for block in ("li + li", "p[dir=ltr]", "pre"):
            assert side_of(page, f"{reply} {block}") == "left", block
        first, second = (page.locator(f"{reply} th").nth(at).bounding_box()["x"] for at in (0, 1))
        assert first > second
        bar = page.locator(f"{reply} blockquote").evaluate("element => getComputedStyle(element).borderRightWidth")
        assert bar == "3px"
        gate.release()
        expect(window(page)).to_have_count(2)
    assert side_of(page, "#window .human .text") == "right"  # though the longer line is English
    expect(page.locator("#title")).to_have_css("direction", "rtl")
    expect(page.locator("#sessions a")).to_have_css("direction", "rtl")
    page.locator("#text").fill("עוד")
    expect(page.locator("#text")).to_have_css("direction", "rtl")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_words_from_right_to_left_stay_in_their_place_in_code(page, world):
    """A comment stands behind the string before it, not inside its quotation marks."""
    world.model.enqueue(Reply(['```python\nx = "שלום"  # הערה\n```']), when=asked_to_chat)
    send(page, "code")
    expect(window(page)).to_have_count(2)
    string, comment = (page.locator(f"#window .code {kind}").bounding_box() for kind in (".s", ".c"))
    assert string["x"] + string["width"] <= comment["x"]


def test_code_is_coloured_when_its_fence_is_closed(page, world):
    """In the growing reply, with the same elements as in the finished one; a selection in it stays."""
    gate = Gate()
    pieces = ["```py\nif a:\n    ", 'return "b"\n', "```\n\nThe", " end."]
    world.model.enqueue(Reply(pieces, gate=gate, gate_at=3), when=asked_to_chat)
    send(page, "code")
    expect(live(page).locator(".code .s")).to_have_text('"b"')
    expect(live(page).locator(".tail")).to_have_text("The")
    blocks = live(page).locator(".blocks").inner_html()
    page.locator("#live pre").evaluate("element => getSelection().selectAllChildren(element)")
    gate.release()
    expect(window(page).last).to_contain_text("The end.")
    assert window(page).last.inner_html() == f"{blocks}<p>The end.</p>\n"
    assert page.evaluate("getSelection().toString().trim()") == 'if a:\n    return "b"'


HOSTILE_CODE = [
    '```py" onclick="document.title=1"\nx\n```\n',
    "```<img src=x onerror=document.title=1>\nx\n```\n",
    "```html\n</code></pre></div><img src=x onerror=document.title=1><script>document.title=1</script>\n```\n",
    "```js\n</span><svg onload=document.title=1>`${'</pre>'}\n```\n",
    "~~~<hx-partial hx-target=body hx-get=/>\n<hx-partial hx-target='body'>x</hx-partial>\n~~~\n",
]


def test_no_code_runs(page, world):
    """Neither of the text behind a fence nor of the code, while it grows and afterwards."""
    gate = Gate()
    whole = "\n".join(HOSTILE_CODE)
    pieces = [*(whole[at : at + 7] for at in range(0, len(whole), 7)), "The", " end."]
    world.model.enqueue(Reply(pieces, gate=gate, gate_at=len(pieces) - 1), when=asked_to_chat)
    send(page, "hostile")
    for reply in (live(page).locator(".reply"), page.locator("#window .reply")):
        expect(reply).to_contain_text("The")
        assert reply.locator(".code").count() == len(HOSTILE_CODE)
        assert reply.locator(".code :not(pre, code, span, button)").count() == 0
        assert reply.locator("[onclick], img, script, svg, hx-partial").count() == 0
        assert [code.get_attribute("data-language") for code in reply.locator(".code").all()] == [
            *("Python", None, "HTML", "JavaScript", None),
        ]  # fmt: skip
        gate.release()
        expect(window(page)).to_have_count(2)
    assert page.title().endswith("Motörhead Chat")
