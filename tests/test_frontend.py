"""The page's templates, script and style sheets refer to each other by the right names."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.servers import REPOSITORY

TEMPLATES = REPOSITORY / "templates"
SCRIPT = REPOSITORY / "static" / "chat" / "page"
STYLES = REPOSITORY / "static" / "chat" / "styles"


def linked(template: Path) -> list[str]:
    """The static files that ``template`` links to, in order."""
    return re.findall(r"{% static '(.+?)' %}", template.read_text())


def test_the_page_loads_every_module_of_its_script_at_once():
    """Each module is preloaded rather than discovered through another; the main module comes last."""
    loaded = [name.rpartition("/")[2] for name in linked(TEMPLATES / "chat" / "page.html") if name.endswith(".js")]
    assert sorted(loaded) == sorted(path.name for path in SCRIPT.glob("*.js"))
    assert loaded[-1] == "main.js"


def test_the_page_loads_every_style_sheet():
    """The list of links is complete."""
    styles = [name.rpartition("/")[2] for name in linked(TEMPLATES / "chat" / "_styles.html")]
    assert sorted(styles) == sorted(path.name for path in STYLES.glob("*.css"))
