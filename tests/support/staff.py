"""Staff of a site: their accounts, made with ``manage.py``, and clients signed in as them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.support.cookies import csrf_token
from tests.support.servers import PATIENCE, REPOSITORY, Site, clean_environment

PASSWORD = "a password of the tests"

_MAKE_STAFF = """
import json, sys
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission, User
hashed = make_password({password!r})  # done once, as hashing is slow on purpose
for name, codenames in json.loads({names!r}).items():
    user = User.objects.create(username=name, password=hashed, is_staff=True)
    given = Permission.objects.filter(content_type__app_label__in=("chat", "auth", "admin"), codename__in=codenames)
    user.user_permissions.set(given)
"""


class AnySite(Protocol):
    """A site with its data in a folder."""

    @property
    def data(self) -> Path:
        """The folder."""
        ...


def manage(site: AnySite, *arguments: str, **settings: str) -> str:
    """The output of ``manage.py`` on the site's data; ``settings`` are environment variables."""
    command = [sys.executable, str(REPOSITORY / "manage.py"), *arguments]
    env = clean_environment({"CHAT_DATA": str(site.data), **settings})
    done = subprocess.run(
        command, check=False, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=60 * PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_superuser(site: AnySite, name: str, **settings: str) -> None:
    """Make an account with all permissions, as described in the README; ``settings`` are those of the site."""
    manage(
        site,
        "createsuperuser",
        "--noinput",
        DJANGO_SUPERUSER_USERNAME=name,
        DJANGO_SUPERUSER_EMAIL="",
        DJANGO_SUPERUSER_PASSWORD=PASSWORD,
        **settings,
    )


def make_staff(site: Site, permissions: Mapping[str, Sequence[str]]) -> None:
    """Make staff accounts with these names, each with permissions (``view_session``, …)."""
    names = json.dumps({name: list(given) for name, given in permissions.items()})
    code = _MAKE_STAFF.format(names=names, password=PASSWORD)
    manage(site, "shell", "--no-imports", "-c", code)


class Staff(httpx.Client):
    """A browser without scripts: it does not follow redirects, and sends the form's token with every POST."""

    def sign_in(self, name: str) -> None:
        """Sign in on the admin's login page."""
        self.get("/admin/login/")
        answer = self.submit("/admin/login/", username=name, password=PASSWORD, next="/admin/")
        assert answer.status_code == 302, answer.text

    def submit(self, address: str, **fields: Any) -> httpx.Response:
        """Send a form."""
        return self.post(address, data={"csrfmiddlewaretoken": csrf_token(self), **fields})


@contextmanager
def signed_in(site: Site, name: str | None) -> Iterator[Staff]:
    """A client signed in as ``name``, or not signed in for None."""
    with Staff(base_url=site.url, trust_env=False, timeout=30 * PATIENCE) as client:
        if name is not None:
            client.sign_in(name)
        yield client
