"""What the documents say about the code is true."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from chat.api.openai.errors import STATUSES
from chat.domain.sentences import SENTENCES
from chatsite import settings as site
from chatsite.roles import ROLES
from motorhead import config as memory_server
from openai_standin import config as stand_in
from tests.support.documents import row
from tests.support.servers import REPOSITORY

DOCUMENTS = [*(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("*.md")]
#: Names of ours, without Django's permissions, which look alike.
DOTTED = re.compile(
    r"`(?!chat\.(?:view|delete)_session)((?:chat|chatsite|motorhead|openai_standin|supervisor)(?:\.\w+)+)`"
)
#: Files of the repository, without those that a running site writes.
PATHS = re.compile(r"`(?!var/)([a-z.][\w.-]*/(?:[\w.-]+/)*[\w.-]+\.(?:py|lua|md|yaml|mjs|json|html|css|js))`")
CODE = re.compile(r"`([a-z]+(?:_[a-z]+)*)`(?=[^|]*\|[^|]*\|[^|]*\|$)")
SETTINGS = re.compile(r"\b(?:CHAT|MOTORHEAD|OPENAI|REDIS|STANDIN|DJANGO|AZURE|METAL)_[A-Z_]+\b")
#: Variables of Django, of Open WebUI, of the examples, and of Compose.
SET_BY_OTHERS = {"DJANGO_SETTINGS_MODULE", "CHAT_ID", "CHAT_TOKEN", "CHAT_DOMAIN"}
VARIABLES = {
    "The site": site.variables(),
    "The memory server": memory_server.variables(),
    "The stand-in model": stand_in.variables(),
}
#: What a document has its reader type; in it, commands of the site (not of the namespace), and scripts.
TYPED = re.compile(r"^ *```(?:sh)?\n(.*?)^ *```$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
COMMANDS = re.compile(r"(?:manage\.py|(?<!-n )motorhead-chat|-m chatsite) ([a-z_]+)\b")
SCRIPTS = re.compile(r"(?<![\w/-])scripts/[a-z_]+\b(?!\.)")
#: Characters in a line, also in tables and code.
LONGEST_LINE = 120
LINKS = re.compile(r"\]\(((?!https?:|#)[^)#]+)")


def resolves(dotted: str) -> bool:
    """Whether a dotted name is a module, or something in a module."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            if not hasattr(found, name):
                return False
            found = getattr(found, name)
        return True
    return False


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_name_in_a_document_exists(document: Path) -> None:
    """This includes functions and classes by dotted name, files by path, and links."""
    text = document.read_text()
    assert [name for name in DOTTED.findall(text) if not resolves(name)] == []
    assert [path for path in PATHS.findall(text) if not (REPOSITORY / path).exists()] == []
    assert [link for link in LINKS.findall(text) if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_in_a_document_exists(document: Path) -> None:
    """This includes those of Django, roles, and scripts."""
    typed = "\n".join(map("".join, TYPED.findall(document.read_text())))
    assert set(COMMANDS.findall(typed)) <= {*get_commands(), *ROLES, "serve"}
    assert [name for name in SCRIPTS.findall(typed) if not (REPOSITORY / name).exists()] == []


def test_the_path_of_a_turn_is_documented() -> None:
    """The document on the architecture names everything that a turn passes through."""
    text = (REPOSITORY / "docs" / "architecture.md").read_text()
    path = ("Runs.start", "run_turn", "get_memory", "build_prompt", "stream_reply", "append_messages", "RunLog.finish")
    places = [text.index(name) for name in path]
    assert places == sorted(places)


def test_the_page_on_langchain_shows_the_example_that_is_tested() -> None:
    """The page shows the file without its docstring."""
    example = (REPOSITORY / "examples" / "hi_im_bob.py").read_text()
    assert example.split('"""', 2)[2].strip() in (REPOSITORY / "docs" / "langchain.md").read_text()


#: Errors inside the site, and those that only the HTTP API has.
NOT_ON_THE_WEBSOCKET = {"session_gone", "run_fenced", "too_many_logins", "supervisor_unreachable", "process_gone"} | {
    "accounts_unreachable",
    "answer_restarted", "fold_failed", "invalid_details", "invalid_import", "invalid_message_id", "memory_busy",
    "messages_removed", "not_supported", "prompt_unknown", "session_exists", "summary_changed", "body_too_large",
    "method_not_allowed", "unknown_path", "unknown_session", "unknown_version", "unseen_summary", "invalid_share",
    "share_ended",
}  # fmt: skip


def test_the_guide_to_the_websocket_lists_every_error() -> None:
    """Each code has a row that says how it arrives, except those that no client of it receives."""
    section = (REPOSITORY / "docs" / "websocket-api.md").read_text().split("## Errors\n")[1].split("\n## ")[0]
    listed = {code for line in section.splitlines() if line.startswith("| `") for code in CODE.findall(line)}
    assert listed == {key.partition(".")[0] for key in SENTENCES} - NOT_ON_THE_WEBSOCKET


def test_the_guide_to_the_openai_shaped_api_lists_every_error() -> None:
    """Each code has a row with its status."""
    section = (REPOSITORY / "docs" / "openai-api.md").read_text().split("## Errors\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1:3] for line in section.splitlines() if re.match(r"\| \d", line)]
    listed = {code: int(statuses.split(",")[0]) for statuses, codes in rows for code in re.findall(r"`(\w+)`", codes)}
    assert {code: listed.get(code) for code in STATUSES} == {code: int(status) for code, status in STATUSES.items()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_settings_that_exist(document: Path) -> None:
    """Every variable in it is read by one of the three files that read the environment."""
    named = set(SETTINGS.findall(document.read_text()))
    known = {name for each in VARIABLES.values() for one in each for name in (one.name, one.older_name)}
    assert named - known - SET_BY_OTHERS == set()


def test_the_page_on_configuration_lists_every_variable() -> None:
    """Each variable is listed once, in the table of the program that reads it, with its default and meaning."""
    text = (REPOSITORY / "docs" / "configuration.md").read_text()
    for title, variables in VARIABLES.items():
        section = text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert rows == list(map(row, variables))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_lines_of_a_document_are_short(document: Path) -> None:
    """At most 120 characters, so that a change of one shows as such."""
    assert [line for line in document.read_text().splitlines() if len(line) > LONGEST_LINE] == []


#: The most bytes of a picture, of the recording, and of all of them.
MOST_OF_ONE, MOST_OF_RECORDING, MOST_OF_ALL = 150_000, 500_000, 1_000_000


def test_the_pictures_are_there_and_small() -> None:
    """Every one that the README shows, and none that is too heavy for a page; `scripts/screenshots` takes them."""
    pictures = {path: path.stat().st_size for path in (REPOSITORY / "docs" / "screenshots").glob("*.webp")}
    recording = pictures.pop(REPOSITORY / "docs" / "screenshots" / "kill.webp")
    assert {path.stem for path in pictures} == {
        *("first-visit", "chat-with-fold", "versions", "what-the-model-saw", "kill-drawer", "phone", "dark"),
    }
    assert [path for path, size in pictures.items() if size > MOST_OF_ONE] == []
    assert recording < MOST_OF_RECORDING
    assert recording + sum(pictures.values()) < MOST_OF_ALL
    shown = re.findall(r"docs/screenshots/.+\.webp", (REPOSITORY / "README.md").read_text())
    assert len(shown) == 4
    assert [path for path in shown if not (REPOSITORY / path).exists()] == []
