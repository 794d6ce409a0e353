"""The prompt for the model, and the checks of its answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from motorhead.config import ModelSettings
from motorhead.exceptions import (
    ModelError,
    ModelRejected,
    ModelUnavailable,
    SummaryCut,
    SummaryRefused,
    SummaryWithheld,
    TextRefused,
    TextTooLarge,
)
from motorhead.folding.summarizer import ModelSummarizer, _decode, checked, line_of, system_text
from motorhead.messages import Message
from motorhead.recall.embeddings import _decode as _decode_vectors
from motorhead.usage import NO_USAGE, Usage
from tests.support.scripted_openai import Gate, Reply, ScriptedOpenAI
from tests.support.servers import PATIENCE, free_port


def test_instructions_come_after_the_task() -> None:
    """Those for all sessions first, then the session's own; without any, the text is the task alone."""
    plain = system_text(99)
    assert "99 words" in plain
    assert system_text(99, "", "") == plain
    text = system_text(99, "Never keep card numbers.", "Answer in Spanish.")
    assert text.startswith(plain)
    assert text.endswith("Never keep card numbers.\nAnswer in Spanish.")


@pytest.fixture
def model() -> Iterator[ScriptedOpenAI]:
    with ScriptedOpenAI() as server:
        yield server


@pytest.fixture
async def summarizer(model: ScriptedOpenAI) -> AsyncIterator[ModelSummarizer]:
    summarizer = ModelSummarizer(ModelSettings(base=model.url, timeout=10 * PATIENCE), 150)
    yield summarizer
    await summarizer.close()


async def test_the_question_has_the_marked_sections(model: ScriptedOpenAI, summarizer: ModelSummarizer) -> None:
    """The prompt contains the present summary and the new lines between fixed markers, and the limit in words."""
    model.enqueue(Reply("New.", usage=(30, 4)))
    summary = await summarizer.summarize("Bob is here.", ["Human: one", "AI: two"])
    assert (summary.text, summary.prompt_tokens, summary.completion_tokens) == ("New.", 30, 4)
    system, user = model.requests[0].messages
    assert "at most 150 words" in system["content"]
    assert user["content"] == (
        "Current summary:\nBob is here.\n\nNew lines of conversation:\nHuman: one\nAI: two\n\nNew summary:"
    )


@pytest.mark.parametrize(
    "usage", ["null", '{"prompt_tokens":null,"completion_tokens":-5}', '{"prompt_tokens":1e25}', "7"]
)
def test_a_nonsensical_usage_costs_no_summary(usage: str) -> None:
    """An answer is accepted whatever usage the model reports."""
    choice, found = _decode(b'{"choices":[{"message":{"content":"New."}}],"usage":%s}' % usage.encode())
    assert choice.message.content == "New."
    assert found == Usage()


@pytest.mark.parametrize("body", [b'{"choices":[{"message":{"content":"\xff"}}]}', b'{"more":' + b"[" * 100_000])
@pytest.mark.parametrize("decode", [_decode, lambda body: _decode_vectors(body, 1)])
def test_an_answer_that_cannot_be_read_is_the_models_failure(decode: Callable[[bytes], object], body: bytes) -> None:
    """An answer that is not UTF-8, or too deeply nested, is reported like one that is not JSON."""
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        decode(body)


@pytest.mark.parametrize("current", [None, "", " ", "NONE", "<think>Hm.</think>NONE"])
async def test_without_a_summary_the_prompt_says_none_yet(
    model: ScriptedOpenAI, summarizer: ModelSummarizer, current: str | None
) -> None:
    """A missing summary and the original's NONE both become "(none yet)" in the prompt."""
    await summarizer.summarize(current, ["Human: one"])
    assert "Current summary:\n(none yet)\n" in model.requests[0].text


ROLES_REFUSED = [
    (400, b'{"object":"error","message":"System role not supported","code":400}'),
    (500, b'{"error":{"code":500,"message":"Jinja Exception: Conversation roles must alternate user/assistant/..."}}'),
]


