"""The records are those of the site's description."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import get_type_hints

import pytest

from chat_client import records
from tests.support.servers import REPOSITORY

SCHEMAS = json.loads((REPOSITORY / "docs" / "openapi.json").read_text())["components"]["schemas"]
RECORDS = {name: each for name, each in vars(records).items() if is_dataclass(each)}
#: Schemas of what is sent, or of errors, which are no records here.
OTHERS = {"ForkAt", "RewindTo", "Said", "NewSummary", "Fold", "Restore", "TicketFor", "Problem", "SessionChanges"}


def test_every_schema_has_a_record() -> None:
    """Whatever the site answers can be read."""
    assert RECORDS.keys() == SCHEMAS.keys() - OTHERS


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_has_the_fields_of_its_schema(name: str) -> None:
    """All of them, and none that may be absent."""
    described = SCHEMAS[name]["properties"].keys()
    own = {each.name for each in fields(RECORDS[name]) if not each.metadata}
    assert own == described - {"state"} if name == "TextPart" else own == described


def test_the_changes_of_a_session_are_those_of_the_site() -> None:
    """By the same names."""
    assert get_type_hints(records.SessionChanges).keys() == SCHEMAS["SessionChanges"]["properties"].keys()
