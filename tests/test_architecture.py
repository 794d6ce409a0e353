"""The architecture: which rooms may import which, who reads the environment, how large a file may be."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.support.servers import REPOSITORY
from tests.support.syntax_trees import syntax_tree

PACKAGES = (
    *("chat", "chatsite", "motorhead", "openai_standin", "supervisor", "langchain_motorhead"),
    *("chat_client", "environment", "redis_link", "telemetry"),
)

#: The rooms of each package that has rooms, from the top: a room may import from its own row and the rows below. A
#: module outside any folder is a room of its own.
ROOMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "chat": (
        ("admin", "apps", "management", "migrations", "routing", "urls", "worker"),  # found by name, or by the server
        ("api", "page", "staff"),  # doors: Django, Channels, one wire format each
        ("accounts", "components", "models", "monitoring", "sockets", "web"),  # what doors share
        ("grants", "runs", "sessions", "turns"),  # use cases
        ("demonstration", "memory", "model", "tracing"),  # ports: one outside thing each
        ("domain", "metrics"),  # types
    ),
    "motorhead": (
        ("__main__", "server"),
        ("http", "tools"),  # doors: requests, commands
        ("folding", "recall", "search", "sessions", "upkeep"),  # use cases
        ("model", "store"),  # ports: one outside thing each
        ("config", "exceptions", "logs", "messages", "metrics", "usage"),
    ),
}

#: The packages that each package must not import.
FORBIDDEN = {
    "chat_client": (*set(PACKAGES) - {"chat_client"}, "django", "channels", "msgspec", "pydantic"),
    "environment": (*set(PACKAGES) - {"environment"}, "django", "channels", "msgspec", "httpx"),
    "motorhead": (
        *("chat", "chatsite", "langchain_motorhead", "openai_standin", "supervisor"),
        *("django", "channels", "langchain", "langchain_core", "langchain_openai"),
    ),
    "redis_link": (
        *("chat", "chatsite", "environment", "motorhead", "supervisor", "telemetry"),
        *("django", "channels", "msgspec"),
    ),
    "telemetry": (*set(PACKAGES) - {"telemetry"}, "django", "channels", "httpx"),
    "openai_standin": ("chat", "chatsite", "motorhead", "django", "channels", "langchain_core", "langchain_openai"),
    "langchain_motorhead": ("chat", "chatsite", "environment", "motorhead", "openai_standin", "django", "channels"),
    "supervisor": ("chat", "motorhead", "openai_standin", "channels"),
    "chat": ("chat_client", "environment", "motorhead", "openai_standin", "supervisor", "chatsite"),
}
#: Rooms of the chat that know neither Django nor Channels: everything below the doors and what they share.
WITHOUT_DJANGO = ("grants", "runs", "sessions", "turns", "demonstration", "memory", "model", "domain")

READ_THE_ENVIRONMENT = {"chatsite/settings.py", "motorhead/config.py", "openai_standin/config.py"}
#: The most lines of a file in any of these languages. A longer file has more than one reason to change.
LONGEST = 300
LANGUAGES = {".py", ".lua", ".js", ".css", ".html"}

#: Tests of whole programs (with a browser, a client library or kills) or of several modules, rather than of one.
SUITES = (
    "tests/access",
    "tests/ag_ui",
    "tests/ai_sdk",
    "tests/browser",
    "tests/chat/memory/test_contract.py",
    "tests/chat/memory/test_contract_of_verbs.py",
    "tests/chat_client/test_guide.py",
    "tests/distributions",
    "tests/examples",
    "tests/langchain",
    "tests/motorhead/system",
    "tests/openai_clients",
    "tests/support",
    "tests/system",
    "tests/troubles",
)
#: Modules without tests of their own, and why.
UNTESTED = {
    "chat/admin.py": "imported by Django for another module",
    "chat/api/v1/bodies.py": "tested through the calls",
    "chat/api/v1/message_shapes.py": "plain records, tested through the calls",
    "chat/api/v1/parameters.py": "plain records, tested through the calls",
    "chat/api/v1/prompt_shapes.py": "plain records, tested through the calls",
    "chat/api/v1/session_shapes.py": "plain records, tested through the calls",
    "chat/api/v1/summary_shapes.py": "plain records, tested through the calls",
    "chat/apps.py": "read by Django at startup",
    "chat/domain/api_sentences.py": "part of the table of sentences",
    "chat/domain/chat_error.py": "part of the tree of exceptions",
    "chat/domain/details.py": "plain records",
    "chat/domain/invalid_requests.py": "part of the tree of exceptions",
    "chat/domain/memory_errors.py": "part of the tree of exceptions",
    "chat/domain/model_sentences.py": "part of the sentences",
    "chat/domain/openai_sentences.py": "part of the sentences",
    "chat/domain/reports.py": "plain records",
    "chat/domain/refusals.py": "part of the tree of exceptions",
    "chat/domain/run_errors.py": "part of the tree of exceptions",
    "chat/domain/runs.py": "plain records",
    "chat/domain/sharing_sentences.py": "part of the sentences",
    "chat/models.py": "permissions and log entries, tested through the admin",
    "chat/grants/credentials.py": "plain records",
    "chat_client/events.py": "plain records",
    "chat/runs/records.py": "plain records",
    "chat/sessions/importable.py": "plain records",
    "motorhead/search/results.py": "plain records",
    "redis_link/exceptions.py": "an exception tree",
    "supervisor/exceptions.py": "an exception tree",
}


def modules(package: str) -> Iterator[Path]:
    """Every Python file of ``package``."""
    return (REPOSITORY / package).rglob("*.py")


def dotted(path: Path) -> str:
    """The name under which ``path`` is imported."""
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """The dotted names that ``path`` imports, including imports in functions."""
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively."
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room_of(package: str, path: Path) -> str:
    """The room of a module of ``package``: its folder or, outside any folder, the module itself."""
    return path.relative_to(REPOSITORY / package).with_suffix("").parts[0]


def neighbours(package: str) -> dict[str, set[str]]:
    """The rooms of ``package``, and the other rooms that each imports."""
    found: dict[str, set[str]] = {}
    for path in modules(package):
        room = room_of(package, path)
        names = (name.split(".") for name in imports(path))
        imported = {parts[1] for parts in names if parts[0] == package and len(parts) > 1}
        found.setdefault(room, set()).update(imported - {room})
    found.pop("__init__", None)
    return found


@pytest.mark.parametrize("package", FORBIDDEN)
def test_packages_do_not_know_each_other(package: str) -> None:
    """The memory server knows neither Django nor the chat; they communicate only over HTTP."""
    for path in modules(package):
        foreign = {name for name in imports(path) if name.split(".")[0] in FORBIDDEN[package]}
        assert not foreign, f"{path.relative_to(REPOSITORY)} imports {foreign}."


@pytest.mark.parametrize("package", ROOMS)
def test_every_module_has_its_room(package: str) -> None:
    """A new room must be added to a row, and no row names a missing room."""
    known = [room for row in ROOMS[package] for room in row]
    assert sorted(neighbours(package)) == sorted(known)


@pytest.mark.parametrize("package", ROOMS)
def test_rooms_import_downwards(package: str) -> None:
    """No row imports from one above it."""
    row_of = {room: row for row, rooms in enumerate(ROOMS[package]) for room in rooms}
    for room, imported in neighbours(package).items():
        above = {other for other in imported if row_of[other] < row_of[room]}
        assert not above, f"{package}/{room} imports {above} from above."


@pytest.mark.parametrize("package", ROOMS)
def test_rooms_do_not_import_each_other_in_a_circle(package: str) -> None:
    """Modules that import each other belong in one room."""
    TopologicalSorter(neighbours(package)).prepare()  # raises CycleError with the circle


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Inside a room, too, each module can be read after the modules that it imports."""
    known = {dotted(path): path for package in PACKAGES for path in modules(package)}
    TopologicalSorter({name: known.keys() & set(imports(path)) for name, path in known.items()}).prepare()


