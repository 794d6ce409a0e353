"""A growing text that may be replayed from its start, of which each character is new once."""

from __future__ import annotations


class Contradicted(Exception):
    """The replay is not what came before."""


class Passage:
    """The text of an answer, or of its reasoning."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._known = ""  # what came before the replay
        self._place = 0  # how much of it has been replayed

    @property
    def text(self) -> str:
        """The text as of the last piece."""
        return self._known[: self._place] + "".join(self._pieces)

    @property
    def is_whole(self) -> bool:
        """Whether the replay has reached everything that came before it."""
        return self._place == len(self._known)

    def replay(self) -> None:
        """Begin again: the next piece is the first one."""
        self._known, self._place, self._pieces = self._everything(), 0, []

    def add(self, piece: str) -> str:
        """What is new in ``piece``. Raises `Contradicted`: it is not what came before; nothing has changed."""
        known = self._known[self._place : self._place + len(piece)]
        if not piece.startswith(known):
            raise Contradicted
        self._place += len(known)
        if new := piece[len(known) :]:
            self._pieces.append(new)
        return new

    def restart(self) -> str:
        """Forget what the replay has not reached. Returns the text so far."""
        self._known = self.text
        self._place, self._pieces = len(self._known), []
        return self._known

    def _everything(self) -> str:
        return self._known + "".join(self._pieces)
