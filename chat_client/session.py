"""One session and its memory, by HTTP."""

from __future__ import annotations

from typing import Literal, Unpack
from uuid import uuid4

from chat_client.calls import Calls, path
from chat_client.records import (
    Links,
    MessagePage,
    NewLink,
    Prompt,
    SessionChanges,
    SessionDetails,
    Summary,
    UIMessage,
    Versions,
)


class Session:
    """The session ``id`` of the client's owner. A message is named by its id or its number, as text.

    Every call raises `chat_client.ChatError`: refused, or the site cannot be reached.
    """

    def __init__(self, calls: Calls, session_id: str) -> None:
        self.id = session_id
        self._calls = calls

    def _path(self, *parts: str) -> str:
        return path("sessions", self.id, *parts)

    # --- the session ------------------------------------------------------------------------------------------------

    async def details(self) -> SessionDetails:
        """Its details. It exists once something is said in it (``unknown_session``)."""
        return await self._calls.read(SessionDetails, "GET", self._path())

    async def change(self, **changes: Unpack[SessionChanges]) -> SessionDetails:
        """Change the given details: ``title``, ``pinned``, ``labels``, ``instructions``. None removes one."""
        return await self._calls.read(SessionDetails, "PATCH", self._path(), json=changes)

    async def fork(self, through: str, to: str | None = None) -> SessionDetails:
        """A new session, which begins with the memory as of the message ``through``; its id is random unless given."""
        return await self._calls.read(SessionDetails, "POST", self._path("fork"), json={"through": through, "to": to})

    async def export(self, format: Literal["json", "markdown"] = "json") -> str:  # noqa: A002 - the API's own name
        """The whole session as a file's text."""
        return (await self._calls.call("GET", self._path("export"), params={"format": format})).text

    async def share(self) -> NewLink:
        """A link for reading the session without signing in. Its address is not shown again."""
        return await self._calls.read(NewLink, "POST", self._path("shares"))

    async def shares(self) -> Links:
        """The links to the session."""
        return await self._calls.read(Links, "GET", self._path("shares"))

    async def delete(self) -> None:
        """Delete the session, with everything that is remembered of it."""
        await self._calls.call("DELETE", self._path())

    # --- its messages -----------------------------------------------------------------------------------------------

    async def messages(self, *, before: str | None = None, limit: int = 50) -> MessagePage:
        """The newest messages, oldest first, or those ``before`` the page with that value. ``limit``: at most 200."""
        return await self._calls.read(
            MessagePage, "GET", self._path("messages"), params={"before": before, "limit": limit}
        )

    async def message(self, message: str) -> UIMessage:
        """One message."""
        return await self._calls.read(UIMessage, "GET", self._path("messages", message))

    async def rewind(self, after: str, *, newest: str | None = None) -> None:
        """Withdraw all messages behind one of the window ("0": all). They are erased.

        ``newest``: the newest message that the user has seen; if something was said since, the call is refused.
        """
        key = {"Idempotency-Key": uuid4().hex}
        await self._calls.call("POST", self._path("rewind"), json={"after": after, "newest": newest}, headers=key)

    async def replace(self, after: str, instead: list[tuple[Literal["user", "assistant"], str]]) -> None:
        """Withdraw all messages behind one of the window, and put others, as (role, text), in their place."""
        said = [{"role": role, "text": text} for role, text in instead]
        key = {"Idempotency-Key": uuid4().hex}
        await self._calls.call("POST", self._path("rewind"), json={"after": after, "instead": said}, headers=key)

    async def prompt(self, turn: str) -> Prompt:
        """What the model was sent in a turn, for five minutes after its end. Its id is a message's ``turnId``."""
        return await self._calls.read(Prompt, "GET", self._path("turns", turn, "prompt"))

    async def prompt_of(self, message: str) -> Prompt:
        """What the model was sent for a reply, or for the message that it answers."""
        return await self._calls.read(Prompt, "GET", self._path("messages", message, "prompt"))

    # --- its summary ------------------------------------------------------------------------------------------------

    async def summary(self) -> Summary:
        """The running summary of all messages that have left the window."""
        return await self._calls.read(Summary, "GET", self._path("summary"))

    async def edit_summary(self, text: str, *, etag: str) -> Summary:
        """Put a text in place of the summary with this ``etag`` ("*": whatever it is).

        Raises `chat_client.SummaryChanged`: it is another one meanwhile.
        """
        return await self._calls.read(
            Summary, "PUT", self._path("summary"), json={"text": text}, headers={"If-Match": etag}
        )

    async def fold(self, through: str | None = None) -> Summary:
        """Fold all messages up to ``through`` into the summary now, or else the older half of the window."""
        return await self._calls.read(Summary, "POST", self._path("summary", "fold"), json={"through": through})

    async def versions(self, *, limit: int = 50) -> Versions:
        """The versions of the summary, newest first."""
        return await self._calls.read(Versions, "GET", self._path("summary", "versions"), params={"limit": limit})

    async def restore(self, version: int) -> Summary:
        """Make a version the summary again."""
        return await self._calls.read(Summary, "POST", self._path("summary", "restore"), json={"version": version})
