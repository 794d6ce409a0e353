"""The site's settings. This file reads the environment, and no other of the web tier does.

It imports no app, so that the supervisor can ask it for addresses without loading one.
Every variable has a default that works on a laptop; a bad value ends the start with a sentence.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from environment.addresses import http_address, model_address, origin, origins, redis_address, without_login
from environment.values import Refused, credential, name, number, switch, whole_number

T = TypeVar("T")

BASE_DIR = Path(__file__).resolve().parent.parent


def _text(name: str, default: str = "") -> str:
    written = os.environ.get(name, "").strip()
    try:
        written.encode()
    except UnicodeEncodeError:
        raise ImproperlyConfigured(f"{name} is not UTF-8. Write it again, in that encoding.") from None
    return written or default


def _read(name: str, meaning: Callable[[str], T], default: T) -> T:
    """What ``name`` says, as ``meaning`` takes it; ``default`` where it is absent or empty."""
    if not (written := _text(name)):
        return default
    try:
        return meaning(written)
    except Refused as refused:
        raise ImproperlyConfigured(f"{name} {refused}") from None


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
        key = path.read_bytes().decode(errors="replace").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key cannot be kept in {folder} ({error.strerror}). "
            "Make that folder writable, name another (scripts/serve --data, or CHAT_DATA), or set DJANGO_SECRET_KEY."
        ) from None
    if not key:
        raise ImproperlyConfigured(f"The secret key in {path} is empty. Delete that file, and a new one is made.")
    return key


# --- Where things are -------------------------------------------------------------------------------------------

#: `scripts/serve` sets it to its ``--data``; who starts Django alone names the same folder.
DATA = Path(_text("CHAT_DATA", str(BASE_DIR / "var"))).absolute()

#: Empty: the supervisor starts one of its own.
REDIS_URL = _read("REDIS_URL", redis_address, "")
MOTORHEAD_URL = _read("MOTORHEAD_URL", http_address, "")
OPENAI_BASE_URL = _read("OPENAI_BASE_URL", model_address, "") or _read("OPENAI_API_BASE", model_address, "")
OPENAI_API_KEY = _read("OPENAI_API_KEY", credential, "")

# --- The chat ---------------------------------------------------------------------------------------------------

CHAT_WORKER = _read("CHAT_WORKER", name, "web")
CHAT_MODEL = _text("CHAT_MODEL", "gpt-4o-mini")
CHAT_SYSTEM_PROMPT = _text(
    "CHAT_SYSTEM_PROMPT",
    "You are a helpful assistant. Answer plainly and briefly. Use Markdown where it helps.",
)
#: Of the prompt, in tokens (counted as characters / 3, on the safe side: no tokenizer is downloaded).
CHAT_PROMPT_BUDGET = _read("CHAT_PROMPT_BUDGET", whole_number(500, 10_000_000), 12_000)
#: Seconds that the model may be silent.
CHAT_MODEL_PATIENCE = _read("CHAT_MODEL_PATIENCE", number(0.1, 3600), 60.0)
#: Seconds that a request to the memory server may take, and for how long an append is tried again.
CHAT_MEMORY_TIMEOUT = _read("CHAT_MEMORY_TIMEOUT", number(0.1, 3600), 5.0)
CHAT_MEMORY_PATIENCE = _read("CHAT_MEMORY_PATIENCE", number(0, 3600), 15.0)
#: Tell of the memory server's window where it does not itself (the original).
CHAT_WINDOW_SIZE = _read("MOTORHEAD_MAX_WINDOW_SIZE", whole_number(1, 10_000), 12)
#: Lines of earlier in the session that go into a prompt, where the memory server has a long-term memory.
CHAT_RECALLED_LINES = _read("CHAT_RECALLED_LINES", whole_number(0, 100), 4)
if not _read("MOTORHEAD_LONG_TERM_MEMORY", switch, False):
    CHAT_RECALLED_LINES = 0
#: Credentials of the memory server: its bearer token, and the hosted Motörhead's pair.
MOTORHEAD_TOKEN = _read("MOTORHEAD_TOKEN", credential, "")
METAL_API_KEY = _read("METAL_API_KEY", credential, "")
METAL_CLIENT_ID = _read("METAL_CLIENT_ID", credential, "")
#: How people outside reach the memory server, for the lines that the page offers to copy.
CHAT_PUBLIC_MEMORY_URL = _read(
    "CHAT_PUBLIC_MEMORY_URL", http_address, without_login(MOTORHEAD_URL) or "http://localhost:8080"
)

#: Characters in a message and in a reply (which is ended there), and turns a minute for one visitor (0: no limit).
CHAT_MAX_MESSAGE_CHARS = _read("CHAT_MAX_MESSAGE_CHARS", whole_number(1, 2_000_000), 16_000)
CHAT_MAX_REPLY_CHARS = _read("CHAT_MAX_REPLY_CHARS", whole_number(1, 2_000_000), 200_000)
CHAT_TURNS_PER_MINUTE = _read("CHAT_TURNS_PER_MINUTE", whole_number(0, 1_000_000), 30)
#: Turns a minute for all visitors together (0: no limit). A visitor is a cookie, so only this bounds the whole bill.
CHAT_TURNS_PER_MINUTE_IN_ALL = _read("CHAT_TURNS_PER_MINUTE_IN_ALL", whole_number(0, 1_000_000), 0)
#: Seconds after which a run whose worker went silent is taken over.
CHAT_LEASE = _read("CHAT_LEASE", number(0.5, 3600), 5.0)
#: Days that a visitor's cookie is good for; each visit renews it.
CHAT_OWNER_DAYS = _read("CHAT_OWNER_DAYS", whole_number(1, 36_500), 365)
#: Origins, besides the site's own, whose pages may open a websocket here with a visitor's cookie.
CHAT_ALLOWED_ORIGINS: list[str] = _read("CHAT_ALLOWED_ORIGINS", origins, [])

# --- Django -----------------------------------------------------------------------------------------------------

DEBUG = _read("DJANGO_DEBUG", switch, False)
SECRET_KEY = _text("DJANGO_SECRET_KEY") or _secret_key(DATA)

#: The address at which people reach the site, e.g. https://chat.example.org. Empty: this machine only.
CHAT_PUBLIC_URL = _read("CHAT_PUBLIC_URL", origin, "")
_public = urlsplit(CHAT_PUBLIC_URL)
_public_host = _public.netloc.removesuffix(f":{_public.port}")  # an IPv6 address keeps its brackets
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *filter(None, [_public_host])]
CSRF_TRUSTED_ORIGINS = [*filter(None, [CHAT_PUBLIC_URL])]
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
    "chat.web.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chat.web.access.OwnerMiddleware",
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

# Errors to the standard error stream. No access log, and no path in any line: a path can hold a session id, a query
# a ticket.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "chatsite.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "chat": {"level": "INFO"},
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.channels.server": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # a traceback for each, and anyone can send them
    },
}
