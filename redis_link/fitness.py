"""What a store lacks for keeping sessions, said at the start: what would lose them is refused, what may is warned of.

By INFO, which stores of cloud providers answer, too; by CONFIG only where that is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from redis_link.connection import Command, Reply
from redis_link.exceptions import StoreRefused, StoreUnavailable
from redis_link.link import Link

#: The oldest version of Redis with sharded pub/sub. Every Valkey says that it is at least this old.
OLDEST = 7
#: What scripts do with keys, and the one command without a key that they need.
TRIAL = "redis.call('TIME') return redis.call('EXISTS', KEYS[1])"
#: The refusal of a command, or of one in a script, in the words of Redis 7.0 and of those after it.
NO_RIGHT = re.compile(
    r"(?:NOPERM|ERR(?= ACL failure| The user executing)) (?P<words>.+?)\.?(?: script: [0-9a-f]{40}.*)?"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that has keys: its ``address``, its answer to INFO, and what it ``keeps`` them by (empty: unknown)."""

    address: str
    fields: Mapping[str, str]
    keeps: Mapping[str, str] = field(default_factory=dict)

    @property
    def saves(self) -> str | None:
        """When it takes snapshots; "": never. None: unknown."""
        return self.keeps.get("save")

    @property
    def evicts(self) -> str:
        """The policy by which it deletes keys when its memory is full; "" if it does not."""
        policy = self.fields.get("maxmemory_policy", "noeviction")
        return policy if policy != "noeviction" and self.fields.get("maxmemory") != "0" else ""


async def check_store(link: Link, key: str) -> list[str]:
    """Check that a store can keep sessions. Returns a sentence about each way in which it may lose something.

    ``key``: one that is never used, like those that are; commands that change nothing are tried on it.

    Raises `StoreUnavailable`: it cannot keep them, or its user has not all rights.
    """
    servers = await _servers(link)
    for refusal in (too_old, only_a_replica, evicts_everything):
        if sentence := _said_of(servers, refusal):
            raise StoreUnavailable(sentence)
    await _try_rights(link, key)
    return [
        sentence for warning in (evicts_some, forgets, snapshots, delays) if (sentence := _said_of(servers, warning))
    ]


def fields_of(answer: bytes) -> dict[str, str]:
    """The fields in an answer to INFO."""
    pairs = (line.partition(":") for line in answer.decode(errors="replace").splitlines())
    return {name: value for name, colon, value in pairs if colon}


# --- each says what is wrong with a server, or nothing ------------------------------------------------------------


def too_old(server: Server) -> str:
    """It has no sharded channels."""
    version = server.fields.get("redis_version", "")
    old = version and int(version.partition(".")[0]) < OLDEST
    return f"is version {version}. Update it to {OLDEST}.0 or later, or use Valkey." if old else ""


def only_a_replica(server: Server) -> str:
    """A replica takes no writes, or loses them."""
    if server.fields.get("role") != "slave":
        return ""
    primary = f"{server.fields.get('master_host')}:{server.fields.get('master_port')}"
    return f"is a replica. Name its primary, which is {primary}, or its sentinels."


def evicts_everything(server: Server) -> str:
    """Sessions would disappear without a word."""
    if not server.evicts.startswith("allkeys"):
        return ""
    return (
        f"deletes sessions when its memory is full (maxmemory-policy {server.evicts}). Set maxmemory-policy to "
        "noeviction: then it refuses to write, and people are told."
    )


def evicts_some(server: Server) -> str:
    """What expires at its time is needed until then: turns under way, marks against remembering twice."""
    if not server.evicts.startswith("volatile"):
        return ""
    return (
        f"deletes what is still needed when its memory is full (maxmemory-policy {server.evicts}): a turn under way "
        "may be lost, or remembered twice. Set maxmemory-policy to noeviction."
    )


def forgets(server: Server) -> str:
    """Nothing is written to the disk."""
    if server.fields.get("aof_enabled") != "0" or server.saves != "":
        return ""
    return "keeps nothing on its disk: when it ends, all sessions are lost. Set appendonly yes."


def snapshots(server: Server) -> str:
    """What came since the last snapshot is only in memory."""
    if server.fields.get("aof_enabled") != "0" or not server.saves:
        return ""
    return (
        "writes to its disk only now and then: when it is killed, what was said since is lost. Set appendonly yes, and "
        "appendfsync always."
    )


def delays(server: Server) -> str:
    """The append-only file reaches the disk when the system likes."""
    if server.fields.get("aof_enabled") != "1" or server.keeps.get("appendfsync") != "no":
        return ""
    return (
        "leaves it to the system when it writes to its disk (appendfsync no): with the power, what was said lately is "
        "lost, too. Set appendfsync always."
    )


# --- inner --------------------------------------------------------------------------------------------------------


def _said_of(servers: Iterable[Server], what: Callable[[Server], str]) -> str:
    """One sentence for all servers of which the same is to be said."""
    said = {server.address: sentence for server in servers if (sentence := what(server))}
    if not said:
        return ""
    first, *others = said
    also = f" (as {'do' if len(others) > 1 else 'does'} {', '.join(others)})" if others else ""
    return f"Redis at {first}{also} {said[first]}"


async def _servers(link: Link) -> list[Server]:
    """The servers, except the nodes of a Cluster that are away: their replicas will take their places."""
    answers = await link.ask_each("INFO")
    keeps = dict(await link.ask_each("CONFIG", "GET", "save", "appendfsync"))
    found = []
    for address, answer in answers:
        if isinstance(answer, StoreUnavailable) and len(answers) > 1:
            continue
        if isinstance(answer, Exception):
            raise answer
        found.append(Server(str(address), fields_of(answer), _pairs(keeps.get(address))))
    return found


def _pairs(answer: Reply) -> Mapping[str, str]:
    """What CONFIG answers; nothing, where it is forbidden."""
    words = [word.decode() for word in answer] if isinstance(answer, list) else []
    return dict(zip(words[::2], words[1::2], strict=True))


async def _try_rights(link: Link, key: str) -> None:
    """Raises `StoreUnavailable`: the user may not write such keys of every type, publish, or run scripts."""
    trials: list[Command] = [
        ("DEL", key), ("HDEL", key, "x"), ("SREM", key, "x"), ("ZREM", key, "x"), ("XDEL", key, "0-0"),
        ("SPUBLISH", key, ""), ("EVAL", TRIAL, 1, key),
    ]  # fmt: skip
    for reply in await link.settle(*trials):
        if isinstance(reply, StoreRefused) and (lacks := NO_RIGHT.fullmatch(str(reply))):
            who, what = f"The user of Redis at {link.address}", lacks["words"]
            raise StoreUnavailable(f"{who} lacks a right: {what}. See its ACL rules, and docs/deployment.md.")
