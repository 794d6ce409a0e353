"""Asking a model: its request, its retry and its errors."""

from __future__ import annotations

import json
import re

import pytest

from motorhead.config import Azure, ModelSettings
from motorhead.exceptions import (
    ModelBusy,
    ModelError,
    ModelFailed,
    ModelRejected,
    ModelUnavailable,
    TextRefused,
    TextTooLarge,
)
from motorhead.model.client import ModelClient
from tests.support.refusing_proxy import refusing_proxy
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, free_port

PATH = "/chat/completions"
QUESTION = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def client(base: str | None, timeout: float = 10 * PATIENCE, key: str | None = None) -> ModelClient:
    return ModelClient(ModelSettings(base=base, key=key, timeout=timeout), None, "test model")


async def asked(model: ModelClient) -> bytes:
    try:
        return await model.ask(PATH, QUESTION)
    finally:
        await model.close()


async def test_a_question_is_sent_as_it_is_with_the_key(scripted_openai: ScriptedOpenAI) -> None:
    """The JSON is sent to the path under the base address, and the answer's whole body is returned."""
    scripted_openai.enqueue("Hello.")
    answer = json.loads(await asked(client(scripted_openai.url, key="k")))
    assert answer["choices"][0]["message"]["content"] == "Hello."
    [request] = scripted_openai.requests
    assert (request.path, request.body, request.headers["authorization"]) == (f"/v1{PATH}", QUESTION, "Bearer k")


async def test_a_question_names_organization_and_project(scripted_openai: ScriptedOpenAI) -> None:
    """OpenAI learns from headers which account pays. A server that needs no key is sent a word in its place."""
    scripted_openai.enqueue("Hello.")
    settings = ModelSettings(base=scripted_openai.url, organization="org-1", project="proj-1")
    await asked(ModelClient(settings, None, "test model"))
    headers = scripted_openai.requests[0].headers
    assert (headers["openai-organization"], headers["openai-project"]) == ("org-1", "proj-1")
    assert headers["authorization"] == "Bearer none"


async def test_azure_is_asked_at_its_deployment(scripted_openai: ScriptedOpenAI) -> None:
    """The address names the deployment and the version, and the key has a header of its own."""
    scripted_openai.enqueue("Hello.")
    azure = Azure("k", scripted_openai.url.removesuffix("/v1"), "my deployment", "ada", "2024-10-21")
    await asked(ModelClient(ModelSettings(azure=azure), "my deployment", "test model"))
    [request] = scripted_openai.requests
    assert request.path == "/openai/deployments/my deployment/chat/completions"
    assert request.query == "api-version=2024-10-21"
    assert request.headers["api-key"] == "k"
    assert "authorization" not in request.headers


async def test_azures_key_is_taken_nowhere_else(scripted_openai: ScriptedOpenAI) -> None:
    """A redirection is a failure: the key would be sent to whatever address the answer names."""
    there = {"Location": "https://new.example.org/openai/deployments/deployed/chat/completions?api-version=1"}
    azure = Azure("k", scripted_openai.url.removesuffix("/v1"), "deployed", "ada")
    scripted_openai.enqueue(Reply(status=307, raw=[b""], headers=there))
    with pytest.raises(ModelRejected, match=r"redirects to https://new\.example\.org; set AZURE_API_BASE"):
        await asked(ModelClient(ModelSettings(azure=azure), "deployed", "test model"))
    assert len(scripted_openai.requests) == 1


@pytest.mark.parametrize("place", ["mailto:admin@example.org", "http://["])
async def test_a_redirection_to_no_address_is_a_failure(scripted_openai: ScriptedOpenAI, place: str) -> None:
    """On Azure, where redirections are not followed, the client of HTTP does not look at the address."""
    azure = Azure("k", scripted_openai.url.removesuffix("/v1"), "deployed", "ada")
    scripted_openai.enqueue(Reply(status=302, raw=[b""], headers={"Location": place}))
    with pytest.raises(ModelError, match="302"):
        await asked(ModelClient(ModelSettings(azure=azure), "deployed", "test model"))


