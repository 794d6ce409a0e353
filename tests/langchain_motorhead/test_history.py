"""Our own LangChain client, against our server: it replaces LangChain's deprecated memory class."""

from __future__ import annotations

import asyncio
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from operator import itemgetter
from typing import Any

import httpx
import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.prompt_values import PromptValue
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from langchain_core.runnables.history import RunnableWithMessageHistory

from langchain_motorhead import MotorheadChatMessageHistory, MotorheadError, history
from tests.support.kit import contents, idle, wire
from tests.support.servers import PATIENCE, Server, free_port


@pytest.fixture
async def kept(served: Server, memory: httpx.AsyncClient) -> AsyncIterator[MotorheadChatMessageHistory]:
    """The history of a session that does not exist yet."""
    one = MotorheadChatMessageHistory("bob/1", served.url, namespace="lc")
    yield one
    await one.aclose()


async def test_what_is_added_comes_back_in_order(kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient) -> None:
    """Messages come back oldest first and with their types, and the session is listed in its namespace."""
    await kept.aadd_messages([HumanMessage("hi im bob"), AIMessage("Hi Bob")])
    await kept.aadd_messages([])
    found = await kept.aget_messages()
    assert [(type(one), one.content) for one in found] == [(HumanMessage, "hi im bob"), (AIMessage, "Hi Bob")]
    assert (await memory.get("/sessions?namespace=lc")).json() == ["bob/1"]
    await kept.aclear()
    assert await kept.aget_messages() == []


async def test_the_summary_comes_first(kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient) -> None:
    """After a fold, the summary comes before the window as a system message; it can be left out."""
    await kept.aadd_messages([HumanMessage(f"m{n}") for n in range(13)])
    await idle(memory, "bob%2F1")
    found = await kept.aget_messages()
    assert isinstance(found[0], SystemMessage)
    assert found[0].content == "What was said before, in short: Bob told what he likes."
    assert [one.content for one in found[1:]] == [f"m{n}" for n in range(7, 13)]
    bare = MotorheadChatMessageHistory("bob/1", str(memory.base_url), context_as=None)
    assert len(await bare.aget_messages()) == 6
    await bare.aclose()


async def test_the_sync_calls_do_the_same(kept: MotorheadChatMessageHistory) -> None:
    """The sync methods of the base class work, too."""

    def talk() -> list[str]:
        kept.add_user_message("hi")
        kept.add_ai_message("hello")
        found = [str(one.content) for one in kept.messages]
        kept.clear()
        return found + [str(one.content) for one in kept.messages]

    assert await asyncio.to_thread(talk) == ["hi", "hello"]


@pytest.mark.filterwarnings("ignore:.*RunnableWithMessageHistory:DeprecationWarning")
async def test_a_chain_with_history_remembers(kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient) -> None:
    """RunnableWithMessageHistory loads the history before the model and appends the pair after it."""
    model = GenericFakeChatModel(messages=iter([AIMessage("Hi Bob"), AIMessage("Bob")]))
    prompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("history"), ("human", "{input}")])
    chain = RunnableWithMessageHistory(
        prompt | model, lambda session_id: kept, input_messages_key="input", history_messages_key="history"
    )
    for text in ("hi im bob", "whats my name?"):
        await chain.ainvoke({"input": text}, {"configurable": {"session_id": "bob/1"}})
    answer = (await memory.get("/sessions/bob%2F1/memory")).json()
    assert contents(answer) == ["hi im bob", "Hi Bob", "whats my name?", "Bob"]


def form_of_chain(form: str, model: Runnable[Any, Any]) -> tuple[Runnable[Any, Any], dict[str, Any], Any]:
    """A chain of this form for RunnableWithMessageHistory to wrap, its keys, and an input."""
    if form == "list":
        return model, {}, [HumanMessage("q")]
    if form == "one key":
        return RunnableLambda(itemgetter("input")) | model, {"input_messages_key": "input"}, {"input": "q"}
    prompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("history"), ("human", "{input}")])
    keys = {"input_messages_key": "input", "history_messages_key": "history"}
    return prompt | model, keys, {"input": "q"}


