"""The root of the UI's API, settings and feature flags."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
