"""The call that forks a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from motorhead.http.parameters import EPOCH, SESSION, namespace_named, session_named
from motorhead.http.requests import Request, Response
from motorhead.messages import ForkSession
from motorhead.sessions.fork import Fork

_fork = msgspec.json.Decoder(ForkSession)
#: Bytes in the body of a fork: two names, each of whose characters may be escaped.
LARGEST = 16 * 1024


class ForkCalls:
    """Forks sessions. ``memory`` answers with a session's present memory."""

    def __init__(self, memory: Callable[[bytes], Awaitable[Response]], fork: Fork) -> None:
        self._memory = memory
        self._fork = fork

    async def fork(self, request: Request) -> Response:
        """Make a new session with the memory as of a message; the answer is the new session's memory."""
        asked = await request.json(_fork, LARGEST)
        to = session_named(asked.to)
        namespace = None if asked.namespace is None else namespace_named(asked.namespace)
        await self._fork.fork(SESSION.read(request), int(asked.through), to, namespace, EPOCH.read(request))
        return await self._memory(to)
