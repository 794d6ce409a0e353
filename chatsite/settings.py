"""The site's settings. This file reads the environment, and no other of the web tier does.

It imports no app, so that the supervisor can ask it for addresses without loading one.
Every variable has a default that works on a laptop; a bad value ends the start with a sentence.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def _number(name: str, default: float, *, least: float = 0) -> float:
    written = _text(name, str(default))
    try:
        value = float(written)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {written!r}. Give a number, {least:g} or more.") from None
    if not value >= least:
        raise ImproperlyConfigured(f"{name} is {written}. Give a number, {least:g} or more.")
    return value


def _switch(name: str, *, default: bool = False) -> bool:
    written = _text(name, "true" if default else "false").lower()
    if written not in {"true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name} is {written!r}. Say true or false.")
    return written in {"true", "1"}


def _url(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    written = _text(name, default)
    parts = urlsplit(written)
    named = parts.path.strip("/") if parts.scheme == "unix" else parts.netloc
    if written and (parts.scheme not in schemes or not named):
        raise ImproperlyConfigured(f"{name} is {written!r}. Give an address that begins with {schemes[0]}://.")
    return written.rstrip("/")


def _origins(name: str) -> list[str]:
    written = _text(name).split()
    for origin in written:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise ImproperlyConfigured(
                f"{name} holds {origin!r}. Give origins such as https://example.org, parted by spaces."
            )
    return [origin.rstrip("/") for origin in written]


def _secret_key(folder: Path) -> str:
    """The key kept in ``folder``, made at the first start, readable by its owner alone."""
    path = folder / "secret_key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = path.with_suffix(f".{os.getpid()}")
        if not path.exists():
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(50))
            try:
                os.link(made, path)  # whoever links first has made it; nobody reads half a key
            except FileExistsError:
                pass  # another process was quicker: its key is the key
            finally:
                made.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key cannot be kept in {folder} ({error.strerror}). "
            "Make that folder writable, name another in CHAT_DATA, or set DJANGO_SECRET_KEY."
        ) from None


# --- Where things are -------------------------------------------------------------------------------------------

DATA = Path(_text("CHAT_DATA", str(BASE_DIR / "var"))).absolute()

#: Empty: the supervisor starts one of its own.
REDIS_URL = _url("REDIS_URL", ("redis", "rediss", "unix"))
MOTORHEAD_URL = _url("MOTORHEAD_URL", ("http", "https"))
OPENAI_BASE_URL = _url("OPENAI_BASE_URL", ("http", "https")) or _url("OPENAI_API_BASE", ("http", "https"))
OPENAI_API_KEY = _text("OPENAI_API_KEY")

# --- The chat ---------------------------------------------------------------------------------------------------

CHAT_WORKER = _text("CHAT_WORKER", "web")
CHAT_MODEL = _text("CHAT_MODEL", "gpt-4o-mini")
CHAT_SYSTEM_PROMPT = _text(
    "CHAT_SYSTEM_PROMPT",
    "You are a helpful assistant. Answer plainly and briefly. Use Markdown where it helps.",
)
#: Of the prompt, in tokens (counted as characters / 3, on the safe side: no tokenizer is downloaded).
CHAT_PROMPT_BUDGET = int(_number("CHAT_PROMPT_BUDGET", 12_000, least=500))
#: Seconds that the model may be silent.
CHAT_MODEL_PATIENCE = _number("CHAT_MODEL_PATIENCE", 60, least=0.1)
#: Seconds that a request to the memory server may take, and for how long an append is tried again.
CHAT_MEMORY_TIMEOUT = _number("CHAT_MEMORY_TIMEOUT", 5, least=0.1)
CHAT_MEMORY_PATIENCE = _number("CHAT_MEMORY_PATIENCE", 15)
#: Tell of the memory server's window where it does not itself (the original).
CHAT_WINDOW_SIZE = int(_number("MOTORHEAD_MAX_WINDOW_SIZE", 12, least=1))
#: Lines of earlier in the session that go into a prompt, where the memory server has a long-term memory.
CHAT_RECALLED_LINES = int(_number("CHAT_RECALLED_LINES", 4)) if _switch("MOTORHEAD_LONG_TERM_MEMORY") else 0
#: Credentials of the memory server: its bearer token, and the hosted Motörhead's pair.
MOTORHEAD_TOKEN = _text("MOTORHEAD_TOKEN")
METAL_API_KEY = _text("METAL_API_KEY")
METAL_CLIENT_ID = _text("METAL_CLIENT_ID")
#: How people outside reach the memory server, for the lines that the page offers to copy.
CHAT_PUBLIC_MEMORY_URL = _url("CHAT_PUBLIC_MEMORY_URL", ("http", "https")) or MOTORHEAD_URL or "http://localhost:8080"

#: Characters in a message, and turns a minute for one visitor (0: no limit).
CHAT_MAX_MESSAGE_CHARS = int(_number("CHAT_MAX_MESSAGE_CHARS", 16_000, least=1))
CHAT_TURNS_PER_MINUTE = int(_number("CHAT_TURNS_PER_MINUTE", 30))
#: Seconds after which a run whose worker went silent is taken over.
CHAT_LEASE = _number("CHAT_LEASE", 5, least=0.5)
#: Days that a visitor's cookie is good for; each visit renews it.
CHAT_OWNER_DAYS = int(_number("CHAT_OWNER_DAYS", 365, least=1))
#: Origins, besides the site's own, whose pages may open a websocket here with a visitor's cookie.
CHAT_ALLOWED_ORIGINS = _origins("CHAT_ALLOWED_ORIGINS")

# --- Django -----------------------------------------------------------------------------------------------------

DEBUG = _switch("DJANGO_DEBUG")
SECRET_KEY = _text("DJANGO_SECRET_KEY") or _secret_key(DATA)

#: The address at which people reach the site, e.g. https://chat.example.org. Empty: this machine only.
CHAT_PUBLIC_URL = _url("CHAT_PUBLIC_URL", ("https", "http"))
_public = urlsplit(CHAT_PUBLIC_URL)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *([_public.hostname] if _public.hostname else [])]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if CHAT_PUBLIC_URL else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
if SESSION_COOKIE_SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "chat",
]

MIDDLEWARE = [
    "chat.middleware.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chat.access.OwnerMiddleware",
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Staff accounts and their logins, and nothing else: what is said in a session is never here.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "db.sqlite3",
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;", "timeout": 10},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# The files are hashed already and never change while a worker runs.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Errors to the standard error stream. No access log: a path can hold a session id, a query a ticket.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "chat": {"level": "INFO"},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.channels.server": {"level": "ERROR"},
    },
}
