"""Sessions in Django's admin on a whole site: permissions, lists, single sessions and deletion."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from chat.sessions.inspection import MOST_NAMESPACES
from chat.web.audit import digest_of
from tests.ai_sdk.sockets import send_frame, user_message, visit
from tests.support.html import Element, parse
from tests.support.original_motorhead import OriginalMotorhead
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, Site, running, start_site
from tests.support.staff import Staff, make_superuser, manage, signed_in

LIST = "/admin/chat/session/"
LOGGED = "SELECT object_repr, change_message FROM django_admin_log WHERE object_id = ?"
#: Addresses that show only a part of a session.
PARTS = [f"{LIST}{{id}}/change/?before=9", "/any/message?id={id}&message=1", "/any/earlier?id={id}&before=9"]
ODD_IDS = [
    "a/b", "..", ".", "a/../b", "%2F", "100%", "_2F", "a?b=c&d#e", 'quo"te\'s', "<script>alert(1)</script>", "Möt 日本",
    " leading", "two\nlines", "carriage\rreturn", "\x00nul", "tab\there", "\u202eturned", "back\\slash", "a:b;c", "add",
    "owner.session_id",
]  # fmt: skip


@pytest.fixture(scope="module")
def memory(site: Site) -> Iterator[httpx.Client]:
    """A client of the site's memory server."""
    with httpx.Client(base_url=site.record()["memory"], trust_env=False, timeout=30 * PATIENCE) as client:
        yield client


@pytest.fixture(scope="module")
def staff(signed: Callable[[str | None], Staff]) -> Staff:
    """A client of an account that may view and delete sessions."""
    return signed("both")


def path_of(memory_id: str) -> str:
    """The session's path on the memory server."""
    return "/sessions/" + (quote(memory_id, safe="") if memory_id.strip(".") else "%2E" * len(memory_id))


def say(memory: httpx.Client, memory_id: str, *texts: str, namespace: str | None = None) -> None:
    """Append ``texts`` as messages of the human, each followed by an echo from the AI."""
    said = [
        {"role": role, "content": content}
        for text in texts
        for role, content in (("Human", text), ("AI", f"echo of {text}"))
    ]
    params = {} if namespace is None else {"namespace": namespace}
    memory.post(f"{path_of(memory_id)}/memory", params=params, json={"messages": said}).raise_for_status()


def remembered(memory: httpx.Client, memory_id: str) -> list[str]:
    """The texts of the session's messages on the memory server."""
    answer: dict[str, Any] = memory.get(f"{path_of(memory_id)}/memory").json()
    return [message["content"] for message in answer["messages"]]


def wait_for_reason(memory: httpx.Client, memory_id: str) -> str:
    """Why the session's fold is pending, once the memory server reports it: folding runs in the background."""
    deadline = time.monotonic() + 10 * PATIENCE
    while time.monotonic() < deadline:
        if reason := memory.get(f"{path_of(memory_id)}/memory").json()["window"]["reason"]:
            return str(reason)
        time.sleep(0.02)
    raise AssertionError("The fold did not fail.")


def shown(answer: httpx.Response) -> Element:
    """The page of a successful response."""
    assert answer.status_code == HTTPStatus.OK, answer.text
    return parse(answer.text)


def notices(staff: Staff, address: str = "/admin/") -> str:
    """The admin's messages since the last page."""
    return " ".join(one.text for one in parse(staff.get(address).text).all("ul", of="messagelist"))


def readonly(page: Element) -> dict[str, str]:
    """The fields of an opened session, by their label."""
    rows = page.all("div", of="form-row")
    return {row.all("label")[0].text.rstrip(":"): row.all("div", of="readonly")[0].text for row in rows}


@contextmanager
def memory_away(site: Site) -> Iterator[None]:
    """Keep the memory server down during the block, and wait for its restart afterwards."""
    os.kill(site.process.pid, signal.SIGSTOP)
    try:
        old = site.kill_child("memory.1")
        yield
    finally:
        os.kill(site.process.pid, signal.SIGCONT)
    site.wait_for_new("memory.1", old)
    with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False) as client:
        client.get(site.record()["memory"])