async def test_a_proxy_of_the_machine_is_used(scripted_openai: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model elsewhere is asked through the proxy that the environment names, except where NO_PROXY names its host."""
    monkeypatch.setenv("http_proxy", scripted_openai.url.removesuffix("/v1"))
    scripted_openai.enqueue("Hello.")
    await asked(client("http://model.invalid/v1"))
    assert scripted_openai.requests[0].path.endswith(f"/v1{PATH}")
    monkeypatch.setenv("no_proxy", "model.invalid")
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await asked(client("http://model.invalid/v1"))


async def test_a_proxy_needs_no_scheme(scripted_openai: ScriptedOpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many a machine names it as host and port alone."""
    monkeypatch.setenv("http_proxy", scripted_openai.url.removesuffix("/v1").removeprefix("http://"))
    scripted_openai.enqueue("Hello.")
    assert b"Hello." in await asked(client("http://model.invalid/v1"))


@pytest.mark.parametrize(
    "settings",
    [
        ModelSettings(base="https://model.invalid/v1", key="SECRET", organization="SECRET"),
        ModelSettings(azure=Azure("SECRET", "https://model.invalid", "deployed", "ada")),
    ],
    ids=["openai", "azure"],
)
async def test_a_proxy_does_not_see_the_key(settings: ModelSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the way to https it is asked for a tunnel, in clear text, and for nothing else."""
    async with refusing_proxy() as (place, heads):
        monkeypatch.setenv("https_proxy", f"http://{place}")
        with pytest.raises(ModelUnavailable):
            await asked(ModelClient(settings, "deployed", "test model"))
    assert heads[0].startswith("CONNECT model.invalid:443 ")
    assert "SECRET" not in "".join(heads)


async def test_a_login_in_the_address_takes_the_place_of_the_key(scripted_openai: ScriptedOpenAI) -> None:
    """A server behind a gateway is asked with the gateway's user and password."""
    scripted_openai.enqueue("Hello.")
    await asked(client(scripted_openai.url.replace("http://", "http://bob:pw@"), key="k"))
    assert scripted_openai.requests[0].headers["authorization"] == "Basic Ym9iOnB3"


async def test_headers_may_be_long(scripted_openai: ScriptedOpenAI) -> None:
    """A gateway may send a policy of more than 8 KiB."""
    scripted_openai.enqueue(Reply("Hello.", headers={"content-security-policy": "x" * 20_000}))
    assert b"Hello." in await asked(client(scripted_openai.url))


async def test_a_connection_that_breaks_is_asked_once_more(scripted_openai: ScriptedOpenAI) -> None:
    """A broken connection is retried once, as the model may have closed an idle one; a second break is an error."""
    scripted_openai.enqueue(Reply(cut_after=0), "Hello.")
    assert b"Hello." in await asked(client(scripted_openai.url))
    scripted_openai.enqueue(Reply(cut_after=0), Reply(cut_after=0))
    with pytest.raises(ModelUnavailable):
        await asked(client(scripted_openai.url))


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, TextRefused), (401, ModelRejected), (403, ModelRejected), (404, ModelRejected), (413, TextTooLarge),
     (422, TextRefused), (429, ModelBusy), (500, ModelFailed), (503, ModelFailed)],
)  # fmt: skip
async def test_a_status_has_its_meaning_and_is_not_tried_again(
    scripted_openai: ScriptedOpenAI, status: int, error: type[Exception]
) -> None:
    """Each status becomes one of our errors, with a sentence that names the model, after one request."""
    scripted_openai.enqueue(Reply(status=status))
    with pytest.raises(error, match=r"^The test model ") as raised:
        await asked(client(scripted_openai.url))
    assert type(raised.value) is error
    assert len(scripted_openai.requests) == 1


