"""What a clause puts right, and which of the facts fall with it."""

from __future__ import annotations

import pytest

from openai_standin.corrections import Correction, correction_in
from openai_standin.prompts import fold_statements
from openai_standin.statements import statements


def known(*texts: str) -> list[str]:
    """The facts after ``texts``, the newest last."""
    told = [statement for text in texts for statement in statements(text)]
    return [fact.sentence for fact in fold_statements([], told)]


@pytest.mark.parametrize(
    ("told", "stated", "denied"),
    [
        ("my car isn't red, it's blue", "my car is blue", "my car is red"),
        ("my car is not red it is dark blue", "my car is dark blue", "my car is red"),
        ("the shops aren't shut - they're open", "the shops are open", "the shops are shut"),
        ("my boss isn't called Tim, he's called Tom", "my boss is called Tom", "my boss is called Tim"),
        ("my code isn't 12 but 21", "my code is 21", "my code is 12"),
        ("we meet not on Monday but on Tuesday", "we meet on Tuesday", "we meet on Monday"),
        ("I do not live in Rome but in Pisa", "I live in Pisa", "I live in Rome"),
        ("I drink not tea but coffee", "I drink coffee", "I drink tea"),
        ("my car is not red", "", "my car is red"),
    ],
)
def test_a_clause_says_what_is_so_and_what_is_not(told, stated, denied):
    """The usual wordings of a correction come apart into two plain clauses."""
    assert correction_in(told) == Correction(stated, denied)


@pytest.mark.parametrize("told", ["it's not red, it's blue", "not red but blue", "that is not red, it's blue"])
def test_a_clause_may_only_point_back(told):
    """Without a subject there are only the two values."""
    assert correction_in(told) == Correction("blue", "red", points_back=True)


@pytest.mark.parametrize("told", ["my car is red", "my car is not only fast but red", "it's not raining", "I like tea"])
def test_what_puts_nothing_right(told):
    """A plain statement takes nothing back."""
    assert correction_in(told) is None


@pytest.mark.parametrize("told", ["my dog is not big but barks a lot", "my car is not new but it drives well"])
def test_another_clause_is_no_value(told):
    """What follows ``but`` stands for what was denied only where it has the same shape."""
    found = correction_in(told)
    assert found is not None
    assert found.stated == ""


@pytest.mark.parametrize(
    ("told", "corrected", "left"),
    [
        ("my favourite tree is the oak", "my favourite tree isn't the oak, it's the elm", "favourite tree is the elm."),
        (
            "my favourite tree is the oak",
            "My favourite tree isn't the oak. It's the elm.",
            "favourite tree is the elm.",
        ),
        ("my favourite tree is the oak", "no, it's not the oak, it's the elm", "favourite tree is the elm."),
        ("my favourite tree is the oak", "my favourite tree is not the oak", "favourite tree is not the oak."),
        ("my hero is my mother", "it's not my mother, it's my father", "hero is their father."),
        ("my car is dark red", "my car isn't red, it's blue", "car is blue."),
    ],
)
def test_what_was_put_right_is_no_longer_known(told, corrected, left):
    """A correction takes the place of what it denies, in whichever words it comes."""
    assert known(told, corrected) == [f"The human's {left}"]


def test_a_correction_takes_back_nothing_else():
    """What was not denied stays, also of the same thing."""
    assert known("my car is a Volvo", "my car is red", "my car isn't red, it's blue") == [
        "The human's car is a Volvo.",
        "The human's car is blue.",
    ]
    assert known("my favourite tree is the elm", "my favourite tree isn't the oak")[0].endswith("is the elm.")


def test_a_quoted_statement_and_a_name_are_put_right_too():
    """Also what is not about the human, and who the human is."""
    assert known("the feast is on Monday", "the feast isn't on Monday, it's on Tuesday") == [
        'The human said: "The feast is on Tuesday."'
    ]
    assert known("im bob", "I'm not Bob, I'm Rob")[-1] == "The human's name is Rob."
    assert "The human's name is Bob." not in known("im bob", "I'm not Bob")


def test_a_value_cannot_break_out_of_its_sentence():
    """What a correction puts into a remembered sentence is text: no frame of a summary, no closing quotation mark."""
    (sentence,) = known("the feast is on Monday", "it's not Monday, it's The human said \"x\"")
    assert sentence == "The human said: \"The feast is on the human said 'x'.\""
