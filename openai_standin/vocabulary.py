"""The words that the stand-in knows, and the plain forms that match a question with its answer."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words without a meaning of their own, ignored when matching a question with its answer.
STOP_WORDS = _words("""
    a about again all also am an and any anything are as at be been but by can come could did do does everything exactly
    for had has have he her him his how i if in into is it its just may me might mine must my myself no not now of on
    once one or our out please really remember say said shall she should so some still tell than that the their them
    there these they thing things think this those to told too up us very was we were what when where which who whom
    whose why will with would yes yet you your yours human ai asked know knows remind going got get full
""")
#: Words of small talk.
PLEASANTRIES = _words("""
    good nice cool great fine lovely perfect right sure funny haha lol wow indeed ok okay sounds looks makes sense fun
    welcome amazing true agree see understand guess continue enough well much lot thanks bye weather later today hm
""")
#: Words after ``I am`` that are not a name.
NO_NAMES = _words("""
    after afraid alone always american asleep awake bad before better big blind bored british broke busy cold confused
    curious dead deaf diabetic different down drunk dutch early excited first free french from gay german glad good
    happy here home hot human hungry ill indian italian jewish last late later left lost mad maybe mexican muslim near
    never new off ok okay old only poor pregnant quite ready rich right russian sad scared serious short sick single
    soon sorry sure tall there today tomorrow tonight vegan warm when wrong young
""")
#: Things of which a person has only one, so that the newest statement counts.
SINGLE = _words("""
    name favourite birthday address phone email number code password date time flight room size height weight deadline
    budget city town country home school company plan goal surname
""")
#: Stems that mean the same in a question.
_ALIKE = """
    name call nam; old age; favourit favorit; colour color; mother mum mom; father dad; dinner supper; live liv;
    like lov lik enjoy; hate hat; work job profession; trip holiday vacation journey travel; child kid children
"""
_SAME = {other: first for first, *others in map(str.split, _ALIKE.split(";")) for other in others}
_CONTRACTIONS = tuple(
    (re.compile(rf"(?i)\b{short}\b"), full)
    for short, full in (
        (r"i['’]?m", "I am"), (r"i['’]?ve", "I have"), (r"i['’]ll", "I will"), (r"i['’]d", "I would"),
        (r"(what|where|who|when|how|that|he|she)['’]?s", r"\1 is"), (r"it['’]s", "it is"), (r"they['’]re", "they are"),
        (r"(is|are|was|were|do|does|did|have|has|would|could|should)n['’]?t", r"\1 not"), (r"can['’]?t", "can not"),
    )
)  # fmt: skip


def written_out(text: str) -> str:
    """``text`` without contractions: ``im bob, whats my name`` → ``I am bob, what is my name``."""
    for short, full in _CONTRACTIONS:
        text = short.sub(full, text)
    return text


def plain_words(text: str) -> list[str]:
    """The words of ``text`` in lower case, without possessive endings."""
    found = re.findall(r"[^\W_]+(?:'[^\W_]+)*", written_out(text).lower().replace("’", "'"))
    return [word.removesuffix("'s").replace("'", "") for word in found]


def content_words(text: str) -> list[str]:
    """The stems of the meaningful words of ``text``, in order."""
    return [stem(word) for word in plain_words(text) if word not in STOP_WORDS]


def stem(word: str) -> str:
    """A crude stem, the same for the usual endings of an English word."""
    for ending, shortest in (("ies", 5), ("ing", 6), ("ed", 5), ("es", 5), ("s", 4), ("e", 4)):
        if word.endswith(ending) and len(word) >= shortest and not word.endswith("ss"):
            word = word[: -len(ending)] + ("y" if ending == "ies" else "")
            break
    return _SAME.get(word, word)
