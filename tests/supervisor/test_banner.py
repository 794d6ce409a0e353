"""The text printed when the site is up."""

from __future__ import annotations

from pathlib import Path

from supervisor.banner import banner
from supervisor.options import Options
from supervisor.plan import Bindings, Configured, make_plan

BINDINGS = Bindings(8000, 7, 8080, 21000, "valkey-password", 22000, 5)


def text(configured: Configured, data: Path = Path("/var/chat"), workers: int = 2) -> str:
    options = Options(data=data, workers=workers)
    return banner(make_plan(options, configured, BINDINGS), configured, options)


def test_it_says_where_everything_is_and_no_password():
    """It gives the addresses of the site, the memory server and Redis."""
    shown = text(Configured())
    assert "http://127.0.0.1:8000" in shown
    assert "http://127.0.0.1:8080" in shown
    assert "redis://127.0.0.1:21000/0" in shown
    assert "valkey-password" not in shown


def test_it_counts_the_workers():
    """The word is singular for one worker, and plural for two."""
    assert "1 worker\n" in text(Configured(), workers=1)
    assert "2 workers\n" in text(Configured())


def test_it_counts_the_processes_of_the_memory_server():
    """If there are several, and they are this site's."""

    def shown(configured: Configured) -> str:
        options = Options(data=Path("/var/chat"), memory_workers=3)
        return banner(make_plan(options, configured, BINDINGS), configured, options)

    assert "http://127.0.0.1:8080, 3 processes\n" in shown(Configured())
    assert "processes" not in shown(Configured(memory="http://elsewhere:8080"))
    assert "processes" not in text(Configured())


def test_it_says_openly_that_a_standin_answers():
    """It also says what to set for a real model."""
    assert "stand-in" in text(Configured())
    assert "set OPENAI_API_KEY or OPENAI_BASE_URL for a real one" in text(Configured())


def test_it_has_a_line_that_makes_the_standin_the_model_of_other_clients():
    """It can be pasted into a shell; nothing like it is shown of a real model."""
    line = "\n  export OPENAI_API_KEY=none OPENAI_BASE_URL=http://localhost:22000/v1\n"
    assert line in text(Configured())
    assert "export" not in text(Configured(model_key="sk-key"))


def test_it_names_the_real_model_and_where_it_is_asked():
    """So nobody pays for a model without knowing it."""
    shown = text(Configured(model_key="sk-key", model_name="gpt-4o-mini"))
    assert "gpt-4o-mini at https://api.openai.com/v1" in shown
    assert "stand-in" not in shown
    assert "sk-key" not in shown


def test_the_line_for_a_staff_login_can_be_pasted_into_a_shell():
    """It names the site's data folder, with quotes if needed."""
    assert "CHAT_DATA='/a folder'" in text(Configured(), Path("/a folder"))
    assert "createsuperuser" in text(Configured())


def test_it_says_where_a_staff_login_needs_the_database():
    """Without its address, the command would look for accounts in the folder."""
    assert "/admin/, run, with DATABASE_URL set as for the site\n" in text(Configured(in_postgresql=True))
    assert "DATABASE_URL" not in text(Configured())
