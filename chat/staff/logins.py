"""The admin's login form, with a limit on attempts that fail."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from chat.domain.exceptions import ChatError
from chat.domain.sentences import Situation
from chat.web.attempts import attempt_of, begin_attempt, note_failure, succeed
from chat.web.wording import worded


class LimitedLoginForm(AdminAuthenticationForm):
    """Refuses further attempts with a name or from an address once too many have failed; the log shows failures."""

    def clean(self) -> dict[str, Any]:
        """Check name and password. Raises `ValidationError`: they are wrong, or there were too many attempts."""
        if not (self.cleaned_data.get("username") and self.cleaned_data.get("password")):
            return super().clean()
        attempt = attempt_of(self.request, self.cleaned_data["username"])
        try:
            async_to_sync(begin_attempt)(attempt)
        except ChatError as error:
            raise ValidationError(worded(error, Situation.LOOKING), code=error.code) from None
        try:
            cleaned = super().clean()
        except ValidationError:
            note_failure(attempt)
            raise
        async_to_sync(succeed)(attempt)
        return cleaned
