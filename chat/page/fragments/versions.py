"""The versions of a summary as HTML, and the instructions for the next ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext

from chat.domain.details import SummaryVersion, SummaryVersions
from chat.domain.session_ids import Session
from chat.page import names
from chat.page.fragments.swaps import render, swap
from chat.page.word_changes import Piece, is_rewritten

#: What has made a version, in words.
MADE = {
    "fold": gettext_noop("Folded"),
    "client": gettext_noop("Edited"),
    "restore": gettext_noop("Restored"),
    "import": gettext_noop("Imported"),
    "fork": gettext_noop("Taken from another session"),
}
WRITTEN = gettext_noop("Written")


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version in the list: what ``made`` it, and what restoring it asks first ("" for the summary itself)."""

    version: SummaryVersion
    made: str
    question: str


def versions(session: Session, found: SummaryVersions) -> SafeString:
    """A list of the versions, newest first, and what all of them have cost."""
    shown = [_shown(version, found.versions) for version in found.versions]
    return render("_versions.html", session=session, versions=shown, tokens=found.tokens, cost=found.cost)


def version_changes(pieces: Sequence[Piece], version: SummaryVersion) -> SafeString:
    """What the version has changed in the one before it, or its whole text if that is another one."""
    marks = {} if is_rewritten(pieces) else {"pieces": pieces}
    return render("_version_changes.html", context=version.context, **marks)


def instructions(session: Session, text: str) -> SafeString:
    """A form with the instructions for the session's next summaries."""
    return render("_instructions.html", session=session, instructions=text)


def instructions_saved(sentence: str) -> SafeString:
    """A sentence in the form."""
    return swap(names.INSTRUCTIONS_STATE, "textContent", sentence)


def returning(found: Sequence[SummaryVersion], through: int) -> int:
    """How many of the messages in the newest version are behind the one with the number ``through``."""
    count, below = 0, float("inf")
    for stretch in (version.folded for version in found if version.folded):
        if through < int(stretch.first) and int(stretch.last) < below:
            count, below = count + stretch.count, int(stretch.first)
    return count


def _shown(version: SummaryVersion, found: Sequence[SummaryVersion]) -> ShownVersion:
    question = "" if version is found[0] else _question(version, found)
    return ShownVersion(version, gettext(MADE.get(version.source, WRITTEN)), question)


def _question(version: SummaryVersion, found: Sequence[SummaryVersion]) -> str:
    """What happens to the window if the version is restored."""
    through, now = (int(each.through or 0) for each in (version, found[0]))
    count = returning(found, through)
    if through < now:
        what = ngettext(
            "{count} folded message returns to the window. It is folded again when the window is too long.",
            "{count} folded messages return to the window. They are folded again when it is too long.",
            count,
        ).format(count=count)
    elif through > now:
        what = gettext("The messages that it covers leave the window.")
    else:
        what = gettext("The window stays as it is.")
    return f"{gettext('Restore version {number}?').format(number=version.version)} {what}"
