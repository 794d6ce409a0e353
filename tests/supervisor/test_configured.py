"""The addresses that the operator configured."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from supervisor.configured import check_addresses, check_memory_host
from supervisor.exceptions import AddressSilent, BadSettings
from supervisor.plan import Configured
from tests.support.servers import REPOSITORY, Server, clean_environment, free_port

READ = "from supervisor.configured import read_configured; print(read_configured())"


def read(**settings: str) -> subprocess.CompletedProcess[str]:
    """The output of a new process with these ``settings``, since settings are loaded once per process."""
    env = clean_environment({"DJANGO_SETTINGS_MODULE": "chatsite.settings", "DJANGO_SECRET_KEY": "k", **settings})
    return subprocess.run(
        [sys.executable, "-c", READ], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False
    )


def test_addresses_come_from_the_sites_settings():
    """Only the settings know the names of the variables; the supervisor sees addresses."""
    seen = read(REDIS_URL="redis://a:1", MOTORHEAD_URL="http://b:2", OPENAI_API_BASE="http://c:3/v1").stdout
    assert "redis='redis://a:1'" in seen
    assert "memory='http://b:2'" in seen
    assert "model='http://c:3/v1'" in seen


def test_a_memory_server_that_others_reach_needs_a_token(settings: Any):
    """Otherwise they could read everything."""
    check_memory_host("127.0.0.1")
    check_memory_host("localhost")
    with pytest.raises(BadSettings, match=r"^--memory-host is 0\.0\.0\.0.*Set MOTORHEAD_TOKEN\.$"):
        check_memory_host("0.0.0.0")
    settings.MOTORHEAD_TOKEN = "secret"
    check_memory_host("0.0.0.0")


def test_a_deployment_on_azure_is_the_model():
    """With one, no stand-in is started."""
    azure = {"AZURE_API_BASE": "http://a:1", "AZURE_API_KEY": "k", "AZURE_DEPLOYMENT_ID": "gpt-4o-eu"}
    seen = read(**azure, OPENAI_BASE_URL="http://c:3/v1").stdout
    assert "model='http://a:1'" in seen
    assert "model_name='gpt-4o-eu'" in seen


def test_the_window_of_the_memory_server_fits_the_prompt():
    """It follows from the budget and the largest texts of a prompt, so it grows with the budget."""
    for window, settings in (
        (3949, {}),
        (9949, {"CHAT_PROMPT_BUDGET": "20000"}),
        (6953, {"CHAT_MAX_MESSAGE_CHARS": "3984"}),
        (2957, {"MOTORHEAD_SUMMARY_WORDS": "399", "MOTORHEAD_MAX_WINDOW_SIZE": "11"}),
    ):
        assert f"window_tokens={window}," in read(CHAT_SYSTEM_PROMPT="s", **settings).stdout


def test_reading_them_loads_no_app():
    """The supervisor stays small: neither Django's apps nor any client library is imported."""
    code = f"{READ}; import sys; print([name for name in ('django.apps', 'django.db', 'redis', 'httpx') "
    code += "if name in sys.modules])"
    env = clean_environment({"DJANGO_SETTINGS_MODULE": "chatsite.settings", "DJANGO_SECRET_KEY": "k"})
    seen = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=True
    )
    assert seen.stdout.splitlines()[-1] == "[]"


def test_a_bad_setting_is_reported_in_the_settings_own_words():
    """The sentence names the variable."""
    failed = read(REDIS_URL="nonsense")
    assert failed.returncode != 0
    assert "BadSettings: REDIS_URL has no scheme, or the wrong one. Begin with redis://" in failed.stderr


@pytest.mark.parametrize(("name", "scheme"), [("REDIS_URL", "redis"), ("MOTORHEAD_URL", "http")])
def test_a_silent_address_that_the_site_needs_ends_the_start(name: str, scheme: str):
    """The sentence names the variable and the address, without its password."""
    port = free_port()
    url = f"{scheme}://user:secret@127.0.0.1:{port}"
    configured = Configured(redis=url) if scheme == "redis" else Configured(memory=url)
    with pytest.raises(AddressSilent, match=rf"Nothing answers at {scheme}://127.0.0.1:{port}\. .* {name}") as error:
        check_addresses(configured)
    assert "secret" not in str(error.value)


def test_a_silent_model_is_only_warned_of():
    """The chat starts anyway: its turns say what is wrong until the model answers."""
    (warning,) = check_addresses(Configured(model=f"http://127.0.0.1:{free_port()}/v1"))
    assert "OPENAI_BASE_URL" in warning


def test_a_model_behind_a_proxy_is_not_looked_for(valkey: Server, monkeypatch: pytest.MonkeyPatch):
    """Only the proxy can be reached from here, and a silent one is named."""
    monkeypatch.setenv("https_proxy", valkey.url.replace("redis://", "http://"))
    assert check_addresses(Configured(model="https://model.invalid/v1")) == []
    monkeypatch.setenv("https_proxy", f"http://user:secret@127.0.0.1:{free_port()}")
    (warning,) = check_addresses(Configured(model="https://model.invalid/v1"))
    assert warning.startswith("No proxy answers at http://127.0.0.1:")
    assert "secret" not in warning


def test_addresses_that_answer_pass(valkey: Server):
    """There is nothing to warn about."""
    assert check_addresses(Configured(redis=valkey.url)) == []
