"""A message taken apart into clauses, and what kind of clause each is."""

from __future__ import annotations

import re

#: Longer messages are read as far as this; nobody states facts in a dump of a megabyte.
READ_CHARACTERS = 20_000

_ABBREVIATIONS = ("[Dd]r", "[Mm]r", "[Mm]rs", "[Mm]s", "[Ss]t", r"e\.g", r"i\.e", "[A-Z]")
_NOT_ABBREVIATED = "".join(rf"(?<!\b{short}\.)" for short in _ABBREVIATIONS)
_SENTENCE_END = re.compile(rf"(?<=[!?…])\s+|{_NOT_ABBREVIATED}(?<=\.)\s+|\s*[\n;]+\s*")
_ANOTHER_FACT = r"my|i['’]?m|i am|i live|i work|i have|i['’]?ve|i like|i love|i hate|i prefer|i come|call me"
_QUESTION_WORDS = r"what|whats|what['’]s|where|wheres|where['’]s|who|whos|who['’]s|whose|when|whens|when['’]s|which|how"
_CLAUSE_END = re.compile(
    rf"(?:, and|, but|,| and| but)\s+(?=(?:{_ANOTHER_FACT})\b)|,\s+(?=(?:{_QUESTION_WORDS}|do you|can you)\b)",
    re.IGNORECASE,
)
#: What was denied is put right in the next breath: one clause.
_PUT_RIGHT = re.compile(
    r"((?:\b(?:is|are|was|were|am)(?:n['’]?t| not)|^not)\s[^.;!?\n]{1,60})\s*[.;!]\s+"
    r"(?=(?:it|they|he|she)(?:['’](?:s|re)| is| are| was| were)\s|its\s)",
    re.IGNORECASE | re.MULTILINE,
)
_GREETING = r"hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)"
_GREETED = re.compile(rf"(?:{_GREETING})\b", re.IGNORECASE)
_LEAD_IN = re.compile(
    rf"(?:(?:{_GREETING}|there|everyone|well|oh|ok|okay|so|and|also|but|yes|yeah|yep|btw|by the way|fyi|please|"
    r"note that|remember that|remember|just so you know|you know|for the record|thanks|thank you|cool|great|nice|hmm|"
    r"um|i mean|i said|i told you(?: that)?)\b[\s,!:.–-]*)+",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"(?:actually|no|nope|sorry|wait|correction|i was wrong|i meant|in fact|instead)\b[\s,!:.–-]*"
    r"(?:that['’]?s wrong[\s,]*)?",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    rf"(?:{_QUESTION_WORDS}|hows|how['’]s|why|do|does|did|is|are|am|was|were|can|could|would|will|should|have|has|may)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:tell|remind|show|give|write|count|list|explain|describe|summari[sz]e|repeat|say|make|create|help|let['’]?s|"
    r"translate|draw|sing|recite|print|continue|go on|stop|try|guess|think of|name (?:a|the|some|three|five|ten))\b",
    re.IGNORECASE,
)


def clauses(text: str) -> list[str]:
    """The sentences of ``text``, without code blocks, parted further where another thing about the human begins."""
    text = re.sub(r"```.*?(?:```|$)", " ", text[:READ_CHARACTERS], flags=re.DOTALL)
    text = _PUT_RIGHT.sub(r"\1, ", text)
    sentences = (part.strip() for part in _SENTENCE_END.split(text) if part.strip())
    return [clause for sentence in sentences for clause in _parted(sentence)]


def _parted(sentence: str) -> list[str]:
    parts = [part.strip() for part in _CLAUSE_END.split(sentence) if part.strip()]
    if len(parts) > 1 and (_LEAD_IN.fullmatch(parts[0]) or _CORRECTION.fullmatch(parts[0])):
        parts[:2] = [f"{parts[0]}, {parts[1]}"]
    subjects = any(
        re.fullmatch(r"my \w+", part, re.IGNORECASE) for part in parts
    )  # "my wife and I have a cat" is one fact
    return [sentence] if subjects else parts


def question(text: str) -> str | None:
    """The last question in ``text``, without greeting; None when nothing is asked."""
    asked = [without_lead_in(clause) for clause in clauses(text) if is_question(clause)]
    return asked[-1] if asked else None


def is_question(clause: str) -> bool:
    """Whether ``clause`` asks something, with or without a question mark."""
    clause = without_lead_in(clause)
    return clause.rstrip().endswith("?") or _QUESTION.match(clause) is not None


def is_request(clause: str) -> bool:
    """Whether ``clause`` wants something done."""
    return _REQUEST.match(without_lead_in(clause)) is not None


def without_lead_in(clause: str) -> str:
    """``clause`` without ``hi``, ``well``, ``by the way`` and the like at its beginning."""
    return _LEAD_IN.sub("", clause, count=1) if _LEAD_IN.match(clause) else clause


def is_greeting(clause: str) -> bool:
    """Whether ``clause`` begins with a greeting."""
    return _GREETED.match(clause) is not None


def without_correction(clause: str) -> tuple[str, bool]:
    """``clause`` without the word that takes something back, and whether it had one."""
    rest = clause
    while (found := _CORRECTION.match(rest)) and found.end() < len(rest):
        rest = rest[found.end() :]
    return rest, rest is not clause
