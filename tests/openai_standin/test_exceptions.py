"""The errors, and the parts of them that clients see."""

from __future__ import annotations

from openai_standin.exceptions import ConfigurationError, RequestError, StandInError


def test_every_error_is_a_sentence_of_this_package():
    """``str()`` of an error is its sentence; a refusal is a bad request unless it says otherwise."""
    refused = RequestError("`messages` is empty.", param="messages")
    assert (str(refused), refused.status, refused.param, refused.code, refused.allow) == (
        *("`messages` is empty.", 400, "messages", None, ""),
    )
    assert issubclass(RequestError, StandInError)
    assert issubclass(ConfigurationError, StandInError)
