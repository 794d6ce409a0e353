"""A chat in the terminal, whose memory is on the site.

TOKEN=$(.venv/bin/python manage.py issue_token --owner me --days 1) \\
    .venv/bin/python -m examples.python.chat http://127.0.0.1:8000 [session]
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator

from chat_client import ChatClient, ChatError, Event, ReasoningDelta, Restarted, TextDelta, TurnFinished, TurnStopped

COMMANDS = "/memory: the summary; /again: another answer; /forget: delete all; Ctrl-C: stop an answer; Ctrl-D: leave"


async def show_history(chat: ChatClient, session: str) -> None:
    """Print what was said before, and the rest of an answer in progress."""
    page = await chat.session(session).messages()
    for message in page.messages:
        print(f"> {message.text}" if message.role == "user" else message.text)
    if page.answering:
        await show(chat.resume(session))


async def show(events: AsyncGenerator[Event]) -> None:
    """Print an answer as it comes."""
    async for event in events:
        match event:
            case ReasoningDelta(text):
                print(f"\033[2m{text}\033[0m", end="", flush=True)
            case TextDelta(text):
                print(text, end="", flush=True)
            case Restarted():
                print("\n(A worker has died. Another one answers:)")
            case TurnFinished(reason=reason) | TurnStopped(reason=reason):
                print(f"\n({reason})" if reason else "")


async def show_memory(chat: ChatClient, session: str) -> None:
    """Print the summary, and how much is kept beside it."""
    summary = await chat.session(session).summary()
    print(summary.text or "Nothing is summarised yet.")
    print(f"({summary.window} messages are kept word for word, of at most {summary.window_size})")


async def obey(chat: ChatClient, session: str, line: str) -> None:
    """Do what a line says: a command, or else a message."""
    match line.strip():
        case "":
            print(COMMANDS)
        case "/memory":
            await show_memory(chat, session)
        case "/again":
            await show(chat.regenerate(session))
        case "/forget":
            await chat.session(session).delete()
            print("Forgotten.")
        case text:
            await show(chat.send(session, text))


async def main(url: str, session: str = "terminal") -> None:
    """Chat until Ctrl-D."""
    async with ChatClient(url, os.environ["TOKEN"]) as chat, asyncio.TaskGroup() as stops:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, lambda: stops.create_task(chat.stop(session)))
        await show_history(chat, session)
        while line := await asyncio.to_thread(read_line):
            try:
                await obey(chat, session, line)
            except ChatError as error:
                print(error.sentence)


def read_line() -> str:
    """The next line with its end; "" at the end of the input."""
    try:
        return input("> ") + "\n"
    except EOFError:
        return ""


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
