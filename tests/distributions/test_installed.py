"""The four distributions in use, installed from their wheels without this repository."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scripts.requirements import PROJECTS, read_project
from tests.ai_sdk.sockets import visit
from tests.distributions.environments import ISOLATED, Environment, make_environment
from tests.support.servers import (
    PATIENCE,
    Site,
    clean_environment,
    free_port,
    running,
    start,
    wait_for_http,
    wait_for_site,
)

VERSION = read_project(PROJECTS[0])["project"]["version"]
LANGCHAIN = re.compile("langchain|langgraph|langsmith")
DJANGO = re.compile("django|channels|daphne|twisted|whitenoise")


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Environment:
    """An environment with the chat."""
    names = ("motorhead-chat", "motorhead-server", "langchain-motorhead")
    return make_environment(tmp_path_factory.mktemp("chat") / "an environment", wheels, *names)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Environment:
    """An environment with only the memory server."""
    return make_environment(tmp_path_factory.mktemp("server"), wheels, "motorhead-server")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Environment:
    """An environment with only LangChain's history."""
    return make_environment(tmp_path_factory.mktemp("history"), wheels, "langchain-motorhead")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path]) -> Environment:
    """An environment with only the Python client."""
    return make_environment(tmp_path_factory.mktemp("client"), wheels, "motorhead-chat-client")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, chat: Environment) -> Iterator[Site]:
    """A site run by ``motorhead-chat serve`` in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    command = [
        chat.program("motorhead-chat"),
        "serve",
        "--port",
        "0",
        "--memory-port",
        "0",
        "--model-port",
        "0",
        "--workers",
        "1",
    ]
    log = tmp_path_factory.mktemp("log") / "serve.log"
    with running(wait_for_site(start(command, "", log=log, env=ISOLATED, cwd=folder), folder / "var")) as up:
        yield up


async def test_a_turn_is_answered(site: Site) -> None:
    """Memory server, model and web worker find each other, and the model gets the earlier messages."""
    visitor = await visit(site)
    async with visitor.socket() as socket:
        await socket.ask("s", "hi im bob")
        answer = await socket.ask("s", "whats my name?")
    assert "Bob" in answer.text


def test_everything_is_stored_in_the_folder_in_which_it_was_started(site: Site) -> None:
    """Only the folder ``var`` is created in it."""
    assert [path.name for path in site.data.parent.iterdir()] == ["var"]
    assert (site.data / "db.sqlite3").exists()
    assert (site.data / "static" / VERSION / "staticfiles.json").exists()


async def test_pages_have_their_templates_and_static_files(site: Site) -> None:
    """Each file that the page refers to is served, under a name that depends on its contents."""
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, follow_redirects=True) as client:
        page = await client.get("/")
        names = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
        assert any(re.search(r"/page\.\w+\.css$", name) for name in names)
        assert any(name.endswith(".js") for name in names)
        assert {(await client.get(name)).status_code for name in names} == {200}
        assert "<!doctype html>" in (await client.get("/nothing-here")).text
        assert (await client.get("/admin/login/")).status_code == 200


def test_the_line_for_a_staff_login_works(site: Site, tmp_path: Path) -> None:
    """The printed line runs Django's command on the site's own data, whatever folder it is pasted in."""
    (line,) = re.findall(r"^  (CHAT_DATA=.* createsuperuser)$", site.log.read_text(), re.MULTILINE)
    (tmp_path / "chatsite.py").write_text("raise SystemExit('not this one')")
    line += " --noinput --username staff --email staff@example.org"
    env = clean_environment({**ISOLATED, "DJANGO_SUPERUSER_PASSWORD": "secret"})
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "Superuser created" in done.stdout, done.stderr


def test_the_chats_commands_are_djangos(chat: Environment, site: Site) -> None:
    """``motorhead-chat`` has the commands of ``manage.py``, and uses the data in the current folder."""
    done = chat.run("motorhead-chat", "issue_token", "--owner", "frontend", "--days", "1", cwd=site.data.parent)
    assert done.stdout.strip().startswith("frontend."), done.stderr


def test_the_chat_says_how_it_is_used(chat: Environment, tmp_path: Path) -> None:
    """Without arguments, ``motorhead-chat`` names the command that most people look for."""
    done = chat.run("motorhead-chat", cwd=tmp_path)
    assert done.stdout.startswith("usage: motorhead-chat serve [options]"), done.stderr


def test_the_memory_server_shows_its_commands(server: Environment, tmp_path: Path) -> None:
    """``motorhead --help`` lists them."""
    done = server.run("motorhead", "--help", cwd=tmp_path)
    assert done.stdout.startswith("usage: motorhead "), done.stderr
    assert {"serve", "import", "fsck"} <= set(done.stdout.split())


def test_the_memory_server_examines_a_store(server: Environment, tmp_path: Path, redis_url: str) -> None:
    """``motorhead fsck`` runs its scripts on the Redis in the environment."""
    done = server.run("motorhead", "fsck", cwd=tmp_path, REDIS_URL=redis_url)
    assert (done.returncode, done.stdout) == (0, "0 sessions, 0 findings, 0 left.\n"), done.stderr


def test_the_memory_server_folds(server: Environment, site: Site, tmp_path: Path, redis_url: str) -> None:
    """``motorhead`` serves on its own, and gets a summary from a model: it is installed with the client for that."""
    port = free_port()
    settings = {"REDIS_URL": redis_url, "PORT": str(port), "OPENAI_BASE_URL": site.record()["model"], **ISOLATED}
    said = [{"role": "Human", "content": "hi im bob"}, {"role": "AI", "content": "Hi Bob"}]
    command, url = [server.program("motorhead")], f"http://127.0.0.1:{port}"
    with running(start(command, url, log=tmp_path / "log", env=settings, cwd=tmp_path)) as memory:
        wait_for_http(memory)
        with httpx.Client(base_url=url, trust_env=False, timeout=30 * PATIENCE) as client:
            client.post("/sessions/s/memory", json={"messages": said * 4}).raise_for_status()
            assert "Bob" in client.post("/sessions/s/fold").json()["context"]


def test_the_memory_server_needs_neither_django_nor_langchain(server: Environment) -> None:
    """None of its requirements, direct or indirect, installs them."""
    assert not [name for name in server.closure() if LANGCHAIN.match(name) or DJANGO.match(name)]


def test_langchains_history_is_kept(history: Environment, site: Site, tmp_path: Path) -> None:
    """Messages added by one program can be read by the next."""
    code = """
