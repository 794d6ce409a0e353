"""The settings of the memory server. The only module of ``motorhead`` that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

from motorhead.exceptions import ConfigurationError
from redis_link.address import checked_host, parse_address
from redis_link.exceptions import InvalidAddress

T = TypeVar("T")

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Azure:
    """Where Azure's deployments of the two models are."""

    key: str
    base: str
    deployment: str
    embedding_deployment: str


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How the models are reached. Either ``azure`` or ``key`` and ``base`` (None: OpenAI itself)."""

    key: str | None = None
    base: str | None = None
    azure: Azure | None = None
    chat: str = "gpt-3.5-turbo"
    embedding: str = "text-embedding-ada-002"
    timeout: float = 60.0
    #: What a million prompt and completion tokens cost, in whatever money; None: not said.
    prices: tuple[float, float] | None = None

    @property
    def configured(self) -> bool:
        """Whether anything says where a model is."""
        return bool(self.azure or self.key or self.base)


@dataclass(frozen=True, slots=True)
class FoldSettings:
    """When and how old messages are folded into the summary."""

    enabled: bool = True
    window_size: int = 12
    window_tokens: int = 0
    summary_words: int = 200
    piece_characters: int = 12_000
    in_flight: int = 16
    sweep_seconds: float = 15.0
    retry_seconds: float = 1.0

    @property
    def keep(self) -> int:
        """How many messages a fold leaves in the window."""
        return max(1, self.window_size // 2)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a single request may ask for."""

    body_bytes: int = 2 * 1024 * 1024
    message_bytes: int = 2 * 1024 * 1024
    session_id_bytes: int = 1024
    appends_per_minute: int = 0
    #: How long a request may take to arrive.
    request_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept, in seconds. Of the first two 0 is for ever."""

    folded_messages: float = 0.0
    idle_sessions: float = 0.0
    #: Between two rewrites of Redis's append-only file, which rid it of deleted text; 0: never.
    erase: float = 600.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one memory server."""

    host: str = "127.0.0.1"
    port: int = 8080
    redis_url: str = "redis://127.0.0.1:6379"
    redis_timeout: float = 5.0
    token: str | None = None
    json_logs: bool = False
    long_term_memory: bool = False
    models: ModelSettings = ModelSettings()
    fold: FoldSettings = FoldSettings()
    limits: Limits = Limits()
    retention: Retention = Retention()


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings that the environment asks for; ConfigurationError says which value is wrong."""
    env = _Environment(os.environ if environ is None else environ)
    return Settings(
        host=_host(env.text("HOST") or "127.0.0.1"),
        port=env.number("PORT", int, 8080, 0, 65_535),
        redis_url=_redis_url(env.text("REDIS_URL") or "redis://127.0.0.1:6379"),
        redis_timeout=env.number("MOTORHEAD_REDIS_TIMEOUT", float, 5.0, 0.1, 600),
        token=env.secret("MOTORHEAD_TOKEN"),
        json_logs=env.choice("MOTORHEAD_LOG", ("text", "json")) == "json",
        long_term_memory=env.flag("MOTORHEAD_LONG_TERM_MEMORY", False),
        models=_models(env),
        fold=_fold(env),
        limits=Limits(
            body_bytes=env.number("MOTORHEAD_MAX_BODY_BYTES", int, 2 * 1024 * 1024, 1024, 512 * 1024 * 1024),
            message_bytes=env.number("MOTORHEAD_MAX_MESSAGE_BYTES", int, 2 * 1024 * 1024, 1, 512 * 1024 * 1024),
            appends_per_minute=env.number("MOTORHEAD_APPENDS_PER_MINUTE", int, 0, 0, 1_000_000),
            request_seconds=env.number("MOTORHEAD_REQUEST_SECONDS", float, 30.0, 0.1, 3_600),
        ),
        retention=Retention(
            folded_messages=DAY * env.number("MOTORHEAD_KEEP_FOLDED_DAYS", float, 0.0, 0, 36_500),
            erase=env.number("MOTORHEAD_ERASE_SECONDS", float, 600.0, 0, 31_536_000),
            idle_sessions=DAY * env.number("MOTORHEAD_KEEP_IDLE_DAYS", float, 0.0, 0, 36_500),
        ),
    )


def _fold(env: _Environment) -> FoldSettings:
    return FoldSettings(
        enabled=env.flag("MOTORHEAD_FOLD", True),
        window_size=env.number("MOTORHEAD_MAX_WINDOW_SIZE", int, 12, 1, 10_000),
        window_tokens=env.number("MOTORHEAD_MAX_WINDOW_TOKENS", int, 0, 0, 10_000_000),
        summary_words=env.number("MOTORHEAD_SUMMARY_WORDS", int, 200, 20, 5_000),
        piece_characters=env.number("MOTORHEAD_FOLD_CHARACTERS", int, 12_000, 200, 2_000_000),
        in_flight=env.number("MOTORHEAD_FOLDS_IN_FLIGHT", int, 16, 1, 1_000),
        sweep_seconds=env.number("MOTORHEAD_SWEEP_SECONDS", float, 15.0, 0.05, 86_400),
        retry_seconds=env.number("MOTORHEAD_RETRY_SECONDS", float, 1.0, 0.01, 3_600),
    )


def _models(env: _Environment) -> ModelSettings:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        env.secret(name)  # the openai package reads them itself, and sends them as they are
    return ModelSettings(
        key=env.secret("OPENAI_API_KEY"),
        base=_model_url(env, "OPENAI_BASE_URL") or _model_url(env, "OPENAI_API_BASE"),
        azure=_azure(env),
        chat=env.text("MOTORHEAD_MODEL") or "gpt-3.5-turbo",
        embedding=env.text("MOTORHEAD_EMBEDDING_MODEL") or "text-embedding-ada-002",
        timeout=env.number("MOTORHEAD_MODEL_TIMEOUT", float, 60.0, 0.1, 3_600),
        prices=_prices(env),
    )


def _prices(env: _Environment) -> tuple[float, float] | None:
    """What tokens cost, if both prices are given."""
    names = ("MOTORHEAD_PRICE_PROMPT", "MOTORHEAD_PRICE_COMPLETION")
    if not any(env.text(name) for name in names):
        return None
    prompt, completion = (env.number(name, float, 0.0, 0, 1_000_000) for name in names)
    return prompt, completion


def _azure(env: _Environment) -> Azure | None:
    """Azure's settings when all four are there, as in the original; a part of them is a mistake."""
    names = ("AZURE_API_KEY", "AZURE_API_BASE", "AZURE_DEPLOYMENT_ID", "AZURE_DEPLOYMENT_ID_ADA")
    values = [env.text(name) for name in names]
    if not any(values):
        return None
    missing = [name for name, value in zip(names, values, strict=True) if not value]
    if missing:
        raise ConfigurationError(f"Azure needs all of {', '.join(names)}; missing: {', '.join(missing)}.")
    env.secret("AZURE_API_KEY")
    _model_url(env, "AZURE_API_BASE")
    return Azure(*(value or "" for value in values))