@pytest.mark.parametrize(("status", "body"), ROLES_REFUSED)
async def test_a_model_without_system_messages_is_asked_in_one_message(
    model: ScriptedOpenAI, summarizer: ModelSummarizer, status: int, body: bytes
) -> None:
    """After the refusal the instructions begin the user's message, at once and from then on."""
    model.enqueue(Reply(status=status, raw=[body], content_type="application/json"), "New.", "Newer.")
    assert (await summarizer.summarize(None, ["Human: one"])).text == "New."
    assert (await summarizer.summarize("New.", ["Human: two"])).text == "Newer."
    assert [[message["role"] for message in request.messages] for request in model.requests] == [
        ["system", "user"], ["user"], ["user"],
    ]  # fmt: skip
    system, user = model.requests[0].messages
    assert model.requests[1].text == f"{system['content']}\n\n{user['content']}"


async def test_a_model_that_refuses_every_role_is_asked_twice(
    model: ScriptedOpenAI, summarizer: ModelSummarizer
) -> None:
    """If one message of the user is refused, too, that is an error of the model for the operator."""
    refusal = Reply(status=400, raw=[ROLES_REFUSED[0][1]], content_type="application/json")
    model.enqueue(refusal, refusal, "New.")
    with pytest.raises(ModelRejected, match="chat template"):
        await summarizer.summarize(None, ["Human: one"])
    assert len(model.requests) == 2


async def test_reasoning_is_not_part_of_a_summary(model: ScriptedOpenAI, summarizer: ModelSummarizer) -> None:
    """However long a model thinks first, its summary is the text behind, and so is a summary given to it again."""
    thought = f"<think>\n{'Let me see. ' * 2000}\n</think>\n\nBob likes tea."
    model.enqueue(thought)
    assert (await summarizer.summarize(thought, ["Human: one"])).text == "Bob likes tea."
    assert "Current summary:\nBob likes tea.\n" in model.requests[0].text


async def test_the_parts_of_an_answer_make_one_summary(model: ScriptedOpenAI, summarizer: ModelSummarizer) -> None:
    """A content given as a list of parts, as by Mistral's reasoning models, is read without its thoughts."""
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Let me see. " * 2000}]}
    content = [thinking, {"type": "text", "text": "Bob likes "}, {"type": "text", "text": "tea."}]
    choice = {"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    model.enqueue(Reply(raw=[json.dumps({"choices": [choice]}).encode()], content_type="application/json"))
    assert (await summarizer.summarize(None, ["Human: one"])).text == "Bob likes tea."


@pytest.mark.parametrize(
    ("reply", "error"),
    [(Reply(status=500), ModelUnavailable), (Reply(status=429), ModelUnavailable), (Reply(status=401), ModelRejected),
     (Reply(status=404), ModelRejected), (Reply(status=400), TextRefused), (Reply(status=422), TextRefused),
     (Reply(status=413), TextTooLarge), (Reply(cut_after=0), ModelUnavailable),
     (Reply("Cut", finish_reason="length"), SummaryCut), (Reply(""), SummaryWithheld),
     (Reply("<think>Hm.", finish_reason="length"), SummaryCut), (Reply("<think>Hm.</think>"), SummaryWithheld),
     (Reply("NONE"), SummaryWithheld),
     (Reply("I'm sorry, but I can't help with that."), SummaryWithheld), (Reply("x" * 5000), SummaryRefused),
     (Reply("", finish_reason="content_filter"), SummaryWithheld)],
)  # fmt: skip
async def test_every_failure_of_the_model_has_its_error(
    model: ScriptedOpenAI, summarizer: ModelSummarizer, reply: Reply, error: type[ModelError]
) -> None:
    """Each failure becomes one of our errors, with a sentence."""
    model.enqueue(reply, reply)
    with pytest.raises(error) as caught:
        await summarizer.summarize(None, ["Human: one"])
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("reply", "usage"),
    [(Reply("NONE", usage=(30, 4)), Usage(30, 4)), (Reply("Cut", finish_reason="length", usage=(30, 4)), Usage(30, 4)),
     (Reply(status=413), NO_USAGE)],
)  # fmt: skip
async def test_an_error_carries_the_usage_of_its_answer(
    model: ScriptedOpenAI, summarizer: ModelSummarizer, reply: Reply, usage: Usage
) -> None:
    """An answer that is not a summary has its tokens counted; a refused request reports none."""
    model.enqueue(reply)
    with pytest.raises(ModelError) as caught:
        await summarizer.summarize(None, ["Human: one"])
    assert caught.value.usage == usage