@pytest.mark.parametrize("room", WITHOUT_DJANGO)
def test_the_use_cases_know_no_door(room: str) -> None:
    """Neither Django nor Channels is imported below the doors."""
    for path in modules(f"chat/{room}"):
        known = {name.split(".")[0] for name in imports(path)} & {"django", "channels"}
        assert not known, f"{path.relative_to(REPOSITORY)} imports {known}."


def test_the_types_need_only_the_standard_library() -> None:
    """Code that reads an event needs nothing else."""
    for path in modules("chat/domain"):
        needed = {name.split(".")[0] for name in imports(path)} - sys.stdlib_module_names - {"chat"}
        assert not needed, f"{path.relative_to(REPOSITORY)} imports {needed}."


def test_three_files_read_the_environment() -> None:
    """Each setting is read and checked in one place."""
    for package in PACKAGES:
        for path in modules(package):
            name = path.relative_to(REPOSITORY).as_posix()
            assert name in READ_THE_ENVIRONMENT or not _looked_up(path), f"{name} reads the environment."


def _looked_up(path: Path) -> set[str]:
    """Uses of ``os.environ`` that look up a variable. Passing it on to a child or setting a default does not count."""
    found = set()
    for node in ast.walk(syntax_tree(path)):
        match node:
            case ast.Attribute(attr="getenv"):
                found.add("getenv")
            case ast.Subscript(value=ast.Attribute(attr="environ"), ctx=ast.Load()):
                found.add("environ[…]")
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="environ"), attr="get")):
                found.add("environ.get")
    return found


def test_no_file_is_too_long() -> None:
    """A file that is too long to keep in mind should be two files."""
    for folder in (*PACKAGES, "static", "templates"):
        for path in (REPOSITORY / folder).rglob("*.*"):
            lines = len(path.read_text().splitlines()) if path.suffix in LANGUAGES else 0
            assert lines <= LONGEST, f"{path.relative_to(REPOSITORY)} has {lines} lines."


def test_tests_mirror_the_packages() -> None:
    """A module's tests have the same path: ``tests/chat/runs/test_log.py`` tests ``chat/runs/log.py``."""
    for path in (REPOSITORY / "tests").rglob("test_*.py"):
        name = path.relative_to(REPOSITORY).as_posix()
        if name.startswith(SUITES) or path.parent.name == "tests":
            continue
        module = path.relative_to(REPOSITORY / "tests").with_name(path.name.removeprefix("test_"))
        tested = [REPOSITORY / module, (REPOSITORY / module).with_suffix("")]
        assert any(each.exists() for each in tested), f"{name} tests no module of its name."


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_has_tests(package: str) -> None:
    """A module has a test module, or a folder of them, of its name; exceptions are listed with their reason."""
    untested = {path.relative_to(REPOSITORY).as_posix() for path in modules(package) if not _is_tested(path)}
    listed = {name for name in UNTESTED if name.startswith(f"{package}/")}
    assert untested == listed, f"Write the missing tests, or correct UNTESTED: {sorted(untested ^ listed)}."


def _is_tested(path: Path) -> bool:
    """Whether ``path`` has tests of its name; ``__init__.py`` and Django's migrations need none."""
    if path.name == "__init__.py" or "migrations" in path.parts:
        return True
    tests = REPOSITORY / "tests" / path.relative_to(REPOSITORY)
    return tests.with_name(f"test_{path.name}").exists() or any(tests.with_suffix("").glob("test_*.py"))
