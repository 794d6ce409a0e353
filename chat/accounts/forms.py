"""The forms of accounts. Labels and help are Django's own, which are translated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import UserCreationForm, UsernameField
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    UserForm = UserCreationForm[User]
else:
    UserForm = UserCreationForm


class SignInForm(forms.Form):
    """A name and a password. Whether they belong together is not checked here."""

    username = UsernameField(
        label=_("Username"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class SignUpForm(UserForm):
    """A new name, and a password that Django's validators accept, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = ""
        self.fields["password1"].help_text = _("At least 8 characters, and not a common password.")
        self.fields["password2"].label, self.fields["password2"].help_text = _("The password again"), ""


class ForgetForm(forms.Form):
    """The words that somebody types who wants to be forgotten."""

    words = forms.CharField(max_length=100, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    @staticmethod
    def expected() -> str:
        """The words, in the reader's language."""
        return str(_("forget me"))

    def is_confirmed(self) -> bool:
        """Whether they were typed."""
        return self.is_valid() and self.cleaned_data["words"].strip().casefold() == self.expected().casefold()
