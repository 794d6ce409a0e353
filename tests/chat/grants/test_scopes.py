"""What a token may be used for."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import AccessDenied, InvalidRequest
from chat.grants.scopes import ALL, Access, Scope, scopes_in


def test_one_of_the_scopes_is_enough() -> None:
    """Without any of them, the sentence names those that would do."""
    access = Access(frozenset({Scope.READ}))
    access.check(Scope.TURNS, Scope.READ)
    with pytest.raises(AccessDenied, match="scope turns or write") as denied:
        access.check(Scope.TURNS, Scope.WRITE)
    assert denied.value.close_code == 4403


def test_a_token_without_scopes_may_do_everything() -> None:
    """Like those of earlier versions."""
    assert scopes_in([]) == ALL == Access().scopes
    assert scopes_in(["read"]) == {Scope.READ}
    with pytest.raises(ValueError, match="fly"):
        scopes_in(["fly"])


@pytest.mark.parametrize("origin", [None, "https://app.example"])
def test_programs_and_the_pages_that_are_named_may_use_it(origin: str | None) -> None:
    """Without origins, all may."""
    Access(origins=frozenset({"https://app.example"})).check_origin(origin)
    Access().check_origin("https://anywhere.example")


@pytest.mark.parametrize("origin", ["https://app.example:8443", "null", "https://evil.example"])
def test_other_pages_may_not(origin: str) -> None:
    """The origin is compared whole."""
    with pytest.raises(AccessDenied, match="pages of this origin"):
        Access(origins=frozenset({"https://app.example"})).check_origin(origin)


def test_a_service_buys_tickets_for_the_owners_of_its_tenant() -> None:
    """And for no other owner: the tenant is part of their names."""
    service = Access(is_service=True)
    assert service.owner_of_ticket("acme", "user-42") == "acme_user-42"
    assert service.owner_of_ticket("acme", None) == "acme"
    for malformed in ("", "a.b", "x" * 60):
        with pytest.raises(InvalidRequest, match="1 to 59 letters"):
            service.owner_of_ticket("acme", malformed)


def test_other_tokens_buy_tickets_for_their_own_owner_alone() -> None:
    """Whatever else they may do."""
    assert Access().owner_of_ticket("alice", None) == "alice"
    with pytest.raises(AccessDenied, match="token of a service"):
        Access().owner_of_ticket("alice", "bob")
