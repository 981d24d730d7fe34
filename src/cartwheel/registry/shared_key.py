"""Do all hosts of a hub have the same secret key?

Where they have not, sessions and download links of one are nothing to the other, and it cannot open the
secrets of remotes. The database holds a fingerprint of the key, from which nobody gets the key.
"""

from __future__ import annotations

import hashlib
import logging

from django.conf import settings

from cartwheel.registry.models import Fact

NAME = "secret_key"

log = logging.getLogger(__name__)


def compare_secret_key() -> bool:
    """Note this host's key, and say so in the log if the host that started before had another.

    No refusal: a key may be changed. Whoever starts next is compared with this one, so a change is told
    once, and hosts that disagree are told of it each time.
    """
    mine = fingerprint(settings.SECRET_KEY)
    fact, _ = Fact.objects.get_or_create(name=NAME, defaults={"value": mine})
    if fact.value == mine:
        return True
    Fact.objects.filter(name=NAME).update(value=mine)
    log.warning(
        "This host's secret key is not that of the host that started before it. Set the same "
        "CARTWHEEL_SECRET_KEY on all hosts; until then people are signed out and remotes cannot be synced. "
        "If you have changed it everywhere, enter the secrets of remotes again."
    )
    return False


def fingerprint(secret_key: str) -> str:
    """Always the same for a key."""
    return hashlib.blake2b(secret_key.encode(), digest_size=16, person=b"cartwheel.mark").hexdigest()
