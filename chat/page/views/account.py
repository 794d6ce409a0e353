"""Signing up, in and out of an account, and its password."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from chat.accounts.accounts import find_account
from chat.accounts.bringing import begin_bringing, bring_along
from chat.accounts.current import account_of_visit
from chat.accounts.forms import SignInForm, SignUpForm
from chat.accounts.invitations import is_valid
from chat.accounts.outages import in_database
from chat.accounts.signing import check_password, make_account
from chat.components import components
from chat.domain.exceptions import AccessDenied, AccountsUnreachable, ChatError, RunLogUnreachable, TooManyLogins
from chat.domain.sentences import Situation
from chat.models import Account
from chat.page.account_menu import place_after, sessions_here
from chat.page.views.errors import error_page
from chat.page.views.pages import limited
from chat.sessions.moving import Move
from chat.web.attempts import attempt_of, begin_attempt, note_failure, succeed
from chat.web.cookies import new_visit_of
from chat.web.visitor import OwnedRequest, begin_visit
from chat.web.wording import worded

_FORM = ["GET", "HEAD", "POST"]


@never_cache
@require_http_methods(_FORM)
@limited
async def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; on POST, a visit of the account, which takes the visitor's sessions along if ``bring`` is checked."""
    if cast(OwnedRequest, request).visit.signed_in:
        return redirect(place_after(request))
    form = SignInForm(request.POST or None)
    if not form.is_valid():
        return await _sign_in_page(request, form)
    try:
        account = await _account_in(request, form)
        await _enter(request, account)
    except ChatError as error:
        return await _sign_in_page(request, form, error)
    return await _bring(request, account)


@sensitive_variables()
async def _account_in(request: HttpRequest, form: SignInForm) -> Account:
    """The account that a form names. Raises `AccessDenied`, `TooManyLogins`, or that something is away."""
    name, password = form.cleaned_data["username"], form.cleaned_data["password"]
    attempt = attempt_of(request, name)
    await begin_attempt(attempt)
    try:
        account = await in_database(check_password, request, name, password)
    except AccessDenied:
        note_failure(attempt)
        raise
    await succeed(attempt)
    return account


async def _enter(request: HttpRequest, account: Account) -> None:
    """Begin a visit of the account. The visitor's sessions are on their way to it, if that is wanted."""
    owned = cast(OwnedRequest, request)
    if owned.owner == account.owner:  # a visit from before the account, which was not ended
        await components().grants.visits.end_all(account.owner)
    elif request.POST.get("bring") and owned.known_visit and not await in_database(find_account, owned.owner):
        await begin_bringing(owned.visit, account.owner)
    begin_visit(request, new_visit_of(account.owner))
    rotate_token(request)


async def _bring(request: HttpRequest, account: Account) -> HttpResponse:
    """Complete what is on its way to the account, and go on; or say what could not be moved."""
    try:
        move = await bring_along(account.owner)
    except ChatError as error:
        move = Move(0, {"": error})
    if not move.left:
        return redirect(place_after(request))
    reasons = dict.fromkeys(worded(error, Situation.LOOKING) for error in move.left.values())
    context = {"move": move, "reasons": list(reasons), "next": place_after(request), "known": "" not in move.left}
    return render(request, "chat/brought.html", context)


@never_cache
@require_POST
@limited
async def bring(request: HttpRequest) -> HttpResponse:
    """Try again to move the sessions that could not be taken along at a sign-in."""
    account = await account_of_visit(cast(OwnedRequest, request).visit)
    return await _bring(request, account) if account else redirect("chat:sign-in")


@never_cache
@require_http_methods(_FORM)
@limited
async def sign_up(request: HttpRequest) -> HttpResponse:
    """The form; on POST, a new account for the visitor's own sessions. 403 for those who may not sign up."""
    if cast(OwnedRequest, request).visit.signed_in:
        return redirect(place_after(request))
    invitation = request.POST.get("invitation") or request.GET.get("invitation") or ""
    if refusal := await _refusal(invitation):
        return error_page(request, refusal, 403)
    form, context = SignUpForm(request.POST or None), {"invitation": invitation}
    try:
        account = await _new_account(request, form, invitation)
    except ChatError as error:
        return _form_page(request, "sign_up", form, context, error)
    if account is None:
        return _form_page(request, "sign_up", form, context)
    begin_visit(request, new_visit_of(account.owner))
    rotate_token(request)
    return redirect(place_after(request))


async def _new_account(request: HttpRequest, form: SignUpForm, invitation: str) -> Account | None:
    """The account of a valid form, whose owner has no visits any more; None for another form."""
    if form.is_bound:
        await begin_attempt(attempt_of(request, f"sign up {request.POST.get('username', '')}"))
    if not await in_database(form.is_valid):
        return None
    by = invitation if settings.CHAT_SIGN_UP == "invitation" else None
    account = await in_database(make_account, form, cast(OwnedRequest, request).owner, by)
    await components().grants.visits.end_all(account.owner)  # by cookies of before, also those elsewhere
    return account


async def _refusal(invitation: str) -> AccessDenied | None:
    """Why the visitor may not sign up."""
    match settings.CHAT_SIGN_UP:
        case "open":
            return None
        case "invitation" if not invitation:
            return AccessDenied("not_invited")
        case "invitation":
            return None if await in_database(is_valid, invitation) else AccessDenied("no_invitation")
        case _:
            return AccessDenied("no_sign_up")


@never_cache
@require_http_methods(_FORM)
@limited
async def change_password(request: HttpRequest) -> HttpResponse:
    """The form; on POST, another password. All other visits of the account are over then."""
    account = await account_of_visit(cast(OwnedRequest, request).visit)
    if account is None:
        return redirect(f"{reverse('chat:sign-in')}?next={reverse('chat:password')}")
    form = PasswordChangeForm(account.user, request.POST or None)
    try:
        if not await _is_permitted(request, account, form):
            return _form_page(request, "password", form)
    except ChatError as error:
        return _form_page(request, "password", form, error=error)
    await in_database(form.save)  # ends all visits: `chat.accounts.receivers`
    begin_visit(request, new_visit_of(account.owner))
    return redirect(place_after(request))


async def _is_permitted(request: HttpRequest, account: Account, form: PasswordChangeForm) -> bool:
    """Whether a form is complete and has the present password. Guesses count apart from sign-ins."""
    if not form.is_bound:
        return False
    # Strangers can use up the attempts of a name. No name has the character at the beginning of this one.
    attempt = attempt_of(request, f"\0password {account.owner}")
    await begin_attempt(attempt)
    if not await in_database(form.is_valid):
        return False
    await succeed(attempt)
    return True


async def _sign_in_page(request: HttpRequest, form: BaseForm, error: ChatError | None = None) -> HttpResponse:
    here = await sessions_here(cast(OwnedRequest, request).known_visit)
    return _form_page(request, "sign_in", form, {"here": here}, error)


def _form_page(
    request: HttpRequest,
    template: str,
    form: BaseForm,
    context: dict[str, Any] | None = None,
    error: ChatError | None = None,
) -> HttpResponse:
    """The page with a form, and what is wrong with it; 429 for too many attempts, 503 during an outage."""
    said = worded(error, Situation.LOOKING) if error else ""
    context = {"form": form, "error": said, "next": place_after(request), "sign_up": settings.CHAT_SIGN_UP} | (
        context or {}
    )
    is_away = isinstance(error, AccountsUnreachable | RunLogUnreachable)
    status = 429 if isinstance(error, TooManyLogins) else 503 if is_away else 200
    return render(request, f"chat/{template}.html", context, status=status)
