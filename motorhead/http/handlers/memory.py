"""The calls that read, extend and delete a session's memory."""

from __future__ import annotations

import msgspec

from motorhead.config import FoldSettings, Limits
from motorhead.exceptions import BadRequest, TooLarge
from motorhead.http.answers import Answers, matches
from motorhead.http.parameters import EPOCH, KEY, KNOWN, NAMESPACE, SESSION, SUMMARY_TAG
from motorhead.http.requests import OK, Request, Response, size_of
from motorhead.messages import PostMemory
from motorhead.sessions.append import Append
from motorhead.sessions.deletion import Deletion
from motorhead.store.store import Store

_post_memory = msgspec.json.Decoder(PostMemory)


class MemoryCalls:
    """Reads, extends and deletes the memory of a session."""

    def __init__(
        self, store: Store, append: Append, deletion: Deletion, answers: Answers, fold: FoldSettings, limits: Limits
    ) -> None:
        self._store = store
        self._append = append
        self._deletion = deletion
        self._answers = answers
        #: Messages to read at once: a full window, and those of a turn whose fold is under way.
        self._likely = fold.window_size + 2 if fold.enabled else fold.window_size
        self._most = None if fold.enabled else fold.window_size
        self._body_bytes = limits.body_bytes
        #: The limit of one message, and of the context; None if the limit of the body is stricter.
        self._message_bytes = limits.message_bytes if limits.message_bytes < limits.body_bytes else None

    async def get(self, request: Request) -> Response:
        """The window (newest first), the summary and the tokens spent; 304 if the client already has them."""
        session_id = SESSION.read(request)
        known = KNOWN.read(request)
        if known:
            state = await self._store.state(session_id)
            if state is not None and matches(known, self._answers.etag(state)):
                return self._answers.not_modified(state)
        return await self.current(session_id)

    async def current(self, session_id: bytes) -> Response:
        """The session's present memory."""
        found = await self._store.window(session_id, self._likely, self._most)
        if found is None:
            return self._answers.memory(None, [])
        return self._answers.memory(*found)

    async def append(self, request: Request) -> Response:
        """Withdraw and append messages and set the context; the answer has the session's epoch."""
        session_id = SESSION.read(request)
        posted = await request.json(_post_memory, self._body_bytes)
        if self._message_bytes is not None:
            _check_sizes(posted, self._message_bytes)
        if posted.through is not None:
            _check_cover(posted, int(posted.through))
        epoch = await self._append.append(
            session_id, NAMESPACE.read(request), posted.messages, posted.context,
            replace_after=None if posted.replace_after is None else int(posted.replace_after),
            through=None if posted.through is None else int(posted.through),
            epoch=EPOCH.read(request), key=KEY.read(request), summary_tag=SUMMARY_TAG.read(request),
        )  # fmt: skip
        if not epoch:
            return OK
        return Response(200, [*OK.headers, (b"session-epoch", epoch.encode())], OK.body)

    async def delete(self, request: Request) -> Response:
        """Delete the session, in every namespace."""
        session_id = SESSION.read(request)
        await self._deletion.delete(session_id, NAMESPACE.read(request))
        return OK


def _check_cover(posted: PostMemory, through: int) -> None:
    """Raises `BadRequest`: the context cannot cover the messages up to ``through``."""
    if posted.context is None or posted.replace_after is not None:
        raise BadRequest("through says what the context of a new session covers: send a context, and no replace_after.")
    if through > len(posted.messages):
        raise BadRequest(f"through is {through}, but the new session has {len(posted.messages)} messages.")


def _check_sizes(posted: PostMemory, most: int) -> None:
    """Raises `TooLarge`: a message or the context has more than ``most`` bytes."""
    for message in posted.messages:
        if size_of(message.role) + size_of(message.content) > most:
            raise TooLarge(f"A message, its role included, has at most {most} bytes.")
    if posted.context is not None and size_of(posted.context) > most:
        raise TooLarge(f"A context has at most {most} bytes.")
