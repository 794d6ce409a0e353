"""The rooms of the house: which module may import which, who reads the environment, how large a file may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import REPOSITORY

PACKAGES = ("chat", "chatsite", "motorhead", "openai_standin", "supervisor", "langchain_motorhead")

#: From the top: a module may import its own row and the rows below it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("routing", "urls", "worker", "apps"),
    ("consumers", "views", "access_views", "admin", "admin_pages", "middleware", "management"),
    ("fragments", "protocols", "shown", "markdown", "unsaved", "access", "models", "migrations", "components", "words"),
    ("deletion", "feed", "inspection", "runs"),
    ("readers",),
    ("flusher",),
    ("live", "early_load"),
    ("turns",),
    ("memory", "llm", "prompts", "limits", "bells"),
    ("runlog", "memory_wire", "memory_transport", "llm_stream"),
    ("runkeys", "runscripts", "runtypes"),
    ("events", "messages", "sessions", "exceptions", "paging"),
)
ROW = {name: row for row, names in enumerate(LAYERS) for name in names}

#: What each room must not know.
FORBIDDEN = {
    "motorhead": ("chat", "chatsite", "django", "channels", "langchain", "langchain_core", "langchain_openai"),
    "openai_standin": ("chat", "chatsite", "motorhead", "django", "channels", "langchain_core", "langchain_openai"),
    "langchain_motorhead": ("chat", "chatsite", "motorhead", "openai_standin", "django", "channels"),
    "supervisor": ("chat", "motorhead", "openai_standin", "channels"),
    "chat": ("motorhead", "openai_standin", "supervisor", "chatsite"),
}
USE_CASE = ("turns", "runs", "readers", "feed", "flusher", "early_load", "live", "deletion", "inspection")
PORTS = (
    *("memory", "memory_wire", "memory_transport", "llm", "llm_stream", "prompts"),
    *("runlog", "runkeys", "runscripts", "runtypes", "bells", "limits"),
)
TYPES = ("events", "messages", "sessions", "exceptions")

READ_THE_ENVIRONMENT = {"chatsite/settings.py", "motorhead/config.py", "openai_standin/config.py"}
#: Lines of a file. What is longer has more than one reason to change.
LONGEST = 300


def modules(package: str) -> Iterator[Path]:
    """Every Python file of ``package``."""
    return (REPOSITORY / package).rglob("*.py")


def imports(path: Path) -> Iterator[str]:
    """The dotted names that ``path`` imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively."
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    """The name by which `LAYERS` knows a module of ``chat``."""
    return path.relative_to(REPOSITORY / "chat").with_suffix("").parts[0]


def within_chat(path: Path) -> set[str]:
    """The modules of ``chat`` that ``path`` imports."""
    names = (name.split(".") for name in imports(path))
    return {parts[1] for parts in names if parts[0] == "chat" and len(parts) > 1 and parts[1] in ROW}


@pytest.mark.parametrize("package", FORBIDDEN)
def test_rooms_do_not_know_each_other(package: str) -> None:
    """The memory server knows neither Django nor the chat; they meet over HTTP alone."""
    for path in modules(package):
        foreign = {name for name in imports(path) if name.split(".")[0] in FORBIDDEN[package]}
        assert not foreign, f"{path.relative_to(REPOSITORY)} imports {foreign}."


def test_every_module_of_the_chat_has_its_place() -> None:
    """A new module is put into a row before it lands."""
    known = {room_of(path) for path in modules("chat")} - {"__init__"}
    assert known <= set(ROW), f"Put {known - set(ROW)} into LAYERS."


def test_the_chat_imports_downwards() -> None:
    """No row knows one above it."""
    for path in modules("chat"):
        room = room_of(path)
        above = {name for name in within_chat(path) if ROW[name] < ROW.get(room, 0)}
        assert not above, f"{path.relative_to(REPOSITORY)} imports {above} from above."


@pytest.mark.parametrize("room", [*USE_CASE, *PORTS, *TYPES])
def test_the_use_case_knows_no_door(room: str) -> None:
    """Neither Django nor Channels stands below the doors."""
    path = REPOSITORY / "chat" / f"{room}.py"
    if path.exists():
        assert not {name.split(".")[0] for name in imports(path)} & {"django", "channels"}


@pytest.mark.parametrize("room", TYPES)
def test_the_types_stand_on_the_standard_library(room: str) -> None:
    """Whoever reads an event needs nothing else."""
    names = {name.split(".")[0] for name in imports(REPOSITORY / "chat" / f"{room}.py")}
    assert not names & {"msgspec", "httpx", "redis", "langchain_core", "openai", "pydantic"}


def test_three_files_read_the_environment() -> None:
    """A setting has one place where it is read and checked."""
    for package in PACKAGES:
        for path in modules(package):
            name = path.relative_to(REPOSITORY).as_posix()
            assert name in READ_THE_ENVIRONMENT or not _looked_up(path), f"{name} reads the environment."


def _looked_up(path: Path) -> set[str]:
    """Uses of ``os.environ`` that look one variable up: passing all of it on to a child, or a default, is none."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Attribute(attr="getenv"):
                found.add("getenv")
            case ast.Subscript(value=ast.Attribute(attr="environ"), ctx=ast.Load()):
                found.add("environ[…]")
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="environ"), attr="get")):
                found.add("environ.get")
    return found


def test_no_file_grows_without_end() -> None:
    """A file that no longer fits into the head is two files."""
    for package in PACKAGES:
        for path in modules(package):
            lines = len(path.read_text().splitlines())
            assert lines <= LONGEST, f"{path.relative_to(REPOSITORY)} has {lines} lines."
