"""The shapes of bodies and answers (OpenAPI 3.0.3, components/schemas)."""

from __future__ import annotations

from typing import Any

from cartwheel.engine.states import FINAL, State

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """That, or null."""
    return {"allOf": [schema], "nullable": True} if "$ref" in schema else schema | {"nullable": True}


def many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def thing(*required: str, **properties: Schema) -> Schema:
    """An object with these properties; clients may be told of more."""
    made: Schema = {"type": "object", "properties": properties}
    return made | {"required": list(required)} if required else made


def page_of(item: Schema) -> Schema:
    """A page of one of Pulp's lists."""
    return thing("count", "results", count=NUMBER, next=maybe(TEXT), previous=maybe(TEXT), results=many(item))


def galaxy_page_of(item: Schema) -> Schema:
    """A page of one of Galaxy's lists."""
    links = thing(first=maybe(TEXT), previous=maybe(TEXT), next=maybe(TEXT), last=maybe(TEXT))
    return thing("meta", "links", "data", meta=thing("count", count=NUMBER), links=links, data=many(item))


ANYTHING: Schema = {}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
FRACTION: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
FILE: Schema = {"type": "string", "format": "binary"}
OBJECT: Schema = {"type": "object"}
TEXTS = many(TEXT)
LABELS: Schema = {"type": "object", "additionalProperties": maybe(TEXT)}
HIDDEN = many(thing(name=TEXT, is_set=FLAG))
STATE: Schema = {"type": "string", "enum": [str(each) for each in State]}
ENDED: Schema = {"type": "string", "enum": sorted(str(each) for each in FINAL)}
HEAD = {"pulp_href": TEXT, "prn": TEXT, "pulp_created": MOMENT, "pulp_last_updated": MOMENT}

_SECRETS = {
    name: maybe(TEXT) for name in ("client_key", "proxy_username", "proxy_password", "username", "password")
}
_REMOTE = {
    "name": TEXT,
    "url": TEXT,
    "pulp_labels": LABELS,
    "policy": TEXT,
    "ca_cert": maybe(TEXT),
    "client_cert": maybe(TEXT),
    "tls_validation": FLAG,
    "proxy_url": maybe(TEXT),
    "max_retries": maybe(NUMBER),
    **{f"{each}timeout": maybe(FRACTION) for each in ("total_", "connect_", "sock_connect_", "sock_read_")},
    "headers": maybe(many(OBJECT)),
    "download_concurrency": maybe(NUMBER),
    "rate_limit": maybe(NUMBER),
}
_COLLECTION_REMOTE = {
    "requirements_file": maybe(TEXT),
    "auth_url": maybe(TEXT),
    "sync_dependencies": FLAG,
    "signed_only": FLAG,
    "sync_highest_versions": maybe(NUMBER),
}
_GIT_REMOTE = {"metadata_only": FLAG, "git_ref": TEXT}
_REPOSITORY = {
    "pulp_labels": LABELS,
    "name": TEXT,
    "description": maybe(TEXT),
    "retain_repo_versions": maybe(NUMBER),
    "remote": maybe(TEXT),
    "gpgkey": maybe(TEXT),
    "private": FLAG,
}
_DISTRIBUTION = {
    "base_path": TEXT,
    "content_guard": maybe(TEXT),
    "hidden": FLAG,
    "pulp_labels": LABELS,
    "name": TEXT,
    "repository": maybe(TEXT),
    "repository_version": maybe(TEXT),
}
_USER = {
    "username": TEXT,
    "first_name": TEXT,
    "last_name": TEXT,
    "email": TEXT,
    "is_staff": FLAG,
    "is_active": FLAG,
}
_MINIMAL_TASK = {
    **HEAD,
    "name": TEXT,
    "state": STATE,
    "unblocked_at": maybe(MOMENT),
    "started_at": maybe(MOMENT),
    "finished_at": maybe(MOMENT),
    "worker": maybe(TEXT),
}
_SCHEDULE = {
    "name": TEXT,
    "task_name": TEXT,
    "interval": maybe(ANYTHING),  # written as seconds or as "[DD] HH:MM:SS", read as seconds
    "cron": TEXT,
    "time_zone": TEXT,
    "enabled": FLAG,
    "exclusive_resources": TEXTS,
    "shared_resources": TEXTS,
}
_GRANT = {"role": TEXT, "content_object": maybe(TEXT), "content_object_prn": maybe(TEXT)}
_VERSIONS: Schema = {"type": "object", "additionalProperties": TEXT}
_PROCESS = thing(name=TEXT, last_heartbeat=MOMENT, versions=_VERSIONS)
_LAST_SYNC = thing(pk=TEXT, state=STATE, pulp_created=MOMENT, finished_at=maybe(MOMENT), error=maybe(OBJECT))

