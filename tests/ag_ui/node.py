"""AG-UI's own clients in a Node process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.support.node import NodeClient, Shown, node_client

__all__ = ["HERE", "AgUi", "Shown", "ag_ui", "ends", "kinds", "texts"]

HERE = Path(__file__).resolve().parent


class AgUi(NodeClient):
    """The clients."""

    async def tell(self, do: str, chat: str, **arguments: Any) -> None:
        """Send a command to ``client.mjs``. Use `until` to wait for its effect."""
        await self.order(do=do, chat=chat, **arguments)

    async def ask(self, chat: str, text: str, **arguments: Any) -> Shown:
        """Send ``text`` and wait for the whole answer."""
        ended = len(ends(self.chats.get(chat, {"events": []})))
        await self.tell("send", chat, text=text, **arguments)
        return await self.until(chat, lambda shown: len(ends(shown)) > ended and shown["status"] in {"ready", "error"})


def ends(shown: Shown) -> list[Shown]:
    """The events that have ended a run."""
    return [event for event in shown["events"] if event["type"] in {"RUN_FINISHED", "RUN_ERROR"}]


def kinds(shown: Shown) -> list[str]:
    """The types of all events; adjacent ones of the same type count once."""
    found = [event["type"] for event in shown["events"]]
    return [kind for place, kind in enumerate(found) if not place or found[place - 1] != kind]


def texts(shown: Shown) -> list[str]:
    """The texts of all messages."""
    return [message["text"] for message in shown["messages"]]


@asynccontextmanager
async def ag_ui() -> AsyncIterator[AgUi]:
    """A process with the clients."""
    async with node_client(AgUi, HERE / "client.mjs") as client:
        yield client
