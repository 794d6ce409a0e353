"""Running summaries: what the human stated stays, what is least worth goes when the bound is reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from openai_standin.facts import SMALL_TALK, Fact, remember
from openai_standin.grammar import AI_SAID, ASKED, quoted
from openai_standin.prompts import SummaryRequest, Turn, fold_statements, sentences
from openai_standin.recall import is_about_memory
from openai_standin.sentences import clauses, is_question, is_request, without_lead_in
from openai_standin.statements import statements
from openai_standin.words import content_words

#: Questions and the model's own words are kept this short.
GIST_WORDS = 14
#: The model's words are kept only where they hold so many words that mean something and were not the human's.
NEW_WORDS = 4


def summarise(wanted: SummaryRequest, default_words: int) -> str:
    """The new running summary, at most ``wanted.words`` words (or ``default_words`` where the prompt names no bound).

    Identity first, then details, then plain statements, each group in the order in which it was told.
    """
    bound = max(1, wanted.words or default_words)
    facts = [Fact(sentence) for sentence in sentences(wanted.current)]
    for turn in wanted.turns:
        facts = _folded(facts, turn)
    return _fitting(facts, bound)


def _folded(facts: Sequence[Fact], turn: Turn) -> list[Fact]:
    if turn.role == "user":
        facts = fold_statements(facts, statements(turn.text))
        gists = [quoted(ASKED, gist, "") for gist in _questions(turn.text)]
    elif turn.role == "assistant":
        gists = [quoted(AI_SAID, gist, "") for gist in _model_words(turn.text, facts)]
    else:
        gists = []
    for gist in gists:
        facts = remember(facts, Fact(gist))
    return list(facts)


def _questions(text: str) -> list[str]:
    """What the human wanted to know, except what only asks for what was told."""
    asked = [without_lead_in(clause) for clause in clauses(text) if is_question(clause) or is_request(clause)]
    return [_gist(clause) for clause in asked if len(content_words(clause)) > 1 and not is_about_memory(clause)]


def _model_words(text: str, facts: Iterable[Fact]) -> list[str]:
    """The model's first sentence, unless it says little but what the human said."""
    first = next(iter(clauses(text)), "")
    known = {word for fact in facts for word in fact.words}
    new = [word for word in content_words(first) if word not in known]
    return [_gist(first)] if len(new) >= NEW_WORDS and not is_question(first) else []


def _gist(text: str) -> str:
    words = text.split()
    if len(words) > GIST_WORDS:
        return " ".join(words[:GIST_WORDS]) + " …"
    return text if text.endswith(("?", "!", ".")) else text + "."


def _fitting(facts: Sequence[Fact], bound: int) -> str:
    """As many of ``facts`` as fit into ``bound`` words: the higher rank first, within a rank the newest."""
    wanted = sorted(range(len(facts)), key=lambda place: (facts[place].rank, -place))
    kept: list[int] = []
    left = bound
    for place in wanted:
        size = len(facts[place].sentence.split())
        if size <= left:
            kept.append(place)
            left -= size
    if not kept:
        only = facts[wanted[0]].sentence if wanted else SMALL_TALK
        return " ".join(only.split()[:bound])
    return " ".join(facts[place].sentence for place in sorted(kept, key=lambda place: (facts[place].rank, place)))
