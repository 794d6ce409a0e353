"""What an import has done, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from chat.domain.sentences import Situation
from chat.sessions.importable import LeftOut
from chat.sessions.imports import ImportReport
from chat.web.wording import worded

#: The most sessions of which a report says why they were not imported.
MOST_REFUSED = 20


def report_lines(report: ImportReport) -> list[str]:
    """The sentences, the most important first."""
    return [*_taken(report), *_ended(report), *_refused(report), *_left_out(report)]


def _taken(report: ImportReport) -> Iterator[str]:
    if report.sessions or not report.here:
        sessions = ngettext("%(count)d session", "%(count)d sessions", report.sessions) % {"count": report.sessions}
        messages = ngettext("%(count)d message", "%(count)d messages", report.messages) % {"count": report.messages}
        yield gettext("Imported: {sessions} with {messages}.").format(sessions=sessions, messages=messages)
    if report.here:
        counted = ngettext("%(count)d session was here already.", "%(count)d sessions were here already.", report.here)
        yield counted % {"count": report.here}


def _ended(report: ImportReport) -> Iterator[str]:
    if report.stopped is not None:
        said = worded(report.stopped, Situation.LOOKING)
        yield gettext("The import has stopped: {reason} Choose the same file again to go on.").format(reason=said)
    if report.waiting:
        counted = ngettext(
            "%(count)d more session is in the file. Choose it again to go on.",
            "%(count)d more sessions are in the file. Choose it again to go on.",
            report.waiting,
        )
        yield counted % {"count": report.waiting}


def _refused(report: ImportReport) -> Iterator[str]:
    for title, error in report.refused[:MOST_REFUSED]:
        shown = " ".join(title.split())[:60] or gettext("A session without a title")
        said = worded(error, Situation.LOOKING)
        yield gettext("Not imported: “{title}”. {reason}").format(title=shown, reason=said)
    more = len(report.refused) - MOST_REFUSED
    if more > 0:
        counted = ngettext("%(count)d more was not imported.", "%(count)d more were not imported.", more)
        yield counted % {"count": more}


def _left_out(report: ImportReport) -> Iterator[str]:
    for kind in LeftOut:
        if count := report.left_out[kind]:
            yield _counted(kind, count) % {"count": count}


def _counted(kind: LeftOut, count: int) -> str:
    """The sentence about ``count`` things of this kind."""
    match kind:
        case LeftOut.UNREADABLE:
            return ngettext(
                "Left out: %(count)d entry that is not a session.",
                "Left out: %(count)d entries that are not sessions.",
                count,
            )
        case LeftOut.TOOLS:
            return ngettext(
                "Left out: %(count)d call of a tool, or its result.",
                "Left out: %(count)d calls of tools and their results.",
                count,
            )
        case LeftOut.HIDDEN:
            return ngettext(
                "Left out: %(count)d message that was never shown, such as reasoning.",
                "Left out: %(count)d messages that were never shown, such as reasoning.",
                count,
            )
        case LeftOut.EMPTY:
            return ngettext(
                "Left out: %(count)d message without text.", "Left out: %(count)d messages without text.", count
            )
        case LeftOut.FILES:
            return ngettext(
                "Left out: %(count)d picture, sound or file; its place is marked.",
                "Left out: %(count)d pictures, sounds or files; their places are marked.",
                count,
            )
        case LeftOut.VERSIONS:
            return ngettext(
                "Left out: %(count)d earlier version of a summary.",
                "Left out: %(count)d earlier versions of summaries.",
                count,
            )
        case LeftOut.DETAILS:
            return ngettext(
                "Left out: title, pin, labels and instructions of %(count)d session. This memory server keeps none.",
                "Left out: titles, pins, labels and instructions of %(count)d sessions. This memory server keeps none.",
                count,
            )
        case LeftOut.CUT:
            return ngettext(
                "Shortened: title, labels or instructions of %(count)d session.",
                "Shortened: titles, labels or instructions of %(count)d sessions.",
                count,
            )
        case LeftOut.SUMMARIES:
            return ngettext(
                "Left out: the summary of %(count)d session. The memory server writes it again.",
                "Left out: the summaries of %(count)d sessions. The memory server writes them again.",
                count,
            )
