"""Wrong passwords: who gave many for one name must wait before the next, and longer each time.

Counted for a name and the address that it was tried from, so that nobody can lock out anybody else. All
hosts of a hub count together. A right password ends it; so does an hour without a wrong one.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from cartwheel.kit.errors import TooSoon
from cartwheel.registry.models import WrongPassword

FREE = 10  # wrong passwords after which the next costs no wait
LONGEST_SECONDS = 60
REMEMBERED = timedelta(hours=1)


class TooManyGuesses(TooSoon):
    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many wrong passwords. Try again in {seconds} s.", retry_after=seconds)


def guess_key(username: str, address: str) -> str:
    """What is counted under: a digest, as people type their password into the field of the name."""
    told = f"{username}\0{_neighbourhood(address)}".encode(errors="surrogatepass")
    return hashlib.sha256(told).hexdigest()


def require_patience(key: str) -> None:
    """Raises TooManyGuesses if it is too early for another password."""
    now = timezone.now()
    wrong = WrongPassword.objects.filter(key=key, last_at__gt=now - REMEMBERED).first()
    if wrong and (seconds := _seconds_left(wrong, now)) > 0:
        raise TooManyGuesses(seconds)


def note_wrong(key: str) -> None:
    """Count a wrong password, and forget those of long ago."""
    now = timezone.now()
    WrongPassword.objects.filter(last_at__lte=now - REMEMBERED).delete()
    if _count(key, now):
        return
    try:
        with transaction.atomic():
            WrongPassword.objects.create(key=key, last_at=now)
    except IntegrityError:  # by another request, meanwhile
        _count(key, now)


def note_right(key: str) -> None:
    WrongPassword.objects.filter(key=key).delete()


def _count(key: str, now: datetime) -> bool:
    return bool(WrongPassword.objects.filter(key=key).update(times=F("times") + 1, last_at=now))


def _seconds_left(wrong: WrongPassword, now: datetime) -> int:
    """Of the wait after the last wrong password: 1 s, 2 s, 4 s, and so on."""
    if wrong.times < FREE:
        return 0
    wait = min(LONGEST_SECONDS, 2 ** min(wrong.times - FREE, 10))
    left = wrong.last_at + timedelta(seconds=wait) - now
    return -(-left // timedelta(seconds=1))


def _neighbourhood(address: str) -> str:
    """The address; of IPv6 the /64 that one customer has all the addresses of."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{known}/64", strict=False)) if isinstance(known, IPv6Address) else str(known)