def _model_url(env: _Environment, name: str) -> str | None:
    """The address of a model. It is never quoted: it may hold a password, though it may not."""
    value = env.text(name)
    if value is not None and not _names_a_host(value):
        raise ConfigurationError(f"{name} must be an http:// or https:// address of a host that can be looked up.")
    if value is not None and "@" in urlsplit(value).netloc:
        raise ConfigurationError(f"{name} holds a user or a password. A model is sent its key and nothing else.")
    return value


def _names_a_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and parts.port != 0 and bool(checked_host(parts.hostname or ""))
    except ValueError:
        return False


def _host(value: str) -> str:
    try:
        return checked_host(value)
    except ValueError:
        raise ConfigurationError(f"HOST must be a name or an address of this machine, not {value[:80]!r}.") from None


def _redis_url(value: str) -> str:
    try:
        parse_address(value)
    except InvalidAddress as error:
        raise ConfigurationError(str(error)) from None
    return value


class _Environment:
    """The environment with words for what is wrong in it. Empty values count as absent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str) -> str | None:
        value = self._environ.get(name, "").strip()
        if not value.isprintable():
            raise ConfigurationError(f"{name} holds a character that cannot be printed; look at where it is set.")
        return value or None

    def secret(self, name: str) -> str | None:
        """What is sent in a header. It is never quoted."""
        value = self.text(name)
        if value is not None and not (value.isascii() and " " not in value):
            raise ConfigurationError(f"{name} must be of visible ASCII characters alone; look at where it is set.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name)
        if value is None:
            return default
        if value.lower() not in TRUE | FALSE:
            raise ConfigurationError(f"{name} must be true or false, not {value!r}.")
        return value.lower() in TRUE

    def choice(self, name: str, values: tuple[str, ...]) -> str:
        """One of ``values``, the first if the variable is absent."""
        value = self.text(name) or values[0]
        if value not in values:
            raise ConfigurationError(f"{name} must be {' or '.join(values)}, not {value!r}.")
        return value

    def number(self, name: str, kind: Callable[[str], T], default: T, least: float, most: float) -> T:
        value = self.text(name)
        if value is None:
            return default
        try:
            number = kind(value)
        except ValueError:
            number = None
        if number is None or not least <= float(str(number)) <= most:
            what = "a whole number" if kind is int else "a number"
            raise ConfigurationError(f"{name} must be {what} from {least:g} to {most:g}, not {value!r}.")
        return number