@pytest.mark.filterwarnings("ignore:.*RunnableWithMessageHistory:DeprecationWarning")
@pytest.mark.parametrize("form", ["list", "one key", "two keys"])
@pytest.mark.parametrize(("before", "others"), [(10, 3), (2, 2)], ids=["fold", "other writer"])
@pytest.mark.parametrize("way", ["async", "sync"])
async def test_a_turn_is_saved_once_whatever_happens_meanwhile(
    kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient, form: str, before: int, others: int, way: str
) -> None:
    """Even if the history shrinks or grows meanwhile, only the question and its answer are appended."""
    loop = asyncio.get_running_loop()
    early, late = [f"m{n}" for n in range(before)], [f"o{n}" for n in range(others)]
    await kept.aadd_messages([HumanMessage(text) for text in early])

    async def others_write() -> None:
        (await memory.post("/sessions/bob%2F1/memory", json=wire(*late))).raise_for_status()
        await idle(memory, "bob%2F1")

    def answers() -> Iterator[AIMessage]:
        asyncio.run_coroutine_threadsafe(others_write(), loop).result(10 * PATIENCE)
        yield AIMessage("a")

    runnable, keys, given = form_of_chain(form, GenericFakeChatModel(messages=answers()))
    chain = RunnableWithMessageHistory(runnable, lambda session_id: kept, **keys)
    config: RunnableConfig = {"configurable": {"session_id": "bob/1"}}
    await (chain.ainvoke(given, config) if way == "async" else asyncio.to_thread(chain.invoke, given, config))
    everything = (await memory.get("/sessions/bob%2F1/messages?limit=200")).json()
    assert contents(everything) == [*early, *late, "q", "a"]
    kinds = [type(one) for one in await kept.aget_messages()]
    assert (SystemMessage in kinds, kinds[-2:]) == (before == 10, [HumanMessage, AIMessage])


@pytest.mark.filterwarnings("ignore:.*RunnableWithMessageHistory:DeprecationWarning")
@pytest.mark.parametrize("form", ["list", "one key", "two keys"])
@pytest.mark.parametrize("source", ["read", "seen by the model", "read, and deleted since"])
@pytest.mark.parametrize("way", ["async", "sync"])
async def test_a_message_that_was_read_may_be_asked_again(
    kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient, form: str, source: str, way: str
) -> None:
    """A question taken from the history or from the model's input counts as new when it is asked again."""
    seen: list[BaseMessage] = []

    def answer(given: Any) -> AIMessage:
        seen[:] = given.to_messages() if isinstance(given, PromptValue) else given
        return AIMessage("a")

    runnable, keys, _ = form_of_chain(form, RunnableLambda(answer))
    if form == "two keys":
        runnable = ChatPromptTemplate.from_messages(
            [MessagesPlaceholder("history"), MessagesPlaceholder("input")]
        ) | RunnableLambda(answer)
    chain = RunnableWithMessageHistory(runnable, lambda session_id: kept, **keys)
    config: RunnableConfig = {"configurable": {"session_id": "bob/1"}}

    async def ask(question: BaseMessage) -> None:
        given = [question] if form == "list" else {"input": [question]}
        await (chain.ainvoke(given, config) if way == "async" else asyncio.to_thread(chain.invoke, given, config))

    await kept.aadd_messages([HumanMessage("q")])
    await ask(HumanMessage("r"))
    read = seen if source == "seen by the model" else await kept.aget_messages()
    again = next(one for one in read if one.content == "q")
    said = ["q", "r", "a"]
    if source == "read, and deleted since":
        await kept.aclear()
        said = []
    await ask(again)
    everything = (await memory.get("/sessions/bob%2F1/messages")).json()
    assert contents(everything) == [*said, "q", "a"]


async def test_an_agents_turn_comes_back_as_what_was_said(kept: MotorheadChatMessageHistory) -> None:
    """Tool calls and their results are left out together, and a picture leaves its place."""
    picture: dict[str, Any] = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
    call = AIMessage("", tool_calls=[{"name": "weather", "args": {}, "id": "1"}])
    await kept.aadd_messages([call, ToolMessage("sunny", tool_call_id="1")])
    assert await kept.aget_messages() == []
    question = HumanMessage([{"type": "text", "text": "How is the weather there?"}, picture])
    await kept.aadd_messages([question, call, ToolMessage("sunny", tool_call_id="1"), AIMessage("Sunny.")])
    found = [(type(one), one.content) for one in await kept.aget_messages()]
    assert found == [(HumanMessage, "How is the weather there?\n[image]"), (AIMessage, "Sunny.")]


