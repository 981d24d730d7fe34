"""The paths below the API's prefix.

What stands below v3/ stands below content/<path>/v3/ too, where <path> is the base path of a
distribution: those views take an argument `path`, which is None below v3/.
"""

from __future__ import annotations

from itertools import chain

from django.urls import include, path

from cartwheel.api import events, metrics
from cartwheel.api.galaxy_v3 import (
    collections,
    downloads,
    execution_environments,
    imports,
    moves,
    namespaces,
    redirects,
    roots,
    search,
    shown_namespaces,
    sync,
    tasks,
    tokens,
    uploads,
    versions,
)
from cartwheel.api.openapi import views as openapi
from cartwheel.api.pulp_v3 import access_policies as pulp_access_policies
from cartwheel.api.pulp_v3 import all_content as pulp_all_content
from cartwheel.api.pulp_v3 import artifacts as pulp_artifacts
from cartwheel.api.pulp_v3 import collections as pulp_collections
from cartwheel.api.pulp_v3 import content as pulp_content
from cartwheel.api.pulp_v3 import content_kinds as pulp_content_kinds
from cartwheel.api.pulp_v3 import distributions as pulp_distributions
from cartwheel.api.pulp_v3 import empty_lists as pulp_empty_lists
from cartwheel.api.pulp_v3 import login as pulp_login
from cartwheel.api.pulp_v3 import maintenance as pulp_maintenance
from cartwheel.api.pulp_v3 import namespaces as pulp_namespaces
from cartwheel.api.pulp_v3 import pauses as pulp_pauses
from cartwheel.api.pulp_v3 import people as pulp_people
from cartwheel.api.pulp_v3 import purge as pulp_purge
from cartwheel.api.pulp_v3 import remotes as pulp_remotes
from cartwheel.api.pulp_v3 import repositories as pulp_repositories
from cartwheel.api.pulp_v3 import repository_actions as pulp_repository_actions
from cartwheel.api.pulp_v3 import repository_versions as pulp_repository_versions
from cartwheel.api.pulp_v3 import role_grants as pulp_role_grants
from cartwheel.api.pulp_v3 import roles as pulp_roles
from cartwheel.api.pulp_v3 import roots as pulp_roots
from cartwheel.api.pulp_v3 import schedules as pulp_schedules
from cartwheel.api.pulp_v3 import sync as pulp_sync
from cartwheel.api.pulp_v3 import tags as pulp_tags
from cartwheel.api.pulp_v3 import task_groups as pulp_task_groups
from cartwheel.api.pulp_v3 import task_views as pulp_task_views
from cartwheel.api.pulp_v3 import tasks as pulp_tasks
from cartwheel.api.pulp_v3 import uploads as pulp_uploads
from cartwheel.api.pulp_v3 import workers as pulp_workers
from cartwheel.api.ui import collections as ui_collections
from cartwheel.api.ui import distributions as ui_distributions
from cartwheel.api.ui import imports as ui_imports
from cartwheel.api.ui import login as ui_login
from cartwheel.api.ui import namespaces as ui_namespaces
from cartwheel.api.ui import people as ui_people
from cartwheel.api.ui import remotes as ui_remotes
from cartwheel.api.ui import role_definitions as ui_role_definitions
from cartwheel.api.ui import roots as ui_roots
from cartwheel.api.ui import search as ui_search
from cartwheel.api.ui import signing as ui_signing
from cartwheel.api.ui import tags as ui_tags

_galaxy = list(
    chain.from_iterable(
        module.urlpatterns
        for module in (
            tasks,
            uploads,
            imports,
            collections,
            versions,
            downloads,
            moves,
            search,
            shown_namespaces,
            execution_environments,
            redirects,
        )
    )
)
_pulp = list(
    chain.from_iterable(
        module.urlpatterns
        for module in (
            pulp_roots,
            pulp_login,
            pulp_purge,  # before the tasks: it is no id
            pulp_tasks,
            pulp_task_views,
            pulp_schedules,
            pulp_pauses,
            pulp_task_groups,
            pulp_workers,
            pulp_people,
            pulp_roles,
            pulp_role_grants,
            pulp_namespaces,
            pulp_tags,
            pulp_collections,
            pulp_content,
            pulp_remotes,
            pulp_repositories,
            pulp_repository_actions,
            pulp_repository_versions,
            pulp_distributions,
            pulp_all_content,
            pulp_content_kinds,
            pulp_artifacts,
            pulp_uploads,
            pulp_maintenance,
            pulp_access_policies,
            pulp_empty_lists,
            pulp_sync,
        )
    )
)
_ui = list(
    chain.from_iterable(
        module.urlpatterns
        for module in (
            ui_roots,
            ui_login,
            ui_people,
            ui_role_definitions,
            ui_namespaces,
            ui_collections,
            ui_tags,
            ui_search,
            ui_imports,
            ui_remotes,
            ui_distributions,
            ui_signing,
        )
    )
)

urlpatterns = [
    *roots.urlpatterns,  # below the prefix itself
    *events.urlpatterns,
    *metrics.urlpatterns,
    *openapi.urlpatterns,
    path("v3/", include([*tokens.urlpatterns, *namespaces.urlpatterns, *_galaxy])),
    path("content/<str:path>/v3/", include([*sync.urlpatterns, *_galaxy])),
    path("pulp/api/v3/", include(_pulp)),
    path("_ui/", include([*_ui, *execution_environments.ui_urlpatterns])),  # they say v1/ or v2/ themselves
]
