"""Reading ChatGPT's ``conversations.json``.

Each conversation is a tree of messages, with a branch for each answer that was regenerated and each question that was
edited. The branch that was last shown is imported: from ``current_node`` up to the root.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from chat.domain.messages import Message, Role
from chat.sessions.importable import LONG_AGO, Importable, ImportableSession, LeftOut

#: What stands in the place of a part that is not text, by the beginning of its type.
MARKS = {"image": "[image]", "audio": "[audio]", "video": "[video]", "real_time": "[audio]"}
OTHER_MARK = "[file]"
#: Marks of sources in a reply, between characters without a meaning of their own.
_CITATION = re.compile("\ue200[^\ue201]{0,1000}\ue201")
#: The contents that were shown as messages.
_SHOWN = {"text", "multimodal_text", "code"}


class _Author(msgspec.Struct):
    role: str | None = None


class _Content(msgspec.Struct):
    content_type: str | None = None
    parts: list[Any] | None = None
    text: Any = None
    language: str | None = None


class _Metadata(msgspec.Struct):
    is_visually_hidden_from_conversation: bool | None = None
    attachments: list[Mapping[str, Any]] | None = None


class _Said(msgspec.Struct):
    author: _Author
    content: _Content
    create_time: float | None = None
    recipient: str | None = None
    metadata: _Metadata | None = None

    @property
    def is_blank(self) -> bool:
        """Whether it is the message of the system with which every conversation begins."""
        return self.author.role == "system" and not any(self.content.parts or ())


class _Node(msgspec.Struct):
    message: _Said | None = None
    parent: str | None = None


class _Conversation(msgspec.Struct):
    mapping: dict[str, _Node]
    title: str | None = None
    current_node: str | None = None
    update_time: float | None = None
    is_starred: bool | None = None


def read_chatgpt(content: bytes) -> Importable:
    """The conversations that contain any text. Raises `msgspec.DecodeError`: no conversation can be read."""
    left_out: Counter[LeftOut] = Counter()
    conversations, problem = _conversations(content, left_out)
    read = [_importable(each, left_out) for each in conversations]
    sessions = sorted((each for each in read if each.messages), key=lambda each: each.updated_at)
    if problem is not None and not sessions:
        raise problem
    return Importable(tuple(sessions), +left_out)


def _conversations(
    content: bytes, left_out: Counter[LeftOut]
) -> tuple[list[_Conversation], msgspec.ValidationError | None]:
    """The conversations that can be read, and why another one cannot."""
    found, problem = [], None
    # One at a time: the interpreter can do other work in between.
    for raw in msgspec.json.decode(content, type=list[msgspec.Raw]):
        try:
            found.append(msgspec.json.decode(bytes(raw), type=_Conversation))
        except msgspec.ValidationError as error:
            problem = error
            left_out[LeftOut.UNREADABLE] += 1
    return found, problem


def _importable(conversation: _Conversation, left_out: Counter[LeftOut]) -> ImportableSession:
    shown = [said for said in _branch(conversation) if not said.is_blank]
    messages = [found for said in shown if (found := _message(said, left_out))]
    return ImportableSession(
        title=conversation.title,
        messages=tuple(messages),
        updated_at=_moment(conversation.update_time) or LONG_AGO,
        pinned=bool(conversation.is_starred),
    )


def _branch(conversation: _Conversation) -> list[_Said]:
    """The messages of the branch that was last shown, oldest first."""
    nodes, branch, seen = conversation.mapping, [], set()
    name = conversation.current_node if conversation.current_node in nodes else _newest_leaf(nodes)
    while name is not None and name in nodes and name not in seen:
        seen.add(name)
        if (said := nodes[name].message) is not None:
            branch.append(said)
        name = nodes[name].parent
    return branch[::-1]


def _newest_leaf(nodes: Mapping[str, _Node]) -> str | None:
    parents = {node.parent for node in nodes.values()}
    leaves = [name for name in nodes if name not in parents]
    return max(leaves, key=lambda name: _time(nodes[name]), default=None)


def _time(node: _Node) -> float:
    return (node.message.create_time if node.message else None) or 0


def _message(said: _Said, left_out: Counter[LeftOut]) -> Message | None:
    """The message as it was shown; None if it was not."""
    if (reason := _why_left_out(said)) is not None:
        left_out[reason] += 1
        return None
    text = "\n\n".join(_texts(said, left_out))
    if not text.strip():
        left_out[LeftOut.EMPTY] += 1
        return None
    return Message(Role.AI if said.author.role == "assistant" else Role.HUMAN, text)


def _why_left_out(said: _Said) -> LeftOut | None:
    if said.author.role == "tool" or said.recipient not in {None, "", "all"}:
        return LeftOut.TOOLS
    is_hidden = said.metadata is not None and said.metadata.is_visually_hidden_from_conversation
    if is_hidden or said.author.role == "system" or said.content.content_type not in _SHOWN:
        return LeftOut.HIDDEN
    return None


def _texts(said: _Said, left_out: Counter[LeftOut]) -> Iterator[str]:
    """The text of each part of a message, or a mark in its place."""
    content = said.content
    for part in content.parts or ():
        if isinstance(part, str):
            yield _CITATION.sub("", part)
        elif isinstance(part, dict) and part.get("content_type") == "audio_transcription":
            yield str(part.get("text") or "")
        elif isinstance(part, dict):
            left_out[LeftOut.FILES] += 1
            yield _mark_of(part)
    if isinstance(content.text, str) and content.text.strip():
        yield f"```{content.language or ''}\n{content.text}\n```" if content.content_type == "code" else content.text
    for attachment in (said.metadata and said.metadata.attachments) or ():
        if not str(attachment.get("mime_type")).startswith("image"):
            left_out[LeftOut.FILES] += 1
            yield f"[file: {attachment.get('name') or '?'}]"


def _mark_of(part: Mapping[str, Any]) -> str:
    kind = str(part.get("content_type"))
    return next((mark for beginning, mark in MARKS.items() if kind.startswith(beginning)), OTHER_MARK)


def _moment(seconds: float | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        return None
