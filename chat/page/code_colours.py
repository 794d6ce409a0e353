"""The colours of code: words with the classes of Pygments, for those kinds of words that have a colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from threading import Lock
from time import thread_time

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class_by_name
from pygments.token import STANDARD_TYPES, Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

from chat.page.code_languages import LEXERS
from chat.page.markdown_work import Allowance, TooMuchMarkdown, colour_work

#: Longer code stays plain, and so does code with a longer line.
LONGEST_CODE, LONGEST_LINE = 10_000, 1_000

_COLOURED = (
    *(Comment, Comment.Preproc, Keyword, Keyword.Constant, Keyword.Type, Operator.Word),
    *(String, String.Escape, String.Interpol, String.Regex, String.Symbol, Number),
    *(Name.Attribute, Name.Builtin, Name.Class, Name.Constant, Name.Decorator, Name.Exception, Name.Function),
    *(Name.Tag, Name.Variable, Generic.Deleted, Generic.Inserted, Generic.Heading, Generic.Subheading),
)
CLASSES = frozenset(STANDARD_TYPES[kind] for kind in _COLOURED)

#: Seconds of processor time for a piece of code, and for a unit of work: many times what ordinary code takes.
_CODE, _UNIT = 0.01, 2.5e-6
#: Words between two looks at the clock.
_AT_ONCE = 16
#: What a lexer needs for other languages within its own is loaded with it.
_SAMPLE = "<style>a {}</style><script>a</script>"
_OPTIONS = {"php": {"startinline": True}}
_loading = Lock()


def coloured(code: str, language: str, allowance: Allowance) -> SafeString | None:
    """``code`` as HTML with the colours of ``language``; None if it stays plain, as it is too much, or hostile."""
    if not may_be_coloured(code):
        return None
    work = colour_work(code)
    try:
        allowance.spend(colours=work)
        words = _words(code, _lexer(LEXERS[language]), _CODE + work * _UNIT)
    except TooMuchMarkdown:
        return None
    except _TakesTooLong:
        allowance.end_colours()
        return None
    if "".join(word for _, word in words) != code:
        return None
    return format_html_join("", "{}", ((word,) for word in _written(words)))


def may_be_coloured(code: str) -> bool:
    """Whether neither ``code`` nor a line of it is too long."""
    return len(code) <= LONGEST_CODE and max(map(len, code.split("\n"))) <= LONGEST_LINE


class _TakesTooLong(Exception):
    """The code is hostile: it takes much longer than other code of its length."""


@cache
def _loaded(name: str) -> Lexer:
    lexer = find_lexer_class_by_name(name)(**_OPTIONS.get(name, {}))
    list(lexer.get_tokens_unprocessed(_SAMPLE))
    return lexer


def _lexer(name: str) -> Lexer:
    with _loading:
        return _loaded(name)


def _words(code: str, lexer: Lexer, seconds: float) -> list[tuple[str, str]]:
    """The words of ``code``, each with its class. Raises `_TakesTooLong`: they are not known after ``seconds``."""
    words: list[tuple[str, str]] = []
    deadline = thread_time() + seconds
    for _, kind, word in lexer.get_tokens_unprocessed(code):
        words.append((_class_of(kind), word))
        if len(words) % _AT_ONCE == 0 and thread_time() > deadline:
            raise _TakesTooLong
    return words


@cache
def _class_of(kind: _TokenType) -> str:
    """The class of a word of this kind; "" without a colour."""
    own = STANDARD_TYPES.get(kind, "")
    if own in CLASSES or kind.parent is None:
        return own
    return _class_of(kind.parent)


def _written(words: Iterable[tuple[str, str]]) -> Iterator[SafeString]:
    for name, run in groupby(words, itemgetter(0)):
        text = "".join(word for _, word in run)
        yield format_html('<span class="{}">{}</span>', name, text) if name else escape(text)
