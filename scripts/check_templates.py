"""Compile every Django template of the project. A template with a mistake otherwise fails only when it is used."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.template import TemplateSyntaxError, engines
from django.template.backends.django import DjangoTemplates

ROOT = Path(__file__).resolve().parent.parent


def names(engine: DjangoTemplates) -> Iterator[str]:
    """The name of each template in this project, without those of installed packages."""
    for folder in map(Path, engine.template_dirs):
        if folder.is_relative_to(ROOT) and ".venv" not in folder.parts:
            yield from (str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file())


def main() -> int:
    """Compile every template and print each mistake. Returns 1 if there is a mistake, or no template at all."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    engine = engines["django"]
    assert isinstance(engine, DjangoTemplates)  # noqa: S101 - TEMPLATES has one engine of that name
    found = list(names(engine))
    mistakes = 0 if found else 1
    for name in found:
        try:
            engine.get_template(name)
        except TemplateSyntaxError as error:
            mistakes += 1
            print(f"{name}: {error}", file=sys.stderr)
    print(f"{len(found)} templates compiled." if not mistakes else "Templates with mistakes, or none found.")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
