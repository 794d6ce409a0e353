"""The apps, middleware and templates of which Django makes the site, and where its paths begin."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

from chatsite import folders

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
    "chat.web.health.HealthMiddleware",
    "chat.monitoring.middleware.MetricsMiddleware",
    "chat.web.https.HttpsMiddleware",
    "chat.api.v1.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chat.web.leaving.LeavingMiddleware",
    "chat.web.compression.CompressionMiddleware",
    "chat.web.language.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "chat.web.visitor.OwnerMiddleware",
    "chat.accounts.outages.OutageMiddleware",
]

CSRF_FAILURE_VIEW = "chat.page.views.forgery.forgery"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [folders.TEMPLATES],
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

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]

PASSWORD_HASHERS = ["chat.accounts.passwords.OneAtATimeHasher", *global_settings.PASSWORD_HASHERS[1:]]

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "chatsite.static_files.StaticFiles"},
}

#: The first segments of the site's own paths. Below one of these, a path with the site's sub-path could also be one
#: without it.
OWN_PATHS = {
    *("account", "admin", "any", "api", "demonstration", "docs", "favicon.ico", "healthz", "language", "metrics"),
    *("readyz", "s", "search", "sessions", "shared", "shares", "static", "v1", "visit", "ws"),
}


#: Modules of the packages that make traces and send them.
TRACING = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


def check_tracing(endpoint: str) -> None:
    """Raises `ImproperlyConfigured`: traces are to go to ``endpoint``, and the extra ``otel`` is not installed."""
    if endpoint and not all(map(_is_there, TRACING)):
        raise ImproperlyConfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT asks for traces, but OpenTelemetry is not installed. Install "
            "motorhead-chat[otel] (in a checkout: .venv/bin/pip install -r requirements-otel.txt), or unset the "
            "variable."
        )


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False
