"""Every HTTP path of the chat."""

from __future__ import annotations

from django.urls import path

from chat.api import tickets
from chat.page import views

app_name = "chat"

urlpatterns = [
    path("", views.home, name="home"),
    path("visit", views.visit, name="visit"),
    path("sessions", views.more_sessions, name="sessions"),
    path("s/<str:session_id>", views.session_page, name="session"),
    path("s/<str:session_id>/earlier", views.earlier, name="earlier"),
    path("s/<str:session_id>/delete", views.delete, name="delete"),
    path("any", views.any_page, name="any"),
    path("any/earlier", views.any_earlier, name="any-earlier"),
    path("healthz", views.healthz, name="healthz"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("api/ticket", tickets.ticket, name="ticket"),
]
