"""The paths of the pages about content. What is new is made below new/, so that no name gets in its way."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponseBase
from django.urls import URLPattern, path

from cartwheel.web.content import converters  # noqa: F401, makes <repository:…> known
from cartwheel.web.views.content import (
    account,
    collection,
    collection_acts,
    distributions,
    groups,
    namespaces,
    remotes,
    repositories,
    repository_acts,
    roles,
    users,
)
from cartwheel.web.views.content.approval import Approval
from cartwheel.web.views.content.base import asks
from cartwheel.web.views.content.collections import CollectionList
from cartwheel.web.views.content.imports import ImportList, ImportPage
from cartwheel.web.views.content.upload import UploadPage

Seen = Callable[..., HttpResponseBase]


def _kind(many: str, one: str, *, listing: Seen, new: Seen) -> list[URLPattern]:
    """All things of a kind, and a new one."""
    return [path(f"{many}/", listing, name=many), path(f"new/{one}/", new, name=f"new-{one}")]


def _one(address: str, name: str, page: Seen | None = None, **acts: Seen) -> list[URLPattern]:
    """A thing's page, and what is done with it: `edit` is at <address>edit/, named <name>-edit."""
    here = [path(address, page, name=name)] if page else []
    return [*here, *(path(f"{address}{act}/", view, name=f"{name}-{act}") for act, view in acts.items())]


_COLLECTION = "collections/<repository:repository>/<str:namespace>/<str:name>/"
_REPOSITORY = "repositories/<repository:repository>/"

_collections: list[URLPattern] = [
    path("collections/", CollectionList.as_view(), name="collections"),
    *_one(
        _COLLECTION,
        "collection",
        collection.tab("collection", collection.overview),
        docs=collection.tab("collection-docs", collection.docs),
        contents=collection.tab("collection-contents", collection.contents),
        dependencies=collection.tab("collection-dependencies", collection.dependencies),
        versions=collection.tab("collection-versions", collection.versions),
        files=collection.tab("collection-files", collection.files, also=("files",)),
        deprecation=asks(collection_acts.deprecation),
        deletion=asks(collection_acts.deletion),
        **{"import": collection.tab("collection-import", collection.import_log)},
    ),
    path(
        f"{_COLLECTION}docs/<str:kind>/<path:item>/",
        collection.tab("collection-docs", collection.docs),
        name="collection-item",
    ),
    path("upload/", UploadPage.as_view(), name="upload"),
    path("imports/", ImportList.as_view(), name="imports"),
    path("imports/<uuid:task_id>/", ImportPage.as_view(), name="import"),
    path("approval/", Approval.as_view(), name="approval"),
]
_namespaces: list[URLPattern] = [
    *_kind(
        "namespaces",
        "namespace",
        listing=namespaces.NamespaceList.as_view(),
        new=asks(namespaces.new_namespace),
    ),
    *_one(
        "namespaces/<str:name>/",
        "namespace",
        namespaces.NamespacePage.as_view(),
        edit=asks(namespaces.edit),
        access=asks(namespaces.namespace_access),
        deletion=asks(namespaces.deletion),
    ),
]
_repositories: list[URLPattern] = [
    *_kind(
        "repositories",
        "repository",
        listing=repositories.RepositoryList.as_view(),
        new=asks(repository_acts.new_repository),
    ),
    *_one(
        _REPOSITORY,
        "repository",
        repositories.tab("repository", repositories.overview),
        content=repositories.tab("repository-content", repositories.content),
        versions=repositories.tab("repository-versions", repositories.versions),
        distributions=repositories.tab("repository-distributions", repositories.distributions),
        syncs=repositories.tab("repository-syncs", repositories.syncs),
        sync=asks(repository_acts.ask_for_sync),
        edit=asks(repository_acts.edit),
        access=asks(repository_acts.repository_access),
        deletion=asks(repository_acts.deletion),
    ),
    path(f"{_REPOSITORY}content/new/", asks(repository_acts.add_content), name="repository-add"),
    path(f"{_REPOSITORY}content/changes/", repository_acts.Changes.as_view(), name="repository-changes"),
    *_one(
        f"{_REPOSITORY}versions/<int:number>/",
        "repository-version",
        repositories.tab("repository-content", repositories.content),
        revert=asks(repository_acts.revert),
    ),
    *_kind(
        "distributions",
        "distribution",
        listing=distributions.DistributionList.as_view(),
        new=asks(distributions.new_distribution),
    ),
    *_one(
        "distributions/<uuid:distribution_id>/",
        "distribution",
        edit=asks(distributions.edit),
        deletion=asks(distributions.deletion),
    ),
    *_kind("remotes", "remote", listing=remotes.RemoteList.as_view(), new=asks(remotes.new_remote)),
    *_one(
        "remotes/<uuid:remote_id>/",
        "remote",
        remotes.RemotePage.as_view(),
        edit=asks(remotes.edit),
        access=asks(remotes.remote_access),
        deletion=asks(remotes.deletion),
    ),
]
_people: list[URLPattern] = [
    path("account/", asks(account.profile), name="profile"),
    path("account/password/", asks(account.password), name="password"),
    path("account/token/", account.TokenPage.as_view(), name="token"),
    *_kind("users", "user", listing=users.UserList.as_view(), new=asks(users.new_user)),
    *_one(
        "users/<int:user_id>/",
        "user",
        users.UserPage.as_view(),
        edit=asks(users.edit),
        deletion=asks(users.deletion),
        token=asks(users.token_removal),
    ),
    *_kind("groups", "group", listing=groups.GroupList.as_view(), new=asks(groups.new_group)),
    *_one(
        "groups/<int:group_id>/",
        "group",
        groups.GroupPage.as_view(),
        edit=asks(groups.rename),
        deletion=asks(groups.deletion),
    ),
    *_kind("roles", "role", listing=roles.RoleList.as_view(), new=asks(roles.new_role)),
    *_one(
        "roles/<uuid:role_id>/",
        "role",
        roles.RolePage.as_view(),
        edit=asks(roles.edit),
        deletion=asks(roles.deletion),
    ),
]
urlpatterns: list[URLPattern] = [*_collections, *_namespaces, *_repositories, *_people]
