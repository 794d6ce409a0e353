"""The processes that make up the site."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from chatsite.settings import variables
from supervisor.options import Options
from supervisor.plan import Bindings, Child, Configured, Plan, make_plan
from supervisor.secrets import OWN, permitted

OPTIONS = Options(port=8000, memory_port=8080, workers=2, data=Path("/a folder/var"))
BINDINGS = Bindings(
    web_port=8000, web_socket=7, memory_port=8080, valkey_port=21000, valkey_password="pass", model_port=22000, lock=5
)


def plan(configured: Configured = Configured(), **options: Any) -> Plan:  # noqa: B008 - it is frozen
    return make_plan(dataclasses.replace(OPTIONS, **options), configured, BINDINGS)


def names(made: Plan) -> list[list[str]]:
    return [[child.name for child in stage] for stage in made.stages]


def child(made: Plan, name: str) -> Child:
    return next(child for stage in made.stages for child in stage if child.name == name)


def test_on_a_bare_machine_everything_is_started_and_state_comes_first():
    """Valkey, then preparation, memory server and stand-in, then the web workers."""
    assert names(plan()) == [["valkey"], ["prepare", "memory.1", "model"], ["web.1", "web.2"]]


@pytest.mark.parametrize(
    ("configured", "left_out"),
    [
        (Configured(redis="redis://elsewhere:6379"), "valkey"),
        (Configured(memory="http://elsewhere:8080"), "memory.1"),
        (Configured(model="http://elsewhere:11434/v1"), "model"),
        (Configured(model_key="sk-key"), "model"),
    ],
)
def test_what_is_configured_is_not_started(configured: Configured, left_out: str):
    """A configured address replaces the child that would serve there, and no other."""
    assert all(names(plan(configured))), "a stage without a child is announced"
    started = {name for stage in names(plan(configured)) for name in stage}
    everything = {name for stage in names(plan()) for name in stage}
    assert everything - started == {left_out}


def test_there_are_as_many_web_workers_as_asked_for():
    """Each has its own name, and all share one listening socket."""
    webs = plan(workers=3).stages[-1]
    assert [each.name for each in webs] == ["web.1", "web.2", "web.3"]
    assert all(each.inherits == (7,) and each.command[each.command.index("--fd") + 1] == "7" for each in webs)
    assert [each.environment["CHAT_WORKER"] for each in webs] == ["web.1", "web.2", "web.3"]


def test_a_memory_server_of_several_processes_shares_a_port():
    """Each has its own name in the metrics, which they collect from each other; a single one shares nothing."""
    memories = plan(memory_workers=3).stages[1][1:-1]
    assert [each.name for each in memories] == ["memory.1", "memory.2", "memory.3"]
    for each in memories:
        assert each.environment["MOTORHEAD_PORT"] == "8080"
        assert each.environment["MOTORHEAD_PROCESS"] == each.name
        assert each.environment["MOTORHEAD_SHARED_PORT"] == "true"
        assert each.environment["MOTORHEAD_SIBLINGS"] == "/a folder/var/memory-metrics"
    assert "MOTORHEAD_SHARED_PORT" not in child(plan(), "memory.1").environment
    assert names(plan(Configured(memory="http://elsewhere"), memory_workers=3))[1] == ["prepare", "model"]


def test_workers_of_several_machines_have_the_names_of_their_hosts():
    """With a Redis of the operator's own, other machines may serve the same site."""
    made = make_plan(OPTIONS, Configured(redis="redis://elsewhere"), dataclasses.replace(BINDINGS, host="chat-a"))
    assert child(made, "web.1").environment["CHAT_WORKER"] == "chat-a:web.1"


def test_without_a_key_the_standin_answers_under_openais_protocol():
    """Chat and memory server use the stand-in as they would any other model."""
    for name in ("web.1", "memory.1"):
        environment = child(plan(), name).environment
        assert environment["OPENAI_BASE_URL"] == "http://127.0.0.1:22000/v1"
        assert environment["OPENAI_API_KEY"] == "stand-in"
    assert child(plan(), "model").environment["STANDIN_PORT"] == "22000"


