"""What the operator configured, and whether anything answers at the configured addresses."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from environment.addresses import is_loopback, without_login
from environment.proxies import proxy_to
from supervisor.exceptions import AddressSilent, BadSettings
from supervisor.plan import Configured
from supervisor.probes import connects
from supervisor.window import PromptLimits, window_tokens


def configured_data() -> Path:
    """The folder for all stored data. Raises `BadSettings`: a setting has an invalid value."""
    try:
        return settings.DATA
    except ImproperlyConfigured as error:
        raise BadSettings(str(error)) from None


def read_configured() -> Configured:
    """The configuration. Raises `BadSettings`: a setting has an invalid value."""
    try:
        return Configured(
            redis=settings.REDIS_URL,
            memory=settings.MOTORHEAD_URL,
            model=settings.AZURE_API_BASE or settings.OPENAI_BASE_URL,
            model_key=settings.OPENAI_API_KEY,
            model_name=settings.AZURE_DEPLOYMENT_ID or settings.CHAT_MODEL,
            window_tokens=window_tokens(_prompt_limits()),
            host=settings.CHAT_HOST,
            port=settings.CHAT_PORT,
            drain=settings.CHAT_DRAIN_SECONDS,
            log=settings.CHAT_LOG,
            on_loopback=settings.CHAT_ON_LOOPBACK,
            in_postgresql=bool(settings.DATABASE_URL),
        )
    except ImproperlyConfigured as error:
        raise BadSettings(str(error)) from None


def _prompt_limits() -> PromptLimits:
    return PromptLimits(
        budget=settings.CHAT_PROMPT_BUDGET,
        system_characters=len(settings.CHAT_SYSTEM_PROMPT),
        summary_words=settings.CHAT_SUMMARY_WORDS,
        message_characters=settings.CHAT_MAX_MESSAGE_CHARS,
        window_size=settings.CHAT_WINDOW_SIZE,
    )


def check_memory_host(host: str) -> None:
    """Raises `BadSettings`: others reach a memory server on ``host``, and it has no token."""
    if not (is_loopback(host) or settings.MOTORHEAD_TOKEN):
        raise BadSettings(
            f"--memory-host is {host}, where others reach the memory server, and without a token they could read "
            "everything. Set MOTORHEAD_TOKEN."
        )


def check_addresses(configured: Configured) -> list[str]:
    """A sentence for each configured server that does not answer but is not needed to start.

    Raises `AddressSilent`: a server that the site needs in order to start does not answer.
    """
    for name, url in (("REDIS_URL", configured.redis), ("MOTORHEAD_URL", configured.memory)):
        if url and not connects(url):
            raise AddressSilent(
                f"Nothing answers at {without_login(url)}. Start that server, correct {name}, "
                f"or unset {name} to have one started here."
            )
    return [trouble] if configured.model and (trouble := _model_trouble(configured.model)) else []


def _model_trouble(model: str) -> str | None:
    """A sentence if the ``model``'s address does not answer, or the proxy that leads there."""
    proxy = proxy_to(model)
    if connects(proxy or model):
        return None
    silent = f"No model answers at {without_login(model)} (OPENAI_BASE_URL, or AZURE_API_BASE)."
    if proxy:
        silent = f"No proxy answers at {without_login(proxy)}, which leads to the model at {without_login(model)}."
    return f"{silent} The chat starts anyway; turns fail until one does."
