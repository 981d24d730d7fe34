"""Lists of things that this hub does not have, which clients ask for all the same; the one guard, the one domain."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.db.models import Q
from django.http import Http404
from django.urls import URLPattern, path, register_converter
from rest_framework.request import Request
from rest_framework.response import Response

from cartwheel.api.addresses import pulp
from cartwheel.api.collection_filters import of_content
from cartwheel.api.expressions import asked_for
from cartwheel.api.filters import Filter, Table, any_text, chosen_fields, texts
from cartwheel.api.keys import identified
from cartwheel.api.pagination import pulp_page
from cartwheel.api.rendering import stamp
from cartwheel.api.views import PulpView
from cartwheel.engine.gate import HUB, HUB_ID
from cartwheel.registry.models import Repository
from cartwheel.registry.repository_documents import GUARD, GUARD_ID

FILTERS: Table = {
    **texts("name", "name", "iexact", "in", "contains", "icontains", "startswith"),
    **identified(),
}


OF_SIGNATURES = ("signed_collection", "pubkey_fingerprint", "pubkey_fingerprint__in", "signing_service")
OF_ROLES = ("namespace", "name", "version")


def _any_of(*names: str) -> Table:
    return {**{name: Filter(any_text, lambda _: Q()) for name in names}, **of_content(), **identified()}


class Empty(PulpView):
    """A list that is always empty."""

    filters: ClassVar[Table] = FILTERS

    def get(self, request: Request) -> Response:
        asked_for(request, self.filters)
        return pulp_page(request, [], list)


class Signatures(Empty):
    filters = _any_of(*OF_SIGNATURES)


class AnsibleRoles(Empty):
    filters = _any_of(*OF_ROLES)


class NotThere(PulpView):
    """One of the things of which there are none."""

    model: ClassVar[str] = "Content"

    def get(self, request: Request, identifier: str) -> Response:
        raise Http404(f"No {self.model} matches the given query.")


class Guards(PulpView):
    def get(self, request: Request) -> Response:
        """The guard of all downloads: it lets those pass who come with an address that the hub has signed."""
        asked_for(request, FILTERS)
        name = request.query_params.get("name")
        rows = [_guard(request)] if name in (None, "", NAME) else []
        return pulp_page(request, rows, list)


class Domains(PulpView):
    def get(self, request: Request) -> Response:
        """The domain that all is in: there are no others."""
        asked_for(request, FILTERS)
        rows = [_domain(request)] if request.query_params.get("name") in (None, "", DOMAIN) else []
        return pulp_page(request, rows, list)


class Domain(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        if identifier != str(HUB_ID):
            raise Http404("No Domain matches the given query.")
        return Response(_domain(request))


class Guard(PulpView):
    def get(self, request: Request, identifier: str) -> Response:
        if identifier != str(GUARD_ID):
            raise Http404("No ContentRedirectContentGuard matches the given query.")
        return Response(_guard(request))


NAME, DOMAIN = "ContentRedirectContentGuard", "default"


def _guard(request: Request) -> dict[str, Any]:
    since = beginning()
    document = {
        "pulp_href": pulp(request, GUARD),
        "prn": f"prn:core.contentredirectcontentguard:{GUARD_ID}",
        "pulp_created": since,
        "pulp_last_updated": since,
        "name": NAME,
        "description": None,
    }
    return chosen_fields(request, document)


def _domain(request: Request) -> dict[str, Any]:
    """Where its content is stored is not told."""
    since = beginning()
    document: dict[str, Any] = {
        "pulp_href": pulp(request, f"domains/{HUB_ID}/"),
        "prn": HUB,
        "pulp_created": since,
        "pulp_last_updated": since,
        "name": DOMAIN,
        "description": None,
        "pulp_labels": {},
        "storage_class": "pulpcore.app.models.storage.FileSystem",
        "storage_settings": {},
        "redirect_to_object_storage": True,
        "hide_guarded_distributions": False,
    }
    return chosen_fields(request, document)


def beginning() -> str | None:
    """Since when the hub has been there: the oldest repository is as old."""
    return stamp(Repository.objects.order_by("created_at").values_list("created_at", flat=True).first())


_NOTHING = {  # list -> what Pulp calls one of what would be in it
    "signing-services": "SigningService",
    "content/ansible/collection_signatures": "CollectionVersionSignature",
    "content/ansible/roles": "Role",
}
_LISTS = {"content/ansible/collection_signatures": Signatures, "content/ansible/roles": AnsibleRoles}
# Lists that Pulp's root names because its plugins have them. Nothing can be made in them, so nothing is said of them.
FOREIGN = """
    acs/file/file
    content/container/blobs
    content/container/manifests
    content/container/signatures
    content/container/tags
    content/core/openpgp_publickey
    content/core/openpgp_publicsubkey
    content/core/openpgp_signature
    content/core/openpgp_userattribute
    content/core/openpgp_userid
    content/file/files
    contentguards/certguard/rhsm
    contentguards/certguard/x509
    contentguards/core/composite
    contentguards/core/header
    contentguards/core/rbac
    distributions/container/container
    distributions/container/pull-through
    distributions/core/artifacts
    distributions/core/openpgp
    distributions/file/file
    exporters/core/filesystem
    exporters/core/pulp
    importers/core/pulp
    publications
    publications/file/file
    pulp_container/namespaces
    remotes/container/container
    remotes/container/pull-through
    remotes/file/file
    remotes/file/git
    repositories/container/container
    repositories/container/container-push
    repositories/core/openpgp_keyring
    repositories/file/file
    upstream-pulps
    vuln_report
""".split()  # noqa: SIM905, forty names read better as a column


class ForeignConverter:
    """The name of one of those lists."""

    regex = "|".join(map(re.escape, FOREIGN))

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ForeignConverter, "foreign")


class Foreign(PulpView):
    """Takes any filter: which there are would depend on the plugin."""

    is_documented = False  # as one: FOREIGN has the name of each
    filters: ClassVar[Table] = FILTERS

    def get(self, request: Request, foreign: str) -> Response:
        return pulp_page(request, [], list)


urlpatterns: list[URLPattern] = [
    *(path(f"{name}/", _LISTS.get(name, Empty).as_view()) for name in _NOTHING),
    *(path(f"{name}/<str:identifier>/", NotThere.as_view(model=model)) for name, model in _NOTHING.items()),
    path("<foreign:foreign>/", Foreign.as_view()),
    path("domains/", Domains.as_view()),
    path("domains/<str:identifier>/", Domain.as_view()),
    path("contentguards/", Guards.as_view()),
    path("contentguards/core/content_redirect/", Guards.as_view()),
    path("contentguards/core/content_redirect/<str:identifier>/", Guard.as_view()),
]
