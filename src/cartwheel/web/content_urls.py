"""The paths of the pages about content. What is new is made below new/, so that no name gets in its way."""

from __future__ import annotations

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
from cartwheel.web.views.content.collections import CollectionList
from cartwheel.web.views.content.imports import ImportList, ImportPage
from cartwheel.web.views.content.upload import UploadPage

_COLLECTION = "collections/<repository:repository>/<str:namespace>/<str:name>/"
_NAMESPACE = "namespaces/<str:name>/"
_REPOSITORY = "repositories/<repository:repository>/"
_DISTRIBUTION = "distributions/<uuid:distribution_id>/"
_REMOTE = "remotes/<uuid:remote_id>/"
_USER, _GROUP, _ROLE = "users/<int:user_id>/", "groups/<int:group_id>/", "roles/<uuid:role_id>/"

_collections: list[URLPattern] = [
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
    path("upload/", UploadPage.as_view(), name="upload"),
    path("imports/", ImportList.as_view(), name="imports"),
    path("imports/<uuid:task_id>/", ImportPage.as_view(), name="import"),
    path("approval/", Approval.as_view(), name="approval"),
]
_namespaces: list[URLPattern] = [
    path("namespaces/", namespaces.NamespaceList.as_view(), name="namespaces"),
    path("new/namespace/", namespaces.NewNamespace.as_view(), name="new-namespace"),
    path(_NAMESPACE, namespaces.NamespacePage.as_view(), name="namespace"),
    path(f"{_NAMESPACE}edit/", namespaces.EditNamespace.as_view(), name="namespace-edit"),
    path(f"{_NAMESPACE}access/", namespaces.NamespaceAccess.as_view(), name="namespace-access"),
    path(f"{_NAMESPACE}deletion/", namespaces.NamespaceDeletion.as_view(), name="namespace-deletion"),
]
_repositories: list[URLPattern] = [
    path("repositories/", repositories.RepositoryList.as_view(), name="repositories"),
    path("new/repository/", repository_acts.NewRepository.as_view(), name="new-repository"),
    path(_REPOSITORY, repositories.Overview.as_view(), name="repository"),
    path(f"{_REPOSITORY}content/", repositories.Content.as_view(), name="repository-content"),
    path(f"{_REPOSITORY}content/new/", repository_acts.AddContent.as_view(), name="repository-add"),
    path(f"{_REPOSITORY}content/changes/", repository_acts.Changes.as_view(), name="repository-changes"),
    path(f"{_REPOSITORY}versions/", repositories.Versions.as_view(), name="repository-versions"),
    path(f"{_REPOSITORY}versions/<int:number>/", repositories.Content.as_view(), name="repository-version"),
    path(
        f"{_REPOSITORY}versions/<int:number>/revert/",
        repository_acts.Revert.as_view(),
        name="repository-revert",
    ),
    path(
        f"{_REPOSITORY}distributions/", repositories.Distributions.as_view(), name="repository-distributions"
    ),
    path(f"{_REPOSITORY}syncs/", repositories.Syncs.as_view(), name="repository-syncs"),
    path(f"{_REPOSITORY}sync/", repository_acts.Sync.as_view(), name="repository-sync"),
    path(f"{_REPOSITORY}edit/", repository_acts.EditRepository.as_view(), name="repository-edit"),
    path(f"{_REPOSITORY}access/", repository_acts.RepositoryAccess.as_view(), name="repository-access"),
    path(f"{_REPOSITORY}deletion/", repository_acts.RepositoryDeletion.as_view(), name="repository-deletion"),
    path("distributions/", distributions.DistributionList.as_view(), name="distributions"),
    path("new/distribution/", distributions.NewDistribution.as_view(), name="new-distribution"),
    path(f"{_DISTRIBUTION}edit/", distributions.EditDistribution.as_view(), name="distribution-edit"),
    path(
        f"{_DISTRIBUTION}deletion/",
        distributions.DistributionDeletion.as_view(),
        name="distribution-deletion",
    ),
    path("remotes/", remotes.RemoteList.as_view(), name="remotes"),
    path("new/remote/", remotes.NewRemote.as_view(), name="new-remote"),
    path(_REMOTE, remotes.RemotePage.as_view(), name="remote"),
    path(f"{_REMOTE}edit/", remotes.EditRemote.as_view(), name="remote-edit"),
    path(f"{_REMOTE}access/", remotes.RemoteAccess.as_view(), name="remote-access"),
    path(f"{_REMOTE}deletion/", remotes.RemoteDeletion.as_view(), name="remote-deletion"),
]
_people: list[URLPattern] = [
    path("account/", account.Profile.as_view(), name="profile"),
    path("account/password/", account.Password.as_view(), name="password"),
    path("account/token/", account.TokenPage.as_view(), name="token"),
    path("users/", users.UserList.as_view(), name="users"),
    path("new/user/", users.NewUser.as_view(), name="new-user"),
    path(_USER, users.UserPage.as_view(), name="user"),
    path(f"{_USER}edit/", users.EditUser.as_view(), name="user-edit"),
    path(f"{_USER}deletion/", users.UserDeletion.as_view(), name="user-deletion"),
    path("groups/", groups.GroupList.as_view(), name="groups"),
    path("new/group/", groups.NewGroup.as_view(), name="new-group"),
    path(_GROUP, groups.GroupPage.as_view(), name="group"),
    path(f"{_GROUP}edit/", groups.RenameGroup.as_view(), name="group-edit"),
    path(f"{_GROUP}deletion/", groups.GroupDeletion.as_view(), name="group-deletion"),
    path("roles/", roles.RoleList.as_view(), name="roles"),
    path("new/role/", roles.NewRole.as_view(), name="new-role"),
    path(_ROLE, roles.RolePage.as_view(), name="role"),
    path(f"{_ROLE}edit/", roles.EditRole.as_view(), name="role-edit"),
    path(f"{_ROLE}deletion/", roles.RoleDeletion.as_view(), name="role-deletion"),
]
urlpatterns: list[URLPattern] = [*_collections, *_namespaces, *_repositories, *_people]