# --- permissions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "listed", "opened", "deletion"),
    [
        (None, 302, 302, 302),
        ("nothing", 403, 403, 403),
        ("viewer", 200, 200, 403),
        ("deleter", 403, 403, 200),
        ("both", 200, 200, 200),
    ],
)
def test_permissions_decide_who_may_do_what(
    signed: Callable[[str | None], Staff],
    memory: httpx.Client,
    name: str | None,
    listed: int,
    opened: int,
    deletion: int,
) -> None:
    """Signed-out clients go to the login page; staff may do what Django's permissions allow, by link and by form."""
    say(memory, "guarded", "a secret")
    client = signed(name)
    assert client.get(LIST).status_code == listed
    assert client.get(f"{LIST}guarded/change/").status_code == opened
    assert client.get("/any", params={"id": "guarded"}).status_code == opened
    assert client.get(f"{LIST}guarded/delete/").status_code == deletion
    if deletion != HTTPStatus.OK:
        client.get("/admin/login/")  # for the form's token
        client.submit(f"{LIST}guarded/delete/", post="yes")
        client.submit(LIST, action="delete_selected", _selected_action="guarded", post="yes")
    assert remembered(memory, "guarded")


def test_the_admin_offers_only_what_is_permitted(signed: Callable[[str | None], Staff], memory: httpx.Client) -> None:
    """Without the permission to delete there is no link or action for it; without any, no sessions are shown."""
    say(memory, "offered", "hello")
    page = shown(signed("viewer").get(LIST))
    assert page.rows()
    assert not page.values("_selected_action")
    assert "Delete" not in shown(signed("viewer").get(f"{LIST}offered/change/")).links()
    assert LIST not in shown(signed("nothing").get("/admin/")).links().values()


def test_a_form_without_its_token_is_refused(staff: Staff, memory: httpx.Client) -> None:
    """Another site's page cannot delete with a staff member's cookies."""
    say(memory, "forged", "hello")
    assert staff.post(f"{LIST}forged/delete/", data={"post": "yes"}).status_code == HTTPStatus.FORBIDDEN
    assert remembered(memory, "forged")


def test_a_superuser_may_do_everything(signed: Callable[[str | None], Staff], memory: httpx.Client) -> None:
    """An account created by the README's command finds sessions on the admin's first page, and can open them."""
    say(memory, "any", "hello")
    assert LIST in shown(signed("root").get("/admin/")).links().values()
    assert "hello" in shown(signed("root").get(f"{LIST}any/change/")).text


# --- the list -----------------------------------------------------------------------------------------------


def test_a_namespace_is_listed_newest_first(staff: Staff, memory: httpx.Client) -> None:
    """Each session has its first words, its id, its number of messages, and its times."""
    say(memory, "old", "the older one", namespace="team")
    say(memory, "new", "the newer one", "again", namespace="team")
    page = shown(staff.get(LIST, params={"namespace": "team"}))
    rows = page.rows()
    assert [row[1:4] for row in rows] == [["the newer one", "new", "4"], ["the older one", "old", "2"]]
    assert all(row[4].startswith("20") and row[5].startswith("20") for row in rows)
    assert [one.text for one in page.all("nav", id="changelist-filter")[0].all("li", of="selected")] == ["team"]


def test_the_list_is_paged(staff: Staff, memory: httpx.Client) -> None:
    """Older sessions are on the next page, which has a link back."""
    for number in range(52):
        say(memory, f"paged {number}", f"number {number}", namespace="many")
    first = shown(staff.get(LIST, params={"namespace": "many"}))
    assert [row[1] for row in first.rows()] == [f"number {number}" for number in range(51, 1, -1)]
    second = shown(staff.get(first.links()["Older"]))
    assert [row[1] for row in second.rows()] == ["number 1", "number 0"]
    assert "Older" not in second.links()
    assert shown(staff.get(second.links()["Newer"])).rows() == first.rows()


def test_the_newest_of_all_namespaces_come_first(staff: Staff, memory: httpx.Client) -> None:
    """Without a filter the list shows the most recently used sessions of all namespaces and of none."""
    say(memory, "begun by LangChain", "one")
    say(memory, "elsewhere", "two", namespace="another")
    assert [row[2] for row in shown(staff.get(LIST)).rows()][:2] == ["elsewhere", "begun by LangChain"]
    unnamed = shown(staff.get(shown(staff.get(LIST)).links()["In no namespace"]))
    assert "elsewhere" not in [row[2] for row in unnamed.rows()]


