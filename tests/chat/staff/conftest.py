"""One site for all tests of the admin, with staff accounts of every kind, and clients signed in as them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from tests.support.scripted_openai import Reply, ScriptedOpenAI
from tests.support.servers import Site, running, start_site
from tests.support.staff import Staff, make_staff, make_superuser, signed_in

#: The permissions of each account but the superuser's, ``root``.
PERMISSIONS = {
    "nothing": (),
    "viewer": ("view_session",),
    "deleter": ("delete_session",),
    "both": ("view_session", "delete_session"),
    "support": ("view_session", "delete_session"),
    "host": ("add_invitation", "view_invitation", "delete_invitation", "view_account", "delete_account"),
    "token viewer": ("view_token",),
    "token keeper": ("view_token", "add_token", "delete_token"),
}


@pytest.fixture(scope="package")
def model() -> Iterator[ScriptedOpenAI]:
    """The model of the site and the memory server; it always gives the same answer."""
    with ScriptedOpenAI(lambda _: Reply("The human is called Bob.", usage=(30, 7))) as server:
        yield server


@pytest.fixture(scope="package")
def site(model: ScriptedOpenAI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site, on which one signs up by invitation, with a superuser and one staff account per set of permissions."""
    settings = {"OPENAI_BASE_URL": model.url, "MOTORHEAD_MAX_WINDOW_SIZE": "4", "CHAT_SIGN_UP": "invitation"}
    with running(start_site(tmp_path_factory.mktemp("site"), "--workers", "1", **settings)) as site:
        make_superuser(site, "root")
        make_staff(site, PERMISSIONS)
        yield site


@pytest.fixture(scope="package")
def signed(site: Site) -> Iterator[Callable[[str | None], Staff]]:
    """Clients by account (None: signed out). Signing in is deliberately slow, so each account does it once."""
    with ExitStack() as clients:
        yield cache(lambda name: clients.enter_context(signed_in(site, name)))
