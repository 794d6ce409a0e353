"""People who talk, and note each answer as they see it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chat_client import TurnFailed
from tests.support.machines.doors import Door, over_http, websocket
from tests.support.machines.sites import Sites

#: One person in this many talks over HTTP.
OVER_HTTP = 6
SESSION = "talk"


@dataclass
class Person:
    """One owner with one session, who wants at least ``turns`` turns.

    ``remembered`` has what they said with the replies that they saw, in order; ``unsure``: replies that came with the
    remark that they are not remembered; ``failures``: turns without an answer, by code; ``attempts``: all messages.
    """

    name: str
    turns: int
    pause: float
    remembered: list[tuple[str, str]] = field(default_factory=list)
    unsure: list[tuple[str, str]] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    attempts: int = 0

    async def talk(self, door: Door, enough: asyncio.Event) -> None:
        """Say something until ``turns`` turns are remembered and it is ``enough``."""
        while len(self.remembered) < self.turns or not enough.is_set():
            await self._say(door)
            await asyncio.sleep(random.uniform(0, self.pause))

    async def _say(self, door: Door) -> None:
        turn_id = f"{self.name}-{self.attempts}"
        text = f"h:{turn_id} Where did you say the amplifier is, and who put it there?"
        self.attempts += 1
        try:
            said = await door.say(SESSION, text, turn_id)
        except TurnFailed as error:
            self.failures[error.code] += 1
        else:
            (self.remembered if said.remembered else self.unsure).append((text, said.reply))


def crowd(count: int, turns: int, pause: float) -> list[Person]:
    """This many people, who want ``turns`` turns each, with up to ``pause`` seconds before the next message."""
    return [Person(f"p{number}", turns, pause) for number in range(count)]


async def talk(people: Sequence[Person], sites: Sites, enough: asyncio.Event) -> None:
    """Let all of them talk at once, each over a connection of their own."""

    async def one(number: int, person: Person) -> None:
        opened = over_http if number % OVER_HTTP == OVER_HTTP - 1 else websocket
        async with opened(sites.url, sites.token(person.name)) as door:
            await person.talk(door, enough)

    async with asyncio.TaskGroup() as group:
        for number, person in enumerate(people):
            group.create_task(one(number, person))


def turns_of(people: Sequence[Person]) -> int:
    """The number of remembered turns."""
    return sum(len(person.remembered) for person in people)
