"""The digest of a name in the log. The form is tested on a whole site, in ``tests/system/test_limits.py``."""

from __future__ import annotations

from django.test import override_settings

from chat.staff.logins import digest_of_name


def test_a_name_cannot_be_guessed_from_its_digest():
    """It depends on the site's key, and not on the case in which the name is written."""
    digest = digest_of_name("root")
    assert digest == digest_of_name("Root") != digest_of_name("toor")
    with override_settings(SECRET_KEY="the key of another site"):
        assert digest_of_name("root") != digest
