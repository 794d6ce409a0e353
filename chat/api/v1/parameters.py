"""Parameters that several operations have."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from ninja.params.functions import Path, Query
from pydantic import Field

from chat.api.v1.cursors import LONGEST as LONGEST_CURSOR

#: The most characters of a message's id: that of its turn, and an ending.
LONGEST_ID = 200
SESSION_ID = "^[A-Za-z0-9_-]{1,64}$"

SessionId: TypeAlias = Annotated[
    str,
    Path(description="Chosen by you: 1 to 64 letters, digits, hyphens and underscores.", pattern=SESSION_ID),
]
MessageId: TypeAlias = Annotated[str, Path(description="The id of a message, or its number.", max_length=LONGEST_ID)]
Cursor: TypeAlias = Annotated[str | None, Query(description="From the page before.", max_length=LONGEST_CURSOR)]
FormatName: TypeAlias = Annotated[
    Literal["json", "markdown"], Query(description="json can be imported again; markdown is for reading.")
]

#: The same in a body.
NewSessionId: TypeAlias = Annotated[str, Field(description="Its id.", pattern=SESSION_ID)]
Place: TypeAlias = Annotated[str, Field(description="The id of a message, or its number.", max_length=LONGEST_ID)]

#: The header that makes repeating a request harmless.
IDEMPOTENCY_KEY = "Idempotency-Key"
