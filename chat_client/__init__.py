"""A client for Motörhead Chat: turns that survive lost connections, sessions, and their memory.

`ChatClient` is where to begin; docs/python-client.md is the guide.
"""

from chat_client.client import ChatClient
from chat_client.events import (
    Event,
    MemoryChanged,
    MemoryLoaded,
    ReasoningDelta,
    Restarted,
    TextDelta,
    TurnFinished,
    TurnStarted,
    TurnStopped,
)
from chat_client.exceptions import (
    AccessDenied,
    ChatError,
    LimitReached,
    NotUnderstood,
    SummaryChanged,
    TurnFailed,
    TurnInProgress,
    Unreachable,
)
from chat_client.session import Session

__all__ = [
    "AccessDenied",
    "ChatClient",
    "ChatError",
    "Event",
    "LimitReached",
    "MemoryChanged",
    "MemoryLoaded",
    "NotUnderstood",
    "ReasoningDelta",
    "Restarted",
    "Session",
    "SummaryChanged",
    "TextDelta",
    "TurnFailed",
    "TurnFinished",
    "TurnInProgress",
    "TurnStarted",
    "TurnStopped",
    "Unreachable",
]
