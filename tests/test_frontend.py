"""The page's templates, script and style sheets refer to each other by the right names."""

from __future__ import annotations

import re

import pytest

from tests.support.servers import REPOSITORY

TEMPLATES = REPOSITORY / "templates"
SCRIPT = REPOSITORY / "static" / "chat" / "page"
STYLES = REPOSITORY / "static" / "chat" / "styles"

#: Tokens for style sheets to come.
FOR_LATER = {"--type-5"}

#: What people and models have written, as the templates call it.
WRITTEN = (
    *(r"message\.text", r"message\.html", "title", r"memory\.context", "line", r"part\.text"),
    *(r"one\.message\.content", r"version\.context", r"row\.listing\.title"),
)


def test_the_page_loads_every_style_sheet():
    """At once, or with the script of what is rarely opened; none twice. Other pages have one of their own."""
    at_once = re.findall(r'^@import url\("styles/(.+)"\);$', (STYLES.parent / "page.css").read_text(), re.MULTILINE)
    later = re.findall(r'new URL\("\.\./styles/(.+?)", import', (SCRIPT / "later.js").read_text())
    assert at_once[0] == "tokens.css"
    templates = "".join(path.read_text() for path in sorted(TEMPLATES.rglob("*.html")))
    elsewhere = re.findall(r"{% static 'chat/styles/(.+?)' %}", templates)
    assert sorted(at_once + later + elsewhere) == sorted(path.name for path in STYLES.glob("*.css"))


def test_each_style_sheet_has_its_layer():
    """Whatever the order of the files, parts override the base, and print overrides both."""
    order = re.search(r"^@layer ([\w, ]+);$", (STYLES / "tokens.css").read_text(), re.MULTILINE)
    assert order
    for path in STYLES.glob("*.css"):
        rules = [line for line in path.read_text().splitlines() if line and not line.startswith((" ", "/*", "}"))]
        layers = {line.removeprefix("@layer ").removesuffix(" {") for line in rules if not line.endswith(";")}
        assert len(layers) == 1, path.name
        assert layers <= set(order[1].split(", ")), path.name


def test_styles_use_the_tokens_that_exist():
    """No misspelt token, none that nothing uses, and no colour outside the tokens."""
    texts = {path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL) for path in STYLES.glob("*.css")}
    defined = {name for text in texts.values() for name in re.findall(r"(--[\w-]+):", text)}
    used = {name for text in texts.values() for name in re.findall(r"var\((--[\w-]+)", text)}
    assert used - defined == set()
    assert defined - used - FOR_LATER == set()
    literal = re.compile(r"#[0-9a-f]{3,8}\b(?=[^{]*;)|\b(?:rgb|hsl|oklch)a?\(")
    coloured = {name for name, text in texts.items() if literal.search(text)}
    assert coloured <= {"colours.css", "print.css"}


def test_styles_follow_the_direction_of_the_text():
    """No left or right, unless a comment says that it is meant."""
    physical = re.compile(
        r"(?:margin|padding|border|scroll-\w+)-(?:left|right)|(?:^|[\s;{])(?:left|right|inset)\s*:|:\s*(?:left|right)\b"
        r"|-(?:left|right)-radius|(?:margin|padding):(?: [^\s;]+){4};"
    )
    for path in [*STYLES.glob("*.css"), STYLES.parent / "admin.css"]:
        lines = path.read_text().splitlines()
        assert [line for line in lines if physical.search(line) and "/* physical: " not in line] == [], path.name


def test_text_of_people_and_models_has_its_own_direction():
    """Wherever a template shows it as an element's text."""
    written = rf"(?:{'|'.join(WRITTEN)})"
    shown = re.compile(rf"<([^<>]*(?:{{%[^%]*%}}[^<>]*)*)>{{{{ {written}[| }}]")
    texts = "\n".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    found = shown.findall(texts)
    assert len(found) >= 9
    assert [element for element in found if ' dir="auto"' not in element and not element.startswith("title")] == []


def test_one_module_of_the_script_moves_the_scroll_position():
    """Two that move it would undo each other's work."""
    moves = re.compile(r"\bscroll(?:Top|To|By|IntoView)\b")
    assert [path.name for path in SCRIPT.glob("*.js") if moves.search(path.read_text())] == ["scroll.js"]
    templates = "".join(path.read_text() for path in (TEMPLATES / "chat").glob("*.html"))
    assert re.findall(r'hx-swap="[^"]*(?:scroll|show):', templates) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_of_code_can_be_read(scheme):
    """Each against the background of code with a contrast of at least 4.5."""
    light, dark = (STYLES / "colours.css").read_text().split("@media")[:2]
    found = dict(re.findall(r"(--[\w-]+): #([0-9a-f]{6})", dark if scheme == "dark" else light))
    names = [name for name in found if name.startswith("--code-")]
    assert len(names) == 6
    for name in names:
        assert contrast(found[name], found["--code"]) >= 4.5, name
    for behind in ("--added", "--removed"):
        assert contrast(found["--ink"], found[behind]) >= 4.5, behind


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, as WCAG defines it."""
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Of six hexadecimal digits, between 0 and 1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
