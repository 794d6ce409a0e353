"""The stand-in answers from its prompt, or admits that it does not know."""

from __future__ import annotations

import pytest

from openai_standin.answers import CANNOT, NOTHING_ASKED, UNKNOWN, WHAT_I_AM, answer
from openai_standin.prompts import Prompt, Turn, parse_messages

TOLD = (
    "hi im bob",
    "I live in Lisbon and I work as a nurse at St. Mary hospital.",
    "my dog is called rex",
    "My favourite colour is teal, my favourite football player is Figo",
    "The trip to Madrid is on 12 June with Ana.",
    "we have pasta for dinner",
    "I'm allergic to nuts. I don't like mushrooms!",
    "I am 34",
    "my car is red",
    "My sister is 30",
)


def said(*texts: str, system: str = "") -> str:
    turns = [Turn("system", system), *(Turn("user", text) for text in texts)]
    prompt = parse_messages(turns)
    assert isinstance(prompt, Prompt)
    return answer(prompt)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("whats my name?", "Your name is Bob."),
        ("What is my name", "Your name is Bob."),
        ("WHAT’S MY NAME???", "Your name is Bob."),
        ("who am i", "Your name is Bob."),
        ("can you tell me my name?", "Your name is Bob."),
        ("hello, do you remember my name", "Your name is Bob."),
        ("where do I live?", "You live in Lisbon."),
        ("which city do i live in", "You live in Lisbon."),
        ("what's my dog called?", "Your dog is called Rex."),
        ("what is my dogs name", "Your dog is called Rex."),
        ("do I have a pet?", "Your dog is called Rex."),
        ("what is my favorite color?", "Your favourite colour is teal."),
        ("what did I say about the trip?", 'You told me: "The trip to Madrid is on 12 June with Ana."'),
        ("when is the trip?", 'You told me: "The trip to Madrid is on 12 June with Ana."'),
        ("whats for dinner?", 'You told me: "We have pasta for dinner."'),
        ("what am I allergic to?", "You are allergic to nuts."),
        ("do I like mushrooms?", "You do not like mushrooms."),
        ("how old am I?", "You are 34 years old."),
        ("how old is my sister?", "Your sister is 30."),
        ("what colour is my car?", "Your car is red."),
        ("where do i work?", "You work as a nurse at St. Mary hospital."),
        ("what do I do for a living?", "You work as a nurse at St. Mary hospital."),
    ],
)
def test_statements_are_recalled(question, expected):
    """A question in any spelling gets the statement that answers it, as a sentence."""
    assert said(*TOLD, question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "whats for lunch?",
        "what's my cat called?",
        "what is my mother's name?",
        "where was I born?",
        "what is my favourite football team?",
        "what's my surname?",
    ],
)
def test_nothing_is_invented(question):
    """A question about something that was never stated gets an honest answer."""
    assert said(*TOLD, question).startswith(UNKNOWN)


def test_the_latest_statement_wins():
    """A correction replaces the earlier statement."""
    assert said("hi im bob", "actually my name is Rob", "whats my name?") == "Your name is Rob."
    assert said("I live in Rome", "I moved to Porto", "where do I live?") == "You live in Porto."
    assert said("I live in Rome", "I moved from Berlin in 2019", "where do I live?") == "You live in Rome."
    assert said("my code is 4471", "my code is 9920", "what is my code?") == "Your code is 9920."


def test_a_message_may_state_and_ask():
    """A statement in the same message as the question counts."""
    assert said("hi im bob, whats my name?") == "Your name is Bob."


def test_the_summary_is_remembered():
    """Sentences about the human in a system message are facts, and later messages override them."""
    system = "Be kind.\n\nWhat you remember of earlier in this session (running summary):\nThe human's name is Bob."
    assert said("whats my name?", system=system) == "Your name is Bob."
    assert said("im rob", "whats my name?", system=system) == "Your name is Rob."


def test_a_summary_by_another_model_is_remembered_too():
    """Under the heading of a summary, a sentence in any wording is quoted."""
    system = "Running summary so far:\nBob keeps bees in Sintra. He is a cook."
    assert said("what about the bees?", system=system) == 'I was told: "Bob keeps bees in Sintra."'


def test_recalled_lines_are_remembered():
    """Lines of earlier messages in a system message count as statements."""
    system = "Lines of earlier in this session that may matter now:\nHuman: my locker is number 12\nAI: Noted."
    assert said("what is my locker?", system=system) == "Your locker is number 12."


def test_instructions_are_not_memories():
    """Instructions in a system message are not statements of the human."""
    assert said("what do you know about me?", system="You are a helpful assistant. Never talk about dinner.") == UNKNOWN


def test_it_says_what_it_is():
    """In a greeting, or when asked who it is, it says that it is a stand-in without weights."""
    assert said("who are you?") == said("are you ChatGPT?") == WHAT_I_AM
    assert said("hi im bob") == f"Hello, Bob, nice to meet you! {WHAT_I_AM}"
    assert WHAT_I_AM in said("hello")


def test_everything_can_be_asked_for():
    """Asked what it knows, it lists the statements of the human."""
    told = said(*TOLD, "what do you know about me?")
    assert "your name is Bob; you live in Lisbon" in told
    assert "you are allergic to nuts" in told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", NOTHING_ASKED),
        ("thanks!", "You are welcome, Bob."),
        ("bye", "Goodbye, Bob."),
        ("how are you?", "I am well, thank you. How are you?"),
        ("write a poem", CANNOT),
        ("what did I just say?", "You wrote: “My sister is 30”"),
    ],
)
def test_small_talk_gets_a_short_answer(text, expected):
    """Small talk, and requests that it cannot fulfil, get short answers."""
    assert said(*TOLD, text) == expected


def test_a_statement_is_acknowledged():
    """A statement is repeated back."""
    assert "you live in Lisbon." in said("I live in Lisbon")
    assert said("we have pasta for dinner").endswith(': "We have pasta for dinner."')
