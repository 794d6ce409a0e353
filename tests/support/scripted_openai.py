"""An OpenAI-compatible server whose answers a test prepares in advance, and which records its requests.

    with ScriptedOpenAI() as model:
        model.enqueue("Hello, Bob.", Reply(status=503), Reply(["slow", "ly"], pace=0.1))
        ...                                     # point a client at model.url
        assert model.requests[0].text == "hi im bob"

It runs in a thread with its own event loop, so it also answers child processes, even while the test's loop is
blocked. A `Gate` holds an answer until a certain moment, so no test needs to sleep.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self, TypeVar

import msgspec
import uvicorn

from tests.support import scripted_wire as wire
from tests.support.scripted_replies import Gate, Reply, Request
from tests.support.servers import PATIENCE

__all__ = ["Gate", "Reply", "Request", "ScriptedOpenAI", "echo", "is_completion"]

Part = TypeVar("Part", str, bytes)
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def is_completion(request: Request) -> bool:
    """Whether ``request`` asks for text, rather than embeddings or the list of models."""
    return request.path.endswith("/completions")


def echo(request: Request) -> Reply:
    """The default answer when the queue is empty."""
    return Reply(f"You said: {request.text}")


class _Server(uvicorn.Server):
    """A uvicorn that stops at once, not at its next tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def main_loop(self) -> None:
        self.loop, self.asked_to_stop = asyncio.get_running_loop(), asyncio.Event()
        self.listening.set()
        await self.asked_to_stop.wait()