def test_all_parts_write_lines_in_the_same_form():
    """A form of their own that is set for memory server or stand-in wins."""
    made = plan(Configured(log="json"))
    assert child(made, "memory.1").defaults["MOTORHEAD_LOG"] == "json"
    assert child(made, "model").defaults == {"STANDIN_LOG": "json"}


def test_a_key_alone_means_openai_itself():
    """With a key and no address the real OpenAI is used."""
    made = plan(Configured(model_key="sk-key"))
    assert made.addresses.model == "https://api.openai.com/v1"
    assert child(made, "web.1").environment["OPENAI_API_KEY"] == "sk-key"


def test_a_model_without_a_key_gets_a_placeholder():
    """A local model's address is enough, although the clients refuse to start without a key."""
    environment = child(plan(Configured(model="http://127.0.0.1:11434/v1")), "web.1").environment
    assert environment["OPENAI_BASE_URL"] == "http://127.0.0.1:11434/v1"
    assert environment["OPENAI_API_KEY"]


def test_chat_and_memory_server_share_one_redis():
    """Both get the same address, which is the one in serve.json."""
    made = plan()
    assert made.addresses.redis == "redis://default:pass@127.0.0.1:21000/0"
    for name in ("prepare", "web.1", "memory.1"):
        assert child(made, name).environment["REDIS_URL"] == made.addresses.redis
        assert permitted({"REDIS_KEY_PREFIX": "shop:"}, child(made, name).secrets)


def test_valkey_answers_only_after_every_write_is_on_the_disk():
    """It appends and syncs each write, listens only on this machine, requires a password, and stays in its folder."""
    settings = child(plan(), "valkey").stdin.splitlines()
    assert {"appendonly yes", "appendfsync always", "bind 127.0.0.1", "requirepass pass"} <= set(settings)
    assert 'dir "/a folder/var/valkey"' in settings


def test_valkey_holds_the_lock_of_the_data_folder():
    """It inherits the lock, so no second Valkey starts there while it lives, even if the supervisor is gone."""
    assert child(plan(), "valkey").inherits == (5,)


def test_no_command_line_holds_a_secret():
    """Every user of the machine can read command lines, so they contain neither the password nor the key."""
    made = plan(Configured(model_key="sk-key"))
    commands = " ".join(word for stage in made.stages for each in stage for word in each.command)
    assert "pass" not in commands
    assert "sk-key" not in commands


def test_a_secret_reaches_only_the_children_that_need_it():
    """Valkey and the stand-in see no keys, the memory server none of the site's, and no child those of the cloud."""
    shell = {"OPENAI_API_KEY": "k", "DJANGO_SECRET_KEY": "k", "MOTORHEAD_TOKEN": "k", "CLOUD_SECRET": "k", "LANG": "C"}
    seen = {
        one.name: {name for name in permitted(shell, one.secrets, confined=one.confined) if shell[name] == "k"}
        for stage in plan().stages
        for one in stage
    }
    assert seen["valkey"] == seen["model"] == set()
    assert seen["prepare"] == {"DJANGO_SECRET_KEY"}
    assert seen["memory.1"] == {"OPENAI_API_KEY", "MOTORHEAD_TOKEN"}
    assert seen["web.1"] == {"OPENAI_API_KEY", "DJANGO_SECRET_KEY", "MOTORHEAD_TOKEN"}


def test_a_web_worker_sees_all_that_it_reads():
    """Every variable of the site's settings reaches it, but for those that the supervisor sets itself."""
    named = {name for variable in variables() for name in (variable.name, variable.older_name)} - {""}
    assert permitted(dict.fromkeys(named, "k"), child(plan(), "web.1").secrets).keys() == named - OWN


def test_every_child_that_reads_the_sites_settings_sees_all_of_azures():
    """The settings refuse a part of them."""
    azure = {"AZURE_API_KEY": "k", "AZURE_API_BASE": "http://a", "AZURE_DEPLOYMENT_ID": "d"}
    made = plan(Configured(model="http://a"))
    for name in ("prepare", "memory.1", "web.1"):
        assert permitted(azure, child(made, name).secrets) == azure


