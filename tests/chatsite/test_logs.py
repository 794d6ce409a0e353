"""Log lines contain no session id and no text of a message, but do say where something went wrong."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from django.utils.log import log_response

from chatsite.logs import JsonLineFormatter, LineFormatter, log_settings

SAID = "canary7f3qz"


@contextmanager
def logged(name: str) -> Iterator[Callable[[], str]]:
    """Gives the output of the logger ``name`` through the site's formatter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield stream.getvalue
    finally:
        logger.removeHandler(handler)


def request(path: str) -> HttpRequest:
    asked = RequestFactory().get(path)
    asked.resolver_match = resolve(asked.path_info)
    return asked


def fail() -> None:
    try:
        raise ConnectionRefusedError(111, SAID)
    except OSError as error:
        raise ValueError(SAID) from error


def raised() -> ValueError:
    try:
        fail()
    except ValueError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("path", "route"),
    [
        (f"/s/{SAID}/delete", "/s/<str:session_id>/delete"),
        (f"/s/é{SAID}", "/s/<str:session_id>"),
        (f"/admin/chat/session/{SAID}/delete/", "/admin/chat/session/<str:object_id>/delete/"),
    ],
)
def test_a_path_is_logged_as_its_route(path: str, route: str):
    """Django's line about a failed request names the page, not the session."""
    with logged("django.request") as lines:
        log_response("%s: %s", "Gone", request(path).path, response=HttpResponse(status=503), request=request(path))
    assert lines().endswith(f"ERROR django.request: Gone: {route}\n")


def test_an_unknown_path_is_left_out():
    """It may still contain a session id, for example with one slash too many."""
    asked = RequestFactory().get(f"/s/{SAID}//")
    with logged("django.request") as lines:
        log_response("Not Found: %s", asked.path, response=HttpResponse(status=404), request=asked)
    assert lines().endswith("Not Found: /…\n")


@pytest.mark.parametrize(("path", "status", "lines"), [("/readyz", 503, 0), ("/readyz", 500, 1), ("/else", 503, 1)])
def test_a_probe_of_a_worker_that_is_not_ready_is_not_logged(path: str, status: int, lines: int):
    """It comes every second or two; what fails in the check is logged, and so is every other page."""
    asked = RequestFactory().get(path)
    with logged("django.request") as output:
        log_response("%s: %s", "Failed", path, response=HttpResponse(status=status), request=asked)
    assert output().count("ERROR") == lines


def test_other_addresses_in_a_message_are_cut_to_their_origin():
    """A refused Referer is the address of a session's page."""
    with logged("django.request") as lines:
        reason = f"Referer checking failed - https://other.example/s/{SAID}?x does not match any trusted origins."
        asked = request(f"/s/{SAID}/delete")
        log_response("Forbidden (%s): %s", reason, asked.path, response=HttpResponse(status=403), request=asked)
    assert SAID not in lines()
    assert "https://other.example/… does not match" in lines()


def test_an_unforeseen_error_keeps_its_traceback_but_not_its_words():
    """Every frame is logged, with types and error numbers, including those of the error that led to it."""
    error = raised()
    with logged("chat.runs.runs") as lines:
        logging.getLogger("chat.runs.runs").error("A turn failed.", exc_info=error)
    assert SAID not in lines()
    assert "ERROR chat.runs.runs: A turn failed.\nTraceback" in lines()
    assert lines().count(", in fail\n") == 2
    assert "builtins.ConnectionRefusedError [ECONNREFUSED]: …\nThat led to:" in lines()
    assert lines().endswith("builtins.ValueError: …\n")


@pytest.mark.parametrize(("status", "has_traceback"), [(400, False), (403, False), (500, True)])
def test_a_refusal_has_no_traceback(status: int, has_traceback: bool):
    """Anybody could fill the log with them."""
    with logged("django.request") as output:
        log_response("Refused: %s", "/admin/", response=HttpResponse(status=status), exception=raised())
    assert ("Traceback" in output()) == has_traceback
    assert "Refused" in output()


