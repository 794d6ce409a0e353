"""Sessions in lists, and changes of their details."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeAlias, cast

from ninja import Schema
from pydantic import ConfigDict, Field

from chat.api.v1.parameters import NewSessionId, Place
from chat.domain.details import DetailChanges, SessionListing
from chat.domain.session_ids import any_session
from chat.sessions.details import INSTRUCTIONS, LABEL, LABELS, TITLE

#: Texts of clients have room to spare: what is too long is refused with a sentence of its own.
Title: TypeAlias = Annotated[str, Field(description=f"At most {TITLE} characters.")]
Label: TypeAlias = Annotated[str, Field(description=f"At most {LABEL} characters.")]
Instructions: TypeAlias = Annotated[str, Field(description=f"For its summaries; at most {INSTRUCTIONS:,} characters.")]


class SessionDetails(Schema):
    """A session of the caller. The original memory server knows only the id; all else is null, false or empty."""

    id: str
    title: Annotated[str | None, Field(description="The one it was given, or else its first words.")]
    pinned: bool
    labels: list[str]
    instructions: Annotated[str | None, Field(description="What its summaries follow.")]
    messages: Annotated[int | None, Field(description="How many it has ever had.")]
    created_at: datetime | None
    updated_at: Annotated[datetime | None, Field(description="When something was last said.")]


class SessionPage(Schema):
    """A page of the caller's sessions: pinned ones first, then the newest."""

    sessions: list[SessionDetails]
    cursor: Annotated[str | None, Field(description="Continues the list; null at its end.")]


class SessionChanges(Schema):
    """New details. Absent ones stay as they are; null removes one, an empty list all labels."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "Rome", "labels": ["travel"]}]})

    title: Title | None = None
    pinned: bool = False
    labels: Annotated[list[Label] | None, Field(description=f"At most {LABELS}, in place of the present ones.")] = None
    instructions: Instructions | None = None

    def changes(self) -> DetailChanges:
        """Those that the client has named."""
        named = self.model_dump(exclude_unset=True)
        if "labels" in named:
            named["labels"] = named["labels"] or []
        return cast(DetailChanges, named)


class ForkAt(Schema):
    """Where another session begins, and its id: a random one unless given."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"through": "12"}]})

    through: Place
    to: NewSessionId | None = None


def session_details(listing: SessionListing) -> SessionDetails:
    """The session of ``listing``."""
    return SessionDetails(
        id=any_session(listing.memory_id).id,
        title=listing.title,
        pinned=listing.pinned,
        labels=list(listing.labels),
        instructions=listing.instructions,
        messages=listing.messages,
        created_at=listing.created_at,
        updated_at=listing.updated_at,
    )