@pytest.mark.filterwarnings("ignore:.*RunnableWithMessageHistory:DeprecationWarning")
async def test_an_agent_in_a_chain_remembers_what_was_said(
    kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient
) -> None:
    """Of an agent's messages, the question and the answer are appended; a tool that looks sees the whole history."""
    seen: list[Any] = []

    def steps(_: Any) -> list[BaseMessage]:
        seen.extend(one.content for one in kept.messages)
        call = AIMessage("", tool_calls=[{"name": "weather", "args": {}, "id": "1"}])
        return [call, ToolMessage("sunny", tool_call_id="1"), AIMessage("Sunny.")]

    await kept.aadd_messages([HumanMessage("hi"), AIMessage("hello")])
    chain = RunnableWithMessageHistory(RunnableLambda(steps), lambda session_id: kept)
    given, config = [HumanMessage("How is the weather?")], RunnableConfig(configurable={"session_id": "bob/1"})
    await asyncio.to_thread(chain.invoke, given, config)
    assert seen == ["hi", "hello"]
    answer = (await memory.get("/sessions/bob%2F1/memory")).json()
    assert contents(answer) == ["hi", "hello", "How is the weather?", "Sunny."]


@pytest.mark.filterwarnings("ignore:.*RunnableWithMessageHistory:DeprecationWarning")
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_the_state_of_an_agents_graph_is_appended_once(
    kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient, *, asynchronous: bool
) -> None:
    """It is the read, the question and the answer, with ids that the graph has given them."""

    def graph(given: dict[str, list[BaseMessage]]) -> dict[str, list[BaseMessage]]:
        state = [*given["messages"], AIMessage("Sunny.")]
        for one in state:
            one.id = one.id or str(uuid.uuid4())
        return {"messages": state}

    agent = RunnableWithMessageHistory(
        RunnableLambda(graph), lambda session_id: kept, input_messages_key="messages", output_messages_key="messages"
    )
    config = RunnableConfig(configurable={"session_id": "bob/1"})
    for question in ("How is the weather?", "And tomorrow?"):
        given = {"messages": [HumanMessage(question)]}
        await (agent.ainvoke(given, config) if asynchronous else asyncio.to_thread(agent.invoke, given, config))
    answer = (await memory.get("/sessions/bob%2F1/memory")).json()
    assert contents(answer) == ["How is the weather?", "Sunny.", "And tomorrow?", "Sunny."]


@pytest.mark.filterwarnings("ignore::langchain_core._api.deprecation.LangChainDeprecationWarning")
@pytest.mark.parametrize("form", ["ConversationChain", "LLMChain"])
async def test_a_classic_chain_remembers(
    kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient, form: str
) -> None:
    """Its memory may keep its messages in this history, synchronously or not."""
    with warnings.catch_warnings(action="ignore"):
        from langchain_classic.chains import ConversationChain, LLMChain
        from langchain_classic.memory import ConversationBufferMemory

    model = GenericFakeChatModel(messages=iter([AIMessage("Hi Bob"), AIMessage("Bob")]))
    chain: Any
    if form == "LLMChain":
        prompt = ChatPromptTemplate.from_messages([MessagesPlaceholder("history"), ("human", "{input}")])
        chain = LLMChain(
            llm=model, prompt=prompt, memory=ConversationBufferMemory(chat_memory=kept, return_messages=True)
        )
    else:
        chain = ConversationChain(llm=model, memory=ConversationBufferMemory(chat_memory=kept))
    await asyncio.to_thread(chain.invoke, {"input": "hi im bob"})
    await chain.ainvoke({"input": "whats my name?"})
    answer = (await memory.get("/sessions/bob%2F1/memory")).json()
    assert contents(answer) == ["hi im bob", "Hi Bob", "whats my name?", "Bob"]