def test_no_namespace_and_an_empty_name_are_different_lists(staff: Staff, memory: httpx.Client) -> None:
    """The empty name is a namespace of its own: both lists are offered, and each has its own sessions."""
    say(memory, "in none", "one")
    say(memory, "in the empty one", "two", namespace="")
    say(memory, "in the blank one", "three", namespace=" ")
    names = {
        "In no namespace": "in none",
        "In the namespace with an empty name": "in the empty one",
        "In the namespace “ ”": "in the blank one",
    }
    choices = shown(staff.get(LIST)).all("nav", id="changelist-filter")[0].links()
    for name, memory_id in names.items():
        page = shown(staff.get(choices[name]))
        assert set(names.values()) & {row[2] for row in page.rows()} == {memory_id}
        assert [one.text for one in page.all("nav", id="changelist-filter")[0].all("li", of="selected")] == [name]
        answer = staff.submit(choices[name], action="delete_selected", _selected_action="nothing")
        assert parse(answer.text).links()["No, take me back"] == choices[name]


def test_with_too_many_namespaces_one_must_be_chosen(staff: Staff, memory: httpx.Client) -> None:
    """With one namespace per visitor, listing them all would take thousands of requests."""
    crowd = MOST_NAMESPACES + 1
    for number in range(crowd):
        say(memory, f"visitor {number}", "hello", namespace=f"crowd {number}")
    page = shown(staff.get(LIST))
    assert "too many" in page.all("form", id="changelist-form")[0].text
    found = shown(staff.get(LIST, params={"find": "crowd 25"})).all("nav", id="changelist-filter")[0].links()
    assert [name for name in found if name.startswith("crowd")] == ["crowd 25", *(f"crowd 25{n}" for n in range(10))]
    assert [row[2] for row in shown(staff.get(found["crowd 257"])).rows()] == ["visitor 257"]
    for number in range(crowd):
        memory.delete(f"{path_of(f'visitor {number}')}/memory")


def test_a_session_is_opened_by_its_id(staff: Staff, memory: httpx.Client) -> None:
    """The memory id shown on the chat's page leads to the session, whatever its namespace."""
    say(memory, "owner.wanted", "hello", namespace="chat.owner")
    answer = staff.get(LIST, params={"id": "owner.wanted"})
    assert readonly(shown(staff.get(answer.headers["Location"])))["Namespace"] == "chat.owner"


# --- one session --------------------------------------------------------------------------------------------


def test_an_opened_session_shows_all_that_is_remembered(staff: Staff, memory: httpx.Client) -> None:
    """Messages oldest first, the running summary, its versions and cost, and the state of window and fold."""
    say(memory, "open", "hi im bob", "i live in Ulm")
    folded = memory.post("/sessions/open/fold").raise_for_status().json()
    page = shown(staff.get(f"{LIST}open/change/"))
    fields = readonly(page)
    assert fields["Running summary"] == "The human is called Bob."
    assert fields["Window"] == "2 of 4 messages"
    assert fields["Folded"].startswith("2 messages, last 20")
    assert fields["Folding"] == "No messages are waiting to be summarised."
    assert fields["Spent on summaries"] == f"{folded['tokens']} tokens"
    said, versions = (page.all("div", id=name)[0].rows() for name in ("said", "versions"))
    assert [row[:3] for row in said] == [
        ["Human", "hi im bob", "the summary"],
        ["AI", "echo of hi im bob", "the summary"],
        ["Human", "i live in Ulm", "the window"],
        ["AI", "echo of i live in Ulm", "the window"],
    ]
    assert [row[:3] for row in versions] == [["1", "The human is called Bob.", str(folded["tokens"])]]


def test_a_fold_that_fails_is_shown_with_its_reason(staff: Staff, memory: httpx.Client, model: ScriptedOpenAI) -> None:
    """The page says that messages are waiting, and why."""
    known, model.default = model.default, lambda _: Reply(status=401, error="This key is wrong.")
    try:
        say(memory, "waiting", "one", "two", "three")
        memory.post("/sessions/waiting/fold")
        reason = wait_for_reason(memory, "waiting")
        assert reason in readonly(shown(staff.get(f"{LIST}waiting/change/")))["Folding"]
    finally:
        model.default = known


def test_a_long_session_is_split_into_pages(staff: Staff, memory: httpx.Client) -> None:
    """The newest messages are shown first; links lead to earlier ones, up to the first."""
    say(memory, "long", *(f"message {number}" for number in range(40)))
    newest = shown(staff.get(f"{LIST}long/change/", params={"namespace": ""})).all("div", id="said")[0]
    assert [row[1] for row in newest.rows()][-2:] == ["message 39", "echo of message 39"]
    earlier = shown(staff.get(newest.links()["Earlier messages"])).all("div", id="said")[0]
    assert [row[1] for row in earlier.rows()][:2] == ["message 0", "echo of message 0"]
    assert len(newest.rows()) + len(earlier.rows()) == 80
    assert "Earlier messages" not in earlier.links()
    assert shown(staff.get(earlier.links()["Newest messages"])).all("div", id="said")[0].rows() == newest.rows()