def test_the_errors_of_a_group_are_logged_one_by_one():
    """Each of the tasks that failed together has its own traceback."""
    with logged("chat") as lines:
        logging.getLogger("chat").error("Tasks failed.", exc_info=ExceptionGroup(SAID, [raised(), KeyError(SAID)]))
    assert SAID not in lines()
    assert "builtins.ExceptionGroup: …\nIn it, a ValueError:" in lines()
    assert lines().endswith("builtins.KeyError: …\n")


def from_daphne(logger: logging.Logger) -> None:
    output = f'{SAID}\n  File "/a/b.py", line 7, in receive\n    self.fail(text)\n  {SAID}'
    logger.error("Exception inside application: %s", output)


def with_a_path(logger: logging.Logger) -> None:
    logger.warning("Application instance %r for connection %-10s took too long", SAID, f"<path=b'/ws/session/{SAID}'>")


def with_an_object(logger: logging.Logger) -> None:
    logger.error(Exception(SAID))


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (from_daphne, 'Exception inside application: …\n  File "/a/b.py", line 7, in receive\n'),
        (with_a_path, "Application instance … for connection … took too long\n"),
        (with_an_object, "(Exception)\n"),
    ],
)
def test_the_values_in_a_librarys_message_are_left_out(write: Callable[[logging.Logger], None], expected: str):
    """A server's message may contain a connection, a path or an exception's text; the frames are kept."""
    with logged("daphne.server") as lines:
        write(logging.getLogger("daphne.server"))
    assert lines().endswith(expected)
    assert SAID not in lines()


def test_an_outage_of_redis_names_its_server():
    """The link to Redis logs addresses and reasons, which an operator needs."""
    with logged("redis_link.pauses") as output:
        logging.getLogger("redis_link.pauses").warning("%s Trying again.", "Redis at a:6379 cannot be used.")
    assert output().endswith("Redis at a:6379 cannot be used. Trying again.\n")


async def test_a_task_that_nobody_waited_for_is_logged_with_its_traceback():
    """asyncio's own message contains the exception's text."""

    async def task() -> None:
        fail()

    context: dict[str, Any] = {"message": "Task exception was never retrieved"}
    context["future"] = context["task"] = forgotten = asyncio.create_task(task())
    await asyncio.wait([forgotten])
    context["exception"] = forgotten.exception()
    with logged("asyncio") as lines:
        asyncio.get_running_loop().default_exception_handler(context)
    assert "asyncio: Task exception was never retrieved\nTraceback" in lines()
    assert ", in fail\n" in lines()
    assert SAID not in lines()


def test_a_callback_that_failed_is_logged_without_its_arguments():
    """asyncio's message shows them."""
    with logged("asyncio") as lines:
        logging.getLogger("asyncio").error(f"Exception in callback fail('{SAID}')\nhandle: <Handle fail('{SAID}')>")
    assert lines().endswith("asyncio: Exception in callback fail\n")


def test_a_warning_of_python_is_its_place_and_kind():
    """Its text may quote anything."""
    with logged("py.warnings") as lines:
        logging.getLogger("py.warnings").warning("%s", f"/chat/x.py:7: RuntimeWarning: {SAID}: x\n  y = {SAID}\n")
    assert lines().endswith("py.warnings: /chat/x.py:7: RuntimeWarning\n")


def test_a_line_for_a_machine_leaves_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the fields of all parts of the site, with the name of the worker."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLineFormatter("web.1"))
    logger = logging.getLogger("some.library")
    monkeypatch.setattr(logger, "handlers", [handler])
    logger.error("It said %s\nand more", SAID, exc_info=raised())
    logger.warning("Nothing failed.")
    failed, warned = map(json.loads, stream.getvalue().splitlines())
    assert list(failed) == ["time", "level", "process", "pid", "logger", "message", "trace"]
    assert (failed["level"], failed["process"], failed["logger"]) == ("error", "web.1", "some.library")
    assert failed["message"] == "It said …"
    assert "in fail" in failed["trace"]
    assert SAID not in stream.getvalue()
    assert "trace" not in warned


def test_the_form_of_lines_is_a_setting() -> None:
    """Text for people is the default of the site."""
    assert log_settings("text", "web.1")["formatters"]["line"] == {"()": "chatsite.logs.LineFormatter"}
    assert log_settings("json", "web.1")["formatters"]["line"]["process"] == "web.1"
