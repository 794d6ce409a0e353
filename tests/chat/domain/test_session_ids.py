"""Session ids, which name their owner."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import InvalidSession
from chat.domain.session_ids import (
    OWNER_ID,
    SESSION_ID,
    Session,
    any_session,
    namespace_of,
    new_owner_id,
    new_session_id,
    owned_session,
)


def test_an_owners_session_is_named_after_both() -> None:
    """A session's name gives back its owner and id, and puts it into the owner's namespace."""
    session = owned_session("owner", "s-1_x")
    assert session == Session("owner.s-1_x", namespace_of("owner"))
    assert (session.owner, session.id) == ("owner", "s-1_x")


@pytest.mark.parametrize("session_id", ["", "a.b", "a b", "a/b", "é", "x" * 65, "a\n"])
def test_a_malformed_id_is_refused(session_id: str) -> None:
    """Malformed ids, which might name another owner's session, are refused."""
    with pytest.raises(InvalidSession):
        owned_session("owner", session_id)


def test_the_same_id_of_another_owner_is_another_session() -> None:
    """The same id names a different session for each owner."""
    assert owned_session("one", "s").memory_id != owned_session("two", "s").memory_id


@pytest.mark.parametrize(
    ("memory_id", "owner", "session_id"),
    [
        ("owner.s1", "owner", "s1"),
        ("plain", None, "plain"),
        ("a.b.c", None, "a.b.c"),
        (".s1", None, ".s1"),
        ("owner.", None, "owner."),
        ("a b.s1", None, "a b.s1"),
    ],
)
def test_any_memory_id_names_a_session_for_staff(memory_id: str, owner: str | None, session_id: str) -> None:
    """A session begun elsewhere has neither an owner nor a namespace."""
    session = any_session(memory_id)
    assert (session.memory_id, session.owner, session.id) == (memory_id, owner, session_id)
    assert session.namespace == (namespace_of(owner) if owner else None)


def test_new_ids_are_well_formed_and_new() -> None:
    """New ids are well-formed and differ."""
    for new, form in ((new_session_id, SESSION_ID), (new_owner_id, OWNER_ID)):
        made = {new() for _ in range(100)}
        assert len(made) == 100
        assert all(form.fullmatch(each) for each in made)


def test_no_new_owner_belongs_to_a_tenant() -> None:
    """A service buys tickets for every id that begins with its tenant's name and an underscore."""
    assert not any("_" in new_owner_id() for _ in range(200))
