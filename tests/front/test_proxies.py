"""What a reverse proxy says of its clients is believed of those that are named, and of nobody else."""

from __future__ import annotations

from pathlib import Path

import requests
from hub import Hub, running_hub
from patience import PATIENCE_SECONDS

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
COUNTED = """  # for which addresses wrong passwords of mallory are counted
from cartwheel.registry.guessing import guess_key
from cartwheel.registry.models import WrongPassword
for address in ("192.0.2.1", "127.0.0.1"):
    print(WrongPassword.objects.filter(key=guess_key("mallory", address)).exists())
"""


def ask(hub: Hub, **headers: str) -> requests.Response:
    """The page to sign in on: with a cookie, and with nothing else that is secret."""
    return requests.get(f"{hub.url}login/", headers=headers, timeout=PATIENCE_SECONDS)


def are_cookies_for_https_only(answer: requests.Response) -> bool:
    (is_secure,) = {cookie.secure for cookie in answer.cookies}
    return is_secure


def test_cookies_that_are_set_over_https_are_for_https_only(hub: Hub) -> None:
    assert are_cookies_for_https_only(ask(hub, **FORWARDED))
    assert not are_cookies_for_https_only(ask(hub))


def test_who_is_not_named_cannot_say_who_asks_or_how(tmp_path: Path) -> None:
    with running_hub(tmp_path / "data", trusted_proxies="192.0.2.0/24") as hub:
        root = hub.request("GET", "pulp/api/v3/", headers=FORWARDED).json()
        cookies = ask(hub, **FORWARDED)

    assert root["tasks"].startswith("http://")
    assert not are_cookies_for_https_only(cookies)


def test_who_asks_by_way_of_a_proxy_is_known(hub: Hub) -> None:
    root = hub.request("GET", "pulp/api/v3/", headers=FORWARDED).json()

    assert root["tasks"].startswith("https://")
    hub.request("GET", "_ui/v1/me/", auth=("mallory", "wrong"), headers=FORWARDED)
    assert hub.console(COUNTED).split() == ["True", "False"]
