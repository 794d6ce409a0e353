"""The stand-in's settings: the only place of this package that reads the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from openai_standin.exceptions import ConfigurationError

T = TypeVar("T", int, float)


@dataclass(frozen=True)
class Config:
    """Where the server listens and how it answers.

    ``delay`` is the seconds between two streamed tokens, ``summary_words`` the bound of a running summary whose
    prompt names none, ``max_body`` the bytes of the largest request that is read.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    model: str = "stand-in"
    delay: float = 0.015
    summary_words: int = 150
    max_body: int = 16 * 1024 * 1024


def read_config(environment: Mapping[str, str]) -> Config:
    """The settings in ``environment``; `ConfigurationError` when one cannot be used.

    ``STANDIN_HOST``, ``STANDIN_PORT`` (0 takes a free one), ``STANDIN_MODEL``, ``STANDIN_DELAY``,
    ``STANDIN_SUMMARY_WORDS`` and ``STANDIN_MAX_BODY``; an empty value counts as absent.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    return Config(
        host=_host(given),
        port=_number(given, "STANDIN_PORT", int, Config.port, 0, 65535),
        model=_model(given),
        delay=_number(given, "STANDIN_DELAY", float, Config.delay, 0, 60),
        summary_words=_number(given, "STANDIN_SUMMARY_WORDS", int, Config.summary_words, 10, 10_000),
        max_body=_number(given, "STANDIN_MAX_BODY", int, Config.max_body, 1024, 1 << 30),
    )


def _host(given: Mapping[str, str]) -> str:
    host = given.get("STANDIN_HOST", Config.host)
    try:
        host.encode("idna")  # what a resolver does first; an OSError is all it may answer with
    except UnicodeError:
        raise ConfigurationError("STANDIN_HOST must be a name or an address of this machine.") from None
    return host


def _model(given: Mapping[str, str]) -> str:
    model = given.get("STANDIN_MODEL", Config.model)
    if not model.isprintable():  # bytes that are not UTF-8 among them
        raise ConfigurationError(f"STANDIN_MODEL must be a name of one line, in UTF-8, not {model[:80]!r}.")
    return model


def _number(given: Mapping[str, str], name: str, kind: Callable[[str], T], default: T, least: float, most: float) -> T:
    if name not in given:
        return default
    try:
        value = kind(given[name])
    except ValueError:
        value = None
    if value is None or not least <= value <= most:
        raise ConfigurationError(f"{name} must be a number from {least} to {most}, not {given[name][:80]!r}.")
    return value
