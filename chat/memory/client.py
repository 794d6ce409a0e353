"""The Motörhead client of `chat`, over httpx.

It works with our own memory server, the original and the hosted one. Reads are retried briefly, appends for as long
as `patience` allows. The turn's id is an append's idempotency key; on a server without such keys (the original) the
newest messages are read back before an append is repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import httpx

from chat.domain.details import DetailChanges, MatchPage, SessionListing, SummaryVersions
from chat.domain.exceptions import FoldFailed, MemoryBusy, MemoryRefused, MemoryUnreachable, NotSupported, SessionExists
from chat.domain.messages import Memory, Message, MessagePage
from chat.domain.session_ids import Session
from chat.memory import wire
from chat.memory.requests import READ_PAUSES, Requests, attempts, decoded, in_namespace, path_of, unheard

#: Seconds for a fold, or a fork of a long session.
LONG = 60
#: A session that nobody has, read to see whether the original can be read.
NOBODYS = "readiness"


class MemoryClient:
    """A client with a connection pool, one for each process. It belongs to the loop that first uses it.

    ``timeout`` limits a request, ``patience`` all attempts at one append (both in seconds). ``window_size`` is shown to
    users if the server does not report its own. Every method raises `MemoryServerError`. Cancelling a read is
    harmless; a cancelled append may have been made, and repeating it with the same turn id is safe.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float = 5,
        patience: float = 15,
        window_size: int = 12,
        token: str = "",
        api_key: str = "",
        client_id: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        disk_is_full: Callable[[], bool] = lambda: False,
        on_answer: Callable[[str, float, str], None] = unheard,
    ) -> None:
        self.patience = patience
        self.window_size = window_size
        self._requests = Requests(
            url,
            timeout=timeout,
            token=token,
            api_key=api_key,
            client_id=client_id,
            transport=transport,
            disk_is_full=disk_is_full,
            on_answer=on_answer,
        )

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._requests.aclose()

    # --- what a turn calls ----------------------------------------------------------------------------------------

    async def check(self) -> None:
        """Return if the server serves sessions, whichever they are, and takes the token."""
        if not await self._requests.ready():
            await self.get_memory(NOBODYS)

    async def get_memory(self, memory_id: str) -> Memory:
        """The session's window and summary. An unknown session is an empty one."""
        return self._memory(await self._requests.read(f"{path_of(memory_id)}/memory"))

    async def get_changed_memory(self, memory_id: str, etag: str | None) -> Memory | None:
        """The same, or None if nothing has changed since the memory with this ``etag``."""
        headers = {"If-None-Match": etag} if etag else {}
        response = await self._requests.read(f"{path_of(memory_id)}/memory", headers=headers)
        return None if response.status_code == httpx.codes.NOT_MODIFIED else self._memory(response)

    async def append_messages(
        self,
        session: Session,
        messages: Sequence[Message],
        *,
        turn_id: str,
        epoch: str | None = None,
        again: bool = False,
        replace_after: str | None = None,
    ) -> None:
        """Append all of ``messages``, once for each ``turn_id`` however often it is called.

        ``replace_after``: withdraw the messages behind the one with this id ("0": all) in the same step. ``again``: the
        append may have been made before. Raises `TurnConflict`: the turn id belongs to other messages; `SessionGone`:
        the session with this ``epoch`` was deleted. With ``replace_after``, `NotSupported`, `MessageFolded` and
        `UnknownMessage`.
        """
        if replace_after is not None and epoch is None:  # the original would append without withdrawing
            raise NotSupported
        body = wire.encode_messages(list(messages), replace_after)
        headers = {"Content-Type": "application/json", "Idempotency-Key": turn_id}
        if epoch:
            headers["Session-Epoch"] = epoch
        await self._append(session, messages, body, headers, again=again)

    async def begin_session(
        self, session: Session, messages: Sequence[Message], context: str, *, covered: int, turn_id: str
    ) -> None:
        """Begin a session with ``messages`` and a summary of the first ``covered`` of them, once for each ``turn_id``.

        Raises `SessionExists`; `TurnConflict`: the turn id belongs to other messages; `NotSupported`: the original
        would have the covered messages in its window, too.
        """
        known = await self.get_memory(session.memory_id)
        if not known.can_change and covered:
            raise NotSupported
        if not known.can_change and not known.is_empty:
            raise SessionExists
        body = wire.encode_beginning(messages, context, covered if known.can_change else None)
        headers = {"Content-Type": "application/json", "Idempotency-Key": turn_id}
        await self._append(session, messages, body, headers)

    async def recall(self, memory_id: str, text: str) -> list[Message]:
        """Up to 10 messages of the session that are close to ``text`` in meaning, closest first.

        Raises `MemoryRefused`: the server has no long-term memory.
        """
        response = await self._requests.send("POST", f"{path_of(memory_id)}/retrieval", json={"text": text})
        return [Message(found.role, found.content) for found in decoded(response, list[wire.WireRecalled])]

    # --- reading --------------------------------------------------------------------------------------------------

    async def list_sessions(
        self, namespace: str | None = None, *, page: int = 1, size: int = 50
    ) -> list[SessionListing]:
        """A page of the sessions in ``namespace`` (None: those without one). The original lists ids, oldest first."""
        params: dict[str, Any] = {"page": page, "size": size, "details": "true", "order": "newest"}
        params |= {"namespace": namespace} if namespace is not None else {}
        response = await self._requests.read("/sessions", params=params)
        listed = decoded(response, list[wire.WireSession | str])
        return [SessionListing(item) if isinstance(item, str) else item.listing() for item in listed]

    async def list_namespaces(self) -> list[str]:
        """The namespaces that hold sessions."""
        return decoded(await self._requests.read("/namespaces"), list[str])

    async def list_messages(self, memory_id: str, *, before: str | None = None, limit: int = 50) -> MessagePage:
        """Up to ``limit`` (at most 200) of all messages, before the message ``before`` (None: the newest)."""
        params = {"limit": str(limit)} | ({"before": before} if before else {})
        response = await self._requests.read(f"{path_of(memory_id)}/messages", params=params)
        return decoded(response, wire.WireMessages).page()

    async def list_summaries(self, memory_id: str, *, limit: int = 50) -> SummaryVersions:
        """The newest ``limit`` versions of the summary, newest first, and what all summaries have cost."""
        response = await self._requests.read(f"{path_of(memory_id)}/summaries", params={"limit": str(limit)})
        return decoded(response, wire.WireSummaries).versions()

    async def get_details(self, memory_id: str) -> SessionListing | None:
        """The session as it is in lists; None for an unknown one, and if the server has no such call."""
        try:
            response = await self._requests.read(path_of(memory_id))
        except MemoryRefused as error:
            if error.status == httpx.codes.NOT_FOUND:
                return None
            raise
        return decoded(response, wire.WireSession).listing()

    async def search(
        self, namespace: str | None, words: str, *, cursor: str | None = None, limit: int = 20
    ) -> MatchPage:
        """Where all ``words`` are in a message, a summary or a title of the namespace, newest session first.

        A call takes a fraction of a second and may find nothing yet: ``cursor`` continues it.
        """
        params = {"q": words, "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        params |= {"namespace": namespace} if namespace is not None else {}
        return decoded(await self._requests.read("/search", params=params), wire.WireMatches).page()

    # --- changing -------------------------------------------------------------------------------------------------

    async def delete_memory(self, session: Session) -> None:
        """Delete everything of the session. Deleting an unknown one is not an error."""
        for pause in (*READ_PAUSES, None):
            try:
                await self._requests.send(
                    "DELETE", f"{path_of(session.memory_id)}/memory", params=in_namespace(session)
                )
            except MemoryUnreachable:
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            else:
                return

    async def change_details(self, memory_id: str, changes: DetailChanges) -> SessionListing:
        """Change the session's title, pin, labels or instructions, and return it as it is in lists.

        Raises `MemoryRefused` with status 404: there is no such session, or the server has no such call.
        """
        response = await self._requests.send("PATCH", path_of(memory_id), json=wire.details_of(changes))
        return decoded(response, wire.WireSession).listing()

    async def edit_summary(self, session: Session, context: str, *, summary_tag: str | None) -> None:
        """Replace the summary with ``context``, if it is still the one with this ``summary_tag``.

        Raises `SummaryChanged`: it is not. Raises `NotSupported`: it has no tag, as on the original.
        """
        if summary_tag is None:
            raise NotSupported
        await self._requests.send(
            "POST",
            f"{path_of(session.memory_id)}/memory",
            params=in_namespace(session),
            json={"messages": [], "context": context},
            headers={"If-Match": summary_tag},
        )

    async def restore_summary(self, memory_id: str, version: int) -> Memory:
        """Make an earlier version the summary again, and return the memory after it.

        Messages that the version does not cover are in the window again. Raises `MessagesRemoved`: retention has
        removed one of them; `MemoryBusy`: others keep changing the session.
        """
        return self._memory(
            await self._requests.send("POST", f"{path_of(memory_id)}/summaries/{version}/restore", timeout=LONG)
        )

    async def fold(self, memory_id: str, *, through: str | None = None) -> Memory:
        """Fold now, and return the memory after it: the older half of the window, or up to the message ``through``.

        Raises `FoldFailed`: the model has not written the summary; `MemoryBusy`: another fold is in progress;
        `UnknownMessage`.
        """
        body = {"through": through} if through else None
        response = await self._fold(f"{path_of(memory_id)}/fold", body)
        return self._memory(response)

    async def fork(self, session: Session, through: str, to: Session) -> Memory:
        """Begin the session ``to`` with the summary and the messages of ``session`` up to ``through``.

        The same fork again changes nothing. Returns its memory. Raises `SessionExists`: ``to`` is another session
        already; `MessagesRemoved`: retention has removed messages that it needs; `UnknownMessage`.
        """
        body = {"through": through, "to": to.memory_id} | in_namespace(to)
        response = await self._requests.send("POST", f"{path_of(session.memory_id)}/fork", json=body, timeout=LONG)
        return self._memory(response)

    # --- inner ----------------------------------------------------------------------------------------------------

    async def _fold(self, path: str, body: dict[str, str] | None) -> httpx.Response:
        try:
            return await self._requests.send("POST", path, json=body, timeout=LONG)
        except MemoryUnreachable as error:
            if error.answer:
                raise FoldFailed(answer=error.answer) from None
            raise

    async def _append(
        self,
        session: Session,
        messages: Sequence[Message],
        body: bytes,
        headers: Mapping[str, str],
        *,
        again: bool = False,
    ) -> None:
        path, params = f"{path_of(session.memory_id)}/memory", in_namespace(session)
        async with aclosing(attempts(self.patience)) as tries:
            async for last in tries:
                try:
                    if again and await self._was_appended(session, messages):
                        return
                    await self._requests.send("POST", path, params=params, content=body, headers=headers)
                except (MemoryUnreachable, MemoryBusy):
                    if last:
                        raise
                    again = True
                else:
                    return

    async def _was_appended(self, session: Session, messages: Sequence[Message]) -> bool:
        """Whether a lost append had reached the original. Always False for our own server, which knows the turn's id.

        Raises `MemoryUnreachable`: the memory could not be read back.
        """
        memory = self._memory(await self._requests.send("GET", f"{path_of(session.memory_id)}/memory"))
        if memory.etag is not None:
            return False
        newest = memory.messages[-len(messages) :]
        return [(m.role, m.content) for m in newest] == [(m.role, m.content) for m in messages]

    def _memory(self, response: httpx.Response) -> Memory:
        return decoded(response, wire.WireMemory).memory(response.headers, self.window_size)
