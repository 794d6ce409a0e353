"""The stand-in's settings. No other module of this package reads the environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from environment.addresses import host
from environment.values import choice, integer, line, number
from environment.variables import Environment, Variable, declared, variable
from openai_standin.exceptions import ConfigurationError


@dataclass(frozen=True)
class Config:
    """Where the server listens and how it answers."""

    host: str = variable("STANDIN_HOST", host, "127.0.0.1", "The name or address on which the stand-in listens.")
    port: int = variable("STANDIN_PORT", integer(0, 65_535), 8081, "The port on which it listens; 0: any free port.")
    model: str = variable("STANDIN_MODEL", line, "stand-in", "The name of its model.")
    delay: float = variable("STANDIN_DELAY", number(0, 60), 0.015, "Seconds between two streamed tokens.")
    summary_words: int = variable(
        "STANDIN_SUMMARY_WORDS", integer(10, 10_000), 150, "Words in a summary, if the prompt names no limit."
    )
    max_body: int = variable(
        "STANDIN_MAX_BODY", integer(1024, 1 << 30), 16 * 1024 * 1024, "The most bytes in a request."
    )
    log: str = variable("STANDIN_LOG", choice("text", "json"), "text", "The format of log lines, `text` or `json`.")


def read_config(environ: Mapping[str, str]) -> Config:
    """The settings in ``environ``. Raises `ConfigurationError`: a value is invalid."""
    return Environment(environ, ConfigurationError).fill(Config)


def variables() -> Sequence[Variable[Any]]:
    """All variables that this file reads."""
    return declared(Config)
