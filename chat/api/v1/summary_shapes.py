"""The running summary of a session, and its versions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from chat.api.v1.parameters import Place
from chat.domain.details import SummaryVersion, SummaryVersions
from chat.domain.messages import Memory
from chat.sessions.summary import LONGEST

#: The largest number of a version that a client may name.
LARGEST = 10**15


class Summary(Schema):
    """The running summary of all messages that have left the window, and the state of the window."""

    text: Annotated[str | None, Field(description="Null while nothing is summarised.")]
    folded: Annotated[int, Field(description="The number of the newest message in the summary.")]
    folded_at: datetime | None
    state: Annotated[
        Literal["idle", "pending", "parked", "off", "unknown"],
        Field(description="Of the folding; parked: an operator has to step in; unknown: on the original."),
    ]
    reason: Annotated[str | None, Field(description="Why a fold waits.")]
    window: Annotated[int, Field(description="How many messages are in the window, word for word.")]
    window_size: Annotated[int, Field(description="How many fit.")]
    tokens: Annotated[int, Field(description="What this session's summaries have cost.")]


class NewSummary(Schema):
    """A text in place of the summary."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "Bob plans a trip to Rome."}]})

    text: Annotated[str, Field(description=f"At most {LONGEST:,} characters.")]


class Fold(Schema):
    """How far to fold: up to the message ``through``, by its number or id, or else the older half of the window."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"through": "8"}]})

    through: Place | None = None


class Restore(Schema):
    """Which version becomes the summary again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 3}]})

    version: Annotated[int, Field(ge=1, le=LARGEST)]


class FoldedRange(Schema):
    """The messages that a version took in, by their numbers."""

    first: str
    last: str
    count: int


class Version(Schema):
    """A version of the summary."""

    version: int
    text: str
    created_at: datetime | None
    source: Annotated[str, Field(description="fold, client (an edit), restore, import or fork.")]
    folded: FoldedRange | None
    through: Annotated[str | None, Field(description="The newest message that it covers.")]
    tokens: int


class Versions(Schema):
    """Versions of the summary, newest first, and what all of them have cost."""

    versions: list[Version]
    tokens: int
    cost: Annotated[float | None, Field(description="If the memory server knows prices.")]


def summary_of(memory: Memory) -> Summary:
    """The summary in ``memory``."""
    window = memory.window
    return Summary(
        text=memory.context,
        folded=window.folded,
        folded_at=window.folded_at,
        state=window.fold.value,
        reason=window.reason,
        window=len(memory.messages),
        window_size=window.size,
        tokens=memory.tokens,
    )


def versions_of(found: SummaryVersions) -> Versions:
    """All of ``found``."""
    return Versions(versions=[_version(each) for each in found.versions], tokens=found.tokens, cost=found.cost)


def _version(version: SummaryVersion) -> Version:
    folded = version.folded
    return Version(
        version=version.version,
        text=version.context,
        created_at=version.created_at,
        source=version.source,
        folded=FoldedRange(first=folded.first, last=folded.last, count=folded.count) if folded else None,
        through=version.through,
        tokens=version.tokens,
    )
