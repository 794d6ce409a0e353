"""One site for the tests of access, which anybody may sign up on, with an owner who has something to hide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from chat.grants.scopes import Scope
from tests.access.people import People
from tests.support.scripted_openai import ScriptedOpenAI
from tests.support.servers import PATIENCE, REPOSITORY, Site, running, start_site
from tests.support.staff import make_staff, make_superuser, manage

#: The permissions of the chat's own pages in the admin, and of Django's.
CHAT = (
    *("view_session", "delete_session", "view_token", "add_token", "delete_token"),
    *("view_account", "delete_account", "add_invitation", "view_invitation", "delete_invitation"),
)
DJANGO = (
    *("view_user", "add_user", "change_user", "delete_user", "view_logentry", "change_logentry"),
    *("view_group", "add_group", "change_group", "delete_group"),
)
#: The accounts of staff with one permission each, with two, or without any.
PERMISSIONS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "both": ("view_session", "delete_session"),
    "of users": ("add_user", "change_user"),
    **{each: (each,) for each in CHAT + DJANGO},
}


@pytest.fixture(scope="package")
def task_counts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the site's processes write how many tasks they have."""
    return tmp_path_factory.mktemp("tasks")


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, task_counts: Path) -> Iterator[Site]:
    """The site, without limits."""
    none = ("TURNS_PER_MINUTE", "TURNS_PER_MINUTE_PER_ADDRESS", "PAGES_PER_MINUTE", "PAGES_PER_MINUTE_PER_ADDRESS")
    settings = {f"CHAT_{name}": "0" for name in (*none, "SOCKETS_PER_ADDRESS", "LOGINS_PER_NAME", "LOGINS_PER_ADDRESS")}
    settings |= {"CHAT_SIGN_UP": "open", "MOTORHEAD_MAX_WINDOW_SIZE": "12"}
    settings |= {"PYTHONPATH": str(REPOSITORY / "tests" / "support" / "task_counts"), "TASK_COUNTS": str(task_counts)}
    with (
        ScriptedOpenAI() as model,
        running(
            start_site(tmp_path_factory.mktemp("site"), "--workers", "1", OPENAI_BASE_URL=model.url, **settings)
        ) as site,
    ):
        make_superuser(site, "root")
        make_staff(site, PERMISSIONS)
        yield site


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[httpx.Client]:
    """A client of the site without a credential of its own."""
    with httpx.Client(base_url=site.url, trust_env=False, timeout=60 * PATIENCE) as client:
        yield client


@pytest.fixture(scope="package")
def people(site: Site) -> Iterator[People]:
    """Everybody who might ask."""
    with closing(People(site)) as people:
        yield people


@pytest.fixture(scope="package")
def tokens(site: Site, people: People) -> dict[str, str]:
    """A token of the owner with each scope."""
    options = {scope.value: (f"--owner={people.owner.owner}", "--scope", scope) for scope in Scope}
    return {name: manage(site, "issue_token", *given).strip() for name, given in options.items()}
