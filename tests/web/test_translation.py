"""Every word on the pages can be translated: nothing visible is written where `makemessages` does not look."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import make
import pytest
from django.core.cache import cache
from django.template.base import Lexer, TokenType
from django.test import Client
from django.utils import timezone, translation

from cartwheel.engine.models import (
    LogLine,
    Pause,
    ProgressReport,
    Reservation,
    Schedule,
    Task,
    TaskGroup,
    Worker,
)
from cartwheel.engine.pausing import pause
from cartwheel.registry.models import (
    CollectionImport,
    CollectionRemote,
    Distribution,
    Repository,
    Role,
    RoleGrant,
    User,
)
from cartwheel.registry.sync.task import sync as sync_task

WEB = Path(__file__).parents[2] / "src" / "cartwheel" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
SAID = ("aria-label", "title", "placeholder", "alt", "label")  # attributes that people are told
CODE = {"code", "pre", "kbd", "style", "script"}
WORD = re.compile(r"[A-Za-z]{2,}")
ID = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,64}|https://[\w.]*/[\w/]*|[\w.-]+\.tar\.gz"
)
NAMES = {"Cartwheel", "UTC", "MB", "Enter", "module", "staging"}  # called so everywhere


class Words(HTMLParser):
    """Collects what a page says, in text and attributes, but no code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in CODE:
            self.inside.append(tag)
        self.found += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.found.append(data)


def unmarked(html: str) -> list[str]:
    said = [" ".join(text.split()) for text in Words(html).found]
    return [text for text in said if set(WORD.findall(text)) - NAMES]


def without_tags(template: str) -> str:
    """A template's own words: what stands outside its tags, and is not marked as translatable."""
    kept, is_marked = [], False
    for token in Lexer(template).tokenize():
        if token.token_type == TokenType.BLOCK:
            if token.contents.startswith(("blocktranslate", "comment")):
                is_marked = True
            elif token.contents in ("endblocktranslate", "endcomment"):
                is_marked = False
        elif token.token_type == TokenType.TEXT and not is_marked:
            kept.append(token.contents)
    return "".join(kept)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_what_cannot_be_translated(path: Path) -> None:
    assert unmarked(without_tags(path.read_text())) == []


