"""What an empty session says and offers."""

from __future__ import annotations

import pytest
from django.test import override_settings

from chat.domain.messages import FoldState, Memory, Window
from chat.page import fragments
from chat.page.first_visit import NO_DRAWER, NO_FOLD, first_visit
from tests.support.html import parse


def empty(fold: FoldState = FoldState.IDLE) -> Memory:
    return Memory(messages=(), context=None, tokens=0, window=Window(12, fold=fold))


@override_settings(CHAT_PUBLIC_STANDIN_URL="", CHAT_MODEL="gpt-4o-mini", AZURE_DEPLOYMENT_ID="")
def test_it_names_the_model_that_answers():
    """On Azure that is the deployment."""
    assert first_visit(empty()).model == "gpt-4o-mini"
    assert "The model that answers is gpt-4o-mini." in parse(fragments.window_items(empty())).text
    with override_settings(AZURE_DEPLOYMENT_ID="our-deployment"):
        assert first_visit(empty()).model == "our-deployment"


@override_settings(CHAT_PUBLIC_STANDIN_URL="http://localhost:8081/v1")
def test_a_stand_in_says_what_it_is():
    """And how to have a real model."""
    said = parse(fragments.window_items(empty())).text
    assert "A stand-in without weights answers here; to use a real model, set OPENAI_API_KEY" in said


@pytest.mark.parametrize("fold", [FoldState.UNKNOWN, FoldState.OFF])
def test_a_fold_that_nobody_can_watch_is_not_offered(fold: FoldState):
    """The button is off, and gives the reason in place of its explanation."""
    page = parse(fragments.window_items(empty(fold)))
    (button,) = [each for each in page.all("button") if each.attributes["data-offer"] == "fold"]
    assert "disabled" in button.attributes
    assert NO_FOLD[fold] in button.text


@pytest.mark.parametrize("on", [True, False])
def test_a_worker_can_be_killed_only_where_the_drawer_is(on: bool):
    """Elsewhere the button is off, with the reason."""
    with override_settings(CHAT_KILL_DRAWER=on):
        page = parse(fragments.window_items(empty()))
    (button,) = [each for each in page.all("button") if each.attributes["data-offer"] == "kill"]
    assert ("disabled" in button.attributes, NO_DRAWER in button.text) == (not on, not on)


def test_staff_and_sessions_that_have_begun_get_no_offers():
    """Staff cannot send messages; a session whose messages are all folded is not empty."""
    assert "Nothing has been said here yet." in fragments.window_items(empty(), staff=True)
    folded = Memory(messages=(), context="It was long.", tokens=0, window=Window(12, folded=2, fold=FoldState.IDLE))
    assert fragments.window_items(folded).strip() == ""
