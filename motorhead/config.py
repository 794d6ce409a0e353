"""The settings of the memory server. No other module of ``motorhead`` reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from environment.addresses import host, host_names, model_address, redis_address
from environment.lifesigns import notify_socket
from environment.values import choice, credential, integer, key_prefix, line, name, number, switch, text
from environment.variables import Environment, Variable, declared, variable
from motorhead.exceptions import ConfigurationError

MIB = 1024 * 1024
MOST = 512 * MIB


def _days(written: str) -> float:
    """A number of days, in seconds."""
    return 86_400 * number(0, 36_500)(written)


@dataclass(frozen=True, slots=True)
class Azure:
    """The Azure deployments of the two models; false if Azure is not used.

    As in the original, Azure needs the first four settings.
    Raises `ConfigurationError`: only some of the four are set.
    """

    key: str = variable("AZURE_API_KEY", credential, "", "The key for Azure; Azure needs all four of its settings.")
    base: str = variable("AZURE_API_BASE", model_address, "", "The address of Azure.")
    deployment: str = variable("AZURE_DEPLOYMENT_ID", line, "", "The deployment that writes the summaries.")
    embedding_deployment: str = variable("AZURE_DEPLOYMENT_ID_ADA", line, "", "The deployment that embeds messages.")
    #: By default the version that the original uses.
    version: str = variable(
        "AZURE_API_VERSION", name, "2023-05-15", "The version of Azure's API.", "OPENAI_API_VERSION"
    )

    def __post_init__(self) -> None:
        given = {
            "AZURE_API_KEY": self.key,
            "AZURE_API_BASE": self.base,
            "AZURE_DEPLOYMENT_ID": self.deployment,
            "AZURE_DEPLOYMENT_ID_ADA": self.embedding_deployment,
        }
        missing = [name for name, value in given.items() if not value]
        if 0 < len(missing) < len(given):
            raise ConfigurationError(f"Azure needs all of {', '.join(given)}. Set {' and '.join(missing)}, too.")

    def __bool__(self) -> bool:
        return bool(self.key)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How to reach the models: through ``azure``, or with ``key`` at ``base`` (None: OpenAI itself)."""

    key: str | None = variable("OPENAI_API_KEY", credential, None, "The key for the models.")
    base: str | None = variable(
        "OPENAI_BASE_URL", model_address, None, "The address of the models; empty: OpenAI.", "OPENAI_API_BASE"
    )
    azure: Azure = Azure()
    chat: str = variable("MOTORHEAD_MODEL", line, "gpt-3.5-turbo", "The model that writes the summaries.")
    embedding: str = variable(
        "MOTORHEAD_EMBEDDING_MODEL",
        line,
        "text-embedding-ada-002",
        "The embedding model; changing it re-embeds all messages.",
    )
    timeout: float = variable(
        "MOTORHEAD_MODEL_TIMEOUT", number(0.1, 3_600), 60.0, "Seconds to wait for a model's answer."
    )
    price_prompt: float | None = variable(
        "MOTORHEAD_PRICE_PROMPT", number(0, 1_000_000), None, "The price of a million prompt tokens."
    )
    price_completion: float | None = variable(
        "MOTORHEAD_PRICE_COMPLETION", number(0, 1_000_000), None, "The price of a million completion tokens."
    )
    organization: str | None = variable("OPENAI_ORG_ID", credential, None, "The organization to name to OpenAI.")
    project: str | None = variable("OPENAI_PROJECT_ID", credential, None, "The project to name to OpenAI.")

    @property
    def configured(self) -> bool:
        """Whether any setting says how to reach a model."""
        return bool(self.azure or self.key or self.base)

    @property
    def prices(self) -> tuple[float, float] | None:
        """The prices of a million prompt and a million completion tokens, in any currency; None if neither is set."""
        if self.price_prompt is None and self.price_completion is None:
            return None
        return self.price_prompt or 0.0, self.price_completion or 0.0


