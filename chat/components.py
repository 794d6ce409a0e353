"""The components of the chat, built from the settings, once in each process."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from chat.demonstration.supervisor import Supervisor
from chat.domain.hosts import is_loopback
from chat.domain.reports import TurnReport
from chat.grants.calls import CallLimiter
from chat.grants.endings import Endings
from chat.grants.grants import Grants
from chat.grants.logins import LoginLimiter
from chat.grants.moves import Moves
from chat.grants.shares import Shares
from chat.grants.tickets import Tickets
from chat.grants.tokens import Tokens
from chat.grants.visits import Visits
from chat.memory.client import MemoryClient
from chat.metrics import metrics
from chat.model.last_calls import LastCalls
from chat.runs.bells import Bells
from chat.runs.limits import TurnLimiter
from chat.runs.log import RunLog
from chat.runs.runs import Runs
from chat.runs.scripts import SCRIPTS
from chat.runs.store import Store
from chat.turns.ports import BellsPort, MemoryPort
from chat.turns.turn import Persona
from redis_link.address import parse_address
from redis_link.fitting import FittingLink
from redis_link.link import Link
from redis_link.prefixed import prefixed
from redis_link.subscriptions import Subscriptions

if TYPE_CHECKING:
    from chat.model.client import ChatModel
    from chat.model.connection import AzureDeployment

#: Defaults without the supervisor: the servers that a developer has most likely started by hand.
DEFAULT_REDIS_URL = "redis://127.0.0.1:6379"
DEFAULT_SITE_URL = "http://127.0.0.1:8000"
DEFAULT_MOTORHEAD_URL = "http://127.0.0.1:8080"
#: Seconds for which a used ticket is remembered: longer than the minute for which it is valid.
TICKET_SECONDS = 660


@dataclass(frozen=True, slots=True)
class Components:
    """One of each component. They pool connections, so they belong to the loop that first uses them."""

    memory: MemoryPort
    bells: BellsPort
    runs: Runs
    grants: Grants
    last_calls: LastCalls = field(default_factory=LastCalls)
    connections: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def aclose(self) -> None:
        """Close every connection, when the process shuts down and has abandoned its runs."""
        await self.connections.aclose()


@cache
def components() -> Components:
    """This process's components. Call it on the event loop."""
    memory, model = build_memory(), build_model()
    link = build_link()
    store, subscriptions = build_store(link), Subscriptions(link, prefix=settings.REDIS_KEY_PREFIX)
    bells = Bells(store, subscriptions)
    connections = AsyncExitStack()
    for close in (link.close, subscriptions.close, model.aclose, memory.aclose):  # called in reverse
        connections.push_async_callback(close)
    runs = Runs(
        RunLog(store, lease=settings.CHAT_LEASE),
        bells,
        TurnLimiter(
            store,
            settings.CHAT_TURNS_PER_MINUTE,
            settings.CHAT_TURNS_PER_MINUTE_IN_ALL,
            settings.CHAT_TURNS_PER_MINUTE_PER_ADDRESS,
        ),
        memory,
        model,
        Persona(settings.CHAT_SYSTEM_PROMPT, settings.CHAT_PROMPT_BUDGET, settings.CHAT_RECALLED_LINES),
        worker=settings.CHAT_WORKER,
        max_chars=settings.CHAT_MAX_MESSAGE_CHARS,
        on_idle=gc.collect,  # so that no text of a finished turn stays in cyclic garbage
        on_end=_observer(connections),
        on_take_over=metrics().taken_over.add,
    )
    endings = Endings(store, subscriptions)
    connections.push_async_callback(endings.aclose)
    grants = Grants(
        LoginLimiter(store, settings.CHAT_LOGINS_PER_NAME, settings.CHAT_LOGINS_PER_ADDRESS),
        Visits(store, lifetime=settings.CHAT_OWNER_DAYS * 86_400),
        Tokens(store),
        Tickets(store, lifetime=TICKET_SECONDS),
        endings,
        Shares(store),
        Moves(store),
        CallLimiter(store),
    )
    return Components(memory, bells, runs, grants, model.last_calls, connections)


def _observer(connections: AsyncExitStack) -> Callable[[TurnReport], None]:
    """What hears of each turn that has ended: the metrics and, if somebody collects traces, the tracer."""
    count = metrics().end_turn
    if not settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        return count
    from chat.tracing import tracer

    made = tracer("azure.ai.openai" if settings.AZURE_API_BASE else "openai")
    connections.push_async_callback(made.aclose)

    def observe(report: TurnReport) -> None:
        count(report)
        made.trace(report)

    return observe


def build_supervisor() -> Supervisor:
    """The supervisor that runs this process, if there is one."""
    return Supervisor(settings.DATA, host=settings.CHAT_WORKER.rpartition(":")[0])


def build_memory() -> MemoryClient:
    """A memory client built from the settings."""
    return MemoryClient(
        settings.MOTORHEAD_URL or DEFAULT_MOTORHEAD_URL,
        timeout=settings.CHAT_MEMORY_TIMEOUT,
        patience=settings.CHAT_MEMORY_PATIENCE,
        window_size=settings.CHAT_WINDOW_SIZE,
        token=settings.MOTORHEAD_TOKEN,
        api_key=settings.METAL_API_KEY,
        client_id=settings.METAL_CLIENT_ID,
        disk_is_full=_disk_is_full,
        on_answer=metrics().answer_of_memory,
    )


def build_model() -> ChatModel:
    """A model built from the settings."""
    from chat.model.client import ChatModel  # loads LangChain, which takes longer than most management commands

    return ChatModel(
        settings.CHAT_MODEL,
        base_url=settings.OPENAI_BASE_URL,
        api_key=settings.OPENAI_API_KEY,
        azure=_azure(),
        patience=settings.CHAT_MODEL_PATIENCE,
        most_chars=settings.CHAT_MAX_REPLY_CHARS,
        on_failure=lambda name: metrics().model_failures.add(1, name),
    )


def _azure() -> AzureDeployment | None:
    """The model's deployment on Azure, if there is one."""
    if not settings.AZURE_API_BASE:
        return None
    from chat.model.connection import AzureDeployment

    return AzureDeployment(
        settings.AZURE_API_BASE, settings.AZURE_API_KEY, settings.AZURE_DEPLOYMENT_ID, settings.AZURE_API_VERSION
    )


def build_link() -> FittingLink:
    """A link to the site's Redis, not yet connected."""
    return FittingLink(parse_address(redis_url()), scripts=SCRIPTS, on_reply=metrics().store.observe)


def build_store(link: Link) -> Store:
    """What runs and grants use of the ``link`` to the site's Redis."""
    return Store(prefixed(link, settings.REDIS_KEY_PREFIX), _disk_is_full, metrics().store_outages.add)


def redis_url() -> str:
    """The address of the site's Redis: the configured one, or that which the supervisor has started."""
    return settings.REDIS_URL or _running("redis") or DEFAULT_REDIS_URL


def site_url() -> str:
    """The address of the site itself, likewise."""
    return settings.CHAT_PUBLIC_URL or _running("web") or DEFAULT_SITE_URL


def _running(name: str) -> str:
    """The address of a server that the supervisor has started; "" if it runs none."""
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads((settings.DATA / "serve.json").read_text())[name])
    return ""


def _disk_is_full() -> bool:
    """Whether the disk with the site's data is full, if Redis is on this machine, too."""
    address = parse_address(redis_url())
    here = address.path is not None or (address.sentinels is None and is_loopback(address.host))
    return here and settings.DISK_IS_FULL()