@pytest.mark.parametrize("before", ["zzz", "1-x", "-1"])
def test_an_invalid_place_leads_to_the_newest_messages(
    site: Site, staff: Staff, memory: httpx.Client, before: str
) -> None:
    """For a mistyped URL there is a message and the session, but no error in the log."""
    say(memory, "misplaced", "hello")
    address, logged = f"{LIST}misplaced/change/", len(site.log.read_text())
    answer = staff.get(address, params={"namespace": "team", "before": before})
    assert answer.headers["Location"] == f"{address}?namespace=team"
    page = shown(staff.get(answer.headers["Location"]))
    assert "This session has no such message." in page.all("ul", of="messagelist")[0].text
    assert "hello" in page.all("div", id="said")[0].text
    assert "ERROR" not in site.log.read_text()[logged:]


def test_messages_are_escaped(staff: Staff, memory: httpx.Client) -> None:
    """Markup in a message is shown as text."""
    say(memory, "markup", "<script>alert('said')</script> & <b>bold</b>")
    page = shown(staff.get(f"{LIST}markup/change/"))
    assert page.all("div", id="said")[0].rows()[0][1] == "<script>alert('said')</script> & <b>bold</b>"
    assert not page.all("b")


@pytest.mark.parametrize("memory_id", ODD_IDS)
def test_any_id_is_listed_opened_and_deleted(staff: Staff, memory: httpx.Client, memory_id: str) -> None:
    """A memory id may have any characters; its links lead to that session only."""
    say(memory, memory_id, f"said in {ODD_IDS.index(memory_id)}", namespace="odd")
    say(memory, "bystander", "untouched", namespace="odd")
    page = shown(staff.get(LIST, params={"namespace": "odd"}))
    session = shown(staff.get(page.links()[f"said in {ODD_IDS.index(memory_id)}"]))
    assert f"said in {ODD_IDS.index(memory_id)}" in session.all("div", id="said")[0].text
    assert not session.all("script", src="")
    confirmation = shown(staff.get(session.links()["Delete"]))
    fields = {name: confirmation.values(name) for name in ("_selected_action", "action", "post")}
    assert staff.submit(LIST + "?namespace=odd", **fields).status_code == HTTPStatus.FOUND
    assert not remembered(memory, memory_id)
    assert remembered(memory, "bystander")


def test_an_unknown_session_is_reported(staff: Staff) -> None:
    """A stale link leads back to the list, with a message."""
    answer = staff.get(f"{LIST}nobody/change/")
    assert answer.headers["Location"] == LIST
    assert "Nothing is remembered about the session “nobody”." in notices(staff)


# --- deletion -----------------------------------------------------------------------------------------------


def content_of(file: Path) -> bytes:
    """The content of ``file``; empty if it was a journal that is gone by now."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def test_a_deletion_is_confirmed_and_logged_by_its_digest_alone(site: Site, staff: Staff, memory: httpx.Client) -> None:
    """Nothing is deleted before the confirmation; afterwards Django's database has only a digest."""
    canary = "a-canary-that-sings-in-no-database"
    say(memory, "doomed", canary)
    assert canary in staff.get(f"{LIST}doomed/change/").text
    staff.get(f"{LIST}doomed/delete/")
    assert remembered(memory, "doomed")
    assert staff.submit(f"{LIST}doomed/delete/", post="yes").headers["Location"] == LIST
    assert not remembered(memory, "doomed")
    assert "The session “doomed” was deleted." in notices(staff)
    with closing(sqlite3.connect(f"file:{site.data}/db.sqlite3?mode=ro", uri=True)) as database:
        digest = digest_of("doomed")
        logged = database.execute(LOGGED, [digest]).fetchall()
    assert logged == [(f"session {digest}", "Opened."), (f"session {digest}", "")]
    assert not [file for file in site.data.glob("db.sqlite3*") if canary.encode() in content_of(file)]


@pytest.mark.parametrize("part", PARTS)
def test_reading_a_part_of_a_session_is_logged_once(site: Site, memory: httpx.Client, staff: Staff, part: str):
    """An address that shows a part does not evade the log; reading on within the hour is part of the same visit."""
    memory_id = f"part{PARTS.index(part)}"
    say(memory, memory_id, "a secret")
    for _ in range(2):
        assert "a secret" in staff.get(part.format(id=memory_id)).text
    with closing(sqlite3.connect(f"file:{site.data}/db.sqlite3?mode=ro", uri=True)) as database:
        digest = digest_of(memory_id)
        assert database.execute(LOGGED, [digest]).fetchall() == [(f"session {digest}", "Opened.")]


