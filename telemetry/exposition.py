"""Prometheus's text format, in which a process shows its metrics and those of its siblings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: The label that names a process.
_PROCESS = re.compile(r'\bprocess="([^"]*)"')
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


def distinct(processes: Mapping[str, Sequence[Family]]) -> Iterator[list[Family]]:
    """The families of several processes, by their ids. Of those that have the same name, the ids become part of it.

    Otherwise they would have the same samples, with different values.
    """
    names = {pid: _name_in(families) for pid, families in processes.items()}
    for pid, families in processes.items():
        if Counter(names.values())[names[pid]] > 1:
            yield [_renamed(family, names[pid], f"{names[pid]} ({pid})") for family in families]
        else:
            yield list(families)


def _name_in(families: Sequence[Family]) -> str:
    """The name of the process whose families these are."""
    labels = (_PROCESS.search(line) for family in families for line in family.samples)
    return next((label[1] for label in labels if label), "")


def _renamed(family: Family, name: str, other: str) -> Family:
    samples = [line.replace(f'process="{name}"', f'process="{other}"', 1) for line in family.samples]
    return replace(family, samples=samples)


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
