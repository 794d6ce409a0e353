"""The names shared by templates, script and server: all sides agree on them, and each is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.page import names
from tests.support.servers import REPOSITORY
from tests.support.syntax_trees import syntax_tree

NAMES = {name: value for name, value in vars(names).items() if name.isupper()}

TEMPLATES = "\n".join(path.read_text() for path in (REPOSITORY / "templates" / "chat").glob("*.html"))
SERVER = [path for path in (REPOSITORY / "chat" / "page").rglob("*.py") if path.name != "names.py"]
LIST = REPOSITORY / "static" / "chat" / "page" / "names.js"
SCRIPT = [path for path in LIST.parent.glob("*.js") if path != LIST]


def in_templates(value: str) -> bool:
    """Whether a template has the id, class, attribute or event that ``value`` names."""
    match value[0], value[1:]:
        case "#", an_id:
            return f' id="{an_id}"' in TEMPLATES
        case "[", ids:
            return ids.removesuffix("]").replace("{}", "{{ message.id }}") in TEMPLATES
        case ".", a_class:
            classes = " ".join(re.findall(r'class="([^"]*)"', TEMPLATES))
            return a_class in re.sub(r"{%.*?%}", " ", classes).split()
    if value.startswith("data-"):
        return bool(re.search(rf"\s{value}[\s=>]", TEMPLATES))
    return any(re.search(rf"\b{value}\b", events) for events in re.findall(r'hx-trigger="([^"]*)"', TEMPLATES))


def code(module: Path) -> str:
    """A module of the script without its comments and imports."""
    return re.sub(r"/\*.*?\*/|(?:^|\s)//[^\n]*|^import [^;]*;", "", module.read_text(), flags=re.DOTALL | re.MULTILINE)


def in_script(name: str) -> bool:
    """Whether a module of the script uses the name."""
    return any(re.search(rf"\b{name}\b", code(path)) for path in SCRIPT)


def in_server(name: str) -> bool:
    """Whether a module of the server uses the name."""
    return any(re.search(rf"\bnames\.{name}\b", path.read_text()) for path in SERVER)


def literals(path: Path) -> Iterator[str]:
    """The strings in a module of the server that are not docstrings."""
    tree = syntax_tree(path)
    sentences = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in sentences:
            yield node.value


def spelled_out(text: str) -> set[str]:
    """The shared ids, classes and attributes spelled out in ``text``."""
    return set(re.findall(r"(?<!\w)[#.][a-z-]+\b|data-[a-z]+", text)) & set(NAMES.values())


@pytest.mark.parametrize("name", NAMES)
def test_a_shared_name_is_known_on_two_sides(name: str):
    """Templates define elements for the script or the server; the server sends facts to the script."""
    templates, others = in_templates(NAMES[name]), in_script(name) + in_server(name)
    assert templates + others >= 2
    assert templates or NAMES[name][0] not in "#.["


def test_the_script_has_the_servers_names():
    """Each name in the script's list has the server's value and is used by the script."""
    listed = dict(re.findall(r'^export const ([A-Z_]+) = "(.*)";$', LIST.read_text(), re.MULTILINE))
    assert listed.items() <= NAMES.items()
    assert [name for name in listed if not in_script(name)] == []


@pytest.mark.parametrize("path", SERVER, ids=lambda path: path.name)
def test_the_server_spells_out_no_shared_name(path: Path):
    """Changing a selector or a fact in the list changes it everywhere."""
    facts = {value for value in NAMES.values() if value.isalpha() and not in_templates(value)}
    assert [text for text in literals(path) if spelled_out(text) or text in facts] == []


@pytest.mark.parametrize("path", SCRIPT, ids=lambda path: path.name)
def test_the_script_spells_out_no_shared_name(path: Path):
    """Neither in a string nor as a property of a dataset or of a frame's facts."""
    text = code(path)
    quoted = " ".join(re.findall(r'"[^"\n]*"|`[^`]*`', text))
    attributes = {f"data-{name}" for name in re.findall(r"\.dataset\.([a-z]+)", text)}
    assert spelled_out(quoted) | attributes & set(NAMES.values()) == set()
    assert re.findall(r"\bfacts\.[a-z]+", text) == []


def test_an_id_is_in_one_template_once():
    """A second copy would hide that a template lost its id."""
    ids = re.findall(r' id="([a-z-]+)"', TEMPLATES)
    assert len(ids) == len(set(ids))


def test_an_id_that_a_template_refers_to_is_in_a_template():
    """Targets of requests and buttons, labels, and descriptions."""
    targets = re.findall(r'\b(?:for|popovertarget|aria-labelledby|aria-describedby)="([a-z-]+)"', TEMPLATES)
    targets += re.findall(r'\b(?:hx-target|hx-select|href)="#([a-z-]+)"', TEMPLATES)
    assert [target for target in targets if f' id="{target}"' not in TEMPLATES] == []
