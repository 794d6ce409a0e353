"""The development requirements extend the site's."""

from __future__ import annotations

from scripts.pin_requirements import on_top

BELOW = """\
anyio==4.16.0 \\
    --hash=sha256:00
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:01
"""


def test_the_sites_pins_are_not_repeated() -> None:
    """A package that only the tools need stays, with its hash and the package that requires it."""
    pytest = "pytest==9.2.0 \\\n    --hash=sha256:02\n    # via motorhead-chat (pyproject.toml:dev)\n"
    assert on_top(BELOW + pytest, BELOW) == pytest


def test_a_package_that_the_site_pins_with_another_marker_stays() -> None:
    """For other machines, it is a separate requirement."""
    elsewhere = "numpy==2.4.6 ; python_full_version < '3.13' \\\n    --hash=sha256:01\n"
    assert on_top(elsewhere, BELOW) == elsewhere
