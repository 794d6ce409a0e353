"""A ``conversations.json`` as ChatGPT exports it, built message by message."""

from __future__ import annotations

import json
from typing import Any


def said(role: str, *parts: Any, kind: str = "text", **more: Any) -> dict[str, Any]:
    """A message with these parts."""
    return {
        "id": "m", "author": {"role": role, "name": None, "metadata": {}}, "create_time": 1.5,
        "content": {"content_type": kind, "parts": list(parts)}, "status": "finished_successfully", "end_turn": True,
        "weight": 1.0, "metadata": {}, "recipient": "all", **more,
    }  # fmt: skip


def conversation(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A conversation without branches: each message's parent is the one before it."""
    nodes: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None, "children": ["n0"]}}
    for place, message in enumerate(messages):
        parent = f"n{place - 1}" if place else "root"
        nodes[f"n{place}"] = {"id": f"n{place}", "message": message, "parent": parent, "children": [f"n{place + 1}"]}
    last = f"n{len(messages) - 1}" if messages else "root"
    return {"title": "A trip", "create_time": 1.0, "update_time": 2.0, "mapping": nodes, "current_node": last, **more}


def file_of(*conversations: Any) -> bytes:
    """The file with these conversations."""
    return json.dumps(list(conversations)).encode()
