"""The formats of an export."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from chat.domain.details import SessionListing, SummaryVersion, SummaryVersions
from chat.domain.messages import Memory, Message, Window
from chat.sessions.export_formats import ExportFormat, Head, JsonExport, MarkdownExport, MarkdownWords

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SAID = [Message("Human", 'say "hi"\n# not a heading', "1", NOW), Message("AI", "**hi**\u2028", "2", NOW)]


def head(name: str) -> Head:
    """A session with all details."""
    listing = SessionListing(f"owner.{name}", "Trip\nto Madrid", 2, NOW, NOW, True, ("travel", "Spain"), "Be brief.")
    version = SummaryVersion(1, "Bob\n\ncounts.", NOW, 7, through="0")
    return Head(name, listing, Memory((), "Bob\n\ncounts.", 7, Window(12)), SummaryVersions((version,), 7))


def written(export: ExportFormat, *names: str) -> str:
    """An export of sessions with these names."""
    parts = [export.begin()]
    for name in names:
        parts += [export.begin_session(head(name)), *map(export.message, SAID), export.end_session()]
    return "".join([*parts, export.end()])


def test_json_has_every_detail() -> None:
    """Whatever is in a text, the whole is valid."""
    found = json.loads(written(JsonExport(NOW), "a", "b"))
    assert {name: found[name] for name in ("format", "version", "exported_at")} == {
        "format": "motorhead-chat", "version": 1, "exported_at": "2026-01-02T03:04:00+00:00",
    }  # fmt: skip
    first, second = found["sessions"]
    assert (first["id"], second["id"]) == ("a", "b")
    assert (first["title"], first["pinned"], first["labels"]) == ("Trip\nto Madrid", True, ["travel", "Spain"])
    assert first["instructions"] == "Be brief."
    assert first["summary"] == {"text": "Bob\n\ncounts.", "tokens": 7, "through": None}
    assert first["versions"][0]["text"] == "Bob\n\ncounts."
    assert [(said["role"], said["text"]) for said in first["messages"]] == [(m.role, m.content) for m in SAID]
    assert first["messages"][0]["at"] == "2026-01-02T03:04:00+00:00"


def test_json_without_sessions_is_valid() -> None:
    """Also a session without messages."""
    assert json.loads(written(JsonExport(NOW)))["sessions"] == []


def test_markdown_can_be_read() -> None:
    """Titles are one line, the summary is a quotation, and messages are as they were written."""
    text = written(MarkdownExport(NOW), "a", "b")
    assert text.startswith(
        "# Trip to Madrid\n\nLabels: travel, Spain\n\n## Summary\n\n> Bob\n>\n> counts.\n\n## Messages"
    )
    assert '### You · 2026-01-02 03:04 UTC\n\nsay "hi"\n# not a heading\n\n### Reply' in text
    assert text.count("\n---\n\n# Trip to Madrid") == 1
    assert text.endswith("Exported 2026-01-02 03:04 UTC.\n")


def test_markdown_speaks_another_language() -> None:
    """All words but those of the session are replaced."""
    words = MarkdownWords("Wörter", "Kurz", "Gesagtes", "Antwort", "Ich", "Stand")
    text = written(MarkdownExport(NOW, words), "a")
    assert "\n\nWörter: travel, Spain\n\n## Kurz\n\n> Bob\n>\n> counts.\n\n## Gesagtes\n\n### Ich · " in text
    assert "\n\n### Antwort" in text
    assert "\n\nStand 2026" in text
