"""What counts as a statement, its wording in the third person, and what it corrects."""

from __future__ import annotations

import pytest

from openai_standin.facts import Fact
from openai_standin.statements import ReadingTime, fold_text, statements


def stated(text: str) -> list[str]:
    """The sentences that ``text`` states."""
    return [statement.fact.sentence for statement in statements(text)]


def known(*texts: str) -> list[str]:
    """The facts after ``texts``, the newest last."""
    facts: list[Fact] = []
    for text in texts:
        facts = fold_text(facts, text, ReadingTime())
    return [fact.sentence for fact in facts]


@pytest.mark.parametrize(
    "text", ["hi im bob", "I'm Bob", "my name is Bob", "call me bob.", "I’m called Bob :)", "HI I AM BOB"]
)
def test_a_name_is_understood(text):
    """Every way of giving a name leads to the same sentence."""
    assert [sentence.lower() for sentence in stated(text)] == ["the human's name is bob."]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("im tired", ["The human is tired."]),
        ("im allergic to nuts", ["The human is allergic to nuts."]),
        ("I'm Ana from Porto", ["The human's name is Ana.", "The human is from Porto."]),
        ("hi, i am bob smith and i live in lisbon", ["The human's name is Bob Smith.", "The human lives in Lisbon."]),
        ("No, my name is Rob, not Bob", ["The human's name is Rob."]),
        ("my name is not Bob, it's Rob", ["The human's name is Rob."]),
        ("My name is Anna-Lena O'Neill", ["The human's name is Anna-Lena O'Neill."]),
        ("call me when you arrive", ['The human said: "Call me when you arrive."']),
        ("I don't like tea. I've been to Paris.", ["The human does not like tea.", "The human has been to Paris."]),
        ("I really miss my old bike", ['The human said: "I really miss my old bike."']),
        ("We leave at 9.30 with Dr. Smith", ['The human said: "We leave at 9.30 with Dr. Smith."']),
        ("I have a dog called rex", ["The human has a dog called Rex."]),
        ("my wife and I have a cat", ['The human said: "My wife and I have a cat."']),
        ('She shouted "never" at us', ["The human said: \"She shouted 'never' at us.\""]),
        ("there is a party on Friday", ['The human said: "There is a party on Friday."']),
        ("look: ```\nmy name is Eve\n``` ok", []),
    ],
)
def test_statements_are_worded_about_the_human(text, sentences):
    """Statements become sentences in the third person, or quotations if their grammar is too hard."""
    assert stated(text) == sentences


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
    """Greetings, thanks, questions and requests are not facts."""
    assert stated(text) == []


def test_a_word_of_correction_is_seen():
    """Words like ``actually`` mark a statement that corrects another."""
    assert [told.correction for told in statements("actually my cat is called Tom")] == [True]
    assert [told.correction for told in statements("my cat is called Tom")] == [False]
    assert known("my car is red", "no, sorry, my car is blue") == ["The human's car is blue."]


@pytest.mark.parametrize(
    ("told", "corrected", "left"),
    [
        ("my car is red", "my car isn't red, it's blue", ["The human's car is blue."]),
        ("my car is red", "my car is not red it is dark blue", ["The human's car is dark blue."]),
        ("the shops are shut", "the shops aren't shut - they're open", ['The human said: "The shops are open."']),
        ("my boss is called Tim", "my boss isn't called Tim, he's called Tom", ["The human's boss is called Tom."]),
        ("my code is 12", "my code isn't 12 but 21", ["The human's code is 21."]),
        ("we meet on Monday", "we meet not on Monday but on Tuesday", ['The human said: "We meet on Tuesday."']),
        ("I drink tea", "I drink not tea but coffee", ["The human drinks coffee."]),
        ("my car is red", "my car is not red", ["The human's car is not red."]),
        ("my code is abc", "my code is xyz", ["The human's code is xyz."]),
        ("my car is dark red", "my car isn't red, it's blue", ["The human's car is blue."]),
        ("my car is red", "it's not red, it's blue", ["The human's car is blue."]),
        ("my car is red", "not red but blue", ["The human's car is blue."]),
        ("my car is red", "that is not red, it's blue", ["The human's car is blue."]),
        ("my favourite tree is the oak", "It isn't the oak. It's the elm.", ["The human's favourite tree is the elm."]),
        ("my hero is my mother", "it's not my mother, it's my father", ["The human's hero is their father."]),
    ],
)
def test_a_corrected_fact_is_forgotten(told, corrected, left):
    """A correction in any usual wording replaces what it denies, even if it only refers back to it."""
    assert known(told, corrected) == left


@pytest.mark.parametrize(
    "told", ["my car is red", "my car is not only fast but red", "my dog is not big but barks a lot", "I like tea"]
)
def test_statements_that_correct_nothing(told):
    """A plain statement is unchanged, and so is one whose second half is not a value for the first."""
    assert len(known(told)) == 1
    assert known("my bird is a wren", told)[0] == "The human's bird is a wren."
    assert told.split()[-1] in known(told)[0]


def test_a_correction_removes_nothing_else():
    """Statements that were not denied stay, even about the same thing."""
    assert known("my car is a Volvo", "my car is red", "my car isn't red, it's blue") == [
        "The human's car is a Volvo.",
        "The human's car is blue.",
    ]
    assert known("my favourite tree is the elm", "my favourite tree isn't the oak")[0].endswith("is the elm.")
    assert known("my brother is from Rome", "I am not from there")[0] == "The human's brother is from Rome."


def test_a_quoted_statement_and_a_name_can_be_corrected():
    """Corrections also apply to statements about other things, and to the human's name."""
    assert known("the feast is on Monday", "the feast isn't on Monday, it's on Tuesday") == [
        'The human said: "The feast is on Tuesday."'
    ]
    assert known("im bob", "I'm not Bob, I'm Rob")[-1] == "The human's name is Rob."
    assert "The human's name is Bob." not in known("im bob", "I'm not Bob")


def test_a_value_cannot_break_out_of_its_sentence():
    """Text that a correction adds to a remembered sentence cannot end the quotation or start a summary's frame."""
    (sentence,) = known("the feast is on Monday", "it's not Monday, it's The human said \"x\"")
    assert sentence == "The human said: \"The feast is on the human said 'x'.\""


def test_a_prompt_is_read_only_for_a_while():
    """Of a text that takes longer, the beginning counts; later texts are not read."""
    ticks = iter(range(100))
    time = ReadingTime(seconds=4, now=lambda: next(ticks))
    facts = fold_text([], "My car is red. My cat is black. My dog is brown. My house is old.", time)
    assert [fact.sentence for fact in facts] == ["The human's car is red.", "The human's cat is black."]
    assert fold_text(facts, "My house is old.", time) == facts
