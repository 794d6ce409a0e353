"""Is the prose plain? Refuses a list of phrases in docstrings, comments, templates and documents, and some names."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Phrase → what to write instead.
PHRASES = {
    r"told": "reported, learns, says",
    r"anew": "again",
    r"so many": "N, that many",
    r"is none": "is not one, there is none",
    r"whoever": "the caller, the one who",
    r"at need": "lazily, where needed",
    r"for good": "permanently",
    r"by itself": "automatically, on its own",
    r"for ever": "forever, permanently",
}
PHRASE = re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in PHRASES), re.IGNORECASE)
#: Words that say nothing about what a module or class does.
NAMES = {"manager", "helper", "helpers", "util", "utils", "service", "services", "data", "info"}
#: Sentences in which a phrase is right, by file.
ALLOWED: dict[str, tuple[str, ...]] = {}

#: A template's own language, which is no prose.
TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
COMMENTS = {
    ".lua": re.compile(r"--[^\n]*"),
    ".js": re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL),
    ".css": re.compile(r"/\*.*?\*/", re.DOTALL),
}


def tracked() -> Iterator[Path]:
    """Every file that git knows, in the project's own languages."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".html", ".md", *COMMENTS} and path.exists():
            yield path


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Line number and text of every piece of prose in ``path``."""
    text = path.read_text()
    if path.suffix == ".py":
        yield from comments_of(text)
        yield from docstrings_of(text)
    elif path.suffix == ".html":
        yield 1, TAG.sub(lambda tag: "\n" * tag[0].count("\n"), text)
    elif path.suffix == ".md":
        yield 1, text
    else:
        for comment in COMMENTS[path.suffix].finditer(text):
            yield text.count("\n", 0, comment.start()) + 1, comment[0]


def comments_of(text: str) -> Iterator[tuple[int, str]]:
    """The comments of a module."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def docstrings_of(text: str) -> Iterator[tuple[int, str]]:
    """The docstrings of a module, its classes and functions."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.lineno, str(first.value.value)


def phrases_in(path: Path) -> Iterator[str]:
    """A line for each refused phrase in ``path``."""
    name = path.relative_to(ROOT).as_posix()
    for line, text in prose(path):
        plain = text
        for sentence in ALLOWED.get(name, ()):
            plain = plain.replace(sentence, " " * len(sentence))
        for found in PHRASE.finditer(plain):
            yield f"{name}:{line + plain.count(chr(10), 0, found.start())}: {found[0]!r}"


def names_in(path: Path) -> Iterator[str]:
    """A line for each module or class whose name says nothing."""
    name = path.relative_to(ROOT).as_posix()
    if path.suffix != ".py" or "migrations" in path.parts:
        return
    if NAMES & set(path.stem.split("_")):
        yield f"{name}: the module's name"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef) and NAMES & {word.lower() for word in re.findall("[A-Z][a-z]*", node.name)}:
            yield f"{name}:{node.lineno}: the class {node.name}"


def problems(paths: Iterable[Path]) -> list[str]:
    """Everything that is refused in ``paths``."""
    return [problem for path in paths for check in (phrases_in, names_in) for problem in check(path)]


def main() -> int:
    """Print every problem; 1 when there is one."""
    found = problems(tracked())
    for problem in found:
        print(problem, file=sys.stderr)
    if found:
        print(f"{len(found)} places: scripts/check_words.py says what to write instead.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
