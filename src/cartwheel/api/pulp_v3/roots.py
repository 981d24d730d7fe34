"""The root of Pulp's API, and the hub's status."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
