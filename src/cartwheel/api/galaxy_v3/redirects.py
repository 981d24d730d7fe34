"""Old addresses that lead to the present ones."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
