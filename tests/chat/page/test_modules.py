"""The modules of the page's script."""

from __future__ import annotations

from chat.page.modules import imported_modules
from tests.support.servers import REPOSITORY


def test_every_module_is_loaded_at_once():
    """Each is preloaded rather than discovered through another; the entry point, which has its own tag, is not."""
    folder = REPOSITORY / "static" / "chat" / "page"
    assert {REPOSITORY / "static" / name for name in imported_modules()} == {*folder.glob("*.js")} - {
        folder / "main.js"
    }