async def test_a_history_that_is_forgotten_leaves_no_connection() -> None:
    """A connection is closed after its answer, so a history made for one call has nothing to close."""
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"messages": []}'
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
        writer.write(head + body)
        assert await reader.read() == b""
        closed.set()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        history = MotorheadChatMessageHistory("bob", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        assert await history.aget_messages() == []
        await asyncio.wait_for(closed.wait(), 2 * PATIENCE)


@pytest.mark.filterwarnings("ignore:.*RunnableWithMessageHistory:DeprecationWarning")
@pytest.mark.parametrize("way", ["async", "sync"])
async def test_a_streamed_reply_is_the_models(
    way: str, kept: MotorheadChatMessageHistory, memory: httpx.AsyncClient
) -> None:
    """When a chain is streamed, LangChain passes chunks to the history; they are stored like whole messages."""
    model = GenericFakeChatModel(messages=iter([AIMessage("Hi dear Bob")]))
    chain = RunnableWithMessageHistory(model, lambda session_id: kept)
    config: RunnableConfig = {"configurable": {"session_id": "bob"}}
    if way == "async":
        pieces = [piece.content async for piece in chain.astream([HumanMessage("hi")], config)]
    else:
        pieces = await asyncio.to_thread(
            lambda: [piece.content for piece in chain.stream([HumanMessage("hi")], config)]
        )
    assert len(pieces) > 1
    stored = (await memory.get("/sessions/bob%2F1/memory")).json()["messages"]
    assert [(one["role"], one["content"]) for one in stored] == [("AI", "Hi dear Bob"), ("Human", "hi")]
    assert [type(one) for one in await kept.aget_messages()] == [HumanMessage, AIMessage]


@pytest.mark.parametrize("session_id", [".", "..", "a/../b", "%2E"])
async def test_any_text_names_a_session(session_id: str, served: Server, redis_url: str) -> None:
    """Even texts that would change a path do."""
    one = MotorheadChatMessageHistory(session_id, served.url)
    await one.aadd_messages([HumanMessage(session_id)])
    assert [message.content for message in await one.aget_messages()] == [session_id]
    await one.aclose()


async def test_messages_that_were_read_can_be_added_again(kept: MotorheadChatMessageHistory) -> None:
    """Outside a chain nothing is left out: a history can be trimmed by clearing it and adding its last messages."""
    await kept.aadd_messages([HumanMessage("a"), AIMessage("b"), HumanMessage("c")])
    found = await kept.aget_messages()
    await kept.aclear()
    await kept.aadd_messages(found[1:])
    assert [one.content for one in await kept.aget_messages()] == ["b", "c"]


async def test_a_lost_answer_is_asked_for_again_and_written_once(
    served: Server, memory: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the connection breaks after the server has written, the retry under the same key adds nothing."""
    monkeypatch.setattr(history, "PAUSES", (0.0, 0.0))
    sent = []

    class Losing(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            response = await super().handle_async_request(request)
            sent.append(request.headers["idempotency-key"])
            if len(sent) == 1:
                await response.aread()
                raise httpx.ReadError("Lost.")
            return response

    kept = MotorheadChatMessageHistory("bob", served.url, transport=Losing())
    await kept.aadd_messages([HumanMessage("once")])
    await kept.aclose()
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert contents((await memory.get("/sessions/bob/memory")).json()) == ["once"]


async def test_failures_are_sentences(monkeypatch: pytest.MonkeyPatch, memory: httpx.AsyncClient) -> None:
    """An unreachable server and a refused request each raise a MotorheadError that says why."""
    monkeypatch.setattr(history, "PAUSES", (0.0, 0.0))
    nobody = MotorheadChatMessageHistory("bob", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(MotorheadError, match="cannot be reached"):
        await nobody.aget_messages()
    with pytest.raises(MotorheadError, match="cannot be reached"):
        await asyncio.to_thread(nobody.clear)
    await nobody.aclose()
    too_long = MotorheadChatMessageHistory("x" * 2000, str(memory.base_url))
    with pytest.raises(MotorheadError, match="400: A session id has at most"):
        await too_long.aget_messages()
    await too_long.aclose()


async def test_a_session_of_the_classic_client_is_read(memory: httpx.AsyncClient, served: Server) -> None:
    """Messages written by another Motörhead client are read, whatever it calls its roles."""
    await memory.post("/sessions/old/memory", json=wire("hi") | {"context": "NONE"})
    await memory.post("/sessions/old/memory", json={"messages": [{"role": "user", "content": "from JS"}]})
    kept = MotorheadChatMessageHistory("old", served.url)
    assert [type(one) for one in await kept.aget_messages()] == [HumanMessage, HumanMessage]
    await kept.aclose()
