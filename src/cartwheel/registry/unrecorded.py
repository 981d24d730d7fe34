"""Files in the store of which nothing is written down: whoever stored them was killed before the commit."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from cartwheel.registry.artifacts import remove_unrecorded
from cartwheel.registry.models import Artifact
from cartwheel.registry.store import store

# Who is killed leaves as many files as were on their way. Many more are of another hub that has the same store by
# mistake, or newer than a database that was brought back from a backup.
LIMIT = 200
AT_ONCE = 1000  # files that are looked for in the database
DIGEST = re.compile("[0-9a-f]{64}")

log = logging.getLogger(__name__)


def delete_unrecorded(before: datetime) -> None:
    """Delete them, if they were stored before that time and are not too many. Lists the whole store."""
    found = []
    for sha256 in _unrecorded(before):
        found.append(sha256)
        if len(found) > LIMIT:
            log.error(
                "more than %d files in the artifact store are in no database: all stay. Does another hub use the store?",
                LIMIT,
            )
            return
    for sha256 in found:
        remove_unrecorded(sha256)  # once more: it may have been written down meanwhile
        log.info("deleted a file of which nothing was written down sha256=%s", sha256)


def _unrecorded(before: datetime) -> Iterator[str]:
    keys = store().older("", before.timestamp())
    digests = (digest for key in keys if DIGEST.fullmatch(digest := key.replace("/", "", 1)))
    while some := set(islice(digests, AT_ONCE)):
        yield from some.difference(Artifact.objects.filter(sha256__in=some).values_list("sha256", flat=True))
