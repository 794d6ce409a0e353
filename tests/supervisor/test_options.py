"""The command line of ``manage.py serve``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatsite.folders import ROOT
from supervisor.options import Options, parse_options


def test_without_arguments_the_site_is_where_its_users_expect_it():
    """The site is where its settings say, the memory server on 8080, two workers serve, and data goes to ``var``."""
    assert parse_options([]) == Options(None, 8080, None, workers=2, data=ROOT / "var")


def test_each_option_is_used(tmp_path: Path):
    """Hosts, ports, the number of workers and the folder are as given."""
    ports = ["--port", "0", "--memory-port", "9", "--model-port", "10"]
    hosts = ["--host", "0.0.0.0", "--memory-host", "::1"]
    arguments = [*ports, *hosts, "--workers", "3", "--data", str(tmp_path)]
    assert parse_options(arguments) == Options(0, 9, 10, 3, tmp_path, "0.0.0.0", "::1")


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [(["--host", " "], "the host is empty"), (["--memory-host", "a..b"], "the host is 'a..b'. Write a name")],
)
def test_a_host_that_cannot_be_one_is_refused(arguments: list[str], wrong: str, capsys: pytest.CaptureFixture[str]):
    """The start ends with status 2 and a sentence."""
    with pytest.raises(SystemExit) as ended:
        parse_options(arguments)
    assert ended.value.code == 2
    assert wrong in capsys.readouterr().err


def test_a_relative_folder_is_relative_to_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``--data here`` names a folder in the current directory, wherever the checkout is."""
    monkeypatch.chdir(tmp_path)
    assert parse_options(["--data", "here"]).data == tmp_path / "here"


def test_the_folder_may_be_configured(tmp_path: Path):
    """An argument wins over the settings."""
    assert parse_options([], lambda *_: tmp_path / "there").data == tmp_path / "there"
    assert parse_options(["--data", "/here"], lambda *_: tmp_path / "there").data == Path("/here")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "8o"],
        ["--port", "65536"],
        ["--port", "-1"],
        ["--workers", "0"],
        ["--workers", "65"],
        ["--memory-workers", "0"],
        ["--port", "²"],
        ["--port", "9" * 5000],
    ],
)
def test_a_number_out_of_range_is_refused_with_the_range(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    """A wrong number ends the start with status 2, and the sentence gives the valid range."""
    with pytest.raises(SystemExit) as ended:
        parse_options(arguments)
    assert ended.value.code == 2
    assert "give a number from" in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["", " ", "~nobody-of-this-name/var", "folder ", "fol\nder", "\udcff"])
def test_an_invalid_folder_is_refused(folder: str, capsys: pytest.CaptureFixture[str]):
    """An empty name, as from an unset shell variable, does not mean the current directory."""
    with pytest.raises(SystemExit) as ended:
        parse_options(["--data", folder])
    assert ended.value.code == 2
    assert "folder" in capsys.readouterr().err.splitlines()[-1]


def test_an_unknown_option_is_refused(capsys: pytest.CaptureFixture[str]):
    """A misspelt option is named, not ignored or guessed."""
    with pytest.raises(SystemExit):
        parse_options(["--worker", "3"])
    assert "--worker" in capsys.readouterr().err


def test_the_head_of_the_script_names_every_option(capsys: pytest.CaptureFixture[str]):
    """Its reader sees what there is."""
    with pytest.raises(SystemExit):
        parse_options(["--help"])
    head = (ROOT / "scripts" / "serve").read_text().partition("set -eu")[0]
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert set(re.findall(r"--[a-z-]+", head)) == options