import sys
from langchain_motorhead import MotorheadChatMessageHistory
history = MotorheadChatMessageHistory("langchain", sys.argv[1])
history.add_user_message("hi im bob")
print(history.messages[-1].content)
"""
    done = history.run("python", "-c", code, site.record()["memory"], cwd=tmp_path)
    assert done.stdout == "hi im bob\n", done.stderr


def test_langchains_history_needs_neither_openai_nor_django(history: Environment) -> None:
    """It needs neither the chat nor the memory server, which may run elsewhere."""
    names = history.closure()
    assert not [name for name in names if "openai" in name or DJANGO.match(name)]
    assert not {"motorhead-chat", "motorhead-server"} & set(names)


def test_the_client_chats(client: Environment, chat: Environment, site: Site, tmp_path: Path) -> None:
    """A program with a token has a turn answered, and reads the session's messages."""
    folder = site.data.parent
    token = chat.run("motorhead-chat", "issue_token", "--owner", "program", "--days", "1", cwd=folder).stdout.strip()
    code = """
import asyncio, sys
from chat_client import ChatClient
async def main():
    async with ChatClient(*sys.argv[1:]) as chat:
        await chat.ask("trip", "hi im bob")
        print((await chat.session("trip").messages()).messages[0].text)
asyncio.run(main())
"""
    done = client.run("python", "-c", code, site.url, token, cwd=tmp_path)
    assert done.stdout == "hi im bob\n", done.stderr


def test_the_client_needs_only_http_and_websockets(client: Environment) -> None:
    """A program that only chats installs neither Django nor a model's client."""
    asked = {each.partition(">")[0] for each in client.closure()["motorhead-chat-client"].requires or []}
    assert {re.split(r"[<>=]", each)[0] for each in asked} == {"httpx", "websockets"}
