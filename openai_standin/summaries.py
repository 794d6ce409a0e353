"""Running summaries: they keep what the human stated, and drop the least important facts at the limit."""

from __future__ import annotations

from openai_standin.facts import ASKED, MOST_FACTS, SMALL_TALK, Fact, make_fact, quoted, remember
from openai_standin.prompts import SummaryRequest, remembered_sentences
from openai_standin.sentences import clauses, is_about_memory
from openai_standin.statements import ReadingTime, fold_text
from openai_standin.vocabulary import content_words


def summarise(wanted: SummaryRequest, default_words: int) -> str:
    """The new running summary, in at most ``wanted.words`` words (``default_words`` if the prompt sets no limit).

    The most important facts come first; equally important ones are in order of age, the oldest first.
    """
    facts = [make_fact(sentence) for sentence in remembered_sentences(wanted.current)[:MOST_FACTS]]
    time = ReadingTime()
    for text in (turn.text for turn in wanted.turns if turn.role == "user"):
        facts = fold_text(facts, text, time)
        for question in [] if time.is_over else _questions(text):
            facts = remember(facts, question)
    return _fitting(facts, max(1, wanted.words or default_words))


def _questions(text: str) -> list[Fact]:
    """What the human asked, except for questions about earlier statements."""
    asked = [clause.text for clause in clauses(text) if clause.asks or clause.wants]
    worth = [text for text in asked if len(content_words(text)) > 1 and not is_about_memory(text)]
    return [make_fact(quoted(ASKED, text if text[-1] in "?!." else f"{text}.")) for text in worth]


def _fitting(facts: list[Fact], bound: int) -> str:
    """The ``facts`` that fit into ``bound`` words, chosen by rank and, within a rank, newest first."""
    kept, left = set[int](), bound
    places = sorted(range(len(facts)), key=lambda place: (facts[place].rank, -place))
    for place in places:
        if (size := len(facts[place].sentence.split())) <= left:
            kept.add(place)
            left -= size
    in_order = sorted(kept or places[:1], key=lambda place: (facts[place].rank, place))
    words = " ".join(facts[place].sentence for place in in_order) or SMALL_TALK
    return " ".join(words.split()[:bound])
