"""Facts: their wording, what each is about, and which sentences a summary drops first."""

from __future__ import annotations

import pytest

from openai_standin.facts import (
    DETAIL,
    MOST_FACTS,
    NAME,
    REMARK,
    STATEMENT,
    make_fact,
    remember,
    second_person,
    third_person,
)
from openai_standin.statements import statements


@pytest.mark.parametrize(
    ("text", "rank"),
    [
        ("hi im bob", NAME),
        ("my passport number is 4471", DETAIL),
        ("the number of the locker is twelve", DETAIL),
        ("our wifi password is xyz", DETAIL),
        ("my favourite bird isn't the owl, it's the wren", DETAIL),
        ("our daughter is allergic to nuts", DETAIL),
        ("my car is red", DETAIL),
        ("my car is number 12", DETAIL),
        ("my car isn't red", DETAIL),
        ("dinner is at 7", STATEMENT),
        ("the train leaves from platform 7", STATEMENT),
        ("lunch on tuesday", STATEMENT),
        ("tickets for 30 euros", STATEMENT),
        ("the trip goes to Madrid", STATEMENT),
        ("we have pasta for dinner", STATEMENT),
        ("I am tired", STATEMENT),
        ("small talk number 3, nice weather", REMARK),
        ("number 3 in the list of remarks", REMARK),
        ("chatter about phone numbers and email", REMARK),
        ("remark #5 about clouds", REMARK),
    ],
)
def test_a_statement_has_the_rank_of_its_contents(text, rank):
    """A number, or a word like *number*, raises the rank only if it is part of the statement."""
    assert statements(text)[-1].fact.rank == rank


@pytest.mark.parametrize(
    ("sentence", "kind", "topic"),
    [
        ("The human's name is Bob.", "thing", {"name"}),
        ("The human's dog is called Rex.", "thing", {"dog", "name"}),
        ("The human's favorite colors are red and teal.", "thing", {"favourit", "colour"}),
        ('The human said: "The code of the gate is 12."', "thing", {"cod", "gat"}),
        ("The human lives in Rome.", "lives in", {"live"}),
        ("The human is 34 years old.", "old", {"old"}),
        ("The human does not like tea.", "taste", {"like", "tea"}),
        ("The human's name is very common.", "", set()),
        ("The human's car is not red.", "", set()),
        ("Bob keeps bees.", "", set()),
    ],
)
def test_a_sentence_is_about_something(sentence, kind, topic):
    """The start of a sentence says what kind of thing it is about, and which one."""
    assert make_fact(sentence).topic == (kind, topic)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("I live in Lisbon", "you live in Lisbon"),
        ("my brother teaches me chess", "your brother teaches you chess"),
        ("I was ill", "you were ill"),
        ("I study maths", "you study maths"),
        ("I do not eat meat", "you do not eat meat"),
        ("I went to Rome with my uncle", 'you told me: "I went to Rome with my uncle."'),
        ("we leave at nine", 'you told me: "We leave at nine."'),
    ],
)
def test_the_third_person_turns_back(text, back):
    """A statement can be repeated to the human: known verbs are put back, other sentences are quoted."""
    assert second_person(third_person(text)) == back


@pytest.mark.parametrize("sentence", ["Bob keeps bees.", "The human paints boats."])
def test_what_somebody_else_wrote_is_quoted_back(sentence):
    """A sentence that cannot be put back, such as an operator's, is quoted."""
    assert second_person(sentence) == f'I was told: "{sentence}"'


def test_the_least_important_facts_are_dropped_first():
    """The name is kept, however many facts there are."""
    facts = [make_fact("The human's name is Bob.")]
    for number in range(MOST_FACTS + 5):
        facts = remember(facts, make_fact(f'The human said: "Remark #{number} about clouds."'))
    assert len(facts) == MOST_FACTS
    assert facts[0].rank == NAME
    assert facts[-1].sentence.endswith(f'#{MOST_FACTS + 4} about clouds."')
