"""Linting: galaxy-importer and ansible-lint read a copy of what was imported, and nothing of it is run."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Any
from uuid import uuid4

import make
import pytest
from hub import Hub, running_hub
from importer import python_with_importer
from patience import eventually
from pytest_django import Settings
from real_collections import Unavailable
from small_collections import MODULE, collection

from cartwheel.engine.context import running
from cartwheel.engine.models import Task
from cartwheel.kit.collection_files import read_collection
from cartwheel.registry.linting import task as linting
from cartwheel.registry.linting.copies import write_copy
from cartwheel.registry.linting.guard import Refused, watching
from cartwheel.registry.linting.task import LINT, lint_collection, start_linting


def hostile(mark: Path) -> dict[str, str]:
    """Files that make linters run something: each would leave a file at `mark`, with a number behind it."""

    def touch(number: int) -> str:
        return f"open('{mark}{number}', 'w')\n"

    def lookup(number: int) -> str:
        return f"lookup('pipe', 'touch {mark}{number}')"

    return {
        "CHANGELOG.md": "# Changes\n",
        "playbooks/site.yml": "- name: Play\n  hosts: all\n  tasks:\n    - shell: echo {{x}}\n"
        f'- import_playbook: "{{{{ {lookup(1)} }}}}.yml"\n',
        "roles/hello/tasks/main.yml": f'- name: Aside\n  include_tasks: "{{{{ {lookup(2)} }}}}.yml"\n'
        f"- name: Alias\n  include_tasks: \"{{% set f = lookup %}}{{{{ f('pipe', 'touch {mark}3') }}}}.yml\"\n"
        "- name: Odd\n  acme.tools.ping2:\n    data: '{{ 1 | acme.tools.shout }}'\n    nonsense: 1\n",
        "plugins/modules/ping2.py": touch(4) + MODULE + "def main(): pass\n",
        "plugins/filter/shout.py": touch(5)
        + "class FilterModule:\n    def filters(self): return {'shout': str}\n",
        "plugins/callback/loud.py": touch(6),
        ".ansible-lint": "rulesdir: [rules]\n",
        ".config/ansible-lint.yml": "rulesdir: [rules]\n",
        "rules/evil.py": touch(7),
        "ansible.cfg": "[defaults]\ncallback_plugins = rules\nfilter_plugins = rules\n",
    }


def test_a_copy_for_linters_is_a_collection_in_which_nothing_can_be_run(tmp_path: Path) -> None:
    packed = collection(hostile(tmp_path / "mark"))

    copy = write_copy(io.BytesIO(packed), tmp_path)

    assert copy.name == "acme-tools-1.0.0.tar.gz"
    with copy.open("rb") as file:
        read = read_collection(file)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    code = {name for name in read.listing.files if name.endswith(".py")}
    assert {"plugins/modules/ping2.py", "rules/evil.py"} <= code
    assert {read.listing.files[name] for name in code} == {empty}
    assert not {".ansible-lint", ".config/ansible-lint.yml", "ansible.cfg"} & read.listing.files.keys()
    assert read.listing.files["roles/hello/tasks/main.yml"] != empty


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "work"
    folder.mkdir()
    return folder


def code_in(path: Path) -> CodeType:
    path.write_text("")
    return compile("1", str(path), "exec")


def test_the_guard_lets_linters_read_and_write_where_they_work(work: Path) -> None:
    watch = watching(str(work))

    watch("open", (str(work / "a.yml"), "w", os.O_WRONLY | os.O_CREAT))
    watch("open", (os.devnull, "w", os.O_WRONLY))
    watch("open", (find_spec("yaml").origin, "r", os.O_RDONLY))  # type: ignore[union-attr]
    watch("exec", (compile("1", "<template>", "exec"),))
    watch("subprocess.Popen", ("ansible", ["ansible", "--version"], None, {"PATH": f"{work}/bin:/bin"}))


def test_the_guard_refuses_all_else(work: Path, tmp_path: Path) -> None:
    watch = watching(str(work))
    path = {"PATH": f"{work}/bin:/bin"}
    (work / "link").symlink_to(tmp_path / "secret")
    refused: list[tuple[str, tuple[Any, ...]]] = [
        ("open", (str(tmp_path / "secret"), "r", os.O_RDONLY)),
        ("open", (str(work / "link"), "r", os.O_RDONLY)),
        ("open", (str(work / "../secret"), "r", os.O_RDONLY)),
        ("open", ("/etc/shadow", "r", os.O_RDONLY)),
        ("open", ("/usr/lib/x", "w", os.O_WRONLY | os.O_CREAT)),
        ("subprocess.Popen", ("/bin/sh", ["/bin/sh", "-c", "id"], None, path)),
        ("subprocess.Popen", ("ansible", ["ansible", "all"], None, {"PATH": "/bin"})),
        ("os.system", (b"id",)),
        ("os.exec", ("/bin/sh", ["sh"], None)),
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("socket.getaddrinfo", ("example.com", 80, 0, 0, 0)),
        ("exec", (code_in(work / "rule.py"),)),
    ]

    for event, details in refused:
        with pytest.raises(Refused):
            watch(event, details)


def test_whoever_started_the_guard_cannot_be_asked_by_what_it_guards(work: Path) -> None:
    """What is refused is refused by Python itself, in every thread and whatever it was called with."""
    code = f"import os, sys; from {watching.__module__} import watching; sys.addaudithook(watching({str(work)!r}))"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{code}\ntry: os.system('echo ran')\nexcept PermissionError: print('refused')",
        ],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "refused\n", done.stderr


@pytest.mark.django_db
@pytest.mark.parametrize(("lint", "installed"), [(True, False), (False, True), (False, False)])
def test_without_the_extra_or_when_turned_off_there_is_no_such_task(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, lint: bool, installed: bool
) -> None:
    settings.CONFIG = make.config(lint=lint)
    monkeypatch.setattr(linting, "is_installed", lambda: installed)

    assert start_linting(make.version()) is None
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_linting_is_a_child_that_takes_its_turn(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CONFIG = make.config(lint=True)
    monkeypatch.setattr(linting, "is_installed", lambda: True)
    parent = make.task()

    with running(parent):
        child = start_linting(make.version())

    assert child is not None
    assert (child.name, child.title, child.parent_task) == (LINT, "Lint acme.tools 1.0.0", parent)
    assert (child.reserved_resources_record or [])[0] == "lint"


@pytest.mark.django_db
def test_linting_what_a_private_repository_is_given_does_not_name_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CONFIG = make.config(lint=True)
    monkeypatch.setattr(linting, "is_installed", lambda: True)

    with running(make.task()):
        child = start_linting(make.version(), make.repository("hush", private=True))

    assert child is not None
    assert child.title == "Lint a collection version"


@pytest.mark.django_db
def test_a_version_that_is_gone_is_not_linted() -> None:
    lint_collection(str(uuid4()))


def test_an_import_is_linted_after_it_has_ended_and_nothing_of_it_is_run(tmp_path: Path) -> None:
    try:
        python = python_with_importer()
    except Unavailable as problem:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(problem))
    mark = tmp_path / "mark"
    with running_hub(tmp_path / "data", python=str(python)) as hub:
        hub.request("POST", "v3/namespaces/", json={"name": "acme", "groups": []}).raise_for_status()
        files = {"file": ("acme-tools-1.0.0.tar.gz", collection(hostile(mark)))}
        answer = hub.request("POST", "v3/artifacts/collections/", files=files)
        task = answer.json()["task"].rstrip("/").rpartition("/")[2]
        assert hub.wait(task)["state"] == "completed"
        linted = eventually(lambda: lint_of(hub), what="linting") or {}
        messages = hub.get(f"v3/plugin/ansible/imports/collections/{task}/")["messages"]

    assert linted["state"] == "completed", linted["error"]
    warnings = [each["message"] for each in messages if each["level"] == "WARNING"]
    assert any("playbooks/site.yml:4" in each and "fqcn[action-core]" in each for each in warnings), messages
    assert [each["message"] for each in messages if each["level"] == "ERROR"] == []
    assert list(tmp_path.glob("mark*")) == []


def lint_of(hub: Hub) -> dict[str, Any] | None:
    """The only task that lints, once it has ended."""
    found = hub.get(f"pulp/api/v3/tasks/?name={LINT}")["results"]
    assert len(found) == 1
    ended: dict[str, Any] = found[0]
    return ended if ended["finished_at"] else None
