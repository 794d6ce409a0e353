"""Finding the turn of a request: a new one, or that of an earlier request which is repeated."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

from chat.api.turns import came_to_nothing
from chat.domain.exceptions import TurnInProgress
from chat.domain.session_ids import Session
from chat.runs.limits import TokenLimits
from chat.runs.runs import Runs


@dataclass(frozen=True, slots=True)
class RequestName:
    """What the turns of a request are named after.

    ``keyed``: by the client's own key, so that each attempt has a number. ``repeats``: there may be a turn already.
    """

    name: str
    keyed: bool
    repeats: bool

    def has(self, turn_id: str) -> bool:
        """Whether the turn is that of this request."""
        return turn_id.startswith(f"{self.name}.")

    def next(self, turn_id: str | None = None) -> str:
        """The id for another attempt after the turn ``turn_id``; None: for the first."""
        if not self.keyed:
            return f"{self.name}.{uuid4().hex[:12]}"
        return f"{self.name}.{0 if turn_id is None else int(turn_id.rpartition('.')[2]) + 1}"


def name_of(digest: str, key: str | None, retries: str) -> RequestName:
    """The name of a request with the body's ``digest``, the client's ``key`` and what it says of its ``retries``.

    Client libraries repeat the body byte by byte and count the retries. Without a key only a counted retry stands for
    an earlier request, since people may write the same text twice.
    """
    source = f"body\0{digest}" if key is None else f"key\0{key}"
    name = "oa-" + sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return RequestName(name, keyed=key is not None, repeats=key is not None or retries.strip() not in {"", "0"})


async def begin_turn(
    runs: Runs,
    session: Session,
    text: str,
    request: RequestName,
    network: str | None,
    token: TokenLimits | None = None,
) -> str:
    """Begin the turn of a request unless there is one already, and return its id.

    A repeated request joins its turn or replays it for five minutes after, unless it came to nothing: then it is tried
    again. Without a key, the same text joins the answer that is under way. Raises the errors of `Runs.start`.
    """
    known, ended = await _known(runs, session, request) if request.repeats else (None, False)
    if known is not None and not (ended and await came_to_nothing(runs.tail(session, known))):
        return known
    turn_id = request.next(known)
    try:
        await runs.start(session, text, turn_id, visitor=session.owner or "", network=network, token=token)
    except TurnInProgress as busy:
        running = None if request.keyed else await runs.current(session)
        if running is None or running.ended or running.text != text:
            raise busy from None
        return running.turn_id
    return turn_id


async def _known(runs: Runs, session: Session, request: RequestName) -> tuple[str | None, bool]:
    """The request's newest turn of the last five minutes, if there is one, and whether it has ended."""
    running = await runs.current(session)
    if running is not None and not running.ended and request.has(running.turn_id):
        return running.turn_id, False
    return next((turn_id for turn_id in await runs.ended(session) if request.has(turn_id)), None), True
