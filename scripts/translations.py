"""The translations in locale/: ``python -m scripts.translations update`` or ``… check``. Needs Debian's gettext.

``update`` collects the sentences of the code into the ``.po`` file of each language, with empty translations for new
ones, and compiles what is translated into its ``.mo`` file. ``check`` changes nothing, and lists what is wrong.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.makemessages import Command as MakeMessages
from django.test.utils import override_settings
from django.utils.translation import to_locale

from scripts.catalogues import Catalogue, read_catalogue

ROOT = Path(__file__).resolve().parent.parent

#: The folders with the sentences of pages: templates and Python, and the script.
SOURCES = {"django": ("chat", "templates"), "djangojs": ("static/chat/page",)}
#: Sentences that are marked nowhere, since the standard library is all that their module knows.
SENTENCES = "chat/domain/sentences.py"

#: What a translation has to repeat: a place for a value, and a tag.
PLACE = re.compile(r"%\(\w+\)\w|\{\w*(?:![a-z])?(?::[^{}]*)?\}")
TAG = re.compile(r"</?[a-z][^>]*>")
#: Its last character, if that ends or opens a sentence. It may be inside a tag.
END = re.compile(r"[.?!:…,;]?(?=(?:</\w+>)*$)")
#: What the header of a ``.pot`` file has instead of English plurals.
NO_PLURALS = ("nplurals=INTEGER; plural=EXPRESSION;", "nplurals=2; plural=(n != 1);")
#: Dates of the tools, which would differ at every run.
DATES = re.compile(r'^"(?:POT-Creation|PO-Revision)-Date: .*\n', re.MULTILINE)


def languages() -> list[str]:
    """The languages that are translated into, by the names of their folders."""
    return [to_locale(code) for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def update() -> int:
    """Bring every ``.po`` and ``.mo`` file up to date. Returns 0."""
    with TemporaryDirectory() as scratch:
        collected = _collect(Path(scratch))
        for made in sorted(collected.glob("*/LC_MESSAGES/*.po")):
            own = ROOT / "locale" / made.relative_to(collected)
            own.parent.mkdir(parents=True, exist_ok=True)
            own.write_text(DATES.sub("", made.read_text()))
            _run("msgfmt", "--check-format", "-o", str(own.with_suffix(".mo")), str(own))
    return 0


def check() -> int:
    """Print what is wrong with the translations. Returns 1 if anything is."""
    with TemporaryDirectory() as scratch:
        collected = _collect(Path(scratch))
        found = [
            f"{language}, {domain}: {problem}"
            for language in languages()
            for domain in SOURCES
            for problem in problems(
                _originals(collected / f"{domain}.pot"),
                _compiled(ROOT / "locale" / language / "LC_MESSAGES" / f"{domain}.po", Path(scratch)),
                read_catalogue(ROOT / "locale" / language / "LC_MESSAGES" / f"{domain}.mo"),
            )
        ]
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print("Run: .venv/bin/python -m scripts.translations update; then translate.", file=sys.stderr)
    return 1 if found else 0


def problems(wanted: Catalogue, translated: Catalogue, compiled: Catalogue) -> Iterator[str]:
    """What is wrong with a translation: ``wanted`` has each sentence as its own, ``compiled`` is the ``.mo`` file."""
    for sentence in wanted.keys() - translated.keys():
        yield f"not translated: {sentence}"
    for sentence in translated.keys() - wanted.keys():
        yield f"not in the code any more: {sentence}"
    if compiled != translated:
        yield "the .mo file differs from the .po file"
    for sentence in wanted.keys() & translated.keys():
        yield from mistakes(wanted[sentence], translated[sentence])


def mistakes(sentence: Sequence[str], translation: Sequence[str]) -> Iterator[str]:
    """What a ``translation`` has lost of its ``sentence``; both may have several forms, the last of which is compared.

    Another form may leave out the number that it is for.
    """
    original, last = sentence[-1], translation[-1]
    for kind, pattern in (("places", PLACE), ("tags", TAG), ("end", END)):
        if Counter(pattern.findall(original)) != Counter(pattern.findall(last)):
            yield f"other {kind}: {original!r} → {last!r}"
    for form in translation[:-1]:
        if Counter(PLACE.findall(form)) - Counter(PLACE.findall(original)):
            yield f"other places: {original!r} → {form!r}"


def _collect(scratch: Path) -> Path:
    """A copy of locale/ in ``scratch`` with all sentences of the code, and a ``.pot`` file for each domain."""
    locale, collect = scratch / "locale", MakeMessages()
    # A new sentence must not get the translation of a similar one.
    collect.msgmerge_options = [*collect.msgmerge_options, "--no-fuzzy-matching"]
    shutil.copytree(ROOT / "locale", locale)
    for domain, folders in SOURCES.items():
        sources = scratch / domain
        for folder in folders:
            shutil.copytree(ROOT / folder, sources / folder, ignore=shutil.ignore_patterns("__pycache__"))
        if (sources / SENTENCES).exists():
            (sources / SENTENCES).write_text(_marked())
        with chdir(sources), override_settings(LOCALE_PATHS=[str(locale)]):
            options = {"add_location": "file", "no_obsolete": True, "keep_pot": True, "verbosity": 0}
            call_command(collect, locale=languages(), domain=domain, **options)
    return locale


def _marked() -> str:
    """The sentences of the domain as calls that the tools find."""
    from chat.domain.sentences import all_sentences  # after Django's setup

    return "".join(f"gettext_noop({sentence!r})\n" for sentence in all_sentences())


def _originals(template: Path) -> Catalogue:
    """Each sentence of a ``.pot`` file as its own translation."""
    template.write_text(template.read_text().replace(*NO_PLURALS))
    english = template.with_suffix(".en.po")
    _run("msgen", "-o", str(english), str(template))
    return _compiled(english, template.parent)


def _compiled(source: Path, scratch: Path) -> Catalogue:
    """What a ``.po`` file says, less what is not translated."""
    target = scratch / f"{source.stem}.mo"
    _run("msgfmt", "-o", str(target), str(source))
    return read_catalogue(target)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - fixed commands, no shell


def main(arguments: Sequence[str]) -> int:
    """Carry out the command. Returns the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    match arguments:
        case ["update"]:
            return update()
        case ["check"]:
            return check()
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
