"""The variables that a child may see."""

from __future__ import annotations

import pytest

from supervisor.secrets import permitted

SECRETS = [
    *(
        "OPENAI_API_KEY",
        "MOTORHEAD_TOKEN",
        "DJANGO_SECRET_KEY",
        "PG_PASSWORD",
        "DATABASE_URL",
        "PGPASSWORD",
        "MYSQL_PWD",
    ),
    *("AWS_SECRET_ACCESS_KEY", "aws_session_token", "GOOGLE_APPLICATION_CREDENTIALS", "SENTRY_DSN", "GITHUB_PAT"),
    *("APIKEY", "DB_PASS", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"),
]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_known_by_its_name(name: str):
    """It is passed on only to a child that may see names with this beginning."""
    assert permitted({name: "s"}, ()) == {}
    assert permitted({name: "s"}, (name[:3],)) == {name: "s"}
    assert permitted({name: "s"}, ("OTHER_",)) == {}


@pytest.mark.parametrize("name", ["PATH", "HOME", "LANG", "MONKEY", "CHAT_MODEL", "TZ", "LD_LIBRARY_PATH", "PWD"])
def test_other_variables_reach_every_child(name: str):
    """Programs need some of them to run at all."""
    assert permitted({name: "x"}, ()) == {name: "x"}


def test_a_confined_child_sees_nothing_that_might_be_a_secret():
    """It sees what every program may see, and what is meant for it."""
    environment = dict.fromkeys(("PATH", "LC_ALL", "STANDIN_MODEL", "MY_VAULT", "CHAT_MODEL", *SECRETS), "x")
    assert set(permitted(environment, ("STANDIN_",), confined=True)) == {"PATH", "LC_ALL", "STANDIN_MODEL"}


def test_signs_of_life_do_not_go_to_the_supervisors_own_starter():
    """Where the supervisor itself reports is not passed on."""
    assert permitted({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "2"}, ("",)) == {}
