"""What an empty session says: what this is, which model answers, and what there is to try."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from chat.domain.messages import FoldState, Memory

#: Why a fold cannot be watched, where the memory server does not report it or does none.
NO_FOLD = {
    FoldState.UNKNOWN: gettext_noop("The original Motörhead does not report its folds."),
    FoldState.OFF: gettext_noop("Folding is switched off on this memory server."),
}
NO_DRAWER = gettext_noop("Only where the site runs on your own machine: scripts/serve.")


@dataclass(frozen=True, slots=True)
class FirstVisit:
    """The ``model`` that answers ("": the stand-in), and the messages in a full ``window``.

    ``no_fold`` says why a fold cannot be watched ("": it can); ``no_drawer`` why a worker cannot be killed where the
    page has no drawer, as everywhere if not ``has_drawer``.
    """

    model: str
    window: int
    no_fold: str
    has_drawer: bool
    no_drawer: str


def first_visit(memory: Memory) -> FirstVisit:
    """What to say in a session whose ``memory`` is empty."""
    no_fold = NO_FOLD.get(memory.window.fold)
    return FirstVisit(
        model="" if settings.CHAT_PUBLIC_STANDIN_URL else settings.AZURE_DEPLOYMENT_ID or settings.CHAT_MODEL,
        window=memory.window.size,
        no_fold=gettext(no_fold) if no_fold else "",
        has_drawer=settings.CHAT_KILL_DRAWER,
        no_drawer=gettext(NO_DRAWER),
    )
