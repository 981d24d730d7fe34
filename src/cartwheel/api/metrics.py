"""Metrics for Prometheus: figures of the queue, no names but those of functions, so without a login."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from cartwheel.engine.metrics import exposition


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


urlpatterns = [path("metrics", metrics), path("status/metrics", metrics)]