@pytest.mark.parametrize("reply", [Reply(status=429, headers={"retry-after": "30"}), Reply(status=500)])
async def test_a_model_that_will_not_answer_is_left_alone(
    model: ScriptedOpenAI, summarizer: ModelSummarizer, reply: Reply
) -> None:
    """The model is asked once; the caller decides when to ask again."""
    model.enqueue(reply, "New.")
    with pytest.raises(ModelUnavailable):
        await summarizer.summarize(None, ["Human: one"])
    assert len(model.requests) == 1


async def test_the_configured_time_out_applies(model: ScriptedOpenAI) -> None:
    """A slow model is given up after that time and not asked again."""
    summarizer = ModelSummarizer(ModelSettings(base=model.url, timeout=0.6 * PATIENCE), 150)
    model.enqueue(Reply("Late.", gate=Gate()), "New.")
    with pytest.raises(ModelUnavailable, match="in time"):
        await summarizer.summarize(None, ["Human: one"])
    assert len(model.requests) == 1
    await summarizer.close()


async def test_a_broken_connection_is_reopened_at_once(model: ScriptedOpenAI, summarizer: ModelSummarizer) -> None:
    """A model may close an idle connection just as a question is sent."""
    model.enqueue(Reply(cut_after=0), "New.")
    assert (await summarizer.summarize(None, ["Human: one"])).text == "New."


async def test_a_closed_port_is_an_unreachable_model() -> None:
    """A closed port is reported as an unreachable model, not as a time-out."""
    summarizer = ModelSummarizer(ModelSettings(base=f"http://127.0.0.1:{free_port()}/v1"), 150)
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        await summarizer.summarize(None, ["Human: one"])
    await summarizer.close()


async def test_azure_is_asked_for_its_deployment(model: ScriptedOpenAI) -> None:
    """With Azure's settings the path names the deployment, the query the version, and the key has its own header."""
    from motorhead.config import Azure

    azure = Azure("azure-key", model.url.removesuffix("/v1"), "my-chat", "my-ada", "2024-10-21")
    summarizer = ModelSummarizer(ModelSettings(azure=azure), 150)
    await summarizer.summarize(None, ["Human: one"])
    assert "/openai/deployments/my-chat/chat/completions" in model.requests[0].path
    assert model.requests[0].query == "api-version=2024-10-21"
    assert model.requests[0].headers["api-key"] == "azure-key"
    await summarizer.close()


@pytest.mark.parametrize("text", ["The summary remains unchanged.", "No new information."])
def test_a_statement_that_nothing_changes_keeps_the_summary(text: str) -> None:
    """The model says that the present summary covers the lines; without a summary this says nothing."""
    assert checked(text, "stop", 1, NO_USAGE, "Bob likes tea and lives in Rome.") == "Bob likes tea and lives in Rome."
    for missing in (None, "", "NONE"):
        with pytest.raises(SummaryWithheld):
            checked(text, "stop", 100, NO_USAGE, missing)


@pytest.mark.parametrize("text", ["none", "None.", "(none yet)", '"NONE"', "  \n"])
def test_an_empty_summary_is_refused_however_it_is_worded(text: str) -> None:
    """However the model says that it has no summary, the old one is kept."""
    with pytest.raises(SummaryWithheld):
        checked(text, "stop", 100)


@pytest.mark.parametrize(
    ("role", "content", "line"),
    [("AI", "hi", "AI: hi"), ("assistant", "hi", "AI: hi"), ("Bot", "hi", "AI: hi"), ("MODEL", "hi", "AI: hi"),
     ("Human", "a\nb", "Human: a\n  b"), ("tool", "a", "Human: a"), ("", "", "Human: "),
     ("ai", "<think>Hm.\n</think>\nhi", "AI: hi"), ("Human", "<think></think>hi", "Human: <think></think>hi")],
)  # fmt: skip
def test_a_line_names_its_speaker(role: str, content: str, line: str) -> None:
    """Every role but the model's is shown as the human; further lines are indented, a model's reasoning left out."""
    assert line_of(Message(role, content, "1", 0)) == line
