"""Writing the summary of a fold's next messages, as much text at a time as the model takes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from motorhead.config import FoldSettings
from motorhead.exceptions import ModelError, SummaryRefused, SummaryWithheld, TextRefused, TextTooLarge
from motorhead.folding.drafts import Drafts
from motorhead.folding.marks import marked
from motorhead.folding.portions import SMALLEST_REFUSED, Batch, Budget, Capacity, first_batch, next_part
from motorhead.folding.summarizer import Summarizer, Summary, line_of
from motorhead.messages import Message
from motorhead.metrics import Metrics
from motorhead.store.state import State
from motorhead.store.store import Fold, Store
from motorhead.usage import NO_USAGE, Usage
from redis_link.exceptions import StoreError

logger = logging.getLogger(__name__)

#: What a model answers if it refuses a text for its content.
REFUSALS = (TextRefused, SummaryWithheld)
#: A text that no model refuses. If one does, it refuses every text.
HARMLESS = "Human: My name is Bob and I like tea."
#: The most parts of a message that are skipped one by one; of a text refused throughout, each costs several requests.
MOST_SKIPPED = 3


class FoldWriter:
    """Writes folds, and counts the tokens of every answer, whatever becomes of it."""

    def __init__(self, store: Store, summarizer: Summarizer, settings: FoldSettings, metrics: Metrics) -> None:
        self._store = store
        self._summarizer = summarizer
        self._metrics = metrics
        self._capacity = Capacity(settings.fold_characters)
        self._drafts = Drafts()

    async def write(self, session_id: bytes, state: State, messages: Sequence[Message]) -> Fold:
        """The fold of the first of ``messages``. If the model cannot take the text, it is given half, and so on.

        Raises `ModelError`: the model gave no summary. The parts of a long message that it did summarise are not
        requested again while ``state`` stays the same.
        """
        budget = self._capacity.beside(state.context)
        while True:
            batch = first_batch(messages, budget.characters)
            try:
                return await self._summarise(session_id, state, batch, budget)
            except TextTooLarge as error:
                left = batch.size - self._drafts.begin(session_id, state, batch.messages[0]).done
                budget = budget.half(left, error)

    async def check_model(self, session_id: bytes, state: State, refusal: ModelError) -> None:
        """Raises ``refusal``: the model refuses a harmless text as well, so the cause is not the session's text."""
        try:
            used = (await self._ask(None, [HARMLESS], self._capacity.beside(None))).usage
        except (TextTooLarge, SummaryRefused) as error:
            await self._charge(session_id, state, error.usage)
            raise refusal from error
        await self._charge(session_id, state, used)

    async def write_past(self, session_id: bytes, state: State, messages: Sequence[Message]) -> Fold:
        """The fold of as many of the first ``messages`` as the model does not refuse.

        A single message that is refused twice is folded without its refused parts, and the summary says so.
        """
        counts = [len(messages)]
        while counts[-1] > 1:
            counts.append((counts[-1] + 1) // 2)
        for count in [*counts[1:], 1]:
            try:
                return await self.write(session_id, state, messages[:count])
            except REFUSALS as error:
                refusal = error
        self._metrics.refused.add()
        logger.warning("%s A message is folded without being summarised, or in part.", refusal)
        return await self._write_around(session_id, state, messages[0])

    async def discard(self, session_id: bytes, fold: Fold) -> None:
        """Charge the session for a fold that could not be committed, because the session has changed."""
        self.forget(session_id)
        await self._charge(session_id, fold.state, Usage(fold.prompt_tokens, fold.completion_tokens))

    def forget(self, session_id: bytes) -> None:
        """Forget the unfinished summary of the session."""
        self._drafts.drop(session_id)

    async def _write_around(self, session_id: bytes, state: State, message: Message) -> Fold:
        """The fold of ``message`` without the parts that the model refuses, or without all that follows the last."""
        line = line_of(message)
        for _ in range(MOST_SKIPPED):
            draft = self._drafts.begin(session_id, state, message)
            _, done = next_part(line, draft.done, SMALLEST_REFUSED)
            if done >= len(line):
                break
            self._drafts.keep(session_id, replace(draft, done=done, skipped=True))
            with suppress(*REFUSALS):
                return await self.write(session_id, state, [message])
        draft = self._drafts.begin(session_id, state, message)
        return Fold(state, [message], marked(draft.context), draft.used.prompt, draft.used.completion)

    async def _summarise(self, session_id: bytes, state: State, batch: Batch, budget: Budget) -> Fold:
        if batch.size > budget.characters:
            return await self._summarise_in_parts(session_id, state, batch.messages[0], budget)
        try:
            summary = await self._ask(state.context, batch.lines, budget, state.instructions)
        except ModelError as error:
            await self._charge(session_id, state, error.usage)
            raise
        return Fold(state, batch.messages, summary.text, summary.prompt_tokens, summary.completion_tokens)

    async def _summarise_in_parts(self, session_id: bytes, state: State, message: Message, budget: Budget) -> Fold:
        """The fold of a long message: each part is summarised on top of the previous part's summary."""
        line, draft = line_of(message), self._drafts.begin(session_id, state, message)
        while draft.done < len(line):
            part, done = next_part(line, draft.done, budget.characters)
            try:
                summary = await self._ask(draft.context, [part], budget, state.instructions)
            except ModelError as error:
                await self._charge(session_id, state, draft.used + error.usage)
                self._drafts.charged(session_id)
                raise
            draft = replace(draft, context=summary.text, done=done, used=draft.used + summary.usage)
            self._drafts.keep(session_id, draft)
        context = marked(draft.context) if draft.skipped else draft.context or ""
        return Fold(state, [message], context, draft.used.prompt, draft.used.completion)

    async def _ask(self, context: str | None, lines: Sequence[str], budget: Budget, instructions: str = "") -> Summary:
        """The model's summary; its tokens are counted, even if the summary is refused."""
        try:
            with self._metrics.summary.timed():
                summary = await self._summarizer.summarize(context, lines, instructions)
        except ModelError as error:
            self._count(error.usage)
            raise
        self._count(summary.usage)
        self._capacity.took(context, budget)
        return summary

    def _count(self, usage: Usage) -> None:
        self._metrics.tokens.add(usage.prompt, "summary prompt")
        self._metrics.tokens.add(usage.completion, "summary completion")

    async def _charge(self, session_id: bytes, state: State, usage: Usage) -> None:
        """Charge the session for tokens that produced no version of its summary, if Redis accepts the write."""
        if usage == NO_USAGE:
            return
        try:
            await self._store.spend(session_id, state.epoch, usage)
        except StoreError as error:
            logger.warning("The tokens of a session's summaries could not be counted: %s", error)
