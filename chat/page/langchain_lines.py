"""The lines on the page that use its session from LangChain, and the stand-in as LangChain's model."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from chat.domain.hosts import is_loopback
from chat.domain.session_ids import Session

CLASSIC = """\
# pip install langchain-classic langchain-community
import asyncio
{needed}
from langchain_community.memory.motorhead_memory import MotorheadMemory

memory = MotorheadMemory(session_id={memory_id!r}, url={address})
asyncio.run(memory.init())  # loads what was said here; in a notebook: await memory.init()
print(memory.load_memory_variables({{}})["history"])
"""
#: LangChain's own class sends no token.
AUTHORIZED = """\
# pip install langchain_motorhead-*.whl, built by scripts/build
import os

from langchain_motorhead import MotorheadChatMessageHistory

history = MotorheadChatMessageHistory({memory_id!r}, {address}, token=os.environ["MOTORHEAD_TOKEN"])
print(history.messages)  # what was said here
"""
STANDIN = "export OPENAI_API_KEY=none OPENAI_BASE_URL={address}"


def session_lines(session: Session) -> str:
    """A Python program that prints what was said in the session.

    If the memory server requires a token, the program reads it from the environment. It also reads the address from
    there if the page knows none that visitors reach: the name of the site's own machine is of no use elsewhere.
    """
    form = AUTHORIZED if settings.MOTORHEAD_TOKEN else CLASSIC
    address, needed = repr(settings.CHAT_PUBLIC_MEMORY_URL), ""
    if not _is_reached(settings.CHAT_PUBLIC_MEMORY_URL):
        address, needed = 'os.environ["MOTORHEAD_URL"]', "import os\n"
    return form.format(memory_id=session.memory_id, address=address, needed=needed)


def standin_line() -> str:
    """The line for a shell that makes the stand-in the model of LangChain; "" if visitors do not reach it."""
    address = settings.CHAT_PUBLIC_STANDIN_URL
    return STANDIN.format(address=address) if address and _is_reached(address) else ""


def _is_reached(address: str) -> bool:
    """Whether visitors of the site reach ``address``: not one on the site's machine, if they come from elsewhere."""
    site = urlsplit(settings.CHAT_PUBLIC_URL).hostname or "localhost"
    return is_loopback(site) or not is_loopback(urlsplit(address).hostname or "")
