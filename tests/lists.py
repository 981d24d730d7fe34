"""Every list of the API, as clients ask for it: for measuring, and for looking at what it reads."""

from __future__ import annotations

from endpoints import API, endpoints
from many_rows import older

from cartwheel.registry.models import Repository

# The path that serves an older version of a repository for good, and lists below it.
THEN = (
    "v3/plugin/ansible/content/then/collections/index/?limit=10",
    "v3/plugin/ansible/content/then/collections/index/?limit=10&deprecated=false",
    "v3/plugin/ansible/content/then/collections/index/?limit=10&offset=50000",
    "_ui/v1/repo/then/?limit=10",
    "_ui/v1/repo/then/?limit=10&keywords=cloud",
    "_ui/v1/repo/then/?limit=10&keywords=c9999",
    "_ui/v1/repo/then/?limit=10&namespace=ns3",
)
INDEX = "v3/plugin/ansible/content/published/collections/index/"
SEARCH = "v3/plugin/ansible/search/collection-versions/"
VERSIONS = "pulp/api/v3/content/ansible/collection_versions/"
IMPORTS = "_ui/v1/imports/collections/"
ASKED = {  # what clients ask of the long lists, besides a page near the start and one near the end
    "pulp/api/v3/tasks/": (
        "state=completed",
        "state=failed",
        "state=canceled",
        "state__in=waiting,running",
        "state__in=completed,failed",
        "state__ne=completed",
        "name=app.tasks.t3",
        "name__contains=t3",
        "name__contains=nothing",
        "ordering=pulp_created",
        "ordering=-pulp_created",
        "ordering=name",
        "ordering=-name",
        "ordering=state",
        "ordering=started_at",
        "ordering=-started_at",
        "ordering=finished_at",
        "ordering=-finished_at",
        "ordering=logging_cid",
        "ordering=error",
        "ordering=-result",
        "ordering=unblocked_at",
        "ordering=-unblocked_at",
        "ordering=-unblocked_at&offset=90000",
        "ordering=-unblocked_at&offset=50000",
        "ordering=state,-pulp_created",
        "ordering=name,-started_at",
        "state=completed&offset=50000",
        "ordering=name&offset=50000",
        "ordering=-finished_at&offset=50000",
        "state=completed&ordering=unblocked_at",
        "ordering=pulp_last_updated",
        "ordering=-pulp_last_updated",
        "state=completed&ordering=-started_at",
        "state=completed&ordering=finished_at",
        "state=failed&ordering=-finished_at",
        "name=app.tasks.t3&ordering=-finished_at",
        "name=app.tasks.t3&state=failed",
        "name__in=app.tasks.t3,app.tasks.t4",
        "reserved_resources=prn:r3",
        "exclusive_resources=prn:r3",
        "created_resources=PUBLISHED",
        "logging_cid=0000000000000000000000000000004d",
        "started_at__gte=2020-01-01",
        "pulp_created__lt=2020-01-01",
        "unblocked_at__lt=2020-01-01",
        "unblocked_at__isnull=true",
        "fields=pulp_href,state",
    ),
    INDEX: ("namespace=ns3", "name=c77", "namespace=ns77&name=c77", "deprecated=false", "deprecated=true"),
    SEARCH: (
        "is_highest=true",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&order_by=name",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&order_by=name&offset=90000",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&order_by=-name",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&order_by=-name&offset=90000",
        "order_by=-name",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&order_by=-pulp_created",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&keywords=cloud&order_by=name",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&tags=tools&order_by=name",
        "is_deprecated=false&repository_label=!hide_from_search&is_highest=true&repository_name=validated&order_by=name",
        "is_highest=true&namespace=ns3&repository_label=!hide_from_search&order_by=name",
        "repository_name=published&namespace=ns77&name=c77&is_highest=true",
        "repository_name=published&namespace=ns77&name=c77&order_by=-version",
        "namespace=ns77&name=c77&version=1.0.0",
        "order_by=-pulp_created&repository_label=pipeline=staging",
        "is_highest=false",
        "is_deprecated=true",
        "is_deprecated=false",
        "repository_name=published",
        "distribution_base_path=published",
        "namespace=ns3",
        "name=c77",
        "version=1.0.0",
        "keywords=c9999",
        "keywords=cloud",
        "keywords=cloud people",
        "keywords=nothing",
        "tags=tools",
        "tags=tools,cloud",
        "tags=nothing",
        "dependency=ns0.c3",
        "version_range=>=1.0&namespace=ns3",
        "version_range=>=1.0",
        "order_by=name",
        "order_by=-name",
        "order_by=namespace",
        "order_by=-namespace",
        "order_by=version",
        "order_by=-version",
        "order_by=pulp_created",
        "order_by=-pulp_created",
        "repository_version=5",
        "repository_version=OLDER",
        "repository_version=OLDER&is_highest=true&order_by=name",
        "repository_version=OLDER&keywords=cloud",
        "repository_version=OLDER&namespace=ns3",
        "offset=50000&keywords=cloud",
    ),
    "pulp/api/v3/ansible/collections/": (
        "namespace=ns3",
        "name=c77",
        "namespace=ns77&name=c77",
        "ordering=name",
        "ordering=-name",
        "ordering=namespace",
        "ordering=namespace&offset=50000",
        "ordering=-pulp_created",
        "ordering=-pulp_last_updated",
    ),
    VERSIONS: (
        "namespace=ns77&name=c77&version=1.0.0",
        "namespace=ns3",
        "name=c77",
        "version=1.0.0",
        "q=cloud",
        "q=c9999",
        "tags=tools",
        "ordering=name",
        "ordering=-name",
        "ordering=-pulp_created",
        "ordering=pulp_created",
        "ordering=-pulp_last_updated",
        "ordering=version",
        "version=1.0.0&ordering=pulp_last_updated",
        "repository_version=PUBLISHED",
        "repository_version=VERSIONS/OLDER/",
        "repository_version=VERSIONS/5/",
        "repository_version_added=PUBLISHED",
        "orphaned_for=0",
    ),
    "_ui/v1/collection-versions/": (
        "repository=published",
        "dependency=ns3.c77",
        "version_range=>=1.0",
        "version_range=>1.0.0",
        "name__icontains=c9999",
        "sort=-collection",
        "namespace=ns3",
        "name=c77",
        "namespace=ns77&name=c77",
        "keywords=cloud",
        "keywords=c9999",
        "tags=tools",
        "sort=collection",
        "sort=-version",
        "sort=-pulp_created",
        "sort=version",
        "offset=50000",
    ),
    "_ui/v1/search/": (
        "keywords=c9999",
        "keywords=cloud",
        "keywords=cloud people&search_type=websearch",
        "keywords=nothing",
        "tags=tools",
        "name=C77&namespace=ns77",
        "deprecated=false",
        "deprecated=true",
        "order_by=name",
        "order_by=-name",
        "order_by=namespace_name",
        "order_by=-last_updated",
        "order_by=-download_count&deprecated=false",
    ),
    "_ui/v1/repo/published/": (
        "deprecated=false",
        "deprecated=true",
        "namespace=ns3",
        "keywords=cloud",
        "keywords=c9999",
        "tags=tools",
    ),
    IMPORTS: (
        "namespace=ns4&sort=-created",
        "sort=-created",
        "sort=created",
        "keywords=c77",
        "state=failed",
        "name=c77",
        "namespace=ns4&state=completed&sort=-created",
    ),
    "pulp/api/v3/content/": ("repository_version=VERSIONS/OLDER/",),
    "pulp/api/v3/artifacts/": ("sha256=" + "0" * 62 + "4d",),
}
# What reads more than an index of its order. Nobody asks for most of it; the words of a search are looked for
# in all texts, until ten are found.
READS_MORE = (
    "keywords=",
    "tags=",
    "q=",
    "dependency=",
    "name__contains=",
    "repository_version",
    "/then/",
    "orphaned_for=",
    "_resources=",
    "_ui/v1/tags/",
    "pulp_ansible/tags/",
)


