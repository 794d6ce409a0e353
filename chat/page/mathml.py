"""TeX formulas as MathML, in a bounded time and with nothing in it but mathematics."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, tostring

from latex2mathml.commands import MATRICES
from latex2mathml.converter import Converter

#: Longer or deeper formulas are not converted.
MOST_CHARACTERS, DEEPEST_BRACES, DEEPEST_ELEMENT = 2_000, 40, 60

#: Commands that define others could make much of little.
_DEFINES = re.compile(r"\\(?:re)?new|\\def|\\let|\\DeclareMath|\\(?:verb|href|class|style|unicode)(?![a-z])")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{(\w+)\*?\}")
#: Environments that latex2mathml does not know; "" for those that change nothing inside a formula.
_ENVIRONMENTS = {
    **dict.fromkeys(("align", "aligned", "eqnarray"), "align*"),
    **dict.fromkeys(("gather", "gathered", "multline"), "matrix"),
    "dcases": "cases",
    "equation": "",
}
#: Commands that latex2mathml does not know, or that say nothing in a single formula.
_COMMAND = re.compile(r"\\(?:nonumber|notag|label\s*\{[^{}]*\}|arg|hdots)(?![a-zA-Z])")
_COMMANDS = {r"\arg": r"\operatorname{arg}", r"\hdots": r"\dots "}
#: Operators whose limits are above and below them in a formula on a line of its own.
_ABOVE_AND_BELOW = frozenset({*("lim", "max", "min", "sup", "inf", "argmax", "argmin"), *"⋃⋂⋁⋀⨁⨂⨀⨄⨆∐"})
_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_UNKNOWN = r"\unknown "
_WORD = re.compile(r"[a-z]{1,20}")
_SWITCH = re.compile(r"true|false")
_LEVEL = re.compile(r"[+-]?\d")
_ZERO = re.compile(r"0")
#: Not negative and not large: a formula must not reach beyond its message.
_LENGTH = re.compile(r"\d(?:\.\d{1,4})?(?:em|ex|px|pt)|0?\.\d{1,4}(?:em|ex)|0")

#: The elements of a formula, and the values that their attributes may have.
ELEMENTS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    **{tag: {} for tag in ("mrow", "mn", "mtext", "mtr", "msqrt", "mroot", "msub", "msup", "msubsup", "mphantom")},
    **{tag: {"accent": _SWITCH, "accentunder": _SWITCH} for tag in ("munder", "mover", "munderover")},
    "math": {"display": _WORD},
    "mi": {"mathvariant": _WORD},
    "mo": {
        **dict.fromkeys(("stretchy", "fence", "separator", "symmetric", "largeop", "movablelimits", "accent"), _SWITCH),
        **dict.fromkeys(("minsize", "maxsize", "lspace", "rspace"), _LENGTH),
        "form": _WORD,
    },
    "mspace": {"width": _LENGTH},
    "mpadded": dict.fromkeys(("width", "height", "depth"), _ZERO),
    "mfrac": {"linethickness": _LENGTH},
    "mstyle": {"displaystyle": _SWITCH, "scriptlevel": _LEVEL},
    "mtable": {},
    "mtd": {"columnalign": _WORD},
    "menclose": {"notation": _WORD},
}

#: How many children an element must have; latex2mathml leaves some out where a formula is not complete.
CHILDREN = {
    **dict.fromkeys(("msub", "msup", "munder", "mover", "mfrac", "mroot"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}


def mathml(tex: str, *, display: bool) -> str | None:
    """A ``<math>`` element, on a line of its own for ``display``; None for TeX that is broken, unknown or too large."""
    if len(tex) > MOST_CHARACTERS or _DEFINES.search(tex) or not _is_balanced(tex):
        return None
    try:
        root = Converter(display="block" if display else "inline").convert_to_element(_known(tex))
    except (Exception, RecursionError):  # noqa: BLE001 - it raises whatever its parser stumbles over
        return None
    if not all(_keep(element, depth) for element, depth in _elements(root)):
        return None
    if display:
        _set_limits(root)
    return tostring(root, encoding="unicode", short_empty_elements=False)


def _is_balanced(tex: str) -> bool:
    """Whether each brace has another one, and not too many are in each other; latex2mathml adds those at the end."""
    depth = 0
    for brace in _BRACE.findall(tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if not 0 <= depth <= DEEPEST_BRACES:
            return False
    return depth == 0


def _known(tex: str) -> str:
    """``tex`` with environments and commands that latex2mathml knows."""

    def rename(found: re.Match[str]) -> str:
        name = _ENVIRONMENTS.get(found[2])
        if name is None and f"\\{found[2]}" not in MATRICES:
            return _UNKNOWN
        return found[0] if name is None else name and f"\\{found[1]}{{{name}}}"

    return _ENVIRONMENT.sub(rename, _COMMAND.sub(lambda found: _COMMANDS.get(found[0], ""), tex))


def _elements(root: Element) -> Iterator[tuple[Element, int]]:
    """Every element with its depth, without recursion."""
    waiting = [(root, 1)]
    while waiting:
        element, depth = waiting.pop()
        yield element, depth
        waiting += [(child, depth + 1) for child in element]


def _keep(element: Element, depth: int) -> bool:
    """Clean ``element``; False if its formula cannot be shown."""
    allowed = ELEMENTS.get(element.tag)
    # latex2mathml writes its characters as references, and what it does not know as it stands.
    element.text = html.unescape(element.text or "")
    unknown = element.tag != "mtext" and ("\\" in element.text or element.text == "&")
    incomplete = len(element) != CHILDREN.get(element.tag, len(element))
    if allowed is None or unknown or incomplete or depth > DEEPEST_ELEMENT:
        return False
    for name, value in list(element.attrib.items()):
        if name not in allowed or not allowed[name].fullmatch(value):
            del element.attrib[name]
    return True


def _set_limits(root: Element) -> None:
    for element in root.iter():
        if element.tag in _LIMITS and element[0].tag == "mo" and element[0].text in _ABOVE_AND_BELOW:
            element.tag = _LIMITS[element.tag]
