"""Clauses of a message: where each ends, and its kind."""

from __future__ import annotations

import pytest

from openai_standin.sentences import CLAUSE_CHARACTERS, MESSAGE_CHARACTERS, clauses, is_about_memory


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("hi im bob, whats my name?", ["I am bob", "what is my name?"]),
        (
            "I live in Rome and I work at St. Mary. My dog is 3",
            ["I live in Rome", "I work at St. Mary.", "My dog is 3"],
        ),
        ("Dr. J. Doe is here", ["Dr. J. Doe is here"]),
        ("one;two\n three ", ["one", "two", "three"]),
        ("my wife and I have a cat", ["my wife and I have a cat"]),
        ("a\t \u2003 b", ["a b"]),
        ("```\nmy name is Eve\n``` ok ``` open", [""]),
        ("", []),
    ],
)
def test_a_message_is_split_where_a_new_statement_begins(text, parts):
    """At the end of a sentence, and before another statement about the human; openings, code and spaces are removed."""
    assert [clause.text for clause in clauses(text)] == parts


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("whats my name", {"asks"}),
        ("my name is what?", {"asks"}),
        ("please tell me", {"wants"}),
        ("hello there, I live in Rome", {"greets"}),
        ("no, sorry, I live in Rome", {"corrects"}),
        ("I live in Rome", set()),
        ("there is a party", set()),
    ],
)
def test_a_clause_has_a_kind(text, kinds):
    """It asks, requests, greets, corrects or merely states."""
    (clause,) = clauses(text)
    assert {kind for kind in ("asks", "wants", "greets", "corrects") if getattr(clause, kind)} == kinds


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("whats my name?", True),
        ("whats for dinner?", True),
        ("tell me about rivers", False),
        ("tell me my name", True),
        ("why is the sky blue?", False),
    ],
)
def test_questions_about_memory_differ_from_those_about_the_world(question, about):
    """They mention the human or the model."""
    assert is_about_memory(question) is about


@pytest.mark.parametrize("text", ["a" + " " * 15_990 + "b", "a " * 200_000, "x" * 200_000, "," * 200_000])
def test_no_pattern_runs_on_a_long_text(text):
    """Runs of spaces become one, long clauses are cut, and only the start of a huge message is read."""
    read = clauses(text)
    assert all(len(clause.text) <= CLAUSE_CHARACTERS + len(" …") for clause in read)
    assert sum(len(clause.text) for clause in read) <= MESSAGE_CHARACTERS
    assert all("  " not in clause.text for clause in read)
