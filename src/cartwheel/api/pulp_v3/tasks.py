"""Tasks, as Pulp shows them."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
