"""The site's settings. No other file of the web tier reads the environment.

It imports no app, so the supervisor can read addresses from it without loading one.
Every variable has a default that works on a laptop. An invalid value stops the start with a sentence.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from chatsite import folders
from chatsite.cookies import cookie_names
from chatsite.database import database
from chatsite.installed import (
    AUTH_PASSWORD_VALIDATORS as AUTH_PASSWORD_VALIDATORS,
    CSRF_FAILURE_VIEW as CSRF_FAILURE_VIEW,
    INSTALLED_APPS as INSTALLED_APPS,
    MIDDLEWARE as MIDDLEWARE,
    OWN_PATHS,
    PASSWORD_HASHERS as PASSWORD_HASHERS,
    STORAGES as STORAGES,
    TEMPLATES as TEMPLATES,
    check_tracing,
)
from chatsite.logs import log_settings
from chatsite.secret_key import secret_key
from environment.addresses import (
    Network,
    database_address,
    host,
    host_names,
    http_address,
    is_loopback,
    model_address,
    networks,
    origins,
    redis_address,
    site_address,
    without_login,
)
from environment.lifesigns import notify_socket
from environment.values import (
    choice,
    cookie_prefix,
    credential,
    integer,
    key_prefix,
    line,
    name,
    number,
    switch,
    text,
    words,
)
from environment.variables import Environment, Variable

_environment = Environment(os.environ, ImproperlyConfigured)
_read = _environment.read


def variables() -> Sequence[Variable[Any]]:
    """All variables that this file reads, in its order."""
    return _environment.variables


# --- Where things are -------------------------------------------------------------------------------------------

_data = _read("CHAT_DATA", text, "", "The folder for all stored data (the supervisor's `--data`); empty: `var`.")
DATA = Path(_data or folders.default_data()).absolute()
DISK_IS_FULL = partial(folders.is_full, DATA)

REDIS_URL = _read(
    "REDIS_URL", redis_address, "", "Redis, any node of a Cluster, or sentinels; empty: the supervisor starts one."
)
REDIS_KEY_PREFIX = _read("REDIS_KEY_PREFIX", key_prefix, "", "What all keys in Redis begin with.")
MOTORHEAD_URL = _read("MOTORHEAD_URL", http_address, "", "The memory server; empty: the supervisor starts one.")
OPENAI_BASE_URL = _read(
    "OPENAI_BASE_URL", model_address, "", "The model's address; empty: OpenAI, or the stand-in.", "OPENAI_API_BASE"
)
OPENAI_API_KEY = _read("OPENAI_API_KEY", credential, "", "The key sent to the model.")
# The memory server reads the same four. Both ask Azure, whatever the two variables above say.
AZURE_API_KEY = _read("AZURE_API_KEY", credential, "", "The key for Azure, which needs this and the next two.")
AZURE_API_BASE = _read("AZURE_API_BASE", model_address, "", "The address of Azure.")
AZURE_DEPLOYMENT_ID = _read("AZURE_DEPLOYMENT_ID", line, "", "The deployment that answers, in place of `CHAT_MODEL`.")
AZURE_API_VERSION = _read("AZURE_API_VERSION", line, "2023-05-15", "The version of Azure's API.", "OPENAI_API_VERSION")
_azure = {
    "AZURE_API_KEY": AZURE_API_KEY,
    "AZURE_API_BASE": AZURE_API_BASE,
    "AZURE_DEPLOYMENT_ID": AZURE_DEPLOYMENT_ID,
}
_missing = [each for each, value in _azure.items() if not value]
if 0 < len(_missing) < len(_azure):
    raise ImproperlyConfigured(f"Azure needs all of {', '.join(_azure)}. Set {' and '.join(_missing)}, too.")

# --- The chat ---------------------------------------------------------------------------------------------------

CHAT_WORKER = _read("CHAT_WORKER", name, "web", "The worker's name, in a header of its answers.")
CHAT_MODEL = _read("CHAT_MODEL", text, "gpt-4o-mini", "The model that answers.")
CHAT_SYSTEM_PROMPT = _read(
    "CHAT_SYSTEM_PROMPT",
    text,
    "You are a helpful assistant. Answer plainly and briefly. Use Markdown where it helps.",
    "The model's instructions, at the top of every prompt.",
)
# Characters / 3 errs on the safe side, and needs no downloaded tokenizer.
CHAT_PROMPT_BUDGET = _read(
    "CHAT_PROMPT_BUDGET", integer(500, 10_000_000), 12_000, "Tokens in a prompt, counted as characters / 3."
)
CHAT_MODEL_PATIENCE = _read("CHAT_MODEL_PATIENCE", number(0.1, 3600), 60.0, "Seconds that the model may be silent.")
CHAT_MEMORY_TIMEOUT = _read(
    "CHAT_MEMORY_TIMEOUT", number(0.1, 3600), 5.0, "Seconds to wait for the memory server's answer."
)
CHAT_MEMORY_PATIENCE = _read("CHAT_MEMORY_PATIENCE", number(0, 3600), 15.0, "Seconds for which an append is retried.")
CHAT_WINDOW_SIZE = _read(
    "MOTORHEAD_MAX_WINDOW_SIZE", integer(1, 10_000), 12, "Messages in the window, if the server does not say."
)
CHAT_SUMMARY_WORDS = _read(
    "MOTORHEAD_SUMMARY_WORDS", integer(20, 5_000), 200, "The most words in a summary, for which a prompt needs room."
)
CHAT_RECALLED_LINES = _read("CHAT_RECALLED_LINES", integer(0, 100), 4, "Lines of long-term memory in a prompt.")
if not _read("MOTORHEAD_LONG_TERM_MEMORY", switch, False, "Whether the memory server has a long-term memory."):
    CHAT_RECALLED_LINES = 0
MOTORHEAD_TOKEN = _read("MOTORHEAD_TOKEN", credential, "", "The bearer token sent to the memory server.")
METAL_API_KEY = _read("METAL_API_KEY", credential, "", "The key sent to a hosted Motörhead.")
METAL_CLIENT_ID = _read("METAL_CLIENT_ID", credential, "", "The client id sent to a hosted Motörhead.")
CHAT_PUBLIC_MEMORY_URL = _read(
    "CHAT_PUBLIC_MEMORY_URL", http_address, "", "The memory server's address in the lines that users copy."
)
CHAT_PUBLIC_MEMORY_URL = CHAT_PUBLIC_MEMORY_URL or without_login(MOTORHEAD_URL) or "http://localhost:8080"
CHAT_PUBLIC_STANDIN_URL = _read(
    "CHAT_PUBLIC_STANDIN_URL", model_address, "", "The stand-in's address in those lines; the supervisor sets it."
)

CHAT_MAX_MESSAGE_CHARS = _read(
    "CHAT_MAX_MESSAGE_CHARS", integer(1, 2_000_000), 16_000, "The most characters in a message."
)
CHAT_MAX_REPLY_CHARS = _read(
    "CHAT_MAX_REPLY_CHARS", integer(1, 2_000_000), 200_000, "Characters at which a reply or its reasoning is ended."
)
CHAT_TURNS_PER_MINUTE = _read(
    "CHAT_TURNS_PER_MINUTE", integer(0, 1_000_000), 30, "Turns a minute for one visitor; 0: no limit."
)
# A visitor is only a cookie, so this is the only bound on the total bill.
CHAT_TURNS_PER_MINUTE_IN_ALL = _read(
    "CHAT_TURNS_PER_MINUTE_IN_ALL", integer(0, 1_000_000), 0, "Turns a minute for all visitors; 0: no limit."
)
CHAT_TURNS_PER_MINUTE_PER_ADDRESS = _read(
    "CHAT_TURNS_PER_MINUTE_PER_ADDRESS", integer(0, 1_000_000), 120, "Turns a minute for one address; 0: no limit."
)
CHAT_PAGES_PER_MINUTE = _read(
    "CHAT_PAGES_PER_MINUTE", integer(0, 1_000_000), 120, "Pages and websockets a visitor opens a minute; 0: no limit."
)
CHAT_PAGES_PER_MINUTE_PER_ADDRESS = _read(
    "CHAT_PAGES_PER_MINUTE_PER_ADDRESS", integer(0, 1_000_000), 600, "The same for one address, in one worker."
)
CHAT_SOCKETS_PER_VISITOR = _read(
    "CHAT_SOCKETS_PER_VISITOR", integer(0, 1_000_000), 50, "Websockets of a visitor in one worker; 0: no limit."
)
CHAT_SOCKETS_PER_ADDRESS = _read(
    "CHAT_SOCKETS_PER_ADDRESS", integer(0, 1_000_000), 200, "Websockets of one address in one worker; 0: no limit."
)
CHAT_LOGINS_PER_NAME = _read(
    "CHAT_LOGINS_PER_NAME", integer(0, 1_000_000), 10, "Failed sign-ins of a name in 15 minutes; 0: no limit."
)
CHAT_LOGINS_PER_ADDRESS = _read(
    "CHAT_LOGINS_PER_ADDRESS", integer(0, 1_000_000), 30, "Failed sign-ins from an address in 15 minutes; 0: no limit."
)
CHAT_TRUSTED_PROXIES: list[Network] = _read(
    "CHAT_TRUSTED_PROXIES", networks, [], "Addresses and networks of proxies whose `X-Forwarded-For` is believed."
)
CHAT_LEASE = _read(
    "CHAT_LEASE", number(0.5, 3600), 5.0, "Seconds of silence after which another worker takes over a run."
)
CHAT_SIGN_UP = _read(
    "CHAT_SIGN_UP", choice("off", "open", "invitation"), "off", "Who may sign up: `off`, `open`, or by `invitation`."
)
CHAT_OWNER_DAYS = _read(
    "CHAT_OWNER_DAYS", integer(1, 36_500), 365, "Days that a visitor's cookie lasts; each visit renews it."
)
CHAT_ALLOWED_ORIGINS: list[str] = _read(
    "CHAT_ALLOWED_ORIGINS", origins, [], "Other origins whose pages may connect as visitors, separated by spaces."
)

CHAT_LOG = _read(
    "CHAT_LOG",
    choice("text", "json"),
    "text",
    "The format of log lines, `text` or `json`; under the supervisor of all.",
)
LOGGING = log_settings(CHAT_LOG, CHAT_WORKER)
CHAT_METRICS_TOKEN = _read(
    "CHAT_METRICS_TOKEN", credential, "", "The bearer token for `/metrics`; needed where others reach the site."
)
# OpenTelemetry itself reads this and its other variables.
OTEL_EXPORTER_OTLP_ENDPOINT = _read(
    "OTEL_EXPORTER_OTLP_ENDPOINT", http_address, "", "The collector that gets traces of turns; empty: none are made."
)
check_tracing(OTEL_EXPORTER_OTLP_ENDPOINT)
NOTIFY_SOCKET = _read("NOTIFY_SOCKET", notify_socket, "", "Where signs of life go; set by the supervisor or systemd.")
WATCHDOG_USEC = _read(
    "WATCHDOG_USEC", integer(0, 10**12), 0, "Microseconds after which a worker without signs is replaced."
)

# --- Django -----------------------------------------------------------------------------------------------------

DEBUG = _read("DJANGO_DEBUG", switch, False, "Whether to show errors in full; never do so on a public site.")
_key = _read("DJANGO_SECRET_KEY", text, "", "The key that signs cookies; empty: one is made and stored in `CHAT_DATA`.")
SECRET_KEY = _key or secret_key(DATA)
SECRET_KEY_FALLBACKS: list[str] = _read(
    "DJANGO_SECRET_KEY_FALLBACKS", words, [], "Former keys whose signatures still hold, separated by spaces."
)

CHAT_PUBLIC_URL = _read(
    "CHAT_PUBLIC_URL", site_address, "", "The address at which people reach the site; empty: localhost."
)
_public = urlsplit(CHAT_PUBLIC_URL)
FORCE_SCRIPT_NAME = _public.path or None
if _public.path and _public.path.split("/")[1] in OWN_PATHS:
    raise ImproperlyConfigured(
        f"CHAT_PUBLIC_URL has the path {_public.path}, but the site has a page there. Put the site below another path."
    )
CHAT_PUBLIC_ORIGIN = CHAT_PUBLIC_URL.removesuffix(_public.path)
_public_host = _public.netloc.removesuffix(f":{_public.port}")  # an IPv6 address keeps its brackets
CHAT_HOST = _read("CHAT_HOST", host, "127.0.0.1", "The name or address on which the site listens (`--host`).")
CHAT_PORT = _read("CHAT_PORT", integer(0, 65_535), 8000, "The port on which it listens (`--port`); 0: any free port.")
CHAT_ALLOWED_HOSTS: Sequence[str] = _read(
    "CHAT_ALLOWED_HOSTS", host_names, (), "More names and addresses of the site, without ports, separated by spaces."
)
if not (is_loopback(CHAT_HOST) or CHAT_PUBLIC_URL or CHAT_ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        f"CHAT_HOST (or --host) is {CHAT_HOST}, which others reach, but the site knows no name by which they may call "
        "it. Set CHAT_PUBLIC_URL to its address, or CHAT_ALLOWED_HOSTS to its names and addresses."
    )
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *filter(None, [_public_host]), *CHAT_ALLOWED_HOSTS]
CHAT_ON_LOOPBACK = is_loopback(CHAT_HOST) and all(map(is_loopback, ALLOWED_HOSTS))
_drain = _read(
    "CHAT_DRAIN_SECONDS",
    number(0, 3600),
    None,
    "Seconds for turns under way after SIGTERM; empty: 5, or 0 if others cannot reach the site.",
)
CHAT_DRAIN_SECONDS: float = (0.0 if CHAT_ON_LOOPBACK else 5.0) if _drain is None else _drain
CHAT_SHARED_PORT = _read(
    "CHAT_SHARED_PORT", switch, False, "Whether other workers accept connections on its port; set by the supervisor."
)
CHAT_KILL_DRAWER = _read(
    "CHAT_KILL_DRAWER", switch, False, "Whether the page can end the site's processes; on under `scripts/serve`."
)
if CHAT_KILL_DRAWER and not CHAT_ON_LOOPBACK:
    raise ImproperlyConfigured(
        "CHAT_KILL_DRAWER is on, but others reach the site (by CHAT_PUBLIC_URL, CHAT_ALLOWED_HOSTS or CHAT_HOST), and "
        "they would be able to end its processes. Unset CHAT_KILL_DRAWER."
    )
CSRF_TRUSTED_ORIGINS = [*filter(None, [CHAT_PUBLIC_ORIGIN])]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
CHAT_COOKIE_PREFIX = _read(
    "CHAT_COOKIE_PREFIX", cookie_prefix, "", "What the names of cookies begin with; empty: 8 digits made from the key."
)
_cookies = cookie_names(CHAT_COOKIE_PREFIX, SECRET_KEY, https=SESSION_COOKIE_SECURE)
CHAT_OWNER_COOKIE, CHAT_FRONTEND_COOKIE = _cookies.owner, _cookies.frontend
CSRF_COOKIE_NAME, SESSION_COOKIE_NAME = _cookies.csrf, _cookies.session
LANGUAGE_COOKIE_NAME = _cookies.language
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # the default would set one more cookie
CHAT_HSTS_DAYS = _read(
    "CHAT_HSTS_DAYS", integer(0, 3_650), 30, "Days for which browsers use only https, if the address is; 0: not said."
)
if SESSION_COOKIE_SECURE:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"

DATABASE_URL = _read(
    "DATABASE_URL", database_address, "", "The PostgreSQL for accounts and staff; empty: SQLite in `CHAT_DATA`."
)
DATABASES = {"default": database(DATABASE_URL, DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
# The first is that of the code; each of the others has a folder of translations.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [folders.LOCALE]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = f"{_public.path}/static/"
STATIC_ROOT = folders.collected_static(DATA)
STATICFILES_DIRS = [folders.STATIC]
# The files have hashed names already, and never change while a worker runs.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
