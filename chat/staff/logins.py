"""The admin's login form, with a limit on attempts that fail."""

from __future__ import annotations

import logging
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from chat.components import components
from chat.domain.exceptions import ChatError
from chat.domain.sentences import Situation
from chat.grants.logins import Attempt
from chat.web.addresses import network_of_request
from chat.web.wording import worded

logger = logging.getLogger(__name__)


class LimitedLoginForm(AdminAuthenticationForm):
    """Refuses further attempts with a name or from an address once too many have failed; the log shows failures."""

    def clean(self) -> dict[str, Any]:
        """Check name and password. Raises `ValidationError`: they are wrong, or there were too many attempts."""
        if not (self.cleaned_data.get("username") and self.cleaned_data.get("password")):
            return super().clean()
        network = network_of_request(self.request) if self.request else None
        attempt = Attempt(digest_of_name(self.cleaned_data["username"]), network)
        self._begin(attempt)
        try:
            cleaned = super().clean()
        except ValidationError:
            logger.warning("A sign-in failed: name %s, address %s.", attempt.name[:12], attempt.network or "unknown")
            raise
        try:
            async_to_sync(_succeed)(attempt)
        except ChatError:  # the failures before it count on for a while
            logger.warning("The failed sign-ins before a success could not be forgotten: Redis did not answer.")
        return cleaned

    def _begin(self, attempt: Attempt) -> None:
        try:
            async_to_sync(_begin)(attempt)
        except ChatError as error:
            refused = "A sign-in was refused (%s): name %s, address %s."
            logger.warning(refused, error.code, attempt.name[:12], attempt.network or "unknown")
            raise ValidationError(worded(error, Situation.LOOKING), code=error.code) from None


def digest_of_name(name: str) -> str:
    """A digest of the name that somebody signs in with; log and Redis do not have the name itself."""
    return salted_hmac("chat.logins", name.casefold(), algorithm="sha256").hexdigest()[:32]


async def _begin(attempt: Attempt) -> None:
    await components().grants.logins.begin(attempt)


async def _succeed(attempt: Attempt) -> None:
    await components().grants.logins.succeed(attempt)
