"""What a token may be used for."""

from __future__ import annotations

import pytest

from chat.domain.exceptions import AccessDenied
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
