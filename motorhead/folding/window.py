"""The limits of a window: when it overflows, and where a fold ends that leaves half of it."""

from __future__ import annotations

from collections.abc import Sequence

from motorhead.config import FoldSettings
from motorhead.messages import Message, weigh
from motorhead.store.state import State


def is_due(state: State, settings: FoldSettings) -> bool:
    """Whether the window holds too many messages or too many tokens."""
    return overflows(state.unfolded, state.weight - state.folded_weight, settings)


def overflows(unfolded: int, weight: int, settings: FoldSettings) -> bool:
    """Whether ``unfolded`` messages of ``weight`` tokens exceed the window."""
    return unfolded > settings.window_size or 0 < settings.window_tokens < weight


def cut_of(newest: Sequence[Message], state: State, settings: FoldSettings) -> int:
    """The number of the last message to fold: half a window stays, and an answer stays with its question.

    At least the newest message stays, unless it alone exceeds a window.
    ``newest``: the newest messages above the watermark, oldest first: those that may stay, and one more.
    """
    if not newest:  # all are damaged, or withdrawn
        return state.last - settings.keep if state.unfolded else state.folded
    if not _fits(newest[-1:], settings):
        return newest[-1].number
    start = max(len(newest) - settings.keep, _half_of_tokens(newest, settings), 0)
    if start == len(newest):
        return newest[-1].number
    start = _at_question(newest, start, state, settings)
    if start:
        return newest[start - 1].number
    return newest[0].number - 1 if state.unfolded > len(newest) else state.folded


def _half_of_tokens(newest: Sequence[Message], settings: FoldSettings) -> int:
    """The position of the first message that fits into half of the window's tokens; the last one always does."""
    room = settings.window_tokens // 2
    for start in reversed(range(len(newest) if settings.window_tokens else 0)):
        room -= weigh(newest[start].content)
        if room < 0:
            return min(start + 1, len(newest) - 1)
    return 0


def _at_question(newest: Sequence[Message], start: int, state: State, settings: FoldSettings) -> int:
    """The position nearest to ``start`` where the window would not begin with a model's message.

    An earlier position must leave something to fold and a window that does not overflow. If there is no position,
    a pair is parted: at ``start``.
    """
    earlier = next((place for place in range(start, -1, -1) if not newest[place].by_model), None)
    later = next((place for place in range(start, len(newest)) if not newest[place].by_model), None)
    leaves_work = earlier or state.unfolded > len(newest)
    if earlier is not None and not (leaves_work and _fits(newest[earlier:], settings)):
        earlier = None
    places = [place for place in (earlier, later) if place is not None]
    return min(places, key=lambda place: abs(place - start), default=start)


def _fits(messages: Sequence[Message], settings: FoldSettings) -> bool:
    return not overflows(len(messages), sum(weigh(message.content) for message in messages), settings)
