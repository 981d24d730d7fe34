"""The paths of the pages about content."""

from __future__ import annotations

from django.urls import URLPattern, path

from cartwheel.web.content import converters  # noqa: F401, makes <repository:…> known
from cartwheel.web.views.content import collection, collection_acts
from cartwheel.web.views.content.collections import CollectionList

_COLLECTION = "collections/<repository:repository>/<str:namespace>/<str:name>/"

urlpatterns: list[URLPattern] = [
    path("collections/", CollectionList.as_view(), name="collections"),
    path(_COLLECTION, collection.Overview.as_view(), name="collection"),
    path(f"{_COLLECTION}docs/", collection.Docs.as_view(), name="collection-docs"),
    path(f"{_COLLECTION}docs/<str:kind>/<path:item>/", collection.Docs.as_view(), name="collection-item"),
    path(f"{_COLLECTION}contents/", collection.Contents.as_view(), name="collection-contents"),
    path(f"{_COLLECTION}dependencies/", collection.Dependencies.as_view(), name="collection-dependencies"),
    path(f"{_COLLECTION}versions/", collection.Versions.as_view(), name="collection-versions"),
    path(f"{_COLLECTION}files/", collection.Files.as_view(), name="collection-files"),
    path(f"{_COLLECTION}import/", collection.ImportLog.as_view(), name="collection-import"),
    path(f"{_COLLECTION}deprecation/", collection_acts.Deprecation.as_view(), name="collection-deprecation"),
    path(f"{_COLLECTION}deletion/", collection_acts.Deletion.as_view(), name="collection-deletion"),
]
