"""axe-core on a page of the tests."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

_SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text()

_RUN = """(rules) => axe.run(document, { resultTypes: ["violations"], ...rules }).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html, any, all }) => `${id}: ${help}: ${html} ${[...any, ...all].map((one) => one.message)}`)))"""


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds wrong with the page as it is: the rule and the element. With ``rules``, only those are checked."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": _SOURCE})  # which the page's own policy does not prevent
    session.detach()
    chosen: dict[str, Any] = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found: list[str] = page.evaluate(_RUN, chosen)
    return found
