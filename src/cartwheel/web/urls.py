"""The paths of the pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from cartwheel.web.views.many import Cancellations, Repeats
from cartwheel.web.views.shell import NoticeDismissal, Notices, Started, Theme
from cartwheel.web.views.sign_in import SignIn, SignOut
from cartwheel.web.views.task import Cancellation, Repeat, TaskLive, TaskLog, TaskLogFile, TaskPage
from cartwheel.web.views.tasks import TaskCounts, TaskHour, TaskList, TaskRows

urlpatterns: list[URLPattern | URLResolver] = [
    path("", TaskList.as_view(), name="tasks"),
    path("login/", SignIn.as_view(), name="sign-in"),
    path("logout/", SignOut.as_view(), name="sign-out"),
    path("theme/", Theme.as_view(), name="theme"),
    path("notices/", Notices.as_view(), name="notices"),
    path("notices/<str:notice_id>/dismissal/", NoticeDismissal.as_view(), name="notice-dismissal"),
    path("started/", Started.as_view(), name="started"),
    path("favicon.ico", RedirectView.as_view(url="/static/web/img/wheel.svg")),
    path("tasks/", RedirectView.as_view(pattern_name="tasks", query_string=True)),
    path("tasks/rows/", TaskRows.as_view(), name="task-rows"),
    path("tasks/counts/", TaskCounts.as_view(), name="task-counts"),
    path("tasks/hour/", TaskHour.as_view(), name="task-hour"),
    path("tasks/cancellations/", Cancellations.as_view(), name="cancellations"),
    path("tasks/repeats/", Repeats.as_view(), name="repeats"),
    path("tasks/<uuid:task_id>/", TaskPage.as_view(), name="task"),
    path("tasks/<uuid:task_id>/live/", TaskLive.as_view(), name="task-live"),
    path("tasks/<uuid:task_id>/log/", TaskLog.as_view(), name="task-log"),
    path("tasks/<uuid:task_id>/log.txt", TaskLogFile.as_view(), name="task-log-file"),
    path("tasks/<uuid:task_id>/repeat/", Repeat.as_view(), name="task-repeat"),
    path("tasks/<uuid:task_id>/cancellation/", Cancellation.as_view(), name="task-cancellation"),
    path("", include("cartwheel.web.content_urls")),
]
