"""What the operator configured: read from the site's settings, and asked whether it is there."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from environment.addresses import without_login
from supervisor.exceptions import AddressSilent, BadSettings
from supervisor.plan import Configured
from supervisor.probes import connects


def read_configured() -> Configured:
    """The configured addresses. Raises BadSettings with the sentence of a setting that is wrong."""
    try:
        return Configured(
            redis=settings.REDIS_URL,
            memory=settings.MOTORHEAD_URL,
            model=settings.OPENAI_BASE_URL,
            model_key=settings.OPENAI_API_KEY,
            model_name=settings.CHAT_MODEL,
        )
    except ImproperlyConfigured as error:
        raise BadSettings(str(error)) from None


def check_addresses(configured: Configured) -> list[str]:
    """Warnings, as sentences, about what is configured and silent but not needed for the start.

    Raises AddressSilent for what the site cannot start without.
    """
    for name, url in (("REDIS_URL", configured.redis), ("MOTORHEAD_URL", configured.memory)):
        if url and not connects(url):
            raise AddressSilent(
                f"Nothing answers at {without_login(url)}. Start that server, correct {name}, "
                f"or leave {name} out and one is started here."
            )
    if configured.model and not connects(configured.model):
        url = without_login(configured.model)
        return [f"No model answers at {url} (OPENAI_BASE_URL). The chat starts; turns fail until one does."]
    return []
