"""Asking the model, and asking again with fewer messages if it cannot read all of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from chat.domain.events import Delta, MemoryLoaded
from chat.domain.exceptions import PromptTooLong
from chat.domain.messages import Memory
from chat.turns.deltas import Deltas
from chat.turns.limit import ModelLimit, room_for_prompt, smaller
from chat.turns.ports import ModelPort
from chat.turns.prompt import Prompt, build_prompt, tokens_of
from chat.turns.stop import StopSignal

#: The most prompts that one turn sends.
MOST_PROMPTS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """The user's ``text`` and what goes with it. ``trouble`` is a sentence if nothing could be recalled."""

    system: str
    memory: Memory
    text: str
    recalled: Sequence[str] = ()
    trouble: str | None = None

    def prompt(self, budget: int) -> Prompt:
        """The prompt of at most ``budget`` tokens."""
        return build_prompt(self.memory, self.text, system=self.system, budget=budget, recalled=self.recalled)

    def described(self, prompt: Prompt) -> MemoryLoaded:
        """What ``prompt`` contains besides the text."""
        memory, recalled = self.memory, tuple(prompt.recalled)
        return MemoryLoaded(
            memory.context,
            prompt.included,
            prompt.omitted,
            recalled,
            self.trouble,
            memory.epoch,
            prompt.tokens_by_kind,
            prompt.budget,
        )


async def ask(
    question: Question,
    model: ModelPort,
    stop: StopSignal,
    *,
    budget: int,
    limit: ModelLimit,
    session: str,
    note: Callable[[Prompt], object] = lambda prompt: None,
) -> AsyncGenerator[MemoryLoaded | Delta]:
    """What the prompt contains, then the reply. Both start again as long as the model finds the prompt too long.

    ``session`` is the memory id of the question's session; ``note`` is called with each prompt. Raises `ModelError`; of
    these `PromptTooLong`: it was too long even without window and recalled lines.
    """
    budget = limit.within(budget, session)
    named: int | None = None
    refused = False
    deltas = Deltas()
    for left in reversed(range(MOST_PROMPTS)):
        prompt = question.prompt(budget)
        note(prompt)
        yield question.described(prompt)
        try:
            async with aclosing(stop.until(model.stream_reply(prompt.messages))) as stream:
                async for piece in stream:
                    if refused:  # not earlier: a message that no model can read teaches nothing
                        _learn(limit, named, budget, session)
                        refused = False
                    for delta in deltas.of(piece):
                        yield delta
            return
        except PromptTooLong as error:
            if not left or not (prompt.included or prompt.recalled):
                raise _final(error, question, prompt) from error
            budget = smaller(prompt.tokens, error.limit)
            named, refused = error.limit or named, True


def _learn(limit: ModelLimit, named: int | None, budget: int, session: str) -> None:
    """What the refusals before a prompt of ``budget`` tokens teach; ``named`` is the model's limit in one of them."""
    if named is not None:
        limit.learn(room_for_prompt(named))
    limit.find(budget, session)


def _final(error: PromptTooLong, question: Question, prompt: Prompt) -> PromptTooLong:
    most_of_it = 2 * tokens_of(question.text) >= prompt.tokens
    return PromptTooLong(error.limit, "message" if most_of_it else "session")
