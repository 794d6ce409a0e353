"""Texts that run a script wherever a page takes them for markup. Each sets ``window.ran`` if it does."""

from __future__ import annotations

from playwright.sync_api import Page

PAYLOADS = (
    "<script>window.ran = 1</script>",
    "<img src=x onerror=window.ran=2>",
    "<svg onload=window.ran=3>",
    "\"><img src=x onerror='window.ran=4'>",
    "' autofocus onfocus=window.ran=5 x='",
    "</textarea></title></style></template><script>window.ran = 6</script>",
    "<!--><img src=x onerror=window.ran=7>-->",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.ran=8>",
    '<iframe srcdoc="<script>parent.ran = 9</script>"></iframe>',
    "[click](javascript:window.ran=10)",
    '![seen](x"onerror="window.ran=11)',
    "<javascript:window.ran=12>",
    "[click][ref]\n\n[ref]: <java&#115;cript:window.ran=13>",
    "[click](data:text/html;base64,PHNjcmlwdD5vcGVuZXIucmFuPTE0PC9zY3JpcHQ+)",
    '```"><img/src=x/onerror=window.ran=15>\ncode\n```',
    "$\\href{javascript:window.ran=16}{x}$ $<img src=x onerror=window.ran=16>$",
    '<hx-partial hx-target="body" hx-swap="innerHTML"><img src=x onerror=window.ran=17></hx-partial>',
    '<div hx-on::load="window.ran=18" hx-get="/" hx-trigger="load">',
    "{{ window.ran=19 }}{% debug %}${window.ran=19}\\u003cscript\\u003ewindow.ran=19\\u003c/script\\u003e",
    "<form><button formaction=javascript:window.ran=20><base href=//x.example/><meta http-equiv=refresh content=0>",
)

#: Elements that nobody may bring onto a page, and attributes that make others do something.
_BROUGHT = """() => {
    const places = ".text, .summary, .comparison, #title, #sessions, #found, #seen-prompt";
    const texts = [...document.querySelectorAll(places)];
    const within = texts.flatMap((text) => [...text.querySelectorAll("*")]);
    const acts = ({ name, value }) =>
        name.startsWith("on") || name === "srcdoc" || name === "formaction" ||
        (/^(href|src|action|xlink:href)$/.test(name) && /^\\s*(javascript|vbscript|data):/i.test(value));
    const bad = "script, iframe, object, embed, base, meta, form:not([method=dialog]), img:not([src^='data:image'])";
    return {
        ran: window.ran,
        attributes: [...document.querySelectorAll("*")].flatMap(({ outerHTML, attributes }) =>
            [...attributes].some(acts) ? [outerHTML.slice(0, 200)] : []),
        elements: within.filter((one) => one.matches(bad)).map(({ outerHTML }) => outerHTML.slice(0, 200)),
        acting: [...document.querySelectorAll(".text *")].flatMap(({ outerHTML, attributes }) =>
            [...attributes].some(({ name }) => name.startsWith("hx-on") || name === "hx-get") ? [outerHTML] : []),
    };
}"""


def assert_nothing_ran(page: Page) -> None:
    """No script of a payload has run, and none is waiting on the page for a click."""
    assert page.evaluate(_BROUGHT) == {"ran": None, "attributes": [], "elements": [], "acting": []}
