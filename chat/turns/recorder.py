"""Records what the model of a turn is sent, and when each step of the turn is done."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable

from chat.domain.events import Event, TurnFailed, TurnFinished, TurnStopped
from chat.domain.exceptions import ChatError
from chat.domain.messages import STOPPED_MARK
from chat.domain.prompts import SentPrompt, TurnEnd
from chat.domain.reports import TurnReport
from chat.domain.runs import Turn
from chat.turns.prompt import Prompt, tokens_in

#: The name of this machine.
HOST = socket.gethostname()


class TurnRecorder:
    """The record of a turn whose ``generation`` begins now. ``model`` is a name; ``now`` is a clock, in seconds."""

    def __init__(
        self, turn: Turn, model: str, generation: int = 1, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._turn = turn
        self._model = model
        self._generation = generation
        self._now = now
        self._begun = now()
        self._loaded: float | None = None
        self._first: float | None = None
        self._whole: float | None = None
        self._end: tuple[float | None, str] = None, ""
        self._missed = ""
        #: The newest prompt; None until the model is asked.
        self.sent: SentPrompt | None = None

    def load(self) -> None:
        """The memory is loaded."""
        self._loaded = self._passed()

    def ask(self, prompt: Prompt) -> None:
        """The model is asked with ``prompt``, which replaces the one before."""
        turn, now = self._turn, self._passed()
        self.sent = SentPrompt(
            prompt.parts,
            prompt.budget,
            prompt.omitted,
            self.sent.attempt + 1 if self.sent else 1,
            self._generation,
            self._model,
            turn.worker,
            turn.pid,
            HOST,
            now if self._loaded is None else self._loaded,
            now,
        )

    def hear(self) -> None:
        """Part of the reply has arrived."""
        if self._first is None:
            self._first = self._passed()

    def complete(self) -> None:
        """No more of the reply comes."""
        if self._first is not None:
            self._whole = self._passed()

    def miss(self, error: ChatError) -> None:
        """The append fails with ``error``."""
        self._missed = error.code

    def remember(self, event: Event) -> None:
        """The turn ends with ``event``."""
        if isinstance(event, TurnFinished | TurnStopped) and event.remembered:
            mark = STOPPED_MARK if isinstance(event, TurnStopped) else ""
            self._end = self._passed(), digest(event.reply + mark)

    @property
    def end(self) -> TurnEnd:
        """The steps that have been done."""
        turn, (appended, reply) = self._turn, self._end
        return TurnEnd(turn.worker, turn.pid, HOST, self._first, self._whole, appended, reply)

    def report(self, event: TurnFinished | TurnStopped | TurnFailed) -> TurnReport:
        """What is known of the turn, which ends now, with ``event``."""
        sent, ended = self.sent, self._passed()
        return TurnReport(
            self._turn,
            self._model,
            self._generation,
            attempts=sent.attempt if sent else 0,
            outcome=_outcome(event),
            code=event.code if isinstance(event, TurnFailed) else "",
            remembered=not isinstance(event, TurnFailed) and event.remembered,
            prompt_tokens=sent.tokens if sent else 0,
            reply_tokens=tokens_in(len(event.reply)),
            begun=time.time() - ended,
            loaded=self._loaded,
            asked=sent.asked if sent else None,
            first=self._first,
            whole=self._whole,
            ended=ended,
            cut=(isinstance(event, TurnFinished) and event.cut) or "",
            missed=self._missed,
        )

    def _passed(self) -> float:
        return round(self._now() - self._begun, 4)


def _outcome(event: TurnFinished | TurnStopped | TurnFailed) -> str:
    match event:
        case TurnFinished(cut=cut):
            return "cut" if cut else "answered"
        case TurnStopped():
            return "stopped"
        case TurnFailed():
            return "failed"


def digest(reply: str) -> str:
    """A digest by which a remembered reply is recognised."""
    return hashlib.sha256(reply.encode(errors="replace")).hexdigest()[:32]
