"""Static files, including the modules of the page's script, under names that contain a hash."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.templatetags.static import static

from tests.support.servers import REPOSITORY

STYLES = REPOSITORY / "static" / "chat" / "styles"


@pytest.fixture
def collected(tmp_path: Path, settings) -> Path:
    """The folder of the collected static files."""
    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


@pytest.fixture
def source(tmp_path: Path, settings) -> Path:
    """An empty folder for the page's script; only what a test puts there is collected, into another folder."""
    settings.STATIC_ROOT = tmp_path / "collected"
    settings.STATICFILES_DIRS = [tmp_path / "source"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    script = tmp_path / "source" / "chat" / "page"
    script.mkdir(parents=True)
    return script


def imported(module: Path) -> set[Path]:
    """The files that ``module`` imports."""
    return {module.parent / name for name in re.findall(r'(?:from |import |import\()"(.+?)"', module.read_text())}


def test_every_module_finds_what_it_imports(collected: Path):
    """Every module of the page's script can be reached from the first, under a name with a hash."""
    found: set[Path] = set()
    to_read = {collected / static("chat/page/main.js").removeprefix("/static/")}
    while to_read:
        module = to_read.pop()
        found.add(module)
        to_read |= {path for path in imported(module) if path not in found}
    names = {re.sub(r"\.[0-9a-f]{12}\.js$", ".js", path.name) for path in found}
    scripts = {path.name for path in Path(finders.find("chat/page/main.js") or "").parent.glob("*.js")}
    assert names == scripts | {"api.js", "errors.js", "silence.js"}  # of the client
    assert not names & {path.name for path in found}


def test_a_change_renames_every_module_that_imports_it(source: Path):
    """A browser with cached modules never mixes an old one with a new one."""
    (source / "main.js").write_text('import { a } from "./middle.js";\n')
    (source / "middle.js").write_text('import "./leaf.js";\nexport const a = 1;\n')
    names = []
    for text in ("1;\n", "2;\n"):
        (source / "leaf.js").write_text(text)
        call_command("collectstatic", interactive=False, verbosity=0)
        names.append({static(f"chat/page/{name}.js") for name in ("main", "middle", "leaf")})
    assert len(names[0] | names[1]) == 6


def test_a_change_renames_modules_that_load_it_later(source: Path):
    """The same for what a module loads when it is first used: another module, and a style sheet."""
    (source.parent / "styles").mkdir()
    (source / "main.js").write_text('[import("./late.js"), new URL("../styles/late.css", import.meta.url)];\n')
    names = []
    for module, style in (("1;\n", "a {\n}\n"), ("2;\n", "a {\n}\n"), ("2;\n", "b {\n}\n")):
        (source / "late.js").write_text(module)
        (source.parent / "styles" / "late.css").write_text(style)
        call_command("collectstatic", interactive=False, verbosity=0)
        names.append(static("chat/page/main.js"))
    assert len(set(names)) == 3
    sent = (source.parents[2] / "collected" / names[-1].removeprefix("/static/")).read_text()
    late, sheet = (static(f"chat/{name}").rpartition("/")[2] for name in ("page/late.js", "styles/late.css"))
    assert sent == f'[import("./{late}"), new URL("../styles/{sheet}", import.meta.url)];\n'


def test_the_style_sheets_of_the_page_are_sent_as_one(collected: Path):
    """In their order, without comments, and with nothing left to import."""
    sent = (collected / static("chat/page.css").removeprefix("/static/")).read_text()
    assert sent.lstrip().startswith("@layer tokens, base, parts, print;")
    assert "@import" not in sent
    assert "/*" not in sent
    names = re.findall(r'"styles/(.+)"', (STYLES.parent / "page.css").read_text())
    assert sent.count("@layer parts {") == sum("@layer parts {" in (STYLES / name).read_text() for name in names)


def test_style_sheets_refer_to_no_files():
    """Those in one file would look for them in another folder."""
    assert [path.name for path in STYLES.glob("*.css") if "url(" in path.read_text()] == []


def test_an_import_of_a_missing_file_is_found_when_files_are_collected(source: Path):
    """The site does not start with a script that browsers cannot load."""
    (source / "main.js").write_text('import "./gone.js";\n')
    with pytest.raises(ValueError, match=r"gone\.js"):
        call_command("collectstatic", interactive=False, verbosity=0)


_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*.*?\*/)\n", re.MULTILINE | re.DOTALL)


def test_comments_are_not_sent(collected: Path):
    """Every other line of the page's own files is. No comment is within a text of several lines."""
    for path in (Path(finders.find("chat/icon.svg") or "").parent).glob("*/*.js"):
        text = path.read_text()
        sent = (collected / static(f"chat/{path.parent.name}/{path.name}").removeprefix("/static/")).read_text()
        assert len(sent.splitlines()) == len(_COMMENT.sub("", text).splitlines()), path.name
        assert all(text[: found.start()].count("`") % 2 == 0 for found in _COMMENT.finditer(text)), path.name
        assert not _COMMENT.search(sent), path.name
    assert "/*" not in "".join(path.read_text() for path in (collected / "chat" / "styles").glob("*.css"))


def test_indentation_is_not_sent(collected: Path):
    """No text in the page's own files has several lines, whose blanks would be lost."""
    for path in (collected / "chat").glob("*/*.*s"):
        lines = path.read_text().splitlines()
        assert [line for line in lines if line[:1].isspace() or line.count("`") % 2] == [], path.name


def test_files_of_others_keep_their_comments(collected: Path):
    """Among them are licences."""
    assert "/*" in next(collected.rglob("htmx-4.*.js")).read_text()