async def test_azures_refusals_name_azures_settings(scripted_openai: ScriptedOpenAI) -> None:
    """A version that Azure does not know is a matter of settings; behind another address it is one of the address."""
    refusal = Reply(status=400, error="API version not supported")
    azure = Azure("k", scripted_openai.url.removesuffix("/v1"), "deployed", "ada")
    scripted_openai.enqueue(refusal, refusal)
    with pytest.raises(ModelUnavailable, match=r"^The test model .* AZURE_API_VERSION\.$"):
        await asked(ModelClient(ModelSettings(azure=azure), "deployed", "test model"))
    with pytest.raises(ModelUnavailable, match=r"check its address\.$"):
        await asked(client(scripted_openai.url))


async def test_a_model_that_takes_too_long_is_given_up(scripted_openai: ScriptedOpenAI) -> None:
    """A question that exceeds the time-out is not asked again."""
    gate = Gate()
    scripted_openai.enqueue(Reply("Late.", gate=gate))
    with pytest.raises(ModelUnavailable, match="did not answer in time"):
        await asked(client(scripted_openai.url, timeout=0.5))
    gate.release()
    assert len(scripted_openai.requests) == 1


async def test_a_model_that_is_not_there_cannot_be_reached() -> None:
    """A refused connection is reported as an unreachable model."""
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await asked(client(f"http://127.0.0.1:{free_port()}/v1"))


async def test_without_a_setting_nobody_is_asked() -> None:
    """The error names the settings that configure a model."""
    with pytest.raises(ModelRejected, match="OPENAI_API_KEY or OPENAI_BASE_URL"):
        await asked(client(None))


async def test_the_body_and_the_headers_of_a_failure_are_read(scripted_openai: ScriptedOpenAI) -> None:
    """A context that is exceeded is recognised by its words, and a busy model says when to ask again."""
    words = b'{"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}}'
    scripted_openai.enqueue(Reply(status=500, raw=[words], content_type="application/json"))
    with pytest.raises(TextTooLarge):
        await asked(client(scripted_openai.url))
    scripted_openai.enqueue(Reply(status=429, headers={"Retry-After": "7"}))
    with pytest.raises(ModelBusy) as raised:
        await asked(client(scripted_openai.url))
    assert raised.value.seconds == 7


async def test_an_answer_that_is_an_error_is_not_returned(scripted_openai: ScriptedOpenAI) -> None:
    """A gateway's error under status 200 is raised like any other."""
    scripted_openai.enqueue(
        Reply(raw=[b'{"error":{"code":429,"message":"Slow down."}}'], content_type="application/json")
    )
    with pytest.raises(ModelBusy, match="status 429"):
        await asked(client(scripted_openai.url))


@pytest.mark.parametrize(
    ("reply", "logged"),
    [
        (Reply(status=503, error="SECRET"), r"ModelFailed \(status 503, no code\)"),
        (
            Reply(status=400, raw=[b'{"error":{"message":"SECRET","code":"content_filter"}}']),
            r"TextRefused \(status 400, code content_filter\)",
        ),
        (
            Reply(status=400, raw=[b'{"error":{"message":"x","code":"a SECRET"}}']),
            r"TextRefused \(status 400, no code\)",
        ),
        (Reply(raw=[b'{"error":{"message":"SECRET","code":502}}']), r"ModelFailed \(no status, no code\)"),
    ],
)
async def test_a_failed_call_is_logged_without_text(
    scripted_openai: ScriptedOpenAI, caplog: pytest.LogCaptureFixture, reply: Reply, logged: str
) -> None:
    """The log has the kind of the failure, its status and code, and the seconds, but nothing that quotes a text."""
    scripted_openai.enqueue(reply)
    with pytest.raises(ModelError):
        await asked(client(scripted_openai.url))
    assert re.search(rf"A call of the test model failed after \d+\.\d\d s: {logged}\.", caplog.text)
    assert "SECRET" not in caplog.text
