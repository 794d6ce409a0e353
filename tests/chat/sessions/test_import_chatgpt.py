"""Reading ChatGPT's ``conversations.json``."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chat.sessions.import_chatgpt import read_chatgpt
from chat.sessions.importable import ImportableSession, LeftOut
from tests.chat.sessions.chatgpt_export import conversation, file_of, said

PICTURE = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-x", "width": 1, "height": 1}


def texts(session: ImportableSession) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in session.messages]


def read(*messages: dict[str, Any], **more: Any) -> ImportableSession:
    (session,) = read_chatgpt(file_of(conversation(*messages, **more))).sessions
    return session


def test_the_branch_that_was_last_shown_is_read() -> None:
    """From its end up to the root; other branches are not."""
    one = conversation(said("user", " hi\n"), said("assistant", "first try"))
    one["mapping"]["again"] = {
        "id": "again",
        "message": said("assistant", "second try"),
        "parent": "n0",
        "children": [],
    }
    (session,) = read_chatgpt(file_of({**one, "current_node": "again"})).sessions
    assert texts(session) == [("Human", " hi\n"), ("AI", "second try")]
    assert session.title == "A trip"


@pytest.mark.parametrize("current", [None, "missing"])
def test_without_a_current_message_the_newest_branch_is_read(current: str | None) -> None:
    """That of the newest message without an answer."""
    one = conversation(said("user", "hi"), said("assistant", "old", create_time=5), current_node=current)
    new = said("assistant", "new", create_time=9)
    one["mapping"]["again"] = {"id": "again", "message": new, "parent": "n0", "children": []}
    (session,) = read_chatgpt(file_of(one)).sessions
    assert texts(session)[-1] == ("AI", "new")


def test_a_tree_with_a_circle_ends() -> None:
    """Each message counts once."""
    one = conversation(said("user", "hi"), said("assistant", "hello"))
    one["mapping"]["n0"]["parent"] = "n1"
    assert len(read_chatgpt(file_of(one)).sessions[0].messages) == 2


def test_what_was_never_shown_is_left_out_and_counted() -> None:
    """Tools, hidden messages and reasoning. The empty message with which each conversation begins is not counted."""
    hidden = said("user", "I live in Spain", metadata={"is_visually_hidden_from_conversation": True})
    found = read_chatgpt(
        file_of(
            conversation(
                said("system", ""), hidden, said("user", "hi"), said("assistant", "search()", recipient="browser"),
                said("tool", "results"), said("assistant", kind="thoughts"), said("assistant", "  "),
                said("assistant", "hello"),
            )
        )
    )  # fmt: skip
    assert texts(found.sessions[0]) == [("Human", "hi"), ("AI", "hello")]
    assert found.left_out == {LeftOut.TOOLS: 2, LeftOut.HIDDEN: 2, LeftOut.EMPTY: 1}


def test_parts_without_text_leave_a_mark() -> None:
    """Pictures, sounds and files; what was spoken is text."""
    spoken = {"content_type": "audio_transcription", "text": "hello there"}
    sound = {"content_type": "audio_asset_pointer"}
    attached = {"attachments": [{"name": "a.pdf", "mime_type": "application/pdf"}, {"mime_type": "image/png"}]}
    found = read_chatgpt(
        file_of(
            conversation(
                said("user", PICTURE, "what is this?", kind="multimodal_text", metadata=attached),
                said("user", spoken, sound, {"content_type": "new"}, None, 1, kind="multimodal_text"),
            )
        )
    )
    assert texts(found.sessions[0]) == [
        ("Human", "[image]\n\nwhat is this?\n\n[file: a.pdf]"),
        ("Human", "hello there\n\n[audio]\n\n[file]"),
    ]
    assert found.left_out == {LeftOut.FILES: 4}


def test_code_is_a_block_and_marks_of_sources_go() -> None:
    """As they were shown."""
    code = said("assistant", kind="code")
    code["content"] = {"content_type": "code", "language": "python", "text": "print(1)"}
    session = read(said("user", "go"), code, said("assistant", "See \ue200cite\ue202turn0search0\ue201here."))
    assert [text for _, text in texts(session)][1:] == ["```python\nprint(1)\n```", "See here."]


def test_sessions_are_oldest_first_and_empty_ones_are_left_out() -> None:
    """By the time of their last change."""
    found = read_chatgpt(
        file_of(
            conversation(said("user", "b"), title="newer", update_time=9, is_starred=True),
            conversation(said("system", ""), title="empty"),
            conversation(said("user", "a"), title=None, update_time=None),
        )
    )
    assert [(each.title, each.pinned) for each in found.sessions] == [(None, False), ("newer", True)]


def test_a_conversation_that_is_not_understood_does_not_hold_up_the_others() -> None:
    """It is counted; only if none is understood, the file is refused."""
    found = read_chatgpt(file_of({"title": "no tree"}, conversation(said("user", "hi"))))
    assert (len(found.sessions), found.left_out) == (1, {LeftOut.UNREADABLE: 1})
    with pytest.raises(msgspec.ValidationError, match="mapping"):
        read_chatgpt(file_of({"title": "no tree"}))
