"""Prometheus's text format, in which a process shows its metrics and those of its siblings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_ESCAPED = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


@dataclass(frozen=True, slots=True)
class Family:
    """One metric with its samples, each of them a line. ``kind`` is counter, gauge or histogram."""

    name: str
    kind: str
    text: str
    samples: list[str]


def sample(name: str, labels: Mapping[str, str], value: str) -> str:
    """The line of one sample."""
    pairs = ",".join(f'{label}="{text.translate(_ESCAPED)}"' for label, text in labels.items())
    return f"{name}{{{pairs}}} {value}" if pairs else f"{name} {value}"


def merged(processes: Iterable[Iterable[Family]]) -> list[Family]:
    """The families of several processes as those of one: the format wants all samples of a metric in one place."""
    found: dict[str, Family] = {}
    for families in processes:
        for family in families:
            known = found.setdefault(family.name, Family(family.name, family.kind, family.text, []))
            known.samples.extend(family.samples)
    return list(found.values())


def exposition(families: Iterable[Family]) -> bytes:
    """All samples, each metric with its help and its type."""
    lines: list[str] = []
    for family in families:
        lines += [f"# HELP {family.name} {family.text}", f"# TYPE {family.name} {family.kind}", *family.samples]
    return ("\n".join(lines) + "\n").encode()
