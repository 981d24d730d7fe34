from __future__ import annotations

import pytest

from cartwheel.engine import names
from cartwheel.engine.models import Task


@pytest.mark.django_db
def test_each_name_is_told_once_unless_they_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    Task.objects.all().delete()
    assert names.names() == []

    for each in ("b.two", "a.one", "b.two", "c.three"):
        Task.objects.create(name=each)
    assert names.names() == ["a.one", "b.two", "c.three"]

    monkeypatch.setattr(names, "LIMIT", 3)
    assert names.names() == ["a.one", "b.two", "c.three"]

    monkeypatch.setattr(names, "LIMIT", 2)
    assert names.names() is None
