"""The paths of the pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from cartwheel.web.views.many import Cancellations, Repeats
from cartwheel.web.views.overview import Overview
from cartwheel.web.views.saved import SavedViewDeletion, SavedViews
from cartwheel.web.views.schedules import (
    NewSchedule,
    OneSchedule,
    ScheduleDeletion,
    ScheduleRun,
    Schedules,
    ScheduleSwitch,
)
from cartwheel.web.views.shell import NoticeDismissal, Notices, Started, Theme
from cartwheel.web.views.sign_in import SignIn, SignOut
from cartwheel.web.views.task import Cancellation, Repeat, TaskLive, TaskLog, TaskLogFile, TaskPage
from cartwheel.web.views.tasks import TaskCounts, TaskHour, TaskList, TaskRows
from cartwheel.web.views.workers import PauseEnds, Pauses, Workers

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
    path("tasks/views/", SavedViews.as_view(), name="saved-views"),
    path("tasks/views/<int:view_id>/deletion/", SavedViewDeletion.as_view(), name="saved-view-deletion"),
    path("tasks/repeats/", Repeats.as_view(), name="repeats"),
    path("tasks/<uuid:task_id>/", TaskPage.as_view(), name="task"),
    path("tasks/<uuid:task_id>/live/", TaskLive.as_view(), name="task-live"),
    path("tasks/<uuid:task_id>/log/", TaskLog.as_view(), name="task-log"),
    path("tasks/<uuid:task_id>/log.txt", TaskLogFile.as_view(), name="task-log-file"),
    path("tasks/<uuid:task_id>/repeat/", Repeat.as_view(), name="task-repeat"),
    path("tasks/<uuid:task_id>/cancellation/", Cancellation.as_view(), name="task-cancellation"),
    path("overview/", Overview.as_view(), name="overview"),
    path("workers/", Workers.as_view(), name="workers"),
    path("workers/pauses/", Pauses.as_view(), name="pauses"),
    path("workers/pauses/end/", PauseEnds.as_view(), name="pause-ends"),
    path("schedules/", Schedules.as_view(), name="schedules"),
    path("schedules/new/", NewSchedule.as_view(), name="schedule-new"),
    path("schedules/<uuid:schedule_id>/", OneSchedule.as_view(), name="schedule"),
    path("schedules/<uuid:schedule_id>/run/", ScheduleRun.as_view(), name="schedule-run"),
    path("schedules/<uuid:schedule_id>/switch/", ScheduleSwitch.as_view(), name="schedule-switch"),
    path("schedules/<uuid:schedule_id>/deletion/", ScheduleDeletion.as_view(), name="schedule-deletion"),
    path("", include("cartwheel.web.content_urls")),
]