@pytest.fixture
def translated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language in which every word that is translated stands in brackets."""
    active: Any = translation._trans  # type: ignore[attr-defined]
    monkeypatch.setattr(active, "gettext", lambda message: f"⟦{message}⟧", raising=False)
    monkeypatch.setattr(
        active,
        "ngettext",
        lambda one, many, number: f"⟦{one if number == 1 else many}⟧",
        raising=False,
    )
    cache.clear()


def left_in_english(html: str) -> list[str]:
    """What a page says outside the brackets, which may stand in each other. Ids, addresses and files are in no language."""
    html = ID.sub("", html.replace("<wbr>", ""))
    while html != (html := re.sub(r"⟦[^⟦⟧]*⟧", "", html)):
        pass
    return unmarked(html)


@pytest.fixture
def everything(admin: User) -> dict[str, object]:
    """Tasks in all states and all that pages tell of them, in names without letters."""
    User.objects.filter(pk=admin.pk).update(username="1")
    now = timezone.now()
    group = TaskGroup.objects.create(description="2")
    ended: dict[str, Any] = {"started_at": now, "finished_at": now, "created_at": now - timedelta(hours=2)}
    worker = Worker.objects.create(name="3@4", pid=3, machine="4", last_heartbeat=now)
    more: dict[str, dict[str, Any]] = {
        "running": {"started_at": now, "worker": worker},
        "waiting": {},
        "canceling": {"started_at": now, "canceling_at": now},
        "completed": ended,
        "canceled": {**ended, "stopped_by": admin},
        "skipped": ended,
        "failed": {
            **ended,
            "attempt": 2,
            "logging_cid": "8",
            "error": {"description": "9", "traceback": "10"},
        },
    }
    tasks = {
        state: Task.objects.create(name="5.6", title="7", state=state, task_group=group, created_by=admin, **each)
        for state, each in more.items()
    }  # fmt: skip
    holder, blocked = (make.task("11", exclusive=["12"], by=admin) for _ in range(2))
    Task.objects.create(name="13", state="waiting", parent_task=holder, again_of=tasks["failed"])
    for total in (3, None):
        ProgressReport.objects.create(
            task=tasks["running"], message="14", state="running", total=total, done=1
        )
    LogLine.objects.create(task=tasks["running"], time=now, level="15", message="16")
    Schedule.objects.create(name="17", task_name="18", interval=timedelta(minutes=90))
    Schedule.objects.create(
        name="19", task_name="18", interval=timedelta(days=1), next_dispatch=now, last_task=holder
    )
    pause(Pause.Scope.HUB, reason="20", by=admin)
    assert Reservation.objects.filter(task=blocked).exists()
    return {**{state: task.pk for state, task in tasks.items()}, "blocked": blocked.pk}


PATHS = [
    "/", "/?q=zzz&person=x&span=24h&sort=longest", "/overview/", "/workers/", "/schedules/", "/schedules/new/",
    "/started/", "/nothing/", "/tasks/cancellations/?all=1", "/tasks/repeats/?all=1",
    "/tasks/{running}/", "/tasks/{waiting}/", "/tasks/{canceling}/", "/tasks/{failed}/", "/tasks/{canceled}/", "/tasks/{blocked}/",
    "/tasks/{running}/cancellation/", "/tasks/{failed}/cancellation/", "/tasks/{failed}/repeat/",
]  # fmt: skip


def test_no_page_says_what_cannot_be_translated(
    client: Client, admin: User, everything: dict[str, object], translated: None
) -> None:
    client.force_login(admin)
    found = {}

    for path in PATHS:
        page = client.get(path.format(**everything)).content.decode()
        assert "⟦" in page
        found[path] = left_in_english(page)

    assert {path: words for path, words in found.items() if words} == {}


@pytest.fixture
def contents(admin: User) -> dict[str, object]:
    """One thing of each kind that pages about content tell of, in names without letters."""
    User.objects.filter(pk=admin.pk).update(username="1")
    Role.objects.all().delete()
    remote = CollectionRemote.objects.create(
        name="21", url="https://2.1/", requirements_file="22", token="23"
    )
    shelf = make.served("24", remote=remote, description="25", labels={"2": "6"})
    make.served("27", labels={"pipeline": "staging"})
    held = [{"content_type": "module", "name": "p", "description": "28"}]
    for number, more in (
        ("1.0.0", {}),
        ("2.0.0", {"contents": held, "tags": ["29"], "homepage": "https://3.0/"}),
    ):
        make.placed(shelf, "a1.b2", number, dependencies={"a1.c3": "*"}, **more)
    space = make.namespace("a1", description="31")
    crew = make.group("32", admin)
    role = Role.objects.create(name="33", permissions=["x.y"])
    for thing in (None, space):
        on = {"object_type": "namespace", "object_id": str(space.pk)} if thing else {}
        RoleGrant.objects.create(role=role, group=crew, **on)
    now = timezone.now()
    task = Task.objects.create(
        name="34", state="failed", error={"description": "35"}, created_by=admin, created_at=now
    )
    CollectionImport.objects.create(task=task, namespace="a1", name="b2", version="2.0.0")
    sync = Task.objects.create(
        name=sync_task.name, title="36", state="running", created_at=now, started_at=now
    )
    Reservation.objects.create(task=sync, resource=shelf.prn, exclusive=True)
    Repository.objects.filter(pk=shelf.pk).update(last_sync_task=sync)
    ids = {"import": task.pk, "remote": remote.pk, "user": admin.pk, "group": crew.pk, "role": role.pk}
    return {**ids, "path": Distribution.objects.get(name="24").pk}


ABOUT = "/collections/24/a1/b2/"
CONTENT_PATHS = [
    "/collections/", "/collections/?q=zzz", ABOUT, f"{ABOUT}?version=1.0.0", f"{ABOUT}docs/", f"{ABOUT}docs/module/p/", f"{ABOUT}contents/",
    f"{ABOUT}dependencies/", f"{ABOUT}versions/", f"{ABOUT}files/", f"{ABOUT}import/", f"{ABOUT}deprecation/", f"{ABOUT}deletion/",
    f"{ABOUT}deletion/?version=1.0.0", "/upload/", "/imports/", "/imports/?q=zzz", "/imports/{import}/", "/approval/", "/approval/?state=approved",
    "/namespaces/", "/namespaces/?q=zzz", "/namespaces/a1/", "/new/namespace/", "/namespaces/a1/edit/", "/namespaces/a1/access/",
    "/namespaces/a1/deletion/", "/repositories/", "/repositories/?q=zzz", "/new/repository/", "/repositories/24/", "/repositories/24/content/",
    "/repositories/24/content/new/", "/repositories/24/versions/", "/repositories/24/distributions/", "/repositories/24/syncs/",
    "/repositories/24/sync/", "/repositories/24/edit/", "/repositories/24/access/", "/repositories/24/deletion/", "/distributions/",
    "/new/distribution/", "/distributions/{path}/edit/", "/distributions/{path}/deletion/", "/remotes/", "/remotes/?q=zzz", "/new/remote/",
    "/remotes/{remote}/", "/remotes/{remote}/edit/", "/remotes/{remote}/access/", "/remotes/{remote}/deletion/", "/account/",
    "/account/password/", "/account/token/", "/users/", "/users/?q=zzz", "/users/{user}/", "/new/user/", "/users/{user}/edit/", "/groups/",
    "/groups/{group}/", "/new/group/", "/groups/{group}/edit/", "/groups/{group}/deletion/", "/roles/", "/roles/{role}/", "/roles/{role}/deletion/",
]  # fmt: skip


def test_no_page_about_content_says_what_cannot_be_translated(
    client: Client, admin: User, contents: dict[str, object], translated: None
) -> None:
    client.force_login(admin)
    found = {}

    for path in CONTENT_PATHS:
        answer = client.get(path.format(**contents))
        assert answer.status_code == 200, path
        found[path] = left_in_english(answer.content.decode())

    assert {path: words for path, words in found.items() if words} == {}


def test_signing_in_can_be_translated(client: Client, db: None, translated: None) -> None:
    page = client.post("/login/", {"username": "1", "password": "2"}).content.decode()

    assert left_in_english(page) == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="the gettext tools are not installed")
def test_makemessages_finds_the_words(tmp_path: Path) -> None:
    web = tmp_path / "web"
    shutil.copytree(WEB, web)
    (web / "locale").mkdir()
    django_admin = Path(sys.executable).with_name("django-admin")
    environ = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}

    done = subprocess.run(
        [str(django_admin), "makemessages", "-l", "eo"],
        cwd=web, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    catalogue = (web / "locale" / "eo" / "LC_MESSAGES" / "django.po").read_text()
    for words in ("Why it waits", "Sign in", "%(s)s s ago", "Waited for a worker"):
        assert f'msgid "{words}"' in catalogue
