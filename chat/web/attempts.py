"""Attempts to sign in: counted by name and by network, and logged when they fail or are refused."""

from __future__ import annotations

import logging

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from chat.components import components
from chat.domain.exceptions import ChatError
from chat.grants.logins import Attempt
from chat.web.addresses import network_of_request

logger = logging.getLogger(__name__)


def attempt_of(request: HttpRequest | None, name: str) -> Attempt:
    """The attempt of a request to sign in with ``name``."""
    return Attempt(digest_of_name(name), network_of_request(request) if request else None)


def digest_of_name(name: str) -> str:
    """A digest of the name that somebody signs in with; log and Redis do not have the name itself."""
    return salted_hmac("chat.logins", name.casefold(), algorithm="sha256").hexdigest()[:32]


async def begin_attempt(attempt: Attempt) -> None:
    """Count an attempt as failed, until it succeeds. Raises `TooManyLogins`, `RunLogUnreachable`."""
    try:
        await components().grants.logins.begin(attempt)
    except ChatError as error:
        refused = "A sign-in was refused (%s): name %s, address %s."
        logger.warning(refused, error.code, attempt.name[:12], attempt.network or "unknown")
        raise


async def succeed(attempt: Attempt) -> None:
    """Forget that the name's attempts have failed."""
    try:
        await components().grants.logins.succeed(attempt)
    except ChatError:  # the failures before it count on for a while
        logger.warning("The failed sign-ins before a success could not be forgotten: Redis did not answer.")


def note_failure(attempt: Attempt) -> None:
    """Log that the password was wrong."""
    logger.warning("A sign-in failed: name %s, address %s.", attempt.name[:12], attempt.network or "unknown")
