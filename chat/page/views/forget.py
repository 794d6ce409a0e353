"""Forgetting those who ask for it: the question, and the report."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.accounts.current import account_of_visit
from chat.accounts.forgetting import forget_owner
from chat.accounts.forms import ForgetForm
from chat.components import components
from chat.domain.exceptions import ChatError, MemoryServerError
from chat.domain.sentences import Situation
from chat.page.views.pages import limited
from chat.sessions.listing import list_all
from chat.web.cookies import new_visit, new_visit_after
from chat.web.visitor import OwnedRequest, begin_visit
from chat.web.wording import worded


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited
async def forget(request: HttpRequest) -> HttpResponse:
    """What would be erased, and the question; on POST with the words, the report and a new visit."""
    form = ForgetForm(request.POST or None)
    if request.method == "POST" and form.is_confirmed():
        return await _forgotten(request)
    owned = cast(OwnedRequest, request)
    try:
        sessions = len(await list_all(owned.owner, components().memory))
        account = await account_of_visit(owned.visit)
    except ChatError as error:
        return _sorry(request, error)
    context = {"form": form, "sessions": sessions, "account": account, "expected": ForgetForm.expected()}
    return render(request, "chat/forget.html", context)


async def _forgotten(request: HttpRequest) -> HttpResponse:
    owned = cast(OwnedRequest, request)
    before = owned.visit
    account = await account_of_visit(before)
    begin_visit(request, new_visit_after(before))  # to try again: that of now may end before everything is erased
    try:
        report = await forget_owner(owned.owner)
    except ChatError as error:
        return _sorry(request, error)
    is_over = not report.left
    reasons = dict.fromkeys(worded(error, Situation.DELETING) for error in report.left.values())
    if is_over:
        begin_visit(request, new_visit())
    context = {"report": report, "reasons": list(reasons), "had_account": account is not None}
    return render(request, "chat/forgotten.html", context, status=200 if is_over else 503)


def _sorry(request: HttpRequest, error: ChatError) -> HttpResponse:
    """A page with the reason. Part of it may be erased already; asking again goes on."""
    situation = Situation.DELETING if isinstance(error, MemoryServerError) else Situation.LOOKING
    return render(request, "chat/sentence.html", {"sentence": worded(error, situation)}, status=503)
