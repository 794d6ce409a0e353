"""Check that the pinned requirements match the stated ones. Reads only the files; needs no package index."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.pin_requirements import COMMAND
from scripts.requirements import (
    DEV,
    PROJECTS,
    ROOT,
    RUNTIME,
    TRACING,
    Pin,
    pins,
    read_project,
    stated,
    stated_for_development,
    stated_for_tracing,
)


def unmet(requirements: Sequence[Requirement], pinned: Sequence[Pin], file: str) -> Iterator[str]:
    """A sentence for each of ``requirements`` that no pin satisfies."""
    for requirement in requirements:
        versions = [pin.version for pin in pinned if pin.name == canonicalize_name(requirement.name)]
        if not versions:
            yield f"{file} does not pin {requirement.name}."
        for version in versions:
            if version not in requirement.specifier:
                yield f"{file} pins {requirement.name} {version}, but {requirement.specifier} is required."


def unwanted(requirements: Sequence[Requirement], pinned: Sequence[Pin], project: str, file: str) -> Iterator[str]:
    """A sentence for each pin that is attributed to ``project`` (its name and file) but no longer required by it."""
    names = {canonicalize_name(each.name) for each in requirements}
    for pin in pinned:
        if f" {project}\n" in f"{pin.block}\n" and pin.name not in names:
            yield f"{file} pins {pin.name} for {project}, which does not require it."


def without_hash(pinned: Sequence[Pin], file: str) -> Iterator[str]:
    """A sentence for each pin without a hash, which would accept any file of that version."""
    return (f"{file} pins {pin.name} without a hash." for pin in pinned if "--hash=" not in pin.block)


def of_the_site(runtime: Sequence[Pin]) -> Iterator[str]:
    """A sentence for each problem in the requirements of the four distributions."""
    yield from without_hash(runtime, RUNTIME)
    for file in PROJECTS:
        project = read_project(file)
        requirements, name = stated(project), f"{project['project']['name']} ({file})"
        yield from unmet(requirements, runtime, RUNTIME)
        yield from unwanted(requirements, runtime, name, RUNTIME)


def of_tracing(runtime: Sequence[Pin], tracing: Sequence[Pin], dev: Sequence[Pin]) -> Iterator[str]:
    """A sentence for each problem in the requirements of traces; they are tested with the pins of development."""
    yield from without_hash(tracing, TRACING)
    yield from unmet(stated_for_tracing(), [*runtime, *tracing], TRACING)
    yield from (f"{DEV} pins {pin.name} otherwise." for pin in tracing if pin.line not in {each.line for each in dev})


def of_development(runtime: Sequence[Pin], dev: Sequence[Pin]) -> Iterator[str]:
    """A sentence for each problem in the development requirements, which build on the site's."""
    requirements = stated_for_development()
    yield from without_hash(dev, DEV)
    yield from unmet(requirements, [*runtime, *dev], DEV)
    yield from unwanted(requirements, dev, "motorhead-chat (pyproject.toml:dev)", DEV)
    yield from (f"{DEV} repeats {pin.name}." for pin in dev if pin.name in {below.name for below in runtime})


def main() -> int:
    """Print every difference. Returns 1 if there is any."""
    texts = {file: (ROOT / file).read_text() for file in (RUNTIME, TRACING, DEV)}
    runtime, tracing, dev = map(pins, texts.values())
    found = [*of_the_site(runtime), *of_tracing(runtime, tracing, dev), *of_development(runtime, dev)]
    above = [file for file in (TRACING, DEV) if f"-r {RUNTIME}" not in texts[file].splitlines()]
    found += [f"{file} does not include {RUNTIME}." for file in above]
    for sentence in found:
        print(sentence, file=sys.stderr)
    if found:
        print(f"Pin them again: {COMMAND}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
