"""Static files under names that hold a hash, and the modules of the page's script among them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.templatetags.static import static


@pytest.fixture
def collected(tmp_path: Path, settings) -> Path:
    """The folder with everything that the site serves."""
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


@pytest.fixture
def source(tmp_path: Path, settings) -> Path:
    """The folder of the page's script, empty: only what a test puts there is collected, into another folder."""
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    script = tmp_path / "source" / "chat" / "page"
    script.mkdir(parents=True)
    return script


def imported(module: Path) -> set[Path]:
    """The files that ``module`` imports."""
    return {module.parent / name for name in re.findall(r'(?:from|import) "(.+)";', module.read_text())}


def test_every_module_finds_what_it_imports(collected: Path):
    """All that the page's script is made of can be reached from its first module, under names with a hash."""
    found: set[Path] = set()
    to_read = {collected / static("chat/page/main.js").removeprefix("/static/")}
    while to_read:
        module = to_read.pop()
        found.add(module)
        to_read |= {path for path in imported(module) if path not in found}
    names = {re.sub(r"\.[0-9a-f]{12}\.js$", ".js", path.name) for path in found}
    assert names == {path.name for path in Path(finders.find("chat/page/main.js") or "").parent.glob("*.js")}
    assert not names & {path.name for path in found}


def test_a_change_gives_a_new_name_to_all_that_import_it(source: Path):
    """A browser that kept the old modules takes none of them together with a new one."""
    (source / "main.js").write_text('import { a } from "./middle.js";\n')
    (source / "middle.js").write_text('import "./leaf.js";\nexport const a = 1;\n')
    names = []
    for text in ("1;\n", "2;\n"):
        (source / "leaf.js").write_text(text)
        call_command("collectstatic", interactive=False, verbosity=0)
        names.append({static(f"chat/page/{name}.js") for name in ("main", "middle", "leaf")})
    assert len(names[0] | names[1]) == 6


def test_an_import_of_nothing_is_found_when_files_are_collected(source: Path):
    """The site does not start with a script that no browser could load."""
    (source / "main.js").write_text('import "./gone.js";\n')
    with pytest.raises(ValueError, match=r"gone\.js"):
        call_command("collectstatic", interactive=False, verbosity=0)