def test_the_memory_server_listens_only_on_this_machine():
    """Nobody outside can read what is remembered."""
    environment = child(plan(), "memory.1").environment
    assert (environment["MOTORHEAD_HOST"], environment["MOTORHEAD_PORT"]) == ("127.0.0.1", "8080")


def test_a_site_that_others_reach_is_probed_from_this_machine():
    """The memory server listens elsewhere only if that is asked for."""
    made = make_plan(dataclasses.replace(OPTIONS, memory_host="::"), Configured(host="0.0.0.0"), BINDINGS)
    assert (made.addresses.web, made.addresses.memory) == ("http://127.0.0.1:8000", "http://[::1]:8080")
    assert child(made, "memory.1").environment["MOTORHEAD_HOST"] == "::"
    elsewhere = make_plan(OPTIONS, Configured(host="10.1.2.3"), BINDINGS)
    assert elsewhere.addresses.web == "http://10.1.2.3:8000"


def test_a_worker_drains_and_leaves_the_port_to_those_who_share_it():
    """A worker alone goes on accepting: otherwise nobody would. Nothing else drains."""
    several, alone = plan(Configured(drain=20)), plan(Configured(drain=20), workers=1)
    assert child(several, "web.1").environment["CHAT_SHARED_PORT"] == "true"
    assert "CHAT_SHARED_PORT" not in child(alone, "web.1").environment
    assert (child(several, "web.1").drains, child(several, "memory.1").drains) == (20, 0)


def test_the_memory_servers_window_fits_the_prompt_unless_the_operator_sets_another():
    """The window in tokens is a default, which a variable in the operator's environment replaces."""
    memory = child(plan(Configured(window_tokens=2_000)), "memory.1")
    assert memory.defaults["MOTORHEAD_MAX_WINDOW_TOKENS"] == "2000"
    assert "MOTORHEAD_MAX_WINDOW_TOKENS" not in memory.environment


def test_the_page_names_the_memory_server_as_people_type_it():
    """So it does the stand-in. The operator's own public address wins over the default."""
    standin = {"CHAT_PUBLIC_STANDIN_URL": "http://localhost:22000/v1"}
    web = child(plan(), "web.1")
    assert web.defaults == {"CHAT_PUBLIC_MEMORY_URL": "http://localhost:8080", **standin}
    elsewhere = child(plan(Configured(memory="https://memory.example.org")), "web.1")
    assert elsewhere.defaults == {"CHAT_PUBLIC_MEMORY_URL": "https://memory.example.org", **standin}
    real = child(plan(Configured(model_key="sk-key")), "web.1")
    assert real.defaults == {"CHAT_PUBLIC_MEMORY_URL": "http://localhost:8080"}


def test_the_page_names_the_memory_server_without_its_password():
    """Every visitor may read that page."""
    web = child(plan(Configured(memory="https://user:secret@memory.example.org/m")), "web.1")
    assert web.environment["MOTORHEAD_URL"] == "https://user:secret@memory.example.org/m"
    assert web.defaults["CHAT_PUBLIC_MEMORY_URL"] == "https://memory.example.org/m"


def test_web_workers_take_the_large_frames_that_the_ai_sdk_sends():
    """A frame and a message may have 8 MiB, and no path is written to an access log."""
    command = child(plan(), "web.1").command
    assert f"--websocket-max-message-size={8 * 2**20}" in command
    assert f"--websocket-max-frame-size={8 * 2**20}" in command
    assert command[command.index("--verbosity") + 1] == "0"


def test_the_page_can_end_processes_only_where_nobody_else_reaches_it():
    """The operator can turn it off."""
    web = child(plan(Configured(on_loopback=True)), "web.1")
    assert web.defaults["CHAT_KILL_DRAWER"] == "true"
    assert "CHAT_KILL_DRAWER" not in web.environment
    assert "CHAT_KILL_DRAWER" not in child(plan(), "web.1").defaults
