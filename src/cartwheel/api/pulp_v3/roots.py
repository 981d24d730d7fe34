"""The root of Pulp's API, and how the hub is."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.db.utils import Error as DatabaseProblem
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLPattern, path, resolve
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import origin, prefixes, pulp
from cartwheel.api.rendering import stamp
from cartwheel.api.versions import WORKER_VERSIONS, components
from cartwheel.api.views import PulpView
from cartwheel.engine.models import ONLINE, Worker

# Every list that Pulp's root names, also those that this hub does not serve: clients expect the whole table.
LISTS = """
    access_policies
    distributions/core/artifacts
    artifacts
    contentguards/core/composite
    contentguards
    contentguards/core/content_redirect
    content
    distributions
    domains
    exporters/core/filesystem
    users
    groups
    contentguards/core/header
    repositories
    publications
    remotes
    distributions/core/openpgp
    repositories/core/openpgp_keyring
    content/core/openpgp_publickey
    content/core/openpgp_publicsubkey
    content/core/openpgp_signature
    content/core/openpgp_userattribute
    content/core/openpgp_userid
    exporters/core/pulp
    importers/core/pulp
    contentguards/core/rbac
    roles
    signing-services
    task-groups
    task-schedules
    tasks
    uploads
    upstream-pulps
    vuln_report
    workers
    contentguards/certguard/rhsm
    contentguards/certguard/x509
    acs/file/file
    content/file/files
    distributions/file/file
    remotes/file/git
    publications/file/file
    remotes/file/file
    repositories/file/file
    content/container/blobs
    distributions/container/container
    pulp_container/namespaces
    distributions/container/pull-through
    remotes/container/pull-through
    repositories/container/container-push
    remotes/container/container
    repositories/container/container
    content/container/signatures
    content/container/manifests
    content/container/tags
    distributions/ansible/ansible
    content/ansible/namespaces
    repositories/ansible/ansible
    content/ansible/collection_deprecations
    remotes/ansible/collection
    content/ansible/collection_marks
    content/ansible/collection_signatures
    content/ansible/collection_versions
    ansible/collections
    remotes/ansible/git
    remotes/ansible/role
    content/ansible/roles
    pulp_ansible/namespaces
""".split()  # noqa: SIM905, seventy names read better as a column


class Root(PulpView):
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        """The address of each list, by its name."""
        at = origin(request)
        return Response({name: at + pulp(request, f"{name}/") for name in LISTS})


class Status(PulpView):
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        """Which processes run, and whether they have what they need."""
        workers, is_connected = _workers()
        # This very process answers requests and serves content: nobody knows better than it that it does.
        web = [(f"{os.getpid()}@{socket.gethostname()}", timezone.now())]
        return Response(
            {
                "versions": components(),
                "online_workers": _processes(workers),
                "online_api_apps": _processes(web),
                "online_content_apps": _processes(web),
                "database_connection": {"connected": is_connected},
                "redis_connection": {"connected": False},
                "storage": _storage(),
                "content_settings": {
                    "content_origin": origin(request),
                    "content_path_prefix": "/pulp/content/",
                },
                "domain_enabled": False,
            }
        )


class Alive(PulpView):
    """For whoever watches the process: it answers, and asks nothing of the database."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def get(self, request: Request) -> Response:
        return Response(status=200)


@method_decorator(csrf_exempt, name="dispatch")  # what answers in the end looks at that itself
class OldAddress(View):
    """Where Pulp's API is on a server that is no hub. The generated bindings know no other place."""

    def get(self, request: HttpRequest, rest: str) -> HttpResponse:
        """A redirect that keeps the method, to the same below the hub's prefix, ending with a slash."""
        query = request.META.get("QUERY_STRING", "")
        target = f"{prefixes()[0]}pulp/api/{quote(rest.strip('/'))}/"
        return HttpResponse(status=308, headers={"Location": f"{target}?{query}" if query else target})

    def post(self, request: HttpRequest, rest: str) -> HttpResponseBase:
        """Answered in place: clients do not send a body twice. Addresses in the answer are the hub's own."""
        try:
            found = resolve(f"{prefixes()[0]}pulp/api/{rest}")
        except Resolver404:
            raise Http404 from None
        answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return answer

    put = patch = delete = post


def _workers() -> tuple[list[tuple[str, datetime]], bool]:
    """The workers that are alive, and whether the database could be asked."""
    alive = Worker.objects.filter(ONLINE).order_by("-created_at")
    try:
        return list(alive.values_list("name", "last_heartbeat")), True
    except DatabaseProblem:
        connection.close()
        return [], False


def _processes(known: Iterable[tuple[str, datetime]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "last_heartbeat": stamp(heartbeat), "versions": WORKER_VERSIONS}
        for name, heartbeat in known
    ]


def _storage() -> dict[str, int] | None:
    """Bytes of the disk that holds the data directory; None if that cannot be told."""
    try:
        usage = shutil.disk_usage(settings.CONFIG.data)
    except OSError:
        return None
    return {"total": usage.total, "used": usage.used, "free": usage.free}


urlpatterns: list[URLPattern] = [
    path("", Root.as_view()),
    path("status/", Status.as_view()),
    path("livez/", Alive.as_view()),
]
