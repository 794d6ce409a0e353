"""The facts of a session, the damage that they show, and the commands that mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from motorhead.messages import StoredVersion, open_version
from motorhead.store.keys import CHUNK, UNNAMED, SessionKeys
from motorhead.store.state import LARGEST
from motorhead.tools.weights import Weights
from redis_link.connection import Command

#: Fields of the state, by the type of their values.
COUNTS = (
    "last", "folded", "kept_from", "versions", "weight", "folded_weight", "indexed", "vector_size", "context_version",
    "gaps", "withdrawals", "reached",
    "fold_version", "tokens", "prompt_tokens", "completion_tokens", "folded_at", "created", "updated",
)  # fmt: skip
A_COUNT = re.compile(rb"\d{1,15}")
TEXTS = (
    "epoch", "context", "reason", "namespace", "title", "own_title", "metadata", "instructions", "vector_model",
    "origin",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """A snapshot of a session. ``newest``: the number of the newest readable message.

    ``first``: the number of the oldest message, 0 without messages. ``top``: the highest message number ever.
    ``summary``: the newest version with a summary. ``set_aside`` and ``withdrawn``: numbers of messages. ``vectors``:
    field to length in bytes. ``lasting``: whether any key does not expire. ``now``: ms since 1970. ``weights``: of all
    messages; None: unknown.
    """

    newest: int
    state: dict[str, bytes | None]
    messages: int
    first: int
    top: int
    versions_top: int
    summary: StoredVersion | None
    namespaces: int
    set_aside: set[int]
    vectors: dict[bytes, int]
    lasting: bool
    now: int
    withdrawn: frozenset[int] = frozenset()
    weights: Weights | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """One defect, and whether it can be mended."""

    what: str
    mendable: bool = True


class Diagnosis:
    """The ``damages`` of a session, the ``commands`` that mend them, and its ``state`` afterwards.

    ``epoch``: used if the state is lost.
    """

    def __init__(self, keys: SessionKeys, facts: Facts, epoch: str) -> None:
        self._keys = keys
        self._facts = facts
        self._lost = not facts.state["epoch"]
        counts = {field: b"0" if (value := facts.state[field]) is None else value for field in COUNTS}
        self._bad = [field for field, value in counts.items() if not A_COUNT.fullmatch(value)]
        self._counts = {field: 0 if field in self._bad else int(value) for field, value in counts.items()}
        self.damages: list[Damage] = []
        self.commands: list[Command] = []
        self.state = dict(facts.state)
        self.needs_rewriting = False
        if not self._lost or facts.top or facts.versions_top:
            self._judge_session(epoch)
        elif facts.lasting:  # keys that expire, a lease or an allowance, are not damage
            self._note("keys without a session")
            self.commands.append(("UNLINK", *keys.all[:11]))

    def _judge_session(self, epoch: str) -> None:
        if self._lost:
            self._note("its state is lost")
            self._change("epoch", epoch.encode())
        versions = self._counts["versions"]
        self._judge_counts()
        self._judge_summary(versions)
        self._judge_vectors(self._judge_messages())
        self._judge_weight()
        if not self._facts.namespaces:
            self._note("it is in no namespace", cause="state")
            self.commands.append(("SADD", self._keys.namespaces, self.state["namespace"] or UNNAMED))
        self._judge_texts()
        if any(self.state[field] != self._facts.state[field] for field in TEXTS):
            self._set("context_version", self._counts["context_version"] + 1)
        if self.state != self._facts.state:
            self._set("fold_version", self._counts["fold_version"] + 1)

    def _note(self, what: str, *, cause: str | None = None, mendable: bool = True) -> None:
        """Note a defect, unless it follows from an earlier one: the loss of the state or of the field ``cause``."""
        if cause is None or not (self._lost or cause in self._bad):
            self.damages.append(Damage(what, mendable))

    def _set_aside(self, field: str) -> None:
        self.commands.append(("HSET", self._keys.damaged, f"state.{field}", self.state[field] or b""))

    def _change(self, field: str, value: bytes | None) -> None:
        key = self._keys.state
        self.commands.append(("HDEL", key, field) if value is None else ("HSET", key, field, value))
        self.state[field] = value

    def _set(self, field: str, value: int) -> None:
        self._counts[field] = value
        self._change(field, b"%d" % value)

    def _judge_counts(self) -> None:
        """Check that counts are numbers and reach the ends of the streams. Later checks restore lost counts."""
        for field in self._bad:
            self._note(f"its {field} is not a number")
            self._set_aside(field)
            self._change(field, None)
        for field in ("created", "updated"):
            if self._lost or field in self._bad:
                self._set(field, self._facts.now)
        highest = max(self._facts.newest, *self._facts.withdrawn, 0)  # a withdrawn number is never used again
        if highest > self._counts["last"]:
            self._note("the newest messages are not counted", cause="last")
            self._set("last", highest)
        if self._counts["versions"] < self._facts.versions_top < LARGEST:
            self._note("the newest versions of its summary are not counted", cause="versions")
            self._set("versions", self._facts.versions_top)

    def _judge_summary(self, versions: int) -> None:
        """Check that summary and watermark are those of the newest version, unless a newer one of ``versions`` is lost.

        Every script that writes them also writes a version with the same values, so where they differ the version is
        right. Otherwise messages could be missing both from the summary and from the window.
        """
        version, context, folded = self._facts.summary, self.state["context"], self._counts["folded"]
        kept, last = max(self._counts["kept_from"], 1), self._counts["last"]
        outlived = version is not None and int(version.through) > last
        through, weight = self._end_of_summary(kept, outlived)
        current = version if version and (version.version >= versions or self._lost) else None
        differs = current and (context, folded) != (current.context.encode(), through)
        for wrong, what, cause in (
            (context and context.upper() == b"NONE", "the summary is NONE", None),
            (outlived, "its newest version covers more messages than there are", "folded"),
            (folded > last, "the watermark is above the newest message", None),
            (differs, "its summary and watermark are not those of the newest version", "folded"),
            (context is None and folded >= kept, "no summary covers the messages below its watermark", None),
        ):
            if wrong:
                self._note(what, cause=cause)
                self._restore_summary(through, outlived=outlived)
                break
        if wrong or "folded" in self._bad:
            self._set("folded", through)
        if wrong or {"folded", "folded_weight"}.intersection(self._bad):
            self._set("folded_weight", weight)

    def _end_of_summary(self, kept: int, outlived: bool) -> tuple[int, int]:
        """The last message that the newest version covers, and the weight of the messages up to there."""
        version = self._facts.summary
        # A version that outlived its messages does not cover the new messages with the same numbers. Its text is kept
        # in a further version, which ends before them.
        if version is None or outlived:
            return kept - 1, 0
        return max(int(version.through), kept - 1), version.weight

    def _restore_summary(self, through: int, *, outlived: bool) -> None:
        """Make the newest version the summary. An ``outlived`` version is written again, ending at ``through``."""
        context, version = self.state["context"], self._facts.summary
        summary = version.context.encode() if version else None
        if context and context.upper() != b"NONE" and context != summary:
            self._set_aside("context")
        self._change("context", summary)
        number = max(self._counts["versions"], self._facts.versions_top) + 1
        if version and outlived and number < LARGEST:
            end = b',"through":"%d","weight":0,"version":%d,"created_at":%d}' % (through, number, self._facts.now)
            blob = open_version(version.context, "restore") + end
            self.commands.append(("XADD", self._keys.versions, f"{number}-0", "v", blob))
            self._set("versions", number)

    def _judge_messages(self) -> int:
        """Check that no message is missing and that the stream accepts the next one; the number of the oldest."""
        facts, last, kept = self._facts, self._counts["last"], max(self._counts["kept_from"], 1)
        first = facts.first or last + 1
        while kept in facts.set_aside | facts.withdrawn and kept < first:
            kept += 1
        if kept < first <= self._counts["folded"] + 1:
            self._note("the oldest messages, which are folded, are missing", cause="kept_from")
            self._set("kept_from", first)
            kept = first
        absent = facts.set_aside | facts.withdrawn
        missing = last - kept + 1 - facts.messages - sum(kept <= number <= last for number in absent)
        if missing > 0:
            self._note(f"{missing} messages are missing", mendable=False)
        gaps = sum(self._counts["folded"] < number <= last for number in facts.withdrawn)
        if gaps != self._counts["gaps"]:
            self._note("the withdrawn messages are not counted", cause="gaps")
            self._set("gaps", gaps)
        if facts.top > last:
            self._note("its stream does not accept a message at the next number")
            self.needs_rewriting = True
        return kept

    def _judge_weight(self) -> None:
        """Check the weight of the messages. Where another damage was found, it may explain a wrong one."""
        facts, last = self._facts, self._counts["last"]
        weight = self._counts["folded_weight"]
        if facts.weights is not None and facts.weights.reach(last, facts.withdrawn | facts.set_aside):
            weight += facts.weights.behind(self._counts["folded"], facts.withdrawn)
        elif "weight" not in self._bad:
            return  # messages came in meanwhile
        if weight != self._counts["weight"]:
            if not self.damages:
                self._note("its weight is not that of its messages")
            self._set("weight", weight)

    def _judge_vectors(self, kept: int) -> None:
        """Check that indexed messages, and no others, have vectors, all of one model and length."""
        indexed, vectors = self._counts["indexed"], self._facts.vectors
        if indexed > self._counts["last"] or (indexed >= kept and not vectors):
            self._note("the vectors do not fit the messages")
        elif indexed and not self._vectors_fit(kept, indexed):
            self._note("its vectors are not all of one model and one length, or some are missing", cause="vector_size")
        elif vectors and self.state["indexed"] is None:
            self._note("it has vectors, but no indexed message", cause="indexed")
        else:
            return
        self.commands.append(("UNLINK", self._keys.vectors))
        for field in ("indexed", "vector_model", "vector_size"):
            self._change(field, None)

    def _vectors_fit(self, kept: int, indexed: int) -> bool:
        size, vectors = self._counts["vector_size"], self._facts.vectors
        kind = b"/%d/" % size + (self.state["vector_model"] or b"")
        chunks = range((kept - 1) // CHUNK, (indexed - 1) // CHUNK + 1) if indexed >= kept else ()
        needed = {b"%d" % chunk + kind: min(CHUNK, indexed - chunk * CHUNK) * size for chunk in chunks}
        name = re.compile(rb"\d+" + re.escape(kind))
        fits = all(size and name.fullmatch(field) and not length % size for field, length in vectors.items())
        return fits and needed.items() <= vectors.items()

    def _judge_texts(self) -> None:
        """Check that texts are UTF-8; mending replaces only the bytes that are not."""
        for field in TEXTS:
            text = self.state[field] or b""
            readable = text.decode(errors="replace").encode()
            if text != readable:
                self._note(f"its {field} is not UTF-8")
                self._set_aside(field)
                self._change(field, readable)
