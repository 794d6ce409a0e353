"""What a message of the human states and asks, taken apart clause by clause."""

from __future__ import annotations

import re
from dataclasses import dataclass

from openai_standin.corrections import correction_in
from openai_standin.facts import Fact
from openai_standin.grammar import third_person, written_out
from openai_standin.sentences import clauses, is_greeting, is_question, is_request, without_correction, without_lead_in
from openai_standin.vocabulary import NO_NAMES, SMALL_TALK, STOP_WORDS
from openai_standin.words import content_words, stem

#: A single statement keeps this many words.
STATEMENT_WORDS = 40

#: One message adds so many facts at most; those of the highest rank are taken.
MOST_STATEMENTS = 40

_CORRECTED = re.compile(r"\b(?:actually|instead|no longer|any ?more|changed)\b", re.IGNORECASE)
_EMOTICON = re.compile(r"(?:\s*(?:[:;=]-?[)(DPp3]|[☀-➿\U0001f300-\U0001faff\ufe0f]))+\s*$")
_NAME = r"([^\W\d_][\w'’.-]*(?: (?!(?:and|but|from)\b)[^\W\d_][\w'’.-]*){0,3})(?=$|[.,!]| and | but | from )"
_MY_NAME = r"my (?:full |first |real )?name"
_NAMED = (
    re.compile(rf"{_MY_NAME}(?:['’]s| is|s)(?:n['’]t| not) .+?,? (?:but|it['’]?s|it is) {_NAME}", re.IGNORECASE),
    re.compile(rf"{_MY_NAME}(?:['’]s| is|s)? (?:now |actually )?(?!not\b){_NAME}", re.IGNORECASE),
    re.compile(rf"(?:you can |just |people |everyone |friends )?(?:call|calls) me {_NAME}", re.IGNORECASE),
    re.compile(rf"I am (?:called|named) {_NAME}", re.IGNORECASE),
)
_I_AM = re.compile(rf"I am (?!an? |the ){_NAME}", re.IGNORECASE)
_TRAILING = re.compile(
    r"[\s,]+(?:now|actually|by the way|btw|please|too|though|anyway|instead|you know|and you)\s*$", re.IGNORECASE
)
_NOT_OLD = re.compile(r",?\s+(?:and )?not\s+[\w' ]+$", re.IGNORECASE)
_NO_TIME = r"(?!(?:last|this|next|when|with|from|yesterday|today|recently|in|on)\b)"
_RESTATED = (
    (re.compile(r"I am (\d{1,3})(?: ?(?:years? old|yrs? old|y/?o|years?))?$", re.IGNORECASE), r"I am \1 years old"),
    (
        re.compile(rf"I (?:have |just |recently )*moved to ([^\d\s,]+(?: {_NO_TIME}[^\d\s,]+)?)$", re.IGNORECASE),
        r"I live in \1",
    ),
    (re.compile(r"I (?:am living|am based|stay) in (.+)$", re.IGNORECASE), r"I live in \1"),
    (re.compile(r"(.{2,40}?) is my (favou?rite .+)$", re.IGNORECASE), r"My \2 is \1"),
    (re.compile(r"my age is (\d{1,3})$", re.IGNORECASE), r"I am \1 years old"),
    (re.compile(r"my fav(?:ou?rite)? ", re.IGNORECASE), "My favourite "),
)
_PLACE = re.compile(r"(I (?:live in|am from|come from) )([a-z]\w+(?: [a-z]\w+)?)$", re.IGNORECASE)
_CALLED = re.compile(
    r"((?:my|I have an?) .{1,40}? (?:is )?(?:called|named) |my .{1,40}?(?:'s|s) name is )([a-z]\w*)$", re.IGNORECASE
)
_SMALL_TALK = frozenset(map(stem, SMALL_TALK))


@dataclass(frozen=True)
class Statement:
    """A fact as the human told it; ``correction`` when it takes back what was told before.

    ``denied`` is what the same clause says is not so. ``amends`` are an old and a new value, where the fact only points
    back at what was told: ``it's not blue, it's green``.
    """

    fact: Fact
    correction: bool = False
    denied: Fact | None = None
    amends: tuple[str, str] | None = None


def statements(text: str) -> list[Statement]:
    """What the human states in ``text``, in order; greetings, thanks, questions and requests are no statements."""
    found = [statement for clause in clauses(text) for statement in _statement(clause)]
    if len(found) <= MOST_STATEMENTS:
        return found
    best = sorted(range(len(found)), key=lambda place: found[place].fact.rank)[:MOST_STATEMENTS]
    return [found[place] for place in sorted(best)]


