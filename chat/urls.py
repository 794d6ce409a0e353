"""Every HTTP path of the chat."""

from __future__ import annotations

from django.urls import path

from chat.api import tickets
from chat.api.ag_ui import views as ag_ui
from chat.api.openai import views as openai
from chat.api.v1 import reference
from chat.api.v1.api import api
from chat.page.views import (
    account,
    demonstration,
    export,
    forget,
    imports,
    language,
    memory,
    places,
    search,
    seen,
    session_list,
    shared,
    shares,
    site,
    staff,
    visitor,
    visits,
)

app_name = "chat"

urlpatterns = [
    path("", visitor.home, name="home"),
    path("visit", visits.visit, name="visit"),
    path("visit/end", visits.sign_out, name="sign-out"),
    path("account/sign-in", account.sign_in, name="sign-in"),
    path("account/sign-up", account.sign_up, name="sign-up"),
    path("account/password", account.change_password, name="password"),
    path("account/bring", account.bring, name="bring"),
    path("account/forget", forget.forget, name="forget"),
    path("language", language.choose, name="language"),
    path("sessions", session_list.more_sessions, name="sessions"),
    path("sessions/export", export.everything, name="export-all"),
    path("sessions/import", imports.sessions, name="import"),
    path("search", search.search, name="search"),
    path("shared/<str:secret>", shared.shared, name="shared"),
    path("shares", shares.of_visitor, name="shares"),
    path("shares/<str:share_id>/revoke", shares.revoke, name="revoke-share"),
    path("s/<str:session_id>", visitor.session_page, name="session"),
    path("s/<str:session_id>/earlier", visitor.earlier, name="earlier"),
    path("s/<str:session_id>/messages/<str:message_id>", visitor.message, name="message"),
    path("s/<str:session_id>/messages/<str:message_id>/prompt", seen.prompt_of_message, name="message-prompt"),
    path("s/<str:session_id>/turns/<str:turn_id>/prompt", seen.prompt_of_turn, name="turn-prompt"),
    path("s/<str:session_id>/export", export.one, name="export"),
    path("s/<str:session_id>/share", shares.of_session, name="share"),
    path("s/<str:session_id>/details", session_list.change, name="details"),
    path("s/<str:session_id>/messages/<str:message_id>/fold", memory.fold_through, name="fold-through"),
    path("s/<str:session_id>/summary", memory.summary, name="summary"),
    path("s/<str:session_id>/summary/edit", memory.edit, name="edit-summary"),
    path("s/<str:session_id>/summary/fold", memory.fold, name="fold"),
    path("s/<str:session_id>/summary/instructions", memory.instructions, name="instructions"),
    path("s/<str:session_id>/summary/versions", memory.versions, name="versions"),
    path("s/<str:session_id>/summary/versions/<int:number>", memory.version, name="version"),
    path("s/<str:session_id>/summary/versions/<int:number>/restore", memory.restore, name="restore"),
    path("s/<str:session_id>/messages/<str:message_id>/fork", places.fork, name="fork"),
    path("s/<str:session_id>/messages/<str:message_id>/undo", places.undo, name="undo"),
    path("s/<str:session_id>/delete", session_list.delete, name="delete"),
    path("any", staff.any_page, name="any"),
    path("any/earlier", staff.any_earlier, name="any-earlier"),
    path("any/message", staff.any_message, name="any-message"),
    path("demonstration/processes", demonstration.processes, name="processes"),
    path("demonstration/kill", demonstration.kill, name="kill"),
    path("demonstration/restart", demonstration.restart, name="restart"),
    path("favicon.ico", site.favicon, name="favicon"),
    path("api/ticket", tickets.ticket, name="ticket"),
    path("api/ag-ui", ag_ui.run, name="ag-ui"),
    path("api/ag-ui/", ag_ui.run, name="ag-ui-slash"),  # a POST cannot be redirected
    path("api/v1/openapi.json", reference.openapi, name="openapi"),
    path("api/v1/asyncapi.yaml", reference.asyncapi, name="asyncapi"),
    path("api/v1/", api.urls),
    path("docs/api/", reference.reference, name="api-reference"),
    path("v1/chat/completions", openai.completions, name="openai-completions"),
    path("v1/models", openai.models, name="openai-models"),
    path("v1/models/<path:name>", openai.model, name="openai-model"),
    path("v1/<path:anything>", openai.unknown, name="openai-unknown"),
]