def addresses() -> list[str]:
    """Every list, from the URL resolver; the long ones also as clients ask for them."""
    published = Repository.objects.get(name="published")
    known = {
        "<str:distro>": "published",
        "<str:distribution>": "published",
        "<str:namespace>": "ns77",
        "<str:name>": "c77",
        "<str:number>": "1",
    }
    found = []
    for method, path in endpoints():
        if method != "get" or not path.startswith(API) or "<str:path>" in path:
            continue
        if "repositories/ansible/ansible/<str:identifier>/" in path:
            path = path.replace("<str:identifier>", str(published.pk))
        for name, value in known.items():
            path = path.replace(name, value)
        if "<" not in path and path.endswith("/"):
            found.append(path.removeprefix(API))
    asked = list(THEN)
    for each in dict.fromkeys(found):
        asked += [f"{each}?limit=10", f"{each}?limit=10&offset=90000"]
        asked += [f"{each}?limit=10&{query}" for query in ASKED.get(each, ())]
    versions = f"{API}pulp/api/v3/{published.path}versions"
    words = {
        "PUBLISHED": f"{versions}/{published.latest_number}/",
        "VERSIONS": versions,
        "OLDER": str(older(published)),
    }
    for word, value in words.items():
        asked = [each.replace(word, value) for each in asked]
    return [each for each in asked if not each.startswith("_ui/v1/auth")]