def test_several_sessions_are_deleted_at_once(staff: Staff, memory: httpx.Client) -> None:
    """The action deletes the selected sessions, after a confirmation that lists them, and no others."""
    for name in ("first", "second", "third"):
        say(memory, name, "hello", namespace="bulk")
    address = LIST + "?namespace=bulk"
    chosen = ["first", "third"]
    confirmation = shown(staff.submit(address, action="delete_selected", _selected_action=chosen))
    assert [one.text for one in confirmation.all("ul", id="deleted-objects")[0].all("li")] == chosen
    assert remembered(memory, "first")
    answer = staff.submit(address, action="delete_selected", _selected_action=chosen, post="yes")
    assert answer.headers["Location"] == address
    assert [row[2] for row in shown(staff.get(address)).rows()] == ["second"]


def test_an_action_without_sessions_changes_nothing(staff: Staff) -> None:
    """A form without sessions or without an action gets a message."""
    for fields in ({"action": "delete_selected"}, {"action": "", "_selected_action": "first"}):
        assert staff.submit(LIST, **fields).status_code == HTTPStatus.FOUND
        assert "Nothing was changed." in notices(staff)


async def test_an_answer_in_progress_is_stopped_before_its_session_is_deleted(
    site: Site, staff: Staff, memory: httpx.Client, model: ScriptedOpenAI
) -> None:
    """The visitor's socket sees the answer end, and its text is not remembered afterwards."""
    gate = Gate()
    model.enqueue(Reply(["never", " finished"], gate=gate, gate_at=1), when=lambda request: request.stream)  # no fold
    visitor = await visit(site)
    memory_id = f"{visitor.owner}.busy"
    say(memory, memory_id, "hello", namespace=f"chat.{visitor.owner}")
    async with visitor.socket() as socket:
        await socket.send(send_frame("r1", "busy", user_message("and now?")))
        begun = await socket.until("r1", "text-delta")
        address = f"{LIST}{visitor.owner.replace('_', '_5F')}.busy/delete/"
        answer = await asyncio.to_thread(staff.submit, address, post="yes")
        assert answer.status_code == HTTPStatus.FOUND
        ended = await socket.answer("r1", begun)
    gate.release()
    assert ended.kinds[-1] == "abort"
    assert remembered(memory, memory_id) == []


# --- the servers behind it ----------------------------------------------------------------------------------


def test_a_memory_server_that_is_away_is_reported(site: Site, staff: Staff, memory: httpx.Client) -> None:
    """Each page says what is away instead of looking empty, and a deletion can be confirmed again."""
    say(memory, "kept", "hello")
    with memory_away(site):
        answers = [staff.get(LIST), staff.get(f"{LIST}kept/change/"), staff.submit(f"{LIST}kept/delete/", post="yes")]
    for answer in answers:
        assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        assert "The memory server cannot be reached." in parse(answer.text).all("p", of="errornote")[0].text
    assert parse(answers[-1].text).values("_selected_action") == ["kept"]
    assert remembered(memory, "kept")
    assert "hello" in shown(staff.get(f"{LIST}kept/change/")).text


def test_djangos_own_commands_find_no_sessions(site: Site) -> None:
    """Dumping all models works, although sessions have no table."""
    models = {row["model"] for row in json.loads(manage(site, "dumpdata"))}
    assert "auth.user" in models
    assert "chat.session" not in models


def test_the_original_motorhead_is_listed_and_opened(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Sessions are listed by id, shown and deleted, with nothing but the original server's calls."""
    with OriginalMotorhead() as original:
        for namespace in (None, "tour"):
            original.append(f"of {namespace}", [{"role": "Human", "content": f"hello {namespace}"}], namespace)
        site = start_site(tmp_path_factory.mktemp("original"), "--workers", "1", MOTORHEAD_URL=original.url)
        with running(site):
            make_superuser(site, "root")
            with signed_in(site, "root") as root:
                assert [row[1:4] for row in shown(root.get(LIST)).rows()] == [["(no title)", "of None", "-"]]
                found = shown(root.get(LIST, params={"find": "tour"})).links()["tour"]
                opened = shown(root.get(shown(root.get(found)).links()["(no title)"]))
                assert [row[:2] for row in opened.all("div", id="said")[0].rows()] == [["Human", "hello tour"]]
                assert readonly(opened)["Folding"] == "Not reported by this memory server."
                root.submit(opened.links()["Delete"], post="yes")
        assert original.listed == {None: ["of None"], "tour": []}
