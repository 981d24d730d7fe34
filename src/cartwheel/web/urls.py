"""The paths of the pages."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.generic import RedirectView

from cartwheel.web.views.sign_in import SignIn, SignOut
from cartwheel.web.views.task import Cancellation, TaskLive, TaskLog, TaskPage
from cartwheel.web.views.tasks import TaskCounts, TaskList, TaskRows

urlpatterns: list[URLPattern] = [
    path("", TaskList.as_view(), name="tasks"),
    path("login/", SignIn.as_view(), name="sign-in"),
    path("logout/", SignOut.as_view(), name="sign-out"),
    path("favicon.ico", RedirectView.as_view(url="/static/web/img/wheel.svg")),
    path("tasks/", RedirectView.as_view(pattern_name="tasks", query_string=True)),
    path("tasks/rows/", TaskRows.as_view(), name="task-rows"),
    path("tasks/counts/", TaskCounts.as_view(), name="task-counts"),
    path("tasks/<uuid:task_id>/", TaskPage.as_view(), name="task"),
    path("tasks/<uuid:task_id>/live/", TaskLive.as_view(), name="task-live"),
    path("tasks/<uuid:task_id>/log/", TaskLog.as_view(), name="task-log"),
    path("tasks/<uuid:task_id>/cancellation/", Cancellation.as_view(), name="task-cancellation"),
]
