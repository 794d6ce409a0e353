"""The forms of accounts."""

from __future__ import annotations

import pytest

from chat.accounts.forms import ForgetForm, SignInForm, SignUpForm


@pytest.mark.parametrize(
    ("words", "confirmed"), [("forget me", True), (" Forget Me\n", True), ("", False), ("forget", False)]
)
def test_the_words_must_be_typed(words: str, confirmed: bool) -> None:
    """Case and blanks around them do not count."""
    assert ForgetForm({"words": words}).is_confirmed() is confirmed


def test_a_password_is_taken_as_it_is() -> None:
    """With its blanks; the name is not."""
    form = SignInForm({"username": " anna", "password": " a b "})
    assert form.is_valid()
    assert form.cleaned_data == {"username": "anna", "password": " a b "}


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["short", "password", "anna1234"])
def test_a_weak_password_is_refused(password: str) -> None:
    """By Django's validators: too short, common, or like the name."""
    form = SignUpForm({"username": "anna1234", "password1": password, "password2": password})
    assert not form.is_valid()
    assert list(form.errors) == ["password2"]
