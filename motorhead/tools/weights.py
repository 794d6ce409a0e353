"""The weights of a session's messages, as read by one check."""

from __future__ import annotations

from array import array
from collections.abc import Collection

from motorhead.messages import Message, weigh


class Weights:
    """The weights of messages by their numbers, in a compact form. ``newest``: the highest number that was read."""

    def __init__(self) -> None:
        self.newest = 0
        self._numbers = array("q")
        self._weights = array("q")

    def read(self, number: int, message: Message | None) -> None:
        """Add the next entry of the stream; None: its message cannot be read."""
        self.newest = max(self.newest, number)
        if message is not None:
            self._numbers.append(number)
            self._weights.append(weigh(message.content))

    def behind(self, watermark: int, withdrawn: Collection[int]) -> int:
        """The weight of the messages behind ``watermark`` that are not among the ``withdrawn`` ones."""
        pairs = zip(self._numbers, self._weights, strict=True)
        return sum(weight for number, weight in pairs if number > watermark and number not in withdrawn)

    def reach(self, last: int, absent: Collection[int]) -> bool:
        """Whether every message up to ``last`` was read, but for the ``absent`` ones; others came in meanwhile."""
        return last - self.newest <= sum(self.newest < number <= last for number in absent)
