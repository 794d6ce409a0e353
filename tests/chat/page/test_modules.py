"""The modules of the page's script."""

from __future__ import annotations

import re

from chat.page.modules import imported_modules
from tests.support.servers import REPOSITORY

SCRIPT = REPOSITORY / "static" / "chat" / "page"


def at_once() -> set[str]:
    """What is loaded with the page."""
    return {name.removeprefix("chat/page/") for name in imported_modules()} | {"main.js"}


def imports(name: str) -> set[str]:
    """What a module imports at once."""
    text = (SCRIPT / name).read_text()
    return {*re.findall(r'^(?:import|\} from|import .* from) "\./(.+)";$', text, re.MULTILINE)}


def test_what_the_page_needs_is_loaded_at_once():
    """Each module is preloaded rather than discovered through another; the entry point has its own tag."""
    assert "chat/page/main.js" not in imported_modules()
    assert len(imported_modules()) > 30
    assert set().union(*map(imports, at_once())) == at_once() - {"main.js"}


def test_the_others_are_loaded_when_they_are_used():
    """Each module that is not preloaded is imported at its first use, or by one that is."""
    texts = "".join((SCRIPT / name).read_text() for name in sorted(at_once()))
    later = {*re.findall(r'import\("\./(.+?)"\)', texts)}
    assert {"palette.js", "drawer.js", "tour.js", "session_menu.js"} <= later
    assert not later & at_once()
    found = set(at_once())
    while later - found:
        found |= later
        later = set().union(*map(imports, later))
    assert found == {path.name for path in SCRIPT.glob("*.js")}