@dataclass(frozen=True, slots=True)
class FoldSettings:
    """When and how old messages are folded into the summary."""

    enabled: bool = variable("MOTORHEAD_FOLD", switch, True, "Whether old messages are folded into the summary.")
    window_size: int = variable(
        "MOTORHEAD_MAX_WINDOW_SIZE", integer(1, 10_000), 12, "Messages in a window; above that it is folded to half."
    )
    window_tokens: int = variable(
        "MOTORHEAD_MAX_WINDOW_TOKENS", integer(0, 10_000_000), 3_900, "The same in estimated tokens; 0: no limit."
    )
    summary_words: int = variable("MOTORHEAD_SUMMARY_WORDS", integer(20, 5_000), 200, "The most words in a summary.")
    summary_instructions: str = variable(
        "MOTORHEAD_SUMMARY_INSTRUCTIONS",
        text,
        "",
        "Further instructions for all summaries: *Never keep card numbers*, say.",
    )
    fold_characters: int = variable(
        "MOTORHEAD_FOLD_CHARACTERS", integer(200, 2_000_000), 12_000, "Characters given to the model at once."
    )
    in_flight: int = variable("MOTORHEAD_FOLDS_IN_FLIGHT", integer(1, 1_000), 16, "Folds that run at once.")
    sweep_seconds: float = variable(
        "MOTORHEAD_SWEEP_SECONDS", number(0.05, 86_400), 15.0, "Seconds between two searches for missed folds."
    )
    retry_seconds: float = variable(
        "MOTORHEAD_RETRY_SECONDS", number(0.01, 3_600), 1.0, "Seconds of the first pause after a failure."
    )

    @property
    def keep(self) -> int:
        """How many messages a fold leaves in the window."""
        return max(1, self.window_size // 2)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on requests."""

    body_bytes: int = variable("MOTORHEAD_MAX_BODY_BYTES", integer(1024, MOST), 2 * MIB, "The most bytes in a body.")
    message_bytes: int = variable(
        "MOTORHEAD_MAX_MESSAGE_BYTES", integer(1, MOST), 2 * MIB, "The most bytes in a message or a context."
    )
    appends_per_minute: int = variable(
        "MOTORHEAD_APPENDS_PER_MINUTE", integer(0, 1_000_000), 0, "Appends a minute to a session; 0: no limit."
    )
    request_seconds: float = variable(
        "MOTORHEAD_REQUEST_SECONDS",
        number(0.1, 3_600),
        30.0,
        "Seconds for a request to arrive, and for a client to read on.",
    )


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """How long messages and sessions are kept, in seconds (0: forever), and how often deleted text is erased."""

    folded_messages: float = variable(
        "MOTORHEAD_KEEP_FOLDED_DAYS", _days, 0.0, "Days to keep folded messages and versions; 0: forever."
    )
    idle_sessions: float = variable("MOTORHEAD_KEEP_IDLE_DAYS", _days, 0.0, "Days to keep idle sessions; 0: forever.")
    #: The time between rewrites of Redis's append-only file, which still holds deleted text.
    erase: float = variable(
        "MOTORHEAD_ERASE_SECONDS", number(0, 31_536_000), 600.0, "Seconds between erasures of deleted text; 0: never."
    )


@dataclass(frozen=True, slots=True)
class Process:
    """What a process is that shares its port with others. The supervisor sets all of it."""

    name: str = variable("MOTORHEAD_PROCESS", name, "", "Its name in the metrics; set by the supervisor.")
    shared_port: bool = variable(
        "MOTORHEAD_SHARED_PORT", switch, False, "Whether others listen on its port as well; set by the supervisor."
    )
    siblings: str = variable(
        "MOTORHEAD_SIBLINGS", line, "", "The folder in which those processes meet; set by the supervisor."
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one memory server."""

    host: str = variable("MOTORHEAD_HOST", host, "127.0.0.1", "The name or address that the server listens on.", "HOST")
    port: int = variable(
        "MOTORHEAD_PORT", integer(0, 65_535), 8080, "The port that it listens on; 0: any free port.", "PORT"
    )
    allowed_hosts: tuple[str, ...] = variable(
        "MOTORHEAD_ALLOWED_HOSTS", host_names, (), "Without a token: other names of the server, separated by spaces."
    )
    redis_url: str = variable(
        "REDIS_URL", redis_address, "redis://127.0.0.1:6379", "Redis, any node of a Cluster, or sentinels."
    )
    redis_prefix: str = variable("REDIS_KEY_PREFIX", key_prefix, "", "What all keys in Redis begin with.")
    redis_timeout: float = variable("MOTORHEAD_REDIS_TIMEOUT", number(0.1, 600), 5.0, "Seconds to wait for Redis.")
    token: str | None = variable("MOTORHEAD_TOKEN", credential, None, "The bearer token that clients must send.")
    log: str = variable("MOTORHEAD_LOG", choice("text", "json"), "text", "The format of log lines, `text` or `json`.")
    long_term_memory: bool = variable(
        "MOTORHEAD_LONG_TERM_MEMORY", switch, False, "Whether messages are embedded, for retrieval."
    )
    notify_socket: str = variable(
        "NOTIFY_SOCKET", notify_socket, "", "Where signs of life go; set by the supervisor or systemd."
    )
    watchdog: int = variable(
        "WATCHDOG_USEC", integer(0, 10**12), 0, "Microseconds after which a server without signs is replaced."
    )
    process: Process = Process()
    models: ModelSettings = ModelSettings()
    fold: FoldSettings = FoldSettings()
    limits: Limits = Limits()
    retention: RetentionSettings = RetentionSettings()


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in the environment.

    Raises `ConfigurationError`: a value cannot be used.
    """
    return Environment(os.environ if environ is None else environ, ConfigurationError).fill(Settings)


def variables() -> Sequence[Variable[Any]]:
    """All variables that this file reads."""
    return declared(Settings)
