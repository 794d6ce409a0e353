"""The text printed in the terminal once the site is up."""

from __future__ import annotations

import shlex
import sys

from chatsite.folders import INSTALLED, ROOT
from environment.addresses import without_login
from supervisor.options import Options
from supervisor.plan import Configured, Plan, named

#: In another shell, say, the command would make the login in a file that the site does not read.
WITH_DATABASE = ", with DATABASE_URL set as for the site"
STANDIN = "a stand-in without weights; set OPENAI_API_KEY or OPENAI_BASE_URL for a real one"


def banner(plan: Plan, configured: Configured, options: Options) -> str:
    """The addresses of the site's parts, the model that answers, and lines to copy: a staff login, other clients."""
    where = plan.addresses
    model = STANDIN if configured.needs_standin else f"{configured.model_name} at {without_login(where.model)}"
    return "\n".join([
        f"The chat is up: {where.web}",
        f"  web     {options.workers} worker{'s' * (options.workers > 1)}",
        f"  memory  {without_login(where.memory)}{_processes(configured, options)}",
        f"  model   {model}",
        f"  redis   {without_login(where.redis)}",
        f"  kept in {options.data}",
        f"To make a staff login for {where.web}/admin/, run{WITH_DATABASE if configured.in_postgresql else ''}",
        f"  {_staff_login(options)}",
        *_standin(plan, configured),
        "Ctrl-C stops it.",
    ])  # fmt: skip


def _processes(configured: Configured, options: Options) -> str:
    """How many processes the memory server has, if there are several."""
    several = options.memory_workers > 1 and not configured.memory
    return f", {options.memory_workers} processes" if several else ""


def _standin(plan: Plan, configured: Configured) -> list[str]:
    if not configured.needs_standin:
        return []
    return [
        "To use the stand-in from LangChain or any other client of OpenAI, run",
        f"  export OPENAI_API_KEY=none OPENAI_BASE_URL={named(plan.addresses.model)}",
    ]


def _staff_login(options: Options) -> str:
    program = ("-P", "-m", "chatsite") if INSTALLED else (str(ROOT / "manage.py"),)
    command = shlex.join([sys.executable, *program, "createsuperuser"])
    return f"CHAT_DATA={shlex.quote(str(options.data))} {command}"
