"""Every HTTP path of the chat."""

from __future__ import annotations

from django.urls import path

from chat import access_views, views

app_name = "chat"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("api/ticket", access_views.ticket, name="ticket"),
]
