"""Recognises an answer that, in words, refuses to be a summary, or says that the present one still holds.

Such an answer must not replace a summary, but a summary must not be taken for one either. A summary is prose in the
third person. So an answer refuses only if it is short and its first sentence is about the model itself ("I cannot …"),
or about having nothing to summarise; and in the latter case only if it states nothing else. So does an answer that says
that nothing changes: it keeps the present summary if there is one, and is a refusal otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

#: An answer with more characters says something.
LONGEST_REFUSAL = 1_000

# Parts of the patterns below. All texts are matched from their beginning, with single spaces and straight apostrophes.
_SORRY = r"(?:i(?:'m| am) (?:\w+ )?sorry|sorry|(?:my )?apologies|i apologi[sz]e|unfortunately|as an ai(?: \w+)*)\b"
_CANNOT = (
    r"i(?: can'?t| cannot| can not| won't| will not| must decline| (?:do not|don't) feel comfortable|'d rather not"
    r"|(?:'m| am) (?:unable|not able|not allowed|not going to))\b"
)
_TASK = r"(?:summar(?:y|ize|ise|izing|ising)|requests?|task|conversation|such content)\b"
_LINES = r"(?:conversation|dialogue|chat|text|input|lines?|messages?|content|exchange|transcript)"
_FACTS = r"(?:information|content|context|details?|facts?|material)"
_NEW = (
    r"(?:(?:new|further|additional|actual|meaningful|substantive|coherent|significant|relevant|useful),?"
    r"(?: (?:and|or))? )"
)
_SEEMS = r"(?:it (?:seems|appears|looks) (?:like |that )?)?"
_IT = (
    r"(?:the|this|your) (?:(?:provided|given|above|new|current|conversation|(?:human|user|ai|assistant)(?:'s)?) )*"
    rf"{_LINES}(?: of conversation| provided| given)*"
)
_HAS_NO = (
    r"(?:(?:do|does)(?:n't| not)(?: appear to| seem to)? (?:contain|include|have|provide)(?: any| enough| much)?"
    r"|(?:contains?|includes?|ha(?:s|ve)|provides?) no|lacks?(?: any)?)"
)
_THERE_IS_NO = r"(?:there(?:'s| is| are| was| were)(?:n't| not)? (?:no|any|enough|nothing)|no|nothing|not enough)"
_TO_DO = (
    r"(?:(?:(?:was|were|is|has been|have been) )?(?:provided|given|added|shared)"
    r"(?: (?:to|for) (?:[\w-]+ ){0,4}summar\w*)?"
    r"|(?:to|for|that (?:can|needs? to) be) (?:[\w-]+ ){0,4}summar\w*)"
)
_MAKE = r"(?:creat|generat|provid|produc|mak|giv|writ)(?:e|ed|en|ten)?"
_NEWS = r"(?:(?:new|further|additional)(?:,? (?:and |or )?(?:relevant|meaningful|significant|important|useful))? )"
_CURRENT = r"(?:(?:current|existing|previous|present|running) )*"
_WANTED = r"(?:provided|given|added|shared|needed|necessary|required)"
#: What may end a statement without adding to it.
_END = (
    r"(?: (?:yet|here|so far|at all|further|now|at (?:this (?:time|point)|the moment|present)|either"
    r"|(?:in|from|of|by|to) (?:the|this|these|your) (?:(?:provided|given|above|new|current|last|latest) )*"
    rf"{_LINES}(?: of conversation)?))*[.!]?$"
)
_SERIES = r"an? (?:\w+ )?(?:string|series|sequence|pattern|repetition) of "
_LETTER = r"['\"]?[^\s'\"]{1,12}['\"]?"
_THE_LETTER = rf"(?:the )?(?:letter|character|symbol|word|number)s? {_LETTER}"
_GIBBERISH = (
    r"(?:gibberish|nonsens\w+|meaningless|incoherent|unintelligible"
    rf"|(?:{_SERIES})?(?:random|meaningless|repeated|nonsensical) (?:{_LETTER} )?"
    r"(?:characters|letters|symbols|words|text|numbers)(?: (?:and|or) (?:characters|letters|symbols|words|numbers))?"
    rf"|{_SERIES}{_THE_LETTER}|{_THE_LETTER},? repeated(?: (?:many|several|multiple|\d+) times)?)"
)
_GIVE = r"(?:provide|share|paste|send|give|supply|include)"


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


#: The model is unable or unwilling.
UNABLE = _any_of(
    rf"{_SORRY}[^\":;]{{0,80}}?\b{_CANNOT}",
    rf"{_CANNOT}.{{0,80}}?\b{_TASK}",
    rf"{_CANNOT} (?:to )?(?:help|assist|comply|engage|continue|do) ?(?:you )?(?:with |in )?(?:that|this|it)?[.!]?$",
    r"(?:es )?tut mir leid\b.{0,20}\bich kann\b",
    r"je suis désolée?\b.{0,20}\bje ne (?:peux|suis)\b",
    r"lo siento\b.{0,20}\bno puedo\b",
    r"mi dispiace\b.{0,20}\bnon posso\b",
    r"(?:desculpe|sinto muito)\b.{0,20}\bnão posso\b",
    r"(?:很?抱歉|对不起).{0,6}我(?:无法|不能)",
    r"申し訳(?:ありません|ございません|ない)",
)
#: The model has nothing to summarise, or asks for it.
NOTHING = _any_of(
    rf"{_SEEMS}{_IT} {_HAS_NO} {_NEW}*(?:{_FACTS}|{_LINES})(?: {_TO_DO}| (?:for|to) (?:me|you))?{_END}",
    rf"{_SEEMS}{_IT} (?:is|was|has|appears to be) (?:empty|incomplete|cut off|too short|(?:not|just)(?: yet)? started)"
    rf"(?: (?:to|for) (?:[\w-]+ ){{0,4}}summar\w*)?{_END}",
    rf"{_SEEMS}{_THERE_IS_NO} {_NEW}*(?:{_FACTS} |{_LINES} )?(?:yet |here |(?:in|from) {_IT} )?{_TO_DO}{_END}",
    rf"(?:{_SEEMS}{_IT}|it|they|which) (?:is|are|seems? to be|appears? to be|contains?|consists? of)"
    rf"(?: (?:just|only|mostly|entirely))? {_GIBBERISH}{_END}",
    rf"(?:it )?(?:can'?t|cannot|can not) be (?:\w+ )?summar\w*{_END}",
    rf"(?:it |they |which )?{_HAS_NO} {_NEW}*(?:{_FACTS}|{_LINES})(?: {_TO_DO})?{_END}",
    rf"(?:no (?:\w+ )?summary (?:can|could)|an? (?:\w+ )?summary (?:can'?t|cannot|can not|could not)) be {_MAKE}{_END}",
    rf"(?:a (?:\w+ )?summary is not|no (?:\w+ )?summary is) possible{_END}",
    rf"(?:it is|it's|making it) (?:not possible|impossible) to {_MAKE} an? (?:\w+ )?summary{_END}",
    rf"(?:no|not enough) {_NEW}+{_FACTS}{_END}",
    rf"(?:please|(?:could|can|would) you(?: please)?) {_GIVE}\b[^:;]*$",
    rf"{_SEEMS}you (?:have|did)(?:n't| not) (?:yet )?{_GIVE}.{{0,20}}(?:{_FACTS}|{_LINES})[^:;]*$",
    rf"i (?:do|did)(?:n't| not) (?:see|have|find|receive) (?:any|a|the|enough)\b.{{0,30}}"
    rf"(?:{_FACTS}|{_LINES}|summary)[^:;]*$",
    r"i(?: can|'ll| will|'d| would) .{0,30}summar[^:;]*$",
)
#: The model says that the summary covers the new lines.
UNCHANGED = _any_of(
    rf"(?:so |therefore |thus )?(?:the |this |your )?{_CURRENT}summary (?:(?:therefore|thus) )?(?:remains|stays|is) "
    rf"(?:unchanged|the same|as (?:it )?(?:is|was)|up to date)"
    rf"(?: as (?:before|it was|the (?:current|previous) one))?{_END}",
    rf"(?:there (?:is|are|was|were) )?(?:no (?:changes?|updates?|{_NEWS}{_FACTS})|nothing new)"
    rf"(?: to (?:[\w-]+ ){{0,4}}(?:add|report|include|incorporate|update|summar\w*)"
    rf"| (?:(?:is|are|was|were) )?{_WANTED})?"
    rf"(?: to (?:the |this )?{_CURRENT}summary)?{_END}",
    rf"(?:there (?:is|was) )?nothing to (?:add|update|change)(?: (?:to|in) (?:the |this )?{_CURRENT}summary)?{_END}",
    rf"{_SEEMS}{_IT} {_HAS_NO} {_NEWS}{_FACTS}(?: (?:to|for|that) (?:[\w-]+ ){{0,4}}summar\w*)?{_END}",
)
#: A sentence that speaks to the reader, as a summary never does, may follow.
ADDRESS = re.compile(r"\b(?:i|me|my|you|your|please)\b|\?$", re.IGNORECASE)

#: What may precede the first sentence: Markdown or quotation marks, a label, an interjection.
BEFORE = re.compile(
    r"[\W_]*(?:(?:new |updated |current )?summary:[\W_]*)?"
    r"(?:(?:sure|certainly|okay)[!,.] |(?:i'm |i am )?sorry[!.] )?",
    re.IGNORECASE,
)
APOLOGY = re.compile(rf"{_SORRY}[ ,;:]*(?:but |that )?", re.IGNORECASE)
END = re.compile(r"(?<=[.!?])[\"*_]* |(?<=[。！？])")
#: What separates the statements of one sentence.
BETWEEN = re.compile(
    r"(?:[,;:] | [-–—] | (?=(?:but|so|and|as (?:there|the|no|it|they|you|i)|since|because|although|which) ))"
    r"(?:(?:but|so|and|as|since|because|although|therefore|thus),? )*",
    re.IGNORECASE,
)


def is_refusal(answer: str) -> bool:
    """Whether ``answer`` refuses to be a summary, or asks for something to summarise, or says that nothing changes."""
    if len(answer) > LONGEST_REFUSAL:
        return False
    sentences = _sentences(answer)
    if UNABLE.match(sentences[0]):
        return True
    statements = _statements(sentences)
    return _has_nothing(next(statements, "")) and all(ADDRESS.search(one) or _has_nothing(one) for one in statements)


def is_unchanged(answer: str) -> bool:
    """Whether ``answer`` states, in words, that the present summary covers the new lines, and nothing else."""
    if len(answer) > LONGEST_REFUSAL:
        return False
    says_so = False
    for statement in _statements(_sentences(answer)):
        if not _has_nothing(statement):
            return False
        says_so = says_so or bool(UNCHANGED.match(statement))
    return says_so


def _sentences(answer: str) -> list[str]:
    """The sentences of ``answer``, without what precedes the first."""
    text = " ".join(answer.replace("’", "'").replace("“", '"').split()).rstrip('"*_)')
    return END.split(BEFORE.sub("", text, count=1))


def _statements(sentences: Sequence[str]) -> Iterator[str]:
    """The statements of all ``sentences``, as they are asked for: the first of a summary already says that it is one.

    A sentence that matches as a whole is not split.
    """
    for sentence in sentences:
        text = APOLOGY.sub("", sentence, count=1)
        yield from filter(None, [text] if _has_nothing(text) else BETWEEN.split(text))


def _has_nothing(statement: str) -> bool:
    return bool(NOTHING.match(statement) or UNCHANGED.match(statement))