SCHEMAS: dict[str, Schema] = {
    "AsyncOperationResponse": thing("task", task=TEXT),
    # -- tasks
    "MinimalTask": thing(**_MINIMAL_TASK),
    "Task": thing(
        **_MINIMAL_TASK,
        logging_cid=TEXT,
        created_by=maybe(TEXT),
        error=maybe(OBJECT),
        parent_task=maybe(TEXT),
        child_tasks=TEXTS,
        task_group=maybe(TEXT),
        progress_reports=many(ref("ProgressReport")),
        created_resources=TEXTS,
        reserved_resources_record=maybe(TEXTS),
        result=ANYTHING,
        title=TEXT,
        requested_by=maybe(TEXT),
        attempt=NUMBER,
    ),
    "ProgressReport": thing(
        message=TEXT, code=TEXT, state=STATE, total=maybe(NUMBER), done=NUMBER, suffix=maybe(TEXT)
    ),
    "TaskCancel": thing("state", state={"type": "string", "enum": ["canceled"]}),
    "Purge": thing(finished_before=MOMENT, states=many(ENDED)),
    "Blockers": thing(
        "cause",
        "resources",
        cause=maybe(TEXT),
        resources=many(
            thing(resource=TEXT, exclusive=FLAG, ahead=NUMBER, holders=many(ref("MinimalTask")))
        ),
        not_before=maybe(MOMENT),
        pause=maybe(OBJECT),
        gate=maybe(OBJECT),
        ahead=NUMBER,
        workers=NUMBER,
    ),
    "Log": thing(
        "results",
        results=many(thing(number=NUMBER, time=MOMENT, level=TEXT, message=TEXT)),
        next_after=NUMBER,
        more=FLAG,
    ),
    "Pause": thing(scope=TEXT, target=TEXT, reason=TEXT, since=MOMENT, by=maybe(TEXT)),
    "PauseInput": thing("scope", scope=TEXT, target=TEXT, reason=TEXT),
    "TaskGroup": thing(
        pulp_href=TEXT,
        prn=TEXT,
        description=maybe(TEXT),
        all_tasks_dispatched=FLAG,
        **{str(each): NUMBER for each in State},
        group_progress_reports=many(OBJECT),
        tasks=many(ref("MinimalTask")),
    ),
    "TaskSchedule": thing(
        **HEAD,
        name=TEXT,
        task_name=TEXT,
        dispatch_interval=maybe(TEXT),
        next_dispatch=maybe(MOMENT),
        last_task=maybe(TEXT),
    ),
    "Schedule": thing(
        **_SCHEDULE, **HEAD, dispatch_interval=maybe(TEXT), next_dispatch=maybe(MOMENT), last_task=maybe(TEXT)
    ),
    "ScheduleInput": thing(
        "name", "task_name", **_SCHEDULE, dispatch_interval=maybe(TEXT), args=many(ANYTHING), kwargs=OBJECT
    ),
    "Worker": thing(
        **HEAD, name=TEXT, last_heartbeat=MOMENT, versions=_VERSIONS, current_task=maybe(TEXT)
    ),
    "MyPermissions": thing(permissions=TEXTS),
    "OrphansCleanup": thing(
        content_hrefs=maybe(TEXTS), orphan_protection_time=maybe({"type": "integer", "minimum": 0})
    ),
    "ReclaimSpace": thing("repo_hrefs", repo_hrefs=TEXTS, repo_versions_keeplist=TEXTS),
    "Status": thing(
        versions=many(
            thing(component=TEXT, version=TEXT, package=TEXT, module=TEXT, domain_compatible=FLAG)
        ),
        online_workers=many(_PROCESS),
        online_api_apps=many(_PROCESS),
        online_content_apps=many(_PROCESS),
        database_connection=thing(connected=FLAG),
        redis_connection=maybe(thing(connected=FLAG)),
        storage=maybe(thing(total=NUMBER, used=NUMBER, free=NUMBER)),
        content_settings=OBJECT,
        domain_enabled=FLAG,
    ),
    # -- people
    "User": thing(
        **_USER,
        pulp_href=TEXT,
        prn=TEXT,
        id=NUMBER,
        date_joined=MOMENT,
        groups=many(thing(name=TEXT, pulp_href=TEXT, prn=TEXT)),
        hidden_fields=HIDDEN,
    ),
    "UserInput": thing("username", **_USER, password=maybe(TEXT)),
    "Group": thing(name=TEXT, pulp_href=TEXT, prn=TEXT, id=NUMBER),
    "GroupInput": thing("name", name=TEXT),
    "GroupUser": thing(username=TEXT, pulp_href=TEXT, prn=TEXT),
    "GroupUserInput": thing("username", username=TEXT),
    "Role": thing(**HEAD, name=TEXT, description=maybe(TEXT), permissions=TEXTS, locked=FLAG),
    "RoleInput": thing("name", "permissions", name=TEXT, description=maybe(TEXT), permissions=TEXTS),
    "Grant": thing(**HEAD, **_GRANT, description=maybe(TEXT), permissions=TEXTS, domain=maybe(TEXT)),
    "GrantInput": thing("role", **_GRANT),
    "NestedRole": thing("role", role=TEXT, users=TEXTS, groups=TEXTS),
    "ObjectRoles": thing(roles=many(thing(role=TEXT, users=TEXTS, groups=TEXTS))),
    "Namespace": thing(
        pulp_href=TEXT, id=NUMBER, name=TEXT, company=maybe(TEXT), email=maybe(TEXT), avatar_url=maybe(TEXT),
        description=maybe(TEXT), groups=many(OBJECT), users=many(OBJECT), related_fields=OBJECT,
    ),
    # -- repositories and what they take and serve
    "Repository": thing(
        **HEAD,
        **_REPOSITORY,
        versions_href=TEXT,
        latest_version_href=maybe(TEXT),
        last_synced_metadata_time=maybe(MOMENT),
        last_sync_task=maybe(_LAST_SYNC),
    ),
    "RepositoryInput": thing("name", **_REPOSITORY),
    "RepositoryVersion": thing(
        **HEAD, number=NUMBER, repository=TEXT, base_version=maybe(TEXT), content_summary=OBJECT,
        vuln_report=maybe(TEXT),
    ),
    "RepositorySync": thing(remote=maybe(TEXT), mirror=FLAG, optimize=FLAG),
    "RepositoryModify": thing(
        add_content_units=TEXTS, remove_content_units=TEXTS, base_version=maybe(TEXT), overwrite=FLAG
    ),
    "RepositoryMark": thing("content_units", "value", content_units=TEXTS, value=TEXT),
    "RepositorySign": thing("content_units", "signing_service", content_units=TEXTS, signing_service=TEXT),
    "CollectionVersionCopyMove": thing(
        "collection_versions",
        "destination_repositories",
        collection_versions=TEXTS,
        destination_repositories=TEXTS,
        signing_service=maybe(TEXT),
    ),
    "RebuildMetadata": thing(namespace=maybe(TEXT), name=maybe(TEXT), version=maybe(TEXT)),
    "Repair": thing(verify_checksums=FLAG),
    "SetLabel": thing("key", "value", key=TEXT, value=maybe(TEXT)),
    "UnsetLabel": thing("key", key=TEXT, value=maybe(TEXT)),
    "CollectionRemote": thing(
        **HEAD, **_REMOTE, **_COLLECTION_REMOTE, hidden_fields=HIDDEN, last_sync_task=maybe(_LAST_SYNC)
    ),
    "CollectionRemoteInput": thing(
        "name", "url", **_REMOTE, **_COLLECTION_REMOTE, **_SECRETS, token=maybe(TEXT)
    ),
    "RoleRemote": thing(**HEAD, **_REMOTE, hidden_fields=HIDDEN),
    "RoleRemoteInput": thing("name", "url", **_REMOTE, **_SECRETS),
    "GitRemote": thing(**HEAD, **_REMOTE, **_GIT_REMOTE, hidden_fields=HIDDEN),
    "GitRemoteInput": thing("name", "url", **_REMOTE, **_SECRETS, **_GIT_REMOTE),
    "Distribution": thing(
        **HEAD, **_DISTRIBUTION, client_url=TEXT, no_content_change_since=maybe(MOMENT)
    ),
    "DistributionInput": thing("name", "base_path", **_DISTRIBUTION),
    "Collection": thing(name=TEXT, namespace=TEXT),
    "CollectionVersion": thing(
        **HEAD,
        artifact=maybe(TEXT),
        **{each: maybe(TEXT) for each in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")},
        id=TEXT,
        **dict.fromkeys(("namespace", "name", "version"), TEXT),
        **{each: maybe(TEXT) for each in ("description", "documentation", "homepage", "issues", "origin_repository")},
        authors=TEXTS,
        contents=many(OBJECT),
        dependencies=OBJECT,
        license=TEXTS,
        requires_ansible=maybe(TEXT),
        tags=many(thing(name=TEXT)),
    ),
    "CollectionUpload": thing(
        file=FILE,
        upload=TEXT,
        artifact=TEXT,
        sha256=TEXT,
        repository=TEXT,
        **{f"expected_{each}": TEXT for each in ("namespace", "name", "version")},
    ),
    "ArtifactUpload": thing("file", file=FILE, sha256=TEXT),
    "UploadInput": thing("size", size={"type": "integer", "minimum": 1}),
    "UploadChunk": thing("file", file=FILE, sha256=TEXT),
    "UploadCommit": thing("sha256", sha256=TEXT),
    "Upload": thing(**HEAD, size=NUMBER, chunks=many(thing(offset=NUMBER, size=NUMBER))),
    "Artifact": thing(
        **HEAD,
        file=TEXT,
        size=NUMBER,
        **{each: maybe(TEXT) for each in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")},
    ),
    "SigningService": thing(**HEAD, name=TEXT, public_key=TEXT, pubkey_fingerprint=TEXT, script=TEXT),
}  # fmt: skip