def _statement(clause: str) -> list[Statement]:
    if is_question(clause) or is_request(clause):
        return []
    told, correction = without_correction(without_lead_in(clause))
    told = written_out(_EMOTICON.sub("", without_lead_in(told))).rstrip(" .!,")
    named = _named(told, correction, greeted=is_greeting(clause))
    if named:
        return named
    told = _TRAILING.sub("", told)
    if not told or is_question(told) or is_request(told):
        return []
    return _corrected(told) or _plain(told, correction or _CORRECTED.search(clause) is not None)


def _plain(told: str, correction: bool) -> list[Statement]:
    return [] if _says_little(told) else [Statement(_fact(told), correction)]


def _corrected(told: str) -> list[Statement]:
    """What the clause puts right, with what it takes back."""
    told = _shortened(told)
    found = correction_in(told)
    if found is None or _says_little(told):
        return []
    if found.points_back:
        return [Statement(_fact(told), amends=(found.denied, found.stated))]
    denied = next((said.fact for said in _statement(found.denied)), None)
    return [Statement(_fact(found.stated or told), denied=denied)]


def _fact(told: str) -> Fact:
    return Fact(third_person(_shortened(_restated(told))))


def _named(told: str, correction: bool, *, greeted: bool) -> list[Statement]:
    """The human's name, and what the clause says beside it."""
    found = next((match for pattern in _NAMED if (match := pattern.match(told))), None) or _named_bare(told, greeted)
    name = _name_in(found[1]) if found else ""
    if not found or not name:
        return []
    named = Statement(Fact(f"The human's name is {_capitalised(name)}."), correction)
    rest = _NOT_OLD.sub("", told[found.end() :]).strip(" ,")
    if rest.lower().startswith("from "):
        return [named, *_statement("I am " + rest)]
    return [named, *(_statement(re.sub(r"^(?:and|but) ", "", rest)) if rest else [])]


def _name_in(words: str) -> str:
    """``words`` as far as they are a name: ``bob the one`` is Bob, ``when you arrive`` is nobody."""
    name = _TRAILING.sub("", words).strip().split()
    if not name or name[0] in NO_NAMES or _is_participle(name[0]):
        return ""
    end = next((place for place, word in enumerate(name) if place and word in STOP_WORDS | NO_NAMES), len(name))
    return " ".join(name[:end])


def _named_bare(told: str, greeted: bool) -> re.Match[str] | None:
    """``I am Bob``, told from ``I am tired`` by what is no name; ``hi im bob smith`` needs no capitals."""
    found = _I_AM.match(told)
    words = found[1].split() if found else []
    lower = [word for word in words if word.islower()]
    if not words or words[0].lower() in NO_NAMES or words[0] in STOP_WORDS or any(map(_is_participle, lower)):
        return None
    return found if not lower or len(words) == 1 or (greeted and len(words) == 2) else None


def _is_participle(word: str) -> bool:
    return len(word) > 4 and word.endswith(("ing", "ed", "ful", "less", "ous", "able", "ible", "ish", "ese", "arian"))


def _restated(told: str) -> str:
    """``told`` in the one wording under which its like is found and replaced."""
    if re.search(r"\b(?:is|are) .+ not ", told):
        told = _NOT_OLD.sub("", told)
    for pattern, wording in _RESTATED:
        told = pattern.sub(wording, told, count=1) if pattern.match(told) else told
    for pattern in (_PLACE, _CALLED):
        told = pattern.sub(lambda found: found[1] + _capitalised(found[2]), told)
    return told


def _capitalised(name: str) -> str:
    """``bob smith`` → ``Bob Smith``; a name that has capitals stays as it was written."""
    return name.title() if name.islower() and "'" not in name else name[:1].upper() + name[1:]


def _shortened(told: str) -> str:
    words = told.split()
    return " ".join(words) if len(words) <= STATEMENT_WORDS else " ".join(words[:STATEMENT_WORDS]) + " …"


def _says_little(told: str) -> bool:
    """Small talk: nothing about the human, no number, and hardly a word that carries a meaning."""
    if re.search(r"\d", told):
        return False
    meant = {word for word in content_words(told) if word not in _SMALL_TALK}
    return len(meant) < (1 if re.match(r"(?:i|my)\b", told, re.IGNORECASE) else 2)
