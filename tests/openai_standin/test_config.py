"""The settings, and the error for an invalid one."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import astuple

import pytest

from openai_standin.config import Config, read_config, variables
from openai_standin.exceptions import ConfigurationError
from tests.support.servers import PATIENCE, REPOSITORY, clean_environment


def test_nothing_set_gives_the_defaults():
    """Without variables, or with empty ones, the server listens on loopback and is called stand-in."""
    assert read_config({"STANDIN_PORT": "", "STANDIN_MODEL": " "}) == Config()
    assert (Config.host, Config.port, Config.model) == ("127.0.0.1", 8081, "stand-in")


def test_each_variable_is_read():
    """Every setting has its variable."""
    given = {"HOST": "::1", "PORT": "0", "MODEL": "m", "DELAY": "0.5", "SUMMARY_WORDS": "20", "MAX_BODY": "2048"}
    given["LOG"] = "json"
    config = read_config({f"STANDIN_{name}": value for name, value in given.items()})
    assert config == Config("::1", 0, "m", 0.5, 20, 2048, "json")


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "x"), ("PORT", "70000"), ("DELAY", "-1"), ("DELAY", "nan"), ("SUMMARY_WORDS", "1.5")]
)
def test_a_bad_value_is_refused_with_a_sentence(name, value):
    """The error for a value that is not a number, or out of range, names the variable."""
    with pytest.raises(ConfigurationError, match=rf"^STANDIN_{name} is '{value}'\. Write a (whole )?number from .*\.$"):
        read_config({f"STANDIN_{name}": value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("HOST", "a" * 70), ("HOST", "a..b"), ("HOST", "\udcff"), ("MODEL", "a\nb"), ("MODEL", "\udcff")],
)
def test_an_unusable_name_is_refused_with_a_sentence(name, value):
    """For example a host that cannot be resolved, or a model name that cannot be printed."""
    with pytest.raises(ConfigurationError, match=rf"^STANDIN_{name} is '.*'\. Write .*\.$"):
        read_config({f"STANDIN_{name}": value})


def test_every_variable_is_listed_with_its_default_and_its_meaning():
    """Each variable is listed once, with the default of its setting."""
    listed = {each.name: each for each in variables()}
    assert [each.default for each in listed.values()] == list(astuple(Config()))
    assert all(each.meaning.endswith(".") and "\n" not in each.meaning for each in listed.values())


def test_a_taken_port_ends_the_start_with_a_sentence():
    """A server that cannot listen says where and why, and exits with 1."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            [sys.executable, "-m", "openai_standin"], env=clean_environment({"STANDIN_PORT": port}), cwd=REPOSITORY,
            capture_output=True, text=True, timeout=20 * PATIENCE, check=False,
        )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"openai_standin: Cannot listen there (STANDIN_HOST=127.0.0.1, STANDIN_PORT={port})")
    assert "Traceback" not in ended.stderr
