"""Names of the site's cookies."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from chatsite.cookies import cookie_names


def test_two_sites_on_a_host_have_different_names():
    """No name is shared, since browsers do not keep cookies of different ports apart."""
    here, there = cookie_names("", "a key", https=False), cookie_names("", "another key", https=False)
    assert not set(astuple(here)) & set(astuple(there))
    assert len(set(astuple(here))) == len(astuple(here))


@pytest.mark.parametrize("https", [True, False])
def test_a_prefix_can_be_chosen(https: bool):
    """The names then do not depend on the key; by https they are bound to the host all the same."""
    names = cookie_names("mine", "a key", https=https)
    assert names == cookie_names("mine", "another key", https=https)
    assert all(name.startswith("__Host-mine-" if https else "mine-") for name in astuple(names))
