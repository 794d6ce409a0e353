"""What the model saw: the parts of a turn's prompt, and how the turn went on."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from chat.domain.prompts import PromptRecord, TurnEnd


class PromptPart(Schema):
    """A part of the prompt. Neighbouring parts of one role are one message: `lead`, then `text`, of each."""

    kind: Literal["system", "summary", "recalled", "window", "message"]
    role: str
    lead: str
    text: str
    tokens: Annotated[int, Field(description="An estimate.")]
    message: Annotated[str | None, Field(description="The number of a message of the window.")]
    cut: Annotated[int, Field(description="Characters at the end that were sent, but are not kept.")]


class End(Schema):
    """How the turn went on after the model was asked; times in seconds from its beginning, null for what never came."""

    worker: str
    pid: int
    host: str
    first: Annotated[float | None, Field(description="The reply's first word.")]
    whole: Annotated[float | None, Field(description="Its last word.")]
    appended: Annotated[float | None, Field(description="It was remembered.")]


class Prompt(Schema):
    """The prompt of a turn, for five minutes after its end; `end` is null while it is answered."""

    model: str
    budget: Annotated[int, Field(description="Tokens for which there was room.")]
    tokens: Annotated[int, Field(description="An estimate of all of it.")]
    omitted: Annotated[int, Field(description="Messages of the window that did not fit.")]
    attempt: Annotated[int, Field(description="Counts the turn's prompts: those before were too long.")]
    worker: str
    pid: int
    host: str
    loaded: Annotated[float, Field(description="Seconds until the memory was loaded.")]
    asked: Annotated[float, Field(description="Seconds until the model was asked.")]
    parts: list[PromptPart]
    end: End | None


def prompt_of(record: PromptRecord) -> Prompt:
    """All that is known of a prompt."""
    sent = record.sent
    parts = [
        PromptPart(
            kind=part.kind.value,
            role=part.role,
            lead=part.lead,
            text=part.text,
            tokens=part.tokens,
            message=part.message_id,
            cut=part.cut,
        )
        for part in sent.parts
    ]
    return Prompt(
        model=sent.model,
        budget=sent.budget,
        tokens=sent.tokens,
        omitted=sent.omitted,
        attempt=sent.attempt,
        worker=sent.worker,
        pid=sent.pid,
        host=sent.host,
        loaded=sent.loaded,
        asked=sent.asked,
        parts=parts,
        end=_end(record.end) if record.end else None,
    )


def _end(end: TurnEnd) -> End:
    return End(worker=end.worker, pid=end.pid, host=end.host, first=end.first, whole=end.whole, appended=end.appended)
