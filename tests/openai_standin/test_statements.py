"""What is taken for a statement, and how it is worded in the third person."""

from __future__ import annotations

import pytest

from openai_standin.grammar import second_person
from openai_standin.statements import MOST_STATEMENTS, statements


@pytest.mark.parametrize(
    "text", ["hi im bob", "I'm Bob", "my name is Bob", "call me bob.", "I’m called Bob :)", "HI I AM BOB"]
)
def test_a_name_is_understood(text):
    """The ways of giving one's name lead to one sentence."""
    assert [told.fact.sentence.lower() for told in statements(text)] == ["the human's name is bob."]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("im tired", ["The human is tired."]),
        ("I'm Ana from Porto", ["The human's name is Ana.", "The human is from Porto."]),
        ("hi, i am bob smith and i live in lisbon", ["The human's name is Bob Smith.", "The human lives in Lisbon."]),
        ("No, my name is Rob, not Bob", ["The human's name is Rob."]),
        ("my name is not Bob, it's Rob", ["The human's name is Rob."]),
        ("My name is Anna-Lena O'Neill", ["The human's name is Anna-Lena O'Neill."]),
        ("call me when you arrive", ['The human said: "Call me when you arrive."']),
        ("I don't like tea. I've been to Paris.", ["The human does not like tea.", "The human has been to Paris."]),
        ("I really miss my old bike", ["The human really misses their old bike."]),
        ("We leave at 9.30 with Dr. Smith", ['The human said: "We leave at 9.30 with Dr. Smith."']),
        ("my wife and I have a cat", ["The human's wife and they have a cat."]),
        ('She shouted "never" at us', ["The human said: \"She shouted 'never' at us.\""]),
        ("look: ```\nmy name is Eve\n``` ok", []),
    ],
)
def test_statements_are_worded_about_the_human(text, sentences):
    """Statements become sentences in the third person, or quotations where their grammar is too hard."""
    assert [told.fact.sentence for told in statements(text)] == sentences


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello!",
        "thanks, sounds good",
        "ok cool",
        "whats my name?",
        "tell me about rivers",
        "where is it",
        "?!",
        "😀",
    ],
)
def test_small_talk_questions_and_requests_state_nothing(text):
    """Greetings, thanks, questions and requests are no facts."""
    assert statements(text) == []


def test_a_word_of_correction_is_seen():
    """``Actually`` and its like mark a statement that takes another back."""
    assert [told.correction for told in statements("actually my cat is called Tom")] == [True]
    assert [told.correction for told in statements("my cat is called Tom")] == [False]


def test_a_huge_message_gives_its_weightiest_statements():
    """Of a message with hundreds of statements a bounded number is kept, the identity among them."""
    told = statements("I saw a bird number three. " * 400 + "My name is Bob.")
    assert len(told) == MOST_STATEMENTS
    assert told[-1].fact.sentence == "The human's name is Bob."


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("I live in Lisbon", "you live in Lisbon"),
        ("my brother teaches me chess", "your brother teaches you chess"),
        ("I was ill", "you were ill"),
        ("I study maths", "you study maths"),
        ("I also watch birds with my uncle", "you also watch birds with your uncle"),
        ("I do not eat meat", "you do not eat meat"),
        ("I went to Rome", "you went to Rome"),
    ],
)
def test_the_third_person_turns_back(text, back):
    """What was told can be said back to the human."""
    assert second_person(statements(text)[0].fact.sentence) == back
