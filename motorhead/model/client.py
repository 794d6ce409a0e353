"""Asks an OpenAI-compatible server: one POST a question, sent by aiohttp.

The ``openai`` package would take seven times the processor time for the same request, and 25 MiB. Retries and errors
are this server's own in any case (docs/memory-server.md).
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

import msgspec

from environment.proxies import proxy_to
from motorhead.config import ModelSettings
from motorhead.exceptions import ModelError, ModelFailed, ModelRejected, ModelUnavailable
from motorhead.messages import UNREADABLE
from motorhead.model.azure import azure_failure
from motorhead.model.failures import failure, failure_in
from motorhead.model.redirects import moved, moved_to

if TYPE_CHECKING:
    import aiohttp

logger = logging.getLogger(__name__)

OPENAI = "https://api.openai.com/v1"
#: The error if no model is configured.
NOT_CONFIGURED = "No {what} is configured: set OPENAI_API_KEY or OPENAI_BASE_URL."
#: Sent to servers that need no key: some insist on one, whatever it is.
NO_KEY = "none"
#: The codes of errors that are logged; anything else might quote a text.
CODE = re.compile(r"[a-z0-9_.-]{1,40}", re.IGNORECASE | re.ASCII)
#: Seconds for which an idle connection is kept.
IDLE = 15.0
#: The most bytes of a header in an answer. Gateways send policies and cookies that exceed aiohttp's 8 KiB.
LONGEST_HEADER = 65_536

_encode = msgspec.json.Encoder().encode


class Posted(NamedTuple):
    """What came back to a question; ``status`` 0: nothing did. ``place``: where the question would have had to go."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    place: str | None = None

    @property
    def reported(self) -> str:
        """The status and the code of an error, for the log."""
        if self.status < 300:
            return "no status, no code"
        code = _code_in(self.body)
        return f"status {self.status}, {f'code {code}' if code else 'no code'}"


NOTHING = Posted(0, {}, b"")


class ModelClient:
    """Asks a model. Connects at first use; ``what`` names the model in error sentences."""

    def __init__(self, settings: ModelSettings, deployment: str | None, what: str) -> None:
        self._settings = settings
        self._base, self._query = _address(settings, deployment)
        self._headers = _headers(settings)
        self._what = what
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, path: str, question: object) -> bytes:
        """The body of the model's answer to ``question`` (a JSON object) at ``path``.

        A slow or failing model is not asked again here: the caller decides when, and holds leases and slots meanwhile.
        Raises `ModelError`: the model gave no answer.
        """
        session = await self._opened()
        began, posted = monotonic(), NOTHING
        try:
            with translated(self._what):
                posted = await self._post(session, self._base + path + self._query, _encode(question))
            self._check(posted)
        except ModelError as error:
            logger.warning(
                "A call of the %s failed after %.2f s: %s (%s).",
                *(self._what, monotonic() - began, type(error).__name__, posted.reported),
            )
            raise
        return posted.body

    async def close(self) -> None:
        """Close the client's connections."""
        if self._session is not None:
            await self._session.close()

    def _check(self, posted: Posted) -> None:
        """Raises `ModelError`: the answer is an error."""
        error: ModelError | None
        if posted.place:
            error = moved(self._what, posted.place, azure=bool(self._settings.azure))
        elif posted.status < 300:
            error = failure_in(self._what, posted.body)
        else:
            body = posted.body.decode(errors="replace")
            error = azure_failure(self._what, posted.status, body) if self._settings.azure else None
            error = error or failure(self._what, posted.status, body, posted.headers)
        if error is not None:
            raise error

    async def _opened(self) -> aiohttp.ClientSession:
        """The session of this client's connections, begun at the first question."""
        if not self._settings.configured:
            raise ModelRejected(NOT_CONFIGURED.format(what=self._what))
        if self._session is None:
            context = await asyncio.to_thread(_import, secure=self._base.startswith("https:"))
            self._session = self._session or self._open(context)
        return self._session

    def _open(self, context: ssl.SSLContext | bool) -> aiohttp.ClientSession:
        import aiohttp

        seconds = self._settings.timeout
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE, ssl=context),
            cookie_jar=aiohttp.DummyCookieJar(),
            max_field_size=LONGEST_HEADER,
            proxy=proxy_to(self._base),
            timeout=aiohttp.ClientTimeout(connect=seconds, sock_connect=seconds, sock_read=seconds),
        )

    async def _post(self, session: aiohttp.ClientSession, url: str, question: bytes) -> Posted:
        """What comes back. Asked once more if the connection broke: the server may have closed an idle one."""
        import aiohttp

        try:
            return await self._posted(session, url, question)
        except TimeoutError:
            raise
        except aiohttp.ClientError:
            return await self._posted(session, url, question)

    async def _posted(self, session: aiohttp.ClientSession, url: str, question: bytes) -> Posted:
        # The headers are not the session's, as those are sent to a proxy, too, with its CONNECT. On the way to another
        # origin, aiohttp drops an Authorization, but not Azure's key.
        follow = not self._settings.azure
        async with session.post(url, data=question, headers=self._headers, allow_redirects=follow) as answer:
            place = moved_to(answer, url.removeprefix(self._base).removesuffix(self._query), azure=not follow)
            return Posted(answer.status, answer.headers, await answer.read(), place)


def _address(settings: ModelSettings, deployment: str | None) -> tuple[str, str]:
    """The address before a call's path, and the query behind it."""
    if azure := settings.azure:
        base = f"{azure.base.rstrip('/')}/openai/deployments/{quote(deployment or '', safe='')}"
        return base, f"?api-version={quote(azure.version, safe='')}"
    return (settings.base or OPENAI).rstrip("/"), ""


def _headers(settings: ModelSettings) -> dict[str, str]:
    """The headers of every question."""
    key = {"api-key": settings.azure.key} if settings.azure else {"Authorization": f"Bearer {settings.key or NO_KEY}"}
    if not settings.azure and "@" in urlsplit(settings.base or "").netloc:
        key = {}  # aiohttp sends the login in the address
    named = {"OpenAI-Organization": settings.organization, "OpenAI-Project": settings.project}
    return {"Content-Type": "application/json", **key, **{name: value for name, value in named.items() if value}}


def _import(*, secure: bool) -> ssl.SSLContext | bool:
    """Import what a question needs, which takes a while. Returns the certificates to trust."""
    import aiohttp  # noqa: F401

    if not secure:
        return True
    import httpx2

    return httpx2.create_ssl_context()  # those of the machine, as the system's own programs trust them


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn errors of aiohttp into ours; ``what`` names the model in the sentence."""
    import aiohttp

    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise ModelUnavailable(f"The {what} cannot be reached.") from error
    except TimeoutError as error:
        raise ModelFailed(f"The {what} did not answer in time.") from error
    except aiohttp.ClientError as error:
        raise ModelUnavailable(f"The {what} cannot be reached.") from error


def unreadable(what: str) -> ModelFailed:
    """The error about an answer that is not in the expected form; ``what`` names the model in its sentence."""
    return ModelFailed(f"The {what} gave an answer that cannot be read.")


def _code_in(body: bytes) -> str | None:
    """The code in an error's body, if it is certainly not a text."""
    try:
        error = msgspec.json.decode(body).get("error")
        code = error.get("code")
    except (*UNREADABLE, AttributeError):
        return None
    return code if isinstance(code, str) and CODE.fullmatch(code) else None