class ScriptedOpenAI:
    """The server. ``url`` ends in ``/v1``; ``requests`` and ``disconnects`` list the requests so far, in order.

    ``default`` makes the answer to a request when the queue has none; it may be set at any time.
    """

    def __init__(self, default: Callable[[Request], Reply | str] = echo) -> None:
        self.default = default
        self.requests: list[Request] = []
        self.disconnects: list[Request] = []
        self._queue: list[tuple[Callable[[Request], bool], Reply]] = []
        self._news = threading.Condition()
        self._answers: set[asyncio.Task[None]] = set()
        self._gates: list[Gate] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        config = uvicorn.Config(
            self._application, log_config=None, log_level="critical", access_log=False,
            interface="asgi3", loop="asyncio", lifespan="off", ws="none",
        )  # fmt: skip
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="scripted-openai", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._server.listening.wait(10 * PATIENCE):
            raise AssertionError("The scripted model did not start.")
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def enqueue(self, *replies: Reply | str, when: Callable[[Request], bool] = is_completion) -> None:
        """Answer the next requests for which ``when`` holds with ``replies``, each once, in this order."""
        with self._news:
            self._queue += [(when, Reply(reply) if isinstance(reply, str) else reply) for reply in replies]

    def forget(self) -> None:
        """Drop all queued replies and recorded requests, and open the gates of answers in progress."""
        with self._news:
            self._queue.clear()
            for gate in self._gates:
                gate.release()
            self._gates.clear()
            self.requests.clear()
            self.disconnects.clear()

    @property
    def pending(self) -> int:
        """The number of queued replies that have not been used."""
        return len(self._queue)

    def wait_for_request_sync(self, count: int = 1, seconds: float = 10) -> Request:
        """Block until ``count`` requests have come, and return the last. In async code use `wait_for_request`."""
        return self._wait_for(self.requests, count, seconds, "requests")

    async def wait_for_request(self, count: int = 1, seconds: float = 10) -> Request:
        """Wait for the ``count``-th request, and return it."""
        return await asyncio.to_thread(self.wait_for_request_sync, count, seconds)

    def wait_for_disconnect_sync(self, count: int = 1, seconds: float = 10) -> Request:
        """Block until ``count`` clients have left before the end of an answer, and return the last one's request."""
        return self._wait_for(self.disconnects, count, seconds, "disconnects")

    async def wait_for_disconnect(self, count: int = 1, seconds: float = 10) -> Request:
        """Wait until ``count`` clients have left before the end of an answer, and return the last one's request."""
        return await asyncio.to_thread(self.wait_for_disconnect_sync, count, seconds)

    def stop(self) -> None:
        """Cut off every answer in progress and stop listening; a second call does nothing."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # the loop ended between the two lines
                self._server.loop.call_soon_threadsafe(self._end)
            self._thread.join()

    def _end(self) -> None:
        for answer in self._answers:
            answer.cancel()
        self._server.asked_to_stop.set()

    def _wait_for(self, seen: list[Request], count: int, seconds: float, what: str) -> Request:
        with self._news:
            if not self._news.wait_for(lambda: len(seen) >= count, seconds * PATIENCE):
                raise AssertionError(f"{len(seen)} of {count} {what} came within {seconds * PATIENCE:g} s.")
            return seen[count - 1]

    def _note(self, seen: list[Request], request: Request) -> None:
        with self._news:
            seen.append(request)
            self._news.notify_all()

    def _reply_to(self, request: Request) -> Reply | None:
        with self._news:
            reply = self._queued(request) or self._made(request)
            if reply is not None and reply.gate is not None:
                self._gates.append(reply.gate)
        return reply

    def _queued(self, request: Request) -> Reply | None:
        for position, (when, reply) in enumerate(self._queue):
            if when(request):
                del self._queue[position]
                return reply
        return None

    def _made(self, request: Request) -> Reply | None:
        if not is_completion(request):
            return None
        reply_or_text = self.default(request)
        return Reply(reply_or_text) if isinstance(reply_or_text, str) else reply_or_text

    async def _application(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        request = await _read(scope, receive)
        answer = asyncio.create_task(self._answer(request, send))
        leaving = asyncio.create_task(_left(receive))
        self._answers.add(answer)
        self._note(self.requests, request)
        await asyncio.wait({answer, leaving}, return_when=asyncio.FIRST_COMPLETED)
        self._answers.discard(answer)
        if not answer.done():
            self._note(self.disconnects, request)
        for task in (answer, leaving):
            task.cancel()
        await asyncio.wait({answer, leaving})
        if not answer.cancelled():
            answer.result()

    async def _answer(self, request: Request, send: Send) -> None:
        reply = self._reply_to(request)
        if reply is None:
            await _send_json(send, 200, wire.other_answer(request.path, request.body))
        elif reply.raw is not None:
            await _send_raw(send, reply, reply.raw)
        elif reply.status >= 400:
            await _send_failure(send, reply)
        elif request.stream:
            await _send_stream(send, request, reply)
        else:
            await _send_plain(send, request, reply)


async def _read(scope: dict[str, Any], receive: Receive) -> Request:
    """The complete request."""
    body, more = b"", True
    while more:
        event = await receive()
        body += event.get("body", b"")
        more = event.get("more_body", False)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    parsed = msgspec.json.decode(body) if body else {}
    return Request(scope["method"], scope["path"], headers, parsed, scope["query_string"].decode())


async def _left(receive: Receive) -> None:
    """Return once the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_json(send: Send, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
    await send(wire.start(status, "application/json", headers or {}))
    await send({"type": "http.response.body", "body": msgspec.json.encode(body)})


async def _send_failure(send: Send, reply: Reply) -> None:
    if reply.raw is not None:
        await _send_raw(send, reply, reply.raw)
        return
    await _hold(reply)
    message = reply.error or f"The test set status {reply.status}."
    await _send_json(send, reply.status, wire.error(message, reply.status), reply.headers)


async def _send_plain(send: Send, request: Request, reply: Reply) -> None:
    await _hold(reply)
    if reply.cut_after is not None:  # the body ends before its announced length
        await send(wire.start(200, "application/json", {**reply.headers, "content-length": "1000"}))
        await send({"type": "http.response.body", "body": b'{"id":', "more_body": True})
        return
    body = wire.plain(request.path, request.body, "".join(reply.chunks), reply.finish_reason, reply.usage)
    await _send_json(send, 200, body, reply.headers)


async def _send_raw(send: Send, reply: Reply, parts: Sequence[bytes]) -> None:
    await send(wire.start(reply.status, reply.content_type, reply.headers))
    async for part in _paced(reply, parts):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_stream(send: Send, request: Request, reply: Reply) -> None:
    await send(wire.start(200, "text/event-stream", reply.headers))
    async for chunk in _paced(reply, reply.chunks):
        await send(wire.event(wire.chunk(request.path, request.body, chunk)))
    if reply.cut_after is not None:
        return  # the answer is incomplete, so uvicorn closes the connection
    if reply.error is not None:
        await send(wire.event(wire.error(reply.error, 500)))
    else:
        for last in wire.ending(request.path, request.body, reply.chunks, reply.finish_reason, reply.usage):
            await send(wire.event(last))
    await send({"type": "http.response.body", "body": b"data: [DONE]\n\n"})


async def _hold(reply: Reply) -> None:
    await asyncio.sleep(reply.delay)
    if reply.gate is not None:
        await reply.gate.passed()


async def _paced(reply: Reply, parts: Sequence[Part]) -> AsyncIterator[Part]:
    """The ``parts`` of ``reply``, each at its time, up to the cut."""
    sent = parts[: reply.cut_after]
    for position in range(len(sent) + 1):
        await asyncio.sleep(reply.pace if position else reply.delay)
        if reply.gate is not None and position == reply.gate_at:
            await reply.gate.passed()
        if position < len(sent):
            yield sent[position]
