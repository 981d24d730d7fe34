"""Imports, as the UI wants them."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.urls import path
from django.utils.dateparse import parse_date
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.filters import BadValue, Filter, any_text, conditions, no_choice
from cartwheel.api.import_json import find, record, rows, summaries
from cartwheel.api.pagination import galaxy_page
from cartwheel.api.views import GalaxyView
from cartwheel.engine.models import Task
from cartwheel.registry.counting import LONG, counted_lately
from cartwheel.registry.plans import are_many, unindexed
from cartwheel.registry.task_rights import visible_imports

ORDERS = {"created": "pk", "-created": "-pk"}  # ids of tasks grow with time


def _day(text: str) -> date:
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise BadValue("Enter a valid date.")
    return found


def _in_state(state: str) -> Q:
    """By the tasks in that state if they are few: those that failed, among the many imports."""
    tasks = Task.objects.filter(state=state)
    return unindexed(Q(task__state=state)) if are_many(tasks, few=LONG) else Q(pk__in=tasks.values("pk"))


FILTERS = {
    "namespace": Filter(any_text, lambda value: Q(namespace=value)),
    "name": Filter(any_text, lambda value: Q(name=value)),
    "keywords": Filter(any_text, lambda value: Q(name__icontains=value)),
    "state": Filter(any_text, _in_state),
    "version": Filter(any_text, lambda value: Q(version=value)),
    "created": Filter(_day, lambda value: Q(task__created_at__date=value)),
}


class Imports(GalaxyView):
    def get(self, request: Request) -> Response:
        """The imports that the filters leave, the oldest first unless `sort=-created`; other parameters are ignored."""
        wanted = conditions(request, FILTERS, also=request.query_params)
        found = visible_imports(request.user).filter(wanted).order_by(_order(request))
        return galaxy_page(request, rows(found), summaries, count=counted_lately(found))


class OneImport(GalaxyView):
    def get(self, request: Request, identifier: str) -> Response:
        """An import with its error and messages."""
        row = find(request, identifier)
        return Response({**summaries([row])[0], **record(request, row)})


def _order(request: Request) -> str:
    wanted = request.query_params.get("sort") or "created"
    if wanted not in ORDERS:
        raise ValidationError({"sort": [no_choice(wanted)]})
    return ORDERS[wanted]


urlpatterns = [
    path("v1/imports/collections/", Imports.as_view()),
    path("v1/imports/collections/<str:identifier>/", OneImport.as_view()),
]
